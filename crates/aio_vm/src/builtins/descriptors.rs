//! property, classmethod, staticmethod, super, and the members of `__slots__`.

mod member;
mod property;
mod super_;
mod wrapper;

use crate::vm::Vm;

pub(crate) fn install(vm: &Vm) {
    property::install(vm);
    wrapper::install(vm);
    super_::install(vm);
    member::install(vm);
}
