//! A scrub changes no byte of its input, and reads the same fields as the crate `csv`. normalize answers
//! each line. Prevents a campaign file that comes back with small changes.

mod cli;

use cli::Workspace;
use proptest::prelude::*;

/// Text with many bytes that are special in CSV.
fn csv_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b",".to_vec()),
        4 => Just(b"\n".to_vec()),
        2 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        3 => Just(b"\"".to_vec()),
        2 => Just(b"\"\"".to_vec()),
        4 => Just(b"\"a, \"\"b\"\"\n\"".to_vec()),
        4 => Just(b"05050047801".to_vec()),
        2 => Just(b" ".to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Reads the rows with the crate `csv`, which accepts a quote that is never closed.
fn oracle(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let record = |record: Result<csv::ByteRecord, _>| {
        record.expect("bytes").iter().map(<[u8]>::to_vec).collect()
    };
    reader.byte_records().map(record).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_columns_that_were_there_stay_as_they_were(body in csv_text()) {
        let workspace = Workspace::new();
        workspace.file("list.txt", "+905050047801\n");
        let input = [b"a,phone,c\n".as_slice(), &body].concat();
        let run = workspace.run_on("scrub --region TR --list list.txt --column phone", &input);
        if run.err().contains("never closed") {
            return Ok(());
        }
        let run = run.ok();
        let (before, after) = (oracle(&input), oracle(run.bytes()));
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after).skip(1) {
            let width = before.len().max(3);
            prop_assert_eq!(after.len(), width + 3);
            prop_assert_eq!(&after[..before.len()], before.as_slice());
            prop_assert!(after[before.len()..width].iter().all(Vec::is_empty));
            let listed = before.get(1).is_some_and(|field| field == b"05050047801");
            if listed {
                prop_assert_eq!(&after[width], b"deny");
                prop_assert_eq!(&after[width + 2], b"+905050047801");
            }
        }
        prop_assert_eq!(without_new_columns(run.bytes(), &after, &before), input);
    }

    #[test]
    fn normalize_answers_each_line_of_any_bytes(bytes in prop::collection::vec(
        prop_oneof![Just(b'\n'), Just(b'\r'), Just(0), Just(b'5'), any::<u8>()], 0..200)) {
        let workspace = Workspace::new();
        let lines = bytes.split_inclusive(|&byte| byte == b'\n').count();
        for flags in ["", "--call", "--json", "--call --json"] {
            let run = workspace.run_on(&format!("normalize --region TR {flags}"), &bytes).ok();
            prop_assert_eq!(memchr::memchr_iter(b'\n', run.bytes()).count(), lines);
            prop_assert_eq!(run.out().lines().count(), lines);
        }
    }
}

/// Removes the new columns from the output by their text, without reading it as CSV.
fn without_new_columns(output: &[u8], after: &[Vec<Vec<u8>>], before: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let mut rest = output;
    let mut kept = Vec::new();
    for (after, before) in after.iter().zip(before) {
        let added = &after[before.len()..];
        let raw = |field: &Vec<u8>| {
            let special = field.iter().any(|byte| b"\",\r\n".contains(byte));
            let text = String::from_utf8(field.clone()).expect("the new columns are text");
            if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        };
        let added = added.iter().fold(String::new(), |text, field| text + "," + &raw(field));
        // The row itself may have the same text; the added text is the last before the next row.
        let ends = |at: &usize| {
            let after = &rest[at + added.len()..];
            after.is_empty() || after.starts_with(b"\n") || after.starts_with(b"\r")
        };
        let at = memchr::memmem::find_iter(rest, added.as_bytes()).find(ends).expect("added");
        kept.extend_from_slice(&rest[..at]);
        rest = &rest[at + added.len()..];
    }
    kept.extend_from_slice(rest);
    kept
}
