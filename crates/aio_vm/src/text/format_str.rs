//! Templates of `str.format`: literal pieces, field names with their paths, conversions and specifiers.

use super::{TextError, TextResult, chars, wtf8};

/// How deep `{:{}}` may nest: the specifier of a field may hold fields, theirs may not.
pub const MAX_DEPTH: usize = 2;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Literal(&'a [u8]),
    Field(Field<'a>),
}

/// A replacement field `{name!conversion:spec}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a [u8],
    pub conversion: Option<u32>,
    pub spec: &'a [u8],
    /// The specifier is itself a template.
    pub spec_has_fields: bool,
}

/// The pieces of a template.
pub struct Pieces<'a> {
    rest: &'a [u8],
    /// The template went on after a literal with the opening brace of a field.
    field_follows: bool,
}

pub fn pieces(template: &[u8]) -> Pieces<'_> {
    Pieces { rest: template, field_follows: false }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = TextResult<Piece<'a>>;

    fn next(&mut self) -> Option<TextResult<Piece<'a>>> {
        let piece = self.piece()?;
        if piece.is_err() {
            *self = pieces(b"");
        }
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    fn piece(&mut self) -> Option<TextResult<Piece<'a>>> {
        if self.field_follows {
            self.field_follows = false;
            return Some(self.field().map(Piece::Field));
        }
        if self.rest.is_empty() {
            return None;
        }
        let Some(at) = memchr::memchr2(b'{', b'}', self.rest) else {
            return Some(Ok(Piece::Literal(std::mem::take(&mut self.rest))));
        };
        let brace = self.rest[at];
        let after = self.rest.get(at + 1).copied();
        if after == Some(brace) {
            // A doubled brace stands for one.
            let literal = &self.rest[..=at];
            self.rest = &self.rest[at + 2..];
            return Some(Ok(Piece::Literal(literal)));
        }
        if brace == b'}' || after.is_none() {
            let message = format!("Single '{}' encountered in format string", brace as char);
            return Some(Err(TextError::Value(message)));
        }
        let literal = &self.rest[..at];
        self.rest = &self.rest[at + 1..];
        if literal.is_empty() {
            return Some(self.field().map(Piece::Field));
        }
        self.field_follows = true;
        Some(Ok(Piece::Literal(literal)))
    }

    /// What stands after the opening brace, up to and with the closing one.
    fn field(&mut self) -> TextResult<Field<'a>> {
        let text = self.rest;
        let at = name_end(text)?;
        let mut field = Field { name: &text[..at], conversion: None, spec: b"", spec_has_fields: false };
        let mut at = at;
        if text[at] == b'!' {
            let Some((conversion, width)) = wtf8::decode_at(text, at + 1) else {
                return Err(TextError::value("end of string while looking for conversion specifier"));
            };
            field.conversion = Some(conversion);
            at += 1 + width;
            match text.get(at) {
                None => return Err(unmatched()),
                Some(b':' | b'}') => {}
                Some(_) => return Err(TextError::value("expected ':' after conversion specifier")),
            }
        }
        if text[at] == b'}' {
            self.rest = &text[at + 1..];
            return Ok(field);
        }
        let start = at + 1;
        let mut depth = 1;
        for (place, &byte) in text.iter().enumerate().skip(start) {
            match byte {
                b'{' => {
                    depth += 1;
                    field.spec_has_fields = true;
                }
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                field.spec = &text[start..place];
                self.rest = &text[place + 1..];
                return Ok(field);
            }
        }
        Err(unmatched())
    }
}

/// Offset of the `}`, `:` or `!` that ends a field name; brackets hide them.
fn name_end(text: &[u8]) -> TextResult<usize> {
    let mut in_brackets = false;
    for (place, &byte) in text.iter().enumerate() {
        match byte {
            b']' => in_brackets = false,
            _ if in_brackets => {}
            b'[' => in_brackets = true,
            b'{' => return Err(TextError::value("unexpected '{' in field name")),
            b'}' | b':' | b'!' => return Ok(place),
            _ => {}
        }
    }
    Err(TextError::value("expected '}' before end of string"))
}

