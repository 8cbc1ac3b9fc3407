//! Cutting str and bytes at separators, whitespace and line ends.

use super::search::{self, Unit};
use super::{TextError, TextResult, chars, wtf8};

/// `text.split(sep, max)`; `None` is no limit. What is to become of each part tells `made`.
pub fn split<'a, T>(
    text: &'a [u8],
    sep: &[u8],
    max: Option<usize>,
    mut made: impl FnMut(&'a [u8]) -> T,
) -> TextResult<Vec<T>> {
    if sep.is_empty() {
        return Err(TextError::value("empty separator"));
    }
    let mut parts = Vec::with_capacity(4);
    let mut done = 0;
    for at in search::places(text, sep).take(max.unwrap_or(usize::MAX)) {
        parts.push(made(&text[done..at]));
        done = at + sep.len();
    }
    parts.push(made(&text[done..]));
    Ok(parts)
}

/// `text.rsplit(sep, max)`, in the order of the text.
pub fn rsplit<'a>(text: &'a [u8], sep: &[u8], max: Option<usize>) -> TextResult<Vec<&'a [u8]>> {
    if sep.is_empty() {
        return Err(TextError::value("empty separator"));
    }
    let max = max.unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut rest = text;
    while parts.len() < max {
        let Some(at) = search::rfind(rest, sep) else {
            break;
        };
        parts.push(&rest[at + sep.len()..]);
        rest = &rest[..at];
    }
    parts.push(rest);
    parts.reverse();
    Ok(parts)
}

/// `text.split(None, max)`.
pub fn split_whitespace(text: &[u8], unit: Unit, max: Option<usize>) -> Vec<&[u8]> {
    let max = max.unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut rest = trim_start(text, unit);
    while !rest.is_empty() {
        if parts.len() == max {
            parts.push(rest);
            break;
        }
        let end = position(rest, unit, true).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = trim_start(&rest[end..], unit);
    }
    parts
}

/// `text.rsplit(None, max)`, in the order of the text.
pub fn rsplit_whitespace(text: &[u8], unit: Unit, max: Option<usize>) -> Vec<&[u8]> {
    let max = max.unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut rest = trim_end(text, unit);
    while !rest.is_empty() {
        if parts.len() == max {
            parts.push(rest);
            break;
        }
        let start = last_end(rest, unit, true);
        parts.push(&rest[start..]);
        rest = trim_end(&rest[..start], unit);
    }
    parts.reverse();
    parts
}

/// The whitespace of bytes.
pub fn is_byte_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// `text.lstrip()`.
pub fn trim_start(text: &[u8], unit: Unit) -> &[u8] {
    &text[position(text, unit, false).unwrap_or(text.len())..]
}

/// `text.rstrip()`.
pub fn trim_end(text: &[u8], unit: Unit) -> &[u8] {
    &text[..last_end(text, unit, false)]
}

/// Offset of the first unit that is (or is not) whitespace.
fn position(text: &[u8], unit: Unit, space: bool) -> Option<usize> {
    match unit {
        Unit::Byte => text.iter().position(|&byte| is_byte_space(byte) == space),
        Unit::Char => {
            let plain = |byte: u8| byte.is_ascii() && chars::is_space(byte as u32) != space;
            let mut at = text.iter().take_while(|&&byte| plain(byte)).count();
            while let Some((code, width)) = wtf8::decode_at(text, at) {
                if chars::is_space(code) == space {
                    return Some(at);
                }
                at += width;
            }
            None
        }
    }
}

/// Offset after the last unit that is (or is not) whitespace, or 0.
fn last_end(text: &[u8], unit: Unit, space: bool) -> usize {
    match unit {
        Unit::Byte => text.iter().rposition(|&byte| is_byte_space(byte) == space).map_or(0, |last| last + 1),
        Unit::Char => {
            let mut walk = wtf8::code_points(text);
            loop {
                let end = walk.as_bytes().len();
                match walk.next_back() {
                    Some(code) if chars::is_space(code) == space => return end,
                    Some(_) => {}
                    None => return 0,
                }
            }
        }
    }
}

/// `text.splitlines(keep_ends)`.
pub fn split_lines(text: &[u8], unit: Unit, keep_ends: bool) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let (ends, width) = match unit {
            Unit::Byte => (matches!(text[at], b'\n' | b'\r'), 1),
            Unit::Char => match wtf8::decode_at(text, at) {
                Some((code, width)) => (chars::is_line_break(code), width),
                None => break,
            },
        };
        let end = at;
        at += width;
        if ends {
            if text[end] == b'\r' && text.get(at) == Some(&b'\n') {
                at += 1;
            }
            lines.push(&text[start..if keep_ends { at } else { end }]);
            start = at;
        }
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(parts: Vec<&[u8]>) -> String {
        parts.iter().map(|part| wtf8::to_str_lossy(part)).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn splits_at_separators() {
        for (text, sep, max, left, right) in [
            ("a,b,,c", ",", None, "a|b||c", "a|b||c"),
            ("a,b,,c", ",", Some(1), "a|b,,c", "a,b,|c"),
            ("a,b", ",", Some(0), "a,b", "a,b"),
            ("aaaa", "aa", None, "||", "||"),
            ("aaa", "aa", None, "|a", "a|"),
            ("", ",", None, "", ""),
        ] {
            assert_eq!(shown(split(text.as_bytes(), sep.as_bytes(), max, |part| part).unwrap()), left);
            assert_eq!(shown(rsplit(text.as_bytes(), sep.as_bytes(), max).unwrap()), right);
        }
        assert_eq!(split(b"a", b"", None, |part| part), Err(TextError::value("empty separator")));
    }

    #[test]
    fn splits_at_whitespace() {
        let text = " a\u{3000}b\u{1c}c \t".as_bytes();
        assert_eq!(shown(split_whitespace(text, Unit::Char, None)), "a|b|c");
        assert_eq!(shown(split_whitespace(text, Unit::Char, Some(1))), "a|b\u{1c}c \t");
        assert_eq!(shown(rsplit_whitespace(text, Unit::Char, Some(1))), " a\u{3000}b|c");
        assert_eq!(shown(split_whitespace(text, Unit::Byte, None)), "a\u{3000}b\u{1c}c");
        assert!(split_whitespace(b" ", Unit::Char, None).is_empty());
    }

    #[test]
    fn splits_lines() {
        let text = "a\r\nb\rc\n\nd\u{2028}e\u{b}".as_bytes();
        assert_eq!(shown(split_lines(text, Unit::Char, false)), "a|b|c||d|e");
        assert_eq!(shown(split_lines(text, Unit::Char, true)), "a\r\n|b\r|c\n|\n|d\u{2028}|e\u{b}");
        assert_eq!(shown(split_lines(text, Unit::Byte, false)), "a|b|c||d\u{2028}e\u{b}");
    }
}
