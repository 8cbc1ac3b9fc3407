//! Text in, tree out: tokens, layout, grammar, recovery.

pub mod ast;

mod actions;
mod classify;
mod decode;
mod export;
mod interner;
mod layout;
mod lexer;
mod literal;
mod paint;
mod parser;
mod recover;
mod token;

pub use decode::decode_source;
pub use export::{export_expression, export_module};
pub use interner::Interner;
pub use paint::{KEYWORDS, Paint, paint};
pub use recover::completeness;

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
    primary: Option<usize>,
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
    primary: Option<usize>,
    /// How many [`ast::NodeId`]s were given.
    pub node_count: u32,
}

impl Parsed {
    /// The error that is raised for this text: the one that CPython would have found.
    pub fn primary(&self) -> Option<&Diagnostic> {
        self.diagnostics.get(self.primary?)
    }
}

impl ParsedExpr {
    /// The error that is raised for this text: the one that CPython would have found.
    pub fn primary(&self) -> Option<&Diagnostic> {
        self.diagnostics.get(self.primary?)
    }
}

/// Parses the text of a module.
pub fn parse_module(source: &str) -> Parsed {
    recover::module(source)
}

/// Parses a text that is one expression, as `eval` takes it: blanks in front and line ends behind
/// are allowed.
pub fn parse_expression(source: &str) -> ParsedExpr {
    recover::expression(source)
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
