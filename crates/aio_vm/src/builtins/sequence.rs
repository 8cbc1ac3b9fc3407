//! What lists and tuples have in common: comparison, repr, repetition, search.

use crate::error::R;
use crate::object::class::HEAP;
use crate::object::header::Kind;
use crate::protocol::compare::Compare;
use crate::text::{float_repr, repr};
use crate::value::Value;
use crate::vm::Vm;

/// The item at an index of a list or tuple, looked at afresh: comparing items may change a list.
#[inline]
fn item(v: &Value, i: usize) -> Option<Value> {
    match v.kind() {
        Some(Kind::List) => v.as_list()?.get(i),
        _ => v.as_tuple()?.items().get(i).cloned(),
    }
}

/// The items of a plain list or tuple.
pub(crate) fn plain_items<'a>(vm: &Vm, v: &'a Value) -> Option<&'a [Value]> {
    if vm.class_of(v).is(HEAP) {
        return None;
    }
    match v.kind()? {
        Kind::List => v.as_list().map(|l| l.as_slice()),
        Kind::Tuple => v.as_tuple().map(|t| t.items()),
        _ => None,
    }
}

fn len(v: &Value) -> usize {
    match v.kind() {
        Some(Kind::List) => v.as_list().map_or(0, |l| l.len()),
        _ => v.as_tuple().map_or(0, |t| t.len()),
    }
}

/// `a op b` for two lists or two tuples; `NotImplemented` when they are not of one kind.
pub(crate) fn compare(vm: &Vm, op: Compare, a: &Value, b: &Value) -> R {
    if a.kind() != b.kind() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if a.kind() == Some(Kind::List) && len(a) != len(b) && matches!(op, Compare::Eq | Compare::Ne) {
        return Ok(Value::bool(op == Compare::Ne));
    }
    let mut i = 0;
    while let (Some(x), Some(y)) = (item(a, i), item(b, i)) {
        vm.tick()?;
        if !vm.eq(&x, &y)? {
            return match op {
                Compare::Eq => Ok(Value::FALSE),
                Compare::Ne => Ok(Value::TRUE),
                _ => vm.rich_compare(op, &x, &y),
            };
        }
        i += 1;
    }
    Ok(Value::bool(op.holds(len(a).cmp(&len(b)))))
}

/// Appends `repr(v)` in WTF-8.
pub(crate) fn push_repr(vm: &Vm, out: &mut Vec<u8>, v: &Value) -> R<()> {
    use std::io::Write;
    if let Some(n) = v.as_small() {
        // Writing to a vector does not fail.
        let _ = write!(out, "{n}");
        return Ok(());
    }
    if let Some(x) = v.as_float() {
        out.extend_from_slice(float_repr::repr(x).as_bytes());
        return Ok(());
    }
    if let Some(s) = v.as_str()
        && !s.header.class().is(HEAP)
    {
        out.extend_from_slice(repr::str_repr(s.bytes()).as_bytes());
        return Ok(());
    }
    let shown = vm.repr(v)?;
    if let Some(s) = shown.as_str() {
        out.extend_from_slice(s.bytes());
    }
    Ok(())
}

/// Appends the reprs of all items with commas between them.
pub(crate) fn push_items(vm: &Vm, out: &mut Vec<u8>, v: &Value) -> R<()> {
    let mut i = 0;
    while let Some(x) = item(v, i) {
        vm.tick()?;
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        push_repr(vm, out, &x)?;
        i += 1;
    }
    Ok(())
}

/// How often a sequence is repeated by `* count`: `None` if that is not a count. Negative counts are 0.
pub(crate) fn repeat_count(vm: &Vm, len: usize, count: &Value) -> R<usize> {
    let n = vm.index(count)?.max(0) as usize;
    match len.checked_mul(n) {
        Some(total) => vm.alloc_check(total, size_of::<Value>())?,
        None => vm.alloc_check(usize::MAX, size_of::<Value>())?,
    }
    Ok(n)
}

/// The items, `n` times over.
pub(crate) fn repeated(items: &[Value], n: usize) -> Vec<Value> {
    if items.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(items.len() * n);
    for _ in 0..n {
        out.extend_from_slice(items);
    }
    out
}

/// The items of a list or tuple that a slice selects.
pub(crate) fn sliced(vm: &Vm, v: &Value, slice: &Value) -> R<Vec<Value>> {
    let (start, step, count) = vm.slice_bounds(slice, len(v))?;
    // Working out the bounds may have changed a list.
    let items = match v.as_list() {
        Some(list) => list.as_slice(),
        None => v.as_tuple().map_or(&[][..], |t| t.items()),
    };
    if step == 1 {
        let start = (start.max(0) as usize).min(items.len());
        let end = (start + count).min(items.len());
        return Ok(items[start..end].to_vec());
    }
    let at = |k: usize| usize::try_from(start + step * k as i64).ok();
    Ok((0..count).filter_map(|k| items.get(at(k)?).cloned()).collect())
}

/// A start or stop argument of `index`.
pub(crate) fn search_bound(vm: &Vm, v: &Value, len: usize) -> R<usize> {
    let n = vm.part_or(v, "slice indices must be integers or have an __index__ method")?;
    Ok(if n < 0 { n.saturating_add(len as i64).max(0) as usize } else { n as usize })
}

/// The first index in `start..stop` whose item equals the value.
pub(crate) fn find(vm: &Vm, v: &Value, wanted: &Value, start: usize, stop: usize) -> R<Option<usize>> {
    let mut i = start;
    while i < stop
        && let Some(x) = item(v, i)
    {
        vm.tick()?;
        if vm.eq(&x, wanted)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

/// How many items equal the value.
pub(crate) fn count(vm: &Vm, v: &Value, wanted: &Value) -> R {
    let (mut i, mut n) = (0, 0);
    while let Some(x) = item(v, i) {
        vm.tick()?;
        n += vm.eq(&x, wanted)? as i64;
        i += 1;
    }
    Ok(vm.int(n))
}

/// The position that an index (which may count from the end) stands for; `None` when it is outside.
#[inline]
pub(crate) fn place(i: i64, len: usize) -> Option<usize> {
    let i = if i < 0 { i + len as i64 } else { i };
    usize::try_from(i).ok().filter(|&i| i < len)
}

/// The machine index that a subscript of a sequence stands for; `what` speaks in the TypeError.
pub(crate) fn subscript(vm: &Vm, key: &Value, what: &str) -> R<i64> {
    if let Some(n) = key.as_small() {
        return Ok(n);
    }
    if !key.is_int() && vm.type_method(key, &vm.names.__index__).is_none() {
        return Err(vm.type_error(format!("{what} indices must be integers or slices, not {}", vm.type_name(key))));
    }
    let n = vm.index_value(key)?;
    n.as_i64().ok_or_else(|| vm.index_error(format!("cannot fit '{}' into an index-sized integer", vm.type_name(key))))
}
