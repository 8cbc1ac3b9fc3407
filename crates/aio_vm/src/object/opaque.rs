//! Cells whose payload is a Rust object behind a trait: iterators of library modules, streams, locks, patterns.

use crate::error::R;
use crate::heap::new_cell;
use crate::object::class::ClassObj;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::any::Any;

/// What a library type keeps in its instances. State changes through `Cell`, `RefCell` or `Slot`;
/// a `RefCell` borrow must never be held while script code can run.
pub trait Payload: Any {
    /// Shows every value that the payload holds to the cycle collector.
    fn trace(&self, _visit: &mut dyn FnMut(&Value)) {}

    /// Gives up all values (the cell is part of a garbage cycle).
    fn clear(&self) {}

    /// One step of awaiting this object, for payloads that are awaitable by themselves. `sent` is `Ok(None)` at first,
    /// then what the scheduler sends in return for a yield, or an exception that is thrown in.
    fn await_step(&self, _vm: &Vm, _me: &Value, _sent: R) -> Option<R<Resumed>> {
        None
    }

    /// The future that this is (a task is one, too).
    fn future(&self) -> Option<&crate::sched::FutureState> {
        None
    }

    /// Whether `await` may be applied to it directly.
    fn is_awaitable(&self) -> bool {
        false
    }
}

/// What a step of awaiting gives.
pub enum Resumed {
    /// Suspends with this value.
    Yield(Value),
    /// Is done with this result.
    Return(Value),
}

/// The cell.
#[repr(C)]
pub struct OpaqueObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    pub(crate) payload: Box<dyn Payload>,
}

impl OpaqueObj {
    /// Bytes of the payload, outside of the cell.
    pub(crate) fn outside(&self) -> usize {
        size_of_val(&*self.payload)
    }

    /// The payload, if it is a `T`.
    pub fn payload<T: Payload>(&self) -> Option<&T> {
        (&*self.payload as &dyn Any).downcast_ref()
    }
}

impl Vm {
    /// An instance of a native class.
    pub fn opaque<P: Payload>(&self, class: &ClassObj, payload: P) -> Value {
        self.heap.charge(size_of::<P>() as isize);
        new_cell(self, class, Kind::Opaque, |header| OpaqueObj {
            header,
            attrs: Slot::empty(),
            payload: Box::new(payload),
        })
    }
}

impl Value {
    /// Whether the whole isolate is ending: what a payload holds may be gone already.
    pub fn is_abandoned(&self) -> bool {
        self.header().is_some_and(|h| h.rc.get() >= crate::heap::BEYOND)
    }

    /// The payload of a native instance, if it is a `T`.
    pub fn payload<T: Payload>(&self) -> Option<&T> {
        self.as_opaque()?.payload()
    }
}
