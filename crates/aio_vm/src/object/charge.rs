//! Bytes that a native object keeps outside of its cell, on the account of its isolate.

use crate::heap::Heap;
use crate::vm::Vm;
use std::cell::Cell;

/// What a payload has been charged for its buffers; given back when it is dropped.
pub struct Charge {
    bytes: Cell<usize>,
    heap: Cell<*const Heap>,
}

impl Default for Charge {
    fn default() -> Charge {
        Charge { bytes: Cell::new(0), heap: Cell::new(std::ptr::null()) }
    }
}

impl Charge {
    /// A charge of so many bytes.
    pub fn new(vm: &Vm, bytes: usize) -> Charge {
        let charge = Charge::default();
        charge.set(vm, bytes);
        charge
    }

    /// Says how many bytes there are now. It costs next to nothing while the number stays.
    #[inline]
    pub fn set(&self, vm: &Vm, bytes: usize) {
        let before = self.bytes.get();
        if bytes != before {
            self.bytes.set(bytes);
            self.heap.set(&vm.heap);
            vm.heap.charge(bytes as isize - before as isize);
        }
    }
}

impl Vm {
    /// By how many items a full buffer of so many should grow: to twice its size, but by little near the limit of memory,
    /// so that the limit is met where it is and not at the next doubling.
    #[cold]
    pub fn growth(&self, items: usize, size: usize) -> usize {
        if self.heap.would_exceed(items * size) { (items / 32).max(16) } else { items.max(4) }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        // SAFETY: payloads end before the heap of their machine does, which stays where it is.
        if let Some(heap) = unsafe { self.heap.get().as_ref() } {
            heap.charge(-(self.bytes.get() as isize));
        }
    }
}
