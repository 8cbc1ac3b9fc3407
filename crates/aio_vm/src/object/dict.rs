//! Dicts: a compact table in insertion order. Tables of up to eight entries are scanned, larger ones are indexed.

use crate::error::R;
use crate::hash::hash_small;
use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::object::index::{Found, Index};
use crate::object::slot::Slot;
use crate::object::str::StrObj;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};

const SMALL: usize = 8;
/// Room of a dict for the attributes of an object that mostly has one or two.
const FEW: usize = 2;

/// An entry; a key of UNDEF marks a deleted one.
pub(crate) struct Entry {
    hash: u64,
    pub(crate) key: Value,
    pub(crate) value: Value,
}

/// Where the value of a name lies in a dict. No two dicts have the same versions: a place of one is none in another.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    version: u32,
    at: u32,
}

/// A dict.
#[repr(C)]
pub struct DictObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    entries: UnsafeCell<Vec<Entry>>,
    index: Index,
    live: Cell<u32>,
    /// All entries before this one are deleted: taking items out at the front does not pass them again and again.
    first: Cell<u32>,
    /// Identifies this set of keys for inline caches; 0 when none was asked for since the last change of keys.
    keys_version: Cell<u32>,
    /// Grows with every change of keys: lookups that called script code look again.
    stamp: Cell<u32>,
    charged: Cell<usize>,
}

#[allow(clippy::mut_from_ref, reason = "one thread, and no borrow outlives a method")]
impl DictObj {
    #[inline(always)]
    fn entries(&self) -> &mut Vec<Entry> {
        // SAFETY: one thread; no method runs script code while it holds the borrow.
        unsafe { &mut *self.entries.get() }
    }

    pub(crate) fn release(&self, vm: &Vm) {
        vm.heap.charge(-(self.charged.replace(0) as isize));
    }

    fn recharge(&self) {
        let now = self.entries().capacity() * size_of::<Entry>() + self.index.bytes();
        let before = self.charged.replace(now);
        if now != before {
            self.header.class().vm().heap.charge(now as isize - before as isize);
        }
    }

