//! The body of a search: `{filter, columns, limit, sort, pageNumber}`, all of it optional.
//!
//! A filter that no index can answer, an unknown one, and a repeated member are refused: an answer to half of a
//! filter would be an answer to another question.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::error::{self, WebitelError};
use super::params::{PageBounds, Sort};
use super::regex::{self, Expression};
use super::search::{Columns, Condition, Search};
use callbar::EntryId;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SearchBody {
    filter: Option<Map<String, Value>>,
    columns: Option<Value>,
    limit: Option<Value>,
    sort: Option<Map<String, Value>>,
    page_number: Option<Value>,
}

/// Reads the body of a search in a domain.
///
/// # Errors
/// 400
pub(super) fn read(body: &[u8], domain: &str) -> Result<Search, WebitelError> {
    error::json::<NoDuplicates>(body)?;
    let body: SearchBody = error::json(body)?;
    let limit = count("limit", body.limit.as_ref())?;
    let page = PageBounds::new(count("pageNumber", body.page_number.as_ref())?, limit)?;
    let sort = body.sort.as_ref().map_or(Sort::default(), sort);
    let columns = body.columns.as_ref().map_or(Columns::default(), columns);
    let mut search = Search { list: None, condition: Condition::All, sort, page, columns };
    for (field, value) in body.filter.unwrap_or_default() {
        let condition = match (field.as_str(), &value) {
            (_, Value::Null) => continue,
            ("name", Value::String(name)) => {
                search.list = Some(name.clone());
                continue;
            }
            ("domain", Value::String(name)) if name.eq_ignore_ascii_case(domain) => continue,
            // A search finds nothing of another domain.
            ("domain", Value::String(_)) => Condition::Nothing,
            ("_id", Value::String(id)) => {
                EntryId::parse(id).map_or(Condition::Nothing, Condition::Id)
            }
            ("number", Value::String(number)) => Condition::Number(number.clone()),
            ("number", Value::Number(number)) => Condition::Number(number.to_string()),
            ("number", Value::Object(operators)) => by_expression(operators)?,
            _ => {
                return Err(WebitelError::bad_request(format!(
                    "Bad request: no filter by {field} so."
                )));
            }
        };
        search.condition = search.condition.and(condition)?;
    }
    Ok(search)
}

/// # Errors
/// 400 unless it is a `$regex` that [`regex::read`] knows.
fn by_expression(operators: &Map<String, Value>) -> Result<Condition, WebitelError> {
    // Numbers have no case, so `$options` changes nothing.
    let known = operators.keys().all(|operator| matches!(operator.as_str(), "$regex" | "$options"));
    let expression = operators.get("$regex").and_then(Value::as_str).filter(|_| known);
    match expression.and_then(regex::read) {
        Some(Expression::Any) => Ok(Condition::All),
        Some(Expression::Prefix(prefix)) => Ok(Condition::Prefix(prefix)),
        Some(Expression::Whole(number)) => Ok(Condition::Number(number)),
        None => Err(WebitelError::bad_request(
            "Bad request: a number is searched by ^ and its first digits, or as a whole.",
        )),
    }
}

/// Reads an integer, or digits as text; `None` if there are none.
///
/// # Errors
/// 400
fn count(field: &str, value: Option<&Value>) -> Result<Option<u64>, WebitelError> {
    let read = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_u64(),
    };
    let refused = || format!("Bad request: {field} is a whole number, 1 for instance.");
    read.map(Some).ok_or_else(|| WebitelError::bad_request(refused()))
}

/// JSON without repeated members. `serde_json` would keep the last of two conditions only.
struct NoDuplicates;

impl<'de> Deserialize<'de> for NoDuplicates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NoDuplicates)
    }
}

