//! The body of a search: `{filter, columns, limit, sort, pageNumber}`, all of it optional.
//!
//! What cannot be done by an index, or is not known, is refused: an answer to half of a filter would
//! be an answer to another question.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::{self, Refused};
use super::params::{Page, Sort};
use super::regex::{self, Expression};
use super::search::{Columns, Search, Wanted};
use crate::EntryId;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    filter: Option<Map<String, Value>>,
    columns: Option<Value>,
    limit: Option<Value>,
    sort: Option<Map<String, Value>>,
    page_number: Option<Value>,
}

/// Reads the body of a search in a domain.
///
/// # Errors
/// 400, and why.
pub(super) fn read(body: &[u8], domain: &str) -> Result<Search, Refused> {
    let body: Body = error::json(body)?;
    let page = Page::new(count(body.page_number.as_ref()), count(body.limit.as_ref()))?;
    let sort = body.sort.as_ref().map_or(Sort::default(), sort);
    let columns = body.columns.as_ref().map_or(Columns::default(), columns);
    let mut search = Search { list: None, wanted: Wanted::All, sort, page, columns };
    for (field, value) in body.filter.unwrap_or_default() {
        let wanted = match (field.as_str(), &value) {
            (_, Value::Null) => continue,
            ("name", Value::String(name)) => {
                search.list = Some(name.clone());
                continue;
            }
            ("domain", Value::String(name)) if name.eq_ignore_ascii_case(domain) => continue,
            // Another domain's entries are not here.
            ("domain", Value::String(_)) => Wanted::Nothing,
            ("_id", Value::String(id)) => EntryId::parse(id).map_or(Wanted::Nothing, Wanted::Id),
            ("number", Value::String(number)) => Wanted::Number(number.clone()),
            ("number", Value::Number(number)) => Wanted::Number(number.to_string()),
            ("number", Value::Object(operators)) => by_expression(operators)?,
            _ => {
                return Err(Refused::bad_request(format!("Bad request: no filter by {field} so.")));
            }
        };
        search.wanted = search.wanted.and(wanted)?;
    }
    Ok(search)
}

/// # Errors
/// 400 unless it is a `$regex` that [`regex::read`] knows.
fn by_expression(operators: &Map<String, Value>) -> Result<Wanted, Refused> {
    // Numbers have no case, so `$options` has nothing to say.
    let known = operators.keys().all(|operator| matches!(operator.as_str(), "$regex" | "$options"));
    let expression = operators.get("$regex").and_then(Value::as_str).filter(|_| known);
    match expression.and_then(regex::read) {
        Some(Expression::Any) => Ok(Wanted::All),
        Some(Expression::Prefix(prefix)) => Ok(Wanted::Prefix(prefix)),
        Some(Expression::Whole(number)) => Ok(Wanted::Number(number)),
        None => Err(Refused::bad_request(
            "Bad request: a number is searched by ^ and its first digits, or as a whole.",
        )),
    }
}

/// An integer, or digits that write one.
fn count(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The first order that says something.
fn sort(fields: &Map<String, Value>) -> Sort {
    let ascending = |value: &Value| value.as_i64() == Some(1) || value.as_str() == Some("1");
    let mut orders = fields.iter().map(|(field, value)| Sort::by(field, ascending(value)));
    orders.find(|&order| order != Sort::Any).unwrap_or_default()
}

/// Fields to show, `{number: 1}` or `["number"]`, or to hide, `{_id: 0}`.
fn columns(value: &Value) -> Columns {
    let is_off = |value: &Value| matches!(value, Value::Bool(false)) || value.as_i64() == Some(0);
    match value {
        Value::Object(fields) => {
            // The id is shown unless it is hidden, whatever else is.
            let others = fields.iter().filter(|(field, _)| *field != "_id");
            let shown: Vec<_> = others.clone().filter(|(_, value)| !is_off(value)).collect();
            let is_shown = |name: &str| match fields.get(name) {
                Some(value) => !is_off(value),
                None => name == "_id" || shown.is_empty(),
            };
            Columns::by(is_shown)
        }
        Value::Array(names) if !names.is_empty() => Columns::by(|name| {
            name == "_id" || names.iter().any(|shown| shown.as_str() == Some(name))
        }),
        _ => Columns::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(body: &str) -> Result<Search, Refused> {
        read(body.as_bytes(), "my.example")
    }

    fn wanted(filter: &str) -> Option<Wanted> {
        search(&format!(r#"{{"filter":{filter}}}"#)).ok().map(|search| search.wanted)
    }

    #[test]
    fn the_search_of_the_official_client_is_read() {
        let search = search(
            r#"{"filter":{"name":"x","number":{"$regex":"^380","$options":"i"}},
                "columns":{"number":1},"limit":"40","sort":{"number":1},"pageNumber":2}"#,
        );
        let search = search.unwrap();
        assert_eq!(search.list.as_deref(), Some("x"));
        assert_eq!(search.wanted, Wanted::Prefix("380".into()));
        assert_eq!(search.sort, Sort::Number { ascending: true });
        assert_eq!((search.page.offset, search.page.limit), (40, 40));
        assert_eq!(search.columns, Columns { id: true, number: true, name: false, domain: false });
    }

    #[test]
    fn all_of_it_is_optional() {
        for body in ["", "{}", r#"{"filter":null,"columns":null,"limit":null}"#] {
            let search = search(body).unwrap();
            assert_eq!((search.list, search.wanted), (None, Wanted::All), "{body}");
            assert_eq!((search.page.limit, search.columns), (40, Columns::default()));
        }
    }

    #[test]
    fn a_number_may_be_an_integer() {
        assert_eq!(wanted(r#"{"number":911}"#), Some(Wanted::Number("911".into())));
        assert_eq!(wanted(r#"{"number":"0911"}"#), Some(Wanted::Number("0911".into())));
        assert_eq!(wanted(r#"{"domain":"other.example","number":"1"}"#), Some(Wanted::Nothing));
        assert_eq!(wanted(r#"{"_id":"57fe0555"}"#), Some(Wanted::Nothing));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for filter in [
            r#"{"$or":[]}"#,
            r#"{"name":{"$regex":"^x"}}"#,
            r#"{"number":{"$regex":"380"}}"#,
            r#"{"number":{"$ne":"1"}}"#,
            r#"{"number":["1"]}"#,
            r#"{"_id":"57fe05554a68369fc7588212","number":"1"}"#,
        ] {
            assert_eq!(wanted(filter), None, "{filter}");
        }
    }

    #[test]
    fn columns_are_shown_or_hidden() {
        let columns = |columns: &str| {
            let Columns { id, number, name, domain } =
                search(&format!(r#"{{"columns":{columns}}}"#)).unwrap().columns;
            [id, number, name, domain]
        };
        assert_eq!(columns(r#"{"_id":0}"#), [false, true, true, true]);
        assert_eq!(columns(r#"{"_id":0,"number":1}"#), [false, true, false, false]);
        assert_eq!(columns(r#"{"domain":false}"#), [true, true, true, false]);
        assert_eq!(columns(r#"["name"]"#), [true, false, true, false]);
        assert_eq!(columns("{}"), [true; 4]);
    }
}
