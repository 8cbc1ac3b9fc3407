//! Functions of the script and bound methods.

pub(crate) mod cell;
pub(crate) mod code;
pub(crate) mod frame;
pub(crate) mod native;

use crate::builtins::object::{readonly, text_of};
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method, property, static_method};
use crate::object::FunctionObj;
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static FUNCTION: TypeTable = TypeTable {
    doc: "A function of the script.",
    rows: &[
        static_method(
            "__new__(cls, code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
            new,
            "Create a function.",
        ),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__call__(self, /, *args, **kwargs)", call, "Call self as a function."),
        method("__get__(self, instance, owner=None, /)", get, "Bind the function to an instance."),
        property("__name__(self)", name, set_name, "the name"),
        property("__qualname__(self)", qualname, set_qualname, "the qualified name"),
        property("__doc__(self)", doc, set_doc, "the docstring"),
        property("__module__(self)", module, set_module, "the name of the module"),
        property("__defaults__(self)", defaults, set_defaults, "defaults of positional parameters"),
        property("__kwdefaults__(self)", kwdefaults, set_kwdefaults, "defaults of keyword-only parameters"),
        property("__annotations__(self)", annotations, set_annotations, "annotations of parameters and result"),
        property("__type_params__(self)", type_params, set_type_params, "type parameters"),
        property("__code__(self)", code, set_code, "the code object"),
        property("__closure__(self)", closure, readonly, "cells of the free variables"),
        property("__globals__(self)", globals, readonly, "the module's names"),
        property("__builtins__(self)", builtins, readonly, "the names behind those of the module"),
    ],
    next: None,
};

pub(crate) static METHOD: TypeTable = TypeTable {
    doc: "A function bound to an instance.",
    rows: &[
        static_method("__new__(cls, function, instance, /)", new_method, "Create a bound method."),
        method("__repr__(self, /)", repr_method, "Return repr(self)."),
        method("__call__(self, /, *args, **kwargs)", call, "Call self as a function."),
        method("__get__(self, instance, owner=None, /)", get_method, "Return the method itself."),
        method("__eq__(self, value, /)", eq_method, "Return self==value."),
        method("__hash__(self, /)", hash_method, "Return hash(self)."),
        method("__getattribute__(self, name, /)", method_attr, "Return getattr(self, name)."),
        method("__reduce__(self, /)", reduce_method, "Describe the method for copying and pickling."),
        property("__func__(self)", func, readonly, "the function"),
        property("__self__(self)", receiver, readonly, "the instance"),
        getter("__doc__(self)", method_doc, "the docstring"),
    ],
    next: None,
};

fn function<'a>(vm: &Vm, v: &'a Value) -> R<&'a FunctionObj> {
    v.as_function().ok_or_else(|| {
        vm.type_error(format!("descriptor requires a 'function' object but received a '{}'", vm.type_name(v)))
    })
}

fn new(vm: &Vm, a: &Args) -> R {
    let Some(code) = a[1].as_code() else {
        return Err(vm.bad_argument("function() argument 'code'", "code", &a[1]));
    };
    if a[2].as_dict().is_none() {
        return Err(vm.bad_argument("function() argument 'globals'", "dict", &a[2]));
    }
    let name = a.some(3);
    if name.is_some_and(|n| n.as_str().is_none()) {
        return Err(vm.type_error("arg 3 (name) must be None or string"));
    }
    let defaults = a.some(4);
    if defaults.is_some_and(|d| d.as_tuple().is_none()) {
        return Err(vm.type_error("arg 4 (defaults) must be None or tuple"));
    }
    let free = code.template.free_names.len();
    let cells: Vec<Value> = match a.some(5) {
        Some(t) if t.as_tuple().is_some() => t.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default(),
        Some(_) => return Err(vm.type_error("arg 5 (closure) must be None or tuple")),
        None if free > 0 => return Err(vm.type_error("arg 5 (closure) must be tuple")),
        None => Vec::new(),
    };
    if cells.len() != free {
        let name = text_of(code.name());
        return Err(vm.value_error(format!("{name} requires closure of length {free}, not {}", cells.len())));
    }
    if let Some(bad) = cells.iter().find(|c| c.as_cell().is_none()) {
        let what = vm.type_name(bad);
        return Err(vm.type_error(format!("arg 5 (closure) expected cell, found {what}")));
    }
    let kwdefaults = a.some(6);
    if kwdefaults.is_some_and(|d| d.as_dict().is_none()) {
        return Err(vm.type_error("arg 6 (kwdefaults) must be None or dict"));
    }
    let made = vm.function(a[1].clone(), a[2].clone(), cells.into());
    if let Some(f) = made.as_function() {
        f.defaults.set(defaults.cloned().unwrap_or_default());
        f.kwdefaults.set(kwdefaults.cloned().unwrap_or_default());
        if let Some(n) = name {
            f.extra().name.set(n.clone());
        }
    }
    Ok(made)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let name = text_of(&function(vm, &a[0])?.qualname());
    Ok(vm.str(&format!("<function {name} at {:#x}>", vm.id_of(&a[0]))))
}

