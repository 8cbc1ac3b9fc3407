//! From text to tree, and from a broken text to every mistake in it: the line that does not parse is
//! patched, and the whole is parsed again.

mod complete;
mod explain;
mod patch;
mod scene;

pub use complete::completeness;

use crate::actions::{Cx, Top};
use crate::ast::P;
use crate::classify::{classify, has_top_level_await};
use crate::interner::Interner;
use crate::lexer::{LexError, LexErrorKind, Lexed, lex, number};
use crate::parser::{Goal, parse};
use crate::token::{Spanned, Tok};
use crate::{Parsed, ParsedExpr};
use aio_source::{Diagnostic, LineIndex, Span};
use explain::explain;
use scene::Scene;

/// More mistakes than this are not looked for.
const MAX_ERRORS: usize = 32;
/// More brackets that are never closed are not told apart.
const MAX_UNCLOSED: usize = 10;

pub(crate) fn module(source: &str) -> Parsed {
    let start = if source.starts_with('\u{feff}') { 3 } else { 0 };
    let outcome = analyse(source, start, Goal::Module);
    Parsed {
        module: match outcome.top {
            Some(Top::Module(block)) => block,
            _ => Vec::new(),
        },
        interner: outcome.interner,
        diagnostics: outcome.diagnostics,
        primary: outcome.primary,
        node_count: outcome.node_count,
        has_top_level_await: outcome.awaits,
    }
}

pub(crate) fn expression(source: &str) -> ParsedExpr {
    let blank = source.trim_start_matches([' ', '\t', '\u{feff}']);
    let outcome = analyse(source, source.len() - blank.len(), Goal::Expr);
    let expr: Option<P> = match outcome.top {
        Some(Top::Expr(e)) if outcome.primary.is_none() => Some(e),
        _ => None,
    };
    ParsedExpr {
        expr,
        interner: outcome.interner,
        diagnostics: outcome.diagnostics,
        primary: outcome.primary,
        node_count: outcome.node_count,
    }
}

struct Outcome {
    top: Option<Top>,
    interner: Interner,
    diagnostics: Vec<Diagnostic>,
    /// The index of the error that CPython would have raised.
    primary: Option<usize>,
    node_count: u32,
    awaits: bool,
}

fn analyse(source: &str, start: usize, goal: Goal) -> Outcome {
    if source.len() >= u32::MAX as usize {
        return too_long();
    }
    let mut lexed = lex(source, start, &[]);
    classify(source, &mut lexed.tokens);
    let awaits = has_top_level_await(&lexed.tokens);
    if lexed.errors.is_empty() {
        let cx = Cx::new(source);
        if let Ok(top) = parse(&cx, goal, &lexed.tokens) {
            let (interner, mut found, node_count) = cx.finish();
            found.extend(glued_numbers(source, &lexed));
            found.sort_by_key(|diagnostic| diagnostic.span);
            return Outcome {
                top: Some(top),
                interner,
                primary: found.iter().position(Diagnostic::is_error),
                diagnostics: found,
                node_count,
                awaits,
            };
        }
    }
    broken(source, start, goal, lexed, awaits)
}

/// Offsets have 32 bits.
fn too_long() -> Outcome {
    let message = "source code is too long";
    Outcome {
        top: None,
        interner: Interner::new(),
        diagnostics: vec![Diagnostic::error("MemoryError", Span::at(0), message)],
        primary: Some(0),
        node_count: 0,
        awaits: false,
    }
}

/// `1if x else y` is read, and CPython warns about it.
fn glued_numbers(source: &str, lexed: &Lexed) -> Vec<Diagnostic> {
    let warn = |span: &Span| {
        let text = source.as_bytes().get(span.lo as usize..)?;
        let problem = number::scan(text).problem?;
        Some(Diagnostic::warning("SyntaxWarning", *span, problem.message))
    };
    lexed.glued_numbers.iter().filter_map(warn).collect()
}

/// Something found wrong, and by whom.
struct Found {
    diagnostic: Diagnostic,
    origin: Origin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Lexer,
    /// A bracket that is never closed, which CPython notices only at the end.
    Unclosed,
    Parser,
}