fn unmatched() -> TextError {
    TextError::value("unmatched '{' in format spec")
}

/// The error of a template that nests deeper than `MAX_DEPTH`.
pub fn too_deep() -> TextError {
    TextError::value("Max string recursion exceeded")
}

/// What `!r`, `!s` and `!a` ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    Str,
    Repr,
    Ascii,
}

pub fn conversion_of(code: u32) -> TextResult<Conversion> {
    match char::from_u32(code) {
        Some('s') => Ok(Conversion::Str),
        Some('r') => Ok(Conversion::Repr),
        Some('a') => Ok(Conversion::Ascii),
        Some(shown @ '!'..='~') => Err(TextError::Value(format!("Unknown conversion specifier {shown}"))),
        _ => Err(TextError::Value(format!("Unknown conversion specifier \\x{code:x}"))),
    }
}

/// The first part of a field name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// No name: the next positional argument.
    Auto,
    Index(usize),
    Name(&'a [u8]),
}

/// One step from an object to one of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    Attribute(&'a [u8]),
    Item(&'a [u8]),
    Index(usize),
}

/// Splits a field name into its first part and the path after it.
pub fn split_name(name: &[u8]) -> TextResult<(First<'_>, Path<'_>)> {
    let end = memchr::memchr2(b'.', b'[', name).unwrap_or(name.len());
    let (first, rest) = name.split_at(end);
    let first = match index_of(first)? {
        Some(index) => First::Index(index),
        None if first.is_empty() => First::Auto,
        None => First::Name(first),
    };
    Ok((first, Path { rest }))
}

/// A name that consists of decimal digits of any script.
fn index_of(name: &[u8]) -> TextResult<Option<usize>> {
    let mut value: Option<i64> = None;
    for code in wtf8::code_points(name) {
        let Some(digit) = chars::decimal_value(code) else {
            return Ok(None);
        };
        let next = value.unwrap_or(0).checked_mul(10).and_then(|value| value.checked_add(digit as i64));
        value = Some(next.ok_or_else(|| TextError::value("Too many decimal digits in format string"))?);
    }
    Ok(value.map(|value| value as usize))
}

/// The steps after the first part of a field name.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Path<'a> {
    type Item = TextResult<Step<'a>>;

    fn next(&mut self) -> Option<TextResult<Step<'a>>> {
        let (&lead, rest) = self.rest.split_first()?;
        let step = self.step(lead, rest);
        if step.is_err() {
            self.rest = b"";
        }
        Some(step)
    }
}

impl<'a> Path<'a> {
    fn step(&mut self, lead: u8, rest: &'a [u8]) -> TextResult<Step<'a>> {
        let name = match lead {
            b'.' => {
                let end = memchr::memchr2(b'.', b'[', rest).unwrap_or(rest.len());
                self.rest = &rest[end..];
                &rest[..end]
            }
            b'[' => {
                let end = memchr::memchr(b']', rest).ok_or_else(|| TextError::value("Missing ']' in format string"))?;
                self.rest = &rest[end + 1..];
                &rest[..end]
            }
            _ => {
                return Err(TextError::value("Only '.' or '[' may follow ']' in format field specifier"));
            }
        };
        let index = if lead == b'[' { index_of(name)? } else { None };
        match index {
            _ if name.is_empty() => Err(TextError::value("Empty attribute in format string")),
            Some(index) => Ok(Step::Index(index)),
            None if lead == b'.' => Ok(Step::Attribute(name)),
            None => Ok(Step::Item(name)),
        }
    }
}

/// Numbers the fields of one call; nested specifiers share it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbering {
    next: usize,
    manual: Option<bool>,
}

