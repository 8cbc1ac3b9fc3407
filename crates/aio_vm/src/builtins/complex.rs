//! Complex numbers.

use crate::builtins::float;
use crate::builtins::object::readonly;
use crate::error::R;
use crate::native::{Args, TypeTable, method, property, static_method};
use crate::text::{float_parse, float_repr, format_value};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Create a complex number from a string or numbers.\n\n\
          A string must be the text of a complex number. Numbers are added as real + imag*1j.",
    rows: &[
        static_method("__new__(cls, real=0, imag=0)", new, "Create and return a new object."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__bool__(self, /)", truth, "True if self else False."),
        method("__complex__(self, /)", plain, "Convert this value to exact type complex."),
        method("__format__(self, format_spec, /)", format, "Convert to a string according to format_spec."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", unordered, "Return self<value."),
        method("__le__(self, value, /)", unordered, "Return self<=value."),
        method("__gt__(self, value, /)", unordered, "Return self>value."),
        method("__ge__(self, value, /)", unordered, "Return self>=value."),
        method("__add__(self, value, /)", add, "Return self+value."),
        method("__radd__(self, value, /)", radd, "Return value+self."),
        method("__sub__(self, value, /)", sub, "Return self-value."),
        method("__rsub__(self, value, /)", rsub, "Return value-self."),
        method("__mul__(self, value, /)", mul, "Return self*value."),
        method("__rmul__(self, value, /)", rmul, "Return value*self."),
        method("__truediv__(self, value, /)", truediv, "Return self/value."),
        method("__rtruediv__(self, value, /)", rtruediv, "Return value/self."),
        method("__pow__(self, value, mod=None, /)", pow, "Return pow(self, value, mod)."),
        method("__rpow__(self, value, mod=None, /)", rpow, "Return pow(value, self, mod)."),
        method("__neg__(self, /)", neg, "-self"),
        method("__pos__(self, /)", plain, "+self"),
        method("__abs__(self, /)", abs, "abs(self)"),
        method("__getnewargs__(self, /)", getnewargs, ""),
        method("conjugate(self, /)", conjugate, "Return the complex conjugate of its argument."),
        property("real(self)", real, readonly, "the real part of a complex number"),
        property("imag(self)", imag, readonly, "the imaginary part of a complex number"),
    ],
    next: None,
};

/// Real and imaginary part.
pub(crate) type Parts = (f64, f64);

fn parts(v: &Value) -> Option<Parts> {
    v.as_complex().map(|c| (c.re, c.im))
}

fn receiver(a: &Args) -> Parts {
    parts(&a[0]).unwrap_or((0.0, 0.0))
}

fn made(vm: &Vm, (re, im): Parts) -> R {
    Ok(vm.complex(re, im))
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.complex.get())?;
    let exact = class.is_same(vm.types.complex.get());
    if exact
        && let (Some(x), None) = (a.get(1), a.get(2))
        && x.as_complex().is_some()
        && vm.class_of(x).is_same(vm.types.complex.get())
    {
        return Ok(x.clone());
    }
    let (re, im) = from_arguments(vm, a.get(1), a.get(2))?;
    let v = vm.complex(re, im);
    Ok(if exact { v } else { vm.adopt(v, class) })
}

fn from_arguments(vm: &Vm, x: Option<&Value>, y: Option<&Value>) -> R<Parts> {
    if let Some(s) = x.and_then(Value::as_str) {
        if y.is_some() {
            return Err(vm.type_error("complex() can't take second arg if first is a string"));
        }
        return vm.checked(float_parse::parse_complex(s.bytes()));
    }
    if y.is_some_and(|y| y.as_str().is_some()) {
        return Err(vm.type_error("complex() second arg can't be a string"));
    }
    let special = match x {
        Some(x) => vm.special_complex(x)?,
        None => None,
    };
    let is_real = |v: &Value| {
        v.is_int()
            || v.as_f64().is_some()
            || vm.type_method(v, &vm.names.__float__).is_some()
            || vm.type_method(v, &vm.names.__index__).is_some()
    };
    if let Some(x) = x
        && special.is_none()
        && !is_real(x)
    {
        let given = vm.type_name(x);
        return Err(vm.type_error(std::format!("complex() first argument must be a string or a number, not '{given}'")));
    }
    if let Some(y) = y
        && y.as_complex().is_none()
        && !is_real(y)
    {
        let given = vm.type_name(y);
        return Err(vm.type_error(std::format!("complex() second argument must be a number, not '{given}'")));
    }
    let first = match (special, x) {
        (Some(parts), _) => parts,
        (None, Some(x)) => (vm.to_f64(x)?, 0.0),
        (None, None) => (0.0, 0.0),
    };
    let Some(y) = y else { return Ok(first) };
    Ok(match parts(y) {
        // A real first part adds no zero, which would lose the sign of another.
        Some(second) if special.is_none() => (first.0 - second.1, second.0),
        Some(second) => (first.0 - second.1, first.1 + second.0),
        None if special.is_some() => (first.0, first.1 + vm.to_f64(y)?),
        None => (first.0, vm.to_f64(y)?),
    })
}

