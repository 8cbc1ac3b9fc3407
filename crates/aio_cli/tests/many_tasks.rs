//! A hundred thousand tasks leave nothing behind.

#[path = "program/started.rs"]
mod started;

use started::{aio, with_input};

const SCRIPT: &str = "\
import asyncio, sys

async def parked(event):
    await event.wait()

async def wave(count):
    event = asyncio.Event()
    tasks = [asyncio.create_task(parked(event)) for _ in range(count)]
    await asyncio.sleep(0)
    most = sys.getallocatedblocks() * 16
    for task in tasks[::2]:
        task.cancel()
    event.set()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(end, asyncio.CancelledError) for end in ends) == count // 2
    return most

async def main():
    await wave(10)
    before = sys.getallocatedblocks() * 16
    for count in 1_000, 100_000:
        most = await wave(count)
        print(most - before, sys.getallocatedblocks() * 16 - before, len(asyncio.all_tasks()))

asyncio.run(main())
";

#[test]
fn spawned_parked_cancelled_and_gathered_tasks_are_gone() {
    let seen = with_input(aio().args(["-c", SCRIPT]), "");
    assert_eq!((seen.code, seen.err.as_str()), (Some(0), ""));
    let rows: Vec<Vec<i64>> = seen.out.lines().map(|l| l.split(' ').filter_map(|n| n.parse().ok()).collect()).collect();
    assert_eq!(rows.len(), 2, "{}", seen.out);
    assert!((10_000_000..60_000_000).contains(&rows[1][0]), "bytes of parked tasks: {rows:?}");
    for row in rows {
        assert!((-8192..8192).contains(&row[1]), "bytes that stayed: {row:?}");
        assert_eq!(row[2], 1, "only the main task is left");
    }
}
