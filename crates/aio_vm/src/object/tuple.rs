//! Tuples: their items lie in the cell.

use crate::heap::new_cell_with;
use crate::object::header::{Header, Kind};
use crate::value::Value;
use crate::vm::Vm;

/// A tuple.
#[repr(C)]
pub struct TupleObj {
    pub(crate) header: Header,
    len: usize,
}

impl TupleObj {
    /// The items.
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: the cell was made with `len` values behind the fields; they never change.
        unsafe { std::slice::from_raw_parts((self as *const TupleObj).add(1) as *const Value, self.len) }
    }

    /// How many items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Has no items.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// # Safety
    /// The cell is at its end.
    pub(crate) unsafe fn drop_items(&mut self) {
        // SAFETY: the items are whole and are not used again.
        unsafe {
            let first = (self as *mut TupleObj).add(1) as *mut Value;
            // From the end, as lists do.
            for i in (0..self.len).rev() {
                std::ptr::drop_in_place(first.add(i));
            }
        }
    }
}

impl Vm {
    /// A tuple of these items.
    pub fn tuple(&self, items: impl IntoIterator<Item = Value, IntoIter: ExactSizeIterator>) -> Value {
        let items = items.into_iter();
        let len = items.len();
        if len == 0 {
            return self.empty_tuple();
        }
        let p = new_cell_with(self, self.types.tuple.get(), Kind::Tuple, len * 8, |header| TupleObj { header, len });
        let mut filled = 0;
        // SAFETY: there is room for `len` values; what an inexact iterator leaves out is filled with None.
        unsafe {
            let first = p.add(1) as *mut Value;
            for v in items.take(len) {
                first.add(filled).write(v);
                filled += 1;
            }
            while filled < len {
                first.add(filled).write(Value::NONE);
                filled += 1;
            }
            Value::from_owned_bits(p as u64)
        }
    }

    /// A fresh tuple cell (also for no items), for instances of subclasses.
    pub(crate) fn tuple_fresh(&self, items: &[Value]) -> Value {
        let len = items.len();
        let p = new_cell_with(self, self.types.tuple.get(), Kind::Tuple, len * 8, |header| TupleObj { header, len });
        // SAFETY: there is room for `len` values.
        unsafe {
            let first = p.add(1) as *mut Value;
            for (i, v) in items.iter().enumerate() {
                first.add(i).write(v.clone());
            }
            Value::from_owned_bits(p as u64)
        }
    }
}
