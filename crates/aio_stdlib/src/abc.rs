//! `_abc`: what abstract base classes keep for each class, and the checks with their caches.

use aio_vm::object::class::{HEAP, MAPPING, SEQUENCE};
use aio_vm::{Args, Def, ModuleDef, Payload, R, TypeTable, Value, Vm, function};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

static FUNCTIONS: &[Def] = &[
    function("get_cache_token()", cache_token, "Return the current ABC cache token."),
    function("_abc_init(self, /)", init, "Set up the state of an abstract base class."),
    function("_abc_register(self, subclass, /)", register, "Register a virtual subclass."),
    function("_abc_instancecheck(self, instance, /)", instance_check, "Whether an object is an instance."),
    function("_abc_subclasscheck(self, subclass, /)", subclass_check, "Whether a class is a subclass."),
    function("_reset_registry(self, /)", reset_registry, "Forget the registered classes."),
    function("_reset_caches(self, /)", reset_caches, "Forget the known answers."),
    function("_get_dump(self, /)", dump, "Registry, known subclasses, known others, and the version of the latter."),
];

static MODULE: ModuleDef = ModuleDef { name: "_abc", init: fill };
static DATA: TypeTable = TypeTable { doc: "Internal state held by ABC machinery.", rows: &[], next: None };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

/// Classes, held weakly: by identity, and the reference that tells whether it still is that class.
#[derive(Default)]
struct WeakClasses(RefCell<HashMap<u64, Value>>);

impl WeakClasses {
    fn has(&self, class: &Value) -> bool {
        let known = self.0.borrow().get(&class.identity()).cloned();
        known.and_then(|r| r.as_weakref().and_then(|w| w.target())).is_some_and(|t| t.is(class))
    }

    fn add(&self, vm: &Vm, class: &Value) -> R<()> {
        let reference = vm.new_weakref(class, None)?;
        let old = self.0.borrow_mut().insert(class.identity(), reference);
        drop(old);
        Ok(())
    }

    fn clear(&self) {
        let old = self.0.take();
        drop(old);
    }

    fn references(&self) -> Vec<Value> {
        self.0.borrow().values().cloned().collect()
    }

    fn alive(&self) -> Vec<Value> {
        self.references().iter().filter_map(|r| r.as_weakref().and_then(|w| w.target())).collect()
    }
}

/// What a class of ABCMeta has in `_abc_impl`.
#[derive(Default)]
struct Data {
    registry: WeakClasses,
    known: WeakClasses,
    others: WeakClasses,
    /// The token at which `others` was true.
    version: Cell<u64>,
}

impl Payload for Data {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for set in [&self.registry, &self.known, &self.others] {
            set.0.borrow().values().for_each(&mut *visit);
        }
    }

    fn clear(&self) {
        for set in [&self.registry, &self.known, &self.others] {
            set.clear();
        }
    }
}

/// The counter of registrations and the class of the state objects.
#[derive(Default)]
struct State {
    token: Cell<u64>,
    class: OnceCell<Value>,
}

fn own_data(vm: &Vm, class: &Value) -> R {
    let own = class.as_class().and_then(|c| c.dict().as_dict().and_then(|d| d.get_text(vm, "_abc_impl")));
    match own {
        Some(v) if v.payload::<Data>().is_some() => Ok(v),
        _ => vm.get_attr_text(class, "_abc_impl"),
    }
}

fn data<'a>(vm: &Vm, held: &'a Value) -> R<&'a Data> {
    held.payload::<Data>().ok_or_else(|| vm.type_error("_abc_impl is set to a wrong type"))
}

fn cache_token(vm: &Vm, _a: &Args) -> R {
    Ok(vm.uint(vm.state::<State>().token.get()))
}

fn is_abstract(vm: &Vm, v: &Value) -> R<bool> {
    match vm.look_attr(v, &vm.intern("__isabstractmethod__"))? {
        Some(flag) => vm.truth(&flag),
        None => Ok(false),
    }
}

fn init(vm: &Vm, a: &Args) -> R {
    let class = &a[0];
    let found = vm.frozenset();
    let Some(names) = found.as_set() else { return Ok(Value::NONE) };
    let (dict, bases) = match class.as_class() {
        Some(c) => (c.dict(), c.bases.get()),
        None => return Err(vm.type_error("_abc_init() needs a class")),
    };
    for (name, v) in dict.as_dict().map(|d| d.items()).unwrap_or_default() {
        if is_abstract(vm, &v)? {
            names.add(vm, name)?;
        }
    }
    for base in bases.as_tuple().map(|t| t.items()).unwrap_or_default() {
        let Some(inherited) = vm.look_attr(base, &vm.names.__abstractmethods__)? else { continue };
        for name in vm.collect(&inherited)? {
            if let Some(v) = vm.look_attr(class, &name)?
                && is_abstract(vm, &v)?
            {
                names.add(vm, name)?;
            }
        }
    }
    vm.set_attr(class, &vm.names.__abstractmethods__, Some(found.clone()))?;
    let state = vm.state::<State>();
    let kind = state.class.get_or_init(|| vm.native_class("_abc", "_abc_data", vm.types.object.get(), 0, &DATA));
    let fresh = Data::default();
    fresh.version.set(state.token.get());
    if let Some(kind) = kind.as_class() {
        vm.set_attr(class, &vm.intern("_abc_impl"), Some(vm.opaque(kind, fresh)))?;
    }
    take_pattern_flags(vm, class)?;
    Ok(Value::NONE)
}

