//! Names: globals with their caches, namespaces of class bodies, imports.

use crate::error::{R, Raised};
use crate::object::coro::CoroObj;
use crate::object::{DictObj, FunctionObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::X0;

fn name(c: &CoroObj, index: u32) -> &Value {
    // SAFETY: the frame's code is alive and verified.
    unsafe { &(&*c.code.get()).names[index as usize] }
}

fn function(c: &CoroObj) -> &FunctionObj {
    // SAFETY: below the registers of every frame lies its function.
    unsafe { &*(*c.registers().sub(1) as *const FunctionObj) }
}

fn text(name: &Value) -> String {
    name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default()
}

#[cold]
pub(crate) fn unbound_local(vm: &Vm, c: &CoroObj, index: u32) -> R<()> {
    let n = name(c, index);
    if n.is(&vm.names.__class__) {
        // The cell is the class's, whose comprehensions only borrow it.
        return unbound_free(vm, c, index);
    }
    let message = format!("cannot access local variable '{}' where it is not associated with a value", text(n));
    let e = vm.error(vm.types.unbound_local_error.get(), &message);
    if let Some(x) = e.0.as_exception() {
        x.set_field(0, n.clone());
    }
    Err(e)
}

#[cold]
pub(crate) fn unbound_free(vm: &Vm, c: &CoroObj, index: u32) -> R<()> {
    let n = name(c, index);
    let message =
        format!("cannot access free variable '{}' where it is not associated with a value in enclosing scope", text(n));
    let e = vm.error(vm.types.name_error.get(), &message);
    if let Some(x) = e.0.as_exception() {
        x.set_field(0, n.clone());
    }
    Err(e)
}

/// A name of the module, else of the builtins; fills the cache.
pub(crate) fn load_global(vm: &Vm, c: &CoroObj, w: Word, cache: *mut u64) -> R {
    let n = name(c, w.bx());
    if n.is(&vm.names.__builtins__) {
        vm.builtins();
    }
    let globals = &function(c).globals;
    let Some(g) = globals.as_dict() else { return Err(vm.name_error(n)) };
    if let Some(at) = g.position(vm, n) {
        // SAFETY: the cache words belong to the instruction.
        unsafe {
            *cache = g.version(vm) as u64 | (at as u64) << 32;
            *cache.add(1) = 0;
        }
        return Ok(g.value_at(at).cloned().unwrap_or_default());
    }
    let own = builtins_of(vm, g);
    if let Some(b) = own.as_dict() {
        if let Some(at) = b.position(vm, n) {
            if own.is(vm.builtins.peek()) {
                // SAFETY: as above.
                unsafe {
                    *cache = g.version(vm) as u64 | (at as u64) << 32;
                    *cache.add(1) = b.version(vm) as u64;
                }
            }
            return Ok(b.value_at(at).cloned().unwrap_or_default());
        }
        if own.is(vm.builtins.peek())
            && let Some(v) = vm.builtin_named(n)
        {
            return Ok(v);
        }
    } else if !own.is_undef()
        && let Ok(v) = vm.get_item(&own, n)
    {
        return Ok(v);
    }
    Err(vm.name_error(n))
}

/// The builtins that a module's dict names, or the machine's.
fn builtins_of(vm: &Vm, globals: &DictObj) -> Value {
    match globals.get_name(vm, &vm.names.__builtins__) {
        Some(b) => match b.as_module() {
            Some(m) => m.dict.get(),
            None => b,
        },
        None => vm.builtins.get(),
    }
}

/// A function that a statement calls, from the builtins of a module.
fn hidden_builtin(vm: &Vm, globals: &Value, name: &Value) -> Option<Value> {
    let own = globals.as_dict().map_or_else(|| vm.builtins.get(), |g| builtins_of(vm, g));
    if own.is(vm.builtins.peek()) { vm.builtin_named(name) } else { own.as_dict()?.get_name(vm, name) }
}

pub(crate) fn store_global(vm: &Vm, c: &CoroObj, w: Word, v: Value, cache: *mut u64) {
    let n = name(c, w.bx());
    let globals = function(c).globals.clone();
    let Some(g) = globals.as_dict() else { return };
    let old = g.set_name(vm, n, v);
    if let Some(at) = g.position(vm, n) {
        // SAFETY: the cache word belongs to the instruction.
        unsafe { *cache = g.version(vm) as u64 | (at as u64) << 32 };
    }
    drop(old);
}

pub(crate) fn unset_global(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let n = name(c, w.bx());
    let globals = function(c).globals.clone();
    match globals.as_dict().and_then(|g| g.remove_name(vm, n)) {
        Some(_) => Ok(()),
        None => Err(vm.name_error(n)),
    }
}

/// A name of a mapping; `None` if it is not there.
fn in_namespace(vm: &Vm, ns: &Value, n: &Value) -> R<Option<Value>> {
    if let Some(d) = ns.as_dict()
        && !d.header.class().is(crate::object::class::HEAP)
    {
        return Ok(d.get_name(vm, n));
    }
    match vm.get_item(ns, n) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(vm.types.key_error.get()) => Ok(None),
        Err(e) => Err(e),
    }
}

