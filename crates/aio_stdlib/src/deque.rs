//! collections.deque.

use aio_vm::object::Charge;
use aio_vm::object::class::{HEAP, SEQUENCE, WEAKREFABLE};
use aio_vm::{Args, Compare, Payload, R, TypeTable, Value, Vm, class_method, getter, method, static_method};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

static DEQUE: TypeTable = TypeTable {
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        method("__init__(self, iterable=(), maxlen=None)", init, "Fill the deque."),
        method("append(self, item, /)", append, "Add an element to the right side of the deque."),
        method("appendleft(self, item, /)", appendleft, "Add an element to the left side of the deque."),
        method("pop(self, /)", pop, "Remove and return the rightmost element."),
        method("popleft(self, /)", popleft, "Remove and return the leftmost element."),
        method(
            "extend(self, iterable, /)",
            extend,
            "Extend the right side of the deque with elements from the iterable.",
        ),
        method(
            "extendleft(self, iterable, /)",
            extendleft,
            "Extend the left side of the deque with elements from the iterable.",
        ),
        method("clear(self, /)", clear, "Remove all elements from the deque."),
        method("copy(self, /)", copy, "Return a shallow copy of a deque."),
        method("__copy__(self, /)", copy, "Return a shallow copy of a deque."),
        method("count(self, value, /)", count, "Return number of occurrences of value."),
        method("index(self, value, start=0, stop=9223372036854775807, /)", index, "Return first index of value."),
        method("insert(self, index, value, /)", insert, "Insert value before index."),
        method("remove(self, value, /)", remove, "Remove first occurrence of value."),
        method("reverse(self, /)", reverse, "Reverse *IN PLACE*."),
        method(
            "rotate(self, n=1, /)",
            rotate,
            "Rotate the deque n steps to the right.  If n is negative, rotates left.",
        ),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__bool__(self, /)", truth, "True if self else False."),
        method("__getitem__(self, key, /)", getitem, "Return self[key]."),
        method("__setitem__(self, key, value, /)", setitem, "Set self[key] to value."),
        method("__delitem__(self, key, /)", delitem, "Delete self[key]."),
        method("__contains__(self, key, /)", contains, "Return bool(key in self)."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__reversed__(self, /)", reversed, "Return a reverse iterator over the deque."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__add__(self, value, /)", add, "Return self+value."),
        method("__iadd__(self, value, /)", iadd, "Implement self+=value."),
        method("__mul__(self, value, /)", mul, "Return self*value."),
        method("__rmul__(self, value, /)", mul, "Return value*self."),
        method("__imul__(self, value, /)", imul, "Implement self*=value."),
        method("__reduce__(self, /)", reduce, "Return state information for pickling."),
        getter("maxlen(self)", maxlen, "maximum size of a deque or None if unbounded"),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585"),
    ],
    next: None,
};

const ITERATOR_NEW: &str = "__new__(cls, iterable, index=0, /)";
const HINT: &str = "Private method returning an estimate of len(list(it)).";

static REVERSE_ITERATOR: TypeTable = TypeTable {
    doc: "",
    rows: &[
        static_method(ITERATOR_NEW, new_reverse_iterator, "Create and return a new object."),
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", next_row, "Implement next(self)."),
        method("__length_hint__(self, /)", hint, HINT),
        method("__reduce__(self, /)", reduce_iterator, "Return state information for pickling."),
    ],
    next: Some(next),
};

static ITERATOR: TypeTable = TypeTable {
    doc: "",
    rows: &[
        static_method(ITERATOR_NEW, new_iterator, "Create and return a new object."),
        method("__length_hint__(self, /)", hint, HINT),
        method("__reduce__(self, /)", reduce_iterator, "Return state information for pickling."),
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", next_row, "Implement next(self)."),
    ],
    next: Some(next),
};

/// The items, and a count of changes for iterators to notice.
#[derive(Default)]
pub(crate) struct Deque {
    items: RefCell<VecDeque<Value>>,
    maxlen: Cell<Option<usize>>,
    changes: Cell<u64>,
    charge: Charge,
}

