//! Imports and exports: nothing half taken, and what comes out goes in again.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode};
use callbar_store::{CredentialKind, Import, Role};
use http_body_util::channel::{Channel, Sender};
use serde_json::json;

use crate::test_server::TestServer;

const LIST: &str = "/callbar/v1/domains/my.example/lists/spam";

#[tokio::test]
async fn what_is_exported_can_be_imported_in_every_form() {
    let server = TestServer::new();
    let body =
        r#"{"number":"0505 004 78 24","expires":1800000000,"reason":"a, \"b\"","source":"c"}"#;
    server.post(&format!("{LIST}/entries"), body).await;
    let whole = server.get(&format!("{LIST}/export")).await;
    for format in ["ndjson", "csv", "text"] {
        let out = server.get(&format!("{LIST}/export?format={format}")).await;
        assert_eq!(out.status, StatusCode::OK);
        let path = format!(
            "/callbar/v1/domains/other.example/lists/{format}/import?make_list=true&format={format}"
        );
        let done = server.ask_as(server.admin(), Method::POST, &path, out.body).await;
        assert_eq!(done.json()["added"], json!(2), "{format}: {}", done.text());
        let again =
            server.get(&format!("/callbar/v1/domains/other.example/lists/{format}/export")).await;
        if format != "text" {
            assert_eq!(again.text(), whole.text(), "{format}");
        }
    }
}

#[tokio::test]
async fn all_or_nothing_unless_a_part_will_do() {
    let server = TestServer::new();
    let lines = "05050000002\nnot a number at all, is it?\n05050000003\n";
    let path = format!("{LIST}/import?format=text");
    let refused = server.ask(Method::POST, &path, lines).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "entries_rejected")
    );
    assert_eq!(refused.json()["report"]["rejected"][0]["line"], json!(2));
    assert_eq!(server.get(LIST).await.json()["entries"], json!(1));
    let part = server.ask(Method::POST, &format!("{path}&partial=true"), lines).await.json();
    assert_eq!((&part["added"], &part["rejected_count"]), (&json!(2), &json!(1)));
    let replace = format!("{path}&replace=true");
    for cut in ["05050000007\n", ""] {
        let refused = server.ask(Method::POST, &replace, cut).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "too_few_entries")
        );
    }
    assert_eq!(server.get(LIST).await.json()["entries"], json!(3));
    let wrong = server.ask(Method::POST, &format!("{replace}&max_loss=101"), "").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let replace = format!("{replace}&max_loss=100");
    let whole = server.ask(Method::POST, &replace, "05050000007\n").await.json();
    assert_eq!((&whole["added"], &whole["removed"]), (&json!(1), &json!(3)));
    let answer =
        server.post("/callbar/v1/domains/my.example/check", r#"{"number":"05050000007"}"#).await;
    assert_eq!(answer.json()["verdict"], "deny");
}

#[tokio::test]
async fn bad_lines_are_named_and_nothing_is_taken() {
    let server = TestServer::new();
    for (format, body, reason) in [
        ("ndjson", "{\"number\":\"05050000002\"}\n{\"number\"\n", "not JSON"),
        (
            "csv",
            "number,expires\n05050000002,1.1.2027\n05050000003,soon\n",
            "a time cannot be read",
        ),
    ] {
        let path = format!("{LIST}/import?format={format}");
        let refused = server.ask(Method::POST, &path, body).await;
        assert_eq!(refused.code(), "entries_rejected", "{}", refused.text());
        let rejected = refused.json()["report"]["rejected"].clone();
        let last = rejected.as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["line"], json!(if format == "csv" { 3 } else { 2 }));
        assert!(last["reason"].as_str().unwrap().starts_with(reason), "{last}");
    }
    for (body, remedy) in [
        ("name,city\n1,2\n", "--column"),
        ("05050000002,x\n", "no_header=true&column=1"),
        ("number\n\"05050000002\n", "close it"),
        ("PK\u{3}\u{4}", "save it as CSV"),
    ] {
        let path = format!("{LIST}/import?format=csv");
        let refused = server.ask(Method::POST, &path, body).await;
        assert_eq!(refused.code(), "bad_file", "{}", refused.text());
        let said = refused.json()["error"]["remedy"].as_str().unwrap().to_owned();
        assert!(said.contains(remedy), "{said}");
    }
    let path = format!("{LIST}/import");
    assert_eq!(server.post(&path, "[]").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let none = server
        .ask(Method::POST, "/callbar/v1/domains/my.example/lists/none/import?format=text", "112")
        .await;
    assert_eq!(none.code(), "unknown_list");
    assert_eq!(server.get(LIST).await.json()["entries"], json!(1));
}

