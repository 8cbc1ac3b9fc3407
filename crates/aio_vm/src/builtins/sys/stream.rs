//! `sys.stdin`, `sys.stdout` and `sys.stderr`: text streams over the console of the host, and the byte streams below.

use crate::builtins::object::text_of;
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method};
use crate::object::DictObj;
use crate::object::class::{HAS_DICT, NO_NEW, WEAKREFABLE};
use crate::object::opaque::Payload;
use crate::text::codecs::{self, Codec, Policy};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// The payload of a stream of the console.
pub struct Console {
    /// 0 is the input, 1 the output, 2 the error output.
    fd: u8,
    closed: Cell<bool>,
    /// Input that was read but not asked for yet.
    ahead: RefCell<Vec<u8>>,
    /// The byte stream, as `buffer`; UNDEF for a byte stream itself.
    buffer: Value,
}

impl Payload for Console {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.buffer);
    }
}

pub(crate) static TEXT: TypeTable = TypeTable {
    doc: "A text stream of the console.",
    rows: &[
        method("__repr__(self, /)", repr_text, "Return repr(self)."),
        method("write(self, text, /)", write_text, "Write a string and return its length."),
        method("read(self, size=-1, /)", read_text, "Read up to this many characters, or all."),
        method("readline(self, size=-1, /)", readline_text, "Read a line."),
        method("__next__(self, /)", next_text, "Read a line or raise StopIteration."),
        method("readlines(self, hint=-1, /)", readlines, "Read all lines."),
        method("writelines(self, lines, /)", writelines, "Write all strings of an iterable."),
        method("flush(self, /)", flush, "Write what is kept back."),
        method("close(self, /)", close, "Close the stream."),
        method("isatty(self, /)", isatty, "Return whether the stream is a terminal."),
        method("fileno(self, /)", fileno, "Return the number of the stream."),
        method("readable(self, /)", readable, "Return whether the stream can be read."),
        method("writable(self, /)", writable, "Return whether the stream can be written."),
        method("seekable(self, /)", no, "Return whether the stream can be repositioned."),
        method(
            "reconfigure(self, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
            reconfigure,
            "Accepted and ignored.",
        ),
        method("__iter__(self, /)", itself, "Return self."),
        method("__enter__(self, /)", itself, "Return self."),
        method("__exit__(self, /, *args)", close, "Close the stream."),
        getter("buffer(self)", buffer, "the byte stream"),
        getter("encoding(self)", encoding, "the encoding"),
        getter("errors(self)", errors, "how encoding errors are treated"),
        getter("name(self)", name, "the name of the stream"),
        getter("mode(self)", mode, "how the stream was opened"),
        getter("closed(self)", closed, "whether the stream is closed"),
        getter("newlines(self)", nothing, "the line ends that were read"),
        getter("line_buffering(self)", yes, "whether lines are written at once"),
        getter("write_through(self)", false_, "whether everything is written at once"),
    ],
    next: Some(step_text),
};

pub(crate) static BYTES: TypeTable = TypeTable {
    doc: "A byte stream of the console.",
    rows: &[
        method("__repr__(self, /)", repr_bytes, "Return repr(self)."),
        method("write(self, data, /)", write_bytes, "Write bytes and return their number."),
        method("read(self, size=-1, /)", read_bytes, "Read up to this many bytes, or all."),
        method("readline(self, size=-1, /)", readline_bytes, "Read a line."),
        method("__next__(self, /)", next_bytes, "Read a line or raise StopIteration."),
        method("readlines(self, hint=-1, /)", readlines, "Read all lines."),
        method("writelines(self, lines, /)", writelines, "Write all bytes of an iterable."),
        method("flush(self, /)", flush, "Write what is kept back."),
        method("close(self, /)", close, "Close the stream."),
        method("isatty(self, /)", isatty, "Return whether the stream is a terminal."),
        method("fileno(self, /)", fileno, "Return the number of the stream."),
        method("readable(self, /)", readable, "Return whether the stream can be read."),
        method("writable(self, /)", writable, "Return whether the stream can be written."),
        method("seekable(self, /)", no, "Return whether the stream can be repositioned."),
        method("__iter__(self, /)", itself, "Return self."),
        method("__enter__(self, /)", itself, "Return self."),
        method("__exit__(self, /, *args)", close, "Close the stream."),
        getter("name(self)", name, "the name of the stream"),
        getter("mode(self)", mode_bytes, "how the stream was opened"),
        getter("closed(self)", closed, "whether the stream is closed"),
        getter("raw(self)", itself, "the byte stream"),
    ],
    next: Some(step_bytes),
};

