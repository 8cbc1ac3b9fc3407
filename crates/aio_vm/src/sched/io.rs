//! Operations of the host's network as callbacks of event loops.

use crate::error::{R, Raised};
use crate::host::{Address, IoDone, IoError, IoRequest, IoStarted};
use crate::native::{Args, Def, function};
use crate::sched::Poller;
use crate::sched::event_loop::{LoopState, NO_THREAD, Ready};
use crate::sched::handle::HandleState;
use crate::value::Value;
use crate::vm::Vm;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// Functions of the module _io_operations. The callback of an operation gets its result and its error, one of which
/// is None; the function returns the operation's number, or None if the callback is scheduled already. Where None is
/// given for the loop, the thread waits and gets the result; in place of the callback stands how many seconds it waits.
pub static FUNCTIONS: &[Def] = &[
    function("resolve(loop, callback, host, port, listen, /)", resolve, "Look up the addresses of a name."),
    function(
        "listen(address, backlog, reuse_address, reuse_port, /)",
        listen,
        "Return a listening socket and its address.",
    ),
    function("accept(loop, callback, socket, /)", accept, "Wait for a connection."),
    function("connect(loop, callback, address, local, /)", connect, "Connect to an address."),
    function("read(loop, callback, socket, most, /)", read, "Read what has come."),
    function("write(socket, data, /)", write, "Write what goes through at once; return how much."),
    function("writable(loop, callback, socket, /)", writable, "Wait until more can be written."),
    function("shutdown(socket, /)", shutdown, "Say that no more will be written."),
    function("close(socket, /)", close, "Close a socket and give up its operations."),
    function("cancel(operation, /)", cancel, "Give up an operation."),
];

/// The handles that wait for operations, and the sockets of these.
#[derive(Default)]
struct Waits(RefCell<FxHashMap<u64, (u64, Waiter)>>);

/// Who waits for an operation.
enum Waiter {
    /// The loop of this handle.
    Handle(Value),
    /// A thread that blocks.
    Thread(Rc<Blocked>),
    /// Nobody: the function is called at once, between two instructions.
    Call(Value),
}

/// A thread that blocks until an operation has ended.
struct Blocked {
    thread: u32,
    result: RefCell<Option<Result<IoDone, IoError>>>,
}

impl Waits {
    /// Takes out the operations that are to be given up.
    fn take(&self, which: impl Fn(u64, u64, &Waiter) -> bool) -> Vec<(u64, Waiter)> {
        let mut all = self.0.borrow_mut();
        let gone: Vec<u64> = all.iter().filter(|(o, (s, h))| which(**o, *s, h)).map(|(o, _)| *o).collect();
        gone.into_iter().filter_map(|o| all.remove(&o).map(|(_, handle)| (o, handle))).collect()
    }
}

#[derive(Default)]
struct Network(Rc<Waits>);

impl Poller for Network {
    fn pending(&self) -> bool {
        !self.0.0.borrow().is_empty()
    }

    fn poll(&self, vm: &Vm, nanoseconds: Option<u64>) -> R<()> {
        vm.deliver_io(vm.host.io_wait(nanoseconds))
    }

    fn forget(&self, vm: &Vm, event_loop: &Value) {
        let of_loop = |h: &Value| h.payload::<HandleState>().is_some_and(|h| h.event_loop.peek().is(event_loop));
        let gone = self.0.take(|_, _, waiter| matches!(waiter, Waiter::Handle(h) if of_loop(h)));
        for (operation, handle) in gone {
            // What is given up cannot fail.
            let _ = vm.host.io_start(IoRequest::Cancel(operation));
            drop(handle);
        }
    }
}

impl Vm {
    /// Hands what has ended to whoever waits for it.
    pub fn deliver_io(&self, ended: Vec<(u64, Result<IoDone, IoError>)>) -> R<()> {
        let network = &self.state::<Network>().0;
        for (operation, result) in ended {
            let handle = network.0.borrow_mut().remove(&operation);
            match handle {
                Some((_, Waiter::Handle(handle))) => self.io_ended(&handle, result)?,
                Some((_, Waiter::Thread(blocked))) => {
                    *blocked.result.borrow_mut() = Some(result);
                    self.unpark(blocked.thread);
                }
                Some((_, Waiter::Call(f))) => {
                    let value = match result {
                        Ok(done) => self.io_value(done),
                        Err(e) => return Err(self.network_error(&e)),
                    };
                    self.call(&f, &[value])?;
                }
                None => self.io_unwanted(result),
            }
        }
        Ok(())
    }

