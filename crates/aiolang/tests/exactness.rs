//! Limits stop what exceeds them within a tenth of what they say.

use aiolang::{Engine, Error, ErrorKind, Isolate, Limit, Limits};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn isolate(limits: Limits) -> Result<Isolate, Error> {
    Ok(Engine::builder().limits(limits).stdout(io::sink).stderr(io::sink).build()?.isolate())
}

/// Runs a program that counts in `n` until a limit stops it; tells the count.
fn counted(limits: Limits, limit: Limit, program: &str) -> Result<u64, Error> {
    let isolate = isolate(limits)?;
    let error = isolate.run(program).expect_err("a limit stops it");
    assert_eq!(error.kind(), ErrorKind::Limit(limit), "{program}: {error}");
    isolate.set_limits(&Limits::none());
    isolate.get("n")?.to(&isolate)
}

fn is_near(seen: u64, limit: u64) -> bool {
    seen.abs_diff(limit) <= limit / 10
}

#[test]
fn fuel_is_spent_to_the_last_drop() -> Result<(), Error> {
    for program in ["n = 0\nwhile True: n += 1", "n = 0\ndef f():\n    global n\n    n += 1\nfor _ in iter(f, 0): pass"]
    {
        let n = counted(Limits { fuel: Some(300_000), ..Limits::default() }, Limit::Fuel, program)?;
        // The second one calls and jumps back once in each turn.
        assert!(is_near(n, 300_000) || is_near(n, 150_000), "{program}: {n}");
    }
    Ok(())
}

#[test]
fn depth_and_tasks_are_counted_one_by_one() -> Result<(), Error> {
    let program = "n = 0\ndef f():\n    global n\n    n += 1\n    f()\nf()";
    let n = counted(Limits { depth: Some(300), ..Limits::default() }, Limit::Depth, program)?;
    assert!(is_near(n, 300), "{n} calls");
    let program = "import asyncio\nn = 0\nasync def wait():\n    await asyncio.sleep(1000)\n\
                   while True:\n    asyncio.create_task(wait())\n    n += 1\n    await asyncio.sleep(0)";
    let n = counted(Limits { tasks: Some(300), ..Limits::default() }, Limit::Tasks, program)?;
    assert!(is_near(n, 300), "{n} tasks");
    Ok(())
}

#[test]
fn memory_is_used_up_to_the_limit() -> Result<(), Error> {
    for item in ["[]", "'x' * 1000", "bytearray(5000)", "{1: n}", "object()", "2 ** 5000"] {
        let isolate = isolate(Limits { memory: Some(32 << 20), ..Limits::default() })?;
        let error = isolate.run(&format!("n = 0\npile = []\nwhile True:\n    pile.append({item})\n    n += 1"));
        assert_eq!(error.expect_err("memory ends").kind(), ErrorKind::Limit(Limit::Memory), "{item}");
        let used = isolate.memory() as u64;
        assert!(is_near(used, 32 << 20), "{item}: {used}");
    }
    Ok(())
}

/// Counts what is written.
#[derive(Clone, Default)]
struct Count(Arc<AtomicU64>);

impl Write for Count {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(data.len() as u64, Ordering::Relaxed);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn output_is_counted_in_bytes() -> Result<(), Error> {
    for program in ["while True: print('0123456789')", "import sys\nwhile True: sys.stderr.write('é' * 50)"] {
        let count = Count::default();
        let (out, err) = (count.clone(), count.clone());
        let limits = Limits { output: Some(20_000), ..Limits::default() };
        let engine =
            Engine::builder().limits(limits).stdout(move || out.clone()).stderr(move || err.clone()).build()?;
        let error = engine.isolate().run(program).expect_err("output ends");
        assert_eq!(error.kind(), ErrorKind::Limit(Limit::Output), "{program}");
        let written = count.0.load(Ordering::Relaxed);
        assert!(written <= 20_000 && is_near(written, 20_000), "{program}: {written}");
    }
    Ok(())
}

#[test]
fn time_ends_when_it_is_over() -> Result<(), Error> {
    let limit = Duration::from_secs(2);
    for program in ["while True: pass", "import time\ntime.sleep(1000)", "sum(iter(int, 1))"] {
        // A machine that does other things may be late now and then.
        let late = (0..5).all(|_| {
            let limited = isolate(Limits { time: Some(limit), ..Limits::default() }).expect("the limits hold");
            let start = Instant::now();
            let error = limited.run(program).expect_err("time ends");
            assert_eq!(error.kind(), ErrorKind::Limit(Limit::Time), "{program}");
            assert!(start.elapsed() >= limit - limit / 10, "{program}: {:?}", start.elapsed());
            start.elapsed() > limit + limit / 10
        });
        assert!(!late, "{program} went on for too long");
    }
    Ok(())
}
