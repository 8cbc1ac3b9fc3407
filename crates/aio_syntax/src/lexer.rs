//! The driver of the lexer: it switches between code and f-string text, balances the brackets and
//! has the layout done, so that the grammar never sees an unbalanced bracket or block.

mod error;
mod fstring;
pub(crate) mod number;

pub(crate) use error::{LexError, LexErrorKind};

use crate::layout::Layout;
use crate::token::{Opener, Raw, RawError, Spanned, Tok};
use aio_source::Span;
use logos::{Lexer, Logos};

/// How deep brackets may nest, fields of f-strings included; as in CPython.
const MAX_BRACKETS: usize = 200;
/// How deep f-strings may nest; as in CPython.
const MAX_FSTRINGS: usize = 150;

/// The tokens of a text and what is wrong about them.
pub(crate) struct Lexed {
    pub tokens: Vec<Spanned>,
    pub errors: Vec<LexError>,
    /// Places of warnings about numbers that run into a keyword.
    pub glued_numbers: Vec<Span>,
    /// The text ends inside of a bracket, a triple-quoted string or a joined line.
    pub open: bool,
    /// Where lexing was given up because something nests too deep.
    pub stopped: Option<u32>,
}

/// Lexes a whole text.
///
/// `never_closed` are offsets of brackets that an earlier run found to stay open. They are closed
/// before the first line that is not indented deeper than the statement they stand in, so that the
/// rest of the file is still understood.
pub(crate) fn lex(source: &str, start: usize, never_closed: &[u32]) -> Lexed {
    let mut driver = Driver {
        source,
        never_closed,
        lexed: Lexed {
            tokens: Vec::with_capacity(source.len() / 4 + 8),
            errors: Vec::new(),
            glued_numbers: Vec::new(),
            open: false,
            stopped: None,
        },
        layout: Layout::new(),
        brackets: Vec::new(),
        fstrings: Vec::new(),
        line_start: Some(start),
        broken_line: None,
    };
    let mut at = start;
    while let Some(behind) = driver.code(at)
        && driver.lexed.stopped.is_none()
    {
        at = driver.fstring_text(behind);
    }
    driver.finish();
    driver.lexed
}

/// An f-string that is not finished.
struct FString {
    opener: Opener,
    start: u32,
    /// The open replacement fields, the outermost first.
    fields: Vec<Field>,
}

/// A replacement field that is not finished.
struct Field {
    /// How many brackets were open before its brace.
    brackets: usize,
    /// Offset of its brace.
    brace: u32,
    /// The cursor is behind the field's colon.
    in_spec: bool,
}

struct Driver<'s> {
    source: &'s str,
    never_closed: &'s [u32],
    lexed: Lexed,
    layout: Layout,
    /// Open brackets outside of f-string text: which and where.
    brackets: Vec<(Tok, u32)>,
    fstrings: Vec<FString>,
    /// Where the line began whose first token has not come yet.
    line_start: Option<usize>,
    /// The line end inside of a never closed bracket at which that bracket may be closed: where the
    /// next line begins, and where the line end is.
    broken_line: Option<(usize, u32)>,
}

impl<'s> Driver<'s> {
    fn push(&mut self, lo: u32, tok: Tok, hi: u32) {
        self.lexed.tokens.push((lo, tok, hi));
    }

    fn error(&mut self, kind: LexErrorKind, lo: u32, hi: u32) {
        let span = Span::new(lo, hi);
        self.lexed.errors.push(LexError { kind, span });
    }

    /// Gives up: nothing behind this place is looked at.
    fn stop(&mut self, kind: LexErrorKind, lo: u32, hi: u32) {
        self.error(kind, lo, hi);
        self.lexed.stopped = Some(lo);
        self.push(lo, Tok::Name, lo);
    }

