//! `=` where no assignment can be.

use super::{Scene, syntax};
use crate::actions::{expr_name, invalid_target, is_operand};
use crate::ast::ExprKind;
use crate::token::Tok;
use aio_source::Diagnostic;

pub(super) fn explain(scene: &Scene<'_>) -> Option<Diagnostic> {
    if scene.here() != Tok::Eq {
        return None;
    }
    let sign = scene.index();
    if scene.first() == Tok::Yield && scene.bracket().is_none() {
        let span = scene.span_of(scene.start()).to(scene.span_of(sign - 1));
        return syntax(span, "assignment to yield expression not possible");
    }
    let (from, opener) = operand_start(scene)?;
    if scene.in_call() {
        return match scene.tok(from) {
            Tok::Star => unpacking(scene, from, "iterable"),
            Tok::DoubleStar => unpacking(scene, from, "keyword"),
            _ => None,
        };
    }
    if !may_bind(scene, opener) {
        return None;
    }
    let value = value_end(scene)?;
    if matches!(scene.tok(value), Tok::Eq | Tok::ColonEq) {
        return None;
    }
    let target = scene.expression(from..sign)?;
    let span = scene.span_of(from);
    match target.kind {
        ExprKind::Name(_) => {
            let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
            syntax(span.to(scene.span_of(value - 1)), message)
        }
        ExprKind::True
        | ExprKind::False
        | ExprKind::None
        | ExprKind::Tuple(_)
        | ExprKind::List(_)
        | ExprKind::GenExp(..) => None,
        _ => {
            let name = expr_name(&target);
            let message = format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?");
            Some(Diagnostic::syntax(span.to(scene.span_of(sign - 1)), message))
        }
    }
}

/// The target of a `for` that does not get to its `in`.
pub(super) fn for_target(scene: &Scene<'_>) -> Option<Diagnostic> {
    if scene.first() != Tok::For || scene.bracket().is_some() || scene.has_before(Tok::In) {
        return None;
    }
    let word = scene.backwards(scene.index()).find(|(_, tok)| *tok == Tok::For).map(|(i, _)| i)?;
    let target = scene.expression(word + 1..scene.index())?;
    let wrong = invalid_target(&target, false)?;
    let message = format!("cannot assign to {}", expr_name(wrong));
    Some(Diagnostic::syntax(wrong.span, message))
}

/// The target of an assignment whose value does not parse.
pub(super) fn unfinished(scene: &Scene<'_>) -> Option<Diagnostic> {
    let index = scene.index();
    if scene.in_call() && scene.before(1) == Some(Tok::Eq) {
        let key = scene.before(2)? == Tok::Name && matches!(scene.before(3)?, Tok::LPar | Tok::Comma);
        let message = "expression cannot contain assignment, perhaps you meant \"==\"?";
        return if key { None } else { syntax(scene.span_of(index - 1), message) };
    }
    let signs = scene.signs();
    let mut from = scene.statement_start(*signs.first()?);
    for &sign in &signs {
        let target = scene.expression(from..sign)?;
        from = sign + 1;
        let Some(wrong) = invalid_target(&target, false) else {
            continue;
        };
        let name = expr_name(wrong);
        let suggests = signs.len() == 1
            && std::ptr::eq(wrong, &*target)
            && is_operand(wrong)
            && scene.begins_expression(sign + 1)
            && !matches!(scene.tok(sign + 1), Tok::Not | Tok::Lambda);
        let message = if suggests {
            format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?")
        } else {
            format!("cannot assign to {name}")
        };
        return Some(Diagnostic::syntax(wrong.span, message));
    }
    None
}

/// `a.b := 1` as a statement.
pub(super) fn walrus(scene: &Scene<'_>) -> Option<Diagnostic> {
    let index = scene.index();
    if scene.here() != Tok::ColonEq || !scene.begins_expression(index + 1) {
        return None;
    }
    let target = scene.expression(scene.statement_start(index)..index)?;
    if let ExprKind::Name(_) = target.kind {
        return None;
    }
    let name = expr_name(&target);
    let message = format!("cannot use assignment expressions with {name}");
    Some(Diagnostic::syntax(target.span, message))
}

fn unpacking(scene: &Scene<'_>, from: usize, what: &str) -> Option<Diagnostic> {
    let span = scene.span_of(from).to(scene.span());
    let message = format!("cannot assign to {what} argument unpacking");
    Some(Diagnostic::syntax(span, message))
}

/// Where the expression before the sign begins, and what stands before it. Nothing if it is more
/// than an operand.
fn operand_start(scene: &Scene<'_>) -> Option<(usize, Option<(usize, Tok)>)> {
    let mut from = scene.index();
    for (i, tok) in scene.backwards(scene.index()) {
        match tok {
            Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FLBrace | Tok::WithLPar => {
                return Some((from, Some((i, tok))));
            }
            Tok::Comma | Tok::If | Tok::Elif | Tok::While | Tok::Match => {
                return Some((from, Some((i, tok))));
            }
            // The matrix product is no decorator.
            Tok::At if i == scene.start() => return Some((from, Some((i, tok)))),
            _ if ends_scope(tok) => return None,
            _ => {}
        }
        // Closing brackets come once, for their whole pair.
        from = match tok {
            Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FRBrace => opening(scene, i)?,
            _ => i,
        };
    }
    None
}

fn opening(scene: &Scene<'_>, close: usize) -> Option<usize> {
    (scene.start()..close).rev().find(|&open| scene.matching(open) == Some(close))
}

/// What binds looser than an operand.
fn ends_scope(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::Not
            | Tok::And
            | Tok::Or
            | Tok::In
            | Tok::Is
            | Tok::Lt
            | Tok::Gt
            | Tok::Le
            | Tok::Ge
            | Tok::EqEq
            | Tok::Ne
            | Tok::Else
            | Tok::For
            | Tok::Lambda
            | Tok::Colon
            | Tok::ColonEq
            | Tok::Eq
            | Tok::Semi
            | Tok::Return
            | Tok::Assert
            | Tok::Del
            | Tok::Raise
            | Tok::Yield
            | Tok::From
            | Tok::As
            | Tok::With
            | Tok::Global
            | Tok::Nonlocal
            | Tok::Import
            | Tok::Class
            | Tok::Def
    )
}

/// Whether `:=` would be allowed in this place.
fn may_bind(scene: &Scene<'_>, opener: Option<(usize, Tok)>) -> bool {
    let Some((at, tok)) = opener else {
        return false;
    };
    match tok {
        Tok::If => at == scene.start() || scene.first() == Tok::Case,
        Tok::Elif | Tok::While | Tok::At | Tok::Match => at == scene.start(),
        Tok::Comma => scene.bracket().is_some(),
        Tok::FLBrace => false,
        _ => true,
    }
}

/// The token behind the operand on the right of the sign.
fn value_end(scene: &Scene<'_>) -> Option<usize> {
    let from = scene.index() + 1;
    if matches!(scene.tok(from), Tok::Not | Tok::Lambda) || !scene.begins_expression(from) {
        return None;
    }
    let mut i = from;
    loop {
        match scene.tok(i) {
            Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FStart => i = scene.matching(i)? + 1,
            tok if ends_scope(tok)
                || tok.is_layout()
                || matches!(tok, Tok::Comma | Tok::If | Tok::RPar | Tok::RSqb | Tok::RBrace) =>
            {
                return Some(i);
            }
            _ => i += 1,
        }
    }
}
