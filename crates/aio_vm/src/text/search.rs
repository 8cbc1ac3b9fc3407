//! Finding, counting and replacing parts of str and bytes.

use super::{TextError, TextResult, check_limit, wtf8};
use memchr::memmem;

/// What one step in a text is: only empty needles, whitespace and line ends tell the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A str: WTF-8.
    Char,
    /// bytes and bytearray.
    Byte,
}

impl Unit {
    /// Length in units.
    pub fn count(self, text: &[u8]) -> usize {
        match self {
            Unit::Char => wtf8::count(text),
            Unit::Byte => text.len(),
        }
    }
}

/// Texts up to this many bytes are searched from one first byte to the next: a searcher costs more to make.
const SHORT: usize = 192;

/// Byte offset of the first occurrence.
#[inline]
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(0),
        [byte] => memchr::memchr(*byte, text),
        _ if text.len() <= SHORT => find_short(text, needle, 0),
        _ => memmem::find(text, needle),
    }
}

/// Byte offset of the first occurrence at or behind `from`; the needle is not empty.
fn find_short(text: &[u8], needle: &[u8], mut from: usize) -> Option<usize> {
    let last = text.len().checked_sub(needle.len())?;
    while from <= last {
        let at = from + memchr::memchr(needle[0], &text[from..=last])?;
        if text[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Byte offsets of the occurrences that do not overlap; the needle is not empty.
pub fn places<'a>(text: &'a [u8], needle: &'a [u8]) -> Places<'a> {
    if text.len() <= SHORT {
        Places::Short { text, needle, from: 0 }
    } else {
        Places::Long(Box::new(memmem::find_iter(text, needle)))
    }
}

/// See [`places`].
pub enum Places<'a> {
    Short { text: &'a [u8], needle: &'a [u8], from: usize },
    Long(Box<memmem::FindIter<'a, 'a>>),
}

impl Iterator for Places<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Places::Short { text, needle, from } => {
                let at = find_short(text, needle, *from)?;
                *from = at + needle.len();
                Some(at)
            }
            Places::Long(found) => found.next(),
        }
    }
}

/// Byte offset of the last occurrence.
#[inline]
pub fn rfind(text: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(text.len()),
        [byte] => memchr::memrchr(*byte, text),
        _ => memmem::rfind(text, needle),
    }
}

/// Which end a search begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Left,
    Right,
}

/// `text.find(needle, start, end)` or `rfind` of a str, all in characters; `start` and `end` are not negative any more.
pub fn find_in_chars(text: &[u8], ascii: bool, needle: &[u8], start: usize, end: usize, from: From) -> Option<usize> {
    let first = wtf8::offset_of(text, ascii, start);
    // A start beyond the end finds nothing, not even the empty needle.
    if start > end || first == text.len() && start > 0 && start > count(text, ascii) {
        return None;
    }
    let part = wtf8::slice(text, ascii, start..end);
    let found = match from {
        From::Left => find(part, needle),
        From::Right => rfind(part, needle),
    }?;
    Some(start + count(&part[..found], ascii))
}

fn count(text: &[u8], ascii: bool) -> usize {
    if ascii { text.len() } else { wtf8::count(text) }
}

/// Number of occurrences that do not overlap.
pub fn count_of(text: &[u8], needle: &[u8], unit: Unit) -> usize {
    match needle {
        [] => unit.count(text) + 1,
        [byte] => memchr::memchr_iter(*byte, text).count(),
        _ => places(text, needle).count(),
    }
}

/// `text.replace(old, new, max)`; `None` when nothing changes, so that the caller can keep the object.
pub fn replace(
    text: &[u8],
    old: &[u8],
    new: &[u8],
    max: Option<usize>,
    unit: Unit,
    limit: usize,
) -> TextResult<Option<Vec<u8>>> {
    let max = max.unwrap_or(usize::MAX);
    if max == 0 || old == new || old.len() > text.len() {
        return Ok(None);
    }
    if old.is_empty() {
        return insert_between(text, new, max, unit, limit).map(Some);
    }
    let found = if max == usize::MAX { count_of(text, old, unit) } else { places(text, old).take(max).count() };
    if found == 0 {
        return Ok(None);
    }
    let size = found
        .checked_mul(new.len())
        .and_then(|added| added.checked_add(text.len() - found * old.len()))
        .ok_or(TextError::Memory)?;
    check_limit(size, limit)?;
    let mut out = Vec::with_capacity(size);
    match (old, new) {
        ([old], [new]) if max == usize::MAX => out.extend(text.iter().map(|b| if b == old { *new } else { *b })),
        ([old], _) => put_between(&mut out, text, 1, new, memchr::memchr_iter(*old, text).take(found)),
        _ => put_between(&mut out, text, old.len(), new, places(text, old).take(found)),
    }
    Ok(Some(out))
}

