//! What parts of a text are, for colours: any text can be painted, also one that is half typed.

use crate::token::Raw;
use logos::Logos;
use std::ops::Range;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// A word of the language.
    Keyword,
    /// A string, or the beginning of one.
    String,
    /// A number.
    Number,
    /// What cannot stand there.
    Error,
}

/// The parts of a text that have a colour, in order.
pub fn paint(text: &str) -> Vec<(Range<usize>, Paint)> {
    let mut lexer = Raw::lexer(text);
    let mut parts = Vec::new();
    while let Some(token) = lexer.next() {
        let what = match token {
            Ok(Raw::String | Raw::FStart) => Paint::String,
            Ok(Raw::Number(_)) => Paint::Number,
            Ok(_) if KEYWORDS.contains(&lexer.slice()) => Paint::Keyword,
            Ok(_) => continue,
            Err(_) if lexer.slice().starts_with(['"', '\'']) => Paint::String,
            Err(_) => Paint::Error,
        };
        parts.push((lexer.span(), what));
    }
    parts
}

/// The words of the language, for completion.
pub const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "type", "while", "with", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_typed_lines_have_colours() {
        let of = |text: &str| paint(text).into_iter().map(|(r, p)| (text[r].to_owned(), p)).collect::<Vec<_>>();
        assert_eq!(of("if x: 1"), [("if".to_owned(), Paint::Keyword), ("1".to_owned(), Paint::Number)]);
        assert_eq!(of("'open")[0].1, Paint::String);
    }
}
