//! Which code a start runs, for the linker to put side by side: `crates/aio_cli/start.ld`.

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
    include_str!("layout/tasks.aio"),
    include_str!("layout/usual.aio"),
];

/// What valgrind hides: the C library asks the page of the kernel that tells the time for its names.
const HIDDEN: &[&str] = &["*libc.a:strcmp-avx2.o(.text.avx)", "*libc.a:strcmp-evex.o(.text.evex)"];

/// Names that stand for no more bytes than this are taken even if a start runs few of those.
const SMALL: u64 = 160 << 10;

/// Names that stand for this many times what a start runs of them come with their hashes first.
const WIDE: u64 = 2;

/// A piece of code that the linker places as a whole.
struct Section {
    address: u64,
    size: u64,
    /// How a script names it, and those that differ from it by hashes only.
    pattern: String,
    /// How a script names it alone, as long as the compiler is the same.
    exact: String,
}

/// Writes the script from what a start runs of the release build.
pub fn layout() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|err| err.to_string())?;
    let map = folder.path().join("map");
    let program = release(&map)?;
    let map = fs::read_to_string(&map).map_err(|err| err.to_string())?;
    let code = sections(&map, ".text");
    if code.is_empty() {
        return Err("the linker's map lists no code".to_owned());
    }
    let names = names(&program, &code)?;
    let tables = tables(&names, &sections(&map, ".rodata"));
    let mut text = String::from(
        "/* The code that a start runs, side by side; written by `cargo xtask layout`. Hashes in names are left open, unless a\n   name stands for much that no start runs; then the rest of it comes last. A name that is no more does no harm. */\n",
    );
    for (place, names) in [(".text", names), (".rodata", tables)] {
        let names: String = names.iter().map(|name| format!("    {name}\n")).collect();
        text += &format!("SECTIONS\n{{\n  {place}.start :\n  {{\n{names}  }}\n}}\nINSERT BEFORE {place};\n");
    }
    fs::write(project_root().join(SCRIPT), text).map_err(|err| format!("{SCRIPT}: {err}"))
}

/// The names of the code that starts run, in the order in which it is to lie.
fn names(program: &Path, sections: &[Section]) -> Result<Vec<String>, String> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for section in sections {
        *all.entry(&section.pattern).or_default() += section.size;
    }
    let mut names: Vec<String> = HIDDEN.iter().map(|&name| name.to_owned()).collect();
    let (mut known, mut wide) = (BTreeSet::new(), BTreeSet::new());
    for script in PROGRAMS {
        let mut run: BTreeMap<u64, &Section> = BTreeMap::new();
        for address in executed(program, script)? {
            let behind = sections.partition_point(|section| section.address <= address);
            if let Some(section) = behind.checked_sub(1).and_then(|i| sections.get(i))
                && address < section.address + section.size
            {
                run.insert(section.address, section);
            }
        }
        let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
        for section in run.values() {
            *sizes.entry(&section.pattern).or_default() += section.size;
        }
        for section in run.values() {
            let pattern = section.pattern.as_str();
            let is_wide = sizes[pattern] * WIDE < all[pattern];
            // One pattern may stand for the same function for hundreds of types.
            if is_wide && all[pattern] <= SMALL {
                wide.insert(pattern);
            }
            let name = if is_wide { &section.exact } else { &section.pattern };
            if known.insert(name) {
                names.push(name.clone());
                // What the C library has for newer processors than valgrind knows.
                names.extend(name.split_once("-avx").map(|(stem, _)| format!("{stem}-evex*(.text.evex)")));
            }
        }
    }
    names.extend(wide.into_iter().map(str::to_owned));
    Ok(names)
}

/// The names of the tables of jumps in code of these names: they are named after their functions.
fn tables(names: &[String], sections: &[Section]) -> Vec<String> {
    let known: BTreeSet<&str> = sections.iter().flat_map(|table| [&*table.pattern, &*table.exact]).collect();
    let functions = names.iter().filter_map(|name| name.strip_prefix("*(.text."));
    let functions = functions.map(|name| name.strip_prefix("unlikely.").unwrap_or(name));
    let tables = functions.flat_map(|name| ["", ".Lswitch.table."].map(|kind| format!("*(.rodata.{kind}{name}")));
    tables.filter(|table| known.contains(&**table)).collect()
}

/// Builds the program, and has the linker write a map of it.
fn release(map: &Path) -> Result<PathBuf, String> {
    let root = project_root();
    let status = Command::new("cargo")
        .args(["rustc", "--release", "--package", "aio_cli", "--bin", "aio", "--"])
        .arg(format!("-Clink-arg=-Wl,-Map={}", map.display()))
        .current_dir(&root)
        .status()
        .map_err(|err| format!("cargo cannot be started: {err}"))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    if status.success() { Ok(target.join("release/aio")) } else { Err("the release build failed".to_owned()) }
}

