//! Going through containers, taking them apart and putting them together.

use crate::error::R;
use crate::heap::{end_emptied, end_plain};
use crate::interp::bits::{FALSE, UNDEF, give_up_held, retain};
use crate::interp::build;
use crate::interp::dispatch::{give_result, go_on, in_full, leave, raise, release_and_go_on};
use crate::native::NextFn;
use crate::object::coro::Record;
use crate::object::header::{Header, Kind};
use crate::object::{IterObj, ListObj, RangeObj, SetObj, TupleObj};
use crate::value::{Value, borrow_bits, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, number as op};

/// The next item of an iterator over a built-in container.
///
/// # Safety
/// As for `general`; operand a is such an iterator.
#[inline(never)]
pub(super) unsafe fn item_of<const TAKES: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let it = &*(*r.add(w.a() as usize) as *const IterObj);
        let Some(item) = it.next_plain(vm) else {
            return in_full::<{ op::ForIter }>(vm, ip, r, w.0, rec);
        };
        let old = std::mem::replace(&mut *r.add(w.b() as usize), item.into_bits());
        release_and_go_on(vm, ip, r, if TAKES & FB != 0 { old } else { UNDEF }, rec)
    }
}

/// The next item of any other native iterator.
///
/// # Safety
/// As for `general`; operand a is a pointer.
#[inline(never)]
pub(super) unsafe fn step<const TAKES: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let it = *r.add(w.a() as usize);
        let Some(next) = (*(it as *const Header)).class().next.get() else {
            return in_full::<{ op::ForIter }>(vm, ip, r, w.0, rec);
        };
        leave(vm, ip, r, rec);
        let old = match advance(vm, it, next) {
            Ok(v) if v.is_undef() => return release_and_go_on(vm, ip.offset(w.c() as i16 as isize), r, it, rec),
            Ok(v) => std::mem::replace(&mut *r.add(w.b() as usize), v.into_bits()),
            Err(e) => return raise(vm, e),
        };
        release_and_go_on(vm, ip, r, if TAKES & FB != 0 { old } else { UNDEF }, rec)
    }
}

/// One step of an iterator: UNDEF at the end. Iterators over iterators nest as deeply as a script wants.
///
/// # Safety
/// `it` is a live pointer.
#[inline(never)]
unsafe fn advance(vm: &Vm, it: u64, next: NextFn) -> R {
    vm.check_stack()?;
    // SAFETY: by contract.
    let it = unsafe { borrow_bits(it) };
    Ok(next(vm, &it)?.unwrap_or_default())
}

/// The iterator of a built-in container.
///
/// # Safety
/// As for `general`; operand b is a pointer.
#[inline(never)]
pub(super) unsafe fn iterator_of(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let v = *r.add(w.b() as usize);
        if vm.types.range.is((*(v as *const Header)).class())
            && let Some((start, count)) = (*(v as *const RangeObj)).steps()
        {
            let it = vm.counter(start, count).into_bits();
            if w.flags() & FB != 0 && !give_up_held(v) && !end_plain(vm, v as *mut Header) {
                drop_pointer(v);
            }
            return give_result(vm, ip, r, w, rec, it, w.flags() & FA != 0);
        }
        let Some(it) = vm.known_iter(&borrow_bits(v)) else {
            return in_full::<{ op::GetIter }>(vm, ip, r, w.0, rec);
        };
        // The iterator holds the container, or is it.
        if w.flags() & FB != 0 && !give_up_held(v) {
            drop_pointer(v);
        }
        give_result(vm, ip, r, w, rec, it.into_bits(), w.flags() & FA != 0)
    }
}

/// The items of a tuple or list, in as many registers.
///
/// # Safety
/// As for `general`; operand b is a pointer.
#[inline(never)]
pub(super) unsafe fn unpack(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the window has room for the items, and may begin where the container lies.
    unsafe {
        let v = *r.add(w.b() as usize);
        let h = &*(v as *const Header);
        let items = match h.kind.get() {
            Kind::Tuple if vm.types.tuple.is(h.class()) => (*(v as *const TupleObj)).items(),
            Kind::List if vm.types.list.is(h.class()) => (*(v as *const ListObj)).as_slice(),
            _ => &[],
        };
        if items.is_empty() || items.len() != w.c() as usize {
            return in_full::<{ op::Unpack }>(vm, ip, r, w.0, rec);
        }
        let window = r.add(w.a() as usize);
        // What a tuple holds that ends here, as the results of functions and iterators do, needs no other reference.
        if w.flags() & FB != 0 && h.rc.get() == 1 && h.kind.get() == Kind::Tuple && h.flags.get() == 0 {
            std::ptr::copy_nonoverlapping(items.as_ptr().cast::<u64>(), window, items.len());
            end_emptied(vm, v as *mut Header);
            go_on!(vm, ip, r, rec)
        }
        for (i, item) in items.iter().enumerate() {
            let item = item.bits();
            retain(item);
            *window.add(i) = item;
        }
        release_and_go_on(vm, ip, r, if w.flags() & FB != 0 { v } else { FALSE }, rec)
    }
}

/// An item of a set that is being made.
///
/// # Safety
/// As for `general`; operand a is a set.
#[inline(always)]
pub(super) unsafe fn add_to_set<const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    // SAFETY: by contract; the key stays in its register until the set has its own reference.
    unsafe {
        let key = r.add(Word(w).b() as usize);
        let set = &*(*r.add(Word(w).a() as usize) as *const SetObj);
        if !set.add_plain(vm, &*key.cast::<Value>()) {
            return in_full::<{ op::SetAdd }>(vm, ip, r, w, rec);
        }
        release_and_go_on(vm, ip, r, if TAKES & FB != 0 { *key } else { UNDEF }, rec)
    }
}

/// A tuple or a list of the items in a window.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn collect<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        if OP == op::MakeTuple {
            build::make_tuple(vm, r, Word(w));
        } else {
            build::make_list(vm, r, Word(w));
        }
        go_on!(vm, ip, r, rec)
    }
}
