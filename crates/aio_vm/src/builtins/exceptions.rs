//! Exceptions: what all have in common. The classes with fields of their own are in the files beside.

pub(crate) mod fields;
pub(crate) mod os;
pub(crate) mod syntax;
pub(crate) mod unicode;

pub use os::errno_of;

use crate::builtins::object::text_of;
use crate::error::R;
use crate::native::{Args, NativeFn, TypeTable, method, property, static_method};
use crate::object::header::Kind;
use crate::object::{ClassObj, ExceptionObj, NativeObj};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "The root of all exceptions.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create an exception.").keeping(kept),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__str__(self, /)", str, "Return str(self)."),
        method("__reduce__(self, /)", reduce, "Describe the exception for copying and pickling."),
        method("__setstate__(self, state, /)", setstate, "Set attributes from a dict."),
        method("with_traceback(self, tb, /)", with_traceback, "Set self.__traceback__ to tb and return self."),
        method("add_note(self, note, /)", add_note, "Add a note that is shown below the exception."),
        property("args(self)", args, set_args, "the arguments"),
        property("__traceback__(self)", traceback, set_traceback, "the way that the exception went"),
        property("__cause__(self)", cause, set_cause, "the exception that this one was raised from"),
        property("__context__(self)", context, set_context, "the exception that was being handled"),
        property("__suppress_context__(self)", suppress, set_suppress, "whether the context is hidden"),
    ],
    next: None,
};

/// The exception behind a receiver; natives of exceptions are called on nothing else.
pub(super) fn exception<'a>(vm: &Vm, v: &'a Value) -> R<&'a ExceptionObj> {
    v.as_exception().ok_or_else(|| vm.type_error(format!("expected an exception, got '{}'", vm.type_name(v))))
}

/// `BaseException.__new__`: takes any arguments.
pub(super) fn new(vm: &Vm, a: &Args) -> R {
    let Some(class) = a[0].as_class() else {
        let what = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("BaseException.__new__(X): X is not a type object ({what})")));
    };
    if class.instance.get() != Kind::Exception {
        let name = class.name_text();
        return Err(vm.type_error(format!("BaseException.__new__({name}): {name} is not a subtype of BaseException")));
    }
    Ok(kept(vm, class, a.rest))
}

fn kept(vm: &Vm, class: &ClassObj, arguments: &[Value]) -> Value {
    vm.exception(class, vm.tuple(arguments.iter().cloned()))
}

/// Whether an `__init__` does no more than `BaseException.__new__` has done.
pub(crate) fn only_keeps(f: &NativeObj) -> bool {
    std::ptr::fn_addr_eq(f.def.call, init as NativeFn)
}

/// Refuses keyword arguments.
pub(super) fn no_keywords(vm: &Vm, a: &Args) -> R<()> {
    if a.keywords.is_empty() {
        return Ok(());
    }
    Err(vm.type_error(format!("{}() takes no keyword arguments", vm.type_name(&a[0]))))
}

/// `BaseException.__init__`.
pub(crate) fn init(vm: &Vm, a: &Args) -> R {
    no_keywords(vm, a)?;
    keep_args(vm, a)?;
    Ok(Value::NONE)
}

/// Makes the positional arguments the exception's `args`.
pub(super) fn keep_args(vm: &Vm, a: &Args) -> R<()> {
    let e = exception(vm, &a[0])?;
    let same = e
        .args
        .peek()
        .as_tuple()
        .is_some_and(|t| t.len() == a.rest.len() && t.items().iter().zip(a.rest).all(|(x, y)| x.is(y)));
    if !same {
        e.args.set(vm.tuple(a.rest.iter().cloned()));
    }
    Ok(())
}

/// The items of `args`.
pub(super) fn arg_items(e: &ExceptionObj) -> Vec<Value> {
    e.args.get().as_tuple().map(|t| t.items().to_vec()).unwrap_or_default()
}

fn repr(vm: &Vm, a: &Args) -> R {
    let items = arg_items(exception(vm, &a[0])?);
    let name = vm.type_name(&a[0]);
    let inner = match &items[..] {
        [one] => format!("({})", vm.repr_text(one)?),
        _ => vm.repr_text(&vm.tuple(items))?,
    };
    Ok(vm.str(&format!("{name}{inner}")))
}

pub(super) fn str(vm: &Vm, a: &Args) -> R {
    let items = arg_items(exception(vm, &a[0])?);
    match &items[..] {
        [] => Ok(vm.empty_str()),
        [one] => vm.to_str(one),
        _ => vm.repr(&vm.tuple(items)),
    }
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let args = exception(vm, &a[0])?.args.get();
    reduce_with(vm, &a[0], args)
}

