//! Functions and descriptors written in Rust, as scripts see them.

use super::bound_to;
use crate::builtins::object::text_of;
use crate::error::R;
use crate::native::{Args, Def, DefKind, TypeTable, getter, method, property};
use crate::object::{ClassObj, NativeObj};
use crate::value::Value;
use crate::vm::Vm;

macro_rules! table {
    ($name:ident, $doc:literal, $($row:expr),* $(,)?) => {
        pub(crate) static $name: TypeTable = TypeTable {
            doc: $doc,
            rows: &[
                method("__repr__(self, /)", repr, "Return repr(self)."),
                getter("__name__(self)", name, "the name"),
                getter("__qualname__(self)", qualname, "the qualified name"),
                getter("__doc__(self)", doc, "the docstring"),
                $($row,)*
            ],
            next: None,
        };
    };
}

const CALL: Def = method("__call__(self, /, *args, **kwargs)", call, "Call self as a function.");
const SIGNATURE: Def = getter("__text_signature__(self)", text_signature, "the parameters");
const OBJCLASS: Def = getter("__objclass__(self)", objclass, "the class");
const GET: Def = method("__get__(self, instance, owner=None, /)", get, "Bind the descriptor.");
const SELF: Def = getter("__self__(self)", receiver, "what the function is bound to");
const REDUCE: Def = method("__reduce__(self, /)", reduce, "Describe the function for copying and pickling.");

table!(
    BUILTIN,
    "A function or method of a built-in type.",
    CALL,
    SIGNATURE,
    SELF,
    REDUCE,
    method("__eq__(self, value, /)", super::eq_method, "Return self==value."),
    method("__hash__(self, /)", hash, "Return hash(self)."),
    property("__module__(self)", module, set_module, "the name of the module"),
);
table!(
    METHOD_WRAPPER,
    "A special method of a built-in type, bound to an object.",
    CALL,
    SIGNATURE,
    SELF,
    REDUCE,
    OBJCLASS,
    method("__eq__(self, value, /)", super::eq_method, "Return self==value."),
    method("__hash__(self, /)", hash, "Return hash(self)."),
);
table!(METHOD_DESCRIPTOR, "A method of a built-in type.", CALL, SIGNATURE, GET, OBJCLASS, REDUCE);
table!(WRAPPER_DESCRIPTOR, "A special method of a built-in type.", CALL, SIGNATURE, GET, OBJCLASS, REDUCE);
table!(CLASS_METHOD, "A class method of a built-in type.", CALL, SIGNATURE, GET, OBJCLASS);
table!(
    GETSET,
    "An attribute of a built-in type.",
    GET,
    OBJCLASS,
    method("__set__(self, instance, value, /)", set, "Set the attribute of an instance."),
    method("__delete__(self, instance, /)", delete, "Delete the attribute of an instance."),
);

/// The native function of a value that is one or is bound to one, and what it is bound to.
fn native(v: &Value) -> Option<(&NativeObj, Option<&Value>)> {
    if let Some(n) = v.as_native() {
        return Some((n, None));
    }
    let m = v.as_bound_method()?;
    Some((m.function.as_native()?, Some(&m.receiver)))
}

/// The class in whose table the row is.
fn owner(n: &NativeObj) -> Option<&ClassObj> {
    n.owner().or_else(|| n.receiver.as_class())
}

fn repr(vm: &Vm, a: &Args) -> R {
    let Some((n, bound)) = native(&a[0]) else { return Ok(vm.str(&vm.default_repr(&a[0]))) };
    let t = &vm.types;
    let (name, class) = (n.def.name(), vm.class_of(&a[0]));
    let of = owner(n).map(ClassObj::name_text).unwrap_or_default();
    Ok(vm.str(&match bound {
        Some(o) if class.is_same(t.method_wrapper.get()) => {
            format!("<method-wrapper '{name}' of {} object at {:#x}>", vm.type_name(o), vm.id_of(o))
        }
        Some(o) => format!("<built-in method {name} of {} object at {:#x}>", vm.type_name(o), vm.id_of(o)),
        None if class.is_same(t.wrapper_descriptor.get()) => format!("<slot wrapper '{name}' of '{of}' objects>"),
        None if class.is_same(t.getset_descriptor.get()) => format!("<attribute '{name}' of '{of}' objects>"),
        None if !class.is_same(t.builtin_function.get()) => format!("<method '{name}' of '{of}' objects>"),
        None => match n.owner() {
            Some(c) => format!("<built-in method {name} of type object at {:#x}>", vm.id_of(&c.value())),
            None => format!("<built-in function {name}>"),
        },
    }))
}

fn call(vm: &Vm, a: &Args) -> R {
    let _guard = vm.enter_native()?;
    vm.call_with(&a[0], a.rest, a.keywords)
}

fn name(vm: &Vm, a: &Args) -> R {
    Ok(native(&a[0]).map_or(Value::NONE, |(n, _)| vm.intern(n.def.name())))
}

