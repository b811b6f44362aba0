//! What a list file says of an entry besides its number: id, times, reason, source.

use std::borrow::Cow;

use anyhow::Result;
use callbar::{EntryId, Note};
use clap::Args;

use super::column::{self, Column, Hints, Layout, Options};
use super::output::note;
use super::{csv, names, time};

/// A field of an entry's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Id,
    Created,
    Expires,
    Reason,
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

    /// Names of columns that are taken unasked, as [`names::fold`] leaves them; the first name that
    /// there is wins. A column `id` mostly counts rows.
    fn usual(self) -> &'static [&'static str] {
        match self {
            Self::Id => &[],
            Self::Created => &["created", "createdat"],
            Self::Expires => &names::EXPIRES,
            Self::Reason => &names::REASON,
            Self::Source => &["source"],
        }
    }

    /// The options for messages about its column.
    fn options(self) -> &'static Options {
        const fn with(column: &'static str) -> Options {
            Options { column, no_header: "--no-header", delimiter: "--delimiter" }
        }
        const ID: &Options = &with("--id-column");
        const CREATED: &Options = &with("--created-column");
        const EXPIRES: &Options = &with("--expires-column");
        const REASON: &Options = &with("--reason-column");
        const SOURCE: &Options = &with("--source-column");
        match self {
            Self::Id => ID,
            Self::Created => CREATED,
            Self::Expires => EXPIRES,
            Self::Reason => REASON,
            Self::Source => SOURCE,
        }
    }
}

/// The CSV columns of metadata as options.
#[derive(Args, Debug, Default)]
pub(crate) struct MetaOptions {
    /// CSV column of ids, 24 hexadecimal digits each [default: none]
    #[arg(long = "id-column", value_name = "NAME|NUMBER", help_heading = "Metadata")]
    id: Option<Column>,
    /// CSV column of creation times [default: by its name, see below]
    #[arg(long = "created-column", value_name = "NAME|NUMBER", help_heading = "Metadata")]
    created: Option<Column>,
    /// CSV column of expiry times [default: by its name, see below]
    #[arg(long = "expires-column", value_name = "NAME|NUMBER", help_heading = "Metadata")]
    expires: Option<Column>,
    /// CSV column of reasons [default: by its name]
    #[arg(long = "reason-column", value_name = "NAME|NUMBER", help_heading = "Metadata")]
    reason: Option<Column>,
    /// CSV column of sources [default: by its name]
    #[arg(long = "source-column", value_name = "NAME|NUMBER", help_heading = "Metadata")]
    source: Option<Column>,
}

impl MetaOptions {
    fn column(&self, field: Field) -> Option<&Column> {
        match field {
            Field::Id => self.id.as_ref(),
            Field::Created => self.created.as_ref(),
            Field::Expires => self.expires.as_ref(),
            Field::Reason => self.reason.as_ref(),
            Field::Source => self.source.as_ref(),
        }
    }

    /// The columns of metadata in a file: those given, or else those of the usual names, which are
    /// told; and so are those of the header that are not used.
    pub(crate) fn find(&self, file: &str, layout: &Layout, hints: Hints<'_>) -> Result<Columns> {
        let mut columns = Vec::new();
        for field in Field::ALL {
            let given = self.column(field);
            if given.is_some() {
                let hints = Hints { column: given, options: field.options(), ..hints };
                columns.push((field, column::find(file, &layout.names, hints)?));
            } else if let Some(column) = usual(field, layout).filter(|_| hints.header) {
                let (name, field_name) = (&layout.names[column], field.as_str());
                note(format_args!("column {} {name:?} of {file}: {field_name}", column + 1));
                columns.push((field, column));
            }
        }
        if let Some(unused) = unused(layout, &columns).filter(|_| hints.header) {
            note(format_args!("columns not used of {file}: {unused}"));
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
    let folded: Vec<_> = layout.names.iter().map(|name| names::fold(name)).collect();
    let mut found = field.usual().iter().filter_map(|usual| {
        folded.iter().enumerate().position(|(at, name)| at != layout.column && name == usual)
    });
    found.next()
}

/// Which columns of a CSV file hold metadata.
#[derive(Debug, Default)]
pub(crate) struct Columns(Vec<(Field, usize)>);

impl Columns {
    /// The metadata in a record; `None` if the file has none at all.
    pub(crate) fn read<'b>(
        &self,
        raw: &'b [u8],
        delimiter: u8,
    ) -> Result<Option<Meta<'b>>, &'static str> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut meta = Meta::default();
        for (at, cell) in csv::fields(raw, delimiter).enumerate() {
            for &(field, _) in self.0.iter().filter(|&&(_, column)| column == at) {
                meta.set(field, text(csv::unquote(cell)))?;
            }
        }
        Ok(Some(meta))
    }
}

fn text(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// A [`Note`] that may own its strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meta<'b> {
    id: Option<EntryId>,
    created: Option<u64>,
    expires: Option<u64>,
    reason: Option<Cow<'b, str>>,
    source: Option<Cow<'b, str>>,
}

impl<'b> Meta<'b> {
    /// Takes a field; nothing, blanks and `null` are none.
    ///
    /// The error is a reason for a report of rejected entries.
    pub(crate) fn set(&mut self, field: Field, text: Cow<'b, str>) -> Result<(), &'static str> {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null") {
            return Ok(());
        }
        match field {
            Field::Id => {
                let id = EntryId::parse(trimmed);
                self.id = Some(id.ok_or("the id is not 24 hexadecimal digits")?);
            }
            Field::Created => self.created = time::parse(trimmed)?,
            Field::Expires => self.expires = time::expiry(trimmed)?,
            Field::Reason => self.reason = Some(text),
            Field::Source => self.source = Some(text),
        }
        Ok(())
    }

    /// Whether its entry will expire.
    pub(crate) fn expires(&self) -> bool {
        self.expires.is_some()
    }

    /// The same as the compiler takes it.
    pub(crate) fn note(&self) -> Note<'_> {
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

    const ID: &str = "54f78cdf66f6b64200000018";

    #[test]
    fn a_record_gives_what_its_columns_hold() {
        let columns = Columns(vec![(Field::Id, 1), (Field::Expires, 2), (Field::Reason, 3)]);
        let row = format!("0505,{ID},1790000100,\"a, b\"");
        let meta = columns.read(row.as_bytes(), b',').unwrap().unwrap();
        let note = meta.note();
        assert_eq!(note.id.unwrap().to_string(), ID);
        assert_eq!((note.expires, note.reason), (Some(1_790_000_100), Some("a, b")));
        let blank = columns.read(b"0505,NULL,,null", b',').unwrap().unwrap();
        assert_eq!(blank.note(), Note::default());
        assert_eq!(columns.read(b"0505", b',').unwrap().unwrap(), Meta::default());
        assert!(columns.read(b"0505,7,,", b',').unwrap_err().contains("hexadecimal"));
        assert_eq!(columns.read(b"0505,,soon,", b','), Err(time::UNREADABLE));
        assert_eq!(Columns::default().read(b"0505,7", b','), Ok(None));
    }
}
