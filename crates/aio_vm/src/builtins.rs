//! The built-in types and functions: one file per type, each beginning with its table.

pub mod alias;
pub mod bool;
pub mod bytearray;
pub mod bytes;
pub mod class_creation;
pub mod complex;
pub mod construct;
pub mod descriptors;
pub mod dict;
pub mod exceptions;
pub mod execute;
pub mod float;
pub mod function;
pub mod functions;
pub mod generator;
pub mod groups;
pub mod import;
pub mod int;
pub mod iterators;
pub mod list;
pub mod memoryview;
pub mod merge;
pub mod module;
pub mod object;
pub mod range;
pub mod sequence;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod sort;
pub mod str;
pub mod sys;
pub mod text_error;
pub mod tuple;
pub mod type_;
pub mod views;
pub mod weakref;

use crate::object::slot::Slot;
use crate::vm::Vm;

/// Fills the built-in classes and the module `builtins`.
pub(crate) fn install(vm: &Vm) {
    start_modules(vm);
    object::install(vm);
    type_::install(vm);
    singletons::install(vm);
    function::install(vm);
    descriptors::install(vm);
    exceptions::install(vm);
    generator::install(vm);
    groups::install(vm);
    module::install(vm);
    weakref::install(vm);
    int::install(vm);
    bool::install(vm);
    float::install(vm);
    complex::install(vm);
    str::install(vm);
    bytes::install(vm);
    bytearray::install(vm);
    memoryview::install(vm);
    list::install(vm);
    tuple::install(vm);
    dict::install(vm);
    views::install(vm);
    set::install(vm);
    range::install(vm);
    slice::install(vm);
    iterators::install(vm);
    class_creation::install(vm);
    import::install(vm);
    sys::install(vm);
    functions::install(vm);
    execute::install(vm);
    vm.types.each(|c, _| {
        let name = c.name.get();
        let hidden = c.is(crate::object::class::NO_NEW) || HIDDEN.contains(&c.name_text().as_str());
        if !hidden && let Some(d) = vm.builtins.get().as_dict() {
            d.set_name(vm, &name, c.value());
        }
    });
}

/// Classes that have a name but are not names of `builtins`.
const HIDDEN: &[&str] = &[
    "ellipsis",
    "NotImplementedType",
    "cell",
    "code",
    "module",
    "traceback",
    "ReferenceType",
    "ProxyType",
    "mappingproxy",
    "GenericAlias",
    "SimpleNamespace",
    "CancelledError",
    "method",
    "function",
    "NoneType",
    "_IncompleteInputError",
];

/// `builtins` and `sys.modules` exist before anything is filled in.
fn start_modules(vm: &Vm) {
    let fill = |slot: &Slot, v| slot.set(v);
    fill(&vm.builtins, vm.dict());
    fill(&vm.modules, vm.dict());
}
