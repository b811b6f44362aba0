//! Prevents: a client of iletimerkezi's blocked numbers that finds another API here than the one it
//! was written for. The tests of the document's samples are named after its headings.

use callbar::Note;
use callbar_store::{CredentialKind, Import, ImportEntry, NewEntry, Operation, Role};
use serde_json::{Value, json};

use crate::clocked;
use crate::clocked_server::{Answer, ClockedServer, DOMAIN, NOW};

/// An account and its list.
struct Account {
    server: ClockedServer,
    key: String,
    hash: String,
}

impl Account {
    fn new() -> Self {
        Self::with_role(Role::Editor)
    }

    fn with_role(role: Role) -> Self {
        let server = ClockedServer::new();
        let issued = server.key(CredentialKind::Iletimerkezi, Some(DOMAIN), Some("sms"), role);
        Self { server, key: issued.key.unwrap(), hash: issued.hash.unwrap() }
    }

    /// Sends what stands in `blacklist`, if anything.
    fn ask(&self, call: &str, blacklist: Option<Value>) -> Answer {
        let mut body = json!({"request": {
            "authentication": {"key": self.key, "hash": self.hash},
        }});
        if let Some(blacklist) = blacklist {
            body["request"]["blacklist"] = blacklist;
        }
        self.send(call, &body.to_string())
    }

    fn send(&self, call: &str, body: &str) -> Answer {
        let headers = [("Content-Type", "application/json")];
        self.server.ask("POST", &format!("/v1/{call}/json"), &headers, body.to_owned())
    }

    fn get(&self, blacklist: Value) -> Answer {
        self.ask("get-blacklist", Some(blacklist))
    }

    /// The count and the numbers of a page.
    fn page(&self, blacklist: Value) -> (String, Vec<String>) {
        let answer = self.get(blacklist).json();
        let listed = &answer["response"]["blacklist"];
        let count = listed["count"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let numbers = listed["number"].as_array().unwrap_or_else(|| panic!("{answer}"));
        (count, numbers.iter().map(|number| number.as_str().unwrap().to_owned()).collect())
    }

    fn status(&self, call: &str, number: impl Into<Value>) -> u16 {
        let answer = self.ask(call, Some(json!({"number": number.into()})));
        let body = answer.json();
        assert_eq!(body["response"]["status"]["code"], answer.status, "an integer, as the status");
        assert_eq!(body["response"].as_object().unwrap().len(), 1, "status only");
        answer.status
    }

    /// Imports mobile numbers, the n-th made n seconds after [`NOW`].
    fn fill(&self, count: u64) {
        let entry = |at: u64| {
            let note = Note { created: Some(NOW + at), ..Note::default() };
            ImportEntry { line: at + 1, number: format!("0505{at:07}"), note: note.into() }
        };
        let entries = (0..count).map(|at| Ok(entry(at)));
        let import = Import {
            domain: DOMAIN.into(),
            list: "sms".into(),
            make_list: true,
            ..Import::default()
        };
        let done = clocked::import(&self.server.manager, &import, entries).unwrap();
        assert_eq!(done.added, count);
    }
}

fn number(at: u64) -> String {
    format!("+90505{at:07}")
}

fn numbers(from: u64, to: u64) -> Vec<String> {
    (from..to).map(number).collect()
}

fn refusal(code: u16, message: &str) -> (u16, Value) {
    (code, json!({"response": {"status": {"code": code, "message": message}}}))
}

#[test]
fn request_body_of_empty_strings() {
    let account = Account::new();
    account.fill(3);
    let whole = json!({"filter": {"start": "", "end": ""}, "page": "", "rowCount": ""});
    assert_eq!(account.page(whole), ("3".into(), numbers(0, 3)));
    // As it stands in the document, without a key.
    let body = r#"{"request":{"authentication":{"key":"","hash":""},
        "blacklist":{"filter":{"start":"","end":""},"page":"","rowCount":""}}}"#;
    let answer = account.send("get-blacklist", body);
    assert_eq!(answer.status_and_json(), refusal(401, "Membership details incorrect"));
}

