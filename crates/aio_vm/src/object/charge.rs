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

impl Drop for Charge {
    fn drop(&mut self) {
        // SAFETY: payloads end before the heap of their machine does, which stays where it is.
        if let Some(heap) = unsafe { self.heap.get().as_ref() } {
            heap.charge(-(self.bytes.get() as isize));
        }
    }
}
