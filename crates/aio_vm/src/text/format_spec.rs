//! The format mini-language `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`: its parser.

use super::{TextError, TextResult, chars, wtf8};

/// Tells the type of a value, for messages.
pub type TypeName<'a> = &'a dyn Fn() -> String;

/// A parsed format specifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    pub fill: u32,
    pub align: FormatAlign,
    pub sign: SignRule,
    pub no_negative_zero: bool,
    pub alternate: bool,
    pub width: Option<usize>,
    pub grouping: Grouping,
    pub precision: Option<usize>,
    /// The presentation type, or the default that the caller gave.
    pub kind: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatAlign {
    Left,
    Right,
    Center,
    /// `=`: the padding goes between the sign and the digits.
    AfterSign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignRule {
    Default,
    Plus,
    Minus,
    Space,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    None,
    Comma,
    Underscore,
    /// `_` with a binary, octal or hexadecimal type: every four digits.
    UnderscoreFours,
}

impl Grouping {
    pub fn separator(self) -> Option<u8> {
        match self {
            Grouping::None => None,
            Grouping::Comma => Some(b','),
            Grouping::Underscore | Grouping::UnderscoreFours => Some(b'_'),
        }
    }

    pub fn size(self) -> usize {
        if self == Grouping::UnderscoreFours { 4 } else { 3 }
    }
}

/// Parses a specifier; `default_kind` and `default_align` depend on the type of the value, `type_name` is for messages.
pub fn parse(
    spec: &[u8],
    default_kind: Option<char>,
    default_align: FormatAlign,
    type_name: TypeName<'_>,
) -> TextResult<FormatSpec> {
    let mut out = FormatSpec {
        fill: ' ' as u32,
        align: default_align,
        sign: SignRule::Default,
        no_negative_zero: false,
        alternate: false,
        width: None,
        grouping: Grouping::None,
        precision: None,
        kind: default_kind.map(u32::from),
    };
    if usual(spec, default_align, &mut out) { Ok(out) } else { any(spec, default_align, out, type_name) }
}

/// Parses a specifier of any kind; `out` has the defaults.
fn any(
    spec: &[u8],
    default_align: FormatAlign,
    mut out: FormatSpec,
    type_name: TypeName<'_>,
) -> TextResult<FormatSpec> {
    let mut cursor = Cursor { rest: spec };
    let (mut fill_given, mut align_given) = (false, false);
    if let (Some(fill), Some(align)) = (cursor.peek(), cursor.second().and_then(align_of)) {
        (out.fill, out.align) = (fill, align);
        (fill_given, align_given) = (true, true);
        cursor.advance();
        cursor.advance();
    } else if let Some(align) = cursor.peek().and_then(align_of) {
        out.align = align;
        align_given = true;
        cursor.advance();
    }
    out.sign = match cursor.peek() {
        Some(0x2B) => SignRule::Plus,
        Some(0x2D) => SignRule::Minus,
        Some(0x20) => SignRule::Space,
        _ => SignRule::Default,
    };
    if out.sign != SignRule::Default {
        cursor.advance();
    }
    out.no_negative_zero = cursor.eat('z');
    out.alternate = cursor.eat('#');
    if !fill_given && cursor.eat('0') {
        out.fill = '0' as u32;
        if !align_given && default_align == FormatAlign::Right {
            out.align = FormatAlign::AfterSign;
        }
    }
    out.width = cursor.number()?;
    if cursor.eat(',') {
        out.grouping = Grouping::Comma;
    }
    if cursor.peek() == Some('_' as u32) {
        if out.grouping != Grouping::None {
            return Err(both_separators());
        }
        out.grouping = Grouping::Underscore;
        cursor.advance();
    }
    if cursor.peek() == Some(',' as u32) && out.grouping == Grouping::Underscore {
        return Err(both_separators());
    }
    if cursor.eat('.') {
        out.precision = cursor.number()?;
        if out.precision.is_none() {
            return Err(TextError::value("Format specifier missing precision"));
        }
    }
    if let Some(kind) = cursor.peek() {
        if cursor.second().is_some() {
            let shown = wtf8::to_str_lossy(spec);
            return Err(TextError::Value(format!(
                "Invalid format specifier '{shown}' for object of type '{}'",
                type_name()
            )));
        }
        out.kind = Some(kind);
    }
    out.grouping = grouping_for(out.grouping, out.kind)?;
    Ok(out)
}

/// Parses what most specifiers are: an alignment, a width, a precision and a type, or some of these, in ASCII. Nothing is
/// changed when it is another one.
fn usual(spec: &[u8], default_align: FormatAlign, out: &mut FormatSpec) -> bool {
    fn number(rest: &[u8]) -> Option<(usize, &[u8])> {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 6 {
            return None;
        }
        let (digits, rest) = rest.split_at(digits);
        Some((digits.iter().fold(0, |value, b| value * 10 + (b - b'0') as usize), rest))
    }
    let align = spec.first().and_then(|&b| align_of(b as u32));
    let rest = &spec[align.is_some() as usize..];
    let zero = rest.first() == Some(&b'0');
    let Some((width, behind)) = number(rest) else { return false };
    let (precision, kind) = match behind {
        [b'.', digits @ ..] => match number(digits) {
            Some((value, kind)) if kind.len() < digits.len() => (Some(value), kind),
            _ => return false,
        },
        kind => (None, kind),
    };
    match kind {
        [] => {}
        // Before a width, `z` is no type.
        [kind] if kind.is_ascii_alphabetic() && *kind != b'z' || *kind == b'%' => out.kind = Some(*kind as u32),
        _ => return false,
    }
    if zero {
        out.fill = '0' as u32;
        if default_align == FormatAlign::Right {
            out.align = FormatAlign::AfterSign;
        }
    }
    if let Some(align) = align {
        out.align = align;
    }
    // The digits behind a zero are the width: `0` alone is none.
    let digits = rest.len() - behind.len() - zero as usize;
    out.width = (digits > 0).then_some(width);
    out.precision = precision;
    true
}

/// The message for a type that does not know the presentation type of `spec`.
pub fn unknown_kind(kind: u32, type_name: TypeName<'_>) -> TextError {
    TextError::Value(format!("Unknown format code '{}' for object of type '{}'", shown_kind(kind), type_name()))
}

fn grouping_for(grouping: Grouping, kind: Option<u32>) -> TextResult<Grouping> {
    let Some(separator) = grouping.separator() else {
        return Ok(grouping);
    };
    match kind.and_then(char::from_u32) {
        None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => Ok(grouping),
        Some('b' | 'o' | 'x' | 'X') if grouping == Grouping::Underscore => Ok(Grouping::UnderscoreFours),
        _ => {
            let kind = shown_kind(kind.unwrap_or_default());
            Err(TextError::Value(format!("Cannot specify '{}' with '{kind}'.", separator as char)))
        }
    }
}

fn shown_kind(kind: u32) -> String {
    match char::from_u32(kind) {
        Some(shown @ '!'..'\u{80}') => shown.to_string(),
        _ => format!("\\x{kind:x}"),
    }
}

fn both_separators() -> TextError {
    TextError::value("Cannot specify both ',' and '_'.")
}

fn align_of(code: u32) -> Option<FormatAlign> {
    match char::from_u32(code)? {
        '<' => Some(FormatAlign::Left),
        '>' => Some(FormatAlign::Right),
        '^' => Some(FormatAlign::Center),
        '=' => Some(FormatAlign::AfterSign),
        _ => None,
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u32> {
        wtf8::decode_at(self.rest, 0).map(|(code, _)| code)
    }

    fn second(&self) -> Option<u32> {
        if let [0..0x80, second @ 0..0x80, ..] = self.rest {
            return Some(*second as u32);
        }
        wtf8::code_points(self.rest).nth(1)
    }

    fn advance(&mut self) {
        let width = wtf8::decode_at(self.rest, 0).map_or(0, |(_, width)| width);
        self.rest = &self.rest[width..];
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted as u32);
        if found {
            self.advance();
        }
        found
    }

    /// Decimal digits of any script.
    fn number(&mut self) -> TextResult<Option<usize>> {
        let mut value: Option<i64> = None;
        while let Some(digit) = self.peek().and_then(chars::decimal_value) {
            let next = value.unwrap_or(0).checked_mul(10).and_then(|value| value.checked_add(digit as i64));
            value = Some(next.ok_or_else(|| TextError::value("Too many decimal digits in format string"))?);
            self.advance();
        }
        Ok(value.map(|value| value as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_specifiers_mean_the_same_on_both_ways() {
        let parts =
            [&["", "<", ">", "^", "="][..], &["", "0", "00"], &["", "5", "12"], &["", ".", ".3"], &["", "d", "z", "%"]];
        let mut specs = vec![String::new()];
        for choices in parts {
            specs = specs.iter().flat_map(|spec| choices.iter().map(move |part| format!("{spec}{part}"))).collect();
        }
        for spec in specs {
            for align in [FormatAlign::Left, FormatAlign::Right] {
                let defaults = parse(b"", Some('d'), align, &String::new).unwrap();
                let mut out = defaults;
                if usual(spec.as_bytes(), align, &mut out) {
                    assert_eq!(Ok(out), any(spec.as_bytes(), align, defaults, &String::new), "{spec}");
                } else {
                    assert!(out == defaults && spec.contains(['z', '.']), "{spec}");
                }
            }
        }
    }
}
