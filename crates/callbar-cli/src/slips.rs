//! Entries that a list takes and that may not do what their writer expects: told, never refused.

use std::collections::BTreeSet;
use std::fmt::Write;

use callbar::{DialPlan, Doubt, Number};
use indicatif::HumanCount;

use super::kinds::Kind;
use super::output::printable;

/// What may be wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    /// An emergency number of the region, in its canonical form.
    Emergency(String),
    /// Begins with a plus and is too short to be called: perhaps the beginning of numbers.
    Short(String),
    /// As long as a number, and none of the region: perhaps without its area code, or of former times.
    Odd(String),
    /// A word that is taken as the name of a SIP user: perhaps a note or a header.
    User,
}

impl Slip {
    /// Of an entry that was written so.
    pub(crate) fn of(plan: &DialPlan, kind: &Kind, text: &[u8]) -> Option<Self> {
        let Kind::Number(number) = kind else { return None };
        if matches!(number, Number::Opaque(_)) {
            // A URI or an address means a user.
            return (!text.iter().any(|byte| matches!(byte, b':' | b'@'))).then_some(Self::User);
        }
        let text = || number.to_string();
        match plan.doubt(number)? {
            Doubt::Emergency => Some(Self::Emergency(text())),
            Doubt::Beginning => Some(Self::Short(text())),
            Doubt::Odd => Some(Self::Odd(text())),
            _ => None,
        }
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
    odd: u64,
    first_odd: Option<String>,
    /// The first ones, distinct, with their lines.
    users: Vec<(String, u64)>,
    more_users: bool,
}

/// How many users a list's note names.
const USERS: usize = 3;

impl Slips {
    /// Adds the slip of the entry `text` at `line`.
    pub(crate) fn add(&mut self, slip: &Slip, line: u64, text: &[u8]) {
        match slip {
            Slip::Emergency(number) => {
                self.emergency.insert(number.clone());
            }
            Slip::Short(number) => {
                self.short += 1;
                self.first_short.get_or_insert_with(|| number.clone());
            }
            Slip::Odd(number) => {
                self.odd += 1;
                self.first_odd.get_or_insert_with(|| number.clone());
            }
            Slip::User if !self.more_users => {
                self.user(String::from_utf8_lossy(text.trim_ascii()).into_owned(), line);
            }
            Slip::User => {}
        }
    }

    fn user(&mut self, name: String, line: u64) {
        if self.users.iter().all(|(known, _)| *known != name) {
            self.more_users = self.users.len() == USERS;
            self.users.push((name, line));
            self.users.truncate(USERS);
        }
    }

    /// Adds those of a later part of the list.
    pub(crate) fn append(&mut self, mut part: Self) {
        self.emergency.append(&mut part.emergency);
        self.short += part.short;
        self.first_short = self.first_short.take().or(part.first_short);
        self.odd += part.odd;
        self.first_odd = self.first_odd.take().or(part.first_odd);
        part.users.into_iter().for_each(|(name, line)| self.user(name, line));
        self.more_users |= part.more_users;
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

    /// What to say of numbers that no call of the region is likely to have.
    pub(crate) fn odd(&self, list: &str) -> Option<String> {
        let first = self.first_odd.as_ref()?;
        let (entries, are) =
            if self.odd == 1 { ("entry", "is no number") } else { ("entries", "are no numbers") };
        Some(format!(
            "list {list}: {} {entries} (such as {first}) {are} of the region and taken as dialled: is an \
             area code missing, or a digit too many?",
            HumanCount(self.odd)
        ))
    }

    /// Which words were taken as users.
    pub(crate) fn users(&self, list: &str) -> Option<String> {
        let names =
            self.users.iter().map(|(name, line)| format!("{} (line {line})", printable(name)));
        let names = names.collect::<Vec<_>>().join(", ");
        let more = if self.more_users { " ..." } else { "" };
        (!names.is_empty()).then(|| {
            format!(
                "list {list}: taken as SIP users: {names}{more}; write numbers, or sip:NAME@DOMAIN \
                 where users are meant"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(region: &str, text: &str) -> Option<Slip> {
        let plan = DialPlan::new(region).unwrap();
        Slip::of(&plan, &Kind::of(&plan, text.as_bytes()), text.as_bytes())
    }

    #[test]
    fn emergency_and_short_numbers_are_slips_and_others_none() {
        for (region, text) in [("TR", "112"), ("US", "911"), ("TR", "+90112"), ("TR", "+90 112")] {
            assert!(matches!(of(region, text), Some(Slip::Emergency(_))), "{text}");
        }
        for text in ["+1809", "+1 212", "tel:+1-809", "+90"] {
            assert!(matches!(of("TR", text), Some(Slip::Short(_))), "{text}");
        }
        for text in ["+1809*", "112*", "0850", "212", "1001", "*67", "+905050047824", ""] {
            assert_eq!(of("TR", text), None, "{text}");
        }
        assert_eq!(of("TR", "Telefon"), Some(Slip::User));
        for text in ["sip:alice@my.example", "alice@my.example", "\"Al\" <sip:alice@my.example>"] {
            assert_eq!(of("TR", text), None, "{text}");
        }
    }

    #[test]
    fn the_first_three_words_are_told_with_their_lines() {
        let mut all = Slips::default();
        for part in [&["yok", "Telefon", " yok "][..], &["yok", "phone", "tel\x1b"], &["yok"]] {
            let mut slips = Slips::default();
            for (line, text) in (1..).zip(part) {
                slips.add(&Slip::User, line, text.as_bytes());
            }
            assert!(
                slips.users("s").unwrap().starts_with("list s: taken as SIP users: yok (line 1)")
            );
            all.append(slips);
        }
        assert_eq!(
            all.users("s").unwrap(),
            "list s: taken as SIP users: yok (line 1), Telefon (line 2), phone (line 2) ...; write \
             numbers, or sip:NAME@DOMAIN where users are meant"
        );
        assert_eq!(Slips::default().users("s"), None);
    }

    #[test]
    fn each_sort_is_told_once_with_the_first() {
        let mut slips = Slips::default();
        for text in ["112", "+1809", "+1212", "110", "112", "+52 155 12345678901"] {
            slips.add(&of("TR", text).unwrap(), 1, text.as_bytes());
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
        assert_eq!(
            all.odd("spam").unwrap(),
            "list spam: 1 entry (such as +5215512345678901) is no number of the region and taken as \
             dialled: is an area code missing, or a digit too many?"
        );
        assert_eq!(Slips::default().odd("spam"), None);
    }
}
