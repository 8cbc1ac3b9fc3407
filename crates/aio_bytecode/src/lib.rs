//! The contract between compiler and VM: op table, code objects and their stored form, verifier, disassembler.

pub mod code;
mod dis;
mod flow;
mod lines;
pub mod ops;
mod places;
pub mod stored;
mod verify;

pub use code::{Capture, Code, Const, Handler, Place};
pub use dis::disassemble;
pub use lines::{Lines, Position};
pub use ops::{Intrinsic, Op, OpInfo, Operand, Word};
pub use places::Places;
pub use verify::verify;
