//! Attributes and methods that are found behind a class: it jumps here, as `quick` has no room for them.

use crate::interp::bits::{UNDEF, give_up_held, is_ptr, kind_of, retain};
use crate::interp::dispatch::{go_on, in_full, release_and_go_on};
use crate::interp::slow::{self, CLASS_ITSELF, OF_CLASS, super_key};
use crate::object::coro::Record;
use crate::object::header::{Header, Kind};
use crate::object::{ClassObj, InstanceObj};
use crate::value::borrow_bits;
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
