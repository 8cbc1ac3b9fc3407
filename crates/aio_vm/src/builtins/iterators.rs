//! Iterators over containers; enumerate, zip, map, filter, reversed.

use crate::vm::Vm;

pub(crate) fn install(_vm: &Vm) {}
