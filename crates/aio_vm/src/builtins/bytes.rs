//! Immutable bytes, and the methods that they share with bytearray.

pub(crate) mod buffer;
mod case;
mod convert;
mod layout;
mod search;
mod split;

pub(crate) use convert::hex_arguments;

use crate::builtins::str::{codec, percent};
use crate::error::R;
use crate::native::{Args, TypeTable, class_method, method, static_method};
use crate::object::class::HEAP;
use crate::object::iter::IterState;
use crate::protocol::compare::Compare;
use crate::text::search::Unit;
use crate::text::{repr as text_repr, str_ops};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\n\
          bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\n\
          bytes(int) -> bytes object of size given by the parameter initialized with null bytes\n\
          bytes() -> empty bytes object\n\nAn immutable array of bytes.",
    rows: &[
        static_method(
            "__new__(cls, source=b'', encoding='utf-8', errors='strict')",
            new,
            "Create and return a new object.",
        ),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__str__(self, /)", repr, "Return str(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__getitem__(self, key, /)", get, "Return self[key]."),
        method("__getnewargs__(self, /)", getnewargs, ""),
        method("__bytes__(self, /)", exact, "Convert this value to exact type bytes."),
        method("__sizeof__(self, /)", sizeof, "Returns size in memory, in bytes."),
    ],
    next: None,
};

/// What bytes and bytearray have in common; results are of the receiver's kind.
pub(crate) static SHARED: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__len__(self, /)", len, "Return len(self)."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__contains__(self, key, /)", search::contains, "Return bool(key in self)."),
        method("__add__(self, value, /)", add, "Return self+value."),
        method("__mul__(self, value, /)", mul, "Return self*value."),
        method("__rmul__(self, value, /)", mul, "Return value*self."),
        method("__mod__(self, value, /)", modulo, "Return self%value."),
        method("__rmod__(self, value, /)", rmodulo, "Return value%self."),
        method(
            "count(self, sub, start=None, end=None, /)",
            search::count,
            "Number of occurrences of sub that do not overlap.",
        ),
        method("find(self, sub, start=None, end=None, /)", search::find, "Lowest index of sub, or -1."),
        method("rfind(self, sub, start=None, end=None, /)", search::rfind, "Highest index of sub, or -1."),
        method("index(self, sub, start=None, end=None, /)", search::index, "Lowest index of sub, or ValueError."),
        method("rindex(self, sub, start=None, end=None, /)", search::rindex, "Highest index of sub, or ValueError."),
        method(
            "startswith(self, prefix, start=None, end=None, /)",
            search::startswith,
            "Whether the bytes start with the prefix.",
        ),
        method(
            "endswith(self, suffix, start=None, end=None, /)",
            search::endswith,
            "Whether the bytes end with the suffix.",
        ),
        method("removeprefix(self, prefix, /)", search::removeprefix, "The bytes without the prefix, if they have it."),
        method("removesuffix(self, suffix, /)", search::removesuffix, "The bytes without the suffix, if they have it."),
        method(
            "replace(self, old, new, count=-1, /)",
            search::replace,
            "A copy with occurrences of old replaced by new.",
        ),
        method("split(self, /, sep=None, maxsplit=-1)", split::split, "A list of the sections between separators."),
        method("rsplit(self, /, sep=None, maxsplit=-1)", split::rsplit, "As split(), but cuts from the end."),
        method("splitlines(self, /, keepends=False)", split::splitlines, "A list of the lines."),
        method(
            "partition(self, sep, /)",
            split::partition,
            "What stands before the separator, the separator, and the rest.",
        ),
        method("rpartition(self, sep, /)", split::rpartition, "As partition(), at the last separator."),
        method("join(self, iterable_of_bytes, /)", split::join, "Concatenate any number of bytes objects."),
        method(
            "strip(self, bytes=None, /)",
            layout::strip,
            "A copy without leading and trailing whitespace, or bytes.",
        ),
        method("lstrip(self, bytes=None, /)", layout::lstrip, "A copy without leading whitespace, or bytes."),
        method("rstrip(self, bytes=None, /)", layout::rstrip, "A copy without trailing whitespace, or bytes."),
        method("center(self, width, fillchar=b' ', /)", layout::center, "Centered bytes of the width."),
        method("ljust(self, width, fillchar=b' ', /)", layout::ljust, "Left-justified bytes of the width."),
        method("rjust(self, width, fillchar=b' ', /)", layout::rjust, "Right-justified bytes of the width."),
        method("zfill(self, width, /)", layout::zfill, "Pad a number with zeros on the left."),
        method("expandtabs(self, /, tabsize=8)", layout::expandtabs, "A copy with tabs expanded to spaces."),
        method("lower(self, /)", case::lower, "A copy in lower case."),
        method("upper(self, /)", case::upper, "A copy in upper case."),
        method("title(self, /)", case::title, "A copy in title case."),
        method("capitalize(self, /)", case::capitalize, "First letter in upper case, the rest in lower case."),
        method("swapcase(self, /)", case::swapcase, "Upper case becomes lower case and the other way round."),
        method("isalnum(self, /)", case::isalnum, "Whether all bytes are ASCII letters or digits."),
        method("isalpha(self, /)", case::isalpha, "Whether all bytes are ASCII letters."),
        method("isascii(self, /)", case::isascii, "Whether all bytes are ASCII."),
        method("isdigit(self, /)", case::isdigit, "Whether all bytes are ASCII digits."),
        method("islower(self, /)", case::islower, "Whether the letters are in lower case."),
        method("isspace(self, /)", case::isspace, "Whether all bytes are ASCII whitespace."),
        method("istitle(self, /)", case::istitle, "Whether the words are in title case."),
        method("isupper(self, /)", case::isupper, "Whether the letters are in upper case."),
        method("decode(self, /, encoding='utf-8', errors='strict')", codec::decode, "Decode the bytes to a string."),
        method("hex(self, /, sep=None, bytes_per_sep=1)", convert::hex, "The bytes as hexadecimal digits."),
        class_method("fromhex(cls, string, /)", convert::fromhex, "The bytes that hexadecimal digits spell."),
        method("translate(self, table, /, delete=b'')", convert::translate, "Map each byte through the table."),
        static_method("maketrans(frm, to, /)", convert::maketrans, "A table for translate()."),
    ],
    next: None,
};

