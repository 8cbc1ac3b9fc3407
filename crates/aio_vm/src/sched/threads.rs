//! Green threads: script functions on native stacks of their own, one of which runs at a time. The main thread lets
//! the others run when it blocks, when its time slice is over, and between the iterations of its event loop.

use crate::error::R;
use crate::native::Args;
use crate::object::Slot;
use crate::object::fiber::{Door, Fiber, STACK_BYTES};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// Looks at the clock of instructions that make a time slice.
const SLICE: u32 = 20;
/// More threads than this cannot be started.
const MAX_THREADS: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// In the queue of those that can run.
    Runnable,
    /// Runs now.
    Running,
    /// Waits to be woken, at the latest at this time (nanoseconds).
    Parked(Option<u64>),
}

struct Thread {
    fiber: Option<Fiber>,
    door: Door,
    standing: Standing,
    woken: bool,
    saved: Saved,
}

/// What the machine keeps per thread while another runs.
struct Saved {
    current: *const crate::object::CoroObj,
    depth: u32,
    native_depth: u32,
    drop_depth: u32,
    stack_floor: usize,
    context: Slot,
    running: Slot,
}

impl Default for Saved {
    fn default() -> Saved {
        Saved {
            current: std::ptr::null(),
            depth: 0,
            native_depth: 0,
            drop_depth: 0,
            stack_floor: 0,
            context: Slot::empty(),
            running: Slot::empty(),
        }
    }
}

impl Saved {
    /// Exchanges the machine's state with the saved one.
    fn swap(&mut self, vm: &Vm) {
        let mine = vm.current.get();
        vm.set_current(self.current);
        self.current = mine;
        self.depth = vm.depth.replace(self.depth);
        self.native_depth = vm.native_depth.replace(self.native_depth);
        self.drop_depth = vm.heap.swap_drop_depth(self.drop_depth);
        self.stack_floor = vm.stack_floor.replace(self.stack_floor);
        let mine = vm.sched.context.take();
        vm.sched.context.set(self.context.replace(mine));
        let mine = vm.sched.running.take();
        vm.sched.running.set(self.running.replace(mine));
    }
}

/// All green threads of an isolate; the main thread has number 0.
#[derive(Default)]
pub struct Threads {
    current: Cell<u32>,
    table: RefCell<Vec<Option<Thread>>>,
    queue: RefCell<VecDeque<u32>>,
    alive: Cell<usize>,
    main_woken: Cell<bool>,
    slices: Cell<u32>,
}

impl Threads {
    /// The number of the thread that runs.
    #[inline]
    pub fn current(&self) -> u32 {
        self.current.get()
    }

    /// There are threads beside the main one.
    #[inline]
    pub fn any(&self) -> bool {
        self.alive.get() != 0
    }

    /// A thread waits for its turn.
    pub(crate) fn ready(&self) -> bool {
        !self.queue.borrow().is_empty()
    }

    fn with<T>(&self, id: u32, f: impl FnOnce(&mut Thread) -> T) -> Option<T> {
        let mut table = self.table.borrow_mut();
        table.get_mut(id as usize)?.as_mut().map(f)
    }

    /// The earliest time at which a parked thread wants to go on.
    pub(crate) fn earliest(&self) -> Option<u64> {
        let table = self.table.borrow();
        table
            .iter()
            .flatten()
            .filter_map(|t| match t.standing {
                Standing::Parked(until) => until,
                _ => None,
            })
            .min()
    }

    /// Puts parked threads whose time has come into the queue, the earliest first.
    fn release_due(&self, now: u64) {
        let mut due: Vec<(u64, u32)> = Vec::new();
        for (id, t) in self.table.borrow_mut().iter_mut().enumerate() {
            if let Some(t) = t
                && let Standing::Parked(Some(until)) = t.standing
                && until <= now
            {
                t.standing = Standing::Runnable;
                due.push((until, id as u32));
            }
        }
        due.sort();
        self.queue.borrow_mut().extend(due.into_iter().map(|(_, id)| id));
    }
}

/// Bytes of the stack of a thread that are used when it begins, at most.
const FIRST_FRAMES: usize = 64 << 10;

/// What `threading.get_ident()` shows for a thread.
pub(crate) fn ident(id: u32) -> Value {
    Value::small(0x7F00_0000_0000 + i64::from(id) * 0x1000)
}

