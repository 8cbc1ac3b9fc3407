//! Properties.

use crate::builtins::object::readonly;
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method, property, static_method};
use crate::object::PropertyObj;
use crate::object::class::HEAP;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "An attribute that is computed by functions.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a property."),
        method("__init__(self, fget=None, fset=None, fdel=None, doc=None)", init, "Initialize self."),
        method("getter(self, fget, /)", with_getter, "A copy with another getter."),
        method("setter(self, fset, /)", with_setter, "A copy with another setter."),
        method("deleter(self, fdel, /)", with_deleter, "A copy with another deleter."),
        method("__set_name__(self, /, *args)", set_name, "Tell the property its name."),
        method("__get__(self, instance, owner=None, /)", get, "Get the attribute of an instance."),
        method("__set__(self, instance, value, /)", set, "Set the attribute of an instance."),
        method("__delete__(self, instance, /)", delete, "Delete the attribute of an instance."),
        property("fget(self)", fget, readonly, "the getter"),
        property("fset(self)", fset, readonly, "the setter"),
        property("fdel(self)", fdel, readonly, "the deleter"),
        property("__doc__(self)", doc, set_doc, "the docstring"),
        property("__name__(self)", name, rename, "the name"),
        getter("__isabstractmethod__(self)", is_abstract, "whether one of the functions is abstract"),
    ],
    next: None,
};

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a PropertyObj> {
    v.as_property().ok_or_else(|| vm.type_error(format!("a property is required, not '{}'", vm.type_name(v))))
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.property.get())?;
    let fresh = vm.property(Value::NONE, Value::NONE, Value::NONE, Value::UNDEF);
    Ok(if class.is_same(vm.types.property.get()) { fresh } else { vm.adopt(fresh, class) })
}

fn init(vm: &Vm, a: &Args) -> R {
    let p = this(vm, &a[0])?;
    let part = |i: usize| a.get(i).cloned().unwrap_or(Value::NONE);
    p.get.set(part(1));
    p.set.set(part(2));
    p.delete.set(part(3));
    p.doc.set(a.some(4).cloned().unwrap_or_default());
    p.name.set(Value::UNDEF);
    // A subclass has a docstring of its own, which would hide the property's.
    if vm.class_of(&a[0]).is(HEAP) {
        let text = doc_of(vm, p)?;
        if !text.is_none() {
            vm.set_attr(&a[0], &vm.names.__doc__, Some(text))?;
        }
    }
    Ok(Value::NONE)
}

/// The docstring: the property's own, else the getter's.
fn doc_of(vm: &Vm, p: &PropertyObj) -> R {
    let own = p.doc.get();
    if !own.is_undef() && !own.is_none() {
        return Ok(own);
    }
    let f = p.get.get();
    if f.is_none() || f.is_undef() {
        return Ok(Value::NONE);
    }
    Ok(vm.look_attr(&f, &vm.names.__doc__)?.unwrap_or(Value::NONE))
}

/// A copy where one function (0 getter, 1 setter, 2 deleter) is replaced.
fn copy(vm: &Vm, a: &Args, replaced: usize) -> R {
    let p = this(vm, &a[0])?;
    let mut parts = [p.get.get(), p.set.get(), p.delete.get(), p.doc.get()];
    if !a[1].is_none() {
        parts[replaced] = a[1].clone();
    }
    let parts = parts.map(|v| v.defined().unwrap_or(Value::NONE));
    let name = p.name.get();
    let class = vm.class_of(&a[0]).value();
    let made = vm.call(&class, &parts)?;
    if let Some(q) = made.as_property() {
        q.name.set(name);
    }
    Ok(made)
}

fn with_getter(vm: &Vm, a: &Args) -> R {
    copy(vm, a, 0)
}

fn with_setter(vm: &Vm, a: &Args) -> R {
    copy(vm, a, 1)
}

fn with_deleter(vm: &Vm, a: &Args) -> R {
    copy(vm, a, 2)
}

fn set_name(vm: &Vm, a: &Args) -> R {
    let [_, name] = a.rest else {
        let n = a.rest.len();
        return Err(vm.type_error(format!("__set_name__() takes 2 positional arguments but {n} were given")));
    };
    this(vm, &a[0])?.name.set(name.clone());
    Ok(Value::NONE)
}

fn get(vm: &Vm, a: &Args) -> R {
    match a.some(1) {
        None if a.some(2).is_none() => Err(vm.type_error("__get__(None, None) is invalid")),
        None => Ok(a[0].clone()),
        Some(o) => {
            let class = vm.class_of(o).value();
            Ok(vm.bind_native(&a[0], Some(o), &class)?.unwrap_or(Value::NONE))
        }
    }
}

fn set(vm: &Vm, a: &Args) -> R {
    if let Some(done) = vm.set_through_native(&a[0], &a[1], a.get(2))? {
        done?;
    }
    Ok(Value::NONE)
}

fn delete(vm: &Vm, a: &Args) -> R {
    if let Some(done) = vm.set_through_native(&a[0], &a[1], None)? {
        done?;
    }
    Ok(Value::NONE)
}

fn fget(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.get.defined().unwrap_or(Value::NONE))
}

fn fset(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.set.defined().unwrap_or(Value::NONE))
}

fn fdel(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.delete.defined().unwrap_or(Value::NONE))
}

fn doc(vm: &Vm, a: &Args) -> R {
    doc_of(vm, this(vm, &a[0])?)
}

fn set_doc(vm: &Vm, a: &Args) -> R {
    this(vm, &a[0])?.doc.set(a.get(1).cloned().unwrap_or_default());
    Ok(Value::NONE)
}

fn name(vm: &Vm, a: &Args) -> R {
    let p = this(vm, &a[0])?;
    if let Some(n) = p.name.defined() {
        return Ok(n);
    }
    let f = p.get.get();
    let found = if f.is_none() || f.is_undef() { None } else { vm.look_attr(&f, &vm.names.__name__)? };
    found.ok_or_else(|| vm.no_attribute(&a[0], &vm.names.__name__))
}

fn rename(vm: &Vm, a: &Args) -> R {
    this(vm, &a[0])?.name.set(a.get(1).cloned().unwrap_or_default());
    Ok(Value::NONE)
}

fn is_abstract(vm: &Vm, a: &Args) -> R {
    let p = this(vm, &a[0])?;
    for f in [p.get.get(), p.set.get(), p.delete.get()] {
        if vm.is_abstract(&f)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

impl Vm {
    /// Whether a function is marked as abstract.
    pub(crate) fn is_abstract(&self, f: &Value) -> R<bool> {
        if f.is_none() || f.is_undef() {
            return Ok(false);
        }
        match self.look_attr(f, &self.names.__isabstractmethod__)? {
            Some(v) => self.truth(&v),
            None => Ok(false),
        }
    }
}
