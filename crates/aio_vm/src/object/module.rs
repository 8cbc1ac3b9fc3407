//! Modules.

use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;

/// A module.
#[repr(C)]
pub struct ModuleObj {
    pub(crate) header: Header,
    /// `__dict__`.
    pub dict: Slot,
}

impl Vm {
    /// A module with `__name__`, `__doc__` and the other names that every module has.
    pub fn module(&self, name: &str, doc: Value) -> Value {
        let dict = self.dict();
        if let Some(d) = dict.as_dict() {
            d.set_text(self, "__name__", self.intern(name));
            d.set_text(self, "__doc__", doc);
            d.set_text(self, "__package__", Value::NONE);
            d.set_text(self, "__loader__", Value::NONE);
            d.set_text(self, "__spec__", Value::NONE);
        }
        self.module_of(dict)
    }

    /// A module with this dict.
    pub fn module_of(&self, dict: Value) -> Value {
        new_cell(self, self.types.module.get(), Kind::Module, |header| ModuleObj { header, dict: Slot::new(dict) })
    }
}
