//! Strings as JSON writes them.

use aio_vm::{Args, R, Value, Vm};

fn escape(out: &mut Vec<u8>, code: u32) {
    out.extend_from_slice(format!("\\u{code:04x}").as_bytes());
}

/// What stands for a byte that cannot stand for itself.
fn short(b: u8) -> Option<&'static [u8]> {
    Some(match b {
        b'"' => b"\\\"",
        b'\\' => b"\\\\",
        b'\n' => b"\\n",
        b'\r' => b"\\r",
        b'\t' => b"\\t",
        8 => b"\\b",
        12 => b"\\f",
        _ => return None,
    })
}

/// The code point of a character of three or two bytes, or of four, and its length.
fn decode(bytes: &[u8]) -> (u32, usize) {
    let at = |i: usize| bytes.get(i).map_or(0, |b| (*b & 0x3f) as u32);
    let first = bytes.first().copied().unwrap_or(0) as u32;
    if first >= 0xf0 {
        ((first & 7) << 18 | at(1) << 12 | at(2) << 6 | at(3), 4)
    } else if first >= 0xe0 {
        ((first & 15) << 12 | at(1) << 6 | at(2), 3)
    } else {
        ((first & 31) << 6 | at(1), 2)
    }
}

/// Writes a string with its quotes.
pub(super) fn quote(out: &mut Vec<u8>, text: &[u8], ascii: bool) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut from = 0;
    let mut i = 0;
    while let Some(&b) = text.get(i) {
        if b >= 0x80 {
            if !ascii {
                i += 1;
                continue;
            }
            out.extend_from_slice(&text[from..i]);
            let (code, length) = decode(&text[i..]);
            if code > 0xffff {
                escape(out, 0xd800 | (code - 0x10000) >> 10);
                escape(out, 0xdc00 | (code - 0x10000) & 0x3ff);
            } else {
                escape(out, code);
            }
            i += length;
            from = i;
            continue;
        }
        // Only the form for ASCII escapes DEL.
        if b < 0x20 || b == b'"' || b == b'\\' || (b == 0x7f && ascii) {
            out.extend_from_slice(&text[from..i]);
            match short(b) {
                Some(s) => out.extend_from_slice(s),
                None => escape(out, b as u32),
            }
            from = i + 1;
        }
        i += 1;
    }
    out.extend_from_slice(text.get(from..).unwrap_or(&[]));
    out.push(b'"');
}

fn quoted(vm: &Vm, a: &Args, ascii: bool) -> R {
    let Some(s) = a[0].as_str() else {
        return Err(vm.type_error(format!("first argument must be a string, not {}", vm.type_name(&a[0]))));
    };
    let mut out = Vec::new();
    quote(&mut out, s.bytes(), ascii);
    Ok(vm.str_wtf8(&out))
}

pub(super) fn encode_basestring(vm: &Vm, a: &Args) -> R {
    quoted(vm, a, false)
}

pub(super) fn encode_basestring_ascii(vm: &Vm, a: &Args) -> R {
    quoted(vm, a, true)
}

/// Which of the functions of this file a value is, by its name.
pub(super) fn is_ascii_encoder(vm: &Vm, v: &Value) -> Option<bool> {
    let name = vm.get_attr_text(v, "__name__").ok()?;
    let module = vm.get_attr_text(v, "__module__").ok()?;
    let is = |v: &Value, text: &str| v.as_str().is_some_and(|s| s.bytes() == text.as_bytes());
    if !is(&module, "_json") {
        return None;
    }
    if is(&name, "encode_basestring_ascii") { Some(true) } else { is(&name, "encode_basestring").then_some(false) }
}
