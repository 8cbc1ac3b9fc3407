//! What `format(value, spec)` gives for str, int, float and complex.

use super::float_repr::{self, FloatFlags, FloatForm};
use super::format_spec::{self, FormatAlign, FormatSpec, Grouping, SignRule, TypeName};
use super::str_ops::push_repeated;
use super::{Int, TextError, TextResult, check_limit, float_math, int_text, wtf8};
use num_bigint::{BigInt, Sign};

/// An integer to be written, wherever it lives.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    Small(i64),
    Big(&'a BigInt),
}

impl<'a> From<&'a Int> for IntRef<'a> {
    fn from(value: &'a Int) -> IntRef<'a> {
        match value {
            Int::Small(small) => IntRef::Small(*small),
            Int::Big(big) => IntRef::Big(big),
        }
    }
}

impl IntRef<'_> {
    pub fn is_negative(self) -> bool {
        match self {
            IntRef::Small(small) => small < 0,
            IntRef::Big(big) => big.sign() == Sign::Minus,
        }
    }

    /// The digits without sign or prefix; `max_digits` concerns decimal digits only.
    pub fn digits(self, radix: u32, max_digits: usize) -> TextResult<String> {
        Ok(match (self, radix) {
            (IntRef::Small(small), 2) => format!("{:b}", small.unsigned_abs()),
            (IntRef::Small(small), 8) => format!("{:o}", small.unsigned_abs()),
            (IntRef::Small(small), 16) => format!("{:x}", small.unsigned_abs()),
            (IntRef::Small(small), _) => itoa::Buffer::new().format(small.unsigned_abs()).to_owned(),
            (IntRef::Big(big), 10) => {
                let mut text = int_text::decimal(big, max_digits)?;
                if text.starts_with('-') {
                    text.remove(0);
                }
                text
            }
            (IntRef::Big(big), _) => big.magnitude().to_str_radix(radix),
        })
    }

    pub fn to_f64(self) -> TextResult<f64> {
        match self {
            IntRef::Small(small) => Ok(small as f64),
            IntRef::Big(big) => float_math::from_bigint(big),
        }
    }
}

/// `format(text, spec)`; `type_name` is for messages.
pub fn format_str(text: &[u8], ascii: bool, spec: &[u8], type_name: TypeName<'_>, limit: usize) -> TextResult<Vec<u8>> {
    if spec.is_empty() {
        return Ok(text.to_vec());
    }
    let spec = format_spec::parse(spec, Some('s'), FormatAlign::Left, type_name)?;
    check_kind(&spec, &['s'], type_name)?;
    let refused = |what: &str| Err(TextError::Value(format!("{what} not allowed in string format specifier")));
    match spec.sign {
        SignRule::Space => return refused("Space"),
        SignRule::Plus | SignRule::Minus => return refused("Sign"),
        SignRule::Default => {}
    }
    if spec.no_negative_zero {
        return refused("Negative zero coercion (z)");
    }
    if spec.alternate {
        return refused("Alternate form (#)");
    }
    if spec.align == FormatAlign::AfterSign {
        return Err(TextError::value("'=' alignment not allowed in string format specifier"));
    }
    let shown = match spec.precision {
        Some(precision) => wtf8::slice(text, ascii, 0..precision),
        None => text,
    };
    let length = if ascii { shown.len() } else { wtf8::count(shown) };
    let mut out = Vec::new();
    pad_around(&mut out, &spec, length, shown.len(), limit, |out| out.extend_from_slice(shown))?;
    Ok(out)
}

