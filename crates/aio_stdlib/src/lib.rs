//! Library modules, written against the public native API of aio_vm alone.

pub mod abc;
pub mod async_queue;
pub mod asyncio;
pub mod binary_text;
pub mod bisect;
pub mod codecs;
pub mod collections;
pub mod deque;
pub mod files;
pub mod fill;
pub mod functools;
pub mod gc;
pub mod hashes;
pub mod heapq;
pub mod itertools;
pub mod json;
pub mod library;
pub mod math;
pub mod nearest;
pub mod operator;
pub mod random;
pub mod re;
pub mod structs;
pub mod syntax_tree;
pub mod threads;
pub mod time;
pub mod tls;
pub mod traceback;
pub mod unicodedata;
pub mod unions;

use aio_vm::Vm;

/// Makes the library's modules known to an isolate. Each is filled when it is first imported.
pub fn install(vm: &Vm) {
    abc::install(vm);
    async_queue::install(vm);
    asyncio::install(vm);
    threads::install(vm);
    re::install(vm);
    files::install(vm);
    syntax_tree::install(vm);
    time::install(vm);
    tls::install(vm);
    traceback::install(vm);
    unicodedata::install(vm);
    unions::install(vm);
    itertools::install(vm);
    functools::install(vm);
    binary_text::install(vm);
    bisect::install(vm);
    heapq::install(vm);
    library::install(vm);
    operator::install(vm);
    gc::install(vm);
    collections::install(vm);
    codecs::install(vm);
    hashes::install(vm);
    json::install(vm);
    structs::install(vm);
    nearest::install(vm);
    math::install(vm);
    random::install(vm);
}
