//! Finds the entries of a search.
//!
//! A page in the order of time is found by its number, however deep it is. A page in the order of numbers has to
//! be walked up to. So these pages end at the [`MOST`]-th entry, and a deeper one is refused.

use serde::Serialize;

use super::error::WebitelError;
use super::params::{MOST, PageBounds, Sort};
use callbar::{EntryId, EntryKey};
use callbar_store::{
    CreatedRange, Direction, ListRow, Manager, Reader, Result, StoredDomain, StoredEntry,
    StoredList,
};

/// A search in a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// The list; `None` for all lists.
    pub(super) list: Option<String>,
    pub(super) condition: Condition,
    pub(super) sort: Sort,
    pub(super) page: PageBounds,
    pub(super) columns: Columns,
}

/// The entries to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    All,
    /// This number, in any written form.
    Number(String),
    /// The entries whose written form begins so.
    Prefix(String),
    /// The entry of this id.
    Id(EntryId),
    Nothing,
}

impl Condition {
    /// Both conditions at once.
    ///
    /// # Errors
    /// 400 if both name an entry.
    pub(super) fn and(self, other: Self) -> Result<Self, WebitelError> {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Ok(Self::Nothing),
            (Self::All, other) | (other, Self::All) => Ok(other),
            _ => Err(WebitelError::bad_request("Bad request: search by one of _id and number.")),
        }
    }
}

/// The members of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the answer, shown or hidden"
)]
pub(super) struct Columns {
    pub(super) id: bool,
    pub(super) number: bool,
    pub(super) name: bool,
    pub(super) domain: bool,
}

impl Columns {
    /// The members whose names `is_shown` accepts.
    pub(super) fn new(is_shown: impl Fn(&str) -> bool) -> Self {
        let [id, number, name, domain] = ["_id", "number", "name", "domain"].map(is_shown);
        Self { id, number, name, domain }
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self::new(|_| true)
    }
}

/// An entry as answers show it.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Document {
    #[serde(rename = "_id", skip_serializing_if = "Option::is_none")]
    id: Option<EntryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
}

/// An entry, and the place of its list among the lists of the search.
type EntryOnList = (usize, StoredEntry);

/// Finds entries of a domain; none if there is no such domain or list.
///
/// # Errors
/// 400 for a page that is too deep; those of the store.
pub(super) fn run(
    manager: &Manager,
    domain: &str,
    search: &Search,
) -> Result<Vec<Document>, WebitelError> {
    if search.condition == Condition::Nothing {
        return Ok(Vec::new());
    }
    let now = manager.now();
    manager.store().read(|reader| {
        let Some(domain) = reader.domain(domain)? else { return Ok(Ok(Vec::new())) };
        let lists = lists(reader, &domain, search.list.as_deref())?;
        let found = match &search.condition {
            Condition::Number(number) => match key(&domain, number)? {
                Some(key) => {
                    let found = on_each(&lists, now, |list| reader.entry(list, &key))?;
                    Ok(cut(search.page, found))
                }
                // A text that cannot be an entry is on no list.
                None => Ok(Vec::new()),
            },
            Condition::Id(id) => {
                let found = on_each(&lists, now, |list| reader.entry_with_id(list, *id))?;
                Ok(cut(search.page, found))
            }
            _ => in_order(reader, &lists, search, now)?,
        };
        let columns = search.columns;
        let document = |(at, entry): EntryOnList| Document {
            id: columns.id.then_some(entry.id()),
            number: columns.number.then_some(entry.number),
            name: columns.name.then(|| lists[at].name.clone()),
            domain: columns.domain.then(|| domain.name.clone()),
        };
        Ok(found.map(|found| found.into_iter().map(document).collect()))
    })?
}

/// The lists of a search, the newest first.
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

