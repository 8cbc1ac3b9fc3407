//! enumerate, zip, map and filter.

use super::stop;
use crate::error::{R, Raised};
use crate::native::{Args, TypeTable, class_method, method, static_method};
use crate::object::opaque::Payload;
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;
use std::cell::Cell;

pub(crate) static ENUMERATE: TypeTable = TypeTable {
    doc: "Return an enumerate object: pairs of a count (from start, which defaults to zero) and an item of the iterable.",
    rows: &[
        static_method("__new__(cls, iterable, start=0)", new_enumerate, "Create and return a new object."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__next__(self, /)", next, "Implement next(self)."),
        method("__reduce__(self, /)", reduce_enumerate, "Return what makes an iterator of this state."),
        class_method("__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
    ],
    next: Some(next_enumerate),
};

pub(crate) static ZIP: TypeTable = TypeTable {
    doc: "zip(*iterables, strict=False)\n\nTuples of the items that the iterables yield at the same time, until the \
          shortest is exhausted; with strict they must be of one length.",
    rows: &[
        static_method("__new__(cls, /, *iterables, **kwargs)", new_zip, "Create and return a new object."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__next__(self, /)", next, "Implement next(self)."),
        method("__reduce__(self, /)", reduce_zip, "Return what makes an iterator of this state."),
        method("__setstate__(self, state, /)", set_strict, "Set whether lengths must be equal."),
    ],
    next: Some(next_zip),
};

pub(crate) static MAP: TypeTable = TypeTable {
    doc: "map(function, iterable, *iterables)\n\nThe results of the function for the items that the iterables yield at the \
          same time.",
    rows: &[
        static_method("__new__(cls, /, *args)", new_map, "Create and return a new object."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__next__(self, /)", next, "Implement next(self)."),
        method("__reduce__(self, /)", reduce_map, "Return what makes an iterator of this state."),
    ],
    next: Some(next_map),
};

pub(crate) static FILTER: TypeTable = TypeTable {
    doc: "filter(function or None, iterable)\n\nThe items for which the function, or with None the item itself, is true.",
    rows: &[
        static_method("__new__(cls, function, iterable, /)", new_filter, "Create and return a new object."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__next__(self, /)", next, "Implement next(self)."),
        method("__reduce__(self, /)", reduce_filter, "Return what makes an iterator of this state."),
    ],
    next: Some(next_filter),
};

struct Enumerate {
    it: Value,
    count: Slot,
}

impl Payload for Enumerate {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it);
    }
}

struct Zip {
    its: Vec<Value>,
    strict: Cell<bool>,
}

impl Payload for Zip {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.its.iter().for_each(visit);
    }
}

struct Map {
    function: Value,
    its: Vec<Value>,
}

impl Payload for Map {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        self.its.iter().for_each(visit);
    }
}

struct Filter {
    function: Value,
    it: Value,
}

impl Payload for Filter {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        visit(&self.it);
    }
}

fn iter(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

/// The method `__next__` of the four: each steps by its payload, whatever a subclass says.
fn next(vm: &Vm, a: &Args) -> R {
    let step = if a[0].payload::<Enumerate>().is_some() {
        next_enumerate(vm, &a[0])
    } else if a[0].payload::<Zip>().is_some() {
        next_zip(vm, &a[0])
    } else if a[0].payload::<Map>().is_some() {
        next_map(vm, &a[0])
    } else {
        next_filter(vm, &a[0])
    };
    step?.ok_or_else(|| stop(vm))
}

fn payload<'a, T: Payload>(vm: &Vm, v: &'a Value) -> R<&'a T> {
    v.payload::<T>().ok_or_else(|| vm.type_error("an iterator of another type is required"))
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

fn new_enumerate(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.enumerate.get())?;
    let count = match a.get(2) {
        Some(start) => vm.index_value(start)?,
        None => Value::small(0),
    };
    let it = vm.iter(&a[1])?;
    Ok(vm.opaque(class, Enumerate { it, count: Slot::new(count) }))
}

fn next_enumerate(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let e = payload::<Enumerate>(vm, v)?;
    let Some(item) = vm.next(&e.it)? else { return Ok(None) };
    let count = e.count.get();
    e.count.set(match count.as_small() {
        Some(n) => vm.int(n + 1),
        None => vm.add_ints(&count, &Value::small(1)),
    });
    Ok(Some(vm.tuple([count, item])))
}

fn reduce_enumerate(vm: &Vm, a: &Args) -> R {
    let e = payload::<Enumerate>(vm, &a[0])?;
    let args = vm.tuple([e.it.clone(), e.count.get()]);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), args]))
}

