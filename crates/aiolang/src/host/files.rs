//! Files and environment of the real host.

use aio_vm::host::{FileReply, FileRequest};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, FileTimes, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::time::{Duration, UNIX_EPOCH};

/// What the script is told of a file; the fields come from whichever `MetadataExt` is in scope.
macro_rules! facts {
    ($m:expr) => {{
        let m = $m;
        let time = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        FileReply::Stat([
            m.mode() as i64,
            m.ino() as i64,
            m.dev() as i64,
            m.nlink() as i64,
            m.uid() as i64,
            m.gid() as i64,
            m.size() as i64,
            time(m.atime(), m.atime_nsec()),
            time(m.mtime(), m.mtime_nsec()),
            time(m.ctime(), m.ctime_nsec()),
        ])
    }};
}
pub(crate) use facts;

/// Open files by number. The numbers are those of the script alone: standard streams are no part of it.
#[derive(Default)]
pub(crate) struct Files {
    open: RefCell<BTreeMap<u64, File>>,
    /// Numbers of sockets: a script sees one space of numbers.
    sockets: RefCell<BTreeSet<u64>>,
}

const FIRST: u64 = 3;
/// How far a socket's number moves if a file has it.
const BEYOND_FILES: u64 = 1 << 20;

impl Files {
    fn with<T>(&self, handle: u64, f: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        match self.open.borrow_mut().get_mut(&handle) {
            Some(file) => f(file),
            None => Err(io::Error::from_raw_os_error(9)),
        }
    }

    /// Keeps a file under the lowest number that is free, as systems do.
    pub(crate) fn keep(&self, file: File) -> u64 {
        let mut open = self.open.borrow_mut();
        let sockets = self.sockets.borrow();
        let mut handle = FIRST;
        while open.contains_key(&handle) || sockets.contains(&handle) {
            handle += 1;
        }
        open.insert(handle, file);
        handle
    }

    /// Gives a socket its number: the one it asks for, unless a file has it.
    pub(crate) fn number_for_socket(&self, wanted: u64) -> u64 {
        let open = self.open.borrow();
        let mut number = wanted;
        while open.contains_key(&number) {
            number += BEYOND_FILES;
        }
        self.sockets.borrow_mut().insert(number);
        number
    }

    /// The number of a socket that is closed is free.
    pub(crate) fn socket_is_gone(&self, number: u64) {
        self.sockets.borrow_mut().remove(&number);
    }

    /// Another descriptor of an open file, or of a standard stream.
    pub(crate) fn copy(&self, handle: u64) -> io::Result<OwnedFd> {
        match handle {
            0 => io::stdin().as_fd().try_clone_to_owned(),
            1 => io::stdout().as_fd().try_clone_to_owned(),
            2 => io::stderr().as_fd().try_clone_to_owned(),
            _ => self.with(handle, |f| f.try_clone()).map(OwnedFd::from),
        }
    }

