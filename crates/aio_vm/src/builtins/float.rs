//! Floats.

use crate::builtins::complex;
use crate::builtins::int::int_ref;
use crate::error::R;
use crate::native::{Args, TypeTable, class_method, getter, method, static_method};
use crate::object::ClassObj;
use crate::protocol::compare::{Compare, compare_floats};
use crate::text::format_value::{self, IntRef};
use crate::text::{Int, TextResult, float_math, float_parse, float_repr, repr as text_repr};
use crate::value::Value;
use crate::vm::Vm;
use std::cmp::Ordering;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Convert a string or number to a floating-point number, if possible.",
    rows: &[
        static_method("__new__(cls, x=0, /)", new, "Create and return a new object.").making(usual),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__bool__(self, /)", truth, "True if self else False."),
        method("__int__(self, /)", int, "int(self)"),
        method("__float__(self, /)", plain, "float(self)"),
        method("__trunc__(self, /)", int, "Return the Integral closest to x between 0 and x."),
        method("__floor__(self, /)", floor, "Return the floor as an Integral."),
        method("__ceil__(self, /)", ceil, "Return the ceiling as an Integral."),
        method(
            "__round__(self, ndigits=None, /)",
            round,
            "Return the Integral closest to x, rounding half toward even.",
        ),
        method("__format__(self, format_spec, /)", format, "Formats the float according to format_spec."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__add__(self, value, /)", add, "Return self+value."),
        method("__radd__(self, value, /)", radd, "Return value+self."),
        method("__sub__(self, value, /)", sub, "Return self-value."),
        method("__rsub__(self, value, /)", rsub, "Return value-self."),
        method("__mul__(self, value, /)", mul, "Return self*value."),
        method("__rmul__(self, value, /)", rmul, "Return value*self."),
        method("__truediv__(self, value, /)", truediv, "Return self/value."),
        method("__rtruediv__(self, value, /)", rtruediv, "Return value/self."),
        method("__floordiv__(self, value, /)", floordiv, "Return self//value."),
        method("__rfloordiv__(self, value, /)", rfloordiv, "Return value//self."),
        method("__mod__(self, value, /)", modulo, "Return self%value."),
        method("__rmod__(self, value, /)", rmodulo, "Return value%self."),
        method("__divmod__(self, value, /)", divmod, "Return divmod(self, value)."),
        method("__rdivmod__(self, value, /)", rdivmod, "Return divmod(value, self)."),
        method("__pow__(self, value, mod=None, /)", pow, "Return pow(self, value, mod)."),
        method("__rpow__(self, value, mod=None, /)", rpow, "Return pow(value, self, mod)."),
        method("__neg__(self, /)", neg, "-self"),
        method("__pos__(self, /)", plain, "+self"),
        method("__abs__(self, /)", abs, "abs(self)"),
        method("__getnewargs__(self, /)", getnewargs, ""),
        method("conjugate(self, /)", plain, "Return self, the complex conjugate of any float."),
        method("hex(self, /)", hex, "Return a hexadecimal representation of a floating-point number."),
        method("is_integer(self, /)", is_integer, "Return True if the float is an integer."),
        method("as_integer_ratio(self, /)", as_integer_ratio, "The pair of integers whose ratio is the float exactly."),
        class_method("fromhex(cls, string, /)", fromhex, "Create a float from a hexadecimal string."),
        class_method("__getformat__(cls, typestr, /)", getformat, "How the machine stores a float."),
        getter("real(self)", plain, "the real part of a complex number"),
        getter("imag(self)", imag, "the imaginary part of a complex number"),
    ],
    next: None,
};

fn receiver(a: &Args) -> f64 {
    a[0].as_f64().unwrap_or(0.0)
}

impl Vm {
    /// The result of a text algorithm, its error as an exception.
    pub(crate) fn checked<T>(&self, result: TextResult<T>) -> R<T> {
        result.map_err(|e| self.text_error(e))
    }

    /// An instance of a class that derives from float.
    pub(crate) fn float_as(&self, x: f64, class: &ClassObj) -> Value {
        if class.is_same(self.types.float.get()) {
            return Value::float(x);
        }
        self.adopt(self.float_cell(x), class)
    }

