//! Text to floats: what `float()`, `complex()` and `float.fromhex()` accept.

use super::{TextError, TextResult, chars, repr, wtf8};

/// `float(text)` of a str.
pub fn parse(text: &[u8]) -> TextResult<f64> {
    parse_ascii(&transform_to_ascii(text))
        .ok_or_else(|| TextError::Value(format!("could not convert string to float: {}", repr::str_repr(text))))
}

/// `float(data)` of bytes; `shown` makes the repr of the argument for the message.
pub fn parse_bytes(data: &[u8], shown: impl FnOnce() -> String) -> TextResult<f64> {
    parse_ascii(data).ok_or_else(|| TextError::Value(format!("could not convert string to float: {}", shown())))
}

/// Decimal digits and spaces of any script as their ASCII forms; anything else beyond ASCII becomes `?`.
pub(super) fn transform_to_ascii(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if text.is_ascii() {
        return std::borrow::Cow::Borrowed(text);
    }
    let ascii = wtf8::code_points(text).map(|code| match code {
        0..0x7F => code as u8,
        _ if chars::is_space(code) => b' ',
        _ => chars::decimal_value(code).map_or(b'?', |value| b'0' + value),
    });
    std::borrow::Cow::Owned(ascii.collect())
}

/// The whitespace of C's `isspace`.
pub(super) fn is_c_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

