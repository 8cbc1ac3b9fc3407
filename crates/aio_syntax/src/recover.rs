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
    /// Indentation and joined lines: CPython reports these only if its parser gets that far.
    Layout,
    /// A bracket that is never closed, which CPython notices only at the end.
    Unclosed,
    Parser,
    /// An indent that nothing asks for: CPython looks no further.
    Indent,
    /// A mistake in a replacement field, for which CPython's parser has words of its own: it has not yet seen that the
    /// field is never closed.
    Field,
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
                LexErrorKind::UnmatchedDedent
                | LexErrorKind::MixedTabs
                | LexErrorKind::TooManyIndents
                | LexErrorKind::BadContinuation
                | LexErrorKind::ContinuationAtEof => Origin::Layout,
                // The lexer notices, but CPython leaves it to its parser.
                LexErrorKind::FStringExpectsSpec => Origin::Parser,
                _ => Origin::Lexer,
            },
        })
        .collect();
    let warnings = glued_numbers(source, &lexed);
    let mut tokens = std::mem::take(&mut lexed.tokens);
    let mut outcome =
        Outcome { top: None, interner: Interner::new(), diagnostics: Vec::new(), primary: None, node_count: 0, awaits };
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
                        found.push(Found { diagnostic, origin: Origin::Parser });
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
        if in_open_field(&scene, &diagnostic, &lexed.errors) {
            found.push(Found { diagnostic, origin: Origin::Field });
        } else if admit(&scene, diagnostic.span, &lexed.errors, &mut found) {
            let is_indent = scene.here() == Tok::Indent;
            found.push(Found { diagnostic, origin: if is_indent { Origin::Indent } else { Origin::Parser } });
        }
        if goal == Goal::Expr || !patch::patch(&mut tokens, &stop) {
            break;
        }
    }
    found.extend(warnings.into_iter().map(|diagnostic| Found { diagnostic, origin: Origin::Parser }));
    found.sort_by_key(|found| {
        (found.diagnostic.span, matches!(found.origin, Origin::Parser | Origin::Indent | Origin::Field))
    });
    outcome.primary = primary(&found, &lines);
    outcome.diagnostics = found.into_iter().map(|found| found.diagnostic).collect();
    outcome
}

/// Lexes again, with the brackets closed that were never closed, until only their own errors are
/// left of them.
fn reopen(source: &str, start: usize, lexed: &mut Lexed) {
    let mut never_closed = Vec::new();
    let unclosed = |lexed: &Lexed, known: &[u32]| {
        let is_new = |error: &&LexError| error.kind == LexErrorKind::UnclosedBracket && !known.contains(&error.span.lo);
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
    found.iter().any(|found| found.diagnostic.is_error() && found.diagnostic.span.touches(place))
}

/// Whether a parser's error is a mistake in a replacement field, and all that the lexer has found on the line is that
/// fields are never closed, farther on than the parser looks.
fn in_open_field(scene: &Scene<'_>, diagnostic: &Diagnostic, errors: &[LexError]) -> bool {
    let line = scene.line_span();
    let mut on_line = errors.iter().filter(|error| line.lo <= error.span.lo && error.span.lo <= line.hi).peekable();
    // To tell that a comma may be missing the parser reads the whole expression, and more.
    let reads_on = matches!(
        scene.here(),
        Tok::Name | Tok::Int | Tok::Float | Tok::Imag | Tok::String | Tok::LPar | Tok::LSqb | Tok::FStart
    );
    diagnostic.message.starts_with("f-string: ")
        && on_line.peek().is_some()
        && on_line.all(|error| {
            matches!(error.kind, LexErrorKind::FStringExpectsBrace | LexErrorKind::FStringExpectsSpec)
                && error.span.lo > scene.span().lo
                && !reads_on
        })
}

/// Whether a parser's error is a mistake of its own, and not what follows from one of the lexer's
/// on the same line.
fn admit(scene: &Scene<'_>, place: Span, errors: &[LexError], found: &mut Vec<Found>) -> bool {
    if scene.here() == Tok::Indent {
        return !covered(found, place);
    }
    let line = scene.line_span();
    let on_line = |error: &&LexError| error.span.lo < line.hi && line.lo < error.span.hi.max(error.span.lo + 1);
    let mut neighbours = errors.iter().filter(on_line);
    let Some(bracket) = neighbours.next() else {
        return !covered(found, place);
    };
    if bracket.kind != LexErrorKind::UnclosedBracket || neighbours.next().is_some() {
        return false;
    }
    // CPython stops at what it meets first: it knows that the bracket is never closed only after
    // it has seen a token behind the bracket's line.
    let row = scene.row_of(bracket.span.lo);
    let is_behind = |(lo, tok, hi): Spanned| lo == hi || tok == Tok::Newline || scene.row_of(lo) != row;
    let seen = scene.index()..=scene.reach();
    if bracket.span.lo > scene.span().lo || seen.into_iter().any(|i| scene.token(i).is_none_or(is_behind)) {
        return false;
    }
    found.retain(|found| found.origin != Origin::Unclosed || found.diagnostic.span != bracket.span);
    true
}

/// CPython prefers the lexer's errors to the parser's, wherever they are; but those about the layout
/// only count where the parser gets, and a bracket that is never closed only if the parser's error
/// is on a later line.
fn primary(found: &[Found], lines: &LineIndex) -> Option<usize> {
    let first = |origin: Origin| found.iter().position(|found| found.origin == origin && found.diagnostic.is_error());
    let (layout, indent) = (first(Origin::Layout), first(Origin::Indent));
    let parser = first(Origin::Parser).into_iter().chain(indent).min();
    let is_before = |a: usize, b: Option<usize>| b.is_none_or(|b| a < b);
    if let Some(field) = first(Origin::Field)
        && is_before(field, found.iter().position(|found| found.diagnostic.is_error()).filter(|&first| first != field))
    {
        return Some(field);
    }
    if let Some(lexer) = first(Origin::Lexer)
        && is_before(lexer, layout)
        && (indent.is_none() || indent != parser || is_before(lexer, indent))
    {
        return Some(lexer);
    }
    if let Some(layout) = layout
        && is_before(layout, parser)
    {
        return Some(layout);
    }
    let row = |index: usize| lines.line(found[index].diagnostic.span.lo);
    match (first(Origin::Unclosed), parser) {
        (Some(unclosed), Some(parser)) if row(parser) <= row(unclosed) => Some(parser),
        (Some(unclosed), _) => Some(unclosed),
        (None, parser) => parser,
    }
}

/// The header of a statement that a block can follow, in the simplest form.
fn stub(first: Tok) -> Option<&'static [Tok]> {
    use Tok::{
        Async, Case, Class, Colon, Def, Elif, Else, Except, Finally, For, If, In, LPar, Match, Name, RPar, Try, While,
        With,
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
