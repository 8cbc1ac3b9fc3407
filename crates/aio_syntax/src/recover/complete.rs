//! Whether a prompt should wait for another line.

use super::module;
use crate::Completeness;
use crate::actions::Cx;
use crate::classify::classify;
use crate::lexer::lex;
use crate::parser::{Goal, parse};
use crate::token::{Spanned, Tok};

/// Whether the lines typed so far, without the last line end, can be run. An open block ends with a
/// blank line; so does one on its header's line, since `else` may follow.
pub fn completeness(source: &str) -> Completeness {
    let mut lexed = lex(source, 0, &[]);
    classify(source, &mut lexed.tokens);
    let tokens = &lexed.tokens;
    if lexed.errors.iter().any(|error| !error.is_incomplete()) {
        return Completeness::Invalid;
    }
    let cx = Cx::new(source);
    let result = parse(&cx, Goal::Module, tokens);
    // An error before the end of the text is one whatever may follow.
    let text_end = source.trim_end().len() as u32;
    let is_in_text = |&(lo, _, hi): &Spanned| lo < text_end && hi > lo;
    if let Err(stop) = &result
        && tokens.get(stop.index).is_some_and(is_in_text)
    {
        return Completeness::Invalid;
    }
    if lexed.open {
        return Completeness::Incomplete;
    }
    let last_line = source.rsplit(['\n', '\r']).next().unwrap_or_default();
    let ends_blank = source.contains(['\n', '\r']) && last_line.trim().is_empty();
    let in_block = tokens.last().is_some_and(|token| token.1 == Tok::Dedent);
    let waits = match result {
        Ok(_) => in_block || ends_in_header_line(tokens),
        Err(_) => in_block || ends_in_colon(tokens) || first_of_last_line(tokens) == Some(Tok::At),
    };
    if waits && !ends_blank {
        Completeness::Incomplete
    } else if module(source).primary().is_none() {
        Completeness::Complete
    } else {
        Completeness::Invalid
    }
}

fn ends_in_colon(tokens: &[Spanned]) -> bool {
    let last = tokens.iter().rev().find(|token| !token.1.is_layout());
    last.is_some_and(|token| token.1 == Tok::Colon)
}

fn first_of_last_line(tokens: &[Spanned]) -> Option<Tok> {
    let end = tokens.iter().rposition(|token| !token.1.is_layout())?;
    let start = tokens[..end].iter().rposition(|token| token.1.is_layout());
    tokens.get(start.map_or(0, |i| i + 1)).map(|token| token.1)
}

/// `for x in y: f(x)` on the last line.
fn ends_in_header_line(tokens: &[Spanned]) -> bool {
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
