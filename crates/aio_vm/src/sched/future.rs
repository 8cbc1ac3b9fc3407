//! Futures: a result that comes later, and who is to be told.

use crate::Payload;
use crate::error::{R, Raised};
use crate::native::{Args, TypeTable, class_method, getter, method, property, static_method};
use crate::object::opaque::Resumed;
use crate::object::{ClassObj, Slot};
use crate::sched::callbacks::{Callback, Callbacks, Taken};
use crate::sched::event_loop::{LoopState, Ready};
use crate::sched::gather::{counted_at_once, queue_end};
use crate::sched::task::{TaskState, Waiting};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// Where the life of a future stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing is known yet.
    Pending,
    /// Was cancelled.
    Cancelled,
    /// Has a result or an exception.
    Finished,
}

/// `value` is an exception.
const FAILED: u8 = 1;
/// An `await` has just yielded the future.
pub(crate) const BLOCKING: u8 = 2;
/// The exception has not been asked for: report it when the future ends.
pub(crate) const LOG_TRACEBACK: u8 = 4;
/// Do not report that the task ended pending.
pub(crate) const QUIET: u8 = 8;

/// A timer of its loop will set the result.
pub(crate) const TIMED: u8 = 16;

/// It has been an argument of `gather`.
pub(crate) const GATHERED: u8 = 32;

/// `value` is the CancelledError that ended the task.
const KEPT: u8 = 64;

/// CancelledError is to be raised at the next step of the task.
pub(crate) const MUST_CANCEL: u8 = 128;

/// What every future keeps: plain ones, tasks and gathering ones.
pub struct FutureState {
    pub(crate) state: Cell<State>,
    pub(crate) flags: Cell<u8>,
    /// The loop; UNDEF before `__init__`.
    pub(crate) event_loop: Slot,
    /// The result, the exception (in a tuple with its traceback, until it is first raised), the message of `cancel()`, or
    /// the CancelledError that is kept for the next who asks; before there is any of these, what a task waits for.
    value: Slot,
    callbacks: Callbacks,
    // The rest is for tasks: it fills what would be a gap.
    /// The place in the loop's list of pending tasks.
    pub(crate) place: Cell<u32>,
    pub(crate) waiting: Cell<Waiting>,
    /// Requests to cancel that were not taken back, if they are few.
    pub(crate) cancels: Cell<u8>,
}

impl FutureState {
    #[inline]
    pub(crate) fn new(event_loop: Value) -> FutureState {
        FutureState {
            state: Cell::new(State::Pending),
            flags: Cell::new(0),
            event_loop: Slot::new(event_loop),
            value: Slot::empty(),
            callbacks: Callbacks::default(),
            place: Cell::new(u32::MAX),
            waiting: Cell::new(Waiting::Nothing),
            cancels: Cell::new(0),
        }
    }

