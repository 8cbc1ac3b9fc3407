//! What inline caches have found, for the sites whose cache holds something else: calls of one method on objects of many
//! classes.

use crate::object::header::{Header, Kind};
use crate::object::instance::InstanceObj;
use std::cell::Cell;

/// A method that a class has, for objects of one shape.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// Version of the class, and the shape above it (all ones for objects without attributes of their own).
    key: u64,
    /// Bits of the name.
    name: u64,
    /// Bits of the function, which the class keeps alive as long as its version stands.
    function: u64,
}

const ENTRIES: usize = 64;

/// Methods by class, shape and name.
pub(crate) struct Methods([Cell<Entry>; ENTRIES]);

impl Default for Methods {
    fn default() -> Methods {
        Methods([const { Cell::new(Entry { key: 0, name: 0, function: 0 }) }; ENTRIES])
    }
}

impl Methods {
    #[inline(always)]
    fn entry(&self, key: u64, name: u64) -> &Cell<Entry> {
        // Versions and names differ in their low bits; cells of names are 16 bytes apart.
        &self.0[(key ^ key >> 32 ^ name >> 4) as usize % ENTRIES]
    }

    /// Remembers what an inline cache was filled with.
    pub(crate) fn note(&self, key: u64, name: u64, function: u64) {
        self.entry(key, name).set(Entry { key, name, function });
    }

    /// The function that a method call on an object means, if it is known.
    #[inline(always)]
    pub(crate) fn find(&self, h: &Header, name: u64) -> Option<u64> {
        let version = h.class().known_version() as u64;
        let look = |key: u64| {
            let e = self.entry(key, name).get();
            if e.key == key && e.name == name && version != 0 { Some(e.function) } else { None }
        };
        if h.kind.get() == Kind::Instance {
            // SAFETY: the kind says what the cell is.
            let shape = unsafe { (*std::ptr::from_ref(h).cast::<InstanceObj>()).shape.get() };
            return look(version | (shape as u64) << 32);
        }
        look(version | (u32::MAX as u64) << 32)
    }
}
