//! Integers.

pub(crate) mod arith;
mod convert;
pub(crate) mod methods;

use crate::error::R;
use crate::native::{Args, TypeTable, class_method, getter, method, static_method};
use crate::object::ClassObj;
use crate::object::int::Number;
use crate::protocol::compare::Compare;
use crate::text::format_value::IntRef;
use crate::text::{Int, int_text};
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::BigInt;
use std::borrow::Cow;
use std::cell::Cell;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\n\
          The integer that a number or a text stands for; 0 without an argument. Floats are cut towards zero.\n\
          With a base (2 to 36, or 0 to read it from the prefix) x must be a text: int('0b100', base=0) is 4.",
    rows: &[
        static_method("__new__(cls, x=0, /, base=10)", convert::new, "Create and return a new object.")
            .making(convert::usual),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__bool__(self, /)", truth, "True if self else False."),
        method("__int__(self, /)", plain, "int(self)"),
        method("__index__(self, /)", plain, "Return self converted to an integer, for use as an index."),
        method("__float__(self, /)", float, "float(self)"),
        method("__trunc__(self, /)", plain, "Truncating an Integral returns itself."),
        method("__floor__(self, /)", plain, "Flooring an Integral returns itself."),
        method("__ceil__(self, /)", plain, "Ceiling of an Integral returns itself."),
        method("__round__(self, ndigits=None, /)", methods::round, "Round to a power of ten, ties to even."),
        method("__format__(self, format_spec, /)", methods::format, "Convert to a string according to format_spec."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__add__(self, value, /)", arith::add, "Return self+value."),
        method("__radd__(self, value, /)", arith::radd, "Return value+self."),
        method("__sub__(self, value, /)", arith::sub, "Return self-value."),
        method("__rsub__(self, value, /)", arith::rsub, "Return value-self."),
        method("__mul__(self, value, /)", arith::mul, "Return self*value."),
        method("__rmul__(self, value, /)", arith::rmul, "Return value*self."),
        method("__truediv__(self, value, /)", arith::truediv, "Return self/value."),
        method("__rtruediv__(self, value, /)", arith::rtruediv, "Return value/self."),
        method("__floordiv__(self, value, /)", arith::floordiv, "Return self//value."),
        method("__rfloordiv__(self, value, /)", arith::rfloordiv, "Return value//self."),
        method("__mod__(self, value, /)", arith::modulo, "Return self%value."),
        method("__rmod__(self, value, /)", arith::rmodulo, "Return value%self."),
        method("__divmod__(self, value, /)", arith::divmod, "Return divmod(self, value)."),
        method("__rdivmod__(self, value, /)", arith::rdivmod, "Return divmod(value, self)."),
        method("__pow__(self, value, mod=None, /)", arith::pow, "Return pow(self, value, mod)."),
        method("__rpow__(self, value, mod=None, /)", arith::rpow, "Return pow(value, self, mod)."),
        method("__lshift__(self, value, /)", arith::lshift, "Return self<<value."),
        method("__rlshift__(self, value, /)", arith::rlshift, "Return value<<self."),
        method("__rshift__(self, value, /)", arith::rshift, "Return self>>value."),
        method("__rrshift__(self, value, /)", arith::rrshift, "Return value>>self."),
        method("__and__(self, value, /)", arith::and, "Return self&value."),
        method("__rand__(self, value, /)", arith::rand, "Return value&self."),
        method("__or__(self, value, /)", arith::or, "Return self|value."),
        method("__ror__(self, value, /)", arith::ror, "Return value|self."),
        method("__xor__(self, value, /)", arith::xor, "Return self^value."),
        method("__rxor__(self, value, /)", arith::rxor, "Return value^self."),
        method("__neg__(self, /)", arith::neg, "-self"),
        method("__pos__(self, /)", plain, "+self"),
        method("__abs__(self, /)", arith::abs, "abs(self)"),
        method("__invert__(self, /)", arith::invert, "~self"),
        method("__getnewargs__(self, /)", methods::getnewargs, ""),
        method("__sizeof__(self, /)", methods::sizeof, "Returns size in memory, in bytes."),
        method("conjugate(self, /)", plain, "Returns self, the complex conjugate of any int."),
        method("bit_length(self, /)", methods::bit_length, "Number of bits necessary to represent self in binary."),
        method("bit_count(self, /)", methods::bit_count, "Number of ones in the binary representation of abs(self)."),
        method("as_integer_ratio(self, /)", methods::as_integer_ratio, "The pair (self, 1)."),
        method("is_integer(self, /)", methods::is_integer, "Returns True: an int is always integral."),
        method(
            "to_bytes(self, /, length=1, byteorder='big', *, signed=False)",
            convert::to_bytes,
            "Return an array of bytes representing an integer.",
        ),
        class_method(
            "from_bytes(cls, /, bytes, byteorder='big', *, signed=False)",
            convert::from_bytes,
            "Return the integer represented by the given array of bytes.",
        ),
        getter("real(self)", plain, "the real part of a complex number"),
        getter("imag(self)", methods::zero, "the imaginary part of a complex number"),
        getter("numerator(self)", plain, "the numerator of a rational number in lowest terms"),
        getter("denominator(self)", methods::one, "the denominator of a rational number in lowest terms"),
    ],
    next: None,
};