#[test]
fn sample_request_and_sample_successful_response() {
    let account = Account::new();
    account.fill(7_906);
    let answer = account.get(json!({"page": 1, "rowCount": 5}));
    let expected = json!({"response": {
        "status": {"code": 200, "message": "Successful operation"},
        "blacklist": {"count": "7906", "number": numbers(0, 5)},
    }});
    assert_eq!(answer.status_and_json(), (200, expected));
    let (count, last) = account.page(json!({"page": "8", "rowCount": "1000"}));
    assert_eq!((count.as_str(), last), ("7906", numbers(7_000, 7_906)));
}

#[test]
fn sample_error_response() {
    let account = Account::new();
    // With an empty key and hash, as in the sample request.
    let body = r#"{"request":{"authentication":{"key":"","hash":""},
        "blacklist":{"page":1,"rowCount":5}}}"#;
    let refused = refusal(401, "Membership details incorrect");
    assert_eq!(account.send("get-blacklist", body).status_and_json(), refused);
    let with = |key: &str, hash: &str| {
        let body = json!({"request": {"authentication": {"key": key, "hash": hash}}});
        account.send("get-blacklist", &body.to_string())
    };
    assert_eq!(with(&account.key, "wrong").status_and_json(), refused);
    assert_eq!(with("wrong", &account.hash).status_and_json(), refused);
    assert_eq!(with(&account.key, &account.hash.to_uppercase()).status_and_json(), refused);
    assert_eq!(account.send("get-blacklist", r#"{"request":{}}"#).status_and_json(), refused);
    assert_eq!(with(&account.key, &account.hash).status, 200);
    let (kind, key) = (CredentialKind::Iletimerkezi, account.key.clone());
    account.server.apply(Operation::RevokeKey { kind, key });
}

#[test]
fn error_codes_of_the_table() {
    let account = Account::new();
    let turkish = |method: &str, path: &str, body: &'static str| {
        account
            .server
            .ask(method, path, &[("Accept-Language", "tr-TR,tr;q=0.9")], body)
            .status_and_json()
    };
    let path = "/v1/get-blacklist/json";
    assert_eq!(turkish("POST", path, "{"), refusal(400, "İstek çözümlenemedi"));
    let nobody = r#"{"request":{}}"#;
    assert_eq!(turkish("POST", path, nobody), refusal(401, "Üyelik bilgileri hatalı"));
    let wrong = refusal(404, "API istek yapılan yönteme sahip değil");
    assert_eq!(turkish("POST", "/v1/get-blacklists/json", ""), wrong);
    assert_eq!(turkish("GET", path, ""), wrong);
    let english = account.send("get-blacklist", "{").status_and_json();
    assert_eq!(english, refusal(400, "Request could not be processed"));
}

#[test]
fn members_may_be_missing_empty_null_strings_or_integers() {
    let account = Account::new();
    assert_eq!(account.page(json!({})), ("0".into(), vec![]), "an array, also when it is empty");
    account.fill(1_001);
    let whole = ("1001".to_owned(), numbers(0, 1_000));
    let answer = account.ask("get-blacklist", None).json();
    assert_eq!(answer["response"]["blacklist"]["number"].as_array().unwrap().len(), 1_000);
    for same in [
        json!({}),
        json!(null),
        json!([]),
        json!({"filter": {}, "page": null, "rowCount": null}),
        json!({"filter": null, "page": 1, "rowCount": 1000}),
        json!({"filter": [], "page": "1", "rowCount": "1000"}),
        json!({"filter": {"start": null, "end": null}, "rowCount": 5_000}),
    ] {
        assert_eq!(account.page(same.clone()), whole, "{same}");
    }
    assert_eq!(account.page(json!({"page": 2})), ("1001".into(), numbers(1_000, 1_001)));
    assert_eq!(account.page(json!({"page": 3})), ("1001".into(), vec![]));
    assert_eq!(account.page(json!({"page": "3", "rowCount": 10})).1, numbers(20, 30));
}

#[test]
fn filters_are_in_turkish_time_and_both_ends_count() {
    let account = Account::new();
    account.fill(100);
    // NOW is 09:42:45 in UTC.
    let page = |filter: Value| account.page(json!({"filter": filter, "rowCount": 3}));
    assert_eq!(page(json!({"start": "2016-10-12 12:42:55"})), ("90".into(), numbers(10, 13)));
    assert_eq!(page(json!({"end": "2016-10-12 12:42:46"})), ("2".into(), numbers(0, 2)));
    let both = json!({"start": "2016-10-12 12:42:50", "end": "2016-10-12 12:42:50"});
    assert_eq!(page(both), ("1".into(), numbers(5, 6)));
    let before = json!({"start": "2016-10-12 09:42:45", "end": "2016-10-12 12:42:44"});
    assert_eq!(page(before), ("0".into(), vec![]));
    let second = json!({"filter": {"start": "2016-10-12 12:42:55"}, "page": 2, "rowCount": 3});
    assert_eq!(account.page(second), ("90".into(), numbers(13, 16)), "the count is of all pages");
}

