//! What an embedder gets when a script does not end well.

use std::fmt;

/// What kind of end it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text was refused before anything of it ran.
    Syntax,
    /// An exception was not caught.
    Exception,
    /// The script asked to exit (`SystemExit`) with this status.
    Exit(i32),
    /// An interrupt (`KeyboardInterrupt`) was not caught.
    Interrupted,
    /// The text could not be read.
    Io,
}

/// The end of a script that did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What kind of end it was.
    pub kind: ErrorKind,
    /// The name of the exception's class as tracebacks show it.
    pub type_name: String,
    /// What the exception says.
    pub message: String,
    /// The drawn report, ending in the line `Type: message`.
    pub rendered: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            f.write_str(&self.type_name)
        } else {
            write!(f, "{}: {}", self.type_name, self.message)
        }
    }
}

impl std::error::Error for Error {}
