//! Errors as people read them: the only place that knows how diagnostics are drawn.

mod exception;
mod group;
mod message;
mod report;
mod suggest;
mod syntax;
mod trace;

pub use exception::render_exception;
pub use message::last_line;
pub use report::Style;
pub use syntax::{render_diagnostics, render_warnings};
pub use trace::frames;
