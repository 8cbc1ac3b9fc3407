//! `type`: what classes can do.

mod attributes;
mod bases;

use crate::builtins::alias;
use crate::builtins::object::{readonly, text_of};
use crate::error::R;
use crate::native::{Args, TypeTable, class_method, getter, method, property, static_method};
use crate::object::ClassObj;
use crate::value::Value;
use crate::vm::Vm;
use attributes as at;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "type(object) -> the object's class\ntype(name, bases, dict, **kwds) -> a new class",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", super::class_creation::type_new, "Create a class."),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__call__(self, /, *args, **kwargs)", call, "Make an instance of the class."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__getattribute__(self, name, /)", getattribute, "Return getattr(self, name)."),
        method("__setattr__(self, name, value, /)", setattr, "Implement setattr(self, name, value)."),
        method("__delattr__(self, name, /)", delattr, "Implement delattr(self, name)."),
        method(
            "__instancecheck__(self, instance, /)",
            instancecheck,
            "Tell whether the object is an instance of the class.",
        ),
        method("__subclasscheck__(self, subclass, /)", subclasscheck, "Tell whether the class derives from this one."),
        method("__subclasses__(self, /)", subclasses, "Return the list of direct subclasses."),
        method("mro(self, /)", mro, "Return the order in which classes are searched for attributes."),
        method("__dir__(self, /)", dir, "List the attributes of the class."),
        method("__sizeof__(self, /)", sizeof, "Return the size of the class in bytes."),
        method("__or__(self, value, /)", or, "Return self|value."),
        method("__ror__(self, value, /)", ror, "Return value|self."),
        class_method(
            "__prepare__(cls, /, *args, **kwargs)",
            prepare,
            "Return the namespace in which a class body runs.",
        ),
        property("__name__(self)", at::name, at::set_name, "the class's name"),
        property("__qualname__(self)", at::qualname, at::set_qualname, "the class's qualified name"),
        property("__module__(self)", at::module, at::set_module, "the module that defines the class"),
        property("__bases__(self)", bases::bases, bases::set_bases, "the classes that the class derives from"),
        property("__doc__(self)", at::doc, at::set_doc, "the class's docstring"),
        property("__annotations__(self)", at::annotations, at::set_annotations, "the annotations of the class body"),
        property(
            "__type_params__(self)",
            at::type_params,
            at::set_type_params,
            "the type parameters of a generic class",
        ),
        property(
            "__abstractmethods__(self)",
            at::abstract_methods,
            at::set_abstract_methods,
            "names of the abstract methods",
        ),
        property("__mro__(self)", mro_tuple, readonly, "the order in which classes are searched for attributes"),
        property("__base__(self)", bases::base, readonly, "the class whose layout instances have"),
        getter("__dict__(self)", at::dict, "the attributes of the class itself"),
        getter("__flags__(self)", at::flags, "what the class allows"),
        getter("__basicsize__(self)", at::basic_size, "size of an instance"),
        getter("__itemsize__(self)", at::zero, "size of an item of an instance"),
        getter("__dictoffset__(self)", at::zero, "place of an instance's dict"),
        getter("__weakrefoffset__(self)", at::zero, "place of an instance's weak references"),
        getter("__text_signature__(self)", at::text_signature, "the signature of the constructor"),
    ],
    next: None,
};

fn init(vm: &Vm, a: &Args) -> R {
    if !a.keywords.is_empty() && a.rest.len() == 1 {
        return Err(vm.type_error("type.__init__() takes no keyword arguments"));
    }
    if a.rest.len() != 1 && a.rest.len() != 3 {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(Value::NONE)
}

fn call(vm: &Vm, a: &Args) -> R {
    let mut args = a.rest.to_vec();
    args.extend(a.keywords.iter().map(|(_, v)| v.clone()));
    let names: Vec<Value> = a.keywords.iter().map(|(k, _)| vm.intern_value(k)).collect();
    vm.make_instance(&a[0], &args, &names, false)
}

fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&format!("<class '{}'>", vm.class_title(&a[0]))))
}

fn getattribute(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    match vm.plain_attr(&a[0], &name)? {
        Some(v) => Ok(v),
        None => Err(vm.no_attribute(&a[0], &name)),
    }
}

fn setattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.plain_set_attr(&a[0], &name, Some(a[2].clone()))?;
    Ok(Value::NONE)
}

fn delattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.plain_set_attr(&a[0], &name, None)?;
    Ok(Value::NONE)
}

fn instancecheck(vm: &Vm, a: &Args) -> R {
    let Some(c) = a[0].as_class() else { return Ok(Value::FALSE) };
    if vm.class_of(&a[1]).derives(c) {
        return Ok(Value::TRUE);
    }
    // An object may claim another class through an attribute `__class__`.
    let claimed = vm.look_attr(&a[1], &vm.names.__class__)?;
    Ok(Value::bool(claimed.as_ref().and_then(Value::as_class).is_some_and(|k| k.derives(c))))
}

fn subclasscheck(vm: &Vm, a: &Args) -> R {
    let Some(of) = a[0].as_class() else { return Ok(Value::FALSE) };
    match a[1].as_class() {
        Some(c) => Ok(Value::bool(c.derives(of))),
        None => derives_by_bases(vm, &a[1], &a[0]).map(Value::bool),
    }
}

/// `issubclass` of things that are no classes but have `__bases__`.
fn derives_by_bases(vm: &Vm, class: &Value, of: &Value) -> R<bool> {
    let _guard = vm.enter_native()?;
    if class.is(of) {
        return Ok(true);
    }
    let bases = vm.look_attr(class, &vm.names.__bases__)?;
    let Some(bases) = bases.filter(|b| b.as_tuple().is_some()) else {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    };
    for b in bases.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default() {
        if derives_by_bases(vm, &b, of)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn subclasses(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(a[0].as_class().map(ClassObj::subclasses).unwrap_or_default()))
}

fn mro(vm: &Vm, a: &Args) -> R {
    let Some(c) = a[0].as_class() else { return Ok(Value::NONE) };
    let bases = c.bases.get();
    let items = bases.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
    let order = crate::object::class::c3(a[0].clone(), &items).map_err(|names| vm.order_error(&names))?;
    Ok(vm.list(order))
}

fn mro_tuple(vm: &Vm, a: &Args) -> R {
    let order = a[0].as_class().map(ClassObj::mro_tuple).unwrap_or_default();
    Ok(order.defined().unwrap_or_else(|| vm.empty_tuple()))
}

fn dir(vm: &Vm, a: &Args) -> R {
    let names = vm.dict();
    vm.add_class_names(&a[0], &names)?;
    Ok(vm.list(names.as_dict().map(|d| d.keys()).unwrap_or_default()))
}

fn sizeof(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int(1064))
}

fn or(vm: &Vm, a: &Args) -> R {
    alias::union_of(vm, &a[0], &a[1])
}

fn ror(vm: &Vm, a: &Args) -> R {
    alias::union_of(vm, &a[1], &a[0])
}

fn prepare(vm: &Vm, _a: &Args) -> R {
    Ok(vm.dict())
}

impl Vm {
    /// The TypeError of an order of lookup that cannot be made.
    #[cold]
    pub(crate) fn order_error(&self, names: &[String]) -> crate::error::Raised {
        self.type_error(format!(
            "Cannot create a consistent method resolution order (MRO) for bases {}",
            names.join(", ")
        ))
    }

    /// `C.__name__` of a class value as text.
    pub(crate) fn class_name(&self, class: &Value) -> String {
        class.as_class().map(|c| text_of(&c.name.get())).unwrap_or_default()
    }
}
