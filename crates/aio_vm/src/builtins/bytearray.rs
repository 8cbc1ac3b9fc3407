//! Mutable arrays of bytes.

use crate::builtins::bytes::buffer::{from_arguments, one_byte};
use crate::builtins::bytes::{byte_at, data, place, position, slice};
use crate::error::R;
use crate::native::{Args, TypeTable, method, static_method};
use crate::object::ByteArrayObj;
use crate::protocol::compare::Compare;
use crate::text::{repr as text_repr, str_ops};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\n\
          bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\n\
          bytearray(int) -> bytes array of size given by the parameter initialized with null bytes\n\
          bytearray() -> empty bytes array\n\nA mutable array of bytes.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        method("__init__(self, source=b'', encoding='utf-8', errors='strict')", init, "Initialize self."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__str__(self, /)", repr, "Return str(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__getitem__(self, key, /)", get, "Return self[key]."),
        method("__setitem__(self, key, value, /)", set, "Set self[key] to value."),
        method("__delitem__(self, key, /)", delete, "Delete self[key]."),
        method("__iadd__(self, value, /)", iadd, "Implement self+=value."),
        method("__imul__(self, value, /)", imul, "Implement self*=value."),
        method("__alloc__(self, /)", alloc, "Returns the number of bytes actually allocated."),
        method("__sizeof__(self, /)", sizeof, "Returns the size of the bytearray object in memory, in bytes."),
        method("__reduce__(self, /)", reduce, "Return state information for pickling."),
        method("__reduce_ex__(self, proto=0, /)", reduce_ex, "Return state information for pickling."),
        method("append(self, item, /)", append, "Append a single item to the end of the bytearray."),
        method("extend(self, iterable_of_ints, /)", extend, "Append all the items from the iterator or sequence.")
            .usually(plain_extend),
        method(
            "insert(self, index, item, /)",
            insert,
            "Insert a single item into the bytearray before the given index.",
        ),
        method("pop(self, index=-1, /)", pop, "Remove and return a single item."),
        method("remove(self, value, /)", remove, "Remove the first occurrence of a value."),
        method("reverse(self, /)", reverse, "Reverse the order of the values in place."),
        method("copy(self, /)", copy, "Return a copy."),
        method("clear(self, /)", clear, "Remove all items."),
    ],
    next: None,
};

fn receiver<'a>(vm: &Vm, a: &'a Args) -> R<&'a ByteArrayObj> {
    a[0].as_bytearray().ok_or_else(|| {
        let given = vm.type_name(&a[0]);
        vm.type_error(format!("descriptor requires a 'bytearray' object but received '{given}'"))
    })
}

/// So many bytes are added without a look at the limits.
const FEW: usize = 4096;

/// Refuses a change of the length while a memoryview looks at the bytes.
fn resizable(vm: &Vm, b: &ByteArrayObj) -> R<()> {
    if b.exports.get() > 0 {
        return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
    }
    Ok(())
}

/// Replaces a range of bytes; the length changes only if nobody looks.
fn splice(vm: &Vm, b: &ByteArrayObj, start: usize, end: usize, new: &[u8]) -> R<()> {
    let len = b.data().len();
    let start = start.min(len);
    let end = end.clamp(start, len);
    if new.len() != end - start {
        resizable(vm, b)?;
    }
    if len - (end - start) + new.len() > vm.text_limit() {
        return Err(vm.no_memory());
    }
    b.change(|v| {
        v.splice(start..end, new.iter().copied());
    });
    Ok(())
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.bytearray.get())?;
    let v = vm.bytearray(Vec::new());
    Ok(if class.is_same(vm.types.bytearray.get()) { v } else { vm.adopt(v, class) })
}

fn init(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    if !b.data().is_empty() {
        splice(vm, b, 0, usize::MAX, b"")?;
    }
    let content = from_arguments(vm, a, "bytearray")?;
    if !content.is_empty() {
        resizable(vm, b)?;
    }
    b.change(|v| *v = content);
    Ok(Value::NONE)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let shown = text_repr::bytearray_repr(data(&a[0]));
    let inner = shown.strip_prefix("bytearray").unwrap_or(&shown);
    Ok(vm.str(&format!("{}{inner}", vm.type_name(&a[0]))))
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    if a[1].byte_data().is_none() && a[1].as_memoryview().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let other = vm.buffer(&a[1])?;
    Ok(Value::bool(op.holds(data(&a[0]).cmp(&other[..]))))
}

crate::comparisons!(compare);

