//! Views of the memory of bytes and bytearrays, in one dimension.

mod items;

use crate::builtins::bytes::{data, place};
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method, static_method};
use crate::object::MemoryViewObj;
use crate::object::iter::IterState;
use crate::text::bytes_ops;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Create a new memoryview object which references the given object.",
    rows: &[
        static_method("__new__(cls, object)", new, "Create and return a new object."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__getitem__(self, key, /)", get, "Return self[key]."),
        method("__setitem__(self, key, value, /)", set, "Set self[key] to value."),
        method("__delitem__(self, key, /)", delete, "Delete self[key]."),
        method("__enter__(self, /)", enter, "The view itself, to be released at the end of the with statement."),
        method("__exit__(self, /, *exc_info)", exit, "Releases the underlying buffer."),
        method("release(self, /)", release, "Release the underlying buffer exposed by the memoryview object."),
        method("tobytes(self, /, order='C')", tobytes, "Return the data in the buffer as a byte string."),
        method("tolist(self, /)", tolist, "Return the data in the buffer as a list of elements."),
        method("hex(self, /, sep=None, bytes_per_sep=1)", hex, "The bytes as hexadecimal digits."),
        method("cast(self, /, format, shape=None)", cast, "Cast a memoryview to a new format."),
        method("toreadonly(self, /)", toreadonly, "Return a readonly version of the memoryview."),
        getter("obj(self)", obj, "The underlying object of the memoryview."),
        getter("nbytes(self)", nbytes, "The amount of space in bytes that the array would use."),
        getter("readonly(self)", readonly, "A bool indicating whether the memory is read only."),
        getter("itemsize(self)", itemsize, "The size in bytes of each element of the memoryview."),
        getter("format(self)", format_of, "The format of each element, as in the struct module."),
        getter("ndim(self)", ndim, "The number of dimensions."),
        getter("shape(self)", shape, "The number of elements in each dimension."),
        getter("strides(self)", strides, "The distance of the elements of each dimension in bytes."),
        getter("suboffsets(self)", suboffsets, "Always an empty tuple."),
        getter("c_contiguous(self)", contiguous, "Whether the elements lie in one piece."),
        getter("f_contiguous(self)", contiguous, "Whether the elements lie in one piece."),
        getter("contiguous(self)", contiguous, "Whether the elements lie in one piece."),
    ],
    next: None,
};

/// The view of a receiver, which must not have been released.
fn receiver<'a>(vm: &Vm, a: &'a Args) -> R<&'a MemoryViewObj> {
    match a[0].as_memoryview() {
        Some(view) if !view.base.is_empty() => Ok(view),
        _ => Err(vm.value_error("operation forbidden on released memoryview object")),
    }
}

/// A view with another selection of the same memory.
fn derived(
    vm: &Vm,
    view: &MemoryViewObj,
    offset: usize,
    len: usize,
    stride: isize,
    itemsize: usize,
    format: u8,
) -> Value {
    let v = vm.memoryview(view.base.get(), offset, len, stride, itemsize, format);
    if let Some(made) = v.as_memoryview() {
        made.readonly.set(view.readonly.get());
    }
    v
}

fn new(vm: &Vm, a: &Args) -> R {
    vm.class_to_make(&a[0], vm.types.memoryview.get())?;
    vm.view_of(&a[1])
}

impl Vm {
    /// `memoryview(v)`.
    pub fn view_of(&self, v: &Value) -> R {
        if let Some(view) = v.as_memoryview() {
            if view.base.is_empty() {
                return Err(self.value_error("operation forbidden on released memoryview object"));
            }
            return Ok(derived(self, view, view.offset, view.len, view.stride, view.itemsize, view.format));
        }
        match v.byte_data() {
            Some(d) => Ok(self.memoryview(v.clone(), 0, d.len(), 1, 1, b'B')),
            None => {
                // The flags of CPython's full request for a buffer.
                if let Some(shown) = self.call_special(v, &self.intern("__buffer__"), &[Value::small(0x11c)])? {
                    if shown.as_memoryview().is_some() {
                        return Ok(shown);
                    }
                    return Err(self.type_error("__buffer__ returned non-memoryview object"));
                }
                let given = self.type_name(v);
                Err(self.type_error(format!("memoryview: a bytes-like object is required, not '{given}'")))
            }
        }
    }
}

fn repr(vm: &Vm, a: &Args) -> R {
    let released = a[0].as_memoryview().is_some_and(|m| m.base.is_empty());
    let state = if released { "released memory" } else { "memory" };
    Ok(vm.str(&format!("<{state} at {:#x}>", vm.id_of(&a[0]))))
}

