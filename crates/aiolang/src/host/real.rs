//! The real world: standard streams, the system's clocks and its randomness.

use super::console::{Buffering, Input, Output};
use super::files::Files;
use super::interrupt::Interrupt;
use super::net::Network;
use aio_vm::Host;
use aio_vm::host::{FileReply, FileRequest, IoDone, IoError, IoRequest, IoStarted};
use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A host on the process's streams and the system's clocks.
pub struct RealHost {
    out: RefCell<Output>,
    err: RefCell<Output>,
    input: RefCell<Input>,
    reads_stdin: bool,
    start: Instant,
    /// What the system's monotonic clock showed at the start, so that scripts see its absolute value.
    offset: u64,
    interrupt: Interrupt,
    reader_is_gone: Rc<Cell<bool>>,
    network: RefCell<Option<Network>>,
    files: Rc<Files>,
    /// What randomness is made of, if it is to be the same each time.
    seed: Cell<Option<u64>>,
    hash_seed: Option<u32>,
}

/// Puts a [`RealHost`] together.
#[derive(Default)]
pub struct RealHostBuilder {
    out: Option<Box<dyn Write>>,
    err: Option<Box<dyn Write>>,
    input: Option<Box<dyn Read + Send>>,
    buffering: Option<Buffering>,
    interrupt: Option<Interrupt>,
    seed: Option<u64>,
    hash_seed: Option<u32>,
}

impl RealHostBuilder {
    /// Where standard output goes instead.
    pub fn stdout(mut self, sink: impl Write + 'static) -> Self {
        self.out = Some(Box::new(sink));
        self
    }

    /// Where standard error goes instead.
    pub fn stderr(mut self, sink: impl Write + 'static) -> Self {
        self.err = Some(Box::new(sink));
        self
    }

    /// Where standard input comes from instead.
    pub fn stdin(mut self, source: impl Read + Send + 'static) -> Self {
        self.input = Some(Box::new(source));
        self
    }

    /// How standard output is held back; if not said, by line on a terminal and else until the buffer is full.
    pub fn buffering(mut self, buffering: Buffering) -> Self {
        self.buffering = Some(buffering);
        self
    }

    /// Makes the hashes of texts those that CPython has with this `PYTHONHASHSEED`.
    pub fn hash_seed(mut self, seed: Option<u32>) -> Self {
        self.hash_seed = seed;
        self
    }

    /// Makes all that is random the same each time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// What interrupts the script.
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = Some(interrupt);
        self
    }

    /// The host.
    pub fn build(self) -> RealHost {
        let own = |v: Option<Box<dyn Write>>, standard: fn() -> Box<dyn Write>| v.unwrap_or_else(standard);
        let usual = match self.out {
            None if io::stdout().is_terminal() => Buffering::Line,
            _ => Buffering::Full,
        };
        let buffering = self.buffering.unwrap_or(usual);
        let reads_stdin = self.input.is_none();
        RealHost {
            out: RefCell::new(Output::new(own(self.out, raw_stdout), buffering)),
            err: RefCell::new(Output::new(own(self.err, || Box::new(io::stderr())), Buffering::None)),
            input: RefCell::new(Input::new(self.input.unwrap_or_else(|| Box::new(io::stdin())))),
            reads_stdin,
            start: Instant::now(),
            offset: system_monotonic(),
            interrupt: self.interrupt.unwrap_or_default(),
            reader_is_gone: Rc::default(),
            network: RefCell::default(),
            seed: Cell::new(self.seed),
            hash_seed: self.hash_seed,
            files: Rc::default(),
        }
    }
}

/// Standard output without the library's own buffer, which writes at each end of line even into pipes.
fn raw_stdout() -> Box<dyn Write> {
    #[cfg(unix)]
    if let Ok(fd) = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned() {
        return Box::new(std::fs::File::from(fd));
    }
    Box::new(io::stdout())
}

#[cfg(unix)]
fn system_monotonic() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    nanoseconds(now)
}

#[cfg(not(unix))]
fn system_monotonic() -> u64 {
    0
}

#[cfg(unix)]
fn nanoseconds(time: rustix::time::Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let rest = u64::try_from(time.tv_nsec).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

impl RealHost {
    /// A host that can be changed before it is made.
    pub fn builder() -> RealHostBuilder {
        RealHostBuilder::default()
    }

    /// Becomes true when nobody reads standard output any more.
    pub fn reader_is_gone(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.reader_is_gone)
    }

    fn noted(&self, result: io::Result<()>) -> io::Result<()> {
        if result.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
            self.reader_is_gone.set(true);
        }
        result
    }

    fn wait_for_input(&self) -> io::Result<()> {
        #[cfg(unix)]
        if self.reads_stdin {
            return self.interrupt.readable(&io::stdin());
        }
        Ok(())
    }
}