/// `format(value, spec)` of an int; a bool with an empty specifier is the caller's.
pub fn format_int(
    value: IntRef<'_>,
    spec: &[u8],
    type_name: TypeName<'_>,
    max_digits: usize,
    limit: usize,
) -> TextResult<Vec<u8>> {
    if spec.is_empty() {
        let sign = if value.is_negative() { "-" } else { "" };
        return Ok([sign.as_bytes(), value.digits(10, max_digits)?.as_bytes()].concat());
    }
    let spec = format_spec::parse(spec, Some('d'), FormatAlign::Right, type_name)?;
    let kind = spec.kind.and_then(char::from_u32).unwrap_or('\0');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        return format_float_spec(value.to_f64()?, &spec, limit);
    }
    check_kind(&spec, &['b', 'c', 'd', 'o', 'x', 'X', 'n'], type_name)?;
    if spec.precision.is_some() {
        return Err(TextError::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(TextError::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    if let (IntRef::Small(small), 'd', Grouping::None, 0..0x80) = (value, kind, spec.grouping, spec.fill) {
        return short_decimal(small, &spec, limit);
    }
    let mut number = Number { negative: value.is_negative(), ..Number::default() };
    match kind {
        'c' => {
            number.negative = false;
            number.tail = character(value, &spec)?;
        }
        'b' | 'o' | 'x' | 'X' => {
            let radix = match kind {
                'b' => 2,
                'o' => 8,
                _ => 16,
            };
            number.digits = value.digits(radix, max_digits)?;
            if spec.alternate {
                number.prefix = int_text::prefix(radix).to_owned();
            }
            if kind == 'X' {
                number.digits.make_ascii_uppercase();
                number.prefix.make_ascii_uppercase();
            }
        }
        _ => number.digits = value.digits(10, max_digits)?,
    }
    number.finish(&spec, limit)
}

/// A decimal number of one word, without separators and with a fill of one byte.
fn short_decimal(n: i64, spec: &FormatSpec, limit: usize) -> TextResult<Vec<u8>> {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(n.unsigned_abs()).as_bytes();
    let sign = sign_of(n < 0, spec.sign).as_bytes();
    let length = sign.len() + digits.len();
    let missing = spec.width.unwrap_or(0).saturating_sub(length);
    check_limit(length + missing, limit)?;
    let (left, inside, right) = match spec.align {
        FormatAlign::Left => (0, 0, missing),
        FormatAlign::Center => (missing / 2, 0, missing - missing / 2),
        FormatAlign::Right => (missing, 0, 0),
        FormatAlign::AfterSign => (0, missing, 0),
    };
    let mut out = Vec::new();
    out.try_reserve(length + missing).map_err(|_| TextError::Memory)?;
    let fill = spec.fill as u8;
    out.resize(left, fill);
    out.extend_from_slice(sign);
    out.resize(out.len() + inside, fill);
    out.extend_from_slice(digits);
    out.resize(out.len() + right, fill);
    Ok(out)
}

fn sign_of(negative: bool, rule: SignRule) -> &'static str {
    match (negative, rule) {
        (true, _) => "-",
        (false, SignRule::Plus) => "+",
        (false, SignRule::Space) => " ",
        (false, _) => "",
    }
}

fn character(value: IntRef<'_>, spec: &FormatSpec) -> TextResult<Vec<u8>> {
    if spec.sign != SignRule::Default {
        return Err(TextError::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(TextError::value("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    match value {
        IntRef::Big(_) => Err(TextError::overflow("Python int too large to convert to C long")),
        IntRef::Small(small) => match u32::try_from(small) {
            Ok(code @ 0..=wtf8::MAX_CODE) => Ok(wtf8::from_code_points([code])),
            _ => Err(TextError::overflow("%c arg not in range(0x110000)")),
        },
    }
}

/// `format(x, spec)` of a float.
pub fn format_float(x: f64, spec: &[u8], type_name: TypeName<'_>, limit: usize) -> TextResult<Vec<u8>> {
    if spec.is_empty() {
        return Ok(float_repr::repr(x).into_bytes());
    }
    let spec = format_spec::parse(spec, None, FormatAlign::Right, type_name)?;
    check_kind(&spec, &['e', 'E', 'f', 'F', 'g', 'G', 'n', '%'], type_name)?;
    format_float_spec(x, &spec, limit)
}

fn format_float_spec(x: f64, spec: &FormatSpec, limit: usize) -> TextResult<Vec<u8>> {
    let kind = spec.kind.and_then(char::from_u32);
    let percent = kind == Some('%');
    let mut text = write_float(if percent { x * 100.0 } else { x }, spec, true, limit)?;
    if percent {
        text.push('%');
    }
    number_of(text).finish(spec, limit)
}

/// The float as its presentation type and precision want it, with a minus and no other sign.
fn write_float(x: f64, spec: &FormatSpec, point_zero: bool, limit: usize) -> TextResult<String> {
    let kind = spec.kind.and_then(char::from_u32);
    let mut flags =
        FloatFlags { alternate: spec.alternate, no_negative_zero: spec.no_negative_zero, point_zero: false };
    let form = match kind {
        Some('e' | 'E') => FloatForm::Exponent,
        Some('f' | 'F' | '%') => FloatForm::Fixed,
        Some(_) => FloatForm::General,
        None => {
            flags.point_zero = point_zero;
            if spec.precision.is_some() { FloatForm::General } else { FloatForm::Repr }
        }
    };
    let mut text = float_repr::format_float(x, form, spec.precision.unwrap_or(6), flags, limit)?;
    if matches!(kind, Some('E' | 'F' | 'G')) {
        text.make_ascii_uppercase();
    }
    Ok(text)
}

/// `format(complex(re, im), spec)`.
pub fn format_complex(re: f64, im: f64, spec: &[u8], type_name: TypeName<'_>, limit: usize) -> TextResult<Vec<u8>> {
    if spec.is_empty() {
        return Ok(float_repr::complex_repr(re, im).into_bytes());
    }
    let spec = format_spec::parse(spec, None, FormatAlign::Right, type_name)?;
    check_kind(&spec, &['e', 'E', 'f', 'F', 'g', 'G', 'n'], type_name)?;
    if spec.fill == '0' as u32 {
        return Err(TextError::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == FormatAlign::AfterSign {
        return Err(TextError::value("'=' alignment flag is not allowed in complex format specifier"));
    }
    let only_imaginary = spec.kind.is_none() && re == 0.0 && re.is_sign_positive();
    let parentheses = spec.kind.is_none() && !only_imaginary;
    let mut part = FormatSpec { width: None, align: FormatAlign::Left, ..spec };
    let mut text = Vec::new();
    if parentheses {
        text.push(b'(');
    }
    if !only_imaginary {
        text.extend(number_of(write_float(re, &spec, false, limit)?).finish(&part, limit)?);
        part.sign = SignRule::Plus;
    }
    text.extend(number_of(write_float(im, &spec, false, limit)?).finish(&part, limit)?);
    text.push(b'j');
    if parentheses {
        text.push(b')');
    }
    let mut out = Vec::new();
    pad_around(&mut out, &spec, text.len(), text.len(), limit, |out| out.extend_from_slice(&text))?;
    Ok(out)
}

fn check_kind(spec: &FormatSpec, known: &[char], type_name: TypeName<'_>) -> TextResult<()> {
    match spec.kind {
        Some(kind) if !known.iter().any(|&known| known as u32 == kind) => {
            Err(format_spec::unknown_kind(kind, type_name))
        }
        _ => Ok(()),
    }
}

/// Writes a body of `length` characters and `bytes` bytes with the fill around it.
fn pad_around(
    out: &mut Vec<u8>,
    spec: &FormatSpec,
    length: usize,
    bytes: usize,
    limit: usize,
    body: impl FnOnce(&mut Vec<u8>),
) -> TextResult<()> {
    let missing = spec.width.unwrap_or(0).saturating_sub(length);
    let left = match spec.align {
        FormatAlign::Left => 0,
        FormatAlign::Center => missing / 2,
        FormatAlign::Right | FormatAlign::AfterSign => missing,
    };
    let (fill, width) = wtf8::encode(spec.fill);
    let size = missing.checked_mul(width).and_then(|added| added.checked_add(bytes)).ok_or(TextError::Memory)?;
    check_limit(size, limit)?;
    out.try_reserve(size).map_err(|_| TextError::Memory)?;
    push_repeated(out, &fill[..width], left);
    body(out);
    push_repeated(out, &fill[..width], missing - left);
    Ok(())
}

/// The parts of a number that grouping and padding treat differently.
#[derive(Default)]
struct Number {
    negative: bool,
    prefix: String,
    /// Digits before the point, which can be grouped.
    digits: String,
    /// Point, fraction, exponent, percent sign; or all of `inf`, `nan` and a character.
    tail: Vec<u8>,
}

fn number_of(text: String) -> Number {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, &text[..]),
    };
    let whole = body.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, tail) = body.split_at(whole);
    Number { negative, prefix: String::new(), digits: digits.to_owned(), tail: tail.as_bytes().to_vec() }
}

impl Number {
    fn finish(self, spec: &FormatSpec, limit: usize) -> TextResult<Vec<u8>> {
        let sign = sign_of(self.negative, spec.sign);
        let tail_length = wtf8::count(&self.tail);
        let around = sign.len() + self.prefix.len() + tail_length;
        let after_sign = spec.align == FormatAlign::AfterSign;
        let mut digits = self.digits;
        if let Some(separator) = spec.grouping.separator().filter(|_| !digits.is_empty()) {
            // Zeros that fill up to the width are grouped like digits.
            let zero_fill = after_sign && spec.fill == '0' as u32;
            let at_least = if zero_fill { spec.width.unwrap_or(0).saturating_sub(around) } else { 0 };
            check_limit(at_least, limit)?;
            digits = group(&digits, separator, spec.grouping, at_least);
        }
        let length = around + digits.len();
        let bytes = length - tail_length + self.tail.len();
        let mut out = Vec::new();
        if after_sign {
            out.extend_from_slice(sign.as_bytes());
            out.extend_from_slice(self.prefix.as_bytes());
            pad_around(&mut out, spec, length, bytes, limit, |out| {
                out.extend_from_slice(digits.as_bytes());
                out.extend_from_slice(&self.tail);
            })?;
        } else {
            pad_around(&mut out, spec, length, bytes, limit, |out| {
                for part in [sign.as_bytes(), self.prefix.as_bytes(), digits.as_bytes(), &self.tail] {
                    out.extend_from_slice(part);
                }
            })?;
        }
        Ok(out)
    }
}

/// Puts separators between groups of digits, with leading zeros until the text is `at_least` long.
fn group(digits: &str, separator: u8, grouping: Grouping, at_least: usize) -> String {
    let size = grouping.size();
    let mut reversed = Vec::with_capacity(digits.len().max(at_least) * 4 / 3 + 4);
    let mut source = digits.bytes().rev();
    let mut placed = 0;
    loop {
        let digit = match source.next() {
            Some(digit) => digit,
            // A separator is never the first character, so it may lead to one more zero.
            None if reversed.len() < at_least => b'0',
            None => break,
        };
        if placed > 0 && placed % size == 0 {
            reversed.push(separator);
        }
        reversed.push(digit);
        placed += 1;
    }
    reversed.reverse();
    String::from_utf8(reversed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 10_000;

    fn shown(result: TextResult<Vec<u8>>) -> String {
        match result {
            Ok(text) => String::from_utf8(text).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn strings() {
        for (text, spec, want) in [
            ("abc", "", "abc"),
            ("abc", "é^6.2s", "ééabéé"),
            ("漢", "05", "漢0000"),
            ("a", "=5", "'=' alignment not allowed in string format specifier"),
            ("a", "+5", "Sign not allowed in string format specifier"),
            ("a", " ", "Space not allowed in string format specifier"),
            ("a", "z", "Negative zero coercion (z) not allowed in string format specifier"),
            ("a", "#", "Alternate form (#) not allowed in string format specifier"),
            ("a", ",", "Cannot specify ',' with 's'."),
            ("a", "5d", "Unknown format code 'd' for object of type 'str'"),
            ("a", "5.3.2", "Invalid format specifier '5.3.2' for object of type 'str'"),
            ("a", "\u{1}", "Unknown format code '\\x1' for object of type 'str'"),
        ] {
            assert_eq!(
                shown(format_str(text.as_bytes(), false, spec.as_bytes(), &|| "str".to_owned(), LIMIT)),
                want,
                "{spec}"
            );
        }
        assert_eq!(format_str(b"a", true, b"99999999999", &|| "str".to_owned(), LIMIT), Err(TextError::Memory));
    }

    #[test]
    fn integers() {
        for (value, spec, want) in [
            (-1234567, "013,", "-0,001,234,567"),
            (123, "08,", "0,000,123"),
            (65535, "#012_x", "0x0_0000_ffff"),
            (255, "#X", "0XFF"),
            (-3, "x=#8x", "-0xxxxx3"),
            (5, "+d", "+5"),
            (0x1F600, "3c", "  😀"),
            (5, "#.3g", "5.00"),
            (1, "%", "100.000000%"),
            (3, "^05", "00300"),
            (1, "+c", "Sign not allowed with integer format specifier 'c'"),
            (-1, "c", "%c arg not in range(0x110000)"),
            (1, ".3d", "Precision not allowed in integer format specifier"),
            (1, ",x", "Cannot specify ',' with 'x'."),
            (1, "_,", "Cannot specify both ',' and '_'."),
            (1, ",,", "Cannot specify ',' with ','."),
            (1, "5.", "Format specifier missing precision"),
            (1, "99999999999999999999d", "Too many decimal digits in format string"),
            (1, "s", "Unknown format code 's' for object of type 'int'"),
        ] {
            assert_eq!(
                shown(format_int(IntRef::Small(value), spec.as_bytes(), &|| "int".to_owned(), 4300, LIMIT)),
                want,
                "{spec}"
            );
        }
        let big = BigInt::from(10).pow(25);
        assert_eq!(
            shown(format_int(IntRef::Big(&big), b",", &|| "int".to_owned(), 4300, LIMIT)),
            "10,000,000,000,000,000,000,000,000"
        );
        assert_eq!(
            shown(format_int(IntRef::Big(&big.pow(20)), b"e", &|| "int".to_owned(), 4300, LIMIT)),
            "int too large to convert to float"
        );
        assert_eq!(
            format_int(IntRef::Small(1), b"0999999999999,", &|| "int".to_owned(), 4300, LIMIT),
            Err(TextError::Memory)
        );
    }

    #[test]
    fn floats() {
        for (x, spec, want) in [
            (1234567.891, "020,.2f", "0,000,001,234,567.89"),
            (f64::INFINITY, "010,", "0000000inf"),
            (f64::NAN, "+010F", "+000000NAN"),
            (0.5, ".1%", "50.0%"),
            (1e16, "_", "1e+16"),
            (5.0, "#.0f", "5."),
            (100.0, ".3", "1e+02"),
            (100.0, ".3g", "100"),
            (-0.04, "z.1f", "0.0"),
            (1e100, "G", "1E+100"),
            (12.0, "n", "12"),
            (1.5, "0>+10", "000000+1.5"),
            (1.5, "d", "Unknown format code 'd' for object of type 'float'"),
            (12.5, "_n", "Cannot specify '_' with 'n'."),
            (1.0, ".9999999999f", "precision too big"),
        ] {
            assert_eq!(shown(format_float(x, spec.as_bytes(), &|| "float".to_owned(), LIMIT)), want, "{spec}");
        }
    }

    #[test]
    fn complex_numbers() {
        for (re, im, spec, want) in [
            (1.5, 2.0, "", "(1.5+2j)"),
            (1.5, 2.0, ">20.2f", "          1.50+2.00j"),
            (1.5, -2.0, "+", "(+1.5-2j)"),
            (0.0, 2.0, "#", "2.j"),
            (-0.0001, -0.00001, "z.1f", "0.0+0.0j"),
            (0.0, 1.0, "05", "Zero padding is not allowed in complex format specifier"),
            (0.0, 1.0, "=5", "'=' alignment flag is not allowed in complex format specifier"),
            (0.0, 1.0, "%", "Unknown format code '%' for object of type 'complex'"),
        ] {
            assert_eq!(shown(format_complex(re, im, spec.as_bytes(), &|| "complex".to_owned(), LIMIT)), want, "{spec}");
        }
    }
}
