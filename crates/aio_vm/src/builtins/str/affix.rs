//! Beginnings and ends of a str.

use super::search::part;
use super::{argument_or, receiver};
use crate::error::R;
use crate::native::Args;
use crate::text::search::From;
use crate::text::str_ops;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn startswith(vm: &Vm, a: &Args) -> R {
    has_affix(vm, a, "startswith", |text, affix| text.starts_with(affix))
}

pub(super) fn endswith(vm: &Vm, a: &Args) -> R {
    has_affix(vm, a, "endswith", |text, affix| text.ends_with(affix))
}

/// Whether a text begins with another one, where both are given and nothing else.
pub(super) fn plain_startswith(_vm: &Vm, a: &[Value]) -> Option<Value> {
    let [s, affix] = a else { return None };
    Some(Value::bool(s.as_str()?.bytes().starts_with(affix.as_str()?.bytes())))
}

/// Whether a text ends with another one, where both are given and nothing else.
pub(super) fn plain_endswith(_vm: &Vm, a: &[Value]) -> Option<Value> {
    let [s, affix] = a else { return None };
    Some(Value::bool(s.as_str()?.bytes().ends_with(affix.as_str()?.bytes())))
}

fn has_affix(vm: &Vm, a: &Args, method: &str, test: fn(&[u8], &[u8]) -> bool) -> R {
    let s = receiver(vm, a)?;
    let text =
        if a.get(2).is_none() { Some(s.bytes()) } else { part(s, vm.search_bounds(a.get(2), a.get(3), s.len())?) };
    let holds = |affix: &[u8]| text.is_some_and(|t| test(t, affix));
    if let Some(affix) = a[1].as_str() {
        return Ok(Value::bool(holds(affix.bytes())));
    }
    let Some(many) = a[1].as_tuple() else {
        let given = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("{method} first arg must be str or a tuple of str, not {given}")));
    };
    for affix in many.items() {
        let Some(affix) = affix.as_str() else {
            let given = vm.type_name(affix);
            return Err(vm.type_error(format!("tuple for {method} must only contain str, not {given}")));
        };
        if holds(affix.bytes()) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub(super) fn removeprefix(vm: &Vm, a: &Args) -> R {
    remove(vm, a, "removeprefix", From::Left)
}

pub(super) fn removesuffix(vm: &Vm, a: &Args) -> R {
    remove(vm, a, "removesuffix", From::Right)
}

fn remove(vm: &Vm, a: &Args, method: &str, from: From) -> R {
    let s = receiver(vm, a)?;
    let affix = argument_or(vm, &a[1], |given| format!("{method}() argument must be str, not {given}"))?;
    Ok(vm.str_same(&a[0], s, str_ops::remove_affix(s.bytes(), affix.bytes(), from)))
}