#[test]
fn wrong_dates_and_pages_have_codes_of_their_own() {
    let account = Account::new();
    let code = |blacklist: Value| account.get(blacklist).status_and_json();
    let date = refusal(457, "Invalid date format");
    for start in
        [json!("2024-09-27"), json!("yesterday"), json!(20_240_927), json!("2024-02-30 00:00:00")]
    {
        assert_eq!(code(json!({"filter": {"start": start}})), date);
        assert_eq!(code(json!({"filter": {"end": start}})), date);
    }
    let range = json!({"filter": {"start": "2024-09-27 01:10:01", "end": "2024-09-27 01:10:00"}});
    assert_eq!(code(range), refusal(458, "Invalid date range"));
    for page in [json!(0), json!("0"), json!(-1), json!("-1"), json!("x"), json!(1.5)] {
        assert_eq!(code(json!({"page": page})), refusal(464, "Page value must start from 1"));
    }
}

#[test]
fn add_takes_one_number_in_any_written_form_and_is_idempotent() {
    let account = Account::new();
    for form in [
        json!("0505 004 78 24"),
        json!("5050047824"),
        json!("+90 (505) 004 78 24"),
        json!(905_050_047_824_u64),
        json!("00905050047824"),
    ] {
        assert_eq!(account.status("add-blacklist", form.clone()), 200, "{form}");
    }
    assert_eq!(account.page(json!({})), ("1".into(), vec!["+905050047824".into()]));
    assert!(account.server.denies("+905050047824"), "in force at once");
    for wrong in
        [json!(""), json!(null), json!("x"), json!("911"), json!("+90505*"), json!("anonymous")]
    {
        assert_eq!(account.status("add-blacklist", wrong.clone()), 466, "{wrong}");
    }
    assert_eq!(account.ask("add-blacklist", None).status, 466);
    assert_eq!(account.status("add-blacklist", json!(["+905050047825"])), 400, "one number");
}

#[test]
fn delete_of_a_number_that_is_not_there_is_474() {
    let account = Account::new();
    account.fill(2);
    assert_eq!(account.status("delete-blacklist", json!("00 90 505 0000001")), 200);
    assert_eq!(account.status("delete-blacklist", json!("+905050000001")), 474);
    for wrong in ["?", "abc", "112", "0505*"] {
        assert_eq!(account.status("delete-blacklist", json!(wrong)), 466, "{wrong}");
    }
    assert_eq!(account.status("delete-blacklist", json!("+905050000000")), 200);
    assert_eq!(account.page(json!({})), ("0".into(), vec![]));
    assert_eq!(account.status("add-blacklist", json!("+905050000000")), 200, "and comes again");
}

#[test]
fn a_number_of_another_list_or_domain_is_not_seen() {
    let account = Account::new();
    account.server.add_at("other", "+905050047824", NOW, None);
    assert_eq!(account.page(json!({})), ("0".into(), vec![]));
    assert_eq!(account.status("delete-blacklist", json!("+905050047824")), 474);
    let reader = Account::with_role(Role::Reader);
    assert_eq!(reader.get(json!({})).status, 200);
    assert_eq!(reader.status("add-blacklist", json!("+905050047824")), 403);
    assert_eq!(reader.status("delete-blacklist", json!("+905050047824")), 403);
}

