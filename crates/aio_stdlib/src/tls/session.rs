//! One connection, as scripts see it.

use super::bio;
use super::connection::{HEADER, Session, State, accepted_protocols, body_length, no_name};
use super::failure::{Failure, Place, plain};
use super::parameters::{Parameters, Side};
use super::suites;
use aio_vm::{Args, R, TypeTable, Value, Vm, getter, method};
use rustls::pki_types::ServerName;
use rustls::server::Acceptor;
use rustls::{ClientConnection, Connection, ProtocolVersion};
use std::cell::OnceCell;
use std::io::Write;
use std::sync::Arc;

static SESSION: TypeTable = TypeTable {
    doc: "One side of a connection.",
    rows: &[
        method(
            "handshake(self, /)",
            handshake,
            "Go on with the handshake: 0 if it is over, 1 if more must come, 2 if accept() must be called.",
        ),
        method("hello(self, /)", hello, "Return what the client asks for: name, protocols, suites."),
        method("accept(self, parameters, /)", accept, "Go on with the parameters of a context."),
        method("refuse(self, alert, /)", refuse, "Send an alert instead of accepting."),
        method("read(self, most, /)", read, "Return some bytes, none at the end, None if more must come."),
        method("write(self, data, /)", write, "Encrypt some bytes."),
        method("close(self, /)", close, "Say that nothing more comes; return whether the other side has said so."),
        method("certificates(self, verified, /)", certificates, "Return the certificates of the other side, or None."),
        method("export(self, label, n, /)", export, "Return bytes that both sides know, and nobody else."),
        getter("shaking(self)", shaking, "Whether the handshake goes on."),
        getter("verifies(self)", verifies, "Whether the other side's certificate is looked at."),
        getter("wanted(self)", wanted, "How many bytes are missing from the next record."),
        getter("pending(self)", pending, "How much can be read before more must come."),
        getter("version(self)", version, "The protocol."),
        getter("cipher(self)", cipher, "The cipher suite."),
        getter("protocol(self)", protocol, "The protocol above this one that both sides speak."),
    ],
    next: None,
};

#[derive(Default)]
struct Class(OnceCell<Value>);

fn made(vm: &Vm, state: State, parameters: Option<Value>, incoming: &Value, outgoing: &Value) -> R {
    bio::of(vm, incoming)?;
    bio::of(vm, outgoing)?;
    let object = vm.types.object.get();
    let class = vm.state::<Class>().0.get_or_init(|| vm.native_class("_ssl", "Session", object, 0, &SESSION));
    let Some(class) = class.as_class() else { return Err(plain(vm, "_ssl has no class")) };
    let session = Session::new(state, parameters, incoming.clone(), outgoing.clone());
    Ok(vm.opaque(class, session))
}

/// Makes the connection of a client.
pub fn client(vm: &Vm, a: &Args) -> R {
    let Some(parameters) = a[0].payload::<Parameters>() else {
        return Err(vm.type_error("parameters are expected"));
    };
    parameters.clock.read(vm);
    let name = match a.some(3) {
        Some(name) => {
            let name = vm.to_text(name)?;
            match ServerName::try_from(name) {
                Ok(name) => name,
                Err(_) => return Err(vm.value_error("server_hostname is no name of a host")),
            }
        }
        None => no_name(),
    };
    let state = match &parameters.side {
        Side::Client(config) => match ClientConnection::new(Arc::clone(config), name) {
            Ok(mut open) => {
                // The buffer is as long as what is written.
                open.set_buffer_limit(None);
                State::Open(Connection::Client(open))
            }
            Err(_) => State::Failed(false),
        },
        _ => State::Failed(false),
    };
    made(vm, state, Some(a[0].clone()), &a[1], &a[2])
}

/// Makes the connection of a server.
pub fn server(vm: &Vm, a: &Args) -> R {
    made(vm, State::Listening(Acceptor::default()), None, &a[0], &a[1])
}

fn session<'a>(vm: &Vm, v: &'a Value) -> R<&'a Session> {
    v.payload::<Session>().ok_or_else(|| vm.type_error("a session is expected"))
}

fn handshake(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    if s.parameters().is_some_and(|p| matches!(p.side, Side::Nothing)) {
        return Err(Failure::Reason("NO_PROTOCOLS_AVAILABLE").raise(vm, Place::Handshake));
    }
    s.shake(vm).map(Value::small).map_err(|e| e.raise(vm, Place::Handshake))
}

fn hello(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    let (name, protocols, ids) = match &*s.state.borrow() {
        State::Asked(accepted) => {
            let hello = accepted.client_hello();
            let ids: Vec<_> = hello.cipher_suites().to_vec();
            (hello.server_name().map(str::to_owned), accepted_protocols(accepted), ids)
        }
        _ => (None, Vec::new(), Vec::new()),
    };
    let known = ids.into_iter().filter_map(suites::find).map(|suite| suites::shown(vm, suite)).collect();
    let name = name.map_or(Value::NONE, |n| vm.str(&n));
    let protocols = protocols.iter().map(|p| vm.bytes(p)).collect();
    Ok(vm.tuple([name, vm.list(protocols), vm.list(known)]))
}

