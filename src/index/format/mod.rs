//! The format of an index file. Each module documents, writes and reads one part of it.
//!
//! | file | holds |
//! | --- | --- |
//! | `file` | header, table of sections, checksums, version changes |
//! | `meta` | the domain, its dial plan, settings and lists |
//! | `filter`, `prefetch` | the Bloom filter of all E.164 numbers |
//! | `blocks`, `block` | E.164 numbers, 10^4 a block |
//! | `sets` | sets of lists |
//! | `texts` | all other entries, in one automaton |
//! | `fst`, `fst_verify` | automata: how they are read and proved sound |
//! | `notes` | the metadata of entries |
//! | `rules` | patterns |
//! | `prefixes`, `gate`, `decimal` | the leading digits of patterns, by which a number finds them |

pub(super) mod block;
pub(super) mod blocks;
pub(super) mod decimal;
pub(super) mod file;
pub(super) mod filter;
pub(super) mod fst;
mod fst_verify;
mod gate;
pub(super) mod meta;
pub(super) mod notes;
mod prefetch;
pub(super) mod prefixes;
pub(super) mod rules;
pub(super) mod sets;
pub(super) mod texts;
