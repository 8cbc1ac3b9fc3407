//! Calls that do not take the direct path: binding, coroutines, classes, bound methods, everything callable.

use crate::builtins::sequence;
use crate::error::R;
use crate::interp::arguments::{enter_by_plan, enter_spread};
use crate::interp::{FRAME_INIT, Next, build};
use crate::object::class::{HEAP, NO_NEW};
use crate::object::coro::CoroObj;
use crate::object::header::Kind;
use crate::object::{CodeObj, FunctionObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{X0, X1};
use smallvec::SmallVec;

/// Words of GetAwait and Await, which a fused call skips.
pub(super) const AWAIT_WORDS: usize = 2;

/// Calls r[a] with the `n` arguments behind it; `names` (a tuple) are those of the last ones.
pub(crate) fn call(vm: &Vm, c: &CoroObj, a: usize, n: usize, names: Option<&Value>, awaited: bool) -> R<Next> {
    let names_slice = names.and_then(Value::as_tuple).map_or(&[][..], |t| t.items());
    let f = c.view(a);
    match f.kind() {
        Some(Kind::Function) => {
            if let Some(function) = f.as_function() {
                let shortcut = names.is_none() && awaited && take_shortcut(vm, c, a, n, function)?;
                if shortcut
                    || names.is_none() && enter_in_place(vm, c, a, n, function, awaited)
                    || enter_by_plan(vm, c, a, n, function, names_slice, awaited)
                {
                    return Ok(Next::Reload);
                }
            }
            let args: SmallVec<[Value; 8]> = (a + 1..a + 1 + n).map(|i| c.take(i)).collect();
            let f = c.take(a);
            enter_function(vm, c, a, f, args, names_slice, awaited, 0)
        }
        Some(Kind::BoundMethod) => {
            let method = c.take(a);
            let Some(m) = method.as_bound_method() else { return Ok(Next::Continue) };
            let mut args: SmallVec<[Value; 8]> = SmallVec::with_capacity(n + 1);
            args.push(m.receiver.clone());
            args.extend((a + 1..a + 1 + n).map(|i| c.take(i)));
            let f = m.function.clone();
            if f.as_function().is_some() {
                drop(method);
                return enter_function(vm, c, a, f, args, names_slice, awaited, 0);
            }
            let v = vm.call_keywords(&f, &args, names_slice)?;
            c.put(a, v);
            Ok(Next::Continue)
        }
        Some(Kind::Class) => {
            let class_value = c.take(a);
            let args: SmallVec<[Value; 8]> = (a + 1..a + 1 + n).map(|i| c.take(i)).collect();
            let Some(class) = class_value.as_class() else { return Ok(Next::Continue) };
            class.version();
            if !class.is(NO_NEW)
                && vm.class_of(&class_value).is_same(vm.types.type_.get())
                && let Some(init) = class.lookup(vm, &vm.names.__init__)
                && init.as_function().is_some_and(|f| !f.code().suspends)
            {
                let instance = vm.new_instance(class, &args, names_slice, true)?;
                if !vm.class_of(&instance).is_same(class) {
                    let v = vm.initialise(class, instance, &args, names_slice)?;
                    c.put(a, v);
                    return Ok(Next::Continue);
                }
                let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.len() + 1);
                all.push(instance.clone());
                all.extend(args);
                return enter_function(vm, c, a, init, all, names_slice, false, instance.into_bits());
            }
            let v = vm.call_class(&class_value, &args, names_slice)?;
            c.put(a, v);
            Ok(Next::Continue)
        }
        _ => {
            let f = c.take(a);
            let args: SmallVec<[Value; 8]> = (a + 1..a + 1 + n).map(|i| c.take(i)).collect();
            let v = vm.call_keywords(&f, &args, names_slice)?;
            c.put(a, v);
            Ok(Next::Continue)
        }
    }
}

