//! Steps that hold the event loop for too long, and the line at which they do.

use crate::sched::event_loop::{LoopState, Ready};
use crate::sched::handle::HandleState;
use crate::sched::snapshot::Spot;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// What is known of the step that runs.
#[derive(Default)]
pub(crate) struct Watch {
    /// Steps that take so many nanoseconds are told; 0 if none are.
    limit: Cell<u64>,
    /// When the step began; 0 if none runs.
    began: Cell<u64>,
    /// Where it was when the limit was over.
    seen: RefCell<Option<Spot>>,
}

impl Watch {
    /// Steps are watched.
    pub(crate) fn is_on(&self) -> bool {
        self.limit.get() != 0
    }
}

impl Vm {
    /// From now on steps of event loops that take so many nanoseconds are told on standard error.
    pub fn watch_steps(&self, limit: u64) {
        self.sched.watch.limit.set(limit.max(1));
        if let Some(lp) = self.running_loop()
            && let Some(l) = lp.payload::<LoopState>()
        {
            l.watched.set(true);
        }
    }

    /// A step begins.
    pub(crate) fn watch_begins(&self) {
        if self.sched.watch.is_on() {
            self.sched.watch.began.set(self.host.timestamp().max(1));
        }
    }

    /// Called now and then while something runs: notes where a step is that has taken too long.
    #[inline]
    pub(crate) fn watch_looks(&self) {
        if self.sched.watch.began.get() != 0 {
            self.look_at_step();
        }
    }

    #[cold]
    fn look_at_step(&self) {
        let watch = &self.sched.watch;
        let is_late = self.host.timestamp().saturating_sub(watch.began.get()) >= watch.limit.get();
        // Another thread is not what holds the loop.
        if is_late && self.sched.threads.current() == 0 && watch.seen.borrow().is_none() {
            *watch.seen.borrow_mut() = self.script_spot();
        }
    }

    /// A step has ended.
    pub(crate) fn watch_ends(&self, about: &Value) {
        let watch = &self.sched.watch;
        let began = watch.began.replace(0);
        let seen = watch.seen.take();
        let spent = self.host.timestamp().saturating_sub(began);
        if began == 0 || spent < watch.limit.get() {
            return;
        }
        // A native call that cannot be looked at is over when the task waits again: that is the next best place.
        let (at, seen) = match seen {
            Some(spot) => ("at", Some(spot)),
            None => ("before", self.task_spots(about).into_iter().find(|s| !s.is_of_library())),
        };
        let place = seen.map(|s| format!(", {at} {}:{} in {}()", s.file, s.line, s.function)).unwrap_or_default();
        let what = match about.payload::<HandleState>() {
            Some(h) => format!("the callback {}", self.callback_name(&h.callback.get())),
            None => self.task_title(about),
        };
        let text = format!("aio: slow step: {what} held the event loop for {:.3} s{place}\n", spent as f64 / 1e9);
        // Nobody is left to be told that standard error is broken.
        let _ = self.host.write_err(text.as_bytes());
    }

    fn callback_name(&self, callback: &Value) -> String {
        let name = self.look_attr(callback, &self.names.__qualname__).ok().flatten();
        match name.as_ref().and_then(Value::as_str) {
            Some(name) => format!("{}()", name.to_text()),
            None => self.type_name(callback),
        }
    }
}

/// The task or the handle that an entry is about, or None.
pub(crate) fn subject(r: &Ready) -> Value {
    match r {
        Ready::Step(v) | Ready::Wakeup(v) | Ready::Throw(v, _) | Ready::Call(v) => v.clone(),
        _ => Value::NONE,
    }
}
