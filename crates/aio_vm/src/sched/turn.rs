//! An event loop that a host drives: turns that never wait, tasks that the host has begun, and events that it brings.

use crate::error::R;
use crate::native::{Args, Def, function};
use crate::sched::callbacks::Callback;
use crate::sched::event_loop::{LoopState, NO_THREAD};
use crate::sched::future::{future_of, native_loop};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::RefCell;

/// What is left after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// There is more to do at once.
    Again,
    /// Nothing before this time (nanoseconds of the monotonic clock), or before an event.
    Idle(Option<u64>),
}

/// Numbers of tasks of the host that have ended.
#[derive(Default)]
struct Ended(RefCell<Vec<u64>>);

static TASK_ENDED: Def = function("task_ended(task, /)", task_ended, "Note that a task of the host has ended.");

fn task_ended(vm: &Vm, a: &Args) -> R {
    let number = a.receiver.as_small().unwrap_or_default() as u64;
    vm.state::<Ended>().0.borrow_mut().push(number);
    Ok(Value::NONE)
}

impl Vm {
    /// A loop for the host, made by the library.
    pub fn host_loop(&self) -> R {
        let asyncio = self.import_module("asyncio")?;
        let lp = self.call_method(&asyncio, "new_event_loop", &[])?;
        self.call_method(&asyncio, "set_event_loop", std::slice::from_ref(&lp))?;
        native_loop(self, &lp)?;
        Ok(lp)
    }

    /// Makes a loop the running one, unless one runs already; tells whether that was done.
    pub fn enter_loop(&self, lp: &Value) -> bool {
        let Some(l) = lp.payload::<LoopState>() else { return false };
        if self.running_loop().is_some() || l.thread.get() != NO_THREAD || l.closed.get() {
            return false;
        }
        l.thread.set(self.sched.threads.current());
        self.sched.running.set(lp.clone());
        true
    }

    /// Takes back what `enter_loop` did.
    pub fn leave_loop(&self, lp: &Value) {
        if let Some(l) = lp.payload::<LoopState>() {
            l.stopping.set(false);
            l.thread.set(NO_THREAD);
            drop(self.sched.running.take());
        }
    }

    /// Runs what is ready in a loop that was entered: at most so many iterations, and none that waits.
    pub fn turn(&self, lp: &Value, iterations: usize) -> R<Turn> {
        let l = native_loop(self, lp)?;
        for _ in 0..iterations {
            let poller = self.sched.poller.borrow().clone();
            if let Some(p) = poller.filter(|p| p.pending()) {
                p.poll(self, Some(0))?;
            }
            self.yield_thread();
            let due = l.timers.next().is_some_and(|when| when <= self.loop_time());
            if !l.has_work() && !due {
                if self.sched.threads.ready() {
                    return Ok(Turn::Again);
                }
                return Ok(Turn::Idle(self.next_wakeup(l)));
            }
            self.run_once(lp, l)?;
            if !self.state::<Ended>().0.borrow().is_empty() {
                return Ok(Turn::Again);
            }
        }
        Ok(Turn::Again)
    }

    /// When a loop wants to go on, at the latest.
    fn next_wakeup(&self, l: &LoopState) -> Option<u64> {
        let timer = l.timers.next().map(|when| {
            // Whole milliseconds, as where the machine itself waits.
            let left = ((when - self.loop_time()) * 1e3 - 1e-6).ceil().max(1.0);
            self.host.monotonic().saturating_add((left * 1e6) as u64)
        });
        match (timer, self.sched.threads.earliest()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Begins a coroutine as a task of a loop. When it ends, `take_ended` tells the number.
    pub fn begin_host_task(&self, lp: &Value, coro: Value, number: u64) -> R {
        let task = self.spawn(lp, coro, Value::NONE, Value::UNDEF)?;
        self.watch_future(&task, number)?;
        Ok(task)
    }

    /// When a future of a loop ends, `take_ended` tells the number.
    pub fn watch_future(&self, future: &Value, number: u64) -> R<()> {
        let Some(f) = future_of(future) else { return Err(self.type_error("a future is expected")) };
        let told = self.native(&TASK_ENDED, Value::small(number as i64));
        f.add_callback(self, future, Callback::Script(Box::new((told, self.context_snapshot()))))
    }

    /// The numbers of tasks that have ended since the last question.
    pub fn take_ended(&self) -> Vec<u64> {
        self.state::<Ended>().0.take()
    }

    /// Asks a task or future to end; what it says to that comes in later turns.
    pub fn cancel_host_task(&self, task: &Value) -> R<bool> {
        self.cancel_future(task, &Value::NONE)
    }

    /// Sets the result or the exception of a future that is not done; tells whether that was so.
    pub fn settle_future(&self, future: &Value, outcome: R) -> R<bool> {
        let Some(f) = future_of(future).filter(|f| !f.is_done()) else { return Ok(false) };
        match outcome {
            Ok(v) => f.finish(self, future, v)?,
            Err(e) => f.fail(self, future, e.0)?,
        }
        Ok(true)
    }

    /// Gives up all tasks and timers of a loop that a limit has stopped: what they were about is not known any more.
    pub fn abandon_loop(&self, lp: &Value) -> R<()> {
        for task in self.pending_tasks(lp) {
            super::finalize::silence(&task);
        }
        self.call_method(lp, "_close", &[]).map(drop)
    }

    /// The tasks of a loop that are not done.
    pub fn pending_tasks(&self, lp: &Value) -> Vec<Value> {
        lp.payload::<LoopState>().map(|l| l.tasks.all()).unwrap_or_default()
    }
}
