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
