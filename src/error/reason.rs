//! Why a text cannot be what it is meant as: a number, a pattern, an entry, a name, a prefix.
//!
//! Each reason has a stable code for programs, a fact for people (its `Display`), and a remedy.

/// Defines an enum of reasons: variant, code, fact, remedy; and after `or` the reasons of others that it passes on.
#[doc(hidden)]
#[macro_export]
macro_rules! reasons {
    ($(#[$attribute:meta])* $name:ident {
        $($(#[$doc:meta])* $reason:ident: $code:literal, $fact:literal, $remedy:literal;)*
    } $(or { $($(#[$inner_doc:meta])* $inner:ident($error:ty);)* })?) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $reason,)*
            $($($(#[$inner_doc])* $inner($error),)*)?
        }

        impl $name {
            /// The word of the reason, which later releases keep.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$reason => $code,)*
                    $($(Self::$inner(error) => error.code(),)*)?
                }
            }

            /// What to do about it.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self {
                    $(Self::$reason => $remedy,)*
                    $($(Self::$inner(error) => error.remedy(),)*)?
                }
            }

            /// Fact and remedy, `fact: remedy`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$reason => concat!($fact, ": ", $remedy),)*
                    $($(Self::$inner(error) => error.as_str(),)*)?
                }
            }
        }

        impl std::fmt::Display for $name {
            /// The fact.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$reason => $fact,)*
                    $($(Self::$inner(error) => return error.fmt(f),)*)?
                })
            }
        }

        impl std::error::Error for $name {}

        $($(impl From<$error> for $name {
            fn from(error: $error) -> Self {
                Self::$inner(error)
            }
        })*)?
    };
}

reasons! {
    /// Why a text is no number, see [`Number::Invalid`](crate::Number::Invalid).
    ///
    /// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Number, NumberError};
    ///
    /// let number = DialPlan::new("TR")?.entry(b"9,0505E+11");
    /// assert_eq!(number, Number::Invalid(NumberError::Spreadsheet));
    /// let reason = NumberError::Spreadsheet;
    /// assert_eq!(reason.to_string(), "spreadsheet notation, its digits are lost");
    /// assert_eq!((reason.code(), reason.remedy()), ("spreadsheet", "format the column as text"));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    NumberError {
        /// Longer than a canonical form can be, [`Text::MAX`](crate::Text::MAX) bytes.
        TooLong: "too_long", "longer than 126 bytes", "shorten it";
        /// No number, and RFC 3261 lets no user be written so.
        NotAUser: "not_a_user", "neither a number nor a SIP user",
            "remove what stands around the number; for a range write FIRST-LAST";
        /// Only entries: a number as a spreadsheet rounds it, `9.0505E+11`.
        Spreadsheet: "spreadsheet", "spreadsheet notation, its digits are lost",
            "format the column as text";
        /// Only entries: two numbers or more.
        TwoNumbers: "two_numbers", "holds two numbers",
            "write one a line, or for a range FIRST-LAST";
        /// Only entries: a number and the last digits of another, `0850 304 00 00-99`.
        ShortRange: "short_range", "holds the short form of a range",
            "write both ends in full, FIRST-LAST";
        /// Only entries: a number that a program took for a quantity, `905050047824.0`.
        Decimal: "decimal", "a decimal number", "export the column as text";
        /// Only entries: a name with a `*`, as if names had patterns: `alice*`, `alice@*`.
        StarInName: "star_in_name", "has a * in a name",
            "write each name in full, for names have no patterns";
        /// Only entries: what programs write where a number is missing, `NULL`, or people for everybody, `all`.
        Placeholder: "placeholder", "no number",
            "leave it out, or write a user of this name as sip:NAME@DOMAIN";
        /// Only entries: the digits of a number among characters that no number has, and no URI:
        /// `05050047824,NY`, `0505***7824`.
        OtherCharacters: "other_characters", "holds more than a number",
            "leave the number alone, for a range write FIRST-LAST, or write a user of this name as \
             sip:NAME@DOMAIN";
        /// Only entries: a pattern in the notation of another system, `_0505XXXXXXX`, `[2-9]11`.
        OtherNotation: "other_notation", "is another system's pattern",
            "write an X for each open digit (0505XXXXXXX), or a * for all that follow (0505*), or a user \
             of this name as sip:NAME@DOMAIN";
        /// Only entries: a number of which digits are hidden, `+90505XXX7824`, where no pattern is
        /// looked for or there can be none.
        MaskedDigits: "masked_digits", "digits are masked by an X", "write all of them";
    }
}

