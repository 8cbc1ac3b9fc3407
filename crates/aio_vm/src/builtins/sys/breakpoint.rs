//! `breakpoint()` and the hook that it calls.

use crate::builtins::object::text_of;
use crate::error::R;
use crate::native::Args;
use crate::value::Value;
use crate::vm::Vm;

/// `breakpoint(*args, **kws)`: calls `sys.breakpointhook`.
pub(crate) fn breakpoint(vm: &Vm, a: &Args) -> R {
    let hook = vm.look_attr(&vm.sys(), &vm.intern("breakpointhook"))?;
    let Some(hook) = hook else { return Err(vm.runtime_error("lost sys.breakpointhook")) };
    vm.call_with(&hook, a.rest, a.keywords)
}

/// `sys.breakpointhook(*args, **kws)`.
pub(super) fn hook(vm: &Vm, a: &Args) -> R {
    let wanted = wanted(vm)?;
    if wanted == "0" {
        return Ok(Value::NONE);
    }
    let path = if wanted.is_empty() { "pdb.set_trace" } else { &wanted };
    let (module, name) = path.rsplit_once('.').unwrap_or(("builtins", path));
    let found = match vm.import_module(module) {
        Ok(module) => vm.look_attr(&module, &vm.intern(name))?,
        Err(e) if e.is(vm.types.import_error.get()) => None,
        // An empty name of a module cannot be imported either.
        Err(e) if e.is(vm.types.value_error.get()) => None,
        Err(e) => return Err(e),
    };
    let Some(function) = found else {
        let text = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{path}\"");
        vm.warn(vm.types.runtime_warning.get(), &text)?;
        return Ok(Value::NONE);
    };
    vm.call_with(&function, a.rest, a.keywords)
}

/// What `os.environ` says; the environment is not looked at before the script does.
fn wanted(vm: &Vm) -> R<String> {
    let Some(os) = vm.loaded_module("os") else { return Ok(String::new()) };
    let Some(environ) = vm.look_attr(&os, &vm.intern("environ"))? else { return Ok(String::new()) };
    let value = vm.call_method(&environ, "get", &[vm.str("PYTHONBREAKPOINT")])?;
    Ok(if value.as_str().is_some() { text_of(&value) } else { String::new() })
}