#[test]
fn reads_are_answered_while_an_import_holds_many_changes_up() {
    // Fewer threads than changes.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().max_blocking_threads(140).build().unwrap();
    let server = Arc::new(TestServer::new());
    let (go_on, waiting) = std::sync::mpsc::channel::<()>();
    let manager = server.app.manager().clone();
    let (beginning, begun) = std::sync::mpsc::channel();
    let import = std::thread::spawn(move || {
        let (domain, list) = ("my.example".into(), "spam".into());
        let import = Import { domain, list, ..Import::default() };
        // Asked when no other change can come between: all of them wait.
        let may = || {
            let _ = beginning.send(());
            let _ = waiting.recv();
            Ok(())
        };
        manager.import("test", &import, |_| Ok::<_, callbar_store::Error>(()), may).unwrap()
    });
    begun.recv().unwrap();
    let ask = |number: String| {
        let (server, body) = (Arc::clone(&server), format!("{{\"number\":\"{number}\"}}"));
        let path = format!("{LIST}/entries");
        tokio::spawn(async move {
            server.ask_as(server.admin(), Method::POST, &path, body).await.status
        })
    };
    let pause = || tokio::time::sleep(Duration::from_millis(300));
    runtime.block_on(async {
        // Those who went away have threads that wait, too.
        let gone: Vec<_> = (0..300).map(|i| ask(format!("0505200{i:04}"))).collect();
        pause().await;
        gone.iter().for_each(tokio::task::JoinHandle::abort);
        let changes: Vec<_> = (0..300).map(|i| ask(format!("0505100{i:04}"))).collect();
        pause().await;
        let export = tokio::time::timeout(
            Duration::from_secs(10),
            server.get("/callbar/v1/domains/other.example/lists/spam/export"),
        );
        assert_eq!(export.await.expect("an answer").status, StatusCode::OK);
        assert!(changes.iter().all(|change| !change.is_finished()), "they wait");
        drop(go_on);
        for change in changes {
            assert_eq!(change.await.unwrap(), StatusCode::CREATED);
        }
    });
    assert!(import.join().unwrap().done);
}

/// A body that is sent bit by bit.
/// Room for one piece: when a second could be sent, somebody reads.
fn slowly() -> (Sender<Bytes>, Body) {
    let (send, whole) = Channel::new(1);
    (send, Body::new(whole))
}

#[tokio::test]
async fn an_upload_ends_with_its_key_and_its_domain() {
    let server = Arc::new(TestServer::new());
    let path = "/callbar/v1/domains/my.example/lists/late/import?make_list=true&format=text";
    for (ends, status) in [("key", StatusCode::UNAUTHORIZED), ("domain", StatusCode::CONFLICT)] {
        let issued = server.issue(CredentialKind::Native, Some("my.example"), None, Role::Editor);
        let token = issued.token.unwrap();
        let (mut send, body) = slowly();
        let (sender, asking) = (Arc::clone(&server), token.clone());
        let upload =
            tokio::spawn(async move { sender.ask_as(&asking, Method::POST, path, body).await });
        send.send_data("05051112233\n".into()).await.unwrap();
        if ends == "key" {
            let key = token.split('_').nth(1).unwrap();
            let revoke = format!("/callbar/v1/keys/native/{key}");
            assert_eq!(server.ask(Method::DELETE, &revoke, "").await.status, StatusCode::OK);
        } else {
            server.ask(Method::DELETE, "/callbar/v1/domains/my.example", "").await;
            let put = r#"{"plan":{"region":"TR"}}"#;
            let put = server.ask(Method::PUT, "/callbar/v1/domains/my.example", put).await;
            assert_eq!(put.status, StatusCode::CREATED, "{}", put.text());
        }
        send.send_data("05051112234\n".into()).await.unwrap();
        drop(send);
        let refused = upload.await.unwrap();
        assert_eq!(refused.status, status, "{ends}: {}", refused.text());
        let answer =
            server.post("/callbar/v1/domains/my.example/check", r#"{"number":"05051112233"}"#);
        assert_eq!(answer.await.json()["verdict"], "pass", "{ends}");
    }
}

#[tokio::test]
async fn an_entry_is_refused_if_its_key_was_revoked_meanwhile() {
    let server = Arc::new(TestServer::new());
    let token = server.native(Some("my.example"), None, Role::Editor);
    let (mut send, body) = slowly();
    let (sender, asking) = (Arc::clone(&server), token.clone());
    let path = format!("{LIST}/entries");
    let add = tokio::spawn(async move { sender.ask_as(&asking, Method::POST, &path, body).await });
    send.send_data(r#"{"number":"0505"#.into()).await.unwrap();
    send.send_data("111".into()).await.unwrap();
    let revoke = format!("/callbar/v1/keys/native/{}", token.split('_').nth(1).unwrap());
    assert_eq!(server.ask(Method::DELETE, &revoke, "").await.status, StatusCode::OK);
    send.send_data(r#"2233"}"#.into()).await.unwrap();
    drop(send);
    assert_eq!(add.await.unwrap().status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get(LIST).await.json()["entries"], json!(1));
}

#[tokio::test]
async fn slow_uploads_of_one_domain_keep_no_other_waiting() {
    let server = Arc::new(TestServer::new());
    let mut held = Vec::new();
    for _ in 0..2 {
        let (mut send, body) = slowly();
        let sender = Arc::clone(&server);
        let path = format!("{LIST}/import?format=text");
        let upload = tokio::spawn(async move {
            sender.ask_as(sender.admin(), Method::POST, &path, body).await.status
        });
        // Who takes a piece has a place.
        for piece in ["05051112233\n", "\n"] {
            send.send_data(piece.into()).await.unwrap();
        }
        held.push((send, upload));
    }
    let path = format!("{LIST}/import?format=text");
    assert_eq!(server.ask(Method::POST, &path, "05051112234\n").await.code(), "busy");
    let other = path.replace("my.example", "other.example");
    let done = server.ask(Method::POST, &other, "05051112234\n").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    for (send, upload) in held {
        drop(send);
        assert_eq!(upload.await.unwrap(), StatusCode::OK);
    }
}
