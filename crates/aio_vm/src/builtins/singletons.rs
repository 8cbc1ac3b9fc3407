//! `None`, `...` and `NotImplemented`.

use crate::error::R;
use crate::native::{Args, TypeTable, method, static_method};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static NONE: TypeTable = TypeTable {
    doc: "The type of None.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new_none, "Return None."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__bool__(self, /)", none_bool, "False."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
    ],
    next: None,
};

pub(crate) static ELLIPSIS: TypeTable = TypeTable {
    doc: "The type of Ellipsis.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new_ellipsis, "Return Ellipsis."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__reduce__(self, /)", reduce, "Return the name of the object."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
    ],
    next: None,
};

pub(crate) static NOT_IMPLEMENTED: TypeTable = TypeTable {
    doc: "The type of NotImplemented.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new_not_implemented, "Return NotImplemented."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__bool__(self, /)", not_implemented_bool, "True, with a warning."),
        method("__reduce__(self, /)", reduce, "Return the name of the object."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
    ],
    next: None,
};

/// There is one instance, which the call gives.
fn only(vm: &Vm, a: &Args, v: Value) -> R {
    vm.class_to_make(&a[0], vm.class_of(&v))?;
    if a.rest.is_empty() && a.keywords.is_empty() {
        return Ok(v);
    }
    let name = if v.is(&Value::ELLIPSIS) { "EllipsisType".to_owned() } else { vm.type_name(&v) };
    Err(vm.type_error(format!("{name} takes no arguments")))
}

fn new_none(vm: &Vm, a: &Args) -> R {
    only(vm, a, Value::NONE)
}

fn new_ellipsis(vm: &Vm, a: &Args) -> R {
    only(vm, a, Value::ELLIPSIS)
}

fn new_not_implemented(vm: &Vm, a: &Args) -> R {
    only(vm, a, Value::NOT_IMPLEMENTED)
}

fn name(v: &Value) -> &'static str {
    if v.is_none() {
        "None"
    } else if v.is(&Value::ELLIPSIS) {
        "Ellipsis"
    } else {
        "NotImplemented"
    }
}

fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(name(&a[0])))
}

fn reduce(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(name(&a[0])))
}

fn none_bool(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::FALSE)
}

fn not_implemented_bool(vm: &Vm, _a: &Args) -> R {
    vm.warn(vm.types.deprecation_warning.get(), "NotImplemented should not be used in a boolean context")?;
    Ok(Value::TRUE)
}

fn hash(vm: &Vm, a: &Args) -> R {
    // The machine hashes immediates without asking their class.
    vm.hash(&a[0]).map(|h| vm.int(h))
}
