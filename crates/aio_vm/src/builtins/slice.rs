//! slice objects.

use crate::error::R;
use crate::hash::TupleHasher;
use crate::native::{Args, TypeTable, method, property, static_method};
use crate::object::SliceObj;
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::BigInt;
use num_traits::{Signed, Zero};

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. \
          a[0:10:2]).",
    rows: &[
        static_method("__new__(cls, start, stop=None, step=None, /)", new, "Create and return a new object."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__reduce__(self, /)", reduce, "Return what copies the slice."),
        method("indices(self, object, /)", indices_method, "The start, stop and step for a sequence of this length."),
        property("start(self)", start, read_only, "First index or None."),
        property("stop(self)", stop, read_only, "End or None."),
        property("step(self)", step, read_only, "Step or None."),
    ],
    next: None,
};

/// The setter of attributes that cannot be set.
pub(super) fn read_only(vm: &Vm, _a: &Args) -> R {
    Err(vm.error(vm.types.attribute_error.get(), "readonly attribute"))
}

fn this<'a>(vm: &Vm, a: &'a Args) -> R<&'a SliceObj> {
    a[0].as_slice().ok_or_else(|| vm.type_error("a slice is required"))
}

/// Start, stop and step for a sequence of `len` items, each within its bounds.
pub(super) fn indices(vm: &Vm, slice: &Value, len: &BigInt) -> R<(BigInt, BigInt, BigInt)> {
    let (start, stop, step) = match slice.as_slice() {
        Some(s) => (s.start.clone(), s.stop.clone(), s.step.clone()),
        None => (Value::NONE, Value::NONE, Value::NONE),
    };
    let number = |v: &Value| -> R<Option<BigInt>> {
        if v.is_none() {
            return Ok(None);
        }
        if !v.is_int() && vm.type_method(v, &vm.names.__index__).is_none() {
            return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
        }
        Ok(vm.index_value(v)?.as_bigint())
    };
    let step = number(&step)?.unwrap_or_else(|| BigInt::from(1));
    if step.is_zero() {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let (low, high) = if step.is_negative() { (BigInt::from(-1), len - 1) } else { (BigInt::zero(), len.clone()) };
    let place = |n: BigInt| {
        if n.is_negative() { (n + len).max(low.clone()) } else { n.min(high.clone()) }
    };
    let (first, last) = if step.is_negative() { (&high, &low) } else { (&low, &high) };
    let start = number(&start)?.map_or_else(|| first.clone(), place);
    let stop = number(&stop)?.map_or_else(|| last.clone(), place);
    Ok((start, stop, step))
}

fn new(vm: &Vm, a: &Args) -> R {
    vm.class_to_make(&a[0], vm.types.slice.get())?;
    let Some(second) = a.get(2) else { return Ok(vm.slice(Value::NONE, a[1].clone(), Value::NONE)) };
    Ok(vm.slice(a[1].clone(), second.clone(), a.get(3).cloned().unwrap_or(Value::NONE)))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let s = this(vm, a)?;
    let (start, stop, step) = (vm.repr(&s.start)?, vm.repr(&s.stop)?, vm.repr(&s.step)?);
    let mut out = b"slice(".to_vec();
    for (i, part) in [start, stop, step].iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(part.as_str().map_or(&[], |s| s.bytes()));
    }
    out.push(b')');
    Ok(vm.str_wtf8(&out))
}

fn hash(vm: &Vm, a: &Args) -> R {
    let s = this(vm, a)?;
    let mut hasher = TupleHasher::default();
    for v in [&s.start, &s.stop, &s.step] {
        hasher.add(vm.hash(v)?);
    }
    Ok(vm.int(hasher.finish_slice()))
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    let Some(other) = a[1].as_slice() else { return Ok(Value::NOT_IMPLEMENTED) };
    let parts = |s: &SliceObj| vm.tuple([s.start.clone(), s.stop.clone(), s.step.clone()]);
    let (x, y) = (parts(this(vm, a)?), parts(other));
    super::sequence::compare(vm, op, &x, &y)
}

crate::comparisons!(compare);

fn reduce(vm: &Vm, a: &Args) -> R {
    let s = this(vm, a)?;
    let args = vm.tuple([s.start.clone(), s.stop.clone(), s.step.clone()]);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), args]))
}

fn indices_method(vm: &Vm, a: &Args) -> R {
    let len = vm.index_value(&a[1])?.as_bigint().unwrap_or_default();
    if len.is_negative() {
        return Err(vm.value_error("length should not be negative"));
    }
    let (start, stop, step) = indices(vm, &a[0], &len)?;
    Ok(vm.tuple([vm.bigint(start), vm.bigint(stop), vm.bigint(step)]))
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
