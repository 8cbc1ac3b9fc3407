//! The native part of event loops: the queue of what is ready, the timers, and one iteration.

use crate::Payload;
use crate::error::{R, Raised};
use crate::native::{Args, TypeTable, getter, method, property, static_method};
use crate::object::{Charge, Slot};
use crate::protocol::arith::Binary;
use crate::sched::future::{adopted, future_of};
use crate::sched::handle::HandleState;
use crate::sched::own_loop;
use crate::sched::pending::Pending;
use crate::sched::task::TaskState;
use crate::sched::timers::{Timers, What};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// How many frames of the place where they are made coroutines record in debug mode.
const DEBUG_STACK_DEPTH: u32 = 10;

/// No thread runs the loop.
pub(crate) const NO_THREAD: u32 = u32::MAX;

/// Something that the loop does in its next iteration.
pub(crate) enum Ready {
    /// The next step of a task that waits for nothing.
    Step(Value),
    /// What the task waits for has happened.
    Wakeup(Value),
    /// The next step of the task raises this exception.
    Throw(Value, Value),
    /// The call of a handle.
    Call(Value),
    /// A callback (with its context) of a future that is done.
    Callback(Box<(Value, Value)>, Value),
    /// A child of a gathering future is done.
    Gather(Value, Value),
    /// A future gets its result.
    Result(Value, Value),
    /// The deadline of a timeout has come.
    Expiry(Value, u32),
}

impl Ready {
    fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        match self {
            Ready::Step(v) | Ready::Wakeup(v) | Ready::Call(v) | Ready::Expiry(v, _) => visit(v),
            Ready::Throw(a, b) | Ready::Gather(a, b) | Ready::Result(a, b) => {
                visit(a);
                visit(b);
            }
            Ready::Callback(b, f) => {
                visit(&b.0);
                visit(&b.1);
                visit(f);
            }
        }
    }
}

/// What a loop keeps.
pub struct LoopState {
    pub(crate) ready: RefCell<VecDeque<Ready>>,
    pub(crate) timers: Timers,
    /// Tasks that are not done.
    pub(crate) tasks: Pending,
    /// The task whose step runs, or UNDEF.
    pub(crate) current: Slot,
    pub(crate) closed: Cell<bool>,
    pub(crate) stopping: Cell<bool>,
    pub(crate) debug: Cell<bool>,
    /// What takes long is told: in debug mode, or because the host wants to know.
    pub(crate) watched: Cell<bool>,
    /// How much coroutines recorded of where they are made before debug mode asked for more.
    pub(crate) origins_before: Cell<Option<u32>>,
    /// What the class replaces, see `own_loop`.
    pub(crate) own: Cell<u8>,
    /// The green thread that runs the loop.
    pub(crate) thread: Cell<u32>,
    /// `set_task_factory`, or None.
    pub(crate) factory: Slot,
    /// Weak references to the asynchronous generators that were begun.
    pub(crate) generators: RefCell<Vec<Value>>,
    /// Bytes of what is ready.
    charge: Charge,
}

/// Entries for which lists of the loop keep room.
const SPARE: usize = 256;

impl Default for LoopState {
    fn default() -> LoopState {
        LoopState {
            ready: RefCell::default(),
            timers: Timers::default(),
            tasks: Pending::default(),
            current: Slot::empty(),
            closed: Cell::new(false),
            stopping: Cell::new(false),
            debug: Cell::new(false),
            watched: Cell::new(false),
            origins_before: Cell::new(None),
            own: Cell::new(0),
            thread: Cell::new(NO_THREAD),
            factory: Slot::new(Value::NONE),
            generators: RefCell::default(),
            charge: Charge::default(),
        }
    }
}

impl Payload for LoopState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.ready.borrow().iter().for_each(|r| r.visit(visit));
        self.timers.visit(visit);
        self.tasks.visit(visit);
        self.generators.borrow().iter().for_each(&mut *visit);
        visit(self.current.peek());
        visit(self.factory.peek());
    }

    fn clear(&self) {
        let old = (self.ready.take(), self.generators.take(), self.current.take(), self.factory.take());
        self.tasks.clear();
        self.timers.clear();
        drop(old);
    }
}

