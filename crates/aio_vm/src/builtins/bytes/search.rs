//! Finding, counting and replacing in bytes and bytearrays.

use super::buffer::one_byte;
use super::{data, made, part};
use crate::error::R;
use crate::native::Args;
use crate::text::search::{self, From, Replacement, Unit};
use crate::text::str_ops;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn contains(vm: &Vm, a: &Args) -> R {
    let needle = if a[1].is_int() || vm.type_method(&a[1], &vm.names.__index__).is_some() {
        vec![one_byte(vm, &a[1])?]
    } else {
        vm.bytes_like(&a[1])?
    };
    vm.note_bytes(data(&a[0]).len());
    Ok(Value::bool(search::find(data(&a[0]), &needle).is_some()))
}

/// What is searched for: a buffer or a single byte.
fn needle(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    if v.byte_data().is_some() || v.as_memoryview().is_some() {
        return vm.bytes_like(v);
    }
    if v.is_int() || vm.type_method(v, &vm.names.__index__).is_some() {
        return Ok(vec![one_byte(vm, v)?]);
    }
    let given = vm.type_name(v);
    Err(vm.type_error(format!("argument should be integer or bytes-like object, not '{given}'")))
}

/// The part of the receiver that the second and third argument select, and where it begins; `None` if the start lies
/// behind the end.
fn section<'a>(vm: &Vm, a: &'a Args) -> R<Option<(usize, &'a [u8])>> {
    let (start, end) = vm.search_bounds(a.get(2), a.get(3), data(&a[0]).len())?;
    // Index methods of the script may have shortened a bytearray meanwhile.
    let all = data(&a[0]);
    Ok(all.get(start..end.min(all.len())).map(|d| (start, d)))
}

fn find_from(vm: &Vm, a: &Args, from: From) -> R<Option<usize>> {
    // The bounds are read before anybody looks at what is searched for.
    let section = section(vm, a)?;
    let needle = needle(vm, &a[1])?;
    let Some((start, text)) = section else { return Ok(None) };
    vm.note_bytes(text.len());
    let found = match from {
        From::Left => search::find(text, &needle),
        From::Right => search::rfind(text, &needle),
    };
    Ok(found.map(|at| start + at))
}

fn or_minus_one(found: Option<usize>) -> R {
    Ok(found.map_or(Value::small(-1), |n| Value::small(n as i64)))
}

fn or_error(vm: &Vm, found: Option<usize>) -> R {
    match found {
        Some(n) => Ok(Value::small(n as i64)),
        None => Err(vm.value_error("subsection not found")),
    }
}

pub(super) fn find(vm: &Vm, a: &Args) -> R {
    or_minus_one(find_from(vm, a, From::Left)?)
}

pub(super) fn rfind(vm: &Vm, a: &Args) -> R {
    or_minus_one(find_from(vm, a, From::Right)?)
}

pub(super) fn index(vm: &Vm, a: &Args) -> R {
    or_error(vm, find_from(vm, a, From::Left)?)
}

pub(super) fn rindex(vm: &Vm, a: &Args) -> R {
    or_error(vm, find_from(vm, a, From::Right)?)
}

pub(super) fn count(vm: &Vm, a: &Args) -> R {
    let needle = needle(vm, &a[1])?;
    let text = section(vm, a)?.map_or(&[][..], |(_, text)| text);
    vm.note_bytes(text.len());
    let found = search::count_of(text, &needle, Unit::Byte);
    Ok(vm.int(found as i64))
}

pub(super) fn startswith(vm: &Vm, a: &Args) -> R {
    has_affix(vm, a, "startswith", |text, affix| text.starts_with(affix))
}

pub(super) fn endswith(vm: &Vm, a: &Args) -> R {
    has_affix(vm, a, "endswith", |text, affix| text.ends_with(affix))
}

fn has_affix(vm: &Vm, a: &Args, method: &str, test: fn(&[u8], &[u8]) -> bool) -> R {
    let text = section(vm, a)?.map(|(_, text)| text);
    let holds = |affix: &[u8]| text.is_some_and(|t| test(t, affix));
    if let Some(many) = a[1].as_tuple() {
        for affix in many.items() {
            if holds(&vm.buffer(affix)?) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    if a[1].byte_data().is_none() && a[1].as_memoryview().is_none() {
        let given = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("{method} first arg must be bytes or a tuple of bytes, not {given}")));
    }
    Ok(Value::bool(holds(&vm.buffer(&a[1])?)))
}

pub(super) fn removeprefix(vm: &Vm, a: &Args) -> R {
    let affix = vm.buffer(&a[1])?;
    Ok(part(vm, &a[0], str_ops::remove_affix(data(&a[0]), &affix, From::Left)))
}

pub(super) fn removesuffix(vm: &Vm, a: &Args) -> R {
    let affix = vm.buffer(&a[1])?;
    Ok(part(vm, &a[0], str_ops::remove_affix(data(&a[0]), &affix, From::Right)))
}

pub(super) fn replace(vm: &Vm, a: &Args) -> R {
    let (old, new) = (vm.bytes_like(&a[1])?, vm.bytes_like(&a[2])?);
    let max = vm.limit_of(a.get(3))?;
    vm.note_bytes(data(&a[0]).len());
    let plan = Replacement::plan(data(&a[0]), &old, &new, max, Unit::Byte, vm.text_limit());
    Ok(match vm.checked(plan)? {
        Some(plan) => made(vm, &a[0], plan.made()),
        None => part(vm, &a[0], data(&a[0])),
    })
}
