//! Whether the class of an object still has the methods that native code would do without a call.

use crate::object::{ClassObj, DictObj};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// The methods of some classes as they were when they were made.
#[derive(Default)]
pub struct Originals(RefCell<Vec<Vec<(Value, Value)>>>);

impl Originals {
    /// Remembers these methods of a class; tells its number.
    pub fn add(&self, vm: &Vm, class: &ClassObj, names: &[&str]) -> usize {
        let methods = names.iter().filter_map(|name| {
            let name = vm.intern(name);
            class.lookup(vm, &name).map(|method| (name, method))
        });
        let methods = methods.collect();
        let mut all = self.0.borrow_mut();
        all.push(methods);
        all.len() - 1
    }

    fn number_of(&self, vm: &Vm, class: &ClassObj) -> Option<usize> {
        let all = self.0.borrow();
        all.iter().position(|methods| {
            methods.iter().all(|(name, method)| class.lookup(vm, name).is_some_and(|found| found.is(method)))
        })
    }

    /// Whether an object has an attribute of its own by the name of one of the methods.
    fn hidden_in(&self, vm: &Vm, own: &DictObj, number: usize) -> bool {
        let all = self.0.borrow();
        all.get(number).is_none_or(|methods| methods.iter().any(|(name, _)| own.get_name(vm, name).is_some()))
    }
}

/// What an object has found out about its class, and with which version of it.
#[derive(Default)]
pub struct Found {
    version: Cell<u32>,
    number: Cell<Option<u8>>,
    /// The keys of its attributes that were looked through, and what was found.
    keys: Cell<u32>,
    hidden: Cell<bool>,
}

impl Found {
    /// Which of the known classes the methods of a native object are those of, if no other has taken their place. While
    /// the class does not change this is a comparison.
    #[inline]
    pub fn original<'a>(&self, vm: &Vm, object: &Value, known: impl Fn() -> &'a Originals) -> Option<usize> {
        let class = vm.class_of(object);
        let version = class.version();
        if version != self.version.get() {
            self.number.set(known().number_of(vm, class).and_then(|n| u8::try_from(n).ok()));
            self.version.set(version);
            self.keys.set(0);
        }
        let number = usize::from(self.number.get()?);
        let attributes = object.as_opaque()?.attrs()?;
        if attributes.is_empty() {
            return Some(number);
        }
        let own = attributes.get();
        let own = own.as_dict()?;
        let keys = own.version(vm);
        if keys != self.keys.get() {
            self.hidden.set(known().hidden_in(vm, own, number));
            self.keys.set(keys);
        }
        (!self.hidden.get()).then_some(number)
    }
}
