//! How the program is linked where that makes its start short.
//!
//! At a fixed place, its tables need no relocation at every start, which would read and write most of a megabyte. With
//! the code that a start runs side by side, some twenty pieces of the file are read instead of eighty. The C library and
//! the unwinder are parts of the program, because loading them takes a fourth of the start and 1.5 MB.

use std::path::Path;
use std::process::Command;

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=start.ld");
    println!("cargo::rustc-check-cfg=cfg(linked_statically)");
    if variable("CARGO_CFG_TARGET_OS") != "linux" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    link_archives(&variable("OUT_DIR"));
    // Linkers other than the usual ones may not know such scripts, and what is not optimised is not in a hurry.
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    let usual = variable("RUSTC_LINKER").is_empty() && !flags.contains("linker") && !flags.contains("fuse-ld");
    if usual && variable("CARGO_CFG_TARGET_ARCH") == "x86_64" && variable("OPT_LEVEL") != "0" {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/start.ld", variable("CARGO_MANIFEST_DIR"));
    }
}

/// Links the C library as a part of the program, where its archives are installed; else only the unwinder. The compiler asks
/// for shared libraries: scripts in their places name the archives.
fn link_archives(folder: &str) {
    let archive = |name: &str| {
        let said = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
        // What is not found is said without a folder.
        Some(String::from_utf8_lossy(&said.stdout).trim().to_owned()).filter(|path| Path::new(path).is_absolute())
    };
    let put = |shared: &str, archive: &str| {
        std::fs::write(Path::new(folder).join(shared), format!("INPUT ( {archive} )\n")).is_ok()
    };
    if !archive("libgcc_eh.a").is_some_and(|unwinder| put("libgcc_s.so", &unwinder)) {
        return;
    }
    // For the program alone: tests are linked as usual.
    println!("cargo::rustc-link-arg-bins=-L{folder}");
    if let (Some(c), Some(m)) = (archive("libc.a"), archive("libm.a"))
        && put("libc.so", &c)
        && put("libm.so", &m)
    {
        println!("cargo::rustc-link-arg-bins=-static");
        println!("cargo::rustc-cfg=linked_statically");
    }
}