fn get(vm: &Vm, a: &Args) -> R {
    if a[1].as_slice().is_some() {
        return slice(vm, &a[0], &a[1]);
    }
    let index = position(vm, &a[1], "bytearray")?;
    byte_at(data(&a[0]), index).ok_or_else(|| vm.index_error("bytearray index out of range"))
}

/// The place that an index means now.
fn place_of(vm: &Vm, b: &ByteArrayObj, index: i64) -> R<usize> {
    place(index, b.data().len()).ok_or_else(|| vm.index_error("bytearray index out of range"))
}

fn set(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    if a[1].as_slice().is_none() {
        let index = position(vm, &a[1], "bytearray")?;
        let byte = one_byte(vm, &a[2])?;
        let at = place_of(vm, b, index)?;
        b.change(|v| v[at] = byte);
        return Ok(Value::NONE);
    }
    let key = vm.resolved_slice(&a[1])?;
    vm.slice_bounds(&key, b.data().len())?;
    let new = if a[2].byte_data().is_some() || a[2].as_memoryview().is_some() {
        vm.bytes_like(&a[2])?
    } else if is_number(vm, &a[2]) || a[2].as_str().is_some() {
        return Err(vm.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
    } else {
        let made = vm.call(&vm.types.bytearray.value(), std::slice::from_ref(&a[2]))?;
        data(&made).to_vec()
    };
    // Making the bytes may have changed the length.
    let (start, step, count) = vm.slice_bounds(&key, b.data().len())?;
    let start = usize::try_from(start).unwrap_or(0);
    if step == 1 {
        splice(vm, b, start, start + count, &new)?;
    } else if new.len() == count {
        b.change(|v| {
            for (i, byte) in new.iter().enumerate() {
                if let Some(place) = v.get_mut((start as i64 + i as i64 * step) as usize) {
                    *place = *byte;
                }
            }
        });
    } else if new.is_empty() {
        delete_stepped(vm, b, start, step, count)?;
    } else {
        let given = new.len();
        let message = format!("attempt to assign bytes of size {given} to extended slice of size {count}");
        return Err(vm.value_error(message));
    }
    Ok(Value::NONE)
}

fn delete(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    if a[1].as_slice().is_none() {
        let index = position(vm, &a[1], "bytearray")?;
        let at = place_of(vm, b, index)?;
        splice(vm, b, at, at + 1, b"")?;
        return Ok(Value::NONE);
    }
    let key = vm.resolved_slice(&a[1])?;
    let (start, step, count) = vm.slice_bounds(&key, b.data().len())?;
    let start = usize::try_from(start).unwrap_or(0);
    if step == 1 {
        splice(vm, b, start, start + count, b"")?;
    } else {
        delete_stepped(vm, b, start, step, count)?;
    }
    Ok(Value::NONE)
}

fn delete_stepped(vm: &Vm, b: &ByteArrayObj, start: usize, step: i64, count: usize) -> R<()> {
    if count == 0 {
        return Ok(());
    }
    resizable(vm, b)?;
    let last = start as i64 + (count as i64 - 1) * step;
    let (first, stride) = ((start as i64).min(last), step.unsigned_abs() as usize);
    let (first, end) = (first as usize, (start as i64).max(last) as usize);
    b.change(|v| {
        let mut i = 0;
        v.retain(|_| {
            let gone = i >= first && i <= end && (i - first).is_multiple_of(stride);
            i += 1;
            !gone
        });
    });
    Ok(())
}

fn iadd(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    if a[1].byte_data().is_none() && a[1].as_memoryview().is_none() {
        let (given, own) = (vm.type_name(&a[1]), vm.type_name(&a[0]));
        return Err(vm.type_error(format!("can't concat {given} to {own}")));
    }
    let more = vm.bytes_like(&a[1])?;
    let end = b.data().len();
    splice(vm, b, end, end, &more)?;
    Ok(a[0].clone())
}

fn imul(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    let n = vm.index(&a[1])?;
    let repeated = vm.checked(str_ops::repeat(b.data(), n, vm.text_limit()))?;
    splice(vm, b, 0, usize::MAX, &repeated)?;
    Ok(a[0].clone())
}

fn alloc(vm: &Vm, a: &Args) -> R {
    let n = data(&a[0]).len();
    Ok(vm.int(if n == 0 { 0 } else { n as i64 + 1 }))
}

fn sizeof(vm: &Vm, a: &Args) -> R {
    let n = data(&a[0]).len();
    Ok(vm.int(56 + if n == 0 { 0 } else { n as i64 + 1 }))
}

fn reduce(vm: &Vm, a: &Args) -> R {
    reduced(vm, a, 2)
}

fn reduce_ex(vm: &Vm, a: &Args) -> R {
    let protocol = match a.get(1) {
        Some(v) => vm.c_int(v)?,
        None => 0,
    };
    reduced(vm, a, protocol)
}

/// The class, what to call it with, and the attributes.
fn reduced(vm: &Vm, a: &Args, protocol: i64) -> R {
    let own = data(&a[0]);
    let arguments = match (own.is_empty(), protocol < 3) {
        (true, _) => vm.empty_tuple(),
        (false, true) => {
            let text = crate::text::wtf8::from_code_points(own.iter().map(|&b| b as u32));
            vm.tuple([vm.str_wtf8(&text), vm.str("latin-1")])
        }
        (false, false) => vm.tuple([vm.bytes(own)]),
    };
    let state = vm.call_special(&a[0], &vm.names.__getstate__, &[])?.unwrap_or(Value::NONE);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), arguments, state]))
}

