//! Steps of starting and ending a program that every way of running one needs.

use aio_bytecode::Code;
use aio_bytecode::code::COROUTINE;
use aio_vm::{R, Value, Vm};
use std::sync::Arc;

/// Makes the module `__main__` and gives its dict.
pub(crate) fn main_module(vm: &Vm) -> Value {
    let module = vm.module("__main__", Value::NONE);
    let dict = module.as_module().map(|m| m.dict.get()).unwrap_or_else(|| vm.dict());
    if let Some(modules) = vm.modules.get().as_dict() {
        if let (Some(builtins), Some(d)) = (modules.get_text(vm, "builtins"), dict.as_dict()) {
            d.set_text(vm, "__builtins__", builtins);
        }
        modules.set_text(vm, "__main__", module);
    }
    dict
}

/// A name of `builtins`.
pub(crate) fn builtin(vm: &Vm, name: &str) -> R {
    vm.builtin(name).ok_or_else(|| vm.name_error(&vm.intern(name)))
}

/// Runs code with these globals and gives what it returns.
pub(crate) fn execute(vm: &Vm, code: &Arc<Code>, globals: &Value) -> R {
    vm.run_code(&vm.code(code), globals, None)
}

/// Runs the code of a module. One that awaits outside of functions runs as a coroutine on a loop of its own.
pub(crate) fn execute_module(vm: &Vm, code: &Arc<Code>, globals: &Value) -> R<()> {
    let value = execute(vm, code, globals)?;
    if code.flags & COROUTINE != 0 {
        let asyncio = import(vm, "asyncio")?;
        vm.call_method(&asyncio, "run", &[value])?;
    }
    Ok(())
}

/// Imports a module and gives it, not its outermost package.
pub(crate) fn import(vm: &Vm, name: &str) -> R {
    let import = builtin(vm, "__import__")?;
    let outermost = vm.call(&import, &[vm.str(name)])?;
    let known = vm.modules.get().as_dict().and_then(|m| m.get_text(vm, name));
    Ok(known.unwrap_or(outermost))
}

/// The status that a SystemExit asks for, and what it wants to be said.
pub(crate) fn exit_request(vm: &Vm, exit: &Value) -> (i32, Option<String>) {
    let code = vm.look_attr(exit, &vm.intern("code")).ok().flatten().unwrap_or(Value::NONE);
    if code.is_none() {
        return (0, None);
    }
    if let Some(b) = code.as_bool() {
        return (i32::from(b), None);
    }
    if let Some(n) = code.as_small() {
        // The system keeps the low bits; what does not fit a C int is -1 for CPython.
        return (i32::try_from(n).unwrap_or(-1), None);
    }
    if code.as_int_obj().is_some() {
        return (-1, None);
    }
    let text = vm.to_text(&code).unwrap_or_default();
    (1, Some(text))
}
