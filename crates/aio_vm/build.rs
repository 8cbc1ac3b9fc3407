//! Tells the interpreter whether it may rely on calls in tail position being jumps.

#[allow(clippy::disallowed_methods, reason = "cargo tells build scripts by variables")]
fn main() {
    println!("cargo::rustc-check-cfg=cfg(tail_calls)");
    let optimised = std::env::var("OPT_LEVEL").is_ok_and(|level| level != "0" && level != "1");
    // Five arguments in registers, so that the call needs no stack of its own.
    let registers = std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64" || arch == "aarch64");
    if optimised && registers {
        println!("cargo::rustc-cfg=tail_calls");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
