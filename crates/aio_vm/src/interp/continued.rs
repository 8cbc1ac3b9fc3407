//! What is usual but needs a call, or more registers than `quick` has: it jumps here.

use crate::interp::Exit;
use crate::interp::bits::{NONE, UNDEF, character, give_up_held, int_of, is_ptr, kind_of, retain, same_text};
use crate::interp::comparison::{comparison, jumps_if_it_holds};
use crate::interp::dispatch::{enter, go_on, in_full, leave, release_and_go_on};
use crate::interp::frames::{has_room_for, initialise};
use crate::interp::natives::make_natively;
use crate::interp::slow::{self, CLASS_ITSELF, OF_CLASS, super_key};
use crate::object::coro::{CoroKind, CoroObj, Mode, OUTERMOST, Record, State};
use crate::object::header::{Header, Kind};
use crate::object::*;
use crate::protocol::compare::Compare;
use crate::value::{Value, borrow_bits, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, number as op};

/// An item of a string.
///
/// # Safety
/// As for `general`; operand b is a string.
#[inline(never)]
pub(super) unsafe fn character_of<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let obj = *r.add(w.b() as usize);
        let i = if OP == op::GetItem { int_of(*r.add(w.c() as usize)) } else { w.c() as i16 as i64 };
        let Some(x) = character(vm, obj, i) else { return in_full::<OP>(vm, ip, r, w.0, rec) };
        if w.flags() & FB != 0 && !give_up_held(obj) {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        retain(x);
        let old = std::mem::replace(&mut *r.add(w.a() as usize), x);
        release_and_go_on(vm, ip, r, if w.flags() & FA != 0 { old } else { UNDEF }, rec)
    }
}

/// Bytes of the longest text that is joined without a look at limits.
const JOINED: usize = 1024;

/// The parts of a formatted string, put together.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn join(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let (window, n) = (r.add(w.a() as usize), w.b() as usize);
        let parts = std::slice::from_raw_parts(window as *const Value, n);
        let Some(joined) = vm.str_joined(parts, JOINED) else {
            return in_full::<{ op::MakeStr }>(vm, ip, r, w.0, rec);
        };
        leave(vm, ip, r, rec);
        for i in 0..n {
            let v = *window.add(i);
            if !give_up_held(v) {
                drop_pointer(v);
            }
        }
        *window = joined.into_bits();
        go_on!(vm, ip, r, rec)
    }
}

/// A jump if two strings are equal, or are not.
///
/// # Safety
/// As for `general`; the operands a and b are pointers.
#[inline(never)]
pub(super) unsafe fn jump_if_equal<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let (x, y) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
        let Some(equal) = same_text(vm, x, y) else { return in_full::<OP>(vm, ip, r, w.0, rec) };
        let (rx, ry) = (&(*(x as *const Header)).rc, &(*(y as *const Header)).rc);
        // What dies here is for the general way; both may be the same object.
        let least = 1 + (x == y) as u32;
        if w.flags() & FA != 0 && rx.get() <= least || w.flags() & FB != 0 && ry.get() <= least {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        if w.flags() & FA != 0 {
            rx.set(rx.get() - 1);
        }
        if w.flags() & FB != 0 {
            ry.set(ry.get() - 1);
        }
        let holds = matches!(comparison(OP), Compare::Eq) == equal;
        let ip = if holds == jumps_if_it_holds(OP) { ip.offset(w.c() as i16 as isize) } else { ip };
        go_on!(vm, ip, r, rec)
    }
}

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
                *registers.add(at.a() as usize) = NONE;
                go_on!(vm, inner.ip.get().add(1), registers, inner.records_end())
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

/// A new instance of a plain class, and the frame of its `__init__`.
///
/// # Safety
/// As for `general`; the callee is a class.
#[inline(never)]
pub(super) unsafe fn construct<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let window = r.add(w.a() as usize);
        let class = &*(*window as *const ClassObj);
        let init = class.constructor();
        if init.is_null() {
            return class_of::<OP>(vm, ip, r, w.0, rec);
        }
        if (*init).kind.get() == Kind::Native {
            return make_natively::<OP>(vm, ip, r, w.0, rec);
        }
        if (*init).kind.get() != Kind::Function {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        let init = &*(init as *const FunctionObj);
        // The receiver of a method call is the first argument; a plain callable has left its place free.
        let plain = OP == op::CallMethod && *window.add(1) == UNDEF;
        let n = w.b() as usize + (OP == op::CallMethod && !plain) as usize;
        let registers = window.add(1);
        if !has_room_for(vm, init, n + 1, registers, rec) {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        let instance = vm.instance(class).into_bits();
        if !plain {
            for i in (0..n).rev() {
                *registers.add(i + 1) = *registers.add(i);
            }
        }
        // The instance keeps its class alive.
        class.header.rc.set(class.header.rc.get() - 1);
        initialise(vm, ip, r, rec, window, instance, init, n + 1)
    }
}