fn hash(vm: &Vm, a: &Args) -> R {
    let view = receiver(vm, a)?;
    if !view.readonly.get() {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !matches!(view.format, b'B' | b'b' | b'c') {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    Ok(vm.int(vm.hash_bytes(&vm.view_bytes(view)?) as i64))
}

/// Whether both show equal items; `None` for a foreign value.
fn equal(vm: &Vm, a: &Args) -> R<Option<bool>> {
    if a[0].is(&a[1]) {
        return Ok(Some(true));
    }
    let (Ok(x), true) = (receiver(vm, a), a[1].byte_data().is_some() || a[1].as_memoryview().is_some()) else {
        let foreign = a[1].byte_data().is_none() && a[1].as_memoryview().is_none();
        return Ok(if foreign { None } else { Some(false) });
    };
    if a[1].as_memoryview().is_some_and(|m| m.base.is_empty()) {
        return Ok(Some(false));
    }
    let other = vm.view_of(&a[1])?;
    let Some(y) = other.as_memoryview() else { return Ok(None) };
    if x.len != y.len {
        return Ok(Some(false));
    }
    if x.format == y.format && !matches!(x.format, b'e' | b'f' | b'd') {
        return Ok(Some(vm.view_bytes(x)? == vm.view_bytes(y)?));
    }
    let (x, y) = (items::all(vm, x)?, items::all(vm, y)?);
    for (p, q) in x.iter().zip(&y) {
        if !vm.compare(crate::protocol::compare::Compare::Eq, p, q)? {
            return Ok(Some(false));
        }
    }
    Ok(Some(true))
}

crate::equality!(equal);

fn len(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(receiver(vm, a)?.len as i64))
}

fn iter(vm: &Vm, a: &Args) -> R {
    receiver(vm, a)?;
    let it = vm.iterator(IterState::Sequence(a[0].clone(), 0));
    Ok(vm.adopt(it, vm.types.memory_iterator.get()))
}

/// What a key selects: one item, or a part as start, step and count.
enum Selection {
    Item(usize),
    Part(i64, i64, usize),
}

fn selection(vm: &Vm, view: &MemoryViewObj, key: &Value) -> R<Selection> {
    if key.as_slice().is_some() {
        let key = vm.resolved_slice(key)?;
        let (start, step, count) = vm.slice_bounds(&key, view.len)?;
        return Ok(Selection::Part(start, step, count));
    }
    let key = match key.as_tuple().map(|t| t.items()) {
        Some([only]) => only,
        Some([]) => return Err(vm.not_implemented_error("sub-views are not implemented")),
        Some(many) => {
            let n = many.len();
            if many.iter().all(|k| k.as_slice().is_some()) {
                return Err(vm.not_implemented_error("multi-dimensional slicing is not implemented"));
            }
            if !many.iter().all(|k| is_index(vm, k)) {
                return Err(vm.type_error("memoryview: invalid slice key"));
            }
            return Err(vm.type_error(format!("cannot index 1-dimension view with {n}-element tuple")));
        }
        None => key,
    };
    if !is_index(vm, key) {
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    let Some(index) = vm.index_value(key)?.as_i64() else {
        return Err(vm.index_error(format!("cannot fit '{}' into an index-sized integer", vm.type_name(key))));
    };
    place(index, view.len).map(Selection::Item).ok_or_else(|| vm.index_error("index out of bounds on dimension 1"))
}

fn is_index(vm: &Vm, key: &Value) -> bool {
    key.is_int() || vm.type_method(key, &vm.names.__index__).is_some()
}

/// The view of a part.
fn sub_view(vm: &Vm, view: &MemoryViewObj, start: i64, step: i64, count: usize) -> Value {
    // An empty part may begin behind the end; its place means nothing then.
    let start = if count == 0 { 0 } else { start };
    let offset = view.offset as i64 + start * view.stride as i64;
    let stride = (view.stride as i64).saturating_mul(step);
    derived(vm, view, offset.max(0) as usize, count, stride as isize, view.itemsize, view.format)
}

fn get(vm: &Vm, a: &Args) -> R {
    let view = receiver(vm, a)?;
    match selection(vm, view, &a[1])? {
        Selection::Item(i) => items::get(vm, receiver(vm, a)?, i),
        Selection::Part(start, step, count) => Ok(sub_view(vm, receiver(vm, a)?, start, step, count)),
    }
}

fn set(vm: &Vm, a: &Args) -> R {
    let view = receiver(vm, a)?;
    if view.readonly.get() {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    match selection(vm, view, &a[1])? {
        Selection::Item(i) => {
            let packed = items::pack(vm, view.format, &a[2])?;
            items::write(receiver(vm, a)?, i, &packed);
        }
        Selection::Part(start, step, count) => {
            if a[2].byte_data().is_none() && a[2].as_memoryview().is_none() {
                let given = vm.type_name(&a[2]);
                return Err(vm.type_error(format!("a bytes-like object is required, not '{given}'")));
            }
            let source = vm.view_of(&a[2])?;
            let Some(source) = source.as_memoryview() else { return Ok(Value::NONE) };
            if source.format != view.format || source.len != count {
                let message = "memoryview assignment: lvalue and rvalue have different structures";
                return Err(vm.value_error(message));
            }
            // A copy, because both may show the same memory.
            let new = vm.view_bytes(source)?;
            let target = sub_view(vm, receiver(vm, a)?, start, step, count);
            if let Some(target) = target.as_memoryview() {
                for (i, item) in new.chunks_exact(view.itemsize.max(1)).enumerate() {
                    items::write(target, i, item);
                }
            }
        }
    }
    Ok(Value::NONE)
}

fn delete(vm: &Vm, a: &Args) -> R {
    if receiver(vm, a)?.readonly.get() {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    Err(vm.type_error("cannot delete memory"))
}

fn enter(vm: &Vm, a: &Args) -> R {
    receiver(vm, a)?;
    Ok(a[0].clone())
}

fn exit(vm: &Vm, a: &Args) -> R {
    release(vm, a)
}

fn release(_vm: &Vm, a: &Args) -> R {
    if let Some(view) = a[0].as_memoryview() {
        view.release();
    }
    Ok(Value::NONE)
}

fn tobytes(vm: &Vm, a: &Args) -> R {
    let view = receiver(vm, a)?;
    if let Some(order) = a.some(1) {
        let Some(s) = order.as_str() else {
            return Err(vm.bad_argument("tobytes() argument 'order'", "str or None", order));
        };
        if !matches!(s.bytes(), b"C" | b"F" | b"A") {
            return Err(vm.value_error("order must be 'C', 'F' or 'A'"));
        }
    }
    Ok(vm.bytes(&vm.view_bytes(view)?))
}

fn tolist(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(items::all(vm, receiver(vm, a)?)?))
}

fn hex(vm: &Vm, a: &Args) -> R {
    receiver(vm, a)?;
    let (sep, group) = crate::builtins::bytes::hex_arguments(vm, a)?;
    Ok(vm.str(&bytes_ops::hex(&vm.view_bytes(receiver(vm, a)?)?, sep, group)))
}

fn cast(vm: &Vm, a: &Args) -> R {
    let view = receiver(vm, a)?;
    let Some(name) = a[1].as_str() else {
        return Err(vm.bad_argument("cast() argument 'format'", "str", &a[1]));
    };
    let wanted = match name.bytes() {
        [format] | [b'@', format] => items::size_of_format(*format).map(|size| (*format, size)),
        _ => None,
    };
    let Some((format, size)) = wanted else {
        return Err(vm.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        ));
    };
    if view.stride != view.itemsize as isize {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let is_byte = |f: u8| matches!(f, b'B' | b'b' | b'c');
    if !is_byte(view.format) && !is_byte(format) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let bytes = view.len * view.itemsize;
    if !bytes.is_multiple_of(size) {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    if let Some(shape) = a.some(2) {
        if shape.as_list().is_none() && shape.as_tuple().is_none() {
            return Err(vm.type_error("shape must be a list or a tuple"));
        }
        let dimensions = vm.collect(shape)?;
        let [only] = &dimensions[..] else {
            return Err(vm.not_implemented_error("memoryview: only one dimension is supported"));
        };
        if vm.index(only)? != (bytes / size) as i64 {
            return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
        }
    }
    let view = receiver(vm, a)?;
    Ok(derived(vm, view, view.offset, bytes / size, size as isize, size, format))
}

fn toreadonly(vm: &Vm, a: &Args) -> R {
    let v = vm.view_of(&a[0])?;
    if let Some(view) = v.as_memoryview() {
        view.readonly.set(true);
    }
    Ok(v)
}

fn obj(vm: &Vm, a: &Args) -> R {
    Ok(receiver(vm, a)?.base.get())
}

fn nbytes(vm: &Vm, a: &Args) -> R {
    let view = receiver(vm, a)?;
    Ok(vm.int((view.len * view.itemsize) as i64))
}

fn readonly(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(receiver(vm, a)?.readonly.get()))
}

fn itemsize(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(receiver(vm, a)?.itemsize as i64))
}

fn format_of(vm: &Vm, a: &Args) -> R {
    Ok(vm.char_str(receiver(vm, a)?.format))
}

fn ndim(vm: &Vm, a: &Args) -> R {
    receiver(vm, a)?;
    Ok(Value::small(1))
}

fn shape(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple([vm.int(receiver(vm, a)?.len as i64)]))
}

fn strides(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple([vm.int(receiver(vm, a)?.stride as i64)]))
}

fn suboffsets(vm: &Vm, a: &Args) -> R {
    receiver(vm, a)?;
    Ok(vm.empty_tuple())
}

fn contiguous(vm: &Vm, a: &Args) -> R {
    let view = receiver(vm, a)?;
    Ok(Value::bool(view.len <= 1 || view.stride == view.itemsize as isize))
}

/// The memory of a view's base, to be looked at only until script code runs.
fn memory(base: &Value) -> &[u8] {
    data(base)
}
