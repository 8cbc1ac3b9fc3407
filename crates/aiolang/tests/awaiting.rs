//! Futures both ways, on a runtime with threads.

use aiolang::{Call, Engine, Error, ErrorKind, Grant, Isolate, Limit, Limits};
use futures_util::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::sleep;

fn isolate() -> Isolate {
    let engine = Engine::builder().grant(Grant::Clock).build().expect("limits hold");
    engine.isolate()
}

fn sends<T: Send>(value: T) -> T {
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_of_the_host_is_awaited_by_a_script() -> Result<(), Error> {
    let isolate = isolate();
    isolate.register("add", |a: i64, b: i64| a + b)?;
    isolate.register_async("fetch", |url: String| async move {
        sleep(Duration::from_millis(5)).await;
        format!("<{url}>")
    })?;
    isolate.run("import asyncio\nasync def main(n):\n    return await fetch(str(add(n, 1)))\nasync def many(n):\n    return await asyncio.gather(*[fetch(str(i)) for i in range(n)])\nasync def task():\n    return await asyncio.create_task(fetch('t'))")?;
    assert_eq!(isolate.call_async::<String>("main", (41,)).await?, "<42>");
    assert_eq!(isolate.call_async::<Vec<String>>("many", (3,)).await?, ["<0>", "<1>", "<2>"]);
    assert_eq!(isolate.call_async::<String>("task", ()).await?, "<t>");
    // What does not await is called all the same.
    assert_eq!(isolate.call_async::<i64>("add", (1, 2)).await?, 3);
    Ok(())
}

#[tokio::test]
async fn errors_cross_both_ways() -> Result<(), Error> {
    let isolate = isolate();
    isolate.register_async("fail", |kind: String| async move {
        sleep(Duration::from_millis(1)).await;
        match kind.as_str() {
            "io" => Err(Box::<dyn std::error::Error + Send + Sync>::from(std::io::Error::from_raw_os_error(2))),
            "value" => Err(Error::exception("ValueError", "bad").into()),
            "panic" => panic!("lost"),
            _ => Ok(1),
        }
    })?;
    isolate.run("async def main(kind):\n    try:\n        return await fail(kind)\n    except Exception as e:\n        return f'{type(e).__name__}: {e}'\nasync def bare(kind):\n    await fail(kind)")?;
    for (kind, expected) in [
        ("io", "FileNotFoundError: [Errno 2] No such file or directory"),
        ("value", "ValueError: bad"),
        ("panic", "RuntimeError: host code panicked: lost"),
    ] {
        assert_eq!(isolate.call_async::<String>("main", (kind,)).await?, expected);
    }
    let error = isolate.call_async::<i64>("bare", ("value",)).await.expect_err("it fails");
    assert_eq!((error.type_name(), error.message()), ("ValueError", "bad"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_are_under_way_at_once() -> Result<(), Error> {
    let isolate = isolate();
    isolate.run("import asyncio\nasync def wait(n, t):\n    await asyncio.sleep(t)\n    return n")?;
    let start = std::time::Instant::now();
    let calls: Vec<Call<usize>> = (0..100).map(|n| isolate.call_async("wait", (n, 0.05))).collect();
    let all = futures_util::future::join_all(calls).await;
    assert!(start.elapsed() < Duration::from_secs(3));
    for (n, result) in all.into_iter().enumerate() {
        assert_eq!(result?, n);
    }
    let (a, b) = tokio::join!(
        tokio::spawn(sends(isolate.call_async::<i64>("wait", (1, 0.03)))),
        tokio::spawn(sends(isolate.call_async::<i64>("wait", (2, 0.01)))),
    );
    assert_eq!((a.expect("no panic")?, b.expect("no panic")?), (1, 2));
    Ok(())
}

/// Counts the futures that are alive.
struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn cancelling_goes_both_ways() -> Result<(), Error> {
    let isolate = isolate();
    let alive = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&alive);
    isolate.register_async("forever", move || {
        counter.fetch_add(1, Ordering::SeqCst);
        let alive = Alive(Arc::clone(&counter));
        async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        }
    })?;
    isolate.run("import asyncio\nlog = []\nasync def main():\n    try:\n        await forever()\n    except asyncio.CancelledError:\n        log.append('cancelled')\n        raise\n    finally:\n        log.append('finally')\nasync def timeout():\n    try:\n        async with asyncio.timeout(0.01): await forever()\n    except TimeoutError: return 'late'")?;
    // The script gives the future up.
    assert_eq!(isolate.call_async::<String>("timeout", ()).await?, "late");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    // The host gives the call up.
    let call = isolate.call_async::<()>("main", ());
    assert!(tokio::time::timeout(Duration::from_millis(20), call).await.is_err());
    assert_eq!(isolate.eval::<Vec<String>>("log")?, ["cancelled", "finally"]);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    // Cancelled from within.
    isolate.run("async def inner():\n    asyncio.current_task().cancel()\n    await asyncio.sleep(0)")?;
    let error = isolate.call_async::<()>("inner", ()).await.expect_err("it is cancelled");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    Ok(())
}

#[tokio::test]
async fn streams_go_both_ways() -> Result<(), Error> {
    let isolate = isolate();
    isolate.register_stream("ticks(n)", |n: u32| {
        futures_util::stream::iter(0..n).then(|i| async move {
            tokio::task::yield_now().await;
            i
        })
    })?;
    isolate.run("log = []\nasync def doubled(n):\n    try:\n        async for i in ticks(n): yield 2 * i\n    finally:\n        log.append('closed')\nasync def total(n):\n    return sum([i async for i in ticks(n)])\ndef plain(): return iter('ab')\nasync def broken():\n    yield 1\n    raise ValueError('no more')")?;
    assert_eq!(isolate.call_async::<i64>("total", (5,)).await?, 10);
    let all: Vec<i64> = isolate.stream::<i64>("doubled", (4,)).map(|i| i.expect("an item")).collect().await;
    assert_eq!(all, [0, 2, 4, 6]);
    let mut some = isolate.stream::<i64>("doubled", (4,));
    assert_eq!(some.next().await.transpose()?, Some(0));
    drop(some);
    assert_eq!(isolate.eval::<Vec<String>>("log")?, ["closed", "closed"]);
    let letters: Vec<String> = isolate.stream::<String>("plain", ()).map(|i| i.expect("an item")).collect().await;
    assert_eq!(letters, ["a", "b"]);
    let items: Vec<Result<i64, Error>> = isolate.stream("broken", ()).collect().await;
    assert_eq!(items.len(), 2);
    assert!(matches!(&items[1], Err(e) if e.message() == "no more"));
    Ok(())
}

#[tokio::test]
async fn limits_end_calls_that_are_awaited() -> Result<(), Error> {
    let limits = Limits { time: Some(Duration::from_millis(100)), ..Limits::default() };
    let isolate = Engine::builder().grant(Grant::Clock).limits(limits).build()?.isolate();
    isolate.run("import asyncio\nasync def sleeps(): await asyncio.sleep(1000)\nasync def spins():\n    while True: pass\nasync def turns():\n    while True: await asyncio.sleep(0)")?;
    for name in ["sleeps", "spins", "turns"] {
        let error = isolate.call_async::<()>(name, ()).await.expect_err("time is over");
        assert_eq!(error.kind(), ErrorKind::Limit(Limit::Time), "{name}");
    }
    assert_eq!(isolate.call_async::<i64>("abs", (-1,)).await?, 1);
    Ok(())
}

/// The smallest executor: this thread, parked until it is woken.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::task::Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn any_executor_will_do() -> Result<(), Error> {
    let isolate = isolate();
    // A future that another thread wakes.
    isolate.register_async("elsewhere", |n: i64| {
        let (give, take) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || give.send(n * 2));
        async move { take.await.unwrap_or(-1) }
    })?;
    isolate.run("import asyncio\nasync def main(n):\n    await asyncio.sleep(0.01)\n    return await elsewhere(n)")?;
    assert_eq!(block_on(isolate.call_async::<i64>("main", (21,)))?, 42);
    let both =
        futures_util::future::join(isolate.call_async::<i64>("main", (1,)), isolate.call_async::<i64>("main", (2,)));
    let (one, two) = block_on(both);
    assert_eq!((one?, two?), (2, 4));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_isolate_moves_from_thread_to_thread() -> Result<(), Error> {
    let mut isolate = isolate();
    isolate.run("import asyncio\nsteps = []\nasync def step(n):\n    steps.append(n)\n    await asyncio.sleep(0)\n    return len(steps)\nasync def background():\n    while True:\n        await asyncio.sleep(0.001)\n        steps.append('tick')")?;
    isolate.run("task = None\nasync def start():\n    global task\n    task = asyncio.create_task(background())")?;
    isolate.call_async::<()>("start", ()).await?;
    for n in 0..20 {
        // Each round on a task of its own, which may be any thread's, and every other one on a thread that is new.
        let moved = tokio::spawn(async move {
            let length = isolate.call_async::<usize>("step", (n,)).await;
            (isolate, length)
        });
        let (back, length) = moved.await.expect("no task panics");
        assert!(length? > n);
        isolate = std::thread::spawn(move || {
            let known = back.eval::<bool>("steps[0] == 0 and not task.done()");
            (back, known)
        })
        .join()
        .map(|(back, known)| {
            assert_eq!(known, Ok(true));
            back
        })
        .expect("no thread panics");
    }
    assert_eq!(isolate.eval::<usize>("len([s for s in steps if s != 'tick'])")?, 20);
    Ok(())
}
