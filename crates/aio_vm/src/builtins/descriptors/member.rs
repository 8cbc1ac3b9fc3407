//! Members of `__slots__`.

use crate::builtins::object::text_of;
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method};
use crate::object::MemberObj;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "An attribute with a fixed place in the instances.",
    rows: &[
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__get__(self, instance, owner=None, /)", get, "Get the attribute of an instance."),
        method("__set__(self, instance, value, /)", set, "Set the attribute of an instance."),
        method("__delete__(self, instance, /)", delete, "Delete the attribute of an instance."),
        method("__reduce__(self, /)", reduce, "Describe the member for copying and pickling."),
        getter("__name__(self)", name, "the name"),
        getter("__qualname__(self)", qualname, "the qualified name"),
        getter("__objclass__(self)", objclass, "the class"),
        getter("__doc__(self)", nothing, "the docstring"),
    ],
    next: None,
};

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a MemberObj> {
    v.as_member().ok_or_else(|| vm.type_error(format!("a member is required, not '{}'", vm.type_name(v))))
}

/// Refuses objects that are no instances of the class.
fn check(vm: &Vm, m: &MemberObj, o: &Value) -> R<()> {
    if m.owner.as_class().is_some_and(|c| vm.class_of(o).derives(c)) {
        return Ok(());
    }
    Err(vm.type_error(format!(
        "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
        text_of(&m.name),
        vm.class_name(&m.owner),
        vm.type_name(o)
    )))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let m = this(vm, &a[0])?;
    Ok(vm.str(&format!("<member '{}' of '{}' objects>", text_of(&m.name), vm.class_name(&m.owner))))
}

fn get(vm: &Vm, a: &Args) -> R {
    let m = this(vm, &a[0])?;
    match a.some(1) {
        None if a.some(2).is_none() => Err(vm.type_error("__get__(None, None) is invalid")),
        None => Ok(a[0].clone()),
        Some(o) => {
            check(vm, m, o)?;
            let class = vm.class_of(o).value();
            Ok(vm.bind_native(&a[0], Some(o), &class)?.unwrap_or(Value::NONE))
        }
    }
}

fn change(vm: &Vm, a: &Args, v: Option<&Value>) -> R {
    check(vm, this(vm, &a[0])?, &a[1])?;
    if let Some(done) = vm.set_through_native(&a[0], &a[1], v)? {
        done?;
    }
    Ok(Value::NONE)
}

fn set(vm: &Vm, a: &Args) -> R {
    change(vm, a, a.get(2))
}

fn delete(vm: &Vm, a: &Args) -> R {
    change(vm, a, None)
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let m = this(vm, &a[0])?;
    let getattr = vm.builtin("getattr").unwrap_or(Value::NONE);
    Ok(vm.tuple([getattr, vm.tuple([m.owner.clone(), m.name()])]))
}

fn name(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.name())
}

fn qualname(vm: &Vm, a: &Args) -> R {
    let m = this(vm, &a[0])?;
    let of = m.owner.as_class().map(|c| text_of(&c.qualname.get())).unwrap_or_default();
    Ok(vm.str(&format!("{of}.{}", text_of(&m.name))))
}

fn objclass(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.owner.clone())
}

fn nothing(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}
