//! BaseExceptionGroup and ExceptionGroup.

mod split;

use crate::builtins::exceptions;
use crate::builtins::object::readonly;
use crate::error::R;
use crate::native::{Args, TypeTable, class_method, method, property, static_method};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Several exceptions that are raised together.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a group."),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__str__(self, /)", str, "Return str(self)."),
        method("derive(self, excs, /)", derive, "Make a group of the same kind with other exceptions."),
        method("split(self, matcher_value, /)", split::split, "Divide the group into what matches and the rest."),
        method("subgroup(self, matcher_value, /)", split::subgroup, "The group of what matches, or None."),
        class_method("__class_getitem__(cls, item, /)", class_getitem, "Return a generic alias."),
        property("message(self)", message, readonly, "the message"),
        property("exceptions(self)", members, readonly, "the exceptions"),
    ],
    next: None,
};

fn new(vm: &Vm, a: &Args) -> R {
    let Some(class) = a[0].as_class() else { return Err(vm.type_error("a class is required")) };
    let [message, list] = a.rest else {
        let n = a.rest.len();
        return Err(vm.type_error(format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({n} given)")));
    };
    if message.as_str().is_none() {
        return Err(vm.bad_argument("BaseExceptionGroup.__new__() argument 1", "str", message));
    }
    let is_sequence = list.as_dict().is_none() && vm.type_method(list, &vm.names.__getitem__).is_some();
    if !is_sequence {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let items = vm.collect(list)?;
    if items.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let t = &vm.types;
    let mut only_exceptions = true;
    for (i, e) in items.iter().enumerate() {
        if e.as_exception().is_none() {
            return Err(vm.value_error(format!("Item {i} of second argument (exceptions) is not an exception")));
        }
        only_exceptions &= vm.class_of(e).derives(t.exception.get());
    }
    let mut made = class;
    if class.is_same(t.base_exception_group.get()) {
        if only_exceptions {
            made = t.exception_group.get();
        }
    } else if !only_exceptions {
        if class.is_same(t.exception_group.get()) {
            return Err(vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
        }
        if class.derives(t.exception.get()) {
            return Err(vm.type_error(format!("Cannot nest BaseExceptions in '{}'", class.name_text())));
        }
    }
    let e = vm.exception(made, vm.tuple([message.clone(), list.clone()]));
    if let Some(x) = e.as_exception() {
        x.set_field(0, message.clone());
        x.set_field(1, vm.tuple(items));
    }
    Ok(e)
}

fn init(vm: &Vm, a: &Args) -> R {
    exceptions::init(vm, a)
}

impl Vm {
    /// A group without running script code; an ExceptionGroup if all members derive from Exception.
    pub fn exception_group(&self, message: &str, list: Vec<Value>) -> Value {
        let t = &self.types;
        let plain = list.iter().all(|e| self.class_of(e).derives(t.exception.get()));
        let class = if plain { t.exception_group.get() } else { t.base_exception_group.get() };
        let message = self.str(message);
        let e = self.exception(class, self.tuple([message.clone(), self.list(list.clone())]));
        if let Some(x) = e.as_exception() {
            x.set_field(0, message);
            x.set_field(1, self.tuple(list));
        }
        e
    }

    /// The members of a group; `None` if the value is no group.
    pub fn group_members(&self, e: &Value) -> Option<Vec<Value>> {
        if !self.class_of(e).derives(self.types.base_exception_group.get()) {
            return None;
        }
        e.as_exception()?.field(1).as_tuple().map(|t| t.items().to_vec())
    }

    /// A group of these members that is in all else like `like`.
    pub(crate) fn derive_group(&self, like: &Value, members: Vec<Value>) -> R {
        let list = self.list(members);
        let made = self.call_method(like, "derive", &[list])?;
        if !self.class_of(&made).derives(self.types.base_exception_group.get()) {
            return Err(self.type_error("derive must return an instance of BaseExceptionGroup"));
        }
        if let (Some(from), Some(to)) = (like.as_exception(), made.as_exception()) {
            to.set_traceback(from.traceback_value());
            to.cause.set(from.cause.get());
            to.context.set(from.context.get());
            to.suppress_context.set(from.suppress_context.get());
        }
        if let Some(notes) = self.look_attr(like, &self.names.__notes__)? {
            let copy = self.list(self.collect(&notes)?);
            self.set_attr(&made, &self.names.__notes__, Some(copy))?;
        }
        Ok(made)
    }
}

fn str(vm: &Vm, a: &Args) -> R {
    let n = vm.group_members(&a[0]).unwrap_or_default().len();
    let message = message(vm, a)?;
    let plural = if n == 1 { "" } else { "s" };
    let message = vm.to_text(&message)?;
    Ok(vm.str(&format!("{message} ({n} sub-exception{plural})")))
}

fn derive(vm: &Vm, a: &Args) -> R {
    let class = vm.types.base_exception_group.value();
    let message = message(vm, a)?;
    vm.call(&class, &[message, a[1].clone()])
}

fn message(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].as_exception().map_or(Value::NONE, |e| e.field(0)))
}

fn members(vm: &Vm, a: &Args) -> R {
    Ok(a[0].as_exception().map_or_else(|| vm.empty_tuple(), |e| e.field(1)))
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}
