//! The way of an exception, outermost place first.

use crate::sources::Sources;
use aio_source::Span;
use aio_vm::{Value, Vm};

/// One place of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub filename: String,
    pub function: String,
    pub line: u32,
    pub span: Span,
    /// Names that are known in the function, for suggestions.
    pub code: CodeRef,
}

/// A code object that is compared by identity.
#[derive(Clone)]
pub(super) struct CodeRef(pub Value);

impl PartialEq for CodeRef {
    fn eq(&self, other: &CodeRef) -> bool {
        self.0.is(&other.0)
    }
}

impl Eq for CodeRef {}

impl std::fmt::Debug for CodeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeRef")
    }
}

impl Step {
    fn new(code: &Value, pc: u32) -> Option<Step> {
        let c = code.as_code()?;
        let t = &c.template;
        let place = t.place(pc);
        Some(Step {
            filename: t.filename.to_string(),
            function: t.qualname.to_string(),
            line: place.map_or(t.first_line, |p| p.line),
            span: place.map_or(Span::at(0), |p| Span::new(p.lo, p.hi)),
            code: CodeRef(code.clone()),
        })
    }

    /// Whether the place is in library code that is part of the program.
    pub fn is_library(&self) -> bool {
        self.filename.starts_with("<frozen ")
    }

    /// The text of the line, trimmed.
    pub fn line_text(&self, sources: &Sources) -> Option<String> {
        let source = sources.get(&self.filename)?;
        Some(source.line_text(self.line)?.trim().to_owned())
    }
}

/// The places that an exception went through, outermost first.
pub(super) fn steps(_vm: &Vm, exception: &Value) -> Vec<Step> {
    let Some(e) = exception.as_exception() else {
        return Vec::new();
    };
    if e.traceback.is_empty() {
        return e.trace().iter().rev().filter_map(|t| Step::new(&t.code, t.pc)).collect();
    }
    let mut steps = Vec::new();
    let mut next = e.traceback.get();
    while let Some(t) = next.as_traceback() {
        if let Some(frame) = t.frame.as_frame()
            && let Some(mut step) = Step::new(&frame.code, t.pc)
        {
            step.line = t.line.get();
            steps.push(step);
        }
        let after = t.next.get();
        next = after;
    }
    steps
}

/// The module's dict at the innermost place, and the code there.
pub(super) fn innermost(exception: &Value) -> Option<(Value, Value)> {
    let e = exception.as_exception()?;
    if e.traceback.is_empty() {
        return e.trace().first().map(|t| (t.code.clone(), t.globals.clone()));
    }
    let mut next = e.traceback.get();
    let mut last = None;
    while let Some(t) = next.as_traceback() {
        if let Some(frame) = t.frame.as_frame() {
            last = Some((frame.code.clone(), frame.globals.clone()));
        }
        let after = t.next.get();
        next = after;
    }
    last
}

/// The places that an exception went through as plain data, outermost first.
pub fn frames(vm: &Vm, exception: &Value) -> Vec<crate::error::Frame> {
    let frame = |s: Step| crate::error::Frame { file: s.filename, function: s.function, line: s.line };
    steps(vm, exception).into_iter().map(frame).collect()
}
