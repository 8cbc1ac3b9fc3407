//! functools.partial.

use super::Classes;
use aio_vm::object::class::{HAS_DICT, WEAKREFABLE};
use aio_vm::{Args, Payload, R, Slot, TypeTable, Value, Vm, class_method, getter, method, static_method};

static PARTIAL: TypeTable = TypeTable {
    doc: "Create a new function with partial application of the given arguments and keywords.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        method("__call__(self, /, *args, **kwargs)", call, "Call self as a function."),
        method(
            "__get__(self, instance, owner=None, /)",
            get,
            "Return an attribute of instance, which is of type owner.",
        ),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__reduce__(self, /)", reduce, "Describe the object for copying."),
        method("__setstate__(self, state, /)", set_state, "Restore the state."),
        class_method("__class_getitem__(cls, object, /)", subscript, "See PEP 585"),
        getter("func(self)", func, "function object to use in future partial calls"),
        getter("args(self)", args, "tuple of arguments to future partial calls"),
        getter("keywords(self)", keywords, "dictionary of keyword arguments to future partial calls"),
    ],
    next: None,
};

pub(super) fn class(vm: &Vm) -> &Value {
    let class = &vm.state::<Classes>().partial;
    let flags = HAS_DICT | WEAKREFABLE;
    class.get_or_init(|| vm.native_class("functools", "partial", vm.types.object.get(), flags, &PARTIAL))
}

struct Partial {
    func: Slot,
    args: Slot,
    keywords: Slot,
}

impl Payload for Partial {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for slot in [&self.func, &self.args, &self.keywords] {
            visit(&slot.get());
        }
    }

    fn clear(&self) {
        for slot in [&self.func, &self.args, &self.keywords] {
            drop(slot.take());
        }
    }
}

fn partial<'a>(vm: &Vm, v: &'a Value) -> R<&'a Partial> {
    v.payload::<Partial>().ok_or_else(|| vm.type_error("a partial object is required"))
}

fn new(vm: &Vm, a: &Args) -> R {
    let own = class(vm).as_class().unwrap_or(vm.types.object.get());
    let made_of = vm.class_to_make(&a[0], own)?;
    let [func, rest @ ..] = a.rest else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    if !vm.is_callable(func) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let keywords = vm.dict();
    // A partial of a partial becomes one, unless it carries attributes.
    let inner = func.payload::<Partial>().filter(|_| {
        let plain = vm.class_of(func).is_same(own);
        plain && vm.attrs_dict(func).is_none_or(|d| d.as_dict().is_none_or(|d| d.is_empty()))
    });
    let (func, mut args) = match inner {
        Some(p) => {
            if let (Some(d), Some(known)) = (keywords.as_dict(), p.keywords.get().as_dict()) {
                for (name, v) in known.items() {
                    d.set(vm, name, v)?;
                }
            }
            (p.func.get(), p.args.get().as_tuple().map(|t| t.items().to_vec()).unwrap_or_default())
        }
        None => (func.clone(), Vec::new()),
    };
    args.extend(rest.iter().cloned());
    if let Some(d) = keywords.as_dict() {
        for (name, v) in a.keywords {
            d.set(vm, name.clone(), v.clone())?;
        }
    }
    let (func, args, keywords) = (Slot::new(func), Slot::new(vm.tuple(args)), Slot::new(keywords));
    Ok(vm.opaque(made_of, Partial { func, args, keywords }))
}

fn call(vm: &Vm, a: &Args) -> R {
    let p = partial(vm, &a[0])?;
    let (func, args, keywords) = (p.func.get(), p.args.get(), p.keywords.get());
    let first = args.as_tuple().map(|t| t.items()).unwrap_or_default();
    let known = keywords.as_dict().map(|d| d.items()).unwrap_or_default();
    let all: Vec<Value> = first.iter().chain(a.rest).cloned().collect();
    if known.is_empty() {
        return if a.keywords.is_empty() { vm.call(&func, &all) } else { vm.call_with(&func, &all, a.keywords) };
    }
    if known.iter().any(|(name, _)| name.as_str().is_none()) {
        return Err(vm.type_error("keywords must be strings"));
    }
    let mut named = known;
    for (name, v) in a.keywords {
        let same = named.iter_mut().find(|(n, _)| match (n.as_str(), name.as_str()) {
            (Some(x), Some(y)) => x.bytes() == y.bytes(),
            _ => false,
        });
        match same {
            Some(place) => place.1 = v.clone(),
            None => named.push((name.clone(), v.clone())),
        }
    }
    vm.call_with(&func, &all, &named)
}

