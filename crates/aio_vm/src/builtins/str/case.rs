//! Upper case, lower case, and the questions about the characters of a str.

use super::receiver;
use crate::error::R;
use crate::native::Args;
use crate::text::{case, classify};
use crate::value::Value;
use crate::vm::Vm;

macro_rules! conversions {
    ($($name:ident $f:expr;)*) => { $(
        pub(super) fn $name(vm: &Vm, a: &Args) -> R {
            let s = receiver(vm, a)?;
            let f: fn(&[u8], bool) -> Vec<u8> = $f;
            Ok(vm.str_wtf8(&f(s.bytes(), s.is_ascii())))
        }
    )* };
}

/// ASCII is converted in the cell of the new string itself.
fn converted(vm: &Vm, a: &Args, ascii: fn(&mut [u8]), other: fn(&[u8], bool) -> Vec<u8>) -> R {
    let s = receiver(vm, a)?;
    if !s.is_ascii() {
        return Ok(vm.str_wtf8(&other(s.bytes(), false)));
    }
    Ok(vm.str_filled(s.len(), s.len(), |out| {
        out.copy_from_slice(s.bytes());
        ascii(out);
    }))
}

pub(super) fn lower(vm: &Vm, a: &Args) -> R {
    converted(vm, a, <[u8]>::make_ascii_lowercase, case::lower)
}

pub(super) fn upper(vm: &Vm, a: &Args) -> R {
    converted(vm, a, <[u8]>::make_ascii_uppercase, case::upper)
}

conversions! {
    casefold case::casefold;
    capitalize case::capitalize;
    title |text, _| case::title(text);
    swapcase |text, _| case::swapcase(text);
}

macro_rules! questions {
    ($($name:ident $f:expr;)*) => { $(
        pub(super) fn $name(vm: &Vm, a: &Args) -> R {
            let f: fn(&[u8]) -> bool = $f;
            let text = receiver(vm, a)?.bytes();
            vm.note_bytes(text.len());
            Ok(Value::bool(f(text)))
        }
    )* };
}

questions! {
    isascii |text| text.is_ascii();
    islower classify::is_lower;
    isupper classify::is_upper;
    istitle classify::is_title;
    isspace classify::is_space;
    isdecimal classify::is_decimal;
    isdigit classify::is_digit;
    isnumeric classify::is_numeric;
    isalpha classify::is_alpha;
    isalnum classify::is_alnum;
    isidentifier classify::is_identifier;
    isprintable classify::is_printable;
}
