//! The module _files: what os, io and tempfile ask of the host.

use aio_vm::host::{FileReply, FileRequest};
use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function("open(path, mode, /)", open, "Opens a file; its number. The mode is of Python's open()."),
    function("read(handle, most, /)", read, "Reads at most so many bytes."),
    function("write(handle, data, /)", write, "Writes all of the data."),
    function("seek(handle, offset, whence, /)", seek, "Moves the position; the new one."),
    function("truncate(handle, size, /)", truncate, "Sets the length."),
    function("close(handle, /)", close, "Closes."),
    function("stat(path, follow, /)", stat, "What a path is."),
    function("listdir(path, /)", listdir, "The names in a folder."),
    function("mkdir(path, /)", mkdir, "Makes a folder."),
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
    if let Some(d) = vm.builtins.get().as_dict() {
        d.set_text(vm, "open", vm.native(&OPEN, Value::UNDEF));
    }
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
    let builtins = vm.builtins.get();
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
        truncate: has('w'),
        create: has('w') || has('a'),
        exclusive: has('x'),
    };
    Ok(value(vm, ask(vm, request, Some(&a[0]))?))
}

fn handle(vm: &Vm, a: &Args) -> R<u64> {
    Ok(vm.index(&a[0])?.max(0) as u64)
}

fn read(vm: &Vm, a: &Args) -> R {
    let most = vm.index(&a[1])?.clamp(0, 1 << 34) as usize;
    Ok(value(vm, ask(vm, FileRequest::Read(handle(vm, a)?, most), None)?))
}

fn write(vm: &Vm, a: &Args) -> R {
    let data = a[1].byte_data().map(<[u8]>::to_vec).unwrap_or_default();
    Ok(value(vm, ask(vm, FileRequest::Write(handle(vm, a)?, &data), None)?))
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

fn mkdir(vm: &Vm, a: &Args) -> R {
    let path = text(vm, &a[0])?;
    Ok(value(vm, ask(vm, FileRequest::MakeDir(&path), Some(&a[0]))?))
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
    Ok(value(vm, ask(vm, FileRequest::Rename(&from, &to), Some(&a[0]))?))
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
