//! Iterators that leave items out: compress, dropwhile, takewhile, filterfalse, islice; and starmap.

use super::{Step, make, publish, table};
use aio_vm::{Args, Payload, R, Slot, TypeTable, Value, Vm};
use std::cell::Cell;

pub(super) fn fill(vm: &Vm, module: &Value) {
    publish::<Compress>(vm, module);
    publish::<DropWhile>(vm, module);
    publish::<TakeWhile>(vm, module);
    publish::<FilterFalse>(vm, module);
    publish::<Islice>(vm, module);
    publish::<StarMap>(vm, module);
}

/// Two values, which is what most of these iterators consist of.
macro_rules! pair {
    ($name:ident, $a:ident, $b:ident $(, $state:ident: $type:ty)?) => {
        struct $name {
            $a: Value,
            $b: Value,
            $($state: $type,)?
        }

        impl Payload for $name {
            fn trace(&self, visit: &mut dyn FnMut(&Value)) {
                visit(&self.$a);
                visit(&self.$b);
            }
        }
    };
}

pair!(Compress, data, selectors);
pair!(DropWhile, predicate, it, started: Cell<bool>);
pair!(TakeWhile, predicate, it, ended: Cell<bool>);
pair!(FilterFalse, predicate, it);
pair!(StarMap, function, it);

fn holds(vm: &Vm, predicate: &Value, v: &Value) -> R<bool> {
    let answer = vm.call(predicate, std::slice::from_ref(v))?;
    vm.truth(&answer)
}

impl Step for Compress {
    const NAME: &'static str = "compress";
    const TABLE: &'static TypeTable = table!(
        Compress,
        "Return data elements corresponding to true selector elements.",
        "__new__(cls, data, selectors)",
        new_compress
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        while let Some(v) = vm.next(&self.data)? {
            let Some(selector) = vm.next(&self.selectors)? else { return Ok(None) };
            if vm.truth(&selector)? {
                return Ok(Some(v));
            }
            vm.tick()?;
        }
        Ok(None)
    }
}

fn new_compress(vm: &Vm, a: &Args) -> R {
    make(vm, &a[0], Compress { data: vm.iter(&a[1])?, selectors: vm.iter(&a[2])? })
}

impl Step for DropWhile {
    const NAME: &'static str = "dropwhile";
    const TABLE: &'static TypeTable = table!(
        DropWhile,
        "Drop items from the iterable while predicate(item) is true.\n\nAfterwards, return every element until the \
         iterable is exhausted.",
        "__new__(cls, predicate, iterable, /)",
        new_dropwhile
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        while let Some(v) = vm.next(&self.it)? {
            if self.started.get() {
                return Ok(Some(v));
            }
            if !holds(vm, &self.predicate, &v)? {
                self.started.set(true);
                return Ok(Some(v));
            }
            vm.tick()?;
        }
        Ok(None)
    }
}

fn new_dropwhile(vm: &Vm, a: &Args) -> R {
    make(vm, &a[0], DropWhile { predicate: a[1].clone(), it: vm.iter(&a[2])?, started: Cell::new(false) })
}

impl Step for TakeWhile {
    const NAME: &'static str = "takewhile";
    const TABLE: &'static TypeTable = table!(
        TakeWhile,
        "Return successive entries from an iterable as long as the predicate evaluates to true for each entry.",
        "__new__(cls, predicate, iterable, /)",
        new_takewhile
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        if self.ended.get() {
            return Ok(None);
        }
        let Some(v) = vm.next(&self.it)? else { return Ok(None) };
        if holds(vm, &self.predicate, &v)? {
            return Ok(Some(v));
        }
        self.ended.set(true);
        Ok(None)
    }
}

fn new_takewhile(vm: &Vm, a: &Args) -> R {
    make(vm, &a[0], TakeWhile { predicate: a[1].clone(), it: vm.iter(&a[2])?, ended: Cell::new(false) })
}

impl Step for FilterFalse {
    const NAME: &'static str = "filterfalse";
    const TABLE: &'static TypeTable = table!(
        FilterFalse,
        "Return those items of iterable for which function(item) is false.\n\nIf function is None, return the items \
         that are false.",
        "__new__(cls, function, iterable, /)",
        new_filterfalse
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let by_truth = self.predicate.is_none() || self.predicate.is(&vm.types.bool.value());
        while let Some(v) = vm.next(&self.it)? {
            let out = if by_truth { vm.truth(&v)? } else { holds(vm, &self.predicate, &v)? };
            if !out {
                return Ok(Some(v));
            }
            vm.tick()?;
        }
        Ok(None)
    }
}

