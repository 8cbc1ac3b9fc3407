//! `aio ps` and `aio pstree`: the programs of the user that run, and what their tasks are doing.

use crate::terminal;
use aiolang::inspection;
use serde_json::Value;
use std::collections::HashSet;
use std::fmt::Write;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

/// A program that runs script code answers at once; one that is in a long native call does not.
const PATIENCE: Duration = Duration::from_secs(3);
/// For the overview each program has this much.
const GLANCE: Duration = Duration::from_millis(300);
/// Tasks below one another, and frames of each, that the tree shows.
const DEEPEST: (usize, usize) = (100, 30);
/// The bit of SIGURG among the signals that a process handles.
const HANDLES: u64 = 1 << 22;

/// `aio ps`: all programs, or the tasks of one as a table.
pub(crate) fn ps(process: Option<i32>, json: bool) -> ExitCode {
    let Some(process) = process else { return overview(json) };
    show(process, json, |snapshot| table(&tasks_as_rows(snapshot)))
}

/// `aio pstree`: the tasks of a program as a tree of who waits for whom.
pub(crate) fn pstree(process: i32, json: bool) -> ExitCode {
    show(process, json, tree)
}

fn show(process: i32, json: bool, draw: impl Fn(&Value) -> String) -> ExitCode {
    let asked = known(process).and_then(|()| inspection::ask(process, PATIENCE).map_err(|e| told(process, &e)));
    match asked {
        Ok(snapshot) if json => terminal::say(&format!("{snapshot}\n")),
        Ok(snapshot) => terminal::say(&draw(&snapshot)),
        Err(message) => {
            terminal::complain(&format!("aio: {message}\n"));
            ExitCode::FAILURE
        }
    }
}

fn told(process: i32, e: &io::Error) -> String {
    match e.raw_os_error() {
        Some(3) => format!("there is no process {process}"),
        Some(1) => format!("process {process} belongs to another user"),
        _ if e.kind() == io::ErrorKind::TimedOut => format!(
            "process {process} does not answer: it is not a program of aio, or is in a native call that takes long"
        ),
        _ => format!("process {process} cannot be asked: {e}"),
    }
}

/// Programs of others are not sent a signal, where the system tells what they are.
fn known(process: i32) -> Result<(), String> {
    if !std::path::Path::new("/proc/self/status").exists() {
        return Ok(());
    }
    match std::fs::read_to_string(format!("/proc/{process}/status")) {
        Err(_) => Err(format!("there is no process {process}")),
        Ok(_) if !is_own(process) => Err(format!("process {process} belongs to another user")),
        Ok(status) if handles_questions(&status) => Ok(()),
        Ok(_) => Err(format!("process {process} is not a program of aio")),
    }
}

fn is_own(process: i32) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = |path: &str| std::fs::metadata(path).map(|m| m.uid()).ok();
    owner(&format!("/proc/{process}")) == owner("/proc/self")
}

fn handles_questions(status: &str) -> bool {
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANDLES != 0)
}

/// The processes of this user that run the same program as this one, with their command lines.
fn programs() -> Vec<(i32, String)> {
    let own = std::process::id().to_string();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let mut found = Vec::new();
    for name in entries.flatten().filter_map(|e| e.file_name().into_string().ok()) {
        let Ok(process) = name.parse::<i32>() else { continue };
        let program = std::fs::read_link(format!("/proc/{process}/exe")).ok();
        let is_aio = program.and_then(|p| p.file_name().map(|n| n.to_string_lossy().starts_with("aio")));
        if name == own || is_aio != Some(true) || known(process).is_err() {
            continue;
        }
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|b| *b == 0).skip(1).map(String::from_utf8_lossy).collect();
        found.push((process, words.join(" ").trim_end().to_owned()));
    }
    found.sort();
    found
}

fn overview(json: bool) -> ExitCode {
    let mut rows = vec![["PID", "TASKS", "THREADS", "PROGRAM"].map(str::to_owned).to_vec()];
    let mut data = Vec::new();
    for (process, line) in programs() {
        let snapshot = inspection::ask(process, GLANCE).ok();
        let count = |key: &str| {
            let n = snapshot.as_ref().and_then(|s| s[key].as_array().map(Vec::len));
            let more = snapshot.as_ref().and_then(|s| s["more_tasks"].as_u64()).filter(|_| key == "tasks");
            n.map(|n| n as u64 + more.unwrap_or(0))
        };
        let (tasks, threads) = (count("tasks"), count("threads"));
        let shown = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        rows.push(vec![process.to_string(), shown(tasks), shown(threads), line.clone()]);
        data.push(serde_json::json!({"pid": process, "tasks": tasks, "threads": threads, "program": line}));
    }
    match json {
        true => terminal::say(&format!("{}\n", Value::Array(data))),
        false => terminal::say(&table(&rows)),
    }
}

/// Columns as wide as their widest cell; the last one ends with its text.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |i: usize| rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn list<'a>(v: &'a Value, key: &str) -> &'a [Value] {
    v[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v[key].as_str().unwrap_or_default()
}

/// `worker main.aio:7`.
fn spot(v: &Value) -> String {
    let file = text(v, "file");
    let file = file.rsplit('/').next().unwrap_or(file);
    format!("{} {file}:{}", text(v, "function"), v["line"])
}

