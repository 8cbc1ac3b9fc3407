//! The module _files: what os, io and tempfile ask of the host.

use aio_vm::host::{FileReply, FileRequest};
use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function(
        "open(path, mode, permissions=438, /)",
        open,
        "Opens a file; its number. The mode is of Python's open(), with o for an existing file.",
    ),
    function("read(handle, most, /)", read, "Reads at most so many bytes."),
    function("write(handle, data, /)", write, "Writes all of the data."),
    function("seek(handle, offset, whence, /)", seek, "Moves the position; the new one."),
    function("truncate(handle, size, /)", truncate, "Sets the length."),
    function("close(handle, /)", close, "Closes."),
    function("stat(path, follow, /)", stat, "What a path is."),
    function("listdir(path, /)", listdir, "The names in a folder."),
    function("fstat(handle, /)", fstat, "What an open file is."),
    function("pipe()", pipe, "Two files, one for each end of a pipe."),
    function("dup(handle, /)", dup, "Another number for the same open file."),
    function("fsync(handle, /)", fsync, "Makes sure that what was written is on the disk."),
    function("symlink(says, path, /)", symlink, "Makes a symbolic link."),
    function("link(src, dst, /)", link, "Makes a second name."),
    function("readlink(path, /)", readlink, "What a symbolic link says."),
    function("chmod(path, mode, /)", chmod, "Sets the permissions."),
    function("utime(path, accessed, changed, /)", utime, "Sets the times, in nanoseconds."),
    function("access(path, bits, /)", access, "Whether the process may do this with the file."),
    function("uname()", uname, "Names of the system."),
    function("cpu_count()", cpu_count, "How many processors there are."),
    function("getppid()", getppid, "The number of the parent process."),
    function("ids()", ids, "The numbers of the user and the group."),
    function("mkdir(path, mode, /)", mkdir, "Makes a folder."),
    function("remove(path, /)", remove, "Removes a file."),
    function("rmdir(path, /)", rmdir, "Removes an empty folder."),
    function("rename(src, dst, /)", rename, "Renames."),
    function("getcwd()", getcwd, "The current folder."),
    function("chdir(path, /)", chdir, "Goes to another folder."),
    function("gettempdir()", gettempdir, "The folder for temporary files."),
    function("environ()", environ, "The variables of the environment."),
    function("getpid()", getpid, "The number of the process."),
    function("urandom(n, /)", urandom, "Random bytes."),
];

static MODULE: ModuleDef = ModuleDef { name: "_files", init };

/// Makes the module known, and `open`, which loads `io` when it is called.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
    vm.add_builtin(&OPEN);
}

static OPEN: Def = function(
    "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
    open_stream,
    "Open file and return a stream.  Raise OSError upon failure.",
);

fn open_stream(vm: &Vm, a: &Args) -> R {
    let io = import(vm, "io")?;
    let f = vm.get_attr_text(&io, "open")?;
    let names = ["file", "mode", "buffering", "encoding", "errors", "newline", "closefd", "opener"];
    let given: Vec<(Value, Value)> =
        names.iter().enumerate().filter_map(|(i, n)| Some((vm.intern(n), a.get(i)?.clone()))).collect();
    vm.call_with(&f, &[], &given)
}

fn import(vm: &Vm, name: &str) -> R {
    let builtins = vm.builtins();
    let f = builtins.as_dict().and_then(|d| d.get_text(vm, "__import__"));
    vm.call(&f.unwrap_or_default(), &[vm.str(name)])
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

fn text(vm: &Vm, v: &Value) -> R<String> {
    match v.as_str().and_then(|s| s.as_utf8()) {
        Some(s) if !s.contains('\0') => Ok(s.to_owned()),
        Some(_) => Err(vm.value_error("embedded null byte")),
        None => vm.to_text(v),
    }
}

fn ask(vm: &Vm, request: FileRequest<'_>, path: Option<&Value>) -> R<FileReply> {
    vm.host.file(request).map_err(|e| vm.io_error(&e, path.cloned()))
}

fn value(vm: &Vm, reply: FileReply) -> Value {
    match reply {
        FileReply::Done => Value::NONE,
        FileReply::Number(n) => vm.uint(n),
        FileReply::Data(d) => vm.bytes(&d),
        FileReply::Text(t) => vm.str(&t),
        FileReply::Numbers(all) => vm.tuple(all.into_iter().map(|n| vm.int(n)).collect::<Vec<_>>()),
        FileReply::Names(names) => vm.list(names.iter().map(|n| vm.str(n)).collect()),
        FileReply::Pairs(pairs) => {
            let dict = vm.dict();
            if let Some(d) = dict.as_dict() {
                for (k, v) in &pairs {
                    d.set_text(vm, k, vm.str(v));
                }
            }
            dict
        }
        FileReply::Stat(fields) => vm.tuple(fields.map(|n| vm.int(n))),
    }
}

fn open(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    let mode = text(vm, &a[1])?;
    let has = |c| mode.contains(c);
    let plus = has('+');
    let request = FileRequest::Open {
        path: &path,
        read: has('r') || plus,
        write: has('w') || has('x') || has('a') || plus,
        append: has('a'),
        truncate: has('w') && !has('k'),
        create: (has('w') || has('a')) && !has('o'),
        exclusive: has('x'),
        mode: vm.index(a.get(2).unwrap_or(&Value::small(0o666)))?.clamp(0, 0o7777) as u32,
    };
    Ok(value(vm, ask(vm, request, Some(&a[0]))?))
}

fn handle(vm: &Vm, a: &Args) -> R<u64> {
    let n = vm.index(&a[0])?;
    u64::try_from(n).map_err(|_| vm.io_error(&std::io::Error::from_raw_os_error(9), None))
}

fn read(vm: &Vm, a: &Args) -> R {
    let most = vm.index(&a[1])?.clamp(0, 1 << 34) as usize;
    match handle(vm, a)? {
        0 => Ok(vm.bytes(&vm.host_bytes(most)?)),
        h => Ok(value(vm, ask(vm, FileRequest::Read(h, most), None)?)),
    }
}

/// The first three numbers are the standard streams, which belong to the host.
fn write(vm: &Vm, a: &Args) -> R {
    let data = vm.bytes_like(&a[1])?;
    let told = match handle(vm, a)? {
        1 => vm.host.write_out(&data).and_then(|()| vm.host.flush()).map_err(|e| vm.io_error(&e, None)),
        2 => vm.host.write_err(&data).map_err(|e| vm.io_error(&e, None)),
        h => ask(vm, FileRequest::Write(h, &data), None).map(drop),
    };
    told.map(|()| vm.int(data.len() as i64))
}

fn seek(vm: &Vm, a: &Args) -> R {
    let (offset, whence) = (vm.index(&a[1])?, vm.index(&a[2])?);
    let whence = u8::try_from(whence).ok().filter(|w| *w <= 2);
    let Some(whence) = whence else { return Err(vm.value_error("invalid whence")) };
    Ok(value(vm, ask(vm, FileRequest::Seek(handle(vm, a)?, offset, whence), None)?))
}

fn truncate(vm: &Vm, a: &Args) -> R {
    let size = vm.index(&a[1])?.max(0) as u64;
    Ok(value(vm, ask(vm, FileRequest::Truncate(handle(vm, a)?, size), None)?))
}

fn close(vm: &Vm, a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::Close(handle(vm, a)?), None)?))
}

