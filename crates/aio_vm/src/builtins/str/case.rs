//! Upper case, lower case, and the questions about the characters of a str.

use super::receiver;
use crate::error::R;
use crate::native::Args;
use crate::object::StrObj;
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

/// A text of ASCII with its letters from `first` on, up to the 26th, in the other case.
fn converted(vm: &Vm, s: &StrObj, first: u8) -> Value {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    // The highest bit of a byte tells whether it is a letter; a fourth of that is what the cases differ by.
    let convert = |word: [u8; 8]| {
        let word = u64::from_ne_bytes(word);
        let from_first = word + ONES * (0x80 - first) as u64;
        let behind_last = word + ONES * (0x80 - first - 26) as u64;
        (word ^ (from_first & !behind_last & ONES << 7) >> 2).to_ne_bytes()
    };
    vm.str_filled(s.len(), s.len(), |out| {
        let (words, rest) = s.bytes().as_chunks::<8>();
        let (converted, end) = out.as_chunks_mut::<8>();
        converted.iter_mut().zip(words).for_each(|(to, word)| *to = convert(*word));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        end.copy_from_slice(&convert(last)[..rest.len()]);
    })
}

macro_rules! simple_conversions {
    ($($plain:ident $name:ident $first:literal $other:expr;)*) => { $(
        /// The conversion of ASCII.
        pub(super) fn $plain(vm: &Vm, a: &[Value]) -> Option<Value> {
            let [s] = a else { return None };
            s.as_str().filter(|s| s.is_ascii()).map(|s| converted(vm, s, $first))
        }

        pub(super) fn $name(vm: &Vm, a: &Args) -> R {
            let s = receiver(vm, a)?;
            Ok($plain(vm, a.slots).unwrap_or_else(|| vm.str_wtf8(&$other(s.bytes(), false))))
        }
    )* };
}

simple_conversions! {
    plain_lower lower b'A' case::lower;
    plain_upper upper b'a' case::upper;
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
