//! The model: lists as vectors, changed as an operator would by hand.

use callbar::{Action, DialPlan, E164, Note, Number, Outcome, Response, Settings};

use super::entry::Entry;

/// A domain.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    pub(crate) name: &'static str,
    pub(crate) plan: DialPlan,
    pub(crate) settings: Settings,
    /// In the order of their creation.
    pub(crate) lists: Vec<List>,
}

#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) name: &'static str,
    pub(crate) action: Action,
    pub(crate) response: Option<Response>,
    pub(crate) entries: Vec<(Entry, Note<'static>)>,
}

/// A whole domain as it is compiled.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) settings: Settings,
    pub(crate) lists: Vec<(&'static str, Action, Option<Response>)>,
    /// The place of a list in `lists`, counted round its end; an entry as written; its note.
    pub(crate) entries: Vec<(usize, String, Note<'static>)>,
    /// Whether its first list has the [`bulk`] besides: a layer of its own once it is changed.
    pub(crate) is_large: bool,
}

/// A change, as [`callbar::Change`] has it.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Add { list: &'static str, entry: String, note: Note<'static>, allow_broad: bool },
    Remove { list: &'static str, entry: String },
    List { name: &'static str, action: Action, response: Option<Response> },
    Drop { name: &'static str },
    Settings(Settings),
}

/// More numbers than the newest layer of a domain takes before it is set aside, from one on.
pub(crate) fn bulk(from: u32) -> impl Iterator<Item = u64> {
    (from..from + 2_100).map(|n| 905_310_000_000 + u64::from(n))
}

impl Base {
    /// The list that an entry goes to.
    pub(crate) fn list(&self, place: usize) -> usize {
        place % self.lists.len()
    }
}

impl Domain {
    /// What a compiler makes of `base`, and which of its entries it refuses.
    pub(crate) fn compiled(name: &'static str, plan: &DialPlan, base: &Base) -> (Self, Vec<usize>) {
        let list = |&(name, action, response)| List { name, action, response, entries: Vec::new() };
        let lists: Vec<List> = base.lists.iter().map(list).collect();
        let mut domain = Self { name, plan: plan.clone(), settings: base.settings.clone(), lists };
        if base.is_large {
            let number = |n| (Entry::Exact(Number::E164(E164::new(n).unwrap())), Note::default());
            domain.lists[0].entries.extend(bulk(0).map(number));
        }
        let mut refused = Vec::new();
        for (line, (place, text, _)) in base.entries.iter().enumerate() {
            let list = &mut domain.lists[base.list(*place)];
            match Entry::read(plan, text, list.action == Action::Allow) {
                None => refused.push(line),
                Some(entry) if list.entries.iter().any(|(there, _)| *there == entry) => {}
                Some(entry) => {
                    let note = base.note(plan, *place, &entry);
                    list.entries.push((entry, note));
                }
            }
        }
        (domain, refused)
    }

    /// Makes all changes, or none if one is refused.
    pub(crate) fn change(&mut self, changes: &[Change]) -> Option<Vec<Outcome>> {
        let mut next = self.clone();
        let outcomes: Option<_> = changes.iter().map(|change| next.one(change)).collect();
        if outcomes.is_some() {
            *self = next;
        }
        outcomes
    }

    fn one(&mut self, change: &Change) -> Option<Outcome> {
        match change {
            Change::Add { list, entry, note, allow_broad } => {
                let plan = self.plan.clone();
                let list = self.list(list)?;
                let may_be_broad = *allow_broad || list.action == Action::Allow;
                let entry = Entry::read(&plan, entry, may_be_broad)?;
                Some(match list.entries.iter_mut().find(|(there, _)| *there == entry) {
                    None => {
                        list.entries.push((entry, *note));
                        Outcome::Added
                    }
                    Some((_, there)) if there == note => Outcome::Unchanged,
                    Some((_, there)) => {
                        *there = *note;
                        Outcome::Replaced
                    }
                })
            }
            Change::Remove { list, entry } => {
                let plan = self.plan.clone();
                let list = self.list(list)?;
                let entry = Entry::read(&plan, entry, true)?;
                let place = list.entries.iter().position(|(there, _)| *there == entry);
                place.map(|place| list.entries.remove(place));
                Some(if place.is_some() { Outcome::Removed } else { Outcome::Absent })
            }
            &Change::List { name, action, response } => {
                let Some(list) = self.list(name) else {
                    self.lists.push(List { name, action, response, entries: Vec::new() });
                    return Some(Outcome::Added);
                };
                let same = (list.action, list.response) == (action, response);
                (list.action, list.response) = (action, response);
                Some(if same { Outcome::Unchanged } else { Outcome::Replaced })
            }
            Change::Drop { name } => {
                let place = self.lists.iter().position(|list| list.name == *name)?;
                self.lists.remove(place);
                Some(Outcome::Removed)
            }
            Change::Settings(settings) => {
                let same = self.settings == *settings;
                self.settings = settings.clone();
                Some(if same { Outcome::Unchanged } else { Outcome::Replaced })
            }
        }
    }

    fn list(&mut self, name: &str) -> Option<&mut List> {
        self.lists.iter_mut().find(|list| list.name == name)
    }
}

impl Base {
    /// Of several notes for an entry the last; without expiry if it is written without one too.
    fn note(&self, plan: &DialPlan, place: usize, entry: &Entry) -> Note<'static> {
        let mut last = Note::default();
        let mut is_for_good = false;
        for (other, text, note) in &self.entries {
            let is_it = self.list(*other) == self.list(place)
                && Entry::read(plan, text, true).as_ref() == Some(entry);
            is_for_good |= is_it && note.expires.is_none();
            if is_it && *note != Note::default() {
                last = *note;
            }
        }
        Note { expires: last.expires.filter(|_| !is_for_good), ..last }
    }
}
