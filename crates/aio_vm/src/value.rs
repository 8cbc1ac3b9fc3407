//! The 8-byte value: a NaN box that owns its reference.
//!
//! ```text
//! pointer   0000 pppp pppp pppp     address of a heap cell
//! double    bits + 0001 << 48       0001.. to FFF1..
//! special   FFF4 0000 0000 000n     None, False, True, ...
//! int       FFF8.. to FFFF..        51-bit two's complement
//! ```
//! `Value` is not `Copy`: a clone counts, a drop discounts and, at zero, frees at once. The interpreter moves raw
//! bits where it knows better; everything else gets correct counting from the type.

use crate::heap;
use crate::object::header::{Header, Kind};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU64, Ordering};

/// A script value; owns one reference to the cell that it points to, if it points to one.
#[repr(transparent)]
pub struct Value(pub(crate) u64);

const DOUBLE_OFFSET: u64 = 1 << 48;
const DOUBLE_END: u64 = 0xFFF2 << 48;
const SPECIAL: u64 = 0xFFF4 << 48;
pub(crate) const INT_TAG: u64 = 0xFFF8 << 48;
const INT_MASK: u64 = (1 << 51) - 1;
/// Smallest integer that is stored inline.
pub const INT_MIN: i64 = -(1 << 50);
/// Largest integer that is stored inline.
pub const INT_MAX: i64 = (1 << 50) - 1;

impl Value {
    /// Marks the absence of a value; never visible to scripts.
    pub const UNDEF: Value = Value(SPECIAL);
    /// `None`.
    pub const NONE: Value = Value(SPECIAL | 1);
    /// `False`.
    pub const FALSE: Value = Value(SPECIAL | 2);
    /// `True`.
    pub const TRUE: Value = Value(SPECIAL | 3);
    /// `Ellipsis`.
    pub const ELLIPSIS: Value = Value(SPECIAL | 4);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = Value(SPECIAL | 5);

    /// An integer that is known to fit 51 bits (lengths, indexes, characters).
    #[inline(always)]
    pub fn small(n: i64) -> Value {
        debug_assert!((INT_MIN..=INT_MAX).contains(&n));
        Value(INT_TAG | (n as u64 & INT_MASK))
    }

    /// An integer, if it fits inline.
    #[inline(always)]
    pub fn try_small(n: i64) -> Option<Value> {
        if (n << 13) >> 13 == n { Some(Value(INT_TAG | (n as u64 & INT_MASK))) } else { None }
    }

    /// A float. A NaN gets bits of its own, which read as no other kind of value.
    #[inline(always)]
    pub fn float(x: f64) -> Value {
        if x.is_nan() {
            return Value::fresh_nan();
        }
        Value(x.to_bits() + DOUBLE_OFFSET)
    }

