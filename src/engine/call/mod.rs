//! The question of a call: the headers of both parties in, a decision out.

pub(crate) mod decide;
pub(crate) mod owned_call;
