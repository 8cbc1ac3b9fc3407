//! The task that runs now: that of each loop, also of loops that know nothing of ours.

use crate::error::R;
use crate::native::Args;
use crate::object::Slot;
use crate::sched::event_loop::LoopState;
use crate::value::Value;
use crate::vm::Vm;

/// Current tasks of loops that are not made by us: a dict.
#[derive(Default)]
struct Foreign {
    tasks: Slot,
}

/// The current task of a loop, or UNDEF; `put` takes its place, where UNDEF is none.
fn replace(vm: &Vm, event_loop: &Value, put: Option<Value>) -> R {
    if let Some(l) = event_loop.payload::<LoopState>() {
        return Ok(match put {
            Some(task) => l.current.replace(task),
            None => l.current.get(),
        });
    }
    let foreign = vm.state::<Foreign>();
    if foreign.tasks.is_empty() {
        foreign.tasks.set(vm.dict());
    }
    let tasks = foreign.tasks.get();
    let Some(d) = tasks.as_dict() else { return Ok(Value::UNDEF) };
    let before = match put {
        None => d.get(vm, event_loop)?,
        Some(task) if task.is_undef() => d.remove(vm, event_loop)?,
        Some(task) => d.set(vm, event_loop.clone(), task)?,
    };
    Ok(before.unwrap_or(Value::UNDEF))
}

fn or_none(v: Value) -> Value {
    v.defined().unwrap_or(Value::NONE)
}

pub(crate) fn current_task(vm: &Vm, a: &Args) -> R {
    let lp = super::module::chosen(vm, a.some(0))?;
    replace(vm, &lp, None).map(or_none)
}

/// The current task of the running loop, or UNDEF.
pub(crate) fn task_of_running_loop(vm: &Vm) -> R {
    let lp = super::module::chosen(vm, None)?;
    replace(vm, &lp, None)
}

pub(crate) fn enter_task(vm: &Vm, a: &Args) -> R {
    if let Some(other) = replace(vm, &a[0], None)?.defined() {
        let (t, o) = (vm.repr_text(&a[1])?, vm.repr_text(&other)?);
        return Err(vm.runtime_error(format!("Cannot enter into task {t} while another task {o} is being executed.")));
    }
    replace(vm, &a[0], Some(a[1].clone()))?;
    Ok(Value::NONE)
}

pub(crate) fn leave_task(vm: &Vm, a: &Args) -> R {
    let current = or_none(replace(vm, &a[0], None)?);
    if !current.is(&a[1]) {
        let (t, o) = (vm.repr_text(&a[1])?, vm.repr_text(&current)?);
        return Err(vm.runtime_error(format!("Leaving task {t} does not match the current task {o}.")));
    }
    replace(vm, &a[0], Some(Value::UNDEF))?;
    Ok(Value::NONE)
}

pub(crate) fn swap_current_task(vm: &Vm, a: &Args) -> R {
    let task = if a[1].is_none() { Value::UNDEF } else { a[1].clone() };
    replace(vm, &a[0], Some(task)).map(or_none)
}
