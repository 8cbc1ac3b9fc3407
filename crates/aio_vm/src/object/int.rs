//! Numbers that do not fit the value itself: large integers, complex numbers, instances of numeric subclasses.

use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// The number in an integer cell: the small form whenever it fits, so that equal integers have one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Number {
    /// Fits 64 bits.
    I64(i64),
    /// Does not.
    Big(BigInt),
}

/// An integer cell.
#[repr(C)]
pub struct IntObj {
    pub(crate) header: Header,
    pub(crate) number: Number,
}

impl IntObj {
    /// The number.
    pub fn number(&self) -> &Number {
        &self.number
    }

    /// Holds nothing outside of the cell.
    #[inline(always)]
    pub(crate) fn is_inline(&self) -> bool {
        matches!(self.number, Number::I64(_))
    }

    /// Bytes outside of the cell.
    pub(crate) fn outside(&self) -> usize {
        match &self.number {
            Number::I64(_) => 0,
            Number::Big(n) => (n.bits() / 8) as usize + 8,
        }
    }
}

/// A float cell: an instance of a subclass.
#[repr(C)]
pub struct FloatObj {
    pub(crate) header: Header,
    /// The number.
    pub value: f64,
}

/// A complex number.
#[repr(C)]
pub struct ComplexObj {
    pub(crate) header: Header,
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

impl Vm {
    /// An integer.
    #[inline(always)]
    pub fn int(&self, n: i64) -> Value {
        match Value::try_small(n) {
            Some(v) => v,
            None => self.wide_int(n),
        }
    }

    /// An integer of 64 bits that a value does not hold.
    #[inline(never)]
    pub(crate) fn wide_int(&self, n: i64) -> Value {
        new_cell(self, self.types.int.get(), Kind::Int, |header| IntObj { header, number: Number::I64(n) })
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn int_cell(&self, number: Number) -> Value {
        let v = new_cell(self, self.types.int.get(), Kind::Int, |header| IntObj { header, number });
        if let Some(int) = v.as_int_obj() {
            self.heap.charge(int.outside() as isize);
        }
        v
    }

    /// An integer of any size.
    pub fn bigint(&self, n: BigInt) -> Value {
        match n.to_i64() {
            Some(n) => self.int(n),
            None => self.int_cell(Number::Big(n)),
        }
    }

    /// An unsigned integer.
    pub fn uint(&self, n: u64) -> Value {
        match i64::try_from(n) {
            Ok(n) => self.int(n),
            Err(_) => self.bigint(BigInt::from(n)),
        }
    }

    /// An integer of 128 bits.
    pub fn int128(&self, n: i128) -> Value {
        match i64::try_from(n) {
            Ok(n) => self.int(n),
            Err(_) => self.bigint(BigInt::from(n)),
        }
    }

    /// A complex number.
    pub fn complex(&self, re: f64, im: f64) -> Value {
        new_cell(self, self.types.complex.get(), Kind::Complex, |header| ComplexObj { header, re, im })
    }

    /// A float cell, for instances of subclasses.
    pub(crate) fn float_cell(&self, value: f64) -> Value {
        new_cell(self, self.types.float.get(), Kind::Float, |header| FloatObj { header, value })
    }
}

impl Value {
    /// Is an int (bool included).
    pub fn is_int(&self) -> bool {
        self.is_small() || self.is_bool() || self.kind() == Some(Kind::Int)
    }

    /// The integer, if it fits 64 bits. Accepts bool and instances of subclasses.
    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        if let Some(n) = self.as_small() {
            return Some(n);
        }
        if let Some(b) = self.as_bool() {
            return Some(b as i64);
        }
        match &self.as_int_obj()?.number {
            Number::I64(n) => Some(*n),
            Number::Big(_) => None,
        }
    }

    /// The integer of any size.
    pub fn as_bigint(&self) -> Option<BigInt> {
        if let Some(n) = self.as_i64() {
            return Some(BigInt::from(n));
        }
        match &self.as_int_obj()?.number {
            Number::I64(n) => Some(BigInt::from(*n)),
            Number::Big(b) => Some(b.clone()),
        }
    }

    /// The float, also of an instance of a subclass. Integers are not converted.
    #[inline]
    pub fn as_f64(&self) -> Option<f64> {
        self.as_float().or_else(|| self.as_float_obj().map(|f| f.value))
    }
}
