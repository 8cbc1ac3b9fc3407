//! One named test per script of `tests/suite`, and a second one on virtual time for those of asyncio.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use aio_tests::script::{self, Script};
use aio_tests::trial::{self, Clock};
use libtest_mimic::{Arguments, Failed, Trial};

const PROGRAM: &str = env!("CARGO_BIN_EXE_aio_under_test");

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = trial::known_failures(&tests.join("known_failures.txt"));
    let scripts = match script::suite() {
        Ok(scripts) => scripts,
        Err(code) => return code,
    };
    let mut trials = Vec::new();
    for script in scripts {
        // Rendered diagnostics are compared as snapshots, by `diagnostics.rs`.
        if script.name.starts_with("diagnostics/") {
            continue;
        }
        let on_virtual_time = script.name.starts_with("asyncio/") && !script.directives.real_time_only;
        if on_virtual_time {
            trials.push(new_trial(&script, Clock::Virtual, &known));
        }
        trials.push(new_trial(&script, Clock::Real, &known));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn new_trial(script: &Script, clock: Clock, known: &BTreeMap<String, String>) -> Trial {
    let name = match clock {
        Clock::Real => script.name.clone(),
        Clock::Virtual => format!("{} on virtual time", script.name),
    };
    let known_failure = known.get(&name).cloned();
    let script = script.clone();
    Trial::test(name, move || {
        let result = trial::check(Path::new(PROGRAM), &script, clock);
        match (result, known_failure) {
            (Ok(()), None) | (Err(_), Some(_)) => Ok(()),
            (Err(difference), None) => Err(Failed::from(difference)),
            (Ok(()), Some(reason)) => {
                Err(Failed::from(format!("passes now; take it off known_failures.txt ({reason})")))
            }
        }
    })
}
