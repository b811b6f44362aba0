//! Prevents: a log without the caller, or with a number in clear.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use callbar_server::ApiError;
use callbar_store::{CredentialKind, Error, Role};
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::clocked_server::{ClockedServer, DOMAIN};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// The lines of requests that `work` makes on this thread.
    fn record(work: impl FnOnce()) -> Vec<Value> {
        // What a thread logs depends on who else begins or ends to listen.
        static ALONE: Mutex<()> = Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn a_refused_request_is_logged_with_who_asked_and_no_number() {
    let server = ClockedServer::new();
    let number = "05050047824";
    let native = server.key(CredentialKind::Native, Some(DOMAIN), None, Role::Reader);
    let webitel = server.key(CredentialKind::Webitel, Some(DOMAIN), None, Role::Reader);
    let sms = server.key(CredentialKind::Iletimerkezi, Some(DOMAIN), Some("sms"), Role::Reader);

    let bearer = format!("Bearer {}", native.token.as_deref().unwrap());
    let token = webitel.token.as_deref().unwrap();
    let key = webitel.key.as_deref().unwrap();
    let (sms_key, hash) = (sms.key.as_deref().unwrap(), sms.hash.as_deref().unwrap());
    let body = format!(
        "{{\"request\":{{\"authentication\":{{\"key\":\"{sms_key}\",\"hash\":\"{hash}\"}},\
         \"blacklist\":{{\"number\":\"{number}\"}}}}}}"
    );
    let lines = Log::record(|| {
        let path = format!("/callbar/v1/domains/{DOMAIN}/lists/spam/entries/{number}");
        server.ask("DELETE", &path, &[("Authorization", bearer.as_str())], "");
        let path = format!("/api/v2/routes/blacklists/spam/{number}");
        server.ask("DELETE", &path, &[("X-Access-Token", token), ("X-Key", key)], "");
        let json = [("Content-Type", "application/json")];
        server.ask("POST", "/v1/add-blacklist/json", &json, body);
        server.ask("GET", "/callbar/v1/domains", &[], "");
        let path = format!("/callbar/v1/domains/{number}.example/decide?explain={number}");
        let call = format!("{{\"from\":\"tel:{number}\"}}");
        server.ask("POST", &path, &[("Authorization", bearer.as_str())], call);
    });

    let logged: Vec<_> = lines.iter().map(|line| &line["fields"]).collect();
    let who: Vec<_> = logged.iter().map(|fields| fields["who"].as_str().unwrap()).collect();
    let native = bearer.split('_').nth(1).unwrap();
    assert_eq!(
        who,
        [
            format!("native:{native}"),
            format!("webitel:{key}"),
            format!("iletimerkezi:{sms_key}"),
            "-".into(),
            format!("native:{native}")
        ]
    );
    let status: Vec<_> = logged.iter().map(|fields| fields["status"].as_u64().unwrap()).collect();
    assert_eq!(status[..2], [403, 403]);
    assert_eq!(status[3..], [401, 403]);
    assert!(lines.iter().all(|line| !line.to_string().contains("5050047824")), "{lines:?}");
}

#[test]
fn a_failure_of_the_server_is_logged_without_the_number() {
    let lines = Log::record(|| {
        let reason = "entry \"+905050047824\": has grown too long".to_owned();
        let error = ApiError::from(Error::NotInForce { reason });
        assert!(!error.message.contains("5050"), "{error:?}");
    });
    let text = lines[0].to_string();
    assert!(text.contains("+905*********") && !text.contains("50047824"), "{text}");
}
