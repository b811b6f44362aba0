//! callbar for Lua: `local bar = require "callbar"`, for the scripts that SIP servers run.
//!
//! | call | returns |
//! | --- | --- |
//! | `bar.open(dir)`, `bar.open(dir, {load = "heap", sound_only = true})` | a reader |
//! | `reader:decide(domain, call)` | whether a call is barred, and how to answer it: a table |
//! | `reader:explain_call(domain, call)` | JSON: explains the decision |
//! | `reader:check(domain, number)` | for a number outside a call: action, list, reason phrase, SIP code |
//! | `reader:explain(domain, number)` | JSON: explains the verdict |
//! | `reader:health()` | JSON: what could not be loaded |
//! | `reader:refresh()` | the same, after a second look at the data directory, which may have been replaced |
//! | `bar.max_values` | how many values of one header a call may have: 64 |
//! | `bar.version` | the release |
//!
//! A call is a table: `callee`, `from` and `privacy` are strings, `asserted` and `remote_party` arrays of
//! strings or one string. Headers that the call does not have are nil. A decision is
//! `{action = "deny", party = "caller", list = "spam", entry = "+905050047824", response = {code = 607,
//! phrase = "Unwanted"}, exempt = false, ambiguous = false}`. If no list decided, it has no party, list or
//! entry; if the call is not barred, it has no response.
//!
//! The action is `pass`, `allow` or `deny`. An error is returned as usual in Lua, as nil and a message.
//! Nothing raises an error in the middle of a call.
//!
//! A reader belongs to its Lua state; the states of a process share the engine behind it. A server that forks
//! opens the directory in the worker, not before.
//!
//! The module only reads. The command or the server of callbar writes the data directory.
//!
//! | file | holds |
//! | --- | --- |
//! | `reader`, `options` | `open`, and the table that it returns |
//! | `decide`, `check` | the functions that calls go through |
//! | `call` | the table of a call |
//! | `block` | what these share: the reader in Lua's memory, and Lua's stack |
//! | `engines` | the open directories |

mod block;
mod call;
mod check;
mod decide;
mod engines;
mod options;
mod reader;

use callbar::Call;
use mlua::{Lua, Result, Table};

#[mlua::lua_module(name = "callbar", skip_memory_check)]
fn module(lua: &Lua) -> Result<Table> {
    let module = lua.create_table()?;
    module.set("open", lua.create_function(reader::open)?)?;
    module.set("max_values", Call::MAX_VALUES)?;
    module.set("version", env!("CARGO_PKG_VERSION"))?;
    Ok(module)
}
