//! Mistakes in the replacement fields of f-strings.

use super::{Scene, syntax};
use crate::token::Tok;
use aio_source::Diagnostic;

pub(super) fn explain(scene: &Scene<'_>) -> Option<Diagnostic> {
    let (Tok::FLBrace, open) = scene.bracket()? else {
        return None;
    };
    let (index, here) = (scene.index(), scene.here());
    let span = scene.span();
    if index == open + 1 {
        let sign = match here {
            Tok::FEq => "=",
            Tok::FBang => "!",
            Tok::FColon => ":",
            Tok::FRBrace => "}",
            _ => return syntax(span, "f-string: expecting a valid expression after '{'"),
        };
        let message = format!("f-string: valid expression required before '{sign}'");
        return Some(Diagnostic::syntax(span, message));
    }
    if here == Tok::FColon && scene.has_before(Tok::Lambda) && scene.expects(":") {
        let message = "f-string: lambda expressions are not allowed without parentheses";
        return syntax(scene.span_of(open + 1).to(span), message);
    }
    if scene.has_before(Tok::FColon) {
        return syntax(span, "f-string: expecting '}', or format specs");
    }
    if scene.before(1) == Some(Tok::FBang) {
        return if matches!(here, Tok::FColon | Tok::FRBrace) {
            syntax(span, "f-string: missing conversion character")
        } else {
            syntax(span, "f-string: invalid conversion character")
        };
    }
    if scene.has_before(Tok::FBang) {
        return syntax(span, "f-string: expecting ':' or '}'");
    }
    if scene.has_before(Tok::FEq) {
        return syntax(span, "f-string: expecting '!', or ':', or '}'");
    }
    // Is there an expression at all, once signs and stars are passed?
    let is_sign =
        |i: &usize| matches!(scene.tok(*i), Tok::Star | Tok::Minus | Tok::Plus | Tok::Tilde | Tok::Not | Tok::Await);
    let operand = (open + 1..index).find(|i| !is_sign(i));
    if operand.is_some() {
        syntax(span, "f-string: expecting '=', or '!', or ':', or '}'")
    } else {
        syntax(span, "f-string: expecting a valid expression after '{'")
    }
}
