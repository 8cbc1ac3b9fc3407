//! Tasks: coroutines that a loop runs step by step.

use crate::Payload;
use crate::builtins::generator::Outcome;
use crate::error::{R, Raised};
use crate::interp::{Entry, Exit};
use crate::object::Slot;
use crate::object::coro::{CoroKind, State};
use crate::object::opaque::Resumed;
use crate::sched::callbacks::Callback;
use crate::sched::event_loop::{LoopState, Ready};
use crate::sched::future::{BLOCKING, FutureState, MUST_CANCEL, cancelled_error_with, future_of, native_loop};
use crate::sched::gate::GateState;
use crate::sched::trace::TaskEvent;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// What a task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Nothing: it runs, or its step is in the queue.
    Nothing,
    /// The future in `target`.
    Future,
    /// Its turn at the gate in `target`.
    Gate,
    /// The gate has let it through; its step is in the queue.
    GateOpen,
    /// It was cancelled at the gate, with the message in `target`; its step is in the queue.
    GateCancelled,
}

/// What a task keeps.
pub struct TaskState {
    pub(crate) future: FutureState,
    pub(crate) coro: Slot,
    /// Its context, UNDEF for an empty one that nobody has seen; or what few tasks have, see `task_extra`.
    pub(crate) own: Slot,
    /// The number of its default name; 0 for none.
    pub(crate) number: Cell<u32>,
    /// Its place in the queue of the gate that it waits at.
    pub(crate) turn: Cell<u32>,
}

// A million of them may be parked: their cells are to stay in a class of 80 bytes.
const _: () = assert!(size_of::<TaskState>() <= 56);

impl Payload for TaskState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.future.visit(visit);
        for s in [&self.coro, &self.own] {
            visit(s.peek());
        }
    }

    fn clear(&self) {
        self.future.clear_values();
        let old = (self.coro.take(), self.own.take());
        drop(old);
    }

    fn await_step(&self, vm: &Vm, me: &Value, sent: R) -> Option<R<Resumed>> {
        Some(self.future.step(vm, me, sent))
    }

    fn is_awaitable(&self) -> bool {
        true
    }

    fn future(&self) -> Option<&FutureState> {
        Some(&self.future)
    }

    #[inline(always)]
    fn is_bare() -> bool {
        true
    }
}

impl TaskState {
    pub(crate) fn new() -> TaskState {
        TaskState {
            future: FutureState::new(Value::UNDEF),
            coro: Slot::empty(),
            own: Slot::empty(),
            number: Cell::new(0),
            turn: Cell::new(0),
        }
    }

    /// One that has not begun, with its number and its context.
    #[inline]
    fn begun(event_loop: Value, coro: Value, number: u32, context: Value) -> TaskState {
        TaskState {
            future: FutureState::new(event_loop),
            coro: Slot::new(coro),
            own: Slot::new(context),
            number: Cell::new(number),
            turn: Cell::new(0),
        }
    }

    /// `task.cancel(msg)`.
    pub(crate) fn cancel(&self, vm: &Vm, me: &Value, message: Value) -> R<bool> {
        self.future.set(super::future::LOG_TRACEBACK, false);
        if self.future.is_done() {
            return Ok(false);
        }
        self.set_cancels(vm, self.cancels().saturating_add(1));
        if vm.sched.tracing.get() {
            vm.trace(me, TaskEvent::Cancelled);
        }
        match self.future.waiting.get() {
            Waiting::Future => {
                let target = self.future.target();
                if vm.cancel_future(&target, &message)? {
                    return Ok(true);
                }
            }
            Waiting::Gate => {
                if let Some(g) = self.future.target().payload::<GateState>() {
                    g.left(self);
                }
                // The message is for this wait alone, as if it were that of a future.
                self.future.wait_for(Waiting::GateCancelled, message);
                let lp = self.future.event_loop.get();
                native_loop(vm, &lp)?.enqueue(vm, Ready::Wakeup(me.clone()))?;
                return Ok(true);
            }
            Waiting::Nothing | Waiting::GateOpen | Waiting::GateCancelled => {}
        }
        self.future.set(MUST_CANCEL, true);
        self.set_message(vm, message);
        Ok(true)
    }
}

/// What a step of a coroutine ended with.
pub(crate) enum Stepped {
    Yield(Value),
    Return(Value),
    Raise(Raised),
}

impl From<Exit> for Stepped {
    #[inline]
    fn from(exit: Exit) -> Stepped {
        match exit {
            Exit::Return(v) => Stepped::Return(v),
            Exit::Yield(v) | Exit::Step(v) => Stepped::Yield(v),
            Exit::Raise(e) => Stepped::Raise(e),
        }
    }
}

