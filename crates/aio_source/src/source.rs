//! The texts that a program is made of.

use crate::{LineCol, LineIndex, Span};
use std::sync::{Arc, OnceLock};

/// Names one text of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// One text with the name under which it is shown.
#[derive(Debug)]
pub struct Source {
    /// Its place in the map.
    pub id: SourceId,
    /// What tracebacks and diagnostics call it, a path or something like `<stdin>`.
    pub name: Arc<str>,
    /// The decoded text.
    pub text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl Source {
    /// A text under a name.
    pub fn new(id: SourceId, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Source {
        Source { id, name: name.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// Where the lines begin; found at the first question, since most sources never fail.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Line and column of an offset.
    pub fn line_col(&self, offset: u32) -> LineCol {
        self.lines().line_col(&self.text, offset)
    }

    /// The text of a line (from 1) without its line ending.
    pub fn line_text(&self, line: u32) -> Option<&str> {
        let range = self.lines().line_range(line)?;
        let text = Span::new(range.start, range.end).text(&self.text);
        Some(text.trim_end_matches(['\n', '\r']))
    }
}

/// All texts of one engine, in the order in which they came.
#[derive(Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// A map without texts.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a text and names it.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(self.sources.len() as u32);
        self.sources.push(Source::new(id, name, text));
        id
    }

    /// The text of a name that this map gave.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// All texts, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_shows_its_lines() {
        let mut map = SourceMap::new();
        let id = map.add("a.aio", "one\r\ntwo\n");
        let source = map.get(id).expect("just added");
        assert_eq!(source.line_text(1), Some("one"));
        assert_eq!(source.line_text(2), Some("two"));
        assert_eq!(source.line_text(3), Some(""));
        assert_eq!(source.line_col(6), LineCol { line: 2, col: 2 });
        assert!(map.get(SourceId(7)).is_none());
    }
}
