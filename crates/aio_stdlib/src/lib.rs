//! Library modules, written against the public native API of aio_vm alone.

pub mod asyncio;
pub mod deque;
pub mod files;
pub mod fill;
pub mod gc;
pub mod library;
pub mod re;
pub mod threads;
pub mod time;

use aio_vm::Vm;

/// Makes the library's modules known to an isolate. Each is filled when it is first imported.
pub fn install(vm: &Vm) {
    asyncio::install(vm);
    threads::install(vm);
    re::install(vm);
    files::install(vm);
    time::install(vm);
    library::install(vm);
    gc::install(vm);
    deque::install(vm);
}
