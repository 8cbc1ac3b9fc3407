//! Bytes to text.

use super::{Codec, Policy, charmap, escape, raise, unicode_error};
use crate::text::{TextError, TextResult, UnicodeError, UnicodeErrorKind, wtf8};

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: Vec<u8>,
    /// How many bytes the text was made of; the rest belongs to the next part.
    pub consumed: usize,
    /// What to decode the next part with: the byte order is known once a mark was seen.
    pub next: Codec,
}

/// What a handler gives: the text to put in place, and the byte to go on with.
pub type Patch = (Vec<u8>, usize);

/// What is asked about bytes that mean nothing: it gets the error and the data.
pub type DecodeHandler<'a, E> = dyn FnMut(&UnicodeError, &[u8]) -> Result<Patch, E> + 'a;

/// Decodes all of `data`, and asks `handler` about every piece that means nothing. The handler also gets the bytes that
/// the positions of the error count in: those of utf-8-sig begin after its mark.
pub fn decode_with<E: From<TextError>>(
    codec: Codec,
    data: &[u8],
    handler: &mut DecodeHandler<'_, E>,
) -> Result<Vec<u8>, E> {
    decode_part(codec, data, true, handler).map(|decoded| decoded.text)
}

/// As `decode_with`; unless `last`, an unfinished character at the end is left for the next part.
pub fn decode_part<E: From<TextError>>(
    codec: Codec,
    data: &[u8],
    last: bool,
    handler: &mut DecodeHandler<'_, E>,
) -> Result<Decoded, E> {
    if !last && may_begin_mark(codec, data) {
        return Ok(Decoded { text: Vec::new(), consumed: 0, next: codec });
    }
    let (codec, skip) = settle_order(codec, data);
    let skipped = if codec == Codec::Utf8Sig { skip } else { 0 };
    let data = &data[skipped..];
    let mut at = skip - skipped;
    let mut text = Vec::with_capacity(data.len());
    while at < data.len() {
        let bad = match step(codec, data, at, &mut text) {
            Ok(next) => {
                at = next;
                continue;
            }
            Err(bad) => bad,
        };
        if bad.unfinished && !last {
            at = bad.start;
            break;
        }
        let error = unicode_error(UnicodeErrorKind::Decode, codec.error_name(), bad.start, bad.end, bad.reason);
        let (replacement, resume) = handler(&error, data)?;
        text.extend_from_slice(&replacement);
        at = resume.min(data.len());
    }
    let next = if codec == Codec::Utf8Sig { Codec::Utf8 } else { codec };
    Ok(Decoded { text, consumed: at + skipped, next })
}

/// Whether all of `data` can be the beginning of a byte order mark that is not complete yet.
fn may_begin_mark(codec: Codec, data: &[u8]) -> bool {
    let marks: &[&[u8]] = match codec {
        Codec::Utf8Sig => &[b"\xEF\xBB\xBF"],
        Codec::Utf16 => &[b"\xFF\xFE", b"\xFE\xFF"],
        Codec::Utf32 => &[b"\xFF\xFE\0\0", b"\0\0\xFE\xFF"],
        _ => return false,
    };
    marks.iter().any(|mark| data.len() < mark.len() && mark.starts_with(data))
}

/// Finds the byte order of the encodings that have a mark, and the length of the mark.
fn settle_order(codec: Codec, data: &[u8]) -> (Codec, usize) {
    match codec {
        Codec::Utf8Sig if data.starts_with(b"\xEF\xBB\xBF") => (codec, 3),
        Codec::Utf16 => match data {
            [0xFF, 0xFE, ..] => (Codec::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Codec::Utf16Be, 2),
            _ => (Codec::Utf16Le, 0),
        },
        Codec::Utf32 => match data {
            [0xFF, 0xFE, 0, 0, ..] => (Codec::Utf32Le, 4),
            [0, 0, 0xFE, 0xFF, ..] => (Codec::Utf32Be, 4),
            _ => (Codec::Utf32Le, 0),
        },
        _ => (codec, 0),
    }
}

pub(super) struct Bad {
    start: usize,
    end: usize,
    reason: &'static str,
    unfinished: bool,
}

impl Bad {
    pub(super) fn new(start: usize, end: usize, reason: &'static str) -> Bad {
        Bad { start, end, reason, unfinished: false }
    }

    pub(super) fn unfinished(start: usize, end: usize, reason: &'static str) -> Bad {
        Bad { start, end, reason, unfinished: true }
    }
}

/// Decodes from `at` on as far as all is well; gives the offset after it, or what is wrong there.
fn step(codec: Codec, data: &[u8], at: usize, text: &mut Vec<u8>) -> Result<usize, Bad> {
    let rest = &data[at..];
    match codec {
        Codec::Latin1 => {
            rest.iter().for_each(|&byte| wtf8::push(text, byte as u32));
            Ok(data.len())
        }
        Codec::Ascii => {
            let good = rest.iter().take_while(|byte| byte.is_ascii()).count();
            text.extend_from_slice(&rest[..good]);
            let stop = at + good;
            if stop == data.len() { Ok(stop) } else { Err(Bad::new(stop, stop + 1, "ordinal not in range(128)")) }
        }
        Codec::Charmap(place) => {
            let upper = &charmap(place).upper;
            for (offset, &byte) in rest.iter().enumerate() {
                match byte.checked_sub(0x80).map(|high| upper[high as usize]) {
                    None => text.push(byte),
                    Some(0) => {
                        return Err(Bad::new(at + offset, at + offset + 1, "character maps to <undefined>"));
                    }
                    Some(code) => wtf8::push(text, code as u32),
                }
            }
            Ok(data.len())
        }
        Codec::Utf16 | Codec::Utf16Le | Codec::Utf16Be => utf16_step(codec == Codec::Utf16Be, data, at, text),
        Codec::Utf32 | Codec::Utf32Le | Codec::Utf32Be => utf32_step(codec == Codec::Utf32Be, data, at, text),
        Codec::UnicodeEscape => escape::step(data, at, text),
        Codec::RawUnicodeEscape => escape::raw_step(data, at, text),
        Codec::Utf8 | Codec::Utf8Sig => utf8_step(data, at, text),
    }
}

