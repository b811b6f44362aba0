//! Entries that a list takes and that may not do what their writer expects: told, never refused.

use crate::store::StoredDomain;
use callbar::{Action, DialPlan, Doubt, shown};

/// How the keys of users of SIP URIs begin.
const USERS: &str = "N";
/// The longest number that is an emergency number behind its calling code, with its plus.
const LONGEST: usize = "+99999999".len();

/// What may be wrong with entries of a list.
#[derive(Debug)]
pub(super) struct Doubts {
    /// Whether it would bar emergency numbers, but for the domain's exemption of them.
    exempts: bool,
    emergency: Told,
    beginnings: Told,
    odd: Told,
    users: Told,
}

/// How many, and the first of them.
#[derive(Debug, Default)]
struct Told {
    count: u64,
    first: String,
}

impl Doubts {
    /// None yet, of a list that says this in such a domain.
    pub(super) fn new(domain: &StoredDomain, action: Action) -> Self {
        let exempts = domain.emergency_exempt && action == Action::Deny;
        let [emergency, beginnings, odd, users] = [(); 4].map(|()| Told::default());
        Self { exempts, emergency, beginnings, odd, users }
    }

    /// Looks at an entry by its key.
    pub(super) fn look(&mut self, plan: &DialPlan, key: &str) {
        if key.starts_with(USERS) {
            self.users.add(key);
            return;
        }
        match doubt(plan, key) {
            Some(Doubt::Emergency) if self.exempts => self.emergency.add(key),
            Some(Doubt::Beginning) => self.beginnings.add(key),
            Some(Doubt::Odd) => self.odd.add(key),
            _ => {}
        }
    }

    /// What to tell of them.
    pub(super) fn into_warnings(self) -> Vec<String> {
        let remedy = "the domain's emergency_exempt (--bar-emergency) changes that";
        let emergency = self.emergency.told("emergency number of the region, never barred", remedy);
        let remedy = "put * behind it if all that begins so is meant";
        let beginnings = self.beginnings.told("number too short to be called", remedy);
        let remedy = "is an area code missing, or a digit too many?";
        let odd = self.odd.told("number that is dialled so, and none of the region", remedy);
        let remedy = "correct it if a telephone number is meant";
        let users = self.users.told("user of a SIP URI and no telephone number", remedy);
        [emergency, beginnings, odd, users].into_iter().flatten().collect()
    }
}

impl Told {
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

fn doubt(plan: &DialPlan, key: &str) -> Option<Doubt> {
    let may_be = key.starts_with(['L', 'S', 'U']) || key.len() <= LONGEST && key.starts_with('+');
    if may_be { plan.doubt(&plan.entry(shown(key).as_bytes())) } else { None }
}
