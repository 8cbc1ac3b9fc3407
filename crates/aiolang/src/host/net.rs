//! The network of the real host: sockets on a runtime of tokio that runs only while the machine waits.

use super::files::Files;
use super::interrupt::Interrupt;
use super::reads::{CHUNK, Connection, Woken};
use aio_vm::host::{Address, IoDone, IoError, IoRequest, IoStarted};
use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Handle, Runtime};

/// What a future in the set ends with: a result that has not yet become a socket of the table.
pub(crate) enum Outcome {
    Done(IoDone),
    Stream(TcpStream),
    #[cfg(unix)]
    Accepted(std::os::fd::OwnedFd),
}

pub(crate) type Result<T, E = IoError> = std::result::Result<T, E>;
type Ended = (u64, Result<Outcome>);
type Operation = Pin<Box<dyn Future<Output = Ended>>>;

#[derive(Clone)]
pub(crate) enum Socket {
    Listener(Rc<TcpListener>),
    Stream(Rc<Connection>),
    #[cfg(unix)]
    Other(Rc<super::sockets::Other>),
}

#[cfg(unix)]
impl std::os::fd::AsFd for Socket {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self {
            Socket::Listener(s) => s.as_fd(),
            Socket::Stream(s) => s.stream.as_fd(),
            Socket::Other(s) => s.fd(),
        }
    }
}

impl Socket {
    /// Waits until something can be read.
    #[cfg(unix)]
    pub async fn readable(&self) -> io::Result<Outcome> {
        match self {
            Socket::Other(s) => s.ready(false).await,
            Socket::Stream(s) => s.stream.readable().await.map(|()| Outcome::Done(IoDone::Nothing)),
            // Connections of such a socket are accepted by the host itself.
            Socket::Listener(_) => Err(io::Error::from_raw_os_error(95)),
        }
    }
}

/// Sockets and the operations on them.
pub(crate) struct Network {
    // The operations and sockets go before the runtime that they are registered with.
    running: FuturesUnordered<Abortable<Operation>>,
    sockets: FxHashMap<u64, Socket>,
    #[cfg(unix)]
    wakened: Option<tokio::net::UnixStream>,
    /// A runtime of its own, unless the sockets are with the shared one.
    runtime: Option<Runtime>,
    shared: Option<Handle>,
    /// The files of the script, which can be waited for like sockets.
    files: Option<Rc<Files>>,
    /// Numbers of files that are in the table of sockets.
    adopted: FxHashSet<u64>,
    #[cfg(unix)]
    pub(crate) processes: super::processes::Processes,
    /// The operations that nobody has given up, with their sockets. Reads of connections are with these.
    pending: FxHashMap<u64, (u64, Option<AbortHandle>)>,
    woken: Arc<Woken>,
    /// The numbers that were woken last, whose list is used again.
    numbers: Vec<u64>,
    done: Vec<Ended>,
    buffer: Rc<RefCell<Vec<u8>>>,
    last: u64,
}

impl Drop for Network {
    fn drop(&mut self) {
        self.running.clear();
        self.sockets.clear();
        #[cfg(unix)]
        drop(self.wakened.take());
        if let Some(runtime) = self.runtime.take() {
            // Names that are still looked up hold nobody up.
            runtime.shutdown_background();
        }
    }
}

