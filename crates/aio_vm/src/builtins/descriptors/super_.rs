//! super.

use crate::builtins::object::readonly;
use crate::error::R;
use crate::native::{Args, TypeTable, method, property, static_method};
use crate::object::SuperObj;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Finds attributes in the classes behind another in the order of lookup.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a super object."),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__getattribute__(self, name, /)", getattribute, "Return getattr(self, name)."),
        method("__get__(self, instance, owner=None, /)", get, "Bind the super object to an instance."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        property("__thisclass__(self)", this_class, readonly, "the class behind which the search begins"),
        property("__self__(self)", receiver, readonly, "the instance or class that methods are bound to"),
        property("__self_class__(self)", self_class, readonly, "the class whose order of lookup is used"),
    ],
    next: None,
};

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a SuperObj> {
    v.as_super().ok_or_else(|| vm.type_error(format!("a super object is required, not '{}'", vm.type_name(v))))
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.super_.get())?;
    let fresh = vm.super_object(Value::UNDEF, Value::UNDEF, Value::UNDEF);
    Ok(if class.is_same(vm.types.super_.get()) { fresh } else { vm.adopt(fresh, class) })
}

fn init(vm: &Vm, a: &Args) -> R {
    if !a.keywords.is_empty() {
        return Err(vm.type_error("super() takes no keyword arguments"));
    }
    let (class, receiver) = match a.rest {
        [] => return Err(vm.runtime_error("super(): no arguments")),
        [c] => (c, None),
        [c, o] => (c, Some(o).filter(|o| !o.is_none())),
        many => {
            return Err(vm.type_error(format!("super() expected at most 2 arguments, got {}", many.len())));
        }
    };
    if class.as_class().is_none() {
        return Err(vm.bad_argument("super() argument 1", "type", class));
    }
    let s = this(vm, &a[0])?;
    let of = match receiver {
        Some(o) => vm.super_class_of(class, o)?,
        None => Value::UNDEF,
    };
    s.class.set(class.clone());
    s.receiver.set(receiver.cloned().unwrap_or_default());
    s.receiver_class.set(of);
    Ok(Value::NONE)
}

impl Vm {
    /// The class whose order of lookup `super(class, obj)` uses.
    pub(crate) fn super_class_of(&self, class: &Value, obj: &Value) -> R {
        let Some(c) = class.as_class() else {
            return Err(self.type_error(format!("super() argument 1 must be a type, not {}", self.type_name(class))));
        };
        if obj.as_class().is_some_and(|o| o.derives(c)) {
            return Ok(obj.clone());
        }
        let of = self.class_of(obj);
        if of.derives(c) {
            return Ok(of.value());
        }
        if let Some(claimed) = self.look_attr(obj, &self.names.__class__)?
            && claimed.as_class().is_some_and(|k| k.derives(c))
        {
            return Ok(claimed);
        }
        let what = match obj.as_class() {
            Some(o) => format!("type {}", o.name_text()),
            None => format!("instance of {}", self.type_name(obj)),
        };
        Err(self.type_error(format!(
            "super(type, obj): obj ({what}) is not an instance or subtype of type ({}).",
            c.name_text()
        )))
    }
}

fn getattribute(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.super_attr(&a[0], &name)?.ok_or_else(|| vm.no_attribute(&a[0], &name))
}

fn get(vm: &Vm, a: &Args) -> R {
    if a.some(1).is_none() && a.some(2).is_none() {
        return Err(vm.type_error("__get__(None, None) is invalid"));
    }
    let s = this(vm, &a[0])?;
    let Some(o) = a.some(1).filter(|_| s.receiver.is_empty()) else { return Ok(a[0].clone()) };
    let class = s.class.get();
    if !vm.class_of(&a[0]).is_same(vm.types.super_.get()) {
        let kind = vm.class_of(&a[0]).value();
        return vm.call(&kind, &[class, o.clone()]);
    }
    let of = vm.super_class_of(&class, o)?;
    Ok(vm.super_object(class, o.clone(), of))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let s = this(vm, &a[0])?;
    let class = match s.class.defined() {
        Some(c) => format!("<class '{}'>", vm.class_name(&c)),
        None => "<class 'NULL'>".to_owned(),
    };
    Ok(vm.str(&match s.receiver_class.defined() {
        Some(of) => format!("<super: {class}, <{} object>>", vm.class_name(&of)),
        None => format!("<super: {class}, NULL>"),
    }))
}

fn this_class(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.class.defined().unwrap_or(Value::NONE))
}

fn receiver(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.receiver.defined().unwrap_or(Value::NONE))
}

fn self_class(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.receiver_class.defined().unwrap_or(Value::NONE))
}
