//! Finding, counting and replacing parts of str and bytes.

use super::{TextError, TextResult, check_limit, wtf8};
use memchr::memmem;
use smallvec::SmallVec;

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

/// Texts up to this many bytes are searched for one byte by words: what looks at more at once takes longer to begin.
pub(crate) const FEW: usize = 64;

/// Byte offset of the first such byte.
#[inline(always)]
pub fn find_byte(text: &[u8], byte: u8) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    if text.len() > FEW {
        return memchr::memchr(byte, text);
    }
    // The lowest of the bytes that are equal keeps its highest bit.
    let look = |word: &[u8; 8]| {
        let differs = u64::from_le_bytes(*word) ^ (ONES * byte as u64);
        let found = differs.wrapping_sub(ONES) & !differs & HIGHEST;
        (found != 0).then(|| found.trailing_zeros() as usize / 8)
    };
    for (i, word) in text.as_chunks::<8>().0.iter().enumerate() {
        if let Some(at) = look(word) {
            return Some(i * 8 + at);
        }
    }
    match text.last_chunk::<8>() {
        // What it has of the word before is known to differ.
        Some(last) => look(last).map(|at| text.len() - 8 + at),
        None => text.iter().position(|b| *b == byte),
    }
}

/// Byte offset of the first occurrence.
#[inline]
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(0),
        [byte] => find_byte(text, *byte),
        _ if text.len() <= SHORT => find_short(text, needle, 0),
        _ => memmem::find(text, needle),
    }
}