impl Default for RealHost {
    fn default() -> RealHost {
        RealHost::builder().build()
    }
}

impl Host for RealHost {
    fn file(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        if let FileRequest::Close(handle) = request
            && let Some(n) = &mut *self.network.borrow_mut()
        {
            n.file_is_closed(handle);
        }
        self.files.perform(request)
    }

    fn write_out(&self, data: &[u8]) -> io::Result<()> {
        self.noted(self.out.borrow_mut().write(data))
    }

    fn write_err(&self, data: &[u8]) -> io::Result<()> {
        // What was printed before comes first where both streams are one. A broken stdout is told by its own writes.
        let _ = self.noted(self.out.borrow_mut().flush());
        self.err.borrow_mut().write(data)
    }

    fn flush(&self) -> io::Result<()> {
        self.noted(self.out.borrow_mut().flush())?;
        self.err.borrow_mut().flush()
    }

    fn read_line(&self) -> io::Result<Vec<u8>> {
        self.noted(self.out.borrow_mut().flush())?;
        self.input.borrow_mut().line(&|| self.wait_for_input())
    }

    fn read_some(&self, most: usize) -> io::Result<Vec<u8>> {
        self.noted(self.out.borrow_mut().flush())?;
        self.input.borrow_mut().some(most, &|| self.wait_for_input())
    }

    fn monotonic(&self) -> u64 {
        let passed = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.offset.saturating_add(passed)
    }

    fn is_repeatable(&self) -> bool {
        self.seed.get().is_some()
    }

    fn wall(&self) -> i128 {
        let signed = |d: Duration| i128::try_from(d.as_nanos()).unwrap_or_default();
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => signed(after),
            Err(before) => -signed(before.duration()),
        }
    }

    #[cfg(unix)]
    fn cpu(&self) -> u64 {
        nanoseconds(rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime))
    }

    #[cfg(not(unix))]
    fn cpu(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, nanoseconds: u64) {
        self.interrupt.sleep(Duration::from_nanos(nanoseconds));
    }

    fn hash_key(&self) -> [u8; 16] {
        let mut key = [0; 16];
        match self.hash_seed {
            None => self.random(&mut key),
            Some(0) => {}
            Some(mut x) => {
                for b in &mut key {
                    x = x.wrapping_mul(214_013).wrapping_add(2_531_011);
                    *b = (x >> 16) as u8;
                }
            }
        }
        key
    }

    fn random(&self, buffer: &mut [u8]) {
        if let Some(mut x) = self.seed.get() {
            for b in buffer {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *b = (x >> 56) as u8;
            }
            self.seed.set(Some(x));
            return;
        }
        if getrandom::fill(buffer).is_err() {
            // Without entropy the clock has to do: keys of hash tables must differ, nothing here is a secret.
            let mut x = self.monotonic() ^ self.start.elapsed().as_nanos() as u64;
            for b in buffer {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *b = (x >> 56) as u8;
            }
        }
    }

    fn take_interrupt(&self) -> bool {
        self.interrupt.take()
    }

    fn take_inspection(&self) -> bool {
        self.interrupt.take_question()
    }

    #[cfg(unix)]
    fn inspected(&self, snapshot: &aio_vm::sched::snapshot::Snapshot) {
        // Whoever has asked went away, or will be told that no answer came.
        let _ = crate::inspection::answer(snapshot);
    }

    fn io_start(&self, request: IoRequest<'_>) -> Result<IoStarted, IoError> {
        let mut network = self.network.borrow_mut();
        match &mut *network {
            Some(n) => n.start(request),
            None => network.insert(Network::new(&self.interrupt, Rc::clone(&self.files))?).start(request),
        }
    }

    fn io_wait(&self, nanoseconds: Option<u64>) -> Vec<(u64, Result<IoDone, IoError>)> {
        match &mut *self.network.borrow_mut() {
            Some(n) => n.wait(nanoseconds.map(Duration::from_nanos), &self.interrupt),
            None => Vec::new(),
        }
    }

    fn io_pending(&self) -> bool {
        self.network.borrow().as_ref().is_some_and(Network::pending)
    }
}
