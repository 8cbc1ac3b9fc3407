//! The world as the machine sees it: clock, console, randomness, compiled code and modules, all given by the embedder.

use aio_bytecode::Code;
use aio_source::Diagnostic;
use std::sync::Arc;

/// Everything outside the isolate. Times are nanoseconds.
pub trait Host {
    /// Writes to standard output.
    fn write_out(&self, data: &[u8]) -> std::io::Result<()>;

    /// Writes to standard error.
    fn write_err(&self, data: &[u8]) -> std::io::Result<()>;

    /// Flushes both.
    fn flush(&self) -> std::io::Result<()>;

    /// Reads a line from standard input with its end; empty at the end of input.
    fn read_line(&self) -> std::io::Result<Vec<u8>>;

    /// A clock that never goes back.
    fn monotonic(&self) -> u64;

    /// Time since 1970.
    fn wall(&self) -> i128;

    /// CPU time of the process.
    fn cpu(&self) -> u64;

    /// Blocks for this long, or until an interrupt.
    fn sleep(&self, nanoseconds: u64);

    /// Fills a buffer with random bytes.
    fn random(&self, buffer: &mut [u8]);

    /// True once after an interrupt (Ctrl-C) arrived.
    fn take_interrupt(&self) -> bool;
}

/// What source text is compiled to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompileMode {
    /// A module.
    Module,
    /// Statements whose names live in a namespace (`exec` with locals).
    Exec,
    /// One expression.
    Eval,
    /// An input of the REPL.
    Interactive,
}

/// A module found by the importer.
pub struct Found {
    /// `__file__`.
    pub filename: String,
    /// The text of the module.
    pub source: Vec<u8>,
    /// For a package: its folders.
    pub search: Option<Vec<String>>,
}

/// Compiles text and finds modules.
pub trait Importer {
    /// Compiles source text.
    fn compile(&self, source: &str, filename: &str, mode: CompileMode) -> Result<Compiled, Vec<Diagnostic>>;

    /// Decodes the bytes of a source file.
    fn decode(&self, source: &[u8]) -> Result<String, Diagnostic>;

    /// Finds the module with this last name part in these folders (for a top-level module: the search path).
    fn find(&self, name: &str, search: &[String]) -> Option<Found>;
}

/// Compiled code and what the compiler warned of.
pub struct Compiled {
    /// The code.
    pub code: Arc<Code>,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}