    /// Lexes code from `at` on. Returns the offset at which f-string text begins, or nothing at the
    /// end of the source.
    fn code(&mut self, at: usize) -> Option<usize> {
        let mut lexer = Raw::lexer(self.source);
        lexer.bump(at);
        while self.lexed.stopped.is_none() {
            let result = lexer.next()?;
            let span = lexer.span();
            let (lo, hi) = (span.start as u32, span.end as u32);
            let raw = match result {
                Ok(raw) => raw,
                Err(error) => {
                    if let Some(behind) = self.raw_error(error, lo, hi) {
                        lexer = Raw::lexer(self.source);
                        lexer.bump(behind);
                    }
                    continue;
                }
            };
            if raw == Raw::Newline {
                self.newline(lo, hi);
                continue;
            }
            self.begin_token(raw, lo);
            match raw {
                Raw::LPar | Raw::LSqb | Raw::LBrace => self.open_bracket(raw.into(), lo, hi),
                Raw::RPar | Raw::RSqb | Raw::RBrace => {
                    if self.close_bracket(raw.into(), lo, hi) {
                        return Some(span.end);
                    }
                }
                Raw::Number(_) => self.number(raw, &lexer),
                Raw::FStart => {
                    self.push(lo, Tok::FStart, hi);
                    if self.fstrings.len() >= MAX_FSTRINGS {
                        self.push(lo, Tok::FEnd, hi);
                        self.stop(LexErrorKind::TooManyFStrings, lo, hi);
                        return None;
                    }
                    self.fstrings.push(FString {
                        opener: Opener::read(lexer.slice().as_bytes()),
                        start: lo,
                        fields: Vec::new(),
                    });
                    return Some(span.end);
                }
                Raw::Colon | Raw::ColonEq | Raw::Bang | Raw::Eq if self.at_field_level() => {
                    match raw {
                        Raw::Bang => self.push(lo, Tok::FBang, hi),
                        Raw::Eq => self.push(lo, Tok::FEq, hi),
                        // `:=` cannot bind here: it is a colon and a specification.
                        _ => {
                            self.push(lo, Tok::FColon, lo + 1);
                            if let Some(field) = self.field() {
                                field.in_spec = true;
                            }
                            return Some(span.start + 1);
                        }
                    }
                }
                Raw::Bang | Raw::Continuation => self.push(lo, Tok::Unexpected, hi),
                raw => self.push(lo, raw.into(), hi),
            }
        }
        None
    }

    /// The innermost open field of the innermost f-string.
    fn field(&mut self) -> Option<&mut Field> {
        self.fstrings.last_mut()?.fields.last_mut()
    }

    /// Whether the cursor is in a replacement field, outside of all brackets in it.
    fn at_field_level(&mut self) -> bool {
        let depth = self.brackets.len();
        self.field().is_some_and(|field| field.brackets == depth)
    }

    /// What every token does to the layout, before it is looked at itself.
    #[inline]
    fn begin_token(&mut self, raw: Raw, lo: u32) {
        if let Some((line_start, line_end)) = self.broken_line.take()
            && lo - line_start as u32 <= self.layout.column()
            && !matches!(raw, Raw::RPar | Raw::RSqb | Raw::RBrace)
        {
            // A bracket that is not known to stay open may be closed further on.
            while let Some(&(open, at)) = self.brackets.last()
                && self.never_closed.contains(&at)
            {
                self.brackets.pop();
                self.error(LexErrorKind::UnclosedBracket, at, at + 1);
                self.push(line_end, open.partner(), line_end);
            }
            if self.brackets.is_empty() {
                self.push(line_end, Tok::Newline, line_end + 1);
                self.line_start = Some(line_start);
            }
        }
        if let Some(line_start) = self.line_start.take() {
            let lexed = &mut self.lexed;
            let bytes = self.source.as_bytes();
            self.layout.begin_line(bytes, line_start, lo, &mut lexed.tokens, &mut lexed.errors);
            if self.layout.is_too_deep() {
                lexed.stopped = Some(lo);
            }
        }
    }

    fn newline(&mut self, lo: u32, hi: u32) {
        if self.brackets.is_empty() && self.fstrings.is_empty() {
            // A line without tokens is no line for the grammar.
            if self.line_start.is_none() {
                self.push(lo, Tok::Newline, hi);
            }
            self.line_start = Some(hi as usize);
        } else if self.fstrings.is_empty() && self.brackets.iter().any(|bracket| self.never_closed.contains(&bracket.1))
        {
            self.broken_line = Some((hi as usize, lo));
        }
    }

