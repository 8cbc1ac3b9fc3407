//! bytes, bytearray and memoryview.

use crate::heap::{new_cell, new_cell_with};
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};

/// Immutable bytes; they lie in the cell.
#[repr(C)]
pub struct BytesObj {
    pub(crate) header: Header,
    len: usize,
}

impl BytesObj {
    /// The bytes.
    #[inline(always)]
    pub fn data(&self) -> &[u8] {
        // SAFETY: the cell was made with `len` bytes behind the fields; they never change.
        unsafe { std::slice::from_raw_parts((self as *const BytesObj).add(1) as *const u8, self.len) }
    }
}

/// A mutable byte buffer.
#[repr(C)]
pub struct ByteArrayObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    buffer: UnsafeCell<Vec<u8>>,
    charged: Cell<usize>,
    /// Views that forbid a change of the length.
    pub exports: Cell<usize>,
}

impl ByteArrayObj {
    /// The bytes, to be looked at only until script code runs.
    pub fn data(&self) -> &[u8] {
        // SAFETY: one thread; callers do not hold the slice across script code or `change`.
        unsafe { &*self.buffer.get() }
    }

    /// Changes the buffer. `f` must not run script code.
    pub fn change<T>(&self, f: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        // SAFETY: as in `data`.
        let buffer = unsafe { &mut *self.buffer.get() };
        let result = f(buffer);
        let now = buffer.capacity();
        let before = self.charged.replace(now);
        self.header.class().vm().heap.charge(now as isize - before as isize);
        result
    }

    pub(crate) fn release(&self, vm: &Vm) {
        vm.heap.charge(-(self.charged.replace(0) as isize));
    }
}

/// A view of another object's bytes: `len` items of `itemsize` bytes from `offset` on, `stride` bytes apart.
#[repr(C)]
pub struct MemoryViewObj {
    pub(crate) header: Header,
    /// The bytes or bytearray; UNDEF once released.
    pub base: Slot,
    /// First byte.
    pub offset: usize,
    /// Number of items.
    pub len: usize,
    /// Distance of the items in bytes.
    pub stride: isize,
    /// Size of an item.
    pub itemsize: usize,
    /// The struct format character.
    pub format: u8,
    /// The items cannot be assigned.
    pub readonly: Cell<bool>,
}

impl MemoryViewObj {
    /// Lets the base go; whatever is asked of the view from now on is an error.
    pub fn release(&self) {
        let base = self.base.take();
        if let Some(b) = base.as_bytearray() {
            b.exports.set(b.exports.get() - 1);
        }
    }
}

impl Vm {
    /// Bytes.
    pub fn bytes(&self, data: &[u8]) -> Value {
        let len = data.len();
        let p = new_cell_with(self, self.types.bytes.get(), Kind::Bytes, len, |header| BytesObj { header, len });
        // SAFETY: there is room for `len` bytes.
        unsafe {
            std::ptr::copy_nonoverlapping(data.as_ptr(), p.add(1) as *mut u8, len);
            Value::from_owned_bits(p as u64)
        }
    }

    /// A bytearray.
    pub fn bytearray(&self, data: Vec<u8>) -> Value {
        let n = data.capacity();
        self.heap.charge(n as isize);
        new_cell(self, self.types.bytearray.get(), Kind::ByteArray, |header| ByteArrayObj {
            header,
            attrs: Slot::empty(),
            buffer: UnsafeCell::new(data),
            charged: Cell::new(n),
            exports: Cell::new(0),
        })
    }

    /// A view of a bytes or bytearray object.
    pub fn memoryview(
        &self,
        base: Value,
        offset: usize,
        len: usize,
        stride: isize,
        itemsize: usize,
        format: u8,
    ) -> Value {
        if let Some(b) = base.as_bytearray() {
            b.exports.set(b.exports.get() + 1);
        }
        let readonly = Cell::new(base.as_bytearray().is_none());
        new_cell(self, self.types.memoryview.get(), Kind::MemoryView, |header| MemoryViewObj {
            header,
            base: Slot::new(base),
            offset,
            len,
            stride,
            itemsize,
            format,
            readonly,
        })
    }
}

impl Drop for MemoryViewObj {
    fn drop(&mut self) {
        self.release();
    }
}

impl Value {
    /// The bytes of a bytes or bytearray object, to be looked at only until script code runs.
    pub fn byte_data(&self) -> Option<&[u8]> {
        match self.as_bytes() {
            Some(b) => Some(b.data()),
            None => self.as_bytearray().map(ByteArrayObj::data),
        }
    }
}
