//! `list[int]` and `int | str`: generic aliases and unions.

use crate::error::R;
use crate::object::opaque::Payload;
use crate::value::Value;
use crate::vm::Vm;

/// The payload of a generic alias.
pub struct Alias {
    /// `__origin__`.
    pub origin: Value,
    /// `__args__`, a tuple.
    pub args: Value,
}

impl Payload for Alias {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.origin);
        visit(&self.args);
    }
}

/// The payload of a union.
pub struct Union {
    /// `__args__`, a tuple.
    pub args: Value,
}

impl Payload for Union {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.args);
    }
}

impl Vm {
    /// `origin[args]`.
    pub fn generic_alias(&self, origin: &Value, args: &Value) -> R {
        let args = if args.as_tuple().is_some() { args.clone() } else { self.tuple([args.clone()]) };
        Ok(self.opaque(self.types.generic_alias.get(), Alias { origin: origin.clone(), args }))
    }

    /// The members of a union, if the value is one.
    pub fn union_members(&self, v: &Value) -> Option<Vec<Value>> {
        v.payload::<Union>()?.args.as_tuple().map(|t| t.items().to_vec())
    }
}
