//! From byte offsets to lines and columns.

/// A position as a person counts it: both numbers start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// Line number, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub col: u32,
}

/// Where each line of a text begins. A line ends at `\n`, `\r\n` or a lone `\r`, as for the lexer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Walks once over the text.
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for i in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            // Of two bytes that end a line together, the second one counts.
            if bytes[i] == b'\n' || bytes.get(i + 1) != Some(&b'\n') {
                starts.push(i as u32 + 1);
            }
        }
        LineIndex { starts, len: bytes.len() as u32 }
    }

    /// The offsets at which the lines begin.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The number of lines; a text that ends in a newline has an empty last one.
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The line of an offset, from 1. An offset behind the text belongs to the last line.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    /// The offsets of a line (from 1), its line ending included; `None` if there is no such line.
    pub fn line_range(&self, line: u32) -> Option<std::ops::Range<u32>> {
        let i = line.checked_sub(1)? as usize;
        let start = *self.starts.get(i)?;
        Some(start..self.starts.get(i + 1).copied().unwrap_or(self.len))
    }

    /// Line and column of an offset in the text that the index was made from.
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let offset = offset.min(self.len);
        let line = self.line(offset);
        let start = self.starts[line as usize - 1] as usize;
        let before = text.as_bytes().get(start..offset as usize);
        // Characters are counted by their first bytes, so an offset inside one is harmless.
        let col = before.unwrap_or_default().iter().filter(|&&b| b & 0xC0 != 0x80).count();
        LineCol { line, col: col as u32 + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let index = LineIndex::new("a\r\nb\rc\nd");
        assert_eq!(index.line_count(), 4);
        let lines: Vec<u32> = (0..9).map(|offset| index.line(offset)).collect();
        assert_eq!(lines, [1, 1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!(index.line_range(2), Some(3..5));
        assert_eq!(index.line_range(5), None);
    }

    #[test]
    fn columns_count_characters() {
        let text = "x\nhé = 'ü'";
        let index = LineIndex::new(text);
        let offset = text.find('=').map(|i| i as u32);
        let at = index.line_col(text, offset.unwrap_or_default());
        assert_eq!(at, LineCol { line: 2, col: 4 });
        assert_eq!(index.line_col(text, 999).line, 2);
    }
}
