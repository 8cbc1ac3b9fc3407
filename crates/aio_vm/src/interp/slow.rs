//! Slow paths of attributes, items, operators and comparison, and the filling of inline caches.

use crate::error::R;
use crate::interp::bits::writes_local;
use crate::object::class::{CUSTOM_GETATTR, CUSTOM_GETATTRIBUTE, CUSTOM_SETATTR, HAS_DICT, HEAP};
use crate::object::coro::CoroObj;
use crate::object::header::Kind;
use crate::object::instance::DICT_SHAPE;
use crate::object::{ClassObj, InstanceObj};
use crate::protocol::arith::{Binary, Unary};
use crate::protocol::compare::Compare;
use crate::value::{Borrowed, Value, borrow_bits};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC, X0, X1};

/// Second cache word of GetMethod for attributes of modules.
pub(crate) const MODULE_METHOD: u64 = 1;

fn name(c: &CoroObj, index: usize) -> &Value {
    // SAFETY: the frame's code is alive and verified.
    unsafe { &(&*c.code.get()).names[index] }
}

pub(crate) fn get_attr(vm: &Vm, c: &CoroObj, w: Word, cache: *mut u64) -> R<()> {
    let name = name(c, w.c() as usize);
    let obj = c.src_b(w);
    fill_get(vm, &obj, name, cache);
    let v = vm.get_attr(&obj, name)?;
    c.dst(w, v);
    drop(obj);
    Ok(())
}

/// Marks the first cache word of GetAttr: it has the version of a class, and the second one the attribute.
pub(crate) const OF_CLASS: u32 = 1 << 31;
/// Stands where such a word has the shape of the object: the object is the class.
pub(crate) const CLASS_ITSELF: u32 = u32::MAX - 1;

/// Stands where such a word has the shape of the object: the object has a dict, and the second word the place in it. All
/// of one class mostly get their attributes in the same order.
pub(crate) const IN_DICT: u32 = u32::MAX - 2;

/// What the caches of an attribute are to hold that an object keeps in a dict, if it is to be found there with one look.
fn place_in_dict(vm: &Vm, obj: &Value, name: &Value) -> Option<[u64; 2]> {
    let attrs = &obj.as_exception()?.attrs;
    let class = obj.header()?.class();
    let version = class.version();
    if class.is(CUSTOM_GETATTRIBUTE | CUSTOM_SETATTR) || !class.is(HAS_DICT) || class.peek(vm, name).is_some() {
        return None;
    }
    let at = attrs.peek().as_dict()?.position(vm, name)?;
    Some([(version | OF_CLASS) as u64 | (IN_DICT as u64) << 32, at as u64])
}

/// Whether an attribute of a class is the same for the instances.
fn binds_to_itself(v: &Value) -> bool {
    let plain = match v.kind() {
        None => true,
        Some(kind) => matches!(
            kind,
            Kind::Str
                | Kind::Int
                | Kind::Float
                | Kind::Complex
                | Kind::Bytes
                | Kind::List
                | Kind::Tuple
                | Kind::Dict
                | Kind::Set
                | Kind::FrozenSet
        ),
    };
    plain && v.header().is_none_or(|h| !h.class().is(HEAP))
}

