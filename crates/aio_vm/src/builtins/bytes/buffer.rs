//! The bytes that other objects give: buffers, `__bytes__`, integers, encoded text.

use crate::error::R;
use crate::native::Args;
use crate::object::MemoryViewObj;
use crate::value::Value;
use crate::vm::Vm;
use std::borrow::Cow;

impl Vm {
    /// The bytes of a bytes-like object, without a copy where they lie in one piece; to be looked at only until script
    /// code runs.
    pub(crate) fn buffer<'a>(&self, v: &'a Value) -> R<Cow<'a, [u8]>> {
        if let Some(data) = v.byte_data() {
            return Ok(Cow::Borrowed(data));
        }
        if let Some(view) = v.as_memoryview() {
            return self.view_bytes(view).map(Cow::Owned);
        }
        // Objects of scripts show their bytes through a memoryview.
        if let Some(shown) = self.call_special(v, &self.intern("__buffer__"), &[Value::small(0)])?
            && let Some(view) = shown.as_memoryview()
        {
            return self.view_bytes(view).map(Cow::Owned);
        }
        let given = self.type_name(v);
        Err(self.type_error(format!("a bytes-like object is required, not '{given}'")))
    }

    /// A copy of the bytes of a bytes-like object.
    pub fn bytes_like(&self, v: &Value) -> R<Vec<u8>> {
        self.buffer(v).map(Cow::into_owned)
    }

    /// The bytes that a memoryview shows.
    pub(crate) fn view_bytes(&self, view: &MemoryViewObj) -> R<Vec<u8>> {
        let base = view.base.get();
        if base.is_undef() {
            return Err(self.value_error("operation forbidden on released memoryview object"));
        }
        let data = base.byte_data().unwrap_or(&[]);
        if view.stride == view.itemsize as isize {
            let end = view.offset + view.len * view.itemsize;
            return Ok(data.get(view.offset..end).unwrap_or(&[]).to_vec());
        }
        let mut out = Vec::with_capacity(view.len * view.itemsize);
        for i in 0..view.len {
            let at = (view.offset as isize + i as isize * view.stride) as usize;
            out.extend_from_slice(data.get(at..at + view.itemsize).unwrap_or(&[]));
        }
        Ok(out)
    }

    /// The bytes that an object stands for: its buffer, what `__bytes__` gives, or the integers that it yields.
    pub fn bytes_from_object(&self, v: &Value) -> R<Vec<u8>> {
        if let Some(data) = special_bytes(self, v)? {
            return Ok(data);
        }
        of_iterable(self, v, "bytes")
    }
}

/// What `__bytes__` gives, if the object has it.
fn special_bytes(vm: &Vm, v: &Value) -> R<Option<Vec<u8>>> {
    if v.as_bytes().is_some() && vm.class_of(v).is_same(vm.types.bytes.get()) {
        return Ok(None);
    }
    let Some(made) = vm.call_special(v, &vm.names.__bytes__, &[])? else { return Ok(None) };
    match made.as_bytes() {
        Some(b) => Ok(Some(b.data().to_vec())),
        None => {
            let given = vm.type_name(&made);
            Err(vm.type_error(format!("__bytes__ returned non-bytes (type {given})")))
        }
    }
}

/// A buffer, or an iterable of integers.
fn of_iterable(vm: &Vm, v: &Value, kind: &str) -> R<Vec<u8>> {
    let shows = || vm.type_method(v, &vm.intern("__buffer__")).is_some();
    if v.byte_data().is_some() || v.as_memoryview().is_some() || (v.as_list().is_none() && shows()) {
        return vm.bytes_like(v);
    }
    let refused = || {
        let given = vm.type_name(v);
        vm.type_error(format!("cannot convert '{given}' object to {kind}"))
    };
    if v.as_str().is_some() {
        return Err(refused());
    }
    let it = vm.iter(v).map_err(|e| if e.is(vm.types.type_error.get()) { refused() } else { e })?;
    let message = if kind == "bytes" { "bytes must be in range(0, 256)" } else { "byte must be in range(0, 256)" };
    let mut out = Vec::new();
    while let Some(item) = vm.next(&it)? {
        vm.tick()?;
        out.push(byte(vm, &item, message)?);
        if out.len() > vm.text_limit() {
            return Err(vm.no_memory());
        }
    }
    Ok(out)
}

/// The byte that an integer stands for.
pub(crate) fn byte(vm: &Vm, v: &Value, message: &str) -> R<u8> {
    let n = vm.index_value(v)?;
    n.as_i64().and_then(|n| u8::try_from(n).ok()).ok_or_else(|| vm.value_error(message))
}

/// The byte that an integer stands for, with bytearray's message.
pub(crate) fn one_byte(vm: &Vm, v: &Value) -> R<u8> {
    byte(vm, v, "byte must be in range(0, 256)")
}

/// What the constructors of bytes and bytearray make of `(source, encoding, errors)`.
pub(crate) fn from_arguments(vm: &Vm, a: &Args, kind: &str) -> R<Vec<u8>> {
    let (source, encoding, errors) = (a.get(1), a.get(2), a.get(3));
    let name = |v: &Value, parameter: &str| -> R<String> {
        match v.as_str() {
            Some(s) if s.bytes().contains(&0) => Err(vm.value_error("embedded null character")),
            Some(s) => Ok(s.to_text().into_owned()),
            None => Err(vm.bad_argument(&format!("{kind}() argument '{parameter}'"), "str", v)),
        }
    };
    let encoding = encoding.map(|v| name(v, "encoding")).transpose()?;
    let errors = errors.map(|v| name(v, "errors")).transpose()?;
    let is_text = source.is_some_and(|v| v.as_str().is_some());
    if !is_text && encoding.is_some() {
        return Err(vm.type_error("encoding without a string argument"));
    }
    if !is_text && errors.is_some() {
        return Err(vm.type_error("errors without a string argument"));
    }
    let Some(source) = source else { return Ok(Vec::new()) };
    if let Some(encoding) = encoding {
        return vm.encode_text(source, &encoding, errors.as_deref().unwrap_or("strict"));
    }
    if errors.is_none()
        && kind == "bytes"
        && let Some(data) = special_bytes(vm, source)?
    {
        return Ok(data);
    }
    if is_text {
        return Err(vm.type_error("string argument without an encoding"));
    }
    if source.is_int() || vm.type_method(source, &vm.names.__index__).is_some() {
        match vm.index(source) {
            Ok(n) => {
                let n = usize::try_from(n).map_err(|_| vm.value_error("negative count"))?;
                if n > vm.text_limit() {
                    return Err(vm.no_memory());
                }
                return Ok(vec![0; n]);
            }
            Err(e) if e.is(vm.types.type_error.get()) => {}
            Err(e) => return Err(e),
        }
    }
    of_iterable(vm, source, kind)
}
