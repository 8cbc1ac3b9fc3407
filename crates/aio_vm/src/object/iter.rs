//! Iterators over built-in containers.

use crate::error::R;
use crate::heap::new_cell;
use crate::object::dict::{DictObj, ViewKind};
use crate::object::header::{Header, Kind};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::UnsafeCell;

/// Where an iterator stands.
pub enum IterState {
    /// Exhausted.
    Done,
    /// A list and the next index.
    List(Value, usize),
    /// A list backwards: the index behind the next item.
    ListReversed(Value, usize),
    /// A tuple and the next index.
    Tuple(Value, usize),
    /// A range of machine integers: next number, remaining count, step.
    Range(i64, u64, i64),
    /// A range of large integers: next, stop, step.
    BigRange(Value, Value, Value),
    /// A string and the next byte.
    Str(Value, usize),
    /// Bytes or bytearray and the next index.
    Bytes(Value, usize),
    /// A dict, how far it was walked, what to give.
    Dict(Value, DictWalk, ViewKind),
    /// A dict backwards.
    DictReversed(Value, DictWalk, ViewKind),
    /// A set, the next position, its size at the start.
    Set(Value, usize, usize),
    /// Any object with `__getitem__` and the next index.
    Sequence(Value, i64),
    /// Such an object backwards.
    SequenceReversed(Value, i64),
    /// A callable and the sentinel.
    Call(Value, Value),
}

/// How far a dict was walked.
pub struct DictWalk {
    /// Next position.
    pub position: usize,
    /// Size of the dict at the start; the largest number once the walk has failed.
    size: usize,
    /// Items that may still come: one more says that the keys changed on the way.
    pub left: usize,
    /// The dict's count of changes at the start.
    stamp: u32,
}

impl DictWalk {
    /// A walk from the beginning.
    pub fn forward(dict: &DictObj) -> DictWalk {
        DictWalk { position: 0, size: dict.len(), left: dict.len(), stamp: dict.stamp() }
    }

    /// A walk from the end.
    pub fn backward(dict: &DictObj) -> DictWalk {
        DictWalk { position: dict.bound(), size: dict.len(), left: dict.len(), stamp: dict.stamp() }
    }

    /// The dict still has the size that it had.
    pub fn same_size(&self, dict: &DictObj) -> bool {
        dict.len() == self.size
    }

    /// The next item.
    #[inline]
    fn step(
        &mut self,
        vm: &Vm,
        dict: &DictObj,
        advance: fn(&DictObj, &mut usize) -> Option<(Value, Value)>,
    ) -> R<Option<(Value, Value)>> {
        if dict.len() != self.size {
            self.size = usize::MAX;
            return Err(vm.runtime_error("dictionary changed size during iteration"));
        }
        let item = advance(dict, &mut self.position);
        if item.is_some() {
            if self.left == 0 {
                self.size = usize::MAX;
                return Err(vm.runtime_error("dictionary keys changed during iteration"));
            }
            self.left -= 1;
        }
        Ok(item)
    }
}

/// The cell.
#[repr(C)]
pub struct IterObj {
    pub(crate) header: Header,
    state: UnsafeCell<IterState>,
}

impl IterObj {
    /// The state; the borrow must end before script code runs.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "one thread, and the borrow is short")]
    pub(crate) fn state(&self) -> &mut IterState {
        // SAFETY: one thread; callers end the borrow before script code runs.
        unsafe { &mut *self.state.get() }
    }

    /// Whether it counts, and holds no container.
    #[inline(always)]
    pub(crate) fn is_counter(&self) -> bool {
        matches!(self.state(), IterState::Range(..) | IterState::Done)
    }

    /// Ends the iterator and lets its container go.
    fn finish(&self) {
        let old = std::mem::replace(self.state(), IterState::Done);
        drop(old);
    }

    /// The next item.
    #[inline]
    pub fn next(&self, vm: &Vm) -> R<Option<Value>> {
        match self.state() {
            IterState::Range(next, left, step) => {
                if *left == 0 {
                    return Ok(None);
                }
                let v = *next;
                *left -= 1;
                *next = v.wrapping_add(*step);
                Ok(Some(vm.int(v)))
            }
            IterState::List(list, i) => {
                let item = list.as_list().and_then(|l| l.get(*i));
                *i += 1;
                if item.is_none() {
                    self.finish();
                }
                Ok(item)
            }
            IterState::Tuple(tuple, i) => {
                let item = tuple.as_tuple().and_then(|t| t.items().get(*i).cloned());
                *i += 1;
                if item.is_none() {
                    self.finish();
                }
                Ok(item)
            }
            _ => self.next_rare(vm),
        }
    }

