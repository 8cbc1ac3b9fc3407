//! "Did you mean": what CPython adds to messages about names that do not exist.

use super::message::{attr, exception_is};
use super::trace;
use aio_vm::text::suggest::suggestion;
use aio_vm::{Value, Vm};

/// What is added to the message of a NameError, AttributeError or ImportError.
pub(super) fn hint(vm: &Vm, exception: &Value) -> Option<String> {
    let t = &vm.types;
    if exception_is(exception, t.import_error.get()) {
        let wrong = text(&attr(vm, exception, "name_from")?)?;
        let module = text(&attr(vm, exception, "name")?)?;
        let module = vm.modules.get().as_dict()?.get_text(vm, &module)?;
        return meant(&wrong, &names_of(vm, &module)?);
    }
    if exception_is(exception, t.attribute_error.get()) {
        let wrong = text(&attr(vm, exception, "name")?)?;
        let obj = attr(vm, exception, "obj")?;
        return meant(&wrong, &names_of(vm, &obj)?);
    }
    if !exception_is(exception, t.name_error.get()) {
        return None;
    }
    let wrong = text(&attr(vm, exception, "name")?)?;
    let (code, globals) = trace::innermost(exception)?;
    let mut names = Vec::new();
    if let Some(code) = code.as_code() {
        let locals = code.template.local_names.iter().chain(&code.template.free_names);
        names.extend(locals.filter(|n| !n.starts_with('.')).map(|n| n.to_string()));
    }
    for dict in [globals, vm.builtins()] {
        if let Some(dict) = dict.as_dict() {
            names.extend(dict.keys().iter().filter_map(text));
        }
    }
    let known = meant(&wrong, &names);
    if !is_library_module(vm, &wrong) {
        return known;
    }
    Some(match known {
        Some(known) => format!("{known} Or did you forget to import '{wrong}'?"),
        None => format!(". Did you forget to import '{wrong}'?"),
    })
}

fn meant(wrong: &str, names: &[String]) -> Option<String> {
    let private = wrong.starts_with('_');
    let names = names.iter().map(String::as_str).filter(|n| private || !n.starts_with('_'));
    suggestion(wrong, names).map(|s| format!(". Did you mean: '{s}'?"))
}

/// `dir(v)`.
fn names_of(vm: &Vm, v: &Value) -> Option<Vec<String>> {
    let dir = vm.builtin("dir")?;
    let names = vm.call(&dir, std::slice::from_ref(v)).ok()?;
    let names = vm.collect(&names).ok()?;
    Some(names.iter().filter_map(text).collect())
}

fn is_library_module(vm: &Vm, name: &str) -> bool {
    let names = vm.sys();
    let names = attr(vm, &names, "stdlib_module_names");
    names.is_some_and(|names| vm.contains(&names, &vm.intern(name)).unwrap_or(false))
}

fn text(v: &Value) -> Option<String> {
    v.as_str().map(|s| s.to_text().into_owned())
}
