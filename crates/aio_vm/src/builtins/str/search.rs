//! Finding, counting and replacing in a str.

use super::{argument_or, receiver};
use crate::error::R;
use crate::native::Args;
use crate::object::StrObj;
use crate::text::search::{self, From, Replacement, Unit};
use crate::text::wtf8;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn contains(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let Some(part) = a[1].as_str() else {
        let given = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("'in <string>' requires string as left operand, not {given}")));
    };
    vm.note_bytes(s.bytes().len());
    Ok(Value::bool(search::find(s.bytes(), part.bytes()).is_some()))
}

/// The n-th argument of a method, which must be a str.
pub(super) fn argument<'a>(vm: &Vm, a: &'a Args, n: usize, method: &str) -> R<&'a StrObj> {
    argument_or(vm, &a[n], |given| format!("{method}() argument {n} must be str, not {given}"))
}

fn find_from(vm: &Vm, a: &Args, from: From, method: &str) -> R<Option<usize>> {
    let s = receiver(vm, a)?;
    let part = argument(vm, a, 1, method)?;
    let (start, end) = vm.search_bounds(a.get(2), a.get(3), s.len())?;
    vm.note_bytes(end.saturating_sub(start));
    Ok(search::find_in_chars(s.bytes(), s.is_ascii(), part.bytes(), start, end, from))
}

fn or_minus_one(found: Option<usize>) -> R {
    Ok(found.map_or(Value::small(-1), |n| Value::small(n as i64)))
}

/// Where a text of ASCII first has another text, if nothing else is given.
pub(super) fn plain_find(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [s, part] = a else { return None };
    let (s, part) = (s.as_str().filter(|s| s.is_ascii())?, part.as_str()?);
    vm.note_bytes(s.len());
    let found = search::find(s.bytes(), part.bytes());
    Some(found.map_or(Value::small(-1), |n| Value::small(n as i64)))
}

pub(super) fn find(vm: &Vm, a: &Args) -> R {
    or_minus_one(find_from(vm, a, From::Left, "find")?)
}

pub(super) fn rfind(vm: &Vm, a: &Args) -> R {
    or_minus_one(find_from(vm, a, From::Right, "rfind")?)
}

fn or_error(vm: &Vm, found: Option<usize>) -> R {
    match found {
        Some(n) => Ok(Value::small(n as i64)),
        None => Err(vm.value_error("substring not found")),
    }
}

pub(super) fn index(vm: &Vm, a: &Args) -> R {
    or_error(vm, find_from(vm, a, From::Left, "index")?)
}

pub(super) fn rindex(vm: &Vm, a: &Args) -> R {
    or_error(vm, find_from(vm, a, From::Right, "rindex")?)
}

/// The part of a text between two indexes, `None` if the start lies behind the end.
pub(super) fn part(s: &StrObj, (start, end): (usize, usize)) -> Option<&[u8]> {
    if start > end { None } else { Some(wtf8::slice(s.bytes(), s.is_ascii(), start..end)) }
}

pub(super) fn count(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let needle = argument(vm, a, 1, "count")?;
    let bounds = vm.search_bounds(a.get(2), a.get(3), s.len())?;
    vm.note_bytes(bounds.1.saturating_sub(bounds.0));
    let found = part(s, bounds).map_or(0, |text| search::count_of(text, needle.bytes(), Unit::Char));
    Ok(vm.int(found as i64))
}

pub(super) fn replace(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let old = argument(vm, a, 1, "replace")?;
    let new = argument(vm, a, 2, "replace")?;
    let max = vm.limit_of(a.get(3))?;
    vm.note_bytes(s.bytes().len());
    let plan = Replacement::plan(s.bytes(), old.bytes(), new.bytes(), max, Unit::Char, vm.text_limit());
    let Some(plan) = vm.checked(plan)? else { return Ok(vm.str_same(&a[0], s, s.bytes())) };
    if s.is_ascii() && new.is_ascii() {
        return Ok(vm.str_filled(plan.size, plan.size, |out| plan.write(out)));
    }
    Ok(vm.str_wtf8(&plan.made()))
}
