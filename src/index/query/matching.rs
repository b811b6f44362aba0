//! Which entry decides: precedence among a domain's own lists and those shared with it.
//!
//! [`Verdict`] documents the rules of precedence. Here they are one traversal, [`visit`], which shows all
//! entries that hold a number, longest first. A check takes the first, an explanation all.

use std::ops::ControlFlow;

use super::clock::{Clock, Now};
use super::layers::{AsIndex, DomainLists, Stack};
use super::verdict::{Match, Verdict};
use super::visit::{Hit, Search, Visitor, visit};
use crate::index::list::{Action, List};
use crate::number::{Class, Party, host_of, is_zeros};
use crate::{DialPlan, E164, Number, Text, index::format::filter::HashedNumber};

/// A number to look up, with its host and its party.
#[derive(Clone, Copy)]
pub(crate) struct Lookup<'q> {
    pub(crate) number: &'q Number,
    /// The host that it was written with, or empty.
    pub(crate) host: &'q [u8],
    /// Whose number it is, if that is known.
    pub(crate) party: Option<Party>,
}

impl<'q> Lookup<'q> {
    /// A number without a host.
    #[inline]
    pub(crate) fn from_number(number: &'q Number) -> Self {
        Self { number, host: &[], party: None }
    }

    /// A number that was read from a text, which may name a host.
    pub(crate) fn from_text(number: &'q Number, text: &'q [u8]) -> Self {
        Self { number, host: host_of(text), party: None }
    }

    /// Reports whether the number is all zeros, which gateways send for a number that they do not have.
    #[inline]
    fn is_zeros(&self) -> bool {
        matches!(self.number, Number::E164(number) if is_zeros(*number))
    }

    /// The class of the number. A text that stands for a withheld caller is no valid callee.
    fn class(&self, plan: &DialPlan) -> Option<Class> {
        match (plan.class(self.number), self.party) {
            (Some(Class::Anonymous), Some(Party::Callee)) => Some(Class::Invalid),
            (None, Some(Party::Caller)) if self.is_zeros() => Some(Class::Anonymous),
            (class, _) => class,
        }
    }

    pub(super) fn search(&self, plan: &DialPlan, now: &'q Now<'q>) -> Search<'q> {
        let Self { number, host, .. } = *self;
        Search { number, host, class: self.class(plan), shared: false, now }
    }

    /// Reports whether the number is an emergency number, and not known to be the caller's.
    pub(super) fn is_emergency(&self, plan: &DialPlan) -> bool {
        self.party != Some(Party::Caller) && plan.is_emergency(self.number)
    }
}

impl<'a, L: AsIndex + 'a, S: Iterator<Item = Stack<'a, L>> + Clone> DomainLists<'a, L, S> {
    /// The verdict of a domain's own lists and of the shared ones behind them.
    #[inline]
    pub(crate) fn look_up(self, lookup: Lookup<'_>) -> Verdict<'a> {
        let Self { own, shared, clock } = self;
        if let Number::E164(number) = lookup.number {
            let number = HashedNumber::new(number.get());
            let has_class = lookup.party == Some(Party::Caller) && lookup.is_zeros();
            if !own.maybe(number) && !any(shared.clone(), number) && !has_class {
                return Verdict::Pass;
            }
        }
        decide(own.layers(), shared.map(Stack::layers), clock, lookup)
    }

    /// Reports whether the list of this name holds the number; `None` if there is no such list.
    #[inline]
    pub(crate) fn check_list(self, list: &str, text: &[u8]) -> Option<bool> {
        let stack = self.own.layers();
        let head = stack.first()?.index();
        let list = head.list_named(list)?;
        let number = head.plan().number(text);
        let now = Now::new(self.clock);
        let search = Lookup::from_text(&number, text).search(head.plan(), &now);
        let found = visit(stack, &search, &mut |hit: Hit<'_>| {
            if hit.list_index == list { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        Some(found.is_break())
    }
}

/// How many numbers a [`Pending`] holds.
pub(crate) const PENDING: usize = 6;

/// Numbers that will be looked up in a stack: their lines of the filter are on the way.
pub(crate) struct Pending<'a, L> {
    own: Stack<'a, L>,
    count: usize,
    numbers: [HashedNumber; PENDING],
}

impl<'a, L: AsIndex + 'a> Pending<'a, L> {
    #[inline]
    pub(crate) fn new(own: Stack<'a, L>) -> Self {
        Self { own, count: 0, numbers: [HashedNumber::new(0); PENDING] }
    }

    /// Adds a number, unless there is no room.
    #[inline]
    pub(crate) fn push(&mut self, number: E164) {
        let number = HashedNumber::new(number.get());
        // Only the oldest layer is large; the others stay in the cache.
        if let Some(oldest) = self.own.layers().last() {
            oldest.index().filter().prefetch(number);
        }
        if let Some(place) = self.numbers.get_mut(self.count) {
            *place = number;
            self.count += 1;
        }
    }

    /// Reports whether neither this stack nor a shared one knows any of the numbers.
    #[inline]
    pub(crate) fn are_unknown(self, shared: &(impl Iterator<Item = Stack<'a, L>> + Clone)) -> bool {
        let numbers = self.numbers.iter().take(self.count);
        for &number in numbers {
            if self.own.maybe(number) || any(shared.clone(), number) {
                return false;
            }
        }
        true
    }
}

/// Reports whether one of these stacks may know the number.
#[inline]
fn any<'a, L: AsIndex + 'a>(
    stacks: impl Iterator<Item = Stack<'a, L>>,
    number: HashedNumber,
) -> bool {
    for stack in stacks {
        if stack.maybe(number) {
            return true;
        }
    }
    false
}

#[inline(never)]
pub(super) fn decide<'a, L: AsIndex>(
    own: &'a [L],
    shared: impl Iterator<Item = &'a [L]>,
    clock: &Clock,
    lookup: Lookup<'_>,
) -> Verdict<'a> {
    let Some(head) = own.first().map(AsIndex::index) else { return Verdict::Pass };
    let now = Now::new(clock);
    let mut search = lookup.search(head.plan(), &now);
    let verdict = if let Some(hit) = best(own, &search) {
        Verdict::from_match(hit.into_match(None))
    } else {
        search.shared = true;
        best_shared(shared, &search).map_or(Verdict::Pass, Verdict::from_match)
    };
    let exempt =
        verdict.is_deny() && head.settings().emergency_exempt && lookup.is_emergency(head.plan());
    if exempt { Verdict::Pass } else { verdict }
}