/// Fills a GetAttr cache if the attribute is a slot of a plain object, a plain attribute of a class or a name of a
/// module.
fn fill_get(vm: &Vm, obj: &Value, name: &Value, cache: *mut u64) {
    // SAFETY: the cache words belong to the instruction.
    let set = |k0: u64| unsafe { *cache = k0 };
    let set_found = |class: &ClassObj, of: u32, found: &Value| {
        // SAFETY: as above; the class holds what was found as long as its version stands.
        unsafe {
            *cache = (class.version() | OF_CLASS) as u64 | (of as u64) << 32;
            *cache.add(1) = found.bits();
        }
    };
    if let Some(i) = obj.as_instance() {
        let class = i.header.class();
        class.version();
        if class.is(CUSTOM_GETATTRIBUTE) || i.shape.get() == DICT_SHAPE {
            return;
        }
        let shape = i.shape.get();
        let found = class.peek(vm, name);
        if let Some(m) = found.as_ref().and_then(|f| f.as_member()).filter(|m| i.has_room(m.index)) {
            set(shape as u64 | (m.index as u64) << 32);
            return;
        }
        if found.as_ref().is_some_and(|m| vm.is_data_descriptor(m)) {
            return;
        }
        match vm.shape(shape).slot(name) {
            Some(at) if !i.slot(at).is_undef() && at >= class.reserved_slots() => {
                set(shape as u64 | (at as u64) << 32);
            }
            None => {
                if let Some(found) = found.filter(|v| binds_to_itself(v)) {
                    set_found(class, shape, &found);
                }
            }
            _ => {}
        }
    } else if let Some(class) = obj.as_class() {
        let t = &vm.types;
        if t.type_.is(obj.header().map_or(class, |h| h.class()))
            && t.type_.get().peek(vm, name).is_none()
            && let Some(found) = class.peek(vm, name)
            && (binds_to_itself(&found) || found.kind() == Some(Kind::Function))
        {
            set_found(class, CLASS_ITSELF, &found);
        }
    } else if let Some([k0, k1]) = place_in_dict(vm, obj, name) {
        // SAFETY: as above.
        unsafe {
            *cache = k0;
            *cache.add(1) = k1;
        }
    } else if let Some(m) = obj.as_module()
        && let Some(d) = m.dict.peek().as_dict()
        && let Some(at) = d.position(vm, name)
        && !name.is(&vm.names.__class__)
        && !name.is(&vm.names.__dict__)
    {
        set(d.version(vm) as u64 | (at as u64) << 32);
    }
}

pub(crate) fn set_attr(vm: &Vm, c: &CoroObj, w: Word, cache: *mut u64) -> R<()> {
    let name = name(c, w.c() as usize);
    let obj = c.src_a(w);
    let v = c.src_b(w).into_value();
    let before = obj.as_instance().map(|i| i.shape.get());
    vm.set_attr(&obj, name, Some(v))?;
    if let (Some(i), Some(before)) = (obj.as_instance(), before) {
        let class = i.header.class();
        let after = i.shape.get();
        if let Some(m) = class.peek(vm, name).as_ref().and_then(|f| f.as_member()) {
            if before == after && before != DICT_SHAPE && !class.is(CUSTOM_SETATTR) && i.has_room(m.index) {
                // SAFETY: the cache words belong to the instruction.
                unsafe {
                    *cache = before as u64 | (m.index as u64) << 32;
                    *cache.add(1) = 0;
                }
            }
        } else if before != DICT_SHAPE
            && after != DICT_SHAPE
            && !class.is(CUSTOM_SETATTR)
            && class.is(HAS_DICT)
            && class.peek(vm, name).is_none_or(|m| !vm.is_data_descriptor(&m))
            && let Some(at) = vm.shape(after).slot(name)
            && (before == after || vm.shape(before).keys.len() == at)
        {
            // SAFETY: the cache words belong to the instruction.
            unsafe {
                *cache = before as u64 | (at as u64) << 32;
                *cache.add(1) = if before == after { 0 } else { after as u64 };
            }
        }
    } else if let Some([k0, k1]) = place_in_dict(vm, &obj, name) {
        // SAFETY: the cache words belong to the instruction.
        unsafe {
            *cache = k0;
            *cache.add(1) = k1;
        }
    }
    Ok(())
}

pub(crate) fn unset_attr(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let obj = c.src_a(w);
    vm.set_attr(&obj, name(c, w.bx() as usize), None)
}