impl LoopState {
    /// Puts an entry at the end of the queue.
    #[inline]
    pub(crate) fn enqueue(&self, vm: &Vm, r: Ready) -> R<()> {
        if self.closed.get() {
            return Err(self.is_closed(vm));
        }
        self.push(vm, r);
        Ok(())
    }

    #[cold]
    pub(crate) fn is_closed(&self, vm: &Vm) -> Raised {
        vm.runtime_error("Event loop is closed")
    }

    /// The same for a loop that is open.
    #[inline]
    pub(crate) fn push(&self, vm: &Vm, r: Ready) {
        let mut ready = self.ready.borrow_mut();
        if ready.len() == ready.capacity() {
            let more = vm.growth(ready.len(), size_of::<Ready>());
            ready.reserve_exact(more);
            self.charge.set(vm, ready.capacity() * size_of::<Ready>());
        }
        ready.push_back(r);
    }

    /// Gives back what lists keep that were much longer once; so many entries are ready.
    #[inline]
    fn give_back(&self, vm: &Vm, ready: usize) {
        let room = self.ready.borrow().capacity();
        if room > SPARE && ready < room / 8 {
            self.shrink(vm, room, ready * 2);
        }
        self.tasks.give_back(vm);
    }

    #[cold]
    fn shrink(&self, vm: &Vm, before: usize, room: usize) {
        let mut ready = self.ready.borrow_mut();
        ready.shrink_to(room);
        self.charge.set(vm, ready.capacity() * size_of::<Ready>());
        if (before - ready.capacity()) * size_of::<Ready>() >= crate::heap::MUCH {
            // What the list was while it grew is free as well.
            crate::heap::give_back();
        }
    }

    /// Takes the first step of a task out of the queue: it is made at once.
    pub(crate) fn take_back(&self, task: &Value) {
        let mut ready = self.ready.borrow_mut();
        if matches!(ready.back(), Some(Ready::Step(t)) if t.is(task)) {
            let last = ready.pop_back();
            drop(ready);
            drop(last);
        }
    }

    /// It is open, and tasks are made without a factory.
    #[inline]
    pub(crate) fn makes_plain_tasks(&self) -> bool {
        self.factory.peek().is_none() && !self.closed.get()
    }

    #[inline]
    pub(crate) fn has_work(&self) -> bool {
        !self.ready.borrow().is_empty()
    }
}

impl Vm {
    /// The time of loops: the host's monotonic clock in seconds.
    pub(crate) fn loop_time(&self) -> f64 {
        self.host.monotonic() as f64 / 1e9
    }

