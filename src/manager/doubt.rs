//! Entries that a list takes and that may not do what their writer expects: told, never refused.

use crate::index::shown;
use crate::store::StoredDomain;
use crate::{Action, DialPlan};

/// How the keys of users of SIP URIs begin.
const USERS: &str = "N";
/// The longest number that is an emergency number behind its calling code, with its plus.
const LONGEST: usize = "+99999999".len();

/// What may be wrong with entries of a list.
#[derive(Debug)]
pub(super) struct Doubts {
    /// Whether it would bar emergency numbers, but for the domain's exemption of them.
    exempts: bool,
    emergency: Doubt,
    users: Doubt,
}

/// How many, and the first of them.
#[derive(Debug, Default)]
struct Doubt {
    count: u64,
    first: String,
}

impl Doubts {
    /// None yet, of a list that says this in such a domain.
    pub(super) fn new(domain: &StoredDomain, action: Action) -> Self {
        let exempts = domain.emergency_exempt && action == Action::Deny;
        Self { exempts, emergency: Doubt::default(), users: Doubt::default() }
    }

    /// Looks at an entry by its key.
    pub(super) fn look(&mut self, plan: &DialPlan, key: &str) {
        if key.starts_with(USERS) {
            self.users.add(key);
        } else if self.exempts && is_emergency(plan, key) {
            self.emergency.add(key);
        }
    }

    /// What to tell of them.
    pub(super) fn into_warnings(self) -> Vec<String> {
        let remedy = "the domain's emergency_exempt (--bar-emergency) changes that";
        let emergency = self.emergency.told("emergency number of the region, never barred", remedy);
        let remedy = "correct it if a telephone number is meant";
        let users = self.users.told("user of a SIP URI and no telephone number", remedy);
        emergency.into_iter().chain(users).collect()
    }
}

impl Doubt {
    fn add(&mut self, key: &str) {
        if self.count == 0 {
            shown(key).clone_into(&mut self.first);
        }
        self.count += 1;
    }

    fn told(&self, what: &str, remedy: &str) -> Option<String> {
        let Self { count, first } = self;
        match count {
            0 => None,
            1 => Some(format!("{first:?} is taken as: {what}; {remedy}")),
            _ => Some(format!(
                "{count} entries (such as {first:?}) are each taken as: {what}; {remedy}"
            )),
        }
    }
}

fn is_emergency(plan: &DialPlan, key: &str) -> bool {
    let may_be = key.starts_with(['L', 'S', 'U']) || key.len() <= LONGEST && key.starts_with('+');
    may_be && plan.is_emergency(&plan.entry(shown(key).as_bytes()))
}
