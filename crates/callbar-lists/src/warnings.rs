//! Warns of entries that a list takes and that may be mistakes.

use std::collections::BTreeSet;

use callbar::{DialPlan, Doubt, E164, EntryKey, EntryKind, Number};

/// Most SIP users that a warning names.
const USERS: usize = 3;
/// Fewest numbers with a doubled calling code for a warning.
const FEWEST: u64 = 3;
/// A warning needs one such number in so many.
const SHARE: u64 = 5;
/// The smallest E.164 number of nine digits. Longer ones may be a mistake only by their calling code.
pub const NEVER_IN_DOUBT: u64 = 100_000_000;

/// Collects entries that may be mistakes, and returns a few messages about them.
///
/// The command, the server and both foreign interfaces use it, so that an entry has the same warning
/// everywhere. [`Warnings::append`] joins the warnings of parts of a list.
///
/// # Examples
/// ```
/// use callbar::{DialPlan, EntryKey};
/// use callbar_lists::Warnings;
///
/// let plan = DialPlan::new("TR")?;
/// let mut warnings = Warnings::new(true);
/// for (line, text) in (1..).zip(["112", "0505 004 78 24", "alice"]) {
///     let key = EntryKey::parse(text.as_bytes(), &plan).unwrap();
///     warnings.look(&plan, &key, text.as_bytes(), Some(line));
/// }
/// let messages = warnings.into_messages();
/// assert!(messages[0].starts_with("112 is an emergency number of the region, never barred"));
/// assert!(messages[1].starts_with("taken as a SIP user: alice (line 3)"));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    /// Whether emergency numbers on the list have no effect.
    exempts: bool,
    entries: u64,
    /// Distinct emergency numbers: a region has a few.
    emergency: BTreeSet<String>,
    short: Group,
    odd: Group,
    users: u64,
    /// The first distinct users, with their lines.
    first_users: Vec<(String, Option<u64>)>,
    more_users: bool,
    /// E.164 numbers, and those of them that begin with the calling code of the region.
    numbers: u64,
    doubled: u64,
    code: u64,
}

/// A count of entries, and the first of them.
#[derive(Clone, Debug, Default)]
struct Group {
    count: u64,
    first: String,
}

impl Group {
    fn add(&mut self, number: &Number) {
        if self.count == 0 {
            self.first = number.to_string();
        }
        self.count += 1;
    }

    fn append(&mut self, part: Self) {
        if self.count == 0 {
            self.first = part.first;
        }
        self.count += part.count;
    }

    /// Returns `112 is ONE` or `3 entries (such as 112) are MANY`.
    fn message(&self, one: &str, many: &str) -> Option<String> {
        match self.count {
            0 => None,
            1 => Some(format!("{} is {one}", self.first)),
            count => Some(format!("{count} entries (such as {}) are {many}", self.first)),
        }
    }
}

