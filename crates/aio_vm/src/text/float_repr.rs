//! Floats to text: `repr`, `hex`, and the fixed-precision forms behind `%e`, `%f`, `%g` and the format mini-language.

use super::{TextError, TextResult, check_limit};

/// No finite double has more significant or fractional digits than this; what is asked beyond is zeros.
const MAX_EXACT_DIGITS: usize = 1100;

/// A precision that CPython refuses.
const MAX_PRECISION: usize = i32::MAX as usize;

/// Decimal digits `0.d1d2d3... * 10^point`, without trailing zeros unless they were asked for.
struct Digits {
    digits: Vec<u8>,
    point: i32,
}

/// `repr(x)`, which is `str(x)` too.
pub fn repr(x: f64) -> String {
    let mut out = String::new();
    repr_into(&mut out, x);
    out
}

/// Appends `repr(x)`.
pub fn repr_into(out: &mut String, x: f64) {
    let size = x.abs();
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        // In this range the layout of `ryu` is Python's.
        out.push_str(ryu::Buffer::new().format_finite(x));
    } else {
        push_special_or(out, x, |out| {
            lay_out(out, &shortest(size), Layout { exponent_from: 16, point_zero: true, ..Layout::PLAIN })
        });
    }
}

/// `repr` of a part of a complex number: as `repr(x)`, but without a final `.0`.
pub fn complex_part(x: f64) -> String {
    let mut text = repr(x);
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

/// `repr(complex(re, im))`.
pub fn complex_repr(re: f64, im: f64) -> String {
    let imaginary = complex_part(im);
    if re == 0.0 && re.is_sign_positive() {
        return format!("{imaginary}j");
    }
    // NaN has no sign to show, so it takes a plus whatever its bits say.
    let plus = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{imaginary}j)", complex_part(re))
}

/// How a float is written with a given number of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatForm {
    /// `d.ddde+XX`, the precision counts digits after the point.
    Exponent,
    /// `ddd.ddd`, the precision counts digits after the point.
    Fixed,
    /// The shorter of both, the precision counts significant digits.
    General,
    /// The shortest digits that read back as the same float; the precision is not used.
    Repr,
}

/// The flags of `PyOS_double_to_string`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FloatFlags {
    /// `#`: keep the point, and the zeros of `General`.
    pub alternate: bool,
    /// Add `.0` to what would look like an integer.
    pub point_zero: bool,
    /// `z`: a result that rounds to zero loses its minus.
    pub no_negative_zero: bool,
}

/// Writes a float; lower case, with a minus where it is negative and no other sign.
pub fn format_float(x: f64, form: FloatForm, precision: usize, flags: FloatFlags, limit: usize) -> TextResult<String> {
    if precision > MAX_PRECISION {
        return Err(TextError::value("precision too big"));
    }
    let size = x.abs();
    let mut out = String::new();
    if !x.is_finite() {
        push_special_or(&mut out, x, |_| ());
        return Ok(out);
    }
    if matches!(form, FloatForm::Exponent | FloatForm::Fixed) || flags.alternate {
        check_limit(precision.saturating_add(400), limit)?;
    }
    match form {
        FloatForm::Exponent => exponent_form(&mut out, size, precision, flags.alternate),
        FloatForm::Fixed => fixed_form(&mut out, size, precision, flags.alternate),
        FloatForm::General => {
            let precision = precision.max(1);
            let digits = exact(size, precision, flags.alternate);
            let exponent_from = i32::try_from(precision).unwrap_or(i32::MAX) - i32::from(flags.point_zero);
            let layout = Layout { exponent_from, point_zero: flags.point_zero, point: flags.alternate };
            lay_out(&mut out, &digits, layout);
        }
        FloatForm::Repr => {
            let layout = Layout { exponent_from: 16, point_zero: flags.point_zero, point: flags.alternate };
            lay_out(&mut out, &shortest(size), layout);
        }
    }
    let drop_sign = flags.no_negative_zero && is_zero_text(&out);
    if x.is_sign_negative() && !drop_sign {
        out.insert(0, '-');
    }
    Ok(out)
}

fn is_zero_text(text: &str) -> bool {
    text.bytes().take_while(|&byte| byte != b'e').all(|byte| byte == b'0' || byte == b'.')
}

