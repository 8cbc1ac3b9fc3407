//! Arithmetic of integers: 64 bits where both operands fit, arbitrary size otherwise.

use super::big;
use crate::error::R;
use crate::native::Args;
use crate::text::float_math;
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Pow, Signed, Zero};

/// The most bits that an integer may have: larger results are a MemoryError before they are begun.
pub(crate) const MAX_BITS: u64 = 1 << 32;

type Operation = fn(&Vm, &Value, &Value) -> R;

/// Applies an operation if both operands are integers.
fn apply(vm: &Vm, x: &Value, y: &Value, f: Operation) -> R {
    if x.is_int() && y.is_int() { f(vm, x, y) } else { Ok(Value::NOT_IMPLEMENTED) }
}

macro_rules! operators {
    ($($name:ident $reflected:ident $f:ident;)*) => { $(
        pub(crate) fn $name(vm: &Vm, a: &Args) -> R {
            apply(vm, &a[0], &a[1], $f)
        }

        pub(crate) fn $reflected(vm: &Vm, a: &Args) -> R {
            apply(vm, &a[1], &a[0], $f)
        }
    )* };
}

operators! {
    add radd sum;
    sub rsub difference;
    mul rmul product;
    truediv rtruediv quotient;
    floordiv rfloordiv floor_quotient;
    modulo rmodulo remainder;
    divmod rdivmod both;
    lshift rlshift shift_left;
    rshift rrshift shift_right;
    and rand bit_and;
    or ror bit_or;
    xor rxor bit_xor;
}

fn small(x: &Value, y: &Value) -> Option<(i128, i128)> {
    Some((x.as_i64()? as i128, y.as_i64()? as i128))
}

fn sum(vm: &Vm, x: &Value, y: &Value) -> R {
    Ok(match small(x, y) {
        Some((x, y)) => vm.int128(x + y),
        None => vm.bigint(&*big(x) + &*big(y)),
    })
}

fn difference(vm: &Vm, x: &Value, y: &Value) -> R {
    Ok(match small(x, y) {
        Some((x, y)) => vm.int128(x - y),
        None => vm.bigint(&*big(x) - &*big(y)),
    })
}

fn product(vm: &Vm, x: &Value, y: &Value) -> R {
    if let Some((x, y)) = small(x, y) {
        return Ok(vm.int128(x * y));
    }
    let (x, y) = (big(x), big(y));
    check_bits(vm, x.bits().saturating_add(y.bits()))?;
    pay_product(vm, x.bits(), y.bits())?;
    Ok(vm.bigint(&*x * &*y))
}

fn check_bits(vm: &Vm, bits: u64) -> R<()> {
    if bits > MAX_BITS {
        return Err(vm.no_memory());
    }
    vm.alloc_check((bits / 8) as usize, 1)
}

/// Steps on the words of large integers that are worth about a call.
const STEPS: f64 = 16.0;

fn pay_product(vm: &Vm, x: u64, y: u64) -> R<()> {
    vm.pay_product(x, y)
}

/// Pays for a division of numbers of so many bits.
fn pay_division(vm: &Vm, x: &Value, y: &Value) -> R<()> {
    if x.as_i64().is_some() || y.as_i64().is_some() {
        return Ok(());
    }
    let (x, y) = (big(x).bits() / 64, big(y).bits() / 64);
    vm.spend((x.saturating_sub(y) as f64 * y as f64 / STEPS) as u64)
}

impl Vm {
    /// Pays for a product of integers of so many bits: Karatsuba's exponent is close enough to what the product costs.
    pub fn pay_product(&self, x: u64, y: u64) -> R<()> {
        let (x, y) = ((x / 64) as f64, (y / 64) as f64);
        self.spend((x.max(y) * x.min(y).powf(0.585) / STEPS) as u64)
    }

    /// Pays for something that takes so many steps for each word of each of two integers.
    pub fn pay_square(&self, x: u64, y: u64, steps: f64) -> R<()> {
        self.spend(((x / 64) as f64 * (y / 64) as f64 * steps / STEPS) as u64)
    }