    /// One iteration: waits for the next timer or event if nothing is ready, then runs what is ready now.
    pub(crate) fn run_once(&self, me: &Value, lp: &LoopState) -> R<()> {
        self.tick()?;
        if !lp.timers.is_empty() {
            lp.timers.prune();
        }
        if lp.own.get() & own_loop::SELECT == 0 {
            self.wait_for_work(me, lp)?;
        } else {
            self.wait_by_selector(me, lp)?;
        }
        if !lp.timers.is_empty() {
            // One nanosecond is the resolution of the clock.
            let end = self.time_of(me, lp)? + 1e-9;
            while let Some(what) = lp.timers.take_due(end) {
                lp.ready.borrow_mut().push_back(match what {
                    What::Handle(h) => Ready::Call(h),
                    What::Result(f, v) => Ready::Result(f, v),
                    What::Expiry(t, number) => Ready::Expiry(t, number),
                });
            }
        }
        let n = lp.ready.borrow().len();
        lp.give_back(self, n);
        if self.sched.shuffle.get() != 0 {
            self.shuffle_ready(lp, n);
        }
        for _ in 0..n {
            let Some(r) = lp.ready.borrow_mut().pop_front() else { break };
            if lp.watched.get() {
                self.run_watched(me, lp, r)?;
            } else {
                self.run_ready(me, lp, r)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn run_ready(&self, me: &Value, lp: &LoopState, r: Ready) -> R<()> {
        match r {
            Ready::Step(task) | Ready::Wakeup(task) => match self.quick_step(lp, task) {
                Ok(()) => Ok(()),
                Err((task, e)) => self.entry_failed(me, &task, e),
            },
            r => self.run_entry(me, lp, r),
        }
    }

    /// What the loop does about an entry that has raised an exception.
    #[cold]
    fn entry_failed(&self, me: &Value, about: &Value, e: Raised) -> R<()> {
        let handle = self.handle(about.clone(), self.empty_tuple(), Value::UNDEF, me.clone());
        self.callback_failed(me, &handle, about, e)
    }

    fn run_entry(&self, me: &Value, lp: &LoopState, r: Ready) -> R<()> {
        let done = match &r {
            Ready::Step(task) | Ready::Wakeup(task) => self.wake_task(lp, task),
            Ready::Throw(task, e) => match task.payload::<TaskState>() {
                Some(t) => self.step_task(lp, task, t, Err(Raised(e.clone()))),
                None => Ok(()),
            },
            Ready::Call(handle) => return self.run_handle(handle),
            Ready::Callback(b, future) => {
                let context = Slot::new(b.1.clone());
                let result = match self.swap_in(&context) {
                    Ok(outside) => {
                        let result = self.call(&b.0, std::slice::from_ref(future));
                        self.swap_out(&context, outside);
                        result.map(drop)
                    }
                    Err(e) => Err(e),
                };
                match result {
                    Ok(()) => return Ok(()),
                    Err(e) => {
                        let args = self.tuple([future.clone()]);
                        let handle = self.handle(b.0.clone(), args, b.1.clone(), me.clone());
                        return self.callback_failed(me, &handle, &b.0, e);
                    }
                }
            }
            Ready::Gather(outer, child) => self.gather_queued(outer, child),
            Ready::Expiry(timeout, number) => self.expire_timeout(timeout, *number),
            Ready::Result(f, v) => match future_of(f) {
                Some(state) if !state.is_done() => state.finish(self, f, v.clone()),
                _ => Ok(()),
            },
        };
        match done {
            Ok(()) => Ok(()),
            Err(e) => {
                let about = match &r {
                    Ready::Step(v)
                    | Ready::Wakeup(v)
                    | Ready::Throw(v, _)
                    | Ready::Gather(v, _)
                    | Ready::Result(v, _)
                    | Ready::Expiry(v, _) => v,
                    Ready::Call(v) | Ready::Callback(_, v) => v,
                };
                self.entry_failed(me, about, e)
            }
        }
    }

    /// `handle._run()`.
    pub(crate) fn run_handle(&self, handle: &Value) -> R<()> {
        let Some(h) = handle.payload::<HandleState>() else { return Ok(()) };
        if h.cancelled.get() {
            return Ok(());
        }
        let (callback, args) = (h.callback.get(), h.args.get());
        let context = Slot::new(h.context.get());
        let result = match self.swap_in(&context) {
            Ok(outside) => {
                let result = self.call(&callback, args.as_tuple().map_or(&[], |t| t.items()));
                self.swap_out(&context, outside);
                result.map(drop)
            }
            Err(e) => Err(e),
        };
        if h.context.is_empty() {
            h.context.set(context.take());
        }
        match result {
            Ok(()) => Ok(()),
            Err(e) => {
                let lp = h.event_loop.get();
                self.callback_failed(&lp, handle, &callback, e)
            }
        }
    }

    fn callback_failed(&self, me: &Value, handle: &Value, callback: &Value, e: Raised) -> R<()> {
        let leaves = e.is(self.types.system_exit.get()) || e.is(self.types.keyboard_interrupt.get());
        if leaves || self.limits.stopping() {
            return Err(e);
        }
        let shown = super::finalize::helper(self, "_describe_callback", &[callback.clone(), handle.clone()])?;
        let message = self.str(&format!("Exception in callback {}", self.to_text(&shown)?));
        super::finalize::report(self, me, &[("message", message), ("exception", e.0), ("handle", handle.clone())])?;
        Ok(())
    }

    /// What takes long is told.
    #[cold]
    fn run_watched(&self, me: &Value, lp: &LoopState, r: Ready) -> R<()> {
        let about = super::watch::subject(&r);
        self.watch_begins();
        if !lp.debug.get() {
            let done = self.run_ready(me, lp, r);
            self.watch_ends(&about);
            return done;
        }
        let start = self.loop_time();
        let done = self.run_ready(me, lp, r);
        self.watch_ends(&about);
        done?;
        let spent = self.loop_time() - start;
        let limit = self.get_attr_text(me, "slow_callback_duration")?;
        if spent >= self.to_f64(&limit)? && !about.is_none() {
            super::finalize::helper(self, "_report_slow", &[about, Value::float(spent)])?;
        }
        Ok(())
    }
}

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "The native part of event loops.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a loop."),
        method("create_future(self, /)", create_future, "Create a Future object attached to the loop."),
        method("create_task(self, coro, *, name=None, context=None)", create_task, "Schedule a coroutine object."),
        method(
            "call_soon(self, callback, /, *args, context=None)",
            call_soon,
            "Arrange for a callback to be called as soon as possible.",
        ),
        method(
            "call_soon_threadsafe(self, callback, /, *args, context=None)",
            call_soon_threadsafe,
            "Like call_soon(), but thread-safe.",
        ),
        method(
            "call_later(self, delay, callback, /, *args, context=None)",
            call_later,
            "Arrange for a callback to be called at a given time.",
        ),
        method(
            "call_at(self, when, callback, /, *args, context=None)",
            call_at,
            "Like call_later(), but uses an absolute time.",
        ),
        method("time(self, /)", time, "Return the time according to the event loop's clock."),
        method("stop(self, /)", stop, "Stop running the event loop."),
        method("is_closed(self, /)", is_closed, "Returns True if the event loop was closed."),
        method("is_running(self, /)", is_running, "Returns True if the event loop is running."),
        method("get_debug(self, /)", get_debug, "Return whether debug mode is on."),
        method("set_debug(self, enabled, /)", set_debug, "Set debug mode."),
        method(
            "get_task_factory(self, /)",
            get_factory,
            "Return a task factory, or None if the default one is in use.",
        ),
        method("_set_task_factory(self, factory, /)", set_factory, "Set the task factory."),
        method("_run_once(self, /)", run_once, "Run one full iteration of the event loop."),
        method("_process_events(self, event_list, /)", process_events, "Handle the events of a selector."),
        method("_run(self, /)", run_until_stopped, "Run iterations until stop() is called."),
        method("_enter(self, /)", enter, "Make this the running loop of the thread."),
        method("_leave(self, /)", leave, "Make this no longer the running loop."),
        method("_close(self, /)", close, "Give up all that is scheduled."),
        method("_check_closed(self, /)", check_closed, "Raise an error if the loop is closed."),
        method("_take_asyncgens(self, /)", take_generators, "Return the asynchronous generators that were begun."),
        method("_timer_handle_cancelled(self, handle, /)", timer_cancelled, "A timer in the list was cancelled."),
        getter("_stopping(self)", stopping, "Whether the loop stops after this iteration."),
        getter("_closed(self)", is_closed, "Whether the loop was closed."),
        property("_debug(self)", get_debug, set_debug, "Whether debug mode is on."),
        getter("_thread_id(self)", thread_id, "The thread that runs the loop, or None."),
        getter("_ready(self)", ready_count, "How many entries are ready."),
        getter("_scheduled(self)", timer_count, "How many timers there are."),
    ],
    next: None,
};