/// How many decimal digits an integer may have on its way from or to text (`sys.set_int_max_str_digits`).
pub struct DigitLimit(pub Cell<usize>);

impl Default for DigitLimit {
    fn default() -> DigitLimit {
        DigitLimit(Cell::new(int_text::DEFAULT_MAX_DIGITS))
    }
}

/// The number of an int, borrowed where it is big. 0 for other values.
pub(crate) fn big(v: &Value) -> Cow<'_, BigInt> {
    match v.as_int_obj().map(|i| i.number()) {
        Some(Number::Big(b)) => Cow::Borrowed(b),
        _ => Cow::Owned(v.as_bigint().unwrap_or_default()),
    }
}

/// The number of an int as the text algorithms take it.
pub(crate) fn int_ref(v: &Value) -> IntRef<'_> {
    match v.as_int_obj().map(|i| i.number()) {
        Some(Number::Big(b)) => IntRef::Big(b),
        _ => IntRef::Small(v.as_i64().unwrap_or(0)),
    }
}

impl Vm {
    /// The limit of decimal digits in conversions; 0 is none.
    pub fn max_digits(&self) -> usize {
        self.state::<DigitLimit>().0.get()
    }

    /// An integer that a text algorithm made.
    pub fn int_of(&self, n: Int) -> Value {
        match n {
            Int::Small(n) => self.int(n),
            Int::Big(b) => self.bigint(b),
        }
    }

    /// An exact int with the number of an int, a bool or an instance of a subclass.
    pub fn plain_int(&self, v: &Value) -> Value {
        match v.as_i64() {
            Some(n) if v.as_int_obj().is_none() || !self.class_of(v).is_same(self.types.int.get()) => self.int(n),
            None if !self.class_of(v).is_same(self.types.int.get()) => self.bigint(big(v).into_owned()),
            _ => v.clone(),
        }
    }

    /// An instance of a class that derives from int.
    pub(crate) fn int_as(&self, v: Value, class: &ClassObj) -> Value {
        if class.is_same(self.types.int.get()) {
            return self.plain_int(&v);
        }
        let number = match v.as_i64() {
            Some(n) => Number::I64(n),
            None => Number::Big(big(&v).into_owned()),
        };
        self.adopt(self.int_cell(number), class)
    }

    /// `repr` of an int of any size.
    pub fn int_text(&self, v: &Value) -> R<String> {
        match int_ref(v) {
            IntRef::Small(n) => Ok(n.to_string()),
            IntRef::Big(b) => {
                self.pay_writing(v)?;
                int_text::decimal(b, self.max_digits()).map_err(|e| self.text_error(e))
            }
        }
    }
}

pub(super) fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&vm.int_text(&a[0])?))
}

fn hash(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(match a[0].as_i64() {
        Some(n) => crate::hash::hash_i64(n),
        None => crate::hash::hash_bigint(&big(&a[0])),
    }))
}

fn truth(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(a[0].as_i64() != Some(0)))
}

fn plain(vm: &Vm, a: &Args) -> R {
    Ok(vm.plain_int(&a[0]))
}

fn float(vm: &Vm, a: &Args) -> R {
    vm.int_to_f64(&a[0]).map(Value::float)
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    if !a[0].is_int() || !a[1].is_int() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(Value::bool(op.holds(vm.compare_ints(&a[0], &a[1]))))
}

crate::comparisons!(compare);