impl<'a> Hit<'a> {
    fn into_match(self, shared_by: Option<&'a str>) -> Match<'a> {
        Match { list: self.list, entry: self.entry, shared_by, note: self.note }
    }
}

/// The entry that decides in one stack.
fn best<'a, L: AsIndex>(stack: &'a [L], search: &Search<'_>) -> Option<Hit<'a>> {
    let mut best = BestHit(None);
    let _ = visit(stack, search, &mut best);
    best.0
}

/// Keeps the first in order among the longest.
struct BestHit<'a>(Option<Hit<'a>>);

impl<'a> Visitor<'a> for BestHit<'a> {
    fn hit(&mut self, hit: Hit<'a>) -> ControlFlow<()> {
        if self.0.as_ref().is_none_or(|best| hit.order() < best.order()) {
            self.0 = Some(hit);
        }
        ControlFlow::Continue(())
    }

    fn end_of_length(&mut self) -> ControlFlow<()> {
        if self.0.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// The entry that decides in shared stacks. The first stack comes first only where all else is equal.
fn best_shared<'a, L: AsIndex + 'a>(
    stacks: impl Iterator<Item = &'a [L]>,
    search: &Search<'_>,
) -> Option<Match<'a>> {
    let strength = |hit: &Hit<'_>| (hit.rank, hit.list.action == Action::Allow);
    let mut best_hit: Option<(Hit<'a>, &'a str)> = None;
    for stack in stacks {
        let Some(hit) = best(stack, search) else { continue };
        if best_hit.as_ref().is_none_or(|(best, _)| strength(&hit) > strength(best)) {
            best_hit = Some((hit, stack.first()?.index().domain()));
        }
    }
    best_hit.map(|(hit, domain)| hit.into_match(Some(domain)))
}

/// The lists that hold the number, in the order of their creation. Each step looks the number up again and
/// keeps nothing, so nothing is allocated; the cost grows with the square of the number of lists.
pub(crate) fn lists_of<'a, L: AsIndex>(
    stack: &'a [L],
    clock: &Clock,
    lookup: Lookup<'_>,
) -> impl Iterator<Item = &'a List> + use<'a, L> {
    let (number, clock) = (lookup.number.clone(), clock.clone());
    // No entry names a host that is longer than a text.
    let at_host = Text::new(lookup.host);
    let class = stack.first().and_then(|head| lookup.class(head.index().plan()));
    let mut from = 0;
    std::iter::from_fn(move || {
        let now = Now::new(&clock);
        let mut next: Option<(u32, &'a List)> = None;
        let host = at_host.as_ref().map_or(&[][..], Text::as_bytes);
        let search = Search { number: &number, host, class, shared: false, now: &now };
        let _ = visit(stack, &search, &mut |hit: Hit<'a>| {
            if hit.list_index >= from && next.is_none_or(|(list, _)| hit.list_index < list) {
                next = Some((hit.list_index, hit.list));
            }
            ControlFlow::Continue(())
        });
        let (list, of) = next?;
        from = list + 1;
        Some(of)
    })
}