fn tasks_as_rows(snapshot: &Value) -> Vec<Vec<String>> {
    let mut rows = vec![["TASK", "STATE", "STACK", "AWAITED BY"].map(str::to_owned).to_vec()];
    let tasks = list(snapshot, "tasks");
    let name = |n: &Value| n.as_u64().and_then(|n| tasks.get(n as usize)).map_or("", |t| text(t, "name"));
    for task in tasks {
        let stack: Vec<String> = list(task, "stack").iter().map(spot).collect();
        let awaiters: Vec<&str> = list(task, "awaited_by").iter().map(name).collect();
        rows.push(vec![
            text(task, "name").to_owned(),
            text(task, "state").to_owned(),
            stack.join(" <- "),
            awaiters.join(", "),
        ]);
    }
    if let Some(more) = snapshot["more_tasks"].as_u64().filter(|n| *n > 0) {
        rows.push(vec![format!("and {more} more")]);
    }
    rows
}

/// A line of the tree with what lies below it.
struct Branch {
    text: String,
    below: Vec<Branch>,
}

impl Branch {
    fn draw(&self, lead: &str, is_last: bool, out: &mut String) {
        let (knot, rest) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let _ = writeln!(out, "{lead}{knot}{}", self.text);
        let lead = format!("{lead}{rest}");
        for (i, branch) in self.below.iter().enumerate() {
            branch.draw(&lead, i + 1 == self.below.len(), out);
        }
    }

    /// Frames below one another, the outermost first, and at their end what the innermost waits for.
    fn chain(spots: &[Value], end: Vec<Branch>) -> Vec<Branch> {
        spots.iter().take(DEEPEST.1).fold(end, |below, s| vec![Branch { text: spot(s), below }])
    }
}

/// All tasks, each below those that wait for it, and the stacks of threads that run no loop.
fn tree(snapshot: &Value) -> String {
    let tasks = list(snapshot, "tasks");
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
    let mut roots = Vec::new();
    for (i, task) in tasks.iter().enumerate() {
        let awaiters = list(task, "awaited_by");
        for parent in awaiters.iter().filter_map(Value::as_u64) {
            if let Some(c) = children.get_mut(parent as usize) {
                c.push(i);
            }
        }
        if awaiters.is_empty() {
            roots.push(i);
        }
    }
    let mut shown = HashSet::new();
    let mut branches = Vec::new();
    for thread in list(snapshot, "threads").iter().filter(|t| t["has_loop"] != true) {
        let below = Branch::chain(list(thread, "stack"), Vec::new());
        branches.push(Branch { text: format!("thread {}", thread["number"]), below });
    }
    for root in roots {
        branches.push(branch(tasks, &children, root, 0, &mut shown));
    }
    // What is left waits in a circle.
    for i in 0..tasks.len() {
        if !shown.contains(&i) {
            branches.push(branch(tasks, &children, i, 0, &mut shown));
        }
    }
    let mut out = String::new();
    for (i, b) in branches.iter().enumerate() {
        b.draw("", i + 1 == branches.len(), &mut out);
    }
    if let Some(more) = snapshot["more_tasks"].as_u64().filter(|n| *n > 0) {
        let _ = writeln!(out, "and {more} more tasks");
    }
    out
}

fn branch(tasks: &[Value], children: &[Vec<usize>], i: usize, depth: usize, shown: &mut HashSet<usize>) -> Branch {
    let task = &tasks[i];
    let title = format!("(T) {}: {}", text(task, "name"), text(task, "state"));
    if !shown.insert(i) {
        return Branch { text: format!("{title} (see above)"), below: Vec::new() };
    }
    let below = match children[i].len() {
        n if n > 0 && depth == DEEPEST.0 => vec![Branch { text: "...".to_owned(), below: Vec::new() }],
        _ => children[i].iter().map(|&c| branch(tasks, children, c, depth + 1, shown)).collect(),
    };
    Branch { text: title, below: Branch::chain(list(task, "stack"), below) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn snapshot() -> Value {
        let spot = |f: &str, line: u32| json!({"function": f, "file": "/x/a.aio", "line": line});
        json!({
            "threads": [{"number": 0, "has_loop": true, "stack": []}, {"number": 1, "has_loop": false, "stack": [spot("work", 9)]}],
            "tasks": [
                {"number": 0, "name": "Task-1", "state": "waits for gather()", "stack": [spot("inner", 4), spot("main", 7)], "awaited_by": []},
                {"number": 1, "name": "a", "state": "waits for a timer", "stack": [spot("child", 2)], "awaited_by": [0]},
                {"number": 2, "name": "b", "state": "waits for c", "stack": [], "awaited_by": [3]},
                {"number": 3, "name": "c", "state": "waits for b", "stack": [], "awaited_by": [2]},
            ],
            "more_tasks": 5,
        })
    }

    #[test]
    fn the_tree_shows_who_waits_and_circles_once() {
        let expected = "\
├── thread 1
│   └── work a.aio:9
├── (T) Task-1: waits for gather()
│   └── main a.aio:7
│       └── inner a.aio:4
│           └── (T) a: waits for a timer
│               └── child a.aio:2
└── (T) b: waits for c
    └── (T) c: waits for b
        └── (T) b: waits for c (see above)
and 5 more tasks
";
        assert_eq!(tree(&snapshot()), expected);
    }

    #[test]
    fn the_table_has_columns() {
        let text = table(&tasks_as_rows(&snapshot()));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "TASK        STATE               STACK                          AWAITED BY");
        assert_eq!(lines[1], "Task-1      waits for gather()  inner a.aio:4 <- main a.aio:7");
        assert_eq!(lines[2], "a           waits for a timer   child a.aio:2                  Task-1");
        assert_eq!(lines[5], "and 5 more");
    }

    #[test]
    fn programs_that_know_the_signal_are_told_apart() {
        assert!(handles_questions("Name:\taio\nSigCgt:\t0000000100400002\n"));
        assert!(!handles_questions("SigCgt:\t0000000100000002\n") && !handles_questions(""));
    }
}
