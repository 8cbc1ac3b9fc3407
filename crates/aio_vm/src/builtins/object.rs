//! `object`: what every value can do.

mod reduce;

use crate::error::{R, Raised};
use crate::native::{Args, Def, TypeTable, class_method, getter, method, property, static_method};
use crate::object::ClassObj;
use crate::object::class::{ABSTRACT, HAS_DICT, HEAP, IMMUTABLE, NO_NEW};
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "The base class of the class hierarchy.\n\nIts instances have no attributes and cannot be given any.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create an object of the class."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__str__(self, /)", str, "Return str(self)."),
        method("__getattribute__(self, name, /)", getattribute, "Return getattr(self, name)."),
        method("__setattr__(self, name, value, /)", setattr, "Implement setattr(self, name, value)."),
        method("__delattr__(self, name, /)", delattr, "Implement delattr(self, name)."),
        method("__lt__(self, value, /)", order, "Return self<value."),
        method("__le__(self, value, /)", order, "Return self<=value."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__gt__(self, value, /)", order, "Return self>value."),
        method("__ge__(self, value, /)", order, "Return self>=value."),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__reduce_ex__(self, protocol, /)", reduce::reduce_ex, "Describe the object for copying and pickling."),
        method("__reduce__(self, /)", reduce::reduce, "Describe the object for copying and pickling."),
        method("__getstate__(self, /)", reduce::getstate, "Return the object's attributes for copying and pickling."),
        class_method(
            "__subclasshook__(cls, subclass, /)",
            subclasshook,
            "Tell whether a class counts as derived (NotImplemented: ask elsewhere).",
        ),
        class_method(
            "__init_subclass__(cls, /, **kwargs)",
            init_subclass,
            "Called when a class is derived from this one.",
        ),
        method(
            "__format__(self, format_spec, /)",
            format,
            "Format the object as str(self) if the specification is empty.",
        ),
        method("__sizeof__(self, /)", sizeof, "Return the size of the object in bytes."),
        method("__dir__(self, /)", dir, "List the names of the object's attributes."),
        property("__class__(self)", class, set_class, "the object's class"),
    ],
    next: None,
};

/// The rows that classes get whose instances have a `__dict__` or weak references.
pub(crate) static DICT: Def = property("__dict__(self)", dict, set_dict, "the object's attributes");
static WEAKREF: Def = getter("__weakref__(self)", weakref, "the first weak reference to the object");

impl Vm {
    /// Adds the descriptor `__dict__` to a class.
    pub(crate) fn add_dict_row(&self, class: &ClassObj) {
        self.add_own_row(class, &DICT);
    }

    /// Adds the descriptor `__weakref__` to a class.
    pub(crate) fn add_weakref_row(&self, class: &ClassObj) {
        self.add_own_row(class, &WEAKREF);
    }

    fn add_own_row(&self, class: &ClassObj, def: &'static Def) {
        // The class goes along as receiver: the pointer to an owner is only for classes that never end.
        let row = self.native_of(self.types.getset_descriptor.get(), def, class.value(), None);
        if let Some(d) = class.dict().as_dict() {
            d.set_text(self, def.name(), row);
        }
    }

    /// The name of an attribute as an interned string, or the TypeError for something that is no string.
    pub fn attr_name(&self, name: &Value) -> R {
        if name.as_str().is_none() {
            return Err(self.type_error(format!("attribute name must be string, not '{}'", self.type_name(name))));
        }
        Ok(self.intern_value(name))
    }
}

/// The text of a string value, lossy; empty for other values.
pub(crate) fn text_of(v: &Value) -> String {
    v.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default()
}

/// The setter of attributes that cannot be set.
pub(crate) fn readonly(vm: &Vm, _a: &Args) -> R {
    Err(vm.error(vm.types.attribute_error.get(), "readonly attribute"))
}

/// Whether a lookup of `name` on the class ends at object itself.
fn is_objects(vm: &Vm, class: &ClassObj, name: &Value) -> bool {
    class.find_in_mro(vm, name).is_none_or(|(owner, _)| owner.is_same(vm.types.object.get()))
}