/// `__abc_tpflags__` in a class body says that patterns take its instances for sequences or mappings.
fn take_pattern_flags(vm: &Vm, class: &Value) -> R<()> {
    let name = vm.intern("__abc_tpflags__");
    let Some(c) = class.as_class() else { return Ok(()) };
    let Some(flags) = c.dict().as_dict().and_then(|d| d.get_name(vm, &name)) else { return Ok(()) };
    // The bits are those that `type.__flags__` shows for the two.
    match flags.as_i64().unwrap_or(0) >> 5 & 3 {
        1 => c.set_flag(SEQUENCE, true),
        2 => c.set_flag(MAPPING, true),
        3 => return Err(vm.type_error("__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING")),
        _ => {}
    }
    vm.set_attr(class, &name, None)
}

fn register(vm: &Vm, a: &Args) -> R {
    let (class, subclass) = (&a[0], &a[1]);
    let Some(sub) = subclass.as_class() else { return Err(vm.type_error("Can only register classes")) };
    if vm.is_subclass(subclass, class)? {
        return Ok(subclass.clone());
    }
    if vm.is_subclass(class, subclass)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    let held = own_data(vm, class)?;
    data(vm, &held)?.registry.add(vm, subclass)?;
    let token = &vm.state::<State>().token;
    token.set(token.get() + 1);
    if let Some(c) = class.as_class() {
        for flag in [SEQUENCE, MAPPING] {
            if c.is(flag) {
                spread(sub, flag);
            }
        }
    }
    Ok(subclass.clone())
}

/// Gives a class and those below it a flag of patterns, unless they have one.
fn spread(class: &aio_vm::object::ClassObj, flag: u32) {
    // Built-in classes are what they are: patterns do not take text for a sequence.
    if !class.is(HEAP) || class.is(SEQUENCE) || class.is(MAPPING) {
        return;
    }
    class.set_flag(flag, true);
    for sub in class.subclasses() {
        if let Some(c) = sub.as_class() {
            spread(c, flag);
        }
    }
}

fn instance_check(vm: &Vm, a: &Args) -> R {
    let (class, instance) = (&a[0], &a[1]);
    let held = own_data(vm, class)?;
    let d = data(vm, &held)?;
    let claimed = vm.get_attr(instance, &vm.names.__class__)?;
    if d.known.has(&claimed) {
        return Ok(Value::TRUE);
    }
    let actual = vm.class_of(instance).value();
    let check = |c: &Value| vm.call_method(class, "__subclasscheck__", std::slice::from_ref(c));
    if actual.is(&claimed) {
        if d.version.get() == vm.state::<State>().token.get() && d.others.has(&claimed) {
            return Ok(Value::FALSE);
        }
        return check(&claimed);
    }
    let first = check(&claimed)?;
    if vm.truth(&first)? { Ok(first) } else { check(&actual) }
}

fn subclass_check(vm: &Vm, a: &Args) -> R {
    let (class, subclass) = (&a[0], &a[1]);
    if subclass.as_class().is_none() {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    }
    let held = own_data(vm, class)?;
    let d = data(vm, &held)?;
    if d.known.has(subclass) {
        return Ok(Value::TRUE);
    }
    let token = vm.state::<State>().token.get();
    if d.version.get() < token {
        d.others.clear();
        d.version.set(token);
    } else if d.others.has(subclass) {
        return Ok(Value::FALSE);
    }
    let answer = is_below(vm, class, subclass, d)?;
    (if answer { &d.known } else { &d.others }).add(vm, subclass)?;
    Ok(Value::bool(answer))
}

fn is_below(vm: &Vm, class: &Value, subclass: &Value, d: &Data) -> R<bool> {
    let answer = vm.call_method(class, "__subclasshook__", std::slice::from_ref(subclass))?;
    if !answer.is_not_implemented() {
        return match answer.as_bool() {
            Some(known) => Ok(known),
            None => Err(vm.error(
                vm.types.assertion_error.get(),
                "__subclasshook__ must return either False, True, or NotImplemented",
            )),
        };
    }
    if let (Some(c), Some(s)) = (class.as_class(), subclass.as_class())
        && s.derives(c)
    {
        return Ok(true);
    }
    for registered in d.registry.alive() {
        if vm.is_subclass(subclass, &registered)? {
            return Ok(true);
        }
    }
    let below = vm.call_method(class, "__subclasses__", &[])?;
    if below.as_list().is_none() {
        return Err(vm.type_error("__subclasses__() must return a list"));
    }
    for sub in vm.collect(&below)? {
        if vm.is_subclass(subclass, &sub)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn reset_registry(vm: &Vm, a: &Args) -> R {
    let held = own_data(vm, &a[0])?;
    data(vm, &held)?.registry.clear();
    Ok(Value::NONE)
}

fn reset_caches(vm: &Vm, a: &Args) -> R {
    let held = own_data(vm, &a[0])?;
    let d = data(vm, &held)?;
    d.known.clear();
    d.others.clear();
    Ok(Value::NONE)
}

fn dump(vm: &Vm, a: &Args) -> R {
    let held = own_data(vm, &a[0])?;
    let d = data(vm, &held)?;
    let set = |classes: &WeakClasses| -> R {
        let set = vm.set();
        if let Some(s) = set.as_set() {
            for r in classes.references() {
                s.add(vm, r)?;
            }
        }
        Ok(set)
    };
    let parts = [set(&d.registry)?, set(&d.known)?, set(&d.others)?, vm.uint(d.version.get())];
    Ok(vm.tuple(parts))
}