/// Has the work of an awaited coroutine function done without a frame, if it need not wait. False if that is not
/// possible; then nothing has changed.
fn take_shortcut(vm: &Vm, c: &CoroObj, a: usize, n: usize, function: &FunctionObj) -> R<bool> {
    let Some(shortcut) = function.code().shortcut.get() else { return Ok(false) };
    // SAFETY: the arguments are live values side by side, and the window is not touched meanwhile.
    let arguments = unsafe { std::slice::from_raw_parts(c.registers().add(a + 1) as *const Value, n) };
    let Some(v) = shortcut(vm, arguments)? else { return Ok(false) };
    for i in 0..n {
        drop(c.take(a + 1 + i));
    }
    let f = c.take(a);
    c.put(a, v);
    // SAFETY: a call with X1 is followed by its GetAwait and Await.
    c.ip.set(unsafe { c.ip.get().add(AWAIT_WORDS) });
    drop(f);
    Ok(true)
}

/// Begins the frame of a function whose arguments lie where its parameters will be, and fills in defaults. False if the
/// call is not of this kind; then nothing has changed.
fn enter_in_place(vm: &Vm, c: &CoroObj, a: usize, n: usize, function: &FunctionObj, awaited: bool) -> bool {
    let code = function.code();
    let parameters = code.fillable.get() as usize;
    if code.fillable.get() == u32::MAX || n > parameters || code.suspends && !(awaited && code.coroutine) {
        return false;
    }
    let defaults = function.defaults.peek().as_tuple().map_or(&[][..], |t| t.items());
    let Some(unused) = defaults.len().checked_sub(parameters - n) else { return false };
    begin_frame(vm, c, a, code, n, |r| {
        for (i, v) in defaults[unused..].iter().enumerate() {
            // SAFETY: `begin_frame` has made room for the registers.
            unsafe { *r.add(n + i) = v.clone().into_bits() };
        }
        parameters
    })
}

/// Begins a frame whose window starts at register `a`. `fill` gets its registers, in the first of which `n` arguments may
/// lie, puts the arguments in order and says how many parameters there are. False at the recursion limit; then nothing has
/// changed.
pub(super) fn begin_frame(
    vm: &Vm,
    c: &CoroObj,
    a: usize,
    code: &CodeObj,
    n: usize,
    fill: impl FnOnce(*mut u64) -> usize,
) -> bool {
    if c.depth.get() + c.frames.get() >= vm.recursion_limit.get() {
        return false;
    }
    let base = c.base.get() as usize + a + 1;
    c.ensure(vm, base, n.max(code.registers as usize));
    let mut ip = c.ip.get();
    if code.suspends {
        // SAFETY: a call with X1 is followed by its GetAwait and Await.
        ip = unsafe { ip.add(AWAIT_WORDS) };
    }
    // SAFETY: `ensure` made room for the registers; the function stays below them and keeps code and defaults alive.
    unsafe {
        let r = c.mem.get().add(base);
        for i in fill(r)..code.locals as usize {
            *r.add(i) = Value::UNDEF.into_bits();
        }
    }
    // Only now: a frame is whole, whoever looks at it.
    c.push_frame(ip, base as u32, code, 0, 0);
    true
}

