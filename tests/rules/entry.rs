//! An entry of the model, and whether it holds a number: character by character, by definition.

use callbar::{Class, DialPlan, Number};

/// What stands on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Exact(Number),
    /// A pattern in canonical form.
    Pattern(String),
    Class(&'static str),
}

/// How long a match is: the greater wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Length {
    Class,
    Digits(usize),
    Exact,
}

/// A number that is asked about.
pub(crate) struct Asked {
    pub(crate) number: Number,
    pub(crate) class: Option<&'static str>,
    /// Its digits, after a plus if it is E.164, if it is nothing but digits.
    pub(crate) digits: Option<String>,
}

impl Asked {
    pub(crate) fn about(plan: &DialPlan, number: Number) -> Self {
        let digits = match &number {
            Number::E164(number) => Some(format!("+{}", number.get())),
            Number::Unassigned(digits) => {
                Some(format!("+{}", str::from_utf8(digits.as_bytes()).unwrap()))
            }
            Number::Local(digits) => {
                let digits = str::from_utf8(digits.as_bytes()).unwrap_or("?");
                digits.chars().all(|digit| digit.is_ascii_digit()).then(|| digits.to_owned())
            }
            _ => None,
        };
        Self { class: plan.class(&number).map(Class::as_str), digits, number }
    }
}

impl Entry {
    /// What an operator wrote, canonicalised by the library, or `None` if it is refused.
    pub(crate) fn read(plan: &DialPlan, text: &str, may_be_broad: bool) -> Option<Self> {
        let text = text.as_bytes();
        if text.trim_ascii().is_empty() {
            return None;
        }
        if let Some(class) = Class::named(text) {
            return Some(Self::Class(class.as_str()));
        }
        if let Some(pattern) = plan.pattern(text) {
            let pattern = pattern.ok().filter(|pattern| may_be_broad || !pattern.is_broad())?;
            return Some(Self::Pattern(pattern.to_string()));
        }
        match plan.entry(text) {
            Number::Invalid(_) | Number::Anonymous => None,
            number => Some(Self::Exact(number)),
        }
    }

    /// How long a match the entry is for a number, if it is one.
    pub(crate) fn holds(&self, asked: &Asked) -> Option<Length> {
        match self {
            Self::Exact(number) => (*number == asked.number).then_some(Length::Exact),
            Self::Class(class) => (asked.class == Some(class)).then_some(Length::Class),
            Self::Pattern(pattern) => {
                pattern_holds(pattern, asked.digits.as_deref()?).map(Length::Digits)
            }
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Exact(number) => number.to_string(),
            Self::Pattern(text) => text.clone(),
            Self::Class(word) => (*word).to_owned(),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Exact(_) => "exact",
            Self::Pattern(text) if text.ends_with('*') => "prefix",
            Self::Pattern(text) if text.contains('-') => "range",
            Self::Pattern(_) => "wildcard",
            Self::Class(_) => "class",
        }
    }
}

/// How many digits the pattern fixes of a number, both with a plus or both without.
fn pattern_holds(pattern: &str, number: &str) -> Option<usize> {
    if pattern.starts_with('+') != number.starts_with('+') {
        return None;
    }
    let pattern = pattern.replace('+', "");
    let digits = number.trim_start_matches('+');
    if let Some(prefix) = pattern.strip_suffix('*') {
        return digits.starts_with(prefix).then_some(prefix.len());
    }
    if let Some((first, last)) = pattern.split_once('-') {
        return range_holds(first, last, digits);
    }
    let agree =
        pattern.chars().zip(digits.chars()).all(|(place, digit)| place == 'X' || place == digit);
    (agree && pattern.len() == digits.len()).then(|| pattern.trim_end_matches('X').len())
}

/// The digits of the shortest beginning all of whose numbers lie between the ends.
fn range_holds(first: &str, last: &str, digits: &str) -> Option<usize> {
    if digits.len() < first.len().min(last.len()) {
        return None;
    }
    let length = first.len().max(last.len());
    let padded = |text: &str, with: &str| text.to_owned() + &with.repeat(length - text.len());
    let (lowest, highest) = (padded(first, "0"), padded(last, "9"));
    (0..=digits.len().min(length)).find(|&count| {
        padded(&digits[..count], "0") >= lowest && padded(&digits[..count], "9") <= highest
    })
}

#[test]
fn the_model_knows_what_a_pattern_is() {
    assert_eq!(pattern_holds("+90505*", "+905050047824"), Some(5));
    assert_eq!(pattern_holds("+90505*", "905050047824"), None);
    assert_eq!(pattern_holds("+905-+90512", "+90509"), Some(4));
    assert_eq!(pattern_holds("+905-+90512", "+905125"), Some(5));
    assert_eq!(pattern_holds("+905-+90512", "+90513"), None);
    assert_eq!(pattern_holds("+905-+90512", "+905"), None);
    assert_eq!(pattern_holds("1X2X", "1927"), Some(3));
    assert_eq!(pattern_holds("1X2X", "19271"), None);
}
