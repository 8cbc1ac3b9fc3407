//! What few tasks have, apart from what all of them have: a million of those may be parked.

use crate::Payload;
use crate::object::Slot;
use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// So many requests to cancel, or more, are counted in what few tasks have.
const MANY: u8 = u8::MAX;

/// What few tasks have.
#[derive(Default)]
pub(crate) struct Extra {
    /// The context, which is in the task itself if there is nothing else.
    context: Slot,
    /// The name that it was given, or the text of the default one, once somebody has asked for it.
    name: Slot,
    /// The message of `cancel()`, until the coroutine gets to know of it.
    message: Slot,
    /// Requests to cancel, if they are many.
    cancels: Cell<u32>,
}

impl Payload for Extra {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for s in [&self.context, &self.name, &self.message] {
            visit(s.peek());
        }
    }

    fn clear(&self) {
        let old = (self.context.take(), self.name.take(), self.message.take());
        drop(old);
    }

    fn is_bare() -> bool {
        true
    }
}

impl TaskState {
    fn known_extra(&self) -> Option<&Extra> {
        self.own.peek().payload()
    }

    /// Does something with what few tasks have, which is made if need be. Nothing of the script may run meanwhile.
    fn with_extra<T>(&self, vm: &Vm, act: impl FnOnce(&Extra) -> T) -> Option<T> {
        if self.known_extra().is_none() {
            let extra = Extra { context: Slot::new(self.own.take()), ..Extra::default() };
            self.own.set(vm.opaque(vm.types.object.get(), extra));
        }
        self.known_extra().map(act)
    }

    /// Where its context is; UNDEF is an empty one that nobody has seen.
    #[inline]
    pub(crate) fn context(&self) -> &Slot {
        if self.own.is_empty() {
            return &self.own;
        }
        self.known_extra().map_or(&self.own, |extra| &extra.context)
    }

    /// The name as text, if it has become one.
    pub(crate) fn name(&self) -> Option<Value> {
        self.known_extra().and_then(|extra| extra.name.defined())
    }

    pub(crate) fn set_name(&self, vm: &Vm, name: Value) {
        let old = self.with_extra(vm, |extra| extra.name.replace(name));
        drop(old);
    }

    /// The message of a `cancel()` of which the coroutine does not know yet.
    pub(crate) fn message(&self) -> Option<Value> {
        self.known_extra().and_then(|extra| extra.message.defined())
    }

    /// Notes the message of `cancel()`.
    pub(crate) fn set_message(&self, vm: &Vm, message: Value) {
        if !message.is_none() || self.known_extra().is_some() {
            let old = self.with_extra(vm, |extra| extra.message.replace(message));
            drop(old);
        }
    }

    /// Requests to cancel that were not taken back.
    pub(crate) fn cancels(&self) -> u32 {
        match self.future.cancels.get() {
            MANY => self.known_extra().map_or(0, |extra| extra.cancels.get()),
            few => u32::from(few),
        }
    }

    pub(crate) fn set_cancels(&self, vm: &Vm, n: u32) {
        let few = u8::try_from(n).unwrap_or(MANY);
        self.future.cancels.set(few);
        if few == MANY {
            self.with_extra(vm, |extra| extra.cancels.set(n));
        }
    }
}
