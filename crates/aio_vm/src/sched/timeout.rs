//! `asyncio.timeout`: a deadline that cancels the task which has entered it. The loop holds it among its timers without
//! a handle, and coming and going of a task needs no frame.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, Def, TypeTable, function, getter, method, static_method};
use crate::object::Slot;
use crate::object::class::{HAS_DICT, WEAKREFABLE};
use crate::object::code::Shortcut;
use crate::protocol::arith::Binary;
use crate::sched::event_loop::{LoopState, Ready};
use crate::sched::task::TaskState;
use crate::sched::timers::What;
use crate::sched::{current, module, own_loop};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, OnceCell};

/// Where the life of a timeout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Created,
    Active,
    Expiring,
    Expired,
    Finished,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Stage::Created => "created",
            Stage::Active => "active",
            Stage::Expiring => "expiring",
            Stage::Expired => "expired",
            Stage::Finished => "finished",
        }
    }
}

/// What a timeout keeps.
pub(crate) struct TimeoutState {
    stage: Cell<Stage>,
    /// The number of the deadline that counts, 0 for none. Others among the timers of the loop are dead.
    armed: Cell<u32>,
    /// Deadlines so far.
    deadlines: Cell<u32>,
    /// Requests to cancel the task when it came.
    cancelling: Cell<i64>,
    /// A number, or None.
    when: Slot,
    task: Slot,
    event_loop: Slot,
    /// What a loop with a clock of its own has given for the deadline.
    handle: Slot,
}

impl Payload for TimeoutState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for slot in [&self.when, &self.task, &self.event_loop, &self.handle] {
            visit(slot.peek());
        }
    }

    fn clear(&self) {
        let old = (self.when.take(), self.task.take(), self.event_loop.take(), self.handle.take());
        drop(old);
    }
}

impl TimeoutState {
    fn new(when: Value) -> TimeoutState {
        TimeoutState {
            stage: Cell::new(Stage::Created),
            armed: Cell::new(0),
            deadlines: Cell::new(0),
            cancelling: Cell::new(0),
            when: Slot::new(when),
            task: Slot::empty(),
            event_loop: Slot::empty(),
            handle: Slot::empty(),
        }
    }

    /// The deadline of this number does not count any more.
    pub(crate) fn is_past(&self, number: u32) -> bool {
        self.armed.get() != number
    }

    /// Gives up the deadline, if there is one.
    fn disarm(&self, vm: &Vm) -> R<()> {
        if self.armed.replace(0) != 0
            && let Some(l) = self.event_loop.peek().payload::<LoopState>()
        {
            l.timers.cancelled();
        }
        match self.handle.take().defined() {
            Some(handle) => vm.call_method(&handle, "cancel", &[]).map(drop),
            None => Ok(()),
        }
    }

    /// Sets a deadline.
    fn arm(&self, vm: &Vm, me: &Value, when: &Value) -> R<()> {
        let lp = module::chosen(vm, None)?;
        let native = lp.payload::<LoopState>().filter(|l| l.own.get() & (own_loop::TIME | own_loop::CALL_AT) == 0);
        let Some(l) = native else { return self.arm_elsewhere(vm, me, &lp, when) };
        let deadline = vm.to_f64(when)?;
        if deadline.is_nan() {
            return Err(vm.value_error("Invalid delay: NaN (not a number)"));
        }
        let number = self.deadlines.get().wrapping_add(1).max(1);
        self.deadlines.set(number);
        if deadline <= vm.loop_time() {
            l.enqueue(vm, Ready::Expiry(me.clone(), number))?;
        } else {
            l.timers.add(vm, deadline, What::Expiry(me.clone(), number));
        }
        self.armed.set(number);
        self.event_loop.set(lp);
        Ok(())
    }

    /// Sets a deadline in a loop that has a clock of its own, or is not ours.
    #[cold]
    fn arm_elsewhere(&self, vm: &Vm, me: &Value, lp: &Value, when: &Value) -> R<()> {
        let callback = vm.native(&ON_TIMEOUT, me.clone());
        let now = vm.call_method(lp, "time", &[])?;
        let handle = if vm.to_f64(when)? <= vm.to_f64(&now)? {
            vm.call_method(lp, "call_soon", &[callback])?
        } else {
            vm.call_method(lp, "call_at", &[when.clone(), callback])?
        };
        self.handle.set(handle);
        Ok(())
    }

