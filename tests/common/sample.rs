//! An index that holds some of everything, and all the questions there are: what damage is done to,
//! and what nothing may panic at afterwards.

use callbar::{
    Action, Compiler, DialPlan, E164, EntryId, Index, Note, Number, Response, Settings, Verdict,
    WrittenEntry,
};

/// Numbers that fill one block in each of the shapes a block can have.
const BLOCKS: [(u64, u64); 4] =
    [(90_505_000, 20), (90_505_001, 60), (90_505_002, 300), (1_212_555, 1_300)];
/// Every other kind of entry: local, service, user, unassigned; prefixes, ranges, wildcards, three
/// of them under one prefix and some local ones; the classes.
const TEXTS: [&str; 22] = [
    "112",
    "1001",
    "*67",
    "#31#",
    "alice",
    "bob.smith",
    "+99912345",
    "+0123",
    "12345",
    "+90532*",
    "+905320000000-+905329999999",
    "+90532XXXXXXX",
    "+90533-+90535",
    "+1X99XXXXXXX",
    "+9992*",
    "12*",
    "1000-1019",
    "2XX0",
    "anonymous",
    "invalid",
    "unassigned",
    "short",
];
/// What calls present besides: numbers that the patterns and classes hold.
const CALLS: [&str; 6] =
    ["+905321234567", "+905341234567", "+12991234567", "+9992345", "1234", "2020"];

/// All of [`BLOCKS`].
pub(crate) fn numbers() -> impl Iterator<Item = u64> {
    let block = |(block, count): (u64, u64)| (0..count).map(move |i| block * 10_000 + i * 7);
    BLOCKS.into_iter().flat_map(block)
}

/// Notes of all shapes, and none for every second entry.
fn note(line: usize) -> Note<'static> {
    let on = |bit: usize| line % 2 == 1 && (line / 2) >> bit & 1 == 1;
    Note {
        id: on(0).then(|| EntryId::new([7; 12]).unwrap()),
        created: on(1).then_some(1_700_000_000),
        expires: on(2).then_some(4_000_000_000),
        reason: on(0).then_some("complaint 4711"),
        source: on(1).then_some("import"),
    }
}

/// An index with every kind of entry and note, settings, four lists of both actions, and a filter.
pub(crate) fn sample() -> Vec<u8> {
    let mut compiler = Compiler::new("my.example", DialPlan::new("TR").unwrap()).unwrap();
    let subscriptions = vec!["shared.example".to_owned()];
    compiler.set_settings(Settings { emergency_exempt: true, subscriptions }).unwrap();
    for (list, action) in
        [Action::Deny, Action::Allow, Action::Deny, Action::Deny].iter().enumerate()
    {
        let mut filled = compiler.list(&format!("list {list}"), *action).unwrap();
        filled.set_response((list == 3).then_some(Response::Unwanted));
        let step = list as u64 + 1;
        let some = numbers().filter(|number| number.is_multiple_of(step));
        let some: Vec<_> = some.map(|number| E164::new(number).unwrap()).collect();
        filled.extend_e164(&some);
        let texts = TEXTS.iter().skip(list * 2).enumerate();
        let noted = texts.map(|(at, text)| WrittenEntry::from(text).with_note(note(at + list)));
        assert_eq!(filled.extend(noted), []);
        let numbers = ["+905050000007", "+905050000014", "+905050020021"].iter().enumerate();
        let noted = numbers.map(|(at, text)| WrittenEntry::from(text).with_note(note(2 * at + 3)));
        assert_eq!(filled.extend(noted), []);
    }
    compiler.finish().unwrap().bytes
}

/// Asks an index everything there is to ask; the answers may be anything.
pub(crate) fn ask(index: &Index<&[u8]>) {
    let _ = (index.domain(), index.plan(), index.settings(), index.lists().count(), index.stats());
    let listed = numbers().step_by(83).flat_map(|number| [number, number + 1]);
    let extremes = [10, u64::MAX / 2, 9_999_999_999_999_999_999];
    for number in listed.chain(extremes).map(|number| Number::E164(E164::new(number).unwrap())) {
        let _ = index.check_number(&number);
        let _ = index.lists_of_number(&number).count();
    }
    let texts = || TEXTS.into_iter().chain(CALLS);
    let mut verdicts = [const { Verdict::Pass }; TEXTS.len() + CALLS.len()];
    index.check_batch(&texts().collect::<Vec<_>>(), &mut verdicts);
    for text in texts() {
        let _ = index.check_list("list 1", text);
        let _ = index.lists_of(text).count();
    }
    for text in CALLS {
        let _ = index.explain(text);
    }
}
