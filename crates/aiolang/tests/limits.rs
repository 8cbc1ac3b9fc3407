//! Each limit, by every way to exceed it, and interrupts.

use aiolang::{Engine, Error, ErrorKind, Isolate, Limit, Limits};
use std::time::{Duration, Instant};

fn isolate(limits: Limits) -> Isolate {
    Engine::builder().limits(limits).stdout(std::io::sink).stderr(std::io::sink).build().expect("limits hold").isolate()
}

/// Runs a program and tells which limit stopped it.
fn stopped(limits: Limits, program: &str) -> Option<Limit> {
    let isolate = isolate(limits);
    let kind = isolate.run(program).err().map(|e| e.kind());
    // It is still valid, whatever has stopped it.
    isolate.set_limits(&Limits::none());
    assert_eq!(isolate.eval::<i64>("6 * 7"), Ok(42), "{program}");
    match kind {
        Some(ErrorKind::Limit(limit)) => Some(limit),
        _ => None,
    }
}

#[test]
fn fuel_ends_loops_calls_and_natives() {
    let programs = [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n    finally: x = 1",
        "def f(n): return f(n + 1) if n < 50 else 0\nwhile True: f(0)",
        "sum(iter(int, 1))",
        "import itertools\nlist(itertools.repeat(1))",
        "sorted(range(10 ** 6), key=lambda x: -x)",
        "'x' in iter(int, 1)",
        "import re\nre.match('(a*)*b', 'a' * 30) or [re.match('(a|aa)+$', 'a' * 60 + 'b') for _ in range(10 ** 9)]",
        "x = 3\nfor _ in range(40): x = x * x",
        "pow(3, 10 ** 8)",
        "import asyncio\nasync def f():\n    while True: await asyncio.sleep(0)\nawait f()",
        "class C:\n    def __del__(self):\n        while True: pass\nC()\nwhile True: pass",
        "def g():\n    try: yield\n    finally:\n        while True: pass\nx = g(); next(x); del x\nwhile True: pass",
    ];
    for program in programs {
        let limits = Limits { fuel: Some(100_000), ..Limits::default() };
        assert_eq!(stopped(limits, program), Some(Limit::Fuel), "{program}");
    }
}

#[test]
fn fuel_is_counted_and_refilled() -> Result<(), Error> {
    let isolate = isolate(Limits { fuel: Some(1_000_000), ..Limits::default() });
    let before = isolate.fuel().unwrap_or(0);
    isolate.run("for _ in range(100_000): pass")?;
    let spent = before - isolate.fuel().unwrap_or(0);
    assert!((99_000..110_000).contains(&spent), "{spent}");
    assert!(isolate.run("while True: pass").is_err());
    assert_eq!(isolate.fuel(), Some(0));
    isolate.set_fuel(Some(50_000));
    isolate.run("for _ in range(10_000): pass")?;
    isolate.set_fuel(None);
    assert_eq!(isolate.fuel(), None);
    Ok(())
}

#[test]
fn memory_ends_growth_of_all_kinds() {
    let programs = [
        "a = []\nwhile True: a.append(1)",
        "a = []\nwhile True: a.append([])",
        "a = {}\nwhile True: a[len(a)] = str(len(a))",
        "a = set()\nwhile True: a.add(len(a))",
        "s = 'x'\nwhile True: s += s",
        "s = b'x'\nwhile True: s += s",
        "s = 'x' * 10 ** 9",
        "[0] * 10 ** 9",
        "bytes(10 ** 9)",
        "bytearray(10 ** 9)",
        "1 << 10 ** 10",
        "'%1000000000d' % 1",
        "f'{1:>1000000000}'",
        "list(range(10 ** 9))",
        "x = None\nwhile True: x = (x,)",
    ];
    for program in programs {
        let limit = 16 << 20;
        let limited = isolate(Limits { memory: Some(limit), ..Limits::default() });
        let kind = limited.run(program).err().map(|e| e.kind());
        assert_eq!(kind, Some(ErrorKind::Limit(Limit::Memory)), "{program}");
        assert!(limited.memory() < limit + limit / 10, "{program}: {}", limited.memory());
    }
}

#[test]
fn depth_ends_recursion() {
    for program in ["def f(): f()\nf()", "class A:\n    def __repr__(self): return repr(self)\nrepr(A())"] {
        let limits = Limits { depth: Some(200), ..Limits::default() };
        assert_eq!(stopped(limits, program), Some(Limit::Depth), "{program}");
    }
    let limited = isolate(Limits { depth: Some(200), ..Limits::default() });
    limited.run("import sys\nsys.setrecursionlimit(10 ** 6)").expect("asking is allowed");
    assert!(limited.eval::<i64>("sys.getrecursionlimit()") == Ok(200));
}

#[test]
fn tasks_are_counted() {
    let bomb = "import asyncio\nasync def f():\n    await asyncio.sleep(1000)\nasync def main():\n    while True: asyncio.create_task(f())\n";
    let limits = || Limits { tasks: Some(500), ..Limits::default() };
    assert_eq!(stopped(limits(), &format!("{bomb}await main()")), Some(Limit::Tasks));
    assert_eq!(stopped(limits(), &format!("{bomb}asyncio.run(main())")), Some(Limit::Tasks));
}

#[test]
fn time_ends_loops_and_waiting() {
    let programs = [
        "while True: pass",
        "import time\ntime.sleep(1000)",
        "import asyncio\nasyncio.run(asyncio.sleep(1000))",
        "import asyncio\nawait asyncio.sleep(1000)",
        "import asyncio\nawait asyncio.Event().wait()",
        "import threading\nthreading.Event().wait()",
        "pow(7, 10 ** 8)",
    ];
    for program in programs {
        let start = Instant::now();
        let limits = Limits { time: Some(Duration::from_millis(200)), ..Limits::default() };
        let seen = stopped(limits, program);
        let deadlock = program.contains("Event");
        assert!(seen == Some(Limit::Time) || deadlock && seen.is_none(), "{program}: {seen:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{program}");
    }
}

#[test]
fn output_is_counted() {
    for program in ["while True: print('0123456789')", "import sys\nwhile True: sys.stderr.write('x' * 100)"] {
        let limits = Limits { output: Some(10_000), ..Limits::default() };
        assert_eq!(stopped(limits, program), Some(Limit::Output), "{program}");
    }
}

#[test]
fn another_thread_interrupts_and_stops() -> Result<(), Error> {
    let isolate = isolate(Limits::none());
    for program in ["while True: pass", "import time\ntime.sleep(1000)", "import asyncio\nawait asyncio.sleep(1000)"] {
        let handle = isolate.interrupt_handle();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            handle.interrupt();
        });
        let error = isolate.run(program).expect_err("it was interrupted");
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{program}");
        assert!(thread.join().is_ok());
        let handle = isolate.interrupt_handle();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            handle.stop();
        });
        let guarded =
            format!("try:\n    {}\nexcept BaseException:\n    while True: pass", program.replace('\n', "\n    "));
        let error = isolate.run(&guarded).expect_err("it was stopped");
        assert_eq!(error.kind(), ErrorKind::Limit(Limit::Stopped), "{program}");
        assert!(thread.join().is_ok());
    }
    assert_eq!(isolate.eval::<i64>("6 * 7")?, 42);
    Ok(())
}