impl Vm {
    /// Starts a thread that calls `f` with these arguments; it runs until it blocks or its time slice is over.
    pub fn start_thread(&self, f: Value, args: Vec<Value>) -> R<u32> {
        let threads = &self.sched.threads;
        let body = move || {
            if let Some(h) = f.header() {
                let vm = h.class().vm();
                vm.set_stack_left(Some(STACK_BYTES - FIRST_FRAMES));
                if let Err(e) = vm.call(&f, &args) {
                    vm.unraisable(e, &f);
                }
            }
            drop(args);
        };
        if threads.alive.get() >= MAX_THREADS {
            return Err(self.runtime_error("can't start new thread"));
        }
        let Some(fiber) = Fiber::new(body) else {
            return Err(self.runtime_error("can't start new thread"));
        };
        let door = fiber.door.clone();
        let thread =
            Thread { fiber: Some(fiber), door, standing: Standing::Runnable, woken: false, saved: Saved::default() };
        let mut table = threads.table.borrow_mut();
        if table.is_empty() {
            table.push(None);
        }
        let free = table.iter().skip(1).position(Option::is_none).map(|i| i + 1);
        let id = match free {
            Some(i) => {
                table[i] = Some(thread);
                i
            }
            None => {
                table.push(Some(thread));
                table.len() - 1
            }
        };
        drop(table);
        let id = id as u32;
        threads.alive.set(threads.alive.get() + 1);
        if threads.current.get() == 0 {
            self.run_thread(id);
        } else {
            // Only the main thread switches: the new thread goes first, then this one goes on.
            let mut queue = threads.queue.borrow_mut();
            queue.push_front(threads.current.get());
            queue.push_front(id);
            drop(queue);
            self.leave_thread(Standing::Runnable);
        }
        Ok(id)
    }

    /// For each thread its number, its innermost coroutine and its running loop; the main one first.
    pub(crate) fn thread_tops(&self) -> Vec<(u32, *const crate::object::CoroObj, Value)> {
        let threads = &self.sched.threads;
        let here = (threads.current.get(), self.current.get(), self.sched.running.get());
        let mut tops = vec![here];
        for (number, thread) in threads.table.borrow().iter().enumerate() {
            let number = number as u32;
            if let Some(t) = thread {
                // The thread that runs keeps the state of the main one, see `run_thread`.
                let number = if number == threads.current.get() { 0 } else { number };
                tops.push((number, t.saved.current, t.saved.running.get()));
            }
        }
        tops.sort_by_key(|top| top.0);
        tops
    }

    /// Lets a thread run until it leaves. To be called on the main thread.
    fn run_thread(&self, id: u32) {
        let threads = &self.sched.threads;
        let taken = threads.with(id, |t| {
            t.standing = Standing::Running;
            (t.fiber.take(), std::mem::take(&mut t.saved))
        });
        let Some((Some(mut fiber), mut saved)) = taken else { return };
        saved.swap(self);
        threads.current.set(id);
        threads.slices.set(0);
        // While it runs, the state of the main thread is kept in its place, where others can look at it.
        threads.with(id, |t| t.saved = saved);
        let done = fiber.resume();
        let mut saved = threads.with(id, |t| std::mem::take(&mut t.saved)).unwrap_or_default();
        threads.current.set(0);
        saved.swap(self);
        if done {
            let gone = threads.table.borrow_mut().get_mut(id as usize).and_then(Option::take);
            threads.alive.set(threads.alive.get() - 1);
            drop(gone);
            drop(saved);
        } else {
            threads.with(id, |t| {
                t.fiber = Some(fiber);
                t.saved = saved;
            });
        }
    }

    /// Leaves the current green thread until the main thread resumes it.
    fn leave_thread(&self, standing: Standing) {
        let threads = &self.sched.threads;
        let door = threads.with(threads.current.get(), |t| {
            t.standing = standing;
            t.door.clone()
        });
        if let Some(door) = door {
            door.leave();
        }
    }

    /// Gives each thread that can run one time slice; tells whether there was one.
    fn run_others(&self) -> bool {
        let threads = &self.sched.threads;
        if !threads.any() {
            return false;
        }
        threads.release_due(self.host.monotonic());
        let n = threads.queue.borrow().len();
        for _ in 0..n {
            let next = threads.queue.borrow_mut().pop_front();
            match next {
                Some(id) => self.run_thread(id),
                None => break,
            }
        }
        n > 0
    }

    /// Lets other threads run for a while.
    pub fn yield_thread(&self) {
        let threads = &self.sched.threads;
        if !threads.any() {
            return;
        }
        if threads.current.get() == 0 {
            self.run_others();
        } else {
            threads.queue.borrow_mut().push_back(threads.current.get());
            self.leave_thread(Standing::Runnable);
        }
    }

    /// Called by the interpreter now and then: the next thread's turn comes when the time slice is over.
    pub(crate) fn preempt(&self) {
        let threads = &self.sched.threads;
        if !threads.any() {
            return;
        }
        let n = threads.slices.get() + 1;
        threads.slices.set(n);
        if n >= SLICE {
            threads.slices.set(0);
            self.yield_thread();
            threads.slices.set(0);
        }
    }

