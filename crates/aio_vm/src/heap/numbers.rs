//! Numbers for blocks and large cells in the order in which they were made: addresses differ from run to run, these do
//! not.

use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};

/// The numbers of a heap.
#[derive(Default)]
pub(crate) struct Numbers {
    known: RefCell<FxHashMap<usize, u64>>,
    next: Cell<u64>,
}

impl Numbers {
    /// Gives the next number to a block or a large cell.
    pub(crate) fn add(&self, address: usize) {
        self.known.borrow_mut().insert(address, self.next.get());
        self.next.set(self.next.get() + 1);
    }

    /// Forgets a large cell. Its number is not given again.
    pub(crate) fn remove(&self, address: usize) {
        self.known.borrow_mut().remove(&address);
    }

    /// The number of a block or a large cell.
    pub(crate) fn of(&self, address: usize) -> Option<u64> {
        self.known.borrow().get(&address).copied()
    }
}
