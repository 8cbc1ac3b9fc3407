//! The collector of cycles: trial deletion over the containers of the heap.

use crate::error::R;
use crate::vm::Vm;
use std::cell::Cell;

/// Settings and counts of the collector.
pub struct Collector {
    /// Whether it starts by itself.
    pub enabled: Cell<bool>,
    /// Allocations between two collections.
    pub threshold: Cell<usize>,
    /// Guards against starting it from a finaliser.
    pub(crate) running: Cell<bool>,
}

impl Default for Collector {
    fn default() -> Collector {
        Collector { enabled: Cell::new(true), threshold: Cell::new(200_000), running: Cell::new(false) }
    }
}

impl Vm {
    /// Called by native loops: looks at interrupts and limits now and then.
    #[inline(always)]
    pub fn tick(&self) -> R<()> {
        let n = self.ticks.get() - 1;
        self.ticks.set(n);
        if n < 0 { self.slow_tick() } else { Ok(()) }
    }

    /// The interpreter's own look: the only one at which another thread may take over.
    #[cold]
    pub(crate) fn script_tick(&self) -> R<()> {
        self.slow_tick()?;
        self.preempt();
        Ok(())
    }

    /// Interrupts, limits, and whether cycles should be collected.
    #[cold]
    pub(crate) fn slow_tick(&self) -> R<()> {
        self.ticks.set(crate::interp::TICKS);
        if self.host.take_interrupt() {
            return self.interrupted();
        }
        Ok(())
    }
}

impl Vm {
    /// Finds garbage cycles by trial deletion and frees them; how many objects were unreachable.
    pub fn collect_cycles(&self) -> usize {
        if self.gc.running.replace(true) {
            return 0;
        }
        let found = trial::collect(self);
        self.heap.allocations.set(0);
        self.gc.running.set(false);
        found
    }

    /// An interrupt that arrived meanwhile, as KeyboardInterrupt.
    pub fn check_interrupt(&self) -> R<()> {
        if self.host.take_interrupt() {
            return Err(self.error_with(self.types.keyboard_interrupt.get(), vec![]));
        }
        Ok(())
    }
}

mod trial {
    //! One collection: internal references are subtracted from the counts; what keeps a count is reached from outside.

    use crate::heap;
    use crate::value::Value;
    use crate::vm::Vm;
    use rustc_hash::{FxHashMap, FxHashSet};

    pub(super) fn collect(vm: &Vm) -> usize {
        let containers = heap::containers(vm);
        let mut outside: FxHashMap<usize, i64> = FxHashMap::default();
        for v in &containers {
            // One reference is ours.
            outside.insert(v.addr(), v.ref_count() as i64 - 1);
        }
        for v in &containers {
            heap::trace(vm, v, &mut |child: &Value| {
                if child.is_ptr()
                    && let Some(n) = outside.get_mut(&child.addr())
                {
                    *n -= 1;
                }
            });
        }
        let mut reached: FxHashSet<usize> = FxHashSet::default();
        let mut work: Vec<Value> = containers.iter().filter(|v| outside[&v.addr()] > 0).cloned().collect();
        reached.extend(work.iter().map(Value::addr));
        while let Some(v) = work.pop() {
            heap::trace(vm, &v, &mut |child: &Value| {
                if child.is_ptr() && outside.contains_key(&child.addr()) && reached.insert(child.addr()) {
                    work.push(child.clone());
                }
            });
        }
        let garbage: Vec<Value> = containers.into_iter().filter(|v| !reached.contains(&v.addr())).collect();
        let n = garbage.len();
        for v in &garbage {
            heap::finalize_garbage(vm, v);
        }
        // A finaliser may have brought objects back: then all of them stay for the next time.
        let revived = garbage.iter().any(|v| {
            let mut inside = 1;
            for other in &garbage {
                heap::trace(vm, other, &mut |child: &Value| inside += child.is(v) as u32);
                if garbage.len() > 2000 {
                    return false;
                }
            }
            v.ref_count() > inside
        });
        if !revived {
            for v in &garbage {
                heap::clear(vm, v);
            }
        }
        n
    }
}