    #[inline]
    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags.get() & flag != 0
    }

    #[inline]
    pub(crate) fn set(&self, flag: u8, on: bool) {
        let f = self.flags.get();
        self.flags.set(if on { f | flag } else { f & !flag });
    }

    /// Sets or clears a flag; tells whether it was set before.
    #[inline]
    pub(crate) fn replace_with(&self, flag: u8, on: bool) -> bool {
        let before = self.has(flag);
        self.set(flag, on);
        before
    }

    /// Has a result, an exception, or is cancelled.
    #[inline]
    pub fn is_done(&self) -> bool {
        self.state.get() != State::Pending
    }

    /// Was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.state.get() == State::Cancelled
    }

    /// The exception, if it ended with one. Counts as asked for.
    pub(crate) fn failure(&self) -> Option<Value> {
        if self.state.get() == State::Finished && self.has(FAILED) {
            self.set(LOG_TRACEBACK, false);
            return Some(self.exception_itself());
        }
        None
    }

    /// The exception without counting as asked for.
    pub(crate) fn peek_failure(&self) -> Option<Value> {
        (self.state.get() == State::Finished && self.has(FAILED)).then(|| self.exception_itself())
    }

    /// Has a result.
    #[inline]
    pub(crate) fn ended_well(&self) -> bool {
        self.state.get() == State::Finished && !self.has(FAILED)
    }

    /// The result, if there is one.
    #[inline]
    pub(crate) fn peek_result(&self) -> Option<Value> {
        self.ended_well().then(|| self.value.get())
    }

    /// What `result()` gives or raises.
    pub fn result(&self, vm: &Vm) -> R {
        match self.state.get() {
            State::Pending => Err(vm.invalid_state("Result is not set.")),
            State::Cancelled => Err(self.cancelled_error(vm)),
            State::Finished if self.has(FAILED) => {
                self.set(LOG_TRACEBACK, false);
                Err(self.raised_again())
            }
            State::Finished => Ok(self.value.get()),
        }
    }

    fn exception_itself(&self) -> Value {
        let v = self.value.get();
        match v.as_tuple().and_then(|t| t.items().first()) {
            Some(e) => e.clone(),
            None => v,
        }
    }

    /// The exception for one who awaits: with the traceback that it came with for the first, without one for others,
    /// so that the ways to several who await it are not added up.
    fn raised_again(&self) -> Raised {
        let v = self.value.get();
        let (e, traceback) = match v.as_tuple().map(|t| t.items()) {
            Some([e, traceback]) => (e.clone(), traceback.clone()),
            _ => (v, Value::NONE),
        };
        if let Some(x) = e.as_exception() {
            x.set_traceback(traceback);
        }
        self.value.set(e.clone());
        Raised(e)
    }

    /// The CancelledError of a cancelled future: the one that went through its task, once, else a new one.
    pub(crate) fn cancelled_error(&self, vm: &Vm) -> Raised {
        if self.replace_with(KEPT, false) {
            return Raised(self.value.take());
        }
        self.fresh_cancelled_error(vm)
    }

    /// The message of the `cancel()` that ended the future.
    pub(crate) fn message(&self) -> Option<Value> {
        let known = self.state.get() == State::Cancelled && !self.has(KEPT);
        if known { self.value.defined() } else { None }
    }

    /// What the task waits for, or UNDEF.
    #[inline]
    pub(crate) fn target(&self) -> Value {
        if self.waiting.get() == Waiting::Nothing { Value::UNDEF } else { self.value.get() }
    }

    /// The task waits for nothing, or for a future that has its result: an await asks for that itself.
    #[inline]
    pub(crate) fn may_go_on(&self) -> bool {
        match self.waiting.get() {
            Waiting::Nothing => true,
            Waiting::Future => future_of(self.value.peek()).is_some_and(FutureState::ended_well),
            _ => false,
        }
    }

    /// The task waits for this.
    pub(crate) fn wait_for(&self, how: Waiting, target: Value) {
        self.waiting.set(how);
        self.value.set(target);
    }

    /// The task waits for nothing any more.
    #[inline]
    pub(crate) fn stop_waiting(&self) {
        if self.waiting.replace(Waiting::Nothing) != Waiting::Nothing {
            drop(self.value.take());
        }
    }

    /// A CancelledError with the message of `cancel()`.
    pub(crate) fn fresh_cancelled_error(&self, vm: &Vm) -> Raised {
        cancelled_error_with(vm, self.message())
    }

    /// Sets the result of a pending future.
    #[inline]
    pub(crate) fn finish(&self, vm: &Vm, me: &Value, v: Value) -> R<()> {
        self.waiting.set(Waiting::Nothing);
        self.value.set(v);
        self.state.set(State::Finished);
        self.schedule(vm, me)
    }

    /// Sets the exception of a pending future.
    pub(crate) fn fail(&self, vm: &Vm, me: &Value, e: Value) -> R<()> {
        if let Some(x) = e.as_exception() {
            x.on_its_way.set(false);
        }
        self.waiting.set(Waiting::Nothing);
        let traceback = e.as_exception().map(|x| x.traceback_value()).filter(|t| !t.is_none());
        self.value.set(match traceback {
            Some(t) => vm.tuple([e, t]),
            None => e,
        });
        self.set(FAILED | LOG_TRACEBACK, true);
        self.state.set(State::Finished);
        super::finalize::unsilence(me);
        self.schedule(vm, me)
    }

    /// Cancels a pending future; `kept` is the CancelledError that ended its task.
    pub(crate) fn cancel(&self, vm: &Vm, me: &Value, message: Value, kept: Value) -> R<bool> {
        self.set(LOG_TRACEBACK, false);
        if self.is_done() {
            return Ok(false);
        }
        self.state.set(State::Cancelled);
        self.waiting.set(Waiting::Nothing);
        if self.has(TIMED)
            && let Some(l) = self.event_loop.peek().payload::<LoopState>()
        {
            l.timers.cancelled();
        }
        self.set(KEPT, !kept.is_undef());
        self.value.set(if kept.is_undef() { message } else { kept });
        super::finalize::silence(me);
        self.schedule(vm, me)?;
        Ok(true)
    }

    /// Puts the callbacks into the loop's queue.
    fn schedule(&self, vm: &Vm, me: &Value) -> R<()> {
        let held = self.callbacks.held();
        if held.is_empty() {
            return Ok(());
        }
        if self.ended_well() && counted_at_once(held.peek()) {
            drop(held.take());
            return Ok(());
        }
        match self.callbacks.take() {
            Taken::None => Ok(()),
            Taken::One(c) => {
                let lp = self.event_loop.get();
                soon(vm, &lp, c, me)
            }
            Taken::Several(all) => {
                let lp = self.event_loop.get();
                all.into_iter().try_for_each(|c| soon(vm, &lp, c, me))
            }
        }
    }

    /// Adds a callback; one of a done future is scheduled at once.
    pub(crate) fn add_callback(&self, vm: &Vm, me: &Value, c: Callback) -> R<()> {
        if self.is_done() {
            let lp = self.event_loop.get();
            return soon(vm, &lp, c, me);
        }
        self.callbacks.push(vm, c);
        Ok(())
    }

    /// Shows the callbacks; they must not change meanwhile.
    pub(crate) fn each_callback(&self, show: &mut dyn FnMut(&Callback)) {
        self.callbacks.each(show);
    }

    pub(crate) fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        for s in [&self.event_loop, &self.value, self.callbacks.held()] {
            visit(s.peek());
        }
    }

    pub(crate) fn clear_values(&self) {
        let old = (self.event_loop.take(), self.value.take(), self.callbacks.held().take());
        drop(old);
    }

    /// One step of `await future`.
    pub(crate) fn step(&self, vm: &Vm, me: &Value, sent: R) -> R<Resumed> {
        sent?;
        if self.is_done() {
            return self.result(vm).map(Resumed::Return);
        }
        self.set(BLOCKING, true);
        Ok(Resumed::Yield(me.clone()))
    }
}

