//! Which entry decides: precedence, among a domain's own lists and those shared with it.
//!
//! The rules of precedence are told at [`Verdict`]; here they are one traversal, [`visit`], which
//! shows all entries that hold a number, longest first. A check takes the first, an explanation all.

use std::ops::ControlFlow;

use super::clock::Clock;
use super::filter::Hashed;
use super::stack::{Layer, Stack};
use super::verdict::{Action, List, Match, Verdict};
use super::visit::{Hit, Now, Question, Visitor, visit};
use crate::Number;

/// The verdict of a stack and of the shared stacks behind it.
#[inline]
pub(crate) fn check<'a, L: Layer>(
    own: Stack<'a, L>,
    shared: impl Iterator<Item = Stack<'a, L>> + Clone,
    clock: &Clock,
    number: &Number,
) -> Verdict<'a> {
    if let Number::E164(number) = number {
        let number = Hashed::of(number.get());
        if !own.maybe(number) && !any(shared.clone(), number) {
            return Verdict::Pass;
        }
    }
    decide(own.layers(), shared.map(Stack::layers), clock, number)
}

/// Whether one of these stacks may have a word on the number.
#[inline]
fn any<'a, L: Layer + 'a>(stacks: impl Iterator<Item = Stack<'a, L>>, number: Hashed) -> bool {
    for stack in stacks {
        if stack.maybe(number) {
            return true;
        }
    }
    false
}

#[inline(never)]
pub(super) fn decide<'a, L: Layer>(
    own: &'a [L],
    shared: impl Iterator<Item = &'a [L]>,
    clock: &Clock,
    number: &Number,
) -> Verdict<'a> {
    let Some(head) = own.first().map(Layer::index) else { return Verdict::Pass };
    let now = Now::of(clock);
    let mut question =
        Question { number, class: head.plan().class(number), shared: false, now: &now };
    let verdict = if let Some(hit) = best(own, &question) {
        Verdict::of(hit.into_match(None))
    } else {
        question.shared = true;
        best_shared(shared, &question).map_or(Verdict::Pass, Verdict::of)
    };
    let exempt =
        verdict.is_deny() && head.settings().emergency_exempt && head.plan().is_emergency(number);
    if exempt { Verdict::Pass } else { verdict }
}

impl<'a> Hit<'a> {
    fn into_match(self, shared_by: Option<&'a str>) -> Match<'a> {
        Match { list: self.of, entry: self.entry, shared_by, note: self.note }
    }
}

/// The entry that decides in one stack.
fn best<'a, L: Layer>(stack: &'a [L], question: &Question<'_>) -> Option<Hit<'a>> {
    let mut best = Best(None);
    let _ = visit(stack, question, &mut best);
    best.0
}

/// Keeps the first in order among the longest.
struct Best<'a>(Option<Hit<'a>>);

impl<'a> Visitor<'a> for Best<'a> {
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

/// The same over shared stacks, of which the first counts more only where all else is equal.
fn best_shared<'a, L: Layer + 'a>(
    stacks: impl Iterator<Item = &'a [L]>,
    question: &Question<'_>,
) -> Option<Match<'a>> {
    let strength = |hit: &Hit<'_>| (hit.rank, hit.of.action == Action::Allow);
    let mut best_hit: Option<(Hit<'a>, &'a str)> = None;
    for stack in stacks {
        let Some(hit) = best(stack, question) else { continue };
        if best_hit.as_ref().is_none_or(|(best, _)| strength(&hit) > strength(best)) {
            best_hit = Some((hit, stack.first()?.index().domain()));
        }
    }
    best_hit.map(|(hit, domain)| hit.into_match(Some(domain)))
}

/// Whether the list of this name holds the number; `None` if there is no such list.
pub(crate) fn check_list<L: Layer>(
    stack: &[L],
    clock: &Clock,
    list: &str,
    number: &Number,
) -> Option<bool> {
    let head = stack.first()?.index();
    let list = head.list_named(list)?;
    let now = Now::of(clock);
    let class = head.plan().class(number);
    let question = Question { number, class, shared: false, now: &now };
    let found = visit(stack, &question, &mut |hit: Hit<'_>| {
        if hit.list == list { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    Some(found.is_break())
}

/// The lists that hold the number, in the order of their creation. Each is a look-up of its own, so
/// that nothing need be kept: the cost grows with their number squared, and nothing is allocated.
pub(crate) fn lists_of<'a, L: Layer>(
    stack: &'a [L],
    clock: &Clock,
    number: &Number,
) -> impl Iterator<Item = &'a List> + use<'a, L> {
    let (number, clock) = (number.clone(), clock.clone());
    let class = stack.first().and_then(|head| head.index().plan().class(&number));
    let mut from = 0;
    std::iter::from_fn(move || {
        let now = Now::of(&clock);
        let mut next: Option<(u32, &'a List)> = None;
        let question = Question { number: &number, class, shared: false, now: &now };
        let _ = visit(stack, &question, &mut |hit: Hit<'a>| {
            if hit.list >= from && next.is_none_or(|(list, _)| hit.list < list) {
                next = Some((hit.list, hit.of));
            }
            ControlFlow::Continue(())
        });
        let (list, of) = next?;
        from = list + 1;
        Some(of)
    })
}
