//! The contract between compiler and VM: op table, code objects and their stored form, verifier, disassembler.

pub mod code;
mod dis;
mod flow;
mod fused;
mod late;
mod lines;
pub mod ops;
pub mod stored;
mod template;
mod verify;

pub use code::{Capture, Code, Const, Handler, Place};
pub use dis::disassemble;
pub use fused::fused;
pub use late::Late;
pub use lines::{Lines, Position};
pub use ops::{Intrinsic, Op, OpInfo, Operand, Word};
pub use template::Template;
pub use verify::verify;
