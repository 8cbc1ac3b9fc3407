//! Making integers of numbers, texts and bytes, and bytes of integers.

use super::big;
use crate::error::R;
use crate::native::Args;
use crate::text::{float_math, int_text, repr};
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::BigInt;
use num_traits::{Signed, Zero};

pub(super) fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.int.get())?;
    let v = match (a.get(1), a.get(2)) {
        (None, None) => Value::small(0),
        (None, Some(_)) => return Err(vm.type_error("int() missing string argument")),
        (Some(x), None) => vm.to_int(x)?,
        (Some(x), Some(base)) => {
            let base = vm.index_value(base)?.as_i64().unwrap_or(1);
            int_text::check_base(base).map_err(|e| vm.text_error(e))?;
            match parse(vm, x, base) {
                Some(v) => v?,
                None => return Err(vm.type_error("int() can't convert non-string with explicit base")),
            }
        }
    };
    Ok(vm.int_as(v, class))
}

/// `int(x)` of a number that is no larger than a word, or of so many digits.
pub(super) fn usual(_vm: &Vm, a: &[Value]) -> Option<Value> {
    let [v] = a else { return None };
    if v.is_small() {
        return Some(v.clone());
    }
    if let Some(x) = v.as_float() {
        return (x.abs() < LARGEST).then(|| Value::small(x as i64));
    }
    let text = v.as_str()?.bytes();
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if !(1..=DIGITS).contains(&digits.len()) {
        return None;
    }
    let mut n = 0;
    for b in digits {
        if !b.is_ascii_digit() {
            return None;
        }
        n = n * 10 + (b - b'0') as i64;
    }
    Some(Value::small(if negative { -n } else { n }))
}

/// So many digits fit an inline integer.
const DIGITS: usize = 15;

/// A float below it is, without its fraction, an inline integer.
const LARGEST: f64 = 1e15;

/// The integer that a text (str, bytes or bytearray) spells; `None` for other values.
fn parse(vm: &Vm, x: &Value, base: i64) -> Option<R> {
    let limit = vm.max_digits();
    let data = match x.as_str() {
        Some(s) => s.bytes(),
        None => x.byte_data()?,
    };
    if let Err(e) = vm.pay_reading(data, base) {
        return Some(Err(e));
    }
    let parsed = if x.as_str().is_some() {
        int_text::parse(data, base, limit)
    } else {
        int_text::parse_bytes(data, base, limit, || repr::bytes_repr(data))
    };
    Some(parsed.map(|n| vm.int_of(n)).map_err(|e| vm.text_error(e)))
}

impl Vm {
    /// `int(x)`.
    pub fn to_int(&self, x: &Value) -> R {
        if x.is_small() {
            return Ok(x.clone());
        }
        if let Some(f) = x.as_float() {
            return float_math::to_int(f).map(|n| self.int_of(n)).map_err(|e| self.text_error(e));
        }
        if let Some(s) = x.as_str()
            && !self.class_of(x).is(crate::object::class::HEAP)
        {
            self.pay_reading(s.bytes(), 10)?;
            let n = int_text::parse(s.bytes(), 10, self.max_digits());
            return n.map(|n| self.int_of(n)).map_err(|e| self.text_error(e));
        }
        if let Some(n) = self.call_special(x, &self.names.__int__, &[])? {
            if !n.is_int() {
                return Err(self.type_error(format!("__int__ returned non-int (type {})", self.type_name(&n))));
            }
            if !self.class_of(&n).is_same(self.types.int.get()) {
                let what = self.type_name(&n);
                let text = format!(
                    "__int__ returned non-int (type {what}).  The ability to return an instance of a strict subclass \
                     of int is deprecated, and may not be supported in a future version of Python."
                );
                self.warn(self.types.deprecation_warning.get(), &text)?;
            }
            return Ok(self.plain_int(&n));
        }
        if self.type_method(x, &self.names.__index__).is_some() {
            let n = self.index_value(x)?;
            return Ok(self.plain_int(&n));
        }
        if let Some(n) = self.call_special(x, &self.names.__trunc__, &[])? {
            if !n.is_int() && self.type_method(&n, &self.names.__index__).is_none() {
                let given = self.type_name(&n);
                return Err(self.type_error(format!("__trunc__ returned non-Integral (type {given})")));
            }
            let n = self.index_value(&n)?;
            return Ok(self.plain_int(&n));
        }
        if let Some(v) = parse(self, x, 10) {
            return v;
        }
        if x.as_memoryview().is_some() {
            let data = self.bytes_like(x)?;
            let n = int_text::parse_bytes(&data, 10, self.max_digits(), || repr::bytes_repr(&data));
            return n.map(|n| self.int_of(n)).map_err(|e| self.text_error(e));
        }
        let given = self.type_name(x);
        Err(self.type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{given}'"
        )))
    }
}

/// Whether a `byteorder` argument means little endian.
fn is_little(vm: &Vm, v: Option<&Value>, function: &str) -> R<bool> {
    let Some(v) = v else { return Ok(false) };
    let Some(s) = v.as_str() else {
        return Err(vm.bad_argument(&format!("{function}() argument 'byteorder'"), "str", v));
    };
    match s.bytes() {
        b"little" => Ok(true),
        b"big" => Ok(false),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

pub(super) fn to_bytes(vm: &Vm, a: &Args) -> R {
    let length = match a.get(1) {
        Some(v) => vm.ssize(v)?,
        None => 1,
    };
    let little = is_little(vm, a.get(2), "to_bytes")?;
    let signed = match a.get(3) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    let n = big(&a[0]);
    let negative = n.is_negative();
    if negative && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    if length as u64 > super::arith::MAX_BITS {
        return Err(vm.no_memory());
    }
    let digits = if signed && !n.is_zero() { n.to_signed_bytes_le() } else { n.magnitude().to_bytes_le() };
    let digits = if n.is_zero() { &[][..] } else { &digits[..] };
    if digits.len() > length {
        return Err(vm.overflow_error("int too big to convert"));
    }
    vm.alloc_check(length, 1)?;
    let mut out = digits.to_vec();
    out.resize(length, if negative { 0xFF } else { 0 });
    if !little {
        out.reverse();
    }
    Ok(vm.bytes(&out))
}

pub(super) fn from_bytes(vm: &Vm, a: &Args) -> R {
    let little = is_little(vm, a.get(2), "from_bytes")?;
    let signed = match a.get(3) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let data = vm.bytes_from_object(&a[1])?;
    let n = match (signed, little) {
        (true, true) => BigInt::from_signed_bytes_le(&data),
        (true, false) => BigInt::from_signed_bytes_be(&data),
        (false, true) => BigInt::from_bytes_le(num_bigint::Sign::Plus, &data),
        (false, false) => BigInt::from_bytes_be(num_bigint::Sign::Plus, &data),
    };
    let n = vm.bigint(n);
    if a[0].as_class().is_some_and(|c| c.is_same(vm.types.int.get())) { Ok(n) } else { vm.call(&a[0], &[n]) }
}