impl Payload for Deque {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.items.borrow().iter().for_each(visit);
    }

    fn clear(&self) {
        let old = self.items.take();
        drop(old);
    }
}

struct DequeIterator {
    deque: Value,
    position: Cell<usize>,
    changes: u64,
    backward: bool,
}

impl Payload for DequeIterator {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.deque);
    }
}

/// The classes, made once per isolate.
#[derive(Default)]
struct Classes {
    deque: std::cell::OnceCell<Value>,
    iterator: std::cell::OnceCell<Value>,
    reverse_iterator: std::cell::OnceCell<Value>,
}

/// The class.
pub fn class(vm: &Vm) -> &Value {
    vm.state::<Classes>().deque.get_or_init(|| {
        let class = vm.native_class("collections", "deque", vm.types.object.get(), SEQUENCE | WEAKREFABLE, &DEQUE);
        if let Some(d) = class.as_class().map(|c| c.dict()).as_ref().and_then(Value::as_dict) {
            d.set_text(vm, "__hash__", Value::NONE);
        }
        class
    })
}

fn iterator_class(vm: &Vm, backward: bool) -> &Value {
    let classes = vm.state::<Classes>();
    let (cell, name, table) = if backward {
        (&classes.reverse_iterator, "_deque_reverse_iterator", &REVERSE_ITERATOR)
    } else {
        (&classes.iterator, "_deque_iterator", &ITERATOR)
    };
    cell.get_or_init(|| vm.native_class("collections", name, vm.types.object.get(), 0, table))
}

/// A deque of the exact class.
pub(crate) fn exact<'a>(vm: &Vm, v: &'a Value) -> Option<&'a Deque> {
    // Only subclasses are classes of a script.
    if vm.class_of(v).is(HEAP) { None } else { v.payload() }
}

fn deque<'a>(vm: &Vm, v: &'a Value) -> R<&'a Deque> {
    v.payload::<Deque>().ok_or_else(|| vm.type_error("a deque is expected"))
}

impl Deque {
    fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
    }

    fn push(&self, vm: &Vm, v: Value, left: bool) {
        self.changed();
        let full = self.maxlen.get().is_some_and(|m| self.items.borrow().len() >= m);
        if self.maxlen.get() == Some(0) {
            return;
        }
        let out = {
            let mut items = self.items.borrow_mut();
            if items.len() == items.capacity() && !full {
                let more = vm.growth(items.len(), size_of::<Value>());
                items.reserve_exact(more);
            }
            let out = if full { if left { items.pop_back() } else { items.pop_front() } } else { None };
            if left {
                items.push_front(v)
            } else {
                items.push_back(v)
            }
            self.charge.set(vm, items.capacity() * size_of::<Value>());
            out
        };
        drop(out);
    }

    pub(crate) fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Adds an item behind all others.
    pub(crate) fn add_last(&self, vm: &Vm, v: Value) {
        self.push(vm, v, false);
    }

    /// Takes the first item.
    pub(crate) fn take_first(&self) -> Option<Value> {
        self.changed();
        self.items.borrow_mut().pop_front()
    }

    fn snapshot(&self) -> Vec<Value> {
        self.items.borrow().iter().cloned().collect()
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    match a[0].as_class() {
        Some(class) => Ok(vm.opaque(class, Deque::default())),
        None => Err(vm.type_error("deque.__new__(X): X is not a type object")),
    }
}

fn init(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let limit = match a.some(2) {
        None => None,
        Some(v) => {
            let n = vm.index_value(v).map_err(|_| vm.type_error("an integer is required"))?;
            match n.as_i64() {
                Some(n) if n >= 0 => Some(n as usize),
                Some(_) => return Err(vm.value_error("maxlen must be non-negative")),
                None => return Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
            }
        }
    };
    d.maxlen.set(limit);
    let old = d.items.take();
    drop(old);
    if let Some(items) = a.get(1) {
        vm.each(items, |v| {
            d.push(vm, v, false);
            vm.tick()
        })?;
    }
    Ok(Value::NONE)
}

fn append(vm: &Vm, a: &Args) -> R {
    deque(vm, &a[0])?.push(vm, a[1].clone(), false);
    Ok(Value::NONE)
}

