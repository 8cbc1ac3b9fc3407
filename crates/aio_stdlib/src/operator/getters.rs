//! itemgetter, attrgetter and methodcaller.

use aio_vm::{Args, Payload, R, TypeTable, Value, Vm, method, static_method};
use std::cell::OnceCell;

const NEW: &str = "Create and return a new object.";
const CALL: &str = "Call self as a function.";
const REPR: &str = "Return repr(self).";
const REDUCE: &str = "Return state information for pickling";

static ITEM: TypeTable = TypeTable {
    doc: "Return a callable object that fetches the given item(s) from its operand.\nAfter f = itemgetter(2), the call \
          f(r) returns r[2].\nAfter g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
    rows: &[
        static_method("__new__(cls, item, /, *items)", new_item, NEW),
        method("__call__(self, /, *args, **kwargs)", call_item, CALL),
        method("__repr__(self, /)", repr_keys, REPR),
        method("__reduce__(self, /)", reduce_keys, REDUCE),
    ],
    next: None,
};

static ATTRIBUTE: TypeTable = TypeTable {
    doc: "Return a callable object that fetches the given attribute(s) from its operand.\nAfter f = attrgetter('name'), \
          the call f(r) returns r.name.\nAfter g = attrgetter('name', 'date'), the call g(r) returns (r.name, \
          r.date).\nAfter h = attrgetter('name.first', 'name.last'), the call h(r) returns\n(r.name.first, r.name.last).",
    rows: &[
        static_method("__new__(cls, attr, /, *attrs)", new_attribute, NEW),
        method("__call__(self, /, *args, **kwargs)", call_attribute, CALL),
        method("__repr__(self, /)", repr_keys, REPR),
        method("__reduce__(self, /)", reduce_keys, REDUCE),
    ],
    next: None,
};

static METHOD: TypeTable = TypeTable {
    doc: "Return a callable object that calls the given method on its operand.\nAfter f = methodcaller('name'), the call \
          f(r) returns r.name().\nAfter g = methodcaller('name', 'date', foo=1), the call g(r) returns\nr.name('date', \
          foo=1).",
    rows: &[
        static_method("__new__(cls, name, /, *args, **kwargs)", new_method, NEW),
        method("__call__(self, /, *args, **kwargs)", call_method, CALL),
        method("__repr__(self, /)", repr_method, REPR),
        method("__reduce__(self, /)", reduce_method, REDUCE),
    ],
    next: None,
};

#[derive(Default)]
struct Classes {
    item: OnceCell<Value>,
    attribute: OnceCell<Value>,
    method: OnceCell<Value>,
}

pub(super) fn fill(vm: &Vm, module: &Value) {
    let classes = vm.state::<Classes>();
    let rows = [
        ("itemgetter", &classes.item, &ITEM),
        ("attrgetter", &classes.attribute, &ATTRIBUTE),
        ("methodcaller", &classes.method, &METHOD),
    ];
    for (name, cell, table) in rows {
        let class = cell.get_or_init(|| vm.native_class("operator", name, vm.types.object.get(), 0, table));
        crate::fill::set(vm, module, name, class.clone());
    }
}

/// The keys or the names; for attributes also the parts of names with dots.
struct Getter {
    keys: Vec<Value>,
    parts: Vec<Vec<Value>>,
}

impl Payload for Getter {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.keys.iter().for_each(visit);
    }
}

struct Caller {
    name: Value,
    args: Vec<Value>,
    keywords: Vec<(Value, Value)>,
}

impl Payload for Caller {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.name);
        self.args.iter().for_each(&mut *visit);
        for (name, v) in &self.keywords {
            visit(name);
            visit(v);
        }
    }
}

fn wanted<'a>(vm: &'a Vm, class: &'a Value, own: &'a OnceCell<Value>) -> R<&'a aio_vm::object::ClassObj> {
    let own = own.get().and_then(Value::as_class).unwrap_or(vm.types.object.get());
    vm.class_to_make(class, own)
}

/// The arguments of a constructor: the one that there must be and the others.
fn constructor_keys(a: &Args) -> Vec<Value> {
    std::iter::once(&a[1]).chain(a.rest).cloned().collect()
}

/// The one argument of a call.
fn operand<'a>(vm: &Vm, a: &Args<'a>, name: &str) -> R<&'a Value> {
    if !a.keywords.is_empty() {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    match a.rest {
        [one] => Ok(one),
        many => Err(vm.type_error(format!("{name} expected 1 argument, got {}", many.len()))),
    }
}

fn getter<'a>(vm: &Vm, v: &'a Value) -> R<&'a Getter> {
    v.payload::<Getter>().ok_or_else(|| vm.type_error("a getter of the module operator is required"))
}

fn caller<'a>(vm: &Vm, v: &'a Value) -> R<&'a Caller> {
    v.payload::<Caller>().ok_or_else(|| vm.type_error("a methodcaller is required"))
}

