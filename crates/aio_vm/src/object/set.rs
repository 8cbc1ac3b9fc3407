//! Sets: open addressing with the probe order of CPython, because scripts see it when they print a set of numbers.

use crate::error::R;
use crate::hash::hash_small;
use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};

const MIN: usize = 8;
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// An entry: UNDEF with hash 0 is unused, UNDEF with hash 1 was deleted.
#[derive(Clone)]
struct Entry {
    hash: i64,
    key: Value,
}

/// A set or frozenset.
#[repr(C)]
pub struct SetObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    table: UnsafeCell<Vec<Entry>>,
    used: Cell<usize>,
    fill: Cell<usize>,
    stamp: Cell<u32>,
    /// Where `pop` goes on searching.
    finger: Cell<usize>,
    /// The hash of a frozenset, computed once.
    pub hash: Cell<Option<i64>>,
    charged: Cell<usize>,
}

enum Found {
    At(usize),
    Unused(usize),
}

#[allow(clippy::mut_from_ref, reason = "one thread, and no borrow outlives a method")]
impl SetObj {
    #[inline(always)]
    fn table(&self) -> &mut Vec<Entry> {
        // SAFETY: one thread; no method runs script code while it holds the borrow.
        unsafe { &mut *self.table.get() }
    }

    pub(crate) fn release(&self, vm: &Vm) {
        vm.heap.charge(-(self.charged.replace(0) as isize));
    }

    fn recharge(&self) {
        let now = self.table().capacity() * size_of::<Entry>();
        let before = self.charged.replace(now);
        self.header.class().vm().heap.charge(now as isize - before as isize);
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.used.get()
    }

    /// Has no items.
    pub fn is_empty(&self) -> bool {
        self.used.get() == 0
    }

    /// The first item at or after `position`, which is moved behind it.
    pub fn next_item(&self, position: &mut usize) -> Option<Value> {
        self.next_hashed(position).map(|(v, _)| v)
    }

    /// Like `next_item`, with the hash.
    pub fn next_hashed(&self, position: &mut usize) -> Option<(Value, i64)> {
        let table = self.table();
        while let Some(e) = table.get(*position) {
            *position += 1;
            if !e.key.is_undef() {
                return Some((e.key.clone(), e.hash));
            }
        }
        None
    }

    /// All items in table order.
    pub fn to_vec(&self) -> Vec<Value> {
        self.table().iter().filter(|e| !e.key.is_undef()).map(|e| e.key.clone()).collect()
    }