    /// The network as a source of events, for a host that has more of these.
    pub fn network_poller(&self) -> Rc<dyn Poller> {
        Rc::new(Network(Rc::clone(&self.state::<Network>().0)))
    }

    /// Schedules the callback of an operation that has ended.
    fn io_ended(&self, handle: &Value, result: Result<IoDone, IoError>) -> R<()> {
        let Some(h) = handle.payload::<HandleState>() else { return Ok(()) };
        let lp = h.event_loop.get();
        let Some(l) = lp.payload::<LoopState>().filter(|l| !l.closed.get()) else {
            self.io_unwanted(result);
            return Ok(());
        };
        let args = match result {
            Ok(done) => [self.io_value(done), Value::NONE],
            Err(e) => [Value::NONE, self.network_error(&e).0],
        };
        h.args.set(self.tuple(args));
        l.enqueue(self, Ready::Call(handle.clone()))?;
        if l.thread.get() != NO_THREAD {
            self.unpark(l.thread.get());
        }
        Ok(())
    }

    /// Nobody waits for the result any more.
    fn io_unwanted(&self, result: Result<IoDone, IoError>) {
        if let Ok(IoDone::Socket { socket, .. }) = result {
            // Closing cannot fail.
            let _ = self.host.io_start(IoRequest::Close(socket));
        }
    }

    fn io_value(&self, done: IoDone) -> Value {
        match done {
            IoDone::Nothing => Value::NONE,
            IoDone::Count(n) => Value::small(n as i64),
            IoDone::Data(data) => self.bytes(&data),
            IoDone::Addresses(all) => self.list(all.iter().map(|a| self.address(a)).collect()),
            IoDone::Socket { socket, local, peer } => {
                self.tuple([Value::small(socket as i64), self.any_address(&local), self.any_address(&peer)])
            }
            IoDone::Number(n) => self.int(n),
            IoDone::Pair(a, b) => self.tuple([Value::small(a as i64), Value::small(b as i64)]),
            IoDone::Address(a) => self.any_address(&a),
            IoDone::Accepted(n, a) => self.tuple([Value::small(n as i64), self.any_address(&a)]),
            IoDone::Message(data, a) => self.tuple([self.bytes(&data), self.any_address(&a)]),
            IoDone::Text(text) => self.str(&text),
            IoDone::Ready(all) => {
                let pair =
                    |(n, what): &(u64, u8)| self.tuple([Value::small(*n as i64), Value::small(i64::from(*what))]);
                self.list(all.iter().map(pair).collect())
            }
        }
    }

    /// An address as scripts see it; names without a file are bytes.
    fn any_address(&self, a: &Address) -> Value {
        match a {
            Address::None => Value::NONE,
            Address::Inet(a) => self.address(a),
            Address::Path(path) if path.first() == Some(&0) => self.bytes(path),
            Address::Path(path) => self.str(&String::from_utf8_lossy(path)),
        }
    }

    fn address(&self, a: &SocketAddr) -> Value {
        let (ip, port) = (self.str(&a.ip().to_string()), Value::small(i64::from(a.port())));
        match a {
            SocketAddr::V4(_) => self.tuple([ip, port]),
            SocketAddr::V6(a) => {
                let (flow, scope) = (Value::small(i64::from(a.flowinfo())), Value::small(i64::from(a.scope_id())));
                self.tuple([ip, port, flow, scope])
            }
        }
    }

    fn network_error(&self, e: &IoError) -> Raised {
        let args = [Value::small(i64::from(e.code)), self.str(&e.message)];
        let names = if e.of_names { self.import_module("socket").ok() } else { None };
        let class = names.and_then(|socket| self.get_attr_text(&socket, "gaierror").ok());
        // The class chooses the subclass for the number.
        match self.call(&class.unwrap_or_else(|| self.types.os_error.value()), &args) {
            Ok(e) => Raised(e),
            Err(e) => e,
        }
    }

