//! Robustness of asyncio: every script of the suite with some of its waits cancelled, and with other orders of the
//! tasks that are ready. What it prints may differ; it neither crashes nor hangs, and no task is left behind.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use aio_tests::expectation::Expectation;
use aio_tests::run::Outcome;
use aio_tests::script::{self, Script};
use aio_tests::trial::{self, Clock};
use libtest_mimic::{Arguments, Failed, Trial};

const PROGRAM: &str = env!("CARGO_BIN_EXE_aio_under_test");

/// So many waits of each script are cancelled, spread over its run. `AIO_CANCEL_POINTS` asks for more.
const POINTS: u64 = 4;
/// So many orders are tried. `AIO_SEEDS` asks for more.
const SEEDS: u64 = 3;

/// Scripts that speak with the world may wait for an answer that never comes once a task of theirs is cancelled.
const WORLD: &[&str] = &["start_server", "open_connection", "create_server", "socket", "subprocess", "pipe", "signal"];
/// Loops that a script runs itself may end with tasks that nobody has waited for.
const OWN_LOOPS: &[&str] = &["new_event_loop", "run_until_complete", "run_forever", "loop_factory"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let scripts = match script::suite() {
        Ok(scripts) => scripts,
        Err(code) => return code,
    };
    let mut trials = Vec::new();
    for script in scripts {
        if !script.name.starts_with("asyncio/") || script.directives.real_time_only {
            continue;
        }
        let text = fs::read_to_string(&script.main).unwrap_or_default();
        let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
        if !has(WORLD) {
            let (script, complete) = (script.clone(), !has(OWN_LOOPS));
            trials.push(Trial::test(format!("{} with waits cancelled", script.name), move || {
                cancel_waits(&script, complete).map_err(Failed::from)
            }));
        }
        trials.push(Trial::test(format!("{} in other orders", script.name), move || {
            shuffle(&script).map_err(Failed::from)
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn number_from(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|v| v.parse().ok()).unwrap_or(usual)
}

fn cancel_waits(script: &Script, complete: bool) -> Result<(), String> {
    let waits = counts(&disturbed(script, 0)?)?.0;
    let points = number_from("AIO_CANCEL_POINTS", POINTS).min(waits);
    for i in 0..points {
        let at = 1 + i * waits / points;
        let told = |what: String| format!("wait {at} of {waits} cancelled: {what}");
        let outcome = disturbed(script, at).map_err(told)?;
        let (_, tasks, ended) = counts(&outcome).map_err(told)?;
        if complete && tasks != ended {
            return Err(told(format!("{tasks} tasks were made, and {ended} have ended")));
        }
    }
    Ok(())
}

fn disturbed(script: &Script, at: u64) -> Result<Outcome, String> {
    let outcome = trial::execute(Path::new(PROGRAM), script, Clock::Virtual, &["-X", &format!("cancel-wait={at}")])?;
    check_sound(&outcome)?;
    Ok(outcome)
}

/// Waits, tasks and ended tasks, as the last line of standard error tells them.
fn counts(outcome: &Outcome) -> Result<(u64, u64, u64), String> {
    let last = outcome.stderr_last().unwrap_or_default();
    let mut numbers = last.split(", ").filter_map(|part| part.split_once(": ")?.1.parse().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(waits), Some(tasks), Some(ended)) => Ok((waits, tasks, ended)),
        _ => Err(format!("the counts are missing, standard error ends with: {last}")),
    }
}

fn shuffle(script: &Script) -> Result<(), String> {
    let expected = Expectation::read(&script.expectation()).map_err(|err| err.to_string())?;
    for seed in 1..=number_from("AIO_SEEDS", SEEDS) {
        let told = |what: String| format!("seed {seed}: {what}");
        let options = ["--seed", &seed.to_string()];
        let outcome = trial::execute(Path::new(PROGRAM), script, Clock::Virtual, &options).map_err(told)?;
        check_sound(&outcome).map_err(told)?;
        if script.directives.any_order {
            trial::compare(&expected, &outcome).map_err(told)?;
        }
    }
    Ok(())
}

fn check_sound(outcome: &Outcome) -> Result<(), String> {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    if outcome.exit.is_none() || stderr.contains("panicked at") {
        return Err(format!("it crashed:\n{stderr}"));
    }
    Ok(())
}
