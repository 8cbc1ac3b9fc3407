//! Strings, bytes and f-strings: decoded, and joined where several stand side by side.

use super::Cx;
use crate::ast::*;
use crate::literal::{Decoded, decode_text};
use crate::token::Opener;
use aio_source::Diagnostic;

/// One of several literals that stand side by side.
pub(crate) enum StrPart {
    /// The value, and whether there are lone surrogates in it.
    Str(Vec<u8>, bool),
    Bytes(Vec<u8>),
    F(Vec<FPiece>),
    /// Could not be decoded, which has been reported.
    Wrong,
}

/// A part of an f-string that is not decoded yet, since only its opening says how.
pub(crate) enum StrPiece {
    Text(Span),
    Field(Box<RawField>),
}

/// A replacement field whose specification is not decoded yet.
pub(crate) struct RawField {
    pub span: Span,
    /// From behind the brace to the end of `=`.
    pub debug: Option<Span>,
    pub expr: P,
    /// The offset of `!` and the letter.
    pub conv: Option<(u32, Ident)>,
    pub spec: Option<Vec<StrPiece>>,
}

impl Cx<'_> {
    fn decode(&self, span: Span, opener: Opener, in_fstring: bool) -> Option<Decoded> {
        match decode_text(self.text(span), opener, in_fstring) {
            Ok(decoded) => {
                if let Some((at, len, message)) = &decoded.warning {
                    let lo = span.lo + at;
                    let place = Span::new(lo, lo + len);
                    self.report(Diagnostic::warning("SyntaxWarning", place, message.clone()));
                }
                Some(decoded)
            }
            Err(message) => {
                self.error(span, message);
                None
            }
        }
    }

    /// A literal that is no f-string.
    pub fn string_part(&self, lo: u32, hi: u32) -> StrPart {
        let literal = Span::new(lo, hi);
        let text = self.text(literal);
        let opener = Opener::read(text.as_bytes());
        let quotes = &text.as_bytes()[opener.len as usize - opener.quotes() as usize..][..1];
        let closed = hi - lo >= opener.len + opener.quotes() && text.as_bytes().ends_with(quotes);
        if !closed {
            // The lexer has said so.
            return StrPart::Wrong;
        }
        let inner = Span::new(lo + opener.len, hi - opener.quotes());
        match self.decode(inner, opener, false) {
            Some(decoded) if opener.bytes => StrPart::Bytes(decoded.value),
            Some(decoded) => StrPart::Str(decoded.value, decoded.surrogates),
            None => StrPart::Wrong,
        }
    }

    /// An f-string: its opening, its parts and its end.
    pub fn fstring_part(&self, opening: Span, pieces: Vec<StrPiece>) -> StrPart {
        let opener = Opener::read(self.text(opening).as_bytes());
        StrPart::F(self.pieces(pieces, opener))
    }

    fn pieces(&self, raw: Vec<StrPiece>, opener: Opener) -> Vec<FPiece> {
        let mut out = Vec::with_capacity(raw.len());
        for piece in raw {
            match piece {
                StrPiece::Text(span) => {
                    if let Some(decoded) = self.decode(span, opener, true) {
                        push_text(&mut out, decoded.value);
                    }
                }
                StrPiece::Field(field) => {
                    let field = self.field(*field, opener);
                    out.push(FPiece::Field(Box::new(field)));
                }
            }
        }
        out
    }

    fn field(&self, raw: RawField, opener: Opener) -> FField {
        let spec = raw.spec.map(|spec| self.pieces(spec, opener).into_boxed_slice());
        let conv = match raw.conv {
            Some((bang, letter)) => self.conversion(bang, letter),
            // `{x=}` shows the value as the prompt would.
            None if raw.debug.is_some() && spec.is_none() => Conversion::Repr,
            None => Conversion::None,
        };
        FField {
            span: raw.span,
            debug: raw.debug.map(|span| self.debug_text(span, opener)),
            expr: raw.expr,
            conv,
            spec,
        }
    }

    /// What `{x = }` shows before the value: all that was written, the blanks behind the sign
    /// included. Escapes in it mean what they mean in the text around it.
    fn debug_text(&self, span: Span, opener: Opener) -> Box<[u8]> {
        let rest = self.source.get(span.hi as usize..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_ascii_start().len();
        let shown = Span::new(span.lo, span.hi + blanks as u32);
        let written = without_comments(self.text(shown));
        match decode_text(&written, opener, false) {
            Ok(decoded) => decoded.value.into(),
            Err(message) => {
                self.error(span, message);
                Box::default()
            }
        }
    }

    fn conversion(&self, bang: u32, letter: Ident) -> Conversion {
        if letter.span.lo != bang + 1 {
            let message = "f-string: conversion type must come right after the exclamanation mark";
            self.error(Span::new(bang, letter.span.hi), message);
        }
        match self.text(letter.span) {
            "s" => Conversion::Str,
            "r" => Conversion::Repr,
            "a" => Conversion::Ascii,
            other => {
                let message = format!("f-string: invalid conversion character '{other}': expected 's', 'r', or 'a'");
                self.error(letter.span, message);
                Conversion::None
            }
        }
    }

    /// The value of literals that stand side by side.
    pub fn strings(&self, lo: u32, hi: u32, parts: Vec<StrPart>) -> P {
        let is_bytes = |part: &StrPart| matches!(part, StrPart::Bytes(..));
        if parts.iter().any(is_bytes) {
            return self.bytes(lo, hi, parts);
        }
        if parts.iter().any(|part| matches!(part, StrPart::F(..))) {
            let mut pieces = Vec::new();
            for part in parts {
                match part {
                    StrPart::Str(text, _) => push_text(&mut pieces, text),
                    StrPart::F(more) => more.into_iter().for_each(|piece| match piece {
                        FPiece::Lit(text) => push_text(&mut pieces, text.into_vec()),
                        field => pieces.push(field),
                    }),
                    StrPart::Bytes(..) | StrPart::Wrong => {}
                }
            }
            return self.expr(lo, hi, ExprKind::FStr(pieces.into()));
        }
        let mut value = Vec::new();
        let mut surrogates = false;
        for part in parts {
            match part {
                StrPart::Str(text, has_surrogates) => {
                    surrogates |= has_surrogates;
                    join(&mut value, text);
                }
                _ => return self.expr(lo, hi, ExprKind::Error),
            }
        }
        let literal = StrLit { value: value.into(), surrogates };
        self.expr(lo, hi, ExprKind::Str(Box::new(literal)))
    }

    fn bytes(&self, lo: u32, hi: u32, parts: Vec<StrPart>) -> P {
        let mut value = Vec::new();
        let mut mixed = false;
        for part in parts {
            match part {
                StrPart::Bytes(more) => join(&mut value, more),
                StrPart::Str(..) | StrPart::F(..) => mixed = true,
                StrPart::Wrong => return self.expr(lo, hi, ExprKind::Error),
            }
        }
        if mixed {
            let message = "cannot mix bytes and nonbytes literals";
            self.error(Span::new(lo, hi), message);
        }
        self.expr(lo, hi, ExprKind::Bytes(value.into()))
    }
}

fn join(value: &mut Vec<u8>, more: Vec<u8>) {
    if value.is_empty() {
        *value = more;
    } else {
        value.extend(more);
    }
}

/// Appends text, joined to the text before it.
fn push_text(pieces: &mut Vec<FPiece>, text: Vec<u8>) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(FPiece::Lit(before)) => {
            let mut joined = std::mem::take(before).into_vec();
            joined.extend(text);
            *before = joined.into();
        }
        _ => pieces.push(FPiece::Lit(text.into())),
    }
}

/// The text of `{x = }` is shown without comments. A `#` in quotes is none.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut skipping = false;
    for c in text.chars() {
        match c {
            '\n' if skipping => skipping = false,
            _ if skipping => {}
            '#' if quote.is_none() => skipping = true,
            _ => {
                if matches!(c, '\'' | '"') {
                    match quote {
                        None => quote = Some(c),
                        Some(open) if open == c => quote = None,
                        Some(_) => {}
                    }
                }
                out.push(c);
            }
        }
    }
    out
}
