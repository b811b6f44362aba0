//! One line out for each line in, in order, whatever the bytes: the frame of `check` and
//! `normalize`.

use std::path::Path;

use anyhow::Result;

use super::blocks::{Blocks, Pool, Units, lines};
use super::output::Output;
use super::pipeline;
use super::progress::Progress;
use super::source::Source;

/// Answers each line of `input` on standard output by `answer`, which is given the line without
/// its line end and must append one whole line; true if any call of it was.
pub(crate) fn each_line(
    input: &Path,
    answer: impl Fn(&[u8], &mut Vec<u8>) -> bool + Sync,
) -> Result<bool> {
    let source = Source::open_raw(input)?;
    let progress = Progress::of(&source, "lines");
    let pool = Pool::default();
    let mut blocks = Blocks::new(source, Units::Lines, &pool);
    let mut output = Output::create(None)?;
    let mut any = false;
    pipeline::ordered(
        || blocks.next(),
        |block| {
            let mut out = Vec::with_capacity(2 * block.bytes().len());
            let mut any = false;
            for line in lines(block.bytes()) {
                any |= answer(line, &mut out);
            }
            pool.give(block);
            (out, any)
        },
        |(out, hit)| {
            any |= hit;
            progress.update();
            output.write(&out)?;
            output.flush()
        },
    )?;
    output.finish()?;
    Ok(any)
}
