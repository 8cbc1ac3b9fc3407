//! Limits of an isolate: how much it may run, keep and start, and the one way in which a limit stops it.
//!
//! A limit that is exceeded raises an exception that no handler of the script catches: frames are left without their
//! `finally`, up to the host. The objects of the isolate stay whole, so it can go on when the host wants that.

use crate::error::{R, Raised};
use crate::interp::TICKS;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, OnceCell};

/// What was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Calls and backward jumps.
    Fuel,
    /// Bytes of objects.
    Memory,
    /// Tasks that are not done.
    Tasks,
    /// Time on the wall.
    Time,
    /// Bytes of output.
    Output,
    /// Nested calls. Scripts see it as RecursionError.
    Depth,
    /// None: the host said stop.
    Stopped,
}

impl Limit {
    /// What the exception says.
    fn text(self) -> &'static str {
        match self {
            Limit::Fuel => "out of fuel",
            Limit::Memory => "out of memory",
            Limit::Tasks => "too many tasks",
            Limit::Time => "out of time",
            Limit::Output => "too much output",
            Limit::Depth => "calls too deeply nested",
            Limit::Stopped => "stopped by the host",
        }
    }
}

/// The limits of an isolate and what is left of them.
pub struct Limits {
    /// Fuel beyond the running slice.
    fuel: Cell<u64>,
    /// Fuel is counted.
    counts: Cell<bool>,
    tasks: Cell<usize>,
    depth: Cell<u32>,
    stopped: Cell<Option<Limit>>,
    /// The last MemoryError was one of the limit.
    refused: Cell<bool>,
    class: OnceCell<Value>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            fuel: Cell::new(0),
            counts: Cell::new(false),
            tasks: Cell::new(usize::MAX),
            depth: Cell::new(u32::MAX),
            stopped: Cell::new(None),
            refused: Cell::new(false),
            class: OnceCell::new(),
        }
    }
}

impl Limits {
    /// A limit is stopping the isolate: handlers are passed over.
    #[inline]
    pub fn stopping(&self) -> bool {
        self.stopped.get().is_some()
    }

    /// The limit that stopped the isolate.
    pub fn stopped(&self) -> Option<Limit> {
        self.stopped.get()
    }

    /// Whether a MemoryError came from the limit since the last question.
    pub fn take_refused(&self) -> bool {
        self.refused.replace(false)
    }

    /// The greatest depth that scripts may ask for.
    pub fn depth(&self) -> u32 {
        self.depth.get()
    }
}

impl Vm {
    /// Gives the isolate this much fuel in place of what it has; `None` for any amount.
    pub fn set_fuel(&self, fuel: Option<u64>) {
        self.heap.take_stolen_ticks();
        self.limits.counts.set(fuel.is_some());
        self.limits.fuel.set(fuel.unwrap_or(0));
        self.ticks.set(TICKS);
        self.begin_slice();
    }

    /// The fuel that is left, if it is counted.
    pub fn fuel(&self) -> Option<u64> {
        let slice = self.ticks.get().max(0) as u64 + self.heap.stolen_ticks() as u64;
        self.limits.counts.get().then(|| self.limits.fuel.get().saturating_add(slice))
    }

    /// Takes the next slice out of the fuel.
    fn begin_slice(&self) {
        if self.limits.counts.get() {
            let slice = self.limits.fuel.get().min(TICKS as u64);
            self.limits.fuel.set(self.limits.fuel.get() - slice);
            self.ticks.set(slice as i32);
        }
    }

    /// Sets the limit of bytes; `None` for no limit.
    pub fn set_memory_limit(&self, bytes: Option<usize>) {
        self.heap.set_limit(bytes.unwrap_or(usize::MAX), &self.ticks);
    }

    /// Sets the limit of tasks that are not done, of one loop.
    pub fn set_task_limit(&self, tasks: Option<usize>) {
        self.limits.tasks.set(tasks.unwrap_or(usize::MAX));
    }

    /// Sets the limit of nested calls, which scripts can lower but not raise.
    pub fn set_depth_limit(&self, depth: Option<u32>) {
        self.limits.depth.set(depth.unwrap_or(u32::MAX));
        if let Some(depth) = depth {
            self.recursion_limit.set(depth);
        }
    }

    /// Stops the isolate.
    #[cold]
    pub fn stop(&self, limit: Limit) -> Raised {
        self.limits.stopped.set(Some(limit));
        // The next look comes at once: whoever swallows the exception meets it again.
        self.heap.take_stolen_ticks();
        self.ticks.set(0);
        let class = self.limits.class.get_or_init(|| {
            let base = self.types.base_exception.get();
            self.native_class("aio", "LimitExceeded", base, 0, &crate::sched::NO_ROWS)
        });
        match class.as_class() {
            Some(c) => self.error(c, limit.text()),
            None => self.system_error(limit.text()),
        }
    }

    /// Lets an isolate that a limit has stopped go on; it meets the limit again unless the host has raised it.
    pub fn resume_after_stop(&self) {
        if self.limits.stopped.take().is_some() {
            self.ticks.set(TICKS);
            self.begin_slice();
        }
    }

    /// The look of `slow_tick` at the limits.
    pub(crate) fn check_limits(&self) -> R<()> {
        if let Some(limit) = self.limits.stopped.get() {
            return Err(self.stop(limit));
        }
        let left = self.heap.take_stolen_ticks();
        if self.limits.counts.get() {
            let fuel = self.limits.fuel.get().saturating_add(left as u64);
            if fuel == 0 {
                return Err(self.stop(Limit::Fuel));
            }
            self.limits.fuel.set(fuel);
        }
        self.begin_slice();
        if self.heap.over_limit() {
            return Err(self.stop(Limit::Memory));
        }
        match self.host.must_stop() {
            Some(limit) => Err(self.stop(limit)),
            None => Ok(()),
        }
    }

    /// Pays for native work that cannot be interrupted, before it is done. A unit is about what a call costs.
    pub fn spend(&self, units: u64) -> R<()> {
        if units < 1000 {
            return Ok(());
        }
        let slice = self.ticks.get().max(0) as u64;
        if units <= slice {
            self.ticks.set((slice - units) as i32);
            return Ok(());
        }
        if self.limits.counts.get() {
            let fuel = self.limits.fuel.get().saturating_add(slice);
            self.limits.fuel.set(fuel.saturating_sub(units));
            if units > fuel {
                return Err(self.stop(Limit::Fuel));
            }
        }
        if !self.host.can_afford(units) {
            return Err(self.stop(Limit::Time));
        }
        self.slow_tick()
    }

    /// A MemoryError because of the limit.
    #[cold]
    pub(crate) fn refuse_memory(&self) -> Raised {
        self.limits.refused.set(true);
        self.error_with(self.types.memory_error.get(), vec![])
    }

    /// Refuses one task more than allowed.
    pub(crate) fn check_task_limit(&self, tasks: usize) -> R<()> {
        if tasks >= self.limits.tasks.get() { Err(self.stop(Limit::Tasks)) } else { Ok(()) }
    }
}