    /// The next item of a dict, set or string that has not changed its size, if there is one. Runs no code of the script.
    #[inline(never)]
    pub(crate) fn next_plain(&self, vm: &Vm) -> Option<Value> {
        match self.state() {
            IterState::Dict(dict, walk, what) => {
                let dict = dict.as_dict()?;
                if walk.left == 0 || dict.len() != walk.size {
                    return None;
                }
                let item = match what {
                    ViewKind::Keys | ViewKind::Proxy => dict.next_entry(&mut walk.position)?.0.clone(),
                    ViewKind::Values => dict.next_entry(&mut walk.position)?.1.clone(),
                    ViewKind::Items => {
                        let (k, v) = dict.next_entry(&mut walk.position)?;
                        vm.tuple([k.clone(), v.clone()])
                    }
                };
                walk.left -= 1;
                Some(item)
            }
            IterState::Set(set, position, size) => {
                let set = set.as_set()?;
                if set.len() != *size { None } else { set.next_item(position) }
            }
            IterState::Str(s, at) => {
                let c = *s.as_str()?.bytes().get(*at).filter(|c| c.is_ascii())?;
                *at += 1;
                Some(vm.char_str(c))
            }
            _ => None,
        }
    }

    fn next_rare(&self, vm: &Vm) -> R<Option<Value>> {
        let item = match self.state() {
            IterState::Dict(dict, walk, what) => {
                let Some(d) = dict.as_dict() else { return Ok(None) };
                let item = walk.step(vm, d, DictObj::next_item)?;
                if item.is_none() && walk.left == 0 && walk.stamp != d.stamp() {
                    // Of as many keys as before one must have come behind those that were walked.
                    walk.size = usize::MAX;
                    return Err(vm.runtime_error("dictionary keys changed during iteration"));
                }
                item.map(|item| pick(vm, item, *what))
            }
            IterState::DictReversed(dict, walk, what) => {
                let Some(d) = dict.as_dict() else { return Ok(None) };
                walk.step(vm, d, DictObj::previous_item)?.map(|item| pick(vm, item, *what))
            }
            IterState::Set(set, position, size) => {
                let Some(s) = set.as_set() else { return Ok(None) };
                if s.len() != *size {
                    *size = usize::MAX;
                    return Err(vm.runtime_error("Set changed size during iteration"));
                }
                s.next_item(position)
            }
            IterState::Str(s, at) => {
                let Some(bytes) = s.as_str().map(|s| s.bytes()) else { return Ok(None) };
                let n = bytes.get(*at).map_or(0, |&b| char_width(b));
                if n == 0 {
                    None
                } else {
                    let c = vm.str_counted(&bytes[*at..*at + n], 1);
                    *at += n;
                    Some(c)
                }
            }
            IterState::Bytes(b, i) => {
                let v = b.byte_data().and_then(|d| d.get(*i)).map(|&x| Value::small(x as i64));
                *i += 1;
                v
            }
            IterState::ListReversed(list, i) => {
                let Some(l) = list.as_list() else { return Ok(None) };
                *i = (*i).min(l.len());
                match i.checked_sub(1) {
                    Some(n) => {
                        *i = n;
                        l.get(n)
                    }
                    None => None,
                }
            }
            IterState::BigRange(next, stop, step) => {
                let (next, stop, step) = (next.clone(), stop.clone(), step.clone());
                let up = vm.compare_ints(&step, &Value::small(0)).is_gt();
                let order = vm.compare_ints(&next, &stop);
                if (up && order.is_lt()) || (!up && order.is_gt()) {
                    let after = vm.add_ints(&next, &step);
                    *self.state() = IterState::BigRange(after, stop, step);
                    Some(next)
                } else {
                    None
                }
            }
            IterState::Sequence(obj, i) => {
                let (obj, n) = (obj.clone(), *i);
                *i += 1;
                match vm.get_item(&obj, &vm.int(n)) {
                    Ok(v) => Some(v),
                    Err(e) if e.is(vm.types.index_error.get()) || e.is(vm.types.stop_iteration.get()) => None,
                    Err(e) => return Err(e),
                }
            }
            IterState::SequenceReversed(obj, i) => {
                let (obj, n) = (obj.clone(), *i);
                *i -= 1;
                if n < 0 {
                    None
                } else {
                    match vm.get_item(&obj, &vm.int(n)) {
                        Ok(v) => Some(v),
                        Err(e) if e.is(vm.types.index_error.get()) || e.is(vm.types.stop_iteration.get()) => None,
                        Err(e) => return Err(e),
                    }
                }
            }
            IterState::Call(f, sentinel) => {
                let (f, sentinel) = (f.clone(), sentinel.clone());
                let v = match vm.call(&f, &[]) {
                    Ok(v) => v,
                    Err(e) if e.is(vm.types.stop_iteration.get()) => {
                        self.finish();
                        return Ok(None);
                    }
                    Err(e) => return Err(e),
                };
                if vm.eq(&v, &sentinel)? { None } else { Some(v) }
            }
            _ => return Ok(None),
        };
        if item.is_none() {
            self.finish();
        }
        Ok(item)
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        match self.state() {
            IterState::List(v, _)
            | IterState::ListReversed(v, _)
            | IterState::Tuple(v, _)
            | IterState::Str(v, _)
            | IterState::Bytes(v, _)
            | IterState::Dict(v, ..)
            | IterState::DictReversed(v, ..)
            | IterState::Set(v, ..)
            | IterState::Sequence(v, _)
            | IterState::SequenceReversed(v, _) => visit(v),
            IterState::Call(f, s) => {
                visit(f);
                visit(s);
            }
            IterState::Done | IterState::Range(..) | IterState::BigRange(..) => {}
        }
    }
}

