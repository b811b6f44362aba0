//! Entries that a list takes and that may not do what their writer expects: told, never refused.

use std::collections::BTreeSet;
use std::fmt::Write;

use callbar::{DialPlan, Number};
use indicatif::HumanCount;

use super::kinds::Kind;

/// What may be wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    /// An emergency number of the region, in its canonical form.
    Emergency(String),
    /// Begins with a plus and is too short to be called: perhaps the beginning of numbers.
    Short(String),
}

impl Slip {
    /// Of an entry.
    pub(crate) fn of(plan: &DialPlan, kind: &Kind) -> Option<Self> {
        let Kind::Number(number) = kind else { return None };
        if plan.is_emergency(number) {
            return Some(Self::Emergency(number.to_string()));
        }
        let is_short = matches!(number, Number::Local(_))
            && matches!(number.reason(), "too short" | "local only");
        let text = is_short.then(|| number.to_string())?;
        text.starts_with('+').then_some(Self::Short(text))
    }
}

/// Whether a list that denies bars emergency numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emergencies {
    Barred,
    /// Never, unless the option of this name is given, where there is one.
    Exempt(Option<&'static str>),
}

/// The slips of a list.
#[derive(Debug, Default)]
pub(crate) struct Slips {
    /// Distinct: a region has a handful.
    emergency: BTreeSet<String>,
    /// Duplicates included.
    short: u64,
    first_short: Option<String>,
}

impl Slips {
    pub(crate) fn add(&mut self, slip: &Slip) {
        match slip {
            Slip::Emergency(number) => {
                self.emergency.insert(number.clone());
            }
            Slip::Short(number) => {
                self.short += 1;
                self.first_short.get_or_insert_with(|| number.clone());
            }
        }
    }

    /// Adds those of a later part of the list.
    pub(crate) fn append(&mut self, mut part: Self) {
        self.emergency.append(&mut part.emergency);
        self.short += part.short;
        self.first_short = self.first_short.take().or(part.first_short);
    }

    /// What to say of the emergency numbers on a list that denies.
    pub(crate) fn emergency(&self, list: &str, emergencies: Emergencies) -> Option<String> {
        let Emergencies::Exempt(option) = emergencies else { return None };
        let first = self.emergency.first()?;
        let (entries, are) = match self.emergency.len() {
            1 => ("entry", "is an emergency number"),
            _ => ("entries", "are emergency numbers"),
        };
        let mut text = format!(
            "list {list}: {} {entries} (such as {first}) {are} of the region, never barred",
            self.emergency.len(),
        );
        if let Some(option) = option {
            let _ = write!(text, ": {option} changes that");
        }
        Some(text)
    }

    /// What to say of numbers that nobody can call.
    pub(crate) fn short(&self, list: &str) -> Option<String> {
        let first = self.first_short.as_ref()?;
        let (entries, are) = if self.short == 1 { ("entry", "is") } else { ("entries", "are") };
        Some(format!(
            "list {list}: {} {entries} with a plus (such as {first}) {are} too short to be called: \
             write {first}* if all that begins so is meant",
            HumanCount(self.short)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(region: &str, text: &str) -> Option<Slip> {
        let plan = DialPlan::new(region).unwrap();
        Slip::of(&plan, &Kind::of(&plan, text.as_bytes()))
    }

    #[test]
    fn emergency_and_short_numbers_are_slips_and_others_none() {
        for (region, text) in [("TR", "112"), ("US", "911"), ("TR", "+90112"), ("TR", "+90 112")] {
            assert!(matches!(of(region, text), Some(Slip::Emergency(_))), "{text}");
        }
        for text in ["+1809", "+1 212", "tel:+1-809", "+90"] {
            assert!(matches!(of("TR", text), Some(Slip::Short(_))), "{text}");
        }
        for text in ["+1809*", "112*", "0850", "212", "1001", "*67", "alice", "+905050047824", ""] {
            assert_eq!(of("TR", text), None, "{text}");
        }
    }

    #[test]
    fn each_sort_is_told_once_with_the_first() {
        let mut slips = Slips::default();
        for text in ["112", "+1809", "+1212", "110", "112"] {
            slips.add(&of("TR", text).unwrap());
        }
        let mut all = Slips::default();
        all.append(slips);
        let exempt = Emergencies::Exempt(Some("--bar-emergency"));
        assert_eq!(
            all.emergency("spam", exempt).unwrap(),
            "list spam: 2 entries (such as 110) are emergency numbers of the region, never barred: \
             --bar-emergency changes that"
        );
        assert_eq!(all.emergency("spam", Emergencies::Barred), None);
        assert_eq!(
            all.short("spam").unwrap(),
            "list spam: 2 entries with a plus (such as +1809) are too short to be called: write \
             +1809* if all that begins so is meant"
        );
        assert_eq!(Slips::default().short("spam"), None);
    }
}
