//! mappingproxy: a mapping that can only be read.

use crate::error::R;
use crate::native::{Args, TypeTable, class_method, method, static_method};
use crate::object::dict::ViewKind;
use crate::protocol::arith::Binary;
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Read-only proxy of a mapping.",
    rows: &[
        static_method("__new__(cls, mapping)", new, "Create and return a new object."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__str__(self, /)", str, "Return str(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__reversed__(self, /)", reversed, "Return a reverse iterator over the keys."),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__contains__(self, key, /)", contains, "Return key in self."),
        method("__getitem__(self, key, /)", getitem, "Return self[key]."),
        method("__or__(self, value, /)", or, "Return self|value."),
        method("__ror__(self, value, /)", ror, "Return value|self."),
        method("__ior__(self, value, /)", ior, "Return self|=value."),
        method("get(self, key, default=None, /)", get, "Return the value for key if it is there, else default."),
        method("keys(self, /)", keys, "A set-like object providing a view on the mapping's keys."),
        method("values(self, /)", values, "An object providing a view on the mapping's values."),
        method("items(self, /)", items, "A set-like object providing a view on the mapping's items."),
        method("copy(self, /)", copy, "A shallow copy of the mapping."),
        class_method("__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
    ],
    next: None,
};

/// The mapping behind the receiver.
fn mapping<'a>(vm: &Vm, a: &'a Args) -> R<&'a Value> {
    Ok(&super::this(vm, &a[0])?.dict)
}

/// The mapping of a proxy, and any other value as it is.
fn bare(v: &Value) -> Value {
    match v.as_view() {
        Some(view) if view.what == ViewKind::Proxy => view.dict.clone(),
        _ => v.clone(),
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    vm.class_to_make(&a[0], vm.types.mappingproxy.get())?;
    let of = &a[1];
    let sequence = of.as_list().is_some() || of.as_tuple().is_some();
    if sequence || vm.type_method(of, &vm.names.__getitem__).is_none() {
        return Err(vm.type_error(format!("mappingproxy() argument must be a mapping, not {}", vm.type_name(of))));
    }
    Ok(vm.view(of.clone(), ViewKind::Proxy))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let inner = vm.repr(mapping(vm, a)?)?;
    let mut out = b"mappingproxy(".to_vec();
    out.extend_from_slice(inner.as_str().map_or(&[], |s| s.bytes()));
    out.push(b')');
    Ok(vm.str_wtf8(&out))
}

fn str(vm: &Vm, a: &Args) -> R {
    vm.to_str(mapping(vm, a)?)
}

fn hash(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.hash(mapping(vm, a)?)?))
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    vm.rich_compare(op, mapping(vm, a)?, &a[1])
}

crate::comparisons!(compare);

fn iter(vm: &Vm, a: &Args) -> R {
    vm.iter(mapping(vm, a)?)
}

fn reversed(vm: &Vm, a: &Args) -> R {
    vm.call_method(mapping(vm, a)?, "__reversed__", &[])
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.len(mapping(vm, a)?)? as i64))
}

fn contains(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.contains(mapping(vm, a)?, &a[1])?))
}

fn getitem(vm: &Vm, a: &Args) -> R {
    vm.get_item(mapping(vm, a)?, &a[1])
}

fn or(vm: &Vm, a: &Args) -> R {
    vm.binary(Binary::Or, mapping(vm, a)?, &bare(&a[1]))
}

fn ror(vm: &Vm, a: &Args) -> R {
    vm.binary(Binary::Or, &bare(&a[1]), mapping(vm, a)?)
}

fn ior(vm: &Vm, _a: &Args) -> R {
    Err(vm.type_error("'|=' is not supported by mappingproxy; use '|' instead"))
}

fn get(vm: &Vm, a: &Args) -> R {
    let default = a.get(2).cloned().unwrap_or(Value::NONE);
    vm.call_method(mapping(vm, a)?, "get", &[a[1].clone(), default])
}

fn keys(vm: &Vm, a: &Args) -> R {
    vm.call_method(mapping(vm, a)?, "keys", &[])
}

fn values(vm: &Vm, a: &Args) -> R {
    vm.call_method(mapping(vm, a)?, "values", &[])
}

fn items(vm: &Vm, a: &Args) -> R {
    vm.call_method(mapping(vm, a)?, "items", &[])
}

fn copy(vm: &Vm, a: &Args) -> R {
    vm.call_method(mapping(vm, a)?, "copy", &[])
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}
