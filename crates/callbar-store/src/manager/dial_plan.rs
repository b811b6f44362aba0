//! The dial plan of a domain as the store keeps it: JSON that only this file reads and writes.

use crate::store::StoredDomain;
use crate::{Error, Result};
use callbar::{DialPlan, PlanSpec};

/// Writes the text that the store keeps.
pub(super) fn to_json(spec: &PlanSpec) -> String {
    serde_json::to_string(spec).expect("strings and a flag are JSON")
}

/// Reads the text that the store keeps.
///
/// # Errors
/// [`Error::DamagedPlan`] if it describes no dial plan.
pub(super) fn from_json(json: &str) -> Result<PlanSpec> {
    serde_json::from_str(json).map_err(|_| Error::DamagedPlan)
}

/// Reads the text that the store keeps, and makes the dial plan.
///
/// # Errors
/// As [`from_json`] and [`PlanSpec::dial_plan`].
pub(super) fn parse(json: &str) -> Result<DialPlan> {
    Ok(from_json(json)?.dial_plan()?)
}

impl StoredDomain {
    /// Its dial plan, if a manager made it.
    ///
    /// # Errors
    /// [`Error::DamagedPlan`] if the stored text describes no dial plan; those of [`PlanSpec::dial_plan`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let stored = store.read(|reader| reader.require_domain("my.example"))?;
    /// assert_eq!(stored.dial_plan()?.region(), "TR");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dial_plan(&self) -> Result<DialPlan> {
        parse(&self.plan)
    }
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
        assert_eq!(from_json(&to_json(&spec)).unwrap(), spec);
        assert_eq!(
            to_json(&from_json(r#"{"region":"DE"}"#).unwrap()),
            r#"{"region":"DE","plain_e164":false}"#
        );
        assert!(from_json("{}").is_err());
        assert!(parse(r#"{"region":"XX"}"#).is_err());
    }
}