impl Vm {
    /// The parts of a complex number or of what `__complex__` gives.
    pub(crate) fn special_complex(&self, x: &Value) -> R<Option<Parts>> {
        if x.as_complex().is_some() && self.class_of(x).is_same(self.types.complex.get()) {
            return Ok(parts(x));
        }
        match self.call_special(x, &self.names.__complex__, &[])? {
            None => Ok(parts(x)),
            Some(z) => match parts(&z) {
                Some(p) => Ok(Some(p)),
                None => {
                    let given = self.type_name(&z);
                    Err(self.type_error(std::format!("__complex__ returned non-complex (type {given})")))
                }
            },
        }
    }

    /// The parts of any number, as the functions of cmath take it.
    pub fn to_complex(&self, x: &Value) -> R<Parts> {
        match self.special_complex(x)? {
            Some(p) => Ok(p),
            None => Ok((self.to_f64(x)?, 0.0)),
        }
    }
}

fn repr(vm: &Vm, a: &Args) -> R {
    let (re, im) = receiver(a);
    Ok(vm.str(&float_repr::complex_repr(re, im)))
}

fn hash(vm: &Vm, a: &Args) -> R {
    let part = |x: f64| if x.is_nan() { vm.identity_hash(&a[0]) } else { crate::hash::hash_f64(x) };
    let (re, im) = receiver(a);
    let h = part(re).wrapping_add(part(im).wrapping_mul(1_000_003));
    Ok(vm.int(if h == -1 { -2 } else { h }))
}

fn truth(_vm: &Vm, a: &Args) -> R {
    let (re, im) = receiver(a);
    Ok(Value::bool(re != 0.0 || im != 0.0))
}

fn plain(vm: &Vm, a: &Args) -> R {
    if vm.class_of(&a[0]).is_same(vm.types.complex.get()) { Ok(a[0].clone()) } else { made(vm, receiver(a)) }
}

fn format(vm: &Vm, a: &Args) -> R {
    let spec = vm.format_spec(&a[1])?;
    if spec.is_empty() {
        return vm.to_str(&a[0]);
    }
    let (re, im) = receiver(a);
    let text = format_value::format_complex(re, im, spec.bytes(), &|| vm.type_name(&a[0]), vm.text_limit());
    vm.checked(text).map(|t| vm.str_wtf8(&t))
}

/// Whether both are the same number; `None` for foreign values.
fn equal(_vm: &Vm, a: &Args) -> R<Option<bool>> {
    let (re, im) = receiver(a);
    if let Some((x, y)) = parts(&a[1]) {
        return Ok(Some(re == x && im == y));
    }
    let order = float::order(re, &a[1]).ok();
    Ok(order.map(|order| im == 0.0 && order.is_some_and(|o| o.is_eq())))
}

crate::equality!(equal);

fn unordered(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NOT_IMPLEMENTED)
}

/// An operand as a complex number, if it is a number.
fn operand(vm: &Vm, v: &Value) -> R<Option<Parts>> {
    if let Some(p) = parts(v) {
        return Ok(Some(p));
    }
    match v.as_f64() {
        Some(x) => Ok(Some((x, 0.0))),
        None if v.is_int() => vm.int_to_f64(v).map(|x| Some((x, 0.0))),
        None => Ok(None),
    }
}

