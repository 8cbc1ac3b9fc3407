//! `types.SimpleNamespace`.

use crate::builtins::object::text_of;
use crate::error::R;
use crate::native::{Args, TypeTable, method};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "An object whose attributes are given as keyword arguments.",
    rows: &[
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__reduce__(self, /)", reduce, "Describe the object for copying and pickling."),
        method("__replace__(self, /, **changes)", replace, "Return a copy with some attributes changed."),
    ],
    next: None,
};

impl Vm {
    /// A SimpleNamespace with these attributes.
    pub fn simple_namespace(&self, attributes: Vec<(&str, Value)>) -> Value {
        let made = self.instance(self.types.simple_namespace.get());
        if let Some(i) = made.as_instance() {
            for (name, v) in attributes {
                i.set(self, &self.intern(name), v);
            }
        }
        made
    }
}

fn init(vm: &Vm, a: &Args) -> R {
    if a.rest.len() > 1 {
        let name = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("{name} expected at most 1 argument, got {}", a.rest.len())));
    }
    if let Some(mapping) = a.rest.first() {
        let dict = vm.types.dict.value();
        let copy = vm.call(&dict, std::slice::from_ref(mapping))?;
        for (k, v) in copy.as_dict().map(|d| d.items()).unwrap_or_default() {
            if k.as_str().is_none() {
                return Err(vm.type_error("keywords must be strings"));
            }
            vm.plain_set_attr(&a[0], &vm.intern_value(&k), Some(v))?;
        }
    }
    for (k, v) in a.keywords {
        vm.plain_set_attr(&a[0], &vm.intern_value(k), Some(v.clone()))?;
    }
    Ok(Value::NONE)
}

/// The attributes, in order.
fn attributes(vm: &Vm, v: &Value) -> Vec<(Value, Value)> {
    vm.attrs_dict(v).and_then(|d| d.as_dict().map(|d| d.items())).unwrap_or_default()
}

fn repr(vm: &Vm, a: &Args) -> R {
    let exact = vm.class_of(&a[0]).is_same(vm.types.simple_namespace.get());
    let name = if exact { "namespace".to_owned() } else { vm.type_name(&a[0]) };
    let inner = vm.guarded_repr(&a[0], || {
        let mut parts = Vec::new();
        for (k, v) in attributes(vm, &a[0]) {
            if k.as_str().is_some_and(|s| !s.is_empty()) {
                parts.push(format!("{}={}", text_of(&k), vm.repr_text(&v)?));
            }
        }
        Ok(parts.join(", "))
    })?;
    Ok(vm.str(&format!("{name}({})", inner.unwrap_or_else(|| "...".to_owned()))))
}

fn eq(vm: &Vm, a: &Args) -> R {
    let class = vm.types.simple_namespace.get();
    if !vm.class_of(&a[0]).derives(class) || !vm.class_of(&a[1]).derives(class) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (vm.attrs_dict(&a[0]), vm.attrs_dict(&a[1])) {
        (Some(x), Some(y)) => vm.eq(&x, &y).map(Value::bool),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let dict = vm.attrs_dict(&a[0]).unwrap_or(Value::NONE);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), vm.empty_tuple(), dict]))
}

fn replace(vm: &Vm, a: &Args) -> R {
    if !a.rest.is_empty() {
        return Err(
            vm.type_error(format!("__replace__() takes 0 positional arguments but {} were given", a.rest.len()))
        );
    }
    let class = vm.class_of(&a[0]).value();
    let made = vm.call(&class, &[])?;
    for (k, v) in attributes(vm, &a[0]).into_iter().chain(a.keywords.iter().cloned()) {
        vm.set_attr(&made, &vm.intern_value(&k), Some(v))?;
    }
    Ok(made)
}
