//! How a connection goes on: records come out of one buffer and go into another.

use super::bio::MemoryBio;
use super::failure::{Failure, Refusal, reason};
use super::parameters::{Parameters, Side};
use aio_vm::{Payload, Value, Vm};
use rustls::pki_types::ServerName;
use rustls::server::{Accepted, Acceptor};
use rustls::{Connection, Error, ServerConfig};
use std::cell::{Cell, OnceCell, RefCell};
use std::io::{BufRead, Write};
use std::sync::Arc;

/// How far a connection is.
pub enum State {
    /// A server before the hello of the client.
    Listening(Acceptor),
    /// A server that has the hello, and not the parameters yet.
    Asked(Accepted),
    Open(Connection),
    /// Nothing more can be done; whether the other side has said why.
    Failed(bool),
}

pub struct Session {
    pub state: RefCell<State>,
    /// The Parameters; a server gets them after the hello.
    pub parameters: OnceCell<Value>,
    pub incoming: Value,
    pub outgoing: Value,
    /// The part of a record that has come.
    pub record: RefCell<Vec<u8>>,
    /// What can be read of the last record.
    pub left: RefCell<Vec<u8>>,
    pub chain: RefCell<Vec<Vec<u8>>>,
    pub said_end: Cell<bool>,
    pub heard_end: Cell<bool>,
    begun: Cell<bool>,
}

impl Payload for Session {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.incoming);
        visit(&self.outgoing);
        self.parameters.get().into_iter().for_each(visit);
    }
}

/// What comes out of a buffer.
enum Next {
    Record(Vec<u8>),
    Nothing,
    End,
}

/// What is in front of each record.
pub const HEADER: usize = 5;

impl Session {
    /// A connection between two buffers.
    pub fn new(state: State, parameters: Option<Value>, incoming: Value, outgoing: Value) -> Session {
        Session {
            state: RefCell::new(state),
            parameters: parameters.map(OnceCell::from).unwrap_or_default(),
            incoming,
            outgoing,
            record: RefCell::default(),
            left: RefCell::default(),
            chain: RefCell::default(),
            said_end: Cell::new(false),
            heard_end: Cell::new(false),
            begun: Cell::new(false),
        }
    }

    pub fn parameters(&self) -> Option<&Parameters> {
        self.parameters.get().and_then(|v| v.payload::<Parameters>())
    }

    fn incoming(&self) -> Option<&MemoryBio> {
        self.incoming.payload::<MemoryBio>()
    }

    /// Takes a record out of the buffer, or the part of it that is there.
    fn next_record(&self, of_server: bool) -> Result<Next, Failure> {
        let Some(bio) = self.incoming() else { return Ok(Next::End) };
        let mut record = self.record.borrow_mut();
        loop {
            let length = match record.get(..HEADER) {
                None => 0,
                Some(header) => {
                    check_header(header, of_server && !self.begun.get())?;
                    body_length(header)
                }
            };
            let whole = HEADER + length;
            if record.len() >= whole && length > 0 {
                self.begun.set(true);
                return Ok(Next::Record(std::mem::take(&mut *record)));
            }
            let before = record.len();
            bio.take(whole - before, &mut record);
            if record.len() == HEADER && record[3] == 0 && record[4] == 0 {
                // Records without content are nothing.
                record.clear();
            } else if record.len() == before {
                return Ok(if bio.at_end() { Next::End } else { Next::Nothing });
            }
        }
    }

    /// Puts what is to be sent into the buffer.
    pub fn flush(&self, open: &mut Connection) {
        let Some(mut bio) = self.outgoing.payload::<MemoryBio>() else { return };
        while open.wants_write() && open.write_tls(&mut bio).is_ok() {}
    }

    /// Shows the connection a record.
    fn take_in(&self, vm: &Vm, open: &mut Connection, record: &[u8]) -> Result<(), Failure> {
        let parameters = self.parameters();
        if let Some(p) = parameters {
            p.clock.read(vm);
        }
        let mut rest = record;
        let mut taken = Ok(());
        while !rest.is_empty() && taken.is_ok() {
            match open.read_tls(&mut rest) {
                Ok(n) if n > 0 => {}
                _ => return Err(Failure::Reason("DATA_LENGTH_TOO_LONG")),
            }
            taken = open.process_new_packets().map(|state| {
                if state.peer_has_closed() {
                    self.heard_end.set(true);
                }
            });
        }
        self.flush(open);
        let (refusal, chain) = parameters.map(|p| p.trust.take_outcome()).unwrap_or_default();
        if !chain.is_empty() {
            *self.chain.borrow_mut() = chain;
        }
        taken.map_err(|error| failed(&error, refusal))
    }

