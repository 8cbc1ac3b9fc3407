//! Taking bytes and bytearrays apart and putting them together.

use super::{data, made, part};
use crate::error::R;
use crate::native::Args;
use crate::text::search::{self, From, Unit};
use crate::text::split as text_split;
use crate::value::Value;
use crate::vm::Vm;

fn list_of(vm: &Vm, like: &Value, parts: Vec<&[u8]>) -> R {
    Ok(vm.list(parts.into_iter().map(|p| part(vm, like, p)).collect()))
}

pub(super) fn split(vm: &Vm, a: &Args) -> R {
    let max = vm.limit_of(a.get(2))?;
    let parts = match a.some(1) {
        None => text_split::split_whitespace(data(&a[0]), Unit::Byte, max),
        Some(sep) => vm.checked(text_split::split(data(&a[0]), &vm.buffer(sep)?, max, |part| part))?,
    };
    list_of(vm, &a[0], parts)
}

pub(super) fn rsplit(vm: &Vm, a: &Args) -> R {
    let max = vm.limit_of(a.get(2))?;
    let parts = match a.some(1) {
        None => text_split::rsplit_whitespace(data(&a[0]), Unit::Byte, max),
        Some(sep) => vm.checked(text_split::rsplit(data(&a[0]), &vm.buffer(sep)?, max))?,
    };
    list_of(vm, &a[0], parts)
}

pub(super) fn splitlines(vm: &Vm, a: &Args) -> R {
    let keep = match a.get(1) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    list_of(vm, &a[0], text_split::split_lines(data(&a[0]), Unit::Byte, keep))
}

fn part_at(vm: &Vm, a: &Args, from: From) -> R {
    let own = data(&a[0]);
    let sep = vm.buffer(&a[1])?;
    let make = |d: &[u8]| made(vm, &a[0], d.to_vec());
    let shown_sep = || if a[0].as_bytearray().is_some() { make(&sep) } else { a[1].clone() };
    Ok(match (vm.checked(search::partition(own, &sep, from))?, from) {
        (Some((before, after)), _) => vm.tuple([make(before), shown_sep(), make(after)]),
        (None, From::Left) => vm.tuple([part(vm, &a[0], own), make(b""), make(b"")]),
        (None, From::Right) => vm.tuple([make(b""), make(b""), part(vm, &a[0], own)]),
    })
}

pub(super) fn partition(vm: &Vm, a: &Args) -> R {
    part_at(vm, a, From::Left)
}

pub(super) fn rpartition(vm: &Vm, a: &Args) -> R {
    part_at(vm, a, From::Right)
}

pub(super) fn join(vm: &Vm, a: &Args) -> R {
    let it = vm
        .iter(&a[1])
        .map_err(|e| if e.is(vm.types.type_error.get()) { vm.type_error("can only join an iterable") } else { e })?;
    let items = vm.collect(&it)?;
    if let [only] = &items[..]
        && a[0].as_bytes().is_some()
        && vm.class_of(only).is_same(vm.types.bytes.get())
    {
        return Ok(only.clone());
    }
    let mut out = Vec::new();
    for (i, v) in items.iter().enumerate() {
        if v.byte_data().is_none() && v.as_memoryview().is_none() {
            let given = vm.type_name(v);
            return Err(vm.type_error(format!("sequence item {i}: expected a bytes-like object, {given} found")));
        }
        if i > 0 {
            out.extend_from_slice(data(&a[0]));
        }
        out.extend_from_slice(&vm.buffer(v)?);
        if out.len() > vm.text_limit() {
            return Err(vm.no_memory());
        }
    }
    Ok(made(vm, &a[0], out))
}
