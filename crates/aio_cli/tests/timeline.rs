//! `aio trace`: the page of the timeline, the format of Chrome's viewer, and the summary.

#[path = "program/started.rs"]
mod started;

use serde_json::Value;
use started::{Seen, aio, with_input};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

const SCRIPT: &str = "\
import asyncio, sys
async def worker(n):
    for _ in range(3):
        await asyncio.sleep(n)
    if n == 3:
        raise ValueError('no')
async def stuck(event):
    await event.wait()
async def main():
    loser = asyncio.create_task(stuck(asyncio.Event()), name='stuck </script>')
    workers = [asyncio.create_task(worker(n), name=f'worker-{n}') for n in range(1, 4)]
    await asyncio.gather(*workers, return_exceptions=True)
    loser.cancel('enough')
    try:
        await loser
    except asyncio.CancelledError:
        print('done', sys.argv[1:])
asyncio.run(main())
";

/// Runs the script on virtual time and gives what was seen, and the file that was written.
fn traced(file: &str) -> (Seen, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let (script, output) = (folder.path().join("script.aio"), folder.path().join(file));
    std::fs::write(&script, SCRIPT).expect("written");
    let mut command = aio();
    command.args(["--virtual-time", "trace"]).arg(&script);
    if !file.is_empty() {
        command.arg("-o").arg(&output);
    }
    let seen = with_input(command.arg("argument"), "");
    let text = if file.is_empty() { String::new() } else { std::fs::read_to_string(output).expect("a timeline") };
    (seen, text, folder)
}

/// What lies between two texts.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let rest = text.split_once(begin).map(|(_, rest)| rest).unwrap_or_default();
    rest.split_once(end).map(|(part, _)| part).unwrap_or_default()
}

#[test]
fn a_summary_is_told_where_no_file_is_named() {
    let (seen, _, _folder) = traced("");
    assert_eq!((seen.code, seen.out.as_str()), (Some(0), "done ['argument']\n"));
    let lines: Vec<&str> = seen.err.lines().collect();
    assert_eq!(lines[0], "6 tasks: 1 cancelled, 1 failed, 4 finished; the loop ran tasks for 0.0 µs of 9.000 s");
    assert_eq!(lines[1], "  STEPS       RUNS      WAITS    LONGEST  ENDED      TASK");
    let has = |line: &str| assert!(lines.contains(&line), "{line}\n---\n{}", seen.err);
    has("      4     0.0 µs    9.000 s     0.0 µs  failed     worker-3 worker()");
    has("waited for   18.000 s       9 x  a timer");
    has("              9.000 s       1 x  gather()");
    has("              9.000 s       1 x  Event.wait()");
}

#[test]
fn chromes_viewer_gets_events_that_it_knows() {
    let (seen, text, _folder) = traced("trace.json");
    assert_eq!((seen.code, seen.err.as_str()), (Some(0), ""));
    let data: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(data["displayTimeUnit"], "ms");
    let events = data["traceEvents"].as_array().cloned().unwrap_or_default();
    let mut names = BTreeMap::new();
    let (mut begun, mut arrived) = (BTreeSet::new(), BTreeSet::new());
    for e in &events {
        assert!(e["name"].is_string() && e["pid"] == 1, "{e}");
        let thread = e["tid"].as_u64();
        let time = e["ts"].as_f64().is_some_and(|t| t >= 0.0);
        match e["ph"].as_str() {
            Some("M") if e["name"] == "process_name" => assert_eq!(e["args"]["name"], "aio"),
            Some("M") => drop(names.insert(thread, e["args"]["name"].as_str().unwrap_or_default().to_owned())),
            Some("X") => assert!(time && e["dur"].as_f64().is_some_and(|d| d >= 0.0) && e["cat"].is_string(), "{e}"),
            Some("i") => assert!(time && e["s"] == "t", "{e}"),
            Some("s") => assert!(time && begun.insert(e["id"].as_u64()), "{e}"),
            Some("f") => assert!(time && e["bp"] == "e" && arrived.insert(e["id"].as_u64()), "{e}"),
            _ => panic!("{e} is not known to the viewer"),
        }
    }
    assert_eq!(begun, arrived);
    assert_eq!(begun.len(), 4);
    assert_eq!(names.len(), 6);
    let of = |title: &str| names.iter().find(|(_, n)| n.as_str() == title).and_then(|(tid, _)| *tid);
    let stuck = of("stuck </script> stuck()").expect("the task is there");
    let story: Vec<&str> = events.iter().filter(|e| e["tid"] == stuck).filter_map(|e| e["name"].as_str()).collect();
    let expected = ["thread_name", "spawn", "spawn", "run", "waits for Event.wait()", "run", "cancel", "cancelled"];
    assert_eq!(story, expected);
    let on_stuck = events.iter().find(|e| e["args"]["on"] == stuck).cloned().unwrap_or_default();
    assert_eq!((on_stuck["tid"].as_u64(), on_stuck["cat"].as_str()), (of("Task-1 main()"), Some("wait")));
}

