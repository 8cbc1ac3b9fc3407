//! Integers to text and back: `int(text, base)`, `str`, `bin`, `oct`, `hex`, and the limit on decimal digits.

use super::float_parse::{is_c_space, transform_to_ascii};
use super::{Int, TextError, TextResult, repr};
use num_bigint::{BigInt, Sign};

/// `sys.get_int_max_str_digits()` as a script finds it.
pub const DEFAULT_MAX_DIGITS: usize = 4300;

/// `int(text, base)` of a str; `max_digits` of 0 lifts the limit.
pub fn parse(text: &[u8], base: i64, max_digits: usize) -> TextResult<Int> {
    parse_ascii(&transform_to_ascii(text), base, max_digits, || repr::str_repr(text))
}

/// `int(data, base)` of bytes; `shown` makes the repr of the argument for the message.
pub fn parse_bytes(data: &[u8], base: i64, max_digits: usize, shown: impl FnOnce() -> String) -> TextResult<Int> {
    parse_ascii(data, base, max_digits, shown)
}

/// Whether `int` knows the base.
pub fn check_base(base: i64) -> TextResult<()> {
    if base == 0 || (2..=36).contains(&base) {
        return Ok(());
    }
    Err(TextError::value("int() base must be >= 2 and <= 36, or 0"))
}

fn parse_ascii(text: &[u8], base: i64, max_digits: usize, shown: impl FnOnce() -> String) -> TextResult<Int> {
    check_base(base)?;
    match scan(text, base as u32, max_digits) {
        Ok(value) => Ok(value),
        Err(Some(error)) => Err(error),
        Err(None) => {
            let shown: String = shown().chars().take(200).collect();
            Err(TextError::Value(format!("invalid literal for int() with base {base}: {shown}")))
        }
    }
}

