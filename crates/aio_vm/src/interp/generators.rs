//! Generators whose items a `for` or native code takes: they go on, and give an item.

use crate::interp::Exit;
use crate::interp::bits::{NONE, UNDEF, retain};
use crate::interp::dispatch::{enter, go_on, in_full, leave, release_and_go_on};
use crate::object::coro::{CoroKind, CoroObj, Mode, OUTERMOST, Record, State};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, X0, number as op};

/// The next item of a generator: it goes on at its yield, or at that of the generator that it delegates to.
///
/// # Safety
/// As for `general`; operand a is a coroutine.
#[inline(never)]
pub(super) unsafe fn go_on_with_generator(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract; the innermost generator of a chain is alive through those that wait for it.
    unsafe {
        let g = *r.add(Word(w).a() as usize) as *const CoroObj;
        let it = &*g;
        if it.kind.get() == CoroKind::Generator && it.state.get() == State::Suspended && std::ptr::eq(it.root.get(), it)
        {
            let inner = &*it.inner.get();
            let at = Word(*inner.ip.get());
            let c = leave(vm, ip, r, rec);
            let depth = (*c).depth.get() + (*c).frames.get() + 1;
            if at.op_number() == op::Yield
                && at.flags() & FA == 0
                && inner.kind.get() == CoroKind::Generator
                && depth < vm.recursion_limit.get()
            {
                inner.depth.set(depth + inner.depth.get().saturating_sub(it.depth.get()));
                inner.state.set(State::Running);
                it.parent.set(c);
                it.mode.set(Mode::For);
                it.depth.set(depth);
                it.state.set(State::Running);
                enter(vm, inner);
                let registers = inner.mem.get().add(OUTERMOST as usize);
                let mut ip = inner.ip.get().add(1);
                if at.flags() & X0 == 0 {
                    *registers.add(at.a() as usize) = NONE;
                } else {
                    // Behind the Drop.
                    ip = ip.add(1);
                }
                go_on!(vm, ip, registers, inner.records_end())
            }
        }
        in_full::<{ op::ForIter }>(vm, ip, r, w, rec)
    }
}

/// A generator gives an item to the `for` that goes through it, or through the one that delegates to it.
///
/// # Safety
/// As for `general`; the generator was entered by `ForIter`, and its yield stands in its outermost frame.
#[inline(never)]
pub(super) unsafe fn yield_to_consumer(vm: &Vm, ip: *const u64, r: *mut u64, w: u64) -> bool {
    // SAFETY: by contract.
    unsafe {
        let (root, v) = suspend(vm, ip, r, Word(w));
        let consumer = &*root.parent.get();
        enter(vm, consumer);
        let (ip, r) = (consumer.ip.get(), consumer.registers());
        let rec = consumer.records_end().sub(consumer.frames.get() as usize);
        let at = Word(*ip.sub(1));
        let old = std::mem::replace(&mut *r.add(at.b() as usize), v);
        release_and_go_on(vm, ip, r, if at.flags() & FB != 0 { old } else { UNDEF }, rec)
    }
}

/// A generator gives an item to native code, which resumed it or the one that delegates to it.
///
/// # Safety
/// As for `general`; the yield stands in the generator's outermost frame.
#[inline(never)]
pub(super) unsafe fn yield_to_native(vm: &Vm, ip: *const u64, r: *mut u64, w: u64) -> bool {
    // SAFETY: by contract.
    unsafe {
        let (_, v) = suspend(vm, ip, r, Word(w));
        vm.exit.set(Exit::Yield(Value::from_owned_bits(v)));
        false
    }
}

/// Suspends the running generator, and those that delegate to it, at its yield; gives the outermost of them, and the item.
///
/// # Safety
/// As for `general`; the yield stands in the generator's outermost frame.
#[inline(always)]
unsafe fn suspend(vm: &Vm, ip: *const u64, r: *mut u64, w: Word) -> (&CoroObj, u64) {
    // SAFETY: by contract.
    unsafe {
        let v = *r.add(w.b() as usize);
        if w.flags() & FB == 0 {
            retain(v);
        }
        let me = &*vm.current.get();
        me.ip.set(ip.sub(1));
        me.code.set(vm.running.code.get());
        me.base.set(OUTERMOST);
        me.frames.set(0);
        me.state.set(State::Suspended);
        let root = &*me.root.get();
        root.inner.set(me);
        root.state.set(State::Suspended);
        (root, v)
    }
}
