//! Float arithmetic where Python differs from the machine: rounding, floor division, powers, exact ratios.

use super::{Int, TextError, TextResult};
use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// Beyond these numbers of digits `round` changes nothing, or leaves nothing.
const ROUND_DIGITS_MAX: i64 = 323;
const ROUND_DIGITS_MIN: i64 = -308;

/// `round(x, digits)`: the nearest decimal, ties to even by the exact value of the float.
pub fn round_to(x: f64, digits: i64) -> TextResult<f64> {
    if !x.is_finite() || x == 0.0 || digits > ROUND_DIGITS_MAX {
        return Ok(x);
    }
    if digits < ROUND_DIGITS_MIN {
        return Ok(0.0 * x);
    }
    let size = x.abs();
    let text = match usize::try_from(digits) {
        Ok(places) => format!("{size:.places$}"),
        Err(_) => round_to_tens(size, digits.unsigned_abs() as i32),
    };
    let rounded: f64 = text.parse().unwrap_or(f64::INFINITY);
    if rounded.is_infinite() {
        return Err(TextError::overflow("rounded value too large to represent"));
    }
    Ok(rounded.copysign(x))
}

/// `size` rounded to a multiple of `10^tens`, as a decimal literal.
fn round_to_tens(size: f64, tens: i32) -> String {
    // All digits of a double that lie above the point fit into 310; the rest only breaks ties.
    let exact = format!("{size:.800e}");
    let (mantissa, exponent) = exact.split_once('e').unwrap_or((&exact, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let kept = exponent + 1 - tens;
    match kept.cmp(&0) {
        Ordering::Less => "0".to_owned(),
        Ordering::Equal => {
            let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
            let above_half = digits[0] > b'5' || digits[0] == b'5' && digits[1..].iter().any(|&digit| digit != b'0');
            if above_half { format!("1e{tens}") } else { "0".to_owned() }
        }
        Ordering::Greater => {
            let places = kept as usize - 1;
            format!("{size:.places$e}")
        }
    }
}

/// `int(x)`.
pub fn to_int(x: f64) -> TextResult<Int> {
    if x.is_nan() {
        return Err(TextError::value("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(TextError::overflow("cannot convert float infinity to integer"));
    }
    if x.abs() < 9.2e18 {
        return Ok(Int::Small(x as i64));
    }
    let (mantissa, exponent) = decompose(x);
    let size = BigInt::from(mantissa) << exponent.unsigned_abs();
    Ok(Int::from(if x < 0.0 { -size } else { size }))
}

/// `round(x)`: to the nearest integer, ties to even.
pub fn round_to_int(x: f64) -> TextResult<Int> {
    to_int(x.round_ties_even())
}

/// `math.floor(x)`.
pub fn floor_to_int(x: f64) -> TextResult<Int> {
    to_int(x.floor())
}

/// `math.ceil(x)`.
pub fn ceil_to_int(x: f64) -> TextResult<Int> {
    to_int(x.ceil())
}

/// `x.is_integer()`.
pub fn is_integer(x: f64) -> bool {
    x.is_finite() && x.floor() == x
}

/// `|x| = mantissa * 2^exponent` of a finite float.
fn decompose(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52 & 0x7FF) as i32 {
        0 => (fraction, -1074),
        biased => (fraction | 1 << 52, biased - 1075),
    }
}

/// `x.as_integer_ratio()`, in lowest terms.
pub fn as_integer_ratio(x: f64) -> TextResult<(Int, Int)> {
    if x.is_nan() {
        return Err(TextError::value("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(TextError::overflow("cannot convert Infinity to integer ratio"));
    }
    let (mut mantissa, mut exponent) = decompose(x);
    if mantissa == 0 {
        return Ok((Int::Small(0), Int::Small(1)));
    }
    let even = mantissa.trailing_zeros();
    mantissa >>= even;
    exponent += even as i32;
    let signed = BigInt::from_biguint(if x < 0.0 { Sign::Minus } else { Sign::Plus }, mantissa.into());
    let power = exponent.unsigned_abs();
    Ok(if exponent >= 0 {
        (Int::from(signed << power), Int::Small(1))
    } else {
        (Int::from(signed), Int::from(BigInt::from(1) << power))
    })
}

/// `a / b`.
pub fn divide(a: f64, b: f64) -> TextResult<f64> {
    if b == 0.0 {
        return Err(TextError::ZeroDivision("float division by zero".to_owned()));
    }
    Ok(a / b)
}

/// `a % b`, which takes the sign of `b`.
pub fn modulo(a: f64, b: f64) -> TextResult<f64> {
    if b == 0.0 {
        return Err(TextError::ZeroDivision("float modulo by zero".to_owned()));
    }
    Ok(divmod_nonzero(a, b).1)
}

/// `a // b`.
pub fn floor_divide(a: f64, b: f64) -> TextResult<f64> {
    if b == 0.0 {
        return Err(TextError::ZeroDivision("float floor division by zero".to_owned()));
    }
    Ok(divmod_nonzero(a, b).0)
}

/// `divmod(a, b)`.
pub fn divmod(a: f64, b: f64) -> TextResult<(f64, f64)> {
    if b == 0.0 {
        return Err(TextError::ZeroDivision("float divmod()".to_owned()));
    }
    Ok(divmod_nonzero(a, b))
}

fn divmod_nonzero(a: f64, b: f64) -> (f64, f64) {
    let mut remainder = a % b;
    // Subtracting the remainder first makes the quotient all but exact.
    let mut quotient = (a - remainder) / b;
    if remainder != 0.0 {
        if (b < 0.0) != (remainder < 0.0) {
            remainder += b;
            quotient -= 1.0;
        }
    } else {
        remainder = 0f64.copysign(b);
    }
    let floored = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0f64.copysign(a / b)
    };
    (floored, remainder)
}

/// What a power of two floats is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Power {
    Real(f64),
    /// A negative base with a fractional exponent: the caller goes on with complex numbers.
    NeedsComplex,
}

/// `base ** exponent`.
pub fn power(base: f64, exponent: f64) -> TextResult<Power> {
    let real = |x| Ok(Power::Real(x));
    if exponent == 0.0 || base == 1.0 {
        return real(1.0);
    }
    if base.is_nan() || exponent.is_nan() {
        return real(f64::NAN);
    }
    if base == 0.0 && exponent < 0.0 && exponent.is_finite() {
        return Err(TextError::ZeroDivision("0.0 cannot be raised to a negative power".to_owned()));
    }
    if !base.is_finite() || !exponent.is_finite() || base == 0.0 {
        // The machine follows the same table as Python in these corners.
        return real(base.powf(exponent));
    }
    if base < 0.0 && exponent.floor() != exponent {
        return Ok(Power::NeedsComplex);
    }
    let result = base.powf(exponent);
    if result.is_infinite() { Err(TextError::Range) } else { real(result) }
}

/// `float(value)` of a big integer, rounded half to even.
pub fn from_bigint(value: &BigInt) -> TextResult<f64> {
    match value.to_f64() {
        Some(x) if x.is_finite() => Ok(x),
        _ => Err(TextError::overflow("int too large to convert to float")),
    }
}

/// `a / b` of integers: the quotient rounded once, whatever their sizes.
pub fn divide_ints(a: &BigInt, b: &BigInt) -> TextResult<f64> {
    if b.is_zero() {
        return Err(TextError::ZeroDivision("division by zero".to_owned()));
    }
    if a.is_zero() {
        return Ok(if b.is_negative() { -0.0 } else { 0.0 });
    }
    let too_large = || TextError::overflow("integer division result too large for a float");
    // Scale so that the quotient has 66 or 67 bits: enough for the mantissa, the rounding bit and a sticky bit.
    let spread = a.bits() as i64 - b.bits() as i64;
    if spread > 1025 {
        return Err(too_large());
    }
    let negative = a.is_negative() != b.is_negative();
    if spread < -1080 {
        return Ok(if negative { -0.0 } else { 0.0 });
    }
    let shift = 66 - spread;
    let (top, bottom) = (a.magnitude(), b.magnitude());
    let (quotient, inexact) = if shift >= 0 {
        let scaled = top << shift as u64;
        let quotient = &scaled / bottom;
        let inexact = &quotient * bottom != scaled;
        (quotient, inexact)
    } else {
        let scaled = bottom << shift.unsigned_abs();
        let quotient = top / &scaled;
        let inexact = &quotient * &scaled != *top;
        (quotient, inexact)
    };
    let bits = quotient.to_u128().unwrap_or(u128::MAX);
    let size = scale_rounded(bits, -shift, inexact).ok_or_else(too_large)?;
    Ok(if negative { -size } else { size })
}

/// `bits * 2^exponent` rounded half to even, where `sticky` says that something below was cut off.
fn scale_rounded(bits: u128, exponent: i64, sticky: bool) -> Option<f64> {
    let length = 128 - bits.leading_zeros() as i64;
    let lowest = (exponent + length - 53).max(-1074);
    let drop = lowest - exponent;
    if drop <= 0 {
        return Some(bits as f64 * 2f64.powi(exponent as i32));
    }
    if drop > 127 {
        return Some(0.0);
    }
    let kept = bits >> drop;
    let lost = bits & ((1 << drop) - 1);
    let half = 1u128 << (drop - 1);
    let up = lost > half || lost == half && (sticky || kept & 1 == 1);
    let kept = (kept + up as u128) as f64;
    // Two exact steps reach the subnormals, of which 2^lowest is one.
    let size = if lowest < -1000 {
        kept * 2f64.powi(-1000) * 2f64.powi((lowest + 1000) as i32)
    } else {
        kept * 2f64.powi(lowest as i32)
    };
    size.is_finite().then_some(size)
}

/// Compares an integer with a float by their exact values; `None` for NaN.
pub fn compare_int(a: i64, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    if b >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if b < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    let whole = b.trunc();
    Some(a.cmp(&(whole as i64)).then_with(|| 0.0.partial_cmp(&(b - whole)).unwrap_or(Ordering::Equal)))
}

/// Compares a big integer with a float by their exact values; `None` for NaN.
pub fn compare_bigint(a: &BigInt, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    if b.is_infinite() {
        return Some(if b > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = match to_int(b.trunc()).ok()? {
        Int::Small(small) => BigInt::from(small),
        Int::Big(big) => big,
    };
    Some(a.cmp(&whole).then_with(|| 0.0.partial_cmp(&(b - b.trunc())).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_python() {
        for (x, digits, want) in [
            (2.675, 2, 2.67),
            (0.5, 0, 0.0),
            (-2.5, 0, -2.0),
            (1234.5, -2, 1200.0),
            (5e15, -16, 0.0),
            (-5.1e15, -16, -1e16),
            (15.0, -1, 20.0),
            (25.0, -1, 20.0),
            (1e300, -400, 0.0),
            (1.23, 400, 1.23),
        ] {
            assert_eq!(round_to(x, digits), Ok(want), "{x} {digits}");
        }
        assert_eq!(round_to(1.7e308, -308).unwrap_err().to_string(), "rounded value too large to represent");
        assert_eq!(round_to_int(2.5), Ok(Int::Small(2)));
        assert_eq!(round_to_int(1e20), Ok(Int::Big(BigInt::from(100_000_000_000_000_000_000u128))));
        assert_eq!(to_int(f64::NAN).unwrap_err().to_string(), "cannot convert float NaN to integer");
        assert_eq!(to_int(f64::INFINITY).unwrap_err().to_string(), "cannot convert float infinity to integer");
    }

    #[test]
    fn divides_as_python() {
        for (a, b, quotient, remainder) in [
            (7.5, 2.0, 3.0, 1.5),
            (-7.5, 2.0, -4.0, 0.5),
            (7.5, -2.0, -4.0, -0.5),
            (1.0, 0.1, 9.0, 0.09999999999999995),
            (5.0, f64::INFINITY, 0.0, 5.0),
            (-5.0, f64::INFINITY, -1.0, f64::INFINITY),
        ] {
            assert_eq!(divmod(a, b), Ok((quotient, remainder)), "{a} {b}");
        }
        assert_eq!(modulo(-4.0, 2.0).map(f64::to_bits), Ok(0f64.to_bits()));
        assert_eq!(modulo(1.0, 0.0).unwrap_err().to_string(), "float modulo by zero");
        assert_eq!(floor_divide(1.0, 0.0).unwrap_err().to_string(), "float floor division by zero");
        assert_eq!(divmod(1.0, 0.0).unwrap_err().to_string(), "float divmod()");
    }

    #[test]
    fn powers_in_the_corners() {
        for (base, exponent, want) in [
            (f64::NAN, 0.0, 1.0),
            (1.0, f64::NAN, 1.0),
            (-1.0, f64::INFINITY, 1.0),
            (0.5, f64::NEG_INFINITY, f64::INFINITY),
            (f64::NEG_INFINITY, 3.0, f64::NEG_INFINITY),
            (-2.0, 3.0, -8.0),
        ] {
            assert_eq!(power(base, exponent), Ok(Power::Real(want)), "{base} {exponent}");
        }
        assert_eq!(power(-8.0, 0.5), Ok(Power::NeedsComplex));
        assert_eq!(power(10.0, 400.0), Err(TextError::Range));
        assert_eq!(power(0.0, -1.0).unwrap_err().to_string(), "0.0 cannot be raised to a negative power");
    }

    #[test]
    fn integers_meet_floats() {
        let big = |text: &str| text.parse::<BigInt>().unwrap();
        assert_eq!(from_bigint(&big("9007199254740993")), Ok(9007199254740992.0));
        assert_eq!(
            from_bigint(&(BigInt::from(1) << 1024)).unwrap_err().to_string(),
            "int too large to convert to float"
        );
        assert_eq!(divide_ints(&big("1"), &big("-3")), Ok(-0.3333333333333333));
        assert_eq!(divide_ints(&(BigInt::from(1) << 2000), &(BigInt::from(3) << 1990)), Ok(341.3333333333333));
        assert_eq!(divide_ints(&BigInt::from(1), &(BigInt::from(1) << 1074)), Ok(5e-324));
        assert!(divide_ints(&(BigInt::from(1) << 1024), &BigInt::from(1)).is_err());
        assert_eq!(compare_int(9007199254740993, 9007199254740992.0), Some(Ordering::Greater));
        assert_eq!(compare_int(i64::MAX, 9223372036854775808.0), Some(Ordering::Less));
        assert_eq!(compare_int(-1, -0.5), Some(Ordering::Less));
        assert_eq!(compare_bigint(&(BigInt::from(1) << 70), f64::NAN), None);
        assert_eq!(as_integer_ratio(0.75), Ok((Int::Small(3), Int::Small(4))));
        assert_eq!(as_integer_ratio(-2e20), Ok((Int::Big(big("-200000000000000000000")), Int::Small(1))));
    }
}