impl<'de> Visitor<'de> for NoDuplicates {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut seen = HashSet::new();
        while let Some((member, Self)) = map.next_entry::<String, Self>()? {
            if let Some(twice) = seen.replace(member) {
                return Err(A::Error::custom(format_args!("duplicate field `{twice}`")));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while elements.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}

/// The first order that says something.
fn sort(fields: &Map<String, Value>) -> Sort {
    let ascending = |value: &Value| value.as_i64() == Some(1) || value.as_str() == Some("1");
    let mut orders = fields.iter().map(|(field, value)| Sort::new(field, ascending(value)));
    orders.find(|&order| order != Sort::Any).unwrap_or_default()
}

/// Fields to show, `{number: 1}` or `["number"]`, or to hide, `{_id: 0}`.
fn columns(value: &Value) -> Columns {
    let is_off = |value: &Value| matches!(value, Value::Bool(false)) || value.as_i64() == Some(0);
    match value {
        Value::Object(fields) => {
            // The id is shown unless it is hidden, whatever else is.
            let others = fields.iter().filter(|(field, _)| *field != "_id");
            let shown: Vec<_> = others.clone().filter(|(_, value)| !is_off(value)).collect();
            let is_shown = |name: &str| match fields.get(name) {
                Some(value) => !is_off(value),
                None => name == "_id" || shown.is_empty(),
            };
            Columns::new(is_shown)
        }
        Value::Array(names) if !names.is_empty() => Columns::new(|name| {
            name == "_id" || names.iter().any(|shown| shown.as_str() == Some(name))
        }),
        _ => Columns::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(body: &str) -> Result<Search, WebitelError> {
        read(body.as_bytes(), "my.example")
    }

    fn condition(filter: &str) -> Option<Condition> {
        search(&format!(r#"{{"filter":{filter}}}"#)).ok().map(|search| search.condition)
    }

    #[test]
    fn the_search_of_the_official_client_is_read() {
        let search = search(
            r#"{"filter":{"name":"x","number":{"$regex":"^380","$options":"i"}},
                "columns":{"number":1},"limit":"40","sort":{"number":1},"pageNumber":2}"#,
        );
        let search = search.unwrap();
        assert_eq!(search.list.as_deref(), Some("x"));
        assert_eq!(search.condition, Condition::Prefix("380".into()));
        assert_eq!(search.sort, Sort::Number { ascending: true });
        assert_eq!((search.page.offset, search.page.limit), (40, 40));
        assert_eq!(search.columns, Columns { id: true, number: true, name: false, domain: false });
    }

    #[test]
    fn all_of_it_is_optional() {
        for body in ["", "{}", r#"{"filter":null,"columns":null,"limit":null}"#] {
            let search = search(body).unwrap();
            assert_eq!((search.list, search.condition), (None, Condition::All), "{body}");
            assert_eq!((search.page.limit, search.columns), (40, Columns::default()));
        }
    }

    #[test]
    fn a_number_may_be_an_integer() {
        assert_eq!(condition(r#"{"number":911}"#), Some(Condition::Number("911".into())));
        assert_eq!(condition(r#"{"number":"0911"}"#), Some(Condition::Number("0911".into())));
        assert_eq!(
            condition(r#"{"domain":"other.example","number":"1"}"#),
            Some(Condition::Nothing)
        );
        assert_eq!(condition(r#"{"_id":"57fe0555"}"#), Some(Condition::Nothing));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for filter in [
            r#"{"$or":[]}"#,
            r#"{"name":{"$regex":"^x"}}"#,
            r#"{"number":{"$regex":"380"}}"#,
            r#"{"number":{"$ne":"1"}}"#,
            r#"{"number":["1"]}"#,
            r#"{"_id":"57fe05554a68369fc7588212","number":"1"}"#,
        ] {
            assert_eq!(condition(filter), None, "{filter}");
        }
    }

    #[test]
    fn what_is_said_twice_or_cannot_be_read_is_refused() {
        for body in [
            r#"{"filter":{"number":"1","number":"2"}}"#,
            r#"{"filter":{"number":{"$regex":"^1","$regex":"^2"}}}"#,
            r#"{"sort":{"number":1,"number":-1}}"#,
            r#"{"limit":1,"limit":2}"#,
            r#"{"limit":"many"}"#,
            r#"{"limit":true}"#,
            r#"{"limit":1.5}"#,
            r#"{"pageNumber":-1}"#,
            r#"{"pageNumber":[1]}"#,
        ] {
            assert!(search(body).is_err(), "{body}");
        }
        let odd = r#"{"limit":"","pageNumber":" 2 ","filter":{"number":"1","name":"1"},
            "columns":[1,-1,1.5,true,null,{"number":1}]}"#;
        let page = search(odd).unwrap().page;
        assert_eq!((page.offset, page.limit), (40, 40));
    }

    #[test]
    fn columns_are_shown_or_hidden() {
        let columns = |columns: &str| {
            let Columns { id, number, name, domain } =
                search(&format!(r#"{{"columns":{columns}}}"#)).unwrap().columns;
            [id, number, name, domain]
        };
        assert_eq!(columns(r#"{"_id":0}"#), [false, true, true, true]);
        assert_eq!(columns(r#"{"_id":0,"number":1}"#), [false, true, false, false]);
        assert_eq!(columns(r#"{"domain":false}"#), [true, true, true, false]);
        assert_eq!(columns(r#"["name"]"#), [true, false, true, false]);
        assert_eq!(columns("{}"), [true; 4]);
    }
}