fn exponent_form(out: &mut String, size: f64, precision: usize, alternate: bool) {
    let shown = precision.min(MAX_EXACT_DIGITS);
    let text = format!("{size:.shown$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    out.push_str(mantissa);
    if precision == 0 && alternate {
        out.push('.');
    }
    push_zeros(out, precision - shown);
    push_exponent(out, exponent.parse().unwrap_or(0));
}

/// Writes a float below 2^53 with few digits after the point: integers of 128 bits hold it exactly. False: not written.
fn short_fixed(out: &mut String, size: f64, precision: usize) -> bool {
    const POWERS: [u64; 10] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];
    let bits = size.to_bits();
    let (exponent, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let Some(&power) = POWERS.get(precision) else { return false };
    // The last bit of the mantissa stands for 2^-shift.
    let shift = 1075 - exponent;
    if exponent == 0 && fraction != 0 || !(1..=120).contains(&shift) && size != 0.0 {
        return false;
    }
    let (shift, fraction) = if size == 0.0 { (1, 0) } else { (shift, fraction | 1 << 52) };
    let scaled = fraction as u128 * power as u128;
    let (whole, rest) = (scaled >> shift, scaled & ((1 << shift) - 1));
    let half = 1 << (shift - 1);
    let rounded = whole + (rest > half || rest == half && whole & 1 == 1) as u128;
    let Ok(digits) = u64::try_from(rounded) else { return false };
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(digits);
    let before = digits.len().saturating_sub(precision);
    out.push_str(if before == 0 { "0" } else { &digits[..before] });
    if precision > 0 {
        out.push('.');
        push_zeros(out, precision.saturating_sub(digits.len()));
        out.push_str(&digits[before..]);
    }
    true
}

fn fixed_form(out: &mut String, size: f64, precision: usize, alternate: bool) {
    if !alternate && short_fixed(out, size, precision) {
        return;
    }
    let shown = precision.min(MAX_EXACT_DIGITS);
    out.push_str(&format!("{size:.shown$}"));
    if precision == 0 && alternate {
        out.push('.');
    }
    push_zeros(out, precision - shown);
}

fn push_zeros(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n('0', count));
}

fn push_exponent(out: &mut String, exponent: i32) {
    let sign = if exponent < 0 { '-' } else { '+' };
    out.push_str(&format!("e{sign}{:02}", exponent.unsigned_abs()));
}

fn push_special_or(out: &mut String, x: f64, finite: impl FnOnce(&mut String)) {
    if x.is_nan() {
        out.push_str("nan");
        return;
    }
    if x.is_sign_negative() {
        out.push('-');
    }
    if x.is_infinite() {
        out.push_str("inf");
    } else {
        finite(out);
    }
}

/// The shortest digits that read back as `size`, which is finite and not negative.
fn shortest(size: f64) -> Digits {
    let mut buffer = ryu::Buffer::new();
    split_digits(buffer.format_finite(size))
}

/// `count` correctly rounded significant digits; trailing zeros only with `keep_zeros`.
fn exact(size: f64, count: usize, keep_zeros: bool) -> Digits {
    let shown = count.min(MAX_EXACT_DIGITS) - 1;
    let mut found = split_digits(&format!("{size:.shown$e}"));
    if keep_zeros {
        found.digits.resize(count.max(found.digits.len()), b'0');
    }
    found
}

/// Takes a decimal literal such as `0.0012` or `1.5e-7` apart.
fn split_digits(text: &str) -> Digits {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let whole = mantissa.find('.').unwrap_or(mantissa.len()) as i32;
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let leading = digits.iter().take_while(|&&digit| digit == b'0').count();
    if leading == digits.len() {
        return Digits { digits: vec![b'0'], point: 1 };
    }
    digits.drain(..leading);
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    Digits { digits, point: whole - leading as i32 + exponent.parse::<i32>().unwrap_or(0) }
}

/// Where `General` and `Repr` change to the form with an exponent, and what they add.
struct Layout {
    exponent_from: i32,
    point_zero: bool,
    /// Keep the point even if no digit follows.
    point: bool,
}

impl Layout {
    const PLAIN: Layout = Layout { exponent_from: 16, point_zero: false, point: false };
}

fn lay_out(out: &mut String, found: &Digits, layout: Layout) {
    let digits: &str = std::str::from_utf8(&found.digits).unwrap_or_default();
    let point = found.point;
    if point <= -4 || point > layout.exponent_from {
        let (first, rest) = digits.split_at(1.min(digits.len()));
        out.push_str(first);
        if !rest.is_empty() || layout.point {
            out.push('.');
        }
        out.push_str(rest);
        push_exponent(out, point - 1);
        return;
    }
    if point <= 0 {
        out.push_str("0.");
        push_zeros(out, point.unsigned_abs() as usize);
        out.push_str(digits);
        return;
    }
    let whole = point as usize;
    if whole < digits.len() {
        let (before, after) = digits.split_at(whole);
        out.push_str(before);
        out.push('.');
        out.push_str(after);
        return;
    }
    out.push_str(digits);
    push_zeros(out, whole - digits.len());
    if layout.point || layout.point_zero {
        out.push('.');
    }
    if layout.point_zero {
        out.push('0');
    }
}