    /// Does something with the connection if it stands. A failure is its end.
    pub fn with<T>(&self, f: impl FnOnce(&mut Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let Ok(mut state) = self.state.try_borrow_mut() else { return Err(Failure::Reason("INTERNAL_ERROR")) };
        let done = match &mut *state {
            State::Open(open) => f(open),
            State::Failed(told) => Err(Failure::after(*told)),
            _ => Err(Failure::Reason("UNINITIALIZED")),
        };
        match &done {
            Err(Failure::Alert(_)) => *state = State::Failed(true),
            Err(Failure::Reason(_) | Failure::Certificate(_) | Failure::End) => *state = State::Failed(false),
            _ => {}
        }
        done
    }

    pub fn shake(&self, vm: &Vm) -> Result<i64, Failure> {
        if let Some(answer) = self.listen()? {
            return Ok(answer);
        }
        self.with(|open| {
            self.flush(open);
            while open.is_handshaking() {
                match self.next_record(matches!(open, Connection::Server(_)))? {
                    Next::Record(record) => self.take_in(vm, open, &record)?,
                    Next::Nothing => return Ok(1),
                    Next::End => return Err(Failure::End),
                }
            }
            self.flush(open);
            Ok(0)
        })
    }

    /// A server waits for the hello; the answer is none once the connection stands.
    fn listen(&self) -> Result<Option<i64>, Failure> {
        let mut state = self.state.borrow_mut();
        let State::Listening(acceptor) = &mut *state else {
            return match &*state {
                State::Asked(_) => Ok(Some(2)),
                State::Failed(told) => Err(Failure::after(*told)),
                _ => Ok(None),
            };
        };
        let failure = loop {
            let record = match self.next_record(true) {
                Ok(Next::Record(record)) => record,
                Ok(Next::Nothing) => return Ok(Some(1)),
                Ok(Next::End) => break Failure::End,
                Err(failure) => break failure,
            };
            let mut rest = record.as_slice();
            while !rest.is_empty() {
                if acceptor.read_tls(&mut rest).is_err() {
                    break;
                }
            }
            match acceptor.accept() {
                Ok(None) => {}
                Ok(Some(accepted)) => {
                    *state = State::Asked(accepted);
                    return Ok(Some(2));
                }
                Err((error, mut alert)) => {
                    if let Some(mut bio) = self.outgoing.payload::<MemoryBio>() {
                        // Writing to a buffer cannot fail.
                        let _ = alert.write_all(&mut bio);
                    }
                    break failed(&error, None);
                }
            }
        };
        *state = State::Failed(false);
        Err(failure)
    }

    pub fn take_hello(&self, parameters: &Parameters) -> Result<(), Failure> {
        let taken = self.state.replace(State::Failed(false));
        let State::Asked(accepted) = taken else {
            self.state.replace(taken);
            return Ok(());
        };
        let Side::Server(config) = &parameters.side else {
            self.alert(70);
            return Err(Failure::Reason("NO_PROTOCOLS_AVAILABLE"));
        };
        if !parameters.has_keys {
            self.alert(40);
            return Err(Failure::Reason("NO_SHARED_CIPHER"));
        }
        let config = suited(config, &accepted_protocols(&accepted));
        match accepted.into_connection(config) {
            Ok(mut open) => {
                // The buffer is as long as what is written.
                open.set_buffer_limit(None);
                self.state.replace(State::Open(Connection::Server(open)));
                Ok(())
            }
            Err((error, mut alert)) => {
                if let Some(mut bio) = self.outgoing.payload::<MemoryBio>() {
                    // Writing to a buffer cannot fail.
                    let _ = alert.write_all(&mut bio);
                }
                Err(failed(&error, None))
            }
        }
    }

    pub fn alert(&self, description: u8) {
        if let Some(mut bio) = self.outgoing.payload::<MemoryBio>() {
            // Writing to a buffer cannot fail.
            let _ = bio.write_all(&[21, 3, 3, 0, 2, 2, description]);
        }
    }

    /// Returns some bytes, `None` if more must come.
    pub fn take_out(&self, vm: &Vm, most: usize) -> Result<Option<Vec<u8>>, Failure> {
        self.with(|open| {
            loop {
                let mut left = self.left.borrow_mut();
                if !left.is_empty() {
                    let n = most.min(left.len());
                    return Ok(Some(left.drain(..n).collect()));
                }
                if let Ok(chunk) = open.reader().into_first_chunk() {
                    left.extend_from_slice(chunk);
                }
                if !left.is_empty() {
                    open.reader().consume(left.len());
                    continue;
                }
                drop(left);
                if self.heard_end.get() {
                    return if self.said_end.get() { Err(Failure::Closed) } else { Ok(Some(Vec::new())) };
                }
                match self.next_record(false)? {
                    Next::Record(record) => self.take_in(vm, open, &record)?,
                    Next::Nothing => return Ok(None),
                    Next::End => return Err(Failure::End),
                }
            }
        })
    }

    pub fn shut(&self, vm: &Vm) -> Result<bool, Failure> {
        if !self.is_ready() {
            return Err(Failure::Reason("SHUTDOWN_WHILE_IN_INIT"));
        }
        self.with(|open| {
            if !self.said_end.replace(true) {
                open.send_close_notify();
                self.flush(open);
                if !self.heard_end.get() {
                    // As OpenSSL's first call: what the other side says is for the second one.
                    self.drain_end(vm, open)?;
                }
                return Ok(self.heard_end.get());
            }
            self.drain_end(vm, open)?;
            Ok(self.heard_end.get())
        })
    }

    /// Looks for the end of the other side; it must be the next thing that comes.
    fn drain_end(&self, vm: &Vm, open: &mut Connection) -> Result<(), Failure> {
        while !self.heard_end.get() {
            if !self.left.borrow().is_empty() {
                return Err(Failure::Reason("APPLICATION_DATA_AFTER_CLOSE_NOTIFY"));
            }
            match self.next_record(false)? {
                Next::Record(record) => self.take_in(vm, open, &record)?,
                Next::Nothing => return Ok(()),
                Next::End => return Err(Failure::End),
            }
            if open.reader().into_first_chunk().is_ok_and(|chunk| !chunk.is_empty()) {
                return Err(Failure::Reason("APPLICATION_DATA_AFTER_CLOSE_NOTIFY"));
            }
        }
        Ok(())
    }

    /// Looks at the connection, if it stands.
    pub fn look<T>(&self, f: impl FnOnce(&Connection) -> Option<T>) -> Option<T> {
        match &*self.state.borrow() {
            State::Open(open) => f(open),
            _ => None,
        }
    }

    fn is_ready(&self) -> bool {
        matches!(&*self.state.borrow(), State::Open(open) if !open.is_handshaking())
    }
}

fn failed(error: &Error, refusal: Option<Refusal>) -> Failure {
    match refusal.filter(|_| matches!(error, Error::InvalidCertificate(_))) {
        Some(refusal) => Failure::Certificate(refusal),
        None if matches!(error, Error::AlertReceived(_)) => Failure::Alert(reason(error)),
        None => Failure::Reason(reason(error)),
    }
}

/// What the five bytes in front of a record say of its length.
pub fn body_length(header: &[u8]) -> usize {
    usize::from(header[3]) << 8 | usize::from(header[4])
}

/// What is no TLS is noticed by the beginning of the record.
fn check_header(header: &[u8], first_of_server: bool) -> Result<(), Failure> {
    if matches!(header[0], 20..=24) && header[1] == 3 {
        return Ok(());
    }
    if first_of_server {
        if [b"GET ", b"POST", b"HEAD", b"PUT "].iter().any(|method| header.starts_with(*method)) {
            return Err(Failure::Reason("HTTP_REQUEST"));
        }
        if header.starts_with(b"CONNE") {
            return Err(Failure::Reason("HTTPS_PROXY_REQUEST"));
        }
    }
    Err(Failure::Reason("WRONG_VERSION_NUMBER"))
}

/// The protocols that a client offers.
pub fn accepted_protocols(accepted: &Accepted) -> Vec<Vec<u8>> {
    accepted.client_hello().alpn().map(|all| all.map(<[u8]>::to_vec).collect()).unwrap_or_default()
}

/// Where both sides have protocols and none in common, CPython goes on without one.
fn suited(config: &Arc<ServerConfig>, offered: &[Vec<u8>]) -> Arc<ServerConfig> {
    if offered.is_empty() || config.alpn_protocols.iter().any(|p| offered.contains(p)) {
        return Arc::clone(config);
    }
    let mut without = ServerConfig::clone(config);
    without.alpn_protocols.clear();
    Arc::new(without)
}

/// What stands for the name of a host that is not given: no name is sent with an address.
pub fn no_name() -> ServerName<'static> {
    ServerName::IpAddress(std::net::IpAddr::from(std::net::Ipv4Addr::UNSPECIFIED).into())
}
