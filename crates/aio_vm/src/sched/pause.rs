//! What `sleep(0)` awaits: it yields once. There is one for all; the register of the await tells who has yielded.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, Def, TypeTable, function};
use crate::object::opaque::Resumed;
use crate::value::Value;
use crate::vm::Vm;

/// The one pause.
pub(crate) struct Pause;

impl Payload for Pause {
    fn await_step(&self, _vm: &Vm, _me: &Value, sent: R) -> Option<R<Resumed>> {
        Some(sent.map(|_| Resumed::Yield(Value::NONE)))
    }

    fn is_awaitable(&self) -> bool {
        true
    }
}

/// What stands in the place of the pause once it has yielded. No script can await it.
pub(crate) const YIELDED: Value = Value::TRUE;

pub(crate) static TABLE: TypeTable = TypeTable { doc: "", rows: &[], next: None };

/// Functions of the module asyncio.
pub static FUNCTIONS: &[Def] =
    &[function("_know_sleep(function, /)", know, "Let tasks pause without a frame of the function.")];

fn know(vm: &Vm, a: &Args) -> R {
    vm.set_stand_in(&a[0], pause_of);
    Ok(Value::NONE)
}

/// What `sleep(delay)` awaits if the delay is none: it yields at once, so that no object is needed.
fn pause_of(_vm: &Vm, arguments: &[Value]) -> Value {
    match arguments {
        [delay] if delay.as_small().is_some_and(|n| n <= 0) => YIELDED,
        _ => Value::UNDEF,
    }
}

impl Vm {
    /// What `sleep(0)` awaits.
    pub fn pause(&self) -> Value {
        let make = || self.opaque(super::class(&self.sched_classes().pause), Pause);
        self.sched.pause.get_or_init(make).clone()
    }
}
