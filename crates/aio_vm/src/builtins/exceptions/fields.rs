//! Exceptions with simple fields: StopIteration, SystemExit, ImportError, NameError, AttributeError, KeyError.

use super::{arg_items, exception, keep_args, no_keywords};
use crate::error::R;
use crate::native::{Args, TypeTable, method, property};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static STOP_ITERATION: TypeTable = TypeTable {
    doc: "An iterator has no more items.",
    rows: &[
        method("__init__(self, /, *args, **kwargs)", init_stop, "Initialize self."),
        property("value(self)", stop_value, set::<0>, "what the generator returned"),
    ],
    next: None,
};

pub(crate) static SYSTEM_EXIT: TypeTable = TypeTable {
    doc: "The program asks to end.",
    rows: &[
        method("__init__(self, /, *args, **kwargs)", init_exit, "Initialize self."),
        property("code(self)", exit_code, set::<0>, "the exit status"),
    ],
    next: None,
};

pub(crate) static IMPORT_ERROR: TypeTable = TypeTable {
    doc: "A module or a name in it cannot be imported.",
    rows: &[
        method("__init__(self, /, *args, **kwargs)", init_import, "Initialize self."),
        method("__str__(self, /)", str_import, "Return str(self)."),
        method("__reduce__(self, /)", reduce_import, "Describe the exception for copying and pickling."),
        property("name(self)", get::<0>, set::<0>, "the module's name"),
        property("path(self)", get::<1>, set::<1>, "the module's file"),
        property("name_from(self)", get::<2>, set::<2>, "the name that was not found in the module"),
        property("msg(self)", import_message, set::<3>, "the message"),
    ],
    next: None,
};

pub(crate) static NAME_ERROR: TypeTable = TypeTable {
    doc: "A name is not defined.",
    rows: &[
        method("__init__(self, /, *args, **kwargs)", init_name, "Initialize self."),
        property("name(self)", get::<0>, set::<0>, "the name"),
    ],
    next: None,
};

pub(crate) static ATTRIBUTE_ERROR: TypeTable = TypeTable {
    doc: "An object has no such attribute.",
    rows: &[
        method("__init__(self, /, *args, **kwargs)", init_attribute, "Initialize self."),
        method("__reduce__(self, /)", reduce_attribute, "Describe the exception for copying and pickling."),
        property("name(self)", get::<0>, set::<0>, "the attribute's name"),
        property("obj(self)", get::<1>, set::<1>, "the object"),
    ],
    next: None,
};

pub(crate) static KEY_ERROR: TypeTable = TypeTable {
    doc: "A mapping has no such key.",
    rows: &[method("__str__(self, /)", str_key, "Return str(self).")],
    next: None,
};

/// The getter of field `I`.
pub(super) fn get<const I: usize>(vm: &Vm, a: &Args) -> R {
    Ok(exception(vm, &a[0])?.field(I))
}

/// The setter of field `I`; deleting leaves None.
pub(super) fn set<const I: usize>(vm: &Vm, a: &Args) -> R {
    exception(vm, &a[0])?.set_field(I, a.get(1).cloned().unwrap_or(Value::NONE));
    Ok(Value::NONE)
}

fn init_stop(vm: &Vm, a: &Args) -> R {
    no_keywords(vm, a)?;
    keep_args(vm, a)?;
    exception(vm, &a[0])?.set_field(0, a.rest.first().cloned().unwrap_or(Value::NONE));
    Ok(Value::NONE)
}

fn stop_value(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    // Exceptions made by the machine have only their arguments.
    let v = e.field(0);
    Ok(if v.is_none() { arg_items(e).into_iter().next().unwrap_or(Value::NONE) } else { v })
}

fn init_exit(vm: &Vm, a: &Args) -> R {
    no_keywords(vm, a)?;
    keep_args(vm, a)?;
    let code = match a.rest {
        [] => Value::NONE,
        [one] => one.clone(),
        many => vm.tuple(many.to_vec()),
    };
    exception(vm, &a[0])?.set_field(0, code);
    Ok(Value::NONE)
}

