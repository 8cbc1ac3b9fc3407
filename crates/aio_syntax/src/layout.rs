//! Indentation: from the column of a line's first token to `Indent` and `Dedent`.

use crate::lexer::{LexError, LexErrorKind};
use crate::token::{Spanned, Tok};
use aio_source::Span;

/// How deep blocks may nest; as in CPython, the level of the module included.
const MAX_INDENTS: usize = 100;

/// The columns of the open blocks.
///
/// Every column is counted twice, with a tab going to the next multiple of eight and with a tab
/// being one column wide. Where the two disagree about which line is deeper, the meaning depends on
/// the editor, and that is an error.
pub(crate) struct Layout {
    columns: Vec<(u32, u32)>,
    too_deep: bool,
}

impl Layout {
    pub fn new() -> Layout {
        Layout { columns: vec![(0, 0)], too_deep: false }
    }

    fn top(&self) -> (u32, u32) {
        self.columns.last().copied().unwrap_or((0, 0))
    }

    /// The column of the innermost block.
    pub fn column(&self) -> u32 {
        self.top().0
    }

    /// Whether blocks nest too deep; the last one was given an empty body.
    pub fn is_too_deep(&self) -> bool {
        self.too_deep
    }

    /// Handles the line that begins at `line_start` and whose first token stands at `lo`.
    #[inline]
    pub fn begin_line(
        &mut self,
        source: &[u8],
        line_start: usize,
        lo: u32,
        tokens: &mut Vec<Spanned>,
        errors: &mut Vec<LexError>,
    ) {
        let (mut column, mut narrow) = (0u32, 0u32);
        for &b in &source[line_start..lo as usize] {
            match b {
                b' ' => {
                    column += 1;
                    narrow += 1;
                }
                b'\t' => {
                    column = (column / 8 + 1) * 8;
                    narrow += 1;
                }
                b'\x0c' => {
                    column = 0;
                    narrow = 0;
                }
                _ => break,
            }
        }
        let span = Span::new(line_start as u32, lo);
        let mut error = |kind| errors.push(LexError { kind, span });
        let top = self.top();
        if column == top.0 {
            if narrow != top.1 {
                error(LexErrorKind::MixedTabs);
            }
        } else if column > top.0 {
            if narrow <= top.1 {
                error(LexErrorKind::MixedTabs);
            }
            self.columns.push((column, narrow));
            tokens.push((span.lo, Tok::Indent, lo));
            if self.columns.len() > MAX_INDENTS {
                self.too_deep = true;
                error(LexErrorKind::TooManyIndents);
                tokens.push((lo, Tok::Pass, lo));
            }
        } else {
            while self.top().0 > column {
                self.columns.pop();
                tokens.push((lo, Tok::Dedent, lo));
            }
            let top = self.top();
            if top.0 != column {
                error(LexErrorKind::UnmatchedDedent);
            } else if top.1 != narrow {
                error(LexErrorKind::MixedTabs);
            }
        }
    }

    /// Closes all blocks at the end of the source.
    pub fn finish(&mut self, end: u32, tokens: &mut Vec<Spanned>) {
        for _ in 1..self.columns.len() {
            tokens.push((end, Tok::Dedent, end));
        }
        self.columns.truncate(1);
    }
}
