//! Text encodings: their names, error policies and messages; `encode` and `decode` do the work.

mod charmaps;
mod decode;
mod encode;
mod escape;

pub use decode::{DecodeHandler, Decoded, Patch, decode_part, decode_with};
pub use encode::{EncodeHandler, Replacement, Substitute, encode_with};

use super::{TextError, TextResult, UnicodeError, UnicodeErrorKind, wtf8};

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Utf8,
    Utf8Sig,
    Utf16,
    Utf16Le,
    Utf16Be,
    Utf32,
    Utf32Le,
    Utf32Be,
    Latin1,
    Ascii,
    /// Escapes as in a literal.
    UnicodeEscape,
    /// Only `\u` and `\U` escapes.
    RawUnicodeEscape,
    /// A single-byte encoding, by its place in the generated table.
    Charmap(u8),
}

impl Codec {
    /// The codec that a script means by `name`.
    pub fn find(name: &str) -> TextResult<Codec> {
        let normal = normalise(name);
        let place = charmaps::NAMES.binary_search_by_key(&&normal[..], |(name, _)| name);
        match place {
            Ok(place) => Ok(charmaps::NAMES[place].1),
            Err(_) if charmaps::NOT_TEXT.binary_search(&&normal[..]).is_ok() => Err(TextError::Lookup(format!(
                "'{name}' is not a text encoding; use codecs.encode() to handle arbitrary codecs"
            ))),
            Err(_) => Err(TextError::Lookup(format!("unknown encoding: {name}"))),
        }
    }

    /// `codecs.lookup(name).name`.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Utf8 => "utf-8",
            Codec::Utf8Sig => "utf-8-sig",
            Codec::Utf16 => "utf-16",
            Codec::Utf16Le => "utf-16-le",
            Codec::Utf16Be => "utf-16-be",
            Codec::Utf32 => "utf-32",
            Codec::Utf32Le => "utf-32-le",
            Codec::Utf32Be => "utf-32-be",
            Codec::Latin1 => "iso8859-1",
            Codec::Ascii => "ascii",
            Codec::UnicodeEscape => "unicode-escape",
            Codec::RawUnicodeEscape => "raw-unicode-escape",
            Codec::Charmap(place) => charmap(place).name,
        }
    }

    /// The name that errors show.
    fn error_name(self) -> &'static str {
        match self {
            Codec::Utf8Sig => "utf-8",
            Codec::Latin1 => "latin-1",
            Codec::UnicodeEscape => "unicodeescape",
            Codec::RawUnicodeEscape => "rawunicodeescape",
            Codec::Charmap(_) => "charmap",
            _ => self.name(),
        }
    }
}

fn charmap(place: u8) -> &'static charmaps::Charmap {
    &charmaps::CHARMAPS[place as usize % charmaps::CHARMAPS.len()]
}