#[test]
fn the_page_is_whole() {
    let (seen, page, _folder) = traced("trace.html");
    assert_eq!((seen.code, seen.err.as_str()), (Some(0), ""));
    let data = between(&page, "<script id=\"data\" type=\"application/json\">", "</script>");
    let tasks: Vec<Value> = serde_json::from_str(data).expect("the data is JSON");
    assert_eq!(tasks.len(), 6);
    let by_title = |title: &str| tasks.iter().find(|t| t["title"] == title).cloned().unwrap_or_default();
    let (main, stuck) = (by_title("Task-1 main()"), by_title("stuck </script> stuck()"));
    assert_eq!((&stuck["parent"], &stuck["ended"][1]), (&main["id"], &Value::from("cancelled")));
    assert_eq!(stuck["cancels"], serde_json::json!([9_000_000.0]));
    assert_eq!(stuck["steps"][0][2], "Event.wait()");
    assert_eq!(main["steps"][1][3], stuck["id"]);
    assert_eq!(by_title("worker-3 worker()")["ended"], serde_json::json!([9_000_000.0, "failed"]));
    // It needs nothing else, and the script finds every element that it asks for.
    assert!(!page.contains("http") && !page.contains("src=") && !page.contains("import "));
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
    for asked in page.split("getElementById(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{asked}\"")), "{asked}");
    }
    for pair in ["()", "[]", "{}"] {
        let script = between(&page, "\"use strict\";", "</script>");
        let (open, close) = pair.split_at(1);
        assert_eq!(script.matches(open).count(), script.matches(close).count(), "{pair}");
    }
}

/// A browser without a window, if there is one.
fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "headless_shell"];
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name))).find(|p| p.is_file())
}

/// Uses the page as a person would and notes what there is to see.
const PERSON: &str = r##"<script>
const seen = [], at = id => document.getElementById(id);
const note = (what, text) => seen.push(what + ": " + text.replace(/\s+/g, " ").trim());
const rows = () => [...at("names").children].slice(0, -1).map(d => d.textContent.split(" ")[0]).join(" ");
const fire = (to, type, init) => to.dispatchEvent(new (init.make || MouseEvent)(type, { bubbles: true, cancelable: true, ...init }));
note("count", at("count").textContent.split(",")[0]);
at("search").value = "WORKER";
fire(at("search"), "input", { make: InputEvent });
note("found", rows());
at("search").value = "event.wait";
fire(at("search"), "input", { make: InputEvent });
note("waiting", rows());
at("search").value = "";
fire(at("search"), "input", { make: InputEvent });
note("all", String(rows().split(" ").length));
const box = at("view").getBoundingClientRect(), y = box.top + 42 + 10;
const over = (share, row) => fire(at("view"), "mousemove", { clientX: box.left + box.width * share, clientY: y + row * 20 });
over(0.5, 1);
note("hover", at("tip").style.display + " " + at("tip").textContent);
fire(at("view"), "mouseleave", {});
note("left", at("tip").style.display);
const before = to - from;
fire(at("pane"), "wheel", { make: WheelEvent, ctrlKey: true, deltaY: -400, clientX: box.left + 10, clientY: y });
note("wheel", to - from < before * 0.5 ? "nearer" : "not nearer");
fire(window, "keydown", { make: KeyboardEvent, key: "0" });
note("key", to - from === before ? "back" : "not back");
fire(at("view"), "mousedown", { clientX: box.left + 100, clientY: y });
over(0.5, 1);
fire(window, "mouseup", {});
note("drag", from < 0 ? "moved" : "not moved");
fire(at("view"), "dblclick", {});
fire(at("view"), "click", { clientX: box.left + 100, clientY: y + 20 });
note("details", at("about").innerText);
at("about").querySelector("a").click();
note("parent", at("about").querySelector("h2").textContent);
note("error", at("error").textContent);
document.documentElement.innerHTML = "<pre>" + seen.map(s => s.replace(/</g, "&lt;")).join("\n") + "</pre>";
</script>"##;

#[test]
fn a_person_can_use_the_page() {
    let (_, page, folder) = traced("trace.html");
    let used = folder.path().join("used.html");
    assert!(page.contains("</body>"));
    std::fs::write(&used, page.replace("</body>", &format!("{PERSON}</body>"))).expect("written");
    let Some(browser) = browser() else {
        eprintln!("no browser is installed: the page was checked by its text alone");
        return;
    };
    let mut command = Command::new(browser);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1200,700",
        "--virtual-time-budget=3000",
    ]);
    command.arg(format!("--user-data-dir={}", folder.path().join("profile").display())).arg("--dump-dom");
    let output = command.arg(format!("file://{}", used.display())).output().expect("the browser starts");
    let text = String::from_utf8_lossy(&output.stdout).replace("&lt;", "<").replace("&gt;", ">");
    let seen: Vec<&str> = between(&text, "<pre>", "</pre>").lines().collect();
    let expected = [
        "count: 6 of 6",
        "found: worker-1 worker-2 worker-3",
        "waiting: stuck",
        "all: 6",
        "hover: block stuck </script> stuck() spawned at 0 µs by Task-1 main() waits for Event.wait() (9 s) \
         cancel asked at 9 s cancelled at 9 s",
        "left: none",
        "wheel: nearer",
        "key: back",
        "drag: moved",
        "details: stuck </script> stuck() spawned 0 µs by Task-1 main() cancelled 9 s cancel asked 9 s steps 2 \
         runs 0 µs waits 9 s longest step 0 µs Waited for: 0 µs Event.wait()",
        "parent: Task-1 main()",
        "error: ",
    ];
    assert_eq!(seen, expected, "{text}");
}
