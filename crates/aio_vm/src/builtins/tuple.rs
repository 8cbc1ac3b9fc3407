//! Tuples.

use super::sequence;
use crate::error::R;
use crate::hash::TupleHasher;
use crate::native::{Args, TypeTable, class_method, method, static_method};
use crate::object::TupleObj;
use crate::object::class::HEAP;
use crate::object::iter::IterState;
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Built-in immutable sequence.\n\nWithout an argument the tuple is empty; otherwise it takes its items from an \
          iterable.\n\nIf the argument is a tuple, the return value is the same object.",
    rows: &[
        static_method("__new__(cls, iterable=(), /)", new, "Create and return a new object.").making(usual),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__contains__(self, key, /)", contains, "Return key in self."),
        method("__getitem__(self, key, /)", getitem, "Return self[key]."),
        method("__add__(self, value, /)", add, "Return self+value."),
        method("__mul__(self, value, /)", mul, "Return self*value."),
        method("__rmul__(self, value, /)", mul, "Return value*self."),
        method("__getnewargs__(self, /)", getnewargs, "Return the arguments that make a copy."),
        method("index(self, value, start=0, stop=9223372036854775807, /)", index, "Return first index of value."),
        method("count(self, value, /)", count, "Return number of occurrences of value."),
        class_method("__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
    ],
    next: None,
};

/// The receiver, which the table's check has found to be a tuple.
fn this<'a>(vm: &Vm, a: &'a Args) -> R<&'a TupleObj> {
    a[0].as_tuple().ok_or_else(|| vm.type_error("a tuple is required"))
}

fn exact(vm: &Vm, v: &Value) -> bool {
    v.as_tuple().is_some() && vm.class_of(v).is_same(vm.types.tuple.get())
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.tuple.get())?;
    if !class.is(HEAP) {
        return match a.get(1) {
            Some(t) if exact(vm, t) => Ok(t.clone()),
            Some(iterable) => Ok(vm.tuple(vm.collect(iterable)?)),
            None => Ok(vm.empty_tuple()),
        };
    }
    let items = match a.get(1) {
        Some(iterable) => vm.collect(iterable)?,
        None => Vec::new(),
    };
    Ok(vm.adopt(vm.tuple_fresh(&items), class))
}

/// An empty tuple, the tuple itself, or one of what a list has.
fn usual(vm: &Vm, a: &[Value]) -> Option<Value> {
    match a {
        [] => Some(vm.empty_tuple()),
        [t] if exact(vm, t) => Some(t.clone()),
        [v] => sequence::plain_items(vm, v).map(|items| vm.tuple_fresh(items)),
        _ => None,
    }
}

fn repr(vm: &Vm, a: &Args) -> R {
    let t = this(vm, a)?;
    if t.is_empty() {
        return Ok(vm.str("()"));
    }
    let text = vm.guarded_repr(&a[0], || {
        let mut out = b"(".to_vec();
        sequence::push_items(vm, &mut out, &a[0])?;
        out.extend_from_slice(if t.len() == 1 { b",)" } else { b")" });
        Ok(out)
    })?;
    Ok(vm.str_wtf8(text.as_deref().unwrap_or(b"(...)")))
}

fn hash(vm: &Vm, a: &Args) -> R {
    let mut hasher = TupleHasher::default();
    for v in this(vm, a)?.items() {
        hasher.add(vm.hash(v)?);
    }
    Ok(vm.int(hasher.finish()))
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    sequence::compare(vm, op, &a[0], &a[1])
}

crate::comparisons!(compare);

fn iter(vm: &Vm, a: &Args) -> R {
    Ok(vm.iterator(IterState::Tuple(a[0].clone(), 0)))
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(this(vm, a)?.len() as i64))
}

fn contains(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(sequence::find(vm, &a[0], &a[1], 0, usize::MAX)?.is_some()))
}

fn getitem(vm: &Vm, a: &Args) -> R {
    let t = this(vm, a)?;
    if a[1].as_slice().is_some() {
        let items = sequence::sliced(vm, &a[0], &a[1])?;
        if items.len() == t.len() && exact(vm, &a[0]) && items.first().is_none_or(|v| v.is(&t.items()[0])) {
            let same = items.iter().zip(t.items()).all(|(x, y)| x.is(y));
            if same {
                return Ok(a[0].clone());
            }
        }
        return Ok(vm.tuple(items));
    }
    let i = sequence::subscript(vm, &a[1], "tuple")?;
    let found = sequence::place(i, t.len()).and_then(|i| t.items().get(i).cloned());
    found.ok_or_else(|| vm.index_error("tuple index out of range"))
}

fn add(vm: &Vm, a: &Args) -> R {
    if a[1].as_tuple().is_none() {
        return Err(vm.type_error(format!("can only concatenate tuple (not \"{}\") to tuple", vm.type_name(&a[1]))));
    }
    concat(vm, &a[0], &a[1])
}

/// `a + b` of two tuples.
pub(crate) fn concat(vm: &Vm, a: &Value, b: &Value) -> R {
    let (x, y) = (items_of(a), items_of(b));
    if x.is_empty() && exact(vm, b) {
        return Ok(b.clone());
    }
    if y.is_empty() && exact(vm, a) {
        return Ok(a.clone());
    }
    let n = x.len() + y.len();
    vm.alloc_check(n, size_of::<Value>())?;
    Ok(vm.tuple((0..n).map(|i| if i < x.len() { x[i].clone() } else { y[i - x.len()].clone() })))
}

fn items_of(v: &Value) -> &[Value] {
    v.as_tuple().map_or(&[], |t| t.items())
}

fn mul(vm: &Vm, a: &Args) -> R {
    let t = this(vm, a)?;
    match sequence::repeat_count(vm, t.len(), &a[1])? {
        1 if exact(vm, &a[0]) => Ok(a[0].clone()),
        n => Ok(vm.tuple(sequence::repeated(t.items(), n))),
    }
}

fn getnewargs(vm: &Vm, a: &Args) -> R {
    let copy = vm.tuple(this(vm, a)?.items().to_vec());
    Ok(vm.tuple([copy]))
}

fn index(vm: &Vm, a: &Args) -> R {
    let n = this(vm, a)?.len();
    let start = a.get(2).map_or(Ok(0), |v| sequence::search_bound(vm, v, n))?;
    let stop = a.get(3).map_or(Ok(usize::MAX), |v| sequence::search_bound(vm, v, n))?;
    match sequence::find(vm, &a[0], &a[1], start, stop)? {
        Some(i) => Ok(Value::small(i as i64)),
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}

fn count(vm: &Vm, a: &Args) -> R {
    sequence::count(vm, &a[0], &a[1])
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}
