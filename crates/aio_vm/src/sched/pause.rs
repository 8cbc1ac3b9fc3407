//! What `sleep(0)` awaits: it yields once. Used pauses are kept for the next `sleep(0)`.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, TypeTable};
use crate::object::opaque::Resumed;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// Pauses that are kept.
const KEPT: usize = 64;

#[derive(Default)]
struct Pause {
    begun: Cell<bool>,
}

impl Payload for Pause {
    fn await_step(&self, vm: &Vm, me: &Value, sent: R) -> Option<R<Resumed>> {
        if sent.is_ok() && !self.begun.replace(true) {
            return Some(Ok(Resumed::Yield(Value::NONE)));
        }
        self.begun.set(false);
        let mut kept = vm.sched.pauses.borrow_mut();
        if kept.len() < KEPT {
            kept.push(me.clone());
        }
        Some(sent.map(|_| Resumed::Return(Value::NONE)))
    }

    fn is_awaitable(&self) -> bool {
        true
    }
}

pub(crate) static TABLE: TypeTable = TypeTable { doc: "", rows: &[], next: None };

/// `_pause()`.
pub(crate) fn pause(vm: &Vm, _a: &Args) -> R {
    let kept = vm.sched.pauses.borrow_mut().pop();
    Ok(kept.unwrap_or_else(|| vm.opaque(super::class(&vm.sched_classes().pause), Pause::default())))
}
