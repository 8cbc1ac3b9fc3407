//! Who is to be told when a future is done. Most futures have one such, and each word counts in a million of them.

use crate::Payload;
use crate::object::Slot;
use crate::sched::gather::GatherState;
use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::RefCell;

/// Who is to be told when a future is done.
pub(crate) enum Callback {
    /// A task that awaits it.
    Wakeup(Value),
    /// A gathering future of which it is a child.
    Gather(Value),
    /// A callable of the script, and its context.
    Script(Box<(Value, Value)>),
}

/// The callbacks of a future: nothing, the task or the gathering future that is the only one, or a list.
#[derive(Default)]
pub(crate) struct Callbacks(Slot);

/// Several callbacks, or those of scripts.
struct Several(RefCell<Vec<Callback>>);

impl Payload for Several {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for c in self.0.borrow().iter() {
            match c {
                Callback::Wakeup(v) | Callback::Gather(v) => visit(v),
                Callback::Script(b) => {
                    visit(&b.0);
                    visit(&b.1);
                }
            }
        }
    }

    fn clear(&self) {
        drop(self.0.take());
    }

    fn is_bare() -> bool {
        true
    }
}

/// The callbacks that a future had.
pub(crate) enum Taken {
    None,
    One(Callback),
    Several(Vec<Callback>),
}

impl Callbacks {
    /// Adds one behind the others.
    #[inline]
    pub(crate) fn push(&self, vm: &Vm, c: Callback) {
        let c = match c {
            Callback::Wakeup(v) | Callback::Gather(v) if self.0.is_empty() => return self.0.set(v),
            c => c,
        };
        if let Some(several) = self.0.peek().payload::<Several>() {
            return several.0.borrow_mut().push(c);
        }
        let several = match self.take() {
            Taken::One(first) => vec![first, c],
            Taken::None | Taken::Several(_) => vec![c],
        };
        self.0.set(vm.opaque(vm.types.object.get(), Several(RefCell::new(several))));
    }

    /// Takes all of them away.
    #[inline]
    pub(crate) fn take(&self) -> Taken {
        let held = self.0.take();
        if held.is_undef() {
            return Taken::None;
        }
        if held.payload::<TaskState>().is_some() {
            return Taken::One(Callback::Wakeup(held));
        }
        match held.payload::<Several>() {
            Some(several) => Taken::Several(several.0.take()),
            None => Taken::One(Callback::Gather(held)),
        }
    }

    /// Shows them; they must not change meanwhile.
    pub(crate) fn each(&self, show: &mut dyn FnMut(&Callback)) {
        let held = self.0.get();
        if held.payload::<TaskState>().is_some() {
            show(&Callback::Wakeup(held));
        } else if held.payload::<GatherState>().is_some() {
            show(&Callback::Gather(held));
        } else if let Some(several) = held.payload::<Several>() {
            several.0.borrow().iter().for_each(show);
        }
    }

    /// What it holds itself, for the collector.
    pub(crate) fn held(&self) -> &Slot {
        &self.0
    }
}

impl Taken {
    pub(crate) fn into_vec(self) -> Vec<Callback> {
        match self {
            Taken::None => Vec::new(),
            Taken::One(c) => vec![c],
            Taken::Several(all) => all,
        }
    }
}
