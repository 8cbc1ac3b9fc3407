//! Stripping, padding, joining and translating of str and bytes.

use super::search::{From, Unit};
use super::{TextError, TextResult, check_limit, split, wtf8};

/// Which ends `strip` works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    Both,
    Left,
    Right,
}

impl Ends {
    fn left(self) -> bool {
        self != Ends::Right
    }

    fn right(self) -> bool {
        self != Ends::Left
    }
}

/// `text.strip()`, `lstrip()` or `rstrip()`.
pub fn strip(text: &[u8], unit: Unit, ends: Ends) -> &[u8] {
    let text = if ends.left() { split::trim_start(text, unit) } else { text };
    if ends.right() { split::trim_end(text, unit) } else { text }
}

/// `text.strip(set)` and its kin.
pub fn strip_set<'a>(text: &'a [u8], set: &[u8], unit: Unit, ends: Ends) -> &'a [u8] {
    if unit == Unit::Byte || set.is_ascii() {
        // An ASCII byte is never part of a longer character.
        let mut members = [false; 256];
        set.iter().for_each(|&byte| members[byte as usize] = true);
        let keep = |byte: &u8| !members[*byte as usize];
        let start = if ends.left() { text.iter().position(keep).unwrap_or(text.len()) } else { 0 };
        let end = if ends.right() { text.iter().rposition(keep).map_or(start, |last| last + 1) } else { text.len() };
        return &text[start..end.max(start)];
    }
    let members: Vec<u32> = wtf8::code_points(set).collect();
    let mut walk = wtf8::code_points(text);
    let mut rest = text;
    if ends.left() {
        while walk.next().is_some_and(|code| members.contains(&code)) {
            rest = walk.as_bytes();
        }
    }
    let mut walk = wtf8::code_points(rest);
    if ends.right() {
        while walk.next_back().is_some_and(|code| members.contains(&code)) {
            rest = walk.as_bytes();
        }
    }
    rest
}

/// Where `ljust`, `rjust` and `center` put the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    Center,
}

/// `text.ljust(width, fill)` and its kin; `fill` is a code point or a byte. `None` when the text is wide enough.
pub fn pad(text: &[u8], unit: Unit, width: i64, fill: u32, align: Align, limit: usize) -> TextResult<Option<Vec<u8>>> {
    let length = unit.count(text);
    let width = usize::try_from(width).unwrap_or(0);
    let Some(missing) = width.checked_sub(length).filter(|&missing| missing > 0) else {
        return Ok(None);
    };
    let left = match align {
        Align::Left => 0,
        Align::Right => missing,
        // The odd one goes left if the width is odd too.
        Align::Center => missing / 2 + (missing & width & 1),
    };
    let mut out = Vec::new();
    let (fill, fill_width) = match unit {
        Unit::Char => wtf8::encode(fill),
        Unit::Byte => ([fill as u8, 0, 0, 0], 1),
    };
    let size =
        missing.checked_mul(fill_width).and_then(|added| added.checked_add(text.len())).ok_or(TextError::Memory)?;
    check_limit(size, limit)?;
    out.try_reserve_exact(size).map_err(|_| TextError::Memory)?;
    push_repeated(&mut out, &fill[..fill_width], left);
    out.extend_from_slice(text);
    push_repeated(&mut out, &fill[..fill_width], missing - left);
    Ok(Some(out))
}

pub(super) fn push_repeated(out: &mut Vec<u8>, part: &[u8], count: usize) {
    match part {
        [byte] => out.resize(out.len() + count, *byte),
        _ => (0..count).for_each(|_| out.extend_from_slice(part)),
    }
}

/// `text.zfill(width)`; `None` when the text is wide enough.
pub fn zfill(text: &[u8], unit: Unit, width: i64, limit: usize) -> TextResult<Option<Vec<u8>>> {
    let mut padded = pad(text, unit, width, '0' as u32, Align::Right, limit)?;
    if let (Some(out), Some(sign @ (b'+' | b'-'))) = (&mut padded, text.first()) {
        let place = out.len() - text.len();
        out[place] = b'0';
        out[0] = *sign;
    }
    Ok(padded)
}

/// `text.expandtabs(size)`.
pub fn expand_tabs(text: &[u8], unit: Unit, size: i64, limit: usize) -> TextResult<Vec<u8>> {
    let size = usize::try_from(size).unwrap_or(0);
    let mut out = Vec::with_capacity(text.len());
    let mut column = 0;
    for &byte in text {
        match byte {
            b'\t' => {
                if size > 0 {
                    let spaces = size - column % size;
                    check_limit(out.len().saturating_add(spaces), limit)?;
                    out.try_reserve(spaces).map_err(|_| TextError::Memory)?;
                    push_repeated(&mut out, b" ", spaces);
                }
                column = 0;
            }
            b'\n' | b'\r' => {
                column = 0;
                out.push(byte);
            }
            _ => {
                // Continuation bytes of a str take no column.
                column += (unit == Unit::Byte || byte & 0xC0 != 0x80) as usize;
                out.push(byte);
            }
        }
    }
    Ok(out)
}