/// Looks a method up for a call, without making a bound method where it can.
pub(crate) fn get_method(vm: &Vm, c: &CoroObj, w: Word, cache: *mut u64) -> R<()> {
    let name = name(c, w.c() as usize);
    let obj = c.src_b(w);
    let a = w.a() as usize;
    let class = vm.class_of(&obj);
    class.version();
    if let Some(m) = obj.as_module() {
        if let Some(d) = m.dict.peek().as_dict()
            && let Some(at) = d.position(vm, name)
        {
            // SAFETY: the cache words belong to the instruction.
            unsafe {
                *cache = d.version(vm) as u64 | (at as u64) << 32;
                *cache.add(1) = MODULE_METHOD;
            }
        }
    } else if let Some((f, standing)) = method_in_class(vm, &obj, name) {
        let f = Value::clone(&f);
        // SAFETY: the cache words belong to the instruction; the function stays in the class as long as its version
        // stands.
        unsafe {
            *cache = class.version() as u64 | (standing as u64) << 32;
            *cache.add(1) = f.bits();
        }
        c.put(a, f);
        c.put(a + 1, obj.into_value());
        return Ok(());
    } else if !obj.is_ptr()
        && let Some(f) = class.peek(vm, name)
        && is_plain_method(vm, &f)
    {
        c.put(a, Value::clone(&f));
        c.put(a + 1, obj.into_value());
        return Ok(());
    }
    let v = vm.get_attr(&obj, name)?;
    drop(obj);
    c.put(a, v);
    c.put(a + 1, Value::UNDEF);
    Ok(())
}

/// The function that a method call on a cell means, if the object hides it by no attribute, and the shape from which that
/// follows (all ones for objects without attributes of their own).
pub(crate) fn method_in_class(vm: &Vm, obj: &Value, name: &Value) -> Option<(Borrowed, u32)> {
    let class = obj.header()?.class();
    class.version();
    if class.is(CUSTOM_GETATTRIBUTE | CUSTOM_GETATTR) || matches!(obj.kind(), Some(Kind::Class | Kind::Super)) {
        return None;
    }
    let f = class.peek(vm, name).filter(|f| is_plain_method(vm, f))?;
    match obj.as_instance().map(|i| i.shape.get()) {
        Some(shape) if shape != DICT_SHAPE && vm.shape(shape).slot(name).is_none() => Some((f, shape)),
        None if !class.is(HAS_DICT) => Some((f, u32::MAX)),
        None if vm.has_no_own(obj, name) => Some((f, ASK_AGAIN)),
        _ => None,
    }
}

/// The function that a method call on an instance means, if it is remembered for the class with its shape.
#[inline(always)]
pub(super) fn known_method(vm: &Vm, instance: &InstanceObj, name: &Value) -> Option<u64> {
    let (version, shape) = (instance.header.class().known_version(), instance.shape.get());
    // No shape is 0 here, where the cache has what classes have.
    let key = version as u64 | (shape as u64 + 1) << 32;
    let e = vm.method_cache_entry(name.addr(), version ^ shape);
    (e[0] == key && e[1] == name.addr() as u64).then_some(e[2])
}

/// The same, looked for as `method_in_class` says, and remembered.
#[inline(always)]
pub(super) fn method_of_shape(vm: &Vm, instance: &InstanceObj, name: &Value) -> Option<u64> {
    let obj = std::ptr::from_ref(instance) as u64;
    // SAFETY: it is an instance, and alive.
    let f = unsafe { method_of(vm, obj, name) }?;
    // The version may be a new one.
    let shape = instance.shape.get();
    let key = instance.header.class().known_version() as u64 | (shape as u64 + 1) << 32;
    *vm.method_cache_entry(name.addr(), key as u32 ^ shape) = [key, name.addr() as u64, f];
    Some(f)
}

/// The function that a method call on an object means.
///
/// # Safety
/// `obj` is a live pointer.
#[inline(never)]
pub(super) unsafe fn method_of(vm: &Vm, obj: u64, name: &Value) -> Option<u64> {
    // SAFETY: by contract.
    let obj = unsafe { borrow_bits(obj) };
    method_in_class(vm, &obj, name).map(|(f, _)| f.bits())
}

/// In the place of a shape: whether the object has an attribute of that name is to be asked each time.
const ASK_AGAIN: u32 = u32::MAX - 1;

/// A function whose binding to an object only adds the first argument.
pub(super) fn is_plain_method(vm: &Vm, f: &Value) -> bool {
    match f.kind() {
        Some(Kind::Function) => true,
        Some(Kind::Native) => {
            let shown = vm.class_of(f);
            shown.is_same(vm.types.method_descriptor.get()) || shown.is_same(vm.types.wrapper_descriptor.get())
        }
        _ => false,
    }
}