fn utf8_step(data: &[u8], at: usize, text: &mut Vec<u8>) -> Result<usize, Bad> {
    let rest = &data[at..];
    let error = match std::str::from_utf8(rest) {
        Ok(_) => {
            text.extend_from_slice(rest);
            return Ok(data.len());
        }
        Err(error) => error,
    };
    let good = error.valid_up_to();
    text.extend_from_slice(&rest[..good]);
    let start = at + good;
    Err(match (error.error_len(), data[start]) {
        (None, _) => Bad::unfinished(start, data.len(), "unexpected end of data"),
        (Some(_), 0x80..=0xC1 | 0xF5..=0xFF) => Bad::new(start, start + 1, "invalid start byte"),
        (Some(length), _) => Bad::new(start, start + length, "invalid continuation byte"),
    })
}

fn utf16_step(big_endian: bool, data: &[u8], at: usize, text: &mut Vec<u8>) -> Result<usize, Bad> {
    let unit_at = |at: usize| match data.get(at..) {
        Some([a, b, ..]) if big_endian => Some(u16::from_be_bytes([*a, *b]) as u32),
        Some([a, b, ..]) => Some(u16::from_le_bytes([*a, *b]) as u32),
        _ => None,
    };
    let mut at = at;
    while at < data.len() {
        let Some(unit) = unit_at(at) else {
            return Err(Bad::unfinished(at, data.len(), "truncated data"));
        };
        match unit {
            0xD800..0xDC00 => match unit_at(at + 2) {
                Some(low @ 0xDC00..0xE000) => {
                    wtf8::push(text, 0x1_0000 + ((unit - 0xD800) << 10 | (low - 0xDC00)));
                    at += 2;
                }
                Some(_) => return Err(Bad::new(at, at + 2, "illegal UTF-16 surrogate")),
                None => return Err(Bad::unfinished(at, data.len(), "unexpected end of data")),
            },
            0xDC00..0xE000 => return Err(Bad::new(at, at + 2, "illegal encoding")),
            _ => wtf8::push(text, unit),
        }
        at += 2;
    }
    Ok(at)
}

fn utf32_step(big_endian: bool, data: &[u8], at: usize, text: &mut Vec<u8>) -> Result<usize, Bad> {
    let mut at = at;
    while at < data.len() {
        let Some(&[a, b, c, d]) = data.get(at..at + 4) else {
            return Err(Bad::unfinished(at, data.len(), "truncated data"));
        };
        let code = if big_endian { u32::from_be_bytes([a, b, c, d]) } else { u32::from_le_bytes([a, b, c, d]) };
        if wtf8::is_surrogate(code) {
            return Err(Bad::new(at, at + 4, "code point in surrogate code point range(0xd800, 0xe000)"));
        }
        if code > wtf8::MAX_CODE {
            return Err(Bad::new(at, at + 4, "code point not in range(0x110000)"));
        }
        wtf8::push(text, code);
        at += 4;
    }
    Ok(at)
}

/// What Python's own policies do about a piece that means nothing; `data` is what the positions count in.
pub(super) fn replace(policy: Policy, error: &UnicodeError, data: &[u8]) -> TextResult<Patch> {
    let bad = data.get(error.start..error.end.min(data.len())).unwrap_or_default();
    match policy {
        Policy::Strict => Err(raise(error)),
        Policy::Ignore => Ok((Vec::new(), error.end)),
        Policy::Replace => Ok(("\u{FFFD}".as_bytes().to_vec(), error.end)),
        Policy::BackslashReplace => {
            Ok((bad.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>().into_bytes(), error.end))
        }
        Policy::XmlCharRefReplace | Policy::NameReplace => {
            Err(TextError::Type("don't know how to handle UnicodeDecodeError in error callback".to_owned()))
        }
        Policy::SurrogateEscape => {
            let escapes = bad.iter().take(4).take_while(|byte| !byte.is_ascii()).count();
            if escapes == 0 {
                return Err(raise(error));
            }
            let codes = bad[..escapes].iter().map(|&byte| 0xDC00 + byte as u32);
            Ok((wtf8::from_code_points(codes), error.start + escapes))
        }
        Policy::SurrogatePass => {
            let rest = data.get(error.start..).unwrap_or_default();
            let found = match (&error.encoding[..], rest) {
                ("utf-8", &[0xED, a @ 0xA0..=0xBF, b @ 0x80..=0xBF, ..]) => {
                    Some((0xD000 | (a as u32 & 0x3F) << 6 | b as u32 & 0x3F, 3))
                }
                ("utf-16-le", &[a, b, ..]) => Some((u16::from_le_bytes([a, b]) as u32, 2)),
                ("utf-16-be", &[a, b, ..]) => Some((u16::from_be_bytes([a, b]) as u32, 2)),
                ("utf-32-le", &[a, b, c, d, ..]) => Some((u32::from_le_bytes([a, b, c, d]), 4)),
                ("utf-32-be", &[a, b, c, d, ..]) => Some((u32::from_be_bytes([a, b, c, d]), 4)),
                _ => None,
            };
            match found.filter(|(code, _)| wtf8::is_surrogate(*code)) {
                Some((code, width)) => Ok((wtf8::from_code_points([code]), error.start + width)),
                None => Err(raise(error)),
            }
        }
    }
}
