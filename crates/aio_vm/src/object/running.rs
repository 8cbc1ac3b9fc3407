//! What natives may ask about the function of the script that called them.

use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// The function of the script that runs now, or that called the native that runs now.
    pub fn running_function(&self) -> Option<Value> {
        // SAFETY: the running coroutine is alive.
        let coro = unsafe { self.current.get().as_ref() }?;
        let mem = coro.mem.get();
        let base = coro.base.get() as usize;
        if mem.is_null() || base == 0 {
            return None;
        }
        // SAFETY: the function of the current frame lies below its registers.
        let f = unsafe { Value::from_borrowed_bits(*mem.add(base - 1)) };
        f.as_function().is_some().then_some(f)
    }

    /// The module dict of the function of the script that runs now.
    pub fn running_globals(&self) -> Option<Value> {
        self.running_function()?.as_function().map(|f| f.globals.clone())
    }
}

impl Vm {
    /// How many frames of script functions are active.
    pub fn call_depth(&self) -> u32 {
        // SAFETY: the running coroutine is alive.
        unsafe { self.current.get().as_ref() }.map_or(0, |c| c.depth.get() + c.frames.get() + 1)
    }
}
