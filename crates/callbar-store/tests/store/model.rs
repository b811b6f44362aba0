//! Any sequence of changes, against a list that is searched from end to end.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use callbar::{EntryId, Note, Outcome};
use callbar_store::{
    Direction, EntryRow, Group, ListRow, Made, Put, Reader, Store, StoredEntry, Writer,
};
use proptest::prelude::*;

use crate::common::{DOMAIN, NOW, check_file, listed};
use crate::live::check_live;

/// One entry as it is put.
#[derive(Clone, Debug)]
struct Input {
    key: u16,
    /// Another way to write it.
    written: bool,
    id: Option<u8>,
    created: Option<u64>,
    expires: Option<u64>,
    reason: Option<u8>,
}

#[derive(Clone, Debug)]
enum Step {
    Put(Input),
    PutMany(Vec<Input>),
    /// So many entries at once, their times so many seconds apart.
    Flood {
        first: u16,
        count: u16,
        apart: u64,
    },
    /// Those with such keys.
    Remove {
        first: u16,
        count: u16,
    },
    RemoveId(u16),
    Expire(u64),
    /// What the group has changed is not to be.
    Undo,
    Reopen,
}

fn input() -> impl Strategy<Value = Input> {
    let key = prop_oneof![0..40_u16, any::<u16>()];
    let created = proptest::option::of(NOW - 5..NOW + 5);
    let some = proptest::option::weighted(0.2, 0..30_u8);
    let expires = proptest::option::weighted(0.2, NOW..NOW + 20);
    (key, any::<bool>(), some.clone(), created, expires, some).prop_map(
        |(key, written, id, created, expires, reason)| Input {
            key,
            written,
            id,
            created,
            expires,
            reason,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => input().prop_map(Step::Put),
        3 => prop::collection::vec(input(), 0..200).prop_map(Step::PutMany),
        2 => (any::<u16>(), 1..9000_u16, 0..2_u64)
            .prop_map(|(first, count, apart)| Step::Flood { first, count, apart }),
        3 => (any::<u16>(), 1..6000_u16).prop_map(|(first, count)| Step::Remove { first, count }),
        1 => any::<u16>().prop_map(Step::RemoveId),
        1 => (NOW..NOW + 20).prop_map(Step::Expire),
        1 => Just(Step::Undo),
        1 => Just(Step::Reopen),
    ]
}

fn key(number: u16) -> String {
    format!("+{number}")
}

/// An id of another system, or one that the first list gave, or will give, or would have.
fn given(number: u8) -> EntryId {
    let mut bytes = [number + 1; 12];
    if number % 2 == 1 {
        let time = (NOW - 2 + u64::from(number) % 5) as u32;
        bytes[..4].copy_from_slice(&time.to_be_bytes());
        let seq = u64::from(number / 5).pow(5);
        bytes[4..].copy_from_slice(&((1 << 40) | seq).to_be_bytes());
    }
    EntryId::new(bytes).expect("not zero")
}

/// What should be on the list, by key.
#[derive(Clone, Default)]
struct Model(BTreeMap<String, StoredEntry>);

impl Model {
    /// Puts an entry as `put` says it was, and checks what can be known of that.
    fn put(&mut self, new: &EntryRow<'_>, put: Put, now_in_store: StoredEntry, many: bool) {
        // One that has expired is none.
        let old = self.0.get(new.key).filter(|old| old.is_live(NOW));
        let created = new.note.created.or(old.map(|old| old.place().created)).unwrap_or(NOW);
        assert_eq!(now_in_store.place().created, created);
        assert_eq!(put.id, now_in_store.id());
        let note = match old {
            Some(old) if many && new.note == Note::default() => old.row().note,
            _ => Note { id: Some(put.id), created: Some(created), ..new.note },
        };
        let number = old.map_or(new.number, |old| &old.number);
        assert_eq!(now_in_store.row(), EntryRow { key: new.key, number, note });
        let others = |id| self.0.values().any(|entry| entry.key != new.key && entry.id() == id);
        assert!(!others(put.id), "an id given twice");
        match (new.note.id, old) {
            (Some(id), _) if !others(id) => assert_eq!(put.id, id),
            (_, Some(old)) => assert_eq!(put.id, old.id()),
            (_, None) => {
                assert_eq!(
                    put.id.bytes()[..4],
                    u32::try_from(created).expect("time").to_be_bytes()
                );
            }
        }
        let outcome = match old {
            None => Outcome::Added,
            Some(old) if old.row() == now_in_store.row() => Outcome::Unchanged,
            Some(_) => Outcome::Replaced,
        };
        assert_eq!(put.outcome, outcome);
        self.0.insert(new.key.to_owned(), now_in_store);
    }

    fn check(&self, reader: &Reader<'_>, list: ListRow, probe: u64) {
        let mut all: Vec<&StoredEntry> = self.0.values().collect();
        all.sort_by_key(|entry| entry.place());
        let count = all.len() as u64;
        assert_eq!(reader.list_at(list).expect("list").expect("there").entries, count);
        for made in [
            Made::default(),
            Made { from: Some(NOW), until: None },
            Made { from: Some(NOW - 2), until: Some(NOW + probe % 5000) },
            Made { from: Some(NOW + 3), until: Some(NOW) },
        ] {
            let meant = |entry: &&&StoredEntry| {
                made.from.is_none_or(|from| entry.place().created >= from)
                    && made.until.is_none_or(|until| entry.place().created < until)
            };
            let mut expected: Vec<&StoredEntry> = all.iter().filter(meant).copied().collect();
            let count = expected.len() as u64;
            assert_eq!(reader.count(list, &made).expect("count"), count, "{made:?}");
            check_live(reader, list, &made, &expected, probe);
            for direction in [Direction::Ascending, Direction::Descending] {
                for offset in [0, probe % (count + 1), count.saturating_sub(3), count] {
                    let page = reader.page(list, &made, direction, offset, 7).expect("page");
                    let from = expected.iter().skip(offset as usize);
                    assert!(from.take(7).copied().eq(&page), "{made:?} {direction:?} {offset}");
                    if let Some(last) = page.last() {
                        let after = Some(last.place());
                        let next =
                            reader.page_after(list, &made, direction, after, 5).expect("page");
                        let from = expected.iter().skip(offset as usize + page.len());
                        assert!(from.take(5).copied().eq(&next), "after {offset}");
                    }
                }
                expected.reverse();
            }
        }
        self.check_keys(reader, list, probe);
    }

    fn check_keys(&self, reader: &Reader<'_>, list: ListRow, probe: u64) {
        let prefixes = ["", "+", "+1", &format!("+{}", probe % 100), "+9", "0", "x"];
        for (prefix, after) in prefixes.into_iter().zip([None, Some(probe)].into_iter().cycle()) {
            let after = after.map(|after| (format!("0{}", after % 70_000), format!("+{after}")));
            let keys = |entry: &&StoredEntry| entry.key.starts_with(prefix);
            let numbers = |entry: &&StoredEntry| entry.number.starts_with(prefix);
            let key = after.as_ref().map(|(_, key)| key.as_str());
            let pair = after.as_ref().map(|(number, key)| (number.as_str(), key.as_str()));
            let pair_of = |entry: &StoredEntry| (entry.number.clone(), entry.key.clone());

            let mut expected: Vec<_> = self.0.values().filter(keys).collect();
            expected.retain(|entry| key.is_none_or(|key| entry.key.as_str() > key));
            let page = reader.by_key(list, prefix, Direction::Ascending, key, 9).expect("page");
            assert!(expected.iter().take(9).copied().eq(&page), "{prefix} after {key:?}");

            let mut expected: Vec<_> = self.0.values().filter(keys).rev().collect();
            expected.retain(|entry| key.is_none_or(|key| entry.key.as_str() < key));
            let page = reader.by_key(list, prefix, Direction::Descending, key, 9).expect("page");
            assert!(expected.iter().take(9).copied().eq(&page), "{prefix} before {key:?}");

            let mut expected: Vec<_> = self.0.values().filter(numbers).collect();
            expected.sort_by_key(|entry| pair_of(entry));
            expected.retain(|entry| after.as_ref().is_none_or(|after| pair_of(entry) > *after));
            let page = reader.by_number(list, prefix, Direction::Ascending, pair, 9).expect("page");
            assert!(expected.iter().take(9).copied().eq(&page), "{prefix} after {pair:?}");

            let mut expected: Vec<_> = self.0.values().filter(numbers).collect();
            expected.sort_by_key(|entry| Reverse(pair_of(entry)));
            expected.retain(|entry| after.as_ref().is_none_or(|after| pair_of(entry) < *after));
            let page =
                reader.by_number(list, prefix, Direction::Descending, pair, 9).expect("page");
            assert!(expected.iter().take(9).copied().eq(&page), "{prefix} before {pair:?}");
        }
    }

    /// All of it, both ways.
    fn check_all(&self, reader: &Reader<'_>, list: ListRow) {
        let mut rest = self.0.values();
        let each = |entry: EntryRow<'_>| {
            assert_eq!(Some(entry), rest.next().map(StoredEntry::row));
            Ok(())
        };
        reader.each_by_key(list, each).expect("all");
        assert_eq!(rest.next(), None);
        let mut all: Vec<&StoredEntry> = self.0.values().collect();
        all.sort_by_key(|entry| entry.place());
        let mut rest = all.into_iter();
        let each = |entry: EntryRow<'_>| {
            assert_eq!(Some(entry), rest.next().map(StoredEntry::row));
            Ok(())
        };
        reader.each_by_made(list, each).expect("all");
        assert_eq!(rest.next(), None);
    }
}

