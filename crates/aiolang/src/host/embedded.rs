//! The world of an embedded isolate: streams that the host gives, and of the rest what is granted.

use super::beneath::Beneath;
use super::net::Network;
use crate::control::Control;
use crate::grant::Gate;
use crate::limits::Limit;
use aio_vm::Host;
use aio_vm::host::{FileReply, FileRequest, IoDone, IoError, IoRequest, IoStarted, ProcessRequest, SocketRequest};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant, SystemTime};

/// A clock that a host gives in place of the system's.
pub trait Clock: Send + Sync {
    /// Time that never goes back.
    fn monotonic(&self) -> Duration;

    /// Time of day.
    fn wall(&self) -> SystemTime;
}

/// Makes the streams of an isolate.
pub(crate) type MakeOutput = dyn Fn() -> Box<dyn Write + Send> + Send + Sync;
/// Makes the input of an isolate.
pub(crate) type MakeInput = dyn Fn() -> Box<dyn Read + Send> + Send + Sync;
/// Fills a buffer with random bytes.
pub(crate) type FillRandom = dyn Fn(&mut [u8]) + Send + Sync;

/// What the hosts of all isolates of an engine have in common.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub gate: Gate,
    pub stdout: Option<Arc<MakeOutput>>,
    pub stderr: Option<Arc<MakeOutput>>,
    pub stdin: Option<Arc<MakeInput>>,
    pub clock: Option<Arc<dyn Clock>>,
    pub random: Option<Arc<FillRandom>>,
}

/// The wall clock of isolates that do not see the real one begins at 2025-01-01 00:00 UTC, the monotonic one at a
/// thousand seconds.
const EPOCH: i128 = 1_735_689_600_000_000_000;
const BEGINNING: u64 = 1_000_000_000_000;

/// The host of one isolate.
pub(crate) struct EmbeddedHost {
    control: Arc<Control>,
    gate: RefCell<Gate>,
    out: RefCell<Box<dyn Write + Send>>,
    err: RefCell<Box<dyn Write + Send>>,
    input: RefCell<super::console::Input>,
    clock: Option<Arc<dyn Clock>>,
    random: Option<Arc<FillRandom>>,
    start: Instant,
    /// The state of the fixed random bytes; 0 before the machine has taken its secret key.
    seed: Cell<u64>,
    files: Beneath,
    network: RefCell<Option<Network>>,
    /// Names that are looked up for listening, by the numbers of the operations.
    to_listen: RefCell<HashSet<u64>>,
}

impl EmbeddedHost {
    pub fn new(world: &World, control: Arc<Control>) -> EmbeddedHost {
        let output = |make: &Option<Arc<MakeOutput>>, own: fn() -> Box<dyn Write + Send>| match make {
            Some(make) => make(),
            None => own(),
        };
        let input: Box<dyn Read + Send> = match &world.stdin {
            Some(make) => make(),
            None => Box::new(io::empty()),
        };
        EmbeddedHost {
            control,
            gate: RefCell::new(world.gate.clone()),
            out: RefCell::new(output(&world.stdout, || Box::new(io::stdout()))),
            err: RefCell::new(output(&world.stderr, || Box::new(io::stderr()))),
            input: RefCell::new(super::console::Input::new(input)),
            clock: world.clock.clone(),
            random: world.random.clone(),
            start: Instant::now(),
            seed: Cell::new(0),
            files: Beneath::new(&world.gate.folders),
            network: RefCell::default(),
            to_listen: RefCell::default(),
        }
    }

    fn sees_time(&self) -> bool {
        self.gate.borrow().clock
    }

    /// Waits for the bell at most that long. Time passes for the script by as much as it waited.
    fn wait(&self, time: Option<Duration>) {
        // The ringing that told of it may have been taken by somebody who did not look.
        if self.control.is_asked() {
            return;
        }
        let time = match (time, self.control.left()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let began = Instant::now();
        self.control.bell.wait(time);
        self.control.pass(began.elapsed(), time);
    }

    fn poll_network(&self) -> Vec<(u64, Result<IoDone, IoError>)> {
        let waker = Waker::from(Arc::clone(&self.control.bell));
        let mut network = self.network.borrow_mut();
        let ended = match &mut *network {
            Some(n) => n.poll(&mut Context::from_waker(&waker)),
            None => Vec::new(),
        };
        for (operation, result) in &ended {
            let listen = self.to_listen.borrow_mut().remove(operation);
            if let Ok(IoDone::Addresses(found)) = result {
                self.gate.borrow_mut().note_addresses(found, listen);
            }
        }
        ended
    }
}

impl Host for EmbeddedHost {
    fn write_out(&self, data: &[u8]) -> io::Result<()> {
        if !self.control.count_output(data.len() as u64) {
            return Err(io::Error::from_raw_os_error(28));
        }
        self.out.borrow_mut().write_all(data)
    }

