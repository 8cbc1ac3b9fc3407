//! Building containers, strings, functions; unpacking.

use crate::error::R;
use crate::object::class::HEAP;
use crate::object::coro::CoroObj;
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::ops::{X0, X1, X2};
use aio_bytecode::{Capture, Word};
use smallvec::SmallVec;

/// Takes the values of a window.
///
/// # Safety
/// The window's `n` registers are live temporaries, which are given up.
unsafe fn window(r: *mut u64, first: usize, n: usize) -> Vec<Value> {
    // SAFETY: by contract.
    unsafe { (first..first + n).map(|i| Value::from_owned_bits(*r.add(i))).collect() }
}

/// # Safety
/// `r` is the register window of the running frame.
pub(crate) unsafe fn make_slice(vm: &Vm, r: *mut u64, w: Word) {
    let a = w.a() as usize;
    // SAFETY: the three registers are live temporaries.
    unsafe {
        let take = |i| Value::from_owned_bits(*r.add(i));
        *r.add(a) = vm.slice(take(a), take(a + 1), take(a + 2)).into_bits();
    }
}

/// # Safety
/// `r` is the register window of the running frame.
#[inline(never)]
pub(crate) unsafe fn make_tuple(vm: &Vm, r: *mut u64, w: Word) {
    let (a, n) = (w.a() as usize, w.b() as usize);
    // SAFETY: the window is live.
    unsafe {
        let v = vm.tuple((a..a + n).map(|i| Value::from_owned_bits(*r.add(i))));
        *r.add(a) = v.into_bits();
    }
}

/// # Safety
/// `r` is the register window of the running frame.
#[inline(never)]
pub(crate) unsafe fn make_list(vm: &Vm, r: *mut u64, w: Word) {
    let (a, n) = (w.a() as usize, w.b() as usize);
    // SAFETY: the window is live.
    unsafe { *r.add(a) = vm.list(window(r, a, n)).into_bits() };
}

/// # Safety
/// `r` is the register window of the running frame.
pub(crate) unsafe fn list_to_tuple(vm: &Vm, r: *mut u64, w: Word) {
    // SAFETY: the register holds a list.
    unsafe {
        let list = Value::from_owned_bits(*r.add(w.a() as usize));
        let items = list.as_list().map(|l| l.replace(Vec::new())).unwrap_or_default();
        *r.add(w.a() as usize) = vm.tuple(items).into_bits();
    }
}

pub(crate) fn make_set(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let (a, n) = (w.a() as usize, w.b() as usize);
    let items = c.take_window(a, n);
    let set = vm.set();
    if let Some(s) = set.as_set() {
        for v in items {
            s.add(vm, v)?;
        }
    }
    c.put(a, set);
    Ok(())
}

pub(crate) fn make_dict(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let (a, n) = (w.a() as usize, w.b() as usize);
    let dict = vm.dict();
    if n > 0 {
        let mut items = c.take_window(a, 2 * n).into_iter();
        if let Some(d) = dict.as_dict() {
            while let (Some(k), Some(v)) = (items.next(), items.next()) {
                drop(d.set(vm, k, v)?);
            }
        }
    }
    c.put(a, dict);
    Ok(())
}

pub(crate) fn make_str(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let (a, n) = (w.a() as usize, w.b() as usize);
    let parts: SmallVec<[Value; 8]> = (a..a + n).map(|i| c.take(i)).collect();
    vm.alloc_check(parts.iter().map(|v| v.as_str().map_or(LONGEST_NUMBER, |s| s.bytes().len())).sum(), 1)?;
    c.put(a, vm.str_joined(&parts, usize::MAX).unwrap_or_default());
    Ok(())
}

/// Bytes of the longest inline integer in decimal.
const LONGEST_NUMBER: usize = 17;

pub(crate) fn format(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let flags = w.flags();
    let spec = if flags & X0 != 0 { None } else { Some(c.src_c(w)) };
    let x = c.src_b(w);
    let converted = match (flags & X1 != 0, flags & X2 != 0) {
        (false, false) => None,
        (true, false) => Some(vm.to_str(&x)?),
        (false, true) => Some(vm.repr(&x)?),
        (true, true) => Some(vm.ascii(&x)?),
    };
    let subject = converted.as_ref().unwrap_or(&x);
    let v = match &spec {
        Some(s) => vm.format(subject, s)?,
        None => vm.format(subject, &vm.empty_str())?,
    };
    drop(x);
    drop(spec);
    c.dst(w, v);
    Ok(())
}

