//! The module math: functions of floats; integers and sums are in files of their own.

mod float_pairs;
mod integers;
mod sums;
mod vectors;

use aio_vm::{Args, Def, ModuleDef, R, Raised, Value, Vm, function};
use std::f64::consts::{E, LN_2, PI, TAU};

static FUNCTIONS: &[Def] = &[
    function(
        "acos(x, /)",
        acos,
        "Return the arc cosine (measured in radians) of x.\n\nThe result is between 0 and pi.",
    ),
    function("acosh(x, /)", acosh, "Return the inverse hyperbolic cosine of x."),
    function(
        "asin(x, /)",
        asin,
        "Return the arc sine (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2.",
    ),
    function("asinh(x, /)", asinh, "Return the inverse hyperbolic sine of x."),
    function("atan(x, /)", atan, "Return the arc tangent (measured in radians) of x."),
    function("atan2(y, x, /)", atan2, "Return the arc tangent (measured in radians) of y/x."),
    function("atanh(x, /)", atanh, "Return the inverse hyperbolic tangent of x."),
    function("cbrt(x, /)", cbrt, "Return the cube root of x."),
    function("ceil(x, /)", ceil, "Return the ceiling of x as an Integral.\n\nThis is the smallest integer >= x."),
    function(
        "copysign(x, y, /)",
        copysign,
        "Return a float with the magnitude (absolute value) of x but the sign of y.",
    ),
    function("cos(x, /)", cos, "Return the cosine of x (measured in radians)."),
    function("cosh(x, /)", cosh, "Return the hyperbolic cosine of x."),
    function("degrees(x, /)", degrees, "Convert angle x from radians to degrees."),
    function("erf(x, /)", erf, "Error function at x."),
    function("erfc(x, /)", erfc, "Complementary error function at x."),
    function("exp(x, /)", exp, "Return e raised to the power of x."),
    function("exp2(x, /)", exp2, "Return 2 raised to the power of x."),
    function("expm1(x, /)", expm1, "Return exp(x)-1."),
    function("fabs(x, /)", fabs, "Return the absolute value of the float x."),
    function("floor(x, /)", floor, "Return the floor of x as an Integral.\n\nThis is the largest integer <= x."),
    function(
        "fma(x, y, z, /)",
        float_pairs::fma,
        "Fused multiply-add operation.\n\nCompute (x * y) + z with a single round.",
    ),
    function("fmod(x, y, /)", float_pairs::fmod, "Return fmod(x, y), according to platform C."),
    function("frexp(x, /)", float_pairs::frexp, "Return the mantissa and exponent of x, as pair (m, e)."),
    function("gamma(x, /)", gamma, "Gamma function at x."),
    function(
        "isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
        isclose,
        "Determine whether two floating-point numbers are close in value.",
    ),
    function("isfinite(x, /)", isfinite, "Return True if x is neither an infinity nor a NaN, and False otherwise."),
    function("isinf(x, /)", isinf, "Return True if x is a positive or negative infinity, and False otherwise."),
    function("isnan(x, /)", isnan, "Return True if x is a NaN (not a number), and False otherwise."),
    function("ldexp(x, i, /)", float_pairs::ldexp, "Return x * (2**i).\n\nThis is essentially the inverse of frexp()."),
    function("lgamma(x, /)", lgamma, "Natural logarithm of absolute value of Gamma function at x."),
    function(
        "log(*args)",
        log,
        "log(x, [base=math.e])\nReturn the logarithm of x to the given base.\n\nIf the base is not specified, returns the natural logarithm (base e) of x.",
    ),
    function("log10(x, /)", log10, "Return the base 10 logarithm of x."),
    function("log1p(x, /)", log1p, "Return the natural logarithm of 1+x (base e)."),
    function("log2(x, /)", log2, "Return the base 2 logarithm of x."),
    function("modf(x, /)", float_pairs::modf, "Return the fractional and integer parts of x."),
    function(
        "nextafter(x, y, /, *, steps=None)",
        float_pairs::nextafter,
        "Return the floating-point value the given number of steps after x towards y.",
    ),
    function("pow(x, y, /)", float_pairs::pow, "Return x**y (x to the power of y)."),
    function("radians(x, /)", radians, "Convert angle x from degrees to radians."),
    function(
        "remainder(x, y, /)",
        float_pairs::remainder,
        "Difference between x and the closest integer multiple of y.",
    ),
    function("sin(x, /)", sin, "Return the sine of x (measured in radians)."),
    function("sinh(x, /)", sinh, "Return the hyperbolic sine of x."),
    function("sqrt(x, /)", sqrt, "Return the square root of x."),
    function("tan(x, /)", tan, "Return the tangent of x (measured in radians)."),
    function("tanh(x, /)", tanh, "Return the hyperbolic tangent of x."),
    function("trunc(x, /)", trunc, "Truncates the Real x to the nearest Integral toward 0."),
    function("ulp(x, /)", float_pairs::ulp, "Return the value of the least significant bit of the float x."),
];

