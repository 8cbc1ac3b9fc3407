//! Stripping and padding of bytes and bytearrays.

use super::{data, made, part};
use crate::error::R;
use crate::native::Args;
use crate::text::search::Unit;
use crate::text::str_ops::{self, Align, Ends};
use crate::vm::Vm;

fn strip_ends(vm: &Vm, a: &Args, ends: Ends) -> R {
    let rest = match a.some(1) {
        None => str_ops::strip(data(&a[0]), Unit::Byte, ends),
        Some(set) => str_ops::strip_set(data(&a[0]), &vm.buffer(set)?, Unit::Byte, ends),
    };
    Ok(part(vm, &a[0], rest))
}

pub(super) fn strip(vm: &Vm, a: &Args) -> R {
    strip_ends(vm, a, Ends::Both)
}

pub(super) fn lstrip(vm: &Vm, a: &Args) -> R {
    strip_ends(vm, a, Ends::Left)
}

pub(super) fn rstrip(vm: &Vm, a: &Args) -> R {
    strip_ends(vm, a, Ends::Right)
}

fn pad(vm: &Vm, a: &Args, method: &str, align: Align) -> R {
    let width = vm.ssize(&a[1])?;
    let fill = match a.get(2).map(|v| (v, v.byte_data())) {
        None => b' ',
        Some((_, Some([fill]))) => *fill,
        Some((v, _)) => {
            return Err(vm.bad_argument(&format!("{method}() argument 2"), "a byte string of length 1", v));
        }
    };
    Ok(match vm.checked(str_ops::pad(data(&a[0]), Unit::Byte, width, fill as u32, align, vm.text_limit()))? {
        Some(padded) => made(vm, &a[0], padded),
        None => part(vm, &a[0], data(&a[0])),
    })
}

pub(super) fn center(vm: &Vm, a: &Args) -> R {
    pad(vm, a, "center", Align::Center)
}

pub(super) fn ljust(vm: &Vm, a: &Args) -> R {
    pad(vm, a, "ljust", Align::Left)
}

pub(super) fn rjust(vm: &Vm, a: &Args) -> R {
    pad(vm, a, "rjust", Align::Right)
}

pub(super) fn zfill(vm: &Vm, a: &Args) -> R {
    let width = vm.ssize(&a[1])?;
    Ok(match vm.checked(str_ops::zfill(data(&a[0]), Unit::Byte, width, vm.text_limit()))? {
        Some(padded) => made(vm, &a[0], padded),
        None => part(vm, &a[0], data(&a[0])),
    })
}

pub(super) fn expandtabs(vm: &Vm, a: &Args) -> R {
    let size = match a.get(1) {
        Some(v) => vm.c_int(v)?,
        None => 8,
    };
    let text = vm.checked(str_ops::expand_tabs(data(&a[0]), Unit::Byte, size, vm.text_limit()))?;
    Ok(made(vm, &a[0], text))
}
