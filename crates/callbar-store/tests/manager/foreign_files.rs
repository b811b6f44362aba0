//! Prevents: a manager that fails because of directories where its files should be.

use std::fs;

use crate::fixture::TestManager;

#[test]
fn directories_named_like_index_files_are_put_aside() {
    let mut test = TestManager::new();
    test.add("spam", "0505 004 78 24").unwrap();
    for name in ["00000009.index", ".00000001.index.0123456789abcdef", "00000001.index"] {
        test.restart_after(|dir| {
            let path = dir.join("indexes").join(name);
            let _ = fs::remove_file(&path);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("theirs"), "kept").unwrap();
        });
        test.wait_until(|test| test.manager.health().is_good());
        assert!(test.denies("+905050047824"), "{name}");
    }
}