reasons! {
    /// Why digits are no [`E164`](crate::E164) number.
    ///
    /// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{E164, E164Error};
    ///
    /// assert_eq!("0505 004 78 24".parse::<E164>(), Err(E164Error::NotDigits));
    /// assert_eq!("05050047824".parse::<E164>(), Err(E164Error::LeadingZero));
    /// assert_eq!(E164Error::LeadingZero.to_string(), "begins with 0, as no calling code does");
    /// ```
    E164Error {
        /// Less than two digits.
        TooShort: "too_short", "has less than 2 digits", "write the whole number, calling code first";
        /// More digits than an integer of 64 bits holds.
        TooLong: "too_long", "has more than 19 digits", "write one number";
        /// No calling code begins with 0: a national or an international prefix.
        LeadingZero: "leading_zero", "begins with 0, as no calling code does",
            "write the calling code first, or read the text by a dial plan";
        /// Anything but a plus and digits.
        NotDigits: "not_digits", "holds other characters than digits",
            "write + and the digits, or read the text by a dial plan";
    }
}

reasons! {
    /// Why a text that is meant as a pattern cannot be one, see [`DialPlan::pattern`](crate::DialPlan::pattern).
    ///
    /// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, PatternError};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// assert_eq!(plan.parse_entry(b"+90506-+90505"), Err(PatternError::Reversed));
    /// assert_eq!(PatternError::Reversed.as_str(), "ends before it starts: write the lower number first");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    PatternError {
        /// A star alone, or behind a plus: `+*`.
        NoDigits: "no_digits", "is a prefix without digits",
            "write those that it begins with before the *";
        /// `+90505*7824`
        InnerStar: "inner_star", "has a * among its digits",
            "write X for each open digit, or one * at the end";
        /// `+90505X*`
        StarAndX: "star_and_x", "has both X and *",
            "write X for each open digit, or * for all that follow";
        /// `+905-+906*`
        PlusInPrefix: "plus_in_prefix", "has a plus among its digits",
            "write one prefix, or a range without *";
        /// `+9X-+9X`
        PlusInWildcard: "plus_in_wildcard", "has a plus and X among its digits",
            "write ranges without X";
        /// `+XXX`
        AllOpen: "all_open", "leaves every digit open", "write one at least";
        /// `(0XX11) 7XXX`, as Brazil prints the place of a carrier's code.
        CarrierCode: "carrier_code", "has XX for a carrier's code", "leave it out";
        /// `+905-+`
        OneEnd: "one_end", "is a range without two ends", "write the first and the last number";
        /// `00*` in Turkey: an international prefix and nothing else.
        NoCallingCode: "no_calling_code", "fixes no digit of a calling code", "write one at least";
        /// More digits than a pattern has.
        TooLong: "too_long", "is longer than 19 digits", "write 19 at most";
        /// `0901*` in Turkey: with its trunk prefix no number begins so, but calls may.
        UnassignedPrefix: "unassigned_prefix", "begins no assigned number",
            "write + and the calling code instead of the leading 0 (+90901*) for all numbers that begin \
             so, or an X for each digit that follows (0901XXX) for local ones";
        /// `118*` in Germany
        BeginsShortCodes: "begins_short_codes",
            "begins short codes, such as 11833 in Germany, and longer numbers",
            "write an X for each digit that follows (118XX) for the former, + and the calling code \
             (+49118*) for the latter";
        /// `5XX@pbx.example`
        LocalAtHost: "local_at_host", "names a host, which local patterns cannot",
            "write the pattern without the host, or each user";
        /// `tel:12*;phone-context=a.example`
        DomainContext: "domain_context", "has a phone-context that is a domain",
            "write the digits without it";
        /// More open digits than an index has room for.
        TooOpen: "too_open", "would take over 10,000 prefixes",
            "leave 4 digits open at most before the last that is not";
        /// `1000-+90505`
        EndsOfTwoKinds: "ends_of_two_kinds", "has one local and one E.164 end",
            "write both with + and the calling code";
        /// `10 - 19`
        ShortLocalEnds: "short_local_ends", "has local ends of less than three digits",
            "list the numbers one by one";
        /// `+90506-+90505`
        Reversed: "reversed", "ends before it starts", "write the lower number first";
        /// `1000-1999` in Germany, where that may be one number.
        NumberOrRange: "number_or_range", "is a number or a range",
            "write a number without a dash, the ends of a range with + and the calling code, local \
             numbers with an X for each open digit (1XXX)";
        /// `+5490-+5499`
        MobileMarkInRange: "mobile_mark_in_range",
            "begins with the mobile 9 of Argentina or the former mobile 1 of Mexico, without which \
             callbar files all numbers",
            "write the ends as whole numbers, or without it";
        /// `+549*`
        MobileMarkAlone: "mobile_mark_alone",
            "is the mobile 9 of Argentina or the former mobile 1 of Mexico, without which callbar files \
             all numbers",
            "write what follows it, too (+54911*)";
        /// `336*` in France
        Ambiguous: "ambiguous", "may be read in several ways",
            "write it with + and the calling code";
        /// `[2-9]XX`, `0505%`
        OtherNotation: "other_notation", "is another system's pattern",
            "write an X for each open digit (0505XXXXXXX), or a * for all that follow (0505*), or a user \
             of this name as sip:NAME@DOMAIN";
    }
}

