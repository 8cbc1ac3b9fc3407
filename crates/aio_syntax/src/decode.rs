//! From the bytes of a file to text: the byte order mark, the coding cookie, and their mistakes.

use aio_source::{Diagnostic, Span};

/// Decodes a source file as PEP 263 says: UTF-8 unless a comment in the first two lines names
/// another encoding. The byte order mark is removed.
///
/// Known are UTF-8, Latin-1 and ASCII under their usual names, and the encodings of the WHATWG standard. The span of an error counts bytes of
/// the file.
pub fn decode_source(bytes: &[u8]) -> Result<String, Diagnostic> {
    let (has_mark, body) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(body) => (true, body),
        None => (false, bytes),
    };
    let cookie = find_cookie(body);
    let encoding = match &cookie {
        None => Encoding::Utf8,
        Some(name) => match Encoding::named(name) {
            Some(encoding) if has_mark && encoding != Encoding::Utf8 => {
                let message = format!("encoding problem: {name} with BOM");
                return Err(error(0, message));
            }
            Some(encoding) => encoding,
            None => return Err(error(0, format!("unknown encoding: {name}"))),
        },
    };
    if let Some(at) = memchr::memchr(0, body) {
        let message = "source code string cannot contain null bytes";
        return Err(error(at, message.to_string()));
    }
    match encoding {
        Encoding::Latin1 => Ok(body.iter().map(|&b| char::from(b)).collect()),
        Encoding::Ascii => match body.iter().position(|b| !b.is_ascii()) {
            Some(at) => {
                let byte = body[at];
                let message = format!(
                    "'ascii' codec can't decode byte 0x{byte:02x} in position {at}: ordinal not in \
                     range(128)"
                );
                Err(error(at, message))
            }
            None => Ok(String::from_utf8_lossy(body).into_owned()),
        },
        Encoding::Other(other) => match other.decode_without_bom_handling_and_without_replacement(body) {
            Some(text) => Ok(text.into_owned()),
            None => Err(error(0, format!("'{}' codec can't decode the file", cookie.unwrap_or_default()))),
        },
        Encoding::Utf8 => match std::str::from_utf8(body) {
            Ok(text) => Ok(text.to_string()),
            Err(problem) => Err(invalid_utf8(body, problem, cookie.is_some())),
        },
    }
}

fn error(at: usize, message: String) -> Diagnostic {
    Diagnostic::syntax(Span::new(at as u32, at as u32 + 1), message)
}

fn invalid_utf8(body: &[u8], problem: std::str::Utf8Error, declared: bool) -> Diagnostic {
    let at = problem.valid_up_to();
    let byte = body.get(at).copied().unwrap_or(0);
    let message = if declared {
        let reason = match (byte, problem.error_len()) {
            (_, None) => "unexpected end of data",
            (0x80..=0xC1 | 0xF5.., _) => "invalid start byte",
            _ => "invalid continuation byte",
        };
        format!("(unicode error) 'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: {reason}")
    } else {
        let line = 1 + body[..at].iter().filter(|b| **b == b'\n').count();
        format!(
            "Non-UTF-8 code starting with '\\x{byte:02x}' on line {line}, but no encoding declared; \
             see https://peps.python.org/pep-0263/ for details"
        )
    };
    error(at, message)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
    Ascii,
    Other(&'static encoding_rs::Encoding),
}

impl Encoding {
    fn named(name: &str) -> Option<Encoding> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        Some(match name.as_str() {
            "utf-8" | "utf8" | "u8" | "utf-8-sig" | "cp65001" => Encoding::Utf8,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "iso-latin-1" | "l1" | "8859" | "cp819" => {
                Encoding::Latin1
            }
            "ascii" | "us-ascii" | "646" => Encoding::Ascii,
            _ if name.starts_with("utf-8-") => Encoding::Utf8,
            _ if name.starts_with("latin-1-") || name.starts_with("iso-8859-1-") => Encoding::Latin1,
            _ => {
                // Python's names of code pages are not those of the web.
                let page = name.strip_prefix("cp125").map(|digit| format!("windows-125{digit}"));
                let label = page.unwrap_or_else(|| name.clone());
                Encoding::Other(encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?)
            }
        })
    }
}

/// The name behind `coding:` or `coding=` in a comment line of the first two lines. The second line
/// counts only if the first one is blank or a comment.
fn find_cookie(body: &[u8]) -> Option<String> {
    for line in body.split(|b| *b == b'\n').take(2) {
        let text = line.trim_ascii_start();
        match text.first() {
            None => continue,
            Some(b'#') => {}
            Some(_) => return None,
        }
        if let Some(name) = cookie_in(text) {
            return Some(name);
        }
    }
    None
}

fn cookie_in(comment: &[u8]) -> Option<String> {
    let word = b"coding";
    let mut from = 0;
    while let Some(at) = comment[from..].windows(word.len()).position(|w| w == word) {
        let rest = &comment[from + at + word.len()..];
        if let Some((b':' | b'=', rest)) = rest.split_first() {
            let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            let blank = |b: &&u8| matches!(b, b' ' | b'\t');
            let rest = &rest[rest.iter().take_while(blank).count()..];
            let name: String = rest.iter().take_while(is_name).map(|&b| char::from(b)).collect();
            if !name.is_empty() {
                return Some(name);
            }
        }
        from += at + word.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> String {
        decode_source(bytes).map_or_else(|error| error.message, |_| String::new())
    }

    #[test]
    fn encodings_of_single_bytes_are_known() {
        let text = |bytes: &[u8]| decode_source(bytes).unwrap_or_default();
        assert_eq!(text(b"# coding: koi8-r\n'\xd0\xcf'\n"), "# coding: koi8-r\n'\u{43f}\u{43e}'\n");
        assert_eq!(text(b"# coding: cp1252\n'\x80'\n"), "# coding: cp1252\n'\u{20ac}'\n");
    }

    #[test]
    fn encodings_are_found() {
        assert_eq!(decode_source(b"\xEF\xBB\xBFx").as_deref(), Ok("x"));
        assert_eq!(decode_source("é".as_bytes()).as_deref(), Ok("é"));
        let latin = decode_source(b"#!x\n# -*- coding: Latin_1 -*-\n\xE9");
        assert!(latin.is_ok_and(|text| text.ends_with('é')));
        assert!(decode_source(b"x = 1\n# coding: nonsense\n").is_ok());
        assert!(decode_source(b"# encoding coding=utf8\n").is_ok());
    }

    #[test]
    fn mistakes_have_their_words() {
        assert_eq!(message(b"# coding: klingon"), "unknown encoding: klingon");
        assert_eq!(message(b"a\0b"), "source code string cannot contain null bytes");
        assert_eq!(
            message(b"x\ny = '\xE9'"),
            "Non-UTF-8 code starting with '\\xe9' on line 2, but no encoding declared; see \
             https://peps.python.org/pep-0263/ for details"
        );
        assert_eq!(
            message(b"# coding: ascii\n\xE9"),
            "'ascii' codec can't decode byte 0xe9 in position 16: ordinal not in range(128)"
        );
    }
}
