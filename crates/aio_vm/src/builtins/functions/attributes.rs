//! What an object is and has: attributes, class, identity, length.

use crate::error::R;
use crate::native::Args;
use crate::object::class::HEAP;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;

/// The name of an attribute, interned.
fn name(vm: &Vm, v: &Value) -> R {
    if v.as_str().is_none() {
        return Err(vm.type_error(format!("attribute name must be string, not '{}'", vm.type_name(v))));
    }
    Ok(vm.intern_value(v))
}

pub(super) fn callable(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.is_callable(&a[0])))
}

pub(super) fn delattr(vm: &Vm, a: &Args) -> R {
    vm.set_attr(&a[0], &name(vm, &a[1])?, None)?;
    Ok(Value::NONE)
}

pub(super) fn getattr(vm: &Vm, a: &Args) -> R {
    let name = name(vm, &a[1])?;
    match a.get(2) {
        Some(default) => Ok(vm.look_attr(&a[0], &name)?.unwrap_or_else(|| default.clone())),
        None => vm.get_attr(&a[0], &name),
    }
}

pub(super) fn hasattr(vm: &Vm, a: &Args) -> R {
    let name = name(vm, &a[1])?;
    Ok(Value::bool(vm.look_attr(&a[0], &name)?.is_some()))
}

pub(super) fn setattr(vm: &Vm, a: &Args) -> R {
    vm.set_attr(&a[0], &name(vm, &a[1])?, Some(a[2].clone()))?;
    Ok(Value::NONE)
}

/// The names of the caller's scope: whoever knows the frames has put `locals` into the module.
fn locals(vm: &Vm) -> R {
    let found = vm.builtin("locals");
    match found {
        Some(f) => vm.call(&f, &[]),
        None => Err(vm.system_error("no locals exist")),
    }
}

pub(super) fn dir(vm: &Vm, a: &Args) -> R {
    let names = match a.get(0) {
        None => vm.collect(&locals(vm)?)?,
        Some(obj) => match vm.call_special(obj, &vm.names.__dir__, &[])? {
            Some(names) => vm.collect(&names)?,
            None => return Err(vm.type_error("object does not provide __dir__")),
        },
    };
    let mut names = names;
    crate::builtins::sort::sort(vm, &mut names, None, false)?;
    Ok(vm.list(names))
}

pub(super) fn vars(vm: &Vm, a: &Args) -> R {
    let Some(obj) = a.get(0) else { return locals(vm) };
    match vm.look_attr(obj, &vm.names.__dict__)? {
        Some(d) => Ok(d),
        None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
    }
}

pub(super) fn hash(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.hash(&a[0])?))
}

pub(super) fn id(vm: &Vm, a: &Args) -> R {
    Ok(vm.uint(vm.id_of(&a[0])))
}

pub(super) fn isinstance(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.is_instance(&a[0], &a[1])?))
}

/// Whether a value is of a class by its type alone; that it is not is only certain of what cannot claim another class.
pub(super) fn plain_isinstance(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [v, class] = a else { return None };
    let of = vm.class_of(v);
    let is = |class: &Value| {
        let plain = class.header().is_some_and(|h| vm.types.type_.is(h.class()));
        class.as_class().filter(|_| plain).map(|c| of.derives(c))
    };
    let found = match class.as_tuple() {
        Some(classes) => classes.items().iter().try_fold(false, |found, c| is(c).map(|is| found || is))?,
        None => is(class)?,
    };
    (found || !of.is(HEAP) && v.kind() != Some(Kind::Weakref)).then_some(Value::bool(found))
}

pub(super) fn issubclass(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.is_subclass(&a[0], &a[1])?))
}

pub(super) fn plain_len(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [v] = a else { return None };
    vm.known_len(v).filter(|_| !vm.class_of(v).is(HEAP)).map(|n| vm.int(n as i64))
}

pub(super) fn len(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.len(&a[0])? as i64))
}