fn call(vm: &Vm, a: &Args) -> R {
    let _guard = vm.enter_native()?;
    vm.call_with(&a[0], a.rest, a.keywords)
}

/// The arguments of an explicit `__get__`.
fn bound_to<'a>(vm: &Vm, a: &'a Args) -> R<Option<&'a Value>> {
    match a.some(1) {
        Some(o) => Ok(Some(o)),
        None if a.some(2).is_none() => Err(vm.type_error("__get__(None, None) is invalid")),
        None => Ok(None),
    }
}

fn get(vm: &Vm, a: &Args) -> R {
    Ok(match bound_to(vm, a)? {
        Some(o) => vm.bound_method(a[0].clone(), o.clone()),
        None => a[0].clone(),
    })
}

fn name(vm: &Vm, a: &Args) -> R {
    Ok(function(vm, &a[0])?.name())
}

fn set_name(vm: &Vm, a: &Args) -> R {
    match a.get(1).filter(|v| v.as_str().is_some()) {
        Some(v) => function(vm, &a[0])?.extra().name.set(v.clone()),
        None => return Err(vm.type_error("__name__ must be set to a string object")),
    }
    Ok(Value::NONE)
}

fn qualname(vm: &Vm, a: &Args) -> R {
    Ok(function(vm, &a[0])?.qualname())
}

fn set_qualname(vm: &Vm, a: &Args) -> R {
    match a.get(1).filter(|v| v.as_str().is_some()) {
        Some(v) => function(vm, &a[0])?.extra().qualname.set(v.clone()),
        None => return Err(vm.type_error("__qualname__ must be set to a string object")),
    }
    Ok(Value::NONE)
}

fn doc(vm: &Vm, a: &Args) -> R {
    let f = function(vm, &a[0])?;
    if let Some(v) = f.known_extra().and_then(|e| e.doc.defined()) {
        return Ok(v);
    }
    Ok(match &f.code().template.doc {
        Some(text) => vm.str_wtf8(text),
        None => Value::NONE,
    })
}

fn set_doc(vm: &Vm, a: &Args) -> R {
    function(vm, &a[0])?.extra().doc.set(a.get(1).cloned().unwrap_or(Value::NONE));
    Ok(Value::NONE)
}

fn module(vm: &Vm, a: &Args) -> R {
    let f = function(vm, &a[0])?;
    if let Some(v) = f.known_extra().and_then(|e| e.module.defined()) {
        return Ok(v);
    }
    Ok(f.globals.as_dict().and_then(|g| g.get_name(vm, &vm.names.__name__)).unwrap_or(Value::NONE))
}

fn set_module(vm: &Vm, a: &Args) -> R {
    function(vm, &a[0])?.extra().module.set(a.get(1).cloned().unwrap_or(Value::NONE));
    Ok(Value::NONE)
}

/// Sets a slot to a value of the right kind; None and deletion empty it.
fn set_slot(vm: &Vm, slot: &Slot, v: Option<&Value>, fits: impl Fn(&Value) -> bool, message: &str) -> R {
    match v {
        None => slot.set(Value::UNDEF),
        Some(v) if v.is_none() => slot.set(Value::UNDEF),
        Some(v) if fits(v) => slot.set(v.clone()),
        Some(_) => return Err(vm.type_error(message)),
    }
    Ok(Value::NONE)
}

fn defaults(vm: &Vm, a: &Args) -> R {
    Ok(function(vm, &a[0])?.defaults.defined().unwrap_or(Value::NONE))
}

fn set_defaults(vm: &Vm, a: &Args) -> R {
    let slot = &function(vm, &a[0])?.defaults;
    set_slot(vm, slot, a.get(1), |v| v.as_tuple().is_some(), "__defaults__ must be set to a tuple object")
}

fn kwdefaults(vm: &Vm, a: &Args) -> R {
    Ok(function(vm, &a[0])?.kwdefaults.defined().unwrap_or(Value::NONE))
}

fn set_kwdefaults(vm: &Vm, a: &Args) -> R {
    let slot = &function(vm, &a[0])?.kwdefaults;
    set_slot(vm, slot, a.get(1), |v| v.as_dict().is_some(), "__kwdefaults__ must be set to a dict object")
}

fn annotations(vm: &Vm, a: &Args) -> R {
    let slot = &function(vm, &a[0])?.extra().annotations;
    if slot.is_empty() {
        slot.set(vm.dict());
    }
    Ok(slot.get())
}

fn set_annotations(vm: &Vm, a: &Args) -> R {
    let slot = &function(vm, &a[0])?.extra().annotations;
    set_slot(vm, slot, a.get(1), |v| v.as_dict().is_some(), "__annotations__ must be set to a dict object")
}

fn type_params(vm: &Vm, a: &Args) -> R {
    let f = function(vm, &a[0])?;
    Ok(f.known_extra().and_then(|e| e.type_params.defined()).unwrap_or_else(|| vm.empty_tuple()))
}

