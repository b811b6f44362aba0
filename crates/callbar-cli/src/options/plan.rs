//! Options for the dial plan.

use anyhow::Result;
use callbar::{DialPlan, PlanSpec};
use clap::Args;

use crate::output::differences;

/// Describes how two plans differ, as `region TR -> DE`; `None` if they are equal.
pub(crate) fn change(old: &DialPlan, new: &DialPlan) -> Option<String> {
    fn facts(plan: &DialPlan) -> [(&'static str, String); 4] {
        let or_none = |text: String| if text.is_empty() { "none".into() } else { text };
        let words = |prefixes: Vec<&str>| or_none(prefixes.join(" "));
        [
            ("region", plan.region().into()),
            ("international prefixes", words(plan.international_prefixes().collect())),
            ("technical prefixes", words(plan.technical_prefixes().collect())),
            ("plain E.164", if plan.plain_e164() { "yes" } else { "no" }.into()),
        ]
    }
    differences(facts(old), facts(new))
}

/// What a dial plan adds to that of its region.
#[derive(Args, Debug, Default, PartialEq)]
pub(crate) struct PlanOptions {
    /// International prefix besides those of the region, such as 00 or 9011 (repeatable)
    #[arg(long, value_name = "P", help_heading = "Dial plan")]
    international_prefix: Vec<String>,
    /// Technical prefix such as 99#, which is removed from callees only (repeatable)
    #[arg(long, value_name = "P", help_heading = "Dial plan", allow_hyphen_values = true)]
    technical_prefix: Vec<String>,
    /// Read digits without plus and prefix as E.164: 4917112345678 is +49 171 12345678 everywhere
    #[arg(long, help_heading = "Dial plan")]
    plain_e164: bool,
}

impl PlanOptions {
    /// Returns the plan of a region with these options.
    pub(crate) fn plan(&self, region: &str) -> Result<DialPlan> {
        let spec = PlanSpec {
            region: region.to_owned(),
            international_prefixes: self.international_prefix.clone(),
            technical_prefixes: self.technical_prefix.clone(),
            plain_e164: self.plain_e164,
        };
        Ok(spec.dial_plan()?)
    }
}

/// The dial plan of a region.
#[derive(Args, Debug)]
pub(crate) struct RegionalPlanOptions {
    /// Region that local numbers belong to, an ISO 3166-1 code such as TR
    #[arg(long, value_name = "CC")]
    region: String,
    #[command(flatten)]
    plan: PlanOptions,
}

impl RegionalPlanOptions {
    /// Returns the plan.
    pub(crate) fn plan(&self) -> Result<DialPlan> {
        self.plan.plan(&self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_what_differs() {
        let (old, new) = (DialPlan::new("TR").unwrap(), DialPlan::new("DE").unwrap());
        assert_eq!(change(&old, &old), None);
        assert_eq!(change(&old, &new).unwrap(), "region TR -> DE");
        let new = new.with_technical_prefix("99#").unwrap().with_plain_e164(true);
        assert_eq!(
            change(&old, &new).unwrap(),
            "region TR -> DE, technical prefixes none -> 99#, plain E.164 no -> yes"
        );
    }
}
