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

/// An attribute that `sys` has from the start of a program.
#[derive(Debug, Clone)]
pub enum Preset {
    /// A string.
    Text(String),
    /// A list of strings.
    List(Vec<String>),
}

impl Preset {
    fn value(&self, vm: &Vm) -> Value {
        match self {
            Preset::Text(s) => vm.str(s),
            Preset::List(items) => vm.list(items.iter().map(|s| vm.str(s)).collect()),
        }
    }
}

impl Default for SysState {
    fn default() -> SysState {
        SysState { switch_interval: Cell::new(0.005) }
    }
}

fn make(vm: &Vm) {
    // The module `sys` lists what can be looked at, so that must be there.
    vm.builtins();
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
    for (name, v) in vm.sys_presets.take() {
        d.set_text(vm, name, v.value(vm));
    }
    if let Some(modules) = vm.modules.get().as_dict() {
        modules.set_text(vm, "sys", module);
    }
}

impl Vm {
    /// The module `sys`, made when it is first needed.
    pub fn sys(&self) -> Value {
        if !self.has_sys() {
            make(self);
        }
        self.sys.get()
    }

    /// Something has needed the module `sys`.
    pub fn has_sys(&self) -> bool {
        !self.sys.peek().is_undef()
    }

    /// Sets an attribute that a program has from its start, without making the module for it.
    pub fn preset_sys(&self, name: &'static str, v: Preset) {
        if self.has_sys() {
            self.sys_set(name, v.value(self));
        } else {
            self.sys_presets.borrow_mut().push((name, v));
        }
    }

    /// An attribute of the module `sys`.
    pub fn sys_get(&self, name: &str) -> Option<Value> {
        self.sys().as_module()?.dict.get().as_dict()?.get_text(self, name)
    }

    /// Sets an attribute of the module `sys`.
    pub fn sys_set(&self, name: &str, v: Value) {
        if let Some(m) = self.sys().as_module()
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
