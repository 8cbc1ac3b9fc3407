//! Loops whose classes replace parts of the native one, and futures of loops that are written in the language.

use crate::error::R;
use crate::object::Slot;
use crate::sched::callbacks::Callback;
use crate::sched::event_loop::LoopState;
use crate::value::Value;
use crate::vm::Vm;

/// The class has a clock of its own.
pub(crate) const TIME: u8 = 1;
/// The class is told of each timer.
pub(crate) const CALL_AT: u8 = 2;
/// The class runs its iterations itself.
pub(crate) const RUN_ONCE: u8 = 4;
/// The class waits with a selector and handles its events.
pub(crate) const SELECT: u8 = 8;

const METHODS: [(&str, u8); 4] =
    [("time", TIME), ("call_at", CALL_AT), ("_run_once", RUN_ONCE), ("_process_events", SELECT)];

/// Which methods a class of loops has in place of the native ones.
pub(crate) fn replaced(vm: &Vm, class: &Value) -> u8 {
    let native = super::class(&vm.sched_classes().event_loop);
    let Some(class) = class.as_class() else { return 0 };
    METHODS.iter().fold(0, |found, (name, bit)| {
        let name = vm.intern(name);
        let own = match (class.lookup(vm, &name), native.lookup(vm, &name)) {
            (Some(a), Some(b)) => !a.is(&b),
            _ => false,
        };
        if own { found | bit } else { found }
    })
}

impl Vm {
    /// The time of a loop, by its own clock if it has one.
    pub(crate) fn time_of(&self, me: &Value, lp: &LoopState) -> R<f64> {
        if lp.own.get() & TIME == 0 {
            return Ok(self.loop_time());
        }
        let now = self.call_method(me, "time", &[])?;
        self.to_f64(&now)
    }

    /// One iteration, by the class's own method if it has one.
    pub(crate) fn iterate(&self, me: &Value, lp: &LoopState) -> R<()> {
        if lp.own.get() & RUN_ONCE != 0 {
            return self.call_method(me, "_run_once", &[]).map(drop);
        }
        self.run_once(me, lp)
    }

    /// Waits for work as the class does: with its selector, whose events it handles.
    pub(crate) fn wait_by_selector(&self, me: &Value, lp: &LoopState) -> R<()> {
        let timeout = if lp.has_work() || lp.stopping.get() {
            Value::small(0)
        } else {
            match lp.timers.next() {
                Some(when) => Value::float((when - self.time_of(me, lp)?).clamp(0.0, 86_400.0)),
                None => Value::NONE,
            }
        };
        if let Some(selector) = self.look_attr(me, &self.intern("_selector"))? {
            let events = self.call_method(&selector, "select", &[timeout])?;
            self.call_method(me, "_process_events", &[events])?;
        }
        let poller = self.sched.poller.borrow().clone();
        if let Some(p) = poller.filter(|p| p.pending()) {
            p.poll(self, Some(0))?;
        }
        self.yield_thread();
        Ok(())
    }

    /// Schedules a callback of a future by the loop's `call_soon`.
    #[cold]
    pub(crate) fn call_soon_of(&self, event_loop: &Value, c: Callback, future: &Value) -> R<()> {
        let (callback, context) = match c {
            Callback::Script(b) => (b.0.clone(), b.1.clone()),
            Callback::Wakeup(task) => {
                (super::task_methods::wakeup_function(self, &task), self.materialised(&Slot::empty()))
            }
            Callback::Gather(outer) => return self.gather_child_done(&outer, future),
        };
        let context = self.materialised(&Slot::new(context));
        let call_soon = self.get_attr_text(event_loop, "call_soon")?;
        let args = [callback, future.clone(), context];
        self.call_keywords(&call_soon, &args, &[self.intern("context")]).map(drop)
    }
}
