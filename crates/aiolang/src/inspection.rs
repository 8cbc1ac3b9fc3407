//! Asking a running program what it is doing.
//!
//! Whoever asks listens on a socket in a folder that only the user can enter, and sends a signal that is ignored by
//! programs that do not know it. The program connects to the socket and writes what it is doing. It costs nothing as
//! long as nobody asks.

use aio_vm::sched::snapshot::Snapshot;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a program may take to write its answer: whoever asked may have stopped reading.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks for an answer.
const PAUSE: Duration = Duration::from_millis(2);

/// The folder of the sockets: that of the user's session if there is one.
fn folder() -> PathBuf {
    let user = rustix::process::geteuid().as_raw();
    let session = PathBuf::from(format!("/run/user/{user}"));
    match is_private(&session) {
        true => session.join("aio"),
        false => PathBuf::from(format!("/tmp/aio-{user}")),
    }
}

/// A real folder that belongs to the user and that nobody else can enter.
fn is_private(folder: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(folder).is_ok_and(|m| m.is_dir() && m.uid() == user && m.mode() & 0o077 == 0)
}

fn private_folder() -> io::Result<PathBuf> {
    let folder = folder();
    if !is_private(&folder) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("{} is not a folder that belongs to the user alone", folder.display()),
        ));
    }
    Ok(folder)
}

/// A socket that is removed again.
struct Ear {
    listener: UnixListener,
    path: PathBuf,
}

impl Ear {
    fn new(process: i32) -> io::Result<Ear> {
        match std::fs::DirBuilder::new().mode(0o700).create(folder()) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
        let path = private_folder()?.join(format!("{process}.sock"));
        // One that asked before may have been killed.
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        listener.set_nonblocking(true)?;
        Ok(Ear { listener, path })
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Asks a process what it is doing; an error of kind `TimedOut` if there is no answer in time.
pub fn ask(process: i32, time: Duration) -> io::Result<Value> {
    let pid = Pid::from_raw(process).filter(|_| process > 0).ok_or(io::ErrorKind::InvalidInput)?;
    let ear = Ear::new(process)?;
    kill_process(pid, Signal::URG)?;
    let end = Instant::now() + time;
    loop {
        match ear.listener.accept() {
            Ok((mut stream, _)) => {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                let mut text = Vec::new();
                stream.read_to_end(&mut text)?;
                return serde_json::from_slice(&text).map_err(io::Error::other);
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && Instant::now() < end => std::thread::sleep(PAUSE),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
            Err(e) => return Err(e),
        }
    }
}

/// Answers whoever has asked this process.
pub(crate) fn answer(snapshot: &Snapshot) -> io::Result<()> {
    let path = private_folder()?.join(format!("{}.sock", std::process::id()));
    let mut stream = UnixStream::connect(path)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&serde_json::to_vec(snapshot)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_does_not_answer_is_no_hang() {
        // This process ignores the signal, as programs of others do.
        let own = i32::try_from(std::process::id()).unwrap_or_default();
        let asked = ask(own, Duration::from_millis(20)).map_err(|e| e.kind());
        assert_eq!(asked, Err(io::ErrorKind::TimedOut));
        assert!(!folder().join(format!("{own}.sock")).exists());
        assert_eq!(ask(0, Duration::ZERO).map_err(|e| e.kind()), Err(io::ErrorKind::InvalidInput));
    }

    #[test]
    fn only_folders_of_the_user_are_trusted() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let [own, open, link] = ["own", "open", "link"].map(|name| folder.path().join(name));
        std::fs::DirBuilder::new().mode(0o700).create(&own)?;
        std::fs::DirBuilder::new().mode(0o755).create(&open)?;
        std::os::unix::fs::symlink(&own, &link)?;
        assert!(is_private(&own) && !is_private(&open) && !is_private(&link));
        Ok(())
    }
}
