//! A place in a cell that holds one value and can be changed through a shared reference.

use crate::value::Value;
use std::cell::UnsafeCell;

/// Holds a value. The old value is dropped only after the new one is in place, so a finaliser sees a whole object.
#[repr(transparent)]
pub struct Slot(UnsafeCell<Value>);

impl Slot {
    /// A slot with this value.
    #[inline(always)]
    pub const fn new(v: Value) -> Slot {
        Slot(UnsafeCell::new(v))
    }

    /// An empty slot.
    #[inline(always)]
    pub const fn empty() -> Slot {
        Slot::new(Value::UNDEF)
    }

    /// The value, counted.
    #[inline(always)]
    pub fn get(&self) -> Value {
        // SAFETY: isolates are single-threaded and no reference into the slot outlives a method of it.
        unsafe { (*self.0.get()).clone() }
    }

    /// The value, only to be looked at before anything else of the isolate runs.
    #[inline(always)]
    pub(crate) fn peek(&self) -> &Value {
        // SAFETY: callers do not run script code nor change the slot while they look.
        unsafe { &*self.0.get() }
    }

    /// Replaces the value.
    #[inline(always)]
    pub fn set(&self, v: Value) {
        drop(self.replace(v));
    }

    /// Replaces the value and gives the old one.
    #[inline(always)]
    pub fn replace(&self, v: Value) -> Value {
        // SAFETY: as in `get`; replacing drops nothing.
        unsafe { std::mem::replace(&mut *self.0.get(), v) }
    }

    /// Takes the value and leaves the slot empty.
    #[inline(always)]
    pub fn take(&self) -> Value {
        self.replace(Value::UNDEF)
    }

    /// Holds nothing.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.peek().is_undef()
    }

    /// The value, if there is one.
    #[inline]
    pub fn defined(&self) -> Option<Value> {
        self.get().defined()
    }
}

impl Default for Slot {
    fn default() -> Slot {
        Slot::empty()
    }
}
