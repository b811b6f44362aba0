//! The option `--list`: `NAME[:allow|:deny[:CODE]]=FILE`.

use std::borrow::Cow;
use std::path::PathBuf;

use callbar::{Action, Response};

/// One `--list`: a name, an action and a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListSpec {
    /// The name of the list; `None` if only a file is given.
    pub(crate) name: Option<String>,
    /// Whether the list allows or denies calls.
    pub(crate) action: Action,
    /// The response to calls that the list bars.
    pub(crate) response: Option<Response>,
    /// The file, `-` for standard input.
    pub(crate) file: PathBuf,
}

/// Reads `NAME[:allow|:deny[:CODE]]=FILE` or, without `=`, only `FILE`.
pub(crate) fn parse_spec(text: &str) -> Result<ListSpec, String> {
    let Some((list, file)) = text.split_once('=') else {
        let (action, file) = (Action::Deny, text.into());
        return Ok(ListSpec { name: None, action, response: None, file });
    };
    let (list, response) = split_code(list)?;
    let (name, action) = match list.rsplit_once(':') {
        None => (list, Action::Deny),
        Some((name, "deny")) => (name, Action::Deny),
        Some((name, "allow")) if response.is_none() => (name, Action::Allow),
        Some((_, "allow")) => {
            return Err("an allow list has no response: leave the code out".into());
        }
        Some((_, other)) => return Err(format!("unknown action {other:?}: give allow or deny")),
    };
    if name.is_empty() || file.is_empty() {
        return Err("give NAME=FILE, NAME:allow=FILE or NAME:deny=FILE".into());
    }
    Ok(ListSpec { name: Some(name.into()), action, response, file: file.into() })
}

/// Splits the code of `NAME:ACTION:CODE` from the rest.
fn split_code(list: &str) -> Result<(&str, Option<Response>), String> {
    let Some((rest, code)) = list.rsplit_once(':') else { return Ok((list, None)) };
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok((list, None));
    }
    if !rest.ends_with(":deny") && !rest.ends_with(":allow") {
        return Err(format!("a code needs an action: give {rest}:deny:{code}"));
    }
    let response = code.parse().ok().and_then(Response::from_code);
    let response = response.ok_or_else(|| {
        format!("{code} is not a response to recommend: give 433, 603, 607 or 608, or none")
    })?;
    Ok((rest, Some(response)))
}

/// Reads `NAME[:allow|:deny[:CODE]]=FILE`; the name is required.
pub(crate) fn parse_named_spec(text: &str) -> Result<ListSpec, String> {
    let spec = parse_spec(text)?;
    if spec.name.is_none() {
        return Err(format!(
            "the list has no name: give NAME={text}, NAME:allow={text} or NAME:deny={text}"
        ));
    }
    Ok(spec)
}

impl ListSpec {
    /// Returns the name, by default that of the file without its endings.
    pub(crate) fn list_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let file =
                self.file.file_name().map_or_else(Cow::default, |name| name.to_string_lossy());
            file.split('.').find(|part| !part.is_empty()).unwrap_or("list").to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_names_list_action_and_file() {
        let spec = |name: Option<&str>, action, file: &str| {
            let (name, file) = (name.map(str::to_owned), file.into());
            Ok(ListSpec { name, action, response: None, file })
        };
        assert_eq!(parse_spec("spam=a=b.txt"), spec(Some("spam"), Action::Deny, "a=b.txt"));
        assert_eq!(parse_spec("vip:allow=v.csv"), spec(Some("vip"), Action::Allow, "v.csv"));
        assert_eq!(parse_spec("x:deny=-"), spec(Some("x"), Action::Deny, "-"));
        assert_eq!(parse_spec("dir/dnc.txt"), spec(None, Action::Deny, "dir/dnc.txt"));
        for wrong in ["=a", "a=", "a:bar=b", ":allow=b"] {
            assert!(parse_spec(wrong).is_err(), "{wrong}");
        }
        assert!(parse_named_spec("dnc.txt").is_err());
    }

    #[test]
    fn a_deny_list_may_have_a_response() {
        let spec = parse_spec("a:b:deny:607=f").unwrap();
        assert_eq!((spec.list_name().as_str(), spec.response), ("a:b", Some(Response::Unwanted)));
        for (wrong, word) in [
            ("a:607=f", "give a:deny:607"),
            ("a:deny:404=f", "433, 603, 607 or 608"),
            ("a:deny:99999=f", "433, 603, 607 or 608"),
            ("a:allow:603=f", "leave the code out"),
        ] {
            assert!(parse_spec(wrong).unwrap_err().contains(word), "{wrong}");
        }
    }

    #[test]
    fn a_file_lends_its_name_to_a_list() {
        for (file, name) in
            [("dir/do-not-call.csv.gz", "do-not-call"), (".hidden", "hidden"), ("-", "-")]
        {
            assert_eq!(parse_spec(file).unwrap().list_name(), name);
        }
    }
}