reasons! {
    /// Why a domain, a list or an index file cannot have this name.
    ///
    /// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Error, NameError, verify_domain_name};
    ///
    /// let Err(Error::InvalidName { reason, .. }) = verify_domain_name("my example") else { unreachable!() };
    /// assert_eq!(reason, NameError::DomainCharacters);
    /// assert_eq!(reason.as_str(), "holds white space or control characters: leave them out");
    /// ```
    NameError {
        /// Of a domain: empty, or longer than the DNS allows.
        DomainLength: "domain_length", "is empty or longer than 253 bytes", "give a name such as my.example";
        /// Of a domain: white space or control characters.
        DomainCharacters: "domain_characters", "holds white space or control characters",
            "leave them out";
        /// Of a list: empty or too long.
        ListLength: "list_length", "is empty or longer than 255 bytes", "choose another name";
        /// Of a list: control characters.
        ListCharacters: "list_characters", "holds control characters", "leave them out";
        /// Of a list: `-`.
        ListDash: "list_dash", "stands for no list in answers", "choose another name";
        /// Of a list: one that allows and one that denies have the same name.
        TwoActions: "two_actions", "is both an allow and a deny list", "choose one";
        /// Of a subscription: named twice.
        SubscribedTwice: "subscribed_twice", "is subscribed to already", "name it once";
        /// Of an index file: it is not named as callbar names them.
        IndexFile: "index_file", "is not named as index files are, by a number",
            "publish the file instead of copying it here";
    }
}

reasons! {
    /// Why a dial plan cannot have this prefix.
    ///
    /// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Error, PrefixError};
    ///
    /// let plan = DialPlan::new("TR")?.with_international_prefix("+");
    /// assert!(matches!(plan, Err(Error::InvalidPrefix { reason: PrefixError::NotDigits, .. })));
    /// assert_eq!(PrefixError::NotDigits.remedy(), "write an international prefix in digits");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    PrefixError {
        /// Empty or too long.
        Length: "prefix_length", "is empty or longer than 15 characters", "correct it";
        /// Of an international prefix: anything but digits.
        NotDigits: "prefix_not_digits", "holds more than digits",
            "write an international prefix in digits";
        /// Of a technical prefix: a character that no dialled string has.
        NotDialled: "prefix_not_dialled", "holds more than digits, letters, * and #", "leave it out";
        /// One more than a plan can have.
        TooMany: "too_many_prefixes", "is one more than the 64 of its kind that a plan has",
            "leave some out";
    }
}

reasons! {
    /// Why an entry cannot be on a list.
    ///
    /// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, EntryError, PatternError};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let rejected = compiler.list("spam", Action::Deny)?.extend(["+90*", "+90506-+90505"]);
    /// assert_eq!(rejected[0].reason, EntryError::TooBroad);
    /// assert_eq!(rejected[1].reason, EntryError::Pattern(PatternError::Reversed));
    /// assert_eq!(rejected[1].reason.code(), "reversed");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    EntryError {
        /// There is no text.
        Empty: "empty", "is empty", "give a number, a pattern or a class";
        /// Longer than any number and any user is, in bytes.
        TooLong: "entry_too_long", "has more than 1,024 bytes",
            "no number and no user is as long: correct it";
        /// A URI without a user, for instance. To file it as the class `anonymous` would bar every caller who
        /// withholds the number.
        NamesNobody: "names_nobody", "has no user", "write the class anonymous if that is meant";
        /// A pattern that holds a whole calling code, on a list that denies, without consent.
        TooBroad: "too_broad", "would bar a whole calling code",
            "narrow it, or allow broad patterns (--allow-broad, allow_broad)";
        /// The reason or the source of its note is longer than 1,024 bytes.
        LongNote: "long_note", "has a reason or a source of more than 1,024 bytes", "shorten it";
        /// A time of its note is 0.
        ZeroTime: "zero_time", "has a time of 0", "give seconds since 1970, or no time";
    } or {
        /// The text is not a number.
        Number(NumberError);
        /// The text is meant as a pattern, and is none.
        Pattern(PatternError);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_fact_and_a_remedy() {
        let reason = PatternError::Reversed;
        assert_eq!(reason.to_string(), "ends before it starts");
        assert_eq!(reason.remedy(), "write the lower number first");
        assert_eq!(reason.as_str(), format!("{reason}: {}", reason.remedy()));
        assert_eq!(reason.code(), "reversed");
    }
}
