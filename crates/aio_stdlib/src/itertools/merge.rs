//! Iterators over several sources: chain and zip_longest; and those over neighbours: pairwise and batched.

use super::{Step, make, publish, subscript, table};
use aio_vm::{Args, Payload, R, Slot, TypeTable, Value, Vm, class_method};
use std::cell::{Cell, RefCell};

pub(super) fn fill(vm: &Vm, module: &Value) {
    publish::<Chain>(vm, module);
    publish::<ZipLongest>(vm, module);
    publish::<Pairwise>(vm, module);
    publish::<Batched>(vm, module);
}

struct Chain {
    sources: Slot,
    current: Slot,
}

impl Payload for Chain {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.sources.get());
        visit(&self.current.get());
    }

    fn clear(&self) {
        drop(self.sources.take());
        drop(self.current.take());
    }
}

impl Step for Chain {
    const NAME: &'static str = "chain";
    const TABLE: &'static TypeTable = table!(
        Chain,
        "chain(*iterables) --> chain object\n\nReturn a chain object whose .__next__() method returns elements from the \
         first iterable until it is exhausted, then elements from the next iterable, until all of the iterables are \
         exhausted.",
        "__new__(cls, /, *iterables)",
        new_chain,
        class_method(
            "from_iterable(cls, iterable, /)",
            chain_from,
            "Alternative chain() constructor taking a single iterable argument that evaluates lazily."
        ),
        class_method("__class_getitem__(cls, object, /)", subscript, "See PEP 585")
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        loop {
            if let Some(current) = self.current.defined() {
                if let Some(v) = vm.next(&current)? {
                    return Ok(Some(v));
                }
                drop(self.current.take());
            }
            let Some(sources) = self.sources.defined() else { return Ok(None) };
            let source = match vm.next(&sources) {
                Ok(Some(source)) => source,
                Ok(None) => {
                    drop(self.sources.take());
                    return Ok(None);
                }
                Err(e) => {
                    drop(self.sources.take());
                    return Err(e);
                }
            };
            match vm.iter(&source) {
                Ok(it) => self.current.set(it),
                Err(e) => {
                    drop(self.sources.take());
                    return Err(e);
                }
            }
            vm.tick()?;
        }
    }
}

fn chain_over(vm: &Vm, class: &Value, sources: &Value) -> R {
    let sources = vm.iter(sources)?;
    make(vm, class, Chain { sources: Slot::new(sources), current: Slot::empty() })
}

fn new_chain(vm: &Vm, a: &Args) -> R {
    let class = &a[0];
    chain_over(vm, class, &vm.tuple(a.rest.to_vec()))
}

fn chain_from(vm: &Vm, a: &Args) -> R {
    chain_over(vm, &a[0], &a[1])
}

struct ZipLongest {
    /// `None` where a source is exhausted.
    sources: RefCell<Vec<Option<Value>>>,
    fill: Value,
}

impl Payload for ZipLongest {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.sources.borrow().iter().flatten().for_each(&mut *visit);
        visit(&self.fill);
    }
}

impl Step for ZipLongest {
    const NAME: &'static str = "zip_longest";
    const TABLE: &'static TypeTable = table!(
        ZipLongest,
        "Return a zip_longest object whose .__next__() method returns a tuple where the i-th element comes from the i-th \
         iterable argument, until the longest is exhausted; missing values are replaced by the fillvalue.",
        "__new__(cls, /, *iterables, fillvalue=None)",
        new_zip_longest
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let n = self.sources.borrow().len();
        let mut left = self.sources.borrow().iter().flatten().count();
        if left == 0 {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(n);
        for i in 0..n {
            let source = self.sources.borrow().get(i).cloned().flatten();
            let found = match &source {
                Some(it) => vm.next(it)?,
                None => None,
            };
            if found.is_none() && source.is_some() {
                if let Some(place) = self.sources.borrow_mut().get_mut(i) {
                    *place = None;
                }
                left -= 1;
                if left == 0 {
                    return Ok(None);
                }
            }
            items.push(found.unwrap_or_else(|| self.fill.clone()));
        }
        Ok(Some(vm.tuple(items)))
    }
}

fn new_zip_longest(vm: &Vm, a: &Args) -> R {
    let sources = a.rest.iter().map(|v| vm.iter(v).map(Some)).collect::<R<Vec<_>>>()?;
    let fill = a.get(1).cloned().unwrap_or(Value::NONE);
    make(vm, &a[0], ZipLongest { sources: RefCell::new(sources), fill })
}

struct Pairwise {
    it: Slot,
    last: Slot,
}

impl Payload for Pairwise {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it.get());
        visit(&self.last.get());
    }

    fn clear(&self) {
        drop(self.it.take());
        drop(self.last.take());
    }
}

impl Pairwise {
    fn end(&self) -> R<Option<Value>> {
        drop(self.it.take());
        drop(self.last.take());
        Ok(None)
    }
}

impl Step for Pairwise {
    const NAME: &'static str = "pairwise";
    const TABLE: &'static TypeTable = table!(
        Pairwise,
        "Return an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ...",
        "__new__(cls, iterable, /)",
        new_pairwise
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let Some(it) = self.it.defined() else { return Ok(None) };
        if self.last.is_empty() {
            let Some(first) = vm.next(&it)? else { return self.end() };
            self.last.set(first);
            // The source may have been used up by this very iterator.
            if self.it.is_empty() {
                return self.end();
            }
        }
        let before = self.last.get();
        let Some(now) = vm.next(&it)? else { return self.end() };
        self.last.set(now.clone());
        Ok(Some(vm.tuple([before, now])))
    }
}

fn new_pairwise(vm: &Vm, a: &Args) -> R {
    let it = vm.iter(&a[1])?;
    make(vm, &a[0], Pairwise { it: Slot::new(it), last: Slot::empty() })
}

struct Batched {
    it: Slot,
    size: usize,
    strict: Cell<bool>,
}

impl Payload for Batched {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it.get());
    }
}

impl Step for Batched {
    const NAME: &'static str = "batched";
    const TABLE: &'static TypeTable = table!(
        Batched,
        "Batch data into tuples of length n. The last batch may be shorter than n.\n\nLoops over the input iterable and \
         accumulates data into tuples up to size n.  The input is consumed lazily, just enough to fill a batch.",
        "__new__(cls, iterable, n, *, strict=False)",
        new_batched
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let Some(it) = self.it.defined() else { return Ok(None) };
        let mut items = Vec::with_capacity(self.size.min(64));
        while items.len() < self.size {
            let Some(v) = vm.next(&it)? else { break };
            items.push(v);
            vm.tick()?;
        }
        if items.len() < self.size {
            drop(self.it.take());
            if items.is_empty() {
                return Ok(None);
            }
            if self.strict.get() {
                return Err(vm.value_error("batched(): incomplete batch"));
            }
        }
        Ok(Some(vm.tuple(items)))
    }
}

fn new_batched(vm: &Vm, a: &Args) -> R {
    let size = vm.ssize(&a[2])?;
    if size < 1 {
        return Err(vm.value_error("n must be at least one"));
    }
    let strict = match a.get(3) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let it = Slot::new(vm.iter(&a[1])?);
    make(vm, &a[0], Batched { it, size: size as usize, strict: Cell::new(strict) })
}
