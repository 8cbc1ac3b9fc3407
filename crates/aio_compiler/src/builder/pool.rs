//! The constants and names of a code object, each stored once.

use aio_bytecode::Const;
use aio_syntax::ast::Sym;
use rustc_hash::FxHashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A constant as a key: equal only to one of the same type and value, so that `1`, `1.0` and `True`
/// stay apart, and so do `0.0` and `-0.0`.
#[derive(Debug, Clone)]
struct Key(Const);

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        same(&self.0, &other.0)
    }
}

impl Eq for Key {}

fn same(a: &Const, b: &Const) -> bool {
    match (a, b) {
        (Const::Float(a), Const::Float(b)) | (Const::Imag(a), Const::Imag(b)) => a.to_bits() == b.to_bits(),
        (Const::Tuple(a), Const::Tuple(b)) | (Const::FrozenSet(a), Const::FrozenSet(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Const::Code(a), Const::Code(b)) => Arc::ptr_eq(a, b),
        (Const::Code(_), _) | (_, Const::Code(_)) => false,
        (a, b) => a == b,
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

fn hash<H: Hasher>(value: &Const, state: &mut H) {
    std::mem::discriminant(value).hash(state);
    match value {
        Const::Int(value) => value.hash(state),
        Const::BigInt(digits) => digits.hash(state),
        Const::Float(value) | Const::Imag(value) => value.to_bits().hash(state),
        Const::Str(bytes) | Const::Bytes(bytes) => bytes.hash(state),
        Const::Tuple(items) | Const::FrozenSet(items) => {
            for item in items {
                hash(item, state);
            }
        }
        Const::Code(code) => Arc::as_ptr(code).hash(state),
        Const::None | Const::True | Const::False | Const::Ellipsis | Const::Undef => {}
    }
}

/// The tables of a code object.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    pub consts: Vec<Const>,
    numbers: FxHashMap<Key, u32>,
    pub names: Vec<Sym>,
    name_numbers: FxHashMap<Sym, u32>,
}

impl Pool {
    /// The number of a constant.
    pub fn constant(&mut self, value: Const) -> u32 {
        let next = self.consts.len() as u32;
        match self.numbers.entry(Key(value)) {
            std::collections::hash_map::Entry::Occupied(entry) => *entry.get(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                self.consts.push(entry.key().0.clone());
                entry.insert(next);
                next
            }
        }
    }

    /// The number of a name.
    pub fn name(&mut self, sym: Sym) -> u32 {
        let next = self.names.len() as u32;
        let number = *self.name_numbers.entry(sym).or_insert(next);
        if number == next {
            self.names.push(sym);
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_kept_apart_by_type_and_sign() {
        let mut pool = Pool::default();
        let values = [
            Const::Int(1),
            Const::True,
            Const::Float(1.0),
            Const::Float(0.0),
            Const::Float(-0.0),
            Const::Imag(0.0),
            Const::Str(b"1".into()),
            Const::Bytes(b"1".into()),
            Const::Tuple([Const::Int(1)].into()),
            Const::Tuple([Const::True].into()),
        ];
        for (i, value) in values.iter().enumerate() {
            assert_eq!(pool.constant(value.clone()), i as u32);
        }
        for (i, value) in values.iter().enumerate() {
            assert_eq!(pool.constant(value.clone()), i as u32);
        }
        let nan = pool.constant(Const::Float(f64::NAN));
        assert_eq!(pool.constant(Const::Float(f64::NAN)), nan);
    }
}
