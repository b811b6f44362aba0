//! callbar for Lua: `local bar = require "callbar"`, for the scripts that SIP servers run.
//!
//! | call | returns |
//! | --- | --- |
//! | `bar.open(dir)`, `bar.open(dir, {load = "heap", sound_only = true})` | a reader |
//! | `reader:check(domain, number)` | action, list, reason phrase, SIP code |
//! | `reader:exempts(domain, number)` | whether a call to it must go on whoever makes it |
//! | `reader:explain(domain, number)` | JSON: how the verdict comes about |
//! | `reader:health()` | JSON: what could not be loaded |
//! | `reader:refresh()` | the same, after a look for a data directory in place of the one it had |
//! | `bar.identities(header)` | the addresses of a header with several, `P-Asserted-Identity` |
//! | `bar.version` | the release |
//!
//! The action is `pass`, `allow` or `deny`. The list is nil unless one decided, reason and code are nil
//! unless the call is barred. What goes wrong is answered as Lua has it, nil and a message: nothing
//! raises an error in the middle of a call.
//!
//! A reader belongs to its Lua state; states of one process share what is behind it. A server that
//! forks opens the directory in the worker, not before.
//!
//! Leaves to others the lists and what is written to them.
//!
//! | file | holds |
//! | --- | --- |
//! | `reader`, `options` | `open` and what it answers |
//! | `check` | the one function that every call goes through |
//! | `engines` | directories that are open |
//! | `identities` | headers with several addresses |

mod check;
mod engines;
mod identities;
mod options;
mod reader;

use mlua::{Lua, Result, Table};

#[mlua::lua_module(name = "callbar", skip_memory_check)]
fn module(lua: &Lua) -> Result<Table> {
    let module = lua.create_table()?;
    module.set("open", lua.create_function(reader::open)?)?;
    module.set("identities", lua.create_function(identities::function)?)?;
    module.set("version", env!("CARGO_PKG_VERSION"))?;
    Ok(module)
}
