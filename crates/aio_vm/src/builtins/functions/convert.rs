//! Values as text, and characters as numbers.

use crate::error::R;
use crate::native::Args;
use crate::text::{int_text, repr as repr_text, wtf8};
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn repr(vm: &Vm, a: &Args) -> R {
    vm.repr(&a[0])
}

pub(super) fn ascii(vm: &Vm, a: &Args) -> R {
    let shown = vm.repr(&a[0])?;
    match shown.as_str() {
        Some(s) if !s.is_ascii() => Ok(vm.str(&repr_text::ascii_of_repr(s.bytes()))),
        _ => Ok(shown),
    }
}

pub(super) fn format(vm: &Vm, a: &Args) -> R {
    match a.get(1) {
        Some(spec) if spec.as_str().is_none() => Err(vm.bad_argument("format() argument 2", "str", spec)),
        Some(spec) => vm.format(&a[0], spec),
        None => vm.format(&a[0], &vm.empty_str()),
    }
}

fn in_base(vm: &Vm, v: &Value, radix: u32) -> R {
    let n = vm.index_value(v)?;
    let text = match n.as_i64() {
        Some(n) => int_text::prefixed_small(n, radix),
        None => int_text::prefixed(&n.as_bigint().unwrap_or_default(), radix),
    };
    Ok(vm.str(&text))
}

pub(super) fn bin(vm: &Vm, a: &Args) -> R {
    in_base(vm, &a[0], 2)
}

pub(super) fn oct(vm: &Vm, a: &Args) -> R {
    in_base(vm, &a[0], 8)
}

pub(super) fn hex(vm: &Vm, a: &Args) -> R {
    in_base(vm, &a[0], 16)
}

pub(super) fn chr(vm: &Vm, a: &Args) -> R {
    let n = vm.index_value(&a[0])?;
    let code = n.as_i64().and_then(|n| u32::try_from(n).ok()).filter(|&c| c <= wtf8::MAX_CODE);
    let Some(code) = code else { return Err(vm.value_error("chr() arg not in range(0x110000)")) };
    let (bytes, n) = wtf8::encode(code);
    Ok(vm.str_counted(bytes.get(..n).unwrap_or_default(), 1))
}

pub(super) fn plain_ord(_: &Vm, a: &[Value]) -> Option<Value> {
    let [c] = a else { return None };
    match c.as_str()?.bytes() {
        [byte] => Some(Value::small(*byte as i64)),
        _ => None,
    }
}

pub(super) fn ord(vm: &Vm, a: &Args) -> R {
    let v = &a[0];
    let len = match (v.as_str(), v.byte_data()) {
        (Some(s), _) => {
            if s.len() == 1
                && let Some((code, _)) = wtf8::decode_at(s.bytes(), 0)
            {
                return Ok(Value::small(code as i64));
            }
            s.len()
        }
        (None, Some(b)) => {
            if let [byte] = b[..] {
                return Ok(Value::small(byte as i64));
            }
            b.len()
        }
        (None, None) => {
            let got = vm.type_name(v);
            return Err(vm.type_error(format!("ord() expected string of length 1, but {got} found")));
        }
    };
    Err(vm.type_error(format!("ord() expected a character, but string of length {len} found")))
}
