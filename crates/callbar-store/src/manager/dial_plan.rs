//! The dial plan of a domain as the store keeps it: JSON that only this file reads and writes.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use callbar::DialPlan;

/// The dial plan of a domain, as operators give it and as the store keeps it.
///
/// # Examples
/// ```
/// use callbar_store::PlanSpec;
///
/// # fn main() -> callbar_store::Result<()> {
/// let spec = PlanSpec {
///     technical_prefixes: vec!["99#".into()],
///     ..PlanSpec::new("TR")
/// };
/// assert_eq!(spec.dial_plan()?.region(), "TR");
/// assert!(PlanSpec::new("XX").dial_plan().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// The region of numbers that are dialled without a calling code: an ISO 3166-1 code such as `TR`.
    pub region: String,
    /// International prefixes besides those of the region: 64 at most, of 1 to 15 digits each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub international_prefixes: Vec<String>,
    /// Prefixes that gateways put before a number and that are no part of it: 64 at most, each of 1 to 15
    /// characters out of digits, `*` and `#`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technical_prefixes: Vec<String>,
    /// Whether digits without a plus sign begin with a calling code.
    #[serde(default)]
    pub plain_e164: bool,
}

impl PlanSpec {
    /// The dial plan of a region, without further prefixes.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::PlanSpec;
    ///
    /// let plan = PlanSpec::new("TR").dial_plan()?;
    /// assert_eq!(plan.number(b"0505 004 78 24").to_string(), "+905050047824");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(region: impl Into<String>) -> Self {
        Self { region: region.into(), ..Self::default() }
    }

    /// The dial plan that it describes.
    ///
    /// # Errors
    /// Those of [`DialPlan::new`], [`DialPlan::with_international_prefix`] and
    /// [`DialPlan::with_technical_prefix`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::PlanSpec;
    ///
    /// let spec = PlanSpec { plain_e164: true, ..PlanSpec::new("TR") };
    /// assert_eq!(spec.dial_plan()?.number(b"4930901820").to_string(), "+4930901820");
    /// assert!(PlanSpec::new("XX").dial_plan().is_err(), "no such region");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dial_plan(&self) -> Result<DialPlan> {
        let mut plan = DialPlan::new(&self.region)?;
        for prefix in &self.international_prefixes {
            plan = plan.with_international_prefix(prefix)?;
        }
        for prefix in &self.technical_prefixes {
            plan = plan.with_technical_prefix(prefix)?;
        }
        Ok(plan.with_plain_e164(self.plain_e164))
    }

    /// The text that the store keeps.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and a flag are JSON")
    }

    /// Reads the text that the store keeps: [`StoredDomain::plan`](crate::StoredDomain::plan).
    ///
    /// # Errors
    /// [`callbar::Error::Corrupt`] if it describes no dial plan.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{PlanSpec, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let stored = store.read(|reader| reader.require_domain("my.example"))?;
    /// assert_eq!(PlanSpec::from_json(&stored.plan)?, PlanSpec::new("TR"));
    /// assert!(PlanSpec::from_json("TR").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        let reason = "the dial plan of a domain in the store is damaged";
        serde_json::from_str(json)
            .map_err(|_| Error::Engine(callbar::Error::Corrupt { section: "store", reason }))
    }
}

/// Reads the dial plan of a stored domain.
///
/// # Errors
/// As [`PlanSpec::from_json`] and [`PlanSpec::dial_plan`].
pub(super) fn parse(json: &str) -> Result<DialPlan> {
    PlanSpec::from_json(json)?.dial_plan()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_comes_back_from_the_store() {
        let spec = PlanSpec {
            region: "TR".into(),
            international_prefixes: vec!["8810".into()],
            technical_prefixes: vec!["99#".into()],
            plain_e164: true,
        };
        assert_eq!(PlanSpec::from_json(&spec.to_json()).unwrap(), spec);
        let plan = spec.dial_plan().unwrap();
        assert_eq!(plan.region(), "TR");
        assert!(plan.plain_e164());
        assert_eq!(
            PlanSpec::from_json(r#"{"region":"DE"}"#).unwrap().to_json(),
            r#"{"region":"DE","plain_e164":false}"#
        );
        assert!(PlanSpec::from_json("{}").is_err());
        assert!(PlanSpec::new("XX").dial_plan().is_err());
    }
}
