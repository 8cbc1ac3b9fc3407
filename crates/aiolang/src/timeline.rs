//! The timeline of a program's tasks: a page that needs nothing else, the format of Chrome's trace viewer, or a text.

mod summary;

use aio_vm::sched::trace::{TaskEvent, Traced};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PAGE: &str = include_str!("timeline.html");

/// A step of a task.
struct Step {
    from: u64,
    to: u64,
    /// What it waited for afterwards.
    waits: String,
    /// The number of the task that it waited for.
    on: Option<u64>,
}

/// A task in the timeline.
#[derive(Default)]
struct Line {
    title: String,
    parent: Option<u64>,
    spawned: u64,
    ended: Option<(u64, &'static str)>,
    steps: Vec<Step>,
    cancels: Vec<u64>,
}

impl Line {
    /// The last time that is known of it.
    fn last(&self) -> u64 {
        let ended = self.ended.map_or(0, |(time, _)| time);
        self.spawned.max(ended).max(self.steps.last().map_or(0, |s| s.to))
    }

    /// How long it ran.
    fn runs(&self) -> u64 {
        self.steps.iter().map(|s| s.to.saturating_sub(s.from)).sum()
    }
}

/// The text of the file, by the end of its name.
pub(crate) fn render(path: &str, events: &[Traced]) -> String {
    let (start, lines) = lines_of(events);
    if path.ends_with(".json") {
        return chrome(start, &lines).to_string();
    }
    if !path.ends_with(".html") {
        return summary::summary(start, &lines);
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
            TaskEvent::Begins => {
                line.steps.push(Step { from: e.time, to: e.time, waits: String::new(), on: None });
            }
            TaskEvent::Waits { what, on } => {
                if let Some(step) = line.steps.last_mut() {
                    step.to = e.time;
                    step.waits.clone_from(what);
                    step.on = *on;
                }
            }
            TaskEvent::Cancelled => line.cancels.push(e.time),
            TaskEvent::Ended(how) => {
                if let Some(step) = line.steps.last_mut() {
                    step.to = e.time;
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

/// Complete events for steps and waits, one row per task, and an arrow from who spawned it to its first step.
fn chrome(start: u64, lines: &BTreeMap<u64, Line>) -> Value {
    let at = |time| microseconds(start, time);
    let mut all = vec![json!({"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "aio"}})];
    for (task, line) in lines {
        let instant = |name: &str, time, args: Value| json!({"ph": "i", "s": "t", "name": name, "pid": 1, "tid": task, "ts": at(time), "args": args});
        all.push(json!({"ph": "M", "name": "thread_name", "pid": 1, "tid": task, "args": {"name": line.title}}));
        all.push(instant("spawn", line.spawned, json!({"by": line.parent})));
        if let (Some(parent), Some(first)) = (line.parent, line.steps.first()) {
            let arrow = |ph: &str, tid: u64, time| {
                json!({"ph": ph, "bp": "e", "id": task, "name": "spawn", "cat": "spawn", "pid": 1, "tid": tid,
                    "ts": at(time)})
            };
            all.push(arrow("s", parent, line.spawned));
            all.push(arrow("f", *task, first.from));
        }
        for (i, step) in line.steps.iter().enumerate() {
            all.push(json!({"ph": "X", "name": "run", "cat": "run", "pid": 1, "tid": task,
                "ts": at(step.from), "dur": at(step.to) - at(step.from)}));
            if let Some(next) = line.steps.get(i + 1) {
                all.push(json!({"ph": "X", "name": format!("waits for {}", step.waits), "cat": "wait", "pid": 1,
                    "tid": task, "ts": at(step.to), "dur": at(next.from) - at(step.to), "args": {"on": step.on}}));
            }
        }
        all.extend(line.cancels.iter().map(|&time| instant("cancel", time, json!({}))));
        all.extend(line.ended.map(|(time, how)| instant(how, time, json!({}))));
    }
    json!({"traceEvents": all, "displayTimeUnit": "ms"})
}

fn page_data(start: u64, lines: &BTreeMap<u64, Line>) -> Value {
    let at = |time| microseconds(start, time);
    let shown = |(task, line): (&u64, &Line)| {
        let steps: Vec<Value> = line.steps.iter().map(|s| json!([at(s.from), at(s.to), s.waits, s.on])).collect();
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
            at(4_000, 1, TaskEvent::Waits { what: "Task-2 work()".to_owned(), on: Some(2) }),
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
        assert_eq!(wait["args"]["on"], 2);
    }

    #[test]
    fn the_page_holds_the_data_and_no_tag_of_it() {
        let page = render("t.html", &events());
        assert!(page.contains("Task-1 \\u003cmain>()"));
        assert!(!page.contains("/*DATA*/"));
    }

    #[test]
    fn the_summary_counts_tasks_and_waits() {
        let expected = "\
2 tasks: 1 cancelled, 1 finished; the loop ran tasks for 4.0 µs of 8.0 µs
  STEPS       RUNS      WAITS    LONGEST  ENDED      TASK
      2     3.0 µs     5.0 µs     2.0 µs  cancelled  Task-1 <main>()
      1     1.0 µs     2.0 µs     1.0 µs  finished   Task-2 work()
waited for     4.0 µs       1 x  Task-2 work()
";
        assert_eq!(render("", &events()), expected);
    }
}
