//! The timeline of a program's tasks: a page that needs nothing else, or the format of Chrome's trace viewer.

use aio_vm::sched::trace::{TaskEvent, Traced};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PAGE: &str = include_str!("timeline.html");

/// A task in the timeline.
#[derive(Default)]
struct Line {
    title: String,
    parent: Option<u64>,
    spawned: u64,
    ended: Option<(u64, &'static str)>,
    /// Steps: from, to, and what it waited for afterwards.
    steps: Vec<(u64, u64, String)>,
    cancels: Vec<u64>,
}

/// The text of the file, by the end of its name.
pub(crate) fn render(path: &str, events: &[Traced]) -> String {
    let (start, lines) = lines_of(events);
    if path.ends_with(".json") {
        return chrome(start, &lines).to_string();
    }
    // The text stands in a script: no tag may end it.
    let data = page_data(start, &lines).to_string().replace('<', "\\u003c");
    PAGE.replace("/*DATA*/", &data)
}

fn lines_of(events: &[Traced]) -> (u64, BTreeMap<u64, Line>) {
    let start = events.first().map_or(0, |e| e.time);
    let mut lines: BTreeMap<u64, Line> = BTreeMap::new();
    for e in events {
        let line = lines.entry(e.task).or_default();
        match &e.event {
            TaskEvent::Spawned { title, parent } => {
                line.title = title.clone();
                line.parent = *parent;
                line.spawned = e.time;
            }
            TaskEvent::Begins => line.steps.push((e.time, e.time, String::new())),
            TaskEvent::Waits(what) => {
                if let Some(step) = line.steps.last_mut() {
                    step.1 = e.time;
                    step.2.clone_from(what);
                }
            }
            TaskEvent::Cancelled => line.cancels.push(e.time),
            TaskEvent::Ended(how) => {
                if let Some(step) = line.steps.last_mut() {
                    step.1 = e.time;
                }
                line.ended = Some((e.time, how));
            }
        }
    }
    (start, lines)
}

fn microseconds(start: u64, time: u64) -> f64 {
    time.saturating_sub(start) as f64 / 1e3
}

/// Complete events for steps and waits, one row per task.
fn chrome(start: u64, lines: &BTreeMap<u64, Line>) -> Value {
    let at = |time| microseconds(start, time);
    let mut all = Vec::new();
    for (task, line) in lines {
        all.push(json!({"ph": "M", "name": "thread_name", "pid": 1, "tid": task, "args": {"name": line.title}}));
        all.push(json!({"ph": "i", "s": "t", "name": "spawn", "pid": 1, "tid": task, "ts": at(line.spawned),
            "args": {"by": line.parent}}));
        for (i, (from, to, waits)) in line.steps.iter().enumerate() {
            all.push(json!({"ph": "X", "name": "run", "cat": "run", "pid": 1, "tid": task,
                "ts": at(*from), "dur": at(*to) - at(*from)}));
            if let Some(next) = line.steps.get(i + 1) {
                all.push(json!({"ph": "X", "name": format!("waits for {waits}"), "cat": "wait", "pid": 1, "tid": task,
                    "ts": at(*to), "dur": at(next.0) - at(*to)}));
            }
        }
        for cancel in &line.cancels {
            all.push(json!({"ph": "i", "s": "t", "name": "cancel", "pid": 1, "tid": task, "ts": at(*cancel)}));
        }
        if let Some((time, how)) = line.ended {
            all.push(json!({"ph": "i", "s": "t", "name": how, "pid": 1, "tid": task, "ts": at(time)}));
        }
    }
    json!({"traceEvents": all, "displayTimeUnit": "ms"})
}

fn page_data(start: u64, lines: &BTreeMap<u64, Line>) -> Value {
    let at = |time| microseconds(start, time);
    let shown = |(task, line): (&u64, &Line)| {
        let steps: Vec<Value> = line.steps.iter().map(|(a, b, waits)| json!([at(*a), at(*b), waits])).collect();
        json!({
            "id": task,
            "title": line.title,
            "parent": line.parent,
            "spawned": at(line.spawned),
            "ended": line.ended.map(|(time, how)| json!([at(time), how])),
            "steps": steps,
            "cancels": line.cancels.iter().map(|&time| at(time)).collect::<Vec<f64>>(),
        })
    };
    Value::Array(lines.iter().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<Traced> {
        let at = |time, task, event| Traced { time, task, event };
        vec![
            at(1_000, 1, TaskEvent::Spawned { title: "Task-1 <main>()".to_owned(), parent: None }),
            at(2_000, 1, TaskEvent::Begins),
            at(3_000, 2, TaskEvent::Spawned { title: "Task-2 work()".to_owned(), parent: Some(1) }),
            at(4_000, 1, TaskEvent::Waits("Task-2 work()".to_owned())),
            at(5_000, 2, TaskEvent::Begins),
            at(6_000, 2, TaskEvent::Ended("finished")),
            at(7_000, 1, TaskEvent::Cancelled),
            at(8_000, 1, TaskEvent::Begins),
            at(9_000, 1, TaskEvent::Ended("cancelled")),
        ]
    }

    #[test]
    fn chrome_gets_steps_and_waits() {
        let text = render("t.json", &events());
        let read: Value = serde_json::from_str(&text).unwrap_or_default();
        let all = read["traceEvents"].as_array().cloned().unwrap_or_default();
        let of = |task: u64, name: &str| all.iter().filter(|e| e["tid"] == task && e["name"] == name).count();
        assert_eq!((of(1, "run"), of(2, "run"), of(1, "cancel"), of(1, "cancelled")), (2, 1, 1, 1));
        let wait = all.iter().find(|e| e["cat"] == "wait").cloned().unwrap_or_default();
        assert_eq!(wait["name"], "waits for Task-2 work()");
        assert_eq!((wait["ts"].as_f64(), wait["dur"].as_f64()), (Some(3.0), Some(4.0)));
    }

    #[test]
    fn the_page_holds_the_data_and_no_tag_of_it() {
        let page = render("t.html", &events());
        assert!(page.contains("Task-1 \\u003cmain>()"));
        assert!(!page.contains("/*DATA*/"));
    }
}
