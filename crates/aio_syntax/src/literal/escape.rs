//! Escapes in strings, bytes and the text of f-strings.

use crate::token::Opener;

/// A decoded literal or a part of one.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// WTF-8, or plain bytes for a bytes literal.
    pub value: Vec<u8>,
    /// Whether the value holds a lone surrogate.
    pub surrogates: bool,
    /// The first unknown escape: its offset in the text, its length and the warning.
    pub warning: Option<(u32, u32, String)>,
}

/// Decodes the text between the quotes, or a literal part of an f-string, in which doubled braces
/// stand for single ones. An error is the message of a `SyntaxError`.
pub(crate) fn decode_text(text: &str, opener: Opener, in_fstring: bool) -> Result<Decoded, String> {
    if opener.bytes && !text.is_ascii() {
        return Err("bytes can only contain ASCII literal characters".into());
    }
    let mut decoder =
        Decoder { bytes: text.as_bytes(), at: 0, is_bytes: opener.bytes, is_raw: opener.raw, out: Decoded::default() };
    decoder.out.value.reserve(text.len());
    decoder.run(in_fstring)?;
    Ok(decoder.out)
}

struct Decoder<'t> {
    bytes: &'t [u8],
    at: usize,
    is_bytes: bool,
    is_raw: bool,
    out: Decoded,
}