/// Lower case, with every run of other characters than letters, digits and dots made one underscore.
fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for shown in name.chars() {
        if shown.is_alphanumeric() || shown == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(shown.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

/// The error policies that Python itself knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    NameReplace,
    SurrogateEscape,
    SurrogatePass,
}

impl Policy {
    /// The policy of a name; `None` for one that a script may have registered.
    pub fn find(name: &str) -> Option<Policy> {
        Some(match name {
            "strict" => Policy::Strict,
            "ignore" => Policy::Ignore,
            "replace" => Policy::Replace,
            "backslashreplace" => Policy::BackslashReplace,
            "xmlcharrefreplace" => Policy::XmlCharRefReplace,
            "namereplace" => Policy::NameReplace,
            "surrogateescape" => Policy::SurrogateEscape,
            "surrogatepass" => Policy::SurrogatePass,
            _ => return None,
        })
    }

    /// The error of a name that nobody registered; it is raised only when a policy is needed.
    pub fn unknown(name: &str) -> TextError {
        TextError::Lookup(format!("unknown error handler name '{name}'"))
    }
}

/// `text.encode(codec, policy)`.
pub fn encode(codec: Codec, text: &[u8], policy: Policy) -> TextResult<Vec<u8>> {
    encode_with(codec, text, &mut |error, run| encode::replace(codec, policy, error, run))
}

/// `data.decode(codec, policy)`.
pub fn decode(codec: Codec, data: &[u8], policy: Policy) -> TextResult<Vec<u8>> {
    decode_with(codec, data, &mut |error, data| decode::replace(policy, error, data))
}

/// `decode` of data that may go on: an unfinished character at the end is left unconsumed.
pub fn decode_unfinished(codec: Codec, data: &[u8], policy: Policy) -> TextResult<Decoded> {
    decode_part(codec, data, false, &mut |error, data| decode::replace(policy, error, data))
}

/// `str(error)` of a UnicodeEncodeError; `object` is the text.
pub fn encode_error_message(error: &UnicodeError, object: &[u8]) -> String {
    let UnicodeError { encoding, start, end, reason, .. } = error;
    match wtf8::char_at(object, false, *start) {
        Some(code) if *end == start + 1 => {
            let shown = escaped(code);
            format!("'{encoding}' codec can't encode character '{shown}' in position {start}: {reason}")
        }
        _ => {
            let last = end.saturating_sub(1);
            format!("'{encoding}' codec can't encode characters in position {start}-{last}: {reason}")
        }
    }
}

/// `str(error)` of a UnicodeDecodeError; `object` is the data.
pub fn decode_error_message(error: &UnicodeError, object: &[u8]) -> String {
    let UnicodeError { encoding, start, end, reason, .. } = error;
    match object.get(*start) {
        Some(byte) if *end == start + 1 => {
            format!("'{encoding}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}")
        }
        _ => {
            let last = end.saturating_sub(1);
            format!("'{encoding}' codec can't decode bytes in position {start}-{last}: {reason}")
        }
    }
}

/// A code point as `backslashreplace` writes it.
fn escaped(code: u32) -> String {
    match code {
        0..0x100 => format!("\\x{code:02x}"),
        0x100..0x1_0000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

fn unicode_error(kind: UnicodeErrorKind, encoding: &str, start: usize, end: usize, reason: &str) -> UnicodeError {
    UnicodeError { kind, encoding: encoding.to_owned(), start, end, reason: reason.to_owned() }
}

fn raise(error: &UnicodeError) -> TextError {
    TextError::Unicode(Box::new(error.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_codecs() {
        for (name, want) in [
            ("UTF8", "utf-8"),
            (" utf--8 ", "utf-8"),
            ("U8", "utf-8"),
            ("Latin-1", "iso8859-1"),
            ("ISO_8859-1:1987", "iso8859-1"),
            ("us-ascii", "ascii"),
            ("utf_16_le", "utf-16-le"),
            ("windows-1252", "cp1252"),
            ("latin9", "iso8859-15"),
            ("cp-1252", "unknown encoding: cp-1252"),
            ("", "unknown encoding: "),
            ("rot13", "'rot13' is not a text encoding; use codecs.encode() to handle arbitrary codecs"),
        ] {
            let found = Codec::find(name).map_or_else(|error| error.to_string(), |codec| codec.name().to_owned());
            assert_eq!(found, want);
        }
    }

    fn encoded(codec: &str, codes: &[u32], policy: &str) -> Result<Vec<u8>, String> {
        let text = wtf8::from_code_points(codes.iter().copied());
        encode(Codec::find(codec).unwrap(), &text, Policy::find(policy).unwrap()).map_err(|error| match error {
            TextError::Unicode(error) => encode_error_message(&error, &text),
            error => error.to_string(),
        })
    }

    #[test]
    fn encodes_as_python() {
        for (codec, codes, policy, want) in [
            ("utf-8-sig", &[0xE9][..], "strict", Ok(&b"\xef\xbb\xbf\xc3\xa9"[..])),
            ("utf-16", &[0x10FFFF], "strict", Ok(b"\xff\xfe\xff\xdb\xff\xdf")),
            ("utf-32-be", &[0x61], "strict", Ok(b"\0\0\0a")),
            ("cp1252", &[0x20AC], "strict", Ok(b"\x80")),
            ("ascii", &[0x61, 0x20AC], "xmlcharrefreplace", Ok(b"a&#8364;")),
            ("ascii", &[0x20AC, 0x1F600, 0xE9], "backslashreplace", Ok(b"\\u20ac\\U0001f600\\xe9")),
            ("utf-16-le", &[0xD800, 0x61], "replace", Ok(b"?\0a\0")),
            ("utf-8", &[0xDC80], "surrogateescape", Ok(b"\x80")),
            ("utf-16-le", &[0xD800], "surrogatepass", Ok(b"\0\xd8")),
            (
                "ascii",
                &[0xE9],
                "strict",
                Err("'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in range(128)"),
            ),
            (
                "latin-1",
                &[0x61, 0x20AC, 0x20AC],
                "strict",
                Err("'latin-1' codec can't encode characters in position 1-2: ordinal not in range(256)"),
            ),
            (
                "utf-8",
                &[0xD800],
                "strict",
                Err("'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed"),
            ),
            (
                "ascii",
                &[0x61, 0xDCFF, 0x20AC, 0xDC80],
                "surrogateescape",
                Err("'ascii' codec can't encode characters in position 2-3: ordinal not in range(128)"),
            ),
            (
                "cp1252",
                &[0x100],
                "strict",
                Err("'charmap' codec can't encode character '\\u0100' in position 0: character maps to <undefined>"),
            ),
        ] {
            assert_eq!(encoded(codec, codes, policy), want.map(<[u8]>::to_vec).map_err(str::to_owned), "{codec}");
        }
    }

    fn decoded(codec: &str, data: &[u8], policy: &str) -> Result<Vec<u32>, String> {
        let text = decode(Codec::find(codec).unwrap(), data, Policy::find(policy).unwrap());
        text.map(|text| wtf8::code_points(&text).collect()).map_err(|error| match error {
            TextError::Unicode(error) => decode_error_message(&error, data),
            error => error.to_string(),
        })
    }

    #[test]
    fn decodes_as_python() {
        for (codec, data, policy, want) in [
            ("utf-8-sig", &b"\xef\xbb\xbfa"[..], "strict", Ok(&[0x61][..])),
            ("utf-16", b"\xfe\xff\0a", "strict", Ok(&[0x61])),
            ("utf-16-le", b"\xff\xfe", "strict", Ok(&[0xFEFF])),
            ("cp1252", b"\x80\x81", "replace", Ok(&[0x20AC, 0xFFFD])),
            ("utf-8", b"\xed\xa0\x80\xff", "surrogateescape", Ok(&[0xDCED, 0xDCA0, 0xDC80, 0xDCFF])),
            ("utf-8", b"\xed\xa0\x80", "surrogatepass", Ok(&[0xD800])),
            ("ascii", b"\xffa", "backslashreplace", Ok(&[0x5C, 0x78, 0x66, 0x66, 0x61])),
            (
                "utf-8",
                b"a\xff",
                "strict",
                Err("'utf-8' codec can't decode byte 0xff in position 1: invalid start byte"),
            ),
            (
                "utf-8",
                b"\xe2\x28",
                "strict",
                Err("'utf-8' codec can't decode byte 0xe2 in position 0: invalid continuation byte"),
            ),
            (
                "utf-8",
                b"\xf0\x9f\x98",
                "strict",
                Err("'utf-8' codec can't decode bytes in position 0-2: unexpected end of data"),
            ),
            (
                "utf-16",
                b"\xff\xfea\0b",
                "strict",
                Err("'utf-16-le' codec can't decode byte 0x62 in position 4: truncated data"),
            ),
            (
                "utf-16-le",
                b"\0\xd8a\0",
                "strict",
                Err("'utf-16-le' codec can't decode bytes in position 0-1: illegal UTF-16 surrogate"),
            ),
            (
                "utf-32-le",
                b"\0\0\x11\0",
                "strict",
                Err("'utf-32-le' codec can't decode bytes in position 0-3: code point not in range(0x110000)"),
            ),
            (
                "utf-8",
                b"\xff",
                "xmlcharrefreplace",
                Err("don't know how to handle UnicodeDecodeError in error callback"),
            ),
        ] {
            assert_eq!(decoded(codec, data, policy), want.map(<[u32]>::to_vec).map_err(str::to_owned), "{codec}");
        }
    }

    #[test]
    fn decodes_in_parts() {
        for (codec, text) in [("utf-8", "aé漢😀"), ("utf-8-sig", "aé漢😀"), ("utf-16", "aé漢😀"), ("utf-32", "漢😀")]
        {
            let mut codec = Codec::find(codec).unwrap();
            let data = encode(codec, text.as_bytes(), Policy::Strict).unwrap();
            let (mut out, mut rest) = (Vec::new(), Vec::new());
            for byte in data {
                rest.push(byte);
                let part = decode_unfinished(codec, &rest, Policy::Strict).unwrap();
                out.extend(part.text);
                rest.drain(..part.consumed);
                codec = part.next;
            }
            assert_eq!((out, rest), (text.as_bytes().to_vec(), vec![]));
        }
    }

    #[test]
    fn asks_a_handler() {
        let mut seen = Vec::new();
        let got = encode_with::<TextError>(Codec::Ascii, "aéé漢b".as_bytes(), &mut |error, run| {
            seen.push((error.start, error.end, run.to_vec()));
            Ok(Replacement { with: Substitute::Text(b"<>".to_vec()), resume: error.start + 2 })
        });
        assert_eq!(got.unwrap(), b"a<><>");
        assert_eq!(seen, [(1, 4, vec![0xE9, 0xE9, 0x6F22]), (3, 4, vec![0x6F22])]);
    }
}
