//! What the lexer finds wrong, and CPython's words for it.

use super::number;
use crate::token::Tok;
use aio_source::{Diagnostic, LineIndex, Named, Span};

/// A mistake with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LexError {
    pub kind: LexErrorKind,
    pub span: Span,
}

/// The mistakes that the lexer finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LexErrorKind {
    UnexpectedChar,
    UnterminatedString { is_f: bool, triple: bool },
    BadNumber,
    BadContinuation,
    ContinuationAtEof,
    UnmatchedClose { in_field: bool },
    MismatchedClose { bracket: Tok, at: u32 },
    UnclosedBracket,
    TooManyBrackets,
    TooManyFStrings,
    TooManyIndents,
    MixedTabs,
    UnmatchedDedent,
    FStringSingleBrace,
    FStringExpectsBrace,
    FStringExpectsSpec,
    FStringTooDeep,
}

impl LexError {
    /// Whether more text could make it right.
    pub fn is_incomplete(&self) -> bool {
        matches!(
            self.kind,
            LexErrorKind::UnclosedBracket
                | LexErrorKind::UnterminatedString { triple: true, .. }
                | LexErrorKind::ContinuationAtEof
        )
    }

    /// The error as others see it.
    pub fn diagnostic(&self, source: &str, lines: &LineIndex) -> Diagnostic {
        let span = self.span;
        let text = span.text(source);
        let message = match self.kind {
            LexErrorKind::UnexpectedChar => return self.unexpected_char(text),
            LexErrorKind::UnterminatedString { is_f, triple } => {
                return self.unterminated(source, lines, is_f, triple);
            }
            LexErrorKind::MismatchedClose { bracket, at } => {
                return self.mismatched(text, lines, bracket, at);
            }
            LexErrorKind::BadNumber => {
                let Some(problem) = number::scan(text.as_bytes()).problem else {
                    return Diagnostic::syntax(span, "invalid syntax");
                };
                let named = if problem.message.starts_with("leading zeros") {
                    Named::To(span.lo + text.len() as u32 - text.trim_start_matches(['0', '_']).len() as u32)
                } else {
                    Named::Point(span.lo + problem.point as u32)
                };
                return Diagnostic::syntax(span, problem.message).named(named);
            }
            LexErrorKind::UnmatchedClose { in_field: true } => {
                format!("f-string: unmatched '{text}'")
            }
            LexErrorKind::UnmatchedClose { in_field: false } => format!("unmatched '{text}'"),
            LexErrorKind::UnclosedBracket => format!("'{text}' was never closed"),
            LexErrorKind::BadContinuation => "unexpected character after line continuation character".into(),
            LexErrorKind::ContinuationAtEof => "unexpected EOF while parsing".into(),
            LexErrorKind::TooManyBrackets => "too many nested parentheses".into(),
            LexErrorKind::TooManyFStrings => "too many nested f-strings".into(),
            LexErrorKind::FStringSingleBrace => "f-string: single '}' is not allowed".into(),
            LexErrorKind::FStringExpectsBrace => "f-string: expecting '}'".into(),
            LexErrorKind::FStringExpectsSpec => "f-string: expecting '}', or format specs".into(),
            LexErrorKind::FStringTooDeep => "f-string: expressions nested too deeply".into(),
            LexErrorKind::TooManyIndents => {
                let message = "too many levels of indentation";
                return Diagnostic::error("IndentationError", span, message);
            }
            LexErrorKind::UnmatchedDedent => {
                let message = "unindent does not match any outer indentation level";
                return Diagnostic::error("IndentationError", span, message);
            }
            LexErrorKind::MixedTabs => {
                let message = "inconsistent use of tabs and spaces in indentation";
                return Diagnostic::error("TabError", span, message);
            }
        };
        let named = match self.kind {
            LexErrorKind::UnclosedBracket => Named::Column(0),
            _ => Named::Point(span.lo),
        };
        Diagnostic::syntax(span, message).named(named)
    }

    fn unexpected_char(&self, text: &str) -> Diagnostic {
        let c = text.chars().next().unwrap_or('\0');
        if c == '\0' {
            let message = "source code string cannot contain null bytes";
            return Diagnostic::syntax(self.span, message);
        }
        let code = u32::from(c);
        let printable = !(c.is_control() || c.is_whitespace() || is_invisible(c));
        let message = if printable {
            format!("invalid character '{c}' (U+{code:04X})")
        } else {
            format!("invalid non-printable character U+{code:04X}")
        };
        Diagnostic::syntax(self.span, message).named(Named::Point(self.span.lo))
    }

    fn unterminated(&self, source: &str, lines: &LineIndex, is_f: bool, triple: bool) -> Diagnostic {
        let text = self.span.text(source);
        // A line end at the very end of the text begins no line that could be looked at.
        let end = self.span.lo + text.trim_end_matches(['\n', '\r']).len() as u32;
        let mut line = lines.line(end);
        if triple && text.len() > text.trim_end_matches(['\n', '\r']).len() {
            line = lines.line(self.span.hi).saturating_sub(1).max(line);
        }
        let mut message = format!(
            "unterminated {}{}string literal (detected at line {line})",
            if triple { "triple-quoted " } else { "" },
            if is_f { "f-" } else { "" },
        );
        let mut help = None;
        if !triple && !is_f && escapes_its_quote(text) {
            message.push_str("; perhaps you escaped the end quote?");
            help = Some("write `\\\\` for a backslash at the end of a string".to_string());
        }
        let mut diagnostic = Diagnostic::syntax(self.span, message).named(Named::Point(self.span.lo));
        diagnostic.help = help;
        diagnostic
    }

    fn mismatched(&self, text: &str, lines: &LineIndex, bracket: Tok, at: u32) -> Diagnostic {
        let open = match bracket {
            Tok::LPar => '(',
            Tok::LSqb => '[',
            _ => '{',
        };
        let mut message = format!("closing parenthesis '{text}' does not match opening parenthesis '{open}'");
        let line = lines.line(at);
        if line != lines.line(self.span.lo) {
            message.push_str(&format!(" on line {line}"));
        }
        Diagnostic::syntax(self.span, message)
            .named(Named::Point(self.span.lo))
            .with_label(Span::new(at, at + 1), "this one is still open")
    }
}

/// Whether a quote of the unterminated literal's own kind stands behind a backslash.
fn escapes_its_quote(text: &str) -> bool {
    let bytes = text.as_bytes();
    let quote = bytes.iter().find(|b| matches!(b, b'"' | b'\''));
    quote.is_some_and(|&quote| bytes.windows(2).any(|pair| pair == [b'\\', quote]))
}

/// Format characters and other code points without a picture, as far as they turn up in sources.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x180E | 0x200B..=0x200F | 0x202A..=0x202E
        | 0x2060..=0x206F | 0xD800..=0xF8FF | 0xFEFF | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF
        | 0xF0000..=0x10FFFF)
}
