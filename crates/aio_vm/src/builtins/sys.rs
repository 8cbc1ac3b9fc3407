//! The module `sys`.

pub(crate) mod breakpoint;
mod functions;
mod info;
mod stream;
pub mod structseq;

use crate::builtins::object::text_of;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

pub use info::LIBRARY;

/// What `sys` keeps per isolate.
pub(crate) struct SysState {
    /// `sys.getswitchinterval()`.
    switch_interval: Cell<f64>,
}

impl Default for SysState {
    fn default() -> SysState {
        SysState { switch_interval: Cell::new(0.005) }
    }
}

pub(crate) fn install(vm: &Vm) {
    let module = vm.module("sys", vm.str("What the interpreter knows about itself."));
    vm.sys.set(module.clone());
    let dict = module.as_module().map(|m| m.dict.get()).unwrap_or_default();
    let Some(d) = dict.as_dict() else { return };
    d.set_text(vm, "__package__", vm.empty_str());
    functions::fill(vm, &module, d);
    info::fill(vm, d);
    stream::fill(vm, d);
    d.set_text(vm, "modules", vm.modules.get());
    d.set_text(vm, "argv", vm.list(vec![vm.empty_str()]));
    d.set_text(vm, "orig_argv", vm.list(Vec::new()));
    d.set_text(vm, "path", vm.list(Vec::new()));
    for name in ["meta_path", "path_hooks", "warnoptions"] {
        d.set_text(vm, name, vm.list(Vec::new()));
    }
    d.set_text(vm, "path_importer_cache", vm.dict());
    d.set_text(vm, "_xoptions", vm.dict());
    if let Some(modules) = vm.modules.get().as_dict() {
        modules.set_text(vm, "sys", module);
    }
}

impl Vm {
    /// An attribute of the module `sys`.
    pub fn sys_get(&self, name: &str) -> Option<Value> {
        self.sys.get().as_module()?.dict.get().as_dict()?.get_text(self, name)
    }

    /// Sets an attribute of the module `sys`.
    pub fn sys_set(&self, name: &str, v: Value) {
        if let Some(m) = self.sys.get().as_module()
            && let Some(d) = m.dict.get().as_dict()
        {
            d.set_text(self, name, v);
        }
    }

    /// The text of a string attribute of `sys`.
    pub fn sys_text(&self, name: &str) -> Option<String> {
        self.sys_get(name).filter(|v| v.as_str().is_some()).map(|v| text_of(&v))
    }
}