fn append(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    let byte = one_byte(vm, &a[1])?;
    resizable(vm, b)?;
    if b.data().len() >= vm.text_limit() {
        return Err(vm.no_memory());
    }
    b.change(|v| v.push(byte));
    Ok(Value::NONE)
}

/// A few more bytes.
fn plain_extend(_vm: &Vm, a: &[Value]) -> Option<Value> {
    let [own, more] = a else { return None };
    let b = own.as_bytearray().filter(|b| b.exports.get() == 0 && !own.is(more))?;
    let more = more.byte_data().filter(|more| more.len() <= FEW)?;
    b.change(|v| v.extend_from_slice(more));
    Some(Value::NONE)
}

fn extend(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    let more = if a[1].byte_data().is_some() || a[1].as_memoryview().is_some() {
        vm.bytes_like(&a[1])?
    } else {
        let given = vm.type_name(&a[1]);
        let it = vm.iter(&a[1]).map_err(|e| {
            if e.is(vm.types.type_error.get()) {
                vm.type_error(format!("can't extend bytearray with {given}"))
            } else {
                e
            }
        })?;
        let mut more = Vec::new();
        while let Some(item) = vm.next(&it)? {
            vm.tick()?;
            let is_text = a[1].as_str().is_some();
            more.push(one_byte(vm, &item).map_err(|e| {
                if is_text && e.is(vm.types.type_error.get()) {
                    vm.type_error(format!("expected iterable of integers; got: '{given}'"))
                } else {
                    e
                }
            })?);
        }
        more
    };
    let end = b.data().len();
    splice(vm, b, end, end, &more)?;
    Ok(Value::NONE)
}

fn insert(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    let index = vm.ssize(&a[1])?;
    let byte = one_byte(vm, &a[2])?;
    resizable(vm, b)?;
    let len = b.data().len() as i64;
    let at = if index < 0 { index.saturating_add(len).max(0) } else { index.min(len) };
    splice(vm, b, at as usize, at as usize, &[byte])?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    let index = match a.get(1) {
        Some(v) => vm.ssize(v)?,
        None => -1,
    };
    if b.data().is_empty() {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    let Some(at) = place(index, b.data().len()) else { return Err(vm.index_error("pop index out of range")) };
    resizable(vm, b)?;
    Ok(Value::small(b.change(|v| v.remove(at)) as i64))
}

fn remove(vm: &Vm, a: &Args) -> R {
    let b = receiver(vm, a)?;
    let byte = one_byte(vm, &a[1])?;
    let Some(at) = b.data().iter().position(|&x| x == byte) else {
        return Err(vm.value_error("value not found in bytearray"));
    };
    splice(vm, b, at, at + 1, b"")?;
    Ok(Value::NONE)
}

fn reverse(vm: &Vm, a: &Args) -> R {
    receiver(vm, a)?.change(|v| v.reverse());
    Ok(Value::NONE)
}

fn copy(vm: &Vm, a: &Args) -> R {
    Ok(vm.bytearray(data(&a[0]).to_vec()))
}

fn clear(vm: &Vm, a: &Args) -> R {
    splice(vm, receiver(vm, a)?, 0, usize::MAX, b"")?;
    Ok(Value::NONE)
}

/// What counts as a number: it has one of the conversions.
fn is_number(vm: &Vm, v: &Value) -> bool {
    let n = &vm.names;
    v.is_int()
        || [&n.__index__, &n.__float__, &n.__int__].iter().any(|name| vm.type_method(v, name).is_some())
        || v.as_complex().is_some()
}
