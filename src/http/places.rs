//! Places for imports, which take long: some for each domain, so that none keeps the others out.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use parking_lot::Mutex;

use super::error::ApiError;

/// Imports that are received or made at a time: each has a file.
const ALL: usize = 16;
/// Those of one domain.
const OF_DOMAIN: usize = 2;

/// The places that are taken, by domain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Arc<Mutex<HashMap<String, usize>>>);

/// Room for one import, as long as it is held.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    domain: String,
}

impl Places {
    /// # Errors
    /// 503 `busy`.
    pub(crate) fn take(&self, domain: &str) -> Result<Place, ApiError> {
        let domain = domain.to_ascii_lowercase();
        let mut taken = self.0.lock();
        let own = taken.get(&domain).copied().unwrap_or_default();
        if own >= OF_DOMAIN {
            return Err(busy(format!("{OF_DOMAIN} imports into this domain are under way")));
        }
        if taken.values().sum::<usize>() >= ALL {
            return Err(busy(format!("{ALL} imports are under way")));
        }
        taken.insert(domain.clone(), own + 1);
        drop(taken);
        Ok(Place { places: self.clone(), domain })
    }
}

fn busy(message: String) -> ApiError {
    let remedy = "try again when one of them has ended";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message, remedy)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock();
        match taken.get_mut(&self.domain) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.remove(&self.domain)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_domain_takes_the_places_of_others() {
        let places = Places::default();
        let own: Vec<Place> = (0..OF_DOMAIN).map(|_| places.take("My.example").unwrap()).collect();
        assert_eq!(places.take("my.Example").unwrap_err().code, "busy");
        let others: Vec<Place> =
            (0..ALL - OF_DOMAIN).map(|i| places.take(&format!("d{i}")).unwrap()).collect();
        assert_eq!(places.take("one.more").unwrap_err().code, "busy");
        drop((own, others));
        assert!(places.0.lock().is_empty());
        places.take("my.example").unwrap();
    }
}
