//! Files and environment of the real host.

use aio_vm::host::{FileReply, FileRequest};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Open files by number.
#[derive(Default)]
pub(crate) struct Files {
    open: RefCell<HashMap<u64, File>>,
    last: Cell<u64>,
}

impl Files {
    fn with<T>(&self, handle: u64, f: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        match self.open.borrow_mut().get_mut(&handle) {
            Some(file) => f(file),
            None => Err(io::Error::from_raw_os_error(9)),
        }
    }

    /// Carries a request out.
    pub(crate) fn perform(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        match request {
            FileRequest::Open { path, read, write, append, truncate, create, exclusive } => {
                let file = OpenOptions::new()
                    .read(read)
                    .write(write && !append)
                    .append(append)
                    .truncate(truncate)
                    .create(create)
                    .create_new(exclusive)
                    .open(path)?;
                if file.metadata()?.is_dir() {
                    return Err(io::Error::from_raw_os_error(21));
                }
                let handle = self.last.get() + 1;
                self.last.set(handle);
                self.open.borrow_mut().insert(handle, file);
                Ok(FileReply::Number(handle))
            }
            FileRequest::Read(handle, most) => self.with(handle, |f| {
                let mut data = Vec::new();
                f.take(most as u64).read_to_end(&mut data)?;
                Ok(FileReply::Data(data))
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
                drop(file);
                Ok(FileReply::Done)
            }
            FileRequest::Stat(path, follow) => {
                use std::os::unix::fs::MetadataExt;
                let m = if follow { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
                let time = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
                Ok(FileReply::Stat([
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
                ]))
            }
            FileRequest::List(path) => {
                let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
                Ok(FileReply::Names(entries.iter().map(|e| e.file_name().to_string_lossy().into_owned()).collect()))
            }
            FileRequest::MakeDir(path) => fs::create_dir(path).map(|()| FileReply::Done),
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
