//! Explains a verdict: every entry that holds the number, in order of precedence.

use std::{cmp::Reverse, ops::ControlFlow};

use serde::Serialize;

use super::clock::{Clock, Now};
use super::layers::{AsIndex, DomainLists, Stack};
use super::matching::{Lookup, decide};
use super::verdict::Entry;
use super::visit::{Hit, Search, visit};
use crate::index::list::{Action, Response};
use crate::index::note::Note;
use crate::number::{Class, Step, Tag, words};

/// How the verdict on what a call presents comes about.
///
/// # Examples
/// ```
/// use callbar::Engine;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let snapshot = Engine::open(data)?.snapshot();
/// let explained = snapshot.domain("my.example")?.explain("0505 004 78 24");
/// println!("{} is {}: {} ({})", explained.written, explained.number, explained.verdict, explained.why);
/// for by in &explained.matches {
///     println!("{} on {} {}: {}", by.entry, by.layer, by.list, by.why);
/// }
/// assert_eq!((explained.verdict, explained.matches.len()), ("deny", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation<'a> {
    /// The domain that was asked.
    pub domain: &'a str,
    /// What the call presents; bytes that are not UTF-8 replaced.
    pub written: String,
    /// The canonical form.
    pub number: String,
    /// The tag of the canonical form.
    pub tag: Tag,
    /// How the canonical form was reached, in order.
    pub steps: Vec<Step>,
    /// The class of the number, if it has one.
    pub class: Option<Class>,
    /// Whether the number is an emergency number of the domain's region.
    pub emergency: bool,
    /// `pass`, `allow` or `deny`: the answer of a check.
    pub verdict: &'static str,
    /// Why, in a few words.
    pub why: &'static str,
    /// Every entry that holds the number: the domain's own before those of shared lists, each by
    /// precedence. The first decides, unless an emergency number passes in spite of it.
    pub matches: Vec<MatchedEntry<'a>>,
    /// The SIP response to recommend for a barred call.
    pub response: Option<Response>,
    /// The domains subscribed to that do not exist, so that their lists were not looked at. Empty for one
    /// index by itself, which knows no other domain.
    pub missing: Vec<&'a str>,
}

/// An entry that holds the number.
///
/// # Examples
/// ```
/// use callbar::{Action, Engine, MatchedLayer};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let snapshot = Engine::open(data)?.snapshot();
/// let explained = snapshot.domain("my.example")?.explain("0505 004 78 24");
/// let by = &explained.matches[0];
/// assert_eq!((by.layer, by.domain, by.list), (MatchedLayer::Own, "my.example", "spam"));
/// assert_eq!((by.action, by.entry.kind(), by.digits), (Action::Deny, "exact", None));
/// assert_eq!((by.won, by.why), (true, "an exact entry is the longest"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchedEntry<'a> {
    /// Whether the list is the domain's own or a shared one.
    pub layer: MatchedLayer,
    /// The domain whose list it is on.
    pub domain: &'a str,
    /// The list.
    pub list: &'a str,
    /// The action of the list.
    pub action: Action,
    /// The entry, in canonical form, and its kind.
    #[serde(flatten)]
    pub entry: Entry<'a>,
    /// How many digits a pattern fixes: its length in the order of precedence.
    pub digits: Option<u8>,
    /// Whether it decided.
    pub won: bool,
    /// Why it did or did not.
    pub why: &'static str,
    /// The metadata of the entry.
    pub note: Option<Note<'a>>,
}

words! {
    /// Whose list an entry is on.
    ///
    /// # Examples
    /// ```
    /// use callbar::MatchedLayer;
    ///
    /// assert_eq!(MatchedLayer::Own.to_string(), "own");
    /// assert_eq!("shared".parse(), Ok(MatchedLayer::Shared));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum MatchedLayer {
        /// One of the domain itself.
        Own = "own",
        /// One that another domain shares.
        Shared = "shared",
    }
}