fn appendleft(vm: &Vm, a: &Args) -> R {
    deque(vm, &a[0])?.push(vm, a[1].clone(), true);
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    d.changed();
    let v = d.items.borrow_mut().pop_back();
    v.ok_or_else(|| vm.index_error("pop from an empty deque"))
}

fn popleft(vm: &Vm, a: &Args) -> R {
    deque(vm, &a[0])?.take_first().ok_or_else(|| vm.index_error("pop from an empty deque"))
}

fn extend(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    for v in vm.collect(&a[1])? {
        d.push(vm, v, false);
    }
    Ok(Value::NONE)
}

fn extendleft(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    for v in vm.collect(&a[1])? {
        d.push(vm, v, true);
    }
    Ok(Value::NONE)
}

fn clear(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    d.changed();
    let old = d.items.take();
    drop(old);
    Ok(Value::NONE)
}

fn like(vm: &Vm, of: &Value, items: Vec<Value>) -> R {
    let d = deque(vm, of)?;
    let limit = d.maxlen.get().map_or(Value::NONE, |m| vm.int(m as i64));
    let made = if d.maxlen.get().is_none() {
        vm.call(&vm.class_of(of).value(), &[vm.list(items)])?
    } else {
        vm.call(&vm.class_of(of).value(), &[vm.list(items), limit])?
    };
    if made.payload::<Deque>().is_none() {
        let (name, what) = (vm.class_of(of).name_text(), vm.type_name(&made));
        return Err(vm.type_error(format!("{name}() must return a deque, not {what}")));
    }
    Ok(made)
}

fn copy(vm: &Vm, a: &Args) -> R {
    like(vm, &a[0], deque(vm, &a[0])?.snapshot())
}

fn count(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let changes = d.changes.get();
    let mut n = 0;
    for v in d.snapshot() {
        n += vm.eq(&v, &a[1])? as i64;
        if d.changes.get() != changes {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
    }
    Ok(vm.int(n))
}

fn find(vm: &Vm, d: &Deque, wanted: &Value, range: std::ops::Range<usize>) -> R<Option<usize>> {
    let changes = d.changes.get();
    for (i, v) in d.snapshot().into_iter().enumerate() {
        if !range.contains(&i) {
            continue;
        }
        let same = vm.eq(&v, wanted)?;
        if d.changes.get() != changes {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
        if same {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

fn index(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let len = d.items.borrow().len() as i64;
    let bound = |i: usize, default: i64| -> R<usize> {
        let n = match a.get(i) {
            Some(v) => vm.clamped_index(v)?,
            None => default,
        };
        Ok((if n < 0 { (n + len).max(0) } else { n }) as usize)
    };
    let (start, stop) = (bound(2, 0)?, bound(3, len)?);
    match find(vm, d, &a[1], start..stop)? {
        Some(i) => Ok(vm.int(i as i64)),
        None => Err(vm.value_error(format!("{} is not in deque", vm.repr_text(&a[1])?))),
    }
}

fn insert(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let len = d.items.borrow().len();
    if d.maxlen.get().is_some_and(|m| len >= m) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let i = vm.clamped_index(&a[1])?;
    let i = if i < 0 { (i + len as i64).max(0) } else { i.min(len as i64) };
    d.changed();
    let mut items = d.items.borrow_mut();
    items.insert(i as usize, a[2].clone());
    d.charge.set(vm, items.capacity() * size_of::<Value>());
    Ok(Value::NONE)
}

fn remove(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let changes = d.changes.get();
    let found = match find(vm, d, &a[1], 0..usize::MAX) {
        Err(_) if d.changes.get() != changes => return Err(vm.index_error("deque mutated during remove().")),
        other => other?,
    };
    match found {
        Some(i) => {
            d.changed();
            let old = d.items.borrow_mut().remove(i);
            drop(old);
            Ok(Value::NONE)
        }
        None => Err(vm.value_error(format!("{} is not in deque", vm.repr_text(&a[1])?))),
    }
}

fn reverse(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    d.items.borrow_mut().make_contiguous().reverse();
    Ok(Value::NONE)
}

fn rotate(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let n = match a.get(1) {
        Some(v) => vm.ssize(v)?,
        None => 1,
    };
    let mut items = d.items.borrow_mut();
    if !items.is_empty() {
        let k = n.rem_euclid(items.len() as i64) as usize;
        items.rotate_right(k);
    }
    d.changed();
    Ok(Value::NONE)
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(deque(vm, &a[0])?.items.borrow().len() as i64))
}

fn truth(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(!deque(vm, &a[0])?.items.borrow().is_empty()))
}

fn place(vm: &Vm, a: &Args) -> R<usize> {
    let d = deque(vm, &a[0])?;
    if !a[1].is_int() && vm.type_method(&a[1], &vm.names.__index__).is_none() {
        let what = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("sequence index must be integer, not '{what}'")));
    }
    let Some(i) = vm.index_value(&a[1])?.as_i64() else {
        return Err(vm.index_error(format!("cannot fit '{}' into an index-sized integer", vm.type_name(&a[1]))));
    };
    let len = d.items.borrow().len() as i64;
    let i = if i < 0 { i + len } else { i };
    if (0..len).contains(&i) { Ok(i as usize) } else { Err(vm.index_error("deque index out of range")) }
}

fn getitem(vm: &Vm, a: &Args) -> R {
    let i = place(vm, a)?;
    let v = deque(vm, &a[0])?.items.borrow().get(i).cloned();
    v.ok_or_else(|| vm.index_error("deque index out of range"))
}

fn setitem(vm: &Vm, a: &Args) -> R {
    let i = place(vm, a)?;
    let old = match deque(vm, &a[0])?.items.borrow_mut().get_mut(i) {
        Some(slot) => std::mem::replace(slot, a[2].clone()),
        None => Value::NONE,
    };
    drop(old);
    Ok(Value::NONE)
}

fn delitem(vm: &Vm, a: &Args) -> R {
    let i = place(vm, a)?;
    let d = deque(vm, &a[0])?;
    d.changed();
    let old = d.items.borrow_mut().remove(i);
    drop(old);
    Ok(Value::NONE)
}

fn contains(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(find(vm, deque(vm, &a[0])?, &a[1], 0..usize::MAX)?.is_some()))
}

