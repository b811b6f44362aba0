//! How verdicts, lists and numbers are written in results.

use std::borrow::Cow;
use std::io::Write;

use callbar::{Match, Number, facts_version};
use serde::Serialize;

use super::terminal::Colour;

/// Appends an answer as a line of JSON.
pub(crate) fn write_json(answer: &impl Serialize, out: &mut Vec<u8>) {
    // Writing strings and numbers to a vector never fails.
    let _ = serde_json::to_writer(&mut *out, answer);
    out.push(b'\n');
}

/// Appends the canonical form of a number as `Display` writes it. The common form, E.164, avoids
/// formatting, which would cost as much as the check.
pub(crate) fn write_number(out: &mut Vec<u8>, number: &Number) {
    if let Number::E164(number) = number {
        out.push(b'+');
        out.extend_from_slice(itoa::Buffer::new().format(number.get()).as_bytes());
    } else {
        // Writing to a vector never fails.
        let _ = write!(out, "{number}");
    }
}

/// Describes the facts that differ, as `region TR -> DE`; `None` if all are equal.
pub(crate) fn differences<const N: usize>(
    old: [(&str, String); N],
    new: [(&str, String); N],
) -> Option<String> {
    let changed = old.into_iter().zip(new).filter(|(old, new)| old != new);
    let parts: Vec<_> =
        changed.map(|((name, old), (_, new))| format!("{name} {old} -> {new}")).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Returns the colour of `pass`, `allow` or `deny`.
pub(crate) fn verdict_colour(verdict: &str) -> Option<Colour> {
    match verdict {
        "allow" => Some(Colour::Green),
        "deny" => Some(Colour::Red),
        _ => None,
    }
}

/// Returns a cell of a table: a dash stands for nothing.
pub(crate) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// Returns the list of a match, as `list@domain` if another domain shares it.
pub(crate) fn list_cell<'a>(by: &Match<'a>) -> Cow<'a, str> {
    match by.shared_by {
        None => Cow::Borrowed(&by.list.name),
        Some(domain) => Cow::Owned(format!("{}@{domain}", by.list.name)),
    }
}

/// Returns the version of the numbering facts of an index. If this release reads calls by another
/// version, the text says to compile again.
pub(crate) fn numbering_facts(of_index: &str) -> String {
    let present = facts_version();
    let hint = format!(", this release has {present}: compile again");
    let hint = if of_index == present { "" } else { &hint };
    format!("numbering facts {}{hint}", of_index.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_display_themselves() {
        let plan = callbar::DialPlan::new("TR").unwrap();
        let texts =
            ["05050047824", "+1 212 555 0147", "112", "*67", "alice", "anonymous", "+999123"];
        let longest = callbar::E164::new(9_999_999_999_999_999_999).map(Number::E164);
        for number in texts.map(|text| plan.entry(text.as_bytes())).into_iter().chain(longest) {
            let mut out = Vec::new();
            write_number(&mut out, &number);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn other_numbering_facts_are_reported() {
        assert_eq!(
            numbering_facts(facts_version()),
            format!("numbering facts {}", facts_version())
        );
        assert!(numbering_facts("1.0.0").starts_with("numbering facts 1.0.0, this release has "));
    }
}
