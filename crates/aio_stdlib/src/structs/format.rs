//! Formats of struct: their letters, sizes and alignment.

use super::number::Kind;
use aio_vm::R;

/// What a letter means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letter {
    Pad,
    Char,
    Bool,
    Text,
    Pascal,
    Number(Kind),
}

/// A letter with its count, its place, and the size of one of it.
#[derive(Debug)]
pub(super) struct Item {
    pub letter: Letter,
    pub code: char,
    pub count: usize,
    pub size: usize,
    pub at: usize,
}

#[derive(Debug)]
pub(super) struct Format {
    pub items: Vec<Item>,
    pub size: usize,
    pub little: bool,
    pub native: bool,
    /// How many values it takes.
    pub values: usize,
}

fn letter(code: char, native: bool) -> Option<(Letter, usize)> {
    use Kind::{Float, Signed, Unsigned};
    let number = |kind, size| Some((Letter::Number(kind), size));
    match code {
        'x' => Some((Letter::Pad, 1)),
        'c' => Some((Letter::Char, 1)),
        's' => Some((Letter::Text, 1)),
        'p' => Some((Letter::Pascal, 1)),
        '?' => Some((Letter::Bool, 1)),
        'b' => number(Signed, 1),
        'B' => number(Unsigned, 1),
        'h' => number(Signed, 2),
        'H' => number(Unsigned, 2),
        'i' => number(Signed, 4),
        'I' => number(Unsigned, 4),
        'l' => number(Signed, if native { 8 } else { 4 }),
        'L' => number(Unsigned, if native { 8 } else { 4 }),
        'q' => number(Signed, 8),
        'Q' => number(Unsigned, 8),
        'n' if native => number(Signed, 8),
        'N' | 'P' if native => number(Unsigned, 8),
        'e' => number(Float, 2),
        'f' => number(Float, 4),
        'd' => number(Float, 8),
        _ => None,
    }
}

impl Format {
    /// Reads a format; its error is the text of a struct.error.
    pub(super) fn parse(text: &str) -> Result<Format, &'static str> {
        let mut chars = text.chars().peekable();
        let (mut native, mut little) = (true, cfg!(target_endian = "little"));
        match chars.peek() {
            Some('@') => drop(chars.next()),
            Some('=') => (native, _) = (false, chars.next()),
            Some('<') => (native, little, _) = (false, true, chars.next()),
            Some('>' | '!') => (native, little, _) = (false, false, chars.next()),
            _ => {}
        }
        let mut format = Format { items: Vec::new(), size: 0, little, native, values: 0 };
        while let Some(c) = chars.next() {
            if c.is_ascii_whitespace() {
                continue;
            }
            if c == '\0' {
                return Err("embedded null character");
            }
            let mut code = c;
            let mut count = 1usize;
            if c.is_ascii_digit() {
                count = 0;
                let mut digit = Some(c);
                while let Some(d) = digit.and_then(|d| d.to_digit(10)) {
                    count = count
                        .checked_mul(10)
                        .and_then(|n| n.checked_add(d as usize))
                        .filter(|n| *n <= isize::MAX as usize)
                        .ok_or("total struct size too long")?;
                    digit = chars.next();
                }
                code = digit.ok_or("repeat count given without format specifier")?;
            }
            format.add(code, count, native)?;
        }
        Ok(format)
    }

    fn add(&mut self, code: char, count: usize, native: bool) -> Result<(), &'static str> {
        let (letter, size) = letter(code, native).ok_or("bad char in struct format")?;
        if native && matches!(letter, Letter::Number(_)) {
            self.size = self.size.div_ceil(size) * size;
        }
        let at = self.size;
        let total = count.checked_mul(size).and_then(|n| n.checked_add(at)).filter(|n| *n <= isize::MAX as usize);
        self.size = total.ok_or("total struct size too long")?;
        self.values += match letter {
            Letter::Pad => 0,
            Letter::Text | Letter::Pascal => 1,
            _ => count,
        };
        self.items.push(Item { letter, code, count, size, at });
        Ok(())
    }
}

/// The least and the greatest number of a size.
pub(super) fn bounds(kind: Kind, size: usize) -> (i128, i128) {
    let bits = 8 * size as u32;
    match kind {
        Kind::Unsigned => (0, (1i128 << bits) - 1),
        _ => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
    }
}

/// A place that may count from the end.
pub(super) fn settled(offset: i64, length: usize) -> Option<usize> {
    if offset >= 0 { Some(offset as usize) } else { (length as i64 + offset).try_into().ok() }
}

/// The formats of short texts that were used before.
pub(super) type Known = std::cell::RefCell<std::collections::HashMap<String, std::rc::Rc<Format>>>;

/// A format, from the cache if it was used before.
pub(super) fn cached(known: &Known, text: &str, error: impl Fn(&str) -> aio_vm::Raised) -> R<std::rc::Rc<Format>> {
    if let Some(f) = known.borrow().get(text) {
        return Ok(f.clone());
    }
    let f = std::rc::Rc::new(Format::parse(text).map_err(error)?);
    let mut known = known.borrow_mut();
    if known.len() >= 100 {
        known.clear();
    }
    known.insert(text.to_owned(), f.clone());
    Ok(f)
}
