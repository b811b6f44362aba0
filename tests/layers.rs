//! Prevents: layers that grow into each other until nothing can be changed or embedded alone.
//!
//! Cargo keeps the crates apart. This reads every path to another module that stands under a `src/`
//! and fails on one that points from a layer of the engine to one that it may not use, and on files
//! of a crate that use each other in a circle. It also keeps each `lib.rs` a table of contents, each
//! `mod.rs` the guide to its folder, and paths of home directories out of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer of the engine, and the layers that it may use.
const MAY_USE: [(&str, &[&str]); 4] = [
    ("error", &[]),
    ("number", &["error"]),
    ("index", &["error", "number"]),
    ("engine", &["error", "number", "index"]),
];

/// What `lib.rs` exports, and the layer that it comes from.
type Exports = BTreeMap<String, String>;

/// The code without its comments (and whatever follows `//` in a string).
fn code(source: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_owned() + "\n";
    source.lines().map(line).collect()
}

/// The name at the start of a path.
fn word(path: &str) -> &str {
    let path = path.trim_start();
    &path[..path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len())]
}

/// The paths at the start of `rest`: one, or all at the first level of braces.
fn paths(rest: &str) -> Vec<&str> {
    let Some(group) = rest.strip_prefix('{') else { return vec![rest] };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(group[start..at].trim_start());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|path| !path.is_empty());
    found
}

/// The names at the start of `rest`: one, or all at the first level of braces.
fn names(rest: &str) -> Vec<String> {
    paths(rest).into_iter().map(|path| word(path).to_owned()).collect()
}

/// What follows each `root`, such as `crate::`; of several `super` in a row, the first.
fn behind<'c>(code: &'c str, root: &str) -> Vec<&'c str> {
    let whole = |at: usize| {
        let before = &code[..at];
        !before.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !before.ends_with("super::")
    };
    let hits = code.match_indices(root).filter(|(at, _)| whole(*at));
    hits.map(|(at, root)| &code[at + root.len()..]).collect()
}

