//! The items of a memoryview: native numbers of the struct formats.

use super::memory;
use crate::error::R;
use crate::object::MemoryViewObj;
use crate::value::Value;
use crate::vm::Vm;
use std::ffi::{c_long, c_ulong};

/// The size of a native format.
pub(super) fn size_of_format(format: u8) -> Option<usize> {
    Some(match format {
        b'b' | b'B' | b'c' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'q' | b'Q' | b'd' => 8,
        b'l' | b'L' => size_of::<c_long>(),
        b'n' | b'N' | b'P' => size_of::<usize>(),
        _ => return None,
    })
}

/// The place of an item in the memory.
fn place(view: &MemoryViewObj, i: usize) -> usize {
    (view.offset as isize).saturating_add((i as isize).saturating_mul(view.stride)).max(0) as usize
}

/// The item at a place within the view.
pub(super) fn get(vm: &Vm, view: &MemoryViewObj, i: usize) -> R {
    let base = view.base.get();
    let at = place(view, i);
    match memory(&base).get(at..at + view.itemsize) {
        Some(item) => Ok(unpack(vm, view.format, item)),
        None => Err(vm.index_error("index out of bounds on dimension 1")),
    }
}

/// All items.
pub(super) fn all(vm: &Vm, view: &MemoryViewObj) -> R<Vec<Value>> {
    let base = view.base.get();
    let memory = memory(&base);
    let item = |i: usize| memory.get(place(view, i)..place(view, i) + view.itemsize);
    Ok((0..view.len).filter_map(item).map(|d| unpack(vm, view.format, d)).collect())
}

/// Overwrites an item; the memory is a bytearray's.
pub(super) fn write(view: &MemoryViewObj, i: usize, item: &[u8]) {
    let base = view.base.get();
    let at = place(view, i);
    if let Some(b) = base.as_bytearray() {
        b.change(|v| {
            if let Some(place) = v.get_mut(at..at + item.len()) {
                place.copy_from_slice(item);
            }
        });
    }
}

fn unpack(vm: &Vm, format: u8, item: &[u8]) -> Value {
    let mut wide = [0u8; 8];
    let n = item.len().min(8);
    wide[..n].copy_from_slice(&item[..n]);
    let half = [wide[0], wide[1]];
    let word = [wide[0], wide[1], wide[2], wide[3]];
    let signed = || match n {
        1 => wide[0] as i8 as i64,
        2 => i16::from_ne_bytes(half) as i64,
        4 => i32::from_ne_bytes(word) as i64,
        _ => i64::from_ne_bytes(wide),
    };
    let unsigned = || match n {
        1 => wide[0] as u64,
        2 => u16::from_ne_bytes(half) as u64,
        4 => u32::from_ne_bytes(word) as u64,
        _ => u64::from_ne_bytes(wide),
    };
    match format {
        b'c' => vm.bytes(item),
        b'?' => Value::bool(wide[0] != 0),
        b'e' => Value::float(half_to_f64(u16::from_ne_bytes(half))),
        b'f' => Value::float(f32::from_ne_bytes(word) as f64),
        b'd' => Value::float(f64::from_ne_bytes(wide)),
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => vm.int(signed()),
        _ => vm.uint(unsigned()),
    }
}

/// A float of 16 bits.
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = (bits >> 10 & 0x1F) as i32;
    let fraction = (bits & 0x3FF) as f64;
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

/// The nearest float of 16 bits, ties to even; `None` if the number is too large.
fn f64_to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7E00);
    }
    if x.is_infinite() {
        return Some(sign | 0x7C00);
    }
    let size = x.abs();
    // Subnormals are multiples of 2^-24; every binade above has 1024 steps.
    let exponent = if size < 2f64.powi(-14) { -14 } else { (size.to_bits() >> 52) as i32 - 1023 };
    let steps = (size * 2f64.powi(10 - exponent)).round_ties_even();
    let bits = ((exponent + 14) as f64 * 1024.0 + steps) as u32;
    if bits >= 0x7C00 { None } else { Some(sign | bits as u16) }
}

/// The bytes that stand for a value in a format.
pub(super) fn pack(vm: &Vm, format: u8, v: &Value) -> R<Vec<u8>> {
    let shown = format as char;
    let wrong_type = || vm.type_error(format!("memoryview: invalid type for format '{shown}'"));
    let wrong_value = || vm.value_error(format!("memoryview: invalid value for format '{shown}'"));
    match format {
        b'c' => match v.as_bytes().map(|b| b.data()) {
            Some([byte]) => Ok(vec![*byte]),
            Some(_) => Err(wrong_value()),
            None => Err(wrong_type()),
        },
        b'?' => Ok(vec![vm.truth(v)? as u8]),
        b'e' | b'f' | b'd' => {
            let x = vm.to_f64(v).map_err(|e| if e.is(vm.types.type_error.get()) { wrong_type() } else { e })?;
            let x = if x.is_nan() { f64::NAN } else { x };
            Ok(match format {
                b'd' => x.to_ne_bytes().to_vec(),
                b'f' if (x as f32).is_infinite() && x.is_finite() => return Err(wrong_value()),
                b'f' => (x as f32).to_ne_bytes().to_vec(),
                _ => f64_to_half(x).ok_or_else(wrong_value)?.to_ne_bytes().to_vec(),
            })
        }
        _ => {
            if !v.is_int() && vm.type_method(v, &vm.names.__index__).is_none() {
                return Err(wrong_type());
            }
            let n = vm.index_value(v)?;
            let n = n.as_bigint().and_then(|n| i128::try_from(n).ok()).ok_or_else(wrong_value)?;
            packed_int(format, n).ok_or_else(wrong_value)
        }
    }
}

fn packed_int(format: u8, n: i128) -> Option<Vec<u8>> {
    Some(match format {
        b'b' => i8::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'B' => vec![u8::try_from(n).ok()?],
        b'h' => i16::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'H' => u16::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'i' => i32::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'I' => u32::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'l' => c_long::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'L' => c_ulong::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'n' => isize::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'N' | b'P' => usize::try_from(n).ok()?.to_ne_bytes().to_vec(),
        b'q' => i64::try_from(n).ok()?.to_ne_bytes().to_vec(),
        _ => u64::try_from(n).ok()?.to_ne_bytes().to_vec(),
    })
}
