//! Texts: their characters, comparison, growth, and the parts of formatted ones put together.

use crate::builtins::str::percent;
use crate::interp::bits::{
    UNDEF, a_branch, character, give_up_all, give_up_held, int_of, is_ptr, kind_of, retain, same_text, writes_local,
};
use crate::interp::comparison::{compared, comparison, end_compared, tell};
use crate::interp::dispatch::{give_result, go_on, in_full, leave, raise, release_and_go_on};
use crate::interp::numbers::calculate;
use crate::interp::quick::quick;
use crate::object::StrObj;
use crate::object::coro::Record;
use crate::object::header::{Header, INTERNED, Kind};
use crate::protocol::compare::Compare;
use crate::text::search::{FEW, find_byte};
use crate::value::{Value, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC, X0, number as op};
use std::cmp::Ordering;

/// An item of a string.
///
/// # Safety
/// As for `general`; operand b is a string, of no subclass.
#[inline(never)]
pub(super) unsafe fn character_of<const OP: u8, const TAKES: u8>(
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
        if TAKES & FB != 0 && !give_up_held(obj) {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        retain(x);
        give_result(vm, ip, r, w, rec, x, TAKES & FA != 0)
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
        give_up_all(window, n);
        *window = joined.into_bits();
        go_on!(vm, ip, r, rec)
    }
}

/// A comparison of two strings, or a jump for which they are compared.
///
/// # Safety
/// As for `general`; the operands are pointers.
#[inline(never)]
pub(super) unsafe fn compare_texts<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let ((x, x_owned), (y, y_owned)) = compared::<OP>(r, w);
        let holds = match comparison(OP) {
            Compare::Eq => same_text(vm, x, y),
            Compare::Ne => same_text(vm, x, y).map(|same| !same),
            order => order_of(vm, x, y).map(|found| order.holds(found)),
        };
        let (rx, ry) = (&(*(x as *const Header)).rc, &(*(y as *const Header)).rc);
        // What dies here needs a call, too; both may be the same object.
        let least = 1 + (x == y) as u32;
        let dies = x_owned && rx.get() <= least || y_owned && ry.get() <= least;
        let Some(holds) = holds.filter(|_| !dies) else { return compare_longer::<OP>(vm, ip, r, w.0, rec) };
        if x_owned {
            rx.set(rx.get() - 1);
        }
        if y_owned {
            ry.set(ry.get() - 1);
        }
        tell::<OP>(vm, ip, r, w, rec, holds)
    }
}

/// The same for strings that take more than a look, or end here: a call would make all comparisons keep registers.
///
/// # Safety
/// As for `compare_texts`.
#[inline(never)]
unsafe fn compare_longer<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the classes say what the cells are.
    unsafe {
        let operands @ ((x, _), (y, _)) = compared::<OP>(r, w);
        let is_text = |v: u64| vm.types.str.is((*(v as *const Header)).class());
        if !is_text(x) || !is_text(y) {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        // WTF-8 sorts as its code points do.
        let (a, b) = ((*(x as *const StrObj)).bytes(), (*(y as *const StrObj)).bytes());
        let holds = match comparison(OP) {
            Compare::Eq => a == b,
            Compare::Ne => a != b,
            order => order.holds(a.cmp(b)),
        };
        end_compared(operands.into());
        tell::<OP>(vm, ip, r, w, rec, holds)
    }
}

/// A comparison with a constant text, and the jump behind it for which they are compared.
///
/// # Safety
/// As for `general`; the instruction is `LoadKEq`.
#[inline(always)]
pub(super) unsafe fn compare_with_constant(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the constant is a string.
    unsafe {
        let k = (*vm.running.code.get()).constant(w.bx() as usize).bits();
        let next = Word(*ip);
        let x = *r.add(next.a() as usize);
        if !is_ptr(x) {
            return quick::<{ op::LoadK }, 0>(vm, ip, r, w.0, rec);
        }
        let (hx, hk) = (&*(x as *const Header), &*(k as *const Header));
        // There is one string of each interned text, and it has a reference of its own.
        if !hx.has(INTERNED) || !hk.has(INTERNED) {
            return compare_with_text(vm, ip, r, w.0, rec);
        }
        if next.flags() & FA != 0 {
            hx.rc.set(hx.rc.get() - 1);
        }
        let ip = ip.add(1);
        if (x == k) == (w.flags() & X0 != 0) {
            a_branch();
            go_on!(vm, ip.offset(next.c() as i16 as isize), r, rec)
        }
        go_on!(vm, ip, r, rec)
    }
}

/// The same where one of them is not interned; or that text alone, where it takes more than a look.
///
/// # Safety
/// As for `compare_with_constant`; the other operand is a pointer.
#[inline(never)]
unsafe fn compare_with_text(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the constant is a string.
    unsafe {
        let k = (*vm.running.code.get()).constant(w.bx() as usize).bits();
        let next = Word(*ip);
        let x = *r.add(next.a() as usize);
        let owned = next.flags() & FA != 0;
        match same_text(vm, x, k) {
            Some(same) if !owned || give_up_held(x) => {
                let ip = ip.add(1);
                let jumps = same == (w.flags() & X0 != 0);
                go_on!(vm, if jumps { ip.offset(next.c() as i16 as isize) } else { ip }, r, rec)
            }
            _ => quick::<{ op::LoadK }, 0>(vm, ip, r, w.0, rec),
        }
    }
}

