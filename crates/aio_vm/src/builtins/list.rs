//! Lists.

use super::{sequence, sort};
use crate::error::R;
use crate::native::{Args, TypeTable, class_method, method, static_method};
use crate::object::iter::IterState;
use crate::object::{self, ListObj};
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Built-in mutable sequence.\n\nWithout an argument the list is empty; otherwise it takes its items from an \
          iterable.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object.").making(usual),
        method("__init__(self, iterable=(), /)", init, "Initialize self from an iterable."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__reversed__(self, /)", reversed, "Return a reverse iterator over the list."),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__contains__(self, key, /)", contains, "Return key in self."),
        method("__getitem__(self, key, /)", getitem, "Return self[key]."),
        method("__setitem__(self, key, value, /)", setitem, "Set self[key] to value."),
        method("__delitem__(self, key, /)", delitem, "Delete self[key]."),
        method("__add__(self, value, /)", add, "Return self+value."),
        method("__mul__(self, value, /)", mul, "Return self*value."),
        method("__rmul__(self, value, /)", mul, "Return value*self."),
        method("__iadd__(self, value, /)", iadd, "Implement self+=value."),
        method("__imul__(self, value, /)", imul, "Implement self*=value."),
        method("__sizeof__(self, /)", sizeof, "Return the size of the list in memory, in bytes."),
        method("clear(self, /)", clear, "Remove all items from list."),
        method("copy(self, /)", copy, "Return a shallow copy of the list."),
        method("append(self, object, /)", append, "Append object to the end of the list.").usually(plain_append),
        method("insert(self, index, object, /)", insert, "Insert object before index."),
        method("extend(self, iterable, /)", extend, "Extend list by appending elements from the iterable."),
        method("pop(self, index=-1, /)", pop, "Remove and return item at index (default last).").usually(plain_pop),
        method("remove(self, value, /)", remove, "Remove first occurrence of value."),
        method("index(self, value, start=0, stop=9223372036854775807, /)", index, "Return first index of value."),
        method("count(self, value, /)", count, "Return number of occurrences of value."),
        method("reverse(self, /)", reverse, "Reverse *IN PLACE*."),
        method("sort(self, /, *, key=None, reverse=False)", sort_method, "Sort the list in place, stable, ascending."),
        class_method("__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
    ],
    next: None,
};

/// The receiver, which the table's check has found to be a list.
fn this<'a>(vm: &Vm, a: &'a Args) -> R<&'a ListObj> {
    a[0].as_list().ok_or_else(|| vm.type_error("a list is required"))
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.list.get())?;
    Ok(vm.adopt(vm.list(Vec::new()), class))
}

/// An empty list, or one of what a list or tuple has.
fn usual(vm: &Vm, a: &[Value]) -> Option<Value> {
    match a {
        [] => Some(vm.list(Vec::new())),
        [v] => sequence::plain_items(vm, v).map(|items| vm.list(items.to_vec())),
        _ => None,
    }
}

fn init(vm: &Vm, a: &Args) -> R {
    let items = match a.get(1) {
        Some(iterable) => vm.collect(iterable)?,
        None => Vec::new(),
    };
    drop(this(vm, a)?.replace(items));
    Ok(Value::NONE)
}

fn repr(vm: &Vm, a: &Args) -> R {
    if this(vm, a)?.is_empty() {
        return Ok(vm.str("[]"));
    }
    let text = vm.guarded_repr(&a[0], || {
        let mut out = b"[".to_vec();
        sequence::push_items(vm, &mut out, &a[0])?;
        out.push(b']');
        Ok(out)
    })?;
    Ok(vm.str_wtf8(text.as_deref().unwrap_or(b"[...]")))
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    sequence::compare(vm, op, &a[0], &a[1])
}

crate::comparisons!(compare);

fn iter(vm: &Vm, a: &Args) -> R {
    Ok(vm.iterator(IterState::List(a[0].clone(), 0)))
}

fn reversed(vm: &Vm, a: &Args) -> R {
    let n = this(vm, a)?.len();
    Ok(vm.iterator(IterState::ListReversed(a[0].clone(), n)))
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(this(vm, a)?.len() as i64))
}

