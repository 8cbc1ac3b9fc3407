//! The special attributes of classes: names, docstring, annotations, dict.

use crate::error::R;
use crate::native::Args;
use crate::object::ClassObj;
use crate::object::class::{ABSTRACT, EXCEPTION, FINAL, HEAP, IMMUTABLE, MAPPING, SEQUENCE};
use crate::object::dict::ViewKind;
use crate::value::Value;
use crate::vm::Vm;

/// The attribute in the class's own dict.
fn own(vm: &Vm, class: &Value, name: &Value) -> Option<Value> {
    class.as_class()?.dict().as_dict()?.get_name(vm, name)
}

/// Refuses a deletion in the words of CPython and gives the new value.
fn given<'a>(vm: &Vm, a: &'a Args, name: &str) -> R<&'a Value> {
    a.get(1).ok_or_else(|| {
        let class = vm.class_name(&a[0]);
        vm.type_error(format!("cannot delete '{name}' attribute of immutable type '{class}'"))
    })
}

pub(super) fn name(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].as_class().map(|c| c.name.get()).unwrap_or(Value::NONE))
}

pub(super) fn set_name(vm: &Vm, a: &Args) -> R {
    let v = given(vm, a, "__name__")?;
    let Some(s) = v.as_str() else {
        let (class, what) = (vm.class_name(&a[0]), vm.type_name(v));
        return Err(vm.type_error(format!("can only assign string to {class}.__name__, not '{what}'")));
    };
    if s.bytes().contains(&0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    if let Some(c) = a[0].as_class() {
        c.name.set(vm.intern_value(v));
    }
    Ok(Value::NONE)
}

pub(super) fn qualname(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].as_class().map(|c| c.qualname.get()).unwrap_or(Value::NONE))
}

pub(super) fn set_qualname(vm: &Vm, a: &Args) -> R {
    let v = given(vm, a, "__qualname__")?;
    if v.as_str().is_none() {
        let (class, what) = (vm.class_name(&a[0]), vm.type_name(v));
        return Err(vm.type_error(format!("can only assign string to {class}.__qualname__, not '{what}'")));
    }
    if let Some(c) = a[0].as_class() {
        c.qualname.set(v.clone());
    }
    Ok(Value::NONE)
}

pub(super) fn module(vm: &Vm, a: &Args) -> R {
    // The classes of functions and the like have a descriptor of this name for their instances.
    let own = own(vm, &a[0], &vm.names.__module__).filter(|m| m.as_native().is_none());
    match own {
        Some(m) => Ok(m),
        None if a[0].as_class().is_some_and(|c| !c.is(HEAP)) => Ok(vm.names.builtins.clone()),
        None => Err(vm.no_attribute(&a[0], &vm.names.__module__)),
    }
}

fn set_own(vm: &Vm, class: &Value, name: &Value, v: &Value) -> R {
    if let Some(c) = class.as_class() {
        c.set_raw(vm, name, v.clone());
    }
    Ok(Value::NONE)
}

pub(super) fn set_module(vm: &Vm, a: &Args) -> R {
    let v = given(vm, a, "__module__")?;
    set_own(vm, &a[0], &vm.names.__module__, v)
}

pub(super) fn doc(vm: &Vm, a: &Args) -> R {
    match own(vm, &a[0], &vm.names.__doc__) {
        Some(v) => Ok(vm.bind(&v, None, &a[0])?.unwrap_or(Value::NONE)),
        None => Ok(Value::NONE),
    }
}

pub(super) fn set_doc(vm: &Vm, a: &Args) -> R {
    let v = given(vm, a, "__doc__")?;
    set_own(vm, &a[0], &vm.names.__doc__, v)
}

pub(super) fn annotations(vm: &Vm, a: &Args) -> R {
    let name = &vm.names.__annotations__;
    if !a[0].as_class().is_some_and(|c| c.is(HEAP)) {
        return Err(vm.no_attribute(&a[0], name));
    }
    if let Some(v) = own(vm, &a[0], name) {
        return Ok(vm.bind(&v, None, &a[0])?.unwrap_or(Value::NONE));
    }
    let fresh = vm.dict();
    set_own(vm, &a[0], name, &fresh)?;
    Ok(fresh)
}