/// `Err(None)` is a text that is no integer.
fn scan(text: &[u8], base: u32, max_digits: usize) -> Result<Int, Option<TextError>> {
    let start = text.iter().position(|&byte| !is_c_space(byte)).ok_or(None)?;
    let (negative, mut body) = match &text[start..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut radix = base;
    let mut only_zeros = false;
    let prefixed = match body {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    if base == 0 {
        radix = if prefixed != 0 { prefixed } else { 10 };
        // `012` would be octal in other languages, so only zeros may follow a leading zero.
        only_zeros = prefixed == 0 && body.first() == Some(&b'0');
    }
    if prefixed != 0 && prefixed == radix {
        body = &body[2..];
        if let [b'_', rest @ ..] = body {
            body = rest;
        }
    }
    let mut digits = Vec::new();
    let mut end = 0;
    let mut after_underscore = true;
    for &byte in body {
        if byte == b'_' {
            if after_underscore {
                return Err(None);
            }
            after_underscore = true;
        } else if let Some(digit) = (byte as char).to_digit(36).filter(|&digit| digit < radix) {
            digits.push(digit as u8);
            after_underscore = false;
        } else {
            break;
        }
        end += 1;
    }
    if after_underscore {
        return Err(None);
    }
    if !body[end..].iter().all(|&byte| is_c_space(byte)) || only_zeros && digits.iter().any(|&digit| digit != 0) {
        return Err(None);
    }
    if !radix.is_power_of_two() && max_digits > 0 && digits.len() > max_digits {
        return Err(Some(TextError::Value(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            digits.len()
        ))));
    }
    Ok(assemble(&digits, radix, negative))
}

fn assemble(digits: &[u8], radix: u32, negative: bool) -> Int {
    let small =
        digits.iter().try_fold(0i64, |value, &digit| value.checked_mul(radix as i64)?.checked_add(digit as i64));
    if let Some(small) = small {
        return Int::Small(if negative { -small } else { small });
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    Int::from(BigInt::from_radix_be(sign, digits, radix).unwrap_or_default())
}

/// `str(value)` of a big integer; `max_digits` of 0 lifts the limit.
pub fn decimal(value: &BigInt, max_digits: usize) -> TextResult<String> {
    let refused = || {
        TextError::Value(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        ))
    };
    // A number of n bits has more than 0.3 n - 1 digits, so hopeless conversions are never begun.
    if max_digits > 0 && value.bits() / 10 * 3 > max_digits as u64 + 1 {
        return Err(refused());
    }
    let text = value.to_string();
    let digits = text.len() - text.starts_with('-') as usize;
    if max_digits > 0 && digits > max_digits { Err(refused()) } else { Ok(text) }
}

/// `str(value)` of any integer.
pub fn decimal_of(value: &Int, max_digits: usize) -> TextResult<String> {
    match value {
        Int::Small(small) => Ok(small.to_string()),
        Int::Big(big) => decimal(big, max_digits),
    }
}

/// `bin(value)`, `oct(value)` or `hex(value)`: the radix is 2, 8 or 16.
pub fn prefixed(value: &BigInt, radix: u32) -> String {
    let sign = if value.sign() == Sign::Minus { "-" } else { "" };
    format!("{sign}{}{}", prefix(radix), value.magnitude().to_str_radix(radix))
}

/// `bin(value)`, `oct(value)` or `hex(value)` of a small integer.
pub fn prefixed_small(value: i64, radix: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    match radix {
        2 => format!("{sign}0b{size:b}"),
        8 => format!("{sign}0o{size:o}"),
        _ => format!("{sign}0x{size:x}"),
    }
}

/// The prefix that `bin`, `oct` and `hex` write.
pub fn prefix(radix: u32) -> &'static str {
    match radix {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, base: i64) -> String {
        match parse(text.as_bytes(), base, DEFAULT_MAX_DIGITS) {
            Ok(value) => decimal_of(&value, 0).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn parses_as_python() {
        for (text, base, want) in [
            (" -12_3 ", 10, "-123"),
            ("+0x_ff", 16, "255"),
            ("0b101", 0, "5"),
            ("0o17", 8, "15"),
            ("zz", 36, "1295"),
            ("00_0", 0, "0"),
            ("\u{663}\u{664}", 10, "34"),
            ("\u{3000}7\u{a0}", 10, "7"),
            ("-9223372036854775808", 10, "-9223372036854775808"),
            ("123456789012345678901234567890", 10, "123456789012345678901234567890"),
            ("012", 0, "invalid literal for int() with base 0: '012'"),
            ("1__0", 10, "invalid literal for int() with base 10: '1__0'"),
            ("_1", 10, "invalid literal for int() with base 10: '_1'"),
            ("", 10, "invalid literal for int() with base 10: ''"),
            ("a'b", 10, "invalid literal for int() with base 10: \"a'b\""),
            ("0x", 16, "invalid literal for int() with base 16: '0x'"),
            ("1", 1, "int() base must be >= 2 and <= 36, or 0"),
            ("1", -1, "int() base must be >= 2 and <= 36, or 0"),
        ] {
            assert_eq!(parsed(text, base), want, "{text:?} {base}");
        }
    }

    #[test]
    fn limits_decimal_digits() {
        let long = "9".repeat(4301);
        assert_eq!(
            parsed(&long, 10),
            "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        assert!(parsed(&long[1..], 10) == long[1..]);
        let Ok(Int::Big(big)) = parse(long.as_bytes(), 10, 0) else { panic!("a big integer") };
        assert_eq!(
            decimal(&big, DEFAULT_MAX_DIGITS).unwrap_err().to_string(),
            "Exceeds the limit (4300 digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        assert_eq!(decimal(&big, 0).unwrap(), long);
        assert!(parse(long.as_bytes(), 16, DEFAULT_MAX_DIGITS).is_ok());
    }

    #[test]
    fn writes_other_bases() {
        assert_eq!(prefixed_small(-255, 16), "-0xff");
        assert_eq!(prefixed_small(i64::MIN, 2), format!("-0b1{}", "0".repeat(63)));
        assert_eq!(prefixed(&(BigInt::from(1) << 64), 8), "0o2000000000000000000000");
        assert_eq!(prefixed(&BigInt::from(-10), 2), "-0b1010");
    }
}
