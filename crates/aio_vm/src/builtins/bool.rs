//! `True` and `False`.

use crate::error::R;
use crate::native::{Args, TypeTable, method, static_method};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Returns True when the argument is true, False otherwise.\n\
          The builtins True and False are the only two instances of the class bool.\n\
          The class bool is a subclass of the class int, and cannot be subclassed.",
    rows: &[
        static_method("__new__(cls, object=False, /)", new, "Create and return a new object.").making(usual),
        method("__repr__(self, /)", repr, "Return repr(self)."),
    ],
    next: None,
};

fn new(vm: &Vm, a: &Args) -> R {
    vm.class_to_make(&a[0], vm.types.bool.get())?;
    match a.get(1) {
        Some(v) => vm.truth(v).map(Value::bool),
        None => Ok(Value::FALSE),
    }
}

fn usual(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [v] = a else { return None };
    vm.known_truth(v).map(Value::bool)
}

fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(if a[0].is_true() { "True" } else { "False" }))
}