fn qualname(vm: &Vm, a: &Args) -> R {
    let Some((n, bound)) = native(&a[0]) else { return Ok(Value::NONE) };
    // A method that is bound to an object bears the name of the object's class, or of the class that it is bound to.
    let bound_to = bound.filter(|_| !vm.is_slot(n)).map(|v| v.as_class().unwrap_or_else(|| vm.class_of(v)));
    Ok(vm.str(&match bound_to.or_else(|| owner(n)) {
        Some(c) => format!("{}.{}", text_of(&c.qualname.get()), n.def.name()),
        None => n.def.name().to_owned(),
    }))
}

fn doc(vm: &Vm, a: &Args) -> R {
    Ok(match native(&a[0]) {
        Some((n, _)) if !n.def.doc.is_empty() => vm.str(n.def.doc),
        _ => Value::NONE,
    })
}

fn text_signature(vm: &Vm, a: &Args) -> R {
    let Some((n, _)) = native(&a[0]) else { return Ok(Value::NONE) };
    let Some((_, parameters)) = n.def.signature.split_once('(') else { return Ok(Value::NONE) };
    let text = match n.def.kind {
        DefKind::Function => format!("($module, {parameters}"),
        DefKind::Static if n.def.name() != "__new__" => format!("({parameters}"),
        _ => format!("(${parameters}"),
    };
    Ok(vm.str(&text.replace("($module, )", "($module)")))
}

fn receiver(vm: &Vm, a: &Args) -> R {
    let Some((n, bound)) = native(&a[0]) else { return Ok(Value::NONE) };
    if let Some(o) = bound {
        return Ok(o.clone());
    }
    if let Some(c) = n.owner() {
        return Ok(c.value());
    }
    if n.receiver.as_module().is_some() {
        return Ok(n.receiver.clone());
    }
    Ok(vm.modules.get().as_dict().and_then(|d| d.get_name(vm, &vm.names.builtins)).unwrap_or(Value::NONE))
}

/// Modules of functions, by the address of the table's row: set by the module that made them.
fn module(vm: &Vm, a: &Args) -> R {
    let Some((n, bound)) = native(&a[0]) else { return Ok(Value::NONE) };
    if bound.is_some() || n.owner().is_some() {
        return Ok(Value::NONE);
    }
    match n.receiver.as_module() {
        Some(m) => Ok(m.dict.get().as_dict().and_then(|d| d.get_name(vm, &vm.names.__name__)).unwrap_or(Value::NONE)),
        None => Ok(vm.names.builtins.clone()),
    }
}

fn set_module(_vm: &Vm, _a: &Args) -> R {
    // Functions of Rust keep no module of their own; setting it (as functools.wraps may) changes nothing.
    Ok(Value::NONE)
}

fn hash(vm: &Vm, a: &Args) -> R {
    match a[0].as_bound_method() {
        Some(_) => super::hash_method(vm, a),
        None => Ok(vm.int(vm.identity_hash(&a[0]))),
    }
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let Some((n, bound)) = native(&a[0]) else { return Ok(Value::NONE) };
    let of = bound.cloned().or_else(|| owner(n).map(ClassObj::value));
    let name = vm.intern(n.def.name());
    match of {
        Some(o) => {
            let getattr = vm.builtin("getattr").unwrap_or(Value::NONE);
            Ok(vm.tuple([getattr, vm.tuple([o, name])]))
        }
        None => Ok(name),
    }
}

fn objclass(vm: &Vm, a: &Args) -> R {
    let found = native(&a[0]).and_then(|(n, _)| owner(n));
    Ok(found.map_or_else(|| vm.types.object.value(), ClassObj::value))
}

/// Refuses objects that are no instances of the descriptor's class.
fn check(vm: &Vm, n: &NativeObj, o: &Value) -> R<()> {
    let Some(class) = owner(n) else { return Ok(()) };
    if vm.class_of(o).derives(class) {
        return Ok(());
    }
    Err(vm.type_error(format!(
        "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
        n.def.name(),
        class.name_text(),
        vm.type_name(o)
    )))
}

fn get(vm: &Vm, a: &Args) -> R {
    let Some(n) = a[0].as_native() else { return Ok(a[0].clone()) };
    if vm.class_of(&a[0]).is_same(vm.types.classmethod_descriptor.get()) {
        let class = match (a.some(2), a.some(1)) {
            (Some(c), _) => c.clone(),
            (None, Some(o)) => vm.class_of(o).value(),
            (None, None) => return Err(vm.type_error("__get__(None, None) is invalid")),
        };
        return Ok(vm.bind_native(&a[0], None, &class)?.unwrap_or(Value::NONE));
    }
    match bound_to(vm, a)? {
        None => Ok(a[0].clone()),
        Some(o) => {
            check(vm, n, o)?;
            let class = vm.class_of(o).value();
            Ok(vm.bind_native(&a[0], Some(o), &class)?.unwrap_or(Value::NONE))
        }
    }
}

fn set(vm: &Vm, a: &Args) -> R {
    change(vm, &a[0], &a[1], a.get(2))
}

fn delete(vm: &Vm, a: &Args) -> R {
    change(vm, &a[0], &a[1], None)
}

fn change(vm: &Vm, descriptor: &Value, o: &Value, v: Option<&Value>) -> R {
    let Some(n) = descriptor.as_native() else { return Ok(Value::NONE) };
    check(vm, n, o)?;
    if let Some(done) = vm.set_through_native(descriptor, o, v)? {
        done?;
    }
    Ok(Value::NONE)
}
