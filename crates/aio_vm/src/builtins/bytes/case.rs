//! Upper case, lower case, and the questions about bytes and bytearrays; only ASCII counts.

use super::{data, made};
use crate::error::R;
use crate::native::Args;
use crate::text::bytes_ops;
use crate::value::Value;
use crate::vm::Vm;

macro_rules! conversions {
    ($($name:ident $f:expr;)*) => { $(
        pub(super) fn $name(vm: &Vm, a: &Args) -> R {
            let f: fn(&[u8]) -> Vec<u8> = $f;
            Ok(made(vm, &a[0], f(data(&a[0]))))
        }
    )* };
}

conversions! {
    lower |d| d.to_ascii_lowercase();
    upper |d| d.to_ascii_uppercase();
    title bytes_ops::title;
    capitalize bytes_ops::capitalize;
    swapcase bytes_ops::swapcase;
}

macro_rules! questions {
    ($($name:ident $f:expr;)*) => { $(
        pub(super) fn $name(vm: &Vm, a: &Args) -> R {
            let f: fn(&[u8]) -> bool = $f;
            let data = data(&a[0]);
            vm.note_bytes(data.len());
            Ok(Value::bool(f(data)))
        }
    )* };
}

questions! {
    isalnum bytes_ops::is_alnum;
    isalpha bytes_ops::is_alpha;
    isascii |d| d.is_ascii();
    isdigit bytes_ops::is_digit;
    islower bytes_ops::is_lower;
    isspace bytes_ops::is_space;
    istitle bytes_ops::is_title;
    isupper bytes_ops::is_upper;
}
