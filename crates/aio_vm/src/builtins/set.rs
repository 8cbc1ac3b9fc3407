//! set and frozenset.

pub(crate) mod algebra;

pub(crate) use algebra::each_hashed;

use super::sequence::push_repr;
use crate::error::R;
use crate::hash::SetHasher;
use crate::native::{Args, TypeTable, class_method, method, static_method};
use crate::object::SetObj;
use crate::object::class::HEAP;
use crate::object::header::Kind;
use crate::object::iter::IterState;
use crate::protocol::arith::Binary;
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;
use algebra::of;

/// A table of the rows that both types have, behind those of one.
macro_rules! table {
    ($doc:literal; $($row:expr),* $(,)?) => {
        TypeTable {
            doc: $doc,
            rows: &[
                $($row,)*
                method("__repr__(self, /)", repr, "Return repr(self)."),
                method("__eq__(self, value, /)", eq, "Return self==value."),
                method("__ne__(self, value, /)", ne, "Return self!=value."),
                method("__lt__(self, value, /)", lt, "Return self<value."),
                method("__le__(self, value, /)", le, "Return self<=value."),
                method("__gt__(self, value, /)", gt, "Return self>value."),
                method("__ge__(self, value, /)", ge, "Return self>=value."),
                method("__iter__(self, /)", iter, "Implement iter(self)."),
                method("__len__(self, /)", len, "Return len(self)."),
                method("__contains__(self, object, /)", contains, "x.__contains__(y) <==> y in x."),
                method("__sub__(self, value, /)", sub, "Return self-value."),
                method("__rsub__(self, value, /)", rsub, "Return value-self."),
                method("__and__(self, value, /)", and, "Return self&value."),
                method("__rand__(self, value, /)", rand, "Return value&self."),
                method("__xor__(self, value, /)", xor, "Return self^value."),
                method("__rxor__(self, value, /)", rxor, "Return value^self."),
                method("__or__(self, value, /)", or, "Return self|value."),
                method("__ror__(self, value, /)", ror, "Return value|self."),
                method("__sizeof__(self, /)", sizeof, "Return the size of the set in memory, in bytes."),
                method("__reduce__(self, /)", reduce, "Return what copies the set."),
                method("copy(self, /)", copy, "Return a shallow copy of a set."),
                method("union(self, /, *others)", union, "Return a new set with elements from the set and all others."),
                method("intersection(self, /, *others)", intersection, "Return a new set with the common elements."),
                method("difference(self, /, *others)", difference, "Return a new set with elements not in the others."),
                method("symmetric_difference(self, other, /)", symmetric_difference, "Elements in exactly one of both."),
                method("isdisjoint(self, other, /)", isdisjoint, "Return True if two sets have a null intersection."),
                method("issubset(self, other, /)", issubset, "Report whether another set contains this set."),
                method("issuperset(self, other, /)", issuperset, "Report whether this set contains another set."),
                class_method("__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
            ],
            next: None,
        }
    };
}

pub(crate) static SET: TypeTable = table! {
    "Build an unordered collection of unique elements.";
    static_method("__new__(cls, /, *args, **kwargs)", new_set, "Create and return a new object.").making(usual_set),
    method("__init__(self, iterable=(), /)", init, "Initialize self from an iterable."),
    method("__ior__(self, value, /)", ior, "Return self|=value."),
    method("__iand__(self, value, /)", iand, "Return self&=value."),
    method("__isub__(self, value, /)", isub, "Return self-=value."),
    method("__ixor__(self, value, /)", ixor, "Return self^=value."),
    method("add(self, object, /)", add, "Add an element to a set."),
    method("clear(self, /)", clear, "Remove all elements from this set."),
    method("discard(self, object, /)", discard, "Remove an element from a set if it is a member."),
    method("remove(self, object, /)", remove, "Remove an element from a set; it must be a member."),
    method("pop(self, /)", pop, "Remove and return an arbitrary set element."),
    method("update(self, /, *others)", update, "Update the set, adding elements from all others."),
    method("difference_update(self, /, *others)", difference_update, "Update the set, removing elements found in others."),
    method("intersection_update(self, /, *others)", intersection_update, "Update the set, keeping common elements."),
    method("symmetric_difference_update(self, other, /)", symmetric_difference_update, "Keep elements of exactly one."),
};

pub(crate) static FROZENSET: TypeTable = table! {
    "Build an immutable unordered collection of unique elements.";
    static_method("__new__(cls, iterable=(), /)", new_frozenset, "Create and return a new object."),
    method("__hash__(self, /)", hash, "Return hash(self)."),
};

fn new_set(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.set.get())?;
    Ok(vm.adopt(vm.set(), class))
}

