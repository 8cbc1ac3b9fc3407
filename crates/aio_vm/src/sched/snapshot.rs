//! What an isolate is doing, as plain data: the stacks of its threads, and its tasks with what they wait for.

use crate::object::coro::{CoroObj, State};
use crate::object::running::Place;
use crate::sched::event_loop::LoopState;
use crate::sched::task::{TaskState, Waiting};
use crate::value::Value;
use crate::vm::Vm;
use rustc_hash::FxHashMap;
use serde::Serialize;

/// Tasks that are shown; what is asked for by people has to have an end.
const MOST: usize = 20_000;
/// Frames of one stack that are shown.
const DEPTH: usize = 200;

/// A line that runs or waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// The qualified name of the function.
    pub function: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
}

impl Spot {
    /// It is in a module of the library.
    pub fn is_of_library(&self) -> bool {
        self.file.starts_with("<frozen ")
    }
}

/// A thread of the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThreadShown {
    /// 0 is the main one.
    pub number: u32,
    /// It runs an event loop.
    pub has_loop: bool,
    /// Its frames, the innermost first.
    pub stack: Vec<Spot>,
}

/// A task that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskShown {
    /// A number within the snapshot.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// What it does: runs, is ready, or waits for something.
    pub state: String,
    /// The thread of its loop.
    pub thread: u32,
    /// Its frames, the innermost first.
    pub stack: Vec<Spot>,
    /// The numbers of the tasks that wait for it.
    pub awaited_by: Vec<usize>,
}

/// What an isolate is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// All threads, the main one first.
    pub threads: Vec<ThreadShown>,
    /// The tasks of all loops that run.
    pub tasks: Vec<TaskShown>,
    /// How many tasks were left out.
    pub more_tasks: usize,
}

impl Vm {
    /// What the isolate is doing now.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let mut tasks = Vec::new();
        for (number, current, running) in self.thread_tops() {
            let lp = running.payload::<LoopState>();
            let stack = self.places_from(current).iter().take(DEPTH).filter_map(Place::spot).collect();
            snapshot.threads.push(ThreadShown { number, has_loop: lp.is_some(), stack });
            let all = lp.map(|l| l.tasks.all()).unwrap_or_default();
            tasks.extend(all.into_iter().map(|task| (number, task)));
        }
        snapshot.more_tasks = tasks.len().saturating_sub(MOST);
        tasks.truncate(MOST);
        let numbers: FxHashMap<u64, usize> = tasks.iter().enumerate().map(|(i, t)| (t.1.identity(), i)).collect();
        for (number, (thread, task)) in tasks.iter().enumerate() {
            let Some(t) = task.payload::<TaskState>() else { continue };
            let awaiters = self.awaiters(task);
            snapshot.tasks.push(TaskShown {
                number,
                name: self.task_name(t),
                state: self.task_state(task, t),
                thread: *thread,
                stack: self.task_spots(task).into_iter().take(DEPTH).collect(),
                awaited_by: awaiters.iter().filter_map(|a| numbers.get(&a.identity()).copied()).collect(),
            });
        }
        snapshot
    }

    /// Called now and then: if somebody has asked the host what the isolate is doing, the host gets to know it.
    pub fn show_if_asked(&self) {
        self.watch_looks();
        if self.host.take_inspection() {
            self.host.inspected(&self.snapshot());
        }
    }

    fn task_state(&self, task: &Value, t: &TaskState) -> String {
        let lp = t.future.event_loop.get();
        let current = lp.payload::<LoopState>().is_some_and(|l| l.current.peek().is(task));
        match t.future.waiting.get() {
            Waiting::Nothing if current => "runs".to_owned(),
            Waiting::Nothing | Waiting::GateOpen | Waiting::GateCancelled => "is ready".to_owned(),
            Waiting::Future | Waiting::Gate => format!("waits for {}", self.waits_for(t)),
        }
    }

    /// The frames of a task, the innermost first.
    pub(crate) fn task_spots(&self, task: &Value) -> Vec<Spot> {
        task.payload::<TaskState>().map(|t| self.coroutine_spots(&t.coro.get())).unwrap_or_default()
    }

    /// The frames of a coroutine and of what it awaits, the innermost first.
    pub(crate) fn coroutine_spots(&self, coro: &Value) -> Vec<Spot> {
        self.coroutine_places(coro).iter().filter_map(Place::spot).collect()
    }

    /// Where a coroutine, and what it awaits, stands; the innermost first.
    pub(crate) fn coroutine_places(&self, coro: &Value) -> Vec<Place> {
        let mut value = coro.clone();
        let mut parts: Vec<Vec<Place>> = Vec::new();
        while let Some(c) = value.as_coro().filter(|_| parts.len() < DEPTH) {
            if c.state() == State::Running {
                // One that runs, or awaits one that runs, is on the stack of a thread, with the rest of the chain.
                let tops = self.thread_tops();
                let above = tops.iter().map(|(_, current, _)| self.places_above(*current, c)).find(|p| !p.is_empty());
                if let Some(above) = above {
                    parts.push(above);
                    break;
                }
            }
            parts.push(c.suspended_places());
            match c.awaited_inside() {
                Some(inner) => value = inner,
                None => break,
            }
        }
        parts.into_iter().rev().flatten().collect()
    }

    /// The frames of a thread from its innermost coroutine down to `root`, if that is among them.
    fn places_above(&self, current: *const CoroObj, root: &CoroObj) -> Vec<Place> {
        let mut places = self.places_from(current);
        let end = places.iter().rposition(|p| p.is_of(root)).map_or(0, |last| last + 1);
        places.truncate(end);
        places
    }
}