impl Vm {
    /// Cancels anything like a future; tells whether that had an effect.
    pub(crate) fn cancel_future(&self, f: &Value, message: &Value) -> R<bool> {
        let classes = self.sched_classes();
        let class = self.class_of(f);
        if class.is_same(super::class(&classes.future))
            && let Some(state) = future_of(f)
        {
            return state.cancel(self, f, message.clone(), Value::UNDEF);
        }
        if class.is_same(super::class(&classes.task))
            && let Some(t) = f.payload::<TaskState>()
        {
            return t.cancel(self, f, message.clone());
        }
        let cancel = self.get_attr(f, &self.names.cancel)?;
        let result = if message.is_none() {
            self.call(&cancel, &[])?
        } else {
            self.call_keywords(&cancel, std::slice::from_ref(message), std::slice::from_ref(&self.names.msg))?
        };
        self.truth(&result)
    }

    /// Whether a value can be run as a task.
    pub fn is_coroutine(&self, v: &Value) -> bool {
        if let Some(c) = v.as_coro() {
            return c.kind.get() == CoroKind::Coroutine;
        }
        // Nearly everything has none of them, and one look at the cache tells.
        v.is_ptr()
            && self.type_method(v, &self.names.__await__).is_some()
            && ["send", "throw", "close"].iter().all(|m| self.type_method(v, &self.intern(m)).is_some())
    }

    /// A task of the exact class, put into its loop's queue.
    pub(crate) fn spawn(&self, event_loop: &Value, coro: Value, name: Value, context: Value) -> R {
        let task = self.opaque(super::class(&self.sched_classes().task), TaskState::new());
        self.start_task(&task, event_loop, coro, name, context)?;
        Ok(task)
    }

    /// The same without a name and a context for a coroutine of the language, in a loop that is open, if nobody watches or
    /// counts.
    #[inline]
    pub(crate) fn spawn_plainly(&self, event_loop: &Value, lp: &LoopState, coro: &Value) -> Option<Value> {
        let made = self.sched.tasks_made.get() + 1;
        let number = u32::try_from(made).ok()?;
        let plain = coro.as_coro().is_some_and(|c| c.kind.get() == CoroKind::Coroutine)
            && !self.sched.tracing.get()
            && !self.limits.counts_tasks()
            && self.limits.allow_task(lp.tasks.len());
        if !plain {
            return None;
        }
        self.sched.tasks_made.set(made);
        let state = TaskState::begun(event_loop.clone(), coro.clone(), number, self.context_snapshot());
        let task = self.opaque(super::class(&self.sched_classes().task), state);
        lp.push(self, Ready::Step(task.clone()));
        if let Some(t) = task.payload::<TaskState>() {
            lp.tasks.add(self, &task, t);
        }
        Some(task)
    }

    /// What `Task.__init__` does. A `name` of None asks for the default one.
    pub(crate) fn start_task(
        &self,
        task: &Value,
        event_loop: &Value,
        coro: Value,
        name: Value,
        context: Value,
    ) -> R<()> {
        let Some(t) = task.payload::<TaskState>() else { return Ok(()) };
        let lp = native_loop(self, event_loop)?;
        t.future.event_loop.set(event_loop.clone());
        if !self.is_coroutine(&coro) {
            t.future.set(super::future::QUIET, true);
            let shown = self.repr_text(&coro)?;
            return Err(self.type_error(format!("a coroutine was expected, got {shown}")));
        }
        self.check_task_limit(lp.tasks.len())?;
        self.forget_task_fuel(task);
        if name.is_none() || name.is_undef() {
            self.number_task(t);
        } else {
            t.set_name(self, self.to_str(&name)?);
        }
        t.coro.set(coro);
        t.context().set(if context.is_none() || context.is_undef() { self.context_snapshot() } else { context });
        lp.enqueue(self, Ready::Step(task.clone()))?;
        lp.tasks.add(self, task, t);
        if self.sched.tracing.get() {
            self.trace_spawn(task, lp.current.defined().as_ref());
        }
        Ok(())
    }

    /// Gives a task its default name.
    fn number_task(&self, t: &TaskState) {
        let n = self.sched.tasks_made.get() + 1;
        self.sched.tasks_made.set(n);
        match u32::try_from(n) {
            Ok(n) => t.number.set(n),
            // Those that come after four thousand millions of others have it as text.
            Err(_) => t.set_name(self, self.str(&format!("Task-{n}"))),
        }
    }

