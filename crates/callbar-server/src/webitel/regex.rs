//! The regular expressions that an index of numbers can answer: the beginning of a number, or a whole number.

/// A regular expression on the written form of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// Any number.
    Any,
    /// A number that begins so.
    Prefix(String),
    /// This number.
    Whole(String),
}

/// Reads `^` and the beginning of a number, and `$` if the number ends there. A backslash stands before a sign
/// that means itself. A plus at the very beginning needs none.
///
/// `None` for all other expressions, which would have to be tried on every number of a list.
pub(super) fn read(expression: &str) -> Option<Expression> {
    if expression.is_empty() {
        return Some(Expression::Any);
    }
    let begins = expression.strip_prefix('^')?;
    let begins = begins.strip_suffix(".*").filter(|rest| !rest.ends_with('\\')).unwrap_or(begins);
    let whole = begins.strip_suffix('$').filter(|rest| !rest.ends_with('\\'));
    let text = literal(whole.unwrap_or(begins))?;
    Some(match (whole, text.is_empty()) {
        (Some(_), _) => Expression::Whole(text),
        (None, true) => Expression::Any,
        (None, false) => Expression::Prefix(text),
    })
}

/// Reads characters that mean themselves; `None` if there are others.
fn literal(expression: &str) -> Option<String> {
    let mut text = String::with_capacity(expression.len());
    let mut characters = expression.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => characters.next().filter(|next| !next.is_alphanumeric())?,
            '+' if text.is_empty() => '+',
            '.' | '+' | '*' | '?' | '[' | ']' | '(' | ')' | '{' | '}' | '|' | '^' | '$' => {
                return None;
            }
            character => character,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_read() {
        let prefix = |text: &str| Some(Expression::Prefix(text.into()));
        assert_eq!(read("^380"), prefix("380"));
        assert_eq!(read("^380.*"), prefix("380"));
        assert_eq!(read(r"^\+90 505"), prefix("+90 505"));
        assert_eq!(read("^+90"), prefix("+90"));
        assert_eq!(read(r"^\*100\#"), prefix("*100#"));
        assert_eq!(read(r"^5\$"), prefix("5$"));
        assert_eq!(read("^911$"), Some(Expression::Whole("911".into())));
        for any in ["", "^", "^.*"] {
            assert_eq!(read(any), Some(Expression::Any), "{any}");
        }
    }

    #[test]
    fn expressions_that_would_walk_a_list_are_not() {
        for wide in
            ["380", ".*380", "^38.0", "^38+", "^(380|905)", r"^\d", "^38?", "^[0-9]", r"^38\"]
        {
            assert_eq!(read(wide), None, "{wide}");
        }
    }
}
