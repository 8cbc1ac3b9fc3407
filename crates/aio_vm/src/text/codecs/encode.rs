//! Text to bytes.

use super::{Codec, Policy, charmap, escape, escaped, raise, unicode_error};
use crate::text::{TextError, TextResult, UnicodeError, UnicodeErrorKind, wtf8};

/// What an error handler puts in place of the characters that have no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    pub with: Substitute,
    /// The character to go on with.
    pub resume: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Substitute {
    /// Text that is encoded in turn; it must not fail.
    Text(Vec<u8>),
    /// Finished bytes.
    Bytes(Vec<u8>),
}

/// What is asked about characters without bytes: it gets the error and the code points.
pub type EncodeHandler<'a, E> = dyn FnMut(&UnicodeError, &[u32]) -> Result<Replacement, E> + 'a;

/// Encodes `text`, and asks `handler` about every run of characters that has no bytes. The handler gets the error and
/// the code points of the run; where it resumes is clamped to the text.
pub fn encode_with<E: From<TextError>>(
    codec: Codec,
    text: &[u8],
    handler: &mut EncodeHandler<'_, E>,
) -> Result<Vec<u8>, E> {
    let mut out = Vec::with_capacity(text.len() + 4);
    match codec {
        Codec::Utf8Sig => out.extend_from_slice(b"\xEF\xBB\xBF"),
        Codec::Utf16 => out.extend_from_slice(b"\xFF\xFE"),
        Codec::Utf32 => out.extend_from_slice(b"\xFF\xFE\0\0"),
        _ => {}
    }
    let ascii_stays = !is_wide(codec) && codec != Codec::UnicodeEscape;
    if ascii_stays && text.is_ascii() || is_utf8(codec) && std::str::from_utf8(text).is_ok() {
        out.extend_from_slice(text);
        return Ok(out);
    }
    let (mut at, mut index) = (0, 0);
    while let Some((code, width)) = wtf8::decode_at(text, at) {
        if push(codec, &mut out, code) {
            at += width;
            index += 1;
            continue;
        }
        let mut run = vec![code];
        let mut scratch = Vec::new();
        for code in wtf8::code_points(&text[at + width..]) {
            // The wide encodings report every character on its own.
            if is_wide(codec) || push(codec, &mut scratch, code) {
                break;
            }
            run.push(code);
        }
        let error =
            unicode_error(UnicodeErrorKind::Encode, codec.error_name(), index, index + run.len(), reason(codec));
        let replacement = handler(&error, &run)?;
        if !substitute(codec, &mut out, &replacement.with) {
            return Err(raise(&error).into());
        }
        // Going on from here keeps a text full of such characters linear.
        (at, index) = match replacement.resume.checked_sub(index) {
            Some(ahead) => (wtf8::offset_from(text, at, ahead), replacement.resume),
            None => (wtf8::offset_of(text, false, replacement.resume), replacement.resume),
        };
    }
    Ok(out)
}

fn is_wide(codec: Codec) -> bool {
    use Codec::{Utf16, Utf16Be, Utf16Le, Utf32, Utf32Be, Utf32Le};
    matches!(codec, Utf16 | Utf16Le | Utf16Be | Utf32 | Utf32Le | Utf32Be)
}

fn is_utf8(codec: Codec) -> bool {
    matches!(codec, Codec::Utf8 | Codec::Utf8Sig)
}

fn reason(codec: Codec) -> &'static str {
    match codec {
        Codec::Latin1 => "ordinal not in range(256)",
        Codec::Ascii => "ordinal not in range(128)",
        Codec::Charmap(_) => "character maps to <undefined>",
        _ => "surrogates not allowed",
    }
}

/// Appends the bytes of one code point, if it has any.
fn push(codec: Codec, out: &mut Vec<u8>, code: u32) -> bool {
    match codec {
        Codec::Latin1 => match u8::try_from(code) {
            Ok(byte) => out.push(byte),
            Err(_) => return false,
        },
        Codec::Ascii => match code {
            0..0x80 => out.push(code as u8),
            _ => return false,
        },
        Codec::Charmap(place) => match charmap_byte(place, code) {
            Some(byte) => out.push(byte),
            None => return false,
        },
        Codec::UnicodeEscape => escape::push_escaped(out, code),
        Codec::RawUnicodeEscape => escape::push_raw(out, code),
        _ if wtf8::is_surrogate(code) => return false,
        _ => push_unit(codec, out, code),
    }
    true
}