pub(crate) fn get_special(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let name = name(c, w.c() as usize);
    let obj = c.src_b(w);
    let a = w.a() as usize;
    let class = vm.class_of(&obj);
    let Some(f) = class.lookup(vm, name) else {
        let what = class.shown_name();
        let missing = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
        let protocol = if w.flags() & X1 != 0 { "asynchronous context manager" } else { "context manager" };
        if w.flags() & (X0 | X1) == 0 {
            return Err(vm.no_attribute(&obj, name));
        }
        let entered = if w.flags() & X1 != 0 { &vm.names.__aenter__ } else { &vm.names.__enter__ };
        let half = missing.contains("exit") && class.peek(vm, entered).is_some();
        let exit = if half { format!(" (missed {missing} method)") } else { String::new() };
        return Err(vm.type_error(format!("'{what}' object does not support the {protocol} protocol{exit}")));
    };
    if is_plain_method(vm, &f) {
        let receiver = obj.into_value();
        c.put(a, f);
        c.put(a + 1, receiver);
    } else {
        let class = class.value();
        let bound = vm.bind(&f, Some(&obj), &class)?.unwrap_or_default();
        drop(obj);
        c.put(a, bound);
        c.put(a + 1, Value::UNDEF);
    }
    Ok(())
}

/// Looks an attribute up behind a class. `method` is the cache of a SuperMethod, which wants it for a call.
pub(crate) fn super_attr(vm: &Vm, c: &CoroObj, w: Word, method: Option<*mut u64>) -> R<()> {
    let a = w.a() as usize;
    let (callee, class, receiver) = (c.take(a), c.take(a + 1), c.take(a + 2));
    let name = name(c, w.c() as usize);
    if callee.as_class().is_some_and(|k| k.is_same(vm.types.super_.get()))
        && class.as_class().is_some_and(|k| vm.class_of(&receiver).derives(k))
        && !name.is(&vm.names.__class__)
    {
        let of = vm.class_of(&receiver).value();
        if let Some(f) = vm.lookup_behind(&of, &class, name) {
            if let Some(cache) = method
                && is_plain_method(vm, &f)
            {
                // SAFETY: the cache words belong to the instruction; the function stays where it was found as long as
                // the version of the receiver's class stands.
                unsafe {
                    *cache = vm.class_of(&receiver).version() as u64 | super_key(&class) << 32;
                    *cache.add(1) = f.bits();
                }
                c.put(a, f);
                c.put(a + 1, receiver);
                return Ok(());
            }
            let bound = vm.bind(&f, Some(&receiver), &of)?.unwrap_or_default();
            c.put(a, bound);
            if method.is_some() {
                c.put(a + 1, Value::UNDEF);
            }
            return Ok(());
        }
    }
    let s = vm.call(&callee, &[class, receiver])?;
    let v = vm.get_attr(&s, name)?;
    c.put(a, v);
    if method.is_some() {
        c.put(a + 1, Value::UNDEF);
    }
    Ok(())
}

/// What the cache of SuperMethod remembers of the class to look behind: cells lie 16 bytes apart.
#[inline(always)]
pub(crate) fn super_key(class: &Value) -> u64 {
    (class.bits() >> 4) & 0xFFFF_FFFF
}

/// `obj[key]` with the direct ways of exact built-in types.
fn item(vm: &Vm, obj: &Value, key: &Value) -> R {
    if let Some(h) = obj.header()
        && !h.class().is(HEAP)
    {
        match h.kind.get() {
            Kind::Dict => {
                if let Some(d) = obj.as_dict() {
                    return match d.get(vm, key)? {
                        Some(v) => Ok(v),
                        None => Err(vm.key_error(key)),
                    };
                }
            }
            Kind::Str => {
                if let (Some(s), Some(i)) = (obj.as_str(), key.as_small())
                    && s.is_ascii()
                {
                    let i = if i < 0 { i + s.len() as i64 } else { i };
                    if let Some(&b) = usize::try_from(i).ok().and_then(|i| s.bytes().get(i)) {
                        return Ok(vm.char_str(b));
                    }
                    return Err(vm.index_error("string index out of range"));
                }
            }
            _ => {}
        }
    }
    vm.get_item(obj, key)
}

