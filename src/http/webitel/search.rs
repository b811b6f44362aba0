//! What a search finds.
//!
//! Pages in the order of time are found by their number, however deep. Pages in the order of numbers
//! have to be walked up to; so they end at the [`MOST`]-th entry, and a deeper one is refused.

use serde::Serialize;

use super::super::bare::is_live;
use super::error::Refused;
use super::params::{MOST, Page, Sort};
use crate::index::canonical;
use crate::manager::{Manager, PlanSpec};
use crate::store::{Direction, Made, Reader, StoredDomain, StoredEntry, StoredList};
use crate::{Action, EntryId, Result};

/// What is looked for in a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// The list; all of them if none is named.
    pub(super) list: Option<String>,
    pub(super) wanted: Wanted,
    pub(super) sort: Sort,
    pub(super) page: Page,
    pub(super) columns: Columns,
}

/// Which entries are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    /// This number, in whatever form it is written.
    Number(String),
    /// Those that begin so, as they were written.
    Prefix(String),
    /// The one of this id.
    Id(EntryId),
    Nothing,
}

impl Wanted {
    /// Both at once.
    ///
    /// # Errors
    /// 400 if that is more than one condition.
    pub(super) fn and(self, other: Self) -> Result<Self, Refused> {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Ok(Self::Nothing),
            (Self::All, other) | (other, Self::All) => Ok(other),
            _ => Err(Refused::bad_request("Bad request: search by one of _id and number.")),
        }
    }
}

/// Which members an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the answer, shown or not")]
pub(super) struct Columns {
    pub(super) id: bool,
    pub(super) number: bool,
    pub(super) name: bool,
    pub(super) domain: bool,
}

impl Columns {
    /// Those of these names.
    pub(super) fn by(is_shown: impl Fn(&str) -> bool) -> Self {
        let [id, number, name, domain] = ["_id", "number", "name", "domain"].map(is_shown);
        Self { id, number, name, domain }
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self::by(|_| true)
    }
}

/// An entry as clients see it.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(super) struct Document {
    #[serde(rename = "_id", skip_serializing_if = "Option::is_none")]
    id: Option<EntryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
}

/// An entry, and which of the lists it is on.
type Found = (usize, StoredEntry);

/// Finds entries of a domain; none if there is no such domain or list.
///
/// # Errors
/// 400 for a page that would have to be walked too far for; those of the store.
pub(super) fn run(
    manager: &Manager,
    domain: &str,
    search: &Search,
) -> Result<Vec<Document>, Refused> {
    if search.wanted == Wanted::Nothing {
        return Ok(Vec::new());
    }
    let now = manager.now();
    manager.store().read(|reader| {
        let Some(domain) = reader.domain(domain)? else { return Ok(Ok(Vec::new())) };
        let lists = lists(reader, &domain, search.list.as_deref())?;
        let found = match &search.wanted {
            Wanted::Number(number) => match key(&domain, number)? {
                Some(key) => Ok(cut(search.page, with_key(reader, &lists, &key)?)),
                // What cannot be on a list is on none.
                None => Ok(Vec::new()),
            },
            Wanted::Id(id) => Ok(cut(search.page, with_id(reader, &domain, &lists, *id)?)),
            _ => in_order(reader, &lists, search)?,
        };
        Ok(found.map(|found| {
            let live = found.into_iter().filter(|(_, entry)| is_live(entry, now));
            let document = |(at, entry)| document(search.columns, &domain, &lists[at], entry);
            live.map(document).collect()
        }))
    })?
}

/// The lists that are looked at, the newest first.
pub(super) fn lists(
    reader: &Reader<'_>,
    domain: &StoredDomain,
    name: Option<&str>,
) -> Result<Vec<StoredList>> {
    if let Some(name) = name {
        return Ok(reader.list(domain.row, name)?.into_iter().collect());
    }
    let mut lists = reader.lists(domain.row)?;
    lists.sort_by_key(|list| std::cmp::Reverse((list.created, list.row)));
    Ok(lists)
}

/// What a number is filed under, by the domain's dial plan.
fn key(domain: &StoredDomain, number: &str) -> Result<Option<String>> {
    let plan = PlanSpec::from_json(&domain.plan)?.dial_plan()?;
    Ok(canonical(number.as_bytes(), &plan, Action::Allow, true).ok())
}

