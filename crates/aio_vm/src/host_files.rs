//! What can be asked of the host's files and environment: plain data both ways.

use serde::{Deserialize, Serialize};

/// A request. Open files have numbers.
#[derive(Debug)]
pub enum FileRequest<'a> {
    /// Opens a file.
    Open {
        /// Where.
        path: &'a str,
        /// For reading.
        read: bool,
        /// For writing.
        write: bool,
        /// Every write goes to the end.
        append: bool,
        /// Begins empty.
        truncate: bool,
        /// Is made if it is not there.
        create: bool,
        /// Must not be there.
        exclusive: bool,
        /// The permissions of a new file.
        mode: u32,
    },
    /// What an open file is.
    StatFile(u64),
    /// Two files: what is written to the second is read from the first.
    Pipe,
    /// Another number for the same open file.
    Duplicate(u64),
    /// Makes sure that what was written is on the disk.
    Sync(u64),
    /// Makes a symbolic link: what it says, and where it is.
    Symlink(&'a str, &'a str),
    /// Makes a second name for a file.
    Link(&'a str, &'a str),
    /// What a symbolic link says.
    ReadLink(&'a str),
    /// Sets the permissions.
    SetMode(&'a str, u32),
    /// Sets the times of access and of change, in nanoseconds.
    SetTimes(&'a str, i64, i64),
    /// Whether the process may do something with a file: the bits of `access`.
    Access(&'a str, u32),
    /// The name of the system, of the machine in the network, release, version, and kind of processor.
    SystemNames,
    /// How many processors there are.
    Processors,
    /// The number of the process that started this one.
    ParentId,
    /// The numbers of the user and of the group.
    UserIds,
    /// At most so many bytes from the current position.
    Read(u64, usize),
    /// Writes all of the data, or as much as goes through.
    Write(u64, &'a [u8]),
    /// Moves the position: 0 from the start, 1 from here, 2 from the end.
    Seek(u64, i64, u8),
    /// Sets the length.
    Truncate(u64, u64),
    /// Closes.
    Close(u64),
    /// What a path is; of the link itself if not followed.
    Stat(&'a str, bool),
    /// The names in a folder.
    List(&'a str),
    /// Makes a folder with these permissions.
    MakeDir(&'a str, u32),
    /// Removes a file.
    Remove(&'a str),
    /// Removes an empty folder.
    RemoveDir(&'a str),
    /// Renames.
    Rename(&'a str, &'a str),
    /// The current folder.
    CurrentDir,
    /// Goes to another folder.
    ChangeDir(&'a str),
    /// The folder for temporary files.
    TempDir,
    /// All variables of the environment.
    Environment,
    /// The number of the process.
    ProcessId,
}

/// A reply.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum FileReply {
    /// Nothing to say.
    Done,
    /// A file, a position, a length or another number.
    Number(u64),
    /// Numbers.
    Numbers(Vec<i64>),
    /// Bytes.
    Data(Vec<u8>),
    /// A text.
    Text(String),
    /// Names.
    Names(Vec<String>),
    /// Names with values.
    Pairs(Vec<(String, String)>),
    /// mode, inode, device, links, user, group, size, and three times in nanoseconds.
    Stat([i64; 10]),
}
