//! What a stage has to say about a source, as plain data: drawing it is somebody else's work.

use crate::Span;

/// Whether the source can still be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The source is rejected.
    Error,
    /// The source runs; a person should look at it.
    Warning,
}

/// One remark about a place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// For an error the exception's class: `SyntaxError`, `IndentationError`, `TabError`, or
    /// `RecursionError` for a tree that is too deep; for a warning its category or code, such as
    /// `SyntaxWarning`.
    pub kind: &'static str,
    /// One line, in CPython's words where CPython has words for it.
    pub message: String,
    /// The place that is shown first.
    pub span: Span,
    /// Further places, each with its own remark.
    pub labels: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error of the given exception class.
    pub fn error(kind: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, kind, message: message.into(), span, labels: Vec::new(), help: None }
    }

    /// A `SyntaxError`.
    pub fn syntax(span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("SyntaxError", span, message)
    }

    /// A warning of the given category or code.
    pub fn warning(kind: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(kind, span, message) }
    }

    /// Adds a further place.
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push((span, text.into()));
        self
    }

    /// Adds what to do about it.
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Whether it rejects the source.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