/// `x.hex()`.
pub fn hex(x: f64) -> String {
    let mut out = String::new();
    push_special_or(&mut out, x, |out| {
        let bits = x.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = (bits >> 52 & 0x7FF) as i32;
        if biased == 0 && fraction == 0 {
            out.push_str("0x0.0p+0");
            return;
        }
        let (lead, exponent) = if biased == 0 { (0, -1022) } else { (1, biased - 1023) };
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push_str(&format!("0x{lead}.{fraction:013x}p{sign}{}", exponent.unsigned_abs()));
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repr_as_python() {
        for (x, want, want_hex) in [
            (0.0, "0.0", "0x0.0p+0"),
            (-0.0, "-0.0", "-0x0.0p+0"),
            (0.1, "0.1", "0x1.999999999999ap-4"),
            (1e16, "1e+16", "0x1.1c37937e08000p+53"),
            (9999999999999998.0, "9999999999999998.0", "0x1.1c37937e07fffp+53"),
            (1e-4, "0.0001", "0x1.a36e2eb1c432dp-14"),
            (1e-5, "1e-05", "0x1.4f8b588e368f1p-17"),
            (-1.5e-7, "-1.5e-07", "-0x1.421f5f40d8376p-23"),
            (1.7976931348623157e308, "1.7976931348623157e+308", "0x1.fffffffffffffp+1023"),
            (5e-324, "5e-324", "0x0.0000000000001p-1022"),
            (2f64.powi(-44), "5.684341886080802e-14", "0x1.0000000000000p-44"),
            (f64::INFINITY, "inf", "inf"),
            (f64::NEG_INFINITY, "-inf", "-inf"),
            (f64::NAN, "nan", "nan"),
        ] {
            assert_eq!(repr(x), want);
            assert_eq!(hex(x), want_hex);
        }
    }

    #[test]
    fn complex_as_python() {
        for (re, im, want) in [
            (0.0, 1.0, "1j"),
            (-0.0, 2.0, "(-0+2j)"),
            (1.0, -0.0, "(1-0j)"),
            (1.5, f64::NAN, "(1.5+nanj)"),
            (1e20, -1e-7, "(1e+20-1e-07j)"),
        ] {
            assert_eq!(complex_repr(re, im), want);
        }
    }

    #[test]
    fn fixed_precision() {
        use FloatForm::{Exponent, Fixed, General};
        let plain = FloatFlags::default();
        let alternate = FloatFlags { alternate: true, ..plain };
        for (x, form, precision, flags, want) in [
            (2.5, Fixed, 0, plain, "2"),
            (3.5, Fixed, 0, alternate, "4."),
            (0.125, Fixed, 2, plain, "0.12"),
            (-1e22, Fixed, 1, plain, "-10000000000000000000000.0"),
            (12345.678, Exponent, 3, plain, "1.235e+04"),
            (0.0, Exponent, 0, alternate, "0.e+00"),
            (1e-300, Exponent, 1, plain, "1.0e-300"),
            (123456.0, General, 6, plain, "123456"),
            (1234567.0, General, 6, plain, "1.23457e+06"),
            (0.0001, General, 6, alternate, "0.000100000"),
            (100.0, General, 3, alternate, "100."),
            (100.0, General, 0, plain, "1e+02"),
            (-0.01, Fixed, 1, FloatFlags { no_negative_zero: true, ..plain }, "0.0"),
            (f64::NEG_INFINITY, Fixed, 1, plain, "-inf"),
        ] {
            assert_eq!(format_float(x, form, precision, flags, 1 << 20).unwrap(), want);
        }
        let long = format_float(1.0, Fixed, 5000, plain, 1 << 20).unwrap();
        assert_eq!(long.len(), 5002);
        assert_eq!(format_float(1.0, Fixed, 5000, plain, 1000), Err(TextError::Memory));
        assert_eq!(
            format_float(1.0, Exponent, 1 << 40, plain, usize::MAX).unwrap_err().to_string(),
            "precision too big"
        );
    }
}
