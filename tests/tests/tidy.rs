//! The rules of the house that a compiler does not keep: edges between crates, file lengths, opening sentences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use aio_tests::project_root;

/// Which crates of the project a crate may depend on, as docs/architecture.md draws it.
const EDGES: &[(&str, &[&str])] = &[
    ("aio_source", &[]),
    ("aio_syntax", &["aio_source"]),
    ("aio_bytecode", &["aio_source"]),
    ("aio_compiler", &["aio_source", "aio_syntax", "aio_bytecode"]),
    ("aio_vm", &["aio_source", "aio_bytecode"]),
    ("aio_stdlib", &["aio_vm"]),
    ("aiolang", &["aio_source", "aio_syntax", "aio_bytecode", "aio_compiler", "aio_vm", "aio_stdlib"]),
    ("aio_cli", &["aiolang"]),
    ("aio_tests", &["aio_cli"]),
    ("xtask", &[]),
];

/// Which crates a build script may use besides.
const BUILD_EDGES: &[(&str, &[&str])] = &[("aio_stdlib", &["aio_syntax", "aio_bytecode", "aio_compiler"])];

/// The longest a file may be, without its tests.
const LINES: usize = 800;

/// Files that may be longer, each for a reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("crates/aio_bytecode/src/ops.rs", "the one table of all operations"),
    ("crates/aio_vm/src/interp/dispatch.rs", "one match over all operations, which the optimiser must see whole"),
    ("crates/aio_vm/src/text/unicode_tables.rs", "generated tables"),
];

/// Where `unsafe` may stand: the value representation, the heap, the frames, and the tables that the isolate is made of.
const UNSAFE_MODULES: &[&str] = &["value", "heap", "segment", "interp", "object", "types", "vm"];

/// Files outside of them that may hold `unsafe`, each for a reason.
const UNSAFE_FILES: &[(&str, &str)] =
    &[("crates/aio_cli/src/names_of_hosts.rs", "one call of the C library, where that is a part of the program")];

fn relative(path: &Path) -> String {
    let root = project_root();
    path.strip_prefix(&root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == "target" || name == ".git" {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn rust_files() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for folder in ["crates", "tests", "xtask", "examples"] {
        files(&project_root().join(folder), &mut paths);
    }
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| (relative(&path), fs::read_to_string(&path).unwrap_or_default()))
        .collect()
}

fn manifests() -> BTreeMap<String, toml::Table> {
    let root = project_root();
    let mut paths = vec![root.join("tests/Cargo.toml"), root.join("xtask/Cargo.toml")];
    if let Ok(entries) = fs::read_dir(root.join("crates")) {
        paths.extend(entries.flatten().map(|entry| entry.path().join("Cargo.toml")).filter(|path| path.is_file()));
    }
    let mut found = BTreeMap::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let table: toml::Table = text.parse().unwrap_or_else(|err| panic!("{}: {err}", relative(&path)));
        let name = table["package"]["name"].as_str().unwrap_or_default().to_owned();
        found.insert(name, table);
    }
    found
}

fn report(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn edges_between_crates() {
    let manifests = manifests();
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let mut broken = Vec::new();
    for (name, manifest) in &manifests {
        let Some(edges) = allowed.get(name.as_str()) else {
            broken.push(format!(
                "{name} is not drawn; a new crate needs a sentence in docs/architecture.md and a row here"
            ));
            continue;
        };
        let building = BUILD_EDGES.iter().filter(|(crate_, _)| crate_ == name).flat_map(|(_, edges)| edges.iter());
        let building: Vec<&str> = edges.iter().chain(building).copied().collect();
        for (section, edges) in [("dependencies", edges.to_vec()), ("build-dependencies", building)] {
            let Some(table) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for dependency in table.keys().filter(|key| manifests.contains_key(key.as_str())) {
                if !edges.contains(&dependency.as_str()) {
                    broken.push(format!("{name} depends on {dependency}"));
                }
            }
        }
    }
    report("edges that the architecture does not draw", &broken);
}

#[test]
fn versions_live_in_the_workspace() {
    let mut broken = Vec::new();
    for (name, manifest) in manifests() {
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let Some(table) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for (dependency, value) in table {
                let inherited =
                    value.as_table().is_some_and(|t| t.get("workspace") == Some(&toml::Value::Boolean(true)));
                if !inherited {
                    broken.push(format!("{name}: {dependency} does not say `workspace = true`"));
                }
            }
        }
    }
    let root = fs::read_to_string(project_root().join("Cargo.toml")).unwrap_or_default();
    let dependencies =
        root.split("[workspace.dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    for line in dependencies.lines().filter(|line| line.contains('=') && !line.starts_with('#')) {
        if !line.contains('#') && !line.contains("path = ") {
            broken.push(format!("Cargo.toml does not say what this is for: {line}"));
        }
    }
    report("dependencies are declared once, with their purpose", &broken);
}