impl Decoder<'_> {
    fn run(&mut self, in_fstring: bool) -> Result<(), String> {
        while let Some(&b) = self.bytes.get(self.at) {
            match b {
                b'\\' if !self.is_raw => self.escape(in_fstring)?,
                // Every line end is `\n` for the script.
                b'\r' => {
                    self.out.value.push(b'\n');
                    self.at += 1;
                    if self.bytes.get(self.at) == Some(&b'\n') {
                        self.at += 1;
                    }
                }
                b'{' | b'}' if in_fstring => {
                    self.out.value.push(b);
                    self.at += 1;
                    if self.bytes.get(self.at) == Some(&b) {
                        self.at += 1;
                    }
                }
                _ => {
                    // Plain text is copied in one go.
                    let rest = &self.bytes[self.at..];
                    let is_special = |b: &u8| matches!(b, b'\\' | b'\r') || (in_fstring && matches!(b, b'{' | b'}'));
                    let len = rest[1..].iter().position(is_special).map_or(rest.len(), |n| n + 1);
                    self.out.value.extend_from_slice(&rest[..len]);
                    self.at += len;
                }
            }
        }
        Ok(())
    }

    fn escape(&mut self, in_fstring: bool) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        let Some(&letter) = self.bytes.get(self.at) else {
            self.out.value.push(b'\\');
            return Ok(());
        };
        self.at += 1;
        let simple = match letter {
            b'\n' => return Ok(()),
            b'\r' => {
                if self.bytes.get(self.at) == Some(&b'\n') {
                    self.at += 1;
                }
                return Ok(());
            }
            b'\\' | b'\'' | b'"' => letter,
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'0'..=b'7' => return self.octal(start, letter),
            b'x' => return self.hex(start, 2, "truncated \\xXX escape"),
            b'u' if !self.is_bytes => return self.hex(start, 4, "truncated \\uXXXX escape"),
            b'U' if !self.is_bytes => return self.hex(start, 8, "truncated \\UXXXXXXXX escape"),
            b'N' if !self.is_bytes => return self.named(start),
            _ => {
                self.unknown(start, in_fstring);
                return Ok(());
            }
        };
        self.out.value.push(simple);
        Ok(())
    }

    /// An unknown escape stands for itself, with a warning.
    fn unknown(&mut self, start: usize, in_fstring: bool) {
        self.out.value.push(b'\\');
        self.at = start + 1;
        let rest = &self.bytes[self.at..];
        let shown = String::from_utf8_lossy(&rest[..rest.len().min(4)]);
        let shown: String = shown.chars().take(1).collect();
        let len = 1 + shown.len() as u32;
        self.warn(start, len, format!("invalid escape sequence '\\{shown}'"));
        let is_brace = matches!(rest.first(), Some(b'{' | b'}'));
        if let Some(&b) = rest.first()
            && !(in_fstring && is_brace)
        {
            // The bytes behind the first one of a longer character come as plain text.
            self.out.value.push(b);
            self.at += 1;
        }
    }

    fn warn(&mut self, start: usize, len: u32, message: String) {
        if self.out.warning.is_none() {
            self.out.warning = Some((start as u32, len, message));
        }
    }

    fn octal(&mut self, start: usize, first: u8) -> Result<(), String> {
        let mut value = u32::from(first - b'0');
        while self.at < start + 4
            && let Some(&digit @ b'0'..=b'7') = self.bytes.get(self.at)
        {
            value = value * 8 + u32::from(digit - b'0');
            self.at += 1;
        }
        if value > 0o377 {
            let len = (self.at - start) as u32;
            let message = format!("invalid octal escape sequence '\\{value:o}'");
            self.warn(start, len, message);
        }
        if self.is_bytes {
            self.out.value.push(value as u8);
        } else {
            self.push(value);
        }
        Ok(())
    }

    fn hex(&mut self, start: usize, digits: usize, message: &str) -> Result<(), String> {
        let mut value = 0u32;
        for _ in 0..digits {
            let digit = self.bytes.get(self.at).copied().unwrap_or(0);
            let Some(digit) = char::from(digit).to_digit(16) else {
                if self.is_bytes {
                    return Err(format!("(value error) invalid \\x escape at position {start}"));
                }
                return Err(self.unicode_error(start, message));
            };
            value = value << 4 | digit;
            self.at += 1;
        }
        if value > 0x10_FFFF {
            return Err(self.unicode_error(start, "illegal Unicode character"));
        }
        if self.is_bytes {
            self.out.value.push(value as u8);
        } else {
            self.push(value);
        }
        Ok(())
    }

    fn named(&mut self, start: usize) -> Result<(), String> {
        const MALFORMED: &str = "malformed \\N character escape";
        if self.bytes.get(self.at) != Some(&b'{') {
            return Err(self.unicode_error(start, MALFORMED));
        }
        self.at += 1;
        let rest = &self.bytes[self.at..];
        let Some(len) = rest.iter().position(|b| *b == b'}').filter(|len| *len > 0) else {
            self.at += rest.iter().take_while(|b| **b != b'}').count();
            return Err(self.unicode_error(start, MALFORMED));
        };
        self.at += len + 1;
        let name = String::from_utf8_lossy(&rest[..len]);
        match aio_source::char_name::character(&name) {
            Some(c) => {
                self.push(u32::from(c));
                Ok(())
            }
            None => Err(self.unicode_error(start, "unknown Unicode character name")),
        }
    }

    /// Appends a code point; a surrogate becomes the three bytes that UTF-8 would give it.
    fn push(&mut self, code: u32) {
        match char::from_u32(code) {
            Some(c) => {
                let mut buffer = [0; 4];
                let text = c.encode_utf8(&mut buffer);
                self.out.value.extend_from_slice(text.as_bytes());
            }
            None => {
                self.out.surrogates = true;
                let bytes = [0xE0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3F) as u8, 0x80 | (code & 0x3F) as u8];
                self.out.value.extend_from_slice(&bytes);
            }
        }
    }

    /// The positions are those of CPython's decoder, which sees every non-ASCII character as an
    /// escape of ten bytes.
    fn unicode_error(&self, start: usize, reason: &str) -> String {
        let position = |at: usize| -> usize {
            let text = String::from_utf8_lossy(&self.bytes[..at]);
            text.chars().map(|c| if c.is_ascii() { 1 } else { 10 }).sum()
        };
        let (first, last) = (position(start), position(self.at).saturating_sub(1));
        format!(
            "(unicode error) 'unicodeescape' codec can't decode bytes in position {first}-{last}: \
             {reason}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(literal: &str) -> Result<Decoded, String> {
        let opener = Opener::read(literal.as_bytes());
        let end = literal.len() - opener.quotes() as usize;
        decode_text(&literal[opener.len as usize..end], opener, false)
    }

    fn value(literal: &str) -> Vec<u8> {
        decode(literal).map(|d| d.value).unwrap_or_default()
    }

    #[test]
    fn escapes_of_strings() {
        assert_eq!(value(r"'a\n\t\\\'\x41\101\0'"), b"a\n\t\\'AA\0");
        assert_eq!(value(r"'\u00e9\U0001F600'"), "é😀".as_bytes());
        assert_eq!(value(r"'\N{DIGIT ONE}\N{greek small letter alpha}'"), "1α".as_bytes());
        assert_eq!(value(r"'\N{carriage return}\N{NEL}'"), "\r\u{85}".as_bytes());
        assert!(decode(r"'\N{DIGIT_ONE}'").is_err());
        assert_eq!(value("'a\\\nb'"), b"ab");
        assert_eq!(value("'''a\r\nb\rc'''"), b"a\nb\nc");
        assert_eq!(value(r"r'\n\x'"), br"\n\x");
        assert_eq!(value(r"'\é'"), "\\é".as_bytes());
    }

    #[test]
    fn surrogates_are_kept_apart() {
        let decoded = decode(r"'\ud83d\ude00'").expect("legal");
        assert!(decoded.surrogates);
        assert_eq!(decoded.value, [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]);
    }

    #[test]
    fn bytes_know_fewer_escapes() {
        assert_eq!(value(r"b'\xff\377\N{x}\u1'"), b"\xff\xff\\N{x}\\u1");
        let message = decode("b'é'").err();
        assert_eq!(message.as_deref(), Some("bytes can only contain ASCII literal characters"));
    }

    #[test]
    fn positions_of_errors_are_those_of_the_decoder() {
        let prefix = "(unicode error) 'unicodeescape' codec can't decode bytes in position ";
        let cases = [
            (r"'\x'", "0-1: truncated \\xXX escape"),
            (r"'é\x1'", "10-12: truncated \\xXX escape"),
            (r"'\u12'", "0-3: truncated \\uXXXX escape"),
            (r"'\U00110000'", "0-9: illegal Unicode character"),
            (r"'\N{foo}'", "0-6: unknown Unicode character name"),
            (r"'\N{'", "0-2: malformed \\N character escape"),
            (r"'ab\N{x'", "2-5: malformed \\N character escape"),
        ];
        for (literal, message) in cases {
            assert_eq!(decode(literal).err(), Some(format!("{prefix}{message}")));
        }
    }

    #[test]
    fn unknown_escapes_warn_once() {
        let warning = decode(r"'\d\e'").ok().and_then(|d| d.warning);
        assert_eq!(warning, Some((0, 2, r"invalid escape sequence '\d'".into())));
        let warning = decode(r"'\777'").ok().and_then(|d| d.warning);
        assert_eq!(warning, Some((0, 4, r"invalid octal escape sequence '\777'".into())));
    }
}
