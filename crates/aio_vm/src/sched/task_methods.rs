//! The class Task as scripts see it.

use crate::error::R;
use crate::native::{Args, Def, TypeTable, class_method, function, getter, method, property, static_method};
use crate::sched::event_loop::LoopState;
use crate::sched::future::{MUST_CANCEL, QUIET, adopted, chosen_loop};
use crate::sched::task::{TaskState, Waiting};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "A coroutine wrapped in a Future.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a task."),
        method(
            "__init__(self, coro, *, loop=None, name=None, context=None, eager_start=False)",
            init,
            "Initialize the task.",
        ),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method(
            "__del__(self, /)",
            crate::sched::finalize::task,
            "Report an exception that nobody asked for, or a task that was still pending.",
        ),
        method("cancel(self, msg=None)", cancel, "Request that this task cancel itself."),
        method("cancelling(self, /)", cancelling, "Return the count of the task's cancellation requests."),
        method("uncancel(self, /)", uncancel, "Decrement the task's count of cancellation requests."),
        method("get_name(self, /)", get_name, "Return the name of the task."),
        method("set_name(self, value, /)", set_name, "Set the name of the task."),
        method("get_coro(self, /)", get_coro, "Return the coroutine of the task."),
        method("get_context(self, /)", get_context, "Return the context of the task."),
        method(
            "get_stack(self, *, limit=None)",
            get_stack,
            "Return the list of stack frames for this task's coroutine.",
        ),
        method(
            "print_stack(self, *, limit=None, file=None)",
            print_stack,
            "Print the stack or traceback for this task's coroutine.",
        ),
        method("set_result(self, result, /)", set_result, "Not possible for tasks."),
        method("set_exception(self, exception, /)", set_exception, "Not possible for tasks."),
        getter("_coro(self)", get_coro, "The coroutine."),
        getter("_fut_waiter(self)", fut_waiter, "The future that it waits for, or None."),
        getter("_must_cancel(self)", must_cancel, "Whether the next step raises CancelledError."),
        property(
            "_log_destroy_pending(self)",
            log_destroy,
            set_log_destroy,
            "Whether its end while pending is reported.",
        ),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585."),
    ],
    next: None,
};

fn task<'a>(vm: &Vm, v: &'a Value) -> R<&'a TaskState> {
    v.payload::<TaskState>().ok_or_else(|| vm.runtime_error("Task object is not initialized."))
}

fn new(vm: &Vm, a: &Args) -> R {
    let own = super::class(&vm.sched_classes().task);
    Ok(adopted(vm, vm.opaque(own, TaskState::new()), &a[0], own))
}

fn init(vm: &Vm, a: &Args) -> R {
    let lp = chosen_loop(vm, a.some(2))?;
    let name = a.get(3).cloned().unwrap_or(Value::NONE);
    let context = a.get(4).cloned().unwrap_or(Value::NONE);
    let eager = match a.get(5) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    vm.start_task(&a[0], &lp, a[1].clone(), name, context)?;
    if eager
        && let Some(l) = lp.payload::<LoopState>()
        && l.thread.get() != crate::sched::event_loop::NO_THREAD
    {
        l.take_back(&a[0]);
        let t = task(vm, &a[0])?;
        vm.step_task(l, &a[0], t, Ok(Value::NONE))?;
        if t.future.is_done() {
            drop(t.coro.take());
        }
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, a: &Args) -> R {
    crate::sched::finalize::describe(vm, "_task_repr", &a[0])
}

fn cancel(vm: &Vm, a: &Args) -> R {
    let message = a.get(1).cloned().unwrap_or(Value::NONE);
    Ok(Value::bool(task(vm, &a[0])?.cancel(vm, &a[0], message)?))
}

fn cancelling(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(i64::from(task(vm, &a[0])?.cancels())))
}

fn uncancel(vm: &Vm, a: &Args) -> R {
    let t = task(vm, &a[0])?;
    let left = t.cancels().saturating_sub(1);
    t.set_cancels(vm, left);
    if left == 0 {
        t.future.set(MUST_CANCEL, false);
    }
    Ok(Value::small(i64::from(left)))
}

fn get_name(vm: &Vm, a: &Args) -> R {
    let t = task(vm, &a[0])?;
    if let Some(name) = t.name() {
        return Ok(name);
    }
    if t.number.get() == 0 {
        return Ok(Value::NONE);
    }
    let text = vm.str(&vm.task_name(t));
    t.set_name(vm, text.clone());
    Ok(text)
}

fn set_name(vm: &Vm, a: &Args) -> R {
    let name = vm.to_str(&a[1])?;
    task(vm, &a[0])?.set_name(vm, name);
    Ok(Value::NONE)
}

fn get_coro(vm: &Vm, a: &Args) -> R {
    Ok(task(vm, &a[0])?.coro.defined().unwrap_or(Value::NONE))
}

fn get_context(vm: &Vm, a: &Args) -> R {
    let t = task(vm, &a[0])?;
    let running = t.future.event_loop.get().payload::<LoopState>().is_some_and(|l| l.current.get().is(&a[0]));
    // While the task runs its context is the thread's.
    Ok(if running { vm.materialised(&vm.sched.context) } else { vm.materialised(t.context()) })
}

fn get_stack(vm: &Vm, a: &Args) -> R {
    let limit = a.get(1).cloned().unwrap_or(Value::NONE);
    crate::sched::finalize::helper(vm, "_task_get_stack", &[a[0].clone(), limit])
}

fn print_stack(vm: &Vm, a: &Args) -> R {
    let limit = a.get(1).cloned().unwrap_or(Value::NONE);
    let file = a.get(2).cloned().unwrap_or(Value::NONE);
    crate::sched::finalize::helper(vm, "_task_print_stack", &[a[0].clone(), limit, file])
}

fn set_result(vm: &Vm, _a: &Args) -> R {
    Err(vm.runtime_error("Task does not support set_result operation"))
}

fn set_exception(vm: &Vm, _a: &Args) -> R {
    Err(vm.runtime_error("Task does not support set_exception operation"))
}

fn fut_waiter(vm: &Vm, a: &Args) -> R {
    let t = task(vm, &a[0])?;
    Ok(if t.future.waiting.get() == Waiting::Future { t.future.target() } else { Value::NONE })
}

fn must_cancel(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(task(vm, &a[0])?.future.has(MUST_CANCEL)))
}

fn log_destroy(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(!task(vm, &a[0])?.future.has(QUIET)))
}

fn set_log_destroy(vm: &Vm, a: &Args) -> R {
    let on = match a.get(1) {
        Some(v) => vm.truth(v)?,
        None => return Err(vm.error(vm.types.attribute_error.get(), "cannot delete attribute")),
    };
    task(vm, &a[0])?.future.set(QUIET, !on);
    Ok(Value::NONE)
}

fn subscript(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

static WAKEUP: Def = function("task_wakeup(future, /)", wakeup, "Let the task go on.");

/// What futures that are not ours call when they are done.
pub(crate) fn wakeup_function(vm: &Vm, task: &Value) -> Value {
    vm.native(&WAKEUP, task.clone())
}

fn wakeup(vm: &Vm, a: &Args) -> R {
    let t = task(vm, a.receiver)?;
    let lp = t.future.event_loop.get();
    if let Some(l) = lp.payload::<LoopState>() {
        vm.wake_task(l, a.receiver)?;
    }
    Ok(Value::NONE)
}
