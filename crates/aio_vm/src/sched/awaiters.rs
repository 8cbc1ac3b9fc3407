//! Who waits for a future. Nobody keeps that: it follows from the callbacks of the future.

use crate::error::R;
use crate::native::{Args, Def, function};
use crate::sched::callbacks::Callback;
use crate::sched::future::future_of;
use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;

/// Hops from callback to callback that are followed.
const HOPS: usize = 8;

/// Functions of the module asyncio.
pub static FUNCTIONS: &[Def] = &[
    function("_awaited_by(future, /)", awaited_by, "Return the list of tasks that wait for a future."),
    function("_frames_of(task, /)", frames_of, "Return the frames of a task, the innermost first."),
];

impl Vm {
    /// The tasks that wait for a future: those that await it, gather it, or wait for it with others in a function or a
    /// task group of the library.
    pub fn awaiters(&self, future: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        self.collect_awaiters(future, HOPS, &mut found);
        found
    }

    fn collect_awaiters(&self, future: &Value, hops: usize, found: &mut Vec<Value>) {
        let Some(state) = future_of(future).filter(|_| hops > 0) else { return };
        // The callbacks are read before anything else is looked at.
        let (mut tasks, mut others, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        state.each_callback(&mut |c| match c {
            Callback::Wakeup(task) => tasks.push(task.clone()),
            Callback::Gather(outer) => others.push(outer.clone()),
            Callback::Script(b) => calls.push(b.0.clone()),
        });
        for callback in calls {
            self.behind(&callback, future, &mut tasks, &mut others);
        }
        for task in tasks {
            if !found.iter().any(|f| f.is(&task)) {
                found.push(task);
            }
        }
        for other in others {
            self.collect_awaiters(&other, hops - 1, found);
        }
    }

    /// The task of a group whose method is called, or the futures that a function completes.
    fn behind(&self, callback: &Value, future: &Value, tasks: &mut Vec<Value>, others: &mut Vec<Value>) {
        if let Some(method) = callback.as_bound_method() {
            let parent = self.look_attr(&method.receiver, &self.intern("_parent_task")).ok().flatten();
            tasks.extend(parent.filter(|p| future_of(p).is_some()));
        }
        let cells = callback.as_function().map(|f| &f.closure[..]).unwrap_or_default();
        let contents = cells.iter().filter_map(|c| c.as_cell().map(|cell| cell.content.get()));
        others.extend(contents.filter(|v| !v.is(future) && future_of(v).is_some_and(|f| !f.is_done())));
    }
}

fn awaited_by(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(vm.awaiters(&a[0])))
}

fn frames_of(vm: &Vm, a: &Args) -> R {
    let Some(t) = a[0].payload::<TaskState>() else { return Ok(vm.list(Vec::new())) };
    let places = vm.coroutine_places(&t.coro.get());
    Ok(vm.list(places.iter().map(|p| p.frame(vm)).collect()))
}
