//! Decodes rows into records. The columns are in the order of `sql.rs`.

use rusqlite::Row;

use super::connection::{known, optional_uint, uint};
use super::{
    AuditRecord, Credential, CredentialRow, DomainRow, EntryRef, ListRow, Place, StoredDomain,
    StoredEntry, StoredList, entry_ids,
};
use callbar::{Action, EntryId, Note, Response};

/// A domain, still without its subscriptions.
pub(super) fn domain(row: &Row<'_>) -> rusqlite::Result<StoredDomain> {
    Ok(StoredDomain {
        row: DomainRow::new(row.get(0)?),
        name: row.get(1)?,
        plan: row.get(2)?,
        emergency_exempt: row.get(3)?,
        subscriptions: Vec::new(),
        description: row.get(4)?,
        created: uint(row, 5)?,
        revision: uint(row, 6)?,
    })
}

pub(super) fn list(row: &Row<'_>) -> rusqlite::Result<StoredList> {
    let code: Option<u16> = row.get(4)?;
    let response = code.map(|code| known(4, Response::from_code(code))).transpose()?;
    Ok(StoredList {
        row: ListRow::new(row.get(0)?),
        domain: DomainRow::new(row.get(1)?),
        name: row.get(2)?,
        action: if row.get(3)? { Action::Allow } else { Action::Deny },
        response,
        description: row.get(5)?,
        created: uint(row, 6)?,
        entries: uint(row, 7)?,
    })
}

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    let EntryRef { key, number, note } = borrowed(row)?;
    let place = Place { created: uint(row, 3)?, seq: uint(row, 4)? };
    Ok(StoredEntry { key: key.to_owned(), number: number.to_owned(), note: note.into(), place })
}

/// An entry that borrows from the row.
pub(super) fn borrowed<'r>(row: &'r Row<'_>) -> rusqlite::Result<EntryRef<'r>> {
    let note = Note {
        id: Some(id(row)?),
        created: Some(uint(row, 3)?),
        expires: optional_uint(row, 5)?,
        reason: row.get_ref(6)?.as_str_or_null()?,
        source: row.get_ref(7)?.as_str_or_null()?,
    };
    Ok(EntryRef { key: row.get_ref(0)?.as_str()?, number: row.get_ref(1)?.as_str()?, note })
}

fn id(row: &Row<'_>) -> rusqlite::Result<EntryId> {
    let given: Option<[u8; 12]> = row.get(2)?;
    let id = if let Some(given) = given {
        EntryId::new(given)
    } else {
        let place = Place { created: uint(row, 3)?, seq: uint(row, 4)? };
        entry_ids::from_place(ListRow::new(row.get(8)?), place)
    };
    known(2, id)
}

pub(super) fn credential(row: &Row<'_>) -> rusqlite::Result<Credential> {
    let kind: String = row.get(1)?;
    let role: String = row.get(7)?;
    let domain: Option<i64> = row.get(5)?;
    Ok(Credential {
        row: CredentialRow::new(row.get(0)?),
        kind: known(1, kind.parse().ok())?,
        key: row.get(2)?,
        secret: row.get(3)?,
        salt: row.get(4)?,
        domain: domain.map(DomainRow::new),
        list: row.get(6)?,
        role: known(7, role.parse().ok())?,
        label: row.get(8)?,
        created: uint(row, 9)?,
        revoked: optional_uint(row, 10)?,
    })
}

pub(super) fn audit(row: &Row<'_>) -> rusqlite::Result<AuditRecord> {
    Ok(AuditRecord {
        id: uint(row, 0)?,
        at: uint(row, 1)?,
        who: row.get(2)?,
        what: row.get(3)?,
        domain: row.get(4)?,
        list: row.get(5)?,
        subject: row.get(6)?,
        detail: row.get(7)?,
    })
}