/// What one key gives, or the tuple of what several give.
fn each(vm: &Vm, n: usize, mut get: impl FnMut(usize) -> R) -> R {
    if n == 1 {
        return get(0);
    }
    let found = (0..n).map(&mut get).collect::<R<Vec<_>>>()?;
    Ok(vm.tuple(found))
}

fn new_item(vm: &Vm, a: &Args) -> R {
    let keys = constructor_keys(a);
    let class = wanted(vm, &a[0], &vm.state::<Classes>().item)?;
    Ok(vm.opaque(class, Getter { keys, parts: Vec::new() }))
}

fn call_item(vm: &Vm, a: &Args) -> R {
    let (g, obj) = (getter(vm, &a[0])?, operand(vm, a, "itemgetter")?);
    each(vm, g.keys.len(), |i| vm.get_item(obj, g.keys.get(i).unwrap_or(&Value::NONE)))
}

fn new_attribute(vm: &Vm, a: &Args) -> R {
    let keys = constructor_keys(a);
    let class = wanted(vm, &a[0], &vm.state::<Classes>().attribute)?;
    let mut parts = Vec::with_capacity(keys.len());
    for key in &keys {
        let Some(text) = key.as_str() else { return Err(vm.type_error("attribute name must be a string")) };
        parts.push(text.bytes().split(|b| *b == b'.').map(|part| vm.intern_wtf8(part)).collect());
    }
    Ok(vm.opaque(class, Getter { keys, parts }))
}

fn call_attribute(vm: &Vm, a: &Args) -> R {
    let (g, obj) = (getter(vm, &a[0])?, operand(vm, a, "attrgetter")?);
    each(vm, g.parts.len(), |i| {
        let mut found = obj.clone();
        for part in g.parts.get(i).into_iter().flatten() {
            found = vm.get_attr(&found, part)?;
        }
        Ok(found)
    })
}

fn repr_keys(vm: &Vm, a: &Args) -> R {
    let g = getter(vm, &a[0])?;
    let name = vm.full_class_name(&a[0]);
    let shown = vm.guarded_repr(&a[0], || g.keys.iter().map(|k| vm.repr_text(k)).collect::<R<Vec<_>>>())?;
    let inner = shown.map_or_else(|| "...".to_owned(), |s| s.join(", "));
    Ok(vm.str(&format!("{name}({inner})")))
}

fn reduce_keys(vm: &Vm, a: &Args) -> R {
    let g = getter(vm, &a[0])?;
    Ok(vm.tuple([vm.class_of(&a[0]).value(), vm.tuple(g.keys.clone())]))
}

fn new_method(vm: &Vm, a: &Args) -> R {
    let class = wanted(vm, &a[0], &vm.state::<Classes>().method)?;
    let (name, args) = (&a[1], a.rest);
    if name.as_str().is_none() {
        return Err(vm.type_error("method name must be a string"));
    }
    let name = vm.intern_value(name);
    Ok(vm.opaque(class, Caller { name, args: args.to_vec(), keywords: a.keywords.to_vec() }))
}

fn call_method(vm: &Vm, a: &Args) -> R {
    let (c, obj) = (caller(vm, &a[0])?, operand(vm, a, "methodcaller")?);
    let method = vm.get_attr(obj, &c.name)?;
    if c.keywords.is_empty() { vm.call(&method, &c.args) } else { vm.call_with(&method, &c.args, &c.keywords) }
}

fn repr_method(vm: &Vm, a: &Args) -> R {
    let c = caller(vm, &a[0])?;
    let title = vm.full_class_name(&a[0]);
    let shown = vm.guarded_repr(&a[0], || {
        let mut parts = vec![vm.repr_text(&c.name)?];
        for v in &c.args {
            parts.push(vm.repr_text(v)?);
        }
        for (name, v) in &c.keywords {
            parts.push(format!("{}={}", vm.to_text(name)?, vm.repr_text(v)?));
        }
        Ok(parts.join(", "))
    })?;
    Ok(vm.str(&format!("{title}({})", shown.unwrap_or_else(|| "...".to_owned()))))
}

fn reduce_method(vm: &Vm, a: &Args) -> R {
    let c = caller(vm, &a[0])?;
    let mut args = vec![c.name.clone()];
    let class = vm.class_of(&a[0]).value();
    if c.keywords.is_empty() {
        args.extend(c.args.iter().cloned());
        return Ok(vm.tuple([class, vm.tuple(args)]));
    }
    // Names cannot stand in the arguments: a partial call of the class takes them along.
    let partial = vm.get_attr_text(&vm.import_module("functools")?, "partial")?;
    let maker = vm.call_with(&partial, &[class, c.name.clone()], &c.keywords)?;
    Ok(vm.tuple([maker, vm.tuple(c.args.clone())]))
}