impl Network {
    pub fn new(interrupt: &Interrupt, files: Rc<Files>) -> Result<Network> {
        if tokio::runtime::Handle::try_current().is_ok() {
            // A runtime cannot run inside another one: embedders give such isolates a thread of their own.
            return Err(IoError { code: 95, message: "Operation not supported".to_owned(), of_names: false });
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
        #[cfg(unix)]
        let wakened = {
            let _entered = runtime.enter();
            interrupt.wakened().and_then(|pipe| tokio::net::UnixStream::from_std(pipe).ok())
        };
        #[cfg(not(unix))]
        let _ = interrupt;
        #[cfg_attr(not(unix), expect(unused_mut, reason = "there is nothing to add"))]
        let mut network = Network::over(Some(runtime), None, Some(files));
        #[cfg(unix)]
        {
            network.wakened = wakened;
        }
        Ok(network)
    }

    /// A network whose sockets are with the runtime that all isolates share. It is polled, and never waits.
    pub fn shared() -> Result<Network> {
        let runtime = shared_runtime().map_err(told)?;
        Ok(Network::over(None, Some(runtime), None))
    }

    /// A network without any sockets, on a runtime of its own or on the shared one.
    fn over(runtime: Option<Runtime>, shared: Option<Handle>, files: Option<Rc<Files>>) -> Network {
        Network {
            running: FuturesUnordered::new(),
            sockets: FxHashMap::default(),
            #[cfg(unix)]
            wakened: None,
            runtime,
            shared,
            files,
            adopted: FxHashSet::default(),
            #[cfg(unix)]
            processes: Default::default(),
            pending: FxHashMap::default(),
            woken: Arc::default(),
            numbers: Vec::new(),
            done: Vec::new(),
            buffer: Rc::default(),
            last: 0,
        }
    }

    /// What has ended, without waiting.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Vec<(u64, Result<IoDone>)> {
        let handle = self.shared.clone();
        let _entered = handle.as_ref().map(Handle::enter);
        self.drain(cx);
        self.take_done()
    }

    pub fn pending(&self) -> bool {
        !self.pending.is_empty()
    }

    pub fn start(&mut self, request: IoRequest<'_>) -> Result<IoStarted> {
        match request {
            IoRequest::Resolve { host, port, listen } => self.resolve(host, port, listen),
            IoRequest::Listen { address, backlog, reuse_address, reuse_port } => {
                let listener = self.entered(|| listen(address, backlog, reuse_address, reuse_port)).map_err(told)?;
                let local = listener.local_addr().map_err(told)?;
                let socket = self.keep(Socket::Listener(Rc::new(listener)));
                Ok(IoStarted::Done(IoDone::Socket { socket, local: Address::Inet(local), peer: Address::None }))
            }
            IoRequest::Accept(socket) => match self.kept(socket)? {
                Socket::Listener(listener) => {
                    Ok(self.begin(socket, async move { listener.accept().await.map(|(s, _)| Outcome::Stream(s)) }))
                }
                #[cfg(unix)]
                Socket::Other(s) => Ok(self.begin(socket, async move { s.accepted().await })),
                Socket::Stream(_) => Err(closed()),
            },
            IoRequest::Connect { address, local } => Ok(self.begin(0, connect(address, local))),
            IoRequest::Read(socket, most) => {
                let buffer = Rc::clone(&self.buffer);
                match self.kept(socket)? {
                    Socket::Stream(s) if s.begin(socket, self.last + 1, most, &self.woken) => {
                        self.last += 1;
                        self.pending.insert(self.last, (socket, None));
                        Ok(IoStarted::Pending(self.last))
                    }
                    Socket::Stream(s) => Ok(self.begin(socket, async move { s.read(most).await })),
                    #[cfg(unix)]
                    Socket::Other(s) => {
                        Ok(self.begin(socket, async move { s.read(&buffer, most.clamp(1, CHUNK)).await }))
                    }
                    Socket::Listener(_) => Err(closed()),
                }
            }
            IoRequest::Write(socket, data) => {
                let written = match self.kept(socket)? {
                    Socket::Stream(s) => s.stream.try_write(data),
                    #[cfg(unix)]
                    Socket::Other(s) => s.write(data),
                    Socket::Listener(_) => return Err(closed()),
                };
                match written {
                    Ok(n) => Ok(IoStarted::Done(IoDone::Count(n))),
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(IoStarted::Done(IoDone::Count(0))),
                    Err(e) => Err(told(e)),
                }
            }
            IoRequest::Writable(socket) => match self.kept(socket)? {
                Socket::Stream(s) => Ok(self
                    .begin(socket, async move { s.stream.writable().await.map(|()| Outcome::Done(IoDone::Nothing)) })),
                #[cfg(unix)]
                Socket::Other(s) => Ok(self.begin(socket, async move { s.ready(true).await })),
                Socket::Listener(_) => Err(closed()),
            },
            IoRequest::Shutdown(socket) => {
                let down = match self.kept(socket)? {
                    Socket::Stream(s) => socket2::SockRef::from(&s.stream).shutdown(std::net::Shutdown::Write),
                    #[cfg(unix)]
                    Socket::Other(s) => socket2::SockRef::from(&s.fd()).shutdown(std::net::Shutdown::Write),
                    Socket::Listener(_) => return Err(closed()),
                };
                down.map_err(told)?;
                Ok(IoStarted::Done(IoDone::Nothing))
            }
            #[cfg(unix)]
            IoRequest::Socket(request) => self.socket(request),
            #[cfg(unix)]
            IoRequest::Process(request) => self.process(request),
            #[cfg(not(unix))]
            IoRequest::Socket(_) | IoRequest::Process(_) => Err(told(io::Error::from_raw_os_error(95))),
            IoRequest::Close(socket) => {
                self.give_up(|_, of| of == socket);
                self.sockets.remove(&socket);
                if let Some(files) = &self.files {
                    files.socket_is_gone(socket);
                }
                Ok(IoStarted::Done(IoDone::Nothing))
            }
            IoRequest::Cancel(operation) => {
                self.give_up(|number, _| number == operation);
                Ok(IoStarted::Done(IoDone::Nothing))
            }
        }
    }

