//! `itertools`: what its iterators have in common. Each is a payload that knows its next step.

mod combine;
mod endless;
mod group;
mod merge;
mod select;
mod split;

use aio_vm::object::ClassObj;
use aio_vm::{Args, ModuleDef, Payload, R, TypeTable, Value, Vm};
use std::cell::OnceCell;
use std::marker::PhantomData;

static MODULE: ModuleDef = ModuleDef { name: "itertools", init: fill };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    let doc = "Functional tools for creating and using iterators.";
    crate::fill::set(vm, module, "__doc__", vm.str(doc));
    endless::fill(vm, module);
    select::fill(vm, module);
    merge::fill(vm, module);
    combine::fill(vm, module);
    group::fill(vm, module);
    split::fill(vm, module);
    Ok(())
}

/// An iterator of this module.
trait Step: Payload {
    /// Name of its class.
    const NAME: &'static str;
    /// Flags of its class.
    const FLAGS: u32 = 0;
    /// Table of its class.
    const TABLE: &'static TypeTable;

    /// The next item. `me` is the iterator itself.
    fn step(&self, vm: &Vm, me: &Value) -> R<Option<Value>>;
}

/// The class of an iterator, made once per isolate.
struct ClassOf<T>(OnceCell<Value>, PhantomData<T>);

impl<T> Default for ClassOf<T> {
    fn default() -> ClassOf<T> {
        ClassOf(OnceCell::new(), PhantomData)
    }
}

fn class_value<T: Step>(vm: &Vm) -> &Value {
    let class = &vm.state::<ClassOf<T>>().0;
    class.get_or_init(|| vm.native_class("itertools", T::NAME, vm.types.object.get(), T::FLAGS, T::TABLE))
}

fn class<T: Step>(vm: &Vm) -> &ClassObj {
    class_value::<T>(vm).as_class().unwrap_or(vm.types.object.get())
}

/// Puts the class into the module.
fn publish<T: Step>(vm: &Vm, module: &Value) {
    crate::fill::set(vm, module, T::NAME, class_value::<T>(vm).clone());
}

/// A new iterator of the class that `__new__` was asked for.
fn make<T: Step>(vm: &Vm, wanted: &Value, payload: T) -> R {
    Ok(vm.opaque(vm.class_to_make(wanted, class::<T>(vm))?, payload))
}

fn payload<'a, T: Step>(vm: &Vm, v: &'a Value) -> R<&'a T> {
    v.payload::<T>().ok_or_else(|| vm.type_error(format!("an object of type itertools.{} is required", T::NAME)))
}

/// How the machine steps the iterator.
fn advance<T: Step>(vm: &Vm, v: &Value) -> R<Option<Value>> {
    payload::<T>(vm, v)?.step(vm, v)
}

/// `__next__`.
fn next<T: Step>(vm: &Vm, a: &Args) -> R {
    let found = payload::<T>(vm, &a[0])?.step(vm, &a[0])?;
    found.ok_or_else(|| vm.error_with(vm.types.stop_iteration.get(), Vec::new()))
}

/// `__iter__`.
fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn subscript(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

/// A table of an iterator: constructor, the two methods that all have, and its own rows.
macro_rules! table {
    ($type:ty, $doc:expr, $signature:expr, $new:expr $(, $row:expr)* $(,)?) => {
        &TypeTable {
            doc: $doc,
            rows: &[
                aio_vm::static_method($signature, $new, "Create and return a new object."),
                aio_vm::method("__iter__(self, /)", super::itself, "Implement iter(self)."),
                aio_vm::method("__next__(self, /)", super::next::<$type>, "Implement next(self)."),
                $($row,)*
            ],
            next: Some(super::advance::<$type>),
        }
    };
}
use table;

/// An argument that says how many items there are to be.
fn count_of(vm: &Vm, v: &Value, what: &str) -> R<usize> {
    let n = vm.index(v)?;
    if n < 0 { Err(vm.value_error(format!("{what} must be non-negative"))) } else { Ok(n as usize) }
}
