//! The usual step of a task: its coroutine goes on where it waited, and waits again or ends.

use crate::error::Raised;
use crate::interp::Exit;
use crate::object::coro::CoroKind;
use crate::sched::event_loop::{LoopState, Ready};
use crate::sched::future::MUST_CANCEL;
use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;

/// A task, and an error that is not its own.
pub(crate) type Failed = (Value, Raised);

impl Vm {
    /// The next step of a task that waits for nothing, or for what has happened. The task moves from one queue of the loop to
    /// the next.
    #[inline]
    pub(crate) fn quick_step(&self, lp: &LoopState, task: Value) -> Result<(), Failed> {
        let Some(t) = task.payload::<TaskState>() else { return Ok(()) };
        // Nobody watches or counts, and nothing is to be raised.
        let plain = !self.sched.tracing.get()
            && !self.limits.counts_tasks()
            && !t.future.is_done()
            && !t.future.has(MUST_CANCEL)
            && t.future.may_go_on();
        let exit = match t.coro.peek().as_coro() {
            Some(c) if plain && c.kind.get() == CoroKind::Coroutine && c.may_go_on() => {
                t.future.stop_waiting();
                let previous = lp.current.replace(task.clone());
                // The task holds its coroutine.
                let exit = self.in_context_of(t, || self.go_on_with_none(c));
                drop(lp.current.replace(previous));
                exit
            }
            _ => return self.wake_task(lp, &task).map_err(|e| (task, e)),
        };
        match exit {
            Exit::Yield(v) if v.is_none() => {
                if lp.closed.get() {
                    return Err((task, lp.is_closed(self)));
                }
                lp.push(self, Ready::Step(task));
                Ok(())
            }
            exit => self.after_step(lp, &task, t, exit.into()).map_err(|e| (task.clone(), e)),
        }
    }

    /// Lets the coroutine of a task go on in the context of the task.
    #[inline(always)]
    fn in_context_of(&self, t: &TaskState, go_on: impl FnOnce() -> Exit) -> Exit {
        if t.own.is_empty() {
            let outside = self.sched.context.take();
            let exit = go_on();
            // If the coroutine has looked at its context, it has one since then.
            if self.sched.context.is_empty() {
                drop(self.sched.context.replace(outside));
            } else {
                self.swap_out(t.context(), outside);
            }
            return exit;
        }
        match self.swap_in(t.context()) {
            Ok(outside) => {
                let exit = go_on();
                self.swap_out(t.context(), outside);
                exit
            }
            Err(e) => Exit::Raise(e),
        }
    }
}
