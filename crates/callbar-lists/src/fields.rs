//! The entry of a line in a list file, and its metadata: id, times, reason, source.

use std::borrow::Cow;

use callbar::{EntryId, EntryNote};

use crate::column_names;
use crate::error::{LineError, Result};
use crate::layout::{self, Column, Hints, Layout};
use crate::records::Record;
use crate::times::Moment;

/// A field of an entry's metadata.
///
/// # Examples
/// ```
/// use callbar_lists::{Field, LineError, LineNote};
///
/// let mut note = LineNote::default();
/// Field::Reason.set(&mut note, "complaint 4711".into())?;
/// Field::Expires.set(&mut note, "31.12.2026".into())?;
/// assert_eq!(note.reason.as_deref(), Some("complaint 4711"));
/// assert_eq!(note.expires, Some(1_798_761_600), "the end of that day");
/// # Ok::<(), LineError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 24 hexadecimal digits.
    Id,
    /// When the entry was made.
    Created,
    /// When the entry ends.
    Expires,
    /// Why the entry is on the list.
    Reason,
    /// Where the entry came from.
    Source,
}

impl Field {
    const ALL: [Self; 5] = [Self::Id, Self::Created, Self::Expires, Self::Reason, Self::Source];

    /// Returns the field of this name in a JSON object.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
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

    /// Returns the usual names of its column, as [`column_names::fold`] returns them. The first name in
    /// the header wins.
    fn usual(self) -> &'static [&'static str] {
        match self {
            // Usually a column of this name counts rows. It has ids in an export of callbar.
            Self::Id => &["id"],
            Self::Created => &["created createdat"],
            Self::Expires => column_names::EXPIRES,
            Self::Reason => column_names::REASON,
            Self::Source => &["source"],
        }
    }
}

/// The CSV columns of metadata that are given. The others are found by their usual names, the id only in
/// an export of callbar.
///
/// # Examples
/// ```
/// use callbar_lists::{Column, FieldColumns, Parameters, Reading};
///
/// let columns = FieldColumns { expires: Some(Column::Number(3)), ..FieldColumns::default() };
/// let reading = Reading { columns, ..Reading::new(Parameters::default()) };
/// assert!(reading.to_query().contains(&("expires_column", "3".to_owned())));
/// ```
#[derive(Clone, Debug, Default)]
pub struct FieldColumns {
    /// The column of ids, 24 hexadecimal digits each.
    pub id: Option<Column>,
    /// The column of creation times.
    pub created: Option<Column>,
    /// The column of expiry times.
    pub expires: Option<Column>,
    /// The column of reasons.
    pub reason: Option<Column>,
    /// The column of sources.
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

