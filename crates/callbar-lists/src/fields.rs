//! What a list file says of an entry besides its number: id, times, reason, source.

use std::borrow::Cow;

use callbar::{EntryId, Note};

use crate::column_names;
use crate::error::{LineError, Result};
use crate::layout::{self, Column, Hints, Layout};
use crate::records::Record;
use crate::times::Moment;

/// A field of an entry's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 24 hexadecimal digits.
    Id,
    /// When it was made.
    Created,
    /// When it ends.
    Expires,
    /// Why it is on the list.
    Reason,
    /// Where it came from.
    Source,
}

impl Field {
    const ALL: [Self; 5] = [Self::Id, Self::Created, Self::Expires, Self::Reason, Self::Source];

    /// The field of this name in a JSON object.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Created => "created",
            Self::Expires => "expires",
            Self::Reason => "reason",
            Self::Source => "source",
        }
    }

    /// Names of columns that are taken unasked, as [`column_names::fold`] leaves them; the first name that
    /// there is wins.
    fn usual(self) -> &'static [&'static str] {
        match self {
            // A column of this name mostly counts rows, but for an export's.
            Self::Id => &["id"],
            Self::Created => &["created", "createdat"],
            Self::Expires => &column_names::EXPIRES,
            Self::Reason => &column_names::REASON,
            Self::Source => &["source"],
        }
    }

    /// The parameter that names its column.
    fn parameter(self) -> &'static str {
        match self {
            Self::Id => "id-column",
            Self::Created => "created-column",
            Self::Expires => "expires-column",
            Self::Reason => "reason-column",
            Self::Source => "source-column",
        }
    }
}

/// The CSV columns of fields, where they are named; else they are found by their usual names, all but
/// the id.
#[derive(Clone, Debug, Default)]
pub struct FieldColumns {
    /// Of ids, 24 hexadecimal digits each.
    pub id: Option<Column>,
    /// Of times at which entries were made.
    pub created: Option<Column>,
    /// Of times at which entries end.
    pub expires: Option<Column>,
    /// Of reasons.
    pub reason: Option<Column>,
    /// Of sources.
    pub source: Option<Column>,
}

impl FieldColumns {
    fn column(&self, field: Field) -> Option<&Column> {
        match field {
            Field::Id => self.id.as_ref(),
            Field::Created => self.created.as_ref(),
            Field::Expires => self.expires.as_ref(),
            Field::Reason => self.reason.as_ref(),
            Field::Source => self.source.as_ref(),
        }
    }

    /// The columns of the fields in a file. What was found by its name, and what is not used, becomes
    /// a note of the layout.
    pub(crate) fn find(
        &self,
        file: &str,
        layout: &mut Layout,
        hints: Hints<'_>,
    ) -> Result<Columns> {
        let mut columns = Vec::new();
        for field in Field::ALL {
            let given = self.column(field);
            if given.is_some() {
                let hints = Hints { column: given, parameter: field.parameter(), ..hints };
                columns.push((field, layout::find(file, &layout.names, hints)?));
            } else if let Some(column) = usual(field, layout).filter(|_| hints.header) {
                let (name, field_name) = (layout.names[column].clone(), field.as_str());
                layout
                    .notes
                    .push(format!("column {} {name:?} of {file}: {field_name}", column + 1));
                columns.push((field, column));
            }
        }
        if let Some(unused) = unused(layout, &columns).filter(|_| hints.header) {
            layout.notes.push(format!("columns not used of {file}: {unused}"));
        }
        Ok(Columns(columns))
    }
}

/// The columns with a name that hold neither numbers nor metadata.
fn unused(layout: &Layout, columns: &[(Field, usize)]) -> Option<String> {
    const SHOWN: usize = 20;
    let is_used = |at: usize| at == layout.column || columns.iter().any(|&(_, used)| used == at);
    let columns = layout.names.iter().enumerate();
    let unused = columns.filter(|&(at, name)| !name.is_empty() && !is_used(at));
    let names: Vec<_> = unused.map(|(_, name)| format!("{name:?}")).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = names[..names.len().min(SHOWN)].join(", ");
    (!names.is_empty()).then(|| shown + &more)
}

