//! Replaces what does not parse by something that does, so that the rest can be parsed.

use super::stub;
use crate::parser::Stop;
use crate::token::{Spanned, Tok};

/// Patches the tokens around the place where the parser stopped. False if nothing can be done.
pub(super) fn patch(tokens: &mut Vec<Spanned>, stop: &Stop) -> bool {
    let i = stop.index;
    let at = tokens.get(i).or_else(|| tokens.last()).map_or(0, |token| token.0);
    let virtual_tokens = |kinds: &[Tok]| -> Vec<Spanned> { kinds.iter().map(|&tok| (at, tok, at)).collect() };
    if stop.expected == ["Indent"] {
        let block = [Tok::Indent, Tok::Pass, Tok::Newline, Tok::Dedent];
        tokens.splice(i..i, virtual_tokens(&block));
        return true;
    }
    if stop.expects("except") && stop.expects("finally") && !stop.expects("pass") {
        let clause = [Tok::Finally, Tok::Colon, Tok::Pass, Tok::Newline];
        tokens.splice(i..i, virtual_tokens(&clause));
        return true;
    }
    match tokens.get(i) {
        Some((_, Tok::Indent, _)) => drop_pair(tokens, i),
        Some((_, Tok::Dedent, _)) | None => replace_line(tokens, i.wrapping_sub(1), None),
        Some(_) => replace_line(tokens, i, Some(i)),
    }
}

/// An indent that nothing asks for goes away together with its dedent.
fn drop_pair(tokens: &mut Vec<Spanned>, indent: usize) -> bool {
    let mut depth = 0;
    for j in indent..tokens.len() {
        match tokens[j].1 {
            Tok::Indent => depth += 1,
            Tok::Dedent => {
                depth -= 1;
                if depth == 0 {
                    tokens.remove(j);
                    tokens.remove(indent);
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Where the line of a token begins.
fn line_start(tokens: &[Spanned], i: usize) -> usize {
    let is_layout = |token: &Spanned| token.1.is_layout();
    tokens[..i].iter().rposition(is_layout).map_or(0, |j| j + 1)
}

/// Replaces the logical line of the token `i` by `pass`, or by a header of its kind if it is one.
fn replace_line(tokens: &mut Vec<Spanned>, mut i: usize, error: Option<usize>) -> bool {
    while i < tokens.len() && matches!(tokens[i].1, Tok::Indent | Tok::Dedent) && i > 0 {
        i -= 1;
    }
    if i >= tokens.len() {
        return false;
    }
    let mut from = line_start(tokens, i);
    // A decorator that nothing follows is what is wrong, not the line behind it.
    if from > 0 && error.is_none_or(|error| error == from) {
        let before = line_start(tokens, from - 1);
        if tokens[before].1 == Tok::At {
            from = before;
        }
    }
    let is_newline = |token: &Spanned| token.1 == Tok::Newline;
    let Some(len) = tokens[from..].iter().position(is_newline) else {
        return false;
    };
    let to = from + len;
    let (at, first, _) = tokens[from];
    let has_block = matches!(tokens.get(to + 1), Some((_, Tok::Indent, _)));
    let clause = matches!(first, Tok::Else | Tok::Elif | Tok::Except | Tok::Finally | Tok::Case);
    let stray = clause && error == Some(from);
    let kind = match first {
        Tok::Async => tokens.get(from + 1).map_or(first, |token| token.1),
        _ => first,
    };
    let mut line: Vec<Tok> = match stub(kind) {
        Some(header) if !stray => header.to_vec(),
        // A header that was not recognised still has its block.
        _ if has_block => vec![Tok::If, Tok::Name, Tok::Colon],
        _ => vec![Tok::Pass],
    };
    if kind == Tok::Match && !has_block {
        line = vec![Tok::Pass];
    } else if !has_block && line != [Tok::Pass] {
        line.push(Tok::Pass);
    }
    if tokens[from..to].iter().map(|token| token.1).eq(line.iter().copied()) {
        // Patched already: going on would go round in circles.
        return false;
    }
    tokens.splice(from..to, line.into_iter().map(|tok| (at, tok, at)));
    true
}
