//! Lists.

use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};

/// A list. Methods never run script code while they borrow the items; what they take out, they give back to the
/// caller, who drops it when the list is whole.
#[repr(C)]
pub struct ListObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    pub(crate) items: UnsafeCell<Vec<Value>>,
    charged: Cell<usize>,
}

#[allow(clippy::mut_from_ref, reason = "one thread, and no borrow outlives a method")]
impl ListObj {
    #[inline(always)]
    pub(crate) fn vec(&self) -> &mut Vec<Value> {
        // SAFETY: isolates are single-threaded, and the methods here do not let the borrow escape across script code.
        unsafe { &mut *self.items.get() }
    }

    fn vm(&self) -> &Vm {
        self.header.class().vm()
    }

    /// Brings the isolate's byte count up to the capacity.
    #[inline]
    fn recharge(&self) {
        let now = self.vec().capacity() * 8;
        let before = self.charged.replace(now);
        if now != before {
            self.vm().heap.charge(now as isize - before as isize);
        }
    }

    /// Gives all items up, the last one first. The list itself is at its end.
    pub(crate) fn drop_items(&self) {
        end(std::mem::take(self.vec()));
    }

    pub(crate) fn release(&self, vm: &Vm) {
        vm.heap.charge(-(self.charged.replace(0) as isize));
    }

    /// How many items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.vec().len()
    }

    /// Has no items.
    pub fn is_empty(&self) -> bool {
        self.vec().is_empty()
    }

    /// The items, to be looked at only until script code runs.
    #[inline(always)]
    pub fn as_slice(&self) -> &[Value] {
        self.vec()
    }

    /// A copy of the items.
    pub fn to_vec(&self) -> Vec<Value> {
        self.vec().clone()
    }

    /// The item at an index.
    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<Value> {
        self.vec().get(i).cloned()
    }

    /// Puts an item in place of another, which is given back; `None` beyond the end.
    #[inline(always)]
    pub fn set(&self, i: usize, v: Value) -> Option<Value> {
        self.vec().get_mut(i).map(|old| std::mem::replace(old, v))
    }

    /// Appends an item.
    #[inline(always)]
    pub fn push(&self, v: Value) {
        let items = self.vec();
        if items.len() == items.capacity() {
            self.grow(1);
        }
        items.push(v);
    }

    /// Room for one more item.
    #[inline(always)]
    pub(crate) fn has_room(&self) -> bool {
        let items = self.vec();
        items.len() < items.capacity()
    }

    /// Appends an item if there is room.
    #[inline(always)]
    pub(crate) fn push_if_room(&self, v: &Value) -> bool {
        let room = self.has_room();
        if room {
            // SAFETY: there is room.
            unsafe { self.push_in_place(v.clone()) };
        }
        room
    }

    /// Appends an item where there is room.
    ///
    /// # Safety
    /// `has_room` has said so.
    #[inline(always)]
    pub(crate) unsafe fn push_in_place(&self, v: Value) {
        let items = self.vec();
        let n = items.len();
        // SAFETY: by contract, the vector has room for one more.
        unsafe {
            items.as_mut_ptr().add(n).write(v);
            items.set_len(n + 1);
        }
    }

    #[cold]
    fn grow(&self, n: usize) {
        let (items, heap) = (self.vec(), &self.vm().heap);
        // Near the limit a list grows by little, so that the limit is met where it is and not at the next doubling.
        if heap.would_exceed(items.capacity() * 8) {
            items.reserve_exact(n.max(items.len() / 32));
        } else {
            items.reserve(n);
        }
        self.recharge();
    }

    /// Takes the last item.
    pub fn pop(&self) -> Option<Value> {
        self.vec().pop()
    }

    /// Inserts before an index (at the end if it is beyond).
    pub fn insert(&self, i: usize, v: Value) {
        let items = self.vec();
        let i = i.min(items.len());
        self.vm().note_bytes((items.len() - i) * 8);
        items.insert(i, v);
        self.recharge();
    }

    /// Removes the item at an index.
    pub fn remove(&self, i: usize) -> Option<Value> {
        let items = self.vec();
        if i >= items.len() {
            return None;
        }
        self.vm().note_bytes((items.len() - i) * 8);
        Some(items.remove(i))
    }

    /// Appends all of these.
    pub fn extend(&self, more: impl IntoIterator<Item = Value>) {
        self.vec().extend(more);
        self.recharge();
    }

    /// Replaces a range of items (clamped to the length) by others and gives the old ones back.
    pub fn splice(&self, range: std::ops::Range<usize>, new: Vec<Value>) -> Vec<Value> {
        let items = self.vec();
        let start = range.start.min(items.len());
        let end = range.end.clamp(start, items.len());
        self.vm().note_bytes((items.len() - start) * 8);
        let old = items.splice(start..end, new).collect();
        self.recharge();
        old
    }

    /// Replaces all items and gives the old ones back.
    pub fn replace(&self, new: Vec<Value>) -> Vec<Value> {
        let old = std::mem::replace(self.vec(), new);
        self.recharge();
        old
    }

    /// Reverses the order.
    pub fn reverse(&self) {
        self.vm().note_bytes(self.vec().len() * 8);
        self.vec().reverse();
    }
}

/// Gives up what a list had, the last one first.
pub(crate) fn end(mut items: Vec<Value>) {
    while items.pop().is_some() {}
}

impl Vm {
    /// A list of these items.
    pub fn list(&self, items: Vec<Value>) -> Value {
        let bytes = items.capacity() * 8;
        self.heap.charge(bytes as isize);
        new_cell(self, self.types.list.get(), Kind::List, |header| ListObj {
            header,
            attrs: Slot::empty(),
            items: UnsafeCell::new(items),
            charged: Cell::new(bytes),
        })
    }
}
