//! The reader in Lua: a table of functions.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use callbar::{Call, Engine};
use mlua::{Lua, LuaString, Table, Value};
use serde::Serialize;

use crate::options::Options;
use crate::{block, call, engines};

/// A value, or nil and a message: what Lua functions return instead of raising an error.
type OrMessage<T> = (Option<T>, Option<LuaString>);

pub(crate) fn open(
    lua: &Lua,
    (dir, options): (LuaString, Option<Table>),
) -> mlua::Result<OrMessage<Table>> {
    let engine = Options::read(options.as_ref()).and_then(|options| {
        let engine = engines::engine(Path::new(OsStr::from_bytes(&dir.as_bytes())), options);
        engine.map_err(|error| error.to_line())
    });
    match engine {
        Ok(engine) => Ok((Some(reader(lua, engine)?), None)),
        Err(message) => Ok((None, Some(lua.create_string(message)?))),
    }
}

/// Each function gets the table itself as its first argument, as in `reader:check(...)`.
fn reader(lua: &Lua, engine: Engine) -> mlua::Result<Table> {
    let reader = lua.create_table()?;
    let (check, decide) = block::functions(lua, engine.reader())?;
    reader.set("decide", decide)?;
    reader.set("check", check)?;
    let own = engine.clone();
    let explain_call = move |lua: &Lua, (_, domain, call): (Value, Value, Value)| {
        let explained = match name(&domain, "domain must be a string") {
            Ok(name) => call::with(lua, &call, |call| explain_call(&own, &name, call))?.flatten(),
            Err(message) => Err(message),
        };
        answer(lua, explained)
    };
    reader.set("explain_call", lua.create_function(explain_call)?)?;
    let own = engine.clone();
    let explain = move |lua: &Lua, (_, domain, number): (Value, Value, Value)| {
        answer(lua, explain(&own, &domain, &number))
    };
    reader.set("explain", lua.create_function(explain)?)?;
    let own = engine.clone();
    let refresh = move |lua: &Lua, _: Value| answer(lua, json(&own.refresh()));
    reader.set("refresh", lua.create_function(refresh)?)?;
    let health = move |lua: &Lua, _: Value| answer(lua, json(&engine.health()));
    reader.set("health", lua.create_function(health)?)?;
    Ok(reader)
}

fn explain_call(engine: &Engine, domain: &str, call: &Call<'_>) -> Result<String, String> {
    let mut reader = engine.reader();
    json(&reader.explain_call(domain, call).map_err(|not_found| not_found.to_string())?)
}

fn explain(engine: &Engine, domain: &Value, number: &Value) -> Result<String, String> {
    const MUST: &str = "domain and number must be strings";
    let Value::String(number) = number else { return Err(MUST.into()) };
    let name = name(domain, MUST)?;
    let mut reader = engine.reader();
    let explained = reader.explain(&*name, number.as_bytes());
    json(&explained.map_err(|not_found| not_found.to_string())?)
}

/// The name of a domain. `must` is the message for other values than strings.
fn name(domain: &Value, must: &str) -> Result<String, String> {
    let Value::String(domain) = domain else { return Err(must.into()) };
    Ok(domain.to_str().map_err(|_| block::BAD_NAME)?.to_owned())
}

fn json(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

/// A text, or nil and a message.
fn answer(lua: &Lua, text: Result<String, String>) -> mlua::Result<OrMessage<LuaString>> {
    Ok(match text {
        Ok(text) => (Some(lua.create_string(text)?), None),
        Err(message) => (None, Some(lua.create_string(message)?)),
    })
}