/// Copies a text with `new` in place of what begins at the given places.
fn put_between(out: &mut Vec<u8>, text: &[u8], width: usize, new: &[u8], places: impl Iterator<Item = usize>) {
    let mut done = 0;
    for at in places {
        out.extend_from_slice(&text[done..at]);
        out.extend_from_slice(new);
        done = at + width;
    }
    out.extend_from_slice(&text[done..]);
}

/// `text.replace("", new, max)`: before every unit and after the last one.
fn insert_between(text: &[u8], new: &[u8], max: usize, unit: Unit, limit: usize) -> TextResult<Vec<u8>> {
    let places = (unit.count(text) + 1).min(max);
    let size =
        places.checked_mul(new.len()).and_then(|added| added.checked_add(text.len())).ok_or(TextError::Memory)?;
    check_limit(size, limit)?;
    let mut out = Vec::with_capacity(size);
    let mut at = 0;
    for _ in 0..places {
        out.extend_from_slice(new);
        let width = match unit {
            Unit::Byte => 1,
            Unit::Char => wtf8::decode_at(text, at).map_or(0, |(_, width)| width),
        };
        let next = (at + width).min(text.len());
        out.extend_from_slice(&text[at..next]);
        at = next;
    }
    out.extend_from_slice(&text[at..]);
    Ok(out)
}

/// `text.partition(sep)`: what stands before and after the first separator.
pub fn partition<'a>(text: &'a [u8], sep: &[u8], from: From) -> TextResult<Option<(&'a [u8], &'a [u8])>> {
    if sep.is_empty() {
        return Err(TextError::value("empty separator"));
    }
    let found = match from {
        From::Left => find(text, sep),
        From::Right => rfind(text, sep),
    };
    Ok(found.map(|at| (&text[..at], &text[at + sep.len()..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_in_characters() {
        let text = "aé漢aé".as_bytes();
        for (needle, start, end, first, last) in [
            ("é", 0, 5, Some(1), Some(4)),
            ("é", 2, 5, Some(4), Some(4)),
            ("é", 2, 4, None, None),
            ("", 5, 9, Some(5), Some(5)),
            ("", 6, 9, None, None),
            ("", 3, 2, None, None),
            ("漢a", 0, usize::MAX, Some(2), Some(2)),
        ] {
            let found = |from| find_in_chars(text, false, needle.as_bytes(), start, end, from);
            assert_eq!((found(From::Left), found(From::Right)), (first, last), "{needle} {start} {end}");
        }
        assert_eq!(count_of(b"aaaa", b"aa", Unit::Char), 2);
        assert_eq!(count_of(text, b"", Unit::Char), 6);
        assert_eq!(count_of(text, b"", Unit::Byte), 10);
    }

    #[test]
    fn replaces() {
        for (text, old, new, max, want) in [
            ("aaa", "a", "bb", Some(2), Some("bbbba")),
            ("é漢", "", "-", None, Some("-é-漢-")),
            ("é漢", "", "-", Some(2), Some("-é-漢")),
            ("", "", "x", None, Some("x")),
            ("abc", "x", "y", None, None),
            ("abc", "a", "y", Some(0), None),
        ] {
            let got = replace(text.as_bytes(), old.as_bytes(), new.as_bytes(), max, Unit::Char, 99);
            assert_eq!(got, Ok(want.map(|want| want.as_bytes().to_vec())), "{text} {old}");
        }
        assert_eq!(replace(b"aaaa", b"a", &[b'x'; 50], None, Unit::Byte, 99), Err(TextError::Memory));
    }

    #[test]
    fn partitions() {
        assert_eq!(partition(b"a-b-c", b"-", From::Left), Ok(Some((&b"a"[..], &b"b-c"[..]))));
        assert_eq!(partition(b"a-b-c", b"-", From::Right), Ok(Some((&b"a-b"[..], &b"c"[..]))));
        assert_eq!(partition(b"abc", b"-", From::Left), Ok(None));
        assert_eq!(partition(b"abc", b"", From::Left), Err(TextError::value("empty separator")));
    }
}
