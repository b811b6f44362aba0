//! The reader in Lua: a table of functions.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use callbar::Engine;
use mlua::{Lua, LuaString, Result, Table, Value};
use serde::Serialize;

use crate::options::Options;
use crate::{block, call, engines};

/// A value, or nil and a message: what Lua functions return instead of raising an error.
type OrMessage<T> = (Option<T>, Option<LuaString>);

pub(crate) fn open(
    lua: &Lua,
    (dir, options): (LuaString, Option<Table>),
) -> Result<OrMessage<Table>> {
    let engine = Options::read(options.as_ref()).and_then(|options| {
        let engine = engines::engine(Path::new(OsStr::from_bytes(&dir.as_bytes())), options);
        engine.map_err(|error| error.to_line())
    });
    match engine {
        Ok(engine) => Ok((Some(reader(lua, engine)?), None)),
        Err(message) => failure(lua, &message),
    }
}

/// Each function gets the table itself as its first argument, as in `reader:check(...)`.
fn reader(lua: &Lua, engine: Engine) -> Result<Table> {
    let reader = lua.create_table()?;
    let (check, decide) = block::functions(lua, engine.reader())?;
    reader.set("decide", decide)?;
    reader.set("check", check)?;
    let own = engine.clone();
    let explain_call = move |lua: &Lua, (_, domain, call): (Value, Value, Value)| {
        explain_call(lua, &own, &domain, &call)
    };
    reader.set("explain_call", lua.create_function(explain_call)?)?;
    let own = engine.clone();
    let explain = move |lua: &Lua, (_, domain, number): (Value, Value, Value)| {
        explain(lua, &own, &domain, &number)
    };
    reader.set("explain", lua.create_function(explain)?)?;
    let own = engine.clone();
    let refresh = move |lua: &Lua, _: Value| json(lua, &own.refresh());
    reader.set("refresh", lua.create_function(refresh)?)?;
    let health = move |lua: &Lua, _: Value| json(lua, &engine.health());
    reader.set("health", lua.create_function(health)?)?;
    Ok(reader)
}

fn explain_call(
    lua: &Lua,
    engine: &Engine,
    domain: &Value,
    call: &Value,
) -> Result<OrMessage<LuaString>> {
    let name = match name(domain, "domain must be a string") {
        Ok(name) => name,
        Err(message) => return failure(lua, message),
    };
    let explained = call::with(lua, call, |call| {
        let mut reader = engine.reader();
        let explained = reader.explain_call(&*name, call).map_err(|error| error.to_string())?;
        serde_json::to_string(&explained).map_err(|error| error.to_string())
    })?;
    match explained.flatten() {
        Ok(text) => Ok((Some(lua.create_string(text)?), None)),
        Err(message) => failure(lua, &message),
    }
}

fn explain(
    lua: &Lua,
    engine: &Engine,
    domain: &Value,
    number: &Value,
) -> Result<OrMessage<LuaString>> {
    const MUST: &str = "domain and number must be strings";
    let Value::String(number) = number else { return failure(lua, MUST) };
    let name = match name(domain, MUST) {
        Ok(name) => name,
        Err(message) => return failure(lua, message),
    };
    match engine.reader().explain(&*name, number.as_bytes()) {
        Ok(explanation) => json(lua, &explanation),
        Err(not_found) => failure(lua, &not_found.to_string()),
    }
}

/// The name of a domain. `must` is the message for other values than strings.
fn name<'m>(domain: &Value, must: &'m str) -> std::result::Result<String, &'m str> {
    let Value::String(domain) = domain else { return Err(must) };
    Ok(domain.to_str().map_err(|_| block::BAD_NAME)?.to_owned())
}

fn json(lua: &Lua, value: &impl Serialize) -> Result<OrMessage<LuaString>> {
    match serde_json::to_string(value) {
        Ok(text) => Ok((Some(lua.create_string(text)?), None)),
        Err(error) => failure(lua, &error.to_string()),
    }
}

fn failure<T>(lua: &Lua, message: &str) -> Result<OrMessage<T>> {
    Ok((None, Some(lua.create_string(message)?)))
}