static MODULE: ModuleDef = ModuleDef { name: "math", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    for table in [FUNCTIONS, integers::FUNCTIONS, sums::FUNCTIONS, vectors::FUNCTIONS] {
        crate::fill::define(vm, module, table);
    }
    for (name, x) in [("pi", PI), ("e", E), ("tau", TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)] {
        crate::fill::set(vm, module, name, Value::float(x));
    }
    crate::fill::set(
        vm,
        module,
        "__doc__",
        vm.str("This module provides access to the mathematical functions\ndefined by the C standard."),
    );
    Ok(())
}

fn domain(vm: &Vm) -> Raised {
    vm.value_error("math domain error")
}

fn range(vm: &Vm) -> Raised {
    vm.overflow_error("math range error")
}

/// A result, unless it tells of an argument outside of what the function is defined for.
fn checked(vm: &Vm, x: f64, result: f64, can_overflow: bool) -> R {
    if result.is_nan() && !x.is_nan() {
        return Err(domain(vm));
    }
    if result.is_infinite() && x.is_finite() {
        return Err(if can_overflow { range(vm) } else { domain(vm) });
    }
    Ok(Value::float(result))
}

macro_rules! unary {
    ($($name:ident $can_overflow:literal $f:expr;)*) => {
        $(
            fn $name(vm: &Vm, a: &Args) -> R {
                let x = vm.to_f64(&a[0])?;
                let f: fn(f64) -> f64 = $f;
                checked(vm, x, f(x), $can_overflow)
            }
        )*
    };
}

unary! {
    acos false f64::acos;
    acosh false libm::acosh;
    asin false f64::asin;
    asinh false libm::asinh;
    atan false f64::atan;
    atanh false libm::atanh;
    cbrt false f64::cbrt;
    cos false f64::cos;
    cosh true f64::cosh;
    degrees true |x| x * (180.0 / PI);
    erf false libm::erf;
    erfc false libm::erfc;
    exp true f64::exp;
    exp2 true f64::exp2;
    expm1 true f64::exp_m1;
    fabs false f64::abs;
    log1p false f64::ln_1p;
    radians false |x| x * (PI / 180.0);
    sin false f64::sin;
    sinh true f64::sinh;
    sqrt false f64::sqrt;
    tan false f64::tan;
    tanh false f64::tanh;
}

fn atan2(vm: &Vm, a: &Args) -> R {
    let (y, x) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?);
    Ok(Value::float(y.atan2(x)))
}

fn copysign(vm: &Vm, a: &Args) -> R {
    let (x, y) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?);
    Ok(Value::float(x.copysign(y)))
}

fn gamma(vm: &Vm, a: &Args) -> R {
    let x = vm.to_f64(&a[0])?;
    if x.is_nan() || x == f64::INFINITY {
        return Ok(Value::float(x));
    }
    if x == f64::NEG_INFINITY || x == 0.0 || (x < 0.0 && x == x.floor()) {
        return Err(domain(vm));
    }
    if x == x.floor() && x <= 23.0 {
        let product = (1..x as u64).map(|n| n as f64).product();
        return Ok(Value::float(product));
    }
    let y = libm::tgamma(x);
    if y.is_infinite() { Err(range(vm)) } else { Ok(Value::float(y)) }
}

fn lgamma(vm: &Vm, a: &Args) -> R {
    let x = vm.to_f64(&a[0])?;
    if x.is_nan() {
        return Ok(Value::float(x));
    }
    if x.is_infinite() {
        return Ok(Value::float(f64::INFINITY));
    }
    if x <= 0.0 && x == x.floor() {
        return Err(domain(vm));
    }
    let y = libm::lgamma(x);
    if y.is_infinite() { Err(range(vm)) } else { Ok(Value::float(y)) }
}