/// A CancelledError with the message of `cancel()`.
pub(crate) fn cancelled_error_with(vm: &Vm, message: Option<Value>) -> Raised {
    let arguments = message.filter(|m| !m.is_none()).into_iter().collect();
    vm.error_with(vm.types.cancelled_error.get(), arguments)
}

fn ready_of(c: Callback, me: &Value) -> Ready {
    match c {
        Callback::Wakeup(task) => Ready::Wakeup(task),
        Callback::Gather(outer) => {
            queue_end(&outer);
            Ready::Gather(outer, me.clone())
        }
        Callback::Script(b) => Ready::Callback(b, me.clone()),
    }
}

/// A callback goes into the queue of the loop, or by `call_soon` to one that is not native.
fn soon(vm: &Vm, event_loop: &Value, c: Callback, me: &Value) -> R<()> {
    match event_loop.payload::<LoopState>() {
        Some(lp) => lp.enqueue(vm, ready_of(c, me)),
        None if event_loop.is_undef() => Err(vm.runtime_error("Future object is not initialized.")),
        None => vm.call_soon_of(event_loop, c, me),
    }
}

/// The native part of a loop.
pub(crate) fn native_loop<'a>(vm: &Vm, v: &'a Value) -> R<&'a LoopState> {
    match v.payload::<LoopState>() {
        Some(l) => Ok(l),
        None if v.is_undef() => Err(vm.runtime_error("Future object is not initialized.")),
        None => Err(vm.no_attribute(v, &vm.intern("get_debug"))),
    }
}

