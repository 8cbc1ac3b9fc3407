//! The scope behind all modules: its names are made when a script uses them, or all together when it looks at the
//! module `builtins` itself.

use super::{class_creation, execute, functions, generator, import};
use crate::native::Def;
use crate::value::Value;
use crate::vm::Vm;

/// The functions.
static FUNCTIONS: &[&[Def]] =
    &[functions::ROWS, generator::FUNCTIONS, execute::FUNCTIONS, &[class_creation::BUILD_CLASS, import::IMPORT]];

/// Makes the module with its dict, which has no names yet.
pub(crate) fn install(vm: &Vm) {
    let dict = vm.dict();
    vm.builtins.set(dict.clone());
    vm.modules.set(vm.dict());
    if let Some(modules) = vm.modules.get().as_dict() {
        modules.set_name(vm, &vm.names.builtins, vm.module_of(dict));
    }
}

/// What is neither a function nor a class under its own name.
fn others(vm: &Vm) -> [(&'static str, Value); 13] {
    [
        ("__name__", vm.names.builtins.clone()),
        ("__doc__", vm.str("Built-in functions, types, exceptions, and other objects.")),
        ("__package__", vm.empty_str()),
        ("__loader__", Value::NONE),
        ("__spec__", Value::NONE),
        ("None", Value::NONE),
        ("True", Value::TRUE),
        ("False", Value::FALSE),
        ("Ellipsis", Value::ELLIPSIS),
        ("NotImplemented", Value::NOT_IMPLEMENTED),
        ("__debug__", Value::TRUE),
        ("EnvironmentError", vm.types.os_error.value()),
        ("IOError", vm.types.os_error.value()),
    ]
}

impl Vm {
    /// The dict of the module `builtins` with all its names.
    pub fn builtins(&self) -> Value {
        let dict = self.builtins.get();
        if let (false, Some(d)) = (self.builtins_complete.replace(true), dict.as_dict()) {
            let add = |name: &str, make: &dyn Fn() -> Value| {
                if d.get_text(self, name).is_none() {
                    d.set_text(self, name, make());
                }
            };
            others(self).iter().for_each(|(name, v)| add(name, &|| v.clone()));
            FUNCTIONS.iter().copied().flatten().for_each(|def| add(def.name(), &|| self.built_in_function(def)));
            self.types.public().for_each(|(name, t)| add(name, &|| t.value()));
            self.more_builtins.borrow().iter().for_each(|def| add(def.name(), &|| self.native(def, Value::UNDEF)));
        }
        dict
    }

    /// Adds a function of a library module to the names of `builtins`.
    pub fn add_builtin(&self, def: &'static Def) {
        self.more_builtins.borrow_mut().push(def);
    }

    /// A name of `builtins`.
    pub fn builtin(&self, name: &str) -> Option<Value> {
        self.builtin_named(&self.intern(name))
    }

    /// A name of `builtins`, made if no script has used it before.
    pub(crate) fn builtin_named(&self, name: &Value) -> Option<Value> {
        let dict = self.builtins.get();
        let d = dict.as_dict()?;
        if let Some(v) = d.get_name(self, name) {
            return Some(v);
        }
        if self.builtins_complete.get() {
            return None;
        }
        let text = name.as_str()?.as_utf8()?;
        let called = |def: &Def| def.signature.strip_prefix(text).is_some_and(|rest| rest.starts_with('('));
        if let Some(def) = FUNCTIONS.iter().copied().flatten().find(|def| called(def)) {
            d.set_name(self, name, self.built_in_function(def));
        } else if let Some((_, t)) = self.types.public().find(|(n, _)| *n == text) {
            d.set_name(self, name, t.value());
        } else {
            self.builtins();
        }
        d.get_name(self, name)
    }

    fn built_in_function(&self, def: &'static Def) -> Value {
        let modules = self.modules.get();
        let module = modules.as_dict().and_then(|m| m.get_name(self, &self.names.builtins));
        self.native(def, module.unwrap_or_default())
    }
}