    /// Reports what the automaton rejected and puts something in its place. Returns where to go on
    /// if that is not behind the rejected text.
    fn raw_error(&mut self, error: RawError, lo: u32, hi: u32) -> Option<usize> {
        if error != RawError::ContinuationAtEof {
            self.begin_token(Raw::Name, lo);
        }
        match error {
            RawError::UnexpectedChar => {
                let text = Span::new(lo, hi).text(self.source);
                match text.chars().next() {
                    // CPython's tokenizer lets these pass, so the parser has to complain.
                    Some('$' | '?' | '`') | None => self.push(lo, Tok::Unexpected, hi),
                    Some(_) => {
                        self.error(LexErrorKind::UnexpectedChar, lo, hi);
                        return self.bad_identifier(lo);
                    }
                }
            }
            RawError::UnterminatedString => {
                let opener = Opener::read(&self.source.as_bytes()[lo as usize..hi as usize]);
                let owner = self.fstrings.last().map(|f| f.opener);
                self.push(lo, Tok::String, hi);
                if owner.is_some_and(|f| f.quote == opener.quote && !f.triple) {
                    // The quote was meant to close the f-string, so a brace is missing.
                    self.lexed.tokens.pop();
                    let quote = lo + opener.len;
                    self.error(LexErrorKind::FStringExpectsBrace, quote - 1, quote);
                    self.abandon_fstring(quote);
                    return Some(quote as usize);
                }
                self.error(LexErrorKind::UnterminatedString { is_f: false, triple: false }, lo, hi);
                self.close_line_brackets(lo, hi);
            }
            RawError::UnterminatedTriple => {
                self.lexed.open = true;
                self.push(lo, Tok::String, hi);
                let kind = LexErrorKind::UnterminatedString { is_f: false, triple: true };
                self.error(kind, lo, hi);
                // The string has swallowed whatever would have closed these.
                self.close_line_brackets(0, hi);
            }
            RawError::BadContinuation => {
                self.error(LexErrorKind::BadContinuation, lo, hi);
                // The rest of the line cannot be understood.
                let rest = &self.source[hi as usize..];
                let skipped = rest.find(['\n', '\r']).unwrap_or(rest.len());
                self.close_line_brackets(lo, hi);
                return Some(hi as usize + skipped);
            }
            RawError::ContinuationAtEof => {
                self.lexed.open = true;
                self.error(LexErrorKind::ContinuationAtEof, lo, hi);
            }
        }
        None
    }

