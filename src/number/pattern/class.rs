//! Classes: what a list can hold beside numbers and patterns.

use crate::number::canonical::{LocalReason, Number};
use crate::number::plan::dial::{self, DialledDigits};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::plan::digits;
use crate::number::text::parse::after_plus;
use crate::number::text::withheld;
use crate::number::words;

words! {
    /// Numbers that a list can hold by kind, because they are no ordinary numbers.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Class, Compiler, DialPlan, Entry, Index};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// assert!(compiler.list("spam", Action::Deny)?.extend(["unassigned"]).is_empty());
    /// let index = Index::open(compiler.finish()?.bytes)?;
    /// let verdict = index.check("+210 505 004 78 24");
    /// assert_eq!(verdict.decided_by().map(|by| &by.entry), Some(&Entry::Class(Class::Unassigned)));
    /// assert_eq!(Class::Unassigned.to_string(), "unassigned");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
    #[non_exhaustive]
    pub enum Class {
        /// The caller withheld the number, or no network knows it: [`Number::Anonymous`]; also seven zeros or more,
        /// which gateways send in place of a number that they do not have.
        Anonymous = "anonymous",
        /// Not a number that can exist: too long, of a length that no number of the calling code has,
        /// or no canonical form at all.
        Invalid = "invalid",
        /// E.164 digits whose calling code is not assigned.
        Unassigned = "unassigned",
        /// Short codes, emergency numbers, and numbers too short or only local.
        Short = "short",
    }
}

impl Class {
    /// The class of this word, in either case and among white space; `None` for any other text.
    ///
    /// # Examples
    /// ```
    /// use callbar::Class;
    ///
    /// assert_eq!(Class::named(b" Anonymous\r"), Some(Class::Anonymous));
    /// assert_eq!(Class::named(b"sip:anonymous@anonymous.invalid"), None);
    /// ```
    pub fn named(word: &[u8]) -> Option<Self> {
        Self::from_word(word.trim_ascii())
    }
}

impl DialPlan {
    /// The class of a canonical number, if it has one. E.164 numbers, service strings, users and
    /// what is local to a context have none.
    ///
    /// Uses the canonical form alone. Reads a local number again to learn why it is local, which costs what
    /// reading it did. Allocates nothing.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Class, DialPlan};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let class = |text: &str| plan.class(&plan.number(text.as_bytes()));
    /// assert_eq!(class("112"), Some(Class::Short));
    /// assert_eq!(class("sip:anonymous@anonymous.invalid"), Some(Class::Anonymous));
    /// assert_eq!(class("0505 004 78 24"), None);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[inline]
    pub fn class(&self, number: &Number) -> Option<Class> {
        match number {
            Number::E164(_) | Number::Service(_) | Number::Opaque(_) => None,
            Number::Unassigned(text) if withheld::are_zeros(text.as_bytes()) => {
                Some(Class::Anonymous)
            }
            Number::Unassigned(_) => Some(Class::Unassigned),
            Number::Anonymous => Some(Class::Anonymous),
            Number::Invalid(_) => Some(Class::Invalid),
            Number::Local(text) => self.class_of_local(text.as_bytes()),
        }
    }

    fn class_of_local(&self, text: &[u8]) -> Option<Class> {
        let (plus, digits) = after_plus(text);
        if digits.is_empty() || !digits::all(digits) {
            return None;
        }
        if withheld::are_zeros(digits) {
            return Some(Class::Anonymous);
        }
        match dial::dial(self, DialledDigits { plus, digits }).err()? {
            LocalReason::Emergency
            | LocalReason::ShortCode
            | LocalReason::TooShort
            | LocalReason::LocalOnly => Some(Class::Short),
            LocalReason::TooLong | LocalReason::WrongLength | LocalReason::Ambiguous => {
                Some(Class::Invalid)
            }
            LocalReason::Unassigned => Some(Class::Unassigned),
            LocalReason::Unstated | LocalReason::Context => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::canonical::Text;

    #[test]
    fn a_class_is_named_by_its_bare_word() {
        for class in [Class::Anonymous, Class::Invalid, Class::Unassigned, Class::Short] {
            assert_eq!(Class::named(class.to_string().as_bytes()), Some(class));
        }
        assert_eq!(Class::named(b" Anonymous\r"), Some(Class::Anonymous));
        for other in ["", "sip:anonymous@a.com", "anonymous.invalid", "restricted", "shorts"] {
            assert_eq!(Class::named(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn numbers_that_are_no_ordinary_ones_have_a_class() {
        let plan = DialPlan::new("TR").unwrap();
        let long = "9".repeat(127);
        for (text, class) in [
            ("+905050047824", None),
            ("*67", None),
            ("alice", None),
            ("tel:7042;phone-context=example.com", None),
            ("anonymous", Some(Class::Anonymous)),
            (&long, Some(Class::Invalid)),
            ("+999123456", Some(Class::Unassigned)),
            ("112", Some(Class::Short)),
            ("50500", Some(Class::Short)),
            ("+90505", Some(Class::Short)),
            ("tel:112;phone-context=+90", Some(Class::Short)),
            ("0505004782499999", Some(Class::Invalid)),
            ("+9050500478", Some(Class::Invalid)),
            ("00999123456", Some(Class::Unassigned)),
            ("00 999 123456", Some(Class::Unassigned)),
        ] {
            let number = plan.number(text.as_bytes());
            assert_eq!(plan.class(&number), class, "{text}");
            // A number made of the bytes of a list has no reason, and the same class.
            if let Number::Local(text) = &number {
                let unstated = Number::Local(Text::new(text.as_bytes()).unwrap());
                assert_eq!(plan.class(&unstated), class);
            }
        }
        let plan = DialPlan::new("US").unwrap();
        assert_eq!(plan.class(&plan.number(b"5551234")), Some(Class::Short));
    }
}