/// `sep.join(parts)`.
pub fn join<'a>(sep: &[u8], parts: impl Iterator<Item = &'a [u8]> + Clone, limit: usize) -> TextResult<Vec<u8>> {
    let (mut count, mut size) = (0usize, 0usize);
    for part in parts.clone() {
        count += 1;
        size = size.checked_add(part.len()).ok_or(TextError::Memory)?;
    }
    let between = count.saturating_sub(1).checked_mul(sep.len()).ok_or(TextError::Memory)?;
    let size = size.checked_add(between).ok_or(TextError::Memory)?;
    check_limit(size, limit)?;
    let mut out = Vec::with_capacity(size);
    for (place, part) in parts.enumerate() {
        if place > 0 {
            out.extend_from_slice(sep);
        }
        out.extend_from_slice(part);
    }
    Ok(out)
}

/// `text * count`.
pub fn repeat(text: &[u8], count: i64, limit: usize) -> TextResult<Vec<u8>> {
    let count = usize::try_from(count).unwrap_or(0);
    let size = text.len().checked_mul(count).ok_or(TextError::Memory)?;
    check_limit(size, limit)?;
    let mut out = Vec::new();
    out.try_reserve_exact(size).map_err(|_| TextError::Memory)?;
    push_repeated(&mut out, text, if text.is_empty() { 0 } else { count });
    Ok(out)
}

/// `text.translate(table)`: `map` appends what stands for a code point; nothing appended deletes it.
pub fn translate<E>(text: &[u8], mut map: impl FnMut(u32, &mut Vec<u8>) -> Result<(), E>) -> Result<Vec<u8>, E> {
    let mut out = Vec::with_capacity(text.len());
    for code in wtf8::code_points(text) {
        map(code, &mut out)?;
    }
    Ok(out)
}

/// `text.removeprefix(affix)` or `removesuffix`.
pub fn remove_affix<'a>(text: &'a [u8], affix: &[u8], from: From) -> &'a [u8] {
    match from {
        From::Left => text.strip_prefix(affix).unwrap_or(text),
        From::Right => text.strip_suffix(affix).unwrap_or(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips() {
        let text = "\u{3000} a b\u{1f}".as_bytes();
        assert_eq!(strip(text, Unit::Char, Ends::Both), b"a b");
        assert_eq!(strip(text, Unit::Char, Ends::Right), "\u{3000} a b".as_bytes());
        assert_eq!(strip(text, Unit::Byte, Ends::Both), text);
        assert_eq!(strip_set("éaxaé".as_bytes(), "aé".as_bytes(), Unit::Char, Ends::Both), b"x");
        assert_eq!(strip_set(b"xxaxx", b"x", Unit::Char, Ends::Left), b"axx");
        assert_eq!(strip_set(b"xx", b"x", Unit::Byte, Ends::Both), b"");
    }

    #[test]
    fn pads() {
        let padded = |text: &str, width, fill: char, align| {
            let out = pad(text.as_bytes(), Unit::Char, width, fill as u32, align, 100).unwrap();
            out.map(|out| String::from_utf8(out).unwrap())
        };
        assert_eq!(padded("ab", 5, '*', Align::Center).as_deref(), Some("**ab*"));
        assert_eq!(padded("abc", 6, '*', Align::Center).as_deref(), Some("*abc**"));
        assert_eq!(padded("é", 3, '漢', Align::Left).as_deref(), Some("é漢漢"));
        assert_eq!(padded("é", 1, ' ', Align::Right), None);
        assert_eq!(padded("é", -5, ' ', Align::Right), None);
        assert_eq!(pad(b"a", Unit::Byte, i64::MAX, 0x20, Align::Left, 100), Err(TextError::Memory));
        assert_eq!(zfill(b"-12", Unit::Char, 6, 100), Ok(Some(b"-00012".to_vec())));
        assert_eq!(zfill(b"+", Unit::Char, 3, 100), Ok(Some(b"+00".to_vec())));
        assert_eq!(zfill(b"123", Unit::Char, 2, 100), Ok(None));
    }

    #[test]
    fn expands_and_joins() {
        assert_eq!(expand_tabs("é\ta\nbc\td".as_bytes(), Unit::Char, 4, 100).unwrap(), "é   a\nbc  d".as_bytes());
        assert_eq!(expand_tabs(b"a\tb", Unit::Char, 0, 100).unwrap(), b"ab");
        assert_eq!(expand_tabs(b"\t", Unit::Char, i64::MAX, 100), Err(TextError::Memory));
        assert_eq!(join(b", ", [&b"a"[..], b"", b"c"].into_iter(), 100).unwrap(), b"a, , c");
        assert_eq!(repeat(b"ab", 3, 100).unwrap(), b"ababab");
        assert_eq!(repeat(b"ab", -3, 100).unwrap(), b"");
        assert_eq!(repeat(b"", i64::MAX, 100).unwrap(), b"");
        assert_eq!(repeat(b"ab", i64::MAX, 100), Err(TextError::Memory));
        assert_eq!(remove_affix(b"unfold", b"un", From::Left), b"fold");
        assert_eq!(remove_affix(b"unfold", b"un", From::Right), b"unfold");
        let doubled = translate::<()>("aé".as_bytes(), |code, out| {
            (0..2).for_each(|_| wtf8::push(out, code));
            Ok(())
        });
        assert_eq!(doubled.unwrap(), "aaéé".as_bytes());
    }
}