    /// Runs the runtime until an operation ends, the time is over or an interrupt comes.
    pub fn wait(&mut self, time: Option<Duration>, interrupt: &Interrupt) -> Vec<(u64, Result<IoDone>)> {
        let Some(runtime) = self.runtime.take() else {
            return Vec::new();
        };
        if tokio::runtime::Handle::try_current().is_ok() {
            // The machine was made outside of a runtime and now runs inside one.
            interrupt.sleep(time.unwrap_or(Duration::from_millis(50)));
        } else {
            runtime.block_on(self.turn(time, interrupt));
        }
        self.runtime = Some(runtime);
        self.take_done()
    }

    /// Collects what has ended.
    fn drain(&mut self, cx: &mut Context<'_>) {
        collect(&mut self.running, &mut self.done, cx);
        self.woken.take(cx, &mut self.numbers);
        for number in self.numbers.drain(..) {
            if let Some(Socket::Stream(s)) = self.sockets.get(&number)
                && let Some(ended) = s.go_on(&mut self.buffer.borrow_mut())
            {
                self.done.push(ended);
            }
        }
    }

    fn take_done(&mut self) -> Vec<(u64, Result<IoDone>)> {
        let ended = std::mem::take(&mut self.done);
        ended
            .into_iter()
            .filter_map(|(number, outcome)| {
                // What was given up in the meantime is not told.
                self.pending.remove(&number)?;
                Some((number, outcome.and_then(|o| self.settled(o))))
            })
            .collect()
    }

    async fn turn(&mut self, time: Option<Duration>, interrupt: &Interrupt) {
        #[cfg(unix)]
        let pipe = self.wakened.take();
        #[cfg(unix)]
        let wakened = pipe.as_ref();
        let at_once = time.is_some_and(|t| t.is_zero());
        let mut sleep = std::pin::pin!(tokio::time::sleep(time.unwrap_or(Duration::from_secs(86_400 * 365))));
        let mut again = std::pin::pin!(tokio::task::yield_now());
        let mut first = true;
        std::future::poll_fn(|cx| {
            self.drain(cx);
            let done = !self.done.is_empty();
            if std::mem::take(&mut first) && (at_once || done) {
                // The system is asked once in any case: what is ready all the time must not hide the rest.
                return again.as_mut().poll(cx);
            }
            if at_once || done || interrupt.wakes() {
                return Poll::Ready(());
            }
            #[cfg(unix)]
            if let Some(pipe) = wakened {
                while pipe.poll_read_ready(cx).is_ready() {
                    if interrupt.wakes() {
                        return Poll::Ready(());
                    }
                    // The byte was taken by another reader: the pipe is no longer ready.
                    let not_ready = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
                    let _ = pipe.try_io(tokio::io::Interest::READABLE, not_ready);
                }
            }
            sleep.as_mut().poll(cx)
        })
        .await;
        #[cfg(unix)]
        {
            self.wakened = pipe;
        }
    }

