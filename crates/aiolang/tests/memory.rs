//! Memory of the process when isolates come and go. It has a process of its own: other tests would be counted, too.
#![cfg(target_os = "linux")]

use aiolang::{Engine, Error, Isolate};
use std::sync::{Mutex, PoisonError};

/// One test at a time: each would count what the other takes.
static ALONE: Mutex<()> = Mutex::new(());

/// Resident memory of the process in bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("the system tells");
    let pages = text.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok());
    pages.expect("the second number is a count of pages") * 4096
}

#[test]
fn memory_goes_back_to_the_system() -> Result<(), Error> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let engine = Engine::builder().build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("threads start");
    let crowd = || -> Result<(usize, u64), Error> {
        let started: Vec<_> = (0..1000u64)
            .map(|n| {
                let engine = engine.clone();
                runtime.spawn(async move {
                    let isolate = engine.isolate();
                    isolate.run("import asyncio\nasync def main(n):\n    await asyncio.sleep(0)\n    return n * 2")?;
                    let doubled = isolate.call_async::<u64>("main", (n,)).await?;
                    Ok::<_, Error>((isolate, doubled))
                })
            })
            .collect();
        let mut isolates = Vec::new();
        let mut sum = 0;
        for task in started {
            let (isolate, doubled) = runtime.block_on(task).expect("no task panics")?;
            isolates.push(isolate);
            sum += doubled;
        }
        let alive = resident();
        drop(isolates);
        Ok((alive, sum))
    };
    let before = resident();
    for _ in 0..2 {
        let (alive, sum) = crowd()?;
        assert_eq!(sum, 999 * 1000);
        let (taken, left) = (alive.saturating_sub(before), resident().saturating_sub(before));
        assert!(left < taken / 3, "{taken} bytes for a thousand isolates, {left} left after them");
    }
    Ok(())
}

#[test]
fn memory_returns_when_isolates_are_dropped() -> Result<(), Error> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let engine = Engine::builder().build()?;
    let batch = || -> Result<(), Error> {
        let isolates: Vec<Isolate> = (0..40).map(|_| engine.isolate()).collect();
        for isolate in &isolates {
            isolate.run(
                "import json\ndata = [{'n': n, 'text': str(n) * 10} for n in range(500)]\ntext = json.dumps(data)",
            )?;
        }
        Ok(())
    };
    batch()?;
    let first = resident();
    for _ in 0..5 {
        batch()?;
    }
    let grown = resident().saturating_sub(first);
    // Five more batches need what the first one gave back.
    assert!(grown < first / 4, "{first} bytes, then {grown} more");
    Ok(())
}