    /// The task's future is done, or what it waited for let it go on.
    pub(crate) fn wake_task(&self, lp: &LoopState, task: &Value) -> R<()> {
        let Some(t) = task.payload::<TaskState>() else { return Ok(()) };
        match t.future.waiting.get() {
            Waiting::Nothing => self.step_task(lp, task, t, Ok(Value::NONE)),
            Waiting::GateOpen | Waiting::Gate => self.step_task(lp, task, t, Ok(Value::TRUE)),
            Waiting::GateCancelled => {
                let e = cancelled_error_with(self, t.future.target().defined());
                self.step_task(lp, task, t, Err(e))
            }
            Waiting::Future => {
                let target = t.future.target();
                let sent = match future_of(&target) {
                    // Without an exception the await asks for the result itself.
                    Some(f) if f.is_cancelled() || f.peek_failure().is_some() => f.result(self).map(|_| Value::NONE),
                    Some(_) => Ok(Value::NONE),
                    None => self.call_method(&target, "result", &[]).map(|_| Value::NONE),
                };
                drop(target);
                self.step_task(lp, task, t, sent)
            }
        }
    }

    /// Lets the coroutine go on until it waits or ends.
    pub(crate) fn step_task(&self, lp: &LoopState, task: &Value, t: &TaskState, sent: R) -> R<()> {
        if self.sched.tracing.get() {
            self.trace(task, TaskEvent::Begins);
            let done = self.step_untraced(lp, task, t, sent);
            self.trace_step(task, t);
            self.disturb_step(task, t)?;
            return done;
        }
        self.step_untraced(lp, task, t, sent)
    }

    /// A step under the limit of what one task may use.
    #[cold]
    fn step_counted(&self, lp: &LoopState, task: &Value, t: &TaskState, sent: R) -> R<()> {
        self.with_task_fuel(task, || self.step_plain(lp, task, t, sent), || t.future.is_done())
    }

    #[inline]
    fn step_untraced(&self, lp: &LoopState, task: &Value, t: &TaskState, sent: R) -> R<()> {
        if self.limits.counts_tasks() {
            return self.step_counted(lp, task, t, sent);
        }
        self.step_plain(lp, task, t, sent)
    }

    #[inline]
    fn step_plain(&self, lp: &LoopState, task: &Value, t: &TaskState, sent: R) -> R<()> {
        if t.future.is_done() {
            let shown = self.repr_text(task)?;
            return Err(self.invalid_state(&format!(
                "__step(): already done: {shown}, {}",
                match sent {
                    Ok(_) => "None".to_owned(),
                    Err(e) => self.repr_text(&e.0)?,
                }
            )));
        }
        let mut sent = sent;
        if t.future.replace_with(MUST_CANCEL, false) {
            let already = matches!(&sent, Err(e) if e.is(self.types.cancelled_error.get()));
            if !already {
                sent = Err(cancelled_error_with(self, t.message()));
            }
        }
        t.future.stop_waiting();
        let previous = lp.current.replace(task.clone());
        let coro = t.coro.get();
        let stepped = match self.swap_in(t.context()) {
            Ok(outside) => {
                let stepped = self.step_coroutine(&coro, sent);
                self.swap_out(t.context(), outside);
                stepped
            }
            Err(e) => Stepped::Raise(e),
        };
        drop(coro);
        drop(lp.current.replace(previous));
        self.after_step(lp, task, t, stepped)
    }

    /// What becomes of a task after a step.
    pub(crate) fn after_step(&self, lp: &LoopState, task: &Value, t: &TaskState, stepped: Stepped) -> R<()> {
        match stepped {
            Stepped::Yield(v) => self.await_yielded(lp, task, t, v),
            Stepped::Return(v) => {
                lp.tasks.remove(t);
                if t.future.replace_with(MUST_CANCEL, false) {
                    let message = t.message().unwrap_or(Value::NONE);
                    t.future.cancel(self, task, message, Value::UNDEF)?;
                    return Ok(());
                }
                super::finalize::silence(task);
                t.future.finish(self, task, v)
            }
            Stepped::Raise(e) => {
                lp.tasks.remove(t);
                self.task_raised(task, t, e)
            }
        }
    }

    fn step_coroutine(&self, coro: &Value, sent: R) -> Stepped {
        let outcome = match coro.as_coro() {
            Some(c) => match (sent, c.state()) {
                (Ok(_), State::Created) => return self.resume(c, Entry::Start).into(),
                (Ok(v), State::Suspended) => return self.resume(c, Entry::Send(v)).into(),
                (Ok(_), _) => self.coro_send(c, Value::NONE),
                (Err(e), _) => self.coro_throw(c, e),
            },
            None => {
                let result = match sent {
                    Ok(_) => self.call_method(coro, "send", &[Value::NONE]),
                    Err(e) => self.call_method(coro, "throw", &[e.0]),
                };
                match result {
                    Ok(v) => Ok(Outcome::Yield(v)),
                    Err(e) if e.is(self.types.stop_iteration.get()) => {
                        Ok(Outcome::Return(e.0.as_exception().map(|x| x.field(0)).unwrap_or(Value::NONE)))
                    }
                    Err(e) => Err(e),
                }
            }
        };
        match outcome {
            Ok(Outcome::Yield(v)) => Stepped::Yield(v),
            Ok(Outcome::Return(v)) => Stepped::Return(v),
            Err(e) => Stepped::Raise(e),
        }
    }

