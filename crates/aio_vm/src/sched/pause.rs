//! What `sleep(0)` awaits: it yields once. There is one for all; the register of the await tells who has yielded.

use crate::Payload;
use crate::error::R;
use crate::native::TypeTable;
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

impl Vm {
    /// What `sleep(0)` awaits.
    pub fn pause(&self) -> Value {
        let make = || self.opaque(super::class(&self.sched_classes().pause), Pause);
        self.sched.pause.get_or_init(make).clone()
    }
}