pub(crate) fn load_name(vm: &Vm, c: &CoroObj, index: u32) -> R {
    let n = name(c, index).clone();
    let ns = (*c.view(0)).clone();
    if let Some(v) = in_namespace(vm, &ns, &n)? {
        return Ok(v);
    }
    let globals = function(c).globals.clone();
    let Some(g) = globals.as_dict() else { return Err(vm.name_error(&n)) };
    if let Some(v) = g.get_name(vm, &n) {
        return Ok(v);
    }
    let own = builtins_of(vm, g);
    let found = if own.is(vm.builtins.peek()) { vm.builtin_named(&n) } else { in_namespace(vm, &own, &n)? };
    found.ok_or_else(|| vm.name_error(&n))
}

pub(crate) fn load_name_free(vm: &Vm, c: &CoroObj, w: Word) -> R {
    let n = name(c, w.c() as u32).clone();
    let ns = (*c.view(0)).clone();
    if let Some(v) = in_namespace(vm, &ns, &n)? {
        return Ok(v);
    }
    let cell = function(c).closure[w.b() as usize].clone();
    match cell.as_cell().and_then(|x| x.content.defined()) {
        Some(v) => Ok(v),
        None => {
            unbound_free(vm, c, w.c() as u32)?;
            Ok(Value::NONE)
        }
    }
}

pub(crate) fn store_name(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let v = c.src_a(w).into_value();
    let n = name(c, w.bx());
    let ns = (*c.view(0)).clone();
    if let Some(d) = ns.as_dict()
        && !d.header.class().is(crate::object::class::HEAP)
    {
        drop(d.set_name(vm, n, v));
        return Ok(());
    }
    vm.set_item(&ns, n, v)
}

pub(crate) fn unset_name(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let n = name(c, w.bx());
    let ns = (*c.view(0)).clone();
    match vm.del_item(&ns, n) {
        Err(e) if e.is(vm.types.key_error.get()) => Err(vm.name_error(n)),
        other => other,
    }
}

pub(crate) fn build_class(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let g = function(c).globals.clone();
    let f = match hidden_builtin(vm, &g, &vm.names.__build_class__) {
        Some(f) => f,
        None => return Err(vm.error(vm.types.name_error.get(), "__build_class__ not found")),
    };
    c.dst(w, f);
    Ok(())
}

pub(crate) fn setup_annotations(vm: &Vm, c: &CoroObj, namespace: bool) -> R<()> {
    let ns = if namespace { (*c.view(0)).clone() } else { function(c).globals.clone() };
    let n = &vm.names.__annotations__;
    if in_namespace(vm, &ns, n)?.is_none() {
        vm.set_item(&ns, n, vm.dict())?;
    }
    Ok(())
}

