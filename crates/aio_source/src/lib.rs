//! What every stage says about text: sources, spans, diagnostics as data.

mod diagnostic;
mod line_index;
mod source;
mod span;
pub mod suggest;

pub use diagnostic::{Diagnostic, Severity};
pub use line_index::{LineCol, LineIndex};
pub use source::{Source, SourceId, SourceMap};
pub use span::Span;