    /// Finds the columns of metadata in a file. The layout gets a note of columns that were found by their
    /// names, and of columns that are not used.
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
                let parameter = &format!("{}-column", field.as_str());
                let hints = Hints { column: given, parameter, ..hints };
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

/// Returns the columns with a name that have neither numbers nor metadata.
fn unused(layout: &Layout, columns: &[(Field, usize)]) -> Option<String> {
    let is_used = |at: usize| at == layout.column || columns.iter().any(|&(_, used)| used == at);
    let columns = layout.names.iter().enumerate();
    let unused = columns.filter(|&(at, name)| !name.is_empty() && !is_used(at));
    let names: Vec<_> = unused.map(|(_, name)| format!("{name:?}")).collect();
    (!names.is_empty()).then(|| layout::listing(&names))
}

fn usual(field: Field, layout: &Layout) -> Option<usize> {
    let folded: Vec<_> = layout.names.iter().map(|name| column_names::fold(name)).collect();
    let is_export = folded.iter().any(|name| name == "canonical");
    if field == Field::Id && !is_export {
        return None;
    }
    let mut found = column_names::words(field.usual()).filter_map(|usual| {
        folded.iter().enumerate().position(|(at, name)| at != layout.column && name == usual)
    });
    found.next()
}

/// The columns of metadata in a CSV file.
///
/// # Examples
/// ```
/// use callbar::DialPlan;
/// use callbar_lists::{LineFormat, ListFile, Parameters, Pool, Reading, Source};
///
/// let source = Source::from_reader("spam.csv", &b"phone,reason\n112,complaint 4711\n"[..])?;
/// let (plan, pool) = (DialPlan::new("TR")?, Pool::default());
/// let reading = Reading::new(Parameters::default());
/// let file = ListFile::open(source, &reading, &plan, &pool)?.expect("it is not empty");
/// let mut reasons = Vec::new();
/// file.for_each(|format, blocks| {
///     assert!(matches!(format, LineFormat::Csv(..)), "its columns were found in the header");
///     format.each_line(&blocks[0], |line| {
///         let reason = line.entry.ok().and_then(|entry| entry.note.reason);
///         reasons.extend(reason.map(String::from));
///     });
///     Ok::<_, callbar_lists::Error>(())
/// })?;
/// assert_eq!(reasons, ["complaint 4711"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Columns(Vec<(Field, usize)>);

impl Columns {
    /// Returns the metadata in a record.
    pub(crate) fn read<'r>(&self, record: &Record<'r>) -> Result<LineNote<'r>, LineError> {
        let mut note = LineNote::default();
        for &(field, column) in &self.0 {
            if let Some(cell) = record.field(column) {
                field.set(&mut note, String::from_utf8_lossy(cell))?;
            }
        }
        Ok(note)
    }
}

/// An entry of a line.
///
/// # Examples
/// ```
/// use callbar_lists::{Entry, Field, LineNote};
///
/// let mut entry = Entry { text: b"0505 004 78 24".into(), note: LineNote::default() };
/// Field::Source.set(&mut entry.note, "web form".into())?;
/// assert_eq!((&*entry.text, entry.note.as_note().source), (&b"0505 004 78 24"[..], Some("web form")));
/// # Ok::<(), callbar_lists::LineError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Entry<'l> {
    /// The number, pattern or class, without the `="..."` of spreadsheets.
    pub text: Cow<'l, [u8]>,
    /// Its metadata.
    pub note: LineNote<'l>,
}

/// The metadata of an entry in a line.
///
/// # Examples
/// ```
/// use callbar::OwnedNote;
/// use callbar_lists::LineNote;
///
/// let note = LineNote { reason: Some("complaint 4711".into()), ..LineNote::default() };
/// assert_eq!(OwnedNote::from(note.as_note()).reason.as_deref(), Some("complaint 4711"));
/// ```
pub type LineNote<'l> = EntryNote<Cow<'l, str>>;

impl Field {
    /// Puts a text into this field of a note. A blank text and `null` are ignored.
    ///
    /// # Errors
    /// [`LineError::Id`], [`LineError::Time`].
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::{Field, LineError, LineNote};
    ///
    /// let mut note = LineNote::default();
    /// assert_eq!(Field::Id.set(&mut note, "4711".into()), Err(LineError::Id));
    /// assert_eq!(Field::Id.set(&mut note, "NULL".into()), Ok(()));
    /// assert_eq!(note, LineNote::default());
    /// ```
    pub fn set<'l>(self, note: &mut LineNote<'l>, text: Cow<'l, str>) -> Result<(), LineError> {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null") {
            return Ok(());
        }
        match self {
            Self::Id => note.id = Some(EntryId::parse(trimmed).ok_or(LineError::Id)?),
            Self::Created => note.created = Moment::parse(trimmed)?.map(Moment::start),
            Self::Expires => note.expires = Moment::parse(trimmed)?.map(Moment::end),
            Self::Reason => note.reason = Some(text),
            Self::Source => note.source = Some(text),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Records;
    use crate::times::TimeError;
    use callbar::Note;

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
