//! A record of what tasks did and when, kept only if somebody has asked for it.

use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Something that happened to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskEvent {
    /// It was made, by the task with this number.
    Spawned {
        /// The name and the function.
        title: String,
        /// Who made it.
        parent: Option<u64>,
    },
    /// A step begins.
    Begins,
    /// A step has ended.
    Waits {
        /// What it waits for now.
        what: String,
        /// The number of the task that it waits for, if it is one.
        on: Option<u64>,
    },
    /// Its cancellation was asked for.
    Cancelled,
    /// It has ended: "finished", "failed" or "cancelled".
    Ended(&'static str),
}

/// What happened, to which task, and when (nanoseconds of the host's clock).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// When.
    pub time: u64,
    /// The number of the task.
    pub task: u64,
    /// What.
    pub event: TaskEvent,
}

/// The record so far.
#[derive(Default)]
pub(crate) struct Trace {
    events: RefCell<Vec<Traced>>,
    /// The numbers of tasks that have not ended, by their places in memory.
    numbers: RefCell<FxHashMap<usize, u64>>,
}

impl Vm {
    /// From now on a record is kept.
    pub fn start_trace(&self) {
        self.sched.tracing.set(true);
    }

    /// The record, which begins anew.
    pub fn take_trace(&self) -> Vec<Traced> {
        self.sched.trace.events.take()
    }

    /// A task is made.
    #[cold]
    pub(crate) fn trace_spawn(&self, task: &Value, parent: Option<&Value>) {
        let trace = &self.sched.trace;
        let mut numbers = trace.numbers.borrow_mut();
        let number = self.sched.traced.get() + 1;
        self.sched.traced.set(number);
        let parent = parent.and_then(|p| numbers.get(&p.addr()).copied());
        numbers.insert(task.addr(), number);
        drop(numbers);
        let event = TaskEvent::Spawned { title: self.task_title(task), parent };
        self.trace(task, event);
    }

    /// Something happens to a task.
    #[cold]
    pub(crate) fn trace(&self, task: &Value, event: TaskEvent) {
        let trace = &self.sched.trace;
        let Some(number) = trace.numbers.borrow().get(&task.addr()).copied() else { return };
        if matches!(event, TaskEvent::Ended(_)) {
            trace.numbers.borrow_mut().remove(&task.addr());
        }
        trace.events.borrow_mut().push(Traced { time: self.host.timestamp(), task: number, event });
    }

    /// A step of a task has ended.
    #[cold]
    pub(crate) fn trace_step(&self, task: &Value, t: &TaskState) {
        if !t.future.is_done() {
            let on = self.sched.trace.numbers.borrow().get(&t.future.target().addr()).copied();
            self.trace(task, TaskEvent::Waits { what: self.waits_for(t), on });
            return;
        }
        let how = if t.future.is_cancelled() {
            "cancelled"
        } else if t.future.peek_failure().is_some() {
            "failed"
        } else {
            "finished"
        };
        self.trace(task, TaskEvent::Ended(how));
    }
}
