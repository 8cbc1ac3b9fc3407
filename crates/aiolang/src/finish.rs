//! What is told of objects that live until the end of a program.
//!
//! The memory goes with the process, so nothing is freed without a reason. A reason is a class with `__del__`, whose
//! effects scripts can see, or a generator or coroutine that still waits.

use aio_vm::object::class::{HAS_DEL, HEAP};
use aio_vm::object::header::Kind;
use aio_vm::object::{ClassObj, DictObj};
use aio_vm::{Value, Vm};

/// Lets go of what the names of `__main__` hold. Functions, classes and modules stay to the end: finalisers use them.
pub(crate) fn release_main(vm: &Vm) {
    let modules = vm.modules.get();
    let Some(main) = modules.as_dict().and_then(|m| m.get_text(vm, "__main__")) else {
        return;
    };
    let Some(dict) = main.as_module().map(|m| m.dict.get()) else {
        return;
    };
    let Some(dict) = dict.as_dict() else { return };
    // What acts at its end goes first, while all that it may look at is still there.
    release(vm, dict, |v| {
        let class = vm.class_of(v);
        v.kind() == Some(Kind::Coro) || class.is(HEAP) && class.is(HAS_DEL)
    });
    if finalisers_exist(vm) {
        release(vm, dict, |v| {
            !matches!(v.kind(), None | Some(Kind::Module | Kind::Class | Kind::Function | Kind::Native | Kind::Str))
        });
    }
}

fn release(vm: &Vm, dict: &DictObj, chosen: impl Fn(&Value) -> bool) {
    for key in dict.keys() {
        let value = dict.get_name(vm, &key);
        if value.is_some_and(|v| chosen(&v)) {
            drop(dict.remove_name(vm, &key));
        }
    }
}

/// Whether a class of a script has `__del__`.
fn finalisers_exist(vm: &Vm) -> bool {
    let mut open = vec![vm.types.object.value()];
    let mut seen = 0;
    while let Some(class) = open.pop() {
        let Some(class) = class.as_class() else {
            continue;
        };
        if is_own(class) {
            return true;
        }
        open.extend(class.made_subclasses());
        // Classes may be reached on several ways; a limit keeps that from being long.
        seen += 1;
        if seen > 10_000 {
            return true;
        }
    }
    false
}

fn is_own(class: &ClassObj) -> bool {
    class.is(HEAP) && class.is(HAS_DEL)
}