fn exit_code(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let v = e.field(0);
    Ok(if v.is_none() { arg_items(e).into_iter().next().unwrap_or(Value::NONE) } else { v })
}

/// Puts keyword arguments into the fields of these names.
fn keyword_fields(vm: &Vm, a: &Args, class: &str, names: &[&str]) -> R<()> {
    let e = exception(vm, &a[0])?;
    for (k, v) in a.keywords {
        let text = crate::builtins::object::text_of(k);
        match names.iter().position(|n| *n == text) {
            Some(i) => e.set_field(i, v.clone()),
            None => {
                let hint = crate::text::suggest::suggestion(&text, names.iter().copied());
                let hint = hint.map(|h| format!(". Did you mean '{h}'?")).unwrap_or_default();
                return Err(vm.type_error(format!("{class}() got an unexpected keyword argument '{text}'{hint}")));
            }
        }
    }
    Ok(())
}

fn init_import(vm: &Vm, a: &Args) -> R {
    keep_args(vm, a)?;
    keyword_fields(vm, a, "ImportError", &["name", "path", "name_from"])?;
    if let [one] = a.rest {
        exception(vm, &a[0])?.set_field(3, one.clone());
    }
    Ok(Value::NONE)
}

/// The message; errors made by the machine have it only as their argument.
fn import_message(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let own = e.field(3);
    if !own.is_none() {
        return Ok(own);
    }
    match &arg_items(e)[..] {
        [one] => Ok(one.clone()),
        _ => Ok(Value::NONE),
    }
}

fn str_import(vm: &Vm, a: &Args) -> R {
    let message = exception(vm, &a[0])?.field(3);
    if message.as_str().is_some() { Ok(message) } else { super::str(vm, a) }
}

fn reduce_import(vm: &Vm, a: &Args) -> R {
    reduce_fields(vm, &a[0], &["name", "path", "name_from"], false)
}

/// The object is left out, for it need not be one that can be pickled.
fn reduce_attribute(vm: &Vm, a: &Args) -> R {
    reduce_fields(vm, &a[0], &["name"], true)
}

/// What `__reduce__` gives for an exception with fields: they are part of its state, in which some keep `args` as well.
fn reduce_fields(vm: &Vm, of: &Value, fields: &[&str], with_args: bool) -> R {
    let e = exception(vm, of)?;
    let state = vm.dict();
    let (class, args) = (vm.class_of(of).value(), e.args.get());
    let Some(d) = state.as_dict() else { return Ok(vm.tuple([class, args])) };
    for (k, v) in e.attrs.defined().and_then(|x| x.as_dict().map(|x| x.items())).unwrap_or_default() {
        d.set(vm, k, v)?;
    }
    for (i, name) in fields.iter().enumerate() {
        let v = e.field(i);
        if !v.is_none() {
            d.set_text(vm, name, v);
        }
    }
    if with_args {
        d.set_text(vm, "args", args.clone());
    }
    if d.is_empty() {
        return Ok(vm.tuple([class, args]));
    }
    Ok(vm.tuple([class, args, state.clone()]))
}

fn init_name(vm: &Vm, a: &Args) -> R {
    keep_args(vm, a)?;
    keyword_fields(vm, a, "NameError", &["name"])?;
    Ok(Value::NONE)
}

fn init_attribute(vm: &Vm, a: &Args) -> R {
    keep_args(vm, a)?;
    keyword_fields(vm, a, "AttributeError", &["name", "obj"])?;
    Ok(Value::NONE)
}

fn str_key(vm: &Vm, a: &Args) -> R {
    match &arg_items(exception(vm, &a[0])?)[..] {
        [key] => vm.repr(key),
        _ => super::str(vm, a),
    }
}