impl Payload for FutureState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.visit(visit);
    }

    fn clear(&self) {
        self.clear_values();
    }

    fn await_step(&self, vm: &Vm, me: &Value, sent: R) -> Option<R<Resumed>> {
        Some(self.step(vm, me, sent))
    }

    fn is_awaitable(&self) -> bool {
        true
    }

    fn future(&self) -> Option<&FutureState> {
        Some(self)
    }

    #[inline(always)]
    fn is_bare() -> bool {
        true
    }
}

/// The future behind a value: a plain one, a task, or a gathering one.
#[inline]
pub fn future_of(v: &Value) -> Option<&FutureState> {
    let o = v.as_opaque()?;
    // Nearly all are of these two, and need no call to be known.
    if let Some(t) = o.payload::<TaskState>() {
        return Some(&t.future);
    }
    o.payload::<FutureState>().or_else(|| o.behind().future())
}

impl Vm {
    /// A pending future of a loop.
    pub fn future(&self, event_loop: Value) -> Value {
        let future = self.opaque(super::class(&self.sched_classes().future), FutureState::new(event_loop));
        // It has nothing to say at its end before it fails.
        super::finalize::silence(&future);
        future
    }

    /// The loop that a future is made for when none is given: the running one, else the thread's.
    pub(crate) fn default_loop(&self) -> R {
        if let Some(l) = self.running_loop() {
            return Ok(l);
        }
        let asyncio = self.modules.get().as_dict().and_then(|d| d.get_text(self, "asyncio"));
        match asyncio {
            Some(m) => self.call_method(&m, "get_event_loop", &[]),
            None => Err(self.runtime_error("no running event loop")),
        }
    }
}

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "This class is *almost* compatible with concurrent.futures.Future.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a future."),
        method("__init__(self, *, loop=None)", init, "Initialize the future."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__del__(self, /)", crate::sched::finalize::future, "Report an exception that nobody asked for."),
        method("__await__(self, /)", iter, "Return an iterator to be used in await expression."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("result(self, /)", result, "Return the result this future represents."),
        method("exception(self, /)", exception, "Return the exception that was set on this future."),
        method("set_result(self, result, /)", set_result, "Mark the future done and set its result."),
        method("set_exception(self, exception, /)", set_exception, "Mark the future done and set an exception."),
        method(
            "add_done_callback(self, fn, /, *, context=None)",
            add_done_callback,
            "Add a callback to be run when the future becomes done.",
        ),
        method(
            "remove_done_callback(self, fn, /)",
            remove_done_callback,
            "Remove all instances of a callback from the \"call when done\" list.",
        ),
        method("cancel(self, msg=None)", cancel, "Cancel the future and schedule callbacks."),
        method("cancelled(self, /)", cancelled, "Return True if the future was cancelled."),
        method("done(self, /)", done, "Return True if the future is done."),
        method("get_loop(self, /)", get_loop, "Return the event loop the Future is bound to."),
        method(
            "_make_cancelled_error(self, /)",
            make_cancelled_error,
            "Create the CancelledError to raise if the Future is cancelled.",
        ),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585."),
        getter("_state(self)", state, "PENDING, CANCELLED or FINISHED."),
        getter("_result(self)", raw_result, "The result, or None."),
        getter("_exception(self)", raw_exception, "The exception, or None."),
        getter("_loop(self)", raw_loop, "The loop."),
        getter("_callbacks(self)", raw_callbacks, "The callbacks with their contexts, or None."),
        getter("_source_traceback(self)", none, "Where it was made; not recorded."),
        getter("_cancel_message(self)", cancel_message, "The message of cancel()."),
        property("_asyncio_future_blocking(self)", blocking, set_blocking, "Whether an await has just yielded it."),
        property(
            "_log_traceback(self)",
            log_traceback,
            set_log_traceback,
            "Whether its exception has yet to be asked for.",
        ),
        property(
            "_log_destroy_pending(self)",
            log_destroy,
            set_log_destroy,
            "Whether its end while pending is reported.",
        ),
    ],
    next: None,
};