pub(crate) fn list_extend(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let more = c.src_b(w).into_value();
    let list = (*c.view(w.a() as usize)).clone();
    let items = starred(vm, &more, || Ok("Value".to_owned()))?;
    if let Some(l) = list.as_list() {
        l.extend(items);
    }
    Ok(())
}

/// The items of what stands behind `*`; `title` says whose they are in the error of what is no iterable.
pub(super) fn starred(vm: &Vm, more: &Value, title: impl FnOnce() -> R<String>) -> R<Vec<Value>> {
    vm.collect(more).map_err(|e| {
        let has = |name| vm.type_method(more, name).is_some();
        let iterable = has(&vm.names.__iter__) || vm.class_of(more).is(HEAP) && has(&vm.names.__getitem__);
        if !e.is(vm.types.type_error.get()) || iterable {
            return e;
        }
        match title() {
            Ok(title) => vm.type_error(format!("{title} after * must be an iterable, not {}", vm.type_name(more))),
            Err(e) => e,
        }
    })
}

pub(crate) fn set_add(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let v = c.src_b(w).into_value();
    let set = (*c.view(w.a() as usize)).clone();
    if let Some(s) = set.as_set() {
        s.add(vm, v)?;
    }
    Ok(())
}

pub(crate) fn set_update(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let more = c.src_b(w).into_value();
    let set = (*c.view(w.a() as usize)).clone();
    vm.each(&more, |v| match set.as_set() {
        Some(s) => s.add(vm, v).map(|_| ()),
        None => Ok(()),
    })
}

pub(crate) fn dict_set(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let v = c.src_c(w).into_value();
    let k = c.src_b(w).into_value();
    let dict = (*c.view(w.a() as usize)).clone();
    if let Some(d) = dict.as_dict() {
        drop(d.set(vm, k, v)?);
    }
    Ok(())
}

/// Calls `f` with the items of a mapping.
fn each_item(vm: &Vm, mapping: &Value, mut f: impl FnMut(Value, Value) -> R<()>) -> R<()> {
    if let Some(d) = vm.plain_dict(mapping) {
        for (k, v) in d.items() {
            f(k, v)?;
        }
        return Ok(());
    }
    let keys = vm.get_attr(mapping, &vm.names.keys)?;
    let keys = vm.call(&keys, &[])?;
    vm.each(&keys, |k| {
        let v = vm.get_item(mapping, &k)?;
        f(k, v)
    })
}

pub(crate) fn dict_update(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let more = c.src_b(w).into_value();
    let dict = (*c.view(w.a() as usize)).clone();
    if more.as_dict().is_none() && vm.look_attr(&more, &vm.names.keys)?.is_none() {
        return Err(vm.type_error(format!("'{}' object is not a mapping", vm.type_name(&more))));
    }
    match dict.as_dict() {
        Some(d) => vm.dict_merge(d, &more),
        None => Ok(()),
    }
}

/// How messages about arguments name the callee.
pub(super) fn callee_title(vm: &Vm, f: &Value) -> R<String> {
    let Some(name) = vm.look_attr(f, &vm.names.__qualname__)? else { return vm.to_text(f) };
    match vm.look_attr(f, &vm.names.__module__)?.filter(|m| !m.is_none()) {
        Some(m) if m.as_str().is_none_or(|m| m.bytes() != b"builtins") => {
            Ok(format!("{}.{}()", vm.to_text(&m)?, vm.to_text(&name)?))
        }
        _ => Ok(format!("{}()", vm.to_text(&name)?)),
    }
}

pub(crate) fn dict_merge(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let more = c.src_b(w).into_value();
    let dict = (*c.view(w.a() as usize)).clone();
    let callee = (*c.view(w.c() as usize)).clone();
    let repeated = |key: &Value| -> R<()> {
        let (title, text) = (callee_title(vm, &callee)?, vm.to_text(key)?);
        Err(vm.type_error(format!("{title} got multiple values for keyword argument '{text}'")))
    };
    let merge = || {
        if more.as_dict().is_none() {
            vm.get_attr(&more, &vm.names.keys)?;
        }
        each_item(vm, &more, |k, v| {
            let Some(d) = dict.as_dict() else { return Ok(()) };
            if d.get(vm, &k)?.is_some() {
                return repeated(&k);
            }
            d.set(vm, k, v).map(drop)
        })
    };
    // Whatever lacks an attribute is no mapping, and a KeyError counts as a key that is there already.
    match merge() {
        Err(e) if e.is(vm.types.attribute_error.get()) => {
            let (title, what) = (callee_title(vm, &callee)?, vm.type_name(&more));
            Err(vm.type_error(format!("{title} argument after ** must be a mapping, not {what}")))
        }
        Err(e) if e.is(vm.types.key_error.get()) => {
            let args = e.0.as_exception().map(|x| x.args.get());
            match args.as_ref().and_then(Value::as_tuple).map(|t| t.items()) {
                Some([key]) => repeated(key),
                _ => Err(e),
            }
        }
        other => other,
    }
}

