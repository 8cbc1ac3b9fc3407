//! Memory of the process when isolates come and go. It has a process of its own: other tests would be counted, too.
#![cfg(target_os = "linux")]

use aiolang::{Engine, Error, Isolate};

/// Resident memory of the process in bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("the system tells");
    let pages = text.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok());
    pages.expect("the second number is a count of pages") * 4096
}

#[test]
fn memory_returns_when_isolates_are_dropped() -> Result<(), Error> {
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