/// The future behind a receiver.
pub(crate) fn receiver<'a>(vm: &Vm, v: &'a Value) -> R<&'a FutureState> {
    future_of(v).ok_or_else(|| vm.runtime_error("Future object is not initialized."))
}

fn initialized<'a>(vm: &Vm, v: &'a Value) -> R<&'a FutureState> {
    let f = receiver(vm, v)?;
    if f.event_loop.is_empty() {
        return Err(vm.runtime_error("Future object is not initialized."));
    }
    Ok(f)
}

/// A fresh object as an instance of the class that is asked for.
pub(crate) fn adopted(vm: &Vm, v: Value, asked: &Value, own: &ClassObj) -> Value {
    match asked.as_class() {
        Some(c) if !c.is_same(own) => vm.adopt(v, c),
        _ => v,
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    let own = super::class(&vm.sched_classes().future);
    Ok(adopted(vm, vm.opaque(own, FutureState::new(Value::UNDEF)), &a[0], own))
}

/// The loop of a new future or task.
pub(crate) fn chosen_loop(vm: &Vm, given: Option<&Value>) -> R {
    match given {
        Some(l) => {
            if l.payload::<LoopState>().is_none() {
                vm.call_method(l, "get_debug", &[])?;
            }
            Ok(l.clone())
        }
        None => vm.default_loop(),
    }
}

fn init(vm: &Vm, a: &Args) -> R {
    let f = receiver(vm, &a[0])?;
    f.event_loop.set(chosen_loop(vm, a.some(1))?);
    Ok(Value::NONE)
}

fn repr(vm: &Vm, a: &Args) -> R {
    crate::sched::finalize::describe(vm, "_future_repr", &a[0])
}

fn result(vm: &Vm, a: &Args) -> R {
    initialized(vm, &a[0])?.result(vm)
}

fn exception(vm: &Vm, a: &Args) -> R {
    let f = initialized(vm, &a[0])?;
    match f.state.get() {
        State::Pending => Err(vm.invalid_state("Exception is not set.")),
        State::Cancelled => Err(f.cancelled_error(vm)),
        State::Finished => {
            f.set(LOG_TRACEBACK, false);
            Ok(f.failure().unwrap_or(Value::NONE))
        }
    }
}

fn set_result(vm: &Vm, a: &Args) -> R {
    let f = initialized(vm, &a[0])?;
    if f.is_done() {
        return Err(vm.invalid_state("invalid state"));
    }
    f.finish(vm, &a[0], a[1].clone())?;
    Ok(Value::NONE)
}

fn set_exception(vm: &Vm, a: &Args) -> R {
    let f = initialized(vm, &a[0])?;
    if f.is_done() {
        return Err(vm.invalid_state("invalid state"));
    }
    let e = exception_instance(vm, &a[1])?;
    f.fail(vm, &a[0], e)?;
    Ok(Value::NONE)
}

/// The exception that a future can carry for what was given to `set_exception`.
fn exception_instance(vm: &Vm, given: &Value) -> R {
    let e = match given.as_class() {
        Some(c) if c.derives(vm.types.base_exception.get()) => vm.call(given, &[])?,
        Some(_) => return Err(vm.type_error("invalid exception object")),
        None => given.clone(),
    };
    if e.as_exception().is_none() {
        return Err(vm.type_error("invalid exception object"));
    }
    if vm.class_of(&e).derives(vm.types.stop_iteration.get()) {
        let wrapped =
            vm.runtime_error("StopIteration interacts badly with generators and cannot be raised into a Future");
        if let Some(x) = wrapped.0.as_exception() {
            x.cause.set(e.clone());
            x.context.set(e);
            x.suppress_context.set(true);
        }
        return Ok(wrapped.0);
    }
    Ok(e)
}

fn add_done_callback(vm: &Vm, a: &Args) -> R {
    let f = initialized(vm, &a[0])?;
    let context = match a.some(2) {
        Some(c) => c.clone(),
        None => vm.context_snapshot(),
    };
    f.add_callback(vm, &a[0], Callback::Script(Box::new((a[1].clone(), context))))?;
    Ok(Value::NONE)
}

fn remove_done_callback(vm: &Vm, a: &Args) -> R {
    let f = initialized(vm, &a[0])?;
    let all = f.callbacks.take().into_vec();
    let before = all.len();
    let mut kept = Vec::new();
    let mut failure = None;
    for c in all {
        let same = match &c {
            Callback::Script(b) if failure.is_none() => match vm.eq(&b.0, &a[1]) {
                Ok(same) => same,
                Err(e) => {
                    failure = Some(e);
                    false
                }
            },
            _ => false,
        };
        if !same {
            kept.push(c);
        }
    }
    let removed = before - kept.len();
    // Callbacks that an `__eq__` has added in the meantime come behind.
    let added = f.callbacks.take().into_vec();
    for c in kept.into_iter().chain(added) {
        f.callbacks.push(vm, c);
    }
    match failure {
        Some(e) => Err(e),
        None => Ok(Value::small(removed as i64)),
    }
}

fn cancel(vm: &Vm, a: &Args) -> R {
    let f = initialized(vm, &a[0])?;
    let message = a.get(1).cloned().unwrap_or(Value::NONE);
    Ok(Value::bool(f.cancel(vm, &a[0], message, Value::UNDEF)?))
}

fn cancelled(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(receiver(vm, &a[0])?.is_cancelled()))
}

