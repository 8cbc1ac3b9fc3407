//! Items of dicts under usual keys, slices, and whether containers hold something.

use crate::interp::bits::{FALSE, UNDEF, give_up_held, is_ptr, kind_of, retain, small_bits};
use crate::interp::dispatch::{give_result, go_on, in_full, release_and_go_on};
use crate::object::coro::Record;
use crate::object::header::{Header, Kind};
use crate::object::{DictObj, ListObj, SetObj, StrObj, TupleObj};
use crate::text::wtf8;
use crate::value::{Value, borrow_bits, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC, number as op};

/// Gives up a temporary that is a plain key, or a container that does not die here: no code of the script can run.
///
/// # Safety
/// `v` is a live value; if it is `owned`, the caller owns one of its references.
#[inline(always)]
unsafe fn give_up(v: u64, owned: bool) {
    // SAFETY: by contract.
    unsafe {
        if owned && !give_up_held(v) {
            drop_pointer(v);
        }
    }
}

/// Whether a value is held by more than a temporary that ends here.
///
/// # Safety
/// `v` is a live pointer.
#[inline(always)]
unsafe fn outlives(v: u64, temporary: bool) -> bool {
    // SAFETY: by contract.
    !temporary || unsafe { (*(v as *const Header)).rc.get() > 1 }
}

/// An item of a dict.
///
/// # Safety
/// As for `general`; operand b is a pointer of the kind of dicts.
#[inline(never)]
pub(super) unsafe fn value_of<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let obj = *r.add(w.b() as usize);
        let imm = OP == op::GetItemI;
        let key = if imm { small_bits(w.c() as i16 as i64) } else { *r.add(w.c() as usize) };
        let dict = &*(obj as *const DictObj);
        if vm.types.dict.is(dict.header.class())
            && let Some((_, Some(at))) = dict.find_plain(vm, &borrow_bits(key))
            && let Some(v) = dict.value_at(at)
            && outlives(obj, w.flags() & FB != 0)
        {
            let v = v.bits();
            retain(v);
            give_up(key, !imm && w.flags() & FC != 0);
            give_up(obj, w.flags() & FB != 0);
            return give_result(vm, ip, r, w, rec, v, w.flags() & FA != 0);
        }
        in_full::<OP>(vm, ip, r, w.0, rec)
    }
}

/// Sets an item of a dict, as a statement or in a display.
///
/// # Safety
/// As for `general`; operand a is a pointer of the kind of dicts.
#[inline(never)]
pub(super) unsafe fn set_value_of<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let (obj, key) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
        let dict = &*(obj as *const DictObj);
        if vm.types.dict.is(dict.header.class())
            && let Some((hash, found)) = dict.find_plain(vm, &borrow_bits(key))
            && outlives(obj, w.flags() & FA != 0)
        {
            let v = *r.add(w.c() as usize);
            if w.flags() & FC == 0 {
                retain(v);
            }
            let v = Value::from_owned_bits(v);
            let old = match found {
                Some(at) => {
                    give_up(key, w.flags() & FB != 0);
                    dict.set_value_at(at, v).map_or(UNDEF, Value::into_bits)
                }
                None => {
                    if w.flags() & FB == 0 {
                        retain(key);
                    }
                    dict.insert_new(Value::from_owned_bits(key), v, hash);
                    UNDEF
                }
            };
            give_up(obj, w.flags() & FA != 0);
            return release_and_go_on(vm, ip, r, old, rec);
        }
        in_full::<OP>(vm, ip, r, w.0, rec)
    }
}

/// Items of a slice that are copied without a look at limits.
const SLICED: usize = 4096;

/// A part of a sequence.
///
/// # Safety
/// As for `general`; the sequence is a pointer.
#[inline(never)]
pub(super) unsafe fn slice_of(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let window = r.add(Word(w).a() as usize);
        let Some(v) = part(vm, window) else {
            return in_full::<{ op::GetSlice }>(vm, ip, r, w, rec);
        };
        let obj = std::mem::replace(&mut *window, v.into_bits());
        release_and_go_on(vm, ip, r, obj, rec)
    }
}