pub(crate) fn state<'a>(vm: &Vm, v: &'a Value) -> R<&'a LoopState> {
    v.payload::<LoopState>().ok_or_else(|| vm.type_error("an event loop is expected"))
}

fn new(vm: &Vm, a: &Args) -> R {
    let own = super::class(&vm.sched_classes().event_loop);
    let lp = LoopState::default();
    lp.watched.set(vm.sched.watch.is_on());
    lp.own.set(own_loop::replaced(vm, &a[0]));
    Ok(adopted(vm, vm.opaque(own, lp), &a[0], own))
}

fn create_future(vm: &Vm, a: &Args) -> R {
    state(vm, &a[0])?;
    Ok(vm.future(a[0].clone()))
}

fn create_task(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    check_open(vm, lp)?;
    let name = a.get(2).cloned().unwrap_or(Value::NONE);
    let context = a.get(3).cloned().unwrap_or(Value::NONE);
    let factory = lp.factory.get();
    if factory.is_none() {
        return vm.spawn(&a[0], a[1].clone(), name, context);
    }
    let task = if context.is_none() {
        vm.call(&factory, &[a[0].clone(), a[1].clone()])?
    } else {
        vm.call_keywords(&factory, &[a[0].clone(), a[1].clone(), context], &[vm.intern("context")])?
    };
    // Also without a name, as CPython 3.13.0 does: its tasks are then called "None".
    vm.call_method(&task, "set_name", &[name])?;
    Ok(task)
}

