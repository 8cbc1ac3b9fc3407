//! The collector of cycles: trial deletion over the containers of the heap.

use crate::error::R;
use crate::object::class::HEAP;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// Bytes in use at which the first collection begins, and the least growth between two.
const FIRST: usize = 32 << 20;

/// Settings and counts of the collector.
pub struct Collector {
    /// Whether it starts by itself.
    pub enabled: Cell<bool>,
    /// Bytes in use at which the next collection begins.
    pub threshold: Cell<usize>,
    /// Guards against starting it from a finaliser.
    pub(crate) running: Cell<bool>,
}

impl Default for Collector {
    fn default() -> Collector {
        Collector { enabled: Cell::new(true), threshold: Cell::new(FIRST), running: Cell::new(false) }
    }
}

impl Vm {
    /// Whether a value can be part of a cycle, as far as CPython's collector would look. Plain tuples and dicts of
    /// values that cannot are left alone.
    pub fn is_tracked(&self, v: &Value) -> bool {
        let class = self.class_of(v);
        if class.is(HEAP) {
            return true;
        }
        match v.kind() {
            None => false,
            Some(Kind::Tuple) => v
                .as_tuple()
                .is_some_and(|t| t.items().iter().any(|v| v.kind() == Some(Kind::Dict) || self.is_tracked(v))),
            Some(Kind::Dict) => {
                // A dict within counts as one that may be filled later.
                let may = |v: &Value| v.kind() == Some(Kind::Dict) || self.is_tracked(v);
                v.as_dict().is_some_and(|d| d.items().iter().any(|(k, v)| may(k) || may(v)))
            }
            Some(Kind::Class) => v.as_class().is_some_and(|c| c.is(HEAP)),
            Some(
                Kind::Instance
                | Kind::Str
                | Kind::Int
                | Kind::Float
                | Kind::Complex
                | Kind::Bytes
                | Kind::ByteArray
                | Kind::Range
                | Kind::Code,
            ) => false,
            Some(_) => true,
        }
    }

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
        // Collecting when the heap has doubled costs a fixed share of the work of filling it.
        if self.heap.bytes() > self.gc.threshold.get() && self.gc.enabled.get() {
            self.collect_cycles();
        }
        if self.sched.handles_signals.get() != 0 {
            self.deliver_signals(0)?;
        }
        self.preempt();
        Ok(())
    }

    /// Interrupts, limits, and whether cycles should be collected.
    #[cold]
    pub(crate) fn slow_tick(&self) -> R<()> {
        self.check_limits()?;
        self.show_if_asked();
        if self.takes_interrupt() {
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
        // Who makes no cycles is asked more rarely.
        let growth = if found == 0 { 4 } else { 2 };
        self.gc.threshold.set((self.heap.bytes() * growth).max(FIRST));
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
    //! One collection: internal references are taken off the counts, in place; what keeps a count is held from outside,
    //! and so is what it reaches. The rest is garbage.

    use crate::heap;
    use crate::object::header::Header;
    use crate::value::Value;
    use crate::vm::Vm;

    /// Shows every member to a visitor.
    type Walk<'a> = dyn Fn(&mut dyn FnMut(&Value)) + 'a;

    /// Takes part in the collection under way.
    const MEMBER: u8 = 1;
    /// Is held from outside.
    const REACHED: u8 = 2;

    pub(super) fn collect(vm: &Vm) -> usize {
        let garbage = unreachable(vm, 0, &|visit| heap::each_container(vm, visit));
        let n = garbage.len();
        if n == 0 {
            return 0;
        }
        for v in &garbage {
            heap::finalize_garbage(vm, v);
        }
        // A finaliser may have brought objects back: those, and what they reach, stay. The list holds each once.
        for v in unreachable(vm, 1, &|visit| garbage.iter().for_each(visit)) {
            heap::clear(vm, &v);
        }
        n
    }

    /// Those of the members that only members hold, besides `held` references that are known of. Members are walked
    /// again and again instead of being listed: a list would be as long as the heap.
    fn unreachable(vm: &Vm, held: u32, each: &Walk<'_>) -> Vec<Value> {
        fn member(v: &Value) -> Option<&Header> {
            v.header().filter(|h| h.mark.get() & MEMBER != 0)
        }
        // One more for each, so that no count comes to zero on the way.
        each(&mut |v| {
            if let Some(h) = v.header() {
                h.mark.set(MEMBER);
                h.rc.set(h.rc.get() + 1);
            }
        });
        let count = |change: i32| {
            each(&mut |v| {
                heap::trace(vm, v, &mut |child: &Value| {
                    if let Some(h) = member(child) {
                        h.rc.set(h.rc.get().wrapping_add_signed(change));
                    }
                });
            });
        };
        count(-1);
        let mut work = Vec::new();
        each(&mut |v| {
            let Some(h) = v.header() else { return };
            if h.rc.get() > held + 1 && h.mark.get() == MEMBER {
                h.mark.set(MEMBER | REACHED);
                work.push(v.clone());
            }
            while let Some(v) = work.pop() {
                heap::trace(vm, &v, &mut |child: &Value| {
                    if let Some(h) = member(child)
                        && h.mark.get() & REACHED == 0
                    {
                        h.mark.set(MEMBER | REACHED);
                        work.push(child.clone());
                    }
                });
            }
        });
        count(1);
        let mut garbage = Vec::new();
        each(&mut |v| {
            let Some(h) = v.header() else { return };
            h.rc.set(h.rc.get() - 1);
            if h.mark.replace(0) & REACHED == 0 {
                garbage.push(v.clone());
            }
        });
        garbage
    }
}