pub(crate) fn import(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let (level, names) = (c.take(a), c.take(a + 1));
    let n = name(c, w.bx()).clone();
    let globals = function(c).globals.clone();
    let Some(f) = hidden_builtin(vm, &globals, &vm.names.__import__) else {
        return Err(vm.import_error("__import__ not found"));
    };
    let m = vm.call(&f, &[n, globals, Value::NONE, names, level])?;
    c.put(a, m);
    Ok(())
}

pub(crate) fn import_from(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let module = (*c.view(w.b() as usize)).clone();
    let n = name(c, w.c() as u32).clone();
    let v = match vm.look_attr(&module, &n)? {
        Some(v) => v,
        None => submodule(vm, &module, &n)?,
    };
    c.dst(w, v);
    Ok(())
}

/// A submodule that is loaded but not (yet) an attribute of its package.
fn submodule(vm: &Vm, module: &Value, n: &Value) -> R {
    let of = vm.look_attr(module, &vm.names.__name__)?.unwrap_or(Value::NONE);
    let full = match of.as_str() {
        Some(s) => vm.intern(&format!("{}.{}", s.to_text(), text(n))),
        None => Value::NONE,
    };
    let modules = vm.modules.get();
    if let Some(v) = modules.as_dict().and_then(|d| d.get_name(vm, &full)) {
        return Ok(v);
    }
    Err(cannot_import(vm, module, &of, n))
}

#[cold]
fn cannot_import(vm: &Vm, module: &Value, of: &Value, n: &Value) -> Raised {
    let file = vm.look_attr(module, &vm.names.__file__).ok().flatten();
    let place = match file.as_ref().and_then(Value::as_str) {
        Some(f) => f.to_text().into_owned(),
        None => "unknown location".to_owned(),
    };
    let spec = vm.look_attr(module, &vm.names.__spec__).ok().flatten().unwrap_or(Value::NONE);
    let flag = vm.look_attr(&spec, &vm.intern("_initializing")).ok().flatten();
    let initializing = flag.is_some_and(|v| v.is_true());
    let of_text = match of.as_str() {
        Some(s) => s.to_text().into_owned(),
        None => "<unknown module name>".to_owned(),
    };
    let message = if initializing {
        format!(
            "cannot import name '{}' from partially initialized module '{of_text}' (most likely due to a circular import) ({place})",
            text(n)
        )
    } else {
        format!("cannot import name '{}' from '{of_text}' ({place})", text(n))
    };
    let e = vm.import_error(message);
    let fields = [("name", of.clone()), ("path", file.unwrap_or(Value::NONE)), ("name_from", n.clone())];
    for (field, v) in fields {
        // These attributes of ImportError can always be set.
        let _ = vm.set_attr(&e.0, &vm.intern(field), Some(v));
    }
    e
}

pub(crate) fn import_star(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let module = c.src_a(w).into_value();
    let target = if w.flags() & X0 != 0 { (*c.view(0)).clone() } else { function(c).globals.clone() };
    let listed = vm.look_attr(&module, &vm.names.__all__)?;
    let names = match &listed {
        Some(all) => vm.collect(all)?,
        None => {
            let dict = vm.get_attr(&module, &vm.names.__dict__)?;
            vm.collect(&dict)?
        }
    };
    for n in names {
        let Some(s) = n.as_str() else {
            let of = vm.look_attr(&module, &vm.names.__name__)?.unwrap_or_default();
            let of = vm.to_text(&of)?;
            let what = vm.type_name(&n);
            let place = if listed.is_some() { "Item in" } else { "Key in" };
            let holder = if listed.is_some() { "__all__" } else { "__dict__" };
            return Err(vm.type_error(format!("{place} {of}.{holder} must be str, not {what}")));
        };
        if listed.is_none() && s.bytes().starts_with(b"_") {
            continue;
        }
        let n = vm.intern_value(&n);
        let v = vm.get_attr(&module, &n)?;
        vm.set_item(&target, &n, v)?;
    }
    Ok(())
}
