//! What the constructors of the built-in types have in common: the check of the class that they are asked for.

use crate::error::{R, Raised};
use crate::object::ClassObj;
use crate::object::class::HEAP;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// The type of a rejected argument as CPython's argument parser names it: None goes by its own name.
    pub fn given_name(&self, v: &Value) -> String {
        if v.is_none() { "None".to_owned() } else { self.type_name(v) }
    }

    /// The TypeError of CPython's argument parser: `place` is `format() argument 2`, `wanted` the type it must have.
    #[cold]
    pub fn bad_argument(&self, place: &str, wanted: &str, v: &Value) -> Raised {
        self.type_error(format!("{place} must be {wanted}, not {}", self.given_name(v)))
    }

    /// The class that the `__new__` of `owner` is asked to make an instance of: `owner` or one of its subclasses.
    pub fn class_to_make<'a>(&self, class: &'a Value, owner: &ClassObj) -> R<&'a ClassObj> {
        let Some(c) = class.as_class() else {
            let (owner, given) = (owner.name_text(), self.type_name(class));
            return Err(self.type_error(format!("{owner}.__new__(X): X is not a type object ({given})")));
        };
        if c.is_same(owner) {
            return Ok(c);
        }
        if !c.derives(owner) {
            let (owner, given) = (owner.name_text(), c.name_text());
            return Err(self.type_error(format!("{owner}.__new__({given}): {given} is not a subtype of {owner}")));
        }
        // The constructor of the nearest built-in base knows the layout; another one would leave it half made.
        let native = c.mro_classes().find(|b| !b.is(HEAP));
        let maker = native.and_then(|b| b.find_in_mro(self, &self.names.__new__));
        if let (Some(native), Some((maker, _))) = (native, maker)
            && !maker.is_same(owner)
        {
            let (owner, given, native) = (owner.name_text(), c.name_text(), native.name_text());
            return Err(self.type_error(format!("{owner}.__new__({given}) is not safe, use {native}.__new__()")));
        }
        Ok(c)
    }
}