/// The bytes of a receiver, to be looked at only until script code runs.
pub(crate) fn data(v: &Value) -> &[u8] {
    v.byte_data().unwrap_or(&[])
}

/// A new object of the kind of `like`: bytes or bytearray.
pub(crate) fn made(vm: &Vm, like: &Value, data: Vec<u8>) -> Value {
    if like.as_bytearray().is_some() { vm.bytearray(data) } else { vm.bytes(&data) }
}

/// A part of the receiver, which is itself the result if it is exact bytes and nothing is missing.
pub(crate) fn part(vm: &Vm, of: &Value, part: &[u8]) -> Value {
    if of.as_bytearray().is_some() {
        return vm.bytearray(part.to_vec());
    }
    if part.len() == data(of).len() && vm.class_of(of).is_same(vm.types.bytes.get()) {
        return of.clone();
    }
    vm.bytes(part)
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.bytes.get())?;
    let exact = class.is_same(vm.types.bytes.get());
    if exact
        && let (Some(v), None, None) = (a.get(1), a.get(2), a.get(3))
        && vm.class_of(v).is_same(vm.types.bytes.get())
    {
        return Ok(v.clone());
    }
    let v = vm.bytes(&buffer::from_arguments(vm, a, "bytes")?);
    Ok(if exact { v } else { vm.adopt(v, class) })
}

fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&text_repr::bytes_repr(data(&a[0]))))
}

fn hash(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.hash_bytes(data(&a[0])) as i64))
}

fn compare(_vm: &Vm, a: &Args, op: Compare) -> R {
    Ok(match (a[0].as_bytes(), a[1].as_bytes()) {
        (Some(x), Some(y)) => Value::bool(op.holds(x.data().cmp(y.data()))),
        _ => Value::NOT_IMPLEMENTED,
    })
}

crate::comparisons!(compare);

fn len(_vm: &Vm, a: &Args) -> R {
    Ok(Value::small(data(&a[0]).len() as i64))
}

fn iter(vm: &Vm, a: &Args) -> R {
    Ok(vm.iterator(IterState::Bytes(a[0].clone(), 0)))
}

