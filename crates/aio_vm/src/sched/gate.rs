//! Gates: tasks wait before them in order of arrival until the gate is opened. Each place costs eight bytes.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, TypeTable, method, static_method};
use crate::object::opaque::Resumed;
use crate::object::{Charge, Slot};
use crate::sched::event_loop::Ready;
use crate::sched::future::native_loop;
use crate::sched::task::{TaskState, Waiting};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// Waiting tasks.
pub struct GateState {
    /// A weak reference to what the gate is part of.
    owner: Value,
    /// The loop in which it was first waited for.
    event_loop: Slot,
    /// A task knows its place, which is empty once the task was cancelled.
    queue: RefCell<Vec<Value>>,
    /// Empty places.
    empty: Cell<usize>,
    /// Tasks that have come and have not gone on yet.
    inside: Cell<usize>,
    charge: Charge,
}

impl Payload for GateState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.owner);
        visit(self.event_loop.peek());
        self.queue.borrow().iter().for_each(visit);
    }

    fn clear(&self) {
        drop(self.queue.take());
    }

    fn await_step(&self, vm: &Vm, me: &Value, sent: R) -> Option<R<Resumed>> {
        Some(match sent {
            // The scheduler sends True to a task that may pass.
            Ok(v) if v.is_true() => {
                self.inside.set(self.inside.get().saturating_sub(1));
                Ok(Resumed::Return(v))
            }
            Ok(_) => self.check_loop(vm).map(|()| {
                self.inside.set(self.inside.get() + 1);
                Resumed::Yield(me.clone())
            }),
            Err(e) => {
                self.inside.set(self.inside.get().saturating_sub(1));
                Err(e)
            }
        })
    }

    fn is_awaitable(&self) -> bool {
        true
    }
}

impl GateState {
    /// A gate belongs to the loop in which it was first waited for.
    fn check_loop(&self, vm: &Vm) -> R<()> {
        let running = vm.running_loop().unwrap_or_default();
        if self.event_loop.is_empty() {
            self.event_loop.set(running);
            return Ok(());
        }
        if self.event_loop.peek().is(&running) {
            return Ok(());
        }
        let owner = self.owner.as_weakref().and_then(|w| w.target()).unwrap_or(Value::NONE);
        let shown = vm.repr_text(&owner)?;
        Err(vm.runtime_error(format!("{shown} is bound to a different event loop")))
    }

    pub(crate) fn enter(&self, vm: &Vm, task: &Value, t: &TaskState) {
        let mut queue = self.queue.borrow_mut();
        t.turn.set(queue.len() as u32);
        queue.push(task.clone());
        self.charge.set(vm, queue.capacity() * size_of::<Value>());
    }

    /// A task in the queue was cancelled. Empty places are cleared away when they are more than the others.
    pub(crate) fn left(&self, t: &TaskState) {
        let mut queue = self.queue.borrow_mut();
        let gone = queue.get_mut(t.turn.get() as usize).map(std::mem::take);
        let n = self.empty.get() + 1;
        self.empty.set(n);
        if n > 32 && n * 2 > queue.len() {
            queue.retain(|task| !task.is_undef());
            for (i, t) in queue.iter().enumerate().filter_map(|(i, task)| Some((i, task.payload::<TaskState>()?))) {
                t.turn.set(i as u32);
            }
            self.empty.set(0);
        }
        drop(queue);
        drop(gone);
    }
}

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Tasks that wait for something to happen, in order.",
    rows: &[
        static_method("__new__(cls, owner, /)", new, "Create a gate."),
        method("open(self, /)", open, "Let all waiting tasks pass."),
        method("__len__(self, /)", len, "Return how many tasks wait or are about to go on."),
    ],
    next: None,
};

fn new(vm: &Vm, a: &Args) -> R {
    let owner = vm.weakref(vm.types.weakref.get(), &a[1], Value::UNDEF).unwrap_or(Value::NONE);
    let state = GateState {
        owner,
        event_loop: Slot::empty(),
        queue: RefCell::default(),
        empty: Cell::new(0),
        inside: Cell::new(0),
        charge: Charge::default(),
    };
    Ok(vm.opaque(super::class(&vm.sched_classes().gate), state))
}

fn open(vm: &Vm, a: &Args) -> R {
    let Some(g) = a[0].payload::<GateState>() else { return Ok(Value::NONE) };
    let all = g.queue.take();
    g.empty.set(0);
    for task in all {
        if let Some(t) = task.payload::<TaskState>() {
            t.future.waiting.set(Waiting::GateOpen);
            let lp = t.future.event_loop.get();
            native_loop(vm, &lp)?.enqueue(vm, Ready::Wakeup(task.clone()))?;
        }
    }
    Ok(Value::NONE)
}

fn len(_vm: &Vm, a: &Args) -> R {
    Ok(Value::small(a[0].payload::<GateState>().map_or(0, |g| g.inside.get()) as i64))
}
