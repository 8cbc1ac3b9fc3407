//! Cells whose payload is a Rust object behind a trait, in the cell itself: iterators of library modules, streams, locks, patterns.

use crate::error::R;
use crate::heap::new_cell;
use crate::object::class::ClassObj;
use crate::object::header::{AWAITABLE, BARE, Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::any::{Any, TypeId};
use std::mem::offset_of;

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

    /// Whether its cells do without a word for the dict of attributes: there are many of them, and few have any.
    fn is_bare() -> bool
    where
        Self: Sized,
    {
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

/// The beginning of the cell; attributes, if there is room for them, and the payload lie behind it.
#[repr(C)]
pub struct OpaqueObj {
    pub(crate) header: Header,
    layout: &'static Layout,
}

/// The beginning of a cell that has room for attributes.
#[repr(C)]
struct Roomy {
    head: OpaqueObj,
    attrs: Slot,
}

/// A whole cell that has room for attributes.
#[repr(C)]
struct Whole<P> {
    head: Roomy,
    payload: P,
}

/// A whole cell without.
#[repr(C)]
struct Bare<P> {
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
    /// The cell is a `Whole<P>`, or a `Bare<P>` if such payloads are bare.
    unsafe fn payload(cell: *const OpaqueObj) -> *const dyn Payload {
        // SAFETY: by contract.
        unsafe { Self::place(cell) }
    }

    /// # Safety
    /// As for `payload`.
    #[inline(always)]
    unsafe fn place(cell: *const OpaqueObj) -> *const P {
        let offset = if P::is_bare() { offset_of!(Bare<P>, payload) } else { offset_of!(Whole<P>, payload) };
        // SAFETY: by contract.
        unsafe { cell.byte_add(offset).cast() }
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
        // SAFETY: as in `behind`; the layout says that the payload of the cell is a `T`.
        (self.layout.id == TypeId::of::<T>()).then(|| unsafe { &*Whole::<T>::place(self) })
    }

    /// Where its dict of attributes is, if it has room for that.
    pub(crate) fn attrs(&self) -> Option<&Slot> {
        if self.header.has(BARE) {
            return None;
        }
        // SAFETY: cells that are not bare begin like this.
        Some(unsafe { &(*std::ptr::from_ref(self).cast::<Roomy>()).attrs })
    }

    /// Drops payload and attributes.
    ///
    /// # Safety
    /// The cell is at its end; only its memory is used afterwards.
    pub(crate) unsafe fn drop_all(&mut self) {
        // SAFETY: by contract; nothing else refers to the payload.
        unsafe {
            std::ptr::drop_in_place((self.layout.payload)(self).cast_mut());
            if let Some(attrs) = self.attrs() {
                drop(attrs.take());
            }
        }
    }
}

impl Vm {
    /// An instance of a native class.
    #[inline]
    pub fn opaque<P: Payload>(&self, class: &ClassObj, payload: P) -> Value {
        const { assert!(align_of::<P>() <= 16, "cells are aligned to 16 bytes") };
        let flags = if payload.is_awaitable() { AWAITABLE } else { 0 } | if P::is_bare() { BARE } else { 0 };
        let head = |header: Header| {
            header.set_flag(flags);
            OpaqueObj { header, layout: &Whole::<P>::LAYOUT }
        };
        if P::is_bare() {
            return new_cell(self, class, Kind::Opaque, |header| Bare { head: head(header), payload });
        }
        new_cell(self, class, Kind::Opaque, |header| Whole {
            head: Roomy { head: head(header), attrs: Slot::empty() },
            payload,
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
