//! The timers of a loop: a heap by deadline, then by order of arrival. Cancelled ones stay until they are reached or
//! are too many.

use crate::object::Charge;
use crate::sched::future::future_of;
use crate::sched::handle::HandleState;
use crate::sched::timeout::TimeoutState;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// With fewer timers than this, cancelled ones are not cleared away.
const MIN_TIMERS: usize = 100;

/// What happens when the time has come.
pub(crate) enum What {
    /// The handle's call is made.
    Handle(Value),
    /// The future gets the result, unless it is done.
    Result(Value, Value),
    /// The timeout cancels its task, unless it has another deadline by now.
    Expiry(Value, u32),
}

impl What {
    fn is_dead(&self) -> bool {
        match self {
            What::Handle(h) => h.payload::<HandleState>().is_some_and(|h| h.cancelled.get()),
            What::Result(f, _) => future_of(f).is_some_and(|f| f.is_done()),
            What::Expiry(t, number) => t.payload::<TimeoutState>().is_none_or(|t| t.is_past(*number)),
        }
    }

    fn unscheduled(&self) {
        if let What::Handle(h) = self
            && let Some(h) = h.payload::<HandleState>()
        {
            h.scheduled.set(false);
        }
    }
}

struct Timer {
    /// When and in which order, as numbers that compare as those do.
    key: (u64, u64),
    what: What,
}

impl Timer {
    fn when(&self) -> f64 {
        when_of(self.key.0)
    }
}

/// A number that is less for an earlier time: the bits of floats compare so, once negative ones are turned round.
fn place_of(when: f64) -> u64 {
    let bits = when.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn when_of(place: u64) -> f64 {
    f64::from_bits(if place >> 63 == 1 { place & !(1 << 63) } else { !place })
}

impl PartialEq for Timer {
    fn eq(&self, other: &Timer) -> bool {
        self.key == other.key
    }
}

impl Eq for Timer {}

impl PartialOrd for Timer {
    #[inline]
    fn partial_cmp(&self, other: &Timer) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    #[inline]
    fn lt(&self, other: &Timer) -> bool {
        other.key < self.key
    }

    #[inline]
    fn le(&self, other: &Timer) -> bool {
        other.key <= self.key
    }
}

impl Ord for Timer {
    /// The heap gives its greatest first: the earliest timer is the greatest.
    #[inline]
    fn cmp(&self, other: &Timer) -> Ordering {
        other.key.cmp(&self.key)
    }
}

/// All timers of a loop.
#[derive(Default)]
pub(crate) struct Timers {
    heap: RefCell<BinaryHeap<Timer>>,
    order: Cell<u64>,
    cancelled: Cell<usize>,
    charge: Charge,
}

impl Timers {
    pub(crate) fn add(&self, vm: &Vm, when: f64, what: What) {
        let order = self.order.get();
        self.order.set(order + 1);
        let mut heap = self.heap.borrow_mut();
        if heap.len() == heap.capacity() {
            let more = vm.growth(heap.len(), size_of::<Timer>());
            heap.reserve_exact(more);
        }
        heap.push(Timer { key: (place_of(when), order), what });
        self.charge.set(vm, heap.capacity() * size_of::<Timer>());
    }

    /// A timer in the heap was cancelled.
    pub(crate) fn cancelled(&self) {
        self.cancelled.set(self.cancelled.get() + 1);
    }

    /// Clears away cancelled timers: all if they are many, else those at the head.
    pub(crate) fn prune(&self) {
        let n = self.heap.borrow().len();
        if n > MIN_TIMERS && self.cancelled.get() * 2 > n {
            let all = self.heap.take();
            let (dead, alive): (Vec<Timer>, Vec<Timer>) = all.into_iter().partition(|t| t.what.is_dead());
            *self.heap.borrow_mut() = BinaryHeap::from(alive);
            self.cancelled.set(0);
            dead.iter().for_each(|t| t.what.unscheduled());
            drop(dead);
            return;
        }
        loop {
            let dead = {
                let mut heap = self.heap.borrow_mut();
                if !heap.peek().is_some_and(|t| t.what.is_dead()) {
                    return;
                }
                heap.pop()
            };
            self.cancelled.set(self.cancelled.get().saturating_sub(1));
            if let Some(t) = &dead {
                t.what.unscheduled();
            }
            drop(dead);
        }
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<f64> {
        self.heap.borrow().peek().map(Timer::when)
    }

    /// Takes the next timer that is due before `end`.
    pub(crate) fn take_due(&self, end: f64) -> Option<What> {
        let mut heap = self.heap.borrow_mut();
        if heap.peek()?.when() >= end {
            return None;
        }
        let t = heap.pop()?;
        t.what.unscheduled();
        Some(t.what)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.heap.borrow().is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.heap.borrow().len()
    }

    pub(crate) fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        for t in self.heap.borrow().iter() {
            match &t.what {
                What::Handle(v) | What::Expiry(v, _) => visit(v),
                What::Result(f, v) => {
                    visit(f);
                    visit(v);
                }
            }
        }
    }

    pub(crate) fn clear(&self) {
        let all = self.heap.take();
        for t in all.iter() {
            t.what.unscheduled();
        }
        self.cancelled.set(0);
        drop(all);
    }
}