    pub(crate) fn entered<T>(&self, f: impl FnOnce() -> T) -> T {
        let _entered = self.shared.as_ref().map(Handle::enter).or_else(|| self.runtime.as_ref().map(Runtime::enter));
        f()
    }

    /// Enters a socket into the table; its number is the system's where the system has numbers.
    pub(crate) fn keep(&mut self, socket: Socket) -> u64 {
        #[cfg(unix)]
        let number = {
            use std::os::fd::{AsFd, AsRawFd};
            let number = socket.as_fd().as_raw_fd() as u64;
            self.files.as_ref().map_or(number, |files| files.number_for_socket(number))
        };
        #[cfg(not(unix))]
        let number = {
            self.last += 1;
            self.last
        };
        self.sockets.insert(number, socket);
        number
    }

    /// The socket with this number, or the file, which does not block from then on.
    pub(crate) fn kept(&mut self, socket: u64) -> Result<Socket> {
        match self.sockets.get(&socket) {
            Some(s) => Ok(s.clone()),
            None => self.adopt(socket),
        }
    }

    #[cfg(unix)]
    fn adopt(&mut self, file: u64) -> Result<Socket> {
        let Some(files) = &self.files else { return Err(closed()) };
        let copy = files.copy(file).map_err(told)?;
        rustix::io::ioctl_fionbio(&copy, true).map_err(|e| told(e.into()))?;
        let socket = Socket::Other(super::sockets::Other::new(copy));
        self.sockets.insert(file, socket.clone());
        self.adopted.insert(file);
        Ok(socket)
    }

    #[cfg(not(unix))]
    fn adopt(&mut self, _file: u64) -> Result<Socket> {
        Err(closed())
    }

    /// A file is closed: nobody waits for it any longer.
    pub(crate) fn file_is_closed(&mut self, file: u64) {
        if self.adopted.remove(&file) {
            self.give_up(|_, of| of == file);
            self.sockets.remove(&file);
        }
    }

    pub(crate) fn begin(&mut self, socket: u64, f: impl Future<Output = io::Result<Outcome>> + 'static) -> IoStarted {
        self.begin_told(socket, async { f.await.map_err(told) })
    }

    fn begin_told(&mut self, socket: u64, f: impl Future<Output = Result<Outcome>> + 'static) -> IoStarted {
        self.last += 1;
        let number = self.last;
        let (abort, registration) = AbortHandle::new_pair();
        let operation: Operation = Box::pin(async move { (number, f.await) });
        self.running.push(Abortable::new(operation, registration));
        self.pending.insert(number, (socket, Some(abort)));
        IoStarted::Pending(number)
    }

    /// Gives up operations, so that nothing holds their sockets any more.
    fn give_up(&mut self, which: impl Fn(u64, u64) -> bool) {
        let Network { pending, sockets, .. } = self;
        let mut aborted = false;
        pending.retain(|number, (socket, abort)| {
            let gone = which(*number, *socket);
            match abort {
                Some(abort) if gone => {
                    abort.abort();
                    aborted = true;
                }
                None if gone => {
                    if let Some(Socket::Stream(s)) = sockets.get(socket) {
                        s.give_up(*number);
                    }
                }
                _ => {}
            }
            !gone
        });
        if aborted {
            let shared = self.shared.clone();
            let _entered = shared.as_ref().map(Handle::enter).or_else(|| self.runtime.as_ref().map(Runtime::enter));
            collect(&mut self.running, &mut self.done, &mut Context::from_waker(futures_util::task::noop_waker_ref()));
        }
    }