    /// How many items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.live.get() as usize
    }

    /// Has no items.
    pub fn is_empty(&self) -> bool {
        self.live.get() == 0
    }

    /// Number of entries, deleted ones included: the bound of positions.
    #[inline(always)]
    pub(crate) fn bound(&self) -> usize {
        self.entries().len()
    }

    /// Where the value of a name lies, for as long as the dict has the same keys.
    pub fn place_of(&self, vm: &Vm, name: &Value) -> Option<Place> {
        let at = self.position(vm, name)?;
        Some(Place { version: self.version(vm), at: u32::try_from(at).ok()? })
    }

    /// The value at a place, if the dict still has the keys that it had then.
    #[inline]
    pub fn value_in(&self, place: Place) -> Option<&Value> {
        if self.known_version() == place.version { self.value_at(place.at as usize) } else { None }
    }

    /// A number that identifies the present set of keys and their positions.
    #[inline]
    pub(crate) fn version(&self, vm: &Vm) -> u32 {
        let v = self.keys_version.get();
        if v != 0 {
            return v;
        }
        let v = vm.next_version();
        self.keys_version.set(v);
        v
    }

    /// The version, 0 if none was given.
    #[inline(always)]
    pub(crate) fn known_version(&self) -> u32 {
        self.keys_version.get()
    }

    /// The value at a position that a cache remembers.
    #[inline(always)]
    pub(crate) fn value_at(&self, position: usize) -> Option<&Value> {
        self.entries().get(position).map(|e| &e.value)
    }

    /// The place of a name's value, if it lies at that position.
    #[inline(always)]
    pub(crate) fn place_if(&self, position: usize, name: &Value) -> Option<*mut Value> {
        self.entries().get_mut(position).filter(|e| e.key.is(name)).map(|e| &raw mut e.value)
    }

    /// The value at a position that a cache remembers, to be replaced.
    #[inline(always)]
    pub(crate) fn place_at(&self, position: usize) -> Option<*mut Value> {
        self.entries().get_mut(position).map(|e| &raw mut e.value)
    }

    /// Replaces the value at a position and gives the old one.
    #[inline(always)]
    pub(crate) fn set_value_at(&self, position: usize, v: Value) -> Option<Value> {
        self.entries().get_mut(position).map(|e| std::mem::replace(&mut e.value, v))
    }

    /// The first live item at or after `position`, which is moved behind it.
    #[inline]
    pub fn next_item(&self, position: &mut usize) -> Option<(Value, Value)> {
        self.next_entry(position).map(|(k, v)| (k.clone(), v.clone()))
    }

    /// The same, only to be looked at.
    #[inline]
    pub(crate) fn next_entry(&self, position: &mut usize) -> Option<(&Value, &Value)> {
        let entries = self.entries();
        *position = (*position).max(self.first.get() as usize);
        while let Some(e) = entries.get(*position) {
            *position += 1;
            if !e.key.is_undef() {
                return Some((&e.key, &e.value));
            }
        }
        None
    }

    /// The last live item before `position`, which is moved to it.
    pub fn previous_item(&self, position: &mut usize) -> Option<(Value, Value)> {
        let entries = self.entries();
        *position = (*position).min(entries.len());
        while *position > 0 {
            *position -= 1;
            let e = &entries[*position];
            if !e.key.is_undef() {
                return Some((e.key.clone(), e.value.clone()));
            }
        }
        None
    }

    /// All items, in order.
    pub fn items(&self) -> Vec<(Value, Value)> {
        let live = self.entries().iter().filter(|e| !e.key.is_undef());
        live.map(|e| (e.key.clone(), e.value.clone())).collect()
    }

    /// All keys, in order.
    pub fn keys(&self) -> Vec<Value> {
        self.entries().iter().filter(|e| !e.key.is_undef()).map(|e| e.key.clone()).collect()
    }

    /// All values, in order.
    pub fn values(&self) -> Vec<Value> {
        self.entries().iter().filter(|e| !e.key.is_undef()).map(|e| e.value.clone()).collect()
    }

    /// Tells apart the times before and after a change of keys.
    pub(crate) fn stamp(&self) -> u32 {
        self.stamp.get()
    }

    fn changed(&self) {
        self.keys_version.set(0);
        self.stamp.set(self.stamp.get().wrapping_add(1));
    }

    /// Position of the first entry with a hash that `same` takes.
    #[inline(always)]
    fn probe(&self, hash: u64, mut same: impl FnMut(&Entry) -> bool) -> Option<usize> {
        let entries = self.entries().as_slice();
        if self.index.is_empty() {
            for (n, e) in entries.iter().enumerate() {
                if e.hash == hash && !e.key.is_undef() && same(e) {
                    return Some(n);
                }
            }
            return None;
        }
        let mut probe = self.index.probe(hash);
        loop {
            match self.index.look(&probe) {
                Found::Nothing => return None,
                Found::Removed => {}
                Found::Entry(n) => {
                    // SAFETY: what the index holds are places of entries.
                    let e = unsafe { entries.get_unchecked(n) };
                    if e.hash == hash && same(e) {
                        return Some(n);
                    }
                }
            }
            probe.step();
        }
    }

    /// Position of a string key. Never runs script code: keys of subclasses of str count by their text.
    #[inline]
    pub(crate) fn find_str(&self, key: &StrObj, hash: u64) -> Option<usize> {
        self.probe(hash, |e| {
            e.key.addr() == key as *const StrObj as usize || e.key.as_str().is_some_and(|s| s.bytes() == key.bytes())
        })
    }

    /// Position of a plain string; `doubt` is set if another key has the hash and may be equal by its own `__eq__`.
    // Always inlined: what `doubt` points at must not stand on the stack of an operation.
    #[inline(always)]
    fn find_text(&self, key: &StrObj, hash: u64, doubt: &mut bool) -> Option<usize> {
        self.probe(hash, |e| {
            if e.key.addr() == key as *const StrObj as usize {
                return true;
            }
            match e.key.as_str().filter(|s| std::ptr::eq(s.header.class(), key.header.class())) {
                Some(s) => s.bytes() == key.bytes(),
                None => {
                    *doubt = true;
                    false
                }
            }
        })
    }

    /// Hash and position of a key that is an inline integer or a plain string; `None` for other keys, and where the
    /// `__eq__` of another key has to say.
    #[inline(always)]
    pub(crate) fn find_plain(&self, vm: &Vm, key: &Value) -> Option<(u64, Option<usize>)> {
        let mut doubt = false;
        let (hash, found) = if let Some(n) = key.as_small() {
            let hash = hash_small(n) as u64;
            let found = self.probe(hash, |e| {
                doubt |= !e.key.is_small();
                e.key.is(key)
            });
            (hash, found)
        } else {
            let s = key.as_str().filter(|s| vm.types.str.is(s.header.class()))?;
            let hash = s.hash(vm);
            (hash, self.find_text(s, hash, &mut doubt))
        };
        if doubt { None } else { Some((hash, found)) }
    }

    /// Position of a key with this hash. May run `__eq__` of the script: where that has put other entries in the place of
    /// these, it looks again from the start.
    #[inline]
    pub(crate) fn find(&self, vm: &Vm, key: &Value, hash: u64) -> R<Option<usize>> {
        if let Some(s) = key.as_str()
            && std::ptr::eq(s.header.class(), vm.types.str.get())
        {
            let mut doubt = false;
            let found = self.find_text(s, hash, &mut doubt);
            if !doubt {
                return Ok(found);
            }
        }
        'again: loop {
            let generation = self.index.generation();
            let mut scanned = 0;
            let mut probe = if self.index.is_empty() { None } else { Some(self.index.probe(hash)) };
            loop {
                let n = match &mut probe {
                    None if scanned >= self.entries().len() => return Ok(None),
                    None => {
                        scanned += 1;
                        scanned - 1
                    }
                    Some(probe) => {
                        let found = self.index.look(probe);
                        probe.step();
                        match found {
                            Found::Nothing => return Ok(None),
                            Found::Removed => continue,
                            Found::Entry(n) => n,
                        }
                    }
                };
                let e = &self.entries()[n];
                if e.key.is_undef() || e.hash != hash {
                    continue;
                }
                if e.key.is(key) {
                    return Ok(Some(n));
                }
                if e.key.is_small() && key.is_small() {
                    continue;
                }
                let candidate = e.key.clone();
                let equal = vm.eq(&candidate, key)?;
                let stays = |e: &Entry| e.key.is(&candidate);
                if self.index.generation() != generation || !self.entries().get(n).is_some_and(stays) {
                    continue 'again;
                }
                if equal {
                    return Ok(Some(n));
                }
            }
        }
    }

    /// Makes room for so many items more.
    pub(crate) fn reserve(&self, more: usize) {
        self.entries().reserve_exact(more);
        self.rebuild_for(self.entries().len() + more);
    }

    fn rebuild(&self) {
        self.rebuild_for(self.entries().len());
    }

    /// Takes the deleted entries out, and finds the others by an index for so many of them.
    fn rebuild_for(&self, items: usize) {
        let entries = self.entries();
        let deleted = entries.len() - self.len();
        entries.retain(|e| !e.key.is_undef());
        self.first.set(0);
        let items = items - deleted;
        if items < SMALL {
            self.index.clear();
        } else {
            self.index.rebuild(items, entries.iter().map(|e| e.hash));
        }
        self.changed();
        self.recharge();
    }

    /// Adds an item whose key is known to be absent.
    #[inline]
    pub(crate) fn insert_new(&self, key: Value, value: Value, hash: u64) {
        let full = if self.index.is_empty() { self.entries().len() >= SMALL } else { self.index.is_full() };
        if full {
            self.rebuild();
        }
        self.insert_rebuilt(key, value, hash)
    }

    #[inline]
    fn insert_rebuilt(&self, key: Value, value: Value, hash: u64) {
        let entries = self.entries();
        if !self.index.is_empty() {
            self.index.insert(hash, entries.len());
        } else if entries.len() >= SMALL {
            // Eight live entries: the table gets its index now.
            entries.push(Entry { hash, key, value });
            self.live.set(self.live.get() + 1);
            return self.rebuild();
        }
        let before = entries.capacity();
        entries.push(Entry { hash, key, value });
        if entries.capacity() != before {
            self.recharge();
        }
        self.live.set(self.live.get() + 1);
        self.changed();
    }

    /// Removes the item at a position.
    pub(crate) fn remove_at(&self, position: usize) -> Option<(Value, Value)> {
        let entries = self.entries();
        let e = entries.get_mut(position)?;
        if e.key.is_undef() {
            return None;
        }
        let hash = e.hash;
        let key = e.key.take();
        let value = e.value.take();
        if !self.index.is_empty() {
            self.index.remove(hash, position);
        }
        // The others keep their places, for iterators. Deleted entries do not stay at the end, or `popitem` would
        // pass them again and again.
        while entries.last().is_some_and(|e| e.key.is_undef()) {
            entries.pop();
        }
        let mut first = self.first.get() as usize;
        if first == position {
            while entries.get(first).is_some_and(|e| e.key.is_undef()) {
                first += 1;
            }
        }
        self.first.set(first.min(entries.len()) as u32);
        self.live.set(self.live.get() - 1);
        self.changed();
        Some((key, value))
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let hash = vm.hash(key)? as u64;
        self.get_hashed(vm, key, hash)
    }

    /// The value of a key whose hash is known.
    #[inline]
    pub fn get_hashed(&self, vm: &Vm, key: &Value, hash: u64) -> R<Option<Value>> {
        Ok(self.find(vm, key, hash)?.map(|n| self.entries()[n].value.clone()))
    }

    /// Sets the value of a key and gives the old one.
    #[inline]
    pub fn set(&self, vm: &Vm, key: Value, value: Value) -> R<Option<Value>> {
        let hash = vm.hash(&key)? as u64;
        self.set_hashed(vm, key, value, hash)
    }

    /// Sets the value of a key whose hash is known and gives the old one.
    #[inline]
    pub fn set_hashed(&self, vm: &Vm, key: Value, value: Value, hash: u64) -> R<Option<Value>> {
        match self.find(vm, &key, hash)? {
            Some(n) => Ok(self.set_value_at(n, value)),
            None => {
                self.insert_new(key, value, hash);
                Ok(None)
            }
        }
    }

    /// Removes a key and gives its value.
    pub fn remove(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        self.remove_hashed(vm, key, vm.hash(key)? as u64)
    }

    /// Removes a key whose hash is known and gives its value.
    pub fn remove_hashed(&self, vm: &Vm, key: &Value, hash: u64) -> R<Option<Value>> {
        let found = self.find(vm, key, hash)?;
        Ok(found.and_then(|n| self.remove_at(n)).map(|(_, v)| v))
    }

    /// The value of a name (an interned string).
    #[inline]
    pub fn get_name(&self, vm: &Vm, name: &Value) -> Option<Value> {
        self.peek_name(vm, name).cloned()
    }

    /// The value of a name, only to be looked at.
    #[inline]
    pub(crate) fn peek_name(&self, vm: &Vm, name: &Value) -> Option<&Value> {
        let s = name.as_str()?;
        self.find_str(s, s.hash(vm)).map(|n| &self.entries()[n].value)
    }

    /// Position of a name.
    pub(crate) fn position(&self, vm: &Vm, name: &Value) -> Option<usize> {
        let s = name.as_str()?;
        self.find_str(s, s.hash(vm))
    }

    /// Sets the value of a name and gives the old one.
    pub fn set_name(&self, vm: &Vm, name: &Value, value: Value) -> Option<Value> {
        let s = name.as_str()?;
        let hash = s.hash(vm);
        match self.find_str(s, hash) {
            Some(n) => self.set_value_at(n, value),
            None => {
                self.insert_new(name.clone(), value, hash);
                None
            }
        }
    }

    /// Removes a name and gives its value.
    pub fn remove_name(&self, vm: &Vm, name: &Value) -> Option<Value> {
        let n = self.position(vm, name)?;
        self.remove_at(n).map(|(_, v)| v)
    }

    /// The value under a text.
    pub fn get_text(&self, vm: &Vm, text: &str) -> Option<Value> {
        self.get_name(vm, &vm.intern(text))
    }

    /// Sets the value under a text.
    pub fn set_text(&self, vm: &Vm, text: &str, value: Value) {
        drop(self.set_name(vm, &vm.intern(text), value));
    }

    /// Takes all items out.
    pub fn take_all(&self) -> Vec<(Value, Value)> {
        let old = std::mem::take(self.entries());
        self.first.set(0);
        self.index.clear();
        self.live.set(0);
        self.changed();
        self.recharge();
        old.into_iter().filter(|e| !e.key.is_undef()).map(|e| (e.key, e.value)).collect()
    }

    /// Shows all keys and values.
    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for e in self.entries().iter() {
            visit(&e.key);
            visit(&e.value);
        }
    }

    /// A copy as a plain dict.
    pub fn copy(&self, vm: &Vm) -> Value {
        let copy = vm.dict();
        if let Some(d) = copy.as_dict() {
            d.entries().reserve(self.len());
            for e in self.entries().iter().filter(|e| !e.key.is_undef()) {
                d.insert_new(e.key.clone(), e.value.clone(), e.hash);
            }
            d.recharge();
        }
        copy
    }

    /// The hash kept for the entry at a position.
    pub(crate) fn hash_at(&self, position: usize) -> u64 {
        self.entries()[position].hash
    }
}

