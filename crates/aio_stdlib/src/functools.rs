//! `_functools`: reduce, partial, the wrapper of cached functions, and keys made of comparison functions.

mod cache;
mod compare_key;
mod partial;

use std::cell::OnceCell;

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function(
        "reduce(function, iterable, initial=<none>, /)",
        reduce,
        "Apply a function of two arguments cumulatively to the items of an iterable, from left to right.\n\nThis \
         effectively reduces the iterable to a single value.  If initial is present,\nit is placed before the items of \
         the iterable in the calculation, and serves as\na default when the iterable is empty.",
    ),
    function("cmp_to_key(mycmp)", compare_key::make, "Convert a cmp= function into a key= function."),
];

/// The classes of the module, each made when it is needed first.
#[derive(Default)]
struct Classes {
    partial: OnceCell<Value>,
    cache: OnceCell<Value>,
    key: OnceCell<Value>,
}

static MODULE: ModuleDef = ModuleDef { name: "_functools", init: fill };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    crate::fill::set(vm, module, "partial", partial::class(vm).clone());
    crate::fill::set(vm, module, "_lru_cache_wrapper", cache::class(vm).clone());
    Ok(())
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let it = match vm.iter(&a[1]) {
        Err(e) if e.is(vm.types.type_error.get()) => {
            return Err(vm.type_error("reduce() arg 2 must support iteration"));
        }
        other => other?,
    };
    let first = match a.get(2) {
        Some(v) => Some(v.clone()),
        None => vm.next(&it)?,
    };
    let Some(mut total) = first else {
        return Err(vm.type_error("reduce() of empty iterable with no initial value"));
    };
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        total = vm.call(&a[0], &[total, v])?;
    }
    Ok(total)
}
