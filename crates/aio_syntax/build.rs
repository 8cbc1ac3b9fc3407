//! Generates the parser from the grammar.

#![expect(clippy::disallowed_methods, reason = "a build script talks to cargo, not to a host")]

use std::path::PathBuf;

fn main() {
    let var = |name: &str| PathBuf::from(std::env::var_os(name).expect("set by cargo"));
    let dir = var("CARGO_MANIFEST_DIR");
    // The checkout's own file comes first: the link beside this script, which exists so that the
    // packaged crate holds the grammar, may be a plain text file where links are not supported.
    let grammar = ["../../grammar/aio.lalrpop", "grammar/aio.lalrpop"]
        .iter()
        .map(|path| dir.join(path))
        .find(|path| path.exists())
        .expect("the grammar is missing");
    println!("cargo:rerun-if-changed=build.rs");
    let result = lalrpop::Configuration::new()
        .set_out_dir(var("OUT_DIR"))
        .emit_rerun_directives(true)
        .emit_whitespace(false)
        .never_use_colors()
        .process_file(&grammar);
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