/// What a view shows of its dict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    /// dict_keys.
    Keys,
    /// dict_values.
    Values,
    /// dict_items.
    Items,
    /// mappingproxy (of any mapping).
    Proxy,
}

/// A view of a dict.
#[repr(C)]
pub struct ViewObj {
    pub(crate) header: Header,
    /// The dict (for a proxy: any mapping).
    pub dict: Value,
    /// What it shows.
    pub what: ViewKind,
}

impl Vm {
    /// An empty dict.
    pub fn dict(&self) -> Value {
        new_cell(self, self.types.dict.get(), Kind::Dict, |header| DictObj {
            header,
            attrs: Slot::empty(),
            entries: UnsafeCell::default(),
            index: Index::default(),
            live: Cell::new(0),
            first: Cell::new(0),
            keys_version: Cell::new(0),
            stamp: Cell::new(0),
            charged: Cell::new(0),
        })
    }

    /// An empty dict that has room for some items.
    pub(crate) fn dict_of_few(&self) -> Value {
        let dict = self.dict();
        if let Some(d) = dict.as_dict() {
            d.entries().reserve_exact(FEW);
            d.recharge();
        }
        dict
    }

    /// A view of a dict.
    pub fn view(&self, dict: Value, what: ViewKind) -> Value {
        let class = match what {
            ViewKind::Keys => self.types.dict_keys.get(),
            ViewKind::Values => self.types.dict_values.get(),
            ViewKind::Items => self.types.dict_items.get(),
            ViewKind::Proxy => self.types.mappingproxy.get(),
        };
        new_cell(self, class, Kind::View, |header| ViewObj { header, dict, what })
    }
}
