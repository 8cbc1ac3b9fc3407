//! Cells whose payload is a Rust object behind a trait, in the cell itself: iterators of library modules, streams, locks, patterns.

use crate::error::R;
use crate::heap::new_cell;
use crate::object::class::ClassObj;
use crate::object::header::{AWAITABLE, Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::any::{Any, TypeId};

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

    /// Whether `await` may be applied to it directly; the same for all payloads of a type.
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

/// The beginning of the cell; the payload lies behind it.
#[repr(C)]
pub struct OpaqueObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    layout: &'static Layout,
}

/// The whole cell.
#[repr(C)]
struct Whole<P> {
    head: OpaqueObj,
    payload: P,
}

/// What is behind the beginning of a cell.
struct Layout {
    id: TypeId,
    /// The payload of the cell.
    payload: unsafe fn(*const OpaqueObj) -> *const dyn Payload,
}

impl<P: Payload> Whole<P> {
    const LAYOUT: Layout = Layout { id: TypeId::of::<P>(), payload: Self::payload };

    /// # Safety
    /// The cell is a `Whole<P>`.
    unsafe fn payload(cell: *const OpaqueObj) -> *const dyn Payload {
        // SAFETY: by contract.
        unsafe { &raw const (*cell.cast::<Whole<P>>()).payload }
    }
}

impl OpaqueObj {
    /// `await` drives it itself.
    #[inline(always)]
    pub(crate) fn is_awaitable(&self) -> bool {
        self.header.has(AWAITABLE)
    }

    /// The payload, whatever it is.
    pub(crate) fn behind(&self) -> &dyn Payload {
        // SAFETY: cells are only made by `opaque`, with the layout of their payload.
        unsafe { &*(self.layout.payload)(self) }
    }

    /// The payload, if it is a `T`.
    #[inline]
    pub fn payload<T: Payload>(&self) -> Option<&T> {
        // SAFETY: as in `behind`; the layout says that the cell is a `Whole<T>`.
        (self.layout.id == TypeId::of::<T>())
            .then(|| unsafe { &(*std::ptr::from_ref(self).cast::<Whole<T>>()).payload })
    }

    /// Drops payload and attributes.
    ///
    /// # Safety
    /// The cell is at its end; only its memory is used afterwards.
    pub(crate) unsafe fn drop_all(&mut self) {
        // SAFETY: by contract; nothing else refers to the payload.
        unsafe {
            std::ptr::drop_in_place((self.layout.payload)(self).cast_mut());
            std::ptr::drop_in_place(&mut self.attrs);
        }
    }
}

impl Vm {
    /// An instance of a native class.
    pub fn opaque<P: Payload>(&self, class: &ClassObj, payload: P) -> Value {
        const { assert!(align_of::<P>() <= 16, "cells are aligned to 16 bytes") };
        new_cell(self, class, Kind::Opaque, |header| {
            if payload.is_awaitable() {
                header.set_flag(AWAITABLE);
            }
            Whole { head: OpaqueObj { header, attrs: Slot::empty(), layout: &Whole::<P>::LAYOUT }, payload }
        })
    }
}

impl Value {
    /// Whether the whole isolate is ending: what a payload holds may be gone already.
    pub fn is_abandoned(&self) -> bool {
        self.header().is_some_and(|h| h.rc.get() >= crate::heap::BEYOND)
    }

    /// The payload of a native instance, if it is a `T`.
    #[inline]
    pub fn payload<T: Payload>(&self) -> Option<&T> {
        self.as_opaque()?.payload()
    }
}