    fn task_raised(&self, task: &Value, t: &TaskState, e: Raised) -> R<()> {
        if e.is(self.types.cancelled_error.get()) {
            // The message went with the exception, which is kept for whoever asks first.
            t.future.cancel(self, task, Value::NONE, e.0)?;
            return Ok(());
        }
        self.resume_after_task();
        let leaves =
            e.is(self.types.system_exit.get()) || e.is(self.types.keyboard_interrupt.get()) || self.limits.stopping();
        t.future.fail(self, task, e.0.clone())?;
        if self.limits.stopping() {
            // The host is told; nobody else can ask.
            t.future.set(super::future::LOG_TRACEBACK, false);
        }
        if leaves { Err(e) } else { Ok(()) }
    }

    /// The coroutine waits for what it yielded.
    fn await_yielded(&self, lp: &LoopState, task: &Value, t: &TaskState, v: Value) -> R<()> {
        if v.is_none() {
            return lp.enqueue(self, Ready::Step(task.clone()));
        }
        if let Some(f) = future_of(&v) {
            if v.is(task) {
                let shown = self.repr_text(task)?;
                return self.complain(lp, task, format!("Task cannot await on itself: {shown}"));
            }
            if !f.event_loop.peek().is(t.future.event_loop.peek()) {
                let (a, b) = (self.repr_text(task)?, self.repr_text(&v)?);
                return self.complain(lp, task, format!("Task {a} got Future {b} attached to a different loop"));
            }
            if !f.has(BLOCKING) {
                let (a, b) = (self.repr_text(task)?, self.repr_text(&v)?);
                return self.complain(lp, task, format!("yield was used instead of yield from in task {a} with {b}"));
            }
            f.set(BLOCKING, false);
            f.add_callback(self, &v, Callback::Wakeup(task.clone()))?;
            return self.wait_for_target(t, v);
        }
        if let Some(g) = v.payload::<GateState>() {
            if t.future.replace_with(MUST_CANCEL, false) {
                let message = t.message().unwrap_or(Value::NONE);
                t.future.wait_for(Waiting::GateCancelled, message);
                return lp.enqueue(self, Ready::Wakeup(task.clone()));
            }
            g.enter(self, task, t);
            t.future.wait_for(Waiting::Gate, v);
            return Ok(());
        }
        self.await_foreign(lp, task, t, v)
    }

    /// Waits for the future in `v`; a cancellation that is due goes to it.
    fn wait_for_target(&self, t: &TaskState, v: Value) -> R<()> {
        t.future.wait_for(Waiting::Future, v.clone());
        if t.future.has(MUST_CANCEL) {
            let message = t.message().unwrap_or(Value::NONE);
            if self.cancel_future(&v, &message)? {
                t.future.set(MUST_CANCEL, false);
            }
        }
        Ok(())
    }

    /// Something that is not one of our futures: a look-alike, or a mistake.
    fn await_foreign(&self, lp: &LoopState, task: &Value, t: &TaskState, v: Value) -> R<()> {
        let blocking = self.look_attr(&v, &self.names._asyncio_future_blocking)?;
        if let Some(b) = blocking.filter(|b| !b.is_none()) {
            if !self.truth(&b)? {
                let (a, b) = (self.repr_text(task)?, self.repr_text(&v)?);
                return self.complain(lp, task, format!("yield was used instead of yield from in task {a} with {b}"));
            }
            self.set_attr(&v, &self.names._asyncio_future_blocking, Some(Value::FALSE))?;
            let wakeup = super::task_methods::wakeup_function(self, task);
            let add = self.get_attr(&v, &self.names.add_done_callback)?;
            let context = self.materialised(t.context());
            self.call_keywords(&add, &[wakeup, context], &[self.intern("context")])?;
            return self.wait_for_target(t, v);
        }
        let (a, b) = (self.repr_text(task)?, self.repr_text(&v)?);
        let generator = v.as_coro().is_some_and(|c| c.kind.get() == CoroKind::Generator);
        if generator {
            return self.complain(
                lp,
                task,
                format!("yield was used instead of yield from for generator in task {a} with {b}"),
            );
        }
        self.complain(lp, task, format!("Task got bad yield: {b}"))
    }

    /// The next step raises a RuntimeError in the coroutine.
    fn complain(&self, lp: &LoopState, task: &Value, message: String) -> R<()> {
        let e = self.runtime_error(message);
        lp.enqueue(self, Ready::Throw(task.clone(), e.0))
    }
}
