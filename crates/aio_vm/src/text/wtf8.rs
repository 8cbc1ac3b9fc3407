//! Walking, counting and cutting WTF-8: UTF-8 in which lone surrogates appear as three-byte sequences.
//!
//! Pairs of surrogates stay two code points, as they do in Python. Malformed bytes never panic: a stray byte counts as
//! one replacement character.

use std::ops::Range;

pub const REPLACEMENT: u32 = 0xFFFD;
pub const MAX_CODE: u32 = 0x10_FFFF;

pub fn is_surrogate(code: u32) -> bool {
    (0xD800..0xE000).contains(&code)
}

/// The code point that begins at byte `at`, and its width in bytes.
#[inline]
pub fn decode_at(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let rest = text.get(at..)?;
    let first = *rest.first()?;
    if first < 0x80 {
        return Some((first as u32, 1));
    }
    let tail = |place: usize| rest.get(place).map(|byte| (byte & 0x3F) as u32);
    let found = match first {
        0xC2..=0xDF => tail(1).map(|a| (((first & 0x1F) as u32) << 6 | a, 2)),
        0xE0..=0xEF => match (tail(1), tail(2)) {
            (Some(a), Some(b)) => Some((((first & 0x0F) as u32) << 12 | a << 6 | b, 3)),
            _ => None,
        },
        0xF0..=0xF4 => match (tail(1), tail(2), tail(3)) {
            (Some(a), Some(b), Some(c)) => Some((((first & 0x07) as u32) << 18 | a << 12 | b << 6 | c, 4)),
            _ => None,
        },
        _ => None,
    };
    Some(found.unwrap_or((REPLACEMENT, 1)))
}

/// The code points of a text, from either end.
#[derive(Clone)]
pub struct CodePoints<'a> {
    rest: &'a [u8],
}

pub fn code_points(text: &[u8]) -> CodePoints<'_> {
    CodePoints { rest: text }
}

impl<'a> CodePoints<'a> {
    /// What has not been walked yet.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.rest
    }
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (code, width) = decode_at(self.rest, 0)?;
        self.rest = &self.rest[width..];
        Some(code)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len().div_ceil(4), Some(self.rest.len()))
    }
}

impl DoubleEndedIterator for CodePoints<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        let start = previous_boundary(self.rest, self.rest.len())?;
        let (code, _) = decode_at(self.rest, start)?;
        self.rest = &self.rest[..start];
        Some(code)
    }
}

/// Byte offset of the character that ends at byte `at`.
fn previous_boundary(text: &[u8], at: usize) -> Option<usize> {
    let mut start = at.checked_sub(1)?;
    while start > 0 && at - start < 4 && text[start] & 0xC0 == 0x80 {
        start -= 1;
    }
    Some(start)
}

/// Code points with the byte offset of each.
pub fn code_point_indices(text: &[u8]) -> impl Iterator<Item = (usize, u32)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (code, width) = decode_at(text, at)?;
        let found = (at, code);
        at += width;
        Some(found)
    })
}

/// Appends one code point; what is beyond the code space becomes a replacement character.
#[inline]
pub fn push(out: &mut Vec<u8>, code: u32) {
    if code < 0x80 {
        out.push(code as u8);
    } else {
        let (bytes, width) = encode(code);
        out.extend_from_slice(&bytes[..width]);
    }
}

/// The bytes of one code point (surrogates too), and how many there are.
pub fn encode(code: u32) -> ([u8; 4], usize) {
    let continuation = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
    match code {
        0..0x80 => ([code as u8, 0, 0, 0], 1),
        0x80..0x800 => ([0xC0 | (code >> 6) as u8, continuation(0), 0, 0], 2),
        0x800..0x1_0000 => ([0xE0 | (code >> 12) as u8, continuation(6), continuation(0), 0], 3),
        0x1_0000..=MAX_CODE => ([0xF0 | (code >> 18) as u8, continuation(12), continuation(6), continuation(0)], 4),
        _ => ([0xEF, 0xBF, 0xBD, 0], 3),
    }
}

/// Collects code points into a text.
pub fn from_code_points(codes: impl IntoIterator<Item = u32>) -> Vec<u8> {
    let mut out = Vec::new();
    codes.into_iter().for_each(|code| push(&mut out, code));
    out
}