fn stat(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    let follow = vm.truth(&a[1])?;
    Ok(value(vm, ask(vm, FileRequest::Stat(&path, follow), Some(&a[0]))?))
}

fn listdir(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    Ok(value(vm, ask(vm, FileRequest::List(&path), Some(&a[0]))?))
}

fn fstat(vm: &Vm, a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::StatFile(handle(vm, a)?), None)?))
}

fn pipe(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::Pipe, None)?))
}

fn dup(vm: &Vm, a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::Duplicate(handle(vm, a)?), None)?))
}

fn fsync(vm: &Vm, a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::Sync(handle(vm, a)?), None)?))
}

/// An error of two paths names both.
fn ask_of_two(vm: &Vm, request: FileRequest<'_>, a: &Args) -> R {
    match vm.host.file(request) {
        Ok(reply) => Ok(value(vm, reply)),
        Err(e) => {
            let raised = vm.io_error(&e, Some(a[0].clone()));
            vm.set_attr(&raised.0, &vm.intern("filename2"), Some(a[1].clone()))?;
            Err(raised)
        }
    }
}

fn symlink(vm: &Vm, a: &Args) -> R {
    let (says, path) = (text(vm, &a[0])?, text(vm, &a[1])?);
    ask_of_two(vm, FileRequest::Symlink(&says, &path), a)
}

fn link(vm: &Vm, a: &Args) -> R {
    let (from, to) = (text(vm, &a[0])?, text(vm, &a[1])?);
    ask_of_two(vm, FileRequest::Link(&from, &to), a)
}

fn readlink(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    Ok(value(vm, ask(vm, FileRequest::ReadLink(&path), Some(&a[0]))?))
}

fn chmod(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    let mode = vm.index(&a[1])?.clamp(0, 0o7777) as u32;
    Ok(value(vm, ask(vm, FileRequest::SetMode(&path, mode), Some(&a[0]))?))
}

fn utime(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    let (accessed, changed) = (vm.index(&a[1])?, vm.index(&a[2])?);
    Ok(value(vm, ask(vm, FileRequest::SetTimes(&path, accessed, changed), Some(&a[0]))?))
}

fn access(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    let bits = vm.index(&a[1])?.clamp(0, 7) as u32;
    Ok(Value::bool(vm.host.file(FileRequest::Access(&path, bits)).is_ok()))
}

fn uname(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::SystemNames, None)?))
}

fn cpu_count(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::Processors, None)?))
}

fn getppid(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::ParentId, None)?))
}

fn ids(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::UserIds, None)?))
}

fn mkdir(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    let mode = vm.index(&a[1])?.clamp(0, 0o7777) as u32;
    Ok(value(vm, ask(vm, FileRequest::MakeDir(&path, mode), Some(&a[0]))?))
}

fn remove(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    Ok(value(vm, ask(vm, FileRequest::Remove(&path), Some(&a[0]))?))
}

fn rmdir(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    Ok(value(vm, ask(vm, FileRequest::RemoveDir(&path), Some(&a[0]))?))
}

fn rename(vm: &Vm, a: &Args) -> R {
    let (from, to) = (text(vm, &a[0])?, text(vm, &a[1])?);
    ask_of_two(vm, FileRequest::Rename(&from, &to), a)
}

fn getcwd(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::CurrentDir, None)?))
}

fn chdir(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    Ok(value(vm, ask(vm, FileRequest::ChangeDir(&path), Some(&a[0]))?))
}

fn gettempdir(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::TempDir, None)?))
}

fn environ(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::Environment, None)?))
}

fn getpid(vm: &Vm, _a: &Args) -> R {
    Ok(value(vm, ask(vm, FileRequest::ProcessId, None)?))
}

fn urandom(vm: &Vm, a: &Args) -> R {
    let n = vm.index(&a[0])?;
    if n < 0 {
        return Err(vm.value_error("negative argument not allowed"));
    }
    vm.alloc_check(n as usize, 1)?;
    let mut data = vec![0; n as usize];
    vm.host.random(&mut data);
    Ok(vm.bytes(&data))
}
