//! What a recording of a run holds: a line that says what was run, then one entry for each answer of the world.

use aio_vm::host::{FileReply, FileRequest, IoDone, IoError, IoRequest, IoStarted, SocketRequest};
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug, Write};
use std::hash::Hasher;
use std::io;

/// The version of the format, in the first line.
pub(crate) const FORMAT: u64 = 1;

/// Characters of a request that are kept to compare.
const SHOWN: usize = 160;

/// The result of an operation on the network.
pub(crate) type Ended = (u64, Result<IoDone, IoError>);

/// An answer of the world.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Entry {
    /// The clock that never goes back: nanoseconds since its last answer.
    Monotonic(u64),
    /// The clock on the wall.
    Wall(i128),
    /// CPU time: nanoseconds since the last answer.
    Cpu(u64),
    /// The time of an event in a timeline, like `Monotonic`. Runs without a timeline pass it over.
    Timestamp(u64),
    /// Random bytes.
    Random(Vec<u8>),
    /// The script slept that long.
    Slept(u64),
    /// A line of standard input.
    Line(Result<Vec<u8>, Fault>),
    /// An interrupt was seen when it was asked for it so many times.
    Interrupt(u64),
    /// A request to files or the environment and its reply.
    File(String, Result<FileReply, Fault>),
    /// A request to the network, processes or signals and what came of it at once.
    Begun(String, Result<IoStarted, IoError>),
    /// Operations that ended.
    Ended(Vec<Ended>),
    /// The machine was told that it has to stop.
    End,
}

impl Entry {
    /// What the script asked for, in words.
    pub(crate) fn asked(&self) -> String {
        let text = match self {
            Entry::Monotonic(_) => "the monotonic clock",
            Entry::Wall(_) => "the clock on the wall",
            Entry::Cpu(_) => "CPU time",
            Entry::Timestamp(_) => "the time of an event",
            Entry::Random(bytes) => return format!("{} random bytes", bytes.len()),
            Entry::Slept(_) => "a sleep",
            Entry::Line(_) => "standard input",
            Entry::Interrupt(_) => "an interrupt",
            Entry::File(request, _) | Entry::Begun(request, _) => return request.clone(),
            Entry::Ended(_) => "events",
            Entry::End => "the end",
        };
        text.to_owned()
    }
}

/// An error of the system.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fault {
    code: Option<i32>,
    kind: u8,
    text: String,
}

/// Kinds of errors that can come without a number of the system.
const KINDS: [io::ErrorKind; 10] = [
    io::ErrorKind::Other,
    io::ErrorKind::Interrupted,
    io::ErrorKind::BrokenPipe,
    io::ErrorKind::NotFound,
    io::ErrorKind::PermissionDenied,
    io::ErrorKind::AlreadyExists,
    io::ErrorKind::WouldBlock,
    io::ErrorKind::InvalidInput,
    io::ErrorKind::InvalidData,
    io::ErrorKind::UnexpectedEof,
];

impl Fault {
    pub(crate) fn of(e: &io::Error) -> Fault {
        let kind = KINDS.iter().position(|k| *k == e.kind()).unwrap_or_default();
        Fault { code: e.raw_os_error(), kind: kind as u8, text: e.to_string() }
    }

    pub(crate) fn error(self) -> io::Error {
        match self.code {
            Some(code) => io::Error::from_raw_os_error(code),
            None => {
                let kind = KINDS.get(usize::from(self.kind)).copied().unwrap_or(io::ErrorKind::Other);
                io::Error::new(kind, self.text)
            }
        }
    }
}

/// Text that takes so many characters and then no more, so that nobody formats megabytes for it.
struct Short(String);

impl Write for Short {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for c in s.chars() {
            if self.0.len() >= SHOWN {
                return Err(fmt::Error);
            }
            self.0.push(c);
        }
        Ok(())
    }
}

fn short(what: &str, request: &dyn Debug) -> String {
    let mut text = Short(what.to_owned());
    // That there is more than the text takes is no error.
    let _ = write!(text, "{request:?}");
    text.0
}

fn bytes(what: &str, to: u64, data: &[u8]) -> String {
    let mut hasher = FxHasher::default();
    hasher.write(data);
    format!("{what}({to}, {} bytes, {:08x})", data.len(), hasher.finish() as u32)
}

/// A request to files in words; two requests with the same words are the same.
pub(crate) fn file_request(request: &FileRequest<'_>) -> String {
    match request {
        FileRequest::Write(file, data) => bytes("file: Write", *file, data),
        other => short("file: ", other),
    }
}

/// A request to the network in words.
pub(crate) fn io_request(request: &IoRequest<'_>) -> String {
    match request {
        IoRequest::Write(socket, data) => bytes("network: Write", *socket, data),
        IoRequest::Socket(SocketRequest::Send(socket, data, _)) => bytes("network: Send", *socket, data),
        IoRequest::Socket(SocketRequest::SendTo(socket, data, _, to)) => {
            bytes("network: SendTo", *socket, data) + &short(" ", to)
        }
        IoRequest::Socket(other) => short("network: ", other),
        IoRequest::Process(other) => short("process: ", other),
        other => short("network: ", other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_short_texts_that_tell_them_apart() {
        let data = vec![7_u8; 1 << 20];
        let text = io_request(&IoRequest::Write(3, &data));
        assert!(text.starts_with("network: Write(3, 1048576 bytes, "), "{text}");
        assert_ne!(text, io_request(&IoRequest::Write(3, &vec![8_u8; 1 << 20])));
        let long = "x".repeat(10_000);
        assert_eq!(file_request(&FileRequest::List(&long)).len(), SHOWN);
        assert_eq!(file_request(&FileRequest::ProcessId), "file: ProcessId");
    }

    #[test]
    fn errors_come_back_as_they_were() {
        for e in [io::Error::from_raw_os_error(2), io::Error::new(io::ErrorKind::BrokenPipe, "gone")] {
            let text = e.to_string();
            let kind = e.kind();
            let again = Fault::of(&e).error();
            assert_eq!((again.to_string(), again.kind()), (text, kind));
        }
    }
}
