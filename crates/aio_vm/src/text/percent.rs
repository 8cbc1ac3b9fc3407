//! The `%` operator of str and bytes: its templates and the rendering of one conversion.
//!
//! The caller walks the pieces, fetches the arguments (key, `*` width, `*` precision, value, in this order), and
//! renders numbers and finished texts here.

use super::float_repr::{self, FloatFlags, FloatForm};
use super::format_value::IntRef;
use super::search::{self, Unit};
use super::str_ops::push_repeated;
use super::{TextError, TextResult, check_limit, int_text, wtf8};

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Literal(&'a [u8]),
    Conversion(Conversion<'a>),
}

/// Everything between `%` and the conversion character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion<'a> {
    /// The mapping key of `%(key)s`.
    pub key: Option<&'a [u8]>,
    pub left: bool,
    pub plus: bool,
    pub space: bool,
    pub alternate: bool,
    pub zero: bool,
    pub width: Size,
    pub precision: Size,
    /// The conversion character; it need not be a known one.
    pub kind: u32,
    /// Where the conversion character stands, in characters or bytes.
    pub index: usize,
}

/// A width or precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    None,
    Given(usize),
    /// `*`: an argument gives it.
    Star,
}

/// The pieces of a template.
pub struct Pieces<'a> {
    template: &'a [u8],
    unit: Unit,
    at: usize,
}

pub fn pieces(template: &[u8], unit: Unit) -> Pieces<'_> {
    Pieces { template, unit, at: 0 }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = TextResult<Piece<'a>>;

    fn next(&mut self) -> Option<TextResult<Piece<'a>>> {
        let rest = self.template.get(self.at..).filter(|rest| !rest.is_empty())?;
        if rest[0] != b'%' {
            let length = search::find_byte(rest, b'%').unwrap_or(rest.len());
            self.at += length;
            return Some(Ok(Piece::Literal(&rest[..length])));
        }
        if rest.get(1) == Some(&b'%') {
            self.at += 2;
            return Some(Ok(Piece::Literal(&rest[1..2])));
        }
        self.at += 1;
        let piece = self.conversion().map(Piece::Conversion);
        if piece.is_err() {
            self.at = self.template.len();
        }
        Some(piece)
    }
}

impl<'a> Conversion<'a> {
    /// `%d` or `%s` with nothing between.
    pub fn bare(kind: u8, index: usize) -> Conversion<'a> {
        Conversion {
            key: None,
            left: false,
            plus: false,
            space: false,
            alternate: false,
            zero: false,
            width: Size::None,
            precision: Size::None,
            kind: kind as u32,
            index,
        }
    }
}

impl<'a> Pieces<'a> {
    /// Passes a `%d` or `%s` (of a str) with nothing between, if one comes next, and tells which.
    pub fn bare(&mut self) -> Option<u8> {
        match self.template.get(self.at..)? {
            [b'%', kind @ (b'd' | b's'), ..] if self.unit == Unit::Char => {
                self.at += 2;
                Some(*kind)
            }
            _ => None,
        }
    }

    /// Where the conversion character that was passed last stands.
    pub fn index(&self) -> usize {
        self.unit.count(&self.template[..self.at - 1])
    }

    fn peek(&self) -> Option<u8> {
        self.template.get(self.at).copied()
    }