/// An empty set.
fn usual_set(vm: &Vm, a: &[Value]) -> Option<Value> {
    a.is_empty().then(|| vm.set())
}

fn new_frozenset(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.frozenset.get())?;
    if !class.is(HEAP)
        && let Some(iterable) = a.get(1)
        && vm.class_of(iterable).is_same(class)
    {
        return Ok(iterable.clone());
    }
    let made = vm.frozenset();
    if let Some(iterable) = a.get(1) {
        algebra::update(vm, of(vm, &made)?, iterable)?;
    }
    Ok(vm.adopt(made, class))
}

fn init(vm: &Vm, a: &Args) -> R {
    let s = of(vm, &a[0])?;
    drop(s.take_all());
    if let Some(iterable) = a.get(1) {
        algebra::update(vm, s, iterable)?;
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let s = of(vm, &a[0])?;
    let name = vm.type_name(&a[0]);
    if s.is_empty() {
        return Ok(vm.str(&format!("{name}()")));
    }
    let plain = vm.class_of(&a[0]).is_same(vm.types.set.get());
    let text = vm.guarded_repr(&a[0], || {
        let mut out = if plain { b"{".to_vec() } else { format!("{name}({{").into_bytes() };
        // An `__iter__` of the script may give something else.
        let items = if vm.class_of(&a[0]).is(HEAP) { vm.collect(&a[0])? } else { s.to_vec() };
        for (i, v) in items.iter().enumerate() {
            vm.tick()?;
            if i > 0 {
                out.extend_from_slice(b", ");
            }
            push_repr(vm, &mut out, v)?;
        }
        out.extend_from_slice(if plain { b"}" } else { b"})" });
        Ok(out)
    })?;
    match text {
        Some(text) => Ok(vm.str_wtf8(&text)),
        None => Ok(vm.str(&format!("{name}(...)"))),
    }
}

/// The hash of a frozenset: independent of the order, and CPython's for numbers.
fn hash(vm: &Vm, a: &Args) -> R {
    let s = of(vm, &a[0])?;
    if let Some(h) = s.hash.get() {
        return Ok(vm.int(h));
    }
    let mut hasher = SetHasher::default();
    let mut position = 0;
    while let Some((_, item)) = s.next_hashed(&mut position) {
        hasher.add(item);
    }
    let h = hasher.finish();
    s.hash.set(Some(h));
    Ok(vm.int(h))
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    let (v, other) = (&a[0], &a[1]);
    let Some(o) = other.as_set() else { return Ok(Value::NOT_IMPLEMENTED) };
    let s = of(vm, v)?;
    let answer = match op {
        Compare::Eq => s.len() == o.len() && algebra::is_subset(vm, v, other)?,
        Compare::Ne => s.len() != o.len() || !algebra::is_subset(vm, v, other)?,
        Compare::Lt => s.len() < o.len() && algebra::is_subset(vm, v, other)?,
        Compare::Le => algebra::is_subset(vm, v, other)?,
        Compare::Gt => s.len() > o.len() && algebra::is_subset(vm, other, v)?,
        Compare::Ge => algebra::is_subset(vm, other, v)?,
    };
    Ok(Value::bool(answer))
}

crate::comparisons!(compare);

fn iter(vm: &Vm, a: &Args) -> R {
    Ok(vm.iterator(IterState::Set(a[0].clone(), 0, of(vm, &a[0])?.len())))
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(of(vm, &a[0])?.len() as i64))
}

