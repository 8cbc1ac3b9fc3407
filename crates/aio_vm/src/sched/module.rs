//! The functions of asyncio that are written in Rust, for the module tables of the library.

use crate::error::{R, Raised};
use crate::native::{Args, Def, function};
use crate::sched::event_loop::LoopState;
use crate::sched::future::native_loop;
use crate::sched::own_loop;
use crate::sched::timers::What;
use crate::value::Value;
use crate::vm::Vm;

/// Functions of the module asyncio.
pub static ASYNCIO: &[Def] = &[
    function(
        "gather(*coros_or_futures, return_exceptions=False)",
        super::gather::gather,
        "Return a future aggregating results from the given coroutines/futures.",
    ),
    function(
        "create_task(coro=..., *, name=None, context=None)",
        create_task,
        "Schedule the execution of a coroutine object in a spawn task.",
    )
    .usually(spawn_usually),
    function(
        "ensure_future(coro_or_future=..., *, loop=None)",
        ensure_future,
        "Wrap a coroutine or an awaitable in a future.",
    ),
    function("current_task(loop=None)", super::current::current_task, "Return a currently executed task."),
    function("all_tasks(loop=None)", all_tasks, "Return a set of all tasks for the loop."),
    function(
        "get_running_loop()",
        get_running_loop,
        "Return the running event loop. Raise a RuntimeError if there is none.",
    ),
    function("_get_running_loop()", peek_running_loop, "Return the running event loop or None."),
    function("_set_running_loop(loop, /)", set_running_loop, "Set the running event loop."),
    function("isfuture(obj)", isfuture, "Return True when obj is a Future instance or a look-alike."),
    function("iscoroutine(obj)", iscoroutine, "Return True if obj is a coroutine object."),
    function("_isawaitable(obj)", isawaitable, "Return True if obj can be awaited."),
    function("_register_task(task)", ignore, "Does nothing: tasks are known to their loops."),
    function("_unregister_task(task)", ignore, "Does nothing: tasks are known to their loops."),
    function("_enter_task(loop, task)", super::current::enter_task, "Make the task the current one of the loop."),
    function(
        "_leave_task(loop, task)",
        super::current::leave_task,
        "Make the task no longer the current one of the loop.",
    ),
    function(
        "_swap_current_task(loop, task)",
        super::current::swap_current_task,
        "Make the task (or None) the current one of the loop; return what it was before.",
    ),
    // What each start of a loop needs of other modules, which it need not import for it.
    function("_copy_context()", super::context::copy_current, "Return a copy of the current Context object."),
    function("_get_ident()", super::threads::get_ident, "Return the identifier of the current thread."),
    function("_sleep_for(delay, result=None)", sleep_for, "Return a future that gets the result after the delay."),
    function(
        "_watch_interrupts(task)",
        watch_interrupts,
        "Let Ctrl-C cancel the task; return what was cancelled before.",
    ),
    function("_interrupts()", interrupts, "Return how often Ctrl-C came."),
];

/// Functions of the module contextvars.
pub static CONTEXTVARS: &[Def] =
    &[function("copy_context()", super::context::copy_current, "Return a copy of the current Context object.")];

/// Functions of the module _thread.
pub static THREAD: &[Def] = &[
    function(
        "start_new_thread(function, args, kwargs=None, /)",
        super::threads::start_new_thread,
        "Start a new thread and return its identifier.",
    ),
    function("get_ident()", super::threads::get_ident, "Return the identifier of the current thread."),
    function("get_native_id()", super::threads::get_ident, "Return the identifier of the current thread."),
    function(
        "interrupt_main(signum=None, /)",
        super::threads::interrupt_main,
        "Simulate the arrival of Ctrl-C in the main thread.",
    ),
    function("allocate_lock()", super::lock::allocate, "Create a new lock object."),
    function("_monotonic()", monotonic, "Return the monotonic clock in seconds."),
    function("_sleep(seconds, /)", sleep, "Suspend the calling thread."),
    function("_any_thread()", super::threads::any_thread, "Return whether other threads than the main one are alive."),
];

fn monotonic(vm: &Vm, _a: &Args) -> R {
    Ok(Value::float(vm.loop_time()))
}

fn sleep(vm: &Vm, a: &Args) -> R {
    let seconds = vm.to_f64(&a[0])?;
    vm.sleep_thread((seconds.max(0.0) * 1e9) as u64)?;
    Ok(Value::NONE)
}

