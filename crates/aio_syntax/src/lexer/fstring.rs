//! The literal parts of f-strings: where a field begins, where the string ends.

use super::{Driver, Field, LexErrorKind, MAX_BRACKETS};
use crate::token::{FTok, Tok};
use logos::Logos;

/// How deep fields may nest in format specifications; as in CPython.
const MAX_NESTED_FIELDS: usize = 2;

impl Driver<'_> {
    /// Lexes f-string text from `at` on, up to a field or to the end of the string. Returns the
    /// offset at which code begins.
    pub(super) fn fstring_text(&mut self, at: usize) -> usize {
        let Some(fstring) = self.fstrings.last() else {
            return at;
        };
        let opener = fstring.opener;
        let start = fstring.start;
        let in_spec = fstring.fields.last().is_some_and(|field| field.in_spec);
        let bytes = self.source.as_bytes();
        let mut lexer = FTok::lexer(self.source);
        lexer.bump(at);
        let restart = |offset: usize| {
            let mut lexer = FTok::lexer(self.source);
            lexer.bump(offset);
            lexer
        };
        loop {
            let Some(result) = lexer.next() else {
                let end = self.source.len() as u32;
                self.middle(at, end);
                self.unterminated(start, end);
                return self.source.len();
            };
            // The patterns leave out a lone backslash at the end, which is text like any other.
            let Ok(tok) = result else { continue };
            let (lo, hi) = (lexer.span().start, lexer.span().end);
            match tok {
                FTok::DoubleLBrace if !in_spec => {}
                FTok::DoubleRBrace if !in_spec => {}
                // In a specification `{{` is a field that begins with a brace of its own.
                FTok::LBrace | FTok::DoubleLBrace => {
                    self.middle(at, lo as u32);
                    self.open_field(lo as u32);
                    return lo + 1;
                }
                FTok::RBrace | FTok::DoubleRBrace if in_spec => {
                    self.middle(at, lo as u32);
                    self.push(lo as u32, Tok::FRBrace, lo as u32 + 1);
                    if let Some(fstring) = self.fstrings.last_mut() {
                        fstring.fields.pop();
                    }
                    // The text of the enclosing specification or string follows.
                    return self.fstring_text(lo + 1);
                }
                FTok::RBrace | FTok::DoubleRBrace => {
                    self.error(LexErrorKind::FStringSingleBrace, lo as u32, hi as u32);
                }
                FTok::Quote => {
                    let quotes = opener.quotes() as usize;
                    if bytes[lo] != opener.quote || hi - lo < quotes {
                        continue;
                    }
                    self.middle(at, lo as u32);
                    if in_spec {
                        // Only reached in a specification without its closing brace.
                        self.error(LexErrorKind::FStringExpectsSpec, lo as u32, lo as u32 + 1);
                        self.abandon_fstring((lo + quotes) as u32);
                    } else {
                        self.push(lo as u32, Tok::FEnd, (lo + quotes) as u32);
                        self.fstrings.pop();
                    }
                    return lo + quotes;
                }
                FTok::Newline if !opener.triple => {
                    self.middle(at, lo as u32);
                    if in_spec {
                        self.error(LexErrorKind::FStringExpectsBrace, lo as u32, lo as u32);
                        self.skip_line_of_spec(lo as u32);
                    } else {
                        self.unterminated(start, lo as u32);
                    }
                    return lo;
                }
                // A backslash does not hide a brace: only `\N{...}` has one of its own.
                FTok::Escape if matches!(bytes.get(lo + 1), Some(b'{' | b'}')) => {
                    lexer = restart(lo + 1);
                }
                FTok::Escape if bytes.get(lo + 1) == Some(&b'\r') => {
                    // Both bytes of a line end are hidden.
                    if bytes.get(hi) == Some(&b'\n') {
                        lexer = restart(hi + 1);
                    }
                }
                FTok::NamedEscape if opener.raw => lexer = restart(lo + 2),
                FTok::NamedEscape | FTok::Escape | FTok::Newline | FTok::Text => {}
            }
        }
    }

    fn middle(&mut self, at: usize, end: u32) {
        if end > at as u32 {
            self.push(at as u32, Tok::FMiddle, end);
        }
    }

    fn open_field(&mut self, lo: u32) {
        self.push(lo, Tok::FLBrace, lo + 1);
        let brackets = self.brackets.len();
        let outer: usize = self.fstrings.iter().map(|f| f.fields.len()).sum();
        if brackets + outer == MAX_BRACKETS {
            self.stop(LexErrorKind::TooManyBrackets, lo, lo + 1);
        }
        let mut too_deep = false;
        if let Some(fstring) = self.fstrings.last_mut() {
            too_deep = fstring.fields.len() == MAX_NESTED_FIELDS + 1;
            fstring.fields.push(Field { brackets, brace: lo, in_spec: false });
        }
        if too_deep {
            self.error(LexErrorKind::FStringTooDeep, lo, lo + 1);
        }
    }

    fn unterminated(&mut self, start: u32, end: u32) {
        let Some(fstring) = self.fstrings.last() else {
            return;
        };
        let triple = fstring.opener.triple;
        self.lexed.open |= triple;
        self.error(LexErrorKind::UnterminatedString { is_f: true, triple }, start, end);
        self.abandon_fstring(end);
        self.close_line_brackets(if triple { 0 } else { start }, end);
    }

    /// A specification in a single-quoted f-string ends with the line.
    fn skip_line_of_spec(&mut self, at: u32) {
        self.abandon_fstring(at);
        self.close_line_brackets(at, at);
    }
}