fn get(vm: &Vm, a: &Args) -> R {
    if a[1].as_slice().is_some() {
        return slice(vm, &a[0], &a[1]);
    }
    let index = position(vm, &a[1], "byte")?;
    byte_at(data(&a[0]), index).ok_or_else(|| vm.index_error("index out of range"))
}

/// An index of bytes or bytearray as the script gave it.
pub(crate) fn position(vm: &Vm, key: &Value, kind: &str) -> R<i64> {
    if let Some(n) = key.as_small() {
        return Ok(n);
    }
    let given = vm.type_name(key);
    if !key.is_int() && vm.type_method(key, &vm.names.__index__).is_none() {
        return Err(vm.type_error(format!("{kind} indices must be integers or slices, not {given}")));
    }
    let n = vm.index_value(key)?;
    n.as_i64().ok_or_else(|| vm.index_error(format!("cannot fit '{given}' into an index-sized integer")))
}

/// The byte at an index, which counts from the end if it is negative.
pub(crate) fn byte_at(data: &[u8], index: i64) -> Option<Value> {
    place(index, data.len()).and_then(|i| data.get(i)).map(|&b| Value::small(b as i64))
}

/// The place in a sequence that an index means, if there is one.
pub(crate) fn place(index: i64, len: usize) -> Option<usize> {
    let i = if index < 0 { index.checked_add(len as i64)? } else { index };
    usize::try_from(i).ok().filter(|&i| i < len)
}

pub(crate) fn slice(vm: &Vm, v: &Value, key: &Value) -> R {
    // The index methods of a slice may change a bytearray; its length counts when they are through.
    let key = vm.resolved_slice(key)?;
    let (start, step, count) = vm.slice_bounds(&key, data(v).len())?;
    let data = data(v);
    let start = usize::try_from(start).unwrap_or(0);
    if step == 1 {
        return Ok(part(vm, v, data.get(start..start + count).unwrap_or(&[])));
    }
    let picked = (0..count as i64).filter_map(|i| data.get((start as i64 + i * step) as usize).copied());
    Ok(made(vm, v, picked.collect()))
}

fn getnewargs(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple([vm.bytes(data(&a[0]))]))
}

fn exact(vm: &Vm, a: &Args) -> R {
    Ok(part(vm, &a[0], data(&a[0])))
}

fn sizeof(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(33 + data(&a[0]).len() as i64))
}

fn add(vm: &Vm, a: &Args) -> R {
    if a[1].byte_data().is_none() && a[1].as_memoryview().is_none() {
        let (given, own) = (vm.type_name(&a[1]), vm.type_name(&a[0]));
        return Err(vm.type_error(format!("can't concat {given} to {own}")));
    }
    let more = vm.buffer(&a[1])?;
    let own = data(&a[0]);
    if own.len() + more.len() > vm.text_limit() {
        return Err(vm.no_memory());
    }
    if own.is_empty() && a[0].as_bytes().is_some() && a[1].as_bytes().is_some() && !vm.class_of(&a[1]).is(HEAP) {
        return Ok(a[1].clone());
    }
    Ok(made(vm, &a[0], [own, &more].concat()))
}

fn mul(vm: &Vm, a: &Args) -> R {
    let n = vm.index(&a[1])?;
    if n == 1 {
        return Ok(part(vm, &a[0], data(&a[0])));
    }
    if a[0].as_bytes().is_some() && n > 0 && (data(&a[0]).len() as i64).checked_mul(n).is_none() {
        return Err(vm.overflow_error("repeated bytes are too long"));
    }
    let repeated = vm.checked(str_ops::repeat(data(&a[0]), n, vm.text_limit()))?;
    Ok(made(vm, &a[0], repeated))
}

fn modulo(vm: &Vm, a: &Args) -> R {
    formatted(vm, &a[0], &a[1])
}

fn rmodulo(vm: &Vm, a: &Args) -> R {
    formatted(vm, &a[1], &a[0])
}

fn formatted(vm: &Vm, template: &Value, values: &Value) -> R {
    if template.byte_data().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let text = data(template).to_vec();
    Ok(made(vm, template, percent::render(vm, &text, values, Unit::Byte)?))
}
