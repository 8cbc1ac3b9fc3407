//! The modules _thread and contextvars.

use aio_vm::sched::module::{CONTEXTVARS as CONTEXT_FUNCTIONS, THREAD as THREAD_FUNCTIONS};
use aio_vm::{ModuleDef, R, Value, Vm};

static MODULES: &[ModuleDef] =
    &[ModuleDef { name: "_thread", init: init_thread }, ModuleDef { name: "contextvars", init: init_contextvars }];

/// Makes the modules known.
pub fn install(vm: &Vm) {
    MODULES.iter().for_each(|m| vm.add_module(m));
}

fn init_thread(vm: &Vm, module: &Value) -> R<()> {
    let Some(m) = module.as_module() else { return Ok(()) };
    let dict = m.dict.get();
    let Some(d) = dict.as_dict() else { return Ok(()) };
    for def in THREAD_FUNCTIONS {
        d.set_text(vm, def.name(), vm.native(def, Value::UNDEF));
    }
    d.set_text(vm, "LockType", vm.lock_class());
    d.set_text(vm, "error", vm.types.runtime_error.value());
    d.set_text(vm, "TIMEOUT_MAX", Value::float(9_223_372_036.0));
    Ok(())
}

fn init_contextvars(vm: &Vm, module: &Value) -> R<()> {
    let Some(m) = module.as_module() else { return Ok(()) };
    let dict = m.dict.get();
    let Some(d) = dict.as_dict() else { return Ok(()) };
    for def in CONTEXT_FUNCTIONS {
        d.set_text(vm, def.name(), vm.native(def, Value::UNDEF));
    }
    let c = vm.context_classes();
    d.set_text(vm, "ContextVar", c.var.clone());
    d.set_text(vm, "Context", c.context.clone());
    d.set_text(vm, "Token", c.token.clone());
    let all = ["Context", "ContextVar", "Token", "copy_context"].map(|n| vm.intern(n));
    d.set_text(vm, "__all__", vm.tuple(all));
    Ok(())
}
