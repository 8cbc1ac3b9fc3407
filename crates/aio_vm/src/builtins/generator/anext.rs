//! The built-in functions aiter and anext, and the awaitable of an anext with a default.

use super::itself;
use crate::error::R;
use crate::native::{Args, TypeTable, method};
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

fn anext_go(vm: &Vm, v: &Value, sent: Value) -> R {
    let Some(p) = v.payload::<AnextDefault>() else { return Ok(Value::NONE) };
    if p.iterator.is_empty() {
        let it = vm.await_iterator(p.step.clone(), 0)?;
        p.iterator.set(it);
    }
    let it = p.iterator.get();
    let result = if sent.is_none() && it.as_coro().is_none() {
        vm.call_method(&it, "__next__", &[])
    } else {
        vm.call_method(&it, "send", &[sent])
    };
    match result {
        Err(e) if e.is(vm.types.stop_async_iteration.get()) => Err(vm.stop_iteration(p.default.clone())),
        other => other,
    }
}

fn anext_next(vm: &Vm, a: &Args) -> R {
    anext_go(vm, &a[0], Value::NONE)
}

fn anext_send(vm: &Vm, a: &Args) -> R {
    anext_go(vm, &a[0], a[1].clone())
}