    fn write_err(&self, data: &[u8]) -> io::Result<()> {
        if !self.control.count_output(data.len() as u64) {
            return Err(io::Error::from_raw_os_error(28));
        }
        self.err.borrow_mut().write_all(data)
    }

    fn flush(&self) -> io::Result<()> {
        self.out.borrow_mut().flush()?;
        self.err.borrow_mut().flush()
    }

    fn read_line(&self) -> io::Result<Vec<u8>> {
        self.out.borrow_mut().flush()?;
        self.input.borrow_mut().line(&|| Ok(()))
    }

    fn read_some(&self, most: usize) -> io::Result<Vec<u8>> {
        self.out.borrow_mut().flush()?;
        self.input.borrow_mut().some(most, &|| Ok(()))
    }

    fn monotonic(&self) -> u64 {
        let real = |d: Duration| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX);
        match &self.clock {
            Some(clock) => real(clock.monotonic()),
            None if self.sees_time() => BEGINNING.saturating_add(real(self.start.elapsed())),
            None => BEGINNING.saturating_add(self.control.passed()),
        }
    }

    fn wall(&self) -> i128 {
        let real = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()).unwrap_or_default(),
            Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap_or_default(),
        };
        match &self.clock {
            Some(clock) => real(clock.wall()),
            None if self.sees_time() => real(SystemTime::now()),
            None => EPOCH + i128::from(self.control.passed()),
        }
    }

    fn cpu(&self) -> u64 {
        if self.sees_time() { u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX) } else { 0 }
    }

    fn sleep(&self, nanoseconds: u64) {
        // The bell may ring for something else; who sleeps looks at the clock.
        self.control.bell.take();
        self.wait(Some(Duration::from_nanos(nanoseconds)));
    }

    fn random(&self, buffer: &mut [u8]) {
        if let Some(random) = &self.random {
            return random(buffer);
        }
        // The first bytes are the machine's secret key, which keeps hash tables safe.
        let first = self.seed.get() == 0;
        if (first || self.gate.borrow().entropy) && getrandom::fill(buffer).is_ok() {
            self.seed.set(self.seed.get().max(1));
            return;
        }
        let mut x = self.seed.get();
        for b in buffer {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *b = (x >> 56) as u8;
        }
        self.seed.set(x.max(1));
    }

    fn take_interrupt(&self) -> bool {
        self.control.take_interrupt()
    }

    fn must_stop(&self) -> Option<Limit> {
        self.control.must_stop()
    }

    fn can_afford(&self, units: u64) -> bool {
        self.control.left().is_none_or(|left| Duration::from_nanos(units) <= left)
    }

    fn file(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        match request {
            FileRequest::Environment => Ok(FileReply::Pairs(self.gate.borrow().environment())),
            FileRequest::ProcessId => Ok(FileReply::Number(1)),
            other => self.files.perform(other),
        }
    }

    fn io_start(&self, request: IoRequest<'_>) -> Result<IoStarted, IoError> {
        self.gate.borrow().network(&request)?;
        let confined;
        let request = match request {
            IoRequest::Process(ProcessRequest::Start(line)) => {
                confined = self.gate.borrow().confined(line);
                IoRequest::Process(ProcessRequest::Start(&confined))
            }
            other => other,
        };
        let mut network = self.network.borrow_mut();
        let network = match &mut *network {
            Some(n) => n,
            None => network.insert(Network::shared()?),
        };
        #[cfg(unix)]
        if let IoRequest::Process(ProcessRequest::Signal(process, _)) = &request
            && !network.has_started(*process)
        {
            return Err(IoError { code: 1, message: "Operation not permitted".to_owned(), of_names: false });
        }
        let bound = match &request {
            IoRequest::Socket(SocketRequest::Bind(socket, _)) => Some(*socket),
            _ => None,
        };
        let listen = matches!(&request, IoRequest::Resolve { listen: true, .. });
        let started = network.start(request);
        if let (Some(socket), Ok(IoStarted::Done(_))) = (bound, &started) {
            self.gate.borrow_mut().note_bound(socket);
        }
        match &started {
            Ok(IoStarted::Done(IoDone::Addresses(found))) => self.gate.borrow_mut().note_addresses(found, listen),
            Ok(IoStarted::Pending(operation)) if listen => drop(self.to_listen.borrow_mut().insert(*operation)),
            _ => {}
        }
        started
    }

    fn io_wait(&self, nanoseconds: Option<u64>) -> Vec<(u64, Result<IoDone, IoError>)> {
        let end = nanoseconds.and_then(|n| Instant::now().checked_add(Duration::from_nanos(n)));
        loop {
            let rung = self.control.bell.take();
            let ended = self.poll_network();
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let over = left.is_some_and(|left| left.is_zero());
            if !ended.is_empty()
                || rung
                || over
                || self.control.is_asked()
                || self.control.left().is_some_and(|l| l.is_zero())
            {
                return ended;
            }
            self.wait(left);
        }
    }

    fn io_pending(&self) -> bool {
        self.network.borrow().as_ref().is_some_and(Network::pending)
    }
}
