//! The question of a call: the headers of both parties in, a decision out.
//!
//! | file | holds |
//! | --- | --- |
//! | `decide` | the call, the order of the questions, the decision and its explanation |
//! | `owned_call` | a call that owns its texts, and how JSON writes it |

pub(crate) mod decide;
pub(crate) mod owned_call;