pub(super) fn fill(vm: &Vm, d: &DictObj) {
    let flags = NO_NEW | HAS_DICT | WEAKREFABLE;
    let object = vm.types.object.get();
    let text = vm.native_class("_io", "TextIOWrapper", object, flags, &TEXT);
    let writer = vm.native_class("_io", "BufferedWriter", object, flags, &BYTES);
    let reader = vm.native_class("_io", "BufferedReader", object, flags, &BYTES);
    let (Some(text), Some(writer), Some(reader)) = (text.as_class(), writer.as_class(), reader.as_class()) else {
        return;
    };
    for (fd, name) in ["stdin", "stdout", "stderr"].iter().enumerate() {
        let console = |buffer| Console { fd: fd as u8, closed: Cell::new(false), ahead: RefCell::default(), buffer };
        let bytes = vm.opaque(if fd == 0 { reader } else { writer }, console(Value::UNDEF));
        let stream = vm.opaque(text, console(bytes));
        d.set_text(vm, name, stream.clone());
        d.set_text(vm, &format!("__{name}__"), stream);
    }
}

/// The stream behind a receiver, if it is open.
fn open<'a>(vm: &Vm, v: &'a Value) -> R<&'a Console> {
    match v.payload::<Console>() {
        Some(c) if c.closed.get() => Err(vm.value_error("I/O operation on closed file.")),
        Some(c) => Ok(c),
        None => Err(vm.type_error("a stream of the console is required")),
    }
}

/// The stream that keeps what was read ahead: the byte stream.
fn source<'a>(vm: &Vm, v: &'a Value) -> R<&'a Console> {
    let c = open(vm, v)?;
    if c.buffer.is_undef() { Ok(c) } else { open(vm, &c.buffer) }
}

#[cold]
fn unsupported(vm: &Vm, what: &str) -> crate::error::Raised {
    // The class is io's, which may not be loaded.
    let class = match vm.import_module("io").and_then(|io| vm.get_attr_text(&io, "UnsupportedOperation")) {
        Ok(c) if c.as_class().is_some() => c,
        _ => vm.types.os_error.value(),
    };
    match vm.call(&class, &[vm.str(what)]) {
        Ok(e) => crate::error::Raised(e),
        Err(e) => e,
    }
}

fn put(vm: &Vm, c: &Console, data: &[u8]) -> R<()> {
    let done = match c.fd {
        1 => vm.host.write_out(data),
        2 => vm.host.write_err(data),
        _ => return Err(unsupported(vm, "not writable")),
    };
    done.map_err(|e| match vm.host.must_stop() {
        Some(limit) => vm.stop(limit),
        None => vm.io_error(&e, None),
    })
}

fn write_text(vm: &Vm, a: &Args) -> R {
    let Some(s) = a[1].as_str() else {
        return Err(vm.bad_argument("write() argument", "str", &a[1]));
    };
    let c = open(vm, &a[0])?;
    if s.is_ascii() || s.as_utf8().is_some() {
        put(vm, c, s.bytes())?;
    } else {
        let policy = if c.fd == 2 { Policy::BackslashReplace } else { Policy::Strict };
        match codecs::encode(Codec::Utf8, s.bytes(), policy) {
            Ok(data) => put(vm, c, &data)?,
            Err(crate::text::TextError::Unicode(e)) => return Err(vm.unicode_error(&e, a[1].clone())),
            Err(e) => return Err(vm.text_error(e)),
        }
    }
    Ok(vm.int(s.len() as i64))
}

