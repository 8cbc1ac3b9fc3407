//! An exception with everything that led to it: one report for each of the chain, and the last line as CPython has it.

use super::message::{self, attr, exception_is};
use super::report::{Draft, Mark, Piece, Style, draw};
use super::trace::{Step, steps};
use super::{group, syntax};
use crate::sources::Sources;
use aio_source::{Diagnostic, Span};
use aio_vm::{Value, Vm};
use ariadne::{Color, ReportKind};
use rustc_hash::FxHashSet;

const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";

/// Longer chains are shown with a gap.
const LONGEST_CHAIN: usize = 40;
/// Places at the beginning and at the end of a long way that are drawn.
const FIRST_PLACES: usize = 8;
const LAST_PLACES: usize = 16;

/// Draws an exception, the ones that led to it first. Ends with the line `Type: message`, notes and a line end.
pub fn render_exception(vm: &Vm, exception: &Value, sources: &Sources, style: &Style) -> String {
    let chain = chain(exception);
    let mut out = String::new();
    let gap = chain.len().saturating_sub(LONGEST_CHAIN);
    for (i, (link, e)) in chain.iter().rev().enumerate() {
        if gap > 0 && (LONGEST_CHAIN / 2..LONGEST_CHAIN / 2 + gap).contains(&i) {
            if i == LONGEST_CHAIN / 2 {
                out.push_str(&format!("\n... {gap} more exceptions of the chain ...\n\n"));
            }
            continue;
        }
        out.push_str(&one(vm, e, sources, style));
        out.push_str(link);
    }
    out
}

/// The exception and those that led to it, latest first, each with the sentence between it and the next.
pub(super) fn chain(exception: &Value) -> Vec<(&'static str, Value)> {
    let mut chain = vec![("", exception.clone())];
    let mut seen = FxHashSet::from_iter([exception.identity()]);
    let mut now = exception.clone();
    loop {
        let Some(e) = now.as_exception() else {
            return chain;
        };
        let (cause, context) = (e.cause.get(), e.context.get());
        let earlier = if cause.as_exception().is_some() {
            (CAUSE, cause)
        } else if context.as_exception().is_some() && !e.suppress_context.get() {
            (CONTEXT, context)
        } else {
            return chain;
        };
        if !seen.insert(earlier.1.identity()) {
            return chain;
        }
        now = earlier.1.clone();
        chain.push(earlier);
    }
}

fn one(vm: &Vm, exception: &Value, sources: &Sources, style: &Style) -> String {
    let last = message::last_line(vm, exception);
    if exception_is(exception, vm.types.base_exception_group.get()) {
        let drawn = drawn_way(vm, exception, sources, style);
        return drawn + &group::render(vm, exception, sources);
    }
    let mut out = drawn_way(vm, exception, sources, style);
    if exception_is(exception, vm.types.syntax_error.get()) {
        out.push_str(&syntax_place(vm, exception, sources, style).unwrap_or_default());
    }
    out.push_str(&last);
    out.push('\n');
    out
}

/// The report of the way that an exception went.
fn drawn_way(vm: &Vm, exception: &Value, sources: &Sources, style: &Style) -> String {
    let all = steps(vm, exception);
    let total = all.len();
    let mut shown: Vec<(Step, usize)> = Vec::new();
    let mut library = 0;
    let in_library = all.last().is_some_and(Step::is_library);
    let innermost = all.iter().rposition(|s| !s.is_library());
    let mut last = None;
    for (i, step) in all.into_iter().enumerate() {
        if step.is_library() {
            library += 1;
            continue;
        }
        // Each place is drawn once, however often a recursion came by.
        let known = shown.iter().position(|(known, _)| *known == step);
        let at = known.unwrap_or(shown.len());
        match known {
            Some(at) => shown[at].1 += 1,
            None => shown.push((step, 1)),
        }
        if Some(i) == innermost {
            last = Some(at);
        }
        if shown.len() > 4 * (FIRST_PLACES + LAST_PLACES) {
            shown.remove(FIRST_PLACES);
        }
    }
    let Some(last) = last else {
        return String::new();
    };
    let last = last.min(shown.len() - 1);
    // The place where it was raised is drawn last also if a recursion came by there before.
    let raised = shown.remove(last);
    shown.push(raised);
    if shown.len() > FIRST_PLACES + LAST_PLACES {
        shown.drain(FIRST_PLACES..shown.len() - LAST_PLACES);
    }
    let drawn: usize = shown.iter().map(|(_, times)| times).sum();
    let count = shown.len();
    let pieces = shown.into_iter().enumerate().map(|(i, (step, times))| {
        let innermost = i + 1 == count;
        let verb = if innermost && !in_library { "raised" } else { "called" };
        let mut text = format!("{verb} here, in `{}`", step.function);
        if times > 1 {
            text.push_str(&format!(" ({times} times)"));
        }
        let color = if innermost { Color::Red } else { Color::Cyan };
        let mark = Mark { span: step.span, line: Some(step.line), text, color };
        Piece { source: sources.get(&step.filename), name: step.filename, marks: vec![mark] }
    });
    let hidden = total - library - drawn.min(total - library);
    let mut notes = Vec::new();
    if hidden > 0 {
        let s = if hidden == 1 { "" } else { "s" };
        notes.push(format!("{hidden} more place{s} not shown"));
    }
    if in_library {
        notes.push("it was raised in the library, which was called from there".to_owned());
    }
    let name = message::type_name(vm, exception);
    let message = message::message(vm, exception).unwrap_or_default();
    let draft = Draft {
        kind: ReportKind::Error,
        code: &name,
        message: message.lines().next().unwrap_or_default(),
        pieces: pieces.collect(),
        primary: count - 1,
        help: None,
        notes,
    };
    draw(&draft, style)
}

/// The place that a SyntaxError of a script speaks of.
fn syntax_place(vm: &Vm, exception: &Value, sources: &Sources, style: &Style) -> Option<String> {
    let number = |name: &str| attr(vm, exception, name).and_then(|v| v.as_small());
    let filename = attr(vm, exception, "filename")?;
    let filename = filename.as_str()?.to_text().into_owned();
    let line = u32::try_from(number("lineno")?).ok()?;
    let source = sources.get(&filename)?;
    let offset = |line: u32, column: i64| {
        let range = source.lines().line_range(line)?;
        let text = source.line_text(line)?;
        let column = usize::try_from(column.max(1) - 1).ok()?;
        let at = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
        Some(range.start + at as u32)
    };
    let lo = offset(line, number("offset").unwrap_or(1))?;
    let end_line = number("end_lineno").and_then(|n| u32::try_from(n).ok()).unwrap_or(line);
    let hi = offset(end_line, number("end_offset").unwrap_or(0)).unwrap_or(lo).max(lo);
    let message = message::message(vm, exception)?;
    let d = Diagnostic::error("SyntaxError", Span::new(lo, hi), message);
    Some(syntax::draw_one(&filename, &source, &d, style))
}
