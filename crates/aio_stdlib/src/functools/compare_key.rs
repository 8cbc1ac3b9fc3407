//! Keys that compare by a function of two arguments.

use super::Classes;
use aio_vm::object::ClassObj;
use aio_vm::{Args, Compare, Payload, R, Slot, TypeTable, Value, Vm, method, property};

static KEY: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__call__(self, obj)", call, "Call self as a function."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        property("obj(self)", obj, set_obj, "Value wrapped by a key function."),
    ],
    next: None,
};

fn class(vm: &Vm) -> &ClassObj {
    let made = vm.state::<Classes>().key.get_or_init(|| {
        let class = vm.native_class("functools", "KeyWrapper", vm.types.object.get(), 0, &KEY);
        if let Some(d) = class.as_class().map(|c| c.dict()).as_ref().and_then(Value::as_dict) {
            d.set_text(vm, "__hash__", Value::NONE);
        }
        class
    });
    made.as_class().unwrap_or(vm.types.object.get())
}

struct Key {
    compare: Value,
    /// Empty in what `cmp_to_key` itself gives.
    obj: Slot,
}

impl Payload for Key {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.compare);
        visit(&self.obj.get());
    }
}

fn key<'a>(vm: &Vm, v: &'a Value) -> R<&'a Key> {
    v.payload::<Key>().ok_or_else(|| vm.type_error("other argument must be K instance"))
}

pub(super) fn make(vm: &Vm, a: &Args) -> R {
    Ok(vm.opaque(class(vm), Key { compare: a[0].clone(), obj: Slot::empty() }))
}

fn call(vm: &Vm, a: &Args) -> R {
    let compare = key(vm, &a[0])?.compare.clone();
    Ok(vm.opaque(class(vm), Key { compare, obj: Slot::new(a[1].clone()) }))
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    let (x, y) = (key(vm, &a[0])?, key(vm, &a[1])?);
    let (Some(p), Some(q)) = (x.obj.defined(), y.obj.defined()) else {
        return Err(vm.error(vm.types.attribute_error.get(), "object"));
    };
    let order = vm.call(&x.compare, &[p, q])?;
    vm.rich_compare(op, &order, &Value::small(0))
}

aio_vm::comparisons!(compare);

fn obj(vm: &Vm, a: &Args) -> R {
    let found = key(vm, &a[0])?.obj.defined();
    found.ok_or_else(|| vm.error(vm.types.attribute_error.get(), "obj"))
}

fn set_obj(vm: &Vm, a: &Args) -> R {
    key(vm, &a[0])?.obj.set(a.get(1).cloned().unwrap_or_default());
    Ok(Value::NONE)
}