fn usual(field: Field, layout: &Layout) -> Option<usize> {
    let folded: Vec<_> = layout.names.iter().map(|name| column_names::fold(name)).collect();
    let is_export = folded.iter().any(|name| name == "canonical");
    if field == Field::Id && !is_export {
        return None;
    }
    let mut found = field.usual().iter().filter_map(|usual| {
        folded.iter().enumerate().position(|(at, name)| at != layout.column && name == usual)
    });
    found.next()
}

/// Which columns of a CSV file hold metadata.
#[derive(Debug, Default)]
pub struct Columns(Vec<(Field, usize)>);

impl Columns {
    /// What a record says of its entry.
    pub(crate) fn read<'r>(&self, record: &Record<'r>) -> Result<LineNote<'r>, LineError> {
        let mut note = LineNote::default();
        for &(field, column) in &self.0 {
            if let Some(cell) = record.field(column) {
                note.set(field, String::from_utf8_lossy(cell))?;
            }
        }
        Ok(note)
    }
}

/// What a line says of its entry: a [`Note`] that may own its strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineNote<'b> {
    id: Option<EntryId>,
    created: Option<u64>,
    expires: Option<u64>,
    reason: Option<Cow<'b, str>>,
    source: Option<Cow<'b, str>>,
}

impl<'b> LineNote<'b> {
    /// Takes a field. A blank text and `null` say nothing.
    ///
    /// # Errors
    /// [`LineError::Id`], [`LineError::Time`].
    pub fn set(&mut self, field: Field, text: Cow<'b, str>) -> Result<(), LineError> {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null") {
            return Ok(());
        }
        match field {
            Field::Id => {
                let id = EntryId::parse(trimmed);
                self.id = Some(id.ok_or(LineError::Id)?);
            }
            Field::Created => self.created = Moment::parse(trimmed)?.map(Moment::start),
            Field::Expires => self.expires = Moment::parse(trimmed)?.map(Moment::end),
            Field::Reason => self.reason = Some(text),
            Field::Source => self.source = Some(text),
        }
        Ok(())
    }

    /// Whether the line says nothing but its number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same, with strings of its own.
    #[must_use]
    pub fn into_owned(self) -> LineNote<'static> {
        let own = |text: Option<Cow<'b, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        let Self { id, created, expires, reason, source } = self;
        LineNote { id, created, expires, reason: own(reason), source: own(source) }
    }

    /// When its entry ends.
    #[must_use]
    pub fn expires(&self) -> Option<u64> {
        self.expires
    }

    /// The same as the engine takes it.
    #[must_use]
    pub fn as_note(&self) -> Note<'_> {
        Note {
            id: self.id,
            created: self.created,
            expires: self.expires,
            reason: self.reason.as_deref(),
            source: self.source.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Records;
    use crate::times::TimeError;

    const ID: &str = "54f78cdf66f6b64200000018";

    #[test]
    fn a_record_gives_what_its_columns_hold() {
        let columns = Columns(vec![(Field::Id, 1), (Field::Expires, 2), (Field::Reason, 3)]);
        let read = |row: &str| {
            let mut records = Records::new(row.as_bytes(), b',');
            let note = columns.read(&records.next().unwrap())?;
            let Note { id, expires, reason, .. } = note.as_note();
            Ok((id.map(|id| id.to_string()), expires, reason.map(str::to_owned)))
        };
        let row = format!("0505,{ID},1790000100,\"a, b\"");
        let expected = (Some(ID.to_owned()), Some(1_790_000_100), Some("a, b".to_owned()));
        assert_eq!(read(&row), Ok(expected));
        assert_eq!(read("0505,NULL,,null"), Ok((None, None, None)));
        assert_eq!(read("0505"), Ok((None, None, None)));
        assert_eq!(read("0505,7,,"), Err(LineError::Id));
        assert_eq!(read("0505,,soon,"), Err(LineError::Time(TimeError::Unreadable)));
    }
}
