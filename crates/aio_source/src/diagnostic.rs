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

/// The place as the exception names it, where CPython's is another than the span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// One offset, which is its end, too.
    Point(u32),
    /// From the begin of the span to this offset.
    To(u32),
    /// From the begin of the span to a column that is none.
    Column(i8),
    /// The end of a line, which is one column wide.
    LineEnd,
    /// A line, but no column of it.
    Nowhere,
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
    /// The place for the exception, if that is another.
    pub named: Option<Named>,
    /// Further places, each with its own remark.
    pub labels: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error of the given exception class.
    pub fn error(kind: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            kind,
            message: message.into(),
            span,
            named: None,
            labels: Vec::new(),
            help: None,
        }
    }

    /// A `SyntaxError`.
    pub fn syntax(span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("SyntaxError", span, message)
    }

    /// A warning of the given category or code.
    pub fn warning(kind: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(kind, span, message) }
    }

    /// Adds the place for the exception.
    pub fn named(mut self, named: Named) -> Diagnostic {
        self.named = Some(named);
        self
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
