//! What the front end has to say about a text: syntax errors and warnings.

use super::report::{Draft, Mark, Piece, Style, draw};
use aio_source::{Diagnostic, Source, SourceId};
use ariadne::{Color, ReportKind};
use std::sync::Arc;

/// Draws the diagnostics of a text by position. If there are errors, the last line is that of the one that is raised,
/// which is the first of the slice, in CPython's form.
pub fn render_diagnostics(name: &str, text: &str, diagnostics: &[Diagnostic], style: &Style) -> String {
    let source = Arc::new(Source::new(SourceId(0), name, text));
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| d.span.lo);
    let mut out = String::new();
    for d in sorted {
        out.push_str(&draw_one(name, &source, d, style));
    }
    if let Some(raised) = diagnostics.iter().find(|d| d.is_error()) {
        out.push_str(&format!("{}: {}\n", raised.kind, raised.message));
    }
    out
}

/// Draws warnings of the compiler.
pub fn render_warnings(name: &str, text: &str, warnings: &[Diagnostic], style: &Style) -> String {
    let source = Arc::new(Source::new(SourceId(0), name, text));
    warnings.iter().map(|d| draw_one(name, &source, d, style)).collect()
}

pub(super) fn draw_one(name: &str, source: &Arc<Source>, d: &Diagnostic, style: &Style) -> String {
    let (kind, color) =
        if d.is_error() { (ReportKind::Error, Color::Red) } else { (ReportKind::Warning, Color::Yellow) };
    let first = Mark { span: d.span, line: None, text: "here".to_owned(), color };
    let others =
        d.labels.iter().map(|(span, text)| Mark { span: *span, line: None, text: text.clone(), color: Color::Cyan });
    let piece = Piece {
        name: name.to_owned(),
        source: Some(Arc::clone(source)),
        marks: std::iter::once(first).chain(others).collect(),
    };
    let draft = Draft {
        kind,
        code: d.kind,
        message: &d.message,
        pieces: vec![piece],
        primary: 0,
        help: d.help.clone(),
        notes: Vec::new(),
    };
    draw(&draft, style)
}
