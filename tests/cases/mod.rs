//! The cases of `calls.jsonl`, shared by the tests of all interfaces.
#![allow(dead_code, reason = "each test takes what it needs")]

use callbar::{Action, Call, Compiler, DialPlan, Response};
use serde_json::Value;

pub(crate) const DOMAIN: &str = "my.example";

/// One line: a domain's lists, a call, and what must come of it.
pub(crate) struct Case {
    pub(crate) region: String,
    pub(crate) technical_prefix: Option<String>,
    /// As `--list` has them, `spam:deny:607`, with their entries.
    pub(crate) lists: Vec<(String, Vec<String>)>,
    pub(crate) call: Given,
    /// `pass`, `exempt`, `deny 607 caller`, `deny caller`.
    pub(crate) want: String,
    pub(crate) why: String,
}

/// The headers of a call.
pub(crate) struct Given {
    pub(crate) json: Value,
    callee: Option<String>,
    from: Option<String>,
    asserted: Vec<String>,
    remote_party: Vec<String>,
    privacy: Option<String>,
}

impl Given {
    fn new(json: &Value) -> Self {
        let text = |name: &str| json.get(name).map(|value| value.as_str().unwrap().to_owned());
        let texts = |name: &str| {
            let values = json.get(name).and_then(Value::as_array);
            values.into_iter().flatten().map(|value| value.as_str().unwrap().to_owned()).collect()
        };
        Self {
            json: json.clone(),
            callee: text("callee"),
            from: text("from"),
            asserted: texts("asserted"),
            remote_party: texts("remote_party"),
            privacy: text("privacy"),
        }
    }

    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Call<'_>) -> T) -> T {
        fn bytes(texts: &[String]) -> Vec<&[u8]> {
            texts.iter().map(String::as_bytes).collect()
        }
        let (asserted, remote_party) = (bytes(&self.asserted), bytes(&self.remote_party));
        ask(&Call {
            callee: self.callee.as_deref().map(str::as_bytes),
            from: self.from.as_deref().map(str::as_bytes),
            asserted: &asserted,
            remote_party: &remote_party,
            privacy: self.privacy.as_deref().map(str::as_bytes),
        })
    }
}

impl Case {
    fn new(line: &str) -> Self {
        let json: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let entries = |value: &Value| {
            value
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry.as_str().unwrap().to_owned())
                .collect()
        };
        let lists = json["lists"].as_object().unwrap();
        Self {
            region: text("region").unwrap(),
            technical_prefix: text("technical_prefix"),
            lists: lists.iter().map(|(name, value)| (name.clone(), entries(value))).collect(),
            call: Given::new(&json["call"]),
            want: text("want").unwrap(),
            why: text("why").unwrap(),
        }
    }

    pub(crate) fn plan(&self) -> DialPlan {
        let plan = DialPlan::new(&self.region).unwrap();
        match &self.technical_prefix {
            Some(prefix) => plan.with_technical_prefix(prefix).unwrap(),
            None => plan,
        }
    }

    /// The compiled lists.
    pub(crate) fn index(&self) -> Vec<u8> {
        let mut compiler = Compiler::new(DOMAIN, self.plan()).unwrap();
        for (option, entries) in &self.lists {
            let mut parts = option.split(':');
            let name = parts.next().unwrap();
            let action = if parts.next() == Some("allow") { Action::Allow } else { Action::Deny };
            let mut list = compiler.list(name, action).unwrap();
            if let Some(code) = parts.next() {
                let response = Response::from_code(code.parse().unwrap());
                list.set_response(response);
            }
            let rejected = list.extend(entries);
            assert!(rejected.is_empty(), "{rejected:?}");
        }
        compiler.finish().unwrap().bytes
    }

    /// Reports whether an answer, written as [`Case::want`] is, is what must come of the call.
    pub(crate) fn is_met_by(&self, decided: &str, exempt: bool) -> bool {
        match self.want.as_str() {
            "exempt" => exempt && decided == "pass",
            "deny caller" => !exempt && decided.starts_with("deny") && decided.ends_with("caller"),
            want => !exempt && decided == want,
        }
    }

    /// The same of an answer in JSON.
    pub(crate) fn is_met_by_json(&self, answer: &Value) -> bool {
        let code = answer["response"]["code"].as_u64().map(|code| code.to_string());
        let words = [answer["action"].as_str(), code.as_deref(), answer["party"].as_str()];
        let decided: Vec<_> = words.into_iter().flatten().collect();
        self.is_met_by(&decided.join(" "), answer["exempt"].as_bool().unwrap())
    }
}

/// Cases of one domain: with the same region, technical prefix and lists.
pub(crate) fn by_domain() -> Vec<Vec<(usize, Case)>> {
    let mut domains: Vec<Vec<(usize, Case)>> = Vec::new();
    for (line, case) in all() {
        let is_same = |(_, other): &(usize, Case)| {
            (&other.region, &other.technical_prefix, &other.lists)
                == (&case.region, &case.technical_prefix, &case.lists)
        };
        match domains.iter_mut().find(|cases| is_same(&cases[0])) {
            Some(cases) => cases.push((line, case)),
            None => domains.push(vec![(line, case)]),
        }
    }
    domains
}

/// All cases, each with its line.
pub(crate) fn all() -> impl Iterator<Item = (usize, Case)> {
    include_str!("calls.jsonl").lines().enumerate().map(|(at, line)| (at + 1, Case::new(line)))
}
