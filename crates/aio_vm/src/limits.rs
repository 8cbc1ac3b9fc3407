//! Limits of an isolate: how much it may run, keep and start, and the one way in which a limit stops it.
//!
//! A limit that is exceeded raises an exception that no handler of the script catches: frames are left without their
//! `finally`, up to the host. The objects of the isolate stay whole, so it can go on when the host wants that.

use crate::error::{R, Raised};
use crate::interp::TICKS;
use crate::value::Value;
use crate::vm::Vm;
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell, RefCell};

/// What a unit of work takes, about.
const NANOSECONDS: u64 = 20;

/// What was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Calls and backward jumps, and work in bulk.
    Fuel,
    /// The same, of one task.
    TaskFuel,
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
            Limit::TaskFuel => "the task is out of fuel",
            Limit::Memory => "out of memory",
            Limit::Tasks => "too many tasks",
            Limit::Time => "out of time",
            Limit::Output => "too much output",
            Limit::Depth => "calls too deeply nested",
            Limit::Stopped => "stopped by the host",
        }
    }

    const ALL: [Limit; 8] = [
        Limit::Fuel,
        Limit::TaskFuel,
        Limit::Memory,
        Limit::Tasks,
        Limit::Time,
        Limit::Output,
        Limit::Depth,
        Limit::Stopped,
    ];
}

/// The limits of an isolate and what is left of them.
pub struct Limits {
    /// Fuel, the running slice included.
    fuel: Cell<u64>,
    /// What the counter of ticks began with.
    slice: Cell<i32>,
    /// Fuel of a task; `u64::MAX` for any amount.
    task_fuel: Cell<u64>,
    /// What the running task has left of it, the running slice included.
    task_left: Cell<u64>,
    /// What tasks between their steps have left of it, by address.
    task_rests: RefCell<FxHashMap<usize, u64>>,
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
            slice: Cell::new(TICKS),
            task_fuel: Cell::new(u64::MAX),
            task_left: Cell::new(u64::MAX),
            task_rests: RefCell::default(),
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

    /// Whether there may be one more task than so many.
    #[inline]
    pub(crate) fn allow_task(&self, tasks: usize) -> bool {
        tasks < self.tasks.get()
    }

    /// Whether tasks have a fuel of their own.
    #[inline]
    pub(crate) fn counts_tasks(&self) -> bool {
        self.task_fuel.get() != u64::MAX
    }

    /// The greatest depth that scripts may ask for.
    pub fn depth(&self) -> u32 {
        self.depth.get()
    }
}

impl Vm {
    /// Gives the isolate this much fuel in place of what it has; `None` for any amount.
    pub fn set_fuel(&self, fuel: Option<u64>) {
        self.account();
        self.limits.counts.set(fuel.is_some());
        self.limits.fuel.set(fuel.unwrap_or(0));
        self.begin_slice();
    }

    /// The fuel that is left, if it is counted.
    pub fn fuel(&self) -> Option<u64> {
        let used = self.used_of_slice() + self.heap.open_work();
        self.limits.counts.get().then(|| self.limits.fuel.get().saturating_sub(used))
    }

    /// Gives each task this much fuel in all; `None` for any amount.
    pub fn set_task_fuel(&self, fuel: Option<u64>) {
        self.limits.task_fuel.set(fuel.unwrap_or(u64::MAX));
        if fuel.is_none() {
            self.limits.task_left.set(u64::MAX);
            self.limits.task_rests.borrow_mut().clear();
        }
    }

    /// Ticks of the running slice that are gone.
    fn used_of_slice(&self) -> u64 {
        let left = self.ticks.get().max(0).saturating_add(self.heap.stolen_ticks());
        u64::try_from(self.limits.slice.get() - left).unwrap_or(0)
    }

    /// Takes what was used since the last time off the fuel.
    fn account(&self) {
        let used = self.used_of_slice() + self.heap.take_work();
        self.heap.take_stolen_ticks();
        self.limits.slice.set(0);
        self.ticks.set(0);
        self.limits.fuel.set(self.limits.fuel.get().saturating_sub(used));
        let left = self.limits.task_left.get();
        if left != u64::MAX {
            self.limits.task_left.set(left.saturating_sub(used));
        }
    }