fn contains(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(sequence::find(vm, &a[0], &a[1], 0, usize::MAX)?.is_some()))
}

fn getitem(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    if a[1].as_slice().is_some() {
        return Ok(vm.list(sequence::sliced(vm, &a[0], &a[1])?));
    }
    let i = sequence::subscript(vm, &a[1], "list")?;
    sequence::place(i, l.len()).and_then(|i| l.get(i)).ok_or_else(|| vm.index_error("list index out of range"))
}

fn setitem(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    if a[1].as_slice().is_some() {
        return set_slice(vm, l, &a[1], &a[2]);
    }
    let i = sequence::subscript(vm, &a[1], "list")?;
    match sequence::place(i, l.len()).and_then(|i| l.set(i, a[2].clone())) {
        Some(_) => Ok(Value::NONE),
        None => Err(vm.index_error("list assignment index out of range")),
    }
}

fn set_slice(vm: &Vm, l: &ListObj, slice: &Value, value: &Value) -> R {
    let before = l.len();
    let mut bounds = vm.slice_bounds(slice, before)?;
    let mut new = vm.collect(value).map_err(|e| {
        if e.is(vm.types.type_error.get()) && vm.type_method(value, &vm.names.__iter__).is_none() {
            vm.type_error("must assign iterable to extended slice")
        } else {
            e
        }
    })?;
    if l.len() != before {
        bounds = vm.slice_bounds(slice, l.len())?;
    }
    let (start, step, count) = bounds;
    let start = start.max(0);
    if step == 1 {
        let start = start as usize;
        vm.alloc_check((l.len() + new.len()).saturating_sub(count), size_of::<Value>())?;
        drop(l.splice(start..start + count, new));
        return Ok(Value::NONE);
    }
    if new.len() != count {
        let n = new.len();
        return Err(vm.value_error(format!("attempt to assign sequence of size {n} to extended slice of size {count}")));
    }
    for (k, v) in new.iter_mut().enumerate() {
        if let Ok(i) = usize::try_from(start + step * k as i64) {
            *v = l.set(i, v.take()).unwrap_or_default();
        }
    }
    Ok(Value::NONE)
}

fn delitem(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    if a[1].as_slice().is_none() {
        let i = sequence::subscript(vm, &a[1], "list")?;
        return match sequence::place(i, l.len()).and_then(|i| l.remove(i)) {
            Some(_) => Ok(Value::NONE),
            None => Err(vm.index_error("list assignment index out of range")),
        };
    }
    let (start, step, count) = vm.slice_bounds(&a[1], l.len())?;
    if count == 0 {
        return Ok(Value::NONE);
    }
    let (first, step) = if step < 0 { (start + step * (count as i64 - 1), -step) } else { (start, step) };
    let first = first.max(0) as usize;
    if step == 1 {
        drop(l.splice(first..first + count, Vec::new()));
        return Ok(Value::NONE);
    }
    let step = step as usize;
    let (mut kept, mut gone) = (Vec::with_capacity(l.len()), Vec::with_capacity(count));
    for (i, v) in l.replace(Vec::new()).into_iter().enumerate() {
        let selected = i >= first && (i - first).is_multiple_of(step) && (i - first) / step < count;
        if selected { gone.push(v) } else { kept.push(v) }
    }
    drop(l.replace(kept));
    Ok(Value::NONE)
}

fn add(vm: &Vm, a: &Args) -> R {
    let (Some(x), Some(y)) = (a[0].as_list(), a[1].as_list()) else {
        return Err(vm.type_error(format!("can only concatenate list (not \"{}\") to list", vm.type_name(&a[1]))));
    };
    concat(vm, x, y)
}

/// `x + y`.
pub(crate) fn concat(vm: &Vm, x: &ListObj, y: &ListObj) -> R {
    vm.alloc_check(x.len() + y.len(), size_of::<Value>())?;
    let mut items = Vec::with_capacity(x.len() + y.len());
    items.extend_from_slice(x.as_slice());
    items.extend_from_slice(y.as_slice());
    Ok(vm.list(items))
}

fn mul(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    let n = sequence::repeat_count(vm, l.len(), &a[1])?;
    Ok(vm.list(sequence::repeated(l.as_slice(), n)))
}

