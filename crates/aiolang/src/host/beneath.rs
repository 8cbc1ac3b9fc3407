//! Files of granted folders: every path is resolved beneath its folder, whatever links lie on the way.

use super::files::{Files, facts};
use crate::grant::writes;
use aio_vm::host::{FileReply, FileRequest};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};

struct Folder {
    path: PathBuf,
    writable: bool,
    dir: Dir,
}

/// The folders of an isolate. The first one is its current folder.
pub(crate) struct Beneath {
    folders: Vec<Folder>,
    files: Files,
}

fn refused() -> io::Error {
    io::Error::from_raw_os_error(1)
}

/// A path without `.` and `..`, as far as the text tells; links are looked at when it is opened.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

impl Beneath {
    /// Folders that cannot be opened are not there for scripts.
    pub fn new(granted: &[(PathBuf, bool)]) -> Beneath {
        let open = |(path, writable): &(PathBuf, bool)| {
            let path = tidy(&std::path::absolute(path).ok()?);
            let dir = Dir::open_ambient_dir(&path, ambient_authority()).ok()?;
            Some(Folder { path, writable: *writable, dir })
        };
        Beneath { folders: granted.iter().filter_map(open).collect(), files: Files::default() }
    }

    /// The folder that a path lies in, and the way from there.
    fn find(&self, path: &str, write: bool) -> io::Result<(&Dir, PathBuf)> {
        let first = self.folders.first().ok_or_else(refused)?;
        let whole = tidy(&first.path.join(path));
        let mut inside = self.folders.iter().filter(|f| whole.starts_with(&f.path));
        let folder = match write {
            true => inside.find(|f| f.writable),
            // The longest one is the most particular.
            false => inside.max_by_key(|f| f.path.as_os_str().len()),
        };
        let folder = folder.ok_or_else(refused)?;
        let rest = whole.strip_prefix(&folder.path).map_err(|_| refused())?;
        let rest = if rest.as_os_str().is_empty() { Path::new(".") } else { rest };
        Ok((&folder.dir, rest.to_path_buf()))
    }

    /// Carries a request out.
    pub fn perform(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        self.perform_beneath(request).map_err(|e| match e.kind() {
            // A link that leads out of the folder is refused by the library, which has no number for that.
            io::ErrorKind::PermissionDenied if e.raw_os_error().is_none() => refused(),
            _ => e,
        })
    }

    fn perform_beneath(&self, request: FileRequest<'_>) -> io::Result<FileReply> {
        let write = writes(&request);
        match request {
            FileRequest::Open { path, read, write: writing, append, truncate, create, exclusive, mode: _ } => {
                let (dir, path) = self.find(path, write)?;
                let mut options = OpenOptions::new();
                options.read(read).write(writing && !append).append(append).truncate(truncate);
                options.create(create).create_new(exclusive);
                let file = dir.open_with(path, &options)?.into_std();
                if file.metadata()?.is_dir() {
                    return Err(io::Error::from_raw_os_error(21));
                }
                Ok(FileReply::Number(self.files.keep(file)))
            }
            FileRequest::Stat(path, follow) => {
                let (dir, path) = self.find(path, write)?;
                let m = if follow { dir.metadata(path)? } else { dir.symlink_metadata(path)? };
                use cap_std::fs::MetadataExt;
                Ok(facts!(m))
            }
            FileRequest::List(path) => {
                let (dir, path) = self.find(path, write)?;
                let entries = dir.read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
                Ok(FileReply::Names(entries.iter().map(|e| e.file_name().to_string_lossy().into_owned()).collect()))
            }
            FileRequest::MakeDir(path, _) => {
                let (dir, path) = self.find(path, write)?;
                dir.create_dir(path).map(|()| FileReply::Done)
            }
            FileRequest::Remove(path) => {
                let (dir, path) = self.find(path, write)?;
                dir.remove_file(path).map(|()| FileReply::Done)
            }
            FileRequest::RemoveDir(path) => {
                let (dir, path) = self.find(path, write)?;
                dir.remove_dir(path).map(|()| FileReply::Done)
            }
            FileRequest::Rename(from, to) => {
                let ((old, from), (new, to)) = (self.find(from, write)?, self.find(to, write)?);
                old.rename(from, new, to).map(|()| FileReply::Done)
            }
            FileRequest::CurrentDir => {
                let first = self.folders.first().ok_or_else(refused)?;
                Ok(FileReply::Text(first.path.to_string_lossy().into_owned()))
            }
            FileRequest::Access(path, bits) => {
                // Bit 2 asks for the right to write.
                let (dir, path) = self.find(path, bits & 2 != 0)?;
                dir.metadata(path).map(|_| FileReply::Done)
            }
            FileRequest::Read(..)
            | FileRequest::Write(..)
            | FileRequest::Seek(..)
            | FileRequest::Truncate(..)
            | FileRequest::Close(_)
            | FileRequest::StatFile(_)
            | FileRequest::Duplicate(_)
            | FileRequest::Sync(_) => self.files.perform(request),
            FileRequest::Pipe
            | FileRequest::Symlink(..)
            | FileRequest::Link(..)
            | FileRequest::ReadLink(_)
            | FileRequest::SetMode(..)
            | FileRequest::SetTimes(..)
            | FileRequest::SystemNames
            | FileRequest::Processors
            | FileRequest::ParentId
            | FileRequest::UserIds
            | FileRequest::ChangeDir(_)
            | FileRequest::TempDir
            | FileRequest::Environment
            | FileRequest::ProcessId => Err(refused()),
        }
    }
}
