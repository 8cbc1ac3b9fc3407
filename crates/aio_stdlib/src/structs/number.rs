//! Numbers as bytes: what struct and array have in common.

use aio_vm::{R, Value, Vm};
use num_bigint::{BigInt, Sign};

/// How bytes are read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Signed,
    Unsigned,
    Float,
}

/// The number that bytes of up to eight stand for.
pub(crate) fn read(vm: &Vm, kind: Kind, data: &[u8], little: bool) -> Value {
    let mut wide = [0u8; 8];
    for (i, b) in data.iter().take(8).enumerate() {
        let at = if little { i } else { data.len().min(8) - 1 - i };
        if let Some(slot) = wide.get_mut(at) {
            *slot = *b;
        }
    }
    let bits = u64::from_le_bytes(wide);
    match kind {
        Kind::Unsigned => vm.uint(bits),
        Kind::Signed => {
            let unused = 64 - 8 * data.len().clamp(1, 8) as u32;
            vm.int((bits << unused) as i64 >> unused)
        }
        Kind::Float => Value::float(match data.len() {
            2 => half_to_f64(bits as u16),
            4 => f32::from_bits(bits as u32) as f64,
            _ => f64::from_bits(bits),
        }),
    }
}

/// The bytes of an integer, or `None` if it does not fit.
pub(crate) fn integer_bytes(n: &BigInt, signed: bool, size: usize, little: bool) -> Option<Vec<u8>> {
    if !signed && n.sign() == Sign::Minus {
        return None;
    }
    let mut data = if signed { n.to_signed_bytes_le() } else { n.magnitude().to_bytes_le() };
    if n.sign() == Sign::NoSign {
        data.clear();
    }
    if data.len() > size {
        return None;
    }
    data.resize(size, if n.sign() == Sign::Minus { 0xff } else { 0 });
    if !little {
        data.reverse();
    }
    Some(data)
}

/// The bytes of a float; an OverflowError if it is too large.
pub(crate) fn float_bytes(vm: &Vm, x: f64, size: usize, little: bool) -> R<Vec<u8>> {
    let mut data = match size {
        2 => match f64_to_half(x) {
            Some(h) => h.to_le_bytes().to_vec(),
            None => return Err(vm.overflow_error("float too large to pack with e format")),
        },
        4 => {
            let y = x as f32;
            if y.is_infinite() && x.is_finite() {
                return Err(vm.overflow_error("float too large to pack with f format"));
            }
            y.to_le_bytes().to_vec()
        }
        _ => x.to_le_bytes().to_vec(),
    };
    if !little {
        data.reverse();
    }
    Ok(data)
}

fn half_to_f64(h: u16) -> f64 {
    let sign = if h & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = ((h >> 10 & 0x1f) as i32, (h & 0x3ff) as f64);
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// Rounds to half precision, ties to even; `None` if the number is too large for it.
fn f64_to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    if x.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let size = x.abs();
    if size == 0.0 {
        return Some(sign);
    }
    // The unit in the last place: of the least normal number below it.
    let exponent = (libm::frexp(size).1 - 1).max(-14);
    let units = libm::rint(size / 2f64.powi(exponent - 10));
    let (units, exponent) = if units >= 2048.0 { (units / 2.0, exponent + 1) } else { (units, exponent) };
    if exponent > 15 {
        return None;
    }
    let bits = if units >= 1024.0 { ((exponent + 15) as u16) << 10 | (units as u16 & 0x3ff) } else { units as u16 };
    Some(sign | bits)
}