    fn find(&self, vm: &Vm, key: &Value, hash: i64) -> R<Found> {
        'again: loop {
            let table = std::ptr::from_ref(self.table().as_slice());
            let mask = self.table().len() - 1;
            let mut perturb = hash as u64;
            let mut i = hash as u64 as usize & mask;
            let mut deleted = None;
            loop {
                let probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
                for at in i..=i + probes {
                    let e = &self.table()[at];
                    if e.key.is_undef() {
                        if e.hash == 0 {
                            // A method of the script may have put something there.
                            let free = deleted.filter(|&at: &usize| self.table()[at].key.is_undef());
                            return Ok(Found::Unused(free.unwrap_or(at)));
                        }
                        deleted = Some(at);
                        continue;
                    }
                    if e.hash == hash {
                        if e.key.is(key) {
                            return Ok(Found::At(at));
                        }
                        if e.key.is_small() && key.is_small() {
                            continue;
                        }
                        let candidate = e.key.clone();
                        let equal = vm.eq(&candidate, key)?;
                        // As CPython does: after another change of keys it goes on.
                        if !std::ptr::eq(table, self.table().as_slice()) || !self.table()[at].key.is(&candidate) {
                            continue 'again;
                        }
                        if equal {
                            return Ok(Found::At(at));
                        }
                    }
                }
                perturb >>= PERTURB_SHIFT;
                i = i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
            }
        }
    }

    /// Hash and place of a key that is an inline integer or a plain string; `None` for other keys, and where the `__eq__`
    /// of another key has to say.
    #[inline(always)]
    fn find_plain(&self, vm: &Vm, key: &Value) -> Option<(i64, Found)> {
        let text = key.as_str().filter(|s| vm.types.str.is(s.header.class()));
        let hash = match text {
            Some(s) => s.hash(vm) as i64,
            None => hash_small(key.as_small()?),
        };
        let table = self.table().as_slice();
        let mask = table.len() - 1;
        let mut perturb = hash as u64;
        let mut i = hash as usize & mask;
        let mut deleted = None;
        loop {
            let probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            for (at, e) in (i..).zip(&table[i..=i + probes]) {
                if e.hash == hash && e.key.is(key) {
                    return Some((hash, Found::At(at)));
                }
                if e.key.is_undef() {
                    if e.hash == 0 {
                        return Some((hash, Found::Unused(deleted.unwrap_or(at))));
                    }
                    deleted = Some(at);
                } else if e.hash == hash {
                    match (text, e.key.as_str().filter(|s| vm.types.str.is(s.header.class()))) {
                        (Some(a), Some(b)) if a.bytes() == b.bytes() => return Some((hash, Found::At(at))),
                        (Some(_), Some(_)) => {}
                        (None, _) if e.key.is_small() => {}
                        _ => return None,
                    }
                }
            }
            perturb >>= PERTURB_SHIFT;
            i = i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
        }
    }

    /// Whether a plain key is in; `None` where that needs a closer look.
    #[inline(never)]
    pub(crate) fn holds_plain(&self, vm: &Vm, key: &Value) -> Option<bool> {
        self.find_plain(vm, key).map(|(_, found)| matches!(found, Found::At(_)))
    }

    /// Adds a plain key: false, and nothing has changed, if that needs a closer look.
    #[inline(never)]
    pub(crate) fn add_plain(&self, vm: &Vm, key: &Value) -> bool {
        match self.find_plain(vm, key) {
            Some((hash, Found::Unused(at))) => self.put(at, key.clone(), hash),
            Some(_) => {}
            None => return false,
        }
        true
    }

    /// Puts a new key where the search for it has ended.
    fn put(&self, at: usize, key: Value, hash: i64) {
        let e = std::mem::replace(&mut self.table()[at], Entry { hash, key });
        self.used.set(self.used.get() + 1);
        self.stamp.set(self.stamp.get().wrapping_add(1));
        if e.hash != 0 {
            // The place of a deleted item is used again.
            return;
        }
        self.fill.set(self.fill.get() + 1);
        let mask = self.table().len() - 1;
        if self.fill.get() * 5 >= mask * 3 {
            let used = self.used.get();
            self.resize(if used > 50_000 { used * 2 } else { used * 4 });
        }
    }

    fn insert_clean(table: &mut [Entry], key: Value, hash: i64) {
        let mask = table.len() - 1;
        let mut perturb = hash as u64;
        let mut i = hash as u64 as usize & mask;
        loop {
            let probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            for e in &mut table[i..=i + probes] {
                if e.key.is_undef() {
                    *e = Entry { hash, key };
                    return;
                }
            }
            perturb >>= PERTURB_SHIFT;
            i = i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
        }
    }

    fn resize(&self, least: usize) {
        let mut size = MIN;
        while size <= least {
            size <<= 1;
        }
        let old = std::mem::replace(self.table(), empty_table(size));
        for e in old {
            if !e.key.is_undef() {
                Self::insert_clean(self.table(), e.key, e.hash);
            }
        }
        self.fill.set(self.used.get());
        self.stamp.set(self.stamp.get().wrapping_add(1));
        self.recharge();
    }

    /// Whether the key is in.
    pub fn contains_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> R<bool> {
        Ok(matches!(self.find(vm, key, hash)?, Found::At(_)))
    }

    /// Whether the key is in.
    pub fn contains(&self, vm: &Vm, key: &Value) -> R<bool> {
        let hash = vm.hash(key)?;
        self.contains_hashed(vm, key, hash)
    }

    /// Adds a key; false if it was in.
    pub fn add_hashed(&self, vm: &Vm, key: Value, hash: i64) -> R<bool> {
        match self.find(vm, &key, hash)? {
            Found::At(_) => Ok(false),
            Found::Unused(at) => {
                self.put(at, key, hash);
                Ok(true)
            }
        }
    }

    /// Adds a key; false if it was in.
    pub fn add(&self, vm: &Vm, key: Value) -> R<bool> {
        let hash = vm.hash(&key)?;
        self.add_hashed(vm, key, hash)
    }

    /// Removes a key; gives it back if it was in.
    pub fn discard_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<Value>> {
        match self.find(vm, key, hash)? {
            Found::At(at) => {
                let old = std::mem::replace(&mut self.table()[at], Entry { hash: 1, key: Value::UNDEF });
                self.used.set(self.used.get() - 1);
                self.stamp.set(self.stamp.get().wrapping_add(1));
                Ok(Some(old.key))
            }
            Found::Unused(_) => Ok(None),
        }
    }

    /// Removes a key; gives it back if it was in.
    pub fn discard(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let hash = vm.hash(key)?;
        self.discard_hashed(vm, key, hash)
    }

    /// Takes some item out.
    pub fn pop(&self) -> Option<Value> {
        if self.used.get() == 0 {
            return None;
        }
        let table = self.table();
        let mask = table.len() - 1;
        let mut at = self.finger.get() & mask;
        while table[at].key.is_undef() {
            at = (at + 1) & mask;
        }
        let old = std::mem::replace(&mut table[at], Entry { hash: 1, key: Value::UNDEF });
        self.finger.set(at + 1);
        self.used.set(self.used.get() - 1);
        self.stamp.set(self.stamp.get().wrapping_add(1));
        Some(old.key)
    }

    /// Takes all items out.
    pub fn take_all(&self) -> Vec<Value> {
        let old = std::mem::replace(self.table(), empty_table(MIN));
        self.used.set(0);
        self.fill.set(0);
        self.stamp.set(self.stamp.get().wrapping_add(1));
        self.recharge();
        old.into_iter().map(|e| e.key).filter(|k| !k.is_undef()).collect()
    }

    /// Adds all items of another set, as a copy or an update does (which keeps the order of a fresh copy).
    pub fn merge(&self, vm: &Vm, other: &SetObj) -> R<()> {
        if std::ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        let mask = self.table().len() - 1;
        if (self.fill.get() + other.used.get()) * 5 >= mask * 3 {
            self.resize((self.used.get() + other.used.get()) * 2);
        }
        if self.fill.get() == 0 {
            if self.table().len() == other.table().len() && other.fill.get() == other.used.get() {
                let copy = other.table().clone();
                drop(std::mem::replace(self.table(), copy));
            } else {
                let items: Vec<Entry> = other.table().iter().filter(|e| !e.key.is_undef()).cloned().collect();
                for e in items {
                    Self::insert_clean(self.table(), e.key, e.hash);
                }
            }
            self.used.set(other.used.get());
            self.fill.set(other.used.get());
            self.stamp.set(self.stamp.get().wrapping_add(1));
            return Ok(());
        }
        let mut position = 0;
        while let Some((key, hash)) = other.next_hashed(&mut position) {
            self.add_hashed(vm, key, hash)?;
        }
        Ok(())
    }

    /// Gets rid of the marks of deleted items if they take more than a quarter of the table.
    pub(crate) fn tidy(&self) {
        let used = self.used.get();
        if self.fill.get() - used > (self.table().len() - 1) / 4 {
            self.resize(if used > 50_000 { used * 2 } else { used * 4 });
        }
    }

    /// Makes room before `more` items come, as CPython does when they come from a dict.
    pub(crate) fn expect(&self, more: usize) {
        if (self.fill.get() + more) * 5 >= (self.table().len() - 1) * 3 {
            self.resize((self.used.get() + more) * 2);
        }
    }

    /// Exchanges the contents of two sets.
    pub fn swap(&self, other: &SetObj) {
        if std::ptr::eq(self, other) {
            return;
        }
        std::mem::swap(self.table(), other.table());
        self.used.swap(&other.used);
        self.fill.swap(&other.fill);
        self.charged.swap(&other.charged);
        for s in [self, other] {
            s.stamp.set(s.stamp.get().wrapping_add(1));
        }
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for e in self.table().iter() {
            visit(&e.key);
        }
    }
}

fn empty_table(size: usize) -> Vec<Entry> {
    vec![Entry { hash: 0, key: Value::UNDEF }; size]
}

impl Vm {
    fn new_set(&self, class: &crate::object::ClassObj, kind: Kind) -> Value {
        let table = empty_table(MIN);
        let charged = table.capacity() * size_of::<Entry>();
        self.heap.charge(charged as isize);
        new_cell(self, class, kind, |header| SetObj {
            header,
            attrs: Slot::empty(),
            table: UnsafeCell::new(table),
            used: Cell::new(0),
            fill: Cell::new(0),
            stamp: Cell::new(0),
            finger: Cell::new(0),
            hash: Cell::new(None),
            charged: Cell::new(charged),
        })
    }

    /// An empty set.
    pub fn set(&self) -> Value {
        self.new_set(self.types.set.get(), Kind::Set)
    }

    /// An empty frozenset, to be filled before anybody sees it.
    pub fn frozenset(&self) -> Value {
        self.new_set(self.types.frozenset.get(), Kind::FrozenSet)
    }
}
