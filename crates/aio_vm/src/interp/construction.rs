//! Calls of classes: new instances, made by the script's `__init__` or natively.

use crate::error::R;
use crate::interp::bits::{UNDEF, give_up_all, give_up_held, given, retain};
use crate::interp::dispatch::{go_on, in_full, leave, raise, release_and_go_on};
use crate::interp::frames::{has_room_for, initialise};
use crate::interp::natives::{finish, give_instead};
use crate::object::class::HEAP;
use crate::object::coro::Record;
use crate::object::header::{Header, Kind};
use crate::object::{ClassObj, FunctionObj, NativeObj};
use crate::value::{Value, borrow_bits, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::number as op;

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
            return make_usually::<OP>(vm, ip, r, w.0, rec);
        }
        if (*init).kind.get() != Kind::Function {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        let init = &*(init as *const FunctionObj);
        let (plain, n) = given::<OP>(window, w);
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

/// Calls a built-in class whose result usually follows from the arguments alone.
///
/// # Safety
/// As for `general`; the callee is a class, and its constructor is native.
#[inline(always)]
unsafe fn make_usually<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let window = r.add(Word(w).a() as usize);
        let class = &*(*window as *const ClassObj);
        if let Some(makes) = (*class.constructor().cast::<NativeObj>()).def.makes
            && !class.is(HEAP)
            && (OP == op::Call || *window.add(1) == UNDEF)
        {
            let first = window.add(1 + (OP == op::CallMethod) as usize);
            if let Some(v) = makes(vm, std::slice::from_raw_parts(first as *const Value, Word(w).b() as usize)) {
                return give_instead::<OP>(vm, ip, r, w, rec, v.into_bits());
            }
        }
        make_natively::<OP>(vm, ip, r, w, rec)
    }
}

/// Calls a class whose `__new__` is native, and its `__init__` as well, if it has one.
///
/// # Safety
/// As for `general`; the callee is a class, and its constructor is native.
#[inline(never)]
unsafe fn make_natively<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let window = r.add(w.a() as usize);
        let class = &*(*window as *const ClassObj);
        let (new, init) = (class.constructor(), class.initializer());
        let n = w.b() as usize;
        let scripted = !init.is_null() && (*init).kind.get() == Kind::Function;
        if OP == op::CallMethod && *window.add(1) != UNDEF
            || scripted && !has_room_for(vm, &*(init as *const FunctionObj), n + 1, window.add(1), rec)
        {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        if let Some(keeps) = (*new.cast::<NativeObj>()).def.keeps
            && (init.is_null() || scripted)
        {
            let first = window.add(1 + (OP == op::CallMethod) as usize);
            let instance = keeps(vm, class, std::slice::from_raw_parts(first as *const Value, n)).into_bits();
            if scripted {
                let init = &*(init as *const FunctionObj);
                return begin_init::<OP>(vm, ip, r, w.0, rec, class, instance, init);
            }
            return give_instead::<OP>(vm, ip, r, w.0, rec, instance);
        }
        leave(vm, ip, r, rec);
        // The class stands where `__new__` wants it: before the arguments.
        let owned = std::mem::replace(&mut *window, UNDEF);
        let first = window.add((OP == op::CallMethod) as usize);
        *first = owned;
        let result = make(vm, class, &*(new as *const NativeObj), init, first, n);
        let result = match result {
            Ok(instance) if scripted && vm.class_of(&instance).is_same(class) => {
                let init = &*(init as *const FunctionObj);
                return begin_init::<OP>(vm, ip, r, w.0, rec, class, instance.into_bits(), init);
            }
            other => other,
        };
        if !give_up_held(owned) {
            drop_pointer(owned);
        }
        give_up_all(first.add(1), n);
        finish!(vm, ip, r, rec, window, result)
    }
}

/// Begins the frame of an `__init__` for a new instance of the class that was called.
///
/// # Safety
/// As for `initialise`; the window holds the call of the class.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "where the frame stands, and what it is for")]
unsafe fn begin_init<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
    class: &ClassObj,
    instance: u64,
    init: &FunctionObj,
) -> bool {
    // SAFETY: by contract.
    unsafe {
        let (window, n) = (r.add(Word(w).a() as usize), Word(w).b() as usize);
        // The instance keeps its class alive.
        class.header.rc.set(class.header.rc.get() - 1);
        if OP == op::Call {
            let registers = window.add(1);
            for i in (0..n).rev() {
                *registers.add(i + 1) = *registers.add(i);
            }
        }
        initialise(vm, ip, r, rec, window, instance, init, n + 1)
    }
}

/// A new instance of a class, which lies at `first`, before its arguments; an `__init__` of the script has still to run. The
/// reference at `first` is the caller's afterwards.
///
/// # Safety
/// The window holds so many arguments; the class has this native constructor, and this `__init__` or none.
#[inline(never)]
unsafe fn make(
    vm: &Vm,
    class: &ClassObj,
    new: &NativeObj,
    init: *const Header,
    first: *mut u64,
    arguments: usize,
) -> R {
    // SAFETY: by contract.
    unsafe {
        let window = std::slice::from_raw_parts(first as *const Value, arguments + 1);
        let instance = vm.construct_native(new, window, &[]);
        *first = UNDEF;
        let instance = instance?;
        if !vm.class_of(&instance).is_same(class) {
            return vm.initialise(class, instance, &window[1..], &[]);
        }
        if init.is_null() || (*init).kind.get() != Kind::Native {
            return Ok(instance);
        }
        *first = instance.into_bits();
        let done = vm.call_native(&*(init as *const NativeObj), window, &[]);
        let instance = Value::from_owned_bits(std::mem::replace(&mut *first, UNDEF));
        match done? {
            v if v.is_none() => Ok(instance),
            v => Err(vm.init_result(&v)),
        }
    }
}