fn new(vm: &Vm, a: &Args) -> R {
    let Some(class) = a[0].as_class() else {
        let what = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("object.__new__(X): X is not a type object ({what})")));
    };
    if !a.rest.is_empty() || !a.keywords.is_empty() {
        if !is_objects(vm, class, &vm.names.__new__) {
            return Err(vm.type_error("object.__new__() takes exactly one argument (the type to instantiate)"));
        }
        if is_objects(vm, class, &vm.names.__init__) {
            return Err(vm.type_error(format!("{}() takes no arguments", class.name_text())));
        }
    }
    if class.is(ABSTRACT) {
        return Err(abstract_error(vm, &a[0])?);
    }
    if class.instance.get() != Kind::Instance {
        let native = class.mro_classes().find(|c| !c.is(HEAP)).unwrap_or(class);
        let (name, base) = (class.name_text(), native.name_text());
        let own = native.dict().as_dict().is_some_and(|d| d.get_name(vm, &vm.names.__new__).is_some());
        return Err(vm.type_error(if own {
            format!("object.__new__({name}) is not safe, use {base}.__new__()")
        } else {
            let title = if class.is(HEAP) { name } else { vm.class_title(&class.value()) };
            format!("cannot create '{title}' instances")
        }));
    }
    if class.is(NO_NEW)
        || !class.is(HEAP) && !class.is_same(vm.types.object.get()) && !class.is_same(vm.types.simple_namespace.get())
    {
        return Err(vm.type_error(format!("cannot create '{}' instances", class.name_text())));
    }
    Ok(vm.instance(class))
}

#[cold]
fn abstract_error(vm: &Vm, class: &Value) -> R<Raised> {
    let methods = vm.get_attr(class, &vm.names.__abstractmethods__)?;
    let mut names: Vec<String> = vm.collect(&methods)?.iter().map(text_of).collect();
    names.sort();
    let list: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
    let plural = if names.len() == 1 { "" } else { "s" };
    let name = class.as_class().map(ClassObj::name_text).unwrap_or_default();
    Ok(vm.type_error(format!(
        "Can't instantiate abstract class {name} without an implementation for abstract method{plural} {}",
        list.join(", ")
    )))
}

fn init(vm: &Vm, a: &Args) -> R {
    if !a.rest.is_empty() || !a.keywords.is_empty() {
        let class = vm.class_of(&a[0]);
        if !is_objects(vm, class, &vm.names.__init__) {
            return Err(vm.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
        }
        if is_objects(vm, class, &vm.names.__new__) && !class.is(NO_NEW) {
            let name = class.name_text();
            return Err(
                vm.type_error(format!("{name}.__init__() takes exactly one argument (the instance to initialize)"))
            );
        }
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&vm.default_repr(&a[0])))
}

fn str(vm: &Vm, a: &Args) -> R {
    // Whoever asked for the text minds if it is none.
    let _guard = vm.enter_native()?;
    match vm.call_special(&a[0], &vm.names.__repr__, &[])? {
        Some(text) => Ok(text),
        None => vm.repr(&a[0]),
    }
}

fn eq(_vm: &Vm, a: &Args) -> R {
    Ok(if a[0].is(&a[1]) { Value::TRUE } else { Value::NOT_IMPLEMENTED })
}

fn ne(vm: &Vm, a: &Args) -> R {
    match vm.call_special(&a[0], &vm.names.__eq__, std::slice::from_ref(&a[1]))? {
        Some(v) if !v.is_not_implemented() => Ok(Value::bool(!vm.truth(&v)?)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn order(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NOT_IMPLEMENTED)
}

fn hash(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.identity_hash(&a[0])))
}

fn getattribute(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    match vm.plain_attr(&a[0], &name)? {
        Some(v) => Ok(v),
        None => Err(vm.no_attribute(&a[0], &name)),
    }
}

/// Whether this is the look-up of attributes that `object` has, which some built-in classes list again.
pub(crate) fn is_getattribute(found: &Value) -> bool {
    let plain = TABLE.rows.iter().find(|row| row.name() == "__getattribute__");
    found.as_native().is_some_and(|n| plain.is_some_and(|row| std::ptr::eq(row, n.def)))
}

fn setattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    refuse_class(vm, &a[0], "__setattr__")?;
    vm.plain_set_attr(&a[0], &name, Some(a[2].clone()))?;
    Ok(Value::NONE)
}

fn delattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    refuse_class(vm, &a[0], "__delattr__")?;
    vm.plain_set_attr(&a[0], &name, None)?;
    Ok(Value::NONE)
}

/// `object.__setattr__` must not get around the rules of classes.
fn refuse_class(vm: &Vm, obj: &Value, what: &str) -> R<()> {
    if obj.as_class().is_some() {
        let meta = vm.type_name(obj);
        return Err(vm.type_error(format!("can't apply this {what} to {meta} object")));
    }
    Ok(())
}

fn format(vm: &Vm, a: &Args) -> R {
    match a[1].as_str() {
        None => Err(vm.bad_argument("__format__() argument", "str", &a[1])),
        Some(s) if s.is_empty() => vm.to_str(&a[0]),
        Some(_) => {
            Err(vm.type_error(format!("unsupported format string passed to {}.__format__", vm.type_name(&a[0]))))
        }
    }
}

