//! `_thread.lock`: the lock on which all of the module threading is built.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, TypeTable, method};
use crate::object::class::{FINAL, WEAKREFABLE};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

#[derive(Default)]
struct LockState {
    held: Cell<bool>,
    /// Threads that wait for it.
    waiters: RefCell<VecDeque<u32>>,
}

impl Payload for LockState {}

static TABLE: TypeTable = TypeTable {
    doc: "A lock object is a synchronization primitive.",
    rows: &[
        method("acquire(self, blocking=True, timeout=-1)", acquire, "Lock the lock."),
        method("release(self, /)", release, "Release the lock."),
        method("locked(self, /)", locked, "Return whether the lock is in the locked state."),
        method("__enter__(self, /)", enter, "Lock the lock."),
        method("__exit__(self, /, *args)", release, "Release the lock."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
    ],
    next: None,
};

impl Vm {
    /// The class of locks.
    pub fn lock_class(&self) -> Value {
        let make = || self.native_class("_thread", "lock", self.types.object.get(), FINAL | WEAKREFABLE, &TABLE);
        self.sched.lock_class.get_or_init(make).clone()
    }
}

/// `allocate_lock()`.
pub(crate) fn allocate(vm: &Vm, _a: &Args) -> R {
    let class = vm.lock_class();
    Ok(vm.opaque(super::class(&class), LockState::default()))
}

fn state<'a>(vm: &Vm, v: &'a Value) -> R<&'a LockState> {
    v.payload::<LockState>().ok_or_else(|| vm.type_error("a lock is expected"))
}

fn take(vm: &Vm, lock: &Value, until: Option<u64>) -> R<bool> {
    let l = state(vm, lock)?;
    loop {
        if !l.held.replace(true) {
            return Ok(true);
        }
        let me = vm.sched.threads.current();
        l.waiters.borrow_mut().push_back(me);
        let free = vm.block(until, &|| !l.held.get());
        l.waiters.borrow_mut().retain(|&w| w != me);
        if !free? {
            return Ok(false);
        }
    }
}

fn acquire(vm: &Vm, a: &Args) -> R {
    let l = state(vm, &a[0])?;
    let blocking = match a.get(1) {
        Some(v) => vm.truth(v)?,
        None => true,
    };
    let timeout = match a.get(2) {
        Some(v) => vm.to_f64(v)?,
        None => -1.0,
    };
    if !blocking {
        if timeout != -1.0 {
            return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
        }
        return Ok(Value::bool(!l.held.replace(true)));
    }
    if timeout < 0.0 && timeout != -1.0 {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if timeout > 9_223_372_036.0 {
        return Err(vm.overflow_error("timeout value is too large"));
    }
    let until = (timeout >= 0.0).then(|| vm.host.monotonic().saturating_add((timeout * 1e9) as u64));
    Ok(Value::bool(take(vm, &a[0], until)?))
}

fn enter(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(take(vm, &a[0], None)?))
}

fn release(vm: &Vm, a: &Args) -> R {
    let l = state(vm, &a[0])?;
    if !l.held.replace(false) {
        return Err(vm.runtime_error("release unlocked lock"));
    }
    let first = l.waiters.borrow_mut().pop_front();
    if let Some(id) = first {
        vm.unpark(id);
    }
    Ok(Value::NONE)
}

fn locked(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(state(vm, &a[0])?.held.get()))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let held = if state(vm, &a[0])?.held.get() { "locked" } else { "unlocked" };
    Ok(vm.str(&format!("<{held} _thread.lock object at {:#x}>", vm.id_of(&a[0]))))
}
