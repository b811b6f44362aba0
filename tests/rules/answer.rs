//! All that can be asked about one call, answered by the library in a form that compares.

use callbar::{Action, Explanation, List, MatchedEntry, MatchedLayer, Note, Verdict};

/// The names that lists may have.
pub(crate) const NAMES: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) number: String,
    pub(crate) class: Option<&'static str>,
    pub(crate) emergency: bool,
    pub(crate) verdict: &'static str,
    /// What the verdict says of the match that decided, the last the domain that shares it.
    pub(crate) decided_by: Option<(String, String, Note<'static>, Option<String>)>,
    pub(crate) response: Option<u16>,
    pub(crate) matches: Vec<Held>,
    /// Whether each list of [`NAMES`] holds the number; `None` if it does not exist.
    pub(crate) on: Vec<Option<bool>>,
    pub(crate) lists_of: Vec<String>,
}

/// One entry that holds the number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) shared: bool,
    pub(crate) domain: String,
    pub(crate) list: String,
    pub(crate) action: Action,
    pub(crate) entry: String,
    pub(crate) kind: &'static str,
    pub(crate) digits: Option<usize>,
    pub(crate) won: bool,
    pub(crate) note: Note<'static>,
}

impl Answer {
    pub(crate) fn new<'a>(
        explanation: &Explanation<'_>,
        verdict: &Verdict<'_>,
        on: [Option<bool>; NAMES.len()],
        lists_of: impl Iterator<Item = &'a List>,
    ) -> Self {
        assert_eq!(explanation.verdict, verdict.as_str());
        assert_eq!(explanation.response, verdict.response());
        let decided_by = verdict.decided_by().map(|by| {
            let note = by.note.as_ref().map(kept).unwrap_or_default();
            (by.list.name.clone(), by.entry.to_string(), note, by.shared_by.map(str::to_owned))
        });
        Self {
            number: explanation.number.clone(),
            class: explanation.class.map(callbar::Class::as_str),
            emergency: explanation.emergency,
            verdict: verdict.as_str(),
            decided_by,
            response: verdict.response().map(callbar::Response::code),
            matches: explanation.matches.iter().map(Held::new).collect(),
            on: on.to_vec(),
            lists_of: lists_of.map(|list| list.name.clone()).collect(),
        }
    }
}

impl Held {
    fn new(matched: &MatchedEntry<'_>) -> Self {
        Self {
            shared: matched.layer == MatchedLayer::Shared,
            domain: matched.domain.to_owned(),
            list: matched.list.to_owned(),
            action: matched.action,
            entry: matched.entry.to_string(),
            kind: matched.entry.kind(),
            digits: matched.digits.map(usize::from),
            won: matched.won,
            note: matched.note.as_ref().map(kept).unwrap_or_default(),
        }
    }
}

/// The reasons that notes may state.
pub(crate) const REASONS: [&str; 2] = ["complaint 4711", "h\u{f6}r auf"];

/// The note, without its borrows: no note at all is the empty one.
fn kept(note: &Note<'_>) -> Note<'static> {
    let known = |text: &str| {
        *REASONS.iter().find(|reason| **reason == text).expect("a reason of the generator")
    };
    Note {
        id: note.id,
        created: note.created,
        expires: note.expires,
        reason: note.reason.map(known),
        source: note.source.map(known),
    }
}