fn imul(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    let n = sequence::repeat_count(vm, l.len(), &a[1])?;
    drop(l.replace(sequence::repeated(l.as_slice(), n)));
    Ok(a[0].clone())
}

fn iadd(vm: &Vm, a: &Args) -> R {
    extend(vm, a)?;
    Ok(a[0].clone())
}

fn extend(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    if a[1].as_list().is_some() || a[1].as_tuple().is_some() || a[1].as_dict().is_some() || a[1].as_set().is_some() {
        let more = vm.collect(&a[1])?;
        vm.alloc_check(l.len() + more.len(), size_of::<Value>())?;
        l.extend(more);
        return Ok(Value::NONE);
    }
    // What came before an error stays in the list.
    let it = vm.iter(&a[1])?;
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        l.push(v);
    }
    Ok(Value::NONE)
}

fn sizeof(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(40 + 8 * this(vm, a)?.vec().capacity() as i64))
}

fn clear(vm: &Vm, a: &Args) -> R {
    object::list::end(this(vm, a)?.replace(Vec::new()));
    Ok(Value::NONE)
}

fn copy(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(this(vm, a)?.to_vec()))
}

fn append(vm: &Vm, a: &Args) -> R {
    this(vm, a)?.push(a[1].clone());
    Ok(Value::NONE)
}

/// The receiver, if it is a list itself.
fn plain<'a>(vm: &Vm, v: &'a Value) -> Option<&'a ListObj> {
    v.as_list().filter(|l| vm.types.list.is(l.header.class()))
}

fn plain_append(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [list, item] = a else { return None };
    plain(vm, list)?.push_if_room(item).then_some(Value::NONE)
}

fn plain_pop(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [list] = a else { return None };
    plain(vm, list)?.pop()
}

fn insert(vm: &Vm, a: &Args) -> R {
    let i = vm.ssize(&a[1])?;
    let l = this(vm, a)?;
    let i = if i < 0 { i.saturating_add(l.len() as i64).max(0) } else { i };
    l.insert(i as usize, a[2].clone());
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    let i = match a.get(1) {
        Some(i) => vm.ssize(i)?,
        None => -1,
    };
    if i == -1 {
        return l.pop().ok_or_else(|| vm.index_error("pop from empty list"));
    }
    if l.is_empty() {
        return Err(vm.index_error("pop from empty list"));
    }
    sequence::place(i, l.len()).and_then(|i| l.remove(i)).ok_or_else(|| vm.index_error("pop index out of range"))
}

fn remove(vm: &Vm, a: &Args) -> R {
    match sequence::find(vm, &a[0], &a[1], 0, usize::MAX)? {
        Some(i) => {
            drop(this(vm, a)?.remove(i));
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}

fn index(vm: &Vm, a: &Args) -> R {
    let n = this(vm, a)?.len();
    let start = a.get(2).map_or(Ok(0), |v| sequence::search_bound(vm, v, n))?;
    let stop = a.get(3).map_or(Ok(usize::MAX), |v| sequence::search_bound(vm, v, n))?;
    match sequence::find(vm, &a[0], &a[1], start, stop)? {
        Some(i) => Ok(Value::small(i as i64)),
        None => Err(vm.value_error(format!("{} is not in list", vm.repr_text(&a[1])?))),
    }
}

fn count(vm: &Vm, a: &Args) -> R {
    sequence::count(vm, &a[0], &a[1])
}

fn reverse(vm: &Vm, a: &Args) -> R {
    this(vm, a)?.reverse();
    Ok(Value::NONE)
}

fn sort_method(vm: &Vm, a: &Args) -> R {
    let l = this(vm, a)?;
    let reverse = match a.get(2) {
        Some(r) => vm.truth(r)?,
        None => false,
    };
    // While it is sorted the list is empty, so that what the script does to it is noticed and harmless.
    let mut items = l.replace(Vec::new());
    let result = sort::sort(vm, &mut items, a.some(1), reverse);
    let modified = l.vec().capacity() != 0;
    drop(l.replace(items));
    result?;
    if modified {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(Value::NONE)
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}
