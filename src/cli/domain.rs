//! Opens a data directory and finds a domain in it, or says which ones there are.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Error, Result, anyhow, bail};
use callbar::{Engine, Snapshot};

/// How many domains an error names.
const NAMED: usize = 5;

/// The engine of a directory that must exist.
pub(crate) fn open(dir: &Path) -> Result<Engine> {
    if !dir.is_dir() {
        bail!(
            "{}: no such directory: give the one that callbar compile --data wrote to",
            dir.display()
        );
    }
    Engine::open(dir).with_context(|| format!("cannot open the indexes of {}", dir.display()))
}

/// The present snapshot of a directory, in which `domain` exists.
pub(crate) fn snapshot(dir: &Path, domain: &str) -> Result<Arc<Snapshot>> {
    let snapshot = open(dir)?.snapshot();
    if snapshot.id(domain).is_some() {
        return Ok(snapshot);
    }
    let names: Vec<&str> = snapshot.domains().map(|(_, _, index)| index.domain()).collect();
    Err(unknown(dir, domain, names))
}

fn unknown(dir: &Path, domain: &str, mut names: Vec<&str>) -> Error {
    let dir = dir.display();
    if names.is_empty() {
        return anyhow!(
            "no domain {domain:?}: {dir} holds none yet: make one with callbar compile"
        );
    }
    let wanted = domain.to_lowercase();
    names.sort_by_key(|name| (distance(name, &wanted), *name));
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more (callbar inspect {dir} shows all)"),
    };
    names.truncate(NAMED);
    anyhow!("no domain {domain:?} in {dir}: it holds {}{more}", names.join(", "))
}

/// How many letters must be changed, added or removed (Levenshtein); a common beginning
/// decides between names that are equally far.
fn distance(a: &str, b: &str) -> (usize, Reverse<usize>) {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    (row[b.len()], Reverse(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_domain_is_named_first() {
        let names = vec!["other.example", "my.webitel.com", "zzz"];
        let error = unknown(Path::new("data"), "my.webtel.com", names).to_string();
        assert!(error.ends_with("it holds my.webitel.com, other.example, zzz"), "{error}");
    }

    #[test]
    fn an_empty_directory_says_what_to_do() {
        let error = unknown(Path::new("data"), "a", vec![]).to_string();
        assert!(error.contains("callbar compile"), "{error}");
    }

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting").0, 3);
        assert_eq!(distance("", "abc").0, 3);
        assert_eq!(distance("same", "same"), (0, Reverse(4)));
    }
}
