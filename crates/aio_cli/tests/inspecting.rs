//! Looking at programs from outside and from inside: deadlocks, slow steps, the call graph, `aio ps` and `aio pstree`.
#![cfg(unix)]

#[path = "program/started.rs"]
mod started;

use started::{Seen, aio, seen, with_input};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

fn run(arguments: &[&str]) -> Seen {
    with_input(aio().args(arguments), "")
}

/// A program that has said that it is ready; it ends with the test.
struct Running(Child);

impl Running {
    fn start(code: &str) -> Running {
        let mut command = aio();
        command.args(["-c", code]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is a pipe");
        BufReader::new(out).read_line(&mut line).expect("the program says that it is ready");
        assert_eq!(line, "ready\n");
        Running(child)
    }

    fn ask(&self, command: &str, more: &[&str]) -> Seen {
        let process = self.0.id().to_string();
        seen(aio().args([command, &process]).args(more).output().expect("the program starts"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_deadlock_is_told_with_who_waits_for_what() {
    let code = "\
import asyncio
async def holder(lock):
    async with lock:
        pass
async def reader(queue):
    await queue.get()
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    await asyncio.gather(asyncio.create_task(holder(lock), name='holder'), reader(asyncio.Queue()))
asyncio.run(main())
";
    let seen = run(&["-c", code]);
    assert_eq!((seen.code, seen.out.as_str()), (Some(1), ""));
    let expected = "\
RuntimeError: deadlock: everything waits, and nothing is left that could wake it up
  Task-1 main() at <string>:10 waits for gather()
  holder holder() at <string>:3 waits for Lock.acquire()
  Task-2 reader() at <string>:6 waits for Queue.get()
";
    assert!(seen.err.ends_with(expected), "{}", seen.err);
}

#[test]
fn the_line_that_holds_the_loop_is_told() {
    let code = "\
import asyncio, time
async def quick():
    await asyncio.sleep(0.01)
async def nap():
    time.sleep(0.3)
def callback():
    time.sleep(0.3)
async def main():
    await quick()
    await asyncio.create_task(nap(), name='napper')
    asyncio.get_running_loop().call_soon(callback)
    await quick()
asyncio.run(main())
";
    let seen = run(&["--warn-slow", "0.2", "-c", code]);
    let without_time: Vec<String> = seen.err.lines().map(|l| l.replace(|c: char| c.is_ascii_digit(), "")).collect();
    let expected = [
        "aio: slow step: napper nap() held the event loop for . s, at <string>: in nap()",
        "aio: slow step: the callback callback() held the event loop for . s, at <string>: in callback()",
    ];
    assert_eq!(without_time, expected);
    assert!(seen.err.contains("at <string>:5 in nap()") && seen.err.contains("at <string>:7 in callback()"));
    assert_eq!(run(&["-c", code]).err, "");
    assert_eq!(
        run(&["--warn-slow", "soon", "-c", "pass"]).err.lines().next(),
        Some("aio: --warn-slow takes a number of seconds")
    );
}

#[test]
fn the_call_graph_shows_stacks_and_awaiters() {
    let code = "\
import asyncio, re
async def leaf():
    await asyncio.sleep(0)
    show(None)
def show(future, **options):
    print(re.sub('0x[0-9a-f]+', 'ID', asyncio.format_call_graph(future, **options)))
async def child(event):
    await event.wait()
async def main():
    event = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        b = group.create_task(child(event), name='b')
        await asyncio.gather(asyncio.create_task(leaf(), name='a'))
        show(b, limit=-1)
        event.set()
    done = asyncio.get_running_loop().create_future()
    show(done)
    graph = asyncio.capture_call_graph()
    print(graph.future.get_name(), [e.frame.f_code.co_name for e in graph.call_stack], graph.awaited_by)
    asyncio.get_running_loop().call_soon(lambda: done.set_result(asyncio.capture_call_graph()))
    print(await done)
asyncio.run(main())
for wrong in [(), (7,)]:
    try:
        asyncio.print_call_graph(*wrong)
    except (RuntimeError, TypeError) as e:
        print(type(e).__name__, e)
";
    let expected = "\
* Task(name='a', id=ID)
  + Call stack:
  |   File '<string>', line 6, in show()
  |   File '<string>', line 4, in async leaf()
  + Awaited by:
    * Task(name='Task-1', id=ID)
      + Call stack:
      |   File '<string>', line 13, in async main()
* Task(name='b', id=ID)
  + Call stack:
  |   File '<string>', line 8, in async child()
  + Awaited by:
    * Task(name='Task-1', id=ID)
      + Call stack:
      |   File '<string>', line 14, in async main()
* Future(id=ID)
Task-1 ['main'] ()
None
RuntimeError capture_call_graph() is called outside of a running event loop and no *future* to introspect was provided
TypeError 7 object does not appear to be compatible with asyncio.Future
";
    let seen = run(&["-c", code]);
    assert_eq!(seen.err, "");
    assert_eq!(seen.out, expected);
}

#[test]
fn tasks_of_a_running_program_are_shown() {
    let code = "\
import asyncio, threading, time
async def nap(n):
    await asyncio.sleep(n)
async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(nap(100), name='one')
        group.create_task(asyncio.to_thread(time.sleep, 100), name='two')
        asyncio.get_running_loop().call_later(0.05, print, 'ready', flush=True)
asyncio.run(main())
";
    // `flush` belongs to print: the callback is made of both.
    let code = code.replace("print, 'ready', flush=True", "lambda: print('ready', flush=True)");
    let program = Running::start(&code);
    let tree = program.ask("pstree", &[]);
    assert_eq!((tree.code, tree.err.as_str()), (Some(0), ""));
    let own: Vec<&str> = tree.out.lines().filter(|l| !l.contains("<frozen ") && !l.contains("thread 1")).collect();
    let expected = [
        "└── (T) Task-1: waits for TaskGroup.__aexit__()",
        "    └── main <string>:5",
        "            ├── (T) one: waits for a timer",
        "            │   └── nap <string>:3",
        "            └── (T) two: waits for to_thread()",
    ];
    assert_eq!(own, expected, "{}", tree.out);
    assert!(tree.out.starts_with("├── thread 1\n"), "{}", tree.out);

    let table = program.ask("ps", &[]).out;
    let line = table.lines().find(|l| l.starts_with("one ")).unwrap_or_default();
    assert!(
        line.contains("waits for a timer") && line.ends_with("Task-1") && line.contains("nap <string>:3"),
        "{table}"
    );
    let data: serde_json::Value =
        serde_json::from_str(&program.ask("pstree", &["--format", "json"]).out).expect("JSON");
    assert_eq!(data["tasks"].as_array().map(Vec::len), Some(3));
    assert_eq!(data["threads"][0]["has_loop"], true);

    let all = run(&["ps"]).out;
    let own = format!("{} ", program.0.id());
    let line = all.lines().find(|l| l.starts_with(&own)).unwrap_or_default();
    assert!(line.contains(" 3 ") && line.contains("-c import asyncio"), "{all}");
}

#[test]
fn programs_without_a_loop_show_their_stacks() {
    let busy = "def work(n):\n    while True:\n        n += 1\nprint('ready', flush=True)\nwork(1)\n";
    let asleep = "import time\nprint('ready', flush=True)\ntime.sleep(100)\n";
    let reading = "print('ready', flush=True)\nprint(input())\n";
    let spinning = "\
import asyncio
async def spin():
    while True: pass
async def main():
    print('ready', flush=True)
    await asyncio.create_task(spin(), name='spinner')
asyncio.run(main())
";
    for (code, expected) in [
        (busy, "└── thread 0\n    └── <module> <string>:5\n        └── work <string>:"),
        (asleep, "└── thread 0\n    └── <module> <string>:3\n"),
        (reading, "└── thread 0\n    └── <module> <string>:2\n"),
        (spinning, "        └── (T) spinner: runs\n            └── spin <string>:3\n"),
    ] {
        let program = Running::start(code);
        // It may not be there yet when it says that it is ready.
        std::thread::sleep(std::time::Duration::from_millis(300));
        for _ in 0..2 {
            let tree = program.ask("pstree", &[]);
            assert!(tree.out.contains(expected), "{tree:?}");
        }
    }
}

#[test]
fn what_cannot_be_asked_is_told() {
    let other = std::process::Command::new("sleep").arg("100").spawn().expect("sleep is there");
    let mut other = Running(other);
    let foreign = other.ask("pstree", &[]);
    assert_eq!((foreign.code, foreign.out.as_str()), (Some(1), ""));
    assert!(foreign.err.contains(&format!("process {} ", other.0.id())), "{}", foreign.err);
    assert!(other.0.try_wait().expect("sleep is asked").is_none(), "sleep was harmed");
    assert_eq!(run(&["pstree", "999999999"]).err, "aio: there is no process 999999999\n");
    assert_eq!(run(&["pstree"]).err.lines().next(), Some("aio pstree: which process? 'aio ps' shows them"));
    assert_eq!(run(&["ps", "x"]).code, Some(2));
}