    /// Wakes a thread that is parked (or will be).
    pub fn unpark(&self, id: u32) {
        let threads = &self.sched.threads;
        if id == 0 {
            threads.main_woken.set(true);
            return;
        }
        let runnable = threads.with(id, |t| {
            t.woken = true;
            if matches!(t.standing, Standing::Parked(_)) {
                t.standing = Standing::Runnable;
                return true;
            }
            false
        });
        if runnable == Some(true) {
            threads.queue.borrow_mut().push_back(id);
        }
    }

    fn take_woken(&self) -> bool {
        let threads = &self.sched.threads;
        match threads.current.get() {
            0 => threads.main_woken.replace(false),
            id => threads.with(id, |t| std::mem::take(&mut t.woken)).unwrap_or(false),
        }
    }

    /// Blocks the current thread until `ready` says so or the time (nanoseconds of the monotonic clock) has come;
    /// tells which. `ready` is asked again after each `unpark` of the thread. Everything that waits goes through here.
    pub fn block(&self, until: Option<u64>, ready: &dyn Fn() -> bool) -> R<bool> {
        loop {
            self.take_woken();
            if ready() {
                return Ok(true);
            }
            let now = self.host.monotonic();
            if until.is_some_and(|t| t <= now) {
                return Ok(false);
            }
            if self.sched.threads.current.get() != 0 {
                self.leave_thread(Standing::Parked(until));
                continue;
            }
            if self.sched.asked_interrupt.get() {
                self.interruption()?;
                continue;
            }
            if self.run_others() {
                self.interruption()?;
                continue;
            }
            let next = match (until, self.sched.threads.earliest()) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            let poller = self.sched.poller.borrow().clone();
            let now = self.host.monotonic();
            match (poller.filter(|p| p.pending()), next) {
                (Some(p), _) => p.poll(self, next.map(|t| t.saturating_sub(now)))?,
                (None, Some(t)) => self.host.sleep(t.saturating_sub(now)),
                (None, None) => return Err(self.deadlock()),
            }
            self.interruption()?;
        }
    }

    /// `time.sleep`: other threads run in the meantime.
    pub fn sleep_thread(&self, nanoseconds: u64) -> R<()> {
        let until = self.host.monotonic().saturating_add(nanoseconds);
        if nanoseconds == 0 {
            self.yield_thread();
            return Ok(());
        }
        self.block(Some(until), &|| false).map(drop)
    }

    /// An interrupt that has arrived.
    fn interruption(&self) -> R<()> {
        self.show_if_asked();
        if let Some(limit) = self.host.must_stop() {
            return Err(self.stop(limit));
        }
        if self.takes_interrupt() { self.interrupted() } else { Ok(()) }
    }

    /// True once after an interrupt from outside or from a thread.
    pub(crate) fn takes_interrupt(&self) -> bool {
        let asked = self.sched.threads.current() == 0 && self.sched.asked_interrupt.take();
        self.host.take_interrupt() || asked
    }

    /// Whether a task, also one of a class of the script, has ended.
    fn is_done(&self, task: &Value) -> R<bool> {
        match super::future_of(task) {
            Some(f) => Ok(f.is_done()),
            None => self.truth(&self.call_method(task, "done", &[])?),
        }
    }

    /// What Ctrl-C does: the first one cancels the task that `Runner.run` waits for, else KeyboardInterrupt is raised.
    pub(crate) fn interrupted(&self) -> R<()> {
        if self.sched.own_interrupts.get() {
            return Ok(());
        }
        let task = self.sched.interrupt_task.get();
        if !task.is_undef() && self.sched.interrupts.get() == 0 && !self.is_done(&task)? {
            self.sched.interrupts.set(1);
            self.cancel_future(&task, &Value::NONE)?;
            self.unpark(0);
            return Ok(());
        }
        self.sched.interrupts.set(self.sched.interrupts.get() + 1);
        Err(self.error_with(self.types.keyboard_interrupt.get(), vec![]))
    }
}

/// `_thread.start_new_thread(function, args)`.
pub(crate) fn start_new_thread(vm: &Vm, a: &Args) -> R {
    if !vm.is_callable(&a[0]) {
        return Err(vm.type_error("first arg must be callable"));
    }
    let args = vm.collect(&a[1])?;
    Ok(ident(vm.start_thread(a[0].clone(), args)?))
}

/// `interrupt_main()`.
pub(crate) fn interrupt_main(vm: &Vm, _a: &Args) -> R {
    vm.sched.asked_interrupt.set(true);
    vm.unpark(0);
    Ok(Value::NONE)
}

/// `get_ident()`.
pub(crate) fn get_ident(vm: &Vm, _a: &Args) -> R {
    Ok(ident(vm.sched.threads.current()))
}

/// Whether there are threads beside the main one.
pub(crate) fn any_thread(vm: &Vm, _a: &Args) -> R {
    Ok(Value::bool(vm.sched.threads.any()))
}