pub(crate) fn get_item(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let (obj, key) = (c.src_b(w), c.src_c(w));
    let v = item(vm, &obj, &key)?;
    c.dst(w, v);
    Ok(())
}

pub(crate) fn get_item_imm(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let obj = c.src_b(w);
    let v = item(vm, &obj, &Value::small(w.c() as i16 as i64))?;
    c.dst(w, v);
    Ok(())
}

pub(crate) fn get_slice(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let (obj, start, stop) = (c.take(a), c.take(a + 1), c.take(a + 2));
    let slice = vm.slice(start, stop, Value::NONE);
    let v = vm.get_item(&obj, &slice)?;
    c.put(a, v);
    Ok(())
}

pub(crate) fn set_item(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let (obj, key) = (c.src_a(w), c.src_b(w));
    let v = c.src_c(w).into_value();
    if let Some(d) = obj.as_dict()
        && !d.header.class().is(HEAP)
    {
        let old = d.set(vm, key.into_value(), v)?;
        drop(old);
        return Ok(());
    }
    vm.set_item(&obj, &key, v)
}

pub(crate) fn unset_item(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let (obj, key) = (c.src_a(w), c.src_b(w));
    if let Some(d) = obj.as_dict()
        && !d.header.class().is(HEAP)
    {
        return match d.remove(vm, &key)? {
            Some(_) => Ok(()),
            None => Err(vm.key_error(&key)),
        };
    }
    vm.del_item(&obj, &key)
}

pub(crate) fn binary(vm: &Vm, c: &CoroObj, w: Word, op: Binary) -> R<()> {
    let in_place = w.flags() & X0 != 0;
    let local = writes_local(w, true);
    if op == Binary::Add
        && c.view(w.b() as usize).as_str().is_some()
        && c.view(w.c() as usize).as_str().is_some_and(|s| !s.header.class().is(HEAP))
        && c.view(w.b() as usize).header().is_some_and(|h| !h.class().is(HEAP))
    {
        // A string that is about to be replaced or to die may grow in place.
        let owned_local = w.flags() & FB == 0 && w.a() == w.b();
        let b = c.src_c(w);
        let Some(right) = b.as_str() else { return Ok(()) };
        let together = c.view(w.b() as usize).as_str().map_or(0, |s| s.bytes().len()) + right.bytes().len();
        vm.alloc_check(together, 1)?;
        if owned_local {
            let left = c.take(w.b() as usize);
            c.put(w.b() as usize, Value::UNDEF);
            let v = vm.str_append(left, right);
            c.put(w.a() as usize, v);
        } else {
            let left = c.src_b(w);
            let v = if left.is_owned() {
                vm.str_append(left.into_value(), right)
            } else {
                left.as_str().map_or(Value::NONE, |l| vm.str_concat(l, right))
            };
            c.write(w.a() as usize, v, local);
        }
        return Ok(());
    }
    let (x, y) = (c.src_b(w), c.src_c(w));
    let v = if in_place { vm.binary_in_place(op, &x, &y)? } else { vm.binary(op, &x, &y)? };
    // The operands go first: a temporary may lie in the destination's register.
    drop(y);
    drop(x);
    c.write(w.a() as usize, v, local);
    Ok(())
}

pub(crate) fn binary_imm(vm: &Vm, c: &CoroObj, w: Word, op: Binary) -> R<()> {
    let in_place = w.flags() & X0 != 0;
    let local = writes_local(w, false);
    let y = Value::small(w.c() as i16 as i64);
    let x = c.src_b(w);
    let v = if in_place { vm.binary_in_place(op, &x, &y)? } else { vm.binary(op, &x, &y)? };
    drop(x);
    c.write(w.a() as usize, v, local);
    Ok(())
}

pub(crate) fn unary(vm: &Vm, c: &CoroObj, w: Word, op: Unary) -> R<()> {
    let local = writes_local(w, false);
    let x = c.src_b(w);
    let v = vm.unary(op, &x)?;
    drop(x);
    c.write(w.a() as usize, v, local);
    Ok(())
}

pub(crate) fn compare(vm: &Vm, c: &CoroObj, w: Word, op: Compare) -> R<()> {
    let (x, y) = (c.src_b(w), c.src_c(w));
    let v = vm.rich_compare(op, &x, &y)?;
    drop(y);
    drop(x);
    c.dst(w, v);
    Ok(())
}

