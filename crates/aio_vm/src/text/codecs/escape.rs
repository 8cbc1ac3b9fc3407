//! The codecs `unicode_escape` and `raw_unicode_escape`: text as a Python literal spells it.

use super::decode::Bad;
use super::escaped;
use crate::text::wtf8;

/// Appends a code point as `unicode_escape` spells it.
pub(super) fn push_escaped(out: &mut Vec<u8>, code: u32) {
    match code {
        0x09 => out.extend_from_slice(b"\\t"),
        0x0A => out.extend_from_slice(b"\\n"),
        0x0D => out.extend_from_slice(b"\\r"),
        0x5C => out.extend_from_slice(b"\\\\"),
        0x20..0x7F => out.push(code as u8),
        _ => out.extend_from_slice(escaped(code).as_bytes()),
    }
}

/// Appends a code point as `raw_unicode_escape` spells it.
pub(super) fn push_raw(out: &mut Vec<u8>, code: u32) {
    match u8::try_from(code) {
        Ok(byte) => out.push(byte),
        Err(_) => out.extend_from_slice(escaped(code).as_bytes()),
    }
}

/// Decodes the rest of `data` in `unicode_escape`.
pub(super) fn step(data: &[u8], mut at: usize, text: &mut Vec<u8>) -> Result<usize, Bad> {
    while let Some(&byte) = data.get(at) {
        if byte != b'\\' {
            wtf8::push(text, byte as u32);
            at += 1;
            continue;
        }
        let Some(&kind) = data.get(at + 1) else {
            return Err(Bad::unfinished(at, at + 1, "\\ at end of string"));
        };
        let plain = match kind {
            b'\n' => None,
            b'\\' | b'\'' | b'"' => Some(kind),
            b'a' => Some(0x07),
            b'b' => Some(0x08),
            b'f' => Some(0x0C),
            b'n' => Some(0x0A),
            b'r' => Some(0x0D),
            b't' => Some(0x09),
            b'v' => Some(0x0B),
            _ => {
                at = long_escape(data, at, kind, text)?;
                continue;
            }
        };
        text.extend(plain);
        at += 2;
    }
    Ok(at)
}

/// An escape that says a number or a name; `at` is where its backslash stands.
fn long_escape(data: &[u8], at: usize, kind: u8, text: &mut Vec<u8>) -> Result<usize, Bad> {
    let (digits, reason) = match kind {
        b'x' => (2, "truncated \\xXX escape"),
        b'u' => (4, "truncated \\uXXXX escape"),
        b'U' => (8, "truncated \\UXXXXXXXX escape"),
        b'N' => return named(data, at, text),
        b'0'..=b'7' => {
            let octal = data[at + 1..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
            let (count, code) = octal.fold((0, 0), |(count, code), byte| (count + 1, code * 8 + (byte - b'0') as u32));
            wtf8::push(text, code);
            return Ok(at + 1 + count);
        }
        _ => {
            // An escape that means nothing stands for itself.
            text.push(b'\\');
            wtf8::push(text, kind as u32);
            return Ok(at + 2);
        }
    };
    let (code, end) = hex_escape(data, at, digits, reason)?;
    if code > wtf8::MAX_CODE {
        return Err(Bad::new(at, end, "illegal Unicode character"));
    }
    wtf8::push(text, code);
    Ok(end)
}

fn hex_escape(data: &[u8], at: usize, digits: usize, reason: &'static str) -> Result<(u32, usize), Bad> {
    let start = at + 2;
    let found = data[start..].iter().take(digits).map_while(|&byte| (byte as char).to_digit(16));
    let (count, code) = found.fold((0, 0u32), |(count, code), digit| (count + 1, code << 4 | digit));
    let end = start + count;
    match count == digits {
        true => Ok((code, end)),
        false if end == data.len() => Err(Bad::unfinished(at, end, reason)),
        false => Err(Bad::new(at, end, reason)),
    }
}

/// `\N{NAME}`.
fn named(data: &[u8], at: usize, text: &mut Vec<u8>) -> Result<usize, Bad> {
    let malformed = "malformed \\N character escape";
    let start = at + 2;
    if data.get(start) != Some(&b'{') {
        return Err(Bad::new(at, start, malformed));
    }
    let Some(length) = memchr::memchr(b'}', &data[start..]) else {
        return Err(Bad::unfinished(at, data.len(), malformed));
    };
    let (name, end) = (&data[start + 1..start + length], start + length + 1);
    if name.is_empty() {
        return Err(Bad::new(at, start + 1, malformed));
    }
    let found = std::str::from_utf8(name).ok().and_then(aio_source::char_name::character);
    let found = found.ok_or(Bad::new(at, end, "unknown Unicode character name"))?;
    wtf8::push(text, found as u32);
    Ok(end)
}

/// Decodes the rest of `data` in `raw_unicode_escape`.
pub(super) fn raw_step(data: &[u8], mut at: usize, text: &mut Vec<u8>) -> Result<usize, Bad> {
    while let Some(&byte) = data.get(at) {
        let (digits, reason) = match (byte, data.get(at + 1)) {
            (b'\\', Some(b'u')) => (4, "truncated \\uXXXX escape"),
            (b'\\', Some(b'U')) => (8, "truncated \\UXXXXXXXX escape"),
            (b'\\', Some(&other)) => {
                text.push(b'\\');
                wtf8::push(text, other as u32);
                at += 2;
                continue;
            }
            _ => {
                wtf8::push(text, byte as u32);
                at += 1;
                continue;
            }
        };
        let (code, end) = hex_escape(data, at, digits, reason)?;
        if code > wtf8::MAX_CODE {
            return Err(Bad::new(at, end, "\\Uxxxxxxxx out of range"));
        }
        wtf8::push(text, code);
        at = end;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::super::{Codec, Policy, decode, encode};

    #[test]
    fn escapes_as_python() {
        let find = |name| Codec::find(name).unwrap();
        let text = "a\\\n\0\u{e9}€😀".as_bytes();
        for (codec, want) in [
            ("unicode_escape", &b"a\\\\\\n\\x00\\xe9\\u20ac\\U0001f600"[..]),
            ("raw-unicode-escape", b"a\\\n\0\xe9\\u20ac\\U0001f600"),
        ] {
            assert_eq!(encode(find(codec), text, Policy::Strict).unwrap(), want);
            assert_eq!(decode(find(codec), want, Policy::Strict).unwrap(), text);
        }
        for (data, want) in [
            (&b"\\8\\q\\400\\1\\\n\\N{DIGIT ONE}"[..], "\\8\\qĀ\u{1}1"),
            (b"\\x4g", "\u{fffd}g"),
            (b"\\N{}", "\u{fffd}}"),
            (b"\\N{foo}\\", "\u{fffd}\u{fffd}"),
            (b"\\U0011ffff", "\u{fffd}"),
        ] {
            assert_eq!(decode(find("unicode_escape"), data, Policy::Replace).unwrap(), want.as_bytes(), "{want}");
        }
    }
}
