//! A killed process loses nothing that it acknowledged.

use std::io::{BufRead, BufReader, Write};

use callbar_store::Store;

use crate::child;
use crate::fixture::{DOMAIN, NOW, check_file, entry, listed};

#[test]
fn a_killed_process_has_lost_nothing_that_it_acknowledged() {
    if let Some((directory, _)) = child::task() {
        let (_store, mut writer, _, list) = listed(&directory);
        for n in 0.. {
            let key = format!("+{n}");
            let mut group = writer.begin().expect("begin");
            group.put(list, &entry(&key), NOW, &|_| true).expect("put");
            group.commit().expect("commit");
            println!("acknowledged {n}");
            std::io::stdout().flush().expect("flush");
        }
    }
    let directory = tempfile::tempdir().expect("directory");
    let test = "crash::a_killed_process_has_lost_nothing_that_it_acknowledged";
    let mut process = child::start(test, directory.path(), "");
    let lines = BufReader::new(process.stdout.take().expect("stdout")).lines();
    let mut acknowledged = lines.map_while(Result::ok).filter_map(|line| {
        line.rsplit_once("acknowledged ").and_then(|(_, n)| n.trim().parse::<u64>().ok())
    });
    let seen = acknowledged.by_ref().find(|&n| n >= 200).expect("commits");
    process.kill().expect("kill");
    process.wait().expect("wait");
    let last = acknowledged.last().unwrap_or(seen);
    let store = Store::open(directory.path()).expect("open");
    store
        .read(|reader| {
            let domain = reader.domain(DOMAIN)?.expect("domain");
            let spam = reader.list(domain.row, "spam")?.expect("list");
            for n in 0..=last {
                assert!(reader.entry(spam.row, &format!("+{n}"))?.is_some(), "{n} of {last}");
            }
            assert!(spam.entries <= last + 2, "at most one was under way");
            Ok(())
        })
        .expect("read");
    check_file(directory.path());
}
