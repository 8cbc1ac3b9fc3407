//! The surroundings of a syntax error, in words that the rules about messages can use.

use crate::actions::{Cx, Top};
use crate::ast::P;
use crate::parser::{Goal, Stop, parse};
use crate::token::{Spanned, Tok};
use aio_source::{LineIndex, Span};

/// The tokens around the place where the parser stopped.
pub(super) struct Scene<'a> {
    source: &'a str,
    lines: &'a LineIndex,
    tokens: &'a [Spanned],
    stop: &'a Stop,
    /// The first token of the logical line.
    start: usize,
    /// The bracket or field that is open, and where.
    bracket: Option<(Tok, usize)>,
}

impl<'a> Scene<'a> {
    pub fn new(source: &'a str, lines: &'a LineIndex, tokens: &'a [Spanned], stop: &'a Stop) -> Scene<'a> {
        let end = stop.index.min(tokens.len());
        let is_layout = |token: &Spanned| token.1.is_layout();
        let start = tokens[..end].iter().rposition(is_layout).map_or(0, |j| j + 1);
        Scene { source, lines, tokens, stop, start, bracket: open_bracket(&tokens[..end], start) }
    }

    /// The index of the token that does not fit.
    pub fn index(&self) -> usize {
        self.stop.index
    }

    pub fn token(&self, i: usize) -> Option<Spanned> {
        self.tokens.get(i).copied()
    }

    /// The kind of a token; the end of the input is a line end.
    pub fn tok(&self, i: usize) -> Tok {
        self.tokens.get(i).map_or(Tok::Newline, |token| token.1)
    }

    /// The kind of the token that does not fit.
    pub fn here(&self) -> Tok {
        self.tok(self.index())
    }

    /// The kind of the token `n` places before that one, if it is on the same line.
    pub fn before(&self, n: usize) -> Option<Tok> {
        let i = self.index().checked_sub(n)?;
        (i >= self.start).then(|| self.tok(i))
    }

    /// The first token of the logical line, behind `async`.
    pub fn first(&self) -> Tok {
        match self.tok(self.start) {
            Tok::Async => self.tok(self.start + 1),
            first => first,
        }
    }

    /// The index of the first token of the logical line.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Whether a terminal of the grammar would have fitted.
    pub fn expects(&self, terminal: &str) -> bool {
        self.stop.expects(terminal)
    }

    /// Whether only an indented block would have fitted.
    pub fn expects_block(&self) -> bool {
        self.stop.expected == ["Indent"]
    }

    /// Whether the tokens so far end in a complete operand.
    pub fn behind_operand(&self) -> bool {
        self.expects("+") && self.expects("|") && !self.expects("int")
    }

    pub fn bracket(&self) -> Option<(Tok, usize)> {
        self.bracket
    }

    /// Whether the open bracket belongs to a call.
    pub fn in_call(&self) -> bool {
        match self.bracket {
            Some((Tok::LPar, at)) => at > self.start && ends_operand(self.tok(at - 1)),
            _ => false,
        }
    }

    pub fn span_of(&self, i: usize) -> Span {
        match self.tokens.get(i) {
            Some(&(lo, _, hi)) => Span::new(lo, hi),
            None => Span::at(self.source.len() as u32),
        }
    }

    /// The place of the token that does not fit.
    pub fn span(&self) -> Span {
        self.span_of(self.index())
    }

    pub fn text(&self, i: usize) -> &'a str {
        self.span_of(i).text(self.source)
    }

    /// The place of the whole logical line.
    pub fn line_span(&self) -> Span {
        let is_newline = |token: &Spanned| token.1 == Tok::Newline;
        let from = self.start.min(self.tokens.len());
        let end = self.tokens[from..].iter().position(is_newline);
        let end = end.map_or(self.tokens.len(), |len| from + len);
        self.span_of(from).to(self.span_of(end))
    }

    /// The line number of an offset.
    pub fn row_of(&self, offset: u32) -> u32 {
        self.lines.line(offset)
    }

    /// The tokens before `i` at the depth of `i`, from right to left, with their indices; brackets
    /// between them are left out, except that the open one ends the walk.
    pub fn backwards(&self, i: usize) -> impl Iterator<Item = (usize, Tok)> {
        let mut depth = 0usize;
        let mut done = false;
        let (start, tokens) = (self.start, self.tokens);
        (start..i.min(tokens.len())).rev().filter_map(move |j| {
            let tok = tokens[j].1;
            if done {
                return None;
            }
            if is_closer(tok) {
                depth += 1;
                return (depth == 1).then_some((j, tok));
            }
            if is_opener(tok) {
                if depth == 0 {
                    done = true;
                    return Some((j, tok));
                }
                depth -= 1;
                return None;
            }
            (depth == 0).then_some((j, tok))
        })
    }

    /// Whether one of some tokens stands before the error, in the same brackets.
    pub fn has_before(&self, wanted: Tok) -> bool {
        self.backwards(self.index()).any(|(_, tok)| tok == wanted)
    }

    /// How far CPython's parser looks beyond the token that does not fit: behind an operand it tries
    /// to read another expression, and behind `=` a value.
    pub fn reach(&self) -> usize {
        let from = match self.here() {
            Tok::Eq if self.before(1).is_some_and(ends_operand) => self.index() + 1,
            tok if self.behind_operand() && tok.starts_expression() => self.index(),
            _ => return self.index(),
        };
        let rest = self.tokens.get(from..).unwrap_or_default();
        let cx = Cx::new(self.source);
        match parse(&cx, Goal::Expr, rest) {
            Ok(_) => self.tokens.len(),
            Err(stop) => from + stop.index,
        }
    }

    /// The `=` of the statement that the error is in, outside of all brackets.
    pub fn signs(&self) -> Vec<usize> {
        let mut depth = 0usize;
        let mut signs = Vec::new();
        for i in self.start..self.index().min(self.tokens.len()) {
            match self.tokens[i].1 {
                tok if is_opener(tok) => depth += 1,
                tok if is_closer(tok) => depth = depth.saturating_sub(1),
                Tok::Semi | Tok::Colon if depth == 0 => signs.clear(),
                Tok::Eq if depth == 0 => signs.push(i),
                _ => {}
            }
        }
        signs
    }

    /// The first token of the simple statement that a token outside of all brackets is in.
    pub fn statement_start(&self, i: usize) -> usize {
        self.backwards(i).find(|(_, tok)| matches!(tok, Tok::Semi | Tok::Colon)).map_or(self.start, |(j, _)| j + 1)
    }

    /// The expression that a range of tokens spells, if it is one.
    pub fn expression(&self, range: std::ops::Range<usize>) -> Option<P> {
        let cx = Cx::new(self.source);
        match parse(&cx, Goal::Expr, self.tokens.get(range)?) {
            Ok(Top::Expr(e)) => Some(e),
            _ => None,
        }
    }

    /// Whether an expression begins at a token. What follows the expression does not matter.
    pub fn begins_expression(&self, i: usize) -> bool {
        match self.tok(i) {
            Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FStart => match self.matching(i) {
                Some(end) => self.expression(i..end + 1).is_some(),
                None => false,
            },
            Tok::Not | Tok::Tilde | Tok::Minus | Tok::Plus | Tok::Await => self.begins_expression(i + 1),
            Tok::Lambda => {
                let is_colon = |j: &usize| matches!(self.tok(*j), Tok::Colon | Tok::Newline);
                let colon = (i..self.tokens.len()).find(is_colon).unwrap_or(i);
                self.begins_expression(colon + 1)
            }
            tok => tok.starts_expression(),
        }
    }

    /// The token that closes the bracket or f-string that a token opens.
    pub fn matching(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        for j in open..self.tokens.len() {
            let tok = self.tokens[j].1;
            if is_opener(tok) || tok == Tok::FStart {
                depth += 1;
            } else if is_closer(tok) || tok == Tok::FEnd {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(j);
                }
            } else if tok == Tok::Newline {
                return None;
            }
        }
        None
    }
}

fn open_bracket(tokens: &[Spanned], start: usize) -> Option<(Tok, usize)> {
    let mut depth = 0usize;
    for (j, token) in tokens.iter().enumerate().skip(start).rev() {
        if is_closer(token.1) {
            depth += 1;
        } else if is_opener(token.1) {
            if depth == 0 {
                return Some((token.1, j));
            }
            depth -= 1;
        }
    }
    None
}

pub(super) fn is_opener(tok: Tok) -> bool {
    matches!(tok, Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FLBrace | Tok::WithLPar)
}

pub(super) fn is_closer(tok: Tok) -> bool {
    matches!(tok, Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FRBrace)
}

/// Whether an operand can end with the token.
pub(super) fn ends_operand(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::Name
            | Tok::Int
            | Tok::Float
            | Tok::Imag
            | Tok::String
            | Tok::FEnd
            | Tok::RPar
            | Tok::RSqb
            | Tok::RBrace
            | Tok::None
            | Tok::True
            | Tok::False
            | Tok::Ellipsis
    )
}
