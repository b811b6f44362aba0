//! Prevents: layers that grow into each other until nothing can be changed or embedded alone.
//!
//! Reads every path into the crate's root that stands under `src/` and fails on one that points
//! the wrong way. Also holds the source to its other rules: no file over 500 lines, a `lib.rs`
//! that is a table of contents, no path of somebody's home directory anywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer, and the layers that it may use. `error` is the leaf that everyone may use;
/// `store` and `engine` do not know each other, only `manager` joins them.
const MAY_USE: [(&str, &[&str]); 10] = [
    ("error", &[]),
    ("number", &["error"]),
    ("index", &["error", "number"]),
    ("engine", &["error", "number", "index"]),
    ("store", &["error", "number", "index"]),
    ("manager", &["error", "number", "index", "engine", "store"]),
    ("http", INNER),
    ("cli", &["error", "number", "index", "engine", "store", "manager", "http"]),
    ("capi", INNER),
    ("lua", INNER),
];
const INNER: &[&str] = &["error", "number", "index", "engine", "store", "manager"];

const MOST_LINES: usize = 500;

/// What `lib.rs` exports, and the layer that it comes from.
type Exports = BTreeMap<String, String>;

/// The code without its comments (and whatever follows `//` in a string).
fn code(source: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_owned() + "\n";
    source.lines().map(line).collect()
}

/// The names at the start of `rest`: one, or all at the first level of braces.
fn names(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(word(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The names that follow each `root`, such as `crate::`.
fn after(code: &str, root: &str) -> Vec<String> {
    let whole = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let hits = code.match_indices(root).filter(|(at, _)| whole(*at));
    hits.flat_map(|(at, root)| names(&code[at + root.len()..])).collect()
}

fn exports(lib: &str) -> Exports {
    let lib = code(lib);
    let mut exports = Exports::new();
    for item in lib.split(';') {
        let Some((_, path)) = item.split_once("pub use ") else { continue };
        let Some((layer, rest)) = path.split_once("::") else { continue };
        exports.extend(names(rest).into_iter().map(|name| (name, layer.trim().to_owned())));
    }
    exports
}

/// What is wrong with the arrows of one file of `layer`, whose module is `depth` below the root.
fn wrong_arrows(layer: &str, depth: usize, source: &str, exports: &Exports) -> Vec<String> {
    let code = code(source);
    let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{layer} is no layer: give it a place in MAY_USE")];
    };
    let mut wrong = Vec::new();
    for name in after(&code, "crate::").into_iter().chain(after(&code, "callbar::")) {
        let known = MAY_USE.iter().any(|(layer, _)| *layer == name);
        match if known { Some(&name) } else { exports.get(&name) } {
            None => wrong.push(format!("{name} is neither a layer nor exported by lib.rs")),
            Some(used) if used == layer || may_use.contains(&used.as_str()) => {}
            Some(used) => wrong.push(format!("{layer} uses {name} of {used}")),
        }
    }
    for line in code.lines() {
        // An indented line may stand in a module within the file, such as `tests`.
        let deepest = depth + usize::from(line.starts_with(' '));
        if line.contains(&"super::".repeat(deepest)) || line.contains(&supers(deepest)) {
            wrong.push(format!("super is the root here, write crate: {}", line.trim()));
        }
    }
    wrong
}

/// A path of so many `super` and nothing else, as in `pub(in super::super)`.
fn supers(count: usize) -> String {
    format!("in {})", vec!["super"; count].join("::"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files under `dir`, but for what git ignores.
fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match name.as_str() {
            "target" | "corpus" | "artifacts" | "__pycache__" | ".git" => {}
            _ if path.is_dir() => found.extend(files(&path)),
            _ => found.push(path),
        }
    }
    found
}

/// A Rust file under `src/`.
struct Source {
    path: PathBuf,
    layer: String,
    depth: usize,
    text: String,
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let rust = files(&src).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| {
        let inside = path.strip_prefix(&src).expect("under src").with_extension("");
        let modules: Vec<String> =
            inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        // `main.rs` begins the command.
        let layer = if modules[0] == "main" { "cli" } else { &modules[0] }.to_owned();
        let depth = modules.len() - usize::from(inside.ends_with("mod"));
        Source { text: fs::read_to_string(&path).expect("UTF-8"), path: inside, layer, depth }
    })
    .collect()
}

#[test]
fn imports_point_one_way() {
    let exports = exports(&fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs"));
    assert!(exports.get("Engine").is_some_and(|layer| layer == "engine"), "{exports:?}");
    let mut wrong = Vec::new();
    for Source { path, layer, depth, text } in sources() {
        if layer != "lib" {
            let found = wrong_arrows(&layer, depth, &text, &exports);
            wrong.extend(found.into_iter().map(|what| format!("{}: {what}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_arrow_is_found() {
    let exports = exports(
        "pub use engine::{Engine, Reader};\npub use index::Index;\npub use number::Number;",
    );
    let wrong = |layer, source| !wrong_arrows(layer, 2, source, &exports).is_empty();
    assert!(wrong("number", "use crate::Index;"));
    assert!(wrong("index", "use crate::{Number, Reader};"));
    assert!(wrong("index", "use crate::{error::{Error, Result}, engine::Slot};"));
    assert!(wrong("engine", "fn f() { crate::store::open() }"));
    assert!(wrong("store", "use crate::engine::Engine;"));
    assert!(wrong("http", "use crate::cli::Progress;"));
    assert!(wrong("index", "use super::super::engine::Engine;"));
    assert!(wrong("number", "use crate::Unheard;"));
    assert!(wrong("unheard", ""));
    assert!(!wrong_arrows("number", 1, "use super::Engine;", &exports).is_empty());
    assert!(wrong("number", "pub(in super::super) fn f() {}"));

    assert!(!wrong("engine", "use crate::{Index, Number, index::{a, b}, error::Error};"));
    assert!(!wrong("cli", "use callbar::{Engine, Index};"));
    assert!(!wrong(
        "number",
        "//! See [`crate::Engine`].\nuse super::facts; use my_crate::Engine;"
    ));
    let tests = "use crate::error::Error;\nmod tests {\n    use super::*;\n}";
    assert!(wrong_arrows("number", 1, tests, &exports).is_empty());
}

#[test]
fn lib_is_a_table_of_contents() {
    let lib = code(&fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs"));
    let attribute = |line: &&str| !line.trim_start().starts_with('#');
    let items: String = lib.lines().filter(attribute).collect();
    for item in items.split(';').map(str::trim).filter(|item| !item.is_empty()) {
        let listed = ["mod ", "pub mod ", "pub use "].iter().any(|start| item.starts_with(start));
        assert!(listed, "lib.rs does more than list: {item}");
    }
}

#[test]
fn no_source_file_is_long() {
    for Source { path, text, .. } in sources() {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines: give it one job", path.display());
    }
}

#[test]
fn nobodys_home_directory_is_named() {
    let homes = ["home", "root", "Users"].map(|dir| format!("/{dir}/"));
    for path in files(root()) {
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
        let home = homes.iter().find(|home| text.contains(home.as_str()));
        assert!(home.is_none(), "{} names {home:?}", path.display());
    }
}
