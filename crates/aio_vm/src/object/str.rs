//! Strings: WTF-8 in the cell itself, with cached hash and length in characters.

use crate::heap::{SMALL_MAX, new_cell_with};
use crate::object::header::{Header, INTERNED, Kind, LARGE};
use crate::text::{search, wtf8};
use crate::value::Value;
use crate::vm::Vm;
use std::borrow::Cow;
use std::cell::Cell;

/// A string. Its bytes follow the fields; all characters are ASCII exactly when both lengths are equal.
#[repr(C)]
pub struct StrObj {
    pub(crate) header: Header,
    hash: Cell<u64>,
    bytes: Cell<u32>,
    chars: Cell<u32>,
}

impl StrObj {
    /// The WTF-8 bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the cell was made with this many bytes behind the fields, and strings do not change while shared.
        unsafe { std::slice::from_raw_parts((self as *const StrObj).add(1) as *const u8, self.bytes.get() as usize) }
    }

    /// Length in characters.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.chars.get() as usize
    }

    /// Has no characters.
    pub fn is_empty(&self) -> bool {
        self.bytes.get() == 0
    }

    /// All characters are ASCII.
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.bytes.get() == self.chars.get()
    }

    /// The text, unless it has lone surrogates.
    pub fn as_utf8(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()).ok()
    }

    /// The text; lone surrogates become U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        if self.is_ascii() {
            // SAFETY: ASCII is UTF-8, so a long text need not be looked through again.
            return Cow::Borrowed(unsafe { std::str::from_utf8_unchecked(self.bytes()) });
        }
        String::from_utf8_lossy(self.bytes())
    }

    /// The hash, computed once.
    #[inline(always)]
    pub fn hash(&self, vm: &Vm) -> u64 {
        let h = self.hash.get();
        if h != 0 { h } else { self.compute_hash(vm) }
    }

    #[cold]
    fn compute_hash(&self, vm: &Vm) -> u64 {
        let h = vm.hash_bytes(self.bytes());
        self.hash.set(h);
        h
    }

    /// Whether another string is part of it.
    // Not inlined: operations that look for keys would get the stack of the searcher.
    #[inline(never)]
    pub fn holds(&self, part: &StrObj) -> bool {
        match (self.bytes(), part.bytes()) {
            // Preparing a search would take longer than this one.
            (text, [byte]) if text.len() <= 16 => text.contains(byte),
            (text, part) => search::find(text, part).is_some(),
        }
    }

    /// The one interned copy of its text.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.header.has(INTERNED)
    }

    /// Byte offset of a character index (which may be the length).
    pub fn byte_offset(&self, index: usize) -> usize {
        if self.is_ascii() { index } else { wtf8::offset_from(self.bytes(), 0, index) }
    }

    /// How many bytes the cell can hold.
    fn capacity(&self) -> usize {
        let cell = if self.header.has(LARGE) {
            // SAFETY: large cells have their size in the 16 bytes before them.
            unsafe { *((self as *const StrObj as *const u8).sub(16) as *const usize) }
        } else {
            self.header.size.get() as usize * 16
        };
        cell - size_of::<StrObj>()
    }

    /// Appends a text where this one lies, if nothing else refers to it and there is room. The class is `str` itself.
    #[inline]
    pub(crate) fn append_in_place(&self, more: &StrObj) -> bool {
        let (n, m) = (self.bytes().len(), more.bytes().len());
        if self.header.rc.get() != 1 || self.is_interned() || n + m > self.capacity() || std::ptr::eq(self, more) {
            return false;
        }
        // SAFETY: nothing else refers to the cell, and it has room for the bytes.
        unsafe {
            let data = std::ptr::from_ref(self).add(1) as *mut u8;
            std::ptr::copy_nonoverlapping(more.bytes().as_ptr(), data.add(n), m);
        }
        self.bytes.set((n + m) as u32);
        self.chars.set((self.len() + more.len()) as u32);
        self.hash.set(0);
        true
    }
}

/// A new string cell with room for `capacity` bytes, filled by `fill`, which gets the buffer.
fn make(vm: &Vm, len: usize, chars: usize, capacity: usize, fill: impl FnOnce(&mut [u8])) -> Value {
    let p = new_cell_with(vm, vm.types.str.get(), Kind::Str, capacity, |header| StrObj {
        header,
        hash: Cell::new(0),
        bytes: Cell::new(len as u32),
        chars: Cell::new(chars as u32),
    });
    // SAFETY: the cell has `capacity >= len` bytes behind the fields, and cells are multiples of 16 bytes, as the fields are.
    unsafe {
        let data = p.add(1) as *mut u8;
        if len > 0 {
            (data as *mut [u64; 2]).write_unaligned([0; 2]);
        }
        fill(std::slice::from_raw_parts_mut(data, len));
        Value::from_owned_bits(p as u64)
    }
}

impl Vm {
    /// A string from text.
    pub fn str(&self, text: &str) -> Value {
        self.str_wtf8(text.as_bytes())
    }

    /// A string from WTF-8 bytes.
    pub fn str_wtf8(&self, bytes: &[u8]) -> Value {
        let chars = if bytes.is_ascii() { bytes.len() } else { wtf8::count(bytes) };
        self.str_counted(bytes, chars)
    }