fn inputs(step: &Step) -> Vec<Input> {
    match step {
        Step::Put(input) => vec![input.clone()],
        Step::PutMany(inputs) => inputs.clone(),
        Step::Flood { first, count, apart } => (0..*count)
            .map(|n| Input {
                key: first.wrapping_add(n.wrapping_mul(7)),
                written: n % 2 == 0,
                id: None,
                created: (apart > &0).then(|| NOW - 2000 + u64::from(n) * apart),
                expires: None,
                reason: None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn put(group: &mut Group<'_>, list: ListRow, model: &mut Model, step: &Step) {
    let inputs = inputs(step);
    let texts: Vec<_> = inputs
        .iter()
        .map(|input| {
            let number = if input.written { format!("0{}", input.key) } else { key(input.key) };
            (key(input.key), number, input.reason.map(|reason| format!("reason {reason}")))
        })
        .collect();
    let entries: Vec<_> = inputs
        .iter()
        .zip(&texts)
        .map(|(input, (key, number, reason))| {
            let note = Note {
                id: input.id.map(given),
                created: input.created,
                expires: input.expires,
                reason: reason.as_deref(),
                source: None,
            };
            EntryRow { key, number, note }
        })
        .collect();
    if let (Step::Put(_), [new]) = (step, &entries[..]) {
        let put = group.put(list, new, NOW, &|_| true).expect("put");
        let stored = group.reader().expect("reader").entry(list, new.key).expect("entry");
        model.put(new, put, stored.expect("there"), false);
        return;
    }
    let mut puts = Vec::new();
    group
        .put_many(list, &entries, NOW, &|_| true, |index, put| puts.push((index, put)))
        .expect("put");
    assert_eq!(puts.len(), entries.len());
    puts.sort_by_key(|&(index, _)| entries[index].key);
    // Those of one key came as they were given.
    assert!(puts.is_sorted_by_key(|&(index, _)| (entries[index].key, index)));
    for (at, &(index, put)) in puts.iter().enumerate() {
        let key = entries[index].key;
        // Of entries with one key only the last can be found.
        if puts.get(at + 1).is_none_or(|&(next, _)| entries[next].key != key) {
            let stored = group.reader().expect("reader").entry(list, key).expect("entry");
            let stored = stored.expect("there");
            let twice = at > 0 && entries[puts[at - 1].0].key == key;
            if twice || inputs[index].id.is_some() {
                assert_eq!(put.id, stored.id());
                model.0.insert(key.to_owned(), stored);
            } else {
                model.put(&entries[index], put, stored, true);
            }
        }
    }
}

fn change(group: &mut Group<'_>, list: ListRow, model: &mut Model, step: &Step) {
    match *step {
        Step::Remove { first, count } => {
            for n in 0..count {
                let key = key(first.wrapping_add(n));
                assert_eq!(group.remove(list, &key).expect("remove"), model.0.remove(&key));
            }
        }
        Step::RemoveId(number) => {
            let reader = group.reader().expect("reader");
            let domain = reader.domain(DOMAIN).expect("domain").expect("there").row;
            let old = model.0.values().nth(usize::from(number) % (model.0.len() + 1)).cloned();
            let id = old.as_ref().map_or(given(200), StoredEntry::id);
            let expected = old.map(|old| (list, old));
            assert_eq!(reader.entry_of_id(domain, id).expect("entry"), expected);
            assert_eq!(group.remove_id(domain, id).expect("remove"), expected);
            expected.inspect(|(_, old)| drop(model.0.remove(&old.key)));
        }
        Step::Expire(now) => {
            let due =
                |entry: &StoredEntry| entry.note.expires.is_some_and(|expires| expires <= now);
            while {
                let expired = group.remove_expired(now, 10).expect("expire");
                for (_, key) in expired.entries {
                    assert!(model.0.remove(&key).is_some_and(|entry| due(&entry)));
                }
                expired.more
            } {}
            assert!(!model.0.values().any(due));
        }
        _ => put(group, list, model, step),
    }
}

fn run(steps: Vec<Step>) {
    let directory = tempfile::tempdir().expect("directory");
    let (mut store, mut writer, domain, list): (Store, Writer, _, _) = listed(directory.path());
    let mut model = Model::default();
    for (n, step) in steps.into_iter().enumerate() {
        if matches!(step, Step::Reopen) {
            drop(writer);
            drop(store);
            store = Store::open(directory.path()).expect("open");
            writer = store.writer().expect("writer");
        }
        let revision = |store: &Store| {
            store.read(|reader| Ok(reader.domain_at(domain)?.expect("there").revision))
        };
        let before = revision(&store).expect("read");
        let mut trial = model.clone();
        let mut group = writer.begin().expect("begin");
        change(&mut group, list, &mut trial, &step);
        if matches!(step, Step::Undo) {
            let key = key(7);
            group.remove(list, &key).expect("remove");
            group.rollback().expect("rollback");
        } else {
            let changed = model.0 != trial.0;
            model = trial;
            let revisions = group.commit().expect("commit");
            assert!(!changed || revisions.len() == 1, "a change has a revision");
            for (_, new) in revisions {
                assert!(new > before && new == revision(&store).expect("read"));
            }
        }
        let probe = (n as u64).wrapping_mul(48_271) % 70_000;
        store
            .read(|reader| {
                model.check(reader, list, probe);
                Ok(())
            })
            .expect("read");
    }
    store
        .read(|reader| {
            model.check_all(reader, list);
            Ok(())
        })
        .expect("read");
    check_file(directory.path());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_changes_come_to_what_a_plain_list_says(steps in prop::collection::vec(step(), 1..25)) {
        run(steps);
    }
}