/// The sections of a kind in a linker's map, by address. Its lines have an address, the same again, a size, an alignment, and
/// `FILE:(SECTION)`, where the file may be `ARCHIVE(MEMBER)`.
fn sections(map: &str, kind: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = map
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (address, _, size, _) = (words.next()?, words.next()?, words.next()?, words.next()?);
            let (file, section) = words.next()?.strip_suffix(')')?.rsplit_once(":(")?;
            if !section.starts_with(kind) {
                return None;
            }
            let (pattern, exact) = match file.strip_suffix(')').and_then(|file| file.rsplit_once('(')) {
                // Archives of C have no sections of functions.
                Some((archive, member)) if !archive.ends_with(".rlib") => {
                    let archive = archive.rsplit('/').next().unwrap_or(archive);
                    let name = format!("*{archive}:{member}({section})");
                    (name.clone(), name)
                }
                // Files without sections of functions are taken as a whole.
                Some((archive, _)) if section == kind => {
                    let archive = archive.rsplit('/').next().unwrap_or(archive);
                    let name =
                        format!("*{}-*:*({section})", archive.rsplit_once('-').map_or(archive, |(name, _)| name));
                    (name.clone(), name)
                }
                None if section == kind => {
                    let name = format!("*{}({section})", file.rsplit('/').next().unwrap_or(file));
                    (name.clone(), name)
                }
                _ => (format!("*({})", pattern(section)), format!("*({section})")),
            };
            let number = |text| u64::from_str_radix(text, 16).ok();
            Some(Section { address: number(address)?, size: number(size)?, pattern, exact })
        })
        .collect();
    sections.sort_by_key(|section| section.address);
    sections
}

/// The addresses of all instructions that are run for a script.
fn executed(program: &Path, text: &str) -> Result<BTreeSet<u64>, String> {
    let folder = tempfile::tempdir().map_err(|err| err.to_string())?;
    let (script, counts) = (folder.path().join("start.aio"), folder.path().join("counts"));
    fs::write(&script, text).map_err(|err| err.to_string())?;
    let file = format!("--callgrind-out-file={}", counts.display());
    let options = ["--tool=callgrind", "--dump-instr=yes", &file];
    output(Command::new("valgrind").args(options).arg(program).arg(&script))?;
    let counts = fs::read_to_string(&counts).map_err(|err| err.to_string())?;
    // Lines like `0x20ab4 17 3`: the address, or how far it lies from that of the line before.
    let mut address = 0u64;
    let addresses = counts.lines().filter_map(|line| {
        let first = line.split(' ').next()?;
        address = match first.as_bytes().first()? {
            b'+' => address.checked_add(first[1..].parse().ok()?)?,
            b'-' => address.checked_sub(first[1..].parse().ok()?)?,
            b'*' => address,
            _ => u64::from_str_radix(first.strip_prefix("0x")?, 16).ok()?,
        };
        Some(address)
    });
    Ok(addresses.collect())
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
    if !name.contains("_R") {
        return name.to_owned();
    }
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('.').unwrap_or(name);
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
    use super::{pattern, sections};

    #[test]
    fn hashes_are_left_open() {
        assert_eq!(pattern(".text._ZN6aio_vm2vm2Vm3new17h0f16e58666680214E"), ".text._ZN6aio_vm2vm2Vm3new17h*");
        assert_eq!(
            pattern(".text._ZN6aio_vm2vm2Vm3new17h0f16e58666680214E.llvm.123"),
            ".text._ZN6aio_vm2vm2Vm3new17h*"
        );
        assert_eq!(pattern(".text._RNvNtCsjrHSEGnQ3l9_3std2rt4main"), ".text._RNvNtCs*_3std2rt4main*");
        assert_eq!(pattern(".text._RNvNtCsjrHSEGnQ3l9_3std2rt4main.636"), ".text._RNvNtCs*_3std2rt4main*");
        assert_eq!(pattern(".text.mi_malloc"), ".text.mi_malloc");
    }

    #[test]
    fn code_is_found_in_maps() {
        let map = "     VMA      LMA     Size Align Out     In      Symbol\n\
            b7ac40   b7ac40   13262d    16 .text\n\
            b7ac40   b7ac40       7b    16         /d/aio.0.rcgu.o:(.text._ZN3one17h0f16e58666680214E)\n\
            b7ac40   b7ac40       7b     1                 _ZN3one17h0f16e58666680214E\n\
            b7acc0   b7acc0       10    16         /d/libc.a(malloc.o):(.text)\n\
            c00000   c00000       10    16         /d/libc.a(malloc.o):(.rodata)\n";
        let found: Vec<(u64, u64, String)> = sections(map, ".text")
            .into_iter()
            .map(|section| (section.address, section.size, section.pattern))
            .collect();
        let one = (0xb7ac40, 0x7b, "*(.text._ZN3one17h*)".to_owned());
        assert_eq!(found, [one, (0xb7acc0, 0x10, "*libc.a:malloc.o(.text)".to_owned())]);
    }
}
