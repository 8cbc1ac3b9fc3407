//! The interpreter.

pub(crate) mod enter;

/// Instructions that count fuel between two looks at interrupts.
pub(crate) const TICKS: i32 = 20_000;
