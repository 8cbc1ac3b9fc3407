//! Which functions a start runs, for the linker to put side by side: `crates/aio_cli/start.ld`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project_root;

const SCRIPT: &str = "crates/aio_cli/start.ld";

/// What counts as a start, the most usual first: what only later ones need lies behind.
const PROGRAMS: &[&str] = &[
    "print('hello')\n",
    "import time\ntime.sleep(0)\n",
    "import asyncio\n\nasync def main():\n    await asyncio.sleep(0)\n\nasyncio.run(main())\n",
];

/// Names that stand for no more bytes than this are taken even if a start runs few of those.
const SMALL: u64 = 12 << 10;

/// Writes the script from what these programs run, or the release build.
pub fn layout(programs: &[&str]) -> Result<(), String> {
    let mut programs: Vec<PathBuf> = programs.iter().map(PathBuf::from).collect();
    if programs.is_empty() {
        programs.push(release()?);
    }
    let mut groups: Vec<BTreeSet<String>> = vec![BTreeSet::new(); PROGRAMS.len()];
    for program in &programs {
        let sizes = sizes(program)?;
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        for (name, size) in &sizes {
            *all.entry(pattern(name)).or_default() += size;
        }
        for (group, text) in groups.iter_mut().zip(PROGRAMS) {
            let mut run: BTreeMap<String, u64> = BTreeMap::new();
            for (name, size) in executed(program, text)?.iter().filter_map(|name| sizes.get_key_value(name)) {
                *run.entry(pattern(name)).or_default() += size;
            }
            // One pattern may stand for the same function for hundreds of types.
            let wanted = run.into_iter().filter(|(name, size)| size * 2 >= all[name] || all[name] <= SMALL);
            group.extend(wanted.map(|(name, _)| name));
        }
    }
    let mut text = String::from(
        "/* The functions that a start runs, side by side; written by `cargo xtask layout`. Hashes in names are left open, and a\n   name that is no more does no harm. */\nSECTIONS\n{\n  .text.start :\n  {\n",
    );
    let mut known = BTreeSet::new();
    for name in groups.iter().flatten().filter(|name| known.insert(name.as_str())) {
        text += &format!("    *(.text.{name})\n");
    }
    text += "  }\n}\nINSERT BEFORE .text;\n";
    fs::write(project_root().join(SCRIPT), text).map_err(|err| format!("{SCRIPT}: {err}"))
}

fn release() -> Result<PathBuf, String> {
    let root = project_root();
    let status = Command::new("cargo")
        .args(["build", "--release", "--package", "aio_cli"])
        .current_dir(&root)
        .status()
        .map_err(|err| format!("cargo cannot be started: {err}"))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    if status.success() { Ok(target.join("release/aio")) } else { Err("the release build failed".to_owned()) }
}

/// The functions of a program by their names as the linker sees them, with the bytes that they take.
fn sizes(program: &Path) -> Result<BTreeMap<String, u64>, String> {
    let listed = output(Command::new("nm").args(["-S", "--defined-only"]).arg(program))?;
    let mut sizes = BTreeMap::new();
    for line in listed.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [_, size, "t" | "T" | "w" | "W", name] = words[..] {
            *sizes.entry(name.to_owned()).or_default() += u64::from_str_radix(size, 16).unwrap_or_default();
        }
    }
    if sizes.is_empty() { Err(format!("{} has no names of functions", program.display())) } else { Ok(sizes) }
}

/// The names of all functions that are run for a script.
fn executed(program: &Path, text: &str) -> Result<BTreeSet<String>, String> {
    let folder = tempfile::tempdir().map_err(|err| err.to_string())?;
    let (script, counts) = (folder.path().join("start.aio"), folder.path().join("counts"));
    fs::write(&script, text).map_err(|err| err.to_string())?;
    let file = format!("--callgrind-out-file={}", counts.display());
    output(Command::new("valgrind").args(["--tool=callgrind", "--demangle=no", &file]).arg(program).arg(&script))?;
    let counts = fs::read_to_string(&counts).map_err(|err| err.to_string())?;
    // Lines like `fn=(17) name'2`; the number stands for the name from then on.
    let names = counts.lines().filter_map(|line| {
        let rest = line.strip_prefix("fn=(").or_else(|| line.strip_prefix("cfn=("))?;
        let (_, name) = rest.split_once(") ")?;
        Some(name.split('\'').next().unwrap_or(name).to_owned())
    });
    Ok(names.collect())
}

fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|err| format!("{program} cannot be started: {err}"))?;
    if !output.status.success() {
        return Err(format!("{program} failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A name with a star for all that another build or version of the compiler writes otherwise.
fn pattern(name: &str) -> String {
    let name = name.split_once(".llvm.").map_or(name, |(name, _)| name);
    let end = name.rsplit_once("17h").filter(|(_, hash)| hash.len() >= 17 && hash.as_bytes().get(16) == Some(&b'E'));
    if let Some((stem, _)) = end {
        return format!("{stem}17h*");
    }
    if !name.starts_with("_R") {
        return name.to_owned();
    }
    // In the newer scheme, each crate is `Cs`, its hash, and a line under it.
    let mut parts = name.split("Cs");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let hash = part.bytes().take_while(u8::is_ascii_alphanumeric).count();
        match part.get(hash..).filter(|rest| rest.starts_with('_')) {
            Some(rest) => text += &format!("Cs*{rest}"),
            None => text += &format!("Cs{part}"),
        }
    }
    text + "*"
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn hashes_are_left_open() {
        assert_eq!(pattern("_ZN6aio_vm2vm2Vm3new17h0f16e58666680214E"), "_ZN6aio_vm2vm2Vm3new17h*");
        assert_eq!(pattern("_ZN6aio_vm2vm2Vm3new17h0f16e58666680214E.llvm.123"), "_ZN6aio_vm2vm2Vm3new17h*");
        assert_eq!(pattern("_RNvNtCsjrHSEGnQ3l9_3std2rt4main"), "_RNvNtCs*_3std2rt4main*");
        assert_eq!(pattern("mi_malloc"), "mi_malloc");
    }
}
