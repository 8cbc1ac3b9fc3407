//! How the program is linked where that makes its start short.
//!
//! At a fixed place, its tables need no relocation at every start, which would read and write most of a megabyte. With
//! the functions that a start runs side by side, a dozen pieces of the file are read instead of eighty. The unwinder is
//! a part of the program, because a library less to load saves a twentieth of the start.

use std::path::Path;
use std::process::Command;

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=start.ld");
    if variable("CARGO_CFG_TARGET_OS") != "linux" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    link_unwinder(&variable("OUT_DIR"));
    // Linkers other than the usual ones may not know such scripts, and what is not optimised is not in a hurry.
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    let usual = variable("RUSTC_LINKER").is_empty() && !flags.contains("linker") && !flags.contains("fuse-ld");
    if usual && variable("CARGO_CFG_TARGET_ARCH") == "x86_64" && variable("OPT_LEVEL") != "0" {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/start.ld", variable("CARGO_MANIFEST_DIR"));
    }
}

/// Puts a script in the place of the shared library that asks for the unwinder's archive, where the compiler has one.
fn link_unwinder(folder: &str) {
    let said = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    let archive = said.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
    if Path::new(&archive).is_absolute()
        && std::fs::write(Path::new(folder).join("libgcc_s.so"), "INPUT ( -lgcc_eh )\n").is_ok()
    {
        println!("cargo::rustc-link-search=native={folder}");
    }
}