    fn reschedule(&self, vm: &Vm, me: &Value, when: &Value) -> R<()> {
        match self.stage.get() {
            Stage::Active => {}
            Stage::Created => return Err(vm.runtime_error("Timeout has not been entered")),
            stage => return Err(vm.runtime_error(format!("Cannot change state of {} Timeout", stage.name()))),
        }
        self.when.set(when.clone());
        self.disarm(vm)?;
        if when.is_none() { Ok(()) } else { self.arm(vm, me, when) }
    }

    /// The task comes in.
    fn enter(&self, vm: &Vm, me: &Value) -> R<()> {
        if self.stage.get() != Stage::Created {
            return Err(vm.runtime_error("Timeout has already been entered"));
        }
        let Some(task) = current::task_of_running_loop(vm)?.defined() else {
            return Err(vm.runtime_error("Timeout should be used inside a task"));
        };
        self.stage.set(Stage::Active);
        let requests = match task.payload::<TaskState>() {
            Some(t) => i64::from(t.cancels()),
            None => vm.call_method(&task, "cancelling", &[])?.as_i64().unwrap_or(0),
        };
        self.task.set(task);
        self.cancelling.set(requests);
        let when = self.when.get();
        self.reschedule(vm, me, &when)
    }

    /// The task goes before the deadline. The loop may keep the timeout for a while, but must not keep the task.
    fn finish(&self) {
        self.stage.set(Stage::Finished);
        drop(self.task.take());
    }

    /// The deadline has come.
    fn expire(&self, vm: &Vm) -> R<()> {
        let task = self.task.get();
        vm.cancel_future(&task, &Value::NONE)?;
        self.stage.set(Stage::Expiring);
        self.armed.set(0);
        drop(self.handle.take());
        Ok(())
    }
}

impl Vm {
    /// A deadline of a loop has come; it may have been given up in the meantime.
    pub(crate) fn expire_timeout(&self, timeout: &Value, number: u32) -> R<()> {
        match timeout.payload::<TimeoutState>() {
            Some(t) if !t.is_past(number) => t.expire(self),
            _ => Ok(()),
        }
    }

    /// The base of the class `asyncio.Timeout`.
    pub fn timeout_core(&self) -> Value {
        let make = || {
            let object = self.types.object.get();
            self.native_class("asyncio.timeouts", "_TimeoutCore", object, HAS_DICT | WEAKREFABLE, &TABLE)
        };
        self.state::<Core>().0.get_or_init(make).clone()
    }
}

/// The class, made when it is first asked for.
#[derive(Default)]
struct Core(OnceCell<Value>);

/// Functions of the module asyncio.
pub static FUNCTIONS: &[Def] = &[
    function("_timeout_after(cls, delay, /)", timeout_after, "Return a timeout of the class with this delay."),
    function("_know_timeouts(cls, /)", know, "Let tasks come into and go out of timeouts of the class without frames."),
];

static ON_TIMEOUT: Def = function("_on_timeout()", on_timeout, "The deadline has come.");

static TABLE: TypeTable = TypeTable {
    doc: "",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        method("__init__(self, when)", init, "Schedule a timeout that will trigger at a given loop time."),
        method("when(self)", when, "Return the current deadline."),
        method("reschedule(self, when)", reschedule, "Reschedule the timeout."),
        method("expired(self)", expired, "Is timeout expired during execution?"),
        method("_enter(self)", enter, "The current task comes in."),
        method("_leave(self)", leave, "The task goes; tell whether it was cancelled by this timeout alone."),
        getter("_state(self)", stage, "Where its life stands."),
        getter("_when(self)", when, "The current deadline."),
        getter("_task(self)", task, "The task that came in, or None."),
    ],
    next: None,
};

fn state<'a>(vm: &Vm, v: &'a Value) -> R<&'a TimeoutState> {
    v.payload::<TimeoutState>().ok_or_else(|| vm.type_error("a timeout is expected"))
}

