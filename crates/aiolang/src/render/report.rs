//! Reports drawn by ariadne: excerpts of sources with labels, under a header.

use aio_source::{Source, Span};
use ariadne::{Cache, CharSet, Color, Config, IndexType, Label, Report, ReportKind};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// How reports look.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// With ASCII instead of box drawing characters.
    pub ascii: bool,
    /// Names of files below this folder are shown relative to it.
    pub base: Option<PathBuf>,
}

impl Style {
    /// The name of a file as it is shown.
    pub fn shown<'a>(&self, name: &'a str) -> &'a str {
        let relative = self.base.as_ref().and_then(|base| {
            let base = base.to_str().filter(|b| b.len() > 1)?;
            name.strip_prefix(base)?.strip_prefix('/')
        });
        relative.filter(|r| !r.is_empty()).unwrap_or(name)
    }
}

/// What a label points at.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub span: Span,
    /// The line that the compiler wrote down, to tell when the text is not the one that was compiled.
    pub line: Option<u32>,
    pub text: String,
    pub color: Color,
}

/// Labels on one excerpt; the first one gives the place in its header.
#[derive(Debug)]
pub(super) struct Piece {
    pub name: String,
    pub source: Option<Arc<Source>>,
    pub marks: Vec<Mark>,
}

/// Everything of one report.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub kind: ReportKind<'static>,
    pub code: &'a str,
    pub message: &'a str,
    pub pieces: Vec<Piece>,
    /// The piece that the report is about.
    pub primary: usize,
    pub help: Option<String>,
    pub notes: Vec<String>,
}

/// Longer lines are clipped around what is marked.
const LONGEST_LINE: usize = 400;

/// An excerpt with the labels in characters of its text. Each piece has its own, because ariadne shows the same place
/// in the header of every group that shares a source, and because drawing then needs no more than these lines.
struct Excerpt {
    name: String,
    source: ariadne::Source<String>,
    spans: Vec<(usize, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct At {
    piece: usize,
    lo: usize,
    hi: usize,
}

impl ariadne::Span for At {
    type SourceId = usize;

    fn source(&self) -> &usize {
        &self.piece
    }

    fn start(&self) -> usize {
        self.lo
    }

    fn end(&self) -> usize {
        self.hi
    }
}

struct Excerpts(Vec<Excerpt>);

impl Cache<usize> for Excerpts {
    type Storage = String;

    fn fetch(&mut self, id: &usize) -> Result<&ariadne::Source<String>, impl fmt::Debug> {
        self.0.get(*id).map(|e| &e.source).ok_or("no such excerpt")
    }

    fn display<'a>(&self, id: &'a usize) -> Option<impl fmt::Display + 'a> {
        self.0.get(*id).map(|e| e.name.clone())
    }
}

/// Draws a report. Ends with a line end.
pub(super) fn draw(draft: &Draft<'_>, style: &Style) -> String {
    let excerpts: Vec<Excerpt> = draft.pieces.iter().map(|p| excerpt(p, style)).collect();
    let at = |piece: usize, mark: usize| {
        let (lo, hi) = excerpts.get(piece).and_then(|e| e.spans.get(mark)).copied().unwrap_or_default();
        At { piece, lo, hi }
    };
    let config = Config::new()
        .with_color(style.color)
        .with_char_set(if style.ascii { CharSet::Ascii } else { CharSet::Unicode })
        .with_index_type(IndexType::Char)
        .with_tab_width(8);
    let mut report = Report::build(draft.kind, at(draft.primary, 0)).with_config(config).with_message(draft.message);
    if !draft.code.is_empty() {
        report = report.with_code(draft.code);
    }
    let mut order = 0;
    for (piece, p) in draft.pieces.iter().enumerate() {
        for (i, mark) in p.marks.iter().enumerate() {
            let mut label = Label::new(at(piece, i)).with_color(mark.color).with_order(order);
            if !mark.text.is_empty() {
                label = label.with_message(&mark.text);
            }
            report.add_label(label);
            order += 1;
        }
    }
    if let Some(help) = &draft.help {
        report.set_help(help);
    }
    for note in &draft.notes {
        report.add_note(note);
    }
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let _ = report.finish().write(Excerpts(excerpts), &mut out);
    let text = String::from_utf8_lossy(&out);
    let mut trimmed = String::with_capacity(text.len());
    for line in text.lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}

