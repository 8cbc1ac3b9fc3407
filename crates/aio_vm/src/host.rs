//! The world as the machine sees it: clock, console, randomness, compiled code and modules, all given by the embedder.

use crate::sched::snapshot::Snapshot;
use aio_bytecode::Code;
use aio_source::Diagnostic;
use aio_source::tree::Tree;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;

pub use crate::host_files::{FileReply, FileRequest};
pub use crate::host_sockets::{Address, CommandLine, ProcessRequest, SocketRequest, Standard};

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

    /// Reads what there is of standard input, at most so much; waits if there is nothing, empty at the end of input.
    fn read_some(&self, most: usize) -> std::io::Result<Vec<u8>>;

    /// A clock that never goes back.
    fn monotonic(&self) -> u64;

    /// Time since 1970.
    fn wall(&self) -> i128;

    /// CPU time of the process.
    fn cpu(&self) -> u64;

    /// The clock that never goes back, for records that scripts do not see.
    fn timestamp(&self) -> u64 {
        self.monotonic()
    }

    /// Runs that get the same answers are to be the same in all that scripts can see, even in what `id()` gives.
    fn is_repeatable(&self) -> bool {
        false
    }

    /// A loop has made a turn without waiting while a timer is pending. A clock that only moves in `sleep` may move a
    /// little, so that a task that polls for the end of a time gets there.
    fn turned(&self) {}

    /// Blocks for this long, or until an interrupt.
    fn sleep(&self, nanoseconds: u64);

    /// Fills a buffer with random bytes.
    fn random(&self, buffer: &mut [u8]);

    /// The key of the hashes of texts, asked for once. It decides about the order of sets.
    fn hash_key(&self) -> [u8; 16] {
        let mut key = [0; 16];
        self.random(&mut key);
        key
    }

    /// True once after an interrupt (Ctrl-C) arrived.
    fn take_interrupt(&self) -> bool;

    /// True once after somebody has asked what the script is doing.
    fn take_inspection(&self) -> bool {
        false
    }

    /// Tells them.
    fn inspected(&self, _snapshot: &Snapshot) {}

    /// The limit that was exceeded outside of the machine (time, output), or that the host says stop. Asked now and
    /// then while scripts run.
    fn must_stop(&self) -> Option<crate::limits::Limit> {
        None
    }

    /// Whether there is time for native work of this many units (about a nanosecond each) that cannot be interrupted.
    fn can_afford(&self, _units: u64) -> bool {
        true
    }

    /// An operation on files or the environment. A host without them refuses.
    fn file(&self, _request: FileRequest<'_>) -> std::io::Result<FileReply> {
        Err(std::io::Error::from_raw_os_error(1))
    }

    /// Begins an operation on the network. A host without network refuses.
    fn io_start(&self, _request: IoRequest<'_>) -> Result<IoStarted, IoError> {
        Err(IoError { code: 1, message: "Operation not permitted".to_owned(), of_names: false })
    }

    /// Waits until an operation has ended, this long (nanoseconds), or until an interrupt; gives what has ended.
    fn io_wait(&self, nanoseconds: Option<u64>) -> Vec<(u64, Result<IoDone, IoError>)> {
        self.sleep(nanoseconds.unwrap_or(0));
        Vec::new()
    }

    /// There are operations that have not ended.
    fn io_pending(&self) -> bool {
        false
    }
}

/// What can be asked of the network. Sockets and operations have numbers.
#[derive(Debug)]
pub enum IoRequest<'a> {
    /// The addresses of a name; of all interfaces, if there is none and the socket is to listen.
    Resolve {
        /// The name, or None.
        host: Option<&'a str>,
        /// The port.
        port: u16,
        /// For listening.
        listen: bool,
    },
    /// A socket that listens.
    Listen {
        /// Where.
        address: SocketAddr,
        /// How many may wait.
        backlog: u32,
        /// SO_REUSEADDR.
        reuse_address: bool,
        /// SO_REUSEPORT.
        reuse_port: bool,
    },
    /// The next connection of a listening socket.
    Accept(u64),
    /// A connection to an address.
    Connect {
        /// The other side.
        address: SocketAddr,
        /// This side, or any.
        local: Option<SocketAddr>,
    },
    /// At most so many bytes that have come; none at the end.
    Read(u64, usize),
    /// Writes what goes through at once and tells how much that was.
    Write(u64, &'a [u8]),
    /// Waits until a socket takes more.
    Writable(u64),
    /// No more will be written.
    Shutdown(u64),
    /// Closes a socket and gives up its operations.
    Close(u64),
    /// Gives up an operation.
    Cancel(u64),
    /// Something that is asked of sockets as scripts know them.
    Socket(SocketRequest<'a>),
    /// Something that is asked of processes and signals.
    Process(ProcessRequest<'a>),
}

/// What came of a request at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum IoStarted {
    /// It is done.
    Done(IoDone),
    /// It is an operation with this number.
    Pending(u64),
}

/// The result of an operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum IoDone {
    /// Nothing to tell.
    Nothing,
    /// Bytes that were written.
    Count(usize),
    /// Bytes that were read.
    Data(Vec<u8>),
    /// Addresses of a name.
    Addresses(Vec<SocketAddr>),
    /// A new socket.
    Socket {
        /// Its number.
        socket: u64,
        /// Its address.
        local: Address,
        /// The other side's address.
        peer: Address,
    },
    /// A number: of a socket, a process, a signal, or the value of an option.
    Number(i64),
    /// Two sockets, or the ends of a pipe: first that for reading.
    Pair(u64, u64),
    /// An address.
    Address(Address),
    /// A new socket and the address of the other side.
    Accepted(u64, Address),
    /// A message and where it came from.
    Message(Vec<u8>, Address),
    /// A text.
    Text(String),
    /// Sockets that are ready, and for what.
    Ready(Vec<(u64, u8)>),
}

/// Why an operation failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IoError {
    /// The system's number of the error.
    pub code: i32,
    /// The system's text.
    pub message: String,
    /// The name has no address: the error is a `socket.gaierror`.
    pub of_names: bool,
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

    /// The syntax tree of source text, for scripts that look at programs.
    fn parse(&self, source: &str, mode: CompileMode) -> Result<Tree, Vec<Diagnostic>>;

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
