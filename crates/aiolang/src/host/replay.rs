//! A world that answers from a recording and is never asked for itself: only what the script prints goes out.

use super::Interrupt;
use super::forward::forward;
use super::tape::{Entry, file_request, io_request};
use aio_vm::host::{FileReply, FileRequest, IoDone, IoError, IoRequest, IoStarted};
use aio_vm::limits::Limit;
use aio_vm::{Anchor, Host};
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// How far a replay has come, shared between the host and whoever has started it.
#[derive(Default)]
pub(crate) struct Progress {
    anchor: RefCell<Option<Anchor>>,
    /// Why the run is no longer that of the recording.
    diverged: RefCell<Option<String>>,
}

impl Progress {
    /// From now on it is known where the script is.
    pub(crate) fn anchor(&self, anchor: Anchor) {
        *self.anchor.borrow_mut() = Some(anchor);
    }

    /// Why the run is no longer that of the recording, if so.
    pub(crate) fn diverged(&self) -> Option<String> {
        self.diverged.borrow().clone()
    }

    fn diverge(&self, what: &str) {
        if self.diverged.borrow().is_some() {
            return;
        }
        let anchor = self.anchor.borrow();
        let vm = anchor.as_ref().and_then(Anchor::vm);
        let place = vm.and_then(|vm| vm.script_spot());
        let place = place.map(|s| format!("{}:{}: ", s.file, s.line)).unwrap_or_default();
        *self.diverged.borrow_mut() = Some(format!("{place}{what}"));
        if let Some(vm) = vm {
            // The exception is not needed here: the next look of the machine raises it again.
            drop(vm.stop(Limit::Stopped));
        }
    }
}

/// The host.
pub(crate) struct ReplayHost {
    /// Takes what is printed.
    console: Box<dyn Host>,
    interrupt: Interrupt,
    entries: Arc<[u8]>,
    at: Cell<usize>,
    next: RefCell<Option<Entry>>,
    progress: Rc<Progress>,
    monotonic: Cell<u64>,
    cpu: Cell<u64>,
    questions: Cell<u64>,
    /// An interrupt of the recording that comes with the next question.
    overdue: Cell<bool>,
}

impl ReplayHost {
    /// Answers from the entries of a recording, beginning at a byte.
    pub(crate) fn new(
        console: Box<dyn Host>,
        interrupt: Interrupt,
        entries: Arc<[u8]>,
        at: usize,
        progress: Rc<Progress>,
    ) -> ReplayHost {
        ReplayHost {
            console,
            interrupt,
            entries,
            at: Cell::new(at),
            next: RefCell::default(),
            progress,
            monotonic: Cell::default(),
            cpu: Cell::default(),
            questions: Cell::default(),
            overdue: Cell::default(),
        }
    }

    fn is_lost(&self) -> bool {
        self.progress.diverged.borrow().is_some()
    }

    /// The next entry, which stays.
    fn peek(&self) -> std::cell::RefMut<'_, Option<Entry>> {
        let mut next = self.next.borrow_mut();
        if next.is_none() {
            let rest = self.entries.get(self.at.get()..).unwrap_or_default();
            if let Ok((entry, rest)) = postcard::take_from_bytes::<Entry>(rest) {
                self.at.set(self.entries.len() - rest.len());
                *next = Some(entry);
            }
        }
        next
    }

    /// The next answer, which has to be one to what is asked.
    fn answer<T>(&self, asked: &dyn Fn() -> String, pick: impl FnOnce(Entry) -> Result<T, Entry>) -> Option<T> {
        if self.is_lost() {
            return None;
        }
        loop {
            let entry = self.peek().take();
            let found = match entry {
                Some(Entry::Timestamp(passed)) => {
                    self.monotonic.set(self.monotonic.get() + passed);
                    continue;
                }
                Some(Entry::Interrupt(_)) => {
                    self.overdue.set(true);
                    continue;
                }
                Some(entry) => match pick(entry) {
                    Ok(answer) => return Some(answer),
                    Err(entry) => entry.asked(),
                },
                None => "nothing: there the recording breaks off".to_owned(),
            };
            self.progress.diverge(&format!("the script asks for [{}]; the recording has [{found}]", asked()));
            return None;
        }
    }

    /// A clock goes on as it did.
    fn clock(&self, last: &Cell<u64>, asked: &str, pick: impl FnOnce(Entry) -> Result<u64, Entry>) -> u64 {
        let passed = self.answer(&|| asked.to_owned(), pick);
        last.set(last.get().saturating_add(passed.unwrap_or(0)));
        last.get()
    }
}

