//! The module _nearest: which of the names that exist was meant.

use aio_vm::text::suggest::suggestion;
use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] =
    &[function("nearest(wrong, names, /)", nearest, "The name that is most like a wrong one, or None.")];
static MODULE: ModuleDef = ModuleDef { name: "_nearest", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

fn nearest(vm: &Vm, a: &Args) -> R {
    let text = |v: &Value| v.as_str().map(|s| s.to_text().into_owned());
    let names: Vec<String> = vm.collect(&a[1])?.iter().filter_map(text).collect();
    let found = text(&a[0]).and_then(|wrong| suggestion(&wrong, names.iter().map(String::as_str)).map(str::to_owned));
    Ok(found.map_or(Value::NONE, |name| vm.str(&name)))
}