/// `(class, args)` or, if there are attributes, `(class, args, attributes)`.
pub(super) fn reduce_with(vm: &Vm, e: &Value, args: Value) -> R {
    let class = vm.class_of(e).value();
    let attrs = exception(vm, e)?.attrs.defined();
    match attrs.filter(|d| d.as_dict().is_some_and(|d| !d.is_empty())) {
        Some(d) => Ok(vm.tuple([class, args, d])),
        None => Ok(vm.tuple([class, args])),
    }
}

fn setstate(vm: &Vm, a: &Args) -> R {
    if a[1].is_none() {
        return Ok(Value::NONE);
    }
    let Some(d) = a[1].as_dict() else { return Err(vm.type_error("state is not a dictionary")) };
    for (k, v) in d.items() {
        let name = vm.attr_name(&k)?;
        vm.set_attr(&a[0], &name, Some(v))?;
    }
    Ok(Value::NONE)
}

fn with_traceback(vm: &Vm, a: &Args) -> R {
    put_traceback(vm, &a[0], &a[1])?;
    Ok(a[0].clone())
}

fn add_note(vm: &Vm, a: &Args) -> R {
    if a[1].as_str().is_none() {
        return Err(vm.type_error(format!("note must be a str, not '{}'", vm.type_name(&a[1]))));
    }
    let name = &vm.names.__notes__;
    let notes = match vm.look_attr(&a[0], name)? {
        Some(n) => n,
        None => {
            let fresh = vm.list(Vec::new());
            vm.set_attr(&a[0], name, Some(fresh.clone()))?;
            fresh
        }
    };
    match notes.as_list() {
        Some(l) => l.push(a[1].clone()),
        None => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
    }
    Ok(Value::NONE)
}

fn args(vm: &Vm, a: &Args) -> R {
    Ok(exception(vm, &a[0])?.args.get())
}

fn set_args(vm: &Vm, a: &Args) -> R {
    let Some(v) = a.get(1) else { return Err(vm.type_error("args may not be deleted")) };
    let items = vm.collect(v)?;
    exception(vm, &a[0])?.args.set(vm.tuple(items));
    Ok(Value::NONE)
}

fn traceback(vm: &Vm, a: &Args) -> R {
    Ok(exception(vm, &a[0])?.traceback_value())
}

fn put_traceback(vm: &Vm, e: &Value, tb: &Value) -> R<()> {
    if !tb.is_none() && tb.as_traceback().is_none() {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    exception(vm, e)?.set_traceback(tb.clone());
    Ok(())
}

fn set_traceback(vm: &Vm, a: &Args) -> R {
    let Some(v) = a.get(1) else { return Err(vm.type_error("__traceback__ may not be deleted")) };
    put_traceback(vm, &a[0], v)?;
    Ok(Value::NONE)
}

/// A value for `__cause__` or `__context__`; None is stored as absence.
fn linked(vm: &Vm, a: &Args, what: &str) -> R {
    let Some(v) = a.get(1) else { return Err(vm.type_error(format!("__{what}__ may not be deleted"))) };
    if v.is_none() {
        return Ok(Value::UNDEF);
    }
    if v.as_exception().is_none() {
        return Err(vm.type_error(format!("exception {what} must be None or derive from BaseException")));
    }
    Ok(v.clone())
}

fn cause(vm: &Vm, a: &Args) -> R {
    Ok(exception(vm, &a[0])?.cause.defined().unwrap_or(Value::NONE))
}

fn set_cause(vm: &Vm, a: &Args) -> R {
    let v = linked(vm, a, "cause")?;
    let e = exception(vm, &a[0])?;
    e.cause.set(v);
    e.suppress_context.set(true);
    Ok(Value::NONE)
}

fn context(vm: &Vm, a: &Args) -> R {
    Ok(exception(vm, &a[0])?.context.defined().unwrap_or(Value::NONE))
}

fn set_context(vm: &Vm, a: &Args) -> R {
    let v = linked(vm, a, "context")?;
    exception(vm, &a[0])?.context.set(v);
    Ok(Value::NONE)
}

fn suppress(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(exception(vm, &a[0])?.suppress_context.get()))
}

fn set_suppress(vm: &Vm, a: &Args) -> R {
    let Some(v) = a.get(1) else { return Err(vm.type_error("can't delete numeric/char attribute")) };
    let Some(b) = v.as_bool() else { return Err(vm.type_error("attribute value type must be bool")) };
    exception(vm, &a[0])?.suppress_context.set(b);
    Ok(Value::NONE)
}

/// `str()` of a value that is usually a string, for messages.
pub(super) fn shown(vm: &Vm, v: &Value) -> R<String> {
    if v.as_str().is_some() { Ok(text_of(v)) } else { vm.to_text(v) }
}
