//! Tree in, bytecode out: scopes, then emission.

mod builder;
mod constant;
mod depth;
mod docstring;
mod expr;
pub mod lint;
mod module;
mod names;
mod pattern;
mod scope;
mod stmt;
mod unparse;
mod unwind;
mod variable;
mod warnings;

pub use module::{Mode, Options, Output, compile, compile_expression};