pub(super) fn set_annotations(vm: &Vm, a: &Args) -> R {
    let name = &vm.names.__annotations__;
    match a.get(1) {
        Some(v) => set_own(vm, &a[0], name, v),
        None => match a[0].as_class().and_then(|c| c.remove_raw(vm, name)) {
            Some(_) => Ok(Value::NONE),
            None => Err(vm.error(vm.types.attribute_error.get(), "__annotations__")),
        },
    }
}

pub(super) fn type_params(vm: &Vm, a: &Args) -> R {
    // `type` has this very descriptor in its dict, which does not count as a value.
    let found = own(vm, &a[0], &vm.names.__type_params__).filter(|v| v.as_tuple().is_some());
    Ok(found.unwrap_or_else(|| vm.empty_tuple()))
}

pub(super) fn set_type_params(vm: &Vm, a: &Args) -> R {
    let v = given(vm, a, "__type_params__")?;
    set_own(vm, &a[0], &vm.names.__type_params__, v)
}

pub(super) fn abstract_methods(vm: &Vm, a: &Args) -> R {
    let name = &vm.names.__abstractmethods__;
    // `type` has this very descriptor in its dict, which does not count as a value.
    let value = if a[0].is(&vm.types.type_.value()) { None } else { own(vm, &a[0], name) };
    value.ok_or_else(|| vm.error(vm.types.attribute_error.get(), "__abstractmethods__"))
}

pub(super) fn set_abstract_methods(vm: &Vm, a: &Args) -> R {
    let name = &vm.names.__abstractmethods__;
    let Some(c) = a[0].as_class() else { return Ok(Value::NONE) };
    match a.get(1) {
        Some(v) => {
            let on = vm.truth(v)?;
            c.set_flag(ABSTRACT, on);
            c.set_raw(vm, name, v.clone());
        }
        None => {
            if c.remove_raw(vm, name).is_none() {
                return Err(vm.error(vm.types.attribute_error.get(), "__abstractmethods__"));
            }
            c.set_flag(ABSTRACT, false);
            c.touch();
        }
    }
    Ok(Value::NONE)
}

pub(super) fn dict(vm: &Vm, a: &Args) -> R {
    match a[0].as_class() {
        Some(c) => Ok(vm.view(c.dict(), ViewKind::Proxy)),
        None => Ok(Value::NONE),
    }
}

/// The bits that `inspect` and others look at, with CPython's values.
pub(super) fn flags(vm: &Vm, a: &Args) -> R {
    let Some(c) = a[0].as_class() else { return Ok(Value::NONE) };
    let mut n = 1 << 12;
    for (flag, bit) in [(SEQUENCE, 5), (MAPPING, 6), (IMMUTABLE, 8), (HEAP, 9), (ABSTRACT, 20)] {
        if c.is(flag) {
            n |= 1 << bit;
        }
    }
    if !c.is(FINAL) {
        n |= 1 << 10;
    }
    let t = &vm.types;
    let families: [(&ClassObj, u32); 7] = [
        (t.int.get(), 24),
        (t.list.get(), 25),
        (t.tuple.get(), 26),
        (t.bytes.get(), 27),
        (t.str.get(), 28),
        (t.dict.get(), 29),
        (t.base_exception.get(), 30),
    ];
    for (family, bit) in families {
        if c.derives(family) {
            n |= 1 << bit;
        }
    }
    if c.derives(t.type_.get()) {
        n |= 1 << 31;
    }
    Ok(vm.int(n))
}

pub(super) fn basic_size(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int(16))
}

pub(super) fn zero(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::small(0))
}

pub(super) fn text_signature(vm: &Vm, a: &Args) -> R {
    let made = a[0].as_class().and_then(|c| c.lookup(vm, &vm.names.__new__));
    let native = made.as_ref().and_then(|m| m.as_native());
    let untold = |c: &ClassObj| {
        let t = &vm.types;
        let several = [&t.bytearray, &t.bytes, &t.dict, &t.int, &t.range, &t.slice, &t.str, &t.super_, &t.type_];
        c.is(HEAP | EXCEPTION) || several.iter().any(|k| k.get().is_same(c))
    };
    if a[0].as_class().is_some_and(untold) || native.is_none() {
        return Ok(Value::NONE);
    }
    let text = native.and_then(|n| n.def.signature.split_once('(')).map_or("", |(_, p)| p);
    let inner = text.strip_suffix(')').unwrap_or(text);
    let rest = inner.split_once(',').map_or("", |(_, r)| r.trim());
    Ok(vm.str(&format!("({})", rest.strip_prefix("/, ").unwrap_or(rest))))
}
