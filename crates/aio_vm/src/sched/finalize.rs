//! The end of futures and tasks, and what is asked of the part of asyncio that is written in the language.

use crate::error::R;
use crate::native::Args;
use crate::object::header::FINALIZED;
use crate::sched::future::{LOG_TRACEBACK, QUIET, future_of};
use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;

/// A future that was not silent has something to say at its end.
#[inline]
pub(crate) fn unsilence(future: &Value) {
    if let Some(h) = future.header()
        && !h.class().is(crate::object::class::HEAP)
    {
        h.clear_flag(FINALIZED);
    }
}

/// A future that ended well has nothing to say at its end.
#[inline]
pub(crate) fn silence(future: &Value) {
    if let Some(h) = future.header()
        && !h.class().is(crate::object::class::HEAP)
    {
        h.set_flag(FINALIZED);
    }
}

pub(crate) fn future(vm: &Vm, a: &Args) -> R {
    report_unretrieved(vm, &a[0])?;
    Ok(Value::NONE)
}

pub(crate) fn task(vm: &Vm, a: &Args) -> R {
    let me = &a[0];
    if let Some(t) = me.payload::<TaskState>()
        && !t.future.is_done()
        && !t.future.has(QUIET)
        && !t.coro.is_empty()
    {
        let message = vm.str("Task was destroyed but it is pending!");
        let event_loop = t.future.event_loop.get();
        return report(vm, &event_loop, &[("task", me.clone()), ("message", message)]);
    }
    report_unretrieved(vm, me)?;
    Ok(Value::NONE)
}

fn report_unretrieved(vm: &Vm, me: &Value) -> R<()> {
    let Some(f) = future_of(me) else { return Ok(()) };
    if !f.has(LOG_TRACEBACK) {
        return Ok(());
    }
    f.set(LOG_TRACEBACK, false);
    let message = vm.str(&format!("{} exception was never retrieved", vm.class_of(me).name_text()));
    let exception = f.peek_failure().unwrap_or(Value::NONE);
    let event_loop = f.event_loop.get();
    report(vm, &event_loop, &[("message", message), ("exception", exception), ("future", me.clone())])?;
    Ok(())
}

/// `loop.call_exception_handler({...})`.
pub(crate) fn report(vm: &Vm, event_loop: &Value, context: &[(&str, Value)]) -> R {
    let dict = vm.dict();
    if let Some(d) = dict.as_dict() {
        for (k, v) in context {
            d.set_text(vm, k, v.clone());
        }
    }
    vm.call_method(event_loop, "call_exception_handler", &[dict])
}

/// Calls a function of the module `asyncio.base_futures`, which is written in the language.
pub(crate) fn helper(vm: &Vm, name: &str, args: &[Value]) -> R {
    let modules = vm.modules.get();
    let asyncio = modules.as_dict().and_then(|d| d.get_text(vm, "asyncio"));
    let Some(asyncio) = asyncio else { return Err(vm.runtime_error("asyncio is not imported")) };
    let f = vm.get_attr_text(&asyncio, name)?;
    vm.call(&f, args)
}

/// The repr of a future or task.
pub(crate) fn describe(vm: &Vm, name: &str, me: &Value) -> R {
    match vm.guarded_repr(me, || helper(vm, name, std::slice::from_ref(me)))? {
        Some(text) => Ok(text),
        None => Ok(vm.str("...")),
    }
}
