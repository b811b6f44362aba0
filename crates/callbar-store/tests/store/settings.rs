//! Credentials, and settings of domains and lists, come back as they were given.

use callbar::{Action, Outcome, Response};
use callbar_store::{CredentialKind, DomainSettings, Error, ListSettings, NewCredential, Role};

use crate::fixture::{DENY, DOMAIN, NOW, listed};

fn native(key: &str) -> NewCredential<'_> {
    NewCredential {
        kind: CredentialKind::Native,
        key,
        secret: b"hash",
        salt: b"salt",
        domain: None,
        list: None,
        role: Role::Editor,
        label: "ours",
    }
}

#[test]
fn a_credential_goes_with_its_domain_and_outlives_its_list() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, domain, list) = listed(directory.path());
    let mut group = writer.begin().expect("begin");
    let bound = NewCredential { domain: Some(domain), list: Some("spam"), ..native("bound") };
    group.put_credential(&native("global"), NOW).expect("credential");
    group.put_credential(&bound, NOW).expect("credential");
    let error = group.put_credential(&bound, NOW).expect_err("taken");
    assert!(matches!(error, Error::Taken { what: "credential", .. }), "{error}");
    group.remove_list(list).expect("remove");
    group.commit().expect("commit");
    let found = |key| store.read(|reader| reader.credential(CredentialKind::Native, key));
    let bound = found("bound").expect("read").expect("there");
    assert_eq!((bound.domain, bound.list.as_deref()), (Some(domain), Some("spam")));
    assert_eq!((&bound.secret[..], &bound.salt[..]), (&b"hash"[..], &b"salt"[..]));
    assert_eq!((bound.role, bound.revoked, bound.created), (Role::Editor, None, NOW));
    let other = store.read(|reader| reader.credential(CredentialKind::Webitel, "bound"));
    assert!(other.expect("read").is_none(), "of another kind");

    let mut group = writer.begin().expect("begin");
    group.remove_domain(domain).expect("remove");
    group.put_domain(DOMAIN, &DomainSettings::default(), NOW).expect("domain");
    group.commit().expect("commit");
    assert!(found("bound").expect("read").is_none());
    assert!(found("global").expect("read").is_some());
}

#[test]
fn a_revoked_credential_says_so() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, ..) = listed(directory.path());
    let mut group = writer.begin().expect("begin");
    let row = group.put_credential(&native("ours"), NOW).expect("credential");
    assert_eq!(group.revoke(row, NOW + 5).expect("revoke"), Outcome::Replaced);
    assert_eq!(group.revoke(row, NOW + 6).expect("revoke"), Outcome::Unchanged);
    group.commit().expect("commit");
    let found = store.read(|reader| {
        let all = reader.credentials()?;
        Ok((all.len(), all[0].row, all[0].revoked))
    });
    assert_eq!(found.expect("read"), (1, row, Some(NOW + 5)));
}

#[test]
fn settings_come_back_as_they_were_given() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, domain, list) = listed(directory.path());
    let settings = DomainSettings {
        plan: r#"{"region":"TR"}"#,
        emergency_exempt: true,
        subscriptions: &["z.example", "b.example"],
        description: "ours",
    };
    let said = ListSettings {
        action: Action::Allow,
        response: Some(Response::Unwanted),
        description: "theirs",
    };
    for outcome in [Outcome::Replaced, Outcome::Unchanged] {
        let mut group = writer.begin().expect("begin");
        assert_eq!(group.put_domain(DOMAIN, &settings, NOW).expect("put"), (domain, outcome));
        assert_eq!(group.put_list(domain, "spam", &said, NOW).expect("put"), (list, outcome));
        let changed = usize::from(outcome == Outcome::Replaced);
        assert_eq!(group.commit().expect("commit").len(), changed);
    }
    let mut group = writer.begin().expect("begin");
    let (_, outcome) = group.put_list(domain, "SPAM", &DENY, NOW).expect("put");
    assert_eq!(outcome, Outcome::Added, "case counts");
    group.commit().expect("commit");
    store
        .read(|reader| {
            let stored = &reader.domains()?[0];
            assert_eq!((stored.plan.as_str(), stored.emergency_exempt), (settings.plan, true));
            assert_eq!(stored.subscriptions, settings.subscriptions);
            let list = &reader.lists(domain)?[1];
            assert_eq!((list.action, list.response), (said.action, said.response));
            assert_eq!((list.name.as_str(), list.description.as_str()), ("spam", "theirs"));
            Ok(())
        })
        .expect("read");
}
