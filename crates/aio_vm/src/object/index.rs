//! The index of a dict: where the entries with a hash lie. Open addressing in the probe order of CPython.
//!
//! A search begins at the low bits of the hash. Integers are their own hashes, so keys that follow each other have
//! neighbouring places and never collide, and the higher bits come in step by step for those that do.

use std::cell::{Cell, UnsafeCell};

const EMPTY: u32 = u32::MAX;
const DELETED: u32 = u32::MAX - 1;
const PERTURB_SHIFT: u32 = 5;
/// Least number of slots.
const LEAST: usize = 32;

/// A search: the slots to look at for a hash, one after the other; after some steps, all of them.
pub(super) struct Probe {
    at: usize,
    perturb: u64,
    mask: usize,
}

impl Probe {
    /// Goes to the next slot.
    #[inline(always)]
    pub(super) fn step(&mut self) {
        self.perturb >>= PERTURB_SHIFT;
        self.at = self.at.wrapping_mul(5).wrapping_add(1).wrapping_add(self.perturb as usize) & self.mask;
    }
}

/// What a slot says.
pub(super) enum Found {
    /// The search ends: no entry has the hash.
    Nothing,
    /// An entry was here; the search goes on.
    Removed,
    /// This entry may have the hash.
    Entry(usize),
}

/// Where entries lie by their hashes. Without slots until a dict has many entries.
#[derive(Default)]
pub(super) struct Index {
    slots: UnsafeCell<Box<[u32]>>,
    /// Slots that are not empty; those of removed entries count, because searches pass them.
    filled: Cell<u32>,
    /// Grows whenever searches have to begin anew.
    generation: Cell<u32>,
}

#[allow(clippy::mut_from_ref, reason = "one thread, and no borrow outlives a method")]
impl Index {
    #[inline(always)]
    fn slots(&self) -> &mut [u32] {
        // SAFETY: one thread; no method runs other code while it holds the borrow.
        unsafe { &mut *self.slots.get() }
    }

    /// Whether there is none: the entries are few enough to be scanned.
    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.slots().is_empty()
    }

    /// Tells apart the times before and after entries got other places.
    pub(super) fn generation(&self) -> u32 {
        self.generation.get()
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.slots())
    }

    /// Takes no more entries: a search is to find an empty slot soon.
    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        (self.filled.get() as usize + 1) * 4 > self.slots().len() * 3
    }

    /// Begins a search. Only in an index that is not empty.
    #[inline(always)]
    pub(super) fn probe(&self, hash: u64) -> Probe {
        let mask = self.slots().len() - 1;
        Probe { at: hash as usize & mask, perturb: hash, mask }
    }

    /// What the search sees now.
    #[inline(always)]
    pub(super) fn look(&self, probe: &Probe) -> Found {
        // SAFETY: the number of slots is a power of two and the mask is one less; only `rebuild` and `clear` replace
        // the slots, after which all searches begin anew.
        match unsafe { *self.slots().get_unchecked(probe.at) } {
            EMPTY => Found::Nothing,
            DELETED => Found::Removed,
            place => Found::Entry(place as usize),
        }
    }

    /// Adds an entry. Only in an index that is not full.
    #[inline]
    pub(super) fn insert(&self, hash: u64, place: usize) {
        let mut probe = self.probe(hash);
        while !matches!(self.look(&probe), Found::Nothing) {
            probe.step();
        }
        self.slots()[probe.at] = place as u32;
        self.filled.set(self.filled.get() + 1);
    }

    /// Takes an entry out that is in.
    pub(super) fn remove(&self, hash: u64, place: usize) {
        let mut probe = self.probe(hash);
        while !matches!(self.look(&probe), Found::Entry(p) if p == place) {
            probe.step();
        }
        self.slots()[probe.at] = DELETED;
    }

    /// Begins anew with entries that lie side by side, and room for at least twice so many items.
    pub(super) fn rebuild(&self, items: usize, hashes: impl Iterator<Item = u64>) {
        let size = ((items + 1) * 2).next_power_of_two().max(LEAST);
        // SAFETY: as in `slots`.
        unsafe { *self.slots.get() = vec![EMPTY; size].into_boxed_slice() };
        self.filled.set(0);
        self.begin_anew();
        for (place, hash) in hashes.enumerate() {
            self.insert(hash, place);
        }
    }

    /// Takes everything out and gives the memory back.
    pub(super) fn clear(&self) {
        // SAFETY: as in `slots`.
        unsafe { *self.slots.get() = Box::default() };
        self.filled.set(0);
        self.begin_anew();
    }

    fn begin_anew(&self) {
        self.generation.set(self.generation.get().wrapping_add(1));
    }
}