fn get(vm: &Vm, a: &Args) -> R {
    if a.some(1).is_some() {
        vm.warn(
            vm.types.future_warning.get(),
            "functools.partial will be a method descriptor in future Python versions; wrap it in staticmethod() if you \
             want to preserve the old behavior",
        )?;
    }
    Ok(a[0].clone())
}

fn repr(vm: &Vm, a: &Args) -> R {
    let p = partial(vm, &a[0])?;
    let shown = vm.guarded_repr(&a[0], || {
        let mut parts = Vec::new();
        for v in p.args.get().as_tuple().map(|t| t.items().to_vec()).unwrap_or_default() {
            parts.push(vm.repr_text(&v)?);
        }
        for (name, v) in p.keywords.get().as_dict().map(|d| d.items()).unwrap_or_default() {
            parts.push(format!("{}={}", vm.to_text(&name)?, vm.repr_text(&v)?));
        }
        parts.insert(0, vm.repr_text(&p.func.get())?);
        Ok(parts.join(", "))
    })?;
    let class = vm.class_of(&a[0]).value();
    let own = class.as_class().is_some_and(|c| class_of_module(vm, c));
    let title = if own { "functools.partial".to_owned() } else { qualified(vm, &class)? };
    Ok(vm.str(&match shown {
        Some(inner) => format!("{title}({inner})"),
        None => "...".to_owned(),
    }))
}

fn class_of_module(vm: &Vm, c: &aio_vm::object::ClassObj) -> bool {
    class(vm).as_class().is_some_and(|own| own.is_same(c))
}

/// `MODULE.QUALNAME` of a class of a script.
fn qualified(vm: &Vm, class: &Value) -> R<String> {
    let (module, name) = (vm.get_attr_text(class, "__module__")?, vm.get_attr_text(class, "__qualname__")?);
    Ok(format!("{}.{}", vm.to_text(&module)?, vm.to_text(&name)?))
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let p = partial(vm, &a[0])?;
    let attrs = vm.attrs_dict(&a[0]).filter(|d| d.as_dict().is_some_and(|d| !d.is_empty()));
    let state = vm.tuple([p.func.get(), p.args.get(), p.keywords.get(), attrs.unwrap_or(Value::NONE)]);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), vm.tuple([p.func.get()]), state]))
}

fn set_state(vm: &Vm, a: &Args) -> R {
    let p = partial(vm, &a[0])?;
    let invalid = || vm.type_error("invalid partial state");
    let Some([func, args, keywords, attrs]) = a[1].as_tuple().map(|t| t.items()) else { return Err(invalid()) };
    if !vm.is_callable(func) || args.as_tuple().is_none() || !(keywords.is_none() || keywords.as_dict().is_some()) {
        return Err(invalid());
    }
    let plain_args = vm.class_of(args).is_same(vm.types.tuple.get());
    let args = if plain_args { args.clone() } else { vm.tuple(vm.collect(args)?) };
    let keywords = match keywords.as_dict() {
        None => vm.dict(),
        Some(_) if vm.class_of(keywords).is_same(vm.types.dict.get()) => keywords.clone(),
        Some(d) => d.copy(vm),
    };
    p.func.set(func.clone());
    p.args.set(args);
    p.keywords.set(keywords);
    let attrs = if attrs.is_none() { vm.dict() } else { attrs.clone() };
    if attrs.as_dict().is_none() {
        return Err(invalid());
    }
    vm.set_attrs_dict(&a[0], attrs);
    Ok(Value::NONE)
}

fn subscript(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

fn func(vm: &Vm, a: &Args) -> R {
    Ok(partial(vm, &a[0])?.func.get())
}

fn args(vm: &Vm, a: &Args) -> R {
    Ok(partial(vm, &a[0])?.args.get())
}

fn keywords(vm: &Vm, a: &Args) -> R {
    Ok(partial(vm, &a[0])?.keywords.get())
}
