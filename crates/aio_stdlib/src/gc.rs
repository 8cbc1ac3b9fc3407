//! The module gc: the collector of cycles.

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function("collect(generation=2)", collect, "Run the collector; the number of unreachable objects."),
    function("enable()", enable, "Enable automatic collection."),
    function("disable()", disable, "Disable automatic collection."),
    function("isenabled()", isenabled, "Whether automatic collection is enabled."),
    function("get_threshold()", get_threshold, "The thresholds of collection."),
    function(
        "set_threshold(threshold0, threshold1=10, threshold2=10, /)",
        set_threshold,
        "Set the thresholds of collection.",
    ),
    function("get_count()", get_count, "The counts of collection."),
    function("is_tracked(obj, /)", is_tracked, "Whether the object is a container."),
    function("freeze()", nothing, "Has no effect."),
    function("unfreeze()", nothing, "Has no effect."),
];

static MODULE: ModuleDef = ModuleDef { name: "gc", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    crate::fill::set(vm, module, "garbage", vm.list(Vec::new()));
    crate::fill::set(vm, module, "callbacks", vm.list(Vec::new()));
    Ok(())
}

fn collect(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int(vm.collect_cycles() as i64))
}

fn enable(vm: &Vm, _a: &Args) -> R {
    vm.gc.enabled.set(true);
    Ok(Value::NONE)
}

fn disable(vm: &Vm, _a: &Args) -> R {
    vm.gc.enabled.set(false);
    Ok(Value::NONE)
}

fn isenabled(vm: &Vm, _a: &Args) -> R {
    Ok(Value::bool(vm.gc.enabled.get()))
}

fn get_threshold(vm: &Vm, _a: &Args) -> R {
    Ok(vm.tuple([2000, 10, 0].map(Value::small)))
}

fn set_threshold(vm: &Vm, a: &Args) -> R {
    let n = vm.index(&a[0])?;
    vm.gc.enabled.set(n != 0);
    Ok(Value::NONE)
}

fn get_count(vm: &Vm, _a: &Args) -> R {
    Ok(vm.tuple([0, 0, 0].map(Value::small)))
}

fn is_tracked(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.is_tracked(&a[0])))
}

fn nothing(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}
