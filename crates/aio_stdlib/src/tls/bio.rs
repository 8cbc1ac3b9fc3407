//! MemoryBIO: a buffer between a connection and whatever moves its bytes.

use super::failure;
use aio_vm::{Args, Payload, R, TypeTable, Value, Vm, getter, method, static_method};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::io::Write;

static MEMORY_BIO: TypeTable = TypeTable {
    doc: "A buffer of bytes that are on their way.",
    rows: &[
        static_method("__new__(cls, /)", new, "Create and return a new object."),
        method("read(self, size=-1, /)", read, "Read up to size bytes from the memory BIO."),
        method("write(self, b, /)", write, "Writes the bytes b into the memory BIO."),
        method("write_eof(self, /)", write_eof, "Write an EOF marker to the memory BIO."),
        getter("pending(self)", pending, "The number of bytes pending in the memory BIO."),
        getter("eof(self)", eof, "Whether the memory BIO is at EOF."),
    ],
    next: None,
};

/// The bytes, and whether more may come.
#[derive(Default)]
pub struct MemoryBio {
    bytes: RefCell<VecDeque<u8>>,
    ended: Cell<bool>,
}

impl Payload for MemoryBio {}

impl MemoryBio {
    /// Moves at most `most` bytes to the end of `target`.
    pub fn take(&self, most: usize, target: &mut Vec<u8>) {
        let mut bytes = self.bytes.borrow_mut();
        let n = most.min(bytes.len());
        target.extend(bytes.drain(..n));
    }

    /// Whether nothing is left and nothing more will come.
    pub fn at_end(&self) -> bool {
        self.ended.get() && self.bytes.borrow().is_empty()
    }
}

impl Write for &MemoryBio {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.bytes.borrow_mut().extend(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Default)]
struct Class(OnceCell<Value>);

/// The class.
pub fn class(vm: &Vm) -> &Value {
    let object = vm.types.object.get();
    vm.state::<Class>().0.get_or_init(|| vm.native_class("_ssl", "MemoryBIO", object, 0, &MEMORY_BIO))
}

fn new(vm: &Vm, a: &Args) -> R {
    match a[0].as_class() {
        Some(class) => Ok(vm.opaque(class, MemoryBio::default())),
        None => Err(vm.type_error("MemoryBIO.__new__(X): X is not a type object")),
    }
}

/// The buffer that a value is.
pub fn of<'a>(vm: &Vm, v: &'a Value) -> R<&'a MemoryBio> {
    v.payload::<MemoryBio>().ok_or_else(|| vm.type_error("a MemoryBIO is expected"))
}

fn read(vm: &Vm, a: &Args) -> R {
    let bio = of(vm, &a[0])?;
    let most = match a.get(1) {
        Some(n) => usize::try_from(vm.index(n)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let mut data = Vec::new();
    bio.take(most, &mut data);
    Ok(vm.bytes(&data))
}

fn write(vm: &Vm, a: &Args) -> R {
    let bio = of(vm, &a[0])?;
    let data = vm.bytes_like(&a[1])?;
    if bio.ended.get() {
        return Err(failure::plain(vm, "cannot write() after write_eof()"));
    }
    vm.note_bytes(data.len());
    bio.bytes.borrow_mut().extend(&data);
    Ok(vm.int(data.len() as i64))
}

fn write_eof(vm: &Vm, a: &Args) -> R {
    of(vm, &a[0])?.ended.set(true);
    Ok(Value::NONE)
}

fn pending(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(of(vm, &a[0])?.bytes.borrow().len() as i64))
}

fn eof(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(of(vm, &a[0])?.at_end()))
}