#[test]
fn architecture_page_knows_every_crate() {
    let page = fs::read_to_string(project_root().join("docs/architecture.md")).unwrap_or_default();
    let missing: Vec<String> = manifests().into_keys().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    report("crates that docs/architecture.md does not mention", &missing);
}

#[test]
fn file_lengths() {
    let mut broken = Vec::new();
    for (path, text) in rust_files() {
        if path.contains("/tests/") || LONG_FILES.iter().any(|(long, _)| *long == path) {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = code.lines().count();
        if lines > LINES {
            broken.push(format!("{path}: {lines} lines"));
        }
    }
    report("files over 800 lines: split them by concept", &broken);
}

#[test]
fn every_file_opens_with_a_sentence() {
    let broken: Vec<String> =
        rust_files().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    report("files that do not open with a `//!` sentence", &broken);
}

#[test]
fn no_unfinished_code() {
    // Joined at run time, so that this file does not name what it forbids.
    let forbidden =
        [["todo", "!("].concat(), ["unimplemented", "!("].concat(), ["#[", "ignore"].concat(), ["dbg", "!("].concat()];
    let mut broken = Vec::new();
    for (path, text) in rust_files() {
        for (number, line) in text.lines().enumerate() {
            if forbidden.iter().any(|word| line.contains(word.as_str())) {
                broken.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    report("unfinished code", &broken);
}

#[test]
fn no_catch_all_files() {
    let names: BTreeSet<&str> = ["mod.rs", "utils.rs", "util.rs", "helpers.rs", "common.rs", "misc.rs"].into();
    let broken: Vec<String> = rust_files()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path.rsplit('/').next().is_some_and(|name| names.contains(name)))
        .collect();
    report("a file is named after its concept", &broken);
}

#[test]
fn unsafe_code_stays_in_its_rooms() {
    let mut broken = Vec::new();
    for (path, text) in rust_files() {
        let room = path.strip_prefix("crates/aio_vm/src/").unwrap_or("");
        let module = room.split(['/', '.']).next().unwrap_or("");
        if UNSAFE_MODULES.contains(&module) || UNSAFE_FILES.iter().any(|(file, _)| *file == path) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "unsafe trait"]
                .iter()
                .any(|word| code.contains(word))
                && !path.ends_with("tests/tidy.rs")
            {
                broken.push(format!("{path}:{}", number + 1));
            }
        }
    }
    report("unsafe code outside the rooms that may hold it", &broken);
}

#[test]
fn no_paths_of_a_machine() {
    let mut paths = Vec::new();
    files(&project_root(), &mut paths);
    let forbidden = [["/ro", "ot/"].concat(), ["/ho", "me/"].concat(), ["/wo", "rk/"].concat(), ["py", "env"].concat()];
    let text_suffixes = ["rs", "md", "toml", "aio", "py", "yml", "lalrpop", "out", "snap", "json", "txt", "sh"];
    let mut broken = Vec::new();
    for path in paths {
        let suffix = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if !text_suffixes.contains(&suffix.as_str()) {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
        for (number, line) in text.lines().enumerate() {
            if forbidden.iter().any(|word| line.contains(word.as_str())) {
                broken.push(format!("{}:{}", relative(&path), number + 1));
            }
        }
    }
    report("paths that exist on one machine only", &broken);
}
