//! Cells of captured variables.

use crate::error::R;
use crate::native::{Args, TypeTable, method, property, static_method};
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "The place of a variable that inner functions use.",
    rows: &[
        static_method("__new__(cls, contents=..., /)", new, "Create a cell."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        property("cell_contents(self)", contents, set_contents, "the value"),
    ],
    next: None,
};

fn new(vm: &Vm, a: &Args) -> R {
    Ok(vm.cell(a.get(1).cloned().unwrap_or_default()))
}

fn content(v: &Value) -> Option<Value> {
    v.as_cell().and_then(|c| c.content.defined())
}

fn repr(vm: &Vm, a: &Args) -> R {
    let at = vm.id_of(&a[0]);
    Ok(vm.str(&match content(&a[0]) {
        None => format!("<cell at {at:#x}: empty>"),
        Some(v) => format!("<cell at {at:#x}: {} object at {:#x}>", vm.type_name(&v), vm.id_of(&v)),
    }))
}

/// Empty cells come before full ones.
fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    if a[1].as_cell().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (content(&a[0]), content(&a[1])) {
        (Some(x), Some(y)) => vm.rich_compare(op, &x, &y),
        (x, y) => Ok(Value::bool(op.holds(x.is_some().cmp(&y.is_some())))),
    }
}

crate::comparisons!(compare);

fn contents(vm: &Vm, a: &Args) -> R {
    content(&a[0]).ok_or_else(|| vm.value_error("Cell is empty"))
}

fn set_contents(_vm: &Vm, a: &Args) -> R {
    if let Some(c) = a[0].as_cell() {
        c.content.set(a.get(1).cloned().unwrap_or_default());
    }
    Ok(Value::NONE)
}
