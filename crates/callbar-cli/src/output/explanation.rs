//! Writes an [`Explanation`] or a [`CallExplanation`] as text for people.

use std::io::{Result, Write};

use callbar::{CallExplanation, Explanation, MatchedEntry, MatchedLayer, Note, Question};

use super::terminal::{Paint, printable};
use super::words::verdict_colour;

/// Appends the questions about a call, in order, each with its readings.
pub(crate) fn write_call(
    explanation: &CallExplanation<'_>,
    paint: Paint,
    out: &mut Vec<u8>,
) -> Result<()> {
    for (at, asked) in (1..).zip(&explanation.questions) {
        writeln!(out, "{at}. {}: {}", title(asked.question), shown(&asked.written))?;
        for (at, explanation) in (1..).zip(&asked.readings) {
            if asked.readings.len() > 1 {
                writeln!(out, "  reading    {at}")?;
            }
            reading(explanation, paint, out)?;
        }
        let answer = paint.paint(asked.answer, verdict_colour(asked.answer));
        writeln!(out, "  answer     {answer}")?;
    }
    Ok(())
}

/// Returns the title of a question.
fn title(question: Question) -> &'static str {
    match question {
        Question::Exempt => "emergency call",
        Question::Asserted => "asserted identity",
        Question::RemoteParty => "Remote-Party-ID",
        Question::From => "From",
        Question::Privacy => "withheld identity",
        Question::Callee => "callee",
        _ => "another question",
    }
}

fn shown(written: &str) -> String {
    if written.is_empty() { "(nothing)".into() } else { printable(written) }
}

/// Appends an explanation, as lines.
pub(crate) fn write(explanation: &Explanation<'_>, paint: Paint, out: &mut Vec<u8>) -> Result<()> {
    writeln!(out, "{}", shown(&explanation.written))?;
    reading(explanation, paint, out)?;
    for (at, shared) in explanation.missing.iter().enumerate() {
        let label = if at == 0 { "missing" } else { "" };
        writeln!(
            out,
            "  {label:<9}  {}: a subscribed domain that is not loaded",
            printable(shared)
        )?;
    }
    Ok(())
}

/// Writes how a text was read, and which entries match it.
fn reading(explanation: &Explanation<'_>, paint: Paint, out: &mut Vec<u8>) -> Result<()> {
    let Explanation { number, tag, emergency, verdict, why, .. } = explanation;
    writeln!(out, "  number     {} ({tag})", printable(number))?;
    for (at, step) in explanation.steps.iter().enumerate() {
        let label = if at == 0 { "read by" } else { "" };
        // The name of a step as words: `trunk prefix`.
        writeln!(
            out,
            "  {label:<9}  {:<24} {}",
            step.step.as_str().replace('_', " "),
            printable(&step.value)
        )?;
    }
    if let Some(class) = explanation.class {
        writeln!(out, "  class      {class}")?;
    }
    writeln!(out, "  emergency  {}", if *emergency { "yes" } else { "no" })?;
    if explanation.matches.is_empty() {
        writeln!(out, "  matches    none")?;
    }
    for (at, matched) in explanation.matches.iter().enumerate() {
        let label = if at == 0 { "matches" } else { "" };
        write!(out, "  {label:<9}  {}. ", at + 1)?;
        one_match(matched, out)?;
    }
    writeln!(out, "  verdict    {}: {why}", paint.paint(verdict, verdict_colour(verdict)))?;
    if let Some(response) = explanation.response {
        writeln!(out, "  response   {} {}", response.code(), response.phrase())?;
    }
    Ok(())
}

fn one_match(matched: &MatchedEntry<'_>, out: &mut Vec<u8>) -> Result<()> {
    const INDENT: &str = "                ";
    let MatchedEntry { layer, domain, list, action, entry, digits, won, why, note } = matched;
    let kind = entry.kind();
    let entry = entry.to_string();
    write!(out, "{action} list {}", printable(list))?;
    if *layer == MatchedLayer::Shared {
        write!(out, " shared by {}", printable(domain))?;
    }
    write!(out, ": {} ({kind}", printable(&entry))?;
    if let Some(digits) = digits {
        write!(out, ", {digits} digit{}", if *digits == 1 { "" } else { "s" })?;
    }
    writeln!(out, ")")?;
    // The reason of an entry that did not win says so by itself.
    let word = if *won { "won: " } else { "" };
    writeln!(out, "{INDENT}{word}{why}")?;
    note.iter().flat_map(facts).try_for_each(|fact| writeln!(out, "{INDENT}{fact}"))
}

/// Returns the facts of a note, one a line.
fn facts(note: &Note<'_>) -> Vec<String> {
    let Note { id, created, expires, reason, source } = note;
    let facts = [
        ("id", id.map(|id| id.to_string())),
        ("created", created.map(callbar_lists::display_time)),
        ("expires", expires.map(callbar_lists::display_time)),
        ("reason", reason.map(printable)),
        ("source", source.map(printable)),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some(format!("{name} {}", fact?))).collect()
}
