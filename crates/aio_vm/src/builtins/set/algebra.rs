//! Union, intersection and differences, step by step as CPython makes them: scripts see the order of the results.

use crate::error::R;
use crate::object::SetObj;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;

/// A new empty set of the built-in type that the value has or derives from.
pub(crate) fn empty_like(vm: &Vm, v: &Value) -> Value {
    if v.kind() == Some(Kind::FrozenSet) { vm.frozenset() } else { vm.set() }
}

/// The set behind a value that is known to be one.
pub(crate) fn of<'a>(vm: &Vm, v: &'a Value) -> R<&'a SetObj> {
    v.as_set().ok_or_else(|| vm.type_error("a set is required"))
}

/// A copy of the built-in type.
pub(crate) fn copy(vm: &Vm, v: &Value) -> R {
    let made = empty_like(vm, v);
    of(vm, &made)?.merge(vm, of(vm, v)?)?;
    Ok(made)
}

/// An exact frozenset is its own copy.
pub(crate) fn share(vm: &Vm, v: &Value) -> R {
    if vm.class_of(v).is_same(vm.types.frozenset.get()) { Ok(v.clone()) } else { copy(vm, v) }
}

/// An exact dict, whose hashes can be used.
fn dict<'a>(vm: &Vm, v: &'a Value) -> Option<&'a crate::object::DictObj> {
    v.as_dict().filter(|_| vm.class_of(v).is_same(vm.types.dict.get()))
}

/// Calls `f` with each key of a set or dict and its hash, or with each item of another iterable.
pub(crate) fn each_hashed(vm: &Vm, v: &Value, mut f: impl FnMut(Value, i64) -> R<bool>) -> R<()> {
    if let Some(s) = v.as_set() {
        let mut position = 0;
        while let Some((key, hash)) = s.next_hashed(&mut position) {
            vm.tick()?;
            if !f(key, hash)? {
                break;
            }
        }
        return Ok(());
    }
    if let Some(d) = dict(vm, v) {
        let mut position = 0;
        while let Some((key, _)) = d.next_item(&mut position) {
            vm.tick()?;
            if !f(key, d.hash_at(position - 1) as i64)? {
                break;
            }
        }
        return Ok(());
    }
    let it = vm.iter(v)?;
    while let Some(key) = vm.next(&it)? {
        vm.tick()?;
        let hash = vm.hash(&key)?;
        if !f(key, hash)? {
            break;
        }
    }
    Ok(())
}

/// `set.update(other)`.
pub(crate) fn update(vm: &Vm, s: &SetObj, other: &Value) -> R<()> {
    if let Some(o) = other.as_set() {
        return s.merge(vm, o);
    }
    if let Some(d) = dict(vm, other) {
        s.expect(d.len());
    }
    each_hashed(vm, other, |key, hash| s.add_hashed(vm, key, hash).map(|_| true))
}

/// `set.intersection(other)`: walks the smaller one.
pub(crate) fn intersection(vm: &Vm, v: &Value, other: &Value) -> R {
    if v.is(other) {
        return share(vm, v);
    }
    let made = empty_like(vm, v);
    let result = of(vm, &made)?;
    let (mut walked, mut asked) = (other, v);
    if let Some(o) = other.as_set()
        && o.len() > of(vm, v)?.len()
    {
        (walked, asked) = (v, other);
    }
    let asked = of(vm, asked)?;
    each_hashed(vm, walked, |key, hash| {
        if asked.contains_hashed(vm, &key, hash)? {
            result.add_hashed(vm, key, hash)?;
        }
        Ok(true)
    })?;
    Ok(made)
}

/// `set.difference_update(other)`.
pub(crate) fn remove_all(vm: &Vm, v: &Value, other: &Value) -> R<()> {
    let s = of(vm, v)?;
    if v.is(other) {
        drop(s.take_all());
        return Ok(());
    }
    let narrowed;
    let mut gone = other;
    if let Some(o) = other.as_set()
        && o.len() >> 3 > s.len()
    {
        narrowed = intersection(vm, v, other)?;
        gone = &narrowed;
    }
    each_hashed(vm, gone, |key, hash| s.discard_hashed(vm, &key, hash).map(|_| true))?;
    s.tidy();
    Ok(())
}

/// `set.difference(other)`.
pub(crate) fn difference(vm: &Vm, v: &Value, other: &Value) -> R {
    let s = of(vm, v)?;
    let others = match (other.as_set(), dict(vm, other)) {
        (Some(o), _) => Some(o.len()),
        (None, Some(d)) => Some(d.len()),
        (None, None) => None,
    };
    if others.is_none_or(|n| s.len() >> 2 > n) {
        let made = copy(vm, v)?;
        remove_all(vm, &made, other)?;
        return Ok(made);
    }
    let made = empty_like(vm, v);
    let result = of(vm, &made)?;
    each_hashed(vm, v, |key, hash| {
        let found = match (other.as_set(), other.as_dict()) {
            (Some(o), _) => o.contains_hashed(vm, &key, hash)?,
            (None, Some(d)) => d.get_hashed(vm, &key, hash as u64)?.is_some(),
            (None, None) => false,
        };
        if !found {
            result.add_hashed(vm, key, hash)?;
        }
        Ok(true)
    })?;
    Ok(made)
}

/// `set.symmetric_difference_update(other)`.
pub(crate) fn toggle_all(vm: &Vm, v: &Value, other: &Value) -> R<()> {
    let s = of(vm, v)?;
    if v.is(other) {
        drop(s.take_all());
        return Ok(());
    }
    let gathered;
    let mut walked = other;
    if other.as_set().is_none() && dict(vm, other).is_none() {
        gathered = empty_like(vm, v);
        update(vm, of(vm, &gathered)?, other)?;
        walked = &gathered;
    }
    each_hashed(vm, walked, |key, hash| {
        if s.discard_hashed(vm, &key, hash)?.is_none() {
            s.add_hashed(vm, key, hash)?;
        }
        Ok(true)
    })
}

/// `set.symmetric_difference(other)`: begins with the other one.
pub(crate) fn symmetric_difference(vm: &Vm, v: &Value, other: &Value) -> R {
    let made = empty_like(vm, v);
    update(vm, of(vm, &made)?, other)?;
    toggle_all(vm, &made, v)?;
    Ok(made)
}

/// Has no item in common with the other.
pub(crate) fn is_disjoint(vm: &Vm, v: &Value, other: &Value) -> R<bool> {
    let s = of(vm, v)?;
    if v.is(other) {
        return Ok(s.is_empty());
    }
    let (mut walked, mut asked) = (other, s);
    if let Some(o) = other.as_set()
        && o.len() > s.len()
    {
        (walked, asked) = (v, o);
    }
    let mut disjoint = true;
    each_hashed(vm, walked, |key, hash| {
        disjoint = !asked.contains_hashed(vm, &key, hash)?;
        Ok(disjoint)
    })?;
    Ok(disjoint)
}

/// All items of `v` are in `other`, a set.
pub(crate) fn is_subset(vm: &Vm, v: &Value, other: &Value) -> R<bool> {
    let (s, o) = (of(vm, v)?, of(vm, other)?);
    if s.len() > o.len() {
        return Ok(false);
    }
    all_in(vm, v, o)
}

/// All items of an iterable are in the set.
pub(crate) fn all_in(vm: &Vm, v: &Value, set: &SetObj) -> R<bool> {
    let mut all = true;
    each_hashed(vm, v, |key, hash| {
        all = set.contains_hashed(vm, &key, hash)?;
        Ok(all)
    })?;
    Ok(all)
}
