//! range: integers of any size, with direct ways for those of 64 bits.

use super::{sequence, slice};
use crate::error::R;
use crate::native::{Args, TypeTable, method, property, static_method};
use crate::object::RangeObj;
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nThe integers from start (inclusive) \
          to stop (exclusive) by step.",
    rows: &[
        static_method("__new__(cls, start, stop=0, step=1, /)", new, "Create and return a new object.").making(usual),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__reversed__(self, /)", reversed, "Return a reverse iterator."),
        method("__bool__(self, /)", truth, "True if self else False"),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__contains__(self, key, /)", contains, "Return key in self."),
        method("__getitem__(self, key, /)", getitem, "Return self[key]."),
        method("__reduce__(self, /)", reduce, "Return what copies the range."),
        method("count(self, object, /)", count, "Return number of occurrences of value."),
        method("index(self, object, /)", index, "Return index of value."),
        property("start(self)", start, slice::read_only, "First number."),
        property("stop(self)", stop, slice::read_only, "End, not reached."),
        property("step(self)", step, slice::read_only, "Distance of neighbours."),
    ],
    next: None,
};

fn this<'a>(vm: &Vm, a: &'a Args) -> R<&'a RangeObj> {
    a[0].as_range().ok_or_else(|| vm.type_error("a range is required"))
}

fn big(v: &Value) -> BigInt {
    v.as_bigint().unwrap_or_default()
}

fn long_count(r: &RangeObj) -> BigInt {
    if let Some(n) = r.short_len() {
        return BigInt::from(n);
    }
    let (start, stop, step) = (big(&r.start), big(&r.stop), big(&r.step));
    let (way, step) = if step.is_negative() { (start - stop, -step) } else { (stop - start, step) };
    if way.is_positive() { (way - 1u32).div_floor(&step) + 1u32 } else { BigInt::zero() }
}

/// The number at an index that is known to be inside.
fn at(vm: &Vm, r: &RangeObj, i: &BigInt) -> Value {
    vm.bigint(big(&r.start) + i * big(&r.step))
}

fn new(vm: &Vm, a: &Args) -> R {
    vm.class_to_make(&a[0], vm.types.range.get())?;
    let first = vm.exact_index(&a[1])?;
    let Some(second) = a.get(2) else { return Ok(vm.range(Value::small(0), first, Value::small(1))) };
    let second = vm.exact_index(second)?;
    let step = match a.get(3) {
        Some(s) => vm.exact_index(s)?,
        None => Value::small(1),
    };
    if step.as_i64() == Some(0) {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    Ok(vm.range(first, second, step))
}

/// A range of inline integers.
fn usual(vm: &Vm, a: &[Value]) -> Option<Value> {
    let (start, stop, step) = match a {
        [stop] => (Value::small(0), stop, Value::small(1)),
        [start, stop] => (start.clone(), stop, Value::small(1)),
        [start, stop, step] => (start.clone(), stop, step.clone()),
        _ => return None,
    };
    let plain = start.is_small() && stop.is_small() && step.as_small().is_some_and(|step| step != 0);
    plain.then(|| vm.range(start, stop.clone(), step))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    let (start, stop, step) = (vm.repr_text(&r.start)?, vm.repr_text(&r.stop)?, vm.repr_text(&r.step)?);
    let text = if step == "1" { format!("range({start}, {stop})") } else { format!("range({start}, {stop}, {step})") };
    Ok(vm.str(&text))
}

fn hash(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    let n = long_count(r);
    let start = if n.is_zero() { Value::NONE } else { r.start.clone() };
    let step = if n <= BigInt::from(1) { Value::NONE } else { r.step.clone() };
    let parts = vm.tuple([vm.bigint(n), start, step]);
    Ok(vm.int(vm.hash(&parts)?))
}

fn same(x: &RangeObj, y: &RangeObj) -> bool {
    let (n, m) = (long_count(x), long_count(y));
    n == m
        && (n.is_zero() || (big(&x.start) == big(&y.start) && (n == BigInt::from(1) || big(&x.step) == big(&y.step))))
}

fn equal(vm: &Vm, a: &Args) -> R<Option<bool>> {
    let r = this(vm, a)?;
    Ok(a[1].as_range().map(|other| same(r, other)))
}

crate::equality!(equal);

fn iter(vm: &Vm, a: &Args) -> R {
    Ok(vm.range_iter(&a[0]))
}

fn reversed(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    let n = long_count(r);
    let (start, step) = (big(&r.start), big(&r.step));
    let last = vm.bigint(&start + (n - 1) * &step);
    let turned = vm.range(last, vm.bigint(start - &step), vm.bigint(-step));
    Ok(vm.range_iter(&turned))
}

fn truth(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(!long_count(this(vm, a)?).is_zero()))
}

