//! What can only be decided on the whole token sequence: soft keywords, parenthesised `with` items,
//! and whether the module awaits outside of functions.

use crate::token::{Spanned, Tok};

/// Turns names into `match`, `case` and `type` where they are keywords, and the bracket of
/// parenthesised `with` items into its own token.
///
/// - `match` at the beginning of a line is a keyword if an expression follows and the line ends in
///   a colon.
/// - `case` is one directly in a block of `match`.
/// - `type` is one before a name that `=` or `[` follows.
/// - `with (` begins a list of items if the matching bracket is followed by a colon and there is
///   an `as`, or a comma without anything that only an expression can hold, between them.
pub(crate) fn classify(source: &str, tokens: &mut [Spanned]) {
    let bytes = source.as_bytes();
    let mut at_line_start = true;
    let mut depth = 0i32;
    // The block depths at which `case` is a keyword.
    let mut match_blocks: Vec<i32> = Vec::new();
    for i in 0..tokens.len() {
        let (lo, tok, hi) = tokens[i];
        match tok {
            Tok::Indent => depth += 1,
            Tok::Dedent => {
                depth -= 1;
                while match_blocks.last().is_some_and(|block| *block > depth) {
                    match_blocks.pop();
                }
            }
            Tok::Name if at_line_start && (hi - lo == 5 || hi - lo == 4) => match &bytes[lo as usize..hi as usize] {
                b"match" if is_match_header(tokens, i) => {
                    tokens[i].1 = Tok::Match;
                    match_blocks.push(depth + 1);
                }
                b"case" if match_blocks.last() == Some(&depth) => tokens[i].1 = Tok::Case,
                b"type" if is_type_alias(tokens, i) => tokens[i].1 = Tok::Type,
                _ => {}
            },
            Tok::With => {
                if let Some((_, Tok::LPar, _)) = tokens.get(i + 1)
                    && is_with_items(tokens, i + 1)
                {
                    tokens[i + 1].1 = Tok::WithLPar;
                }
            }
            _ => {}
        }
        at_line_start = tok.is_layout() || tok == Tok::Semi;
    }
}

fn kind(tokens: &[Spanned], i: usize) -> Option<Tok> {
    tokens.get(i).map(|token| token.1)
}

fn is_type_alias(tokens: &[Spanned], i: usize) -> bool {
    kind(tokens, i + 1) == Some(Tok::Name) && matches!(kind(tokens, i + 2), Some(Tok::Eq | Tok::LSqb))
}

fn is_match_header(tokens: &[Spanned], i: usize) -> bool {
    if i > 0 && tokens[i - 1].1 == Tok::Semi {
        return false;
    }
    match kind(tokens, i + 1) {
        Some(Tok::Star) => {}
        Some(tok) if tok.starts_expression() => {}
        _ => return false,
    }
    let line = &tokens[i + 1..];
    let Some(len) = line.iter().position(|token| token.1 == Tok::Newline) else {
        return false;
    };
    if kind(line, len.wrapping_sub(1)) == Some(Tok::Colon) {
        return true;
    }
    // `match x` without its colon is a mistake that deserves the right words: two operands in a
    // row are no expression anyway.
    matches!(kind(line, 0), Some(Tok::Name | Tok::Int | Tok::Float | Tok::String | Tok::FStart))
}

fn is_with_items(tokens: &[Spanned], bracket: usize) -> bool {
    let mut depth = 0i32;
    let (mut has_as, mut has_comma, mut is_expression) = (false, false, false);
    let mut previous = Tok::Newline;
    for (i, &(_, tok, _)) in tokens.iter().enumerate().skip(bracket) {
        match tok {
            Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FLBrace => depth += 1,
            Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FRBrace => {
                depth -= 1;
                if depth == 0 {
                    return match kind(tokens, i + 1) {
                        Some(Tok::Colon) => has_as || (has_comma && !is_expression),
                        // The colon is missing, which deserves the right words.
                        Some(Tok::Newline) => has_as,
                        _ => false,
                    };
                }
            }
            Tok::As if depth == 1 => has_as = true,
            Tok::Comma if depth == 1 => has_comma = true,
            Tok::ColonEq | Tok::For | Tok::Yield if depth == 1 => is_expression = true,
            Tok::Star if depth == 1 && matches!(previous, Tok::LPar | Tok::Comma) => {
                is_expression = true;
            }
            Tok::Newline => return has_as,
            _ => {}
        }
        previous = tok;
    }
    has_as
}

/// Whether `await`, `async for` or `async with` stands outside of every function.
///
/// A function's decorators, defaults and annotations still belong to the module; its body does not.
pub(crate) fn has_top_level_await(tokens: &[Spanned]) -> bool {
    let mut brackets = 0i32;
    let mut depth = 0i32;
    // The block depth of the header's line, while the cursor is in a function's header.
    let mut header: Option<i32> = None;
    // The block depth from which on everything belongs to a function.
    let mut body: Option<i32> = None;
    let mut i = 0;
    while i < tokens.len() {
        match tokens[i].1 {
            Tok::Indent => depth += 1,
            Tok::Dedent => {
                depth -= 1;
                if body.is_some_and(|body| depth < body) {
                    body = None;
                }
            }
            _ if body.is_some() => {}
            Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FLBrace | Tok::WithLPar => brackets += 1,
            Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FRBrace => brackets -= 1,
            Tok::Def => header = Some(brackets),
            // A lambda's colon stands in brackets or behind `lambda`; that of the header does not.
            Tok::Lambda => i = skip_lambda(tokens, i),
            Tok::Colon if header == Some(brackets) => {
                header = None;
                if kind(tokens, i + 1) == Some(Tok::Newline) {
                    body = Some(depth + 1);
                } else {
                    // A body on the header's line ends with it.
                    while i + 1 < tokens.len() && tokens[i + 1].1 != Tok::Newline {
                        i += 1;
                    }
                }
            }
            Tok::Await => return true,
            Tok::Async if matches!(kind(tokens, i + 1), Some(Tok::For | Tok::With)) => return true,
            _ => {}
        }
        i += 1;
    }
    false
}

/// From `lambda` to its colon; defaults with an `await` in them are not worth a second look.
fn skip_lambda(tokens: &[Spanned], start: usize) -> usize {
    let mut depth = 0i32;
    for (i, token) in tokens.iter().enumerate().skip(start + 1) {
        match token.1 {
            Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FLBrace => depth += 1,
            Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FRBrace => depth -= 1,
            Tok::Colon | Tok::Newline if depth == 0 => return i,
            _ => {}
        }
    }
    start
}
