//! Opens a data directory and finds a domain in it. If it is missing, the error names similar ones.

use std::cmp::Reverse;
use std::path::Path;

use anyhow::{Context, Error, Result, anyhow};
use callbar::{Domain, Engine};

use super::data_directory::{self, DamagedIndex};
use crate::output::warn;

/// How many domains an error names.
const NAMED: usize = 5;

/// Opens the engine of a directory that must exist. Also returns the files that it leaves out, after a
/// warning.
pub(crate) fn open_engine(dir: &Path) -> Result<(Engine, Vec<DamagedIndex>)> {
    data_directory::index_folder(dir)?;
    data_directory::open_sound(dir)
        .map_err(Error::from)
        .with_context(|| format!("cannot open the indexes of {}", dir.display()))
        .map_err(|error| data_directory::explain_permissions(dir, error))
}

/// Opens the engine of a directory, which must have `domain`.
pub(crate) fn open_domain(dir: &Path, domain: &str) -> Result<Engine> {
    let (engine, damaged) = open_engine(dir)?;
    let snapshot = engine.snapshot();
    if snapshot.id(domain).is_some() {
        return Ok(engine);
    }
    let names: Vec<&str> = snapshot.domains().map(|(_, _, index)| index.domain()).collect();
    let error = unknown_domain(dir, domain, names);
    if damaged.is_empty() {
        return Err(error);
    }
    let files: Vec<_> = damaged.iter().map(|left| left.file.display().to_string()).collect();
    Err(anyhow!("{error}; it may be in a file that was left out: {}", files.join(", ")))
}

/// Warns of subscriptions to missing domains.
pub(crate) fn warn_missing_subscriptions(domain: Domain<'_>) {
    for shared in domain.missing() {
        let (of, shared) = (domain.domain().escape_debug(), shared.escape_debug());
        warn(format_args!(
            "{of} subscribes to {shared}, which is missing: its lists do not count until you \
             compile it"
        ));
    }
}

fn unknown_domain(dir: &Path, domain: &str, mut names: Vec<&str>) -> Error {
    let dir = dir.display();
    if names.is_empty() {
        return anyhow!(
            "no domain {domain:?}: {dir} has no domain yet: make one with callbar compile"
        );
    }
    let wanted = domain.to_lowercase();
    names.sort_by_key(|name| (distance(name, &wanted), *name));
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more (callbar inspect {dir} shows all)"),
    };
    names.truncate(NAMED);
    names.sort_unstable();
    anyhow!("no domain {domain:?} in {dir}: it has {}{more}", names.join(", ").escape_debug())
}

/// Returns how far a name is from the wanted one (Levenshtein). A common beginning decides between names that
/// are equally far.
fn distance(name: &str, wanted: &str) -> (usize, Reverse<usize>) {
    let beginning = name.chars().zip(wanted.chars()).take_while(|(x, y)| x == y).count();
    (strsim::levenshtein(name, wanted), Reverse(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_domains_are_named_in_order() {
        let mut names = vec!["zzz", "other.example", "my.webitel.com"];
        let error = unknown_domain(Path::new("data"), "a.b", names.clone()).to_string();
        assert!(error.ends_with("it has my.webitel.com, other.example, zzz"), "{error}");
        names.extend(["1", "2", "3", "4"]);
        let error = unknown_domain(Path::new("data"), "my.webtel.com", names).to_string();
        assert!(error.contains("my.webitel.com") && error.contains("2 more"), "{error}");
    }

    #[test]
    fn an_empty_directory_says_what_to_do() {
        let error = unknown_domain(Path::new("data"), "a", vec![]).to_string();
        assert!(error.contains("callbar compile"), "{error}");
    }

    #[test]
    fn a_common_beginning_decides_between_equal_distances() {
        assert!(distance("my.exampla", "my.example") < distance("ny.example", "my.example"));
        assert_eq!(distance("same", "same"), (0, Reverse(4)));
    }
}
