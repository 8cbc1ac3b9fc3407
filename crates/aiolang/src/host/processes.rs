//! Processes that scripts start, and the signals that they wait for.

use super::net::{Network, Outcome, Result, Socket, told};
use super::sockets::Other;
use aio_vm::host::{CommandLine, IoDone, IoError, IoStarted, ProcessRequest, Standard};
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Stdio;
use std::rc::Rc;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

/// What is known of processes and signals.
#[derive(Default)]
pub(crate) struct Processes {
    children: HashMap<u64, Rc<RefCell<Child>>>,
    /// This side of their pipes, until the script asks for them.
    streams: HashMap<(u64, u8), OwnedFd>,
    signals: HashMap<i32, Rc<RefCell<tokio::signal::unix::Signal>>>,
}

impl Network {
    /// A request about processes or signals.
    pub(crate) fn process(&mut self, request: ProcessRequest<'_>) -> Result<IoStarted> {
        match request {
            ProcessRequest::Start(line) => self.start_process(line).map(|pid| IoStarted::Done(IoDone::Number(pid))),
            ProcessRequest::Stream(pid, which) => {
                let Some(fd) = self.processes.streams.remove(&(pid, which)) else { return Err(no_process()) };
                let number = self.keep(Socket::Other(Other::new(fd)));
                Ok(IoStarted::Done(IoDone::Number(number.cast_signed())))
            }
            ProcessRequest::Wait(pid) => {
                let Some(child) = self.processes.children.get(&pid).cloned() else { return Err(no_process()) };
                Ok(self.begin(0, ended(child)))
            }
            ProcessRequest::Signal(pid, number) => {
                send(pid, number).map_err(told)?;
                Ok(IoStarted::Done(IoDone::Nothing))
            }
            ProcessRequest::NextSignal(number) => {
                let known = self.processes.signals.get(&number).cloned();
                let next = match known {
                    Some(next) => next,
                    None => {
                        let made = self.entered(|| signal(SignalKind::from_raw(number))).map_err(told)?;
                        let made = Rc::new(RefCell::new(made));
                        self.processes.signals.insert(number, Rc::clone(&made));
                        made
                    }
                };
                Ok(self.begin(0, async move {
                    std::future::poll_fn(|cx| next.borrow_mut().poll_recv(cx)).await;
                    Ok(Outcome::Done(IoDone::Number(i64::from(number))))
                }))
            }
        }
    }

    /// Whether a process (or, negative, its group) was started here and has not ended, so that its number is its own.
    pub(crate) fn has_started(&self, process: i64) -> bool {
        let child = self.processes.children.get(&process.unsigned_abs());
        child.is_some_and(|child| child.try_borrow().is_ok_and(|child| child.id().is_some()))
    }

    fn start_process(&mut self, line: &CommandLine) -> Result<i64> {
        let mut command = Command::new(&line.program);
        if let Some((name, rest)) = line.arguments.split_first() {
            command.args(rest);
            command.as_std_mut().arg0(name);
        }
        if let Some(folder) = &line.folder {
            command.current_dir(folder);
        }
        if let Some(all) = &line.environment {
            command.env_clear();
            command.envs(all.iter().map(|(name, value)| (name, value)));
        }
        if line.own_group {
            command.process_group(0);
        }
        let mut ours: Vec<(u8, OwnedFd)> = Vec::new();
        let mut output: Option<OwnedFd> = None;
        for (which, &stream) in (0u8..).zip(&line.streams) {
            let theirs = match stream {
                Standard::Inherit => None,
                Standard::Null => Some(open_null(which == 0).map_err(told)?),
                Standard::Pipe => {
                    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(system)?;
                    let (mine, theirs) = if which == 0 { (write, read) } else { (read, write) };
                    rustix::io::ioctl_fionbio(&mine, true).map_err(system)?;
                    ours.push((which, mine));
                    Some(theirs)
                }
                Standard::Socket(number) => {
                    let copy = self.kept(number)?.as_fd().try_clone_to_owned().map_err(told)?;
                    // Other programs expect that their streams block.
                    rustix::io::ioctl_fionbio(&copy, false).map_err(system)?;
                    Some(copy)
                }
                Standard::Stdout => match &output {
                    Some(fd) => Some(fd.try_clone().map_err(told)?),
                    None => Some(io::stdout().as_fd().try_clone_to_owned().map_err(told)?),
                },
            };
            if which == 1 {
                output = match &theirs {
                    Some(fd) => Some(fd.try_clone().map_err(told)?),
                    None => None,
                };
            }
            let stdio = theirs.map_or_else(Stdio::inherit, Stdio::from);
            match which {
                0 => command.stdin(stdio),
                1 => command.stdout(stdio),
                _ => command.stderr(stdio),
            };
        }
        let child = self.entered(|| command.spawn()).map_err(told)?;
        let Some(pid) = child.id().map(u64::from) else { return Err(no_process()) };
        for (which, fd) in ours {
            self.processes.streams.insert((pid, which), fd);
        }
        self.processes.children.insert(pid, Rc::new(RefCell::new(child)));
        Ok(pid.cast_signed())
    }
}

async fn ended(child: Rc<RefCell<Child>>) -> io::Result<Outcome> {
    let status = std::future::poll_fn(|cx| {
        let mut child = child.borrow_mut();
        let wait = std::pin::pin!(child.wait());
        wait.poll(cx)
    })
    .await?;
    let number = status.code().or_else(|| status.signal().map(|s| -s)).unwrap_or(255);
    Ok(Outcome::Done(IoDone::Number(i64::from(number))))
}

fn open_null(read: bool) -> io::Result<OwnedFd> {
    std::fs::OpenOptions::new().read(read).write(!read).open("/dev/null").map(OwnedFd::from)
}

fn send(pid: i64, number: i32) -> io::Result<()> {
    let none = || io::Error::from_raw_os_error(3);
    let of = |n: i64| i32::try_from(n).ok().and_then(Pid::from_raw).ok_or_else(none);
    if number == 0 {
        return Ok(test_kill_process(of(pid)?)?);
    }
    let signal = Signal::from_named_raw(number).ok_or_else(|| io::Error::from_raw_os_error(22))?;
    if pid < 0 {
        return Ok(kill_process_group(of(-pid)?, signal)?);
    }
    Ok(kill_process(of(pid)?, signal)?)
}

fn system(e: rustix::io::Errno) -> IoError {
    told(e.into())
}

fn no_process() -> IoError {
    IoError { code: 10, message: "No child processes".to_owned(), of_names: false }
}
