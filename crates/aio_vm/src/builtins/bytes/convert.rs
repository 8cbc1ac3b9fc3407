//! Hexadecimal digits and translation tables.

use super::{data, made, part};
use crate::error::R;
use crate::native::Args;
use crate::text::bytes_ops;
use crate::vm::Vm;

pub(super) fn hex(vm: &Vm, a: &Args) -> R {
    let (sep, group) = hex_arguments(vm, a)?;
    Ok(vm.str(&bytes_ops::hex(data(&a[0]), sep, group)))
}

/// The separator and group of `hex(sep, bytes_per_sep)`.
pub(crate) fn hex_arguments(vm: &Vm, a: &Args) -> R<(Option<u8>, i64)> {
    let group = match a.get(2) {
        Some(v) => vm.c_int(v)?,
        None => 1,
    };
    let Some(v) = a.get(1) else { return Ok((None, group)) };
    let sep = match (v.as_str(), v.as_bytes()) {
        (Some(s), _) => s.bytes(),
        (_, Some(b)) => b.data(),
        _ => {
            return Err(match vm.len(v)? {
                1 => vm.type_error("sep must be str or bytes."),
                _ => vm.value_error("sep must be length 1."),
            });
        }
    };
    Ok((Some(vm.checked(bytes_ops::hex_separator(sep))?), group))
}

pub(super) fn fromhex(vm: &Vm, a: &Args) -> R {
    let Some(text) = a[1].as_str() else {
        return Err(vm.bad_argument("fromhex() argument", "str", &a[1]));
    };
    let data = vm.checked(bytes_ops::from_hex(text.bytes()))?;
    let Some(class) = a[0].as_class() else { return Ok(vm.bytes(&data)) };
    if class.is_same(vm.types.bytes.get()) {
        return Ok(vm.bytes(&data));
    }
    if class.is_same(vm.types.bytearray.get()) {
        return Ok(vm.bytearray(data));
    }
    // The constructor of a subclass runs.
    vm.call(&a[0], &[vm.bytes(&data)])
}

pub(super) fn translate(vm: &Vm, a: &Args) -> R {
    let table = match a.some(1) {
        Some(v) => Some(vm.buffer(v)?),
        None => None,
    };
    if table.as_ref().is_some_and(|table| table.len() != 256) {
        return Err(vm.value_error("translation table must be 256 characters long"));
    }
    let delete = match a.get(2) {
        Some(v) => vm.bytes_like(v)?,
        None => Vec::new(),
    };
    let out = vm.checked(bytes_ops::translate(data(&a[0]), table.as_deref(), &delete))?;
    Ok(if out == data(&a[0]) { part(vm, &a[0], &out) } else { made(vm, &a[0], out) })
}

pub(super) fn maketrans(vm: &Vm, a: &Args) -> R {
    let table = vm.checked(bytes_ops::make_table(&vm.buffer(&a[0])?, &vm.buffer(&a[1])?))?;
    Ok(vm.bytes(&table))
}