/// The class of an object, as `type` gives it.
///
/// # Safety
/// As for `general`; the callee is a class.
#[inline(never)]
unsafe fn class_of<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the class is alive through the object, and has a reference of its own before that ends.
    unsafe {
        let window = r.add(w.a() as usize);
        let type_ = *window;
        if OP != op::Call || w.b() != 1 || type_ != std::ptr::from_ref(vm.types.type_.get()) as u64 {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        let v = *window.add(1);
        let class = std::ptr::from_ref(vm.class_of(&borrow_bits(v))) as u64;
        retain(class);
        *window = class;
        // No class ends here: this one is a static one.
        give_up_held(type_);
        release_and_go_on(vm, ip, r, v, rec)
    }
}

/// An attribute of a class, or an instance's attribute that its class has.
///
/// # Safety
/// As for `general`; operand b is a pointer, and the cache of the instruction has an attribute of a class.
#[inline(never)]
pub(super) unsafe fn attribute_of_class(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; as long as its version stands, the class has the attribute.
    unsafe {
        let v = *r.add(w.b() as usize);
        let (k0, x) = (*ip, *ip.add(1));
        let (version, of) = (k0 as u32 & !OF_CLASS, (k0 >> 32) as u32);
        let h = &*(v as *const Header);
        let known = match h.kind.get() {
            Kind::Class => of == CLASS_ITSELF && (*(v as *const ClassObj)).known_version() == version,
            Kind::Instance => (*(v as *const InstanceObj)).shape.get() == of && h.class().known_version() == version,
            _ => false,
        };
        if !known || w.flags() & FB != 0 && !give_up_held(v) {
            return in_full::<{ op::GetAttr }>(vm, ip, r, w.0, rec);
        }
        retain(x);
        let old = std::mem::replace(&mut *r.add(w.a() as usize), x);
        release_and_go_on(vm, ip.add(2), r, if w.flags() & FA != 0 { old } else { UNDEF }, rec)
    }
}

/// A method behind a class, for a call: the one that this site has met last.
///
/// # Safety
/// As for `general`; the window holds pointers.
#[inline(never)]
pub(super) unsafe fn method_behind(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract; as long as its version stands, the receiver's class has the method where it was found.
    unsafe {
        let window = r.add(Word(w).a() as usize);
        let (callee, class, receiver) = (*window, *window.add(1), *window.add(2));
        let (k0, f) = (*ip, *ip.add(1));
        if callee != std::ptr::from_ref(vm.types.super_.get()) as u64
            || (*(receiver as *const Header)).class().known_version() != k0 as u32
            || super_key(&borrow_bits(class)) != k0 >> 32
            || !give_up_held(class)
        {
            return in_full::<{ op::SuperMethod }>(vm, ip, r, w, rec);
        }
        retain(f);
        *window = f;
        *window.add(1) = receiver;
        release_and_go_on(vm, ip.add(2), r, callee, rec)
    }
}

/// A method that this site has not met last, but another time or elsewhere.
///
/// # Safety
/// As for `general`; operand b is a pointer.
#[inline(never)]
pub(super) unsafe fn method_of<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; names are in range.
    unsafe {
        let v = *r.add(w.b() as usize);
        let code = &*vm.running.code.get();
        let name = code.names.get_unchecked(w.c() as usize);
        let known = match kind_of(v) {
            Kind::Instance => slow::method_of_shape(vm, &*(v as *const InstanceObj), name),
            _ => slow::method_of(vm, v, name),
        };
        let Some(f) = known else { return in_full::<OP>(vm, ip, r, w.0, rec) };
        retain(f);
        if w.flags() & FB == 0 {
            retain(v);
        }
        let p = r.add(w.a() as usize);
        *p = f;
        *p.add(1) = v;
        go_on!(vm, ip.add(2), r, rec)
    }
}

/// A special method for a `with`.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn special_of(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; names are in range.
    unsafe {
        let v = *r.add(w.b() as usize);
        if is_ptr(v) {
            let code = &*vm.running.code.get();
            let name = code.names.get_unchecked(w.c() as usize);
            if let Some(f) = (*(v as *const Header)).class().peek(vm, name).filter(|f| slow::is_plain_method(vm, f)) {
                let f = f.bits();
                retain(f);
                if w.flags() & FB == 0 {
                    retain(v);
                }
                let p = r.add(w.a() as usize);
                *p = f;
                *p.add(1) = v;
                go_on!(vm, ip, r, rec)
            }
        }
        in_full::<{ op::GetSpecial }>(vm, ip, r, w.0, rec)
    }
}