/// Byte offset of the first occurrence at or behind `from`; the needle is not empty.
fn find_short(text: &[u8], needle: &[u8], mut from: usize) -> Option<usize> {
    let last = text.len().checked_sub(needle.len())?;
    while from <= last {
        let at = from + find_byte(&text[from..=last], needle[0])?;
        if needle.len() == 1 || text[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Byte offsets of the occurrences that do not overlap; the needle is not empty.
pub fn places<'a>(text: &'a [u8], needle: &'a [u8]) -> Places<'a> {
    if let [byte] = needle
        && text.len() > FEW
    {
        Places::Byte(memchr::memchr_iter(*byte, text))
    } else if text.len() <= SHORT {
        Places::Short { text, needle, from: 0 }
    } else {
        Places::Long(Box::new(memmem::find_iter(text, needle)))
    }
}

/// See [`places`].
pub enum Places<'a> {
    Byte(memchr::Memchr<'a>),
    Short { text: &'a [u8], needle: &'a [u8], from: usize },
    Long(Box<memmem::FindIter<'a, 'a>>),
}

impl Iterator for Places<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Places::Byte(found) => found.next(),
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

/// What `text.replace(old, new, max)` will change, and how many bytes come of it.
pub struct Replacement<'a> {
    text: &'a [u8],
    old: &'a [u8],
    new: &'a [u8],
    unit: Unit,
    found: usize,
    /// Whether nothing that was found stays.
    all: bool,
    /// Where the first of them begin.
    first: SmallVec<[usize; 8]>,
    pub size: usize,
}

impl<'a> Replacement<'a> {
    /// Looks for what is to be replaced; `None` when nothing changes, so that the caller can keep the object.
    pub fn plan(
        text: &'a [u8],
        old: &'a [u8],
        new: &'a [u8],
        max: Option<usize>,
        unit: Unit,
        limit: usize,
    ) -> TextResult<Option<Replacement<'a>>> {
        let all = max.is_none();
        let max = max.unwrap_or(usize::MAX);
        if max == 0 || old == new || old.len() > text.len() {
            return Ok(None);
        }
        let mut first = SmallVec::new();
        let found = if old.is_empty() {
            (unit.count(text) + 1).min(max)
        } else {
            let mut places = places(text, old).take(max);
            first.extend(places.by_ref().take(first.inline_size()));
            first.len() + places.count()
        };
        if found == 0 {
            return Ok(None);
        }
        let size = found
            .checked_mul(new.len())
            .and_then(|added| added.checked_add(text.len() - found * old.len()))
            .ok_or(TextError::Memory)?;
        check_limit(size, limit)?;
        Ok(Some(Replacement { text, old, new, unit, found, all, first, size }))
    }

    /// The text that comes of it.
    pub fn made(&self) -> Vec<u8> {
        let mut out = vec![0; self.size];
        self.write(&mut out);
        out
    }

    /// Writes the text, which takes `size` bytes.
    pub fn write(&self, mut out: &mut [u8]) {
        let mut done = 0;
        let mut put = |at: usize| {
            for part in [&self.text[done..at], self.new] {
                let (place, rest) = std::mem::take(&mut out).split_at_mut(part.len());
                place.copy_from_slice(part);
                out = rest;
            }
            done = at + self.old.len();
        };
        if self.old.is_empty() {
            starts(self.text, self.unit).take(self.found).for_each(&mut put);
        } else if let ([old], [new]) = (self.old, self.new)
            && self.all
            && self.found > self.first.len()
        {
            out.iter_mut().zip(self.text).for_each(|(place, b)| *place = if b == old { *new } else { *b });
            return;
        } else {
            self.first.iter().copied().for_each(&mut put);
            if self.found > self.first.len() {
                places(self.text, self.old).take(self.found).skip(self.first.len()).for_each(&mut put);
            }
        }
        out.copy_from_slice(&self.text[done..]);
    }
}

/// Where the units of a text begin, and its end.
fn starts(text: &[u8], unit: Unit) -> impl Iterator<Item = usize> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let at = next?;
        let width = match unit {
            Unit::Byte => (at < text.len()).then_some(1),
            Unit::Char => wtf8::decode_at(text, at).map(|(_, width)| width),
        };
        next = width.map(|width| at + width);
        Some(at)
    })
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
    fn finds_bytes_in_texts_of_all_lengths() {
        for length in 0..100 {
            let mut text: Vec<u8> = (0..length).map(|i| 0x7f + i as u8 % 3).collect();
            assert_eq!(find_byte(&text, b'!'), None);
            for at in 0..length {
                let old = std::mem::replace(&mut text[at], b'!');
                assert_eq!(find_byte(&text, b'!'), Some(at));
                text[at] = old;
            }
        }
    }

    #[test]
    fn replaces() {
        for (text, old, new, max, want) in [
            ("aaa", "a", "bb", Some(2), Some("bbbba")),
            ("a.a.a.a.a.a.a.a.a.a.a", ".", "", None, Some("aaaaaaaaaaa")),
            ("a.a.a.a.a.a.a.a.a.a.a", ".", "-", Some(9), Some("a-a-a-a-a-a-a-a-a-a.a")),
            ("a.a.a.a.a.a.a.a.a.a.a", ".a", "b", None, Some("abbbbbbbbbb")),
            ("é漢", "", "-", None, Some("-é-漢-")),
            ("é漢", "", "-", Some(2), Some("-é-漢")),
            ("", "", "x", None, Some("x")),
            ("abc", "x", "y", None, None),
            ("abc", "a", "y", Some(0), None),
        ] {
            let plan = Replacement::plan(text.as_bytes(), old.as_bytes(), new.as_bytes(), max, Unit::Char, 99);
            let got = plan.unwrap().map(|plan| String::from_utf8(plan.made()).unwrap());
            assert_eq!(got.as_deref(), want, "{text} {old}");
        }
        let long = Replacement::plan(b"aaaa", b"a", &[b'x'; 50], None, Unit::Byte, 99);
        assert_eq!(long.err(), Some(TextError::Memory));
    }

    #[test]
    fn partitions() {
        assert_eq!(partition(b"a-b-c", b"-", From::Left), Ok(Some((&b"a"[..], &b"b-c"[..]))));
        assert_eq!(partition(b"a-b-c", b"-", From::Right), Ok(Some((&b"a-b"[..], &b"c"[..]))));
        assert_eq!(partition(b"abc", b"-", From::Left), Ok(None));
        assert_eq!(partition(b"abc", b"", From::Left), Err(TextError::value("empty separator")));
    }
}
