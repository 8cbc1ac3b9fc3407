//! Functions on sockets, pipes, processes and signals, for the modules that are written in the language.

use crate::error::R;
use crate::host::{Address, CommandLine, IoRequest, ProcessRequest, SocketRequest, Standard};
use crate::native::{Args, Def, function};
use crate::value::Value;
use crate::vm::Vm;

/// More functions of the module _io_operations. A socket is a number, an address a tuple, or bytes for a path.
pub static SOCKETS: &[Def] = &[
    function("new(family, kind, protocol, /)", new, "Return a new socket."),
    function("pair(family, kind, protocol, /)", pair, "Return two connected sockets."),
    function("pipe()", pipe, "Return both ends of a pipe."),
    function("duplicate(socket, /)", duplicate, "Return another number for the socket."),
    function("bind(socket, address, /)", bind, "Give the socket its address."),
    function("listen_on(socket, backlog, /)", listen_on, "Make the socket listen."),
    function("accept_now(socket, /)", accept_now, "Return a connection that waits, and its address."),
    function("connect_now(socket, address, /)", connect_now, "Begin to connect."),
    function("receive(socket, most, flags, /)", receive, "Return what has come."),
    function("receive_from(socket, most, flags, /)", receive_from, "Return a message and its sender."),
    function("send(socket, data, flags, /)", send, "Send what goes through at once."),
    function("send_to(socket, data, flags, address, /)", send_to, "Send a message to an address."),
    function("shut(socket, how, /)", shut, "Shut down one way or both."),
    function("local(socket, /)", local, "Return this side's address."),
    function("peer(socket, /)", peer, "Return the other side's address."),
    function("get_option(socket, level, option, /)", get_option, "Return the value of an option."),
    function("set_option(socket, level, option, value, /)", set_option, "Set an option."),
    function("failure(socket, /)", failure, "Raise the error that a connection ended with, if there is one."),
    function("readable(loop, callback, socket, /)", readable, "Wait until something can be read."),
    function("ready(sockets, seconds, /)", ready, "Wait until some sockets are ready; return which and for what."),
    function("host_name()", host_name, "Return the name of the machine."),
];

/// Functions of the module _io_operations about processes.
pub static PROCESSES: &[Def] = &[
    function(
        "start(program, arguments, folder, environment, stdin, stdout, stderr, own_group, /)",
        start,
        "Start a process; return its number.",
    ),
    function("stream(process, which, /)", stream, "Return this side of a pipe to the process."),
    function("wait(loop, callback, process, /)", wait, "Wait for the end of the process."),
    function("kill(process, signal, own=False, /)", kill, "Send a signal."),
    function("on_signal(function, signal, /)", on_signal, "Call a function when the signal arrives, once."),
    function("own_interrupts(yes, /)", own_interrupts, "Say whether the script handles interrupts itself."),
    function("next_signal(loop, callback, signal, /)", next_signal, "Wait for a signal."),
];

impl Vm {
    fn io_i32(&self, v: &Value) -> R<i32> {
        let n = self.index(v)?;
        i32::try_from(n)
            .map_err(|_| self.error(self.types.overflow_error.get(), "signed integer is greater than maximum"))
    }

    fn io_any_address(&self, v: &Value) -> R<Address> {
        match v.byte_data() {
            Some(path) => Ok(Address::Path(path.to_vec())),
            None => self.io_address(v).map(Address::Inet),
        }
    }

    fn io_data<T>(&self, v: &Value, f: impl FnOnce(&[u8]) -> R<T>) -> R<T> {
        match v.byte_data() {
            Some(data) => f(data),
            None => f(&self.bytes_like(v)?),
        }
    }
}

fn socket(vm: &Vm, request: SocketRequest<'_>) -> R {
    vm.io_now(IoRequest::Socket(request))
}

fn process(vm: &Vm, request: ProcessRequest<'_>) -> R {
    vm.io_now(IoRequest::Process(request))
}

fn new(vm: &Vm, a: &Args) -> R {
    let (family, kind, protocol) = (vm.io_i32(&a[0])?, vm.io_i32(&a[1])?, vm.io_i32(&a[2])?);
    socket(vm, SocketRequest::New { family, kind, protocol })
}

fn pair(vm: &Vm, a: &Args) -> R {
    let (family, kind, protocol) = (vm.io_i32(&a[0])?, vm.io_i32(&a[1])?, vm.io_i32(&a[2])?);
    socket(vm, SocketRequest::Pair { family, kind, protocol })
}

fn pipe(vm: &Vm, _a: &Args) -> R {
    socket(vm, SocketRequest::Pipe)
}

fn duplicate(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Duplicate(vm.io_number(&a[0])?))
}

fn bind(vm: &Vm, a: &Args) -> R {
    let address = vm.io_any_address(&a[1])?;
    socket(vm, SocketRequest::Bind(vm.io_number(&a[0])?, &address))
}

fn listen_on(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Listen(vm.io_number(&a[0])?, vm.io_i32(&a[1])?))
}

fn accept_now(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Accept(vm.io_number(&a[0])?))
}

fn connect_now(vm: &Vm, a: &Args) -> R {
    let address = vm.io_any_address(&a[1])?;
    socket(vm, SocketRequest::Connect(vm.io_number(&a[0])?, &address))
}

fn receive(vm: &Vm, a: &Args) -> R {
    let most = usize::try_from(vm.index(&a[1])?).unwrap_or(0);
    socket(vm, SocketRequest::Receive(vm.io_number(&a[0])?, most, vm.io_i32(&a[2])?))
}

fn receive_from(vm: &Vm, a: &Args) -> R {
    let most = usize::try_from(vm.index(&a[1])?).unwrap_or(0);
    socket(vm, SocketRequest::ReceiveFrom(vm.io_number(&a[0])?, most, vm.io_i32(&a[2])?))
}