fn write_bytes(vm: &Vm, a: &Args) -> R {
    let Some(data) = a[1].byte_data().map(<[u8]>::to_vec) else {
        let bytes = vm.types.bytes.value();
        if a[1].as_str().is_some() || a[1].as_memoryview().is_none() {
            return Err(vm.type_error(format!("a bytes-like object is required, not '{}'", vm.type_name(&a[1]))));
        }
        let copy = vm.call(&bytes, std::slice::from_ref(&a[1]))?;
        return write_bytes(vm, &Args { slots: &[a[0].clone(), copy], rest: &[], keywords: &[], receiver: a.receiver });
    };
    put(vm, open(vm, &a[0])?, &data)?;
    Ok(vm.int(data.len() as i64))
}

fn writelines(vm: &Vm, a: &Args) -> R {
    vm.each(&a[1], |line| vm.call_method(&a[0], "write", &[line]).map(drop))?;
    Ok(Value::NONE)
}

/// Reads a line (or what is there until the end of input), at most `limit` bytes of it.
fn line(vm: &Vm, v: &Value, limit: Option<usize>) -> R<Vec<u8>> {
    let c = source(vm, v)?;
    if c.fd != 0 {
        return Err(unsupported(vm, "not readable"));
    }
    let mut data = std::mem::take(&mut *c.ahead.borrow_mut());
    if !data.contains(&b'\n') {
        data.extend(vm.host_line()?);
    }
    let mut end = data.iter().position(|b| *b == b'\n').map_or(data.len(), |i| i + 1);
    if let Some(limit) = limit {
        end = end.min(limit);
    }
    *c.ahead.borrow_mut() = data.split_off(end);
    Ok(data)
}

/// Reads until `enough` says so or the input ends.
fn gather(vm: &Vm, v: &Value, enough: impl Fn(&[u8]) -> bool) -> R<Vec<u8>> {
    let mut all = Vec::new();
    while !enough(&all) {
        let more = line(vm, v, None)?;
        if more.is_empty() {
            break;
        }
        all.extend(more);
    }
    Ok(all)
}

fn size(vm: &Vm, a: &Args) -> R<Option<usize>> {
    match a.some(1) {
        Some(n) => Ok(usize::try_from(vm.index(n)?).ok()),
        None => Ok(None),
    }
}

fn text_from(vm: &Vm, data: &[u8]) -> R {
    match codecs::decode(Codec::Utf8, data, Policy::Strict) {
        Ok(text) => Ok(vm.str_wtf8(&text)),
        Err(crate::text::TextError::Unicode(e)) => Err(vm.unicode_error(&e, vm.bytes(data))),
        Err(e) => Err(vm.text_error(e)),
    }
}

/// Byte offset behind the first `n` characters.
fn behind(data: &[u8], n: usize) -> usize {
    let starts = data.iter().enumerate().filter(|(_, b)| **b & 0xC0 != 0x80).map(|(i, _)| i);
    starts.chain([data.len()]).nth(n).unwrap_or(data.len())
}

fn read_text(vm: &Vm, a: &Args) -> R {
    let Some(n) = size(vm, a)? else { return text_from(vm, &gather(vm, &a[0], |_| false)?) };
    let mut all = gather(vm, &a[0], |d| d.iter().filter(|b| **b & 0xC0 != 0x80).count() >= n)?;
    let rest = all.split_off(behind(&all, n));
    source(vm, &a[0])?.ahead.borrow_mut().splice(0..0, rest);
    text_from(vm, &all)
}

fn read_bytes(vm: &Vm, a: &Args) -> R {
    let Some(n) = size(vm, a)? else { return Ok(vm.bytes(&gather(vm, &a[0], |_| false)?)) };
    let mut all = gather(vm, &a[0], |d| d.len() >= n)?;
    let rest = all.split_off(n.min(all.len()));
    source(vm, &a[0])?.ahead.borrow_mut().splice(0..0, rest);
    Ok(vm.bytes(&all))
}

