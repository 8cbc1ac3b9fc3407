//! What the modules written in Rust put into their dicts.

use aio_vm::{Value, Vm};

/// Sets a name of a module.
pub fn set(vm: &Vm, module: &Value, name: &str, value: Value) {
    if let Some(m) = module.as_module()
        && let Some(d) = m.dict.get().as_dict()
    {
        d.set_text(vm, name, value);
    }
}

/// Puts native functions into a module.
pub fn define(vm: &Vm, module: &Value, functions: &'static [aio_vm::Def]) {
    for def in functions {
        set(vm, module, def.name(), vm.native(def, module.clone()));
    }
}
