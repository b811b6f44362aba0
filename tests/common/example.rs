// The start of the examples in the documentation, which include this file in hidden lines.

/// A data directory that is removed when it is dropped. Its domain `my.example` has the lists `spam`, which
/// denies +905050047824 with 607, and `vip`, which allows +905321112233.
pub fn directory() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a directory");
    let plan = callbar::DialPlan::new("TR").expect("a region");
    let mut compiler = callbar::Compiler::new("my.example", plan).expect("a domain");
    let mut spam = compiler.list("spam", callbar::Action::Deny).expect("a list");
    spam.set_response(Some(callbar::Response::Unwanted));
    spam.extend_e164(&[callbar::E164::new(905_050_047_824).expect("digits")]);
    let mut vip = compiler.list("vip", callbar::Action::Allow).expect("a list");
    vip.extend_e164(&[callbar::E164::new(905_321_112_233).expect("digits")]);
    let index = compiler.finish().expect("an index").bytes;
    let engine = callbar::Engine::open(data.path()).expect("an engine");
    engine.publish("my.example", &index).expect("published");
    data
}