    /// Does at once what a request asks for.
    pub(crate) fn io_now(&self, request: IoRequest<'_>) -> R {
        match self.host.io_start(request) {
            Ok(IoStarted::Done(done)) => Ok(self.io_value(done)),
            Ok(IoStarted::Pending(_)) => Ok(Value::NONE),
            Err(e) => Err(self.network_error(&e)),
        }
    }

    /// Begins an operation whose callback is `a[1]`, in the loop `a[0]`.
    pub(crate) fn io_later(&self, a: &Args, socket: u64, request: IoRequest<'_>) -> R {
        if a[0].is_none() {
            return self.io_blocking(&a[1], socket, request);
        }
        super::event_loop::state(self, &a[0])?;
        let handle = self.handle(a[1].clone(), self.empty_tuple(), self.context_snapshot(), a[0].clone());
        match self.host.io_start(request) {
            Ok(IoStarted::Pending(operation)) => {
                self.io_waits(operation, socket, Waiter::Handle(handle));
                return Ok(Value::small(operation as i64));
            }
            Ok(IoStarted::Done(done)) => self.io_ended(&handle, Ok(done))?,
            Err(e) => self.io_ended(&handle, Err(e))?,
        }
        Ok(Value::NONE)
    }

    /// Begins an operation whose function is called between two instructions.
    pub(crate) fn io_calls(&self, f: &Value, request: IoRequest<'_>) -> R {
        match self.host.io_start(request) {
            Ok(IoStarted::Pending(operation)) => {
                self.io_waits(operation, 0, Waiter::Call(f.clone()));
                Ok(Value::small(operation as i64))
            }
            Ok(IoStarted::Done(_)) => Ok(Value::NONE),
            Err(e) => Err(self.network_error(&e)),
        }
    }

    /// Functions of signals that have arrived are called.
    #[cold]
    pub(crate) fn deliver_signals(&self, nanoseconds: u64) -> R<()> {
        let poller = self.sched.poller.borrow().clone();
        let Some(poller) = poller.filter(|_| self.sched.threads.current() == 0) else { return Ok(()) };
        for _ in 0..3 {
            // An interrupt that the script handles itself ends each wait until it is taken.
            let taken = self.sched.own_interrupts.get() && self.host.take_interrupt();
            poller.poll(self, Some(nanoseconds))?;
            if !taken && !self.sched.own_interrupts.get() {
                break;
            }
        }
        Ok(())
    }

    fn io_waits(&self, operation: u64, socket: u64, waiter: Waiter) {
        let network = &self.state::<Network>().0;
        network.0.borrow_mut().insert(operation, (socket, waiter));
        let mut poller = self.sched.poller.borrow_mut();
        if poller.is_none() {
            *poller = Some(Rc::new(Network(Rc::clone(network))));
        }
    }

    /// Does what a request asks for while the thread waits, at most so many seconds.
    pub(crate) fn io_blocking(&self, seconds: &Value, socket: u64, request: IoRequest<'_>) -> R {
        let until = if seconds.is_none() {
            None
        } else {
            let nanoseconds = self.to_f64(seconds)?.clamp(0.0, 1e9) * 1e9;
            Some(self.host.monotonic().saturating_add(nanoseconds as u64))
        };
        let operation = match self.host.io_start(request) {
            Ok(IoStarted::Pending(operation)) => operation,
            Ok(IoStarted::Done(done)) => return Ok(self.io_value(done)),
            Err(e) => return Err(self.network_error(&e)),
        };
        let blocked = Rc::new(Blocked { thread: self.sched.threads.current(), result: RefCell::default() });
        self.io_waits(operation, socket, Waiter::Thread(Rc::clone(&blocked)));
        let waited = if until.is_some_and(|t| t <= self.host.monotonic()) {
            // Nobody wants to wait: what has already happened counts.
            let poller = self.sched.poller.borrow().clone();
            poller.map_or(Ok(()), |p| p.poll(self, Some(0))).map(|()| blocked.result.borrow().is_some())
        } else {
            self.block(until, &|| blocked.result.borrow().is_some())
        };
        if let Some(result) = blocked.result.take() {
            waited?;
            return result.map(|done| self.io_value(done)).map_err(|e| self.network_error(&e));
        }
        let gone = self.state::<Network>().0.take(|o, _, _| o == operation);
        drop(gone);
        // What is given up cannot fail.
        let _ = self.host.io_start(IoRequest::Cancel(operation));
        waited?;
        Err(self.error(self.types.timeout_error.get(), "timed out"))
    }

