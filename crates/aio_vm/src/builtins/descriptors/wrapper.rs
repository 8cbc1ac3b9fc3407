//! classmethod and staticmethod.

use crate::builtins::object::readonly;
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method, property, static_method};
use crate::object::WrapperObj;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static CLASS_METHOD: TypeTable = TypeTable {
    doc: "A method that gets the class as its first argument.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new_class_method, "Create a class method."),
        method("__init__(self, function, /)", init, "Initialize self."),
        method("__get__(self, instance, owner=None, /)", get, "Bind the function to a class."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        property("__func__(self)", func, readonly, "the function"),
        property("__wrapped__(self)", func, readonly, "the function"),
        getter("__isabstractmethod__(self)", is_abstract, "whether the function is abstract"),
    ],
    next: None,
};

pub(crate) static STATIC_METHOD: TypeTable = TypeTable {
    doc: "A function in a class that is not bound to anything.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new_static_method, "Create a static method."),
        method("__init__(self, function, /)", init, "Initialize self."),
        method("__get__(self, instance, owner=None, /)", get, "Return the function."),
        method("__call__(self, /, *args, **kwargs)", call, "Call self as a function."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        property("__func__(self)", func, readonly, "the function"),
        property("__wrapped__(self)", func, readonly, "the function"),
        getter("__isabstractmethod__(self)", is_abstract, "whether the function is abstract"),
    ],
    next: None,
};

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a WrapperObj> {
    v.as_wrapper().ok_or_else(|| vm.type_error(format!("a method wrapper is required, not '{}'", vm.type_name(v))))
}

fn new_class_method(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.classmethod.get())?;
    let fresh = vm.class_method(Value::NONE);
    Ok(if class.is_same(vm.types.classmethod.get()) { fresh } else { vm.adopt(fresh, class) })
}

fn new_static_method(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.staticmethod.get())?;
    let fresh = vm.static_method(Value::NONE);
    Ok(if class.is_same(vm.types.staticmethod.get()) { fresh } else { vm.adopt(fresh, class) })
}

fn init(vm: &Vm, a: &Args) -> R {
    this(vm, &a[0])?.function.set(a[1].clone());
    // The wrapper looks like its function.
    let n = &vm.names;
    for name in [&n.__module__, &n.__name__, &n.__qualname__, &n.__doc__, &n.__annotations__] {
        if let Some(v) = vm.look_attr(&a[1], name)?
            && let Some(d) = vm.attrs_dict(&a[0])
            && let Some(d) = d.as_dict()
        {
            drop(d.set_name(vm, name, v));
        }
    }
    Ok(Value::NONE)
}

fn get(vm: &Vm, a: &Args) -> R {
    let class = match (a.some(2), a.some(1)) {
        (Some(c), _) => c.clone(),
        (None, Some(o)) => vm.class_of(o).value(),
        (None, None) => return Err(vm.type_error("__get__(None, None) is invalid")),
    };
    Ok(vm.bind_native(&a[0], a.some(1), &class)?.unwrap_or(Value::NONE))
}

fn call(vm: &Vm, a: &Args) -> R {
    let _guard = vm.enter_native()?;
    let f = this(vm, &a[0])?.function.get();
    vm.call_with(&f, a.rest, a.keywords)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let f = this(vm, &a[0])?.function.get();
    let (name, inner) = (vm.type_name(&a[0]), vm.repr_text(&f)?);
    Ok(vm.str(&format!("<{name}({inner})>")))
}

fn func(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.function.get())
}

fn is_abstract(vm: &Vm, a: &Args) -> R {
    let f = this(vm, &a[0])?.function.get();
    vm.is_abstract(&f).map(Value::bool)
}
