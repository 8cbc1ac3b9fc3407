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