fn len(vm: &Vm, a: &Args) -> R {
    match long_count(this(vm, a)?).to_i64() {
        Some(n) => Ok(vm.int(n)),
        None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
    }
}

/// The index of an integer, if it is in.
fn position(r: &RangeObj, wanted: &Value) -> Option<BigInt> {
    if let (Some((start, stop, step)), Some(n)) = (r.as_i64(), wanted.as_i64()) {
        let inside = if step > 0 { start <= n && n < stop } else { stop < n && n <= start };
        let way = n as i128 - start as i128;
        return (inside && way % step as i128 == 0).then(|| BigInt::from(way / step as i128));
    }
    let (start, stop, step, n) = (big(&r.start), big(&r.stop), big(&r.step), big(wanted));
    let inside = if step.is_positive() { start <= n && n < stop } else { stop < n && n <= start };
    let (quotient, rest) = (n - start).div_mod_floor(&step);
    (inside && rest.is_zero()).then_some(quotient)
}

/// Ints and bools, not instances of subclasses, are found by computation.
fn computable(vm: &Vm, v: &Value) -> bool {
    v.is_bool() || (v.is_int() && vm.class_of(v).is_same(vm.types.int.get()))
}

fn contains(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    if computable(vm, &a[1]) {
        return Ok(Value::bool(position(r, &a[1]).is_some()));
    }
    let it = vm.range_iter(&a[0]);
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        if vm.eq(&v, &a[1])? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn getitem(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    if a[1].as_slice().is_some() {
        let (from, to, by) = slice::indices(vm, &a[1], &long_count(r))?;
        let step = big(&r.step);
        return Ok(vm.range(at(vm, r, &from), at(vm, r, &to), vm.bigint(step * by)));
    }
    if let (Some((start, _, step)), Some(n), Some(i)) = (r.as_i64(), r.short_len(), a[1].as_small()) {
        let n = n as i128;
        let i = if i < 0 { i as i128 + n } else { i as i128 };
        if i < 0 || i >= n {
            return Err(vm.index_error("range object index out of range"));
        }
        return Ok(vm.int128(start as i128 + i * step as i128));
    }
    if !a[1].is_int() && vm.type_method(&a[1], &vm.names.__index__).is_none() {
        return sequence::subscript(vm, &a[1], "range").map(|n| vm.int(n));
    }
    let n = long_count(r);
    let mut i = big(&vm.index_value(&a[1])?);
    if i.is_negative() {
        i += &n;
    }
    if i.is_negative() || i >= n {
        return Err(vm.index_error("range object index out of range"));
    }
    Ok(at(vm, r, &i))
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    let args = vm.tuple([r.start.clone(), r.stop.clone(), r.step.clone()]);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), args]))
}

fn count(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    if computable(vm, &a[1]) {
        return Ok(Value::small(position(r, &a[1]).is_some() as i64));
    }
    let mut n = 0;
    let it = vm.range_iter(&a[0]);
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        n += vm.eq(&v, &a[1])? as i64;
    }
    Ok(vm.int(n))
}

fn index(vm: &Vm, a: &Args) -> R {
    let r = this(vm, a)?;
    if computable(vm, &a[1]) {
        return match position(r, &a[1]) {
            Some(i) => Ok(vm.bigint(i)),
            None => Err(vm.value_error(format!("{} is not in range", vm.repr_text(&a[1])?))),
        };
    }
    let mut n = 0;
    let it = vm.range_iter(&a[0]);
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        if vm.eq(&v, &a[1])? {
            return Ok(vm.int(n));
        }
        n += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn start(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, a)?.start.clone())
}

fn stop(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, a)?.stop.clone())
}

fn step(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, a)?.step.clone())
}
