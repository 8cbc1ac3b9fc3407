//! CPython's words for a place where the grammar stops.
//!
//! CPython has special productions for the usual mistakes; here they are rules about the tokens
//! around the place, tried in an order that gives the same answers.

mod assignment;
mod fstring;
mod list;

use super::scene::Scene;
use crate::token::Tok;
use aio_source::{Diagnostic, Named, Span};

/// What to say about the place where the parser stopped.
pub(super) fn explain(scene: &Scene<'_>) -> Diagnostic {
    let rules = [
        layout,
        imports,
        legacy_print,
        header,
        parameters,
        patterns,
        conditional,
        assignment::explain,
        list::explain,
        assignment::for_target,
        assignment::unfinished,
        assignment::walrus,
        fstring::explain,
    ];
    rules.iter().find_map(|rule| rule(scene)).unwrap_or_else(|| {
        let plain = Diagnostic::syntax(scene.span(), "invalid syntax");
        if scene.here() == Tok::Newline { plain.named(Named::LineEnd) } else { plain }
    })
}

fn syntax(span: Span, message: &str) -> Option<Diagnostic> {
    Some(Diagnostic::syntax(span, message))
}

/// Blocks that are missing, and blocks that nothing asked for.
fn layout(scene: &Scene<'_>) -> Option<Diagnostic> {
    if scene.expects_block() {
        return Some(missing_block(scene));
    }
    if scene.here() == Tok::Indent {
        let message = "unexpected indent";
        return Some(Diagnostic::error("IndentationError", scene.span(), message));
    }
    if scene.expects("except") && scene.expects("finally") && !scene.expects("pass") {
        return syntax(scene.span(), "expected 'except' or 'finally' block");
    }
    if scene.here() == Tok::Dedent {
        let message = "unexpected unindent";
        return Some(Diagnostic::error("IndentationError", scene.span(), message));
    }
    None
}

/// The header stands on the line before.
fn missing_block(scene: &Scene<'_>) -> Diagnostic {
    let mut header = scene.index().saturating_sub(1);
    while header > 0 && !scene.tok(header - 1).is_layout() {
        header -= 1;
    }
    let place = scene.span_of(header);
    let mut word = header;
    if scene.tok(word) == Tok::Async {
        word += 1;
    }
    let what = match scene.tok(word) {
        Tok::Def => "function definition".to_string(),
        Tok::Class => "class definition".to_string(),
        Tok::Except if scene.tok(word + 1) == Tok::Star => "'except*' statement".to_string(),
        _ => format!("'{}' statement", scene.text(word)),
    };
    let row = scene.row_of(place.lo);
    let message = format!("expected an indented block after {what} on line {row}");
    Diagnostic::error("IndentationError", scene.span(), message).with_label(place, "this needs a block")
}

fn imports(scene: &Scene<'_>) -> Option<Diagnostic> {
    let (first, here) = (scene.first(), scene.here());
    let last = scene.before(1)?;
    match (first, here) {
        (Tok::Import | Tok::From, Tok::Newline) if last == Tok::Import => {
            syntax(scene.span(), "Expected one or more names after 'import'")
        }
        (Tok::From, Tok::Newline) if last == Tok::Comma && scene.bracket().is_none() => {
            let message = "trailing comma not allowed without surrounding parentheses";
            syntax(scene.span_of(scene.index() - 1), message)
        }
        (Tok::Import, Tok::From) if last == Tok::Name && scene.tok(scene.index() + 1) == Tok::Name => {
            let message = "Did you mean to use 'from ... import ...' instead?";
            syntax(scene.span(), message)
        }
        _ => None,
    }
}

/// `print x`
fn legacy_print(scene: &Scene<'_>) -> Option<Diagnostic> {
    let name = scene.index().checked_sub(1)?;
    if scene.before(1)? != Tok::Name
        || !scene.before(2).is_none_or(precedes_expression)
        || !scene.behind_operand()
        || !scene.begins_expression(scene.index())
    {
        return None;
    }
    let word = match scene.text(name) {
        word @ ("print" | "exec") => word,
        _ => return None,
    };
    let message = format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?");
    Some(Diagnostic::syntax(scene.span_of(name).to(scene.span()), message))
}

/// Whether a whole expression can follow, and not only an operand.
fn precedes_expression(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::LPar
            | Tok::LSqb
            | Tok::LBrace
            | Tok::FLBrace
            | Tok::Comma
            | Tok::Colon
            | Tok::Semi
            | Tok::Eq
            | Tok::ColonEq
            | Tok::Else
            | Tok::If
            | Tok::Elif
            | Tok::While
            | Tok::Return
            | Tok::Raise
            | Tok::Assert
            | Tok::Yield
            | Tok::With
    )
}