/// The key that a number is filed under, by the dial plan of the domain.
fn key(domain: &StoredDomain, number: &str) -> Result<Option<String>> {
    let plan = domain.dial_plan()?;
    Ok(EntryKey::parse(number.as_bytes(), &plan).ok().map(|key| key.to_stored()))
}

/// Calls `find` on each of the lists, and keeps the entries that have not expired.
fn on_each(
    lists: &[StoredList],
    now: u64,
    find: impl Fn(ListRow) -> Result<Option<StoredEntry>>,
) -> Result<Vec<EntryOnList>> {
    let mut found = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        let live = find(list.row)?.filter(|entry| entry.is_live(now));
        found.extend(live.map(|entry| (at, entry)));
    }
    Ok(found)
}

/// A page of all entries, or of those with a prefix.
fn in_order(
    reader: &Reader<'_>,
    lists: &[StoredList],
    search: &Search,
    now: u64,
) -> Result<Result<Vec<EntryOnList>, WebitelError>> {
    let Search { ref condition, sort, page, .. } = *search;
    let prefix = match condition {
        Condition::Prefix(prefix) => prefix.as_str(),
        _ => "",
    };
    let ascending = match sort {
        Sort::Any => !prefix.is_empty(),
        Sort::Created { ascending } | Sort::Number { ascending } => ascending,
    };
    let direction = if ascending { Direction::Ascending } else { Direction::Descending };
    let end = page.offset.saturating_add(page.limit.into());
    match sort {
        Sort::Any | Sort::Created { .. } if prefix.is_empty() => {
            by_time(reader, lists, direction, page, now).map(Ok)
        }
        Sort::Created { .. } => {
            let up = Direction::Ascending;
            let mut found = by_number(reader, lists, prefix, up, MOST + 1, now)?;
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
        Sort::Number { .. } if lists.len() > 1 => {
            let info = "Bad request: an order by number needs the name of a list.";
            Ok(Err(WebitelError::bad_request(info)))
        }
        Sort::Any | Sort::Number { .. } => {
            let found = by_number(reader, lists, prefix, direction, end as u32, now)?;
            Ok(Ok(cut(page, found)))
        }
    }
}

fn too_far(remedy: &str) -> WebitelError {
    let info =
        format!("Bad request: pages by number end with entry {MOST}; order by _id, {remedy}.");
    WebitelError::bad_request(info)
}

/// A page of all entries, list after list.
fn by_time(
    reader: &Reader<'_>,
    lists: &[StoredList],
    direction: Direction,
    page: PageBounds,
    now: u64,
) -> Result<Vec<EntryOnList>> {
    let (mut offset, mut room) = (page.offset, page.limit);
    let expired = reader.expired(now)?;
    let mut found = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        let live = list.entries - expired.get(&list.row).unwrap_or(&0);
        if offset >= live {
            offset -= live;
            continue;
        }
        let made = CreatedRange::default();
        let entries = reader.live_page(list.row, &made, direction, offset, room, now)?;
        offset = 0;
        room -= entries.len() as u32;
        found.extend(entries.into_iter().map(|entry| (at, entry)));
        if room == 0 {
            break;
        }
    }
    Ok(found)
}

/// The first entries with a prefix, list after list.
fn by_number(
    reader: &Reader<'_>,
    lists: &[StoredList],
    prefix: &str,
    direction: Direction,
    most: u32,
    now: u64,
) -> Result<Vec<EntryOnList>> {
    let mut found: Vec<EntryOnList> = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        let room = most - found.len() as u32;
        if room == 0 {
            break;
        }
        let entries = reader.live_by_number(list.row, prefix, direction, room, now)?;
        found.extend(entries.into_iter().map(|entry| (at, entry)));
    }
    Ok(found)
}

/// Cuts a page out of the entries.
fn cut(page: PageBounds, found: Vec<EntryOnList>) -> Vec<EntryOnList> {
    let offset = usize::try_from(page.offset).unwrap_or(usize::MAX);
    found.into_iter().skip(offset).take(page.limit as usize).collect()
}