fn pick(vm: &Vm, (k, v): (Value, Value), what: ViewKind) -> Value {
    match what {
        ViewKind::Values => v,
        ViewKind::Items => vm.tuple([k, v]),
        ViewKind::Keys | ViewKind::Proxy => k,
    }
}

impl Vm {
    /// An iterator over so many integers, one after the other.
    pub(crate) fn counter(&self, start: i64, count: u64) -> Value {
        new_cell(self, self.types.range_iterator.get(), Kind::Iter, |header| IterObj {
            header,
            state: UnsafeCell::new(IterState::Range(start, count, 1)),
        })
    }

    /// An iterator over a built-in container.
    pub fn iterator(&self, state: IterState) -> Value {
        let t = &self.types;
        let class = match &state {
            IterState::List(..) => t.list_iterator.get(),
            IterState::ListReversed(..) => t.list_reverseiterator.get(),
            IterState::Tuple(..) => t.tuple_iterator.get(),
            IterState::Range(..) => t.range_iterator.get(),
            IterState::BigRange(..) => t.longrange_iterator.get(),
            IterState::Str(s, _) if s.as_str().is_some_and(|s| s.is_ascii()) => t.str_ascii_iterator.get(),
            IterState::Str(..) => t.str_iterator.get(),
            IterState::Bytes(b, _) if b.as_bytearray().is_some() => t.bytearray_iterator.get(),
            IterState::Bytes(..) => t.bytes_iterator.get(),
            IterState::Dict(.., ViewKind::Values) => t.dict_valueiterator.get(),
            IterState::Dict(.., ViewKind::Items) => t.dict_itemiterator.get(),
            IterState::Dict(..) => t.dict_keyiterator.get(),
            IterState::DictReversed(.., ViewKind::Values) => t.dict_reversevalueiterator.get(),
            IterState::DictReversed(.., ViewKind::Items) => t.dict_reverseitemiterator.get(),
            IterState::DictReversed(..) => t.dict_reversekeyiterator.get(),
            IterState::Set(..) => t.set_iterator.get(),
            IterState::SequenceReversed(..) => t.reversed.get(),
            IterState::Call(..) => t.callable_iterator.get(),
            IterState::Sequence(..) | IterState::Done => t.iterator.get(),
        };
        new_cell(self, class, Kind::Iter, |header| IterObj { header, state: UnsafeCell::new(state) })
    }
}

/// Bytes of the character that begins with this byte.
fn char_width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}