    /// Pays for reading an integer of so many digits. Bases that are powers of two cost nothing much.
    pub(crate) fn pay_reading(&self, digits: &[u8], base: i64) -> R<()> {
        let prefixed = base == 0 && matches!(digits, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
        if prefixed || matches!(base, 2 | 4 | 8 | 16 | 32) {
            return Ok(());
        }
        let most = match self.max_digits() {
            0 => usize::MAX,
            most => most,
        };
        let bits = digits.len().min(most) as u64 * 10 / 3;
        self.pay_square(bits, bits, 0.5)
    }

    /// Pays for writing an integer of so many bits in digits.
    pub(crate) fn pay_writing(&self, v: &Value) -> R<()> {
        let bits = if v.as_i64().is_some() { 0 } else { v.as_int_obj().map_or(0, |_| big(v).bits()) };
        self.pay_square(bits, bits, 0.1)
    }
}

/// True division: the quotient rounded once.
fn quotient(vm: &Vm, x: &Value, y: &Value) -> R {
    if let (Some(x), Some(y)) = (x.as_i64(), y.as_i64())
        && y != 0
        && x.unsigned_abs() <= 1 << 53
        && y.unsigned_abs() <= 1 << 53
    {
        return Ok(Value::float(x as f64 / y as f64));
    }
    float_math::divide_ints(&big(x), &big(y)).map(Value::float).map_err(|e| vm.text_error(e))
}

fn floor_quotient(vm: &Vm, x: &Value, y: &Value) -> R {
    nonzero(vm, y, "integer division or modulo by zero")?;
    pay_division(vm, x, y)?;
    Ok(match small(x, y) {
        Some((x, y)) => vm.int128(Integer::div_floor(&x, &y)),
        None => vm.bigint(big(x).div_floor(&big(y))),
    })
}

fn remainder(vm: &Vm, x: &Value, y: &Value) -> R {
    nonzero(vm, y, "integer modulo by zero")?;
    pay_division(vm, x, y)?;
    Ok(match small(x, y) {
        Some((x, y)) => vm.int128(x.mod_floor(&y)),
        None => vm.bigint(big(x).mod_floor(&big(y))),
    })
}

fn both(vm: &Vm, x: &Value, y: &Value) -> R {
    nonzero(vm, y, "integer division or modulo by zero")?;
    pay_division(vm, x, y)?;
    let (q, r) = match small(x, y) {
        Some((x, y)) => {
            let (q, r) = x.div_mod_floor(&y);
            (vm.int128(q), vm.int128(r))
        }
        None => {
            let (q, r) = big(x).div_mod_floor(&big(y));
            (vm.bigint(q), vm.bigint(r))
        }
    };
    Ok(vm.tuple([q, r]))
}

fn nonzero(vm: &Vm, y: &Value, message: &str) -> R<()> {
    if y.as_i64() == Some(0) { Err(vm.zero_division(message)) } else { Ok(()) }
}

fn shift_left(vm: &Vm, x: &Value, y: &Value) -> R {
    let n = shift_count(vm, y)?;
    if x.as_i64() == Some(0) {
        return Ok(Value::small(0));
    }
    let Some(n) = n else { return Err(vm.overflow_error("too many digits in integer")) };
    if let Some(x) = x.as_i64()
        && n < 64
    {
        return Ok(vm.int128((x as i128) << n));
    }
    let x = big(x);
    check_bits(vm, x.bits().saturating_add(n))?;
    Ok(vm.bigint(&*x << n))
}

fn shift_right(vm: &Vm, x: &Value, y: &Value) -> R {
    let n = shift_count(vm, y)?.unwrap_or(u64::MAX);
    if let Some(x) = x.as_i64() {
        return Ok(vm.int(x >> n.min(63)));
    }
    let x = big(x);
    if n >= x.bits() {
        return Ok(Value::small(if x.is_negative() { -1 } else { 0 }));
    }
    Ok(vm.bigint(&*x >> n))
}

/// The count of a shift, `None` if it is beyond all bounds.
fn shift_count(vm: &Vm, y: &Value) -> R<Option<u64>> {
    match y.as_i64() {
        Some(n) if n >= 0 => Ok(Some(n as u64)),
        None if big(y).is_positive() => Ok(None),
        _ => Err(vm.value_error("negative shift count")),
    }
}

/// Two bools stay bools under the bitwise operators.
fn bitwise(vm: &Vm, x: &Value, y: &Value, f: fn(i64, i64) -> i64, g: fn(&BigInt, &BigInt) -> BigInt) -> R {
    Ok(match (x.as_i64(), y.as_i64()) {
        (Some(m), Some(n)) if x.is_bool() && y.is_bool() => Value::bool(f(m, n) != 0),
        (Some(m), Some(n)) => vm.int(f(m, n)),
        _ => vm.bigint(g(&big(x), &big(y))),
    })
}

fn bit_and(vm: &Vm, x: &Value, y: &Value) -> R {
    bitwise(vm, x, y, |x, y| x & y, |x, y| x & y)
}

fn bit_or(vm: &Vm, x: &Value, y: &Value) -> R {
    bitwise(vm, x, y, |x, y| x | y, |x, y| x | y)
}

fn bit_xor(vm: &Vm, x: &Value, y: &Value) -> R {
    bitwise(vm, x, y, |x, y| x ^ y, |x, y| x ^ y)
}

pub(crate) fn neg(vm: &Vm, a: &Args) -> R {
    Ok(match a[0].as_i64() {
        Some(n) => vm.int128(-(n as i128)),
        None => vm.bigint(-&*big(&a[0])),
    })
}

pub(crate) fn abs(vm: &Vm, a: &Args) -> R {
    Ok(match a[0].as_i64() {
        Some(n) => vm.int128((n as i128).abs()),
        None => vm.bigint(big(&a[0]).abs()),
    })
}

pub(crate) fn invert(vm: &Vm, a: &Args) -> R {
    Ok(match a[0].as_i64() {
        Some(n) => vm.int(!n),
        None => vm.bigint(!&*big(&a[0])),
    })
}

pub(crate) fn pow(vm: &Vm, a: &Args) -> R {
    power(vm, &a[0], &a[1], a.some(2))
}

pub(crate) fn rpow(vm: &Vm, a: &Args) -> R {
    power(vm, &a[1], &a[0], a.some(2))
}

fn power(vm: &Vm, x: &Value, y: &Value, modulus: Option<&Value>) -> R {
    if !x.is_int() || !y.is_int() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match modulus {
        Some(m) if m.is_int() => modular(vm, x, y, m),
        Some(_) => Ok(Value::NOT_IMPLEMENTED),
        None if is_negative(y) => {
            let (x, y) = (vm.int_to_f64(x)?, vm.int_to_f64(y)?);
            match float_math::power(x, y) {
                Ok(float_math::Power::Real(z)) => Ok(Value::float(z)),
                // A whole exponent never leaves the real numbers.
                Ok(float_math::Power::NeedsComplex) => Ok(Value::float(f64::NAN)),
                Err(e) => Err(vm.text_error(e)),
            }
        }
        None => whole_power(vm, x, y),
    }
}

fn is_negative(v: &Value) -> bool {
    v.as_i64().map_or_else(|| big(v).is_negative(), |n| n < 0)
}

/// `x ** y` for y >= 0.
fn whole_power(vm: &Vm, x: &Value, y: &Value) -> R {
    match x.as_i64() {
        Some(0) => return Ok(Value::small((y.as_i64() == Some(0)) as i64)),
        Some(1) => return Ok(Value::small(1)),
        Some(-1) => return Ok(Value::small(if big(y).is_even() { 1 } else { -1 })),
        Some(x) => {
            if let Some(n) = y.as_i64().and_then(|y| u32::try_from(y).ok())
                && let Some(z) = x.checked_pow(n)
            {
                return Ok(vm.int(z));
            }
        }
        None => {}
    }
    let x = big(x);
    let n = y.as_i64().and_then(|y| u64::try_from(y).ok()).unwrap_or(u64::MAX);
    let bits = (x.bits() - 1).saturating_mul(n);
    check_bits(vm, bits)?;
    pay_product(vm, bits, bits)?;
    Ok(vm.bigint(Pow::pow(&*x, n)))
}

/// `pow(x, y, m)` of integers of 64 bits; the modulus is not 0.
fn short_modular(x: i64, mut y: u64, m: i64) -> i64 {
    let size = m.unsigned_abs() as u128;
    let mut base = (x as i128).rem_euclid(size as i128) as u128;
    let mut result = 1 % size;
    while y > 0 {
        if y & 1 == 1 {
            result = result * base % size;
        }
        base = base * base % size;
        y >>= 1;
    }
    if m < 0 && result != 0 { (result as i128 - size as i128) as i64 } else { result as i64 }
}

/// `pow(x, y, m)`: the result has the sign of the modulus.
fn modular(vm: &Vm, x: &Value, y: &Value, m: &Value) -> R {
    if let (Some(x), Some(y), Some(m)) = (x.as_i64(), y.as_i64(), m.as_i64())
        && y >= 0
        && m != 0
    {
        return Ok(vm.int(short_modular(x, y as u64, m)));
    }
    let (mut base, mut exponent, m) = (big(x).into_owned(), big(y).into_owned(), big(m).into_owned());
    if m.is_zero() {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    let size = m.abs();
    if exponent.sign() == Sign::Minus {
        let found = base.mod_floor(&size).extended_gcd(&size);
        if !found.gcd.is_one() {
            return Err(vm.value_error("base is not invertible for the given modulus"));
        }
        base = found.x.mod_floor(&size);
        exponent = -exponent;
    }
    vm.pay_square(size.bits() + 64, size.bits() + 64, 2.0 * exponent.bits() as f64)?;
    let result = base.mod_floor(&size).modpow(&exponent, &size);
    Ok(vm.bigint(result.mod_floor(&m)))
}