fn excerpt(piece: &Piece, style: &Style) -> Excerpt {
    let name = style.shown(&piece.name).to_owned();
    piece.source.as_deref().and_then(|source| of_source(piece, source, &name)).unwrap_or_else(|| {
        let line = piece.marks.iter().find_map(|m| m.line).unwrap_or(1);
        let before = line.saturating_sub(1) as usize;
        let text = format!("{}(text not available)", "\n".repeat(before));
        Excerpt { name, source: text.into(), spans: vec![(before, before); piece.marks.len()] }
    })
}

/// The lines from the first to the last marked one. `None` if the text is not the one that the marks were made for.
fn of_source(piece: &Piece, source: &Source, name: &str) -> Option<Excerpt> {
    let lines = source.lines();
    let first = piece.marks.iter().map(|m| lines.line(m.span.lo)).min()?;
    let last = piece.marks.iter().map(|m| lines.line(m.span.lo)).max()?;
    if piece.marks.iter().any(|m| m.line.is_some_and(|l| l != lines.line(m.span.lo))) {
        return None;
    }
    // The lines in front are left empty: a line offset would be shown in the header but not in the margin.
    let mut chars = first as usize - 1;
    let mut text = "\n".repeat(chars);
    let mut spans = vec![(0, 0); piece.marks.len()];
    for line in first..=last {
        let content = source.line_text(line)?;
        let start = lines.line_range(line)?.start;
        let marked = |m: &&Mark| lines.line(m.span.lo) == line;
        let around = piece.marks.iter().find(marked).map_or(0, |m| (m.span.lo - start) as usize);
        let (skipped, shown) = clip(content, around);
        for (mark, span) in piece.marks.iter().zip(&mut spans) {
            if lines.line(mark.span.lo) == line {
                // A label ends with its first line: what spans many lines is clear from where it begins.
                let offset =
                    |at: u32| chars + count(shown, (at.saturating_sub(start) as usize).saturating_sub(skipped));
                *span = (offset(mark.span.lo), offset(mark.span.hi.max(mark.span.lo)));
            }
        }
        chars += shown.chars().count() + 1;
        text.extend(shown.chars().map(harmless));
        text.push('\n');
    }
    Some(Excerpt { name: name.to_owned(), source: text.into(), spans })
}

/// Characters before a byte offset, which may lie anywhere.
fn count(text: &str, offset: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < offset).count()
}

/// A part of a long line around an offset, and how many bytes are left out in front.
fn clip(line: &str, around: usize) -> (usize, &str) {
    if line.len() <= LONGEST_LINE {
        return (0, line);
    }
    let floor = |mut at: usize| {
        at = at.min(line.len());
        while !line.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = if around < LONGEST_LINE / 2 { 0 } else { floor(around - LONGEST_LINE / 4) };
    let end = floor(start + LONGEST_LINE);
    (start, line.get(start..end).unwrap_or_default())
}

/// Characters that would break lines (ariadne knows more line ends than the language does), move the cursor or turn the
/// direction of writing are replaced, each by one, so that offsets stay.
fn harmless(c: char) -> char {
    match c {
        '\t' => '\t',
        '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aio_source::SourceId;

    fn draft(text: &str, span: Span) -> String {
        let source = Some(Arc::new(Source::new(SourceId(0), "t.aio", text)));
        let mark = Mark { span, line: None, text: "here".into(), color: Color::Red };
        let piece = Piece { name: "t.aio".into(), source, marks: vec![mark] };
        let draft = Draft {
            kind: ReportKind::Error,
            code: "SyntaxError",
            message: "m",
            pieces: vec![piece],
            primary: 0,
            help: None,
            notes: Vec::new(),
        };
        draw(&draft, &Style { ascii: true, ..Style::default() })
    }

    #[test]
    fn every_span_of_every_text_can_be_drawn() {
        for text in ["aé\u{1F600}\tb\r\nc\n", "", "\n", "x\x0cy\u{2028}z\r\r", "\u{202e}\x1b[31m"] {
            let end = text.len() as u32 + 3;
            for lo in 0..end {
                for hi in 0..end {
                    assert!(draft(text, Span::new(lo, hi)).contains("here"));
                }
            }
        }
    }

    #[test]
    fn places_count_characters() {
        let text = "x = 1\né = 'ü' + ?\n";
        let at = text.find('?').unwrap_or_default() as u32;
        assert!(draft(text, Span::new(at, at + 1)).contains("t.aio:2:11"));
    }

    #[test]
    fn long_lines_are_clipped() {
        let text = format!("x = {}$", "1 + ".repeat(100_000));
        let at = text.len() as u32 - 1;
        let drawn = draft(&text, Span::new(at, at + 1));
        assert!(drawn.len() < 4000 && drawn.contains('$'));
    }
}
