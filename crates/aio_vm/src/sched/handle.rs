//! Handles: calls that a loop has been asked to make.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method, static_method};
use crate::object::Slot;
use crate::sched::event_loop::LoopState;
use crate::sched::future::adopted;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// What a handle keeps.
pub struct HandleState {
    pub(crate) callback: Slot,
    /// A tuple.
    pub(crate) args: Slot,
    pub(crate) context: Slot,
    pub(crate) event_loop: Slot,
    /// For timers: when, by the loop's clock.
    pub(crate) when: Cell<f64>,
    pub(crate) cancelled: Cell<bool>,
    /// The timer is among the loop's timers.
    pub(crate) scheduled: Cell<bool>,
}

impl Payload for HandleState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for s in [&self.callback, &self.args, &self.context, &self.event_loop] {
            visit(s.peek());
        }
    }

    fn clear(&self) {
        let old = (self.callback.take(), self.args.take(), self.context.take(), self.event_loop.take());
        drop(old);
    }
}

impl HandleState {
    pub(crate) fn new(callback: Value, args: Value, context: Value, event_loop: Value) -> HandleState {
        HandleState {
            callback: Slot::new(callback),
            args: Slot::new(args),
            context: Slot::new(context),
            event_loop: Slot::new(event_loop),
            when: Cell::new(0.0),
            cancelled: Cell::new(false),
            scheduled: Cell::new(false),
        }
    }
}

const ROWS_DOC: &str = "Object returned by callback registration methods.";

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: ROWS_DOC,
    rows: &[
        static_method("__new__(cls, callback, args, loop, context=None)", new, "Create a handle."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("cancel(self, /)", cancel, "Cancel the callback."),
        method("cancelled(self, /)", cancelled, "Return True if the callback was cancelled."),
        method("get_context(self, /)", get_context, "Return the context of the callback."),
        method("_run(self, /)", run, "Make the call."),
        getter("_callback(self)", callback, "The callable, or None."),
        getter("_args(self)", args, "The arguments, or None."),
        getter("_cancelled(self)", cancelled, "Whether it was cancelled."),
        getter("_loop(self)", event_loop, "The loop."),
        getter("_source_traceback(self)", none, "Where it was made; not recorded."),
    ],
    next: None,
};

pub(crate) static TIMER_TABLE: TypeTable = TypeTable {
    doc: "Object returned by timed callback registration methods.",
    rows: &[
        static_method("__new__(cls, when, callback, args, loop, context=None)", new_timer, "Create a handle."),
        method("when(self, /)", when, "Return a scheduled callback time."),
        method("__lt__(self, other, /)", lt, "Return self<value."),
        method("__le__(self, other, /)", le, "Return self<=value."),
        method("__gt__(self, other, /)", gt, "Return self>value."),
        method("__ge__(self, other, /)", ge, "Return self>=value."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        getter("_when(self)", when, "When, by the loop's clock."),
        getter("_scheduled(self)", scheduled, "Whether the loop holds it."),
    ],
    next: None,
};

pub(crate) fn state<'a>(vm: &Vm, v: &'a Value) -> R<&'a HandleState> {
    v.payload::<HandleState>().ok_or_else(|| vm.type_error("a handle is expected"))
}

impl Vm {
    /// A handle of the exact class.
    pub(crate) fn handle(&self, callback: Value, args: Value, context: Value, event_loop: Value) -> Value {
        self.opaque(super::class(&self.sched_classes().handle), HandleState::new(callback, args, context, event_loop))
    }

    /// A timer handle of the exact class.
    pub(crate) fn timer_handle(
        &self,
        when: f64,
        callback: Value,
        args: Value,
        context: Value,
        event_loop: Value,
    ) -> Value {
        let h = HandleState::new(callback, args, context, event_loop);
        h.when.set(when);
        self.opaque(super::class(&self.sched_classes().timer_handle), h)
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    let own = super::class(&vm.sched_classes().handle);
    let context = a.some(4).cloned().unwrap_or_else(|| vm.context_snapshot());
    let args = vm.tuple(vm.collect(&a[2])?);
    Ok(adopted(vm, vm.handle(a[1].clone(), args, context, a[3].clone()), &a[0], own))
}

fn new_timer(vm: &Vm, a: &Args) -> R {
    let own = super::class(&vm.sched_classes().timer_handle);
    let context = a.some(5).cloned().unwrap_or_else(|| vm.context_snapshot());
    let args = vm.tuple(vm.collect(&a[3])?);
    let when = vm.to_f64(&a[1])?;
    Ok(adopted(vm, vm.timer_handle(when, a[2].clone(), args, context, a[4].clone()), &a[0], own))
}

fn repr(vm: &Vm, a: &Args) -> R {
    crate::sched::finalize::describe(vm, "_handle_repr", &a[0])
}

fn cancel(vm: &Vm, a: &Args) -> R {
    let h = state(vm, &a[0])?;
    if !h.cancelled.replace(true) {
        if h.scheduled.get()
            && let Some(l) = h.event_loop.get().payload::<LoopState>()
        {
            l.timers.cancelled();
        }
        let old = (h.callback.take(), h.args.take());
        drop(old);
    }
    Ok(Value::NONE)
}

fn cancelled(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(state(vm, &a[0])?.cancelled.get()))
}

fn get_context(vm: &Vm, a: &Args) -> R {
    Ok(vm.materialised(&state(vm, &a[0])?.context))
}

fn run(vm: &Vm, a: &Args) -> R {
    vm.run_handle(&a[0])?;
    Ok(Value::NONE)
}

fn callback(vm: &Vm, a: &Args) -> R {
    Ok(state(vm, &a[0])?.callback.defined().unwrap_or(Value::NONE))
}

fn args(vm: &Vm, a: &Args) -> R {
    Ok(state(vm, &a[0])?.args.defined().unwrap_or(Value::NONE))
}

fn event_loop(vm: &Vm, a: &Args) -> R {
    Ok(state(vm, &a[0])?.event_loop.defined().unwrap_or(Value::NONE))
}

fn none(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn when(vm: &Vm, a: &Args) -> R {
    Ok(Value::float(state(vm, &a[0])?.when.get()))
}

fn scheduled(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(state(vm, &a[0])?.scheduled.get()))
}

fn compared(vm: &Vm, a: &Args, f: impl FnOnce(f64, f64) -> bool) -> R {
    let Some(other) = a[1].payload::<HandleState>() else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::bool(f(state(vm, &a[0])?.when.get(), other.when.get())))
}

fn lt(vm: &Vm, a: &Args) -> R {
    compared(vm, a, |x, y| x < y)
}

fn le(vm: &Vm, a: &Args) -> R {
    compared(vm, a, |x, y| x <= y)
}

fn gt(vm: &Vm, a: &Args) -> R {
    compared(vm, a, |x, y| x > y)
}

fn ge(vm: &Vm, a: &Args) -> R {
    compared(vm, a, |x, y| x >= y)
}

fn hash(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.hash(&Value::float(state(vm, &a[0])?.when.get()))?))
}