pub(crate) fn compare_truth(vm: &Vm, c: &CoroObj, w: Word, op: Compare) -> R<bool> {
    let (x, y) = (c.src_a(w), c.src_b(w));
    vm.compare(op, &x, &y)
}

pub(crate) fn compare_truth_imm(vm: &Vm, c: &CoroObj, w: Word, op: Compare) -> R<bool> {
    let x = c.src_a(w);
    vm.compare(op, &x, &Value::small(w.b() as i16 as i64))
}

pub(crate) fn truth(vm: &Vm, c: &CoroObj, w: Word) -> R<bool> {
    let x = c.src_a(w);
    vm.truth(&x)
}

pub(crate) fn truth_b(vm: &Vm, c: &CoroObj, w: Word) -> R<bool> {
    let x = c.src_b(w);
    vm.truth(&x)
}

pub(crate) fn truth_keep(vm: &Vm, _c: &CoroObj, _w: Word, v: &Value) -> R<bool> {
    vm.truth(v)
}

/// `r[b] is r[c]`.
///
/// # Safety
/// `r` is the register window of the running frame.
pub(crate) unsafe fn is_same(r: *mut u64, w: Word) -> bool {
    // SAFETY: by contract.
    unsafe { identical(r, (w.b(), w.flags() & FB != 0), (w.c(), w.flags() & FC != 0)) }
}

/// `r[a] is r[b]`.
///
/// # Safety
/// `r` is the register window of the running frame.
pub(crate) unsafe fn is_same_ab(r: *mut u64, w: Word) -> bool {
    // SAFETY: by contract.
    unsafe { identical(r, (w.a(), w.flags() & FA != 0), (w.b(), w.flags() & FB != 0)) }
}

/// Identity of two registers; owned ones are dying temporaries.
///
/// # Safety
/// `r` is the register window of the running frame.
unsafe fn identical(r: *mut u64, (x, own_x): (u16, bool), (y, own_y): (u16, bool)) -> bool {
    // SAFETY: by contract.
    unsafe {
        let (x, y) = (*r.add(x as usize), *r.add(y as usize));
        if own_y {
            drop(Value::from_owned_bits(y));
        }
        if own_x {
            drop(Value::from_owned_bits(x));
        }
        x == y
    }
}

pub(crate) fn contains_bc(vm: &Vm, c: &CoroObj, w: Word) -> R<bool> {
    let (item, container) = (c.src_b(w), c.src_c(w));
    contains(vm, &container, &item)
}

pub(crate) fn contains_ab(vm: &Vm, c: &CoroObj, w: Word) -> R<bool> {
    let (item, container) = (c.src_a(w), c.src_b(w));
    contains(vm, &container, &item)
}

fn contains(vm: &Vm, container: &Value, item: &Value) -> R<bool> {
    if let Some(h) = container.header()
        && !h.class().is(HEAP)
    {
        match h.kind.get() {
            Kind::Dict => {
                if let Some(d) = container.as_dict() {
                    let hash = vm.hash(item)? as u64;
                    return Ok(d.find(vm, item, hash)?.is_some());
                }
            }
            Kind::Set | Kind::FrozenSet if item.is_small() || item.as_str().is_some() => {
                if let Some(s) = container.as_set() {
                    return s.contains(vm, item);
                }
            }
            Kind::Str => {
                if let (Some(s), Some(part)) = (container.as_str(), item.as_str()) {
                    return Ok(s.holds(part));
                }
            }
            _ => {}
        }
    }
    vm.contains(container, item)
}

pub(crate) fn get_iter(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let x = c.src_b(w);
    let it = vm.iter(&x)?;
    drop(x);
    c.dst(w, it);
    Ok(())
}

pub(crate) fn iter_next(vm: &Vm, c: &CoroObj, w: Word) -> R<Option<Value>> {
    let it = c.view(w.a() as usize);
    vm.next(&it)
}

pub(crate) fn len(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let x = c.src_b(w);
    let n = vm.len(&x)?;
    drop(x);
    c.dst(w, vm.int(n as i64));
    Ok(())
}
