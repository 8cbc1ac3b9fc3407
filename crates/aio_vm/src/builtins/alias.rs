//! `list[int]` and `int | str`: generic aliases and unions.

mod generic;
mod union;

pub use generic::Alias;
pub use union::Union;
pub(crate) use union::union_of;

use crate::vm::Vm;

pub(crate) fn install(vm: &Vm) {
    vm.install(vm.types.generic_alias.get(), &generic::TABLE);
    vm.install(vm.types.union_type.get(), &union::TABLE);
    for c in [&vm.types.generic_alias, &vm.types.union_type] {
        if let Some(d) = c.get().dict.get().as_dict() {
            d.set_text(vm, "__module__", vm.intern("types"));
        }
    }
}
