//! What happens to the names of a class body when it becomes a class.

use crate::error::{R, Raised};
use crate::object::DictObj;
use crate::value::Value;
use crate::vm::Vm;

/// Takes `__qualname__` out of the body.
pub(super) fn take_qualname(vm: &Vm, body: &DictObj) -> R<Option<Value>> {
    let name = &vm.names.__qualname__;
    match body.get_name(vm, name) {
        None => Ok(None),
        Some(q) if q.as_str().is_some() => {
            drop(body.remove_name(vm, name));
            Ok(Some(q))
        }
        Some(q) => Err(vm.type_error(format!("type __qualname__ must be a str, not {}", vm.type_name(&q)))),
    }
}

/// Takes the cell out of the body through which methods find their class.
pub(super) fn take_class_cell(vm: &Vm, body: &DictObj) -> R<Option<Value>> {
    match body.remove_name(vm, &vm.names.__classcell__) {
        None => Ok(None),
        Some(c) if c.as_cell().is_some() => Ok(Some(c)),
        Some(c) => {
            let what = vm.class_of(&c).value();
            let what = vm.repr_text(&what)?;
            Err(vm.type_error(format!("type.__new__ __classcell__ must be a nonlocal cell, not {what}")))
        }
    }
}

/// Adds the names that every class has, and wraps the functions that are static or class methods by name.
pub(super) fn complete(vm: &Vm, body: &DictObj) {
    let n = &vm.names;
    if body.get_name(vm, &n.__module__).is_none()
        && let Some(globals) = vm.running_globals()
        && let Some(module) = globals.as_dict().and_then(|g| g.get_name(vm, &n.__name__))
    {
        drop(body.set_name(vm, &n.__module__, module));
    }
    if body.get_name(vm, &n.__doc__).is_none() {
        drop(body.set_name(vm, &n.__doc__, Value::NONE));
    }
    if let Some(f) = body.get_name(vm, &n.__new__)
        && f.as_function().is_some()
    {
        drop(body.set_name(vm, &n.__new__, vm.static_method(f)));
    }
    for name in [&n.__init_subclass__, &n.__class_getitem__] {
        if let Some(f) = body.get_name(vm, name)
            && f.as_function().is_some()
        {
            drop(body.set_name(vm, name, vm.class_method(f)));
        }
    }
    if body.get_name(vm, &n.__eq__).is_some() && body.get_name(vm, &n.__hash__).is_none() {
        drop(body.set_name(vm, &n.__hash__, Value::NONE));
    }
}

/// Tells the attributes of a fresh class their names.
pub(super) fn set_names(vm: &Vm, class: &Value) -> R<()> {
    let items = class.as_class().and_then(|c| c.dict().as_dict().map(|d| d.items())).unwrap_or_default();
    for (name, v) in items {
        if v.kind().is_none() || vm.type_method(&v, &vm.names.__set_name__).is_none() {
            continue;
        }
        let called = vm.call_special(&v, &vm.names.__set_name__, &[class.clone(), name.clone()]);
        if let Err(e) = called {
            return Err(with_note(vm, e, &v, &name, class));
        }
    }
    Ok(())
}

#[cold]
fn with_note(vm: &Vm, e: Raised, v: &Value, name: &Value, class: &Value) -> Raised {
    let name = vm.repr_text(name).unwrap_or_default();
    let (what, class) = (vm.type_name(v), vm.class_name(class));
    let note = vm.str(&format!("Error calling __set_name__ on '{what}' instance {name} in '{class}'"));
    match vm.call_method(&e.0, "add_note", &[note]) {
        Ok(_) => e,
        Err(other) => other,
    }
}

/// Calls `super(class, class).__init_subclass__(**keywords)`.
pub(super) fn init_subclass(vm: &Vm, class: &Value, keywords: &[(Value, Value)]) -> R<()> {
    let name = &vm.names.__init_subclass__;
    let Some(found) = vm.lookup_behind(class, class, name) else { return Ok(()) };
    let native = found.as_native().is_some_and(|n| n.owner().is_some_and(|o| o.is_same(vm.types.object.get())));
    if native && keywords.is_empty() {
        return Ok(());
    }
    if let Some(f) = vm.bind(&found, None, class)? {
        vm.call_with(&f, &[], keywords)?;
    }
    Ok(())
}
