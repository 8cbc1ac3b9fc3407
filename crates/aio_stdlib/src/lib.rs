//! Library modules, written against the public native API of aio_vm alone.

/// Makes the library's modules known to an isolate. Each is filled when it is first imported.
pub fn install(_vm: &aio_vm::Vm) {}
