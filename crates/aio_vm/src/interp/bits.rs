//! Values as the interpreter's loop sees them: words, with the tests and conversions that cost least.

use crate::object::StrObj;
use crate::object::header::{Header, Kind};
use crate::value::{INT_TAG, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC, number as op};

pub(super) const UNDEF: u64 = 0xFFF4 << 48;
pub(super) const NONE: u64 = UNDEF | 1;
pub(super) const FALSE: u64 = UNDEF | 2;
pub(super) const TRUE: u64 = UNDEF | 3;

#[inline(always)]
pub(super) fn is_ptr(v: u64) -> bool {
    v >> 48 == 0
}

#[inline(always)]
pub(super) fn is_float(v: u64) -> bool {
    v.wrapping_sub(1 << 48) < 0xFFF1 << 48
}

#[inline(always)]
pub(super) fn float_of(v: u64) -> f64 {
    f64::from_bits(v - (1 << 48))
}

#[inline(always)]
pub(super) fn int_of(v: u64) -> i64 {
    (v << 13) as i64 >> 13
}

#[inline(always)]
pub(super) fn small_bits(n: i64) -> u64 {
    INT_TAG | (n as u64 & ((1 << 51) - 1))
}

/// The value of an integer that is shifted to the left end of its word, where overflow shows.
#[inline(always)]
pub(super) fn rewrite(shifted: i64) -> u64 {
    INT_TAG | (shifted as u64 >> 13)
}

/// Whether the number is one of those that a word holds.
#[inline(always)]
pub(super) fn fits(n: i64) -> bool {
    (n << 13) >> 13 == n
}

/// Keeps the compiler from computing both ways of a branch and choosing between the results: the processor guesses the
/// way of a branch, but has to wait for a choice.
#[inline(always)]
pub(super) fn a_branch() {
    #[cfg(tail_calls)]
    // SAFETY: no instruction.
    unsafe {
        std::arch::asm!("", options(nomem, nostack, preserves_flags));
    }
}

/// Whether a destination that is operand a is a local variable: its flag says so, or it is an operand as well, of which c may
/// be a number.
#[inline(always)]
pub(super) fn writes_local(w: Word, c_is_register: bool) -> bool {
    w.flags() & FA != 0
        || w.a() == w.b() && w.flags() & FB == 0
        || c_is_register && w.a() == w.c() && w.flags() & FC == 0
}

/// # Safety
/// `v` is a live pointer.
#[inline(always)]
pub(super) unsafe fn kind_of(v: u64) -> Kind {
    // SAFETY: by contract.
    unsafe { (*(v as *const Header)).kind.get() }
}

/// Takes one more reference, and gives it.
///
/// # Safety
/// `v` is a live value.
#[inline(always)]
pub(super) unsafe fn retain(v: u64) -> u64 {
    if is_ptr(v) {
        // SAFETY: by contract.
        unsafe {
            let h = &*(v as *const Header);
            h.rc.set(h.rc.get() + 1);
        }
    }
    v
}

/// Gives up a reference of a value that is held elsewhere, too; false, and nothing has changed, if it is not.
///
/// # Safety
/// `v` is a live value, and the caller owns one of its references.
#[inline(always)]
pub(super) unsafe fn give_up_held(v: u64) -> bool {
    if is_ptr(v) {
        // SAFETY: by contract.
        let rc = unsafe { &(*(v as *const Header)).rc };
        let n = rc.get();
        if n == 1 {
            return false;
        }
        rc.set(n - 1);
    }
    true
}

/// Gives up so many values that lie side by side. What ends may look at the frames.
///
/// # Safety
/// The caller owns the values; the interpreter has been left.
#[inline(always)]
pub(super) unsafe fn give_up_all(values: *mut u64, n: usize) {
    // SAFETY: by contract.
    unsafe {
        for i in 0..n {
            let v = *values.add(i);
            if !give_up_held(v) {
                drop_pointer(v);
            }
        }
    }
}

/// What a call has been given: whether it is plain, and how many arguments there are. The receiver of a method call is the
/// first of them; a plain callable has left its place free.
///
/// # Safety
/// `window` is that of a call, `w` its instruction.
#[inline(always)]
pub(super) unsafe fn given<const OP: u8>(window: *const u64, w: Word) -> (bool, usize) {
    let is_method = OP == op::CallMethod;
    // SAFETY: by contract.
    let plain = is_method && unsafe { *window.add(1) } == UNDEF;
    (plain, w.b() as usize + (is_method && !plain) as usize)
}

/// Where the arguments of a call begin, and how many there are.
///
/// # Safety
/// As for `given`.
#[inline(always)]
pub(super) unsafe fn arguments<const OP: u8>(window: *mut u64, w: Word) -> (*mut u64, usize) {
    // SAFETY: by contract.
    unsafe {
        let (plain, n) = given::<OP>(window, w);
        (window.add(1 + plain as usize), n)
    }
}

/// Whether two strings are equal, as far as a look at length and first byte tells.
///
/// # Safety
/// `x` and `y` are live pointers.
#[inline(always)]
pub(super) unsafe fn same_text(vm: &Vm, x: u64, y: u64) -> Option<bool> {
    // SAFETY: by contract; the kind says what the cell is.
    unsafe {
        let (hx, hy) = (&*(x as *const Header), &*(y as *const Header));
        if !vm.types.str.is(hx.class()) || !vm.types.str.is(hy.class()) {
            return None;
        }
        if x == y {
            return Some(true);
        }
        let (a, b) = ((*(x as *const StrObj)).bytes(), (*(y as *const StrObj)).bytes());
        if a.len() != b.len() {
            return Some(false);
        }
        match (a, b) {
            ([p], [q]) => Some(p == q),
            ([p, ..], [q, ..]) if p != q => Some(false),
            _ => None,
        }
    }
}

/// The character at an index of an ASCII string, if its string of one character has been made.
///
/// # Safety
/// `s` is a live pointer to a string, of no subclass.
#[inline(always)]
pub(super) unsafe fn character(vm: &Vm, s: u64, i: i64) -> Option<u64> {
    // SAFETY: by contract.
    unsafe {
        let s = &*(s as *const StrObj);
        if !s.is_ascii() {
            return None;
        }
        let i = if i < 0 { i + s.len() as i64 } else { i };
        vm.known_char(*s.bytes().get(i as usize)?)
    }
}