fn set_type_params(vm: &Vm, a: &Args) -> R {
    match a.get(1).filter(|v| v.as_tuple().is_some()) {
        Some(v) => function(vm, &a[0])?.extra().type_params.set(v.clone()),
        None => return Err(vm.type_error("__type_params__ must be set to a tuple")),
    }
    Ok(Value::NONE)
}

fn code(vm: &Vm, a: &Args) -> R {
    Ok(function(vm, &a[0])?.code.get())
}

fn set_code(vm: &Vm, a: &Args) -> R {
    let f = function(vm, &a[0])?;
    let Some((value, code)) = a.get(1).and_then(|v| v.as_code().map(|c| (v, c))) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    let (has, wants) = (f.closure.len(), code.template.free_names.len());
    if has != wants {
        let name = text_of(&f.name());
        return Err(vm.value_error(format!("{name}() requires a code object with {has} free vars, not {wants}")));
    }
    // The function keeps its name and docstring.
    let (name, qualname) = (f.name(), f.qualname());
    let text = doc(vm, a)?;
    f.extra().name.set(name);
    f.extra().qualname.set(qualname);
    f.extra().doc.set(text);
    f.code.set(value.clone());
    Ok(Value::NONE)
}

fn closure(vm: &Vm, a: &Args) -> R {
    let f = function(vm, &a[0])?;
    Ok(if f.closure.is_empty() { Value::NONE } else { vm.tuple(f.closure.to_vec()) })
}

fn globals(vm: &Vm, a: &Args) -> R {
    Ok(function(vm, &a[0])?.globals.clone())
}

fn builtins(vm: &Vm, _a: &Args) -> R {
    Ok(vm.builtins())
}

fn new_method(vm: &Vm, a: &Args) -> R {
    if !vm.is_callable(&a[1]) {
        return Err(vm.type_error("first argument must be callable"));
    }
    if a[2].is_none() {
        return Err(vm.type_error("instance must not be None"));
    }
    Ok(vm.plain_bound_method(a[1].clone(), a[2].clone()))
}

impl Vm {
    /// A bound method that shows itself as `method`, whatever its function is.
    pub(crate) fn plain_bound_method(&self, function: Value, receiver: Value) -> Value {
        let m = self.bound_method(function, receiver);
        let class = self.types.method.get();
        if self.class_of(&m).is_same(class) { m } else { self.adopt(m, class) }
    }
}

/// Function and receiver of a bound method.
fn parts(v: &Value) -> (Value, Value) {
    v.as_bound_method().map_or((Value::NONE, Value::NONE), |m| (m.function.clone(), m.receiver.clone()))
}

fn repr_method(vm: &Vm, a: &Args) -> R {
    let (f, receiver) = parts(&a[0]);
    let mut name = vm.look_attr(&f, &vm.names.__qualname__)?;
    if name.as_ref().is_none_or(|n| n.as_str().is_none()) {
        name = vm.look_attr(&f, &vm.names.__name__)?;
    }
    let name = name.filter(|n| n.as_str().is_some()).map_or_else(|| "?".to_owned(), |n| text_of(&n));
    let of = vm.repr_text(&receiver)?;
    Ok(vm.str(&format!("<bound method {name} of {of}>")))
}

fn get_method(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn eq_method(vm: &Vm, a: &Args) -> R {
    if a[1].as_bound_method().is_none() || !vm.class_of(&a[0]).is_same(vm.class_of(&a[1])) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let ((f, r), (g, s)) = (parts(&a[0]), parts(&a[1]));
    Ok(Value::bool(r.is(&s) && vm.eq(&f, &g)?))
}

fn hash_method(vm: &Vm, a: &Args) -> R {
    let (f, r) = parts(&a[0]);
    let h = vm.identity_hash(&r) ^ vm.hash(&f)?;
    Ok(vm.int(h))
}

/// Attributes that a method does not have itself are those of its function.
fn method_attr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    let class = vm.class_of(&a[0]);
    let own = class.find_in_mro(vm, &name).is_some();
    if own {
        return vm.plain_attr(&a[0], &name)?.ok_or_else(|| vm.no_attribute(&a[0], &name));
    }
    let (f, _) = parts(&a[0]);
    match vm.find_attr(&f, &name)? {
        Some(v) => Ok(v),
        None => Err(vm.no_attribute(&f, &name)),
    }
}

fn reduce_method(vm: &Vm, a: &Args) -> R {
    let (f, receiver) = parts(&a[0]);
    let name = vm.get_attr(&f, &vm.names.__name__)?;
    let getattr = vm.builtin("getattr").unwrap_or(Value::NONE);
    Ok(vm.tuple([getattr, vm.tuple([receiver, name])]))
}

fn func(_vm: &Vm, a: &Args) -> R {
    Ok(parts(&a[0]).0)
}

fn receiver(_vm: &Vm, a: &Args) -> R {
    Ok(parts(&a[0]).1)
}

fn method_doc(vm: &Vm, a: &Args) -> R {
    Ok(vm.look_attr(&parts(&a[0]).0, &vm.names.__doc__)?.unwrap_or(Value::NONE))
}