/// The hash to look an element up by: an unhashable set stands for the frozenset with its elements.
fn element(vm: &Vm, v: &Value) -> R<(Value, i64)> {
    match vm.hash(v) {
        Ok(h) => Ok((v.clone(), h)),
        Err(e) if v.kind() == Some(Kind::Set) && e.is(vm.types.type_error.get()) => {
            let frozen = vm.frozenset();
            of(vm, &frozen)?.merge(vm, of(vm, v)?)?;
            let h = vm.hash(&frozen)?;
            Ok((frozen, h))
        }
        Err(e) => Err(e),
    }
}

fn contains(vm: &Vm, a: &Args) -> R {
    let (key, hash) = element(vm, &a[1])?;
    Ok(Value::bool(of(vm, &a[0])?.contains_hashed(vm, &key, hash)?))
}

/// What an operator does with two sets.
pub(crate) fn operator(op: Binary) -> Option<fn(&Vm, &Value, &Value) -> R> {
    match op {
        Binary::Sub => Some(algebra::difference),
        Binary::And => Some(algebra::intersection),
        Binary::Xor => Some(algebra::symmetric_difference),
        Binary::Or => Some(united),
        _ => None,
    }
}

/// A binary operator: both operands must be sets.
pub(crate) fn operate(vm: &Vm, left: &Value, right: &Value, f: impl FnOnce(&Vm, &Value, &Value) -> R) -> R {
    if left.as_set().is_none() || right.as_set().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    f(vm, left, right)
}

fn united(vm: &Vm, left: &Value, right: &Value) -> R {
    let made = algebra::copy(vm, left)?;
    if !left.is(right) {
        algebra::update(vm, of(vm, &made)?, right)?;
    }
    Ok(made)
}

fn sub(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[0], &a[1], algebra::difference)
}

fn rsub(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[1], &a[0], algebra::difference)
}

fn and(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[0], &a[1], algebra::intersection)
}

fn rand(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[1], &a[0], algebra::intersection)
}

fn xor(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[0], &a[1], algebra::symmetric_difference)
}

fn rxor(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[1], &a[0], algebra::symmetric_difference)
}

fn or(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[0], &a[1], united)
}

fn ror(vm: &Vm, a: &Args) -> R {
    operate(vm, &a[1], &a[0], united)
}

/// An operator that changes its left operand and gives it back.
fn change(vm: &Vm, a: &Args, f: impl FnOnce(&SetObj) -> R<()>) -> R {
    if a[1].as_set().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    f(of(vm, &a[0])?)?;
    Ok(a[0].clone())
}

fn ior(vm: &Vm, a: &Args) -> R {
    change(vm, a, |s| algebra::update(vm, s, &a[1]))
}

fn iand(vm: &Vm, a: &Args) -> R {
    change(vm, a, |s| {
        let kept = algebra::intersection(vm, &a[0], &a[1])?;
        s.swap(of(vm, &kept)?);
        Ok(())
    })
}

fn isub(vm: &Vm, a: &Args) -> R {
    change(vm, a, |_| algebra::remove_all(vm, &a[0], &a[1]))
}

fn ixor(vm: &Vm, a: &Args) -> R {
    change(vm, a, |_| algebra::toggle_all(vm, &a[0], &a[1]))
}

fn sizeof(vm: &Vm, a: &Args) -> R {
    let n = of(vm, &a[0])?.len();
    let table = if n < 5 { 0 } else { (n * 2).next_power_of_two() * 16 };
    Ok(vm.int(200 + table as i64))
}

fn reduce(vm: &Vm, a: &Args) -> R {
    // A subclass may go through its items in its own way.
    let items = vm.list(vm.collect(&a[0])?);
    let state = vm.call_method(&a[0], "__getstate__", &[])?;
    Ok(vm.tuple([vm.class_of(&a[0]).value(), vm.tuple([items]), state]))
}

