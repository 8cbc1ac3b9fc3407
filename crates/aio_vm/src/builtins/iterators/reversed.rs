//! reversed: what an object says of itself, or its items by falling index.

use crate::error::R;
use crate::native::{Args, TypeTable, static_method};
use crate::object::iter::IterState;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Return a reverse iterator over the values of the given sequence.",
    rows: &[
        static_method("__new__(cls, object, /)", new, "Create and return a new object."),
        super::ITER,
        super::NEXT,
        super::HINT,
        super::REDUCE,
        super::SET_STATE,
    ],
    next: None,
};

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.reversed.get())?;
    let of = &a[1];
    match vm.type_method(of, &vm.names.__reversed__) {
        Some(f) if f.is_none() => return Err(refuse(vm, of)),
        Some(_) => {
            let it = vm.call_special(of, &vm.names.__reversed__, &[])?;
            return Ok(it.unwrap_or(Value::NONE));
        }
        None => {}
    }
    if of.as_dict().is_some() || vm.type_method(of, &vm.names.__getitem__).is_none() {
        return Err(refuse(vm, of));
    }
    let n = vm.len(of)? as i64;
    Ok(vm.adopt(vm.iterator(IterState::SequenceReversed(of.clone(), n - 1)), class))
}

fn refuse(vm: &Vm, of: &Value) -> crate::error::Raised {
    vm.type_error(format!("'{}' object is not reversible", vm.type_name(of)))
}