    /// A character that no identifier may hold does not end the word it stands in: `na€me` is one
    /// mistake.
    fn bad_identifier(&mut self, lo: u32) -> Option<usize> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || !c.is_ascii();
        let (before, after) = self.source.split_at(lo as usize);
        let tail: usize = after.chars().take_while(|&c| is_word(c) && !c.is_whitespace()).map(char::len_utf8).sum();
        let behind = lo as usize + tail.max(after.chars().next().map_or(0, char::len_utf8));
        let joined =
            before.ends_with(is_word) && matches!(self.lexed.tokens.last(), Some((_, Tok::Name, hi)) if *hi == lo);
        if !joined && !after.starts_with(char::is_whitespace) {
            self.push(lo, Tok::Name, behind as u32);
        }
        Some(behind)
    }

    fn number(&mut self, raw: Raw, lexer: &Lexer<'s, Raw>) {
        let span = lexer.span();
        let (lo, hi) = (span.start as u32, span.end as u32);
        self.push(lo, raw.into(), hi);
        // Only a number that a letter follows, or that ends in one, can be wrong.
        let next = self.source.as_bytes().get(span.end);
        let plain = lexer.slice().bytes().all(|b| b.is_ascii_digit());
        let glued = next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if !glued && plain && (span.len() == 1 || !lexer.slice().starts_with('0')) {
            return;
        }
        match number::scan(&self.source.as_bytes()[span.start..]).problem {
            Some(problem) if problem.is_warning => {
                self.lexed.glued_numbers.push(Span::new(lo, hi));
            }
            Some(_) => self.error(LexErrorKind::BadNumber, lo, hi),
            None => {}
        }
    }

    fn open_bracket(&mut self, tok: Tok, lo: u32, hi: u32) {
        self.push(lo, tok, hi);
        self.brackets.push((tok, lo));
        let fields: usize = self.fstrings.iter().map(|f| f.fields.len()).sum();
        if self.brackets.len() + fields == MAX_BRACKETS + 1 {
            self.stop(LexErrorKind::TooManyBrackets, lo, hi);
        }
    }

    /// Handles a closing bracket; true if it ends a replacement field and f-string text follows.
    fn close_bracket(&mut self, tok: Tok, lo: u32, hi: u32) -> bool {
        let field = self.field().map(|field| (field.brackets, field.brace));
        let floor = field.map_or(0, |field| field.0);
        if self.brackets.len() > floor {
            let open = self.brackets[floor..].iter().rposition(|bracket| bracket.0 == tok.partner());
            let top = self.brackets.len() - 1;
            let closes_field = tok == Tok::RBrace && field.is_some();
            if open != Some(top - floor) {
                let (bracket, at) = self.brackets[top];
                self.error(LexErrorKind::MismatchedClose { bracket, at }, lo, hi);
            }
            // A mistaken closer closes the bracket that it matches, and all within; without such a
            // bracket it closes the last one.
            let keep = match open {
                Some(open) => floor + open,
                None if closes_field => floor,
                None => top,
            };
            while self.brackets.len() > keep + 1 {
                self.pop_bracket(lo);
            }
            if let Some((bracket, _)) = self.brackets.pop() {
                let end = if open.is_none() && closes_field { lo } else { hi };
                self.push(lo, bracket.partner(), end);
            }
            if open.is_some() || !closes_field {
                return false;
            }
        } else if !(tok == Tok::RBrace && field.is_some()) {
            let kind = match field {
                Some((_, brace)) if tok == Tok::RBrace => {
                    LexErrorKind::MismatchedClose { bracket: Tok::LBrace, at: brace }
                }
                Some(_) => LexErrorKind::UnmatchedClose { in_field: true },
                None => LexErrorKind::UnmatchedClose { in_field: false },
            };
            self.error(kind, lo, hi);
            return false;
        }
        if let Some(fstring) = self.fstrings.last_mut() {
            fstring.fields.pop();
        }
        self.push(lo, Tok::FRBrace, hi);
        true
    }

    fn pop_bracket(&mut self, at: u32) {
        if let Some((open, _)) = self.brackets.pop() {
            self.push(at, open.partner(), at);
        }
    }

    /// Closes the brackets that were opened on the line of `lo`: what would have closed them is
    /// lost in a string that does not end.
    fn close_line_brackets(&mut self, lo: u32, at: u32) {
        let before = &self.source.as_bytes()[..lo as usize];
        let line_start = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |i| i + 1);
        let floor = self.field().map_or(0, |field| field.brackets);
        while self.brackets.len() > floor
            && self.brackets.last().is_some_and(|bracket| bracket.1 as usize >= line_start)
        {
            self.pop_bracket(at);
        }
    }

    /// The end of the source: everything still open is reported once and closed.
    fn finish(&mut self) {
        let end = self.source.len() as u32;
        if self.lexed.stopped.is_some() {
            // What is open is open only because lexing was given up.
        } else if let Some(&(_, at)) = self.brackets.last() {
            self.lexed.open = true;
            self.error(LexErrorKind::UnclosedBracket, at, at + 1);
        } else if let Some(brace) = self.field().map(|field| field.brace) {
            self.lexed.open |= self.fstrings.iter().all(|f| f.opener.triple);
            self.error(LexErrorKind::UnclosedBracket, brace, brace + 1);
        }
        while !self.fstrings.is_empty() {
            self.abandon_fstring(end);
        }
        while !self.brackets.is_empty() {
            self.pop_bracket(end);
        }
        if self.line_start.is_none() {
            self.push(end, Tok::Newline, end);
        }
        self.layout.finish(end, &mut self.lexed.tokens);
    }

    /// Ends the innermost f-string with all its fields, without their braces and quotes.
    fn abandon_fstring(&mut self, at: u32) {
        let Some(fstring) = self.fstrings.pop() else {
            return;
        };
        for field in fstring.fields.iter().rev() {
            while self.brackets.len() > field.brackets {
                self.pop_bracket(at);
            }
            self.push(at, Tok::FRBrace, at);
        }
        self.push(at, Tok::FEnd, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    /// The tokens with their texts, the mistakes behind them.
    fn tokens(source: &str) -> String {
        let lexed = lex(source, 0, &[]);
        let show = |&(lo, tok, hi): &Spanned| match Span::new(lo, hi).text(source).trim() {
            "" => format!("{tok:?}"),
            text => format!("{tok:?}({text})"),
        };
        let mut words: Vec<String> = lexed.tokens.iter().map(show).collect();
        words.extend(lexed.errors.iter().map(|error| format!("!{:?}", error.kind)));
        words.join(" ")
    }

    #[test]
    fn lines_and_blocks() {
        assert_snapshot!(tokens("if x:\n  # nothing\n\n  y\nz"), @r#"If(if) Name(x) Colon(:) Newline Indent Name(y) Newline Dedent Name(z) Newline"#);
        assert_snapshot!(tokens("x = (1,\n  2) \\\n  + 3\r\n"), @r#"Name(x) Eq(=) LPar(() Int(1) Comma(,) Int(2) RPar()) Plus(+) Int(3) Newline"#);
    }

    #[test]
    fn fstrings_are_tokens() {
        assert_snapshot!(tokens("f'a{b!r:>{w}}{{c}}'"), @r#"FStart(f') FMiddle(a) FLBrace({) Name(b) FBang(!) Name(r) FColon(:) FMiddle(>) FLBrace({) Name(w) FRBrace(}) FRBrace(}) FMiddle({{c}}) FEnd(') Newline"#);
        assert_snapshot!(tokens("f'{x:=5}{y!=z}{d[\"k\"]=}'"), @r#"FStart(f') FLBrace({) Name(x) FColon(:) FMiddle(=5) FRBrace(}) FLBrace({) Name(y) Ne(!=) Name(z) FRBrace(}) FLBrace({) Name(d) LSqb([) String("k") RSqb(]) FEq(=) FRBrace(}) FEnd(') Newline"#);
        assert_snapshot!(tokens("rf'\\{x}\\N{y}' f'\\N{DIGIT ONE}'"), @r#"FStart(rf') FMiddle(\) FLBrace({) Name(x) FRBrace(}) FMiddle(\N) FLBrace({) Name(y) FRBrace(}) FEnd(') FStart(f') FMiddle(\N{DIGIT ONE}) FEnd(') Newline"#);
        assert_snapshot!(tokens("f'{f'{x}'}'"), @r#"FStart(f') FLBrace({) FStart(f') FLBrace({) Name(x) FRBrace(}) FEnd(') FRBrace(}) FEnd(') Newline"#);
    }

    #[test]
    fn mistakes_are_repaired() {
        assert_snapshot!(tokens("(a[1)"), @r#"LPar(() Name(a) LSqb([) Int(1) RSqb RPar()) Newline !MismatchedClose { bracket: LSqb, at: 2 }"#);
        assert_snapshot!(tokens("a)"), @r#"Name(a) Newline !UnmatchedClose { in_field: false }"#);
        assert_snapshot!(tokens("f('a, b)\nc"), @r#"Name(f) LPar(() String('a, b)) RPar Newline Name(c) Newline !UnterminatedString { is_f: false, triple: false }"#);
        assert_snapshot!(tokens("f'{(a}'"), @r#"FStart(f') FLBrace({) LPar(() Name(a) RPar FRBrace(}) FEnd(') Newline !MismatchedClose { bracket: LPar, at: 3 }"#);
        assert_snapshot!(tokens("f'{a'"), @r#"FStart(f') FLBrace({) Name(a) FRBrace FEnd Newline !FStringExpectsBrace"#);
        assert_snapshot!(tokens("x = 1__0 + na\u{20ac}me"), @r#"Name(x) Eq(=) Int(1__0) Plus(+) Name(na) Newline !BadNumber !UnexpectedChar"#);
    }

    #[test]
    fn brackets_that_stay_open_end_with_their_block() {
        let source = "def f():\n  x = (1,\n    2\n  y\n";
        let lexed = lex(source, 0, &[15]);
        let kinds: Vec<Tok> = lexed.tokens.iter().map(|token| token.1).collect();
        let lines = kinds.iter().filter(|tok| **tok == Tok::Newline).count();
        assert_eq!(lines, 3);
        assert_eq!(lexed.errors.len(), 1);
        assert!(!lexed.open);
    }
}
