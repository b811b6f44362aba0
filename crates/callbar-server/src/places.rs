//! Places for imports and exports, which take long: some for each domain, so that none keeps the
//! others out.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use parking_lot::Mutex;

use super::error::ApiError;
use callbar_store::DomainRow;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    what: &'static str,
    all: usize,
    of_domain: usize,
}

/// Imports that are received or made at a time: each has a file.
pub(crate) const IMPORTS: Bounds = Bounds { what: "imports", all: 16, of_domain: 2 };
/// Exports that are written at a time: each has some pages in memory.
pub(crate) const EXPORTS: Bounds = Bounds { what: "exports", all: 32, of_domain: 4 };

/// The places that are taken, by domain.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    bounds: Bounds,
    taken: Arc<Mutex<HashMap<DomainRow, usize>>>,
}

/// Room for one of them, as long as it is held.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    domain: DomainRow,
}

impl Places {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, taken: Arc::default() }
    }

    /// # Errors
    /// 503 `busy`.
    pub(crate) fn take(&self, domain: DomainRow) -> Result<Place, ApiError> {
        let Bounds { what, all, of_domain } = self.bounds;
        let mut taken = self.taken.lock();
        let own = taken.get(&domain).copied().unwrap_or_default();
        if own >= of_domain {
            return Err(busy(format!("{of_domain} {what} of this domain are under way")));
        }
        if taken.values().sum::<usize>() >= all {
            return Err(busy(format!("{all} {what} are under way")));
        }
        taken.insert(domain, own + 1);
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
        let mut taken = self.places.taken.lock();
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
        let Bounds { all, of_domain, .. } = IMPORTS;
        let (places, own) = (Places::new(IMPORTS), DomainRow::new(-1));
        let take = |row| places.take(DomainRow::new(row)).expect("room");
        let held: Vec<Place> = (0..of_domain).map(|_| take(own.get())).collect();
        assert_eq!(places.take(own).unwrap_err().code, "busy");
        let others: Vec<Place> = (0..).take(all - of_domain).map(take).collect();
        assert_eq!(places.take(DomainRow::new(-2)).unwrap_err().code, "busy");
        drop((held, others));
        assert!(places.taken.lock().is_empty());
        take(own.get());
    }
}
