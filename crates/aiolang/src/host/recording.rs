//! A world that writes down all that it answers, so that the run can be repeated without it.

use super::forward::forward;
use super::tape::{Entry, Fault, file_request, io_request};
use aio_vm::Host;
use aio_vm::host::{FileReply, FileRequest, IoDone, IoError, IoRequest, IoStarted};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Write};
use std::rc::Rc;

/// Bytes that are held back before they are written.
const HELD: usize = 1 << 16;

/// Where the answers go.
pub(crate) struct Recorder {
    file: RefCell<File>,
    held: RefCell<Vec<u8>>,
    failed: RefCell<Option<io::Error>>,
}

impl Recorder {
    /// Begins a recording with its first line.
    pub(crate) fn create(path: &str, header: &str) -> io::Result<Recorder> {
        let mut file = File::create(path)?;
        file.write_all(header.as_bytes())?;
        file.write_all(b"\n")?;
        Ok(Recorder { file: RefCell::new(file), held: RefCell::default(), failed: RefCell::default() })
    }

    fn note(&self, entry: &Entry) {
        match postcard::to_extend(entry, self.held.take()) {
            Ok(held) => *self.held.borrow_mut() = held,
            Err(e) => self.fail(io::Error::other(e.to_string())),
        }
        if self.held.borrow().len() > HELD {
            self.write();
        }
    }

    /// Writes what is held back: the process may be killed while the script waits.
    fn write(&self) {
        let held = self.held.take();
        if !held.is_empty()
            && let Err(e) = self.file.borrow_mut().write_all(&held)
        {
            self.fail(e);
        }
    }

    fn fail(&self, e: io::Error) {
        self.failed.borrow_mut().get_or_insert(e);
    }

    /// Writes the rest; the first error of all that was written.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.note(&Entry::End);
        self.write();
        match self.failed.take() {
            Some(e) => Err(e),
            None => Ok(()),
        }
    }
}

/// The answers of another host, recorded.
pub(crate) struct RecordingHost {
    inner: Box<dyn Host>,
    to: Rc<Recorder>,
    monotonic: Cell<u64>,
    cpu: Cell<u64>,
    /// How often it was asked for an interrupt.
    questions: Cell<u64>,
}

impl RecordingHost {
    pub(crate) fn new(inner: Box<dyn Host>, to: Rc<Recorder>) -> RecordingHost {
        RecordingHost { inner, to, monotonic: Cell::default(), cpu: Cell::default(), questions: Cell::default() }
    }

    /// Notes the time since the last answer of a clock, and gives the new answer.
    fn input(&self, read: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
        self.to.write();
        let got = read();
        self.to.note(&Entry::Line(got.as_ref().map(Clone::clone).map_err(Fault::of)));
        got
    }

    fn clock(&self, last: &Cell<u64>, now: u64, entry: fn(u64) -> Entry) -> u64 {
        let now = now.max(last.get());
        self.to.note(&entry(now - last.replace(now)));
        now
    }
}

impl Host for RecordingHost {
    forward! { inner: write_out write_err flush turned take_inspection inspected must_stop can_afford io_pending }

    fn read_line(&self) -> io::Result<Vec<u8>> {
        self.input(|| self.inner.read_line())
    }

    fn read_some(&self, most: usize) -> io::Result<Vec<u8>> {
        self.input(|| self.inner.read_some(most))
    }

    fn monotonic(&self) -> u64 {
        self.clock(&self.monotonic, self.inner.monotonic(), Entry::Monotonic)
    }

    fn timestamp(&self) -> u64 {
        self.clock(&self.monotonic, self.inner.monotonic(), Entry::Timestamp)
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn wall(&self) -> i128 {
        let now = self.inner.wall();
        self.to.note(&Entry::Wall(now));
        now
    }

    fn cpu(&self) -> u64 {
        self.clock(&self.cpu, self.inner.cpu(), Entry::Cpu)
    }

    fn sleep(&self, nanoseconds: u64) {
        self.to.note(&Entry::Slept(nanoseconds));
        self.to.write();
        self.inner.sleep(nanoseconds);
    }

    fn random(&self, buffer: &mut [u8]) {
        self.inner.random(buffer);
        self.to.note(&Entry::Random(buffer.to_vec()));
    }

    fn take_interrupt(&self) -> bool {
        self.questions.set(self.questions.get() + 1);
        let taken = self.inner.take_interrupt();
        if taken {
            self.to.note(&Entry::Interrupt(self.questions.get()));
        }
        taken
    }

    fn file(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        let asked = file_request(&request);
        let reply = self.inner.file(request);
        self.to.note(&Entry::File(asked, reply.as_ref().map(Clone::clone).map_err(Fault::of)));
        reply
    }

    fn io_start(&self, request: IoRequest<'_>) -> Result<IoStarted, IoError> {
        let asked = io_request(&request);
        let begun = self.inner.io_start(request);
        self.to.note(&Entry::Begun(asked, begun.clone()));
        begun
    }

    fn io_wait(&self, nanoseconds: Option<u64>) -> Vec<(u64, Result<IoDone, IoError>)> {
        if nanoseconds != Some(0) {
            self.to.write();
        }
        let ended = self.inner.io_wait(nanoseconds);
        self.to.note(&Entry::Ended(ended.clone()));
        ended
    }
}