/// The logarithm of a float or of an integer of any size.
fn logarithm(vm: &Vm, v: &Value, f: fn(f64) -> f64, of_two: f64) -> R {
    if let Some(n) = v.as_bigint().filter(|_| v.as_i64().is_none()) {
        if n.sign() != num_bigint::Sign::Plus {
            return Err(domain(vm));
        }
        let bits = n.bits();
        if bits > 1000 {
            // 64 bits of it, and how many there are beyond: log(m * 2**e) == log(m) + e * log(2).
            let shift = bits - 64;
            let top: num_bigint::BigInt = &n >> shift;
            let m = num_traits::ToPrimitive::to_f64(&top).unwrap_or(f64::MAX) / 2f64.powi(64);
            return Ok(Value::float(f(m) + of_two * bits as f64));
        }
    }
    let x = vm.to_f64(v)?;
    if x.is_nan() || x == f64::INFINITY {
        return Ok(Value::float(x));
    }
    if x <= 0.0 {
        return Err(domain(vm));
    }
    Ok(Value::float(f(x)))
}

fn log(vm: &Vm, a: &Args) -> R {
    match a.rest {
        [x] => logarithm(vm, x, f64::ln, LN_2),
        [x, base] => {
            let n = logarithm(vm, x, f64::ln, LN_2)?;
            let d = logarithm(vm, base, f64::ln, LN_2)?;
            vm.binary(aio_vm::Binary::Div, &n, &d)
        }
        [] => Err(vm.type_error("log expected at least 1 argument, got 0")),
        more => Err(vm.type_error(format!("log expected at most 2 arguments, got {}", more.len()))),
    }
}

fn log2(vm: &Vm, a: &Args) -> R {
    logarithm(vm, &a[0], libm_log2, 1.0)
}

/// Exact for powers of two, whatever the platform's function does.
fn libm_log2(x: f64) -> f64 {
    let (m, e) = float_pairs::split(x);
    if m == 0.5 { (e - 1) as f64 } else { x.log2() }
}

fn log10(vm: &Vm, a: &Args) -> R {
    logarithm(vm, &a[0], f64::log10, std::f64::consts::LOG10_2)
}

fn isfinite(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.to_f64(&a[0])?.is_finite()))
}

fn isinf(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.to_f64(&a[0])?.is_infinite()))
}

fn isnan(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.to_f64(&a[0])?.is_nan()))
}

fn isclose(vm: &Vm, a: &Args) -> R {
    let (x, y) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?);
    let given = |i, default| a.get(i).map_or(Ok(default), |v| vm.to_f64(v));
    let (relative, absolute) = (given(2, 1e-9)?, given(3, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if x == y {
        return Ok(Value::TRUE);
    }
    if x.is_infinite() || y.is_infinite() {
        return Ok(Value::FALSE);
    }
    let difference = (y - x).abs();
    let close = difference <= (relative * y).abs() || difference <= (relative * x).abs() || difference <= absolute;
    Ok(Value::bool(close))
}

/// Asks the number's class, and falls back to its float.
fn rounded(vm: &Vm, v: &Value, name: &Value, f: fn(f64) -> f64) -> R {
    if v.as_float().is_none()
        && let Some(r) = vm.call_special(v, name, &[])?
    {
        return Ok(r);
    }
    let x = f(vm.to_f64(v)?);
    vm.to_int(&Value::float(x))
}

fn floor(vm: &Vm, a: &Args) -> R {
    rounded(vm, &a[0], &vm.intern("__floor__"), f64::floor)
}

fn ceil(vm: &Vm, a: &Args) -> R {
    rounded(vm, &a[0], &vm.intern("__ceil__"), f64::ceil)
}

fn trunc(vm: &Vm, a: &Args) -> R {
    if let Some(x) = a[0].as_float() {
        return vm.to_int(&Value::float(x));
    }
    match vm.call_special(&a[0], &vm.intern("__trunc__"), &[])? {
        Some(r) => Ok(r),
        None => Err(vm.type_error(format!("type {} doesn't define __trunc__ method", vm.type_name(&a[0])))),
    }
}