pub(super) fn chosen(vm: &Vm, given: Option<&Value>) -> R {
    match given {
        Some(l) => Ok(l.clone()),
        None => vm.running_loop().ok_or_else(|| vm.runtime_error("no running event loop")),
    }
}

/// What CPython says of its functions that are written in Python.
#[cold]
fn missing(vm: &Vm, function: &str, parameter: &str) -> Raised {
    vm.type_error(format!("{function}() missing 1 required positional argument: '{parameter}'"))
}

fn create_task(vm: &Vm, a: &Args) -> R {
    if a.get(0).is_none() {
        return Err(missing(vm, "create_task", "coro"));
    }
    let lp = chosen(vm, None)?;
    let name = a.get(1).cloned().unwrap_or(Value::NONE);
    let context = a.get(2).cloned().unwrap_or(Value::NONE);
    if lp.payload::<LoopState>().is_some_and(LoopState::makes_plain_tasks) {
        return vm.spawn(&lp, a[0].clone(), name, context);
    }
    let create = vm.get_attr_text(&lp, "create_task")?;
    if context.is_none() {
        return vm.call_keywords(&create, &[a[0].clone(), name], std::slice::from_ref(&vm.names.name));
    }
    vm.call_keywords(&create, &[a[0].clone(), name, context], &[vm.names.name.clone(), vm.intern("context")])
}

/// `create_task(coro)` of a coroutine of the language, in a loop that makes tasks as usual.
fn spawn_usually(vm: &Vm, given: &[Value]) -> Option<Value> {
    let [coro] = given else { return None };
    let event_loop = vm.sched.running.peek();
    let lp = event_loop.payload::<LoopState>().filter(|lp| lp.makes_plain_tasks())?;
    vm.spawn_plainly(event_loop, lp, coro)
}

fn ensure_future(vm: &Vm, a: &Args) -> R {
    match a.get(0) {
        Some(x) => vm.ensure_future(x, a.some(1)),
        None => Err(missing(vm, "ensure_future", "coro_or_future")),
    }
}

fn all_tasks(vm: &Vm, a: &Args) -> R {
    let lp = chosen(vm, a.some(0))?;
    let tasks = lp.payload::<LoopState>().map(|l| l.tasks.all()).unwrap_or_default();
    let list = vm.list(tasks);
    vm.call(&vm.types.set.value(), &[list])
}

fn get_running_loop(vm: &Vm, _a: &Args) -> R {
    chosen(vm, None)
}

fn peek_running_loop(vm: &Vm, _a: &Args) -> R {
    Ok(vm.running_loop().unwrap_or(Value::NONE))
}

fn set_running_loop(vm: &Vm, a: &Args) -> R {
    vm.sched.running.set(if a[0].is_none() { Value::UNDEF } else { a[0].clone() });
    Ok(Value::NONE)
}

fn isfuture(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.is_future(&a[0])?))
}

fn iscoroutine(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.is_coroutine(&a[0])))
}

fn isawaitable(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.is_awaitable(&a[0])))
}

fn ignore(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn sleep_for(vm: &Vm, a: &Args) -> R {
    let delay = vm.to_f64(&a[0])?;
    if delay.is_nan() {
        return Err(vm.value_error("Invalid delay: NaN (not a number)"));
    }
    let lp = chosen(vm, None)?;
    let f = vm.future(lp.clone());
    let result = a.get(1).cloned().unwrap_or(Value::NONE);
    let l = native_loop(vm, &lp)?;
    if l.own.get() & (own_loop::TIME | own_loop::CALL_AT) != 0 {
        // The class wants to know of it.
        let futures = vm.import_module("asyncio.futures")?;
        let set = vm.get_attr_text(&futures, "_set_result_unless_cancelled")?;
        vm.call_method(&lp, "call_later", &[a[0].clone(), set, f.clone(), result])?;
        return Ok(f);
    }
    l.timers.add(vm, vm.loop_time() + delay, What::Result(f.clone(), result));
    if let Some(state) = super::future_of(&f) {
        state.set(super::future::TIMED, true);
    }
    Ok(f)
}

fn watch_interrupts(vm: &Vm, a: &Args) -> R {
    let main = vm.sched.threads.current() == 0;
    let before = vm.sched.interrupt_task.get().defined().unwrap_or(Value::NONE);
    if main {
        vm.sched.interrupts.set(0);
        vm.sched.interrupt_task.set(if a[0].is_none() { Value::UNDEF } else { a[0].clone() });
    }
    Ok(before)
}

fn interrupts(vm: &Vm, _a: &Args) -> R {
    Ok(Value::small(i64::from(vm.sched.interrupts.get())))
}
