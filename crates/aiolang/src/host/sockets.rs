//! Sockets as scripts know them, and pipes: descriptors that do not block, watched only while somebody waits.

use super::net::{Network, Outcome, Result, Socket, closed, told};
use aio_vm::host::{Address, IoDone, IoError, IoStarted, SocketRequest};
use rustix::net::{RecvFlags, SocketAddrAny, SocketAddrUnix};
use socket2::{Domain, Protocol, SockAddr, SockRef, Type};
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::UnixStream;

/// More than this is never received at once.
const MOST: usize = 1 << 24;

/// A descriptor and, once somebody has waited for it, its copy in the runtime.
pub(crate) struct Other {
    fd: OwnedFd,
    /// The runtime watches any descriptor under the name of a stream; only readiness is asked of it.
    watch: RefCell<Option<Rc<UnixStream>>>,
}

impl Other {
    pub fn new(fd: OwnedFd) -> Rc<Other> {
        Rc::new(Other { fd, watch: RefCell::default() })
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    fn watched(&self) -> io::Result<Rc<UnixStream>> {
        let mut watch = self.watch.borrow_mut();
        if let Some(w) = &*watch {
            return Ok(Rc::clone(w));
        }
        let copy = std::os::unix::net::UnixStream::from(self.fd.try_clone()?);
        let made = Rc::new(UnixStream::from_std(copy)?);
        *watch = Some(Rc::clone(&made));
        Ok(made)
    }

    /// What was known of the descriptor is no longer true.
    fn forget(&self) {
        drop(self.watch.borrow_mut().take());
    }

    pub fn write(&self, data: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.fd, data) {
            Ok(n) => Ok(n),
            Err(rustix::io::Errno::AGAIN) => Ok(0),
            Err(e) => Err(e.into()),
        }
    }

