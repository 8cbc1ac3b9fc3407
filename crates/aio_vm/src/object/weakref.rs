//! Weak references: the cell knows its target only by address; a side table finds the references of a dying target.

use crate::heap::new_cell;
use crate::object::header::{HAS_WEAKREFS, Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// A weak reference.
#[repr(C)]
pub struct WeakrefObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    target: Cell<usize>,
    /// Called with the reference when the target ends, or UNDEF.
    pub callback: Slot,
    /// The target's hash, once asked for.
    pub hash: Cell<Option<i64>>,
}

impl WeakrefObj {
    /// The target while it lives.
    pub fn target(&self) -> Option<Value> {
        let addr = self.target.get();
        if addr == 0 {
            return None;
        }
        // SAFETY: the target clears this field before it ends.
        unsafe {
            // In a long chain of deaths a target may wait for its end without references: it is dead already.
            let dead = (*(addr as *const Header)).rc.get() == 0;
            (!dead).then(|| Value::from_borrowed_bits(addr as u64))
        }
    }
}

impl Vm {
    /// A weak reference to a heap object; `None` for values that cannot have one.
    pub fn weakref(&self, class: &crate::object::ClassObj, target: &Value, callback: Value) -> Option<Value> {
        let h = target.header()?;
        h.set_flag(HAS_WEAKREFS);
        let addr = target.addr();
        let v = new_cell(self, class, Kind::Weakref, |header| WeakrefObj {
            header,
            attrs: Slot::empty(),
            target: Cell::new(addr),
            callback: Slot::new(callback),
            hash: Cell::new(None),
        });
        self.weakrefs.borrow_mut().entry(addr).or_default().push(v.addr());
        Some(v)
    }

    /// The weak references to a target that are alive.
    pub fn weakrefs_of(&self, target: &Value) -> Vec<Value> {
        let table = self.weakrefs.borrow();
        // SAFETY: references take themselves out of the table when they end.
        table
            .get(&target.addr())
            .map_or_else(Vec::new, |l| l.iter().map(|&a| unsafe { Value::from_borrowed_bits(a as u64) }).collect())
    }
}

/// The target ends: its references forget it and their callbacks run, newest first.
pub(crate) fn clear(vm: &Vm, h: *mut Header) {
    // SAFETY: the target is intact, held by its caller.
    unsafe { (*h).clear_flag(HAS_WEAKREFS) };
    let list = vm.weakrefs.borrow_mut().remove(&(h as usize)).unwrap_or_default();
    // SAFETY: references in the table are alive.
    let refs: Vec<Value> = list.iter().map(|&a| unsafe { Value::from_borrowed_bits(a as u64) }).collect();
    for r in &refs {
        if let Some(w) = r.as_weakref() {
            w.target.set(0);
        }
    }
    for r in refs.iter().rev() {
        let Some(w) = r.as_weakref() else { continue };
        if let Some(callback) = w.callback.take().defined()
            && let Err(e) = vm.call(&callback, std::slice::from_ref(r))
        {
            vm.unraisable(e, &callback);
        }
    }
}

/// A reference ends before its target.
pub(crate) fn unregister(vm: &Vm, w: &WeakrefObj) {
    let addr = w.target.get();
    if addr == 0 {
        return;
    }
    let me = w as *const WeakrefObj as usize;
    let mut table = vm.weakrefs.borrow_mut();
    if let Some(list) = table.get_mut(&addr) {
        list.retain(|&a| a != me);
        if list.is_empty() {
            table.remove(&addr);
            // SAFETY: the target lives: it would have cleared the field otherwise.
            unsafe { (*(addr as *const Header)).clear_flag(HAS_WEAKREFS) };
        }
    }
}