    /// A string from WTF-8 bytes whose length in characters is known.
    #[inline]
    pub fn str_counted(&self, bytes: &[u8], chars: usize) -> Value {
        if bytes.len() <= 1 {
            return match bytes.first() {
                None => self.empty_str(),
                Some(&b) => self.char_str(b),
            };
        }
        make(self, bytes.len(), chars, bytes.len(), |b| b.copy_from_slice(bytes))
    }

    /// A string of ASCII.
    pub(crate) fn str_ascii(&self, bytes: &[u8]) -> Value {
        self.str_counted(bytes, bytes.len())
    }

    /// A string of so many bytes and characters, written by `fill`.
    pub(crate) fn str_filled(&self, bytes: usize, chars: usize, fill: impl FnOnce(&mut [u8])) -> Value {
        if bytes <= 1 {
            let mut only = [0];
            fill(&mut only[..bytes]);
            return self.str_counted(&only[..bytes], chars);
        }
        make(self, bytes, chars, bytes, fill)
    }

    /// The concatenation of strings, and of small integers as they are written; none if it has more than `most` bytes.
    #[inline(never)]
    pub(crate) fn str_joined(&self, parts: &[Value], most: usize) -> Option<Value> {
        let (mut bytes, mut chars) = (0usize, 0);
        for part in parts {
            let (more, long) = match (part.as_str(), part.as_small()) {
                (Some(s), _) => (s.bytes().len(), s.len()),
                (None, Some(n)) => {
                    let digits = n.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1 + (n < 0) as usize;
                    (digits, digits)
                }
                _ => (0, 0),
            };
            bytes += more;
            chars += long;
        }
        if bytes > most {
            return None;
        }
        Some(self.str_filled(bytes, chars, |mut out| {
            let mut number = itoa::Buffer::new();
            for part in parts {
                let text = match (part.as_str(), part.as_small()) {
                    (Some(s), _) => s.bytes(),
                    (None, Some(n)) => number.format(n).as_bytes(),
                    _ => &[],
                };
                let (place, rest) = out.split_at_mut(text.len());
                place.copy_from_slice(text);
                out = rest;
            }
        }))
    }

    /// A string of at most one byte, for the table of those.
    #[cold]
    pub(crate) fn short_str(&self, bytes: &[u8]) -> Value {
        let v = make(self, bytes.len(), bytes.len(), bytes.len(), |b| b.copy_from_slice(bytes));
        if let Some(h) = v.header() {
            h.set_flag(INTERNED);
        }
        v
    }

    /// A fresh string cell that no cache shares (for instances of subclasses).
    pub(crate) fn str_fresh(&self, bytes: &[u8]) -> Value {
        let chars = wtf8::count(bytes);
        make(self, bytes.len(), chars, bytes.len(), |b| b.copy_from_slice(bytes))
    }

    /// Concatenation of two strings: one of them, if the other has nothing.
    pub fn str_concat(&self, a: &StrObj, b: &StrObj) -> Value {
        for (text, other) in [(b, a), (a, b)] {
            if other.is_empty() && self.types.str.is(text.header.class()) {
                text.header.rc.set(text.header.rc.get() + 1);
                // SAFETY: the new reference has been counted.
                return unsafe { Value::from_owned_bits(std::ptr::from_ref(text) as u64) };
            }
        }
        let (x, y) = (a.bytes(), b.bytes());
        make(self, x.len() + y.len(), a.len() + b.len(), x.len() + y.len(), |out| {
            out[..x.len()].copy_from_slice(x);
            out[x.len()..].copy_from_slice(y);
        })
    }

    /// `a + b` where `a` is given away: appends in place if nothing else refers to it.
    pub(crate) fn str_append(&self, a: Value, b: &StrObj) -> Value {
        let Some(s) = a.as_str() else { return a };
        let (n, m) = (s.bytes().len(), b.bytes().len());
        let chars = s.len() + b.len();
        if a.ref_count() == 1 && !s.is_interned() && std::ptr::eq(s.header.class(), self.types.str.get()) {
            if s.append_in_place(b) {
                return a;
            }
            let room = if n + m <= SMALL_MAX / 2 { (n + m) * 2 } else { n + m + (n + m) / 2 };
            return make(self, n + m, chars, room.min(u32::MAX as usize), |out| {
                out[..n].copy_from_slice(s.bytes());
                out[n..].copy_from_slice(b.bytes());
            });
        }
        self.str_concat(s, b)
    }

    /// The interned string with this text: one cell per text, so that names compare by identity.
    pub fn intern(&self, text: &str) -> Value {
        self.intern_wtf8(text.as_bytes())
    }

    /// The interned string with these WTF-8 bytes.
    pub fn intern_wtf8(&self, bytes: &[u8]) -> Value {
        if bytes.len() <= 1 {
            return self.str_counted(bytes, bytes.len());
        }
        let hash = self.intern_hash(bytes);
        let same = |v: &Value| v.as_str().is_some_and(|s| s.bytes() == bytes);
        if let Some(v) = self.interned.borrow().find(hash, same) {
            return v.clone();
        }
        let v = self.str_wtf8(bytes);
        if let Some(h) = v.header() {
            h.set_flag(INTERNED);
        }
        let rehash = |v: &Value| v.as_str().map_or(0, |s| self.intern_hash(s.bytes()));
        self.interned.borrow_mut().insert_unique(hash, v.clone(), rehash);
        v
    }

    /// The interned string with the same text as `v`.
    pub fn intern_value(&self, v: &Value) -> Value {
        match v.as_str() {
            Some(s) if !s.is_interned() => self.intern_wtf8(s.bytes()),
            _ => v.clone(),
        }
    }
}
