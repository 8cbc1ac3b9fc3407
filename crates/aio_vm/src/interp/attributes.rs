//! Attributes and methods that are found behind a class: it jumps here, as `quick` has no room for them.

use crate::interp::bits::{UNDEF, give_up_held, is_ptr, kind_of, retain, rewrite};
use crate::interp::dispatch::{give_result, go_on, in_full, leave, release_and_go_on};
use crate::interp::quick::quick;
use crate::interp::slow::{self, CLASS_ITSELF, IN_DICT, MODULE_METHOD, OF_CLASS, super_key};
use crate::object::coro::Record;
use crate::object::header::{Header, Kind};
use crate::object::{ClassObj, DictObj, ExceptionObj, InstanceObj, ModuleObj};
use crate::value::{INT_TAG, Value, borrow_bits};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, number as op};

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
        let found = match h.kind.get() {
            Kind::Class => (of == CLASS_ITSELF && (*(v as *const ClassObj)).known_version() == version).then_some(x),
            Kind::Instance => {
                ((*(v as *const InstanceObj)).shape.get() == of && h.class().known_version() == version).then_some(x)
            }
            Kind::Exception if of == IN_DICT && h.class().known_version() == version => {
                own_place(vm, v, w, x as usize).map(|place| *place)
            }
            _ => None,
        };
        let Some(x) = found else { return in_full::<{ op::GetAttr }>(vm, ip, r, w.0, rec) };
        if w.flags() & FB != 0 && !give_up_held(v) {
            return in_full::<{ op::GetAttr }>(vm, ip, r, w.0, rec);
        }
        retain(x);
        give_result(vm, ip.add(2), r, w, rec, x, w.flags() & FA != 0)
    }
}

/// A name of a module.
///
/// # Safety
/// As for `general`; operand b is a module.
#[inline(never)]
pub(super) unsafe fn name_of_module<const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let v = *r.add(w.b() as usize);
        let k0 = *ip;
        let dict = &*((*(v as *const ModuleObj)).dict.peek().bits() as *const DictObj);
        match dict.value_at((k0 >> 32) as usize) {
            Some(x) if k0 as u32 == dict.known_version() && (TAKES & FB == 0 || give_up_held(v)) => {
                give_result(vm, ip.add(2), r, w, rec, retain(x.bits()), TAKES & FA != 0)
            }
            _ => in_full::<{ op::GetAttr }>(vm, ip, r, w.0, rec),
        }
    }
}

/// The place of an exception's attribute in its dict, if that is where the cache says.
///
/// # Safety
/// `e` is a live exception, `w` the instruction of the running frame that names the attribute.
#[inline(always)]
unsafe fn own_place(vm: &Vm, e: u64, w: Word, at: usize) -> Option<*mut u64> {
    // SAFETY: by contract; names are in range, and what lies in that slot is a dict or undefined.
    unsafe {
        let attrs = (*(e as *const ExceptionObj)).attrs.peek().bits();
        let name = (&*vm.running.code.get()).names.get_unchecked(w.c() as usize);
        if attrs == UNDEF || kind_of(attrs) != Kind::Dict {
            return None;
        }
        (*(attrs as *const DictObj)).place_if(at, name).map(<*mut Value>::cast)
    }
}

/// Sets an attribute of an exception, which is kept in a dict.
///
/// # Safety
/// As for `general`; operand a is a pointer, and the cache of the instruction has an attribute in a dict.
#[inline(never)]
pub(super) unsafe fn set_in_dict(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let (obj, v) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
        let (k0, at) = (*ip, *ip.add(1) as usize);
        let h = &*(obj as *const Header);
        let expected = (h.class().known_version() | OF_CLASS) as u64 | (IN_DICT as u64) << 32;
        if h.kind.get() != Kind::Exception || k0 != expected || w.flags() & FA != 0 {
            return in_full::<{ op::SetAttr }>(vm, ip, r, w.0, rec);
        }
        if w.flags() & FB == 0 {
            retain(v);
        }
        if let Some(place) = own_place(vm, obj, w, at) {
            return release_and_go_on(vm, ip.add(2), r, std::mem::replace(&mut *place, v), rec);
        }
        leave(vm, ip, r, rec);
        let name = (&*vm.running.code.get()).names.get_unchecked(w.c() as usize);
        (*(obj as *const ExceptionObj)).keep_attr(vm, name, v);
        go_on!(vm, ip.add(2), r, rec)
    }
}

