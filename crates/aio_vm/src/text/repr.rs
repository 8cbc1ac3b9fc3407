//! `repr` and `ascii` of str and bytes.

use super::{chars, wtf8};

/// `repr(text)`; lone surrogates are escaped, so that the result is always UTF-8.
pub fn str_repr(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    str_repr_into(&mut out, text, false);
    out
}

/// `ascii(text)`.
pub fn str_ascii(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    str_repr_into(&mut out, text, true);
    out
}

/// Appends `repr(text)`, or `ascii(text)`.
pub fn str_repr_into(out: &mut String, text: &[u8], ascii_only: bool) {
    let quote = quote_for(text);
    out.push(quote);
    let mut plain_from = 0;
    let mut at = 0;
    while let Some((code, width)) = wtf8::decode_at(text, at) {
        let keep = match code {
            0x20..0x7F => code != quote as u32 && code != '\\' as u32,
            0..0x80 => false,
            _ => !ascii_only && chars::is_printable(code),
        };
        if !keep {
            push_plain(out, &text[plain_from..at]);
            push_escape(out, code, quote);
            plain_from = at + width;
        }
        at += width;
    }
    push_plain(out, &text[plain_from..]);
    out.push(quote);
}

/// `ascii(x)` of a finished repr: everything beyond ASCII is escaped, nothing else changes.
pub fn ascii_of_repr(shown: &[u8]) -> String {
    let mut out = String::with_capacity(shown.len());
    for code in wtf8::code_points(shown) {
        match code {
            0..0x80 => out.push(code as u8 as char),
            _ => push_escape(&mut out, code, '\0'),
        }
    }
    out
}

/// `repr(data)` of bytes, with its `b` and quotes.
pub fn bytes_repr(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len() + 3);
    push_bytes(&mut out, data, quote_for(data) == '\'');
    out
}

/// `repr(data)` of a bytearray, which escapes single quotes even between double quotes.
pub fn bytearray_repr(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len() + 14);
    out.push_str("bytearray(");
    push_bytes(&mut out, data, true);
    out.push(')');
    out
}

fn push_bytes(out: &mut String, data: &[u8], escape_single: bool) {
    let quote = quote_for(data);
    out.push('b');
    out.push(quote);
    for &byte in data {
        match byte {
            b'\'' if escape_single => push_escape(out, byte as u32, '\''),
            b'\t' | b'\n' | b'\r' | b'\\' => push_escape(out, byte as u32, quote),
            0x20..0x7F => out.push(byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
}

fn quote_for(text: &[u8]) -> char {
    if text.contains(&b'\'') && !text.contains(&b'"') { '"' } else { '\'' }
}

/// A run without surrogates; malformed bytes cannot get here, since they were escaped as replacement characters.
fn push_plain(out: &mut String, run: &[u8]) {
    match std::str::from_utf8(run) {
        Ok(run) => out.push_str(run),
        Err(_) => out.push_str(&wtf8::to_str_lossy(run)),
    }
}

fn push_escape(out: &mut String, code: u32, quote: char) {
    match code {
        0x09 => out.push_str("\\t"),
        0x0A => out.push_str("\\n"),
        0x0D => out.push_str("\\r"),
        0x5C => out.push_str("\\\\"),
        _ if code == quote as u32 => {
            out.push('\\');
            out.push(quote);
        }
        0..0x100 => out.push_str(&format!("\\x{code:02x}")),
        0x100..0x1_0000 => out.push_str(&format!("\\u{code:04x}")),
        _ => out.push_str(&format!("\\U{code:08x}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_python() {
        for (codes, want, want_ascii) in [
            (&[0x61, 0x27, 0x62][..], r#""a'b""#, r#""a'b""#),
            (&[0x27, 0x22], r#"'\'"'"#, r#"'\'"'"#),
            (&[0x09, 0x0A, 0x0D, 0x5C, 0x00, 0x7F], r"'\t\n\r\\\x00\x7f'", r"'\t\n\r\\\x00\x7f'"),
            (&[0xE9, 0xA0, 0xAD], "'é\\xa0\\xad'", r"'\xe9\xa0\xad'"),
            (&[0x4E2D, 0x200B, 0xDC80], "'中\\u200b\\udc80'", r"'\u4e2d\u200b\udc80'"),
            (&[0x1F600, 0x10FFFF], "'😀\\U0010ffff'", r"'\U0001f600\U0010ffff'"),
        ] {
            let text = wtf8::from_code_points(codes.iter().copied());
            assert_eq!(str_repr(&text), want);
            assert_eq!(str_ascii(&text), want_ascii);
            assert_eq!(ascii_of_repr(want.as_bytes()), want_ascii);
        }
    }

    #[test]
    fn shows_bytes() {
        assert_eq!(bytes_repr(b"a'\x00\t\xff\\"), r#"b"a'\x00\t\xff\\""#);
        assert_eq!(bytes_repr(b"'\""), r#"b'\'"'"#);
        assert_eq!(bytearray_repr(b"a'"), r#"bytearray(b"a\'")"#);
        assert_eq!(bytearray_repr(b"\""), r#"bytearray(b'"')"#);
    }
}
