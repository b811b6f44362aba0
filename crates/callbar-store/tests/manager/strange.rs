//! What somebody else put where files of ours are.

use std::fs;

use crate::desk::Desk;

#[test]
fn directories_named_like_index_files_are_put_aside() {
    let mut desk = Desk::new();
    desk.add("spam", "0505 004 78 24").unwrap();
    for name in ["00000009.index", ".00000001.index.0123456789abcdef", "00000001.index"] {
        desk.restart_after(|dir| {
            let path = dir.join("indexes").join(name);
            let _ = fs::remove_file(&path);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("theirs"), "kept").unwrap();
        });
        desk.wait_until(|desk| desk.manager.health().is_good());
        assert!(desk.denies("+905050047824"), "{name}");
    }
}
