//! Where the lines of a text begin, kept small: code objects need it only when somebody asks for columns.

use std::sync::Arc;

/// The lengths of a text's lines, line ends included, as numbers in groups of seven bits. All code objects of a text
/// share it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(Arc<[u8]>);

/// A range of a text: lines from 1, columns in bytes from 0, the end behind the last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Where it begins.
    pub start: (u32, u32),
    /// Where it ends.
    pub end: (u32, u32),
}

impl Lines {
    /// From the offsets at which the lines begin, in order and the first one 0.
    pub fn new(starts: &[u32]) -> Lines {
        let mut packed = Vec::with_capacity(starts.len());
        for pair in starts.windows(2) {
            let mut length = pair[1].wrapping_sub(pair[0]);
            while length >= 0x80 {
                packed.push(length as u8 | 0x80);
                length >>= 7;
            }
            packed.push(length as u8);
        }
        Lines(packed.into())
    }

    /// The packed form, as it is stored.
    pub(crate) fn packed(&self) -> &[u8] {
        &self.0
    }

    /// From what `packed` gave.
    pub(crate) fn from_packed(packed: &[u8]) -> Lines {
        Lines(packed.into())
    }

    /// Line and column of the first and of the last offset of a range.
    pub fn position(&self, lo: u32, hi: u32) -> Position {
        let (mut line, mut begin, mut length, mut shift) = (1, 0_u32, 0_u32, 0);
        let mut start = None;
        for &byte in self.0.iter() {
            length |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte >= 0x80 {
                continue;
            }
            let next = begin.saturating_add(length);
            if lo < next && start.is_none() {
                start = Some((line, lo.saturating_sub(begin)));
            }
            if start.is_some() && hi < next {
                break;
            }
            (line, begin, length, shift) = (line + 1, next, 0, 0);
        }
        let start = start.unwrap_or((line, lo.saturating_sub(begin)));
        Position { start, end: (line, hi.saturating_sub(begin)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_found_again() {
        let text = format!("ab\n\n{}\nlast", "x".repeat(300));
        let starts = [0, 3, 4, 305];
        let lines = Lines::new(&starts);
        for (offset, _) in text.char_indices() {
            let offset = offset as u32;
            let line = starts.partition_point(|&start| start <= offset);
            let column = offset - starts[line - 1];
            assert_eq!(lines.position(offset, offset).start, (line as u32, column));
        }
        let whole = lines.position(1, text.len() as u32);
        assert_eq!(whole, Position { start: (1, 1), end: (4, 4) });
        assert_eq!(Lines::default().position(2, 5), Position { start: (1, 2), end: (1, 5) });
        assert_eq!(Lines::from_packed(lines.packed()), lines);
    }
}
