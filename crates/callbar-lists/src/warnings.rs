//! What a list takes and what may still be a mistake. Entries are never refused for it.

use std::collections::BTreeSet;

use callbar::{DialPlan, Doubt, E164, Number};

use crate::entry_kind::EntryKind;

/// How many SIP users a warning names.
const USERS: usize = 3;
/// Fewer numbers that begin with the own calling code are no cause for a warning.
const FEWEST: u64 = 3;
/// One number in so many is.
const SHARE: u64 = 5;

/// Collects what may be wrong with entries, and says it in a few sentences.
///
/// The same collector serves the command, the server and both foreign interfaces, so that one line has
/// the same warning everywhere. Collectors of parts of a list are joined by [`Warnings::append`].
///
/// # Examples
/// ```
/// use callbar::DialPlan;
/// use callbar_lists::{EntryKind, Warnings};
///
/// let plan = DialPlan::new("TR")?;
/// let mut warnings = Warnings::new(true);
/// for (line, text) in (1..).zip(["112", "0505 004 78 24", "alice"]) {
///     warnings.look(&plan, &EntryKind::read(&plan, text.as_bytes()), text.as_bytes(), Some(line));
/// }
/// let messages = warnings.into_messages();
/// assert!(messages[0].starts_with("112 is an emergency number of the region, never barred"));
/// assert!(messages[1].starts_with("taken as a SIP user: alice (line 3)"));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    /// Whether a list that denies does not bar emergency numbers.
    exempts: bool,
    entries: u64,
    /// Distinct: a region has a handful.
    emergency: BTreeSet<String>,
    short: Group,
    odd: Group,
    users: u64,
    /// The first users, distinct, with their lines.
    first_users: Vec<(String, Option<u64>)>,
    more_users: bool,
    /// E.164 numbers, and those of them that begin with the own calling code.
    numbers: u64,
    doubled: u64,
    code: u64,
}

/// How many entries, and the first of them.
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

    /// `112 is ONE`, or `3 entries (such as 112) are MANY`.
    fn message(&self, one: &str, many: &str) -> Option<String> {
        match self.count {
            0 => None,
            1 => Some(format!("{} is {one}", self.first)),
            count => Some(format!("{count} entries (such as {}) are {many}", self.first)),
        }
    }
}

impl Warnings {
    /// Without any entry yet. `exempts`: the list denies, and its domain never bars the emergency numbers
    /// of its region.
    #[must_use]
    pub fn new(exempts: bool) -> Self {
        Self { exempts, ..Self::default() }
    }

    /// Looks at an entry that was taken, and at its text. `line` is where it stands, if that is of use.
    pub fn look(&mut self, plan: &DialPlan, kind: &EntryKind, text: &[u8], line: Option<u64>) {
        let EntryKind::Number(number) = kind else {
            self.entries += 1;
            return;
        };
        if let Number::E164(e164) = number {
            self.look_number(text, *e164);
        } else {
            self.entries += 1;
        }
        if matches!(number, Number::Opaque(_)) {
            self.users += 1;
            // A URI or an address means a user.
            if !text.iter().any(|byte| matches!(byte, b':' | b'@')) {
                self.add_user(&String::from_utf8_lossy(text.trim_ascii()), line);
            }
            return;
        }
        match plan.doubt(number) {
            Some(Doubt::Emergency) => drop(self.emergency.insert(number.to_string())),
            Some(Doubt::Beginning) => self.short.add(number),
            Some(Doubt::Odd) => self.odd.add(number),
            _ => {}
        }
    }

    /// The same of an E.164 number of nine digits or more, of which nothing but its calling code can be
    /// in doubt: this is what nearly all entries are, and costs next to nothing.
    #[inline]
    pub fn look_number(&mut self, text: &[u8], number: E164) {
        self.entries += 1;
        self.numbers += 1;
        // What has a plus, an international or a trunk prefix is not in doubt.
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

    /// Adds those of a later part of the list.
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

    /// What to say, the gravest first.
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

    /// Of a list most of whose entries are no telephone numbers.
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

    /// Of numbers that begin with the region's own calling code and were read as national ones, as
    /// `4917112345678` in Germany: many of them are mostly an export that has lost its plus signs.
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

/// The calling code, if the text's digits begin with it and it stands before all of them.
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
        // Each text in a collector of its own: parts join to the same.
        for (line, text) in (1..).zip(texts) {
            let mut one = Warnings::default();
            one.look(&plan, &EntryKind::read(&plan, text.as_bytes()), text.as_bytes(), Some(line));
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
