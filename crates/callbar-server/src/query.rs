//! Parameters of a request: its query and its path.

use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// The query, all parameters of which are known and come once.
///
/// # Errors
/// 400 `bad_query`.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let remedy = "correct the query; /callbar/v1/openapi.json lists its parameters";
    Query::try_from_uri(uri).map(|Query(query)| query).map_err(|rejection| {
        let message = rejection.body_text();
        ApiError::new(StatusCode::BAD_REQUEST, "bad_query", message, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[test]
    fn what_is_wrong_with_a_query_is_told() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Sample {
            #[expect(dead_code)]
            limit: Option<u32>,
        }
        for wrong in ["/?limit=x", "/?limit=1&limit=2", "/?other=1"] {
            let uri: Uri = wrong.parse().unwrap();
            assert_eq!(query::<Sample>(&uri).unwrap_err().code, "bad_query", "{wrong}");
        }
    }
}