    /// `float(v)`.
    pub fn to_float(&self, v: &Value) -> R<f64> {
        if let Some(s) = v.as_str()
            && !self.class_of(v).is(crate::object::class::HEAP)
        {
            return self.checked(float_parse::parse(s.bytes()));
        }
        let converts = v.is_int()
            || v.as_f64().is_some()
            || self.type_method(v, &self.names.__float__).is_some()
            || self.type_method(v, &self.names.__index__).is_some();
        // A subclass of float may have a `__float__` of its own.
        if v.as_float_obj().is_some()
            && let Some(x) = self.call_special(v, &self.names.__float__, &[])?
            && let Some(x) = x.as_f64()
        {
            return Ok(x);
        }
        if converts {
            return self.to_f64(v);
        }
        if let Some(s) = v.as_str() {
            return self.checked(float_parse::parse(s.bytes()));
        }
        if v.byte_data().is_some() || v.as_memoryview().is_some() {
            let data = self.bytes_like(v)?;
            let shown = || {
                if v.as_bytearray().is_some() {
                    text_repr::bytearray_repr(&data)
                } else if v.as_bytes().is_some() {
                    text_repr::bytes_repr(&data)
                } else {
                    self.repr_text(v).unwrap_or_default()
                }
            };
            return self.checked(float_parse::parse_bytes(&data, shown));
        }
        let given = self.type_name(v);
        Err(self.type_error(format!("float() argument must be a string or a real number, not '{given}'")))
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.float.get())?;
    let x = match a.get(1) {
        Some(v) if v.is_float() && class.is_same(vm.types.float.get()) => return Ok(v.clone()),
        Some(v) => vm.to_float(v)?,
        None => 0.0,
    };
    Ok(vm.float_as(x, class))
}

/// `float(x)` of a number, or of a text of digits, points, signs and exponents.
fn usual(_vm: &Vm, a: &[Value]) -> Option<Value> {
    let [v] = a else { return None };
    if v.is_float() {
        return Some(v.clone());
    }
    if let Some(n) = v.as_small() {
        return Some(Value::float(n as f64));
    }
    let text = v.as_str()?.bytes();
    let plain = |b: &u8| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    if text.len() > SHORT_TEXT || !text.iter().all(plain) {
        return None;
    }
    str::from_utf8(text).ok()?.parse().ok().map(Value::float)
}

/// Bytes of a text that is read without a look at what it costs.
const SHORT_TEXT: usize = 40;

fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&float_repr::repr(receiver(a))))
}

fn hash(vm: &Vm, a: &Args) -> R {
    let x = receiver(a);
    Ok(vm.int(if x.is_nan() { vm.identity_hash(&a[0]) } else { crate::hash::hash_f64(x) }))
}

fn truth(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(receiver(a) != 0.0))
}

fn plain(_vm: &Vm, a: &Args) -> R {
    if a[0].is_float() {
        return Ok(a[0].clone());
    }
    Ok(Value::float(receiver(a)))
}

fn imag(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::float(0.0))
}

fn whole(vm: &Vm, n: TextResult<Int>) -> R {
    vm.checked(n).map(|n| vm.int_of(n))
}

fn int(vm: &Vm, a: &Args) -> R {
    whole(vm, float_math::to_int(receiver(a)))
}

fn floor(vm: &Vm, a: &Args) -> R {
    whole(vm, float_math::floor_to_int(receiver(a)))
}

fn ceil(vm: &Vm, a: &Args) -> R {
    whole(vm, float_math::ceil_to_int(receiver(a)))
}

fn round(vm: &Vm, a: &Args) -> R {
    match a.some(1) {
        None => whole(vm, float_math::round_to_int(receiver(a))),
        Some(d) => {
            let digits = vm.clamped_index(d)?;
            vm.checked(float_math::round_to(receiver(a), digits)).map(Value::float)
        }
    }
}

pub(crate) fn format(vm: &Vm, a: &Args) -> R {
    let spec = vm.format_spec(&a[1])?;
    if spec.is_empty() && !vm.class_of(&a[0]).is_same(vm.types.float.get()) {
        return vm.to_str(&a[0]);
    }
    let text = format_value::format_float(receiver(a), spec.bytes(), &|| vm.type_name(&a[0]), vm.text_limit());
    vm.checked(text).map(|t| vm.str_wtf8(&t))
}

/// The order of a float and a float or int by their exact values; `Err` for foreign values, `None` for NaN.
pub(crate) fn order(x: f64, y: &Value) -> Result<Option<Ordering>, ()> {
    if let Some(y) = y.as_f64() {
        return Ok(x.partial_cmp(&y));
    }
    if !y.is_int() {
        return Err(());
    }
    let order = match int_ref(y) {
        IntRef::Small(n) => float_math::compare_int(n, x),
        IntRef::Big(n) => float_math::compare_bigint(n, x),
    };
    Ok(order.map(Ordering::reverse))
}

