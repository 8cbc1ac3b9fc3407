//! Text in, tree out: tokens, layout, grammar, recovery.

pub mod ast;
mod interner;

pub use interner::Interner;

use aio_source::Diagnostic;
use ast::{Block, Expr};

/// What became of a module's text.
#[derive(Debug)]
pub struct Parsed {
    /// The statements; not to be run if a diagnostic is an error.
    pub module: Block,
    /// The names in the tree.
    pub interner: Interner,
    /// Errors and warnings, sorted by position.
    pub diagnostics: Vec<Diagnostic>,
    /// How many [`ast::NodeId`]s were given.
    pub node_count: u32,
    /// Whether `await`, `async for` or `async with` stands outside of every function.
    pub has_top_level_await: bool,
}

/// What became of a text that is one expression, as for `eval`.
#[derive(Debug)]
pub struct ParsedExpr {
    /// The expression, if there is no error.
    pub expr: Option<Box<Expr>>,
    /// The names in the tree.
    pub interner: Interner,
    /// Errors and warnings, sorted by position.
    pub diagnostics: Vec<Diagnostic>,
    /// How many [`ast::NodeId`]s were given.
    pub node_count: u32,
}

/// What a prompt should do with the lines typed so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// They can be run.
    Complete,
    /// Another line has to follow.
    Incomplete,
    /// No further line can make them right.
    Invalid,
}
