//! Handlers of exceptions: what is raised sets out, what arrives is compared with classes, and what was being handled
//! before comes back.

use crate::interp::bits::{UNDEF, give_up_held, is_ptr, kind_of, retain};
use crate::interp::dispatch::{go_on, in_full, leave, raise, release_and_go_on};
use crate::interp::except;
use crate::object::coro::Record;
use crate::object::header::{Header, Kind};
use crate::object::{ClassObj, TupleObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, number as op};

/// `raise r[a]`.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn raise_exception(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let v = *r.add(w.a() as usize);
        if w.flags() & FA == 0 {
            retain(v);
        }
        leave(vm, ip, r, rec);
        raise(vm, except::raise_value(vm, Value::from_owned_bits(v)))
    }
}

/// Goes on if the exception is of a class or of one of the classes of a tuple, jumps if not.
///
/// # Safety
/// As for `general`; operand a is an exception.
#[inline(always)]
pub(super) unsafe fn jump_unless_match(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let (e, classes) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
        match matches(vm, (*(e as *const Header)).class(), classes) {
            Some(matches) if w.flags() & FB == 0 || give_up_held(classes) => {
                go_on!(vm, if matches { ip } else { ip.offset(w.c() as i16 as isize) }, r, rec)
            }
            _ => in_full::<{ op::JumpNotMatch }>(vm, ip, r, w.0, rec),
        }
    }
}

/// Whether a class of exceptions is one of these or derives from it; none if they are not what they should be.
///
/// # Safety
/// `classes` is a live value.
#[inline(never)]
pub(super) unsafe fn matches(vm: &Vm, class: &ClassObj, classes: u64) -> Option<bool> {
    let one = |k: u64| {
        // SAFETY: by contract; the kind says what the cell is.
        unsafe {
            if !is_ptr(k) || kind_of(k) != Kind::Class {
                return None;
            }
            let k = &*(k as *const ClassObj);
            k.derives(vm.types.base_exception.get()).then(|| class.derives(k))
        }
    };
    // SAFETY: as above.
    unsafe {
        if !is_ptr(classes) || kind_of(classes) != Kind::Tuple {
            return one(classes);
        }
        let mut found = false;
        for k in (*(classes as *const TupleObj)).items() {
            found |= one(k.bits())?;
        }
        Some(found)
    }
}

/// The exception that was being handled before is so again.
///
/// # Safety
/// As for `general`.
#[inline(always)]
pub(super) unsafe fn pop_handled(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract; the temporary is taken.
    unsafe {
        let before = Value::from_owned_bits(std::mem::replace(&mut *r.add(Word(w).a() as usize), UNDEF));
        let handled = (*vm.current.get()).held.replace(before);
        release_and_go_on(vm, ip, r, handled.into_bits(), rec)
    }
}
