//! One line out for each line in, in order, for any bytes: the frame of `check`, `decide` and
//! `normalize`.

use std::path::Path;

use anyhow::Result;
use callbar_lists::{Blocks, Pool, Source, Units, lines};

use super::output::Output;
use super::pipeline;
use super::progress::Progress;

/// Answers each line of `input` on standard output. `answer` gets the number of the line, from 1, and
/// the line without its line end, and must append one whole line. What it notes beside that, `add`
/// gets block by block, in order.
pub(crate) fn each_line<N: Default + Send>(
    input: &Path,
    answer: impl Fn(u64, &[u8], &mut Vec<u8>, &mut N) + Sync,
    mut add: impl FnMut(N) + Send,
) -> Result<()> {
    let source = Source::open_raw(input)?;
    let progress = Progress::new(source.total, &source.read, "lines");
    let pool = Pool::default();
    let mut blocks = Blocks::new(source, Units::Lines, &pool);
    let mut output = Output::create(None)?;
    pipeline::ordered(
        || Ok(blocks.next()?),
        |block| {
            let mut out = Vec::with_capacity(2 * block.bytes().len());
            let mut notes = N::default();
            for (number, line) in (block.line..).zip(lines(block.bytes())) {
                answer(number, line, &mut out, &mut notes);
            }
            pool.give(block);
            (out, notes)
        },
        |(out, notes)| {
            add(notes);
            progress.update();
            output.write(&out)?;
            output.flush()
        },
    )?;
    output.finish()
}