/// Number of characters.
#[inline]
pub fn count(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

/// Byte offset of character `index`, or the length of the text if there are fewer.
#[inline]
pub fn offset_of(text: &[u8], ascii: bool, index: usize) -> usize {
    if ascii {
        return index.min(text.len());
    }
    offset_from(text, 0, index)
}

/// Byte offset of the character `count` characters after byte `start`, or the length of the text.
pub fn offset_from(text: &[u8], start: usize, count: usize) -> usize {
    // Whole chunks are counted without looking at single characters; the loop over them is vectorised.
    const CHUNK: usize = 64;
    let begins_char = |byte: &u8| byte & 0xC0 != 0x80;
    let (mut at, mut left) = (start, count);
    while let Some(chunk) = text.get(at..at.saturating_add(CHUNK)) {
        let starts = chunk.iter().filter(|byte| begins_char(byte)).count();
        if starts > left {
            break;
        }
        left -= starts;
        at += CHUNK;
    }
    let rest = text.get(at..).unwrap_or_default().iter();
    rest.enumerate().filter(|(_, byte)| begins_char(byte)).nth(left).map_or(text.len(), |(place, _)| at + place)
}

/// The code point of character `index`.
pub fn char_at(text: &[u8], ascii: bool, index: usize) -> Option<u32> {
    if ascii {
        return text.get(index).map(|&byte| byte as u32);
    }
    decode_at(text, offset_of(text, false, index)).map(|(code, _)| code)
}

/// Characters `range.start .. range.end`, clamped to the text.
pub fn slice(text: &[u8], ascii: bool, range: Range<usize>) -> &[u8] {
    let start = offset_of(text, ascii, range.start);
    let count = range.end.saturating_sub(range.start);
    let end = if ascii { start.saturating_add(count).min(text.len()) } else { offset_from(text, start, count) };
    &text[start..end]
}

/// `count` characters from character `start` on, `step` apart; the caller has already clamped them to the text.
pub fn slice_with_step(text: &[u8], ascii: bool, start: usize, step: isize, count: usize) -> Vec<u8> {
    let indexes = (0..count).scan(start as isize, |at, _| {
        let here = *at;
        *at = at.saturating_add(step);
        Some(here as usize)
    });
    if ascii {
        return indexes.filter_map(|index| text.get(index).copied()).collect();
    }
    if step == -1 && start.checked_add(1) == Some(count) {
        return reverse(slice(text, false, 0..count));
    }
    let offsets: Vec<usize> = code_point_indices(text).map(|(at, _)| at).collect();
    let mut out = Vec::with_capacity(count);
    for index in indexes {
        if let Some((code, _)) = offsets.get(index).and_then(|&at| decode_at(text, at)) {
            push(&mut out, code);
        }
    }
    out
}

/// The characters in reverse order.
pub fn reverse(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut end = text.len();
    while let Some(start) = previous_boundary(text, end) {
        out.extend_from_slice(&text[start..end]);
        end = start;
    }
    out
}

/// Whether the bytes are well-formed: UTF-8, or UTF-8 with three-byte surrogates.
pub fn is_valid(text: &[u8]) -> bool {
    let mut rest = text;
    loop {
        match std::str::from_utf8(rest) {
            Ok(_) => return true,
            Err(error) => match &rest[error.valid_up_to()..] {
                [0xED, 0xA0..=0xBF, 0x80..=0xBF, tail @ ..] => rest = tail,
                _ => return false,
            },
        }
    }
}

/// The text as `str`, unless it holds a surrogate.
pub fn as_str(text: &[u8]) -> Option<&str> {
    std::str::from_utf8(text).ok()
}

/// The text with every surrogate written as a question mark, for places that can only show UTF-8.
pub fn to_str_lossy(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => code_points(text).map(|code| char::from_u32(code).unwrap_or('?')).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed() -> Vec<u8> {
        from_code_points([0x61, 0xE9, 0xD800, 0x20AC, 0xDC80, 0x1F600, 0x62])
    }

    #[test]
    fn walks_both_ways() {
        let text = mixed();
        assert_eq!(text.len(), 1 + 2 + 3 + 3 + 3 + 4 + 1);
        let forward: Vec<u32> = code_points(&text).collect();
        let mut backward: Vec<u32> = code_points(&text).rev().collect();
        backward.reverse();
        assert_eq!(forward, [0x61, 0xE9, 0xD800, 0x20AC, 0xDC80, 0x1F600, 0x62]);
        assert_eq!(forward, backward);
        assert_eq!(count(&text), 7);
        assert_eq!(from_code_points(code_points(&reverse(&text)).rev()), text);
    }

    #[test]
    fn cuts_by_characters() {
        let text = mixed();
        assert_eq!(slice(&text, false, 1..3), from_code_points([0xE9, 0xD800]));
        assert_eq!(slice(&text, false, 5..99), from_code_points([0x1F600, 0x62]));
        assert_eq!(slice(&text, false, 9..99), b"");
        assert_eq!(slice(b"hello", true, 1..usize::MAX), b"ello");
        assert_eq!(slice_with_step(&text, false, 6, -2, 4), from_code_points([0x62, 0xDC80, 0xD800, 0x61]));
        assert_eq!(slice_with_step(&text, false, 6, -1, 7), reverse(&text));
        assert_eq!(slice_with_step(b"abcdef", true, 5, -3, 2), b"fc");
        assert_eq!(char_at(&text, false, 5), Some(0x1F600));
        assert_eq!(char_at(&text, false, 7), None);
        let long = text.repeat(50);
        let starts: Vec<usize> = code_point_indices(&long).map(|(at, _)| at).collect();
        for (index, &at) in starts.iter().enumerate() {
            assert_eq!(offset_of(&long, false, index), at);
            assert_eq!(offset_from(&long, starts[index / 2], index - index / 2), at);
        }
        assert_eq!(offset_of(&long, false, starts.len()), long.len());
    }

    #[test]
    fn judges_and_survives_malformed_bytes() {
        assert!(is_valid(&mixed()));
        for bad in [&b"\xff"[..], b"\xc0\x80", b"\xe2\x82", b"a\x80", b"\xf5\x80\x80\x80", b"\xed\xa0"] {
            assert!(!is_valid(bad), "{bad:?}");
            assert!(code_points(bad).count() > 0);
            assert!(code_points(bad).rev().count() > 0);
            reverse(bad);
        }
        assert_eq!(to_str_lossy(&mixed()), "aé?€?😀b");
    }
}
