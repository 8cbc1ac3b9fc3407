//! The wrapper of functions whose results are kept.

use super::Classes;
use aio_vm::object::class::{HAS_DICT, WEAKREFABLE};
use aio_vm::object::{Charge, DictObj};
use aio_vm::{Args, Payload, R, TypeTable, Value, Vm, method, static_method};
use std::cell::{Cell, OnceCell, RefCell};

static CACHE: TypeTable = TypeTable {
    doc: "Create a cached callable that wraps another function.",
    rows: &[
        static_method(
            "__new__(cls, user_function, maxsize, typed, cache_info_type)",
            new,
            "Create and return a new object.",
        ),
        method("__call__(self, /, *args, **kwargs)", call, "Call self as a function."),
        method(
            "__get__(self, instance, owner=None, /)",
            get,
            "Return an attribute of instance, which is of type owner.",
        ),
        method("cache_info(self, /)", info, "Report cache statistics"),
        method("cache_clear(self, /)", clear, "Clear the cache and cache statistics"),
        method("__reduce__(self, /)", reduce, "Describe the object for copying."),
        method("__copy__(self, /)", itself, "The function itself."),
        method("__deepcopy__(self, memo, /)", itself, "The function itself."),
    ],
    next: None,
};

pub(super) fn class(vm: &Vm) -> &Value {
    let class = &vm.state::<Classes>().cache;
    let flags = HAS_DICT | WEAKREFABLE;
    class.get_or_init(|| vm.native_class("functools", "_lru_cache_wrapper", vm.types.object.get(), flags, &CACHE))
}

/// A kept result in the order of use.
struct Link {
    key: Value,
    hash: u64,
    result: Value,
    before: usize,
    behind: usize,
}

/// The links of a bounded cache. Place 0 is the anchor: behind it stands the one that was not used for the longest time.
struct Order {
    links: Vec<Link>,
    free: Vec<usize>,
}

impl Order {
    fn new() -> Order {
        let anchor = Link { key: Value::UNDEF, hash: 0, result: Value::UNDEF, before: 0, behind: 0 };
        Order { links: vec![anchor], free: Vec::new() }
    }

    fn neighbours(&mut self, before: usize, behind: usize) {
        if let Some(link) = self.links.get_mut(before) {
            link.behind = behind;
        }
        if let Some(link) = self.links.get_mut(behind) {
            link.before = before;
        }
    }

    fn unlink(&mut self, i: usize) {
        if let Some(Link { before, behind, .. }) = self.links.get(i) {
            let (before, behind) = (*before, *behind);
            self.neighbours(before, behind);
        }
    }

    fn put_last(&mut self, i: usize) {
        let last = self.links.first().map_or(0, |anchor| anchor.before);
        self.neighbours(last, i);
        self.neighbours(i, 0);
    }

    fn add(&mut self, key: Value, hash: u64, result: Value) -> usize {
        let link = Link { key, hash, result, before: 0, behind: 0 };
        if self.links.len() == self.links.capacity() {
            // Little by little: a large cache should meet a limit of memory where it is.
            self.links.reserve_exact((self.links.len() / 8).max(16));
        }
        let i = match self.free.pop() {
            Some(i) => {
                if let Some(place) = self.links.get_mut(i) {
                    *place = link;
                }
                i
            }
            None => {
                self.links.push(link);
                self.links.len() - 1
            }
        };
        self.put_last(i);
        i
    }

    /// Takes out the link that was not used for the longest time.
    fn take_oldest(&mut self) -> Option<(Value, u64, Value)> {
        let i = self.links.first().map(|anchor| anchor.behind).filter(|i| *i != 0)?;
        self.unlink(i);
        self.free.push(i);
        let link = self.links.get_mut(i)?;
        Some((link.key.take(), link.hash, link.result.take()))
    }
}

struct Cache {
    function: Value,
    typed: bool,
    /// `None` keeps everything.
    limit: Option<usize>,
    info: Value,
    /// Results by key; in a bounded cache, the places of their links.
    known: Value,
    order: RefCell<Order>,
    charge: Charge,
    hits: Cell<i64>,
    misses: Cell<i64>,
}

impl Payload for Cache {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        visit(&self.info);
        visit(&self.known);
        for link in &self.order.borrow().links {
            visit(&link.key);
            visit(&link.result);
        }
    }

    fn clear(&self) {
        let old = self.order.replace(Order::new());
        drop(old);
    }
}

fn cache<'a>(vm: &Vm, v: &'a Value) -> R<&'a Cache> {
    v.payload::<Cache>().ok_or_else(|| vm.type_error("a cached function is required"))
}

fn new(vm: &Vm, a: &Args) -> R {
    let made_of = vm.class_to_make(&a[0], class(vm).as_class().unwrap_or(vm.types.object.get()))?;
    if !vm.is_callable(&a[1]) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let limit = match &a[2] {
        none if none.is_none() => None,
        n if n.is_int() => Some(vm.clamped_index(n)?.max(0) as usize),
        _ => return Err(vm.type_error("maxsize should be integer or None")),
    };
    let typed = vm.truth(&a[3])?;
    Ok(vm.opaque(
        made_of,
        Cache {
            function: a[1].clone(),
            typed,
            limit,
            info: a[4].clone(),
            known: vm.dict(),
            order: RefCell::new(Order::new()),
            charge: Charge::default(),
            hits: Cell::new(0),
            misses: Cell::new(0),
        },
    ))
}

