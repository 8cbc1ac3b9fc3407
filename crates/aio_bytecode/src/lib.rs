//! The contract between compiler and VM: op table, code objects, verifier, disassembler.

pub mod code;
mod dis;
mod flow;
pub mod ops;
mod verify;

pub use code::{Capture, Code, Const, Handler, Place};
pub use dis::disassemble;
pub use ops::{Intrinsic, Op, OpInfo, Operand, Word};
pub use verify::verify;
