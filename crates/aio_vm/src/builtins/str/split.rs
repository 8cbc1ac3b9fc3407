//! Taking a str apart and putting it together.

use super::receiver;
use crate::error::R;
use crate::native::Args;
use crate::object::StrObj;
use crate::object::class::HEAP;
use crate::text::search::{self, From, Unit};
use crate::text::split as text_split;
use crate::value::Value;
use crate::vm::Vm;

fn list_of(vm: &Vm, s: &StrObj, parts: Vec<&[u8]>) -> R {
    Ok(vm.list(parts.into_iter().map(|p| vm.str_part(s, p)).collect()))
}

fn separator<'a>(vm: &Vm, a: &'a Args) -> R<Option<&'a StrObj>> {
    match a.some(1) {
        None => Ok(None),
        Some(v) => match v.as_str() {
            Some(sep) => Ok(Some(sep)),
            None => {
                let given = vm.type_name(v);
                Err(vm.type_error(format!("must be str or None, not {given}")))
            }
        },
    }
}

pub(super) fn split(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let max = vm.limit_of(a.get(2))?;
    match separator(vm, a)? {
        None => list_of(vm, s, text_split::split_whitespace(s.bytes(), Unit::Char, max)),
        Some(sep) => {
            let parts = text_split::split(s.bytes(), sep.bytes(), max, |part| vm.str_part(s, part));
            Ok(vm.list(vm.checked(parts)?))
        }
    }
}

pub(super) fn rsplit(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let max = vm.limit_of(a.get(2))?;
    let parts = match separator(vm, a)? {
        None => text_split::rsplit_whitespace(s.bytes(), Unit::Char, max),
        Some(sep) => vm.checked(text_split::rsplit(s.bytes(), sep.bytes(), max))?,
    };
    list_of(vm, s, parts)
}

pub(super) fn splitlines(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let keep = match a.get(1) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    list_of(vm, s, text_split::split_lines(s.bytes(), Unit::Char, keep))
}

fn part_at(vm: &Vm, a: &Args, from: From) -> R {
    let s = receiver(vm, a)?;
    let Some(sep) = a[1].as_str() else {
        let given = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("must be str, not {given}")));
    };
    let whole = || vm.str_same(&a[0], s, s.bytes());
    Ok(match (vm.checked(search::partition(s.bytes(), sep.bytes(), from))?, from) {
        (Some((before, after)), _) => vm.tuple([vm.str_part(s, before), a[1].clone(), vm.str_part(s, after)]),
        (None, From::Left) => vm.tuple([whole(), vm.empty_str(), vm.empty_str()]),
        (None, From::Right) => vm.tuple([vm.empty_str(), vm.empty_str(), whole()]),
    })
}

pub(super) fn partition(vm: &Vm, a: &Args) -> R {
    part_at(vm, a, From::Left)
}

pub(super) fn rpartition(vm: &Vm, a: &Args) -> R {
    part_at(vm, a, From::Right)
}

pub(super) fn join(vm: &Vm, a: &Args) -> R {
    let sep = receiver(vm, a)?;
    if !vm.class_of(&a[1]).is(HEAP) {
        if let Some(list) = a[1].as_list() {
            return join_items(vm, sep, list.as_slice());
        }
        if let Some(tuple) = a[1].as_tuple() {
            return join_items(vm, sep, tuple.items());
        }
    }
    let it = vm
        .iter(&a[1])
        .map_err(|e| if e.is(vm.types.type_error.get()) { vm.type_error("can only join an iterable") } else { e })?;
    join_items(vm, sep, &vm.collect(&it)?)
}

/// Joins without running any script code.
fn join_items(vm: &Vm, sep: &StrObj, items: &[Value]) -> R {
    let gaps = items.len().saturating_sub(1);
    let (mut bytes, mut chars) = (sep.bytes().len().saturating_mul(gaps), sep.len().saturating_mul(gaps));
    for (i, v) in items.iter().enumerate() {
        let Some(s) = v.as_str() else {
            let given = vm.type_name(v);
            return Err(vm.type_error(format!("sequence item {i}: expected str instance, {given} found")));
        };
        bytes = bytes.saturating_add(s.bytes().len());
        chars = chars.saturating_add(s.len());
    }
    if let [only] = items
        && vm.class_of(only).is_same(vm.types.str.get())
    {
        return Ok(only.clone());
    }
    if bytes > vm.text_limit() {
        return Err(vm.no_memory());
    }
    Ok(vm.str_filled(bytes, chars, |mut out| {
        for (i, s) in items.iter().filter_map(Value::as_str).enumerate() {
            for part in [if i > 0 { sep.bytes() } else { b"" }, s.bytes()] {
                let (place, rest) = out.split_at_mut(part.len());
                place.copy_from_slice(part);
                out = rest;
            }
        }
    }))
}