    fn conversion(&mut self) -> TextResult<Conversion<'a>> {
        let mut out = Conversion { key: self.key()?, ..Conversion::bare(0, 0) };
        while let Some(flag) = self.peek() {
            match flag {
                b'-' => out.left = true,
                b'+' => out.plus = true,
                b' ' => out.space = true,
                b'#' => out.alternate = true,
                b'0' => out.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        out.width = self.size(isize::MAX as usize, "width too big")?;
        if self.peek() == Some(b'.') {
            self.at += 1;
            let message = if self.unit == Unit::Char { "precision too big" } else { "prec too big" };
            out.precision = match self.size(i32::MAX as usize, message)? {
                Size::None => Size::Given(0),
                size => size,
            };
        }
        // A length modifier is read and means nothing.
        if matches!(self.peek(), Some(b'h' | b'l' | b'L')) {
            self.at += 1;
        }
        let (kind, width) = match self.unit {
            Unit::Char => wtf8::decode_at(self.template, self.at),
            Unit::Byte => self.peek().map(|byte| (byte as u32, 1)),
        }
        .ok_or_else(|| TextError::value("incomplete format"))?;
        out.kind = kind;
        out.index = self.unit.count(&self.template[..self.at]);
        self.at += width;
        Ok(out)
    }

    /// A mapping key, in which parentheses nest.
    fn key(&mut self) -> TextResult<Option<&'a [u8]>> {
        if self.peek() != Some(b'(') {
            return Ok(None);
        }
        self.at += 1;
        let start = self.at;
        let mut depth = 1;
        for (place, &byte) in self.template.iter().enumerate().skip(start) {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at = place + 1;
                return Ok(Some(&self.template[start..place]));
            }
        }
        Err(TextError::value("incomplete format key"))
    }

    fn size(&mut self, max: usize, message: &str) -> TextResult<Size> {
        if self.peek() == Some(b'*') {
            self.at += 1;
            return Ok(Size::Star);
        }
        let mut size: Option<usize> = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            let next = size.unwrap_or(0).checked_mul(10).and_then(|size| size.checked_add((digit - b'0') as usize));
            size = Some(next.filter(|&size| size <= max).ok_or_else(|| TextError::value(message))?);
            self.at += 1;
        }
        Ok(size.map_or(Size::None, Size::Given))
    }
}