impl Warnings {
    /// Makes an empty collector. `exempts` says that the list denies, and that its domain never bars the
    /// emergency numbers of its region.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    /// use callbar_lists::Warnings;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let key = EntryKey::parse(b"112", &plan)?;
    /// let messages = |exempts| {
    ///     let mut warnings = Warnings::new(exempts);
    ///     warnings.look(&plan, &key, b"112", None);
    ///     warnings.into_messages()
    /// };
    /// assert!(messages(true)[0].starts_with("112 is an emergency number of the region, never barred"));
    /// assert!(messages(false).is_empty(), "a list that allows may have it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(exempts: bool) -> Self {
        Self { exempts, ..Self::default() }
    }

    /// Looks at an entry that was taken. `line` is its place in a file, if it has one.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    /// use callbar_lists::Warnings;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let mut warnings = Warnings::new(true);
    /// warnings.look(&plan, &EntryKey::parse(b"+1809", &plan)?, b"+1809", Some(17));
    /// assert!(warnings.into_messages()[0].starts_with("+1809 is too short to be called"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn look(&mut self, plan: &DialPlan, key: &EntryKey, text: &[u8], line: Option<u64>) {
        if let Some(number) = key.as_e164() {
            self.look_number(text, number);
            // A longer number is never an emergency number behind a calling code.
            if number.get() < NEVER_IN_DOUBT {
                self.look_doubt(plan, &Number::E164(number));
            }
            return;
        }
        self.entries += 1;
        match key.kind() {
            EntryKind::User => {
                self.users += 1;
                // Somebody who writes a URI or an address means a user.
                if !text.iter().any(|byte| matches!(byte, b':' | b'@')) {
                    self.add_user(&String::from_utf8_lossy(text.trim_ascii()), line);
                }
            }
            EntryKind::Pattern | EntryKind::Class => {}
            _ => self.look_doubt(plan, &plan.entry(text)),
        }
    }

    fn look_doubt(&mut self, plan: &DialPlan, number: &Number) {
        match plan.doubt(number) {
            Some(Doubt::Emergency) => drop(self.emergency.insert(number.to_string())),
            Some(Doubt::Beginning) => self.short.add(number),
            Some(Doubt::Odd) => self.odd.add(number),
            _ => {}
        }
    }

    /// Looks at an E.164 number of nine digits or more ([`NEVER_IN_DOUBT`]), as nearly all entries are.
    /// This is much faster than [`Warnings::look`].
    ///
    /// # Examples
    /// ```
    /// use callbar::E164;
    /// use callbar_lists::{NEVER_IN_DOUBT, Warnings};
    ///
    /// let number: E164 = "905050047824".parse()?;
    /// assert!(number.get() >= NEVER_IN_DOUBT);
    /// let mut warnings = Warnings::new(true);
    /// warnings.look_number(b"0505 004 78 24", number);
    /// assert!(warnings.into_messages().is_empty());
    /// # Ok::<(), callbar::E164Error>(())
    /// ```
    #[inline]
    pub fn look_number(&mut self, text: &[u8], number: E164) {
        self.entries += 1;
        self.numbers += 1;
        // A number with a plus, an international or a trunk prefix is not in doubt.
        if matches!(text.first(), Some(b'1'..=b'9'))
            && let Some(code) = doubled(text, number.get())
        {
            self.doubled += 1;
            self.code = code;
        }
    }

    fn add_user(&mut self, name: &str, line: Option<u64>) {
        if self.more_users || self.first_users.iter().any(|(known, _)| known == name) {
            return;
        }
        if self.first_users.len() == USERS {
            self.more_users = true;
        } else {
            self.first_users.push((name.to_owned(), line));
        }
    }

    /// Adds the warnings of a later part of the list.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    /// use callbar_lists::Warnings;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let part = |text: &[u8]| -> Result<Warnings, callbar::EntryError> {
    ///     let mut warnings = Warnings::new(true);
    ///     warnings.look(&plan, &EntryKey::parse(text, &plan)?, text, None);
    ///     Ok(warnings)
    /// };
    /// let mut warnings = part(b"112")?;
    /// warnings.append(part(b"155")?);
    /// assert!(warnings.into_messages()[0].starts_with("2 entries (such as 112) are emergency numbers"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append(&mut self, mut part: Self) {
        self.entries += part.entries;
        self.emergency.append(&mut part.emergency);
        self.short.append(part.short);
        self.odd.append(part.odd);
        self.users += part.users;
        part.first_users.iter().for_each(|(name, line)| self.add_user(name, *line));
        self.more_users |= part.more_users;
        self.numbers += part.numbers;
        self.doubled += part.doubled;
        self.code = self.code.max(part.code);
    }

    /// Returns the messages, the gravest first.
    #[must_use]
    pub fn into_messages(self) -> Vec<String> {
        let emergency = self.emergency_message();
        let short = self.short.message("too short to be called", "too short to be called");
        let short = short.map(|fact| {
            let first = &self.short.first;
            format!("{fact}: write {first}* if all that begins so is meant")
        });
        let odd = self.odd.message(
            "no number of the region and taken as dialled",
            "no numbers of the region and taken as dialled",
        );
        let odd = odd.map(|fact| format!("{fact}: is an area code missing, or a digit too many?"));
        let messages = [
            self.column_message(),
            emergency,
            short,
            odd,
            self.own_code_message(),
            self.users_message(),
        ];
        messages.into_iter().flatten().collect()
    }

    /// The message about a list of which most entries are no telephone numbers.
    fn column_message(&self) -> Option<String> {
        (self.entries > 1 && 2 * self.users > self.entries).then(|| {
            format!(
                "{} of {} entries are no telephone numbers: is this the right column or file?",
                self.users, self.entries
            )
        })
    }

    fn emergency_message(&self) -> Option<String> {
        let first = self.emergency.first().filter(|_| self.exempts)?.clone();
        let group = Group { count: self.emergency.len() as u64, first };
        let fact = group.message(
            "an emergency number of the region, never barred",
            "emergency numbers of the region, never barred",
        )?;
        Some(format!("{fact}: the domain's emergency_exempt (--bar-emergency) changes that"))
    }

    /// The message about numbers that begin with the calling code of the region and were read as
    /// national ones, as `4917112345678` in Germany. Many of them usually mean that an export has lost
    /// its plus signs.
    fn own_code_message(&self) -> Option<String> {
        (self.doubled >= FEWEST && self.doubled * SHARE > self.numbers).then(|| {
            format!(
                "{} numbers begin with {} and were read as national numbers: if they are \
                 international, write them with a plus, or give the domain plain_e164 (--plain-e164)",
                self.doubled, self.code
            )
        })
    }

    fn users_message(&self) -> Option<String> {
        let name = |(name, line): &(String, Option<u64>)| {
            let name = name.escape_debug();
            line.map_or_else(|| name.to_string(), |line| format!("{name} (line {line})"))
        };
        let names: Vec<String> = self.first_users.iter().map(name).collect();
        let (names, more) = (names.join(", "), if self.more_users { " ..." } else { "" });
        match self.first_users.len() {
            0 => None,
            1 if !self.more_users => Some(format!(
                "taken as a SIP user: {names}; write a number, or sip:NAME@DOMAIN if that user of that \
                 domain alone is meant"
            )),
            _ => Some(format!(
                "taken as SIP users: {names}{more}; write numbers, or sip:NAME@DOMAIN if those users of \
                 that domain alone are meant"
            )),
        }
    }
}

