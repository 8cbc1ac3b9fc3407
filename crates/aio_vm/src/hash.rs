//! Hashes: numbers, tuples and frozensets as CPython has them, strings under a key of their own.

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

/// Numbers that are equal modulo this prime have the same hash.
pub const MODULUS: u64 = (1 << MODULUS_BITS) - 1;
const MODULUS_BITS: u32 = 61;
const INFINITY: i64 = 314159;
const IMAGINARY: u64 = 1000003;

/// -1 means an error to the callers of CPython's hash, so no hash is -1.
fn settle(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

/// `hash(value)` of an integer.
#[inline]
pub fn hash_i64(value: i64) -> i64 {
    let size = (value.unsigned_abs() % MODULUS) as i64;
    settle(if value < 0 { -size } else { size })
}

/// `hash(value)` of an integer that a value holds inline: smaller than the prime.
#[inline(always)]
pub fn hash_small(value: i64) -> i64 {
    settle(value)
}

/// `hash(value)` of a big integer.
pub fn hash_bigint(value: &BigInt) -> i64 {
    let size = (value.magnitude() % MODULUS).to_i64().unwrap_or(0);
    settle(if value.sign() == Sign::Minus { -size } else { size })
}

/// `hash(x)` of a float. A NaN hashes by identity in Python, which is the caller's; here it gives 0.
pub fn hash_f64(x: f64) -> i64 {
    if x.is_nan() {
        return 0;
    }
    if x.is_infinite() {
        return if x > 0.0 { INFINITY } else { -INFINITY };
    }
    let bits = x.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = match (bits >> 52 & 0x7FF) as i32 {
        0 => (fraction, -1074),
        biased => (fraction | 1 << 52, biased - 1075),
    };
    // Doubling modulo 2^61 - 1 rotates 61 bits.
    let turn = exponent.rem_euclid(MODULUS_BITS as i32) as u32;
    let size = ((mantissa << turn & MODULUS) | mantissa >> (MODULUS_BITS - turn)) as i64;
    settle(if x < 0.0 { -size } else { size })
}

/// `hash(complex(re, im))`, from the hashes of its parts.
pub fn hash_complex(re: i64, im: i64) -> i64 {
    settle((re as u64).wrapping_add(IMAGINARY.wrapping_mul(im as u64)) as i64)
}

/// The keyed hash of bytes.
#[inline]
pub fn hash_bytes(key: (u64, u64), data: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut h = siphasher::sip::SipHasher13::new_with_keys(key.0, key.1);
    h.write(data);
    h.finish()
}

/// The hash of a tuple, from the hashes of its items in order.
#[derive(Clone, Debug)]
pub struct TupleHasher {
    state: u64,
    length: u64,
}

const PRIME_1: u64 = 11_400_714_785_074_694_791;
const PRIME_2: u64 = 14_029_467_366_897_019_727;
const PRIME_5: u64 = 2_870_177_450_012_600_261;

impl Default for TupleHasher {
    fn default() -> TupleHasher {
        TupleHasher { state: PRIME_5, length: 0 }
    }
}

impl TupleHasher {
    #[inline]
    pub fn add(&mut self, hash: i64) {
        self.state = self.state.wrapping_add((hash as u64).wrapping_mul(PRIME_2)).rotate_left(31).wrapping_mul(PRIME_1);
        self.length += 1;
    }

    /// The hash of a slice, in which the number of items does not count.
    pub fn finish_slice(&self) -> i64 {
        let hash = self.state as i64;
        if hash == -1 { 1546275796 } else { hash }
    }

    pub fn finish(&self) -> i64 {
        let hash = self.state.wrapping_add(self.length ^ (PRIME_5 ^ 3527539)) as i64;
        if hash == -1 { 1546275796 } else { hash }
    }
}

/// The hash of a frozenset, from the hashes of its members in any order.
#[derive(Clone, Debug, Default)]
pub struct SetHasher {
    state: u64,
    length: u64,
}

impl SetHasher {
    #[inline]
    pub fn add(&mut self, hash: i64) {
        let hash = hash as u64;
        self.state ^= (hash ^ 89869747 ^ hash << 16).wrapping_mul(3644798167);
        self.length += 1;
    }

    pub fn finish(&self) -> i64 {
        let mut hash = self.state ^ self.length.wrapping_add(1).wrapping_mul(1927868237);
        hash ^= hash >> 11 ^ hash >> 25;
        hash = hash.wrapping_mul(69069).wrapping_add(907133923);
        if hash == u64::MAX { 590923713 } else { hash as i64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (value, want) in
            [(0, 0), (-1, -2), (-2, -2), (i64::MAX, 3), (i64::MIN, -4), ((1 << 61) - 1, 0), (1 << 61, 1)]
        {
            assert_eq!(hash_i64(value), want);
            assert_eq!(hash_bigint(&BigInt::from(value)), want);
        }
        assert_eq!(hash_bigint(&BigInt::from(10).pow(30)), 465258685558744706);
        assert_eq!(hash_bigint(&-BigInt::from(10).pow(30)), -465258685558744706);
        for (x, want) in [
            (0.0, 0),
            (-0.0, 0),
            (-1.0, -2),
            (0.5, 1152921504606846976),
            (-1.5, -1152921504606846977),
            (1e300, 1224995262755759164),
            (-1e-300, -482449582752280463),
            (5e-324, 16777216),
            (0.1, 230584300921369408),
            (f64::NEG_INFINITY, -314159),
        ] {
            assert_eq!(hash_f64(x), want, "{x}");
        }
        let complex = |re, im| hash_complex(hash_f64(re), hash_f64(im));
        assert_eq!(complex(1.0, 2.0), 2000007);
        assert_eq!(complex(-1.0, -1.0), -2000008);
        assert_eq!(complex(0.5, 0.25), 2882303761517117440);
    }

    #[test]
    fn tuples_and_sets() {
        let tuple = |items: &[i64]| {
            let mut hasher = TupleHasher::default();
            items.iter().for_each(|&item| hasher.add(hash_i64(item)));
            hasher.finish()
        };
        assert_eq!(tuple(&[]), 5740354900026072187);
        assert_eq!(tuple(&[1]), -6644214454873602895);
        assert_eq!(tuple(&[1, 2, 3]), 529344067295497451);
        assert_eq!(tuple(&[-1]), 8078679518589016365);
        let set = |items: std::ops::Range<i64>| {
            let mut hasher = SetHasher::default();
            items.for_each(|item| hasher.add(hash_i64(item)));
            hasher.finish()
        };
        assert_eq!(set(0..0), 133146708735736);
        assert_eq!(set(1..4), -272375401224217160);
        assert_eq!(set(0..100), 4411996150312757951);
    }

    #[test]
    fn strings_depend_on_the_key() {
        let (one, two) = ((1, 2), (1, 3));
        assert_eq!(hash_bytes(one, b"abc"), hash_bytes(one, b"abc"));
        assert_ne!(hash_bytes(one, b"abc"), hash_bytes(two, b"abc"));
    }
}