    fn settled(&mut self, outcome: Outcome) -> Result<IoDone> {
        match outcome {
            Outcome::Done(done) => Ok(done),
            Outcome::Stream(stream) => {
                // Small answers go out at once, as in CPython.
                let _ = stream.set_nodelay(true);
                let local = Address::Inet(stream.local_addr().map_err(told)?);
                let peer = stream.peer_addr().map_or(Address::None, Address::Inet);
                let socket = self.keep(Socket::Stream(Rc::new(Connection::new(stream))));
                Ok(IoDone::Socket { socket, local, peer })
            }
            #[cfg(unix)]
            Outcome::Accepted(fd) => self.accepted(fd),
        }
    }

    fn resolve(&mut self, host: Option<&str>, port: u16, listen: bool) -> Result<IoStarted> {
        let Some(host) = host else {
            let all = if listen {
                vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))]
            } else {
                vec![SocketAddr::from((Ipv6Addr::LOCALHOST, port)), SocketAddr::from((Ipv4Addr::LOCALHOST, port))]
            };
            return Ok(IoStarted::Done(IoDone::Addresses(all)));
        };
        if let Ok(address) = host.parse() {
            return Ok(IoStarted::Done(IoDone::Addresses(vec![SocketAddr::new(address, port)])));
        }
        let host = host.to_owned();
        if let Some(prepare) = BEFORE_LOOKUPS.get() {
            prepare();
        }
        Ok(self.begin_told(0, async move {
            let unknown = || IoError { code: -2, message: "Name or service not known".to_owned(), of_names: true };
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), port)).await.map_err(|_| unknown())?.collect();
            if found.is_empty() { Err(unknown()) } else { Ok(Outcome::Done(IoDone::Addresses(found))) }
        }))
    }
}

/// What is called before names of hosts are looked up.
static BEFORE_LOOKUPS: OnceLock<fn()> = OnceLock::new();

/// Says what is to be called before the system looks for a name of a host. The first one who says something is heard.
pub fn before_lookups(prepare: fn()) {
    // Another one was first.
    let _ = BEFORE_LOOKUPS.set(prepare);
}

/// The runtime behind the sockets and timers of all embedded isolates: a thread that only waits for the system.
pub(crate) fn shared_runtime() -> io::Result<Handle> {
    static SHARED: OnceLock<Handle> = OnceLock::new();
    if let Some(handle) = SHARED.get() {
        return Ok(handle.clone());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let known = SHARED.get_or_init(|| handle.clone()).clone();
    if known.id() == handle.id() {
        let thread = std::thread::Builder::new().name("aio-events".to_owned());
        thread.spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    } else {
        // Another thread was faster. This runtime has no users, and nobody may wait for its end in a future.
        runtime.shutdown_background();
    }
    Ok(known)
}

/// Collects the operations that have ended.
fn collect(running: &mut FuturesUnordered<Abortable<Operation>>, done: &mut Vec<Ended>, cx: &mut Context<'_>) {
    while let Poll::Ready(Some(ended)) = running.poll_next_unpin(cx) {
        if let Ok(ended) = ended {
            done.push(ended)
        }
    }
}

fn listen(address: SocketAddr, backlog: u32, reuse_address: bool, reuse_port: bool) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(reuse_address)?;
    #[cfg(unix)]
    if reuse_port {
        socket.set_reuse_port(true)?;
    }
    #[cfg(not(unix))]
    let _ = reuse_port;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    TcpListener::from_std(socket.into())
}

async fn connect(address: SocketAddr, local: Option<SocketAddr>) -> io::Result<Outcome> {
    let socket = if address.is_ipv6() { tokio::net::TcpSocket::new_v6()? } else { tokio::net::TcpSocket::new_v4()? };
    if let Some(local) = local {
        socket.bind(local)?;
    }
    socket.connect(address).await.map(Outcome::Stream)
}

pub(crate) fn closed() -> IoError {
    IoError { code: 9, message: "Bad file descriptor".to_owned(), of_names: false }
}

/// The system's words for an error, without Rust's addition.
pub(crate) fn told(e: io::Error) -> IoError {
    let text = e.to_string();
    let message = text.split(" (os error").next().unwrap_or_default().to_owned();
    IoError { code: e.raw_os_error().unwrap_or(5), message, of_names: false }
}