pub(super) fn trim_c_space(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_c_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|&byte| !is_c_space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

fn parse_ascii(text: &[u8]) -> Option<f64> {
    let text = trim_c_space(text);
    let plain = without_underscores(text)?;
    let (value, used) = scan(&plain)?;
    (used == plain.len()).then_some(value)
}

/// Drops underscores, each of which must stand between two digits.
pub(super) fn without_underscores(text: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
    if !text.contains(&b'_') {
        return Some(std::borrow::Cow::Borrowed(text));
    }
    let digit_at = |place: Option<usize>| place.and_then(|place| text.get(place)).is_some_and(u8::is_ascii_digit);
    let mut plain = Vec::with_capacity(text.len());
    for (place, &byte) in text.iter().enumerate() {
        if byte != b'_' {
            plain.push(byte);
        } else if !digit_at(place.checked_sub(1)) || !digit_at(Some(place + 1)) {
            return None;
        }
    }
    Some(std::borrow::Cow::Owned(plain))
}

/// The longest float at the start of `text`, and how many bytes it takes: what C's `strtod` does, without its hex.
pub fn scan(text: &[u8]) -> Option<(f64, usize)> {
    let signed = matches!(text.first(), Some(b'+' | b'-')) as usize;
    let negative = text.first() == Some(&b'-');
    let apply = |size: f64| if negative { -size } else { size };
    let body = &text[signed..];
    for (word, value) in [(&b"infinity"[..], f64::INFINITY), (b"inf", f64::INFINITY), (b"nan", f64::NAN)] {
        if body.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return Some((apply(value), signed + word.len()));
        }
    }
    let digits_from = |at: usize| body[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits_from(0);
    let mut end = whole;
    let mut fraction = 0;
    if body.get(end) == Some(&b'.') {
        fraction = digits_from(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(body.get(end), Some(b'e' | b'E')) {
        let sign = matches!(body.get(end + 1), Some(b'+' | b'-')) as usize;
        let digits = digits_from(end + 1 + sign);
        if digits > 0 {
            end += 1 + sign + digits;
        }
    }
    let size: f64 = std::str::from_utf8(&body[..end]).ok()?.parse().ok()?;
    Some((apply(size), signed + end))
}

/// `complex(text)`: real and imaginary part.
pub fn parse_complex(text: &[u8]) -> TextResult<(f64, f64)> {
    let ascii = transform_to_ascii(text);
    let plain = without_underscores(trim_c_space(&ascii))
        .ok_or_else(|| TextError::Value(format!("could not convert string to complex: {}", repr::str_repr(text))))?;
    complex_body(&plain).ok_or_else(|| TextError::value("complex() arg is a malformed string"))
}

fn complex_body(text: &[u8]) -> Option<(f64, f64)> {
    let inner = match text {
        [b'(', inner @ .., b')'] => trim_c_space(inner),
        _ => text,
    };
    let is_unit = |byte: Option<&u8>| matches!(byte, Some(b'j' | b'J'));
    // A sign may stand alone before the unit: `-j` is `-1j`.
    let bare = |at: usize| match inner.get(at..) {
        Some([b'j' | b'J']) => Some(1.0),
        Some([b'+', b'j' | b'J']) => Some(1.0),
        Some([b'-', b'j' | b'J']) => Some(-1.0),
        _ => None,
    };
    if let Some(unit) = bare(0) {
        return Some((0.0, unit));
    }
    let (first, used) = scan(inner)?;
    if used == inner.len() {
        return Some((first, 0.0));
    }
    if is_unit(inner.get(used)) {
        return (used + 1 == inner.len()).then_some((0.0, first));
    }
    if !matches!(inner.get(used), Some(b'+' | b'-')) {
        return None;
    }
    if let Some(unit) = bare(used) {
        return Some((first, unit));
    }
    let (second, more) = scan(&inner[used..])?;
    (is_unit(inner.get(used + more)) && used + more + 1 == inner.len()).then_some((first, second))
}

/// `float.fromhex(text)`.
pub fn from_hex(text: &[u8]) -> TextResult<f64> {
    let invalid = || TextError::value("invalid hexadecimal floating-point string");
    let text = trim_c_space(text);
    let (negative, body) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let apply = |size: f64| if negative { -size } else { size };
    if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
        return Ok(apply(f64::INFINITY));
    }
    if body.eq_ignore_ascii_case(b"nan") {
        return Ok(apply(f64::NAN));
    }
    let body = match body {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => body,
    };
    let hex_digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let whole = hex_digits(body);
    let mut end = whole;
    let mut fraction = 0;
    if body.get(end) == Some(&b'.') {
        fraction = hex_digits(&body[end + 1..]);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return Err(invalid());
    }
    let mut exponent = 0i64;
    if let Some(b'p' | b'P') = body.get(end) {
        let after = &body[end + 1..];
        let sign = matches!(after.first(), Some(b'+' | b'-')) as usize;
        let digits = &after[sign..];
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(invalid());
        }
        for &digit in digits {
            exponent = exponent.saturating_mul(10).saturating_add((digit - b'0') as i64);
        }
        if after.first() == Some(&b'-') {
            exponent = -exponent;
        }
    } else if end != body.len() {
        return Err(invalid());
    }
    let digits = body[..end].iter().filter_map(|&byte| (byte as char).to_digit(16));
    assemble_hex(digits, exponent.saturating_sub(4 * fraction as i64))
        .map(apply)
        .ok_or_else(|| TextError::overflow("hexadecimal value too large to represent as a float"))
}

/// `digits * 2^exponent`, rounded half to even; `None` beyond the largest float.
fn assemble_hex(digits: impl Iterator<Item = u32>, mut exponent: i64) -> Option<f64> {
    let mut mantissa = 0u64;
    let mut sticky = false;
    for digit in digits {
        if mantissa >> 58 == 0 {
            mantissa = mantissa << 4 | digit as u64;
        } else {
            // The digit lies far below the last bit that counts; only whether it is zero matters.
            sticky |= digit != 0;
            exponent = exponent.saturating_add(4);
        }
    }
    if mantissa == 0 {
        return Some(0.0);
    }
    let length = 64 - mantissa.leading_zeros() as i64;
    let top = exponent.saturating_add(length);
    if top > 1024 {
        return None;
    }
    // The last bit of the result weighs 2^lowest; subnormals share the smallest weight.
    let lowest = (top - 53).max(-1074);
    let shift = lowest - exponent;
    if shift <= 0 {
        return Some(mantissa as f64 * pow2(exponent));
    }
    if shift > 63 {
        let just_above_half = shift == 64 && (mantissa > 1 << 63 || mantissa == 1 << 63 && sticky);
        return Some(if just_above_half { f64::from_bits(1) } else { 0.0 });
    }
    let kept = mantissa >> shift;
    let lost = mantissa & ((1 << shift) - 1);
    let half = 1u64 << (shift - 1);
    let up = lost > half || lost == half && (sticky || kept & 1 == 1);
    let value = (kept + up as u64) as f64 * pow2(lowest);
    value.is_finite().then_some(value)
}

/// `2^exponent` for an exponent that a float can have.
fn pow2(exponent: i64) -> f64 {
    match exponent {
        -1074..-1022 => f64::from_bits(1 << (exponent + 1074)),
        -1022..=1023 => f64::from_bits(((exponent + 1023) as u64) << 52),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_as_python() {
        for (text, want) in [
            (" 1_000.5e-1_0\n", Some(1.0005e-7)),
            ("-.5", Some(-0.5)),
            ("5.", Some(5.0)),
            ("+InFiNiTy", Some(f64::INFINITY)),
            ("1e400", Some(f64::INFINITY)),
            ("1e-400", Some(0.0)),
            ("\u{661}.\u{665}\u{2003}", Some(1.5)),
            ("1__0", None),
            ("1_.0", None),
            ("1e", None),
            ("0x10", None),
            ("", None),
            ("\u{1c}1", None),
            ("in_f", None),
        ] {
            assert_eq!(parse(text.as_bytes()).ok(), want, "{text:?}");
        }
        assert!(parse(b"-nan").is_ok_and(f64::is_nan));
        assert_eq!(parse(b"a'b").unwrap_err().to_string(), "could not convert string to float: \"a'b\"");
        assert_eq!(
            parse_bytes(b"x", || "b'x'".to_owned()).unwrap_err().to_string(),
            "could not convert string to float: b'x'"
        );
    }

    #[test]
    fn parses_complex() {
        for (text, want) in [
            (" ( 1-2j ) ", Some((1.0, -2.0))),
            ("-j", Some((0.0, -1.0))),
            ("1e3+J", Some((1000.0, 1.0))),
            ("2.5", Some((2.5, 0.0))),
            ("infj", Some((0.0, f64::INFINITY))),
            ("1 +2j", None),
            ("1+2", None),
            ("(1", None),
        ] {
            assert_eq!(parse_complex(text.as_bytes()).ok(), want, "{text:?}");
        }
    }

    #[test]
    fn parses_hexadecimal() {
        for (text, want) in [
            ("0x1.8p1", Ok(3.0)),
            (" -0X.8 ", Ok(-0.5)),
            ("1e5", Ok(485.0)),
            ("0x1p-1074", Ok(5e-324)),
            ("0x1p-1075", Ok(0.0)),
            ("0x1.8p-1075", Ok(5e-324)),
            ("0x1.00000000000008p0", Ok(1.0)),
            ("0x1.000000000000080000000000001p0", Ok(1.0000000000000002)),
            ("0x0p99999999999999999999", Ok(0.0)),
            ("0x1.fffffffffffff8p1023", Err("hexadecimal value too large to represent as a float")),
            ("0x1p5000", Err("hexadecimal value too large to represent as a float")),
            ("0x", Err("invalid hexadecimal floating-point string")),
            ("0x1p", Err("invalid hexadecimal floating-point string")),
        ] {
            assert_eq!(
                from_hex(text.as_bytes()).map_err(|error| error.to_string()),
                want.map_err(str::to_owned),
                "{text}"
            );
        }
    }
}
