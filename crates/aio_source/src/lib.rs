//! What every stage says about text: sources, spans, diagnostics as data.

pub mod char_name;
mod diagnostic;
mod line_index;
mod source;
mod span;
pub mod suggest;
pub mod tree;

pub use diagnostic::{Diagnostic, Named, Severity};
pub use line_index::{LineCol, LineIndex};
pub use source::{Source, SourceId, SourceMap};
pub use span::Span;
