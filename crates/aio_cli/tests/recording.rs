//! `--record` and `--replay`: the same run again, without the world.

#[path = "program/started.rs"]
mod started;

use started::{Seen, aio, seen, with_input};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// Asks the world for everything that it has.
const SCRIPT: &str = r#"
import asyncio, datetime, os, random, sys, time

class Thing:
    pass

async def answer(reader, writer):
    writer.write(b"echo " + await reader.readline())
    await writer.drain()
    writer.close()

async def ask(port, i):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"hello {i}\n".encode())
    print(port, await reader.readline())
    writer.close()

async def main():
    print(time.time(), time.monotonic(), datetime.datetime.now(), random.random(), os.urandom(4))
    print({Thing() for _ in range(5)}, {"a", "b", "c"}, os.getpid(), os.environ["AIO_TEST_WORD"])
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*(ask(port, i) for i in range(3)))
    server.close()
    child = await asyncio.create_subprocess_exec("sh", "-c", "echo $PPID", stdout=asyncio.subprocess.PIPE)
    print(await child.communicate())
    print(await asyncio.to_thread(time.time))
    await asyncio.sleep(0.05)

print("read", input(), sys.argv)
asyncio.run(main())
"#;

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn again(arguments: &[&str]) -> Seen {
    seen(aio().args(arguments).stdin(Stdio::null()).output().expect("the program starts"))
}

#[test]
fn a_replay_prints_the_same_and_has_the_same_timeline() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| text(&folder.path().join(name));
    fs::write(file("world.aio"), SCRIPT).expect("written");
    let mut first = aio();
    first.env("AIO_TEST_WORD", "blue").args(["--record", &file("run.rec"), "trace", &file("world.aio")]);
    let recorded = with_input(first.args(["-o", &file("first.json"), "an argument"]), "typed\n");
    assert_eq!((recorded.code, recorded.err.as_str()), (Some(0), ""));
    assert_eq!(recorded.out.lines().count(), 8, "{}", recorded.out);

    let recording = file("run.rec");
    let replay = ["--replay", &recording];
    let (script, output) = (file("world.aio"), file("second.json"));
    let replayed = again(&[&replay[..], &["trace", &script, "-o", &output, "an argument"]].concat());
    assert_eq!(replayed.out, recorded.out);
    assert_eq!((replayed.code, replayed.err.as_str()), (Some(0), ""));
    let timeline = |name: &str| fs::read_to_string(file(name)).expect("a timeline");
    assert_eq!(timeline("first.json"), timeline("second.json"));

    // Neither the script nor its arguments have to be said again, and nobody has to look at the times.
    assert_eq!(again(&replay).out, recorded.out);
}

#[test]
fn a_replay_that_goes_another_way_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let (script, recording) = (text(&folder.path().join("s.aio")), text(&folder.path().join("r.rec")));
    fs::write(&script, "import os, time\nprint('begin')\ntime.time()\n").expect("written");
    assert_eq!(again(&["--record", &recording, &script]).code, Some(0));
    fs::write(
        &script,
        "import os, time\nprint('begin')\ntry:\n    os.listdir('.')\nexcept OSError:\n    print('caught')\n",
    )
    .expect("written");
    let other = again(&["--replay", &recording, &script]);
    assert_eq!((other.code, other.out.as_str()), (Some(1), "begin\n"));
    let expected = format!(
        "aio: the replay went another way than the recording\n{script}:4: the script asks for [file: List(\".\")]; \
         the recording has [the clock on the wall]\nnote: the program is not the one that was recorded\n"
    );
    assert_eq!(other.err, expected);
}

#[test]
fn an_interrupt_comes_at_the_same_instruction() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = text(&folder.path().join("r.rec"));
    let code = "n = 0\nprint('ready', flush=True)\ntry:\n    while True:\n        n += 1\nexcept KeyboardInterrupt:\n    print(n)";
    let mut command = aio();
    command.args(["--record", &recording, "-c", code]).stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    std::thread::sleep(Duration::from_millis(700));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("a signal was sent").success());
    let recorded = seen(child.wait_with_output().expect("the program ends"));
    assert!(recorded.out.starts_with("ready\n") && recorded.out.lines().count() == 2, "{recorded:?}");
    assert_eq!(again(&["--replay", &recording]).out, recorded.out);
}

#[test]
fn recordings_that_cannot_be_used_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| text(&folder.path().join(name));
    let (whole, half) = (file("whole"), file("half"));
    let code = ["-c", "import time\nfor _ in range(3): time.time()\nprint('end')"];
    let both = again(&["--record", "a", "--replay", "b", "-c", "pass"]);
    assert_eq!((both.code, both.err.as_str()), (Some(2), "aio: --record and --replay exclude each other\n"));
    fs::write(file("text"), "hello\n").expect("written");
    let none = again(&["--replay", &file("text")]);
    assert_eq!((none.code, none.err), (Some(2), format!("aio: '{}' is not a recording\n", file("text"))));
    fs::write(file("new"), "{\"recording\": 99}\n").expect("written");
    assert!(
        again(&["--replay", &file("new")]).err.contains("has the format 99; this version of aio reads the format 1")
    );
    assert!(again(&["--replay", &file("missing")]).err.contains("cannot be read: No such file"));
    let nowhere = again(&["--record", &file("no/where"), "-c", "print(1)"]);
    assert_eq!((nowhere.code, nowhere.out.as_str()), (Some(2), ""));

    assert_eq!(again(&[&["--record", &whole][..], &code].concat()).out, "end\n");
    let bytes = fs::read(whole).expect("a recording");
    fs::write(&half, &bytes[..bytes.len() - 10]).expect("written");
    let half = again(&["--replay", &half]);
    assert_eq!((half.code, half.out.as_str()), (Some(1), ""));
    assert!(half.err.contains("there the recording breaks off"), "{}", half.err);
}