#[test]
fn every_body_is_json_whatever_is_wrong() {
    let account = Account::new();
    for path in ["/v1/", "/v1/x", "/v1/get-blacklist/xml", "/v1/get-blacklist/json/1"] {
        assert_eq!(
            account.server.ask("POST", path, &[], "").json()["response"]["status"]["code"],
            404
        );
    }
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = account.server.ask(method, "/v1/add-blacklist/json", &[], "");
        assert_eq!(answer.json()["response"]["status"]["code"], 404, "{method}");
    }
    let answer = account.server.ask("POST", "/v1/get-blacklist/json", &[], vec![b'1'; 2 << 20]);
    assert_eq!(answer.status_and_json(), refusal(413, "Request is too large"));
    assert_eq!(account.send("get-blacklist", r#"{"request":{"a":"#).status, 400);
}

#[test]
fn the_same_in_xml() {
    let account = Account::new();
    account.fill(3);
    let ask = |call: &str, blacklist: &str| {
        let (key, hash) = (&account.key, &account.hash);
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<request><authentication><key>{key}</key>\
             <hash>{hash}</hash></authentication>{blacklist}</request>"
        );
        let headers = [("Content-Type", "text/xml")];
        let answer = account.server.ask("POST", &format!("/v1/{call}"), &headers, body);
        assert_eq!(answer.content_type, "text/xml; charset=utf-8");
        (answer.status, answer.body)
    };
    let reply = |code: u16, message: &str, more: &str| {
        let status = format!("<status><code>{code}</code><message>{message}</message></status>");
        let response = format!("<response>{status}{more}</response>\n");
        (code, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{response}"))
    };
    let done = |more: &str| reply(200, "Successful operation", more);
    let empty = "<blacklist><filter><start></start><end></end></filter><page></page>\
                 <rowCount></rowCount></blacklist>";
    let all = "<blacklist><count>3</count><number>+905050000000</number>\
               <number>+905050000001</number><number>+905050000002</number></blacklist>";
    assert_eq!(ask("get-blacklist", empty), done(all));
    assert_eq!(ask("get-blacklist", ""), done(all));
    let filtered = "<blacklist><filter><start>2016-10-12 12:42:46</start></filter>\
                    <page>2</page><rowCount>1</rowCount></blacklist>";
    let second = "<blacklist><count>2</count><number>+905050000002</number></blacklist>";
    assert_eq!(ask("get-blacklist", filtered), done(second));
    let number = |number: &str| format!("<blacklist><number>{number}</number></blacklist>");
    assert_eq!(ask("add-blacklist", &number("0505 004 78 24")), done(""));
    assert_eq!(ask("add-blacklist", &number("x")), reply(466, "Invalid number", ""));
    assert_eq!(ask("delete-blacklist", &number("+905050047824")), done(""));
    let not_there = reply(474, "The block on this number cannot be removed", "");
    assert_eq!(ask("delete-blacklist", &number("+905050047824")), not_there);
    let page = "<blacklist><page>0</page></blacklist>";
    assert_eq!(ask("get-blacklist", page), reply(464, "Page value must start from 1", ""));
    assert_eq!(ask("get-blacklist", "<blacklist>").0, 400);
    let turkish = [("Accept-Language", "tr")];
    let answer = account.server.ask("POST", "/v1/get-blacklist", &turkish, "<request/>");
    let expected = reply(401, "Üyelik bilgileri hatalı", "");
    assert_eq!((answer.status, answer.body), expected);
    let answer = account.server.ask("GET", "/v1/get-blacklist", &[], "");
    assert_eq!(answer.body, reply(404, "API does not support the requested method", "").1);
}

#[test]
fn pages_and_counts_pass_over_what_has_expired() {
    let account = Account::new();
    let entry = |at: u64| NewEntry {
        note: Note {
            created: Some(NOW + at),
            // Whole pages of them.
            expires: (at % 20 < 12).then_some(NOW + 100),
            ..Note::default()
        }
        .into(),
        ..NewEntry::new(format!("0505{at:07}"))
    };
    let add = |at| Operation::Add {
        domain: DOMAIN.into(),
        list: "sms".into(),
        entry: entry(at),
        make_list: true,
    };
    account.server.manager.apply("test", (0..60).map(add).collect()).unwrap();
    account.server.set_clock((NOW + 100) * 1_000);
    let mut all = Vec::new();
    for page in 1..=5 {
        let (count, numbers) = account.page(json!({"page": page, "rowCount": 5}));
        assert_eq!((count.as_str(), numbers.len()), ("24", if page < 5 { 5 } else { 4 }));
        all.extend(numbers);
    }
    let live = (0..60).filter(|at| at % 20 >= 12).map(|at| format!("+90505{at:07}"));
    assert_eq!(all, live.collect::<Vec<_>>());
    assert_eq!(account.page(json!({"page": 6, "rowCount": 5})).1, [""; 0]);
}