fn done(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(receiver(vm, &a[0])?.is_done()))
}

fn get_loop(vm: &Vm, a: &Args) -> R {
    Ok(initialized(vm, &a[0])?.event_loop.get())
}

fn make_cancelled_error(vm: &Vm, a: &Args) -> R {
    Ok(receiver(vm, &a[0])?.cancelled_error(vm).0)
}

fn subscript(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

fn state(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(match receiver(vm, &a[0])?.state.get() {
        State::Pending => "PENDING",
        State::Cancelled => "CANCELLED",
        State::Finished => "FINISHED",
    }))
}

fn raw_result(vm: &Vm, a: &Args) -> R {
    Ok(receiver(vm, &a[0])?.peek_result().unwrap_or(Value::NONE))
}

fn raw_exception(vm: &Vm, a: &Args) -> R {
    Ok(receiver(vm, &a[0])?.peek_failure().unwrap_or(Value::NONE))
}

fn raw_loop(vm: &Vm, a: &Args) -> R {
    Ok(receiver(vm, &a[0])?.event_loop.defined().unwrap_or(Value::NONE))
}

fn raw_callbacks(vm: &Vm, a: &Args) -> R {
    let f = receiver(vm, &a[0])?;
    let mut list: Vec<Value> = Vec::new();
    f.each_callback(&mut |c| {
        list.push(match c {
            Callback::Wakeup(_) => vm.tuple([vm.intern("Task.task_wakeup"), Value::NONE]),
            Callback::Gather(_) => vm.tuple([vm.intern("gather.<locals>._done_callback"), Value::NONE]),
            Callback::Script(b) => vm.tuple([b.0.clone(), b.1.clone().defined().unwrap_or(Value::NONE)]),
        });
    });
    Ok(if list.is_empty() { Value::NONE } else { vm.list(list) })
}

