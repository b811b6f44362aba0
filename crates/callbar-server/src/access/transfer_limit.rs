//! How many imports and exports may be under way, in all and for each domain, so that no domain keeps the
//! others out.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use parking_lot::Mutex;

use crate::error::ApiError;
use callbar_store::DomainRow;

/// How many may be under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransferBounds {
    what: &'static str,
    all: usize,
    per_domain: usize,
}

/// Imports that are received or stored. Each has a file.
pub(crate) const IMPORTS: TransferBounds =
    TransferBounds { what: "imports", all: 16, per_domain: 2 };
/// Exports that are written. Each has some pages in memory.
pub(crate) const EXPORTS: TransferBounds =
    TransferBounds { what: "exports", all: 32, per_domain: 4 };

/// The transfers that are under way, by domain.
#[derive(Clone, Debug)]
pub(crate) struct TransferLimit {
    bounds: TransferBounds,
    running: Arc<Mutex<HashMap<DomainRow, usize>>>,
}

/// The permit of one transfer. Drop it when the transfer has ended.
#[derive(Debug)]
pub(crate) struct TransferPermit {
    limit: TransferLimit,
    domain: DomainRow,
}

impl TransferLimit {
    pub(crate) fn new(bounds: TransferBounds) -> Self {
        Self { bounds, running: Arc::default() }
    }

    /// Takes a permit for a transfer of this domain.
    ///
    /// # Errors
    /// 503 `busy`.
    pub(crate) fn take(&self, domain: DomainRow) -> Result<TransferPermit, ApiError> {
        let TransferBounds { what, all, per_domain } = self.bounds;
        let mut running = self.running.lock();
        let own = running.get(&domain).copied().unwrap_or_default();
        if own >= per_domain {
            return Err(busy(format!("{per_domain} {what} of this domain are under way")));
        }
        if running.values().sum::<usize>() >= all {
            return Err(busy(format!("{all} {what} are under way")));
        }
        running.insert(domain, own + 1);
        drop(running);
        Ok(TransferPermit { limit: self.clone(), domain })
    }
}

fn busy(message: String) -> ApiError {
    let remedy = "try again when one of them has ended";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message, remedy)
}

impl Drop for TransferPermit {
    fn drop(&mut self) {
        let mut running = self.limit.running.lock();
        match running.get_mut(&self.domain) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(running.remove(&self.domain)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_domain_takes_the_permits_of_others() {
        let TransferBounds { all, per_domain, .. } = IMPORTS;
        let (limit, own) = (TransferLimit::new(IMPORTS), DomainRow::new(-1));
        let take = |row| limit.take(DomainRow::new(row)).expect("a permit");
        let held: Vec<TransferPermit> = (0..per_domain).map(|_| take(own.get())).collect();
        assert_eq!(limit.take(own).unwrap_err().code, "busy");
        let others: Vec<TransferPermit> = (0..).take(all - per_domain).map(take).collect();
        assert_eq!(limit.take(DomainRow::new(-2)).unwrap_err().code, "busy");
        drop((held, others));
        assert!(limit.running.lock().is_empty());
        take(own.get());
    }
}
