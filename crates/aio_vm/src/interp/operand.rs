//! Reading and writing operands in the slow paths.

use crate::object::coro::CoroObj;
use crate::value::{Borrowed, Value, borrow_bits};
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC};

/// An operand that is dropped after use if it was a dying temporary.
pub(crate) struct Operand {
    value: Borrowed,
    owned: bool,
}

impl Operand {
    /// Takes the operand as a value, counting if it is only borrowed.
    pub(crate) fn into_value(self) -> Value {
        let me = std::mem::ManuallyDrop::new(self);
        if me.owned {
            // SAFETY: the temporary's reference is taken over; `me` is not dropped.
            unsafe { Value::from_owned_bits(me.value.bits()) }
        } else {
            (*me.value).clone()
        }
    }

    /// Whether the reference can be taken over without counting.
    pub(crate) fn is_owned(&self) -> bool {
        self.owned
    }
}

impl std::ops::Deref for Operand {
    type Target = Value;
    #[inline(always)]
    fn deref(&self) -> &Value {
        &self.value
    }
}

impl Drop for Operand {
    #[inline(always)]
    fn drop(&mut self) {
        if self.owned {
            // SAFETY: the temporary's reference belongs to this operand.
            unsafe { std::mem::ManuallyDrop::drop(&mut self.value) }
        }
    }
}

impl CoroObj {
    /// A register of the current frame as an operand.
    #[inline(always)]
    pub(crate) fn operand(&self, register: u16, owned: bool) -> Operand {
        // SAFETY: verified code reads only registers that are live.
        let value = unsafe { borrow_bits(*self.registers().add(register as usize)) };
        Operand { value, owned }
    }

    /// Operand `a`.
    #[inline(always)]
    pub(crate) fn src_a(&self, w: Word) -> Operand {
        self.operand(w.a(), w.flags() & FA != 0)
    }

    /// Operand `b`.
    #[inline(always)]
    pub(crate) fn src_b(&self, w: Word) -> Operand {
        self.operand(w.b(), w.flags() & FB != 0)
    }

    /// Operand `c`.
    #[inline(always)]
    pub(crate) fn src_c(&self, w: Word) -> Operand {
        self.operand(w.c(), w.flags() & FC != 0)
    }

    /// Takes a temporary.
    #[inline(always)]
    pub(crate) fn take(&self, register: usize) -> Value {
        // SAFETY: the instruction takes this live temporary.
        unsafe { Value::from_owned_bits(*self.registers().add(register)) }
    }

    /// A register, only to be looked at.
    #[inline(always)]
    pub(crate) fn view(&self, register: usize) -> Borrowed {
        // SAFETY: the register is live.
        unsafe { borrow_bits(*self.registers().add(register)) }
    }

    /// Writes a temporary that is dead.
    #[inline(always)]
    pub(crate) fn put(&self, register: usize, v: Value) {
        // SAFETY: the register belongs to the frame; a dead temporary is not dropped.
        unsafe { *self.registers().add(register) = v.into_bits() }
    }

    /// Writes a destination: the old value of a local is dropped after the new one is in place.
    #[inline(always)]
    pub(crate) fn write(&self, register: usize, v: Value, local: bool) {
        // SAFETY: the register belongs to the frame; a local always holds a whole value.
        unsafe {
            let p = self.registers().add(register);
            let old = *p;
            *p = v.into_bits();
            if local {
                drop(Value::from_owned_bits(old));
            }
        }
    }

    /// Writes operand `a` of an instruction.
    #[inline(always)]
    pub(crate) fn dst(&self, w: Word, v: Value) {
        self.write(w.a() as usize, v, w.flags() & FA != 0);
    }

    /// Takes a window of temporaries.
    pub(crate) fn take_window(&self, first: usize, n: usize) -> Vec<Value> {
        (first..first + n).map(|i| self.take(i)).collect()
    }
}
