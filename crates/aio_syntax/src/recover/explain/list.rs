//! Mistakes between brackets: commas, colons, stars and comprehensions.

use super::{Scene, syntax};
use crate::recover::scene::ends_operand;
use crate::token::Tok;
use aio_source::Diagnostic;

pub(super) fn explain(scene: &Scene<'_>) -> Option<Diagnostic> {
    let (bracket, open) = scene.bracket()?;
    let here = scene.here();
    let last = scene.before(1)?;
    let ends = matches!(here, Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::Comma);
    if bracket == Tok::LBrace {
        let found = dict(scene, open);
        if found.is_some() {
            return found;
        }
    }
    let trails = open > scene.start() && ends_operand(scene.tok(open - 1));
    if last == Tok::Star && ends && trails && is_prefix(scene, scene.index() - 1) {
        return syntax(scene.span_of(scene.index() - 1), "Invalid star expression");
    }
    if here == Tok::DoubleStar && bracket == Tok::LPar && last == Tok::LPar && !scene.in_call() {
        return syntax(scene.span(), "cannot use double starred expression here");
    }
    let is_dict = scene.has_before(Tok::Colon) || scene.has_before(Tok::DoubleStar);
    let may_list = bracket == Tok::LSqb || (bracket == Tok::LBrace && !is_dict);
    if here == Tok::For && may_list && scene.has_before(Tok::Comma) {
        let span = scene.span_of(open + 1).to(scene.span_of(scene.index() - 1));
        let message = "did you forget parentheses around the comprehension target?";
        return syntax(span, message);
    }
    let clause = scene
        .backwards(scene.index())
        .find(|(_, tok)| matches!(tok, Tok::For | Tok::In))
        .filter(|(_, tok)| *tok == Tok::For);
    if let Some((word, _)) = clause
        && scene.expects("in")
        && last != Tok::For
    {
        let span = scene.span_of(word).to(scene.span_of(scene.index() - 1));
        return syntax(span, "'in' expected after for-loop variables");
    }
    comma(scene)
}

/// A dictionary whose first entry is complete, so that it cannot be a set.
fn dict(scene: &Scene<'_>, open: usize) -> Option<Diagnostic> {
    let (here, last) = (scene.here(), scene.before(1)?);
    let ends = matches!(here, Tok::RBrace | Tok::Comma);
    let colon = scene.index() - 1;
    if last == Tok::Colon && ends {
        let message = "expression expected after dictionary key and ':'";
        return syntax(scene.span_of(colon), message);
    }
    if last == Tok::Colon && here == Tok::Star && scene.begins_expression(scene.index() + 1) {
        let message = "cannot use a starred expression in a dictionary value";
        return syntax(scene.span(), message);
    }
    let is_dict =
        scene.backwards(scene.index()).skip_while(|(_, tok)| *tok != Tok::Comma).any(|(_, tok)| tok == Tok::Colon)
            || scene.tok(open + 1) == Tok::DoubleStar;
    if is_dict && scene.expects(":") && last != Tok::Comma {
        return syntax(scene.span_of(colon), "':' expected after dictionary key");
    }
    None
}

/// Two expressions in a row.
fn comma(scene: &Scene<'_>) -> Option<Diagnostic> {
    let here = scene.index();
    if !scene.behind_operand() || !scene.begins_expression(here) {
        return None;
    }
    // Find where the expression before begins: at a place where any expression may stand.
    let mut from = here;
    let mut behind_in = false;
    for (i, tok) in scene.backwards(here) {
        match tok {
            Tok::In => behind_in = true,
            Tok::For if behind_in => return None,
            Tok::If | Tok::For | Tok::As => return None,
            Tok::DoubleStar if is_prefix(scene, i) => {
                return if scene.in_call() { found(scene, from) } else { None };
            }
            Tok::Star if is_prefix(scene, i) && !scene.in_call() => return None,
            Tok::LPar
            | Tok::LSqb
            | Tok::LBrace
            | Tok::FLBrace
            | Tok::WithLPar
            | Tok::Comma
            | Tok::Eq
            | Tok::Colon
            | Tok::ColonEq
            | Tok::Else => {
                // A later `for` of the same brackets shows that this was a comprehension's clause.
                if behind_in && tok == Tok::Comma && scene.has_before(Tok::For) {
                    return None;
                }
                return found(scene, from);
            }
            _ => {}
        }
        from = i;
    }
    None
}

fn found(scene: &Scene<'_>, from: usize) -> Option<Diagnostic> {
    let soft = ["match", "case", "type", "_"];
    let first = scene.tok(from);
    let prefix = first == Tok::Name && scene.tok(from + 1) == Tok::String;
    if prefix || (first == Tok::Name && soft.contains(&scene.text(from))) {
        return None;
    }
    let span = scene.span_of(from).to(scene.span());
    let message = "invalid syntax. Perhaps you forgot a comma?";
    syntax(span, message)
}

/// Whether a star unpacks, and does not multiply.
fn is_prefix(scene: &Scene<'_>, star: usize) -> bool {
    let before = star.checked_sub(1).map(|i| scene.tok(i));
    matches!(before, Some(Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FLBrace | Tok::Comma))
}
