//! What an isolate may do in the world. Without grants it computes, and nothing else.

use aio_vm::host::{Address, CommandLine, FileRequest, IoError, IoRequest, ProcessRequest, SocketRequest, Standard};
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The internet, of both kinds, in the numbers of requests.
const FAMILIES: [i32; 2] = [2, 10];
/// Streams and datagrams; what lies above the mask are flags.
const KINDS: [i32; 2] = [1, 2];
const KIND_MASK: i32 = 0xF;

/// One thing that an isolate may do. See [`EngineBuilder::grant`](crate::EngineBuilder::grant).
///
/// ```
/// use aiolang::{Engine, Grant};
///
/// let folder = std::env::temp_dir();
/// let engine = Engine::builder()
///     .grant(Grant::Clock)
///     .grant(Grant::Read(folder))
///     .grant(Grant::Connect("api.example.org".into(), 443))
///     .build()?;
/// assert!(engine.isolate().eval::<f64>("__import__('time').time()")? > 1.7e9);
/// # Ok::<(), aiolang::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// See the real time. Without it, time begins at a fixed moment and passes only while the script waits.
    Clock,
    /// Real random bytes. Without it, they are the same in each isolate.
    Entropy,
    /// Read files beneath this folder.
    Read(PathBuf),
    /// Read, write, make and remove files beneath this folder.
    Write(PathBuf),
    /// Connect to this host (a name, an address, or `*` for all) at this port (0 for all), or send messages to it.
    Connect(String, u16),
    /// Listen at this port (0 for all) of this address (`*` for all).
    Listen(String, u16),
    /// See this variable of the environment (`*` for all).
    Variable(String),
    /// Run this program, named as the script names it (`*` for all), and send signals to it. What the program may do is
    /// up to the system; of the environment it sees what the script sees. Its standard streams are pipes of the script,
    /// or nothing.
    Run(String),
}

/// The gate through which every wish goes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate {
    pub clock: bool,
    pub entropy: bool,
    /// Folders, and whether they may be written to.
    pub folders: Vec<(PathBuf, bool)>,
    connect: Vec<(String, u16)>,
    listen: Vec<(String, u16)>,
    variables: Vec<String>,
    programs: Vec<String>,
    /// Sockets with an address that was allowed.
    bound: HashSet<u64>,
    /// Addresses of granted names, with their ports and whether they are for listening.
    resolved: HashSet<(IpAddr, u16, bool)>,
}

impl Gate {
    pub fn new(grants: &[Grant]) -> Gate {
        let mut gate = Gate::default();
        for grant in grants {
            match grant {
                Grant::Clock => gate.clock = true,
                Grant::Entropy => gate.entropy = true,
                Grant::Read(path) => gate.folders.push((path.clone(), false)),
                Grant::Write(path) => gate.folders.push((path.clone(), true)),
                Grant::Connect(host, port) => gate.connect.push((host.clone(), *port)),
                Grant::Listen(host, port) => gate.listen.push((host.clone(), *port)),
                Grant::Variable(name) => gate.variables.push(name.clone()),
                Grant::Run(program) => gate.programs.push(program.clone()),
            }
        }
        gate
    }

    /// Whether an operation of the network or on processes may begin.
    pub fn network(&self, request: &IoRequest<'_>) -> Result<(), IoError> {
        let allowed = match request {
            IoRequest::Resolve { host, port, listen: false } => {
                allows(&self.connect, host.unwrap_or("localhost"), *port)
            }
            IoRequest::Resolve { host, port, listen: true } => allows(&self.listen, host.unwrap_or("*"), *port),
            IoRequest::Connect { address, .. } => self.may_connect(*address),
            IoRequest::Listen { address, .. } => self.may_listen(*address),
            IoRequest::Process(ProcessRequest::Start(line)) => {
                self.programs.iter().any(|name| name == "*" || *name == line.program)
            }
            IoRequest::Socket(request) => self.socket(request),
            // Signals are the host's.
            IoRequest::Process(ProcessRequest::NextSignal(_)) => false,
            // What exists was allowed to begin.
            _ => true,
        };
        if allowed {
            Ok(())
        } else {
            Err(IoError { code: 1, message: "Operation not permitted".to_owned(), of_names: false })
        }
    }