fn new_filterfalse(vm: &Vm, a: &Args) -> R {
    make(vm, &a[0], FilterFalse { predicate: a[1].clone(), it: vm.iter(&a[2])? })
}

impl Step for StarMap {
    const NAME: &'static str = "starmap";
    const TABLE: &'static TypeTable = table!(
        StarMap,
        "Return an iterator whose values are returned from the function evaluated with an argument tuple taken from the \
         given sequence.",
        "__new__(cls, function, iterable, /)",
        new_starmap
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let Some(args) = vm.next(&self.it)? else { return Ok(None) };
        match args.as_tuple() {
            Some(t) => vm.call(&self.function, t.items()).map(Some),
            None => vm.call(&self.function, &vm.collect(&args)?).map(Some),
        }
    }
}

fn new_starmap(vm: &Vm, a: &Args) -> R {
    make(vm, &a[0], StarMap { function: a[1].clone(), it: vm.iter(&a[2])? })
}

struct Islice {
    /// Given up at the end, so that the source can go.
    it: Slot,
    next: Cell<i64>,
    stop: Option<i64>,
    step: i64,
    read: Cell<i64>,
}

impl Payload for Islice {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it.get());
    }

    fn clear(&self) {
        drop(self.it.take());
    }
}

impl Step for Islice {
    const NAME: &'static str = "islice";
    const TABLE: &'static TypeTable = table!(
        Islice,
        "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\nReturn an \
         iterator whose next() method returns selected values from an iterable.",
        "__new__(cls, /, *args)",
        new_islice
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let Some(it) = self.it.defined() else { return Ok(None) };
        while self.read.get() < self.next.get() {
            if vm.next(&it)?.is_none() {
                drop(self.it.take());
                return Ok(None);
            }
            self.read.set(self.read.get() + 1);
            vm.tick()?;
        }
        if self.stop.is_some_and(|stop| self.read.get() >= stop) {
            drop(self.it.take());
            return Ok(None);
        }
        let Some(v) = vm.next(&it)? else {
            drop(self.it.take());
            return Ok(None);
        };
        self.read.set(self.read.get() + 1);
        let next = self.next.get().saturating_add(self.step);
        self.next.set(self.stop.map_or(next, |stop| next.min(stop)));
        Ok(Some(v))
    }
}

fn new_islice(vm: &Vm, a: &Args) -> R {
    let (given, start, stop, step) = match a.rest {
        [it, stop] => (it, None, stop, None),
        [it, start, stop] => (it, Some(start), stop, None),
        [it, start, stop, step] => (it, Some(start), stop, Some(step)),
        few if few.len() < 2 => {
            return Err(vm.type_error(format!("islice expected at least 2 arguments, got {}", few.len())));
        }
        many => return Err(vm.type_error(format!("islice expected at most 4 arguments, got {}", many.len()))),
    };
    let bound = |v: &Value| -> Option<i64> {
        match vm.index(v) {
            Ok(n) if n >= 0 => Some(n),
            _ => None,
        }
    };
    let stop = match stop {
        v if v.is_none() => None,
        v => Some(bound(v).ok_or_else(|| {
            let what = match vm.index(v) {
                Ok(n) if n < -1 => "Indices",
                _ => "Stop argument",
            };
            vm.value_error(format!("{what} for islice() must be None or an integer: 0 <= x <= sys.maxsize."))
        })?),
    };
    let start = match start {
        Some(v) if !v.is_none() => bound(v)
            .ok_or_else(|| vm.value_error("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."))?,
        _ => 0,
    };
    let step = match step {
        Some(v) if !v.is_none() => bound(v)
            .filter(|n| *n > 0)
            .ok_or_else(|| vm.value_error("Step for islice() must be a positive integer or None."))?,
        _ => 1,
    };
    let it = Slot::new(vm.iter(given)?);
    make(vm, &a[0], Islice { it, next: Cell::new(start), stop, step, read: Cell::new(0) })
}