fn iterate(vm: &Vm, v: &Value, backward: bool, skip: usize) -> R {
    let changes = deque(vm, v)?.changes.get();
    let it = DequeIterator { deque: v.clone(), position: Cell::new(skip), changes, backward };
    match iterator_class(vm, backward).as_class() {
        Some(class) => Ok(vm.opaque(class, it)),
        None => Ok(Value::NONE),
    }
}

fn new_iterator(vm: &Vm, a: &Args) -> R {
    new_iterator_of(vm, a, false)
}

fn new_reverse_iterator(vm: &Vm, a: &Args) -> R {
    new_iterator_of(vm, a, true)
}

fn new_iterator_of(vm: &Vm, a: &Args, backward: bool) -> R {
    if a[1].payload::<Deque>().is_none() {
        return Err(vm.bad_argument("argument 1", "collections.deque", &a[1]));
    }
    let skip = match a.get(2) {
        Some(n) => vm.index(n)?.max(0) as usize,
        None => 0,
    };
    iterate(vm, &a[1], backward, skip)
}

fn hint(vm: &Vm, a: &Args) -> R {
    let Some(it) = a[0].payload::<DequeIterator>() else { return Ok(Value::small(0)) };
    let len = deque(vm, &it.deque)?.items.borrow().len();
    Ok(vm.int(len.saturating_sub(it.position.get()) as i64))
}

fn reduce_iterator(vm: &Vm, a: &Args) -> R {
    let Some(it) = a[0].payload::<DequeIterator>() else { return Ok(Value::NONE) };
    let args = vm.tuple([it.deque.clone(), vm.int(it.position.get() as i64)]);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), args]))
}

fn iter(vm: &Vm, a: &Args) -> R {
    iterate(vm, &a[0], false, 0)
}

