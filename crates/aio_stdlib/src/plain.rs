//! Modules that are written in the language as a whole.

use crate::source_module;
use aio_vm::{ModuleDef, R, Value, Vm};

static MODULES: &[ModuleDef] = &[
    source_module!("warnings", "warnings.aio"),
    source_module!("types", "types.aio"),
    source_module!("_typing", "_typing.aio"),
    source_module!("abc", "abc.aio"),
    source_module!("heapq", "heapq.aio"),
    source_module!("atexit", "atexit.aio"),
    source_module!("functools", "functools.aio"),
    source_module!("contextlib", "contextlib.aio"),
    source_module!("json", "json.aio"),
    source_module!("heapq", "heapq.aio"),
    source_module!("itertools", "itertools.aio"),
    ModuleDef { name: "collections", init: init_collections },
];

/// Makes the modules known.
pub fn install(vm: &Vm) {
    MODULES.iter().for_each(|m| vm.add_module(m));
}

fn init_collections(vm: &Vm, module: &Value) -> R<()> {
    crate::source::set(vm, module, "__path__", vm.list(Vec::new()));
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/aio/collections/init.aio"));
    crate::source::run(vm, module, "collections", text)
}
