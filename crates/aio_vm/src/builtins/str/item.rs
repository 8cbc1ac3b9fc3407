//! str as a sequence: items, slices, iteration, concatenation and repetition.

use super::receiver;
use crate::error::R;
use crate::native::Args;
use crate::object::StrObj;
use crate::object::iter::IterState;
use crate::text::{str_ops, wtf8};
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn iter(vm: &Vm, a: &Args) -> R {
    Ok(vm.iterator(IterState::Str(a[0].clone(), 0)))
}

pub(super) fn get(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let key = &a[1];
    if key.as_slice().is_some() {
        return slice(vm, &a[0], s, key);
    }
    let index = match key.as_small() {
        Some(n) => n,
        None if key.is_int() || vm.type_method(key, &vm.names.__index__).is_some() => {
            let n = vm.index_value(key)?;
            match n.as_i64() {
                Some(n) => n,
                None => {
                    let given = vm.type_name(key);
                    return Err(vm.index_error(format!("cannot fit '{given}' into an index-sized integer")));
                }
            }
        }
        None => {
            let given = vm.type_name(key);
            return Err(vm.type_error(format!("string indices must be integers, not '{given}'")));
        }
    };
    character(vm, s, index).ok_or_else(|| vm.index_error("string index out of range"))
}

/// The character at an index, which counts from the end if it is negative.
fn character(vm: &Vm, s: &StrObj, index: i64) -> Option<Value> {
    let index = usize::try_from(if index < 0 { index.checked_add(s.len() as i64)? } else { index }).ok()?;
    if s.is_ascii() {
        return s.bytes().get(index).map(|&b| vm.char_str(b));
    }
    if index >= s.len() {
        return None;
    }
    let code = wtf8::char_at(s.bytes(), false, index)?;
    let (bytes, width) = wtf8::encode(code);
    Some(vm.str_counted(&bytes[..width], 1))
}

fn slice(vm: &Vm, v: &Value, s: &StrObj, key: &Value) -> R {
    let (start, step, count) = vm.slice_bounds(key, s.len())?;
    if count == 0 {
        return Ok(vm.empty_str());
    }
    let start = usize::try_from(start).unwrap_or(0);
    if step == 1 {
        let part = wtf8::slice(s.bytes(), s.is_ascii(), start..start + count);
        return Ok(if count == s.len() { vm.str_same(v, s, part) } else { vm.str_counted(part, count) });
    }
    let picked = wtf8::slice_with_step(s.bytes(), s.is_ascii(), start, step as isize, count);
    Ok(vm.str_wtf8(&picked))
}

pub(super) fn add(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    match a[1].as_str() {
        Some(t) if s.bytes().len() + t.bytes().len() > vm.text_limit() => Err(vm.no_memory()),
        Some(t) => Ok(vm.str_concat(s, t)),
        None => {
            let given = vm.type_name(&a[1]);
            Err(vm.type_error(format!("can only concatenate str (not \"{given}\") to str")))
        }
    }
}

pub(super) fn mul(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let n = vm.index(&a[1])?;
    if n == 1 {
        return Ok(vm.str_same(&a[0], s, s.bytes()));
    }
    if n > 0 && (s.len() as i64).checked_mul(n).is_none() {
        return Err(vm.overflow_error("repeated string is too long"));
    }
    let text = vm.checked(str_ops::repeat(s.bytes(), n, vm.text_limit()))?;
    Ok(vm.str_counted(&text, s.len().saturating_mul(usize::try_from(n).unwrap_or(0))))
}
