//! dict_keys, dict_values, dict_items.

pub(crate) mod proxy;

use super::sequence::push_repr;
use super::set::algebra;
use crate::error::R;
use crate::native::{Args, Def, TypeTable, getter, method};
use crate::object::dict::ViewKind;
use crate::object::iter::{DictWalk, IterState};
use crate::object::{DictObj, ViewObj};
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

const REPR: Def = method("__repr__(self, /)", repr, "Return repr(self).");
const ITER: Def = method("__iter__(self, /)", iter, "Implement iter(self).");
const REVERSED: Def = method("__reversed__(self, /)", reversed, "Return a reverse iterator over the view.");
const LEN: Def = method("__len__(self, /)", len, "Return len(self).");
const MAPPING: Def = getter("mapping(self)", mapping, "Dictionary that this view refers to.");

/// Keys and items are sets.
pub(crate) static SETS: TypeTable = TypeTable {
    doc: "",
    rows: &[
        REPR,
        ITER,
        REVERSED,
        LEN,
        MAPPING,
        method("__contains__(self, key, /)", contains, "Return key in self."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__sub__(self, value, /)", sub, "Return self-value."),
        method("__rsub__(self, value, /)", rsub, "Return value-self."),
        method("__and__(self, value, /)", and, "Return self&value."),
        method("__rand__(self, value, /)", rand, "Return value&self."),
        method("__xor__(self, value, /)", xor, "Return self^value."),
        method("__rxor__(self, value, /)", rxor, "Return value^self."),
        method("__or__(self, value, /)", or, "Return self|value."),
        method("__ror__(self, value, /)", ror, "Return value|self."),
        method(
            "isdisjoint(self, other, /)",
            isdisjoint,
            "Return True if the view and the iterable have nothing in common.",
        ),
    ],
    next: None,
};

pub(crate) static VALUES: TypeTable = TypeTable { doc: "", rows: &[REPR, ITER, REVERSED, LEN, MAPPING], next: None };

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a ViewObj> {
    v.as_view().ok_or_else(|| vm.type_error("a view is required"))
}

fn dict<'a>(vm: &Vm, v: &'a Value) -> R<&'a DictObj> {
    this(vm, v)?.dict.as_dict().ok_or_else(|| vm.type_error("a view of a dict is required"))
}

/// Keys and items views; values are none.
fn is_set_like(v: &Value) -> bool {
    v.as_view().is_some_and(|w| matches!(w.what, ViewKind::Keys | ViewKind::Items))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let view = this(vm, &a[0])?;
    let name = vm.type_name(&a[0]);
    let d = dict(vm, &a[0])?;
    let text = vm.guarded_repr(&a[0], || {
        let mut out = format!("{name}([").into_bytes();
        for (i, (key, value)) in d.items().into_iter().enumerate() {
            vm.tick()?;
            if i > 0 {
                out.extend_from_slice(b", ");
            }
            match view.what {
                ViewKind::Values => push_repr(vm, &mut out, &value)?,
                ViewKind::Items => push_repr(vm, &mut out, &vm.tuple([key, value]))?,
                ViewKind::Keys | ViewKind::Proxy => push_repr(vm, &mut out, &key)?,
            }
        }
        out.extend_from_slice(b"])");
        Ok(out)
    })?;
    Ok(vm.str_wtf8(text.as_deref().unwrap_or(b"...")))
}

fn iter(vm: &Vm, a: &Args) -> R {
    let view = this(vm, &a[0])?;
    Ok(vm.iterator(IterState::Dict(view.dict.clone(), DictWalk::forward(dict(vm, &a[0])?), view.what)))
}

fn reversed(vm: &Vm, a: &Args) -> R {
    let view = this(vm, &a[0])?;
    Ok(vm.iterator(IterState::DictReversed(view.dict.clone(), DictWalk::backward(dict(vm, &a[0])?), view.what)))
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(dict(vm, &a[0])?.len() as i64))
}

fn mapping(vm: &Vm, a: &Args) -> R {
    Ok(vm.view(this(vm, &a[0])?.dict.clone(), ViewKind::Proxy))
}

fn is_in(vm: &Vm, view: &Value, v: &Value) -> R<bool> {
    let d = dict(vm, view)?;
    if this(vm, view)?.what == ViewKind::Keys {
        return Ok(d.get(vm, v)?.is_some());
    }
    let Some([key, value]) = v.as_tuple().map(|t| t.items()) else { return Ok(false) };
    match d.get(vm, key)? {
        Some(found) => vm.eq(&found, value),
        None => Ok(false),
    }
}

fn contains(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(is_in(vm, &a[0], &a[1])?))
}

