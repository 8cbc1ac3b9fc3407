//! tee: independent iterators over one source. What some have read and others have not is kept in between.

use super::{Step, class, publish, table};
use aio_vm::object::Charge;
use aio_vm::{Args, Def, Payload, R, TypeTable, Value, Vm, function, method};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;

static TEE: Def = function("tee(iterable, n=2, /)", tee, "Returns a tuple of n independent iterators.");

static SHARED: TypeTable = TypeTable { doc: "Data container common to multiple tee objects.", rows: &[], next: None };

pub(super) fn fill(vm: &Vm, module: &Value) {
    crate::fill::set(vm, module, TEE.name(), vm.native(&TEE, Value::UNDEF));
    publish::<Tee>(vm, module);
    crate::fill::set(vm, module, "_tee_dataobject", shared_class(vm).clone());
}

#[derive(Default)]
struct SharedClass(OnceCell<Value>);

fn shared_class(vm: &Vm) -> &Value {
    let class = &vm.state::<SharedClass>().0;
    class.get_or_init(|| vm.native_class("itertools", "_tee_dataobject", vm.types.object.get(), 0, &SHARED))
}

/// The source and what is kept of it.
struct Shared {
    it: Value,
    kept: RefCell<VecDeque<Value>>,
    /// The number of the first item that is kept.
    first: Cell<u64>,
    /// Where the iterators stand; `None` where one is gone.
    places: RefCell<Vec<Option<u64>>>,
    reading: Cell<bool>,
    charge: Charge,
}

impl Payload for Shared {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it);
        self.kept.borrow().iter().for_each(visit);
    }

    fn clear(&self) {
        let old = self.kept.take();
        drop(old);
    }
}

impl Shared {
    /// Lets go of what every iterator has passed.
    fn trim(&self) {
        let least = self.places.borrow().iter().flatten().min().copied();
        let first = self.first.get();
        let passed = least.map_or(u64::MAX, |n| n.saturating_sub(first)).min(self.kept.borrow().len() as u64);
        for _ in 0..passed {
            let old = self.kept.borrow_mut().pop_front();
            drop(old);
        }
        self.first.set(first + passed);
    }

    fn enter(&self, place: u64) -> usize {
        let mut places = self.places.borrow_mut();
        match places.iter().position(Option::is_none) {
            Some(free) => {
                if let Some(p) = places.get_mut(free) {
                    *p = Some(place);
                }
                free
            }
            None => {
                places.push(Some(place));
                places.len() - 1
            }
        }
    }
}

struct Tee {
    shared: Value,
    index: usize,
}

impl Payload for Tee {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.shared);
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        // When all of the isolate ends, what is shared may have ended before.
        if self.shared.is_abandoned() {
            return;
        }
        if let Some(shared) = self.shared.payload::<Shared>() {
            if let Some(place) = shared.places.borrow_mut().get_mut(self.index) {
                *place = None;
            }
            shared.trim();
        }
    }
}

impl Step for Tee {
    const NAME: &'static str = "_tee";
    const FLAGS: u32 = aio_vm::object::class::WEAKREFABLE;
    const TABLE: &'static TypeTable = table!(
        Tee,
        "Iterator wrapped to make it copyable.",
        "__new__(cls, iterable, /)",
        new_tee,
        method("__copy__(self, /)", copy, "Returns an independent iterator.")
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let Some(shared) = self.shared.payload::<Shared>() else { return Ok(None) };
        let place = shared.places.borrow().get(self.index).copied().flatten().unwrap_or(0);
        let behind = place.saturating_sub(shared.first.get()) as usize;
        let kept = shared.kept.borrow().get(behind).cloned();
        let item = match kept {
            Some(v) => v,
            None => {
                if shared.reading.replace(true) {
                    return Err(vm.runtime_error("cannot re-enter the tee iterator"));
                }
                let read = vm.next(&shared.it);
                shared.reading.set(false);
                let Some(v) = read? else { return Ok(None) };
                let mut kept = shared.kept.borrow_mut();
                if kept.len() == kept.capacity() {
                    let more = vm.growth(kept.len(), size_of::<Value>());
                    kept.reserve_exact(more);
                }
                kept.push_back(v.clone());
                shared.charge.set(vm, kept.capacity() * size_of::<Value>());
                v
            }
        };
        if let Some(p) = shared.places.borrow_mut().get_mut(self.index) {
            *p = Some(place + 1);
        }
        if behind == 0 {
            shared.trim();
        }
        Ok(Some(item))
    }
}

/// An iterator that can be copied.
fn copyable(vm: &Vm, iterable: &Value) -> R {
    let it = vm.iter(iterable)?;
    if it.payload::<Tee>().is_some() {
        return copy_of(vm, &it);
    }
    let shared = Shared {
        it,
        kept: RefCell::default(),
        first: Cell::new(0),
        places: RefCell::new(vec![Some(0)]),
        reading: Cell::new(false),
        charge: Charge::default(),
    };
    let kind = shared_class(vm).as_class().unwrap_or(vm.types.object.get());
    let shared = vm.opaque(kind, shared);
    Ok(vm.opaque(class::<Tee>(vm), Tee { shared, index: 0 }))
}

fn copy_of(vm: &Vm, v: &Value) -> R {
    let t = super::payload::<Tee>(vm, v)?;
    let Some(shared) = t.shared.payload::<Shared>() else { return Ok(Value::NONE) };
    let place = shared.places.borrow().get(t.index).copied().flatten().unwrap_or(0);
    let index = shared.enter(place);
    Ok(vm.opaque(class::<Tee>(vm), Tee { shared: t.shared.clone(), index }))
}

fn copy(vm: &Vm, a: &Args) -> R {
    copy_of(vm, &a[0])
}

fn new_tee(vm: &Vm, a: &Args) -> R {
    vm.class_to_make(&a[0], class::<Tee>(vm))?;
    copyable(vm, &a[1])
}

fn tee(vm: &Vm, a: &Args) -> R {
    let n = match a.get(1) {
        Some(n) => vm.index(n)?,
        None => 2,
    };
    if n < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    vm.alloc_check(n as usize, size_of::<Value>())?;
    if n == 0 {
        return Ok(vm.empty_tuple());
    }
    let it = vm.iter(&a[0])?;
    let own_copy = vm.intern("__copy__");
    let first = if vm.type_method(&it, &own_copy).is_some() { it } else { copyable(vm, &it)? };
    let mut all = vec![first.clone()];
    for _ in 1..n {
        vm.tick()?;
        all.push(vm.call_method(&first, "__copy__", &[])?);
    }
    Ok(vm.tuple(all))
}