fn check_open(vm: &Vm, lp: &LoopState) -> R<()> {
    if lp.closed.get() {
        return Err(vm.runtime_error("Event loop is closed"));
    }
    Ok(())
}

/// In debug mode callbacks are looked at before they are scheduled.
fn check_callback(vm: &Vm, lp: &LoopState, callback: &Value, name: &str) -> R<()> {
    check_open(vm, lp)?;
    if lp.debug.get() {
        super::finalize::helper(vm, "_check_callback", &[callback.clone(), vm.str(name)])?;
        let here = vm.sched.threads.current();
        if name != "call_soon_threadsafe" && lp.thread.get() != NO_THREAD && lp.thread.get() != here {
            return Err(
                vm.runtime_error("Non-thread-safe operation invoked on an event loop other than the current one")
            );
        }
    }
    Ok(())
}

fn given_context(vm: &Vm, given: Option<&Value>) -> Value {
    match given {
        Some(c) => c.clone(),
        None => vm.context_snapshot(),
    }
}

fn call_soon(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    check_callback(vm, lp, &a[1], "call_soon")?;
    let handle = vm.handle(a[1].clone(), vm.tuple(a.rest.to_vec()), given_context(vm, a.some(2)), a[0].clone());
    lp.enqueue(vm, Ready::Call(handle.clone()))?;
    Ok(handle)
}

fn call_soon_threadsafe(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    check_callback(vm, lp, &a[1], "call_soon_threadsafe")?;
    let handle = vm.handle(a[1].clone(), vm.tuple(a.rest.to_vec()), given_context(vm, a.some(2)), a[0].clone());
    lp.enqueue(vm, Ready::Call(handle.clone()))?;
    if lp.thread.get() != NO_THREAD {
        vm.unpark(lp.thread.get());
    }
    Ok(handle)
}

fn call_later(vm: &Vm, a: &Args) -> R {
    if a[1].is_none() {
        return Err(vm.type_error("delay must not be None"));
    }
    let now = vm.time_of(&a[0], state(vm, &a[0])?)?;
    let when = match a[1].as_float() {
        Some(delay) => now + delay,
        None => {
            let sum = vm.binary(Binary::Add, &Value::float(now), &a[1])?;
            vm.to_f64(&sum)?
        }
    };
    if state(vm, &a[0])?.own.get() & own_loop::CALL_AT != 0 {
        let call_at = vm.get_attr_text(&a[0], "call_at")?;
        let mut args = vec![Value::float(when), a[2].clone()];
        args.extend(a.rest.iter().cloned());
        args.push(a.some(3).cloned().unwrap_or(Value::NONE));
        return vm.call_keywords(&call_at, &args, &[vm.intern("context")]);
    }
    schedule(vm, a, when)
}

fn call_at(vm: &Vm, a: &Args) -> R {
    if a[1].is_none() {
        return Err(vm.type_error("when cannot be None"));
    }
    let when = vm.to_f64(&a[1])?;
    schedule(vm, a, when)
}

fn schedule(vm: &Vm, a: &Args, when: f64) -> R {
    let lp = state(vm, &a[0])?;
    check_callback(vm, lp, &a[2], "call_at")?;
    if when.is_nan() {
        return Err(vm.value_error("Invalid delay: NaN (not a number)"));
    }
    let args = vm.tuple(a.rest.to_vec());
    let handle = vm.timer_handle(when, a[2].clone(), args, given_context(vm, a.some(3)), a[0].clone());
    if let Some(h) = handle.payload::<HandleState>() {
        h.scheduled.set(true);
    }
    lp.timers.add(vm, when, What::Handle(handle.clone()));
    Ok(handle)
}

