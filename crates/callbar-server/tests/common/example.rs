// The start of the examples in the documentation, which include this file in hidden lines.

/// A data directory that is removed when it is dropped. Its domain `my.example` has the list `spam`, which
/// denies +905050047824.
pub fn directory() -> tempfile::TempDir {
    use callbar_store::{Manager, ManagerOptions, Operation};

    let data = tempfile::tempdir().expect("a directory");
    let manager = Manager::open(data.path(), ManagerOptions::default()).expect("a manager");
    let operations = vec![
        Operation::put_domain("my.example", callbar::PlanSpec::new("TR")),
        Operation::put_list("my.example", "spam", callbar::Action::Deny),
        Operation::add("my.example", "spam", "0505 004 78 24"),
    ];
    manager.apply("admin", operations).expect("applied");
    manager.shut_down();
    data
}

/// The state of a server over such a directory.
pub fn app() -> (tempfile::TempDir, callbar_server::App) {
    use callbar_server::{App, AppOptions, Secret};
    use callbar_store::{Manager, ManagerOptions};

    let data = directory();
    let manager = Manager::open(data.path(), ManagerOptions::default()).expect("a manager");
    let secret = Secret::open(data.path()).expect("a secret");
    (data, App::new(manager, secret, AppOptions::default()))
}