    pub async fn read(&self, buffer: &RefCell<Vec<u8>>, most: usize) -> io::Result<Outcome> {
        let watch = self.watched()?;
        loop {
            watch.readable().await?;
            let mut buffer = buffer.borrow_mut();
            if buffer.len() < most {
                buffer.resize(most, 0);
            }
            let read = || rustix::io::read(&self.fd, &mut buffer[..most]).map_err(io::Error::from);
            match watch.try_io(Interest::READABLE, read) {
                Ok(n) => return Ok(Outcome::Done(IoDone::Data(buffer[..n].to_vec()))),
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// The next connection of a socket that listens.
    pub async fn accepted(&self) -> io::Result<Outcome> {
        loop {
            self.ready(false).await?;
            match SockRef::from(&self.fd).accept() {
                Ok((made, _)) => return Ok(Outcome::Accepted(made.into())),
                // Somebody else was faster.
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Waits until the descriptor is ready; the system has the last word.
    pub async fn ready(&self, write: bool) -> io::Result<Outcome> {
        let watch = self.watched()?;
        let kind = if write { Interest::WRITABLE } else { Interest::READABLE };
        loop {
            // The end of a pipe that is written to is "readable" when nobody reads it any more, which is an error.
            let found = watch.ready(kind | Interest::ERROR).await?;
            if is_ready(&self.fd, write) {
                return Ok(Outcome::Done(IoDone::Nothing));
            }
            // It was so once: the runtime is to look again, for each of the two on its own.
            let errors = found.is_error().then_some(Interest::ERROR);
            for seen in std::iter::once(kind).chain(errors) {
                let _ = watch.try_io(seen, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
            }
        }
    }
}

/// Waits until at least one of the sockets is ready.
async fn any_ready(all: Vec<(u64, u8, Socket)>) -> io::Result<Outcome> {
    loop {
        let now = |(number, events, socket): &(u64, u8, Socket)| {
            let read = events & 1 != 0 && is_ready(socket, false);
            let write = events & 2 != 0 && is_ready(socket, true);
            let found = u8::from(read) | u8::from(write) << 1;
            (found != 0).then_some((*number, found))
        };
        let ready: Vec<(u64, u8)> = all.iter().filter_map(now).collect();
        if !ready.is_empty() {
            return Ok(Outcome::Done(IoDone::Ready(ready)));
        }
        let mut waits: Vec<Pin<Box<dyn Future<Output = io::Result<Outcome>> + '_>>> = Vec::new();
        for (_, events, socket) in &all {
            if events & 1 != 0 {
                waits.push(Box::pin(socket.readable()));
            }
            if events & 2 != 0
                && let Socket::Other(other) = socket
            {
                waits.push(Box::pin(other.ready(true)));
            }
        }
        if waits.is_empty() {
            return std::future::pending().await;
        }
        futures_util::future::select_all(waits).await.0?;
    }
}

/// What can be done now, by the system.
pub(crate) fn is_ready(fd: &impl AsFd, write: bool) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let flags = if write { PollFlags::OUT } else { PollFlags::IN };
    let mut fds = [PollFd::new(fd, flags)];
    let none = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&none)).is_ok_and(|n| n > 0)
}

impl Network {
    /// A request about a socket.
    pub(crate) fn socket(&mut self, request: SocketRequest<'_>) -> Result<IoStarted> {
        if let SocketRequest::Readable(socket) = request {
            let socket_kept = self.kept(socket)?;
            return Ok(self.begin(socket, async move { socket_kept.readable().await }));
        }
        if let SocketRequest::AnyReady(wanted) = request {
            let mut all = Vec::new();
            for (number, events) in wanted {
                all.push((number, events, self.kept(number)?));
            }
            return Ok(self.begin(0, any_ready(all)));
        }
        self.socket_now(request).map(IoStarted::Done)
    }

    fn socket_now(&mut self, request: SocketRequest<'_>) -> Result<IoDone> {
        match request {
            SocketRequest::New { family, kind, protocol } => {
                let made = socket2::Socket::new(Domain::from(family), kind_of(kind), protocol_of(protocol));
                self.take_in(made.map_err(told)?.into())
            }
            SocketRequest::Pair { family, kind, protocol } => {
                let pair = socket2::Socket::pair(Domain::from(family), kind_of(kind), protocol_of(protocol));
                let (a, b) = pair.map_err(told)?;
                self.pair(a.into(), b.into())
            }
            SocketRequest::Pipe => {
                let (a, b) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|e| told(e.into()))?;
                self.pair(a, b)
            }
            SocketRequest::Duplicate(socket) => {
                let copy = self.kept(socket)?.as_fd().try_clone_to_owned().map_err(told)?;
                self.take_in(copy)
            }
            SocketRequest::Bind(socket, address) => {
                let kept = self.kept(socket)?;
                SockRef::from(&kept).bind(&to_system(address)?).map_err(told)?;
                Ok(IoDone::Nothing)
            }
            SocketRequest::Listen(socket, backlog) => {
                SockRef::from(&self.kept(socket)?).listen(backlog).map_err(told)?;
                Ok(IoDone::Nothing)
            }
            SocketRequest::Accept(socket) => {
                let (made, from) = SockRef::from(&self.kept(socket)?).accept().map_err(told)?;
                let IoDone::Number(number) = self.take_in(made.into())? else { return Err(closed()) };
                Ok(IoDone::Accepted(number.unsigned_abs(), from_system(&from)))
            }
            SocketRequest::Connect(socket, address) => {
                let kept = self.kept(socket)?;
                let connected = SockRef::from(&kept).connect(&to_system(address)?);
                if let Socket::Other(other) = &kept {
                    other.forget();
                }
                connected.map_err(told)?;
                Ok(IoDone::Nothing)
            }
            SocketRequest::Receive(socket, most, flags) => {
                let mut buffer = vec![0; most.min(MOST)];
                let flags = RecvFlags::from_bits_retain(flags.unsigned_abs());
                let kept = self.kept(socket)?;
                let (n, _) = rustix::net::recv(&kept, &mut buffer[..], flags).map_err(|e| told(e.into()))?;
                buffer.truncate(n);
                Ok(IoDone::Data(buffer))
            }
            SocketRequest::ReceiveFrom(socket, most, flags) => {
                let mut buffer = vec![0; most.min(MOST)];
                let flags = RecvFlags::from_bits_retain(flags.unsigned_abs());
                let kept = self.kept(socket)?;
                let (n, _, from) = rustix::net::recvfrom(&kept, &mut buffer[..], flags).map_err(|e| told(e.into()))?;
                buffer.truncate(n);
                Ok(IoDone::Message(buffer, from.map_or(Address::None, sender)))
            }
            SocketRequest::Send(socket, data, flags) => {
                let kept = self.kept(socket)?;
                let n = SockRef::from(&kept).send_with_flags(data, flags).map_err(told)?;
                Ok(IoDone::Count(n))
            }
            SocketRequest::SendTo(socket, data, flags, address) => {
                let kept = self.kept(socket)?;
                let address = to_system(address)?;
                let n = SockRef::from(&kept).send_to_with_flags(data, &address, flags).map_err(told)?;
                Ok(IoDone::Count(n))
            }
            SocketRequest::Shutdown(socket, how) => {
                let how = match how {
                    0 => Shutdown::Read,
                    1 => Shutdown::Write,
                    _ => Shutdown::Both,
                };
                SockRef::from(&self.kept(socket)?).shutdown(how).map_err(told)?;
                Ok(IoDone::Nothing)
            }
            SocketRequest::Local(socket) => {
                let address = SockRef::from(&self.kept(socket)?).local_addr().map_err(told)?;
                Ok(IoDone::Address(from_system(&address)))
            }
            SocketRequest::Peer(socket) => {
                let address = SockRef::from(&self.kept(socket)?).peer_addr().map_err(told)?;
                Ok(IoDone::Address(from_system(&address)))
            }
            SocketRequest::Option(socket, level, option) => {
                let kept = self.kept(socket)?;
                Ok(IoDone::Number(get_option(&SockRef::from(&kept), level, option)?))
            }
            SocketRequest::SetOption(socket, level, option, value) => {
                let kept = self.kept(socket)?;
                set_option(&SockRef::from(&kept), level, option, value)?;
                Ok(IoDone::Nothing)
            }
            SocketRequest::Failure(socket) => match SockRef::from(&self.kept(socket)?).take_error().map_err(told)? {
                Some(e) => Err(told(e)),
                None => Ok(IoDone::Nothing),
            },
            SocketRequest::HostName => {
                let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
                Ok(IoDone::Text(name))
            }
            SocketRequest::Readable(_) | SocketRequest::AnyReady(_) => Err(closed()),
        }
    }

    /// A connection that was accepted.
    pub(crate) fn accepted(&mut self, fd: OwnedFd) -> Result<IoDone> {
        let local = SockRef::from(&fd).local_addr().map_or(Address::None, |a| from_system(&a));
        let peer = SockRef::from(&fd).peer_addr().map_or(Address::None, |a| from_system(&a));
        match self.take_in(fd)? {
            IoDone::Number(socket) => Ok(IoDone::Socket { socket: socket.unsigned_abs(), local, peer }),
            _ => Err(closed()),
        }
    }

    fn take_in(&mut self, fd: OwnedFd) -> Result<IoDone> {
        rustix::io::ioctl_fionbio(&fd, true).map_err(|e| told(e.into()))?;
        Ok(IoDone::Number(self.keep(Socket::Other(Other::new(fd))).cast_signed()))
    }

    fn pair(&mut self, a: OwnedFd, b: OwnedFd) -> Result<IoDone> {
        match (self.take_in(a)?, self.take_in(b)?) {
            (IoDone::Number(a), IoDone::Number(b)) => Ok(IoDone::Pair(a.unsigned_abs(), b.unsigned_abs())),
            _ => Err(closed()),
        }
    }
}

/// The flags that scripts may add to the kind are the usual state here.
fn kind_of(kind: i32) -> Type {
    Type::from(kind & 0xF)
}

fn protocol_of(protocol: i32) -> Option<Protocol> {
    (protocol != 0).then(|| Protocol::from(protocol))
}

fn to_system(address: &Address) -> Result<SockAddr> {
    match address {
        Address::Inet(a) => Ok(SockAddr::from(*a)),
        Address::Path(path) => SockAddr::unix(std::ffi::OsStr::from_bytes(path)).map_err(|_| IoError {
            code: 36,
            message: "AF_UNIX path too long".to_owned(),
            of_names: false,
        }),
        Address::None => Err(IoError { code: 22, message: "Invalid argument".to_owned(), of_names: false }),
    }
}

fn from_system(address: &SockAddr) -> Address {
    if let Some(inet) = address.as_socket() {
        return Address::Inet(inet);
    }
    if let Some(path) = address.as_pathname() {
        return Address::Path(path.as_os_str().as_bytes().to_vec());
    }
    match address.as_abstract_namespace() {
        Some(name) => Address::Path([&[0], name].concat()),
        None if address.is_unix() => Address::Path(Vec::new()),
        None => Address::None,
    }
}

fn sender(address: SocketAddrAny) -> Address {
    if let Ok(a) = std::net::SocketAddr::try_from(address.clone()) {
        return Address::Inet(a);
    }
    match SocketAddrUnix::try_from(address) {
        Ok(a) => Address::Path(a.path_bytes().map(<[u8]>::to_vec).unwrap_or_default()),
        Err(_) => Address::None,
    }
}

fn unknown_option() -> IoError {
    IoError { code: 92, message: "Protocol not available".to_owned(), of_names: false }
}

fn get_option(s: &SockRef<'_>, level: i32, option: i32) -> Result<i64> {
    let seconds = |d: Option<Duration>| d.map_or(0, |d| d.as_secs().cast_signed());
    let got = match (level, option) {
        (1, 2) => s.reuse_address().map(i64::from),
        (1, 3) => s.r#type().map(|t| i64::from(i32::from(t))),
        (1, 4) => s.take_error().map(|e| e.and_then(|e| e.raw_os_error()).map_or(0, i64::from)),
        (1, 6) => s.broadcast().map(i64::from),
        (1, 7) => s.send_buffer_size().map(|n| n as i64),
        (1, 8) => s.recv_buffer_size().map(|n| n as i64),
        (1, 9) => s.keepalive().map(i64::from),
        (1, 13) => s.linger().map(seconds),
        (1, 15) => s.reuse_port().map(i64::from),
        (1, 30) => s.is_listener().map(i64::from),
        (1, 38) => s.protocol().map(|p| p.map_or(0, |p| i64::from(i32::from(p)))),
        (1, 39) => s.domain().map(|d| i64::from(i32::from(d))),
        (6, 1) => s.tcp_nodelay().map(i64::from),
        (6, 4) => s.tcp_keepalive_time().map(|d| seconds(Some(d))),
        (6, 5) => s.tcp_keepalive_interval().map(|d| seconds(Some(d))),
        (6, 6) => s.tcp_keepalive_retries().map(i64::from),
        (41, 26) => s.only_v6().map(i64::from),
        (0, 2) => s.ttl_v4().map(i64::from),
        _ => return Err(unknown_option()),
    };
    got.map_err(told)
}

fn set_option(s: &SockRef<'_>, level: i32, option: i32, value: i32) -> Result<()> {
    let on = value != 0;
    let size = usize::try_from(value).unwrap_or(0);
    let seconds = Duration::from_secs(size as u64);
    let alive = socket2::TcpKeepalive::new();
    let set = match (level, option) {
        (1, 2) => s.set_reuse_address(on),
        (1, 6) => s.set_broadcast(on),
        (1, 7) => s.set_send_buffer_size(size),
        (1, 8) => s.set_recv_buffer_size(size),
        (1, 9) => s.set_keepalive(on),
        (1, 13) => s.set_linger(on.then_some(seconds)),
        (1, 15) => s.set_reuse_port(on),
        (6, 1) => s.set_tcp_nodelay(on),
        (6, 4) => s.set_tcp_keepalive(&alive.with_time(seconds)),
        (6, 5) => s.set_tcp_keepalive(&alive.with_interval(seconds)),
        (6, 6) => s.set_tcp_keepalive(&alive.with_retries(value.unsigned_abs())),
        (41, 26) => s.set_only_v6(on),
        (0, 2) => s.set_ttl_v4(value.unsigned_abs()),
        _ => return Err(unknown_option()),
    };
    set.map_err(told)
}