/// An attribute of an instance that a small number is added to: with the two instructions behind this one, if the
/// attribute is an integer and the caches of both ways have it in the same place.
///
/// # Safety
/// As for `general`; the instruction has the form that `aio_bytecode::fused` gives it.
#[inline(always)]
pub(super) unsafe fn step_attribute(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let v = *r.add(Word(w).b() as usize);
        let (get, step, set) = (*ip, Word(*ip.add(2)), Word(*ip.add(3)));
        if is_ptr(v) && kind_of(v) == Kind::Instance && (*ip.add(4), *ip.add(5)) == (get, 0) {
            let instance = &*(v as *const InstanceObj);
            if get as u32 == instance.shape.get() && get as u32 != 0 {
                let at = (get >> 32) as usize;
                let x = instance.slot(at).bits();
                let n = step.c() as i16 as i64;
                let n = if step.op_number() == op::AddI { n } else { -n };
                let held = set.flags() & FA == 0 || (*(v as *const Header)).rc.get() > 1;
                if x >= INT_TAG
                    && held
                    && let Some(sum) = ((x << 13) as i64).checked_add(n << 13)
                {
                    if set.flags() & FA != 0 {
                        give_up_held(v);
                    }
                    // Integers need no end.
                    instance.set_slot(at, Value::from_owned_bits(rewrite(sum))).into_bits();
                    go_on!(vm, ip.add(6), r, rec)
                }
            }
        }
        quick::<{ op::GetAttr }, 0>(vm, ip, r, w, rec)
    }
}

/// A method for a call, where the cache has it.
///
/// # Safety
/// As for `general`; the instruction is `GetMethod`.
#[inline(always)]
pub(super) unsafe fn find_method<const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    // SAFETY: by contract; as long as its version stands, the class or module has the method.
    unsafe {
        let v = *r.add(Word(w).b() as usize);
        let (k0, k1) = (*ip, *ip.add(1));
        if k1 > MODULE_METHOD && is_ptr(v) {
            let h = &*(v as *const Header);
            let shape = (k0 >> 32) as u32;
            if k0 as u32 == h.class().known_version()
                && (shape == u32::MAX
                    || h.kind.get() == Kind::Instance && (*(v as *const InstanceObj)).shape.get() == shape)
            {
                retain(k1);
                if TAKES & FB == 0 {
                    retain(v);
                }
                let p = r.add(Word(w).a() as usize);
                *p = k1;
                *p.add(1) = v;
                go_on!(vm, ip.add(2), r, rec)
            }
            if h.kind.get() == Kind::Instance {
                return method_of_instance(vm, ip, r, w, rec);
            }
            return method_of(vm, ip, r, w, rec);
        }
        if k1 == MODULE_METHOD && is_ptr(v) && kind_of(v) == Kind::Module {
            return function_of_module(vm, ip, r, w, rec);
        }
        in_full::<{ op::GetMethod }>(vm, ip, r, w, rec)
    }
}

/// A function of a module, for a call.
///
/// # Safety
/// As for `general`; operand b is a module.
#[inline(never)]
unsafe fn function_of_module(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let v = *r.add(w.b() as usize);
        let k0 = *ip;
        let dict = &*((*(v as *const ModuleObj)).dict.peek().bits() as *const DictObj);
        match dict.value_at((k0 >> 32) as usize) {
            Some(x) if k0 as u32 == dict.known_version() && (w.flags() & FB == 0 || give_up_held(v)) => {
                let p = r.add(w.a() as usize);
                *p = retain(x.bits());
                *p.add(1) = UNDEF;
                go_on!(vm, ip.add(2), r, rec)
            }
            _ => in_full::<{ op::GetMethod }>(vm, ip, r, w.0, rec),
        }
    }
}

/// A method of an instance that this site has not met last, but another time or elsewhere, with this shape.
///
/// # Safety
/// As for `general`; operand b is an instance.
#[inline(never)]
unsafe fn method_of_instance(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract; names are in range.
    unsafe {
        let v = *r.add(Word(w).b() as usize);
        let name = (&*vm.running.code.get()).names.get_unchecked(Word(w).c() as usize);
        let Some(f) = slow::known_method(vm, &*(v as *const InstanceObj), name) else {
            return method_of(vm, ip, r, w, rec);
        };
        retain(f);
        if Word(w).flags() & FB == 0 {
            retain(v);
        }
        let p = r.add(Word(w).a() as usize);
        *p = f;
        *p.add(1) = v;
        go_on!(vm, ip.add(2), r, rec)
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

/// A method that has to be looked for.
///
/// # Safety
/// As for `general`; operand b is a pointer.
#[inline(never)]
unsafe fn method_of(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
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
        let Some(f) = known else { return in_full::<{ op::GetMethod }>(vm, ip, r, w.0, rec) };
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
