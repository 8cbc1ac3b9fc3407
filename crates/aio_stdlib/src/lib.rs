//! Library modules, written against the public native API of aio_vm alone.
