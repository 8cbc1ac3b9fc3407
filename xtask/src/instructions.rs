//! How many instructions the programs of `benches/` take, compared with the committed counts: steadier than any clock.

mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::project_root;
use table::Table;

/// Where the counts are committed.
const BASELINE: &str = "benches/instructions.txt";

/// The profile of the counted program: optimised, but built within minutes and the same from clean and from warm folders.
const PROFILE: &str = "counted";

/// What is counted beside the files of `benches/`: what every program pays before its first line.
const TEXTS: &[(&str, &str)] = &[
    ("start", "print('hello')"),
    ("start_asyncio", "import asyncio\nasync def main():\n    await asyncio.sleep(0)\nasyncio.run(main())"),
];

/// A program of the table.
enum Program {
    Text(&'static str),
    File(PathBuf),
}

/// Counts, and compares with the committed table or writes it anew.
pub fn instructions(renew: bool) -> Result<(), String> {
    let Some(valgrind) = first_line("valgrind", &["--version"]) else {
        println!("instructions: not counted, because valgrind is not on this machine");
        return Ok(());
    };
    let made_with = made_with(valgrind)?;
    let path = project_root().join(BASELINE);
    let committed = if renew {
        None
    } else {
        let text = fs::read_to_string(&path).map_err(|err| format!("{BASELINE}: {err}"))?;
        let table = Table::parse(&text).map_err(|err| format!("{BASELINE}: {err}"))?;
        // Before anything is built: what other tools made cannot be compared.
        if let Some(difference) = table.other_tools(&made_with) {
            println!("instructions: not compared, because {BASELINE} was made with other tools: {difference}");
            return Ok(());
        }
        Some(table)
    };
    let counted = Table { made_with, counts: count_all(&build()?)? };
    match committed {
        None => fs::write(&path, counted.to_string()).map_err(|err| format!("{BASELINE}: {err}")),
        Some(committed) => {
            let report = committed.compare(&counted);
            print!("{}", report.lines);
            if report.complaints.is_empty() {
                return Ok(());
            }
            let complaints = report.complaints.join("\n  ");
            Err(format!("{complaints}\n  if this is meant: cargo xtask instructions --renew, and commit {BASELINE}"))
        }
    }
}

/// What the counts depend on beside the code.
fn made_with(valgrind: String) -> Result<Vec<(String, String)>, String> {
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let said = output(&compiler, &["-vV"]).ok_or("the compiler does not tell its version")?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or("unknown");
    let version = said.lines().next().unwrap_or("unknown");
    // The C library chooses its copying functions by what the processor can do.
    let libc = first_line("getconf", &["GNU_LIBC_VERSION"]).unwrap_or_else(|| "unknown".to_owned());
    let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Ok(vec![
        row("compiler", version),
        row("target", host),
        row("profile", PROFILE),
        row("libc", &libc),
        row("processor", processor()),
        row("valgrind", &valgrind),
    ])
}

/// The level of the processor, as far as valgrind shows it to programs.
fn processor() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("bmi2") {
        return "with avx2 and bmi2";
    }
    "plain"
}

/// Builds the program and says where it is.
fn build() -> Result<PathBuf, String> {
    let root = project_root();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--profile", PROFILE, "--package", "aio_cli"]).current_dir(&root);
    // Units of incremental builds are cut otherwise, and foreign flags count otherwise.
    command.env("CARGO_INCREMENTAL", "0").env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let status = command.status().map_err(|err| format!("cargo cannot be started: {err}"))?;
    if !status.success() {
        return Err("the optimised build failed".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join(PROFILE).join("aio"))
}

/// The counts of all programs in the order of their names, two programs at a time.
fn count_all(aio: &Path) -> Result<Vec<(String, u64)>, String> {
    let waiting = Mutex::new(programs()?);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((name, program)) = waiting.lock().ok().and_then(|mut list| list.pop()) else { return };
                    let result = count(aio, &program).map_err(|err| format!("{name}: {err}"));
                    if let Ok(mut done) = done.lock() {
                        done.push(result.map(|count| (name, count)));
                    }
                }
            });
        }
    });
    let results = done.into_inner().map_err(|err| err.to_string())?;
    let mut counts = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    counts.sort();
    Ok(counts)
}

fn programs() -> Result<Vec<(String, Program)>, String> {
    let mut found: Vec<(String, Program)> =
        TEXTS.iter().map(|&(name, text)| (name.to_owned(), Program::Text(text))).collect();
    for entry in fs::read_dir(project_root().join("benches")).map_err(|err| format!("benches: {err}"))?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "aio") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            found.push((name, Program::File(path)));
        }
    }
    Ok(found)
}

/// The instructions of one run, start and end included.
fn count(aio: &Path, program: &Program) -> Result<u64, String> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]).arg(aio);
    match program {
        Program::Text(text) => command.args(["-c", text]),
        Program::File(path) => command.arg(path),
    };
    // Nothing of the caller's environment may count, and hashes of texts decide how often dicts look twice.
    command.env_clear().env("PYTHONHASHSEED", "0");
    for kept in ["PATH", "VALGRIND_LIB"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    let output = command.output().map_err(|err| format!("valgrind cannot be started: {err}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("it failed under valgrind:\n{said}"));
    }
    table::references(&said).ok_or_else(|| format!("valgrind does not tell a count:\n{said}"))
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    output(program, arguments)?.lines().next().map(str::to_owned)
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}