fn dir(vm: &Vm, a: &Args) -> R {
    let all = vm.dict();
    let Some(names) = all.as_dict() else { return Ok(all) };
    if let Some(dict) = vm.look_attr(&a[0], &vm.names.__dict__)?
        && let Some(d) = dict.as_dict()
    {
        for (k, _) in d.items() {
            names.set(vm, k, Value::NONE)?;
        }
    }
    if let Some(class) = vm.look_attr(&a[0], &vm.names.__class__)?
        && class.as_class().is_some()
    {
        vm.add_class_names(&class, &all)?;
    }
    Ok(vm.list(names.keys()))
}

impl Vm {
    /// Adds the names of all attributes of a class and its bases to a dict.
    pub(crate) fn add_class_names(&self, class: &Value, names: &Value) -> R<()> {
        let (Some(c), Some(names)) = (class.as_class(), names.as_dict()) else { return Ok(()) };
        let order: Vec<Value> = c.mro_classes().map(ClassObj::value).collect();
        for base in order.iter().filter_map(Value::as_class) {
            let keys = base.dict().as_dict().map(|d| d.keys()).unwrap_or_default();
            for k in keys {
                names.set(self, k, Value::NONE)?;
            }
        }
        Ok(())
    }
}

fn sizeof(vm: &Vm, a: &Args) -> R {
    let extra = match a[0].kind() {
        None => 8,
        Some(Kind::Instance) => 48,
        _ => vm.known_len(&a[0]).map_or(32, |n| 32 + n * 8),
    };
    Ok(vm.int(extra as i64))
}

fn init_subclass(vm: &Vm, a: &Args) -> R {
    if !a.keywords.is_empty() {
        let name = a[0].as_class().map(|c| text_of(&c.qualname.get())).unwrap_or_default();
        return Err(vm.type_error(format!("{name}.__init_subclass__() takes no keyword arguments")));
    }
    Ok(Value::NONE)
}

fn subclasshook(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NOT_IMPLEMENTED)
}

fn class(vm: &Vm, a: &Args) -> R {
    Ok(vm.class_of(&a[0]).value())
}

fn set_class(vm: &Vm, a: &Args) -> R {
    let Some(new) = a.get(1) else { return Err(vm.type_error("can't delete __class__ attribute")) };
    let Some(to) = new.as_class() else {
        return Err(vm.type_error(format!("__class__ must be set to a class, not '{}' object", vm.type_name(new))));
    };
    let from_value = vm.class_of(&a[0]).value();
    let Some(from) = from_value.as_class() else { return Ok(Value::NONE) };
    let module = vm.types.module.get();
    let modules = from.derives(module) && to.derives(module);
    if !modules && (from.is(IMMUTABLE) || to.is(IMMUTABLE)) {
        return Err(vm.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses"));
    }
    let same_slots = from.reserved_slots() == to.reserved_slots();
    let same_layout = from.instance.get() == to.instance.get() && same_slots && from.is(HAS_DICT) == to.is(HAS_DICT);
    if !same_layout && !modules {
        let (t, f) = (to.name_text(), from.name_text());
        return Err(vm.type_error(format!("__class__ assignment: '{t}' object layout differs from '{f}'")));
    }
    vm.change_class(&a[0], to);
    Ok(Value::NONE)
}

fn dict(vm: &Vm, a: &Args) -> R {
    vm.attrs_dict(&a[0]).ok_or_else(|| vm.no_attribute(&a[0], &vm.names.__dict__))
}

fn set_dict(vm: &Vm, a: &Args) -> R {
    let kind = a[0].kind();
    match a.get(1) {
        None if kind == Some(Kind::Function) || kind == Some(Kind::Module) => {
            Err(vm.type_error("cannot delete __dict__"))
        }
        _ if kind == Some(Kind::Module) => Err(vm.error(vm.types.attribute_error.get(), "readonly attribute")),
        None => {
            vm.set_attrs_dict(&a[0], vm.dict());
            Ok(Value::NONE)
        }
        Some(v) if v.as_dict().is_some() => {
            vm.set_attrs_dict(&a[0], v.clone());
            Ok(Value::NONE)
        }
        Some(v) => Err(vm.type_error(format!("__dict__ must be set to a dictionary, not a '{}'", vm.type_name(v)))),
    }
}

fn weakref(vm: &Vm, a: &Args) -> R {
    Ok(vm.weakrefs_of(&a[0]).into_iter().next().unwrap_or(Value::NONE))
}