impl Numbering {
    /// Turns `Auto` into an index, and refuses a mix of both manners.
    pub fn resolve<'a>(&mut self, first: First<'a>) -> TextResult<First<'a>> {
        let manual = match first {
            First::Name(_) => return Ok(first),
            First::Index(_) => true,
            First::Auto => false,
        };
        match *self.manual.get_or_insert(manual) {
            true if !manual => {
                Err(TextError::value("cannot switch from manual field specification to automatic field numbering"))
            }
            false if manual => {
                Err(TextError::value("cannot switch from automatic field numbering to manual field specification"))
            }
            true => Ok(first),
            false => {
                self.next += 1;
                Ok(First::Index(self.next - 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces and names as `_string.formatter_parser` and `formatter_field_name_split` show them.
    fn shown(template: &str) -> String {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let mut out = Vec::new();
        let mut numbering = Numbering::default();
        for piece in pieces(template.as_bytes()) {
            let described = piece.and_then(|piece| {
                Ok(match piece {
                    Piece::Literal(literal) => text(literal),
                    Piece::Field(field) => {
                        let (first, path) = split_name(field.name)?;
                        let mut described = format!(
                            "<{:?}",
                            numbering.resolve(first).map(|first| match first {
                                First::Name(name) => text(name),
                                First::Index(index) => index.to_string(),
                                First::Auto => String::new(),
                            })?
                        );
                        for step in path {
                            described += &match step? {
                                Step::Attribute(name) => format!(" .{}", text(name)),
                                Step::Item(name) => format!(" [{}]", text(name)),
                                Step::Index(index) => format!(" #{index}"),
                            };
                        }
                        if let Some(conversion) = field.conversion {
                            described += &format!(" {:?}", conversion_of(conversion)?);
                        }
                        described + ":" + &text(field.spec) + if field.spec_has_fields { "*>" } else { ">" }
                    }
                })
            });
            match described {
                Ok(described) => out.push(described),
                Err(error) => return error.to_string(),
            }
        }
        out.join("|")
    }

    #[test]
    fn takes_templates_apart() {
        for (template, want) in [
            ("a{b}c", "a|<\"b\":>|c"),
            ("{{{}}}{{", "{|<\"0\":>|}|{"),
            ("{0.b[c][12]!r:>{w}}", "<\"0\" .b [c] #12 Repr:>{w}*>"),
            ("{}{x}{:{}}", "<\"0\":>|<\"x\":>|<\"1\":{}*>"),
            ("{[a]}{.b}", "<\"0\" [a]:>|<\"1\" .b:>"),
            ("{a[}]}{a[[]}", "<\"a\" [}]:>|<\"a\" [[]:>"),
            ("{٣}{a b}{-1}", "<\"3\":>|<\"a b\":>|<\"-1\":>"),
            ("{!s}{!a:}{x:b!r}", "<\"0\" Str:>|<\"1\" Ascii:>|<\"x\":b!r>"),
        ] {
            assert_eq!(shown(template), want, "{template}");
        }
    }

    #[test]
    fn refuses_as_python() {
        for (template, want) in [
            ("{", "Single '{' encountered in format string"),
            ("a}", "Single '}' encountered in format string"),
            ("{a", "expected '}' before end of string"),
            ("{a[}", "expected '}' before end of string"),
            ("{a{b}}", "unexpected '{' in field name"),
            ("{!}", "unmatched '{' in format spec"),
            ("{a:{}", "unmatched '{' in format spec"),
            ("{a!", "end of string while looking for conversion specifier"),
            ("{!rs}", "expected ':' after conversion specifier"),
            ("{!x}", "Unknown conversion specifier x"),
            ("{!€}", "Unknown conversion specifier \\x20ac"),
            ("{a.}", "Empty attribute in format string"),
            ("{a[]}", "Empty attribute in format string"),
            ("{a[b]c}", "Only '.' or '[' may follow ']' in format field specifier"),
            ("{99999999999999999999}", "Too many decimal digits in format string"),
            ("{0}{}", "cannot switch from manual field specification to automatic field numbering"),
            ("{}{0}", "cannot switch from automatic field numbering to manual field specification"),
        ] {
            assert_eq!(shown(template), want, "{template}");
        }
        assert_eq!(split_name(b"a[").unwrap().1.next(), Some(Err(TextError::value("Missing ']' in format string"))));
    }
}
