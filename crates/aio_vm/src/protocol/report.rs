//! Texts about exceptions that could not be raised.

use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// What CPython writes about an exception that is ignored.
    pub(crate) fn describe_unraisable(&self, e: &Value, source: &Value) -> String {
        let about = self.repr_text(source).unwrap_or_default();
        let text = self.to_text(e).unwrap_or_default();
        let name = self.full_class_name(e);
        let end = if text.is_empty() { name } else { format!("{name}: {text}") };
        format!("Exception ignored in: {about}\n{end}\n")
    }
}
