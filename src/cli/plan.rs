//! The dial plan as options, the same wherever a command takes one.

use anyhow::Result;
use callbar::DialPlan;
use clap::Args;

/// How numbers are written beside the region's own way.
#[derive(Args, Debug, Default)]
pub(crate) struct PlanOptions {
    /// International prefix beside the region's own, such as 00 or 9011 (repeatable)
    #[arg(long, value_name = "P", help_heading = "Dial plan")]
    international_prefix: Vec<String>,
    /// Technical prefix to strip first, such as 99# (repeatable)
    #[arg(long, value_name = "P", help_heading = "Dial plan", allow_hyphen_values = true)]
    technical_prefix: Vec<String>,
    /// Plain digits are E.164 digits without their plus
    #[arg(long, help_heading = "Dial plan")]
    plain_e164: bool,
}

impl PlanOptions {
    /// The plan of a region with these options.
    pub(crate) fn plan(&self, region: &str) -> Result<DialPlan> {
        let mut plan = DialPlan::new(region)?;
        for prefix in &self.international_prefix {
            plan = plan.with_international_prefix(prefix)?;
        }
        for prefix in &self.technical_prefix {
            plan = plan.with_technical_prefix(prefix)?;
        }
        Ok(plan.with_plain_e164(self.plain_e164))
    }

    /// Whether any option was given.
    pub(crate) fn given(&self) -> bool {
        self.plain_e164
            || !self.international_prefix.is_empty()
            || !self.technical_prefix.is_empty()
    }
}