/// Returns the calling code if it is doubled: the number has it before digits that begin with it.
fn doubled(text: &[u8], number: u64) -> Option<u64> {
    let (mut digits, mut count) = (0_u64, 0_u32);
    for digit in text.iter().filter(|byte| byte.is_ascii_digit()) {
        digits = digits.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        count += 1;
    }
    let size = 10_u64.checked_pow(count)?;
    let code = number / size;
    let behind = count.checked_sub(code.checked_ilog10()? + 1)?;
    (number % size == digits && digits / 10_u64.pow(behind) == code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(region: &str, texts: &[&str]) -> Vec<String> {
        let plan = DialPlan::new(region).unwrap();
        let mut all = Warnings::new(true);
        // Each text has a collector of its own: the joined parts give the same.
        for (line, text) in (1..).zip(texts) {
            let mut one = Warnings::default();
            if let Ok(key) = EntryKey::parse(text.as_bytes(), &plan) {
                one.look(&plan, &key, text.as_bytes(), Some(line));
            }
            all.append(one);
        }
        all.into_messages()
    }

    #[test]
    fn each_sort_is_reported_once_with_the_first() {
        let texts = ["112", "+1809", "+1212", "110", "112", "+52 155 12345678901", "05050047824"];
        assert_eq!(
            warnings("TR", &texts),
            [
                "2 entries (such as 110) are emergency numbers of the region, never barred: the \
                 domain's emergency_exempt (--bar-emergency) changes that",
                "2 entries (such as +1809) are too short to be called: write +1809* if all that begins \
                 so is meant",
                "+5215512345678901 is no number of the region and taken as dialled: is an area code \
                 missing, or a digit too many?",
            ]
        );
        for (region, text) in [("TR", "112"), ("US", "911"), ("TR", "+90112"), ("TR", "+90 112")] {
            assert!(warnings(region, &[text])[0].contains("is an emergency number"), "{text}");
        }
        for text in ["+1809", "+1 212", "tel:+1-809", "+90"] {
            assert!(warnings("TR", &[text])[0].contains("is too short to be called"), "{text}");
        }
        let plain =
            ["+1809*", "112*", "0850", "212", "1001", "*67", "+905050047824", "", "anonymous"];
        for text in plain.into_iter().chain(["sip:alice@my.example", "alice@my.example"]) {
            assert_eq!(warnings("TR", &[text]), [""; 0], "{text}");
        }
        assert!(Warnings::new(false).into_messages().is_empty());
    }

    #[test]
    fn the_first_three_users_are_named_with_their_lines() {
        let texts = ["yok", "Telefon", " yok ", "phone", "fax", "yok", "1001", "1002", "1003"];
        let texts: Vec<&str> = texts.into_iter().chain(["0505 004 78 24"; 9]).collect();
        assert_eq!(
            warnings("TR", &texts),
            [
                "taken as SIP users: yok (line 1), Telefon (line 2), phone (line 4) ...; write numbers, or \
              sip:NAME@DOMAIN if those users of that domain alone are meant"
            ]
        );
        let column = warnings("TR", &["Ali", "Oya", "112"]);
        assert_eq!(
            column[0],
            "2 of 3 entries are no telephone numbers: is this the right column or file?"
        );
    }

    #[test]
    fn many_numbers_that_begin_with_the_own_code_are_reported() {
        let messages =
            warnings("DE", &["4917112345678", "49 171 123456-79", "4930901820", "4915112345678"]);
        assert!(
            messages[0].starts_with("3 numbers begin with 49 and were read as national numbers")
        );
        let doubled = ["4917112345678", "4917112345679", "4917112345670"];
        assert_eq!(warnings("DE", &doubled[..2]), [""; 0]);
        let others = ["0171 1234567"; 12];
        assert_eq!(warnings("DE", &[&doubled[..], &others].concat()), [""; 0]);
        assert_eq!(warnings("DE", &[&doubled[..], &others[1..]].concat()).len(), 1);
        assert_eq!(warnings("TR", &["905050047824"; 9]), [""; 0]);
        assert_eq!(warnings("RU", &["77012345678"; 9]), [""; 0]);
        assert_eq!(warnings("US", &["12125550147"; 9]), [""; 0]);
        assert_eq!(warnings("DE", &["+4949112345", "0491 12345", "004949112345"]), [""; 0]);
    }
}