fn new(vm: &Vm, a: &Args) -> R {
    match a[0].as_class() {
        Some(class) => Ok(vm.opaque(class, TimeoutState::new(Value::NONE))),
        None => Err(vm.type_error("a class is expected")),
    }
}

fn init(vm: &Vm, a: &Args) -> R {
    state(vm, &a[0])?.when.set(a[1].clone());
    Ok(Value::NONE)
}

fn timeout_after(vm: &Vm, a: &Args) -> R {
    let lp = module::chosen(vm, None)?;
    let delay = &a[1];
    let when = if delay.is_none() {
        Value::NONE
    } else {
        let now = match lp.payload::<LoopState>() {
            Some(l) => Value::float(vm.time_of(&lp, l)?),
            None => vm.call_method(&lp, "time", &[])?,
        };
        vm.binary(Binary::Add, &now, delay)?
    };
    match a[0].as_class() {
        Some(class) => Ok(vm.opaque(class, TimeoutState::new(when))),
        None => Err(vm.type_error("a class is expected")),
    }
}

fn when(vm: &Vm, a: &Args) -> R {
    Ok(state(vm, &a[0])?.when.get())
}

fn reschedule(vm: &Vm, a: &Args) -> R {
    state(vm, &a[0])?.reschedule(vm, &a[0], &a[1])?;
    Ok(Value::NONE)
}

fn expired(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(matches!(state(vm, &a[0])?.stage.get(), Stage::Expiring | Stage::Expired)))
}

fn stage(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(state(vm, &a[0])?.stage.get().name()))
}

fn task(vm: &Vm, a: &Args) -> R {
    Ok(state(vm, &a[0])?.task.defined().unwrap_or(Value::NONE))
}

fn enter(vm: &Vm, a: &Args) -> R {
    state(vm, &a[0])?.enter(vm, &a[0])?;
    Ok(a[0].clone())
}

fn leave(vm: &Vm, a: &Args) -> R {
    let t = state(vm, &a[0])?;
    t.disarm(vm)?;
    match t.stage.get() {
        Stage::Active => t.finish(),
        Stage::Expiring => {
            t.stage.set(Stage::Expired);
            let left = vm.call_method(&t.task.take(), "uncancel", &[])?;
            return Ok(Value::bool(left.as_i64().is_some_and(|left| left <= t.cancelling.get())));
        }
        _ => {}
    }
    Ok(Value::FALSE)
}

fn on_timeout(vm: &Vm, a: &Args) -> R {
    state(vm, a.receiver)?.expire(vm)?;
    Ok(Value::NONE)
}

fn know(vm: &Vm, a: &Args) -> R {
    let Some(class) = a[0].as_class() else { return Err(vm.type_error("a class is expected")) };
    for (name, shortcut) in [("__aenter__", come as Shortcut), ("__aexit__", go)] {
        if let Some(f) = class.lookup(vm, &vm.intern(name)) {
            vm.set_shortcut(&f, shortcut);
        }
    }
    Ok(Value::NONE)
}

/// `await timeout.__aenter__()`, where it succeeds.
fn come(vm: &Vm, arguments: &[Value]) -> R<Option<Value>> {
    let [me] = arguments else { return Ok(None) };
    let Some(t) = me.payload::<TimeoutState>().filter(|t| t.stage.get() == Stage::Created) else { return Ok(None) };
    if vm.running_loop().is_none() || current::task_of_running_loop(vm)?.payload::<TaskState>().is_none() {
        return Ok(None);
    }
    t.enter(vm, me)?;
    Ok(Some(me.clone()))
}

/// `await timeout.__aexit__(...)`, where the deadline has not come.
fn go(vm: &Vm, arguments: &[Value]) -> R<Option<Value>> {
    let [me, _, _, _] = arguments else { return Ok(None) };
    let Some(t) = me.payload::<TimeoutState>().filter(|t| t.stage.get() == Stage::Active) else { return Ok(None) };
    t.disarm(vm)?;
    t.finish();
    Ok(Some(Value::NONE))
}