    fn may_connect(&self, address: SocketAddr) -> bool {
        self.reaches(&self.connect, address, false)
    }

    fn may_listen(&self, address: SocketAddr) -> bool {
        self.reaches(&self.listen, address, true)
    }

    /// Whether rules allow an address, by itself or as that of a name that was granted for the same.
    fn reaches(&self, rules: &[(String, u16)], address: SocketAddr, listen: bool) -> bool {
        let (ip, port) = (address.ip(), address.port());
        allows(rules, &ip.to_string(), port) || self.resolved.contains(&(ip, port, listen))
    }

    /// Whether something may be done with sockets that are set up by hand.
    fn socket(&self, request: &SocketRequest<'_>) -> bool {
        let any = !(self.connect.is_empty() && self.listen.is_empty() && self.programs.is_empty());
        match request {
            SocketRequest::New { family, kind, .. } => {
                any && FAMILIES.contains(family) && KINDS.contains(&(kind & KIND_MASK))
            }
            SocketRequest::Connect(_, address) | SocketRequest::SendTo(_, _, _, address) => match address {
                Address::Inet(address) => self.may_connect(*address),
                // A socket that is connected sends to the other side.
                Address::None => any,
                Address::Path(_) => false,
            },
            SocketRequest::Bind(_, Address::Inet(address)) => self.may_listen(*address),
            SocketRequest::Bind(..) | SocketRequest::HostName => false,
            // Without an address of its own a socket would listen at any.
            SocketRequest::Listen(socket, _) => self.bound.contains(socket),
            _ => any,
        }
    }

    /// A socket has got an address that was allowed.
    pub fn note_bound(&mut self, socket: u64) {
        self.bound.insert(socket);
    }

    /// A name that was granted for connecting or for listening has these addresses.
    pub fn note_addresses(&mut self, addresses: &[SocketAddr], listen: bool) {
        // More than any name has; what is beyond is not connected to.
        if self.resolved.len() < 10_000 {
            self.resolved.extend(addresses.iter().map(|a| (a.ip(), a.port(), listen)));
        }
    }

    /// The variables of the environment that may be seen.
    pub fn environment(&self) -> Vec<(String, String)> {
        let all =
            std::env::vars_os().map(|(k, v)| (k.to_string_lossy().into_owned(), v.to_string_lossy().into_owned()));
        all.filter(|(k, _)| self.variables.iter().any(|name| name == "*" || name == k)).collect()
    }
}

impl Gate {
    /// A program as it may be started: with the part of the environment that was granted, and streams that are the
    /// script's own.
    pub fn confined(&self, line: &CommandLine) -> CommandLine {
        let own = |stream| if stream == Standard::Inherit { Standard::Null } else { stream };
        CommandLine {
            environment: Some(line.environment.clone().unwrap_or_else(|| self.environment())),
            streams: line.streams.map(own),
            ..line.clone()
        }
    }
}

fn allows(rules: &[(String, u16)], host: &str, port: u16) -> bool {
    rules.iter().any(|(h, p)| (h == "*" || h.eq_ignore_ascii_case(host)) && (*p == 0 || *p == port))
}

/// Whether a request needs a folder that may be written to.
pub(crate) fn writes(request: &FileRequest<'_>) -> bool {
    match request {
        FileRequest::Open { write, append, truncate, create, exclusive, .. } => {
            *write || *append || *truncate || *create || *exclusive
        }
        FileRequest::MakeDir(..) | FileRequest::Remove(_) | FileRequest::RemoveDir(_) | FileRequest::Rename(..) => true,
        _ => false,
    }
}