/// Takes the value out of the one variant that fits.
macro_rules! pick {
    ($variant:ident) => {
        |entry| match entry {
            Entry::$variant(value) => Ok(value),
            other => Err(other),
        }
    };
    ($variant:ident, $asked:expr) => {
        |entry| match entry {
            Entry::$variant(request, answer) if request == $asked => Ok(answer),
            other => Err(other),
        }
    };
}

fn lost() -> io::Error {
    io::Error::other("the replay is over")
}

impl Host for ReplayHost {
    forward! { console: write_out write_err flush take_inspection inspected }

    fn read_line(&self) -> io::Result<Vec<u8>> {
        match self.answer(&|| "standard input".to_owned(), pick!(Line)) {
            Some(line) => line.map_err(super::tape::Fault::error),
            None => Err(lost()),
        }
    }

    fn read_some(&self, _most: usize) -> io::Result<Vec<u8>> {
        self.read_line()
    }

    fn monotonic(&self) -> u64 {
        self.clock(&self.monotonic, "the monotonic clock", pick!(Monotonic))
    }

    fn timestamp(&self) -> u64 {
        if let Some(Entry::Timestamp(passed)) = &*self.peek() {
            self.monotonic.set(self.monotonic.get() + passed);
        } else {
            return self.monotonic.get();
        }
        self.peek().take();
        self.monotonic.get()
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn wall(&self) -> i128 {
        self.answer(&|| "the clock on the wall".to_owned(), pick!(Wall)).unwrap_or_default()
    }

    fn cpu(&self) -> u64 {
        self.clock(&self.cpu, "CPU time", pick!(Cpu))
    }

    fn sleep(&self, _nanoseconds: u64) {
        self.answer(&|| "a sleep".to_owned(), pick!(Slept));
    }

    fn random(&self, buffer: &mut [u8]) {
        let n = buffer.len();
        let bytes = self.answer(&|| format!("{n} random bytes"), |entry| match entry {
            Entry::Random(bytes) if bytes.len() == n => Ok(bytes),
            other => Err(other),
        });
        if let Some(bytes) = bytes {
            buffer.copy_from_slice(&bytes);
        }
    }

    fn take_interrupt(&self) -> bool {
        self.questions.set(self.questions.get() + 1);
        if self.overdue.take() || self.interrupt.take() {
            return true;
        }
        let mut next = self.peek();
        let now = matches!(&*next, Some(Entry::Interrupt(n)) if *n <= self.questions.get());
        if now {
            *next = None;
        }
        now
    }

    fn must_stop(&self) -> Option<Limit> {
        self.is_lost().then_some(Limit::Stopped)
    }

    fn file(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        let asked = file_request(&request);
        match self.answer(&|| asked.clone(), pick!(File, asked)) {
            Some(reply) => reply.map_err(super::tape::Fault::error),
            None => Err(lost()),
        }
    }

    fn io_start(&self, request: IoRequest<'_>) -> Result<IoStarted, IoError> {
        let asked = io_request(&request);
        match self.answer(&|| asked.clone(), pick!(Begun, asked)) {
            Some(begun) => begun,
            None => Err(IoError { code: 5, message: "the replay is over".to_owned(), of_names: false }),
        }
    }

    fn io_wait(&self, _nanoseconds: Option<u64>) -> Vec<(u64, Result<IoDone, IoError>)> {
        self.answer(&|| "events".to_owned(), pick!(Ended)).unwrap_or_default()
    }
}