fn readline_text(vm: &Vm, a: &Args) -> R {
    let Some(n) = size(vm, a)? else { return text_from(vm, &line(vm, &a[0], None)?) };
    let mut data = line(vm, &a[0], None)?;
    let rest = data.split_off(behind(&data, n));
    source(vm, &a[0])?.ahead.borrow_mut().splice(0..0, rest);
    text_from(vm, &data)
}

fn readline_bytes(vm: &Vm, a: &Args) -> R {
    Ok(vm.bytes(&line(vm, &a[0], size(vm, a)?)?))
}

fn step_text(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let data = line(vm, v, None)?;
    if data.is_empty() { Ok(None) } else { text_from(vm, &data).map(Some) }
}

fn step_bytes(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let data = line(vm, v, None)?;
    Ok(if data.is_empty() { None } else { Some(vm.bytes(&data)) })
}

fn next_text(vm: &Vm, a: &Args) -> R {
    step_text(vm, &a[0])?.ok_or_else(|| vm.error_with(vm.types.stop_iteration.get(), vec![]))
}

fn next_bytes(vm: &Vm, a: &Args) -> R {
    step_bytes(vm, &a[0])?.ok_or_else(|| vm.error_with(vm.types.stop_iteration.get(), vec![]))
}

fn readlines(vm: &Vm, a: &Args) -> R {
    let mut lines = Vec::new();
    while let Some(l) = vm.next(&a[0])? {
        lines.push(l);
    }
    Ok(vm.list(lines))
}

fn flush(vm: &Vm, a: &Args) -> R {
    let c = open(vm, &a[0])?;
    if c.fd != 0 {
        vm.host.flush().map_err(|e| vm.io_error(&e, None))?;
    }
    Ok(Value::NONE)
}

fn close(vm: &Vm, a: &Args) -> R {
    if let Some(c) = a[0].payload::<Console>()
        && !c.closed.get()
    {
        if c.fd != 0 {
            vm.host.flush().map_err(|e| vm.io_error(&e, None))?;
        }
        c.closed.set(true);
        if let Some(b) = c.buffer.payload::<Console>() {
            b.closed.set(true);
        }
    }
    Ok(Value::NONE)
}

fn isatty(vm: &Vm, a: &Args) -> R {
    open(vm, &a[0])?;
    Ok(Value::FALSE)
}

fn fileno(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(open(vm, &a[0])?.fd as i64))
}

fn fd(v: &Value) -> u8 {
    v.payload::<Console>().map_or(0, |c| c.fd)
}

fn readable(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(open(vm, &a[0])?.fd == 0))
}

fn writable(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(open(vm, &a[0])?.fd != 0))
}

fn no(vm: &Vm, a: &Args) -> R {
    open(vm, &a[0])?;
    Ok(Value::FALSE)
}

fn reconfigure(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn buffer(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].payload::<Console>().map_or(Value::NONE, |c| c.buffer.clone()))
}

fn encoding(vm: &Vm, _a: &Args) -> R {
    Ok(vm.intern("utf-8"))
}

fn errors(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(if fd(&a[0]) == 2 { "backslashreplace" } else { "strict" }))
}

fn name(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(match fd(&a[0]) {
        0 => "<stdin>",
        1 => "<stdout>",
        _ => "<stderr>",
    }))
}

fn mode(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(if fd(&a[0]) == 0 { "r" } else { "w" }))
}

fn mode_bytes(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(if fd(&a[0]) == 0 { "rb" } else { "wb" }))
}

fn closed(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(a[0].payload::<Console>().is_some_and(|c| c.closed.get())))
}

fn nothing(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn yes(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(fd(&a[0]) == 2))
}

fn false_(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::FALSE)
}

fn repr_text(vm: &Vm, a: &Args) -> R {
    let (name, mode) = (text_of(&name(vm, a)?), text_of(&mode(vm, a)?));
    Ok(vm.str(&format!("<_io.TextIOWrapper name='{name}' mode='{mode}' encoding='utf-8'>")))
}

fn repr_bytes(vm: &Vm, a: &Args) -> R {
    let (class, name) = (vm.full_class_name(&a[0]), text_of(&name(vm, a)?));
    Ok(vm.str(&format!("<{class} name='{name}'>")))
}
