//! Time that is virtual, and orders that a seed chooses.

#[path = "program/started.rs"]
mod started;

use started::{Seen, aio, with_input};
use std::time::{Duration, Instant};

fn run(arguments: &[&str]) -> Seen {
    with_input(aio().args(arguments), "")
}

#[test]
fn a_day_of_sleep_in_a_thousand_tasks_takes_no_time() {
    let script = |unit: f64| {
        format!(
            "import asyncio\n\
             async def sleeper(n):\n    await asyncio.sleep({unit} * (1 + n % 10))\n    return n\n\
             async def main():\n\
             \x20   tasks = [asyncio.create_task(sleeper(n)) for n in range(1000)]\n\
             \x20   order = [await t for t in asyncio.as_completed(tasks)]\n\
             \x20   print(order[:20], order[-20:], sum(order))\n\
             asyncio.run(main())\n"
        )
    };
    let start = Instant::now();
    let day = run(&["--virtual-time", "-c", &script(8640.0)]);
    let took = start.elapsed();
    assert_eq!((day.code, day.err.as_str()), (Some(0), ""));
    // A build without optimisation on a busy machine; an optimised one takes some hundredths of a second.
    assert!(took < Duration::from_secs(20), "{took:?}");
    // A machine that stands still for a tenth of a second makes another order of real time.
    let real = || run(&["-c", &script(0.1)]).out;
    assert!((0..5).any(|_| real() == day.out), "{}", day.out);
}

#[test]
fn all_clocks_go_together() {
    let code = "\
import asyncio, datetime, time
clocks = [time.time, time.monotonic, lambda: time.time_ns() / 1e9, lambda: time.perf_counter(),
          lambda: datetime.datetime.now(datetime.timezone.utc).timestamp()]
before = [c() for c in clocks]
time.sleep(1000)
print({round(c() - b, 3) for c, b in zip(clocks, before)})
async def main():
    loop = asyncio.get_running_loop()
    before = [c() for c in clocks + [loop.time]]
    await asyncio.gather(asyncio.sleep(500), asyncio.to_thread(time.sleep, 700), asyncio.wait_for(asyncio.sleep(600), 900))
    print({round(c() - b, 3) for c, b in zip(clocks + [loop.time], before)})
    try:
        async with asyncio.timeout(30):
            await asyncio.Event().wait()
    except TimeoutError:
        print(round(loop.time() - before[-1], 3))
asyncio.run(main())
print(datetime.datetime.now(datetime.timezone.utc).isoformat())
";
    let first = run(&["--virtual-time", "-c", code]);
    assert_eq!(first.err, "");
    let lines: Vec<&str> = first.out.lines().collect();
    assert_eq!(lines[..3], ["{1000.0}", "{700.0}", "730.0"]);
    assert!(lines[3].starts_with("2025-01-01T00:"), "{}", lines[3]);
    assert_eq!(run(&["--virtual-time", "-c", code]).out, first.out);
}

const ORDER: &str = "\
import asyncio, os, random
class Thing: pass
async def note(n):
    print(n, end=' ')
    await asyncio.sleep(0)
    print(n, end=' ')
async def main():
    await asyncio.gather(*map(note, range(8)))
    print(random.random(), os.urandom(3), {Thing(), Thing(), Thing()}, {'a', 'b', 'c'}, hash('x'))
asyncio.run(main())
";

#[test]
fn a_seed_chooses_one_order_and_always_the_same() {
    let seeded = |seed: &str| run(&["--seed", seed, "-c", ORDER]).out;
    let outputs: Vec<String> = ["1", "2", "3", "4"].iter().map(|seed| seeded(seed)).collect();
    assert_eq!(outputs[0], seeded("1"));
    assert_eq!(outputs[3], seeded("4"));
    let mut orders: Vec<&str> = outputs.iter().map(|o| &o[..16]).collect();
    orders.sort_unstable();
    orders.dedup();
    assert!(orders.len() > 1, "{outputs:?}");
    // Without one it is the order of CPython.
    assert!(run(&["-c", ORDER]).out.starts_with("0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 "));
    assert_eq!(run(&["--seed", "x", "-c", ""]).err.lines().next(), Some("aio: --seed takes a whole number"));
}

#[test]
fn the_order_of_callbacks_is_promised_whatever_the_seed() {
    let code = "\
import asyncio
async def main():
    loop = asyncio.get_running_loop()
    for n in range(6):
        loop.call_soon(print, n)
    future = loop.create_future()
    for n in range(6, 9):
        future.add_done_callback(lambda f, n=n: print(n))
    future.set_result(None)
    await asyncio.sleep(0.01)
asyncio.run(main())
";
    for seed in ["1", "2", "3"] {
        let out = run(&["--seed", seed, "-c", code]).out;
        assert_eq!(out.split_whitespace().collect::<Vec<_>>().join(" "), "0 1 2 3 4 5 6 7 8");
    }
}