fn copy(vm: &Vm, a: &Args) -> R {
    algebra::share(vm, &a[0])
}

fn union(vm: &Vm, a: &Args) -> R {
    let made = algebra::copy(vm, &a[0])?;
    for other in a.rest.iter().filter(|o| !o.is(&a[0])) {
        algebra::update(vm, of(vm, &made)?, other)?;
    }
    Ok(made)
}

fn intersection(vm: &Vm, a: &Args) -> R {
    let [first, rest @ ..] = a.rest else { return algebra::share(vm, &a[0]) };
    let mut made = algebra::intersection(vm, &a[0], first)?;
    for other in rest {
        made = algebra::intersection(vm, &made, other)?;
    }
    Ok(made)
}

fn difference(vm: &Vm, a: &Args) -> R {
    let [first, rest @ ..] = a.rest else { return algebra::share(vm, &a[0]) };
    let made = algebra::difference(vm, &a[0], first)?;
    for other in rest {
        algebra::remove_all(vm, &made, other)?;
    }
    Ok(made)
}

fn symmetric_difference(vm: &Vm, a: &Args) -> R {
    algebra::symmetric_difference(vm, &a[0], &a[1])
}

fn isdisjoint(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(algebra::is_disjoint(vm, &a[0], &a[1])?))
}

fn issubset(vm: &Vm, a: &Args) -> R {
    if a[1].as_set().is_some() {
        return Ok(Value::bool(algebra::is_subset(vm, &a[0], &a[1])?));
    }
    let common = algebra::intersection(vm, &a[0], &a[1])?;
    Ok(Value::bool(of(vm, &common)?.len() == of(vm, &a[0])?.len()))
}

fn issuperset(vm: &Vm, a: &Args) -> R {
    if a[1].as_set().is_some() {
        return Ok(Value::bool(algebra::is_subset(vm, &a[1], &a[0])?));
    }
    Ok(Value::bool(algebra::all_in(vm, &a[1], of(vm, &a[0])?)?))
}

fn add(vm: &Vm, a: &Args) -> R {
    of(vm, &a[0])?.add(vm, a[1].clone())?;
    Ok(Value::NONE)
}

fn clear(vm: &Vm, a: &Args) -> R {
    drop(of(vm, &a[0])?.take_all());
    Ok(Value::NONE)
}

fn discard(vm: &Vm, a: &Args) -> R {
    let (key, hash) = element(vm, &a[1])?;
    drop(of(vm, &a[0])?.discard_hashed(vm, &key, hash)?);
    Ok(Value::NONE)
}

fn remove(vm: &Vm, a: &Args) -> R {
    let (key, hash) = element(vm, &a[1])?;
    match of(vm, &a[0])?.discard_hashed(vm, &key, hash)? {
        Some(_) => Ok(Value::NONE),
        None => Err(vm.key_error(&a[1])),
    }
}

fn pop(vm: &Vm, a: &Args) -> R {
    of(vm, &a[0])?.pop().ok_or_else(|| vm.error(vm.types.key_error.get(), "pop from an empty set"))
}

fn update(vm: &Vm, a: &Args) -> R {
    for other in a.rest {
        algebra::update(vm, of(vm, &a[0])?, other)?;
    }
    Ok(Value::NONE)
}

fn difference_update(vm: &Vm, a: &Args) -> R {
    for other in a.rest {
        algebra::remove_all(vm, &a[0], other)?;
    }
    Ok(Value::NONE)
}

fn intersection_update(vm: &Vm, a: &Args) -> R {
    let kept = intersection(vm, a)?;
    if !kept.is(&a[0]) {
        of(vm, &a[0])?.swap(of(vm, &kept)?);
    }
    Ok(Value::NONE)
}

fn symmetric_difference_update(vm: &Vm, a: &Args) -> R {
    algebra::toggle_all(vm, &a[0], &a[1])?;
    Ok(Value::NONE)
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}
