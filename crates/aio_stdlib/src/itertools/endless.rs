//! Iterators that need no end: count, cycle, repeat; and accumulate.

use super::{Step, make, payload, publish, table};
use aio_vm::object::Charge;
use aio_vm::{Args, Binary, Payload, R, Slot, TypeTable, Value, Vm, method};
use std::cell::{Cell, RefCell};

pub(super) fn fill(vm: &Vm, module: &Value) {
    publish::<Count>(vm, module);
    publish::<Cycle>(vm, module);
    publish::<Repeat>(vm, module);
    publish::<Accumulate>(vm, module);
}

struct Count {
    at: Slot,
    step: Value,
}

impl Payload for Count {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.at.get());
        visit(&self.step);
    }
}

impl Step for Count {
    const NAME: &'static str = "count";
    const TABLE: &'static TypeTable = table!(
        Count,
        "count(start=0, step=1)\n\nReturn a count object whose .__next__() method returns consecutive values.",
        "__new__(cls, start=0, step=1)",
        new_count,
        method("__repr__(self, /)", repr_count, "Return repr(self).")
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let now = self.at.get();
        self.at.set(vm.binary(Binary::Add, &now, &self.step)?);
        Ok(Some(now))
    }
}

fn is_number(vm: &Vm, v: &Value) -> bool {
    let has = |name: &str| vm.type_method(v, &vm.intern(name)).is_some();
    v.is_int() || v.is_float() || has("__index__") || has("__int__") || has("__float__") || has("__complex__")
}

fn new_count(vm: &Vm, a: &Args) -> R {
    let start = a.get(1).cloned().unwrap_or(Value::small(0));
    let step = a.get(2).cloned().unwrap_or(Value::small(1));
    if !is_number(vm, &start) || !is_number(vm, &step) {
        return Err(vm.type_error("a number is required"));
    }
    // Counting by one goes from integer to integer, whatever class the first one is of.
    let start = match start.as_i64().filter(|_| step.as_i64() == Some(1)) {
        Some(n) => vm.int(n),
        None => start,
    };
    make(vm, &a[0], Count { at: Slot::new(start), step })
}

fn repr_count(vm: &Vm, a: &Args) -> R {
    let c = payload::<Count>(vm, &a[0])?;
    let name = vm.class_of(&a[0]).name_text();
    let at = vm.repr_text(&c.at.get())?;
    if c.step.as_i64() == Some(1) {
        return Ok(vm.str(&format!("{name}({at})")));
    }
    Ok(vm.str(&format!("{name}({at}, {})", vm.repr_text(&c.step)?)))
}

/// Reads its source once, then gives what it has kept.
struct Cycle {
    it: Slot,
    kept: RefCell<Vec<Value>>,
    charge: Charge,
    at: Cell<usize>,
}

impl Payload for Cycle {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it.get());
        self.kept.borrow().iter().for_each(visit);
    }

    fn clear(&self) {
        drop(self.it.take());
        let old = self.kept.take();
        drop(old);
    }
}

impl Step for Cycle {
    const NAME: &'static str = "cycle";
    const TABLE: &'static TypeTable = table!(
        Cycle,
        "Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.",
        "__new__(cls, iterable, /)",
        new_cycle
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        if let Some(it) = self.it.defined() {
            if let Some(v) = vm.next(&it)? {
                let mut kept = self.kept.borrow_mut();
                if kept.len() == kept.capacity() {
                    let more = vm.growth(kept.len(), size_of::<Value>());
                    kept.reserve_exact(more);
                }
                kept.push(v.clone());
                self.charge.set(vm, kept.capacity() * size_of::<Value>());
                return Ok(Some(v));
            }
            drop(self.it.take());
        }
        let kept = self.kept.borrow();
        let Some(v) = kept.get(self.at.get()) else { return Ok(None) };
        self.at.set((self.at.get() + 1) % kept.len());
        Ok(Some(v.clone()))
    }
}

fn new_cycle(vm: &Vm, a: &Args) -> R {
    let it = vm.iter(&a[1])?;
    make(vm, &a[0], Cycle { it: Slot::new(it), kept: RefCell::default(), charge: Charge::default(), at: Cell::new(0) })
}

struct Repeat {
    object: Value,
    /// How often it is still to come, or -1.
    left: Cell<i64>,
}

impl Payload for Repeat {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.object);
    }
}

impl Step for Repeat {
    const NAME: &'static str = "repeat";
    const TABLE: &'static TypeTable = table!(
        Repeat,
        "repeat(object [,times]) -> create an iterator which returns the object for the specified number of times.  If \
         not specified, returns the object endlessly.",
        "__new__(cls, object, times=<endless>)",
        new_repeat,
        method("__repr__(self, /)", repr_repeat, "Return repr(self)."),
        method("__length_hint__(self, /)", hint_repeat, "Private method returning an estimate of len(list(it)).")
    );

    fn step(&self, _vm: &Vm, _me: &Value) -> R<Option<Value>> {
        match self.left.get() {
            0 => return Ok(None),
            n if n > 0 => self.left.set(n - 1),
            _ => {}
        }
        Ok(Some(self.object.clone()))
    }
}

fn new_repeat(vm: &Vm, a: &Args) -> R {
    let left = match a.get(2) {
        Some(n) => vm.ssize(n)?.max(0),
        None => -1,
    };
    make(vm, &a[0], Repeat { object: a[1].clone(), left: Cell::new(left) })
}

fn repr_repeat(vm: &Vm, a: &Args) -> R {
    let r = payload::<Repeat>(vm, &a[0])?;
    let name = vm.class_of(&a[0]).name_text();
    let object = vm.repr_text(&r.object)?;
    Ok(vm.str(&match r.left.get() {
        -1 => format!("{name}({object})"),
        n => format!("{name}({object}, {n})"),
    }))
}

fn hint_repeat(vm: &Vm, a: &Args) -> R {
    match payload::<Repeat>(vm, &a[0])?.left.get() {
        -1 => Err(vm.type_error("len() of unsized object")),
        n => Ok(vm.int(n)),
    }
}

struct Accumulate {
    it: Value,
    function: Option<Value>,
    /// Given out before anything is read.
    initial: Slot,
    total: Slot,
}

impl Payload for Accumulate {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it);
        self.function.iter().for_each(&mut *visit);
        visit(&self.initial.get());
        visit(&self.total.get());
    }
}

impl Step for Accumulate {
    const NAME: &'static str = "accumulate";
    const TABLE: &'static TypeTable = table!(
        Accumulate,
        "Return series of accumulated sums (or other binary function results).",
        "__new__(cls, iterable, func=None, *, initial=None)",
        new_accumulate
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        if let Some(first) = self.initial.take().defined() {
            self.total.set(first.clone());
            return Ok(Some(first));
        }
        let Some(v) = vm.next(&self.it)? else { return Ok(None) };
        let total = match (self.total.defined(), &self.function) {
            (None, _) => v,
            (Some(t), None) => vm.binary(Binary::Add, &t, &v)?,
            (Some(t), Some(f)) => vm.call(f, &[t, v])?,
        };
        self.total.set(total.clone());
        Ok(Some(total))
    }
}

fn new_accumulate(vm: &Vm, a: &Args) -> R {
    let it = vm.iter(&a[1])?;
    let initial = Slot::new(a.some(3).cloned().unwrap_or_default());
    make(vm, &a[0], Accumulate { it, function: a.some(2).cloned(), initial, total: Slot::empty() })
}
