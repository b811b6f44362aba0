//! Enums whose variants are words, in texts and in JSON, and other types whose JSON is a text.

use std::fmt;

/// A text is none of the words of an enum such as [`Action`](crate::Action) or [`Class`](crate::Class).
///
/// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
///
/// # Examples
/// ```
/// use callbar::{Action, UnknownWord};
///
/// let error: UnknownWord = "block".parse::<Action>().unwrap_err();
/// assert_eq!(error.to_string(), "is none of deny, allow");
/// assert_eq!(error.words(), ["deny", "allow"]);
/// assert_eq!(error.remedy(), "write one of these words");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnknownWord {
    words: &'static [&'static str],
}

impl UnknownWord {
    #[doc(hidden)]
    pub fn new(words: &'static [&'static str]) -> Self {
        Self { words }
    }

    /// The words that are known.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        self.words
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        "write one of these words"
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is none of {}", self.words.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

/// Declares an enum whose variants are words, in this crate and in others of callbar: `as_str`, `Display`, `FromStr` in upper or lower case, and JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! words {
    ($(#[$attribute:meta])* pub enum $name:ident {
        $($(#[$variant_attribute:meta])* $variant:ident = $word:literal,)*
    }) => {
        $(#[$attribute])*
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)*
        }

        impl $name {
            #[doc = concat!("Its word, which later releases keep:", $(" `", $word, "`"),*)]
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The variant of this word, in upper or lower case.
            fn from_word(word: &[u8]) -> Option<Self> {
                $(
                    if word.eq_ignore_ascii_case($word.as_bytes()) {
                        return Some(Self::$variant);
                    }
                )*
                None
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            /// Reads its word, in upper or lower case.
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let words = &[$($word),*];
                Self::from_word(word.as_bytes()).ok_or(Self::Err::new(words))
            }
        }

        $crate::text_as_json!($name);
    };
}

/// Gives a type its text in JSON: what `Display` writes and `FromStr` reads.
#[doc(hidden)]
#[macro_export]
macro_rules! text_as_json {
    ($name:ident) => {
        impl serde::Serialize for $name {
            /// As `Display`.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            /// As `FromStr`.
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text =
                    <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use text_as_json;
pub(crate) use words;