fn accept(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    let Some(parameters) = a[1].payload::<Parameters>() else {
        return Err(vm.type_error("parameters are expected"));
    };
    parameters.clock.read(vm);
    // It is given once: the hello is taken with it.
    let _ = s.parameters.set(a[1].clone());
    s.take_hello(parameters).map_err(|e| e.raise(vm, Place::Handshake))?;
    Ok(Value::NONE)
}

fn refuse(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    s.alert(u8::try_from(vm.index(&a[1])?).unwrap_or(80));
    s.state.replace(State::Failed(false));
    Ok(Value::NONE)
}

fn read(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    let most = usize::try_from(vm.index(&a[1])?).unwrap_or(0);
    match s.take_out(vm, most) {
        Ok(Some(data)) => {
            vm.note_bytes(data.len());
            Ok(vm.bytes(&data))
        }
        Ok(None) => Ok(Value::NONE),
        Err(Failure::Closed) if !s.said_end.get() => Ok(vm.bytes(&[])),
        Err(e) => Err(e.raise(vm, Place::Read)),
    }
}

fn write(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    if s.said_end.get() {
        return Err(Failure::Reason("PROTOCOL_IS_SHUTDOWN").raise(vm, Place::Write));
    }
    let put = |data: &[u8]| {
        vm.note_bytes(data.len());
        s.with(|open| {
            let done = open.writer().write_all(data).map_err(|_| Failure::Reason("INTERNAL_ERROR"));
            s.flush(open);
            done
        })
        .map(|()| vm.int(data.len() as i64))
    };
    let done = match a[1].byte_data() {
        Some(data) => put(data),
        None => put(&vm.bytes_like(&a[1])?),
    };
    done.map_err(|e| e.raise(vm, Place::Write))
}

fn close(vm: &Vm, a: &Args) -> R {
    session(vm, &a[0])?.shut(vm).map(Value::bool).map_err(|e| e.raise(vm, Place::Shutdown))
}

fn certificates(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    let all: Option<Vec<Vec<u8>>> = if vm.truth(&a[1])? {
        Some(s.chain.borrow().clone())
    } else {
        s.look(|open| open.peer_certificates().map(|all| all.iter().map(|c| c.to_vec()).collect()))
    };
    Ok(all.map_or(Value::NONE, |all| vm.list(all.iter().map(|der| vm.bytes(der)).collect())))
}

fn export(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    let label = vm.bytes_like(&a[1])?;
    let buffer = vec![0; usize::try_from(vm.index(&a[2])?).unwrap_or(0).min(1 << 16)];
    let found = s.look(|open| open.export_keying_material(buffer, &label, None).ok());
    Ok(found.map_or(Value::NONE, |found| vm.bytes(&found)))
}

fn shaking(vm: &Vm, a: &Args) -> R {
    let shaking = match &*session(vm, &a[0])?.state.borrow() {
        State::Open(open) => open.is_handshaking(),
        State::Failed(_) => false,
        _ => true,
    };
    Ok(Value::bool(shaking))
}

fn verifies(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(session(vm, &a[0])?.parameters().is_some_and(|p| p.verifies)))
}

fn wanted(vm: &Vm, a: &Args) -> R {
    let s = session(vm, &a[0])?;
    let record = s.record.borrow();
    let whole = match record.get(..HEADER) {
        Some(header) => HEADER + body_length(header),
        None => HEADER,
    };
    Ok(Value::small(whole.saturating_sub(record.len()).max(1) as i64))
}

fn pending(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(session(vm, &a[0])?.left.borrow().len() as i64))
}

/// Shows something of a connection whose handshake is over.
fn show<T>(vm: &Vm, a: &Args, look: impl FnOnce(&Connection) -> Option<T>, shown: impl FnOnce(T) -> Value) -> R {
    let found = session(vm, &a[0])?.look(|open| if open.is_handshaking() { None } else { look(open) });
    Ok(found.map_or(Value::NONE, shown))
}

fn version(vm: &Vm, a: &Args) -> R {
    let look = |open: &Connection| match open.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => Some("TLSv1.3"),
        Some(ProtocolVersion::TLSv1_2) => Some("TLSv1.2"),
        _ => None,
    };
    show(vm, a, look, |name| vm.str(name))
}

fn cipher(vm: &Vm, a: &Args) -> R {
    let look = |open: &Connection| suites::find(open.negotiated_cipher_suite()?.suite());
    show(vm, a, look, |suite| suites::shown(vm, suite))
}

fn protocol(vm: &Vm, a: &Args) -> R {
    show(vm, a, |open| open.alpn_protocol().map(<[u8]>::to_vec), |p| vm.str(&String::from_utf8_lossy(&p)))
}