/// Stands between positional and named arguments in a key.
#[derive(Default)]
struct Mark(OnceCell<Value>);

fn mark(vm: &Vm) -> Value {
    let made = vm.state::<Mark>().0.get_or_init(|| vm.tuple([vm.str("keywords of a cached call")]));
    made.clone()
}

fn key_of(vm: &Vm, c: &Cache, a: &Args) -> Value {
    if !c.typed && a.keywords.is_empty() {
        if let [one] = a.rest {
            let class = vm.class_of(one);
            if class.is_same(vm.types.int.get()) || class.is_same(vm.types.str.get()) {
                return one.clone();
            }
        }
        return vm.tuple(a.rest.to_vec());
    }
    let mut parts = a.rest.to_vec();
    if !a.keywords.is_empty() {
        parts.push(mark(vm));
        for (name, v) in a.keywords {
            parts.push(name.clone());
            parts.push(v.clone());
        }
    }
    if c.typed {
        parts.extend(a.rest.iter().map(|v| vm.class_of(v).value()));
        parts.extend(a.keywords.iter().map(|(_, v)| vm.class_of(v).value()));
    }
    vm.tuple(parts)
}

fn compute(vm: &Vm, c: &Cache, a: &Args) -> R {
    if a.keywords.is_empty() { vm.call(&c.function, a.rest) } else { vm.call_with(&c.function, a.rest, a.keywords) }
}

fn call(vm: &Vm, a: &Args) -> R {
    let c = cache(vm, &a[0])?;
    let Some(known) = c.known.as_dict() else { return Ok(Value::NONE) };
    if c.limit == Some(0) {
        c.misses.set(c.misses.get() + 1);
        return compute(vm, c, a);
    }
    let key = key_of(vm, c, a);
    let hash = vm.hash(&key)? as u64;
    match (known.get_hashed(vm, &key, hash)?, c.limit) {
        (Some(result), None) => {
            c.hits.set(c.hits.get() + 1);
            Ok(result)
        }
        (Some(place), Some(_)) => {
            c.hits.set(c.hits.get() + 1);
            let i = place.as_i64().unwrap_or(0) as usize;
            let mut order = c.order.borrow_mut();
            order.unlink(i);
            order.put_last(i);
            Ok(order.links.get(i).map(|link| link.result.clone()).unwrap_or_default())
        }
        (None, limit) => {
            c.misses.set(c.misses.get() + 1);
            let result = compute(vm, c, a)?;
            match limit {
                None => drop(known.set_hashed(vm, key, result.clone(), hash)?),
                Some(limit) => keep(vm, c, known, limit, key, hash, &result)?,
            }
            Ok(result)
        }
    }
}

/// Keeps a result in a bounded cache, unless the call itself has put it there.
fn keep(vm: &Vm, c: &Cache, known: &DictObj, limit: usize, key: Value, hash: u64, result: &Value) -> R<()> {
    if known.get_hashed(vm, &key, hash)?.is_some() {
        return Ok(());
    }
    if known.len() >= limit {
        let oldest = c.order.borrow_mut().take_oldest();
        if let Some((old_key, old_hash, old_result)) = oldest {
            let removed = known.remove_hashed(vm, &old_key, old_hash);
            drop((old_key, old_result));
            removed?;
        }
    }
    let place = c.order.borrow_mut().add(key.clone(), hash, result.clone());
    c.charge.set(vm, c.order.borrow().links.capacity() * size_of::<Link>());
    known.set_hashed(vm, key, vm.int(place as i64), hash)?;
    Ok(())
}

fn get(vm: &Vm, a: &Args) -> R {
    match a.some(1) {
        Some(instance) => Ok(vm.bound_method(a[0].clone(), instance.clone())),
        None => Ok(a[0].clone()),
    }
}

fn info(vm: &Vm, a: &Args) -> R {
    let c = cache(vm, &a[0])?;
    let size = c.known.as_dict().map_or(0, |d| d.len());
    let limit = c.limit.map_or(Value::NONE, |n| vm.int(n as i64));
    vm.call(&c.info, &[vm.int(c.hits.get()), vm.int(c.misses.get()), limit, vm.int(size as i64)])
}

fn clear(vm: &Vm, a: &Args) -> R {
    let c = cache(vm, &a[0])?;
    c.hits.set(0);
    c.misses.set(0);
    let order = c.order.replace(Order::new());
    let items = c.known.as_dict().map(|d| d.take_all());
    drop((order, items));
    Ok(Value::NONE)
}

fn reduce(vm: &Vm, a: &Args) -> R {
    vm.get_attr_text(&a[0], "__qualname__")
}

fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}