/// Whether a character is one of a constant text, and the jump behind that; or that text alone, if it is another question.
///
/// # Safety
/// As for `general`; the instruction is `LoadKIn`.
#[inline(always)]
pub(super) unsafe fn look_into_text(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the constant is a string.
    unsafe {
        let k = (*vm.running.code.get()).constant(w.bx() as usize).bits();
        let next = Word(*ip);
        let x = *r.add(next.a() as usize);
        match occurs(vm, x, k) {
            Some(found) if next.flags() & FA == 0 || give_up_held(x) => {
                let ip = ip.add(1);
                let jumps = found == (next.op_number() == op::JumpIn);
                go_on!(vm, if jumps { ip.offset(next.c() as i16 as isize) } else { ip }, r, rec)
            }
            _ => quick::<{ op::LoadK }, 0>(vm, ip, r, w.0, rec),
        }
    }
}

/// Whether one character of one byte is in a short string.
///
/// # Safety
/// `x` is a live value, `text` a live pointer.
#[inline(always)]
unsafe fn occurs(vm: &Vm, x: u64, text: u64) -> Option<bool> {
    // SAFETY: by contract; the class says what the cell is.
    unsafe {
        let is_text = |v: u64| vm.types.str.is((*(v as *const Header)).class());
        if !is_ptr(x) || !is_text(x) || !is_text(text) {
            return None;
        }
        match ((*(x as *const StrObj)).bytes(), (*(text as *const StrObj)).bytes()) {
            ([byte], text) if text.len() <= FEW => Some(find_byte(text, *byte).is_some()),
            _ => None,
        }
    }
}

/// The order of two strings: WTF-8 sorts as its code points do.
///
/// # Safety
/// Both are live pointers.
#[inline(always)]
unsafe fn order_of(vm: &Vm, x: u64, y: u64) -> Option<Ordering> {
    // SAFETY: by contract; the class says what the cell is.
    unsafe {
        let is_text = |v: u64| vm.types.str.is((*(v as *const Header)).class());
        if !is_text(x) || !is_text(y) {
            return None;
        }
        match ((*(x as *const StrObj)).bytes(), (*(y as *const StrObj)).bytes()) {
            ([p], [q]) => Some(p.cmp(q)),
            ([p, ..], [q, ..]) if p != q => Some(p.cmp(q)),
            _ => None,
        }
    }
}

/// A sum of two pointers: of texts, where one in a variable grows where it lies if nothing else refers to it.
///
/// # Safety
/// As for `general`; the operands are pointers.
#[inline(never)]
pub(super) unsafe fn append(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let (x, y) = (*r.add(w.b() as usize), *r.add(w.c() as usize));
        let is_text = |v: u64| {
            let h = &*(v as *const Header);
            h.kind.get() == Kind::Str && vm.types.str.is(h.class())
        };
        if !is_text(x) || !is_text(y) {
            return in_full::<{ op::Add }>(vm, ip, r, w.0, rec);
        }
        let changes = w.a() == w.b() && w.flags() & FB == 0;
        let left = &*(x as *const StrObj);
        // What is added to is given up; when nothing else refers to it, it gets room for more.
        let grows = (changes || w.flags() & FB != 0) && left.header.rc.get() == 1;
        let done = if changes && left.append_in_place(&*(y as *const StrObj)) {
            UNDEF
        } else if !grows && let Some(sum) = concatenated(vm, left, &*(y as *const StrObj)) {
            if w.flags() & FB != 0 {
                give_up_held(x);
            }
            let old = std::mem::replace(&mut *r.add(w.a() as usize), sum);
            if writes_local(w, true) { old } else { UNDEF }
        } else {
            return in_full::<{ op::Add }>(vm, ip, r, w.0, rec);
        };
        if w.flags() & FC != 0 && !give_up_held(y) {
            drop_pointer(y);
        }
        release_and_go_on(vm, ip, r, done, rec)
    }
}

/// A text with values put in: `text % values`.
///
/// # Safety
/// As for `general`; operand b is a pointer.
#[inline(never)]
pub(super) unsafe fn put_in(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the operands stay where they are until the text is made.
    unsafe {
        let (text, values) = (r.add(w.b() as usize), r.add(w.c() as usize));
        let (x, y) = (*text, *values);
        let is_text = |v: u64| vm.types.str.is((*(v as *const Header)).class());
        // What is a text of another class may want to do it itself.
        if !is_text(x) || is_ptr(y) && kind_of(y) == Kind::Str && !is_text(y) {
            return calculate::<{ op::Mod }>(vm, ip, r, w.0, rec);
        }
        leave(vm, ip, r, rec);
        let result = percent::apply(vm, &*text.cast::<Value>(), &*values.cast::<Value>());
        if w.flags() & FC != 0 && !give_up_held(y) {
            drop_pointer(y);
        }
        if w.flags() & FB != 0 && !give_up_held(x) {
            drop_pointer(x);
        }
        match result {
            Ok(v) => give_result(vm, ip, r, w, rec, v.into_bits(), writes_local(w, true)),
            Err(e) => raise(vm, e),
        }
    }
}

/// Two texts as one, unless it would be too long.
#[inline(never)]
fn concatenated(vm: &Vm, x: &StrObj, y: &StrObj) -> Option<u64> {
    let fits = x.bytes().len() + y.bytes().len() <= vm.text_limit();
    fits.then(|| vm.str_concat(x, y).into_bits())
}