impl Conversion<'_> {
    /// The argument of a `*` width.
    pub fn set_width(&mut self, width: i64) {
        self.left |= width < 0;
        self.width = Size::Given(width.unsigned_abs() as usize);
    }

    /// The argument of a `*` precision.
    pub fn set_precision(&mut self, precision: i64) {
        self.precision = Size::Given(usize::try_from(precision).unwrap_or(0));
    }

    /// The conversion character, if it is one that str or bytes know.
    pub fn known_kind(&self, unit: Unit) -> TextResult<u8> {
        match (u8::try_from(self.kind), unit) {
            (Ok(kind @ (b's' | b'r' | b'a' | b'c' | b'd' | b'i' | b'u' | b'o' | b'x' | b'X')), _) => Ok(kind),
            (Ok(kind @ (b'e' | b'E' | b'f' | b'F' | b'g' | b'G')), _) => Ok(kind),
            (Ok(b'b'), Unit::Byte) => Ok(b'b'),
            _ => {
                let is_shown = |kind: &char| unit == Unit::Byte || ('\x1f'..='~').contains(kind);
                let shown = char::from_u32(self.kind).filter(is_shown).unwrap_or('?');
                Err(TextError::Value(format!(
                    "unsupported format character '{shown}' (0x{:x}) at index {}",
                    self.kind, self.index
                )))
            }
        }
    }

    /// The TypeError of `%d`, `%x` and their kin for a value that is no number.
    pub fn number_required(&self, type_name: &str, unit: Unit) -> TextError {
        let kind = match char::from_u32(self.kind) {
            Some('i') if unit == Unit::Byte => 'd',
            kind => kind.unwrap_or('?'),
        };
        let wanted = if matches!(kind, 'o' | 'x' | 'X') { "an integer is" } else { "a real number is" };
        TextError::Type(format!("%{kind} format: {wanted} required, not {type_name}"))
    }

    fn width(&self) -> usize {
        if let Size::Given(width) = self.width { width } else { 0 }
    }

    fn given_precision(&self) -> Option<usize> {
        if let Size::Given(precision) = self.precision { Some(precision) } else { None }
    }

    /// `%s`, `%r`, `%a`, `%b`: a finished text, cut to the precision and padded.
    pub fn render_text(&self, out: &mut Vec<u8>, text: &[u8], unit: Unit, limit: usize) -> TextResult<()> {
        let text = match (self.given_precision(), unit) {
            (None, _) => text,
            (Some(precision), Unit::Byte) => &text[..precision.min(text.len())],
            (Some(precision), Unit::Char) => &text[..wtf8::offset_of(text, false, precision)],
        };
        self.render_padded(out, "", "", text, unit, false, limit)
    }

    /// `%c`: one character or byte, which no precision cuts.
    pub fn render_character(&self, out: &mut Vec<u8>, text: &[u8], unit: Unit, limit: usize) -> TextResult<()> {
        self.render_padded(out, "", "", text, unit, false, limit)
    }

    /// `%d`, `%i`, `%u`, `%o`, `%x`, `%X`.
    pub fn render_int(&self, out: &mut Vec<u8>, value: IntRef<'_>, max_digits: usize, limit: usize) -> TextResult<()> {
        let precision = self.given_precision().unwrap_or(0);
        if precision > i32::MAX as usize - 3 {
            return Err(TextError::overflow("precision too large"));
        }
        let (radix, upper) = match u8::try_from(self.kind) {
            Ok(b'o') => (8, false),
            Ok(b'x') => (16, false),
            Ok(b'X') => (16, true),
            _ => (10, false),
        };
        let mut digits = value.digits(radix, max_digits)?;
        let mut prefix = if self.alternate { int_text::prefix(radix).to_owned() } else { String::new() };
        if upper {
            digits.make_ascii_uppercase();
            prefix.make_ascii_uppercase();
        }
        if precision > digits.len() {
            check_limit(out.len().saturating_add(precision), limit)?;
            digits.insert_str(0, &"0".repeat(precision - digits.len()));
        }
        let sign = self.sign(value.is_negative());
        self.render_padded(out, sign, &prefix, digits.as_bytes(), Unit::Byte, self.zero, limit)
    }

    /// `%e`, `%f`, `%g` and their capitals.
    pub fn render_float(&self, out: &mut Vec<u8>, x: f64, limit: usize) -> TextResult<()> {
        let kind = u8::try_from(self.kind).unwrap_or(b'f');
        let form = match kind.to_ascii_lowercase() {
            b'e' => FloatForm::Exponent,
            b'g' => FloatForm::General,
            _ => FloatForm::Fixed,
        };
        let flags = FloatFlags { alternate: self.alternate, ..FloatFlags::default() };
        let mut text = float_repr::format_float(x, form, self.given_precision().unwrap_or(6), flags, limit)?;
        if kind.is_ascii_uppercase() {
            text.make_ascii_uppercase();
        }
        let (negative, body) = match text.strip_prefix('-') {
            Some(body) => (true, body),
            None => (false, &text[..]),
        };
        self.render_padded(out, self.sign(negative), "", body.as_bytes(), Unit::Byte, self.zero, limit)
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one number, in the order in which they are written")]
    fn render_padded(
        &self,
        out: &mut Vec<u8>,
        sign: &str,
        prefix: &str,
        body: &[u8],
        unit: Unit,
        zeros: bool,
        limit: usize,
    ) -> TextResult<()> {
        let length = sign.len() + prefix.len() + unit.count(body);
        let missing = self.width().saturating_sub(length);
        let size = out.len() + sign.len() + prefix.len() + body.len();
        check_limit(size.saturating_add(missing), limit)?;
        out.try_reserve(size - out.len() + missing).map_err(|_| TextError::Memory)?;
        if !self.left && !zeros {
            push_repeated(out, b" ", missing);
        }
        out.extend_from_slice(sign.as_bytes());
        out.extend_from_slice(prefix.as_bytes());
        if !self.left && zeros {
            push_repeated(out, b"0", missing);
        }
        out.extend_from_slice(body);
        if self.left {
            push_repeated(out, b" ", missing);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Int;
    use super::*;

    enum Arg {
        Int(i64),
        Float(f64),
        Text(&'static str),
    }

    /// A small model of the caller, which knows three types.
    fn render(template: &str, args: &[Arg], unit: Unit) -> TextResult<String> {
        let mut out = Vec::new();
        let mut args = args.iter();
        let missing = || TextError::Type("not enough arguments for format string".to_owned());
        for piece in pieces(template.as_bytes(), unit) {
            let mut conversion = match piece? {
                Piece::Literal(text) => {
                    out.extend_from_slice(text);
                    continue;
                }
                Piece::Conversion(conversion) => conversion,
            };
            let mut next = || args.next().ok_or_else(missing);
            let star = |arg: &Arg| if let Arg::Int(size) = arg { *size } else { 0 };
            if conversion.width == Size::Star {
                conversion.set_width(star(next()?));
            }
            if conversion.precision == Size::Star {
                conversion.set_precision(star(next()?));
            }
            let value = next()?;
            match (conversion.known_kind(unit)?, value) {
                (b'c', Arg::Text(text)) => conversion.render_character(&mut out, text.as_bytes(), unit, 1000)?,
                (b's' | b'b', Arg::Text(text)) => conversion.render_text(&mut out, text.as_bytes(), unit, 1000)?,
                (_, Arg::Text(_)) => return Err(conversion.number_required("str", unit)),
                (_, Arg::Int(value)) => {
                    conversion.render_int(&mut out, (&Int::Small(*value)).into(), 4300, 1000)?;
                }
                (_, Arg::Float(x)) => conversion.render_float(&mut out, *x, 1000)?,
            }
        }
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn renders_as_python() {
        use Arg::{Float, Int, Text};
        for (template, args, want) in [
            ("%d%%|%5d|%-5d|%05d", &[Int(1), Int(-2), Int(3), Int(-4)][..], "1%|   -2|3    |-0004"),
            ("%+d % d %ld %u", &[Int(1), Int(2), Int(3), Int(4)], "+1  2 3 4"),
            ("%#.5x %#o %#X %#08x", &[Int(255), Int(8), Int(255), Int(-255)], "0x000ff 0o10 0XFF -0x000ff"),
            ("%08.5d", &[Int(-12)], "-0000012"),
            ("%*d|%-*d|%.*f", &[Int(-5), Int(1), Int(3), Int(2), Int(-2), Float(1.5)], "1    |2  |2"),
            (
                "%f %.2e %g %G",
                &[Float(0.5), Float(12345.0), Float(1e-10), Float(1e-10)],
                "0.500000 1.23e+04 1e-10 1E-10",
            ),
            ("%05f %#.0f %F", &[Float(f64::NEG_INFINITY), Float(2.0), Float(f64::NAN)], "-0inf 2. NAN"),
            ("%5.2s|%05s|%-3c|", &[Text("é漢x"), Text("ab"), Text("漢")], "   é漢|   ab|漢  |"),
        ] {
            assert_eq!(render(template, args, Unit::Char).as_deref(), Ok(want), "{template}");
        }
        assert_eq!(render("%.1b|%4s", &[Text("abc"), Text("é")], Unit::Byte).as_deref(), Ok("a|  é"));
    }

    #[test]
    fn refuses_as_python() {
        for (template, unit, want) in [
            ("a%", Unit::Char, "incomplete format"),
            ("%(a", Unit::Char, "incomplete format key"),
            ("é%q", Unit::Char, "unsupported format character 'q' (0x71) at index 2"),
            ("%€", Unit::Char, "unsupported format character '?' (0x20ac) at index 1"),
            ("%b", Unit::Char, "unsupported format character 'b' (0x62) at index 1"),
            ("%5%", Unit::Char, "unsupported format character '%' (0x25) at index 2"),
            ("%99999999999999999999d", Unit::Char, "width too big"),
            ("%.2147483648d", Unit::Char, "precision too big"),
            ("%.2147483648d", Unit::Byte, "prec too big"),
            ("%.2147483647d", Unit::Char, "precision too large"),
        ] {
            assert_eq!(render(template, &[Arg::Int(1)], unit).unwrap_err().to_string(), want, "{template}");
        }
        assert_eq!(render("%999999d", &[Arg::Int(1)], Unit::Char), Err(TextError::Memory));
        assert_eq!(render("%.9999d", &[Arg::Int(1)], Unit::Char), Err(TextError::Memory));
        for (template, unit, want) in [
            ("%i", Unit::Char, "%i format: a real number is required, not str"),
            ("%i", Unit::Byte, "%d format: a real number is required, not str"),
            ("%x", Unit::Char, "%x format: an integer is required, not str"),
        ] {
            assert_eq!(render(template, &[Arg::Text("a")], unit).unwrap_err().to_string(), want);
        }
    }

    #[test]
    fn finds_keys() {
        let keys: Vec<_> = pieces(b"%(a)s%((b) c)d%%%s", Unit::Char)
            .filter_map(|piece| if let Ok(Piece::Conversion(found)) = piece { Some(found.key) } else { None })
            .collect();
        assert_eq!(keys, [Some(&b"a"[..]), Some(b"(b) c"), None]);
    }
}
