//! Modules that are written in the language and compiled into the program: the files of `lib/`, found by their place.

use aio_vm::{Library, Vm};

static LIBRARY: &[(&str, Library)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// Makes the modules known.
pub fn install(vm: &Vm) {
    vm.set_library(find);
}

fn find(name: &str) -> Option<Library> {
    let at = LIBRARY.binary_search_by(|(n, _)| (*n).cmp(name)).ok()?;
    LIBRARY.get(at).map(|(_, found)| *found)
}
