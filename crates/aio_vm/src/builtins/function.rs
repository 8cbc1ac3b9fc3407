//! Functions, methods, code, cells, frames, tracebacks.

use crate::vm::Vm;

pub(crate) fn install(_vm: &Vm) {}
