//! The line `Type: message` of an exception, and its notes, as CPython prints them.

use super::suggest;
use aio_vm::{Value, Vm};

/// The name of the class as tracebacks show it: with its module unless that is `__main__` or `builtins`.
pub(super) fn type_name(vm: &Vm, exception: &Value) -> String {
    let class = vm.class_of(exception).value();
    let text = |name: &str| {
        let v = vm.find_attr(&class, &vm.intern(name)).ok().flatten()?;
        v.as_str().map(|s| s.to_text().into_owned())
    };
    let name = text("__qualname__").unwrap_or_else(|| vm.type_name(exception));
    match text("__module__") {
        Some(module) if module != "__main__" && module != "builtins" => format!("{module}.{name}"),
        _ => name,
    }
}

/// What `str` says of the exception, with a suggestion if there is one. `None` if it says nothing.
pub(super) fn message(vm: &Vm, exception: &Value) -> Option<String> {
    if exception_is(exception, vm.types.syntax_error.get()) {
        let msg = attr(vm, exception, "msg").filter(|m| !m.is_none());
        let text = msg.and_then(|m| vm.to_text(&m).ok());
        return Some(text.unwrap_or_else(|| "<no detail available>".to_owned()));
    }
    let text = vm.to_text(exception).unwrap_or_else(|_| "<exception str() failed>".to_owned());
    let hint = suggest::hint(vm, exception).unwrap_or_default();
    let text = text + &hint;
    (!text.is_empty()).then_some(text)
}

/// The last lines of a traceback: `Type: message` and the notes.
pub fn last_line(vm: &Vm, exception: &Value) -> String {
    let mut line = type_name(vm, exception);
    if let Some(message) = message(vm, exception) {
        line.push_str(": ");
        line.push_str(&message);
    }
    for note in notes(vm, exception) {
        line.push('\n');
        line.push_str(&note);
    }
    line
}

/// The lines of `__notes__`.
fn notes(vm: &Vm, exception: &Value) -> Vec<String> {
    let Some(notes) = attr(vm, exception, "__notes__").filter(|n| !n.is_none()) else {
        return Vec::new();
    };
    let is_sequence = notes.as_list().is_some() || notes.as_tuple().is_some();
    if !is_sequence {
        return vec![vm.repr_text(&notes).unwrap_or_else(|_| "<__notes__ repr() failed>".to_owned())];
    }
    let items = vm.collect(&notes).unwrap_or_default();
    let mut lines = Vec::new();
    for note in items {
        let text = vm.to_text(&note).unwrap_or_else(|_| "<note str() failed>".to_owned());
        lines.extend(text.split('\n').map(str::to_owned));
    }
    lines
}

/// An attribute, if it can be had.
pub(super) fn attr(vm: &Vm, v: &Value, name: &str) -> Option<Value> {
    vm.look_attr(v, &vm.intern(name)).ok().flatten()
}

/// Whether a value is an instance of a built-in class.
pub(super) fn exception_is(v: &Value, class: &aio_vm::object::ClassObj) -> bool {
    v.as_exception().is_some() && aio_vm::Raised(v.clone()).is(class)
}