    /// NaN equals nothing, so scripts tell two of them apart by identity: a number in the payload keeps them distinct.
    #[cold]
    fn fresh_nan() -> Value {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed) & (DOUBLE_OFFSET - 1);
        Value((0x7FF8_0000_0000_0000 | number) + DOUBLE_OFFSET)
    }

    /// `True` or `False`.
    #[inline(always)]
    pub fn bool(b: bool) -> Value {
        Value(SPECIAL | 2 | b as u64)
    }

    /// The bits, without giving up the reference.
    #[inline(always)]
    pub(crate) fn bits(&self) -> u64 {
        self.0
    }

    /// The bits, with the reference.
    #[inline(always)]
    pub(crate) fn into_bits(self) -> u64 {
        ManuallyDrop::new(self).0
    }

    /// Two values that are the same object (or the same immediate).
    #[inline(always)]
    pub fn is(&self, other: &Value) -> bool {
        self.0 == other.0
    }

    /// Points to a heap cell.
    #[inline(always)]
    pub fn is_ptr(&self) -> bool {
        self.0 >> 48 == 0
    }

    /// Is an inline integer.
    #[inline(always)]
    pub fn is_small(&self) -> bool {
        self.0 >= INT_TAG
    }

    /// Is a float (not an instance of a subclass).
    #[inline(always)]
    pub fn is_float(&self) -> bool {
        self.0.wrapping_sub(DOUBLE_OFFSET) < DOUBLE_END - DOUBLE_OFFSET
    }

    /// Is `UNDEF`.
    #[inline(always)]
    pub fn is_undef(&self) -> bool {
        self.0 == SPECIAL
    }

    /// Is `None`.
    #[inline(always)]
    pub fn is_none(&self) -> bool {
        self.0 == SPECIAL | 1
    }

    /// Is `True` (the object).
    #[inline(always)]
    pub fn is_true(&self) -> bool {
        self.0 == SPECIAL | 3
    }

    /// Is `NotImplemented`.
    #[inline(always)]
    pub fn is_not_implemented(&self) -> bool {
        self.0 == SPECIAL | 5
    }

    /// Is `True` or `False`.
    #[inline(always)]
    pub fn is_bool(&self) -> bool {
        self.0 & !1 == SPECIAL | 2
    }

    /// The inline integer.
    #[inline(always)]
    pub fn as_small(&self) -> Option<i64> {
        if self.is_small() { Some((self.0 << 13) as i64 >> 13) } else { None }
    }

    /// The float (not of an instance of a subclass).
    #[inline(always)]
    pub fn as_float(&self) -> Option<f64> {
        if self.is_float() { Some(f64::from_bits(self.0 - DOUBLE_OFFSET)) } else { None }
    }

    /// The bool.
    #[inline(always)]
    pub fn as_bool(&self) -> Option<bool> {
        if self.is_bool() { Some(self.0 & 1 == 1) } else { None }
    }

    /// The header of the cell.
    #[inline(always)]
    pub(crate) fn header(&self) -> Option<&Header> {
        if self.is_ptr() {
            // SAFETY: a value with a zero upper part points to a live cell, which this value keeps alive.
            Some(unsafe { &*(self.0 as *const Header) })
        } else {
            None
        }
    }

    /// The kind of the cell; immediates have none.
    #[inline(always)]
    pub fn kind(&self) -> Option<Kind> {
        self.header().map(|h| h.kind.get())
    }

    /// The address of the cell.
    #[inline(always)]
    pub(crate) fn addr(&self) -> usize {
        self.0 as usize
    }

    /// What tells this value from all others that are alive.
    pub fn identity(&self) -> u64 {
        self.0 & 0x0007_FFFF_FFFF_FFFF
    }

    /// A value from bits that hold a reference already.
    ///
    /// # Safety
    /// The bits are those of a live value, and the reference they stand for is not used by anything else.
    #[inline(always)]
    pub(crate) unsafe fn from_owned_bits(bits: u64) -> Value {
        Value(bits)
    }

    /// A value from bits that are borrowed; counts.
    ///
    /// # Safety
    /// The bits are those of a value that is alive now.
    #[inline(always)]
    pub(crate) unsafe fn from_borrowed_bits(bits: u64) -> Value {
        let v = Value(bits);
        if let Some(h) = v.header() {
            h.rc.set(h.rc.get() + 1);
        }
        v
    }

    /// How many references the cell has; 0 for immediates.
    pub fn ref_count(&self) -> u32 {
        self.header().map_or(0, |h| h.rc.get())
    }

    /// Takes the value and leaves `UNDEF`.
    #[inline(always)]
    pub fn take(&mut self) -> Value {
        std::mem::replace(self, Value::UNDEF)
    }

    /// `None` for `UNDEF`.
    #[inline(always)]
    pub fn defined(self) -> Option<Value> {
        if self.is_undef() { None } else { Some(self) }
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        if let Some(h) = self.header() {
            h.rc.set(h.rc.get() + 1);
        }
        Value(self.0)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 >> 48 == 0 {
            // SAFETY: the value points to a live cell of which it owns one reference.
            unsafe { drop_pointer(self.0) }
        }
    }
}

/// Gives up one reference of a pointer.
///
/// # Safety
/// `bits` is a pointer to a live cell and the caller owns one of its references.
#[inline(always)]
pub(crate) unsafe fn drop_pointer(bits: u64) {
    // SAFETY: by the contract of this function.
    let h = unsafe { &*(bits as *const Header) };
    let n = h.rc.get() - 1;
    h.rc.set(n);
    if n == 0 {
        // SAFETY: that was the last reference.
        unsafe { heap::free_cell(bits as *mut Header) }
    }
}

impl Default for Value {
    fn default() -> Value {
        Value::UNDEF
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(n) = self.as_small() {
            write!(f, "{n}")
        } else if let Some(x) = self.as_float() {
            write!(f, "{x:?}")
        } else if let Some(s) = self.as_str() {
            write!(f, "{:?}", s.to_text())
        } else if let Some(k) = self.kind() {
            write!(f, "<{k:?}>")
        } else {
            f.write_str(match self.0 & 0xF {
                0 => "UNDEF",
                1 => "None",
                2 => "False",
                3 => "True",
                4 => "Ellipsis",
                _ => "NotImplemented",
            })
        }
    }
}

/// A reference that is only looked at: same bits, no counting.
pub(crate) type Borrowed = ManuallyDrop<Value>;

/// Views bits as a value without counting.
///
/// # Safety
/// The bits are those of a value that stays alive while the view is used.
#[inline(always)]
pub(crate) unsafe fn borrow_bits(bits: u64) -> Borrowed {
    ManuallyDrop::new(Value(bits))
}