impl<'a, L: AsIndex + 'a, S: Iterator<Item = Stack<'a, L>> + Clone> DomainLists<'a, L, S> {
    /// Explains the verdict on a text that was read already, by these steps.
    pub(crate) fn explain_lookup(
        self,
        text: &[u8],
        lookup: Lookup<'_>,
        steps: Vec<Step>,
    ) -> Explanation<'a> {
        let (own, shared) = (self.own.layers(), self.shared.map(Stack::layers));
        let head = own[0].index();
        // The verdict and its explanation use the same second.
        let second = self.clock.now();
        let clock = Clock::from_fn(move || second);
        let now = Now::new(&clock);
        let mut search = lookup.search(head.plan(), &now);
        let class = search.class;
        let mut matches = in_order([own].into_iter(), MatchedLayer::Own, &search);
        search.shared = true;
        matches.extend(in_order(shared.clone(), MatchedLayer::Shared, &search));
        let emergency = lookup.is_emergency(head.plan());
        let verdict = decide(own, shared, &clock, lookup);
        let is_barred = matches.first().is_some_and(|first| first.action == Action::Deny);
        let exempt = emergency && head.settings().emergency_exempt && is_barred;
        explain_matches(&mut matches, exempt);
        Explanation {
            domain: head.domain(),
            written: String::from_utf8_lossy(text).into_owned(),
            number: lookup.number.to_string(),
            tag: lookup.number.tag(),
            steps,
            class,
            emergency,
            verdict: verdict.as_str(),
            why: match matches.first() {
                None => "no entry of any list holds the number",
                Some(_) if exempt => "emergency numbers of the region are never barred",
                Some(first) => first.why,
            },
            response: verdict.response(),
            missing: Vec::new(),
            matches,
        }
    }
}

/// The matches of stacks in order of precedence, among equals the earlier stack first.
fn in_order<'a, L: AsIndex + 'a>(
    stacks: impl Iterator<Item = &'a [L]>,
    layer: MatchedLayer,
    search: &Search<'_>,
) -> Vec<MatchedEntry<'a>> {
    let mut hits: Vec<(usize, &'a str, Hit<'a>)> = Vec::new();
    for (at, stack) in stacks.enumerate() {
        let Some(head) = stack.first().map(AsIndex::index) else { continue };
        let _ = visit(stack, search, &mut |hit: Hit<'a>| {
            hits.push((at, head.domain(), hit));
            ControlFlow::Continue(())
        });
    }
    // The longest first.
    hits.sort_by_key(|(at, _, hit)| {
        (Reverse(hit.rank), hit.list.action == Action::Deny, *at, hit.order())
    });
    let matched = |(_, domain, hit): (usize, &'a str, Hit<'a>)| MatchedEntry {
        layer,
        domain,
        list: &hit.list.name,
        action: hit.list.action,
        digits: hit.digits(),
        entry: hit.entry,
        won: false,
        why: "",
        note: hit.note,
    };
    hits.into_iter().map(matched).collect()
}

/// Notes for each match why it decided or what overrode it.
fn explain_matches(matches: &mut [MatchedEntry<'_>], exempt: bool) {
    let Some((first, others)) = matches.split_first_mut() else { return };
    first.won = !exempt;
    first.why = match (exempt, &first.entry, first.layer) {
        (true, ..) => "overridden: emergency numbers are never barred",
        (false, _, MatchedLayer::Shared) => {
            "no own list holds the number, and no shared entry is longer"
        }
        (false, Entry::Number(_), _) => "an exact entry is the longest",
        (false, Entry::Pattern(_), _) => "no longer entry holds the number",
        (false, Entry::Class(_), _) => "only its class is listed",
    };
    for other in others {
        other.why = if exempt {
            "overridden: emergency numbers are never barred"
        } else if other.layer != first.layer {
            "overridden: own lists come before shared ones"
        } else if length(other) != length(first) || is_at_host(first, other) {
            "overridden: a longer entry holds the number"
        } else if other.action != first.action {
            "overridden: allow beats deny among entries of one length"
        } else if other.domain != first.domain {
            "overridden: a domain subscribed to earlier has an entry of the same length and action"
        } else if other.list != first.list {
            "overridden: an older list has an entry of the same length"
        } else {
            "overridden: an entry of the same length comes before it in the order of texts"
        };
    }
}

/// Reports whether both are numbers: then one of them names the host too.
fn is_at_host(first: &MatchedEntry<'_>, other: &MatchedEntry<'_>) -> bool {
    matches!((&first.entry, &other.entry), (Entry::Number(one), Entry::Number(two)) if one != two)
}

fn length(matched: &MatchedEntry<'_>) -> (bool, Option<u8>) {
    (matches!(matched.entry, Entry::Number(_)), matched.digits)
}
