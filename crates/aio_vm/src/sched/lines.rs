//! Taking lines and pieces from the buffer of a stream.

use crate::error::R;
use crate::native::{Args, Def, function};
use crate::object::ByteArrayObj;
use crate::value::Value;
use crate::vm::Vm;

/// Functions of the module _io_operations on the buffers of streams.
pub static BUFFERS: &[Def] = &[
    function(
        "take_line(buffer, offset, limit, /)",
        take_line,
        "Take the first line, which ends behind the offset; None if none ends, False if it is longer than the limit.",
    )
    .usually(line_usually),
    function("take(buffer, n, /)", take, "Take the first n bytes, or all.").usually(piece_usually),
];

/// What was in front is gone from a buffer that nobody else looks at.
fn cut(vm: &Vm, buffer: &ByteArrayObj, end: usize) -> Value {
    let (all, piece) = match buffer.data().get(..end) {
        Some(piece) => (piece.len() == buffer.data().len(), vm.bytes(piece)),
        None => (true, vm.bytes(buffer.data())),
    };
    buffer.change(|v| {
        if all {
            v.clear();
        } else {
            v.drain(..end);
        }
    });
    piece
}

fn own_buffer(v: &Value) -> Option<&ByteArrayObj> {
    v.as_bytearray().filter(|b| b.exports.get() == 0)
}

fn number(v: &Value) -> Option<usize> {
    usize::try_from(v.as_small()?).ok()
}

fn line_usually(vm: &Vm, given: &[Value]) -> Option<Value> {
    let [buffer, offset, limit] = given else { return None };
    let (buffer, offset, limit) = (own_buffer(buffer)?, number(offset)?, number(limit)?);
    let Some(found) = memchr::memchr(b'\n', buffer.data().get(offset..)?) else { return Some(Value::NONE) };
    let end = offset + found;
    Some(if end < limit { cut(vm, buffer, end + 1) } else { Value::FALSE })
}

fn piece_usually(vm: &Vm, given: &[Value]) -> Option<Value> {
    let [buffer, n] = given else { return None };
    Some(cut(vm, own_buffer(buffer)?, number(n)?))
}

fn take_line(vm: &Vm, a: &Args) -> R {
    line_usually(vm, a.slots).map_or_else(|| Err(refused(vm, &a[0])), Ok)
}

fn take(vm: &Vm, a: &Args) -> R {
    piece_usually(vm, a.slots).map_or_else(|| Err(refused(vm, &a[0])), Ok)
}

#[cold]
fn refused(vm: &Vm, buffer: &Value) -> crate::error::Raised {
    match buffer.as_bytearray() {
        Some(b) if b.exports.get() > 0 => vm.buffer_error("Existing exports of data: object cannot be re-sized"),
        _ => vm.type_error("a bytearray and places in it are expected"),
    }
}
