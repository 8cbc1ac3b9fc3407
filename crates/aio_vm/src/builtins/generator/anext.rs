//! The built-in functions aiter and anext, and the awaitable of an anext with a default.

use super::itself;
use crate::error::R;
use crate::native::{Args, TypeTable, method};
use crate::object::coro::CoroKind;
use crate::object::opaque::Payload;
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn aiter_of(vm: &Vm, a: &Args) -> R {
    let Some(it) = vm.call_special(&a[0], &vm.names.__aiter__, &[])? else {
        return Err(vm.type_error(format!("'{}' object is not an async iterable", vm.type_name(&a[0]))));
    };
    if vm.type_method(&it, &vm.names.__anext__).is_none() {
        return Err(vm.type_error(format!("aiter() returned not an async iterator of type '{}'", vm.type_name(&it))));
    }
    Ok(it)
}

pub(super) fn anext_of(vm: &Vm, a: &Args) -> R {
    let Some(step) = vm.call_special(&a[0], &vm.names.__anext__, &[])? else {
        return Err(vm.type_error(format!("'{}' object is not an async iterator", vm.type_name(&a[0]))));
    };
    match a.get(1) {
        None => Ok(step),
        Some(default) => {
            let awaitable = AnextDefault { step, default: default.clone(), iterator: Slot::empty() };
            Ok(vm.opaque(vm.types.anext_awaitable.get(), awaitable))
        }
    }
}

pub(crate) static ANEXT: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__await__(self, /)", itself, "Return an iterator to be used in await expression."),
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", anext_next, "Implement next(self)."),
        method("send(self, arg, /)", anext_send, "Go on with a value."),
        method("throw(self, typ, val=None, tb=None, /)", anext_throw, "Go on with an exception."),
        method("close(self, /)", anext_close, "End it."),
    ],
    next: None,
};

/// `anext(it, default)`: the step, and what to give at the end.
struct AnextDefault {
    step: Value,
    default: Value,
    iterator: Slot,
}

impl Payload for AnextDefault {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.step);
        visit(&self.default);
        visit(self.iterator.peek());
    }
}

/// Calls a method of what is awaited; that there is no next item means the default.
fn pass_on(vm: &Vm, a: &Args, method: &str) -> R {
    let Some(p) = a[0].payload::<AnextDefault>() else { return Ok(Value::NONE) };
    if p.iterator.is_empty() {
        p.iterator.set(p.driven(vm)?);
    }
    let given: Vec<Value> = (1..4).map_while(|i| a.get(i).cloned()).collect();
    match vm.call_method(&p.iterator.get(), method, &given) {
        Err(e) if e.is(vm.types.stop_async_iteration.get()) => Err(vm.stop_iteration(p.default.clone())),
        other => other,
    }
}

impl AnextDefault {
    /// The iterator behind the step.
    fn driven(&self, vm: &Vm) -> R {
        let it = vm.await_iterator(self.step.clone(), 0)?;
        // A coroutine and a future have theirs only when they are asked for it.
        let bare = it.as_coro().is_some_and(|c| c.coro_kind() == CoroKind::Coroutine)
            || it.as_opaque().is_some_and(|o| o.is_awaitable());
        if bare { vm.call_method(&it, "__await__", &[]) } else { Ok(it) }
    }
}

fn anext_next(vm: &Vm, a: &Args) -> R {
    pass_on(vm, a, "__next__")
}

fn anext_send(vm: &Vm, a: &Args) -> R {
    pass_on(vm, a, "send")
}

fn anext_throw(vm: &Vm, a: &Args) -> R {
    pass_on(vm, a, "throw")
}

fn anext_close(vm: &Vm, a: &Args) -> R {
    pass_on(vm, a, "close")
}
