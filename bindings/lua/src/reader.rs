//! The reader as Lua has it: a table of functions.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use callbar::{Engine, Reader};
use mlua::{Lua, LuaString, Result, Table, Value};
use serde::Serialize;

use crate::options::Options;
use crate::{check, engines};

/// What Lua gets instead of an error is nil and a message.
pub(crate) type Answer<T> = (Option<T>, Option<LuaString>);

pub(crate) fn open(lua: &Lua, (dir, options): (LuaString, Option<Table>)) -> Result<Answer<Table>> {
    let engine = Options::read(options.as_ref()).and_then(|options| {
        let engine = engines::engine(Path::new(OsStr::from_bytes(&dir.as_bytes())), options);
        engine.map_err(|error| error.to_string())
    });
    match engine {
        Ok(engine) => Ok((Some(reader(lua, engine)?), None)),
        Err(message) => failure(lua, &message),
    }
}

/// Each function gets the table itself, as `reader:check(...)` passes it.
fn reader(lua: &Lua, engine: Engine) -> Result<Table> {
    let reader = lua.create_table()?;
    reader.set("check", check::function(lua, engine.reader())?)?;
    let mut own = engine.reader();
    let exempts = move |lua: &Lua, (_, domain, number): (Value, Value, Value)| {
        exempts(lua, &mut own, &domain, &number)
    };
    reader.set("exempts", lua.create_function_mut(exempts)?)?;
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

fn explain(
    lua: &Lua,
    engine: &Engine,
    domain: &Value,
    number: &Value,
) -> Result<Answer<LuaString>> {
    let (name, number) = match texts(domain, number) {
        Ok(texts) => texts,
        Err(message) => return failure(lua, message),
    };
    match engine.reader().explain(&*name, number.as_bytes()) {
        Ok(explanation) => json(lua, &explanation),
        Err(not_found) => failure(lua, &not_found.to_string()),
    }
}

/// Whether a call to this number must go on whoever makes it.
fn exempts(lua: &Lua, reader: &mut Reader, domain: &Value, number: &Value) -> Result<Answer<bool>> {
    let (name, number) = match texts(domain, number) {
        Ok(texts) => texts,
        Err(message) => return failure(lua, message),
    };
    match reader.snapshot().domain(&*name) {
        Ok(domain) => Ok((Some(domain.exempts(number.as_bytes())), None)),
        Err(not_found) => failure(lua, &not_found.to_string()),
    }
}

/// What every question is made of.
fn texts<'v>(
    domain: &Value,
    number: &'v Value,
) -> std::result::Result<(String, &'v LuaString), &'static str> {
    let (Value::String(domain), Value::String(number)) = (domain, number) else {
        return Err("domain and number must be strings");
    };
    let name = domain.to_str().map_err(|_| "the name of the domain is not UTF-8")?;
    Ok((name.to_owned(), number))
}

fn json(lua: &Lua, value: &impl Serialize) -> Result<Answer<LuaString>> {
    match serde_json::to_string(value) {
        Ok(text) => Ok((Some(lua.create_string(text)?), None)),
        Err(error) => failure(lua, &error.to_string()),
    }
}

pub(crate) fn failure<T>(lua: &Lua, message: &str) -> Result<Answer<T>> {
    Ok((None, Some(lua.create_string(message)?)))
}
