//! Who a caller is, and what it may do, how often and how much at a time.
//!
//! | file | holds |
//! | --- | --- |
//! | `auth` | who a caller is, and what its key allows |
//! | `guard` | the check that every route of the native interface is behind |
//! | `credential` | a key as the store has it, and the caller that it stands for |
//! | `keys` | how keys are made |
//! | `secret`, `jwt` | the signing key of a data directory, and the tokens that it signs |
//! | `rate_limit` | how many requests a second a key may send |
//! | `transfer_limit` | how many imports and exports may be under way |

pub(crate) mod auth;
pub(crate) mod credential;
pub(crate) mod guard;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod rate_limit;
pub(crate) mod secret;
pub(crate) mod transfer_limit;
