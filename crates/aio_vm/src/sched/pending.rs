//! The tasks of a loop that are not done, in the order in which they were made. They are held here, so that none ends while
//! it could still run.

use crate::object::Charge;
use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// With fewer places than this, nothing is tidied up.
const SPARE: usize = 256;

/// A task knows its place, which is empty once it is done: whoever ends first usually began first, and no other task is
/// touched when it ends.
#[derive(Default)]
pub(crate) struct Pending {
    places: RefCell<Vec<Value>>,
    empty: Cell<usize>,
    charge: Charge,
}

impl Pending {
    /// Enters a new task.
    #[inline]
    pub(crate) fn add(&self, vm: &Vm, task: &Value, t: &TaskState) {
        let mut places = self.places.borrow_mut();
        if places.len() == places.capacity() {
            drop(places);
            self.make_room(vm);
            places = self.places.borrow_mut();
        }
        t.future.place.set(places.len() as u32);
        places.push(task.clone());
    }

    #[cold]
    fn make_room(&self, vm: &Vm) {
        if self.empty.get() * 2 > self.len() {
            self.close_ranks();
        } else {
            let mut places = self.places.borrow_mut();
            let more = vm.growth(places.len(), size_of::<Value>());
            places.reserve_exact(more);
        }
        self.count(vm);
    }

    fn count(&self, vm: &Vm) {
        self.charge.set(vm, self.places.borrow().capacity() * size_of::<Value>());
    }

    /// Gives the empty places away.
    fn close_ranks(&self) {
        let mut places = self.places.borrow_mut();
        places.retain(|v| !v.is_undef());
        for (i, v) in places.iter().enumerate() {
            if let Some(t) = v.payload::<TaskState>() {
                t.future.place.set(i as u32);
            }
        }
        self.empty.set(0);
    }

    /// Takes off a task that has ended.
    #[inline]
    pub(crate) fn remove(&self, t: &TaskState) {
        let place = t.future.place.replace(u32::MAX) as usize;
        let mut places = self.places.borrow_mut();
        let Some(v) = places.get_mut(place) else { return };
        let gone = std::mem::take(v);
        let mut empty = self.empty.get() + 1;
        while places.last().is_some_and(Value::is_undef) {
            places.pop();
            empty -= 1;
        }
        self.empty.set(empty);
        drop(places);
        drop(gone);
    }

    /// How many there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.places.borrow().len() - self.empty.get()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Value> {
        self.places.borrow().iter().filter(|v| !v.is_undef()).cloned().collect()
    }

    /// Gives back room for many more tasks than there are.
    #[inline]
    pub(crate) fn give_back(&self, vm: &Vm) {
        let (len, room) = (self.len(), self.places.borrow().capacity());
        if room > SPARE && len < room / 8 {
            self.shrink(vm, len, room);
        }
    }

    #[cold]
    fn shrink(&self, vm: &Vm, len: usize, room: usize) {
        if self.empty.get() != 0 {
            // Only when most of the places have become empty since the last time.
            if self.empty.get() < room / 2 {
                return;
            }
            self.close_ranks();
        }
        self.places.borrow_mut().shrink_to(len * 2);
        self.count(vm);
    }

    pub(crate) fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        self.places.borrow().iter().for_each(visit);
    }

    /// Lets all of them go.
    pub(crate) fn clear(&self) {
        self.empty.set(0);
        let all = self.places.take();
        for t in all.iter().filter_map(|v| v.payload::<TaskState>()) {
            t.future.place.set(u32::MAX);
        }
        drop(all);
    }
}
