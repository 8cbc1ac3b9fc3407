//! Native stacks of green threads. The only place that switches stacks.

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::Cell;
use std::rc::Rc;

/// Address space of a stack; memory is used as far as the stack grows.
pub(crate) const STACK_BYTES: usize = 16 << 20;

/// The way out of a fiber, known while it runs.
#[derive(Clone, Default)]
pub(crate) struct Door(Rc<Cell<Option<*const Yielder<(), ()>>>>);

impl Door {
    /// Leaves the fiber until it is resumed. To be called from inside of the fiber only.
    pub(crate) fn leave(&self) {
        if let Some(y) = self.0.get() {
            // SAFETY: the pointer is set while the fiber's function runs, and only code that the function calls, on
            // the fiber's own stack, gets here: the scheduler leaves through the door of the current thread alone.
            unsafe { (*y).suspend(()) }
        }
    }
}

/// A function on a stack of its own.
pub(crate) struct Fiber {
    coroutine: Option<Coroutine<(), (), (), DefaultStack>>,
    pub(crate) door: Door,
}

impl Fiber {
    /// A fiber that will run `f`; `None` if there is no memory for its stack.
    pub(crate) fn new(f: impl FnOnce() + 'static) -> Option<Fiber> {
        let stack = DefaultStack::new(STACK_BYTES).ok()?;
        let door = Door::default();
        let inner = door.clone();
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<(), ()>, ()| {
            inner.0.set(Some(yielder));
            f();
            inner.0.set(None);
        });
        Some(Fiber { coroutine: Some(coroutine), door })
    }

    /// Runs until the fiber leaves through its door (then false) or its function is done (then true).
    pub(crate) fn resume(&mut self) -> bool {
        let Some(c) = &mut self.coroutine else { return true };
        match c.resume(()) {
            CoroutineResult::Yield(()) => false,
            CoroutineResult::Return(()) => {
                self.coroutine = None;
                true
            }
        }
    }
}

impl Drop for Fiber {
    /// A fiber that is not done cannot be unwound: what its frames own is left alone, its stack goes.
    fn drop(&mut self) {
        if let Some(c) = &mut self.coroutine
            && !c.done()
        {
            // SAFETY: nothing outside refers to the frames: threads that have begun end before their records do, unless
            // the isolate itself ends, whose values only count by then and whose memory goes as a whole.
            unsafe { c.force_reset() };
        }
    }
}
