//! Weak references, and the module `_weakref`.

pub(crate) mod proxy;

use crate::error::R;
use crate::native::{Args, Def, TypeTable, class_method, function, method, property, static_method};
use crate::object::WeakrefObj;
use crate::object::class::{HEAP, WEAKREFABLE};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::{ModuleDef, Vm};

use crate::builtins::object::{readonly, text_of};

pub(crate) static REFERENCE: TypeTable = TypeTable {
    doc: "A reference that does not keep its target alive.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a weak reference."),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__call__(self, /, *args, **kwargs)", call, "Return the target, or None."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        class_method("__class_getitem__(cls, item, /)", class_getitem, "Return a generic alias."),
        property("__callback__(self)", callback, readonly, "what is called when the target ends"),
    ],
    next: None,
};

static FUNCTIONS: &[Def] = &[
    function(
        "proxy(object, callback=None, /)",
        make_proxy,
        "Create an object that stands for another without keeping it alive.",
    ),
    function("getweakrefcount(object, /)", count, "Return the number of weak references to an object."),
    function("getweakrefs(object, /)", all, "Return the weak references to an object."),
];

pub(crate) static MODULE: ModuleDef = ModuleDef { name: "_weakref", init: fill_module };

/// Classes that are not in the table of types.
#[derive(Default)]
struct WeakState {
    callable_proxy: WeakSlot,
}

#[derive(Default)]
struct WeakSlot(Slot);

fn fill_module(vm: &Vm, module: &Value) -> R<()> {
    let dict = module.as_module().map(|m| m.dict.get()).unwrap_or_default();
    let Some(d) = dict.as_dict() else { return Ok(()) };
    for def in FUNCTIONS {
        d.set_text(vm, def.name(), vm.native(def, module.clone()));
    }
    let t = &vm.types;
    d.set_text(vm, "ref", t.weakref.value());
    d.set_text(vm, "ReferenceType", t.weakref.value());
    d.set_text(vm, "ProxyType", t.weakproxy.value());
    d.set_text(vm, "CallableProxyType", vm.callable_proxy_class());
    Ok(())
}

impl Vm {
    /// The class of proxies of callable objects.
    fn callable_proxy_class(&self) -> Value {
        let slot = &self.state::<WeakState>().callable_proxy.0;
        if slot.is_empty() {
            slot.set(proxy::callable_class(self));
        }
        slot.get()
    }

    /// `weakref.ref(target, callback)`: references without callback are shared.
    pub fn new_weakref(&self, target: &Value, callback: Option<&Value>) -> R {
        let class = self.types.weakref.value();
        match class.as_class() {
            Some(c) => self.reference(c, target, callback),
            None => Ok(Value::NONE),
        }
    }

    fn reference(&self, class: &crate::object::ClassObj, target: &Value, callback: Option<&Value>) -> R {
        if !self.class_of(target).is(WEAKREFABLE) {
            let what = self.type_name(target);
            return Err(self.type_error(format!("cannot create weak reference to '{what}' object")));
        }
        let callback = callback.filter(|c| !c.is_none());
        if callback.is_none() && !class.is(HEAP) {
            let same =
                |r: &&Value| self.class_of(r).is_same(class) && r.as_weakref().is_some_and(|w| w.callback.is_empty());
            if let Some(known) = self.weakrefs_of(target).iter().find(same) {
                return Ok(known.clone());
            }
        }
        self.weakref(class, target, callback.cloned().unwrap_or_default()).ok_or_else(|| {
            let what = self.type_name(target);
            self.type_error(format!("cannot create weak reference to '{what}' object"))
        })
    }
}

/// Target and callback among the arguments of the constructor.
fn arguments<'a>(vm: &Vm, a: &Args<'a>) -> R<(&'a Value, Option<&'a Value>)> {
    match a.rest {
        [] => Err(vm.type_error("__new__ expected at least 1 argument, got 0")),
        [target] => Ok((target, None)),
        [target, callback] => Ok((target, Some(callback))),
        many => Err(vm.type_error(format!("__new__ expected at most 2 arguments, got {}", many.len()))),
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.weakref.get())?;
    let (target, callback) = arguments(vm, a)?;
    vm.reference(class, target, callback)
}

fn init(vm: &Vm, a: &Args) -> R {
    if !a.keywords.is_empty() {
        return Err(vm.type_error("ref() takes no keyword arguments"));
    }
    arguments(vm, a)?;
    Ok(Value::NONE)
}

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a WeakrefObj> {
    v.as_weakref().ok_or_else(|| vm.type_error(format!("a weak reference is required, not '{}'", vm.type_name(v))))
}

fn call(vm: &Vm, a: &Args) -> R {
    if !a.keywords.is_empty() {
        return Err(vm.type_error("weakref() takes no keyword arguments"));
    }
    if !a.rest.is_empty() {
        return Err(vm.type_error(format!("weakref expected 0 arguments, got {}", a.rest.len())));
    }
    Ok(this(vm, &a[0])?.target().unwrap_or(Value::NONE))
}

/// `<NAME at ADDRESS; to 'CLASS' at ADDRESS>`.
fn describe(vm: &Vm, v: &Value, name: &str) -> R {
    let at = vm.id_of(v);
    let Some(target) = this(vm, v)?.target() else { return Ok(vm.str(&format!("<{name} at {at:#x}; dead>"))) };
    let (class, to) = (vm.full_class_name(&target), vm.id_of(&target));
    let own = vm.look_attr(&target, &vm.names.__name__).ok().flatten().filter(|n| n.as_str().is_some());
    Ok(vm.str(&match own {
        Some(n) => format!("<{name} at {at:#x}; to '{class}' at {to:#x} ({})>", text_of(&n)),
        None => format!("<{name} at {at:#x}; to '{class}' at {to:#x}>"),
    }))
}

fn repr(vm: &Vm, a: &Args) -> R {
    describe(vm, &a[0], "weakref")
}

fn eq(vm: &Vm, a: &Args) -> R {
    let reference = vm.types.weakref.get();
    if !vm.class_of(&a[0]).derives(reference) || !vm.class_of(&a[1]).derives(reference) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (this(vm, &a[0])?.target(), this(vm, &a[1])?.target()) {
        (Some(x), Some(y)) => vm.rich_compare(crate::protocol::compare::Compare::Eq, &x, &y),
        _ => Ok(Value::bool(a[0].is(&a[1]))),
    }
}

fn hash(vm: &Vm, a: &Args) -> R {
    let w = this(vm, &a[0])?;
    if let Some(h) = w.hash.get() {
        return Ok(vm.int(h));
    }
    let Some(target) = w.target() else { return Err(vm.type_error("weak object has gone away")) };
    let h = vm.hash(&target)?;
    w.hash.set(Some(h));
    Ok(vm.int(h))
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

fn callback(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.callback.defined().unwrap_or(Value::NONE))
}

fn make_proxy(vm: &Vm, a: &Args) -> R {
    let callable = vm.is_callable(&a[0]);
    let class = if callable { vm.callable_proxy_class() } else { vm.types.weakproxy.value() };
    match class.as_class() {
        Some(c) => vm.reference(c, &a[0], a.get(1)),
        None => Ok(Value::NONE),
    }
}

fn count(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.weakrefs_of(&a[0]).len() as i64))
}

fn all(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(vm.weakrefs_of(&a[0])))
}