fn compare(_vm: &Vm, a: &Args, op: Compare) -> R {
    if let Some(y) = a[1].as_f64() {
        return Ok(Value::bool(compare_floats(op, receiver(a), y)));
    }
    Ok(match order(receiver(a), &a[1]) {
        Err(()) => Value::NOT_IMPLEMENTED,
        Ok(None) => Value::bool(op == Compare::Ne),
        Ok(Some(o)) => Value::bool(op.holds(o)),
    })
}

crate::comparisons!(compare);

/// An operand as a float, if it is a number that floats work with.
fn operand(vm: &Vm, v: &Value) -> R<Option<f64>> {
    match v.as_f64() {
        Some(x) => Ok(Some(x)),
        None if v.is_int() => vm.int_to_f64(v).map(Some),
        None => Ok(None),
    }
}

type Operation = fn(f64, f64) -> TextResult<f64>;

fn apply(vm: &Vm, x: &Value, y: &Value, f: Operation) -> R {
    let (Some(x), Some(y)) = (operand(vm, x)?, operand(vm, y)?) else { return Ok(Value::NOT_IMPLEMENTED) };
    vm.checked(f(x, y)).map(Value::float)
}

macro_rules! operators {
    ($($name:ident $reflected:ident $f:expr;)*) => { $(
        fn $name(vm: &Vm, a: &Args) -> R {
            apply(vm, &a[0], &a[1], $f)
        }

        fn $reflected(vm: &Vm, a: &Args) -> R {
            apply(vm, &a[1], &a[0], $f)
        }
    )* };
}

operators! {
    add radd |x, y| Ok(x + y);
    sub rsub |x, y| Ok(x - y);
    mul rmul |x, y| Ok(x * y);
    truediv rtruediv float_math::divide;
    floordiv rfloordiv float_math::floor_divide;
    modulo rmodulo float_math::modulo;
}

fn both(vm: &Vm, x: &Value, y: &Value) -> R {
    let (Some(x), Some(y)) = (operand(vm, x)?, operand(vm, y)?) else { return Ok(Value::NOT_IMPLEMENTED) };
    let (q, r) = vm.checked(float_math::divmod(x, y))?;
    Ok(vm.tuple([Value::float(q), Value::float(r)]))
}

fn divmod(vm: &Vm, a: &Args) -> R {
    both(vm, &a[0], &a[1])
}

fn rdivmod(vm: &Vm, a: &Args) -> R {
    both(vm, &a[1], &a[0])
}

fn power(vm: &Vm, x: &Value, y: &Value, modulus: Option<&Value>) -> R {
    if modulus.is_some() {
        return Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    }
    let (Some(x), Some(y)) = (operand(vm, x)?, operand(vm, y)?) else { return Ok(Value::NOT_IMPLEMENTED) };
    match vm.checked(float_math::power(x, y))? {
        float_math::Power::Real(z) => Ok(Value::float(z)),
        float_math::Power::NeedsComplex => complex::power(vm, (x, 0.0), (y, 0.0)),
    }
}

fn pow(vm: &Vm, a: &Args) -> R {
    power(vm, &a[0], &a[1], a.some(2))
}

fn rpow(vm: &Vm, a: &Args) -> R {
    power(vm, &a[1], &a[0], a.some(2))
}

fn neg(_vm: &Vm, a: &Args) -> R {
    Ok(Value::float(-receiver(a)))
}

fn abs(_vm: &Vm, a: &Args) -> R {
    Ok(Value::float(receiver(a).abs()))
}

fn getnewargs(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple([Value::float(receiver(a))]))
}

fn hex(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&float_repr::hex(receiver(a))))
}

fn is_integer(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(float_math::is_integer(receiver(a))))
}

fn as_integer_ratio(vm: &Vm, a: &Args) -> R {
    let (n, d) = vm.checked(float_math::as_integer_ratio(receiver(a)))?;
    Ok(vm.tuple([vm.int_of(n), vm.int_of(d)]))
}

fn fromhex(vm: &Vm, a: &Args) -> R {
    let Some(s) = a[1].as_str() else { return Err(vm.type_error("bad argument type for built-in operation")) };
    let x = Value::float(vm.checked(float_parse::from_hex(s.bytes()))?);
    if a[0].as_class().is_some_and(|c| c.is_same(vm.types.float.get())) { Ok(x) } else { vm.call(&a[0], &[x]) }
}

fn getformat(vm: &Vm, a: &Args) -> R {
    let Some(s) = a[1].as_str() else {
        return Err(vm.bad_argument("__getformat__() argument", "str", &a[1]));
    };
    match s.bytes() {
        b"double" | b"float" if cfg!(target_endian = "big") => Ok(vm.str("IEEE, big-endian")),
        b"double" | b"float" => Ok(vm.str("IEEE, little-endian")),
        _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
    }
}