    pub(crate) fn io_number(&self, v: &Value) -> R<u64> {
        Ok(u64::try_from(self.index(v)?).unwrap_or(u64::MAX))
    }

    fn io_port(&self, v: &Value) -> R<u16> {
        let port = self.index(v)?;
        u16::try_from(port)
            .map_err(|_| self.error(self.types.overflow_error.get(), "getsockaddrarg: port must be 0-65535."))
    }

    pub(crate) fn io_address(&self, v: &Value) -> R<SocketAddr> {
        let parts = self.collect(v)?;
        let (Some(host), Some(port)) = (parts.first(), parts.get(1)) else {
            return Err(self.type_error("an address is a host and a port"));
        };
        let text = self.to_text(host)?;
        let ip: IpAddr = match text.parse() {
            Ok(ip) => ip,
            Err(_) => return Err(self.value_error(format!("'{text}' is no IP address"))),
        };
        let mut address = SocketAddr::new(ip, self.io_port(port)?);
        if let (SocketAddr::V6(a), Some(scope)) = (&mut address, parts.get(3)) {
            a.set_scope_id(u32::try_from(self.index(scope)?).unwrap_or(0));
        }
        Ok(address)
    }
}

fn resolve(vm: &Vm, a: &Args) -> R {
    let host = if a[2].is_none() { None } else { Some(vm.to_text(&a[2])?) };
    let port = vm.io_port(&a[3])?;
    let listen = vm.truth(&a[4])?;
    vm.io_later(a, 0, IoRequest::Resolve { host: host.as_deref(), port, listen })
}

fn listen(vm: &Vm, a: &Args) -> R {
    let address = vm.io_address(&a[0])?;
    let backlog = u32::try_from(vm.index(&a[1])?).unwrap_or(0);
    let (reuse_address, reuse_port) = (vm.truth(&a[2])?, vm.truth(&a[3])?);
    vm.io_now(IoRequest::Listen { address, backlog, reuse_address, reuse_port })
}

fn accept(vm: &Vm, a: &Args) -> R {
    let socket = vm.io_number(&a[2])?;
    vm.io_later(a, socket, IoRequest::Accept(socket))
}

fn connect(vm: &Vm, a: &Args) -> R {
    let address = vm.io_address(&a[2])?;
    let local = if a[3].is_none() { None } else { Some(vm.io_address(&a[3])?) };
    vm.io_later(a, 0, IoRequest::Connect { address, local })
}

fn read(vm: &Vm, a: &Args) -> R {
    let most = usize::try_from(vm.index(&a[3])?).unwrap_or(1);
    let socket = vm.io_number(&a[2])?;
    vm.io_later(a, socket, IoRequest::Read(socket, most))
}

fn write(vm: &Vm, a: &Args) -> R {
    let socket = vm.io_number(&a[0])?;
    match a[1].byte_data() {
        Some(data) => vm.io_now(IoRequest::Write(socket, data)),
        None => vm.io_now(IoRequest::Write(socket, &vm.bytes_like(&a[1])?)),
    }
}

fn writable(vm: &Vm, a: &Args) -> R {
    let socket = vm.io_number(&a[2])?;
    vm.io_later(a, socket, IoRequest::Writable(socket))
}

fn shutdown(vm: &Vm, a: &Args) -> R {
    vm.io_now(IoRequest::Shutdown(vm.io_number(&a[0])?))
}

fn close(vm: &Vm, a: &Args) -> R {
    let socket = vm.io_number(&a[0])?;
    let gone = vm.state::<Network>().0.take(|_, s, _| s == socket);
    let done = vm.io_now(IoRequest::Close(socket));
    drop(gone);
    done
}

fn cancel(vm: &Vm, a: &Args) -> R {
    let operation = vm.io_number(&a[0])?;
    let gone = vm.state::<Network>().0.take(|o, _, _| o == operation);
    drop(gone);
    vm.io_now(IoRequest::Cancel(operation))
}
