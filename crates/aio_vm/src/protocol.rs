//! What every value can be asked for: attributes, calls, items, iteration, comparison, arithmetic, text.

pub mod arith;
pub mod attr;
pub mod call;
pub mod compare;
pub mod item;
pub mod iteration;
pub mod report;
pub mod text;
