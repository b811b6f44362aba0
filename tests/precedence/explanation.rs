//! An explanation, whole: what is serialised is what operators and other programs read.

use callbar::Action::{Allow, Deny};
use callbar::{Change, EntryId, Note};
use serde_json::{Value, json};

use super::network::{DOMAIN, Lists, NOW, Network};

#[test]
fn an_explanation_tells_everything() {
    let network = Network::new();
    network.publish("shared.example", &[("block", Deny, &["+905321234567"])], &[]);
    let own: Lists<'_> = &[
        ("spam", Deny, &["+9053212*"]),
        ("vip", Allow, &["+90532XXXXXXX"]),
        ("old", Deny, &["+905320-+905329"]),
    ];
    network.publish(DOMAIN, own, &["shared.example", "absent.example"]);
    let note = Note {
        id: EntryId::new([7; 12]),
        created: Some(NOW - 60),
        expires: Some(NOW + 60),
        reason: Some("complaint 4711"),
        ..Note::default()
    };
    network.change(&[Change::add("old", "+9053212*").with_note(note)]);
    let snapshot = network.engine.snapshot();
    let explanation = snapshot.domain(DOMAIN).unwrap().explain("sip:0532 123 45 67@gw");
    assert_eq!(serde_json::to_value(&explanation).unwrap(), expected());
}

fn expected() -> Value {
    json!({
        "domain": "my.example",
        "written": "sip:0532 123 45 67@gw",
        "number": "+905321234567",
        "tag": "E",
        "steps": [
            { "step": "user_part", "value": "0532 123 45 67" },
            { "step": "separators_dropped", "value": "05321234567" },
            { "step": "trunk_prefix", "value": "0" },
            { "step": "calling_code", "value": "90" },
            { "step": "e164", "value": "+905321234567" },
        ],
        "class": null,
        "emergency": false,
        "verdict": "deny",
        "why": "no longer entry holds the number",
        "matches": [
            {
                "layer": "own",
                "domain": "my.example",
                "list": "spam",
                "action": "deny",
                "entry": "+9053212*",
                "kind": "prefix",
                "digits": 7,
                "won": true,
                "why": "no longer entry holds the number",
                "note": null,
            },
            {
                "layer": "own",
                "domain": "my.example",
                "list": "old",
                "action": "deny",
                "entry": "+9053212*",
                "kind": "prefix",
                "digits": 7,
                "won": false,
                "why": "overridden: an older list has an entry of the same length",
                "note": {
                    "id": "070707070707070707070707",
                    "created": 1_799_999_940_u64,
                    "expires": 1_800_000_060_u64,
                    "reason": "complaint 4711",
                    "source": null,
                },
            },
            {
                "layer": "own",
                "domain": "my.example",
                "list": "vip",
                "action": "allow",
                "entry": "+90532XXXXXXX",
                "kind": "wildcard",
                "digits": 5,
                "won": false,
                "why": "overridden: a longer entry holds the number",
                "note": null,
            },
            {
                "layer": "own",
                "domain": "my.example",
                "list": "old",
                "action": "deny",
                "entry": "+905320-+905329",
                "kind": "range",
                "digits": 5,
                "won": false,
                "why": "overridden: a longer entry holds the number",
                "note": null,
            },
            {
                "layer": "shared",
                "domain": "shared.example",
                "list": "block",
                "action": "deny",
                "entry": "+905321234567",
                "kind": "exact",
                "digits": null,
                "won": false,
                "why": "overridden: own lists come before shared ones",
                "note": null,
            },
        ],
        "response": { "code": 603, "phrase": "Decline" },
        "missing": ["absent.example"],
    })
}
