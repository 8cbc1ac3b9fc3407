//! Many isolates: on one runtime with threads, made and dropped, moved between threads, from one engine.

use aiolang::{Engine, Error, ErrorKind, Grant, Isolate, Limits, Loader, Module, ModuleSource};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

const SCRIPT: &str = "import asyncio, json\n\
async def part(n):\n    \
    await asyncio.sleep(0.001)\n    \
    return await double(n)\n\
async def main(n):\n    \
    parts = await asyncio.gather(*(part(n + i) for i in range(5)))\n    \
    return json.loads(json.dumps({'sum': sum(parts)}))['sum']\n";

async fn one(engine: Engine, n: i64) -> Result<i64, Error> {
    let isolate = engine.isolate();
    isolate.register_async("double", |x: i64| async move {
        tokio::task::yield_now().await;
        2 * x
    })?;
    isolate.run(SCRIPT)?;
    isolate.call_async::<i64>("main", (n,)).await
}

/// Runs so many isolates at the same time and checks each result.
async fn round(engine: &Engine, count: i64) {
    let mut all = JoinSet::new();
    for n in 0..count {
        let engine = engine.clone();
        all.spawn(async move { (n, one(engine, n).await) });
    }
    while let Some(done) = all.join_next().await {
        let (n, result) = done.expect("no isolate panics");
        assert_eq!(result, Ok(10 * n + 20));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_isolates_await_at_the_same_time() -> Result<(), Error> {
    // A slow machine with other things to do is no mistake of a script.
    let limits = Limits { time: None, ..Limits::default() };
    let engine = Engine::builder().grant(Grant::Clock).limits(limits).build()?;
    round(&engine, 1000).await;
    Ok(())
}

#[test]
fn an_isolate_counts_its_bytes_back_to_where_they_were() -> Result<(), Error> {
    let isolate = Engine::builder().build()?.isolate();
    let script = "def work():\n    kept = [{'n': n, 'text': str(n) * 10} for n in range(2000)]\n    kept.append(kept)\n    return len(kept)";
    isolate.run(script)?;
    isolate.call::<usize>("work", ())?;
    isolate.collect();
    let before = isolate.memory();
    for _ in 0..5 {
        assert_eq!(isolate.call::<usize>("work", ())?, 2001);
    }
    isolate.collect();
    let grown = isolate.memory().saturating_sub(before);
    assert!(grown < 2048, "{before} bytes, then {grown} more");
    Ok(())
}

#[test]
fn threads_take_turns_in_one_isolate() -> Result<(), Error> {
    let isolate = Arc::new(Engine::builder().build()?.isolate());
    isolate.run("total = 0\ndef add(n):\n    global total\n    seen = total\n    for _ in range(50): pass\n    total = seen + n")?;
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let isolate = Arc::clone(&isolate);
            std::thread::spawn(move || (0..250).try_for_each(|_| isolate.call::<()>("add", (1,))))
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread panics")?;
    }
    assert_eq!(isolate.eval::<i64>("total")?, 1000);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_from_many_threads_wait_for_each_other() -> Result<(), Error> {
    let isolate = Arc::new(Engine::builder().grant(Grant::Clock).build()?.isolate());
    isolate.run("import asyncio\ncount = 0\nasync def slow(n):\n    global count\n    for _ in range(5):\n        await asyncio.sleep(0)\n        count += 1\n    for _ in range(500): pass\n    return n")?;
    let mut all = JoinSet::new();
    for n in 0..200_i64 {
        let isolate = Arc::clone(&isolate);
        all.spawn(async move {
            if n % 10 == 0 {
                // One that is given up does not keep the others from being woken.
                let call = isolate.call_async::<i64>("slow", (n,));
                let _ = tokio::time::timeout(Duration::from_micros(50), call).await;
            }
            (n, isolate.call_async::<i64>("slow", (n,)).await)
        });
    }
    while let Some(done) = all.join_next().await {
        let (n, result) = done.expect("no call panics");
        assert_eq!(result, Ok(n));
    }
    assert!(isolate.eval::<i64>("count")? >= 1000);
    Ok(())
}

#[test]
fn isolates_of_one_engine_share_code_and_nothing_else() -> Result<(), Error> {
    struct Counting(Arc<AtomicUsize>);
    impl Loader for Counting {
        fn load(&self, name: &str) -> Option<ModuleSource> {
            self.0.fetch_add(1, Ordering::SeqCst);
            match name {
                "parts" => Some(ModuleSource { text: "names = []".into(), is_package: true }),
                "parts.inner" => Some(ModuleSource::new("from . import names\nnames.append('inner')")),
                _ => None,
            }
        }
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let shared = Module::new("shared").value("LIST", Vec::<aiolang::Data>::new());
    let engine = Engine::builder().loader(Counting(Arc::clone(&asked))).module(shared).build()?;
    for _ in 0..3 {
        let isolate = engine.isolate();
        isolate.run("import parts.inner, shared\nshared.LIST.append(1)\nparts.names.append(len(shared.LIST))")?;
        assert_eq!(isolate.eval::<Vec<aiolang::Data>>("parts.names")?, ["inner".into(), 1.into()]);
        let error = isolate.run("import nothing_of_the_kind").expect_err("there is no such module");
        assert_eq!(error.to_string(), "ModuleNotFoundError: No module named 'nothing_of_the_kind'");
    }
    assert!(asked.load(Ordering::SeqCst) >= 6);
    Ok(())
}

#[test]
fn what_is_spent_says_so_and_can_be_refilled() -> Result<(), Error> {
    let engine = Engine::builder().limits(Limits { output: Some(20), ..Limits::default() }).stdout(std::io::sink);
    let isolate = engine.build()?.isolate();
    isolate.run("print('0123456789')")?;
    let limit = |isolate: &Isolate| isolate.run("print('0123456789')").map_err(|e| e.kind());
    assert_eq!(limit(&isolate), Err(ErrorKind::Limit(aiolang::Limit::Output)));
    // It stays spent, and says so, until the host gives it more.
    assert_eq!(limit(&isolate), Err(ErrorKind::Limit(aiolang::Limit::Output)));
    isolate.set_limits(&Limits::default());
    assert_eq!(limit(&isolate), Ok(()));
    isolate.set_fuel(Some(0));
    assert_eq!(
        isolate.run("for _ in range(9): pass").map_err(|e| e.kind()),
        Err(ErrorKind::Limit(aiolang::Limit::Fuel))
    );
    isolate.set_fuel(Some(1000));
    assert_eq!(isolate.run("for _ in range(9): pass"), Ok(()));
    Ok(())
}