fn new_zip(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.zip.get())?;
    let strict = match a.keywords {
        [] => false,
        [(name, value)] if name.as_str().is_some_and(|n| n.bytes() == b"strict") => vm.truth(value)?,
        [(name, _)] => {
            let name = vm.to_text(name)?;
            return Err(vm.type_error(format!("zip() got an unexpected keyword argument '{name}'")));
        }
        several => {
            let n = several.len();
            return Err(vm.type_error(format!("zip() takes at most 1 keyword argument ({n} given)")));
        }
    };
    let its = a.rest.iter().map(|v| vm.iter(v)).collect::<R<Vec<Value>>>()?;
    Ok(vm.opaque(class, Zip { its, strict: Cell::new(strict) }))
}

fn next_zip(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let z = payload::<Zip>(vm, v)?;
    let mut items = SmallVec::<[Value; 4]>::with_capacity(z.its.len());
    for (i, it) in z.its.iter().enumerate() {
        match vm.next(it)? {
            Some(item) => items.push(item),
            None if z.strict.get() => return uneven(vm, &z.its, i),
            None => return Ok(None),
        }
    }
    if items.is_empty() {
        return Ok(None);
    }
    Ok(Some(vm.tuple(items)))
}

/// A strict zip at the end of one of its iterables: all must end there.
fn uneven(vm: &Vm, its: &[Value], ended: usize) -> R<Option<Value>> {
    let complain = |i: usize, how: &str| -> Raised {
        let others = if i == 1 { "argument 1".to_owned() } else { format!("arguments 1-{i}") };
        vm.value_error(format!("zip() argument {} is {how} than {others}", i + 1))
    };
    if ended > 0 {
        return Err(complain(ended, "shorter"));
    }
    for (i, it) in its.iter().enumerate().skip(1) {
        if vm.next(it)?.is_some() {
            return Err(complain(i, "longer"));
        }
    }
    Ok(None)
}

fn reduce_zip(vm: &Vm, a: &Args) -> R {
    let z = payload::<Zip>(vm, &a[0])?;
    let (class, its) = (vm.class_of(&a[0]).value(), vm.tuple(z.its.clone()));
    Ok(if z.strict.get() { vm.tuple([class, its, Value::TRUE]) } else { vm.tuple([class, its]) })
}

fn set_strict(vm: &Vm, a: &Args) -> R {
    let strict = vm.truth(&a[1])?;
    payload::<Zip>(vm, &a[0])?.strict.set(strict);
    Ok(Value::NONE)
}

fn new_map(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.map.get())?;
    let [function, iterables @ ..] = a.rest else {
        return Err(vm.type_error("map() must have at least two arguments."));
    };
    if iterables.is_empty() {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let its = iterables.iter().map(|v| vm.iter(v)).collect::<R<Vec<Value>>>()?;
    Ok(vm.opaque(class, Map { function: function.clone(), its }))
}

fn next_map(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let m = payload::<Map>(vm, v)?;
    let mut items = SmallVec::<[Value; 4]>::with_capacity(m.its.len());
    for it in &m.its {
        match vm.next(it)? {
            Some(item) => items.push(item),
            None => return Ok(None),
        }
    }
    vm.call(&m.function, &items).map(Some)
}

fn reduce_map(vm: &Vm, a: &Args) -> R {
    let m = payload::<Map>(vm, &a[0])?;
    let mut args = vec![m.function.clone()];
    args.extend(m.its.iter().cloned());
    Ok(vm.tuple([vm.class_of(&a[0]).value(), vm.tuple(args)]))
}

fn new_filter(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.filter.get())?;
    let it = vm.iter(&a[2])?;
    Ok(vm.opaque(class, Filter { function: a[1].clone(), it }))
}

fn next_filter(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let f = payload::<Filter>(vm, v)?;
    let by_truth = f.function.is_none() || f.function.as_class().is_some_and(|c| c.is_same(vm.types.bool.get()));
    while let Some(item) = vm.next(&f.it)? {
        vm.tick()?;
        let keep = if by_truth {
            vm.truth(&item)?
        } else {
            let answer = vm.call(&f.function, std::slice::from_ref(&item))?;
            vm.truth(&answer)?
        };
        if keep {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn reduce_filter(vm: &Vm, a: &Args) -> R {
    let f = payload::<Filter>(vm, &a[0])?;
    let args = vm.tuple([f.function.clone(), f.it.clone()]);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), args]))
}
