//! `_unions`: unions of objects that have no `|` of a built-in type.

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[function("join(a, b, /)", join, "The union type of two types, or NotImplemented.")];

static MODULE: ModuleDef = ModuleDef { name: "_unions", init: fill };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

fn join(vm: &Vm, a: &Args) -> R {
    vm.join_types(&a[0], &a[1])
}