fn none(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn cancel_message(vm: &Vm, a: &Args) -> R {
    let f = receiver(vm, &a[0])?;
    let pending = a[0].payload::<TaskState>().filter(|_| !f.is_done()).and_then(|t| t.message());
    Ok(f.message().or(pending).unwrap_or(Value::NONE))
}

fn blocking(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(receiver(vm, &a[0])?.has(BLOCKING)))
}

fn set_blocking(vm: &Vm, a: &Args) -> R {
    let on = match a.get(1) {
        Some(v) => vm.truth(v)?,
        None => return Err(vm.error(vm.types.attribute_error.get(), "cannot delete attribute")),
    };
    receiver(vm, &a[0])?.set(BLOCKING, on);
    Ok(Value::NONE)
}

fn log_traceback(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(receiver(vm, &a[0])?.has(LOG_TRACEBACK)))
}

fn set_log_traceback(vm: &Vm, a: &Args) -> R {
    match a.get(1) {
        None => return Err(vm.error(vm.types.attribute_error.get(), "cannot delete attribute")),
        Some(v) if vm.truth(v)? => return Err(vm.value_error("_log_traceback can only be set to False")),
        Some(_) => receiver(vm, &a[0])?.set(LOG_TRACEBACK, false),
    }
    Ok(Value::NONE)
}

fn log_destroy(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(!receiver(vm, &a[0])?.has(QUIET)))
}

fn set_log_destroy(vm: &Vm, a: &Args) -> R {
    let on = match a.get(1) {
        Some(v) => vm.truth(v)?,
        None => return Err(vm.error(vm.types.attribute_error.get(), "cannot delete attribute")),
    };
    receiver(vm, &a[0])?.set(QUIET, !on);
    Ok(Value::NONE)
}

/// What `future.__await__()` returns, for those who drive it by hand.
struct FutureIter {
    future: Slot,
}

impl Payload for FutureIter {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.future.peek());
    }

    fn clear(&self) {
        drop(self.future.take());
    }
}

pub(crate) static ITER_TABLE: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", iter_next, "Implement next(self)."),
        method("send(self, value, /)", iter_next, "Resume with a value."),
        method("throw(self, typ, val=None, tb=None, /)", iter_throw, "Raise an exception."),
        method("close(self, /)", iter_close, "Stop waiting."),
    ],
    next: None,
};

fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn iter(vm: &Vm, a: &Args) -> R {
    initialized(vm, &a[0])?;
    let class = super::class(&vm.sched_classes().future_iter);
    Ok(vm.opaque(class, FutureIter { future: Slot::new(a[0].clone()) }))
}

fn iter_next(vm: &Vm, a: &Args) -> R {
    let held = a[0].payload::<FutureIter>().map(|i| i.future.get()).unwrap_or_default();
    let Some(f) = future_of(&held) else { return Err(vm.stop_iteration(Value::NONE)) };
    match f.step(vm, &held, Ok(Value::NONE))? {
        Resumed::Yield(v) => Ok(v),
        Resumed::Return(v) => {
            drop(a[0].payload::<FutureIter>().map(|i| i.future.take()));
            Err(vm.stop_iteration(v))
        }
    }
}

fn iter_throw(vm: &Vm, a: &Args) -> R {
    drop(a[0].payload::<FutureIter>().map(|i| i.future.take()));
    Err(vm.thrown(&a[1], a.get(2), a.get(3))?)
}

fn iter_close(_vm: &Vm, a: &Args) -> R {
    drop(a[0].payload::<FutureIter>().map(|i| i.future.take()));
    Ok(Value::NONE)
}
