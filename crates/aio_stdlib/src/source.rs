//! Modules, or parts of modules, that are written in the language and compiled into the program.

use aio_vm::{CompileMode, R, Value, Vm};

/// Runs the text of a module in the module's dict. Places in it are shown under `<frozen NAME>`.
pub fn run(vm: &Vm, module: &Value, name: &str, text: &str) -> R<()> {
    let code = vm.compile(text, &format!("<frozen {name}>"), CompileMode::Module)?;
    let Some(m) = module.as_module() else { return Ok(()) };
    vm.run_code(&code, &m.dict.get(), None)?;
    Ok(())
}

/// A module whose whole text is a file of the language: `source_module!("queue", "queue.aio")`.
#[macro_export]
macro_rules! source_module {
    ($name:literal, $file:literal) => {
        aio_vm::ModuleDef {
            name: $name,
            init: |vm, module| {
                $crate::source::run(vm, module, $name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/aio/", $file)))
            },
        }
    };
}

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
        set(vm, module, def.name(), vm.native(def, Value::UNDEF));
    }
}
