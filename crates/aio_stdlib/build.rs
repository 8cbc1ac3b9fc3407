//! Lists the files of `lib/`, so that adding a module of the library is adding a file.

#![expect(clippy::disallowed_methods, reason = "a build script reads the project's own files")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=lib");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("lib");
    let mut modules = Vec::new();
    collect(&root, "", &mut modules)?;
    modules.sort();
    let mut table = String::from("&[\n");
    for (name, is_package, path) in &modules {
        let _ =
            writeln!(table, "    ({name:?}, Library {{ is_package: {is_package}, text: include_str!({path:?}) }}),");
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("library.rs");
    fs::write(out, table)
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
