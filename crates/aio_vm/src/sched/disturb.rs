//! A hook for tests of robustness: one wait of the whole run is cancelled, wherever it is.

use crate::error::R;
use crate::sched::task::TaskState;
use crate::sched::trace::TaskEvent;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// What is known of a run that is disturbed.
#[derive(Default)]
pub(crate) struct Disturbance {
    on: Cell<bool>,
    /// Which wait is cancelled; the first one has the number one.
    at: Cell<u64>,
    waits: Cell<u64>,
}

/// How a disturbed run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disturbed {
    /// How often a task had to wait.
    pub waits: u64,
    /// Tasks that were made.
    pub tasks: usize,
    /// Tasks that have ended.
    pub ended: usize,
}

impl Vm {
    /// From now on waits of tasks are counted, and the one with this number is cancelled (none has the number zero).
    pub fn disturb(&self, at: u64) {
        self.start_trace();
        self.sched.disturbance.on.set(true);
        self.sched.disturbance.at.set(at);
    }

    /// A traced step of a task has ended.
    pub(crate) fn disturb_step(&self, task: &Value, t: &TaskState) -> R<()> {
        let d = &self.sched.disturbance;
        if !d.on.get() || t.future.is_done() {
            return Ok(());
        }
        d.waits.set(d.waits.get() + 1);
        if d.waits.get() == d.at.get() {
            t.cancel(self, task, Value::NONE)?;
        }
        Ok(())
    }

    /// How the run went, if it was to be disturbed. The record of the tasks begins anew.
    pub fn disturbed(&self) -> Option<Disturbed> {
        let d = &self.sched.disturbance;
        if !d.on.get() {
            return None;
        }
        let trace = self.take_trace();
        let count = |which: fn(&TaskEvent) -> bool| trace.iter().filter(|e| which(&e.event)).count();
        Some(Disturbed {
            waits: d.waits.get(),
            tasks: count(|e| matches!(e, TaskEvent::Spawned { .. })),
            ended: count(|e| matches!(e, TaskEvent::Ended(_))),
        })
    }
}
