//! The rules of precedence over the model, by scanning every entry of every list.

use callbar::{Action, Note, Number};

use super::answer::{Answer, Held, NAMES};
use super::entry::{Asked, Entry, Length};
use super::model::Domain;

/// Emergency numbers of the regions that the model dials in, and forms of them with the calling
/// code; libphonenumber's `ShortNumberMetadata`, and 112 and 911 everywhere (3GPP TS 22.101).
const EMERGENCY: [(&str, &[&str]); 2] = [
    (
        "TR",
        &["110", "112", "155", "911", "+90110", "+90112", "+90155", "+90911", "urn:service:sos"],
    ),
    ("US", &["112", "911", "+1112", "+1911", "urn:service:sos"]),
];

/// Texts that dial one of every region in the context of a calling code, be it a foreign one.
const EMERGENCY_ELSEWHERE: [&str; 2] = ["tel:112;phone-context=+90", "tel:112;phone-context=+49"];

/// An entry that holds the number, with all that precedence looks at.
struct Match<'m> {
    length: Length,
    /// The place of the domain among those subscribed to.
    stack: usize,
    list: usize,
    domain: &'m Domain,
    entry: &'m Entry,
    note: Note<'static>,
}

impl Match<'_> {
    fn action(&self) -> Action {
        self.domain.lists[self.list].action
    }

    /// Reports whether this comes before `other`: the longer, then allow, then the domain subscribed to
    /// first, then the older list, then the lesser text.
    fn is_before(&self, other: &Self) -> bool {
        if self.length != other.length {
            return self.length > other.length;
        }
        if self.action() != other.action() {
            return self.action() == Action::Allow;
        }
        if self.stack != other.stack {
            return self.stack < other.stack;
        }
        if self.list != other.list {
            return self.list < other.list;
        }
        self.entry.text() < other.entry.text()
    }

    fn held(&self, shared: bool, won: bool) -> Held {
        Held {
            shared,
            domain: self.domain.name.to_owned(),
            list: self.domain.lists[self.list].name.to_owned(),
            action: self.action(),
            entry: self.entry.text(),
            kind: self.entry.kind(),
            digits: match self.length {
                Length::Digits(digits) => Some(digits),
                Length::Class | Length::Exact => None,
            },
            won,
            note: self.note,
        }
    }

    fn response(&self, shared: bool) -> u16 {
        match self.domain.lists[self.list].response {
            Some(response) => response.code(),
            None if *self.entry == Entry::Class("anonymous") => 433,
            None if shared => 608,
            None => 603,
        }
    }
}

/// All entries of these domains that hold the number at `now`, in order of precedence.
fn matches<'m>(stacks: &[&'m Domain], asked: &Asked, now: u64) -> Vec<Match<'m>> {
    let mut matches: Vec<Match<'m>> = Vec::new();
    for (stack, domain) in stacks.iter().enumerate() {
        for (place, list) in domain.lists.iter().enumerate() {
            for (entry, note) in &list.entries {
                let is_live = note.expires.is_none_or(|expires| now < expires);
                if let Some(length) = entry.holds(asked).filter(|_| is_live) {
                    let found = Match { length, stack, list: place, domain, entry, note: *note };
                    let at = matches.iter().position(|other| found.is_before(other));
                    matches.insert(at.unwrap_or(matches.len()), found);
                }
            }
        }
    }
    matches
}

/// A number in the eyes of another domain, which knows no local number and no user of ours.
fn by_another(asked: Asked) -> Asked {
    let is_global = matches!(asked.number, Number::E164(_) | Number::Unassigned(_));
    let number = if is_global { asked.number } else { Number::Anonymous };
    Asked { number, digits: asked.digits.filter(|_| is_global), class: asked.class }
}

/// The answer of the domain called `name` to a call that presents `text` at `now`.
pub(crate) fn judge(domains: &[Domain], name: &str, text: &str, now: u64) -> Answer {
    let find = |name: &str| domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name));
    let domain = find(name).expect("a domain of the model");
    let asked = Asked::about(&domain.plan, domain.plan.number(text.as_bytes()));
    let subscribed: Vec<&Domain> =
        domain.settings.subscriptions.iter().filter_map(|name| find(name)).collect();
    let own = matches(&[domain], &asked, now);
    let canonical = asked.number.to_string();
    let class = asked.class;
    let shared = matches(&subscribed, &by_another(asked), now);

    let emergency = EMERGENCY.iter().any(|(region, numbers)| {
        *region == domain.plan.region() && numbers.contains(&canonical.as_str())
    }) || EMERGENCY_ELSEWHERE.contains(&text);
    let first = own.first().map(|first| (first, false));
    let first = first.or(shared.first().map(|first| (first, true)));
    let is_exempt = emergency && domain.settings.emergency_exempt;
    let decided = first.filter(|(first, _)| first.action() == Action::Allow || !is_exempt);
    let denied = decided.filter(|(by, _)| by.action() == Action::Deny);

    let won = |at: usize, among: bool| at == 0 && decided.is_some_and(|(_, from)| from == among);
    let own_held = own.iter().enumerate().map(|(at, one)| one.held(false, won(at, false)));
    let shared_held = shared.iter().enumerate().map(|(at, one)| one.held(true, won(at, true)));
    Answer {
        number: canonical,
        class,
        emergency,
        verdict: match decided {
            None => "pass",
            Some(_) if denied.is_some() => "deny",
            Some(_) => "allow",
        },
        decided_by: decided.map(|(by, is_shared)| {
            let list = by.domain.lists[by.list].name.to_owned();
            let shared_by = is_shared.then(|| by.domain.name.to_owned());
            (list, by.entry.text(), by.note, shared_by)
        }),
        response: denied.map(|(by, is_shared)| by.response(is_shared)),
        matches: own_held.chain(shared_held).collect(),
        on: NAMES.map(|name| is_on(domain, &own, name)).to_vec(),
        lists_of: {
            let names = domain.lists.iter().map(|list| list.name);
            let on = names.filter(|name| is_on(domain, &own, name) == Some(true));
            on.map(str::to_owned).collect()
        },
    }
}

/// Reports whether one of the matches is on the list of this name; `None` if there is no such list.
fn is_on(domain: &Domain, own: &[Match<'_>], name: &str) -> Option<bool> {
    let list = domain.lists.iter().position(|list| list.name == name)?;
    Some(own.iter().any(|found| found.list == list))
}