    /// Begins a slice, as long as the fuel allows.
    fn begin_slice(&self) {
        let fuel = if self.limits.counts.get() { self.limits.fuel.get() } else { u64::MAX };
        let slice = fuel.min(self.limits.task_left.get()).min(TICKS as u64) as i32;
        self.limits.slice.set(slice);
        self.ticks.set(slice);
    }

    /// A step of a task that has a fuel of its own. If that ends, the task alone fails; `None`: it has ended.
    pub(crate) fn with_task_fuel<T>(&self, task: &Value, step: impl FnOnce() -> T, ended: impl FnOnce() -> bool) -> T {
        let (limits, key) = (&self.limits, task.addr());
        self.account();
        let rest = limits.task_rests.borrow_mut().remove(&key).unwrap_or(limits.task_fuel.get());
        let outer = limits.task_left.replace(rest);
        self.begin_slice();
        let result = step();
        self.account();
        let rest = limits.task_left.replace(outer);
        self.begin_slice();
        if !ended() {
            limits.task_rests.borrow_mut().insert(key, rest);
        }
        result
    }

    /// A new task begins with all its fuel, whatever one at the same address had.
    #[inline]
    pub(crate) fn forget_task_fuel(&self, task: &Value) {
        if self.limits.counts_tasks() {
            self.limits.task_rests.borrow_mut().remove(&task.addr());
        }
    }

    /// A task has failed: if its own fuel was the reason, the others go on.
    pub(crate) fn resume_after_task(&self) {
        if self.limits.stopped.get() == Some(Limit::TaskFuel) {
            self.limits.stopped.set(None);
        }
    }

    /// The limit that an exception tells of.
    pub fn exceeded_limit(&self, e: &Raised) -> Option<Limit> {
        let class = self.limits.class.get()?.as_class()?;
        if !e.is(class) {
            return None;
        }
        let text = self.to_text(&e.0).ok()?;
        Limit::ALL.into_iter().find(|limit| limit.text() == text)
    }

    /// Sets the limit of bytes; `None` for no limit.
    pub fn set_memory_limit(&self, bytes: Option<usize>) {
        self.heap.set_limit(bytes.unwrap_or(usize::MAX));
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
        self.account();
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
            self.begin_slice();
        }
    }

    /// The look of `slow_tick` at the limits.
    pub(crate) fn check_limits(&self) -> R<()> {
        if let Some(limit) = self.limits.stopped.get() {
            return Err(self.stop(limit));
        }
        self.account();
        if self.limits.counts.get() && self.limits.fuel.get() == 0 {
            return Err(self.stop(Limit::Fuel));
        }
        if self.limits.task_left.get() == 0 {
            return Err(self.stop(Limit::TaskFuel));
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

    /// A tick for code that can fail in no way: false if a limit stops the isolate.
    pub(crate) fn may_go_on(&self) -> bool {
        let n = self.ticks.get() - 1;
        self.ticks.set(n);
        n >= 0 || self.check_limits().is_ok()
    }

    /// Pays for native work that cannot be interrupted, before it is done. A unit is about what a call costs.
    #[inline]
    pub fn spend(&self, units: u64) -> R<()> {
        if units == 0 || !self.heap.work(units) { Ok(()) } else { self.spend_much(units) }
    }

    /// Notes that so many bytes are looked at or moved, one after another: limits and interrupts see it at the next tick.
    #[inline]
    pub fn note_bytes(&self, bytes: usize) {
        self.heap.work(bytes as u64 / 64);
    }

    /// Work that is too much to be begun is refused.
    #[cold]
    fn spend_much(&self, units: u64) -> R<()> {
        if !self.host.can_afford(units.saturating_mul(NANOSECONDS)) {
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
        if self.limits.allow_task(tasks) { Ok(()) } else { Err(self.stop(Limit::Tasks)) }
    }
}
