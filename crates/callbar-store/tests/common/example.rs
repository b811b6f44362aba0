// The start of the examples in the documentation, which include this file in hidden lines.

/// A data directory that is removed when it is dropped. Its domain `my.example` has the lists `spam`, which
/// denies +905050047824, and `vip`, which allows +905321112233.
pub fn directory() -> tempfile::TempDir {
    use callbar_store::{Manager, ManagerOptions, Operation};

    let data = tempfile::tempdir().expect("a directory");
    let manager = Manager::open(data.path(), ManagerOptions::default()).expect("a manager");
    let operations = vec![
        Operation::put_domain("my.example", callbar::PlanSpec::new("TR")),
        Operation::put_list("my.example", "spam", callbar::Action::Deny),
        Operation::add("my.example", "spam", "0505 004 78 24"),
        Operation::put_list("my.example", "vip", callbar::Action::Allow),
        Operation::add("my.example", "vip", "0532 111 22 33"),
    ];
    manager.apply("admin", operations).expect("applied");
    manager.shut_down();
    data
}
