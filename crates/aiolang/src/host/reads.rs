//! Reads from connections. Each connection has a waker of its own, which says by its number that something may have come: so
//! a read needs no memory but for what it brings.

use super::net::{Outcome, Result, told};
use aio_vm::host::IoDone;
use futures_util::task::AtomicWaker;
use std::cell::{Cell, OnceCell};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use tokio::net::TcpStream;

/// Not more than this is read at once.
pub(crate) const CHUNK: usize = 1 << 18;

/// A connection, and the read that waits at it.
pub(crate) struct Connection {
    pub stream: TcpStream,
    waiting: Cell<Option<Waiting>>,
    waker: OnceCell<Waker>,
}

#[derive(Clone, Copy)]
struct Waiting {
    operation: u64,
    most: usize,
}

/// The numbers of connections at which something may have come, and who wants to know.
#[derive(Default)]
pub(crate) struct Woken {
    numbers: Mutex<Vec<u64>>,
    listener: AtomicWaker,
}

/// Tells of one connection.
struct Bell {
    number: u64,
    woken: Arc<Woken>,
}

impl Wake for Bell {
    fn wake(self: Arc<Bell>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Bell>) {
        self.woken.add(self.number);
        self.woken.listener.wake();
    }
}

impl Woken {
    fn add(&self, number: u64) {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).push(number);
    }

    /// Gives the numbers in exchange for an empty list; `cx` gets to know of the next ones.
    pub fn take(&self, cx: &mut Context<'_>, into: &mut Vec<u64>) {
        self.listener.register(cx.waker());
        std::mem::swap(&mut *self.numbers.lock().unwrap_or_else(PoisonError::into_inner), into);
    }
}

impl Connection {
    pub fn new(stream: TcpStream) -> Connection {
        Connection { stream, waiting: Cell::new(None), waker: OnceCell::new() }
    }

    /// Begins a read, unless there is one; tells whether it did.
    pub fn begin(&self, number: u64, operation: u64, most: usize, woken: &Arc<Woken>) -> bool {
        if self.waiting.get().is_some() {
            return false;
        }
        self.waiting.set(Some(Waiting { operation, most }));
        self.waker.get_or_init(|| Waker::from(Arc::new(Bell { number, woken: Arc::clone(woken) })));
        woken.add(number);
        true
    }

    /// Nobody wants the result of a read any more.
    pub fn give_up(&self, operation: u64) {
        if self.waiting.get().is_some_and(|w| w.operation == operation) {
            self.waiting.set(None);
        }
    }

    /// What the read that waits has come to, if it has.
    pub fn go_on(&self, buffer: &mut Vec<u8>) -> Option<(u64, Result<Outcome>)> {
        let (waiting, waker) = (self.waiting.get()?, self.waker.get()?);
        let mut cx = Context::from_waker(waker);
        loop {
            let got = match self.stream.poll_read_ready(&mut cx) {
                Poll::Pending => return None,
                Poll::Ready(Err(e)) => Err(e),
                Poll::Ready(Ok(())) => match try_read(&self.stream, buffer, waiting.most) {
                    Ok(None) => continue,
                    Ok(Some(data)) => Ok(data),
                    Err(e) => Err(e),
                },
            };
            self.waiting.set(None);
            return Some((waiting.operation, got.map_err(told)));
        }
    }

    /// A read beside another one.
    pub async fn read(&self, most: usize) -> io::Result<Outcome> {
        let mut buffer = Vec::new();
        loop {
            self.stream.readable().await?;
            if let Some(data) = try_read(&self.stream, &mut buffer, most)? {
                return Ok(data);
            }
        }
    }
}

/// Reads what has come; None if nothing has.
fn try_read(stream: &TcpStream, buffer: &mut Vec<u8>, most: usize) -> io::Result<Option<Outcome>> {
    let n = most.clamp(1, CHUNK);
    if buffer.len() < n {
        buffer.resize(n, 0);
    }
    let mut got = None;
    let tried = stream.try_io(tokio::io::Interest::READABLE, || {
        let read = (&*socket2::SockRef::from(stream)).read(&mut buffer[..n])?;
        got = Some(read);
        // Less than there was room for: nothing is left, which is told here, so that the next read waits for more
        // instead of asking in vain. The end stays readable.
        if 0 < read && read < n { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
    });
    match (got, tried) {
        (Some(read), _) => Ok(Some(Outcome::Done(IoDone::Data(buffer[..read].to_vec())))),
        (None, Err(e)) if e.kind() != io::ErrorKind::WouldBlock => Err(e),
        _ => Ok(None),
    }
}