/// Binds the arguments and begins a frame whose window starts at register `a`; a suspending function only makes its
/// coroutine, unless the call is awaited at once. `instance` (owned bits, or 0) is the result of an `__init__`.
#[allow(clippy::too_many_arguments, reason = "one place for all the ways into a frame")]
fn enter_function(
    vm: &Vm,
    c: &CoroObj,
    a: usize,
    f: Value,
    args: SmallVec<[Value; 8]>,
    names: &[Value],
    awaited: bool,
    instance: u64,
) -> R<Next> {
    let bits = f.bits();
    // SAFETY: `f` is a function and is kept alive by the frame.
    let function: &FunctionObj = unsafe { &*(bits as *const FunctionObj) };
    let code: *const CodeObj = function.code();
    // SAFETY: as above.
    let k = unsafe { &*code };
    let instance_guard = if instance != 0 {
        // SAFETY: the bits are owned by this call.
        Some(unsafe { Value::from_owned_bits(instance) })
    } else {
        None
    };
    let mut slots = if k.direct.get() as usize == args.len() && names.is_empty() {
        args
    } else {
        vm.bind_arguments(function, args, names)?
    };
    if k.suspends && !(awaited && k.coroutine) {
        let v = vm.make_coro(f, &mut slots);
        c.put(a, v);
        return Ok(Next::Continue);
    }
    if c.depth.get() + c.frames.get() >= vm.recursion_limit.get() {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    let base = c.base.get() as usize + a + 1;
    c.ensure(vm, base, k.registers as usize);
    let mut ip = c.ip.get();
    if awaited && k.suspends {
        // SAFETY: a call with X1 is followed by its GetAwait and Await.
        ip = unsafe { ip.add(AWAIT_WORDS) };
    }
    let (flags, extra) = match instance_guard {
        Some(v) => (FRAME_INIT, v.into_bits()),
        None => (0, 0),
    };
    c.push_frame(ip, base as u32, code, flags, extra);
    let locals = k.locals as usize;
    // SAFETY: `ensure` made room for the registers and the function below them.
    unsafe {
        let r = c.registers();
        *r.sub(1) = f.into_bits();
        let mut n = 0;
        for v in slots {
            *r.add(n) = v.into_bits();
            n += 1;
        }
        while n < locals {
            *r.add(n) = Value::UNDEF.into_bits();
            n += 1;
        }
    }
    Ok(Next::Reload)
}

/// Built-in classes that look at the names of arguments before anything else.
const CHECKS_NAMES: &[&str] = &[
    "AttributeError",
    "ImportError",
    "NameError",
    "bool",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "int",
    "list",
    "map",
    "range",
    "reversed",
    "set",
    "str",
    "super",
    "tuple",
    "type",
    "zip",
];

/// Whether a call passes names on that are no texts: to classes, which tell it when an instance is there, to special methods of natives, and to `str.format`.
fn takes_any_name(vm: &Vm, f: &Value) -> bool {
    let function = f.as_bound_method().map(|m| m.function.clone());
    let f = function.as_ref().unwrap_or(f);
    let Some(class) = f.as_class() else {
        return match f.as_native() {
            Some(n) => matches!(n.def.name(), "format" | "__new__") || vm.is_slot(n),
            None => !vm.is_callable(f),
        };
    };
    if !class.is(HEAP) {
        return !CHECKS_NAMES.contains(&class.name_text().as_str());
    }
    true
}

/// `f(*args, **kwargs)`.
pub(crate) fn call_ex(vm: &Vm, c: &CoroObj, w: Word) -> R<Next> {
    let a = w.a() as usize;
    let awaited = w.flags() & X1 != 0;
    let positional = c.take(a + 1);
    let keywords = if w.flags() & X0 != 0 { Some(c.take(a + 2)) } else { None };
    let collected;
    let items = match sequence::plain_items(vm, &positional) {
        Some(items) => items,
        None => {
            let title = || Ok(format!("{} argument", build::callee_title(vm, &c.view(a))?));
            collected = match build::starred(vm, &positional, title) {
                Ok(items) => items,
                Err(e) => {
                    drop(c.take(a));
                    return Err(e);
                }
            };
            &collected
        }
    };
    if enter_spread(vm, c, a, items, keywords.as_ref().and_then(Value::as_dict), awaited) {
        return Ok(Next::Reload);
    }
    let f = c.take(a);
    let mut args: SmallVec<[Value; 8]> = items.iter().cloned().collect();
    let mut names = Vec::new();
    if let Some(d) = keywords.as_ref().and_then(Value::as_dict) {
        for (k, v) in d.items() {
            names.push(vm.intern_value(&k));
            args.push(v);
        }
        if names.iter().any(|name| name.as_str().is_none()) && !takes_any_name(vm, &f) {
            return Err(vm.type_error("keywords must be strings"));
        }
    }
    drop(positional);
    drop(keywords);
    if f.as_function().is_some() {
        return enter_function(vm, c, a, f, args, &names, awaited, 0);
    }
    let v = vm.call_keywords(&f, &args, &names)?;
    c.put(a, v);
    Ok(Next::Continue)
}