/// The part of a string, list or tuple between bounds that are inline integers or None.
///
/// # Safety
/// The window holds the sequence, a pointer, and the two bounds.
#[inline(never)]
unsafe fn part(vm: &Vm, window: *mut u64) -> Option<Value> {
    // SAFETY: by contract.
    let (obj, start, stop) =
        unsafe { (borrow_bits(*window), borrow_bits(*window.add(1)), borrow_bits(*window.add(2))) };
    let class = vm.class_of(&obj);
    let known = [vm.types.str.get(), vm.types.list.get(), vm.types.tuple.get()];
    if !known.iter().any(|k| class.is_same(k)) {
        return None;
    }
    let len = vm.known_len(&obj)? as i64;
    let place = |v: &Value, open: i64| {
        if v.is_none() {
            return Some(open);
        }
        let n = v.as_small()?;
        Some(if n < 0 { (n + len).max(0) } else { n.min(len) })
    };
    let (start, stop) = (place(&start, 0)?, place(&stop, len)?);
    let (start, stop) = (start as usize, stop.max(start) as usize);
    if start == 0 && stop == len as usize && class.is_same(vm.types.str.get()) {
        return Some((*obj).clone());
    }
    if stop - start > SLICED {
        return None;
    }
    if let Some(s) = obj.as_str() {
        return Some(vm.str_counted(wtf8::slice(s.bytes(), s.is_ascii(), start..stop), stop - start));
    }
    if let Some(list) = obj.as_list() {
        return Some(vm.list(list.as_slice()[start..stop].to_vec()));
    }
    let items = obj.as_tuple()?.items();
    if stop - start == items.len() {
        return Some((*obj).clone());
    }
    Some(vm.tuple(items[start..stop].iter().cloned()))
}

/// Whether a dict, a string, a list or a tuple holds something.
///
/// # Safety
/// As for `general`; the container, operand c (b of jumps), is a pointer.
#[inline(never)]
pub(super) unsafe fn holds_key<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    let jumps = OP == op::JumpIn || OP == op::JumpNotIn;
    // SAFETY: by contract.
    unsafe {
        let ((key, key_owned), (obj, obj_owned)) = if jumps {
            ((*r.add(w.a() as usize), w.flags() & FA != 0), (*r.add(w.b() as usize), w.flags() & FB != 0))
        } else {
            ((*r.add(w.b() as usize), w.flags() & FB != 0), (*r.add(w.c() as usize), w.flags() & FC != 0))
        };
        let class = (*(obj as *const Header)).class();
        let found = match kind_of(obj) {
            Kind::Dict if vm.types.dict.is(class) => {
                (*(obj as *const DictObj)).find_plain(vm, &borrow_bits(key)).map(|(_, at)| at.is_some())
            }
            Kind::Str
                if vm.types.str.is(class) && is_ptr(key) && vm.types.str.is((*(key as *const Header)).class()) =>
            {
                Some((*(obj as *const StrObj)).holds(&*(key as *const StrObj)))
            }
            Kind::Set | Kind::FrozenSet if vm.types.set.is(class) || vm.types.frozenset.is(class) => {
                (*(obj as *const SetObj)).holds_plain(vm, &borrow_bits(key))
            }
            Kind::Tuple if vm.types.tuple.is(class) => {
                vm.plainly_among(&borrow_bits(key), (*(obj as *const TupleObj)).items())
            }
            Kind::List if vm.types.list.is(class) => {
                vm.plainly_among(&borrow_bits(key), (*(obj as *const ListObj)).as_slice())
            }
            _ => None,
        };
        let Some(found) = found.filter(|_| outlives(obj, obj_owned)) else {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        };
        give_up(key, key_owned);
        give_up(obj, obj_owned);
        let holds = found == (OP == op::In || OP == op::JumpIn);
        if jumps {
            let ip = if holds { ip.offset(w.c() as i16 as isize) } else { ip };
            go_on!(vm, ip, r, rec)
        }
        give_result(vm, ip, r, w, rec, FALSE | holds as u64, w.flags() & FA != 0)
    }
}
