//! Options for the settings of a domain.

use callbar::Settings;
use clap::Args;

use crate::output::differences;

/// The settings of a domain.
#[derive(Args, Debug)]
pub(crate) struct SettingsOptions {
    /// Domain whose lists decide where those of this domain match nothing, in the order given
    /// (repeatable)
    #[arg(long = "subscribe", value_name = "DOMAIN", help_heading = "Settings")]
    subscriptions: Vec<String>,
    /// Let lists bar emergency numbers too. One entry such as 1* then bars calls for help, which the
    /// law may oblige you to connect
    #[arg(long, help_heading = "Settings")]
    bar_emergency: bool,
}

impl SettingsOptions {
    /// Returns the settings.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            emergency_exempt: !self.bar_emergency,
            subscriptions: self.subscriptions.clone(),
        }
    }
}

/// Describes how two settings differ; `None` if they are equal.
pub(crate) fn change(old: &Settings, new: &Settings) -> Option<String> {
    fn facts(settings: &Settings) -> [(&'static str, String); 2] {
        let names: Vec<_> =
            settings.subscriptions.iter().map(|name| name.to_ascii_lowercase()).collect();
        let names = if names.is_empty() { "none".into() } else { names.join(" ") };
        let emergency = if settings.emergency_exempt { "never barred" } else { "may be barred" };
        [("subscriptions", names), ("emergency numbers", emergency.into())]
    }
    differences(facts(old), facts(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_what_differs() {
        let old = Settings::default();
        assert_eq!(change(&old, &old), None);
        let new = Settings { emergency_exempt: false, subscriptions: vec!["A.example".into()] };
        assert_eq!(
            change(&old, &new).unwrap(),
            "subscriptions none -> a.example, emergency numbers never barred -> may be barred"
        );
    }
}
