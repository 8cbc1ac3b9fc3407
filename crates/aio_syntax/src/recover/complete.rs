//! Whether a prompt should wait for another line.

use super::module;
use crate::Completeness;
use crate::actions::Cx;
use crate::classify::classify;
use crate::lexer::lex;
use crate::parser::{Goal, parse};
use crate::token::Tok;

/// Whether the lines typed so far can be run. An open block ends with a blank line; so does one
/// whose last statement stands on the header's line, since `else` may follow.
pub fn completeness(source: &str) -> Completeness {
    let mut lexed = lex(source, 0, &[]);
    classify(source, &mut lexed.tokens);
    let judged = |ok: bool| {
        if ok {
            Completeness::Complete
        } else {
            Completeness::Invalid
        }
    };
    if lexed.errors.iter().any(|error| !error.is_incomplete()) {
        return Completeness::Invalid;
    }
    let cx = Cx::new(source);
    let result = parse(&cx, Goal::Module, &lexed.tokens);
    let text_end = source.trim_end().len() as u32;
    let failed_at = match &result {
        Ok(_) => u32::MAX,
        Err(stop) => match lexed.tokens.get(stop.index) {
            Some(&(lo, _, hi)) if lo < text_end && hi > lo => lo,
            _ => u32::MAX,
        },
    };
    if lexed.open {
        // An error before the end is one whatever may follow.
        return if failed_at == u32::MAX {
            Completeness::Incomplete
        } else {
            Completeness::Invalid
        };
    }
    let last_line = source.rsplit(['\n', '\r']).next().unwrap_or_default();
    let blank_line = source.contains(['\n', '\r']) && last_line.trim().is_empty();
    match result {
        Ok(_) => {
            let indented = lexed.tokens.iter().rev().find(|token| token.0 < text_end);
            let open_block = lexed
                .tokens
                .last()
                .is_some_and(|token| token.1 == Tok::Dedent)
                || (indented.is_some() && ends_in_header_line(&lexed.tokens));
            if open_block && !blank_line {
                return Completeness::Incomplete;
            }
            judged(module(source).primary().is_none())
        }
        Err(_) if failed_at == u32::MAX && !blank_line => {
            let waits = waits_for_more(&lexed.tokens, source);
            if waits {
                Completeness::Incomplete
            } else {
                Completeness::Invalid
            }
        }
        Err(_) => Completeness::Invalid,
    }
}

fn first_of_last_line(tokens: &[(u32, Tok, u32)]) -> Option<Tok> {
    let end = tokens.iter().rposition(|token| !token.1.is_layout())?;
    let start = tokens[..end].iter().rposition(|token| token.1.is_layout());
    tokens.get(start.map_or(0, |i| i + 1)).map(|token| token.1)
}

/// `for x in y: f(x)` on the last line.
fn ends_in_header_line(tokens: &[(u32, Tok, u32)]) -> bool {
    matches!(
        first_of_last_line(tokens),
        Some(
            Tok::If
                | Tok::Elif
                | Tok::Else
                | Tok::While
                | Tok::For
                | Tok::With
                | Tok::Try
                | Tok::Except
                | Tok::Finally
                | Tok::Def
                | Tok::Class
                | Tok::Match
                | Tok::Async
        )
    )
}

/// Whether the last line is one that a block or a definition has to follow.
fn waits_for_more(tokens: &[(u32, Tok, u32)], source: &str) -> bool {
    let ends_in_colon = source.trim_end().ends_with(':')
        || tokens
            .iter()
            .rev()
            .find(|token| !token.1.is_layout())
            .is_some_and(|token| token.1 == Tok::Colon);
    let first = first_of_last_line(tokens);
    // A decorator waits for its function, `try` for its handler.
    ends_in_colon
        || first == Some(Tok::At)
        || tokens.last().is_some_and(|token| token.1 == Tok::Dedent)
        || first == Some(Tok::Try)
}
