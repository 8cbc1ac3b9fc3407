//! Stripping and padding of a str.

use super::receiver;
use crate::error::R;
use crate::native::Args;
use crate::text::search::Unit;
use crate::text::str_ops::{self, Align, Ends};
use crate::text::{chars, wtf8};
use crate::value::Value;
use crate::vm::Vm;

fn strip_ends(vm: &Vm, a: &Args, method: &str, ends: Ends) -> R {
    let s = receiver(vm, a)?;
    let rest = match a.some(1) {
        None => str_ops::strip(s.bytes(), Unit::Char, ends),
        Some(v) => match v.as_str() {
            Some(set) => str_ops::strip_set(s.bytes(), set.bytes(), Unit::Char, ends),
            None => return Err(vm.type_error(format!("{method} arg must be None or str"))),
        },
    };
    Ok(vm.str_same(&a[0], s, rest))
}

/// A text of ASCII without the whitespace around it.
pub(super) fn plain_strip(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [v] = a else { return None };
    let s = v.as_str().filter(|s| s.is_ascii())?;
    let is_text = |b: &u8| !chars::is_space(*b as u32);
    let text = s.bytes();
    let first = text.iter().position(is_text).unwrap_or(text.len());
    let end = text.iter().rposition(is_text).map_or(first, |last| last + 1);
    Some(vm.str_same(v, s, &text[first..end]))
}

pub(super) fn strip(vm: &Vm, a: &Args) -> R {
    strip_ends(vm, a, "strip", Ends::Both)
}

pub(super) fn lstrip(vm: &Vm, a: &Args) -> R {
    strip_ends(vm, a, "lstrip", Ends::Left)
}

pub(super) fn rstrip(vm: &Vm, a: &Args) -> R {
    strip_ends(vm, a, "rstrip", Ends::Right)
}

fn pad(vm: &Vm, a: &Args, align: Align) -> R {
    let s = receiver(vm, a)?;
    let width = vm.ssize(&a[1])?;
    let fill = match a.get(2) {
        None => ' ' as u32,
        Some(v) => {
            let Some(fill) = v.as_str() else {
                let given = vm.type_name(v);
                return Err(vm.type_error(format!("The fill character must be a unicode character, not {given}")));
            };
            match wtf8::char_at(fill.bytes(), fill.is_ascii(), 0) {
                Some(code) if fill.len() == 1 => code,
                _ => return Err(vm.type_error("The fill character must be exactly one character long")),
            }
        }
    };
    Ok(match vm.checked(str_ops::pad(s.bytes(), Unit::Char, width, fill, align, vm.text_limit()))? {
        Some(text) => vm.str_wtf8(&text),
        None => vm.str_same(&a[0], s, s.bytes()),
    })
}

pub(super) fn center(vm: &Vm, a: &Args) -> R {
    pad(vm, a, Align::Center)
}

pub(super) fn ljust(vm: &Vm, a: &Args) -> R {
    pad(vm, a, Align::Left)
}

pub(super) fn rjust(vm: &Vm, a: &Args) -> R {
    pad(vm, a, Align::Right)
}

pub(super) fn zfill(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let width = vm.ssize(&a[1])?;
    Ok(match vm.checked(str_ops::zfill(s.bytes(), Unit::Char, width, vm.text_limit()))? {
        Some(text) => vm.str_wtf8(&text),
        None => vm.str_same(&a[0], s, s.bytes()),
    })
}

pub(super) fn expandtabs(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let size = match a.get(1) {
        Some(v) => vm.c_int(v)?,
        None => 8,
    };
    let text = vm.checked(str_ops::expand_tabs(s.bytes(), Unit::Char, size, vm.text_limit()))?;
    Ok(vm.str_wtf8(&text))
}