fn send(vm: &Vm, a: &Args) -> R {
    let (number, flags) = (vm.io_number(&a[0])?, vm.io_i32(&a[2])?);
    vm.io_data(&a[1], |data| socket(vm, SocketRequest::Send(number, data, flags)))
}

fn send_to(vm: &Vm, a: &Args) -> R {
    let (number, flags) = (vm.io_number(&a[0])?, vm.io_i32(&a[2])?);
    let address = vm.io_any_address(&a[3])?;
    vm.io_data(&a[1], |data| socket(vm, SocketRequest::SendTo(number, data, flags, &address)))
}

fn shut(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Shutdown(vm.io_number(&a[0])?, vm.io_i32(&a[1])?))
}

fn local(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Local(vm.io_number(&a[0])?))
}

fn peer(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Peer(vm.io_number(&a[0])?))
}

fn get_option(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Option(vm.io_number(&a[0])?, vm.io_i32(&a[1])?, vm.io_i32(&a[2])?))
}

fn set_option(vm: &Vm, a: &Args) -> R {
    let (level, option, value) = (vm.io_i32(&a[1])?, vm.io_i32(&a[2])?, vm.io_i32(&a[3])?);
    socket(vm, SocketRequest::SetOption(vm.io_number(&a[0])?, level, option, value))
}

fn failure(vm: &Vm, a: &Args) -> R {
    socket(vm, SocketRequest::Failure(vm.io_number(&a[0])?))
}

fn readable(vm: &Vm, a: &Args) -> R {
    let number = vm.io_number(&a[2])?;
    vm.io_later(a, number, IoRequest::Socket(SocketRequest::Readable(number)))
}

fn ready(vm: &Vm, a: &Args) -> R {
    let mut wanted = Vec::new();
    for pair in vm.collect(&a[0])? {
        if let [number, events] = vm.collect(&pair)?.as_slice() {
            wanted.push((vm.io_number(number)?, u8::try_from(vm.index(events)?).unwrap_or(0)));
        }
    }
    match vm.io_blocking(&a[1], 0, IoRequest::Socket(SocketRequest::AnyReady(wanted))) {
        Err(e) if e.is(vm.types.timeout_error.get()) => Ok(vm.list(Vec::new())),
        other => other,
    }
}

fn host_name(vm: &Vm, _a: &Args) -> R {
    socket(vm, SocketRequest::HostName)
}

fn start(vm: &Vm, a: &Args) -> R {
    let mut arguments = Vec::new();
    for argument in vm.collect(&a[1])? {
        arguments.push(vm.to_text(&argument)?);
    }
    let mut environment = None;
    if !a[3].is_none() {
        let mut all = Vec::new();
        for entry in vm.collect(&a[3])? {
            let entry = vm.collect(&entry)?;
            if let [name, value] = entry.as_slice() {
                all.push((vm.to_text(name)?, vm.to_text(value)?));
            }
        }
        environment = Some(all);
    }
    let line = CommandLine {
        program: vm.to_text(&a[0])?,
        arguments,
        folder: if a[2].is_none() { None } else { Some(vm.to_text(&a[2])?) },
        environment,
        streams: [standard(vm, &a[4])?, standard(vm, &a[5])?, standard(vm, &a[6])?],
        own_group: vm.truth(&a[7])?,
    };
    process(vm, ProcessRequest::Start(&line))
}

/// The numbers of the module subprocess: None inherits, -1 is a pipe, -2 goes where standard output goes, -3 is nothing.
fn standard(vm: &Vm, v: &Value) -> R<Standard> {
    if v.is_none() {
        return Ok(Standard::Inherit);
    }
    Ok(match vm.index(v)? {
        -1 => Standard::Pipe,
        -2 => Standard::Stdout,
        -3 => Standard::Null,
        n => Standard::Socket(u64::try_from(n).unwrap_or(0)),
    })
}

fn stream(vm: &Vm, a: &Args) -> R {
    let which = u8::try_from(vm.index(&a[1])?).unwrap_or(3);
    process(vm, ProcessRequest::Stream(vm.io_number(&a[0])?, which))
}

fn wait(vm: &Vm, a: &Args) -> R {
    let number = vm.io_number(&a[2])?;
    vm.io_later(a, 0, IoRequest::Process(ProcessRequest::Wait(number)))
}

fn kill(vm: &Vm, a: &Args) -> R {
    let number = vm.index(&a[0])?;
    let signal = vm.io_i32(&a[1])?;
    let sent = process(vm, ProcessRequest::Signal(number, signal))?;
    let own = a.some(2).is_some_and(Value::is_true);
    if own && vm.sched.handles_signals.get() & bit(signal) != 0 {
        // Another thread of the process may be the one that gets it: that takes a moment.
        vm.deliver_signals(20_000_000)?;
    }
    Ok(sent)
}

fn bit(signal: i32) -> u64 {
    u32::try_from(signal).ok().and_then(|n| 1u64.checked_shl(n)).unwrap_or(0)
}

fn on_signal(vm: &Vm, a: &Args) -> R {
    let number = vm.io_i32(&a[1])?;
    vm.sched.handles_signals.set(vm.sched.handles_signals.get() | bit(number));
    vm.io_calls(&a[0], IoRequest::Process(ProcessRequest::NextSignal(number)))
}

fn own_interrupts(vm: &Vm, a: &Args) -> R {
    vm.sched.own_interrupts.set(vm.truth(&a[0])?);
    Ok(Value::NONE)
}

fn next_signal(vm: &Vm, a: &Args) -> R {
    let number = vm.io_i32(&a[2])?;
    vm.io_later(a, 0, IoRequest::Process(ProcessRequest::NextSignal(number)))
}
