//! Compiles the files of `lib/`, so that adding a module of the library is adding a file and importing one is reading it.

#![expect(clippy::disallowed_methods, reason = "a build script reads the project's own files")]

use aio_compiler::{Mode, Options};
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Modules that programs usually begin with: their code lies side by side.
const FIRST: &[&str] = &[
    "asyncio.base_events",
    "asyncio.events",
    "asyncio.runners",
    "asyncio.sleeping",
    "asyncio.locks",
    "asyncio.queues",
    "asyncio.tasks",
    "asyncio.timeouts",
    "asyncio.taskgroups",
    "asyncio.exceptions",
    "asyncio.streams",
    "collections",
    "dataclasses",
    "reprlib",
    "types",
    "abc",
    "enum",
    "functools",
    "re",
    "typing",
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=lib");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("lib");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut modules = Vec::new();
    collect(&root, "", &mut modules)?;
    modules.sort();
    // All names lie together, and so does all code: a search and an import then touch few pages.
    let (mut names, mut codes, mut places) = (String::new(), Vec::new(), HashMap::new());
    let (first, others): (Vec<_>, Vec<_>) = modules.iter().partition(|(name, ..)| FIRST.contains(&name.as_str()));
    for (name, _, path) in first.into_iter().chain(others) {
        let code_at = codes.len();
        codes.extend(compile(path)?);
        places.insert(name, (code_at, codes.len()));
    }
    let mut rows = String::new();
    for (name, is_package, path) in &modules {
        let name_at = names.len();
        names += name;
        let name_end = names.len();
        let (code_at, code_end) = places[name];
        let _ = writeln!(
            rows,
            "    (part(NAMES, {name_at}, {name_end}), Library {{ is_package: {is_package}, text: include_str!({path:?}), \
             code: bytes(CODES, {code_at}, {code_end}) }}),"
        );
    }
    let file = out.join("codes");
    fs::write(&file, codes)?;
    let table = format!(
        "{{\nconst NAMES: &str = {names:?};\nconst CODES: &[u8] = include_bytes!({file:?});\n&[\n{rows}]\n}}\n"
    );
    fs::write(out.join("library.rs"), table)
}

/// The stored code of a module.
fn compile(path: &Path) -> io::Result<Vec<u8>> {
    let text = fs::read_to_string(path)?;
    let parsed = aio_syntax::parse_module(&text);
    // The name of the file is said by who reads the code.
    match aio_compiler::compile(&parsed, "", &text, Mode::Module, &Options::default()) {
        Ok(output) => Ok(aio_bytecode::stored::write(&output.code)),
        Err(errors) => {
            let first = errors.first().map(|d| (d.message.as_str(), text[..d.span.lo as usize].lines().count()));
            let (message, line) = first.unwrap_or(("invalid syntax", 0));
            Err(io::Error::other(format!("{}:{line}: {message}", path.display())))
        }
    }
}

/// The modules in a folder: full name, whether it is a package, path.
fn collect(folder: &Path, package: &str, modules: &mut Vec<(String, bool, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = if package.is_empty() { stem.clone() } else { format!("{package}.{stem}") };
        if path.is_dir() {
            collect(&path, &name, modules)?;
        } else if stem == "__init__" {
            modules.push((package.to_owned(), true, path));
        } else if path.extension().is_some_and(|e| e == "aio") {
            modules.push((name, false, path));
        }
    }
    Ok(())
}