    /// Carries a request out.
    pub(crate) fn perform(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        let done = |result: io::Result<()>| result.map(|()| FileReply::Done);
        match request {
            FileRequest::Open { path, read, write, append, truncate, create, exclusive, mode } => {
                let file = OpenOptions::new()
                    .read(read)
                    .write(write && !append)
                    .append(append)
                    .truncate(truncate)
                    .create(create)
                    .create_new(exclusive)
                    .mode(mode)
                    .open(path)?;
                if file.metadata()?.is_dir() {
                    return Err(io::Error::from_raw_os_error(21));
                }
                Ok(FileReply::Number(self.keep(file)))
            }
            FileRequest::Pipe => {
                let (reader, writer) = io::pipe()?;
                let (r, w) = (OwnedFd::from(reader), OwnedFd::from(writer));
                let r = self.keep(File::from(r));
                Ok(FileReply::Numbers(vec![r as i64, self.keep(File::from(w)) as i64]))
            }
            FileRequest::Duplicate(handle) => {
                let copy = self.with(handle, |f| f.try_clone())?;
                Ok(FileReply::Number(self.keep(copy)))
            }
            FileRequest::Sync(handle) => done(self.with(handle, |f| f.sync_all())),
            FileRequest::Symlink(says, path) => done(std::os::unix::fs::symlink(says, path)),
            FileRequest::Link(from, to) => done(fs::hard_link(from, to)),
            FileRequest::ReadLink(path) => Ok(FileReply::Text(fs::read_link(path)?.to_string_lossy().into_owned())),
            FileRequest::SetMode(path, mode) => done(fs::set_permissions(path, fs::Permissions::from_mode(mode))),
            FileRequest::SetTimes(path, accessed, changed) => {
                let time = |ns: i64| {
                    let size = Duration::from_nanos(ns.unsigned_abs());
                    if ns < 0 { UNIX_EPOCH - size } else { UNIX_EPOCH + size }
                };
                let times = FileTimes::new().set_accessed(time(accessed)).set_modified(time(changed));
                done(File::open(path)?.set_times(times))
            }
            FileRequest::Access(path, bits) => {
                let wanted = rustix::fs::Access::from_bits_truncate(bits);
                let wanted = if bits == 0 { rustix::fs::Access::EXISTS } else { wanted };
                done(rustix::fs::access(path, wanted).map_err(io::Error::from))
            }
            FileRequest::SystemNames => {
                let names = rustix::system::uname();
                let all = [names.sysname(), names.nodename(), names.release(), names.version(), names.machine()];
                Ok(FileReply::Names(all.iter().map(|n| n.to_string_lossy().into_owned()).collect()))
            }
            FileRequest::Processors => {
                Ok(FileReply::Number(std::thread::available_parallelism().map_or(1, |n| n.get() as u64)))
            }
            FileRequest::ParentId => Ok(FileReply::Number(u64::from(std::os::unix::process::parent_id()))),
            FileRequest::UserIds => {
                let user = i64::from(rustix::process::getuid().as_raw());
                let group = i64::from(rustix::process::getgid().as_raw());
                Ok(FileReply::Numbers(vec![user, group]))
            }
            FileRequest::Read(handle, most) => self.with(handle, |f| {
                let mut data = vec![0; most.min(1 << 20)];
                loop {
                    match f.read(&mut data) {
                        Ok(n) => {
                            data.truncate(n);
                            return Ok(FileReply::Data(data));
                        }
                        Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                        Err(e) => return Err(e),
                    }
                }
            }),
            FileRequest::Write(handle, data) => self.with(handle, |f| f.write_all(data)).map(|()| FileReply::Done),
            FileRequest::Seek(handle, offset, whence) => self.with(handle, |f| {
                let to = match whence {
                    0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| io::Error::from_raw_os_error(22))?),
                    1 => SeekFrom::Current(offset),
                    _ => SeekFrom::End(offset),
                };
                f.seek(to).map(FileReply::Number)
            }),
            FileRequest::Truncate(handle, size) => self.with(handle, |f| f.set_len(size)).map(|()| FileReply::Done),
            FileRequest::Close(handle) => {
                let file = self.open.borrow_mut().remove(&handle);
                match file {
                    Some(_) => Ok(FileReply::Done),
                    None => Err(io::Error::from_raw_os_error(9)),
                }
            }
            FileRequest::Stat(path, follow) => {
                Ok(facts!(if follow { fs::metadata(path)? } else { fs::symlink_metadata(path)? }))
            }
            FileRequest::StatFile(handle) => self.with(handle, |f| f.metadata()).map(|m| facts!(m)),
            FileRequest::List(path) => {
                let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
                Ok(FileReply::Names(entries.iter().map(|e| e.file_name().to_string_lossy().into_owned()).collect()))
            }
            FileRequest::MakeDir(path, mode) => done(DirBuilder::new().mode(mode).create(path)),
            FileRequest::Remove(path) => fs::remove_file(path).map(|()| FileReply::Done),
            FileRequest::RemoveDir(path) => fs::remove_dir(path).map(|()| FileReply::Done),
            FileRequest::Rename(from, to) => fs::rename(from, to).map(|()| FileReply::Done),
            FileRequest::CurrentDir => Ok(FileReply::Text(std::env::current_dir()?.to_string_lossy().into_owned())),
            FileRequest::ChangeDir(path) => std::env::set_current_dir(path).map(|()| FileReply::Done),
            FileRequest::TempDir => Ok(FileReply::Text(std::env::temp_dir().to_string_lossy().into_owned())),
            FileRequest::Environment => Ok(FileReply::Pairs(
                std::env::vars_os()
                    .map(|(k, v)| (k.to_string_lossy().into_owned(), v.to_string_lossy().into_owned()))
                    .collect(),
            )),
            FileRequest::ProcessId => Ok(FileReply::Number(u64::from(std::process::id()))),
        }
    }
}
