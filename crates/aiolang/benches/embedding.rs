//! What crossing the border costs: calls both ways, awaiting, isolates and their memory.

use aiolang::{Engine, Error, Limits};
use std::time::Instant;

/// Short runs, of which the best one counts: the machine may be doing other things.
const RUNS: u32 = 25;

/// The best of all runs, in nanoseconds per repetition.
fn best(n: u32, mut f: impl FnMut() -> Result<(), Error>) -> Result<f64, Error> {
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        f()?;
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(n));
    }
    Ok(best)
}

/// Resident memory of the process in bytes, as the system reports it.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = text.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0.0);
    pages * 4096.0
}

fn main() -> Result<(), Error> {
    let n = 20_000;
    let engine = Engine::builder().build()?;
    let isolate = engine.isolate();
    isolate.register("add", |a: i64, b: i64| a + b)?;
    isolate.register_async("soon", |a: i64| async move { a })?;
    isolate.run(
        "def one(x): return x + 1\n\
         def loop(n):\n    for i in range(n): add(i, 1)\n\
         def empty(n):\n    for i in range(n): pass\n\
         async def await_loop(n):\n    for i in range(n): await soon(i)",
    )?;
    let host_to_script = best(n, || {
        for i in 0..n {
            isolate.call::<i64>("one", (i,))?;
        }
        Ok(())
    })?;
    let one = isolate.get("one")?;
    let by_handle = best(n, || {
        for i in 0..n {
            isolate.call_value::<i64>(&one, (i,))?;
        }
        Ok(())
    })?;
    let in_scope = best(n, || {
        isolate.enter(|s| {
            for i in 0..n {
                one.call_to::<i64>(s, (i,))?;
            }
            Ok(())
        })
    })?;
    let empty = best(n, || isolate.call("empty", (n,)))?;
    let script_to_host = best(n, || isolate.call("loop", (n,)))? - empty;
    let awaited = best(n, || isolate.call("await_loop", (n,)))? - empty;
    println!("host calls script, by name:    {host_to_script:8.1} ns");
    println!("host calls script, by handle:  {by_handle:8.1} ns");
    println!("host calls script, in a scope: {in_scope:8.1} ns");
    println!("script calls host:             {script_to_host:8.1} ns");
    println!("script awaits host:            {awaited:8.1} ns");
    let bare = Engine::builder().limits(Limits::none()).build()?.isolate();
    let counted = Engine::builder().limits(Limits { fuel: Some(1 << 50), ..Limits::default() }).build()?.isolate();
    for isolate in [&bare, &counted] {
        isolate.run("def spin(n):\n    for i in range(n): pass")?;
    }
    let spins = 1_000_000;
    let (without, with) =
        (best(spins, || bare.call("spin", (spins,)))?, best(spins, || counted.call("spin", (spins,)))?);
    println!("an empty loop, no limits:      {without:8.2} ns; with fuel and all limits: {with:.2} ns");
    let some = 50;
    let made = best(some, || {
        for _ in 0..some {
            drop(engine.isolate());
        }
        Ok(())
    })?;
    println!("an isolate, made and dropped:  {:8.1} us", made / 1e3);
    let before = resident();
    let alive: Vec<_> = (0..10_000).map(|_| engine.isolate()).collect();
    let each = (resident() - before) / alive.len() as f64;
    println!("an isolate of 10,000, alive:   {:8.1} KB", each / 1024.0);
    drop(alive);
    println!("left after dropping them:      {:8.1} MB", (resident() - before) / 1e6);
    Ok(())
}