fn apply(vm: &Vm, x: &Value, y: &Value, f: fn(&Vm, Parts, Parts) -> R) -> R {
    match (operand(vm, x)?, operand(vm, y)?) {
        (Some(x), Some(y)) => f(vm, x, y),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
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
    add radd |vm, x, y| made(vm, (x.0 + y.0, x.1 + y.1));
    sub rsub |vm, x, y| made(vm, (x.0 - y.0, x.1 - y.1));
    mul rmul |vm, x, y| made(vm, product(x, y));
    truediv rtruediv |vm, x, y| match quotient(x, y) {
        Some(z) => made(vm, z),
        None => Err(vm.zero_division("complex division by zero")),
    };
}

fn product(x: Parts, y: Parts) -> Parts {
    (x.0 * y.0 - x.1 * y.1, x.0 * y.1 + x.1 * y.0)
}

/// Division by the larger part of the divisor first, so that squares do not overflow; `None` for a divisor of 0.
fn quotient(x: Parts, y: Parts) -> Option<Parts> {
    if y.0.abs() >= y.1.abs() {
        if y.0 == 0.0 {
            return None;
        }
        let ratio = y.1 / y.0;
        let size = y.0 + y.1 * ratio;
        return Some(((x.0 + x.1 * ratio) / size, (x.1 - x.0 * ratio) / size));
    }
    if y.1.abs() >= y.0.abs() {
        let ratio = y.0 / y.1;
        let size = y.0 * ratio + y.1;
        return Some(((x.0 * ratio + x.1) / size, (x.1 * ratio - x.0) / size));
    }
    Some((f64::NAN, f64::NAN))
}

fn whole_power(x: Parts, n: u32) -> Parts {
    let (mut result, mut square) = ((1.0, 0.0), x);
    let mut bit = 1;
    while bit <= n {
        if n & bit != 0 {
            result = product(result, square);
        }
        bit <<= 1;
        square = product(square, square);
    }
    result
}

/// `x ** y`.
pub(crate) fn power(vm: &Vm, x: Parts, y: Parts) -> R {
    let undefined = || vm.zero_division("0.0 to a negative or complex power");
    let z = if y.1 == 0.0 && y.0 == y.0.floor() && y.0.abs() <= 100.0 {
        let size = whole_power(x, y.0.abs() as u32);
        if y.0 >= 0.0 { size } else { quotient((1.0, 0.0), size).ok_or_else(undefined)? }
    } else if y == (0.0, 0.0) {
        (1.0, 0.0)
    } else if x == (0.0, 0.0) {
        if y.1 != 0.0 || y.0 < 0.0 {
            return Err(undefined());
        }
        (0.0, 0.0)
    } else {
        let size = x.0.hypot(x.1);
        let angle = x.1.atan2(x.0);
        let mut length = size.powf(y.0);
        let mut phase = angle * y.0;
        if y.1 != 0.0 {
            length /= (angle * y.1).exp();
            phase += y.1 * size.ln();
        }
        // The angle of an infinite number has no direction, which C reports as a domain error.
        if phase.is_infinite() {
            return Err(undefined());
        }
        (length * phase.cos(), length * phase.sin())
    };
    if z.0.is_infinite() || z.1.is_infinite() {
        return Err(vm.overflow_error("complex exponentiation"));
    }
    made(vm, z)
}

fn pow(vm: &Vm, a: &Args) -> R {
    if refuses_modulus(vm, a)? { Ok(Value::NOT_IMPLEMENTED) } else { apply(vm, &a[0], &a[1], power) }
}

fn rpow(vm: &Vm, a: &Args) -> R {
    if refuses_modulus(vm, a)? { Ok(Value::NOT_IMPLEMENTED) } else { apply(vm, &a[1], &a[0], power) }
}

/// A modulus is refused, unless the other operand is for somebody else anyhow.
fn refuses_modulus(vm: &Vm, a: &Args) -> R<bool> {
    if operand(vm, &a[1])?.is_none() {
        return Ok(true);
    }
    if a.some(2).is_some() { Err(vm.value_error("complex modulo")) } else { Ok(false) }
}

fn neg(vm: &Vm, a: &Args) -> R {
    let (re, im) = receiver(a);
    made(vm, (-re, -im))
}

fn abs(vm: &Vm, a: &Args) -> R {
    let (re, im) = receiver(a);
    let size = re.hypot(im);
    if size.is_infinite() && re.is_finite() && im.is_finite() {
        return Err(vm.overflow_error("absolute value too large"));
    }
    Ok(Value::float(size))
}

fn getnewargs(vm: &Vm, a: &Args) -> R {
    let (re, im) = receiver(a);
    Ok(vm.tuple([Value::float(re), Value::float(im)]))
}

fn conjugate(vm: &Vm, a: &Args) -> R {
    let (re, im) = receiver(a);
    made(vm, (re, -im))
}

fn real(_vm: &Vm, a: &Args) -> R {
    Ok(Value::float(receiver(a).0))
}

fn imag(_vm: &Vm, a: &Args) -> R {
    Ok(Value::float(receiver(a).1))
}