fn reversed(vm: &Vm, a: &Args) -> R {
    iterate(vm, &a[0], true, 0)
}

fn next(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let Some(it) = v.payload::<DequeIterator>() else { return Ok(None) };
    let d = deque(vm, &it.deque)?;
    if d.changes.get() != it.changes {
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    let items = d.items.borrow();
    let i = it.position.get();
    if i >= items.len() {
        return Ok(None);
    }
    it.position.set(i + 1);
    Ok(items.get(if it.backward { items.len() - 1 - i } else { i }).cloned())
}

fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn next_row(vm: &Vm, a: &Args) -> R {
    match next(vm, &a[0])? {
        Some(v) => Ok(v),
        None => Err(vm.stop_iteration(Value::NONE)),
    }
}

fn repr(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let name = vm.class_of(&a[0]).name_text();
    let text = vm.guarded_repr(&a[0], || {
        let mut parts = Vec::new();
        for v in d.snapshot() {
            parts.push(vm.repr_text(&v)?);
        }
        let tail = d.maxlen.get().map_or_else(String::new, |m| format!(", maxlen={m}"));
        Ok(format!("{name}([{}]{tail})", parts.join(", ")))
    })?;
    Ok(vm.str(&text.unwrap_or_else(|| "[...]".to_owned())))
}

fn as_lists(vm: &Vm, a: &Args) -> R<Option<(Value, Value)>> {
    match a[1].payload::<Deque>() {
        Some(other) => Ok(Some((vm.list(deque(vm, &a[0])?.snapshot()), vm.list(other.snapshot())))),
        None => Ok(None),
    }
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    match as_lists(vm, a)? {
        Some((x, y)) => vm.rich_compare(op, &x, &y),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

aio_vm::comparisons!(compare);

fn add(vm: &Vm, a: &Args) -> R {
    let Some(other) = a[1].payload::<Deque>() else {
        let what = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("can only concatenate deque (not \"{what}\") to deque")));
    };
    let mut items = deque(vm, &a[0])?.snapshot();
    items.extend(other.snapshot());
    like(vm, &a[0], items)
}

fn iadd(vm: &Vm, a: &Args) -> R {
    extend(vm, a)?;
    Ok(a[0].clone())
}

/// The items as often as the argument says; no more than the deque can hold, which are the last ones.
fn repeated(vm: &Vm, a: &Args) -> R<Vec<Value>> {
    if !a[1].is_int() && vm.type_method(&a[1], &vm.names.__index__).is_none() {
        let what = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("can't multiply sequence by non-int of type '{what}'")));
    }
    let n = vm.index(&a[1])?.max(0) as usize;
    let d = deque(vm, &a[0])?;
    let items = d.snapshot();
    let whole = items.len().saturating_mul(n);
    let wanted = d.maxlen.get().map_or(whole, |m| m.min(whole));
    vm.alloc_check(wanted, size_of::<Value>())?;
    Ok(items.iter().cycle().skip((whole - wanted) % items.len().max(1)).take(wanted).cloned().collect())
}

fn mul(vm: &Vm, a: &Args) -> R {
    like(vm, &a[0], repeated(vm, a)?)
}

fn imul(vm: &Vm, a: &Args) -> R {
    let items = repeated(vm, a)?;
    let d = deque(vm, &a[0])?;
    d.changed();
    d.charge.set(vm, items.capacity() * size_of::<Value>());
    let old = d.items.replace(items.into());
    drop(old);
    Ok(a[0].clone())
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let d = deque(vm, &a[0])?;
    let class = vm.class_of(&a[0]).value();
    let state = vm.call_method(&a[0], "__getstate__", &[])?;
    let args = match d.maxlen.get() {
        None => vm.empty_tuple(),
        Some(m) => vm.tuple([vm.empty_tuple(), vm.int(m as i64)]),
    };
    let items = vm.iter(&a[0])?;
    Ok(vm.tuple([class, args, state, items]))
}

fn maxlen(vm: &Vm, a: &Args) -> R {
    Ok(deque(vm, &a[0])?.maxlen.get().map_or(Value::NONE, |m| vm.int(m as i64)))
}

fn subscript(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}
