//! Hashes of numbers, equal for equal numbers of every type, as CPython defines them (modulus 2^61 - 1).

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

const MODULUS: u64 = (1 << 61) - 1;

/// The hash of an integer of 64 bits.
#[inline]
pub fn hash_i64(n: i64) -> i64 {
    let m = n.unsigned_abs();
    let h = (if m < MODULUS { m } else { m % MODULUS }) as i64;
    let h = if n < 0 { -h } else { h };
    if h == -1 { -2 } else { h }
}

/// The hash of an integer of any size.
pub fn hash_bigint(n: &BigInt) -> i64 {
    let h = (n.magnitude() % MODULUS).to_i64().unwrap_or(0);
    let h = if n.sign() == Sign::Minus { -h } else { h };
    if h == -1 { -2 } else { h }
}

/// The hash of a float that is not NaN.
pub fn hash_f64(x: f64) -> i64 {
    if x.is_infinite() {
        return if x > 0.0 { 314_159 } else { -314_159 };
    }
    if x == 0.0 {
        return 0;
    }
    let bits = x.to_bits();
    let raw = ((bits >> 52) & 0x7FF) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if raw == 0 { (fraction, -1074) } else { (fraction | 1 << 52, raw - 1075) };
    // 2 has order 61 modulo the prime, so a power of two is a rotation of 61 bits.
    let shift = exponent.rem_euclid(61) as u32;
    let m = mantissa % MODULUS;
    let rotated = if shift == 0 { m } else { ((m << shift) & MODULUS) | (m >> (61 - shift)) };
    let h = (rotated % MODULUS) as i64;
    let h = if x < 0.0 { -h } else { h };
    if h == -1 { -2 } else { h }
}

/// The keyed hash of bytes.
#[inline]
pub fn hash_bytes(key: (u64, u64), data: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut h = siphasher::sip::SipHasher13::new_with_keys(key.0, key.1);
    h.write(data);
    h.finish()
}
