//! What can be asked of the host's sockets, processes and signals: plain data.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The address of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Address {
    /// The socket has none.
    None,
    /// Of the internet.
    Inet(SocketAddr),
    /// A path; if it begins with a zero byte, a name without a file.
    Path(Vec<u8>),
}

/// A request about a socket. Families, kinds, flags, levels and options have the numbers of Linux.
#[derive(Debug)]
pub enum SocketRequest<'a> {
    /// A socket that is neither bound nor connected.
    New {
        /// The address family.
        family: i32,
        /// The kind.
        kind: i32,
        /// The protocol, 0 for the usual one.
        protocol: i32,
    },
    /// Two sockets that are connected with each other.
    Pair {
        /// The address family.
        family: i32,
        /// The kind.
        kind: i32,
        /// The protocol.
        protocol: i32,
    },
    /// Both ends of a pipe.
    Pipe,
    /// Another number for the same socket.
    Duplicate(u64),
    /// Gives a socket its address.
    Bind(u64, &'a Address),
    /// Makes a socket listen.
    Listen(u64, i32),
    /// A connection that waits already.
    Accept(u64),
    /// Begins to connect.
    Connect(u64, &'a Address),
    /// What has come already, at most so many bytes; with flags.
    Receive(u64, usize, i32),
    /// One message that has come already and its sender.
    ReceiveFrom(u64, usize, i32),
    /// Sends what goes through at once; with flags.
    Send(u64, &'a [u8], i32),
    /// Sends a message to an address.
    SendTo(u64, &'a [u8], i32, &'a Address),
    /// Shuts down one way or both.
    Shutdown(u64, i32),
    /// This side's address.
    Local(u64),
    /// The other side's address.
    Peer(u64),
    /// The value of an option: level, option.
    Option(u64, i32, i32),
    /// Sets an option: level, option, value.
    SetOption(u64, i32, i32, i32),
    /// The error that a connection ended with in the meantime, as the error of this request.
    Failure(u64),
    /// Waits until something can be read.
    Readable(u64),
    /// Waits until some of these are ready: 1 stands for reading, 2 for writing, 3 for both.
    AnyReady(Vec<(u64, u8)>),
    /// The name of the machine.
    HostName,
}

/// What a standard stream of a new process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// That of this process.
    Inherit,
    /// Nothing.
    Null,
    /// A new pipe.
    Pipe,
    /// This socket or end of a pipe.
    Socket(u64),
    /// For standard error: where standard output goes.
    Stdout,
}

/// A process to be started.
#[derive(Debug, Clone)]
pub struct CommandLine {
    /// The program.
    pub program: String,
    /// The arguments; the first one is the program's name as it sees it.
    pub arguments: Vec<String>,
    /// The folder it runs in.
    pub folder: Option<String>,
    /// Its whole environment.
    pub environment: Option<Vec<(String, String)>>,
    /// Standard input, output and error.
    pub streams: [Standard; 3],
    /// It leads a process group of its own.
    pub own_group: bool,
}

/// A request about processes and signals.
#[derive(Debug)]
pub enum ProcessRequest<'a> {
    /// Starts a process; gives its number. The pipes are asked for afterwards.
    Start(&'a CommandLine),
    /// This side of the pipe to a standard stream (0, 1 or 2) of a process.
    Stream(u64, u8),
    /// Waits for the end; gives the exit status, or the negative number of the signal.
    Wait(u64),
    /// Sends a signal; a negative number stands for a process group, signal 0 only looks.
    Signal(i64, i32),
    /// Waits for the next signal with this number.
    NextSignal(i32),
}