/// Colons and brackets that the header of a block lacks.
fn header(scene: &Scene<'_>) -> Option<Diagnostic> {
    let (first, here) = (scene.first(), scene.here());
    let in_brackets = scene.bracket().is_some();
    if first == Tok::Def && !in_brackets {
        let name = scene.before(1) == Some(Tok::Name) && scene.before(2) == Some(Tok::Def);
        let parameters = scene.before(1) == Some(Tok::RSqb) && scene.expects("(");
        if (name || parameters) && scene.expects("(") {
            return syntax(scene.span(), "expected '('");
        }
        let is_complete = scene.before(1) == Some(Tok::RPar) || scene.has_before(Tok::Arrow);
        if scene.expects(":") && is_complete {
            return syntax(scene.span(), "expected ':'");
        }
        if scene.before(1) == Some(Tok::Arrow) && here == Tok::Colon {
            let arrow = scene.span_of(scene.index() - 1);
            return syntax(arrow, "expected ':'");
        }
    }
    let is_group = scene.before(1) == Some(Tok::Star) && scene.before(2) == Some(Tok::Except);
    if is_group && matches!(here, Tok::Colon | Tok::Newline) {
        return syntax(scene.span(), "expected one or more exception types");
    }
    // These are looked at no further once their word has been read.
    let forced = matches!(first, Tok::Else | Tok::Try | Tok::Finally) && scene.index() == scene.start() + 1;
    let has_block = matches!(
        first,
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
            | Tok::Case
    );
    let lacks_colon = has_block && here == Tok::Newline && !in_brackets && !in_lambda(scene);
    if scene.expects(":") && (forced || lacks_colon) {
        return syntax(scene.span(), "expected ':'");
    }
    None
}

/// Whether the colon of a `lambda` has not come yet.
fn in_lambda(scene: &Scene<'_>) -> bool {
    scene
        .backwards(scene.index())
        .find(|(_, tok)| matches!(tok, Tok::Lambda | Tok::Colon))
        .is_some_and(|(_, tok)| tok == Tok::Lambda)
}

/// Brackets and missing defaults in the parameters of functions.
fn parameters(scene: &Scene<'_>) -> Option<Diagnostic> {
    let (here, last) = (scene.here(), scene.before(1)?);
    let of_lambda = in_lambda(scene) && !scene.expects("int");
    let of_def = scene.first() == Tok::Def
        && matches!(scene.bracket(), Some((Tok::LPar, at)) if at <= scene.start() + 3)
        && !in_lambda(scene);
    let defaults = of_def || in_lambda(scene);
    if defaults && last == Tok::Eq && matches!(here, Tok::RPar | Tok::Comma) {
        let sign = scene.span_of(scene.index() - 1);
        return syntax(sign, "expected default value expression");
    }
    if here != Tok::LPar || !(of_lambda || of_def) {
        return None;
    }
    if !matches!(last, Tok::LPar | Tok::Comma | Tok::Lambda) {
        return None;
    }
    let close = scene.matching(scene.index())?;
    let inside = scene.index() + 1..close;
    let is_plain = |i: usize| matches!(scene.tok(i), Tok::Name | Tok::Comma);
    if inside.is_empty() || !inside.clone().all(is_plain) {
        return None;
    }
    let what = if of_lambda { "Lambda expression" } else { "Function" };
    let span = scene.span().to(scene.span_of(close));
    Some(Diagnostic::syntax(span, format!("{what} parameters cannot be parenthesized")))
}

fn patterns(scene: &Scene<'_>) -> Option<Diagnostic> {
    let target = scene.first() == Tok::Case && scene.before(1) == Some(Tok::As);
    if target && scene.here() != Tok::Name && scene.begins_expression(scene.index()) {
        return syntax(scene.span(), "invalid pattern target");
    }
    None
}

/// `a if b` without `else`.
fn conditional(scene: &Scene<'_>) -> Option<Diagnostic> {
    if !scene.expects("else") || scene.expects("pass") || scene.here() == Tok::Colon {
        return None;
    }
    let word = scene.backwards(scene.index()).find(|(_, tok)| *tok == Tok::If).map(|(i, _)| i)?;
    // The value before it belongs to the expression.
    let ends = |tok: Tok| {
        tok.is_layout()
            || matches!(
                tok,
                Tok::Comma | Tok::Eq | Tok::Colon | Tok::Semi | Tok::Return | Tok::Yield | Tok::In | Tok::If
            )
            || matches!(tok, Tok::Else | Tok::LPar | Tok::LSqb | Tok::LBrace)
    };
    let before = scene.backwards(word).take_while(|(_, tok)| !ends(*tok));
    let first = before.last().map_or(word, |(i, _)| i);
    let span = scene.span_of(first).to(scene.span_of(scene.index() - 1));
    syntax(span, "expected 'else' after 'if' expression")
}