fn document(
    columns: Columns,
    domain: &StoredDomain,
    list: &StoredList,
    entry: StoredEntry,
) -> Document {
    Document {
        id: columns.id.then_some(entry.id),
        number: columns.number.then_some(entry.number),
        name: columns.name.then(|| list.name.clone()),
        domain: columns.domain.then(|| domain.name.clone()),
    }
}

fn with_key(reader: &Reader<'_>, lists: &[StoredList], key: &str) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        found.extend(reader.entry(list.row, key)?.map(|entry| (at, entry)));
    }
    Ok(found)
}

fn with_id(
    reader: &Reader<'_>,
    domain: &StoredDomain,
    lists: &[StoredList],
    id: EntryId,
) -> Result<Vec<Found>> {
    let found = reader.entry_of_id(domain.row, id)?.and_then(|(row, entry)| {
        let at = lists.iter().position(|list| list.row == row)?;
        Some((at, entry))
    });
    Ok(found.into_iter().collect())
}

/// A page of all entries, or of those that begin so.
fn in_order(
    reader: &Reader<'_>,
    lists: &[StoredList],
    search: &Search,
) -> Result<Result<Vec<Found>, Refused>> {
    let Search { ref wanted, sort, page, .. } = *search;
    let prefix = match wanted {
        Wanted::Prefix(prefix) => prefix.as_str(),
        _ => "",
    };
    let direction =
        |ascending| if ascending { Direction::Ascending } else { Direction::Descending };
    let end = page.offset.saturating_add(page.limit.into());
    match sort {
        Sort::Any | Sort::Made { ascending: false } if prefix.is_empty() => {
            by_time(reader, lists, Direction::Descending, page).map(Ok)
        }
        Sort::Made { ascending: true } if prefix.is_empty() => {
            by_time(reader, lists, Direction::Ascending, page).map(Ok)
        }
        Sort::Made { ascending } => {
            let mut found = by_number(reader, lists, prefix, Direction::Ascending, MOST + 1)?;
            if found.len() > MOST as usize {
                return Ok(Err(too_far("name more of its first digits")));
            }
            found.sort_by_key(|(_, entry)| entry.place());
            if !ascending {
                found.reverse();
            }
            Ok(Ok(cut(page, found)))
        }
        _ if end > MOST.into() => Ok(Err(too_far("or name the first digits"))),
        Sort::Any => {
            let found = by_number(reader, lists, prefix, Direction::Ascending, end as u32)?;
            Ok(Ok(cut(page, found)))
        }
        Sort::Number { .. } if lists.len() > 1 => {
            let info = "Bad request: an order by number needs the name of a list.";
            Ok(Err(Refused::bad_request(info)))
        }
        Sort::Number { ascending } => {
            let found = by_number(reader, lists, prefix, direction(ascending), end as u32)?;
            Ok(Ok(cut(page, found)))
        }
    }
}

fn too_far(remedy: &str) -> Refused {
    let info =
        format!("Bad request: pages by number end with entry {MOST}; order by _id, {remedy}.");
    Refused::bad_request(info)
}

/// A page of all entries, list after list.
fn by_time(
    reader: &Reader<'_>,
    lists: &[StoredList],
    direction: Direction,
    page: Page,
) -> Result<Vec<Found>> {
    let (mut offset, mut room) = (page.offset, page.limit);
    let mut found = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        if offset >= list.entries {
            offset -= list.entries;
            continue;
        }
        let entries = reader.page(list.row, &Made::default(), direction, offset, room)?;
        offset = 0;
        room -= entries.len() as u32;
        found.extend(entries.into_iter().map(|entry| (at, entry)));
        if room == 0 {
            break;
        }
    }
    Ok(found)
}

/// The first entries that begin so, list after list.
fn by_number(
    reader: &Reader<'_>,
    lists: &[StoredList],
    prefix: &str,
    direction: Direction,
    most: u32,
) -> Result<Vec<Found>> {
    let mut found: Vec<Found> = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        let room = most - found.len() as u32;
        if room == 0 {
            break;
        }
        let entries = reader.by_number(list.row, prefix, direction, None, room)?;
        found.extend(entries.into_iter().map(|entry| (at, entry)));
    }
    Ok(found)
}

/// A page of what was found.
fn cut(page: Page, found: Vec<Found>) -> Vec<Found> {
    let offset = usize::try_from(page.offset).unwrap_or(usize::MAX);
    found.into_iter().skip(offset).take(page.limit as usize).collect()
}