fn charmap_byte(place: u8, code: u32) -> Option<u8> {
    match code {
        0..0x80 => Some(code as u8),
        _ => {
            let upper = charmap(place).upper.iter().position(|&mapped| mapped as u32 == code)?;
            Some(0x80 + upper as u8)
        }
    }
}

/// Appends a code point, surrogate or not, in one of the Unicode encodings.
fn push_unit(codec: Codec, out: &mut Vec<u8>, code: u32) {
    let big_endian = matches!(codec, Codec::Utf16Be | Codec::Utf32Be);
    let mut push_u16 = |unit: u16| out.extend(if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
    match codec {
        Codec::Utf16 | Codec::Utf16Le | Codec::Utf16Be => match code.checked_sub(0x1_0000) {
            Some(beyond) => {
                push_u16(0xD800 | (beyond >> 10) as u16);
                push_u16(0xDC00 | (beyond & 0x3FF) as u16);
            }
            None => push_u16(code as u16),
        },
        Codec::Utf32 | Codec::Utf32Le | Codec::Utf32Be => {
            out.extend(if big_endian { code.to_be_bytes() } else { code.to_le_bytes() });
        }
        _ => wtf8::push(out, code),
    }
}

fn substitute(codec: Codec, out: &mut Vec<u8>, with: &Substitute) -> bool {
    match with {
        Substitute::Text(text) => {
            let fits = match codec {
                Codec::Latin1 | Codec::Ascii | Codec::Charmap(_) => true,
                _ => text.is_ascii(),
            };
            fits && wtf8::code_points(text).all(|code| push(codec, out, code))
        }
        Substitute::Bytes(bytes) => {
            let unit = match codec {
                Codec::Utf16 | Codec::Utf16Le | Codec::Utf16Be => 2,
                Codec::Utf32 | Codec::Utf32Le | Codec::Utf32Be => 4,
                _ => 1,
            };
            out.extend_from_slice(bytes);
            bytes.len() % unit == 0
        }
    }
}

/// What Python's own policies do about a run.
pub(super) fn replace(codec: Codec, policy: Policy, error: &UnicodeError, run: &[u32]) -> TextResult<Replacement> {
    let text = |text: String| Substitute::Text(text.into_bytes());
    let mut resume = error.end;
    let with = match policy {
        Policy::Strict => return Err(raise(error)),
        Policy::Ignore => Substitute::Bytes(Vec::new()),
        Policy::Replace => text("?".repeat(run.len())),
        Policy::BackslashReplace => text(run.iter().map(|&code| escaped(code)).collect()),
        Policy::XmlCharRefReplace => text(run.iter().map(|code| format!("&#{code};")).collect()),
        Policy::NameReplace => text(run.iter().map(|&code| named(code)).collect()),
        Policy::SurrogateEscape => {
            let escapes = run.iter().take_while(|code| (0xDC80..=0xDCFF).contains(*code)).count();
            // A charmap takes or refuses a run as a whole; the others take what they can.
            if escapes == 0 || escapes < run.len() && matches!(codec, Codec::Charmap(_)) {
                return Err(raise(error));
            }
            resume = error.start + escapes;
            Substitute::Bytes(run[..escapes].iter().map(|code| *code as u8).collect())
        }
        Policy::SurrogatePass => {
            if !(is_utf8(codec) || is_wide(codec)) {
                return Err(raise(error));
            }
            let mut bytes = Vec::new();
            run.iter().for_each(|&code| push_unit(codec, &mut bytes, code));
            Substitute::Bytes(bytes)
        }
    };
    Ok(Replacement { with, resume })
}

fn named(code: u32) -> String {
    match char::from_u32(code).and_then(aio_source::char_name::name) {
        Some(name) => format!("\\N{{{name}}}"),
        None => escaped(code),
    }
}
