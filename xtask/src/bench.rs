//! CPU times of the programs in `benches/`, and how they compare with a peer's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::project_root;

/// Pairs of runs per program; the ratio is their median.
const PAIRS: usize = 5;

/// Runs every program whose name contains one of `names`, or all.
pub fn bench(peer: Option<&str>, names: &[&str]) -> Result<(), String> {
    let root = project_root();
    let status = Command::new("cargo")
        .args(["build", "--release", "--package", "aio_cli"])
        .current_dir(&root)
        .status()
        .map_err(|err| format!("cargo cannot be started: {err}"))?;
    if !status.success() {
        return Err("the release build failed".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let subject = target.join("release/aio").to_string_lossy().into_owned();
    let mut programs: Vec<PathBuf> = fs::read_dir(root.join("benches"))
        .map_err(|err| err.to_string())?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    programs.retain(|path| path.extension().is_some_and(|e| e == "aio"));
    programs.retain(|path| names.is_empty() || names.iter().any(|name| path.to_string_lossy().contains(name)));
    programs.sort();
    println!("{:<20} {:>10} {:>10} {:>8}", "program", "aio s", "peer s", "ratio");
    for program in programs {
        let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        // Interleaved, so that a slow minute of the machine is slow for both.
        for _ in 0..PAIRS {
            let (a, printed) = timed(&[subject.as_str()], &program)?;
            ours.push(a);
            if let Some(peer) = peer {
                let words: Vec<&str> = peer.split_whitespace().collect();
                let (b, peer_printed) = timed(&words, &program)?;
                if printed != peer_printed {
                    return Err(format!("{name} prints something else than under {peer}"));
                }
                theirs.push(b);
                ratios.push(a / b);
            }
        }
        let show = |values: Vec<f64>| median(values).map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        println!("{name:<20} {:>10} {:>10} {:>8}", show(ours), show(theirs), show(ratios));
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The CPU time of one run and what it printed; where the system does not tell, the time on the wall.
fn timed(words: &[&str], program: &Path) -> Result<(f64, Vec<u8>), String> {
    let (command, arguments) = words.split_first().ok_or("the peer's command is empty")?;
    let before = children_cpu_seconds();
    let begin = Instant::now();
    let output = Command::new(command)
        .args(arguments)
        .arg(program)
        .output()
        .map_err(|err| format!("{command} cannot be started: {err}"))?;
    let wall = begin.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("{command} failed on {}", program.display()));
    }
    let seconds = match (before, children_cpu_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => wall,
    };
    Ok((seconds, output.stdout))
}

/// User and system time of all children that have ended, from Linux's own account of this process.
fn children_cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name may hold spaces; the numbers begin behind its closing bracket.
    let numbers: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
    let user: f64 = numbers.get(13)?.parse().ok()?;
    let system: f64 = numbers.get(14)?.parse().ok()?;
    // The clock tick of this interface is a hundredth of a second on every Linux.
    Some((user + system) / 100.0)
}
