//! Modules about objects and modules as such: weakref, copy, copyreg, importlib.

use crate::source_module;
use aio_vm::{ModuleDef, R, Value, Vm};

static MODULES: &[ModuleDef] = &[
    source_module!("weakref", "weakref.aio"),
    source_module!("copy", "copy.aio"),
    source_module!("copyreg", "copyreg.aio"),
    ModuleDef { name: "importlib", init: init_importlib },
];

/// Makes the modules known.
pub fn install(vm: &Vm) {
    MODULES.iter().for_each(|m| vm.add_module(m));
}

fn init_importlib(vm: &Vm, module: &Value) -> R<()> {
    crate::source::set(vm, module, "__path__", vm.list(Vec::new()));
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/aio/importlib/init.aio"));
    crate::source::run(vm, module, "importlib", text)
}