#[cold]
fn broken(source: &str, start: usize, goal: Goal, mut lexed: Lexed, awaits: bool) -> Outcome {
    let lines = LineIndex::new(source);
    if goal == Goal::Module {
        reopen(source, start, &mut lexed);
    }
    let mut found: Vec<Found> = lexed
        .errors
        .iter()
        .map(|error| Found {
            diagnostic: error.diagnostic(source, &lines),
            origin: match error.kind {
                LexErrorKind::UnclosedBracket => Origin::Unclosed,
                _ => Origin::Lexer,
            },
        })
        .collect();
    let warnings = glued_numbers(source, &lexed);
    let mut tokens = std::mem::take(&mut lexed.tokens);
    let mut outcome = Outcome {
        top: None,
        interner: Interner::new(),
        diagnostics: Vec::new(),
        primary: None,
        node_count: 0,
        awaits,
    };
    for _ in 0..MAX_ERRORS {
        let cx = Cx::new(source);
        let result = parse(&cx, goal, &tokens);
        let stop = match result {
            Ok(top) => {
                outcome.top = Some(top);
                let (interner, reported, node_count) = cx.finish();
                outcome.interner = interner;
                outcome.node_count = node_count;
                for diagnostic in reported {
                    let place = diagnostic.span;
                    if !covered(&found, place) {
                        found.push(Found {
                            diagnostic,
                            origin: Origin::Parser,
                        });
                    }
                }
                break;
            }
            Err(stop) => stop,
        };
        let scene = Scene::new(source, &lines, &tokens, &stop);
        if lexed.stopped.is_some_and(|at| scene.span().lo >= at) {
            break;
        }
        let diagnostic = explain(&scene);
        if admit(&scene, &diagnostic, &lexed.errors, &mut found) {
            found.push(Found {
                diagnostic,
                origin: Origin::Parser,
            });
        }
        if goal == Goal::Expr || !patch::patch(&mut tokens, &stop) {
            break;
        }
    }
    found.extend(warnings.into_iter().map(|diagnostic| Found {
        diagnostic,
        origin: Origin::Parser,
    }));
    found.sort_by_key(|found| (found.diagnostic.span, found.origin == Origin::Parser));
    outcome.primary = primary(&found, &lines);
    outcome.diagnostics = found.into_iter().map(|found| found.diagnostic).collect();
    outcome
}

/// Lexes again, with the brackets closed that were never closed, until only their own errors are
/// left of them.
fn reopen(source: &str, start: usize, lexed: &mut Lexed) {
    let mut never_closed = Vec::new();
    let unclosed = |lexed: &Lexed, known: &[u32]| {
        let is_new = |error: &&LexError| {
            error.kind == LexErrorKind::UnclosedBracket && !known.contains(&error.span.lo)
        };
        lexed.errors.iter().find(is_new).map(|error| error.span.lo)
    };
    while never_closed.len() < MAX_UNCLOSED
        && let Some(at) = unclosed(lexed, &never_closed)
    {
        never_closed.push(at);
        *lexed = lex(source, start, &never_closed);
    }
    if !never_closed.is_empty() {
        classify(source, &mut lexed.tokens);
    }
}

/// Whether an earlier finding is about the same place.
fn covered(found: &[Found], place: Span) -> bool {
    found
        .iter()
        .any(|found| found.diagnostic.is_error() && found.diagnostic.span.touches(place))
}

/// Whether a parser's error is a mistake of its own, and not what follows from one of the lexer's
/// on the same line.
fn admit(
    scene: &Scene<'_>,
    diagnostic: &Diagnostic,
    errors: &[LexError],
    found: &mut Vec<Found>,
) -> bool {
    let line = scene.line_span();
    let on_line = |error: &&LexError| error.span.touches(line);
    let mut neighbours = errors.iter().filter(on_line).peekable();
    if neighbours.peek().is_none() {
        return !covered(found, diagnostic.span);
    }
    let Some(bracket) = neighbours.next() else {
        return false;
    };
    if bracket.kind != LexErrorKind::UnclosedBracket || neighbours.next().is_some() {
        return false;
    }
    // CPython stops at what it meets first: it knows that the bracket is never closed only after
    // it has seen a token behind the bracket's line.
    let seen = scene.index() + usize::from(diagnostic.message.ends_with("forgot a comma?"));
    let row = scene.row_of(bracket.span.lo);
    let at_end = |token: &Spanned| token.0 == token.2 || scene.row_of(token.0) != row;
    if bracket.span.lo > scene.span().lo || scene.token(seen).is_none_or(|token| at_end(&token)) {
        return false;
    }
    found.retain(|found| found.diagnostic.span != bracket.span);
    true
}

/// CPython prefers the lexer's errors to the parser's, wherever they are; but a bracket that is
/// never closed only counts if the parser's error is on a later line.
fn primary(found: &[Found], lines: &LineIndex) -> Option<usize> {
    let first = |origin: Origin| {
        found
            .iter()
            .position(|found| found.origin == origin && found.diagnostic.is_error())
    };
    if let Some(index) = first(Origin::Lexer) {
        return Some(index);
    }
    let row = |index: usize| lines.line(found[index].diagnostic.span.lo);
    match (first(Origin::Unclosed), first(Origin::Parser)) {
        (Some(unclosed), Some(other)) if row(other) <= row(unclosed) => Some(other),
        (Some(unclosed), _) => Some(unclosed),
        (None, other) => other,
    }
}

/// The header of a statement that a block can follow, in the simplest form.
fn stub(first: Tok) -> Option<&'static [Tok]> {
    use Tok::{
        Async, Case, Class, Colon, Def, Elif, Else, Except, Finally, For, If, In, LPar, Match,
        Name, RPar, Try, While, With,
    };
    Some(match first {
        Def | Async => &[Def, Name, LPar, RPar, Colon],
        Class => &[Class, Name, Colon],
        If => &[If, Name, Colon],
        Elif => &[Elif, Name, Colon],
        Else => &[Else, Colon],
        Try => &[Try, Colon],
        Except => &[Except, Colon],
        Finally => &[Finally, Colon],
        While => &[While, Name, Colon],
        For => &[For, Name, In, Name, Colon],
        With => &[With, Name, Colon],
        Match => &[Match, Name, Colon],
        Case => &[Case, Name, Colon],
        _ => return None,
    })
}