fn time(vm: &Vm, _a: &Args) -> R {
    Ok(Value::float(vm.loop_time()))
}

fn stop(vm: &Vm, a: &Args) -> R {
    state(vm, &a[0])?.stopping.set(true);
    Ok(Value::NONE)
}

fn stopping(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(state(vm, &a[0])?.stopping.get()))
}

fn is_closed(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(state(vm, &a[0])?.closed.get()))
}

fn is_running(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(state(vm, &a[0])?.thread.get() != NO_THREAD))
}

fn thread_id(vm: &Vm, a: &Args) -> R {
    let t = state(vm, &a[0])?.thread.get();
    Ok(if t == NO_THREAD { Value::NONE } else { super::threads::ident(t) })
}

fn get_debug(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(state(vm, &a[0])?.debug.get()))
}

fn set_debug(vm: &Vm, a: &Args) -> R {
    let on = match a.get(1) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let lp = state(vm, &a[0])?;
    lp.debug.set(on);
    lp.watched.set(on || vm.sched.watch.is_on());
    if lp.thread.get() != NO_THREAD {
        track_origins(vm, lp, on);
    }
    Ok(Value::NONE)
}

/// While a loop in debug mode runs, coroutines record where they are made.
fn track_origins(vm: &Vm, lp: &LoopState, on: bool) {
    let depth = &vm.sched.origin_depth;
    match lp.origins_before.get() {
        None if on => lp.origins_before.set(Some(depth.replace(DEBUG_STACK_DEPTH))),
        Some(before) if !on => {
            depth.set(before);
            lp.origins_before.set(None);
        }
        _ => {}
    }
}

fn get_factory(vm: &Vm, a: &Args) -> R {
    Ok(state(vm, &a[0])?.factory.get())
}

fn set_factory(vm: &Vm, a: &Args) -> R {
    state(vm, &a[0])?.factory.set(a[1].clone());
    Ok(Value::NONE)
}

fn run_once(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    vm.run_once(&a[0], lp)?;
    Ok(Value::NONE)
}

fn process_events(vm: &Vm, _a: &Args) -> R {
    Err(vm.error_with(vm.types.not_implemented_error.get(), vec![]))
}

fn run_until_stopped(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    loop {
        vm.iterate(&a[0], lp)?;
        if lp.stopping.get() {
            return Ok(Value::NONE);
        }
    }
}

fn enter(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    check_open(vm, lp)?;
    if lp.thread.get() != NO_THREAD {
        return Err(vm.runtime_error("This event loop is already running"));
    }
    if vm.running_loop().is_some() {
        return Err(vm.runtime_error("Cannot run the event loop while another loop is running"));
    }
    lp.thread.set(vm.sched.threads.current());
    vm.sched.running.set(a[0].clone());
    track_origins(vm, lp, lp.debug.get());
    Ok(Value::NONE)
}

fn leave(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    lp.stopping.set(false);
    track_origins(vm, lp, false);
    lp.thread.set(NO_THREAD);
    drop(vm.sched.running.take());
    Ok(Value::NONE)
}

fn close(vm: &Vm, a: &Args) -> R {
    let lp = state(vm, &a[0])?;
    lp.closed.set(true);
    let poller = vm.sched.poller.borrow().clone();
    if let Some(p) = poller {
        p.forget(vm, &a[0]);
    }
    let ready = lp.ready.take();
    lp.timers.clear();
    drop(ready);
    lp.tasks.clear();
    Ok(Value::NONE)
}

fn check_closed(vm: &Vm, a: &Args) -> R {
    check_open(vm, state(vm, &a[0])?)?;
    Ok(Value::NONE)
}

fn take_generators(vm: &Vm, a: &Args) -> R {
    let all = state(vm, &a[0])?.generators.take();
    let alive: Vec<Value> = all.iter().filter_map(|w| w.as_weakref().and_then(|w| w.target())).collect();
    Ok(vm.list(alive))
}

fn timer_cancelled(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn ready_count(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(state(vm, &a[0])?.ready.borrow().len() as i64))
}

fn timer_count(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(state(vm, &a[0])?.timers.len() as i64))
}
