//! Docstrings: finding them, and taking away the indentation of the source.

use crate::scope::strip;
use aio_syntax::ast::{ExprKind, Stmt, StmtKind};
use std::borrow::Cow;

/// The docstring of a body, its indentation taken away.
pub(crate) fn of(body: &[Stmt]) -> Option<Box<[u8]>> {
    match &body.first()?.kind {
        StmtKind::Expr(e) => match &strip(e).kind {
            ExprKind::Str(text) => Some(clean(&text.value)),
            _ => None,
        },
        _ => None,
    }
}

/// Expands tabs, takes leading blanks from the first line, and from the others as many as they all
/// have.
fn clean(doc: &[u8]) -> Box<[u8]> {
    let doc = match memchr::memchr(b'\t', doc) {
        Some(_) => Cow::Owned(expand_tabs(doc)),
        None => Cow::Borrowed(doc),
    };
    let ends = || memchr::memchr_iter(b'\n', &doc);
    let first = &doc[..ends().next().unwrap_or(doc.len())];
    // Each line begins behind an end and goes up to the next one, or to the end of the text.
    let starts = ends().map(|end| end + 1);
    let lines = starts.zip(ends().skip(1).chain([doc.len()])).map(|(start, end)| &doc[start..end]);
    let indent = |line: &[u8]| line.iter().take_while(|&&b| b == b' ').count();
    let margin = lines.clone().filter(|line| indent(line) < line.len()).map(indent).min().unwrap_or(usize::MAX);
    let mut clean = Vec::with_capacity(doc.len());
    clean.extend_from_slice(&first[indent(first)..]);
    for line in lines {
        clean.push(b'\n');
        // A line of blanks alone keeps what it has beyond the margin.
        clean.extend_from_slice(line.get(margin.min(indent(line))..).unwrap_or_default());
    }
    clean.into()
}

fn expand_tabs(doc: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::with_capacity(doc.len());
    let mut column = 0;
    for &b in doc {
        match b {
            b'\t' => {
                let blanks = 8 - column % 8;
                expanded.resize(expanded.len() + blanks, b' ');
                column += blanks;
            }
            b'\n' | b'\r' => {
                expanded.push(b);
                column = 0;
            }
            _ => {
                expanded.push(b);
                // Columns count characters, and a character has one byte that is no continuation.
                column += (b & 0xC0 != 0x80) as usize;
            }
        }
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn indentation_goes_away() {
        let cases = [
            ("one", "one"),
            ("  one\n    two\n      three\n    ", "one\ntwo\n  three\n"),
            ("one\n\ttwo\n\n        three", "one\ntwo\n\nthree"),
            ("a\n  \n    b", "a\n\nb"),
        ];
        for (doc, expected) in cases {
            let clean = clean(doc.as_bytes());
            assert_eq!(String::from_utf8_lossy(&clean), expected, "of {doc:?}");
        }
    }
}
