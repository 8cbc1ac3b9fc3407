//! The contract between compiler and VM: op table, code objects, verifier, disassembler.

pub mod code;
pub mod ops;

pub use code::{Capture, Code, Const, Handler, Place};
pub use ops::{Intrinsic, Op, OpInfo, Operand, Word};