pub(crate) fn unpack(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let (a, n) = (w.a() as usize, w.c() as usize);
    let source = c.src_b(w);
    if let Some(h) = source.header()
        && !h.class().is(HEAP)
    {
        let items = match (source.as_tuple(), source.as_list()) {
            (Some(t), _) => Some(t.items()),
            (_, Some(l)) => Some(l.as_slice()),
            _ => None,
        };
        if let Some(items) = items {
            if items.len() != n {
                return Err(unpack_count(vm, items.len(), n));
            }
            let copies: smallvec::SmallVec<[Value; 8]> = items.iter().cloned().collect();
            drop(source);
            for (i, v) in copies.into_iter().enumerate() {
                c.put(a + i, v);
            }
            return Ok(());
        }
    }
    let source = source.into_value();
    let it = match vm.iter(&source) {
        Ok(it) => it,
        Err(e) if e.is(vm.types.type_error.get()) && !iterable(vm, &source) => {
            return Err(vm.type_error(format!("cannot unpack non-iterable {} object", vm.type_name(&source))));
        }
        Err(e) => return Err(e),
    };
    let mut items = Vec::with_capacity(n);
    while items.len() < n {
        match vm.next(&it)? {
            Some(v) => items.push(v),
            None => return Err(unpack_count(vm, items.len(), n)),
        }
    }
    if vm.next(&it)?.is_some() {
        return Err(unpack_count(vm, n + 1, n));
    }
    for (i, v) in items.into_iter().enumerate() {
        c.put(a + i, v);
    }
    Ok(())
}

fn iterable(vm: &Vm, v: &Value) -> bool {
    let numbered = vm.class_of(v).is(HEAP) && vm.type_method(v, &vm.names.__getitem__).is_some();
    numbered || vm.type_method(v, &vm.names.__iter__).is_some()
}

#[cold]
fn unpack_count(vm: &Vm, got: usize, want: usize) -> crate::error::Raised {
    if got < want {
        vm.value_error(format!("not enough values to unpack (expected {want}, got {got})"))
    } else {
        vm.value_error(format!("too many values to unpack (expected {want})"))
    }
}

pub(crate) fn unpack_ex(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let (before, after) = ((w.c() & 0xFF) as usize, (w.c() >> 8) as usize);
    let source = c.src_b(w).into_value();
    let mut items = match vm.collect(&source) {
        Ok(items) => items,
        Err(e) if e.is(vm.types.type_error.get()) && !iterable(vm, &source) => {
            return Err(vm.type_error(format!("cannot unpack non-iterable {} object", vm.type_name(&source))));
        }
        Err(e) => return Err(e),
    };
    if items.len() < before + after {
        return Err(vm.value_error(format!(
            "not enough values to unpack (expected at least {}, got {})",
            before + after,
            items.len()
        )));
    }
    let tail = items.split_off(items.len() - after);
    let middle = items.split_off(before);
    for (i, v) in items.into_iter().enumerate() {
        c.put(a + i, v);
    }
    c.put(a + before, vm.list(middle));
    for (i, v) in tail.into_iter().enumerate() {
        c.put(a + before + 1 + i, v);
    }
    Ok(())
}

pub(crate) fn make_function(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let flags = w.flags();
    let take = |on: u8, i: usize| if flags & on != 0 { c.take(a + i) } else { Value::UNDEF };
    let (defaults, kwdefaults, annotations) = (take(X0, 0), take(X1, 1), take(X2, 2));
    // SAFETY: the frame's code and function are alive.
    let (code, function) = unsafe {
        let code = (*c.code.get()).constant(w.bx() as usize).clone();
        (code, &*(*c.registers().sub(1) as *const crate::object::FunctionObj))
    };
    let captures = code.as_code().map_or(&[][..], |k| k.template.captures());
    let closure = captures
        .iter()
        .map(|capture| match capture {
            Capture::Local(i) => (*c.view(*i as usize)).clone(),
            Capture::Free(i) => function.closure[*i as usize].clone(),
        })
        .collect();
    let f = vm.function(code, function.globals.clone(), closure);
    if let Some(fo) = f.as_function() {
        fo.defaults.set(defaults);
        fo.kwdefaults.set(kwdefaults);
        if !annotations.is_undef() {
            fo.extra().annotations.set(annotations);
        }
    }
    c.put(a, f);
    Ok(())
}
