//! Dial plans as the store keeps them: JSON that only this file reads and writes.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use callbar::DialPlan;

/// The dial plan of a domain, as operators give it and as the store keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// The region that local numbers belong to, an ISO 3166-1 code such as `TR`.
    pub region: String,
    /// What is dialled before a calling code besides what the region dials: 64 at most, of 1 to 15
    /// digits each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub international_prefixes: Vec<String>,
    /// What gateways put before a number and is no part of it: 64 at most, of 1 to 15 digits, `*` and
    /// `#` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technical_prefixes: Vec<String>,
    /// Whether digits without a plus begin with a calling code.
    #[serde(default)]
    pub plain_e164: bool,
}

impl PlanSpec {
    /// The dial plan that it describes.
    ///
    /// # Errors
    /// Those of [`DialPlan::new`] and of what adds to it.
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

    /// What the store keeps of it.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and a flag are JSON")
    }

    /// What the store kept.
    ///
    /// # Errors
    /// [`callbar::Error::Corrupt`] if that is no dial plan.
    pub fn from_json(json: &str) -> Result<Self> {
        let reason = "the dial plan of a domain in the store is damaged";
        serde_json::from_str(json)
            .map_err(|_| Error::Engine(callbar::Error::Corrupt { section: "store", reason }))
    }
}

/// The dial plan of a stored domain.
///
/// # Errors
/// As [`PlanSpec::from_json`] and [`PlanSpec::dial_plan`].
pub(super) fn read(json: &str) -> Result<DialPlan> {
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
        assert!(PlanSpec { region: "XX".into(), ..PlanSpec::default() }.dial_plan().is_err());
    }
}