/// The names that follow each `root`.
fn after(code: &str, root: &str) -> Vec<String> {
    behind(code, root).into_iter().flat_map(names).collect()
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
    for name in after(&code, "crate::") {
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

/// A module: the names on the way to it.
type Module = Vec<String>;

/// Adds the modules that the paths at the start of `rest` lead to, which begin in `place`.
fn follow(rest: &str, place: &[String], modules: &BTreeSet<Module>, found: &mut BTreeSet<Module>) {
    for path in paths(rest) {
        let name = word(path);
        let inside = match name {
            "super" => place[..place.len().saturating_sub(1)].to_vec(),
            name => [place, &[name.to_owned()]].concat(),
        };
        let is_module = name == "super" || modules.contains(&inside);
        match path.strip_prefix(name).and_then(|rest| rest.strip_prefix("::")) {
            Some(rest) if is_module => follow(rest, &inside, modules, found),
            _ => drop(found.insert(if is_module { inside } else { place.to_vec() })),
        }
    }
}

/// The modules that a file uses, its tests apart, but for those that it is in and those in it.
fn used(module: &Module, text: &str, modules: &BTreeSet<Module>) -> BTreeSet<Module> {
    let code = code(text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default());
    let mut found = BTreeSet::new();
    for rest in behind(&code, "crate::") {
        follow(rest, &[], modules, &mut found);
    }
    for rest in behind(&code, "super::") {
        follow(rest, &module[..module.len() - 1], modules, &mut found);
    }
    found.retain(|other| !other.starts_with(module) && !module.starts_with(other));
    found
}

/// What is left when those who use none of the others are taken away again and again: the modules
/// that use each other in a circle, and those above them.
fn circles(mut uses: BTreeMap<Module, BTreeSet<Module>>) -> BTreeMap<Module, BTreeSet<Module>> {
    loop {
        let left: BTreeSet<Module> = uses.keys().cloned().collect();
        for used in uses.values_mut() {
            used.retain(|other| left.contains(other));
        }
        uses.retain(|_, used| !used.is_empty());
        if uses.len() == left.len() {
            return uses;
        }
    }
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

/// A Rust file under a `src/`.
struct Source {
    path: PathBuf,
    layer: String,
    module: Module,
    text: String,
}

/// The `src/` of the engine, and of the crates around it.
fn source_folders() -> Vec<PathBuf> {
    let crates = fs::read_dir(root().join("crates")).expect("the crates");
    let sources = crates.map(|entry| entry.expect("an entry").path().join("src"));
    [root().join("src")].into_iter().chain(sources).collect()
}

fn sources(src: &Path) -> Vec<Source> {
    let rust = files(src).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| {
        let inside = path.strip_prefix(src).expect("under src").with_extension("");
        let mut module: Module =
            inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let layer = module[0].clone();
        if ["mod", "lib", "main"].iter().any(|name| inside.ends_with(name)) {
            module.pop();
        }
        Source { text: fs::read_to_string(&path).expect("UTF-8"), path: inside, layer, module }
    })
    .collect()
}

#[test]
fn imports_point_one_way() {
    let mut exports = exports(&fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs"));
    assert!(exports.get("Engine").is_some_and(|layer| layer == "engine"), "{exports:?}");
    let sources = sources(&root().join("src"));
    for Source { layer, text, .. } in &sources {
        // Macros are exported at the root, wherever they stand.
        let macros = text.split("#[macro_export]\nmacro_rules! ").skip(1);
        exports.extend(macros.map(|rest| (word(rest).to_owned(), layer.clone())));
    }
    let mut wrong = Vec::new();
    for Source { path, layer, module, text } in sources {
        if layer != "lib" {
            let found = wrong_arrows(&layer, module.len(), &text, &exports);
            wrong.extend(found.into_iter().map(|what| format!("{}: {what}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_of_a_crate_use_each_other_one_way() {
    for folder in source_folders() {
        let sources = sources(&folder);
        let modules: BTreeSet<Module> =
            sources.iter().map(|source| source.module.clone()).collect();
        let uses = sources.iter().map(|Source { module, text, .. }| {
            let used = used(module, text, &modules);
            (module.clone(), used)
        });
        let uses: BTreeMap<_, _> = uses.collect();
        if folder == root().join("src") {
            let gate = ["index", "format", "gate"].map(str::to_owned).to_vec();
            assert!(uses[&gate].iter().any(|module| module[2] == "filter"), "{:?}", uses[&gate]);
        }
        let circles = circles(uses);
        assert!(circles.is_empty(), "{}: {circles:#?}", folder.display());
    }
}

#[test]
fn a_circle_is_found() {
    let module = |path: &str| -> Module { path.split('/').map(str::to_owned).collect() };
    let circles = |texts: &[(&str, &str)]| {
        let modules = texts.iter().map(|(path, _)| module(path)).collect();
        let uses = texts.iter().map(|(path, text)| {
            let module = module(path);
            let used = used(&module, text, &modules);
            (module, used)
        });
        circles(uses.collect()).into_keys().map(|module| module.join("/")).collect::<Vec<_>>()
    };
    let (a, b) = (("n/a", "use super::b::B;"), ("n/b", "fn f() { crate::n::a::f() }"));
    assert_eq!(circles(&[("n", "mod a; use a::A;"), a, b, ("n/c", "")]), ["n/a", "n/b"]);
    assert_eq!(circles(&[a, ("n/b", "use super::{c::C, d};"), ("n/c", "")]), [""; 0]);
    assert_eq!(circles(&[a, ("n/b", "use super::{c::C, a};"), ("n/c", "")]), ["n/a", "n/b"]);
    let deep = ("n/c/a", "use super::super::{a, b};");
    assert_eq!(circles(&[a, ("n/b", "use super::c;"), ("n/c", "mod a;"), deep]), [""; 0]);
    let tests = "#[cfg(test)]\nmod tests {\n    use super::super::a::A;\n}";
    assert_eq!(circles(&[a, ("n/b", tests)]), [""; 0]);
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
    assert!(wrong("index", "use super::super::engine::Engine;"));
    assert!(wrong("number", "use crate::Unheard;"));
    assert!(wrong("unheard", ""));
    assert!(!wrong_arrows("number", 1, "use super::Engine;", &exports).is_empty());
    assert!(wrong("number", "pub(in super::super) fn f() {}"));

    assert!(!wrong("engine", "use crate::{Index, Number, index::{a, b}, error::Error};"));
    assert!(!wrong(
        "number",
        "//! See [`crate::Engine`].\nuse super::facts; use my_crate::Engine;"
    ));
    let tests = "use crate::error::Error;\nmod tests {\n    use super::*;\n}";
    assert!(wrong_arrows("number", 1, tests, &exports).is_empty());
}

#[test]
fn lib_is_a_table_of_contents() {
    for path in source_folders().iter().map(|folder| folder.join("lib.rs")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let lib = code(&text);
        let attribute = |line: &&str| !line.trim_start().starts_with('#');
        let items: String = lib.lines().filter(attribute).collect();
        for item in items.split(';').map(str::trim).filter(|item| !item.is_empty()) {
            let listed = ["mod ", "pub mod ", "pub use "].iter().any(|it| item.starts_with(it));
            assert!(listed, "{} does more than list: {item}", path.display());
        }
    }
}

#[test]
fn a_mod_file_says_what_each_file_of_its_folder_holds() {
    for source in source_folders().iter().flat_map(|folder| sources(folder)) {
        if !source.path.ends_with("mod") {
            continue;
        }
        let head = source.text.lines().take_while(|line| line.starts_with("//!"));
        let head = head.collect::<Vec<_>>().join("\n");
        for line in code(&source.text).lines() {
            let Some((before, name)) = line.split_once("mod ") else { continue };
            let declared = ["", "pub ", "pub(crate) ", "pub(super) "].contains(&before);
            if let Some(name) = name.strip_suffix(';').filter(|_| declared) {
                let path = source.path.display();
                let forms = ["", "/", ".rs"].map(|end| format!("`{name}{end}`"));
                let is_named = forms.iter().any(|form| head.contains(form));
                assert!(is_named, "{path} says nothing of {name}");
            }
        }
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