/// All items of one are in the other.
fn all_in(vm: &Vm, v: &Value, other: &Value) -> R<bool> {
    let it = vm.iter(v)?;
    while let Some(item) = vm.next(&it)? {
        vm.tick()?;
        if !vm.contains(other, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    let (v, other) = (&a[0], &a[1]);
    if other.as_set().is_none() && !is_set_like(other) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (n, m) = (vm.len(v)?, vm.len(other)?);
    let answer = match op {
        Compare::Eq => n == m && all_in(vm, v, other)?,
        Compare::Ne => n != m || !all_in(vm, v, other)?,
        Compare::Lt => n < m && all_in(vm, v, other)?,
        Compare::Le => n <= m && all_in(vm, v, other)?,
        Compare::Gt => n > m && all_in(vm, other, v)?,
        Compare::Ge => n >= m && all_in(vm, other, v)?,
    };
    Ok(Value::bool(answer))
}

crate::comparisons!(compare);

/// A set of the items of any iterable.
fn gathered(vm: &Vm, v: &Value) -> R {
    let made = vm.set();
    let from = match v.as_view() {
        Some(view) if view.what == ViewKind::Keys => &view.dict,
        _ => v,
    };
    algebra::update(vm, algebra::of(vm, &made)?, from)?;
    Ok(made)
}

fn difference(vm: &Vm, left: &Value, right: &Value) -> R {
    let made = gathered(vm, left)?;
    algebra::remove_all(vm, &made, right)?;
    Ok(made)
}

fn sub(vm: &Vm, a: &Args) -> R {
    difference(vm, &a[0], &a[1])
}

fn rsub(vm: &Vm, a: &Args) -> R {
    difference(vm, &a[1], &a[0])
}

fn intersection(vm: &Vm, left: &Value, right: &Value) -> R {
    let (mut asked, mut walked) = if is_set_like(left) { (left, right) } else { (right, left) };
    // The order of the result depends on who is walked: the decisions are those of CPython.
    let exact_set = vm.class_of(walked).is_same(vm.types.set.get());
    if exact_set && vm.len(asked)? <= vm.len(walked)? {
        return algebra::intersection(vm, walked, asked);
    }
    if is_set_like(walked) && vm.len(walked)? > vm.len(asked)? {
        std::mem::swap(&mut asked, &mut walked);
    }
    let made = vm.set();
    let s = algebra::of(vm, &made)?;
    let it = vm.iter(walked)?;
    while let Some(item) = vm.next(&it)? {
        vm.tick()?;
        if is_in(vm, asked, &item)? {
            s.add(vm, item)?;
        }
    }
    Ok(made)
}

fn and(vm: &Vm, a: &Args) -> R {
    intersection(vm, &a[0], &a[1])
}

fn rand(vm: &Vm, a: &Args) -> R {
    intersection(vm, &a[1], &a[0])
}

fn symmetric_difference(vm: &Vm, left: &Value, right: &Value) -> R {
    if let (Some(x), Some(y)) = (left.as_view(), right.as_view())
        && x.what == ViewKind::Items
        && y.what == ViewKind::Items
    {
        return differing_items(vm, left, right);
    }
    let made = gathered(vm, left)?;
    algebra::toggle_all(vm, &made, right)?;
    Ok(made)
}

/// Items of one of two dicts; values are compared, not hashed, as long as keys are in both.
fn differing_items(vm: &Vm, left: &Value, right: &Value) -> R {
    let (mut x, mut y) = (dict(vm, left)?, dict(vm, right)?);
    if x.len() > y.len() {
        std::mem::swap(&mut x, &mut y);
    }
    let rest = x.copy(vm);
    let Some(rest_dict) = rest.as_dict() else { return Ok(Value::NONE) };
    let made = vm.set();
    let s = algebra::of(vm, &made)?;
    let mut position = 0;
    while let Some((key, value)) = y.next_item(&mut position) {
        vm.tick()?;
        let same = match rest_dict.get(vm, &key)? {
            Some(other) => vm.eq(&other, &value)?,
            None => false,
        };
        if same {
            drop(rest_dict.remove(vm, &key)?);
        } else {
            s.add(vm, vm.tuple([key, value]))?;
        }
    }
    for (key, value) in rest_dict.items() {
        s.add(vm, vm.tuple([key, value]))?;
    }
    Ok(made)
}

fn xor(vm: &Vm, a: &Args) -> R {
    symmetric_difference(vm, &a[0], &a[1])
}

fn rxor(vm: &Vm, a: &Args) -> R {
    symmetric_difference(vm, &a[1], &a[0])
}

fn union(vm: &Vm, left: &Value, right: &Value) -> R {
    let made = gathered(vm, left)?;
    algebra::update(vm, algebra::of(vm, &made)?, right)?;
    Ok(made)
}

fn or(vm: &Vm, a: &Args) -> R {
    union(vm, &a[0], &a[1])
}

fn ror(vm: &Vm, a: &Args) -> R {
    union(vm, &a[1], &a[0])
}

fn isdisjoint(vm: &Vm, a: &Args) -> R {
    if a[0].is(&a[1]) {
        return Ok(Value::bool(dict(vm, &a[0])?.is_empty()));
    }
    let it = vm.iter(&a[1])?;
    while let Some(item) = vm.next(&it)? {
        vm.tick()?;
        if is_in(vm, &a[0], &item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}
