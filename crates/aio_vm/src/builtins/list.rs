//! Lists.

use crate::vm::Vm;

pub(crate) fn install(_vm: &Vm) {}
