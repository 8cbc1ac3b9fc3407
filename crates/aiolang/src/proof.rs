//! The proof that limits bite, made once when a process makes its first engine.

use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::limits::{Limit, Limits};
use std::sync::OnceLock;
use std::time::Duration;

/// Programs that exceed each limit.
const PROOFS: &[(Limit, &str)] = &[
    (Limit::Fuel, "while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
    (Limit::Memory, "a = []\nwhile True: a.append([0] * 1000)"),
    (Limit::Depth, "def f(): f()\nf()"),
    (Limit::Output, "while True: print('0123456789' * 100)"),
    (Limit::Time, "while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
];

/// Shows that each limit stops a program that exceeds it.
pub(crate) fn prove() -> Result<(), Error> {
    static PROVEN: OnceLock<Result<(), Error>> = OnceLock::new();
    PROVEN.get_or_init(prove_all).clone()
}

fn prove_all() -> Result<(), Error> {
    for (limit, program) in PROOFS {
        let limits = Limits {
            fuel: Some(if *limit == Limit::Fuel { 10_000 } else { 1_000_000 }),
            memory: Some(8 << 20),
            depth: Some(100),
            output: Some(10_000),
            time: (*limit == Limit::Time).then(|| Duration::from_millis(1)),
            ..Limits::default()
        };
        // Time ends what nothing else would end.
        let limits = if *limit == Limit::Time { Limits { fuel: None, ..limits } } else { limits };
        let isolate = Engine::builder().limits(limits).stdout(std::io::sink).build_unproven().isolate();
        let kind = isolate.run(program).err().map(|e| e.kind());
        if kind != Some(ErrorKind::Limit(*limit)) {
            return Err(Error::host(format!("the limit of {limit:?} does not hold: {kind:?}")));
        }
    }
    Ok(())
}
