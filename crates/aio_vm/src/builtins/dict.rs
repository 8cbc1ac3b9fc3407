//! Dicts.

use super::sequence::push_repr;
use crate::error::R;
use crate::native::{Args, TypeTable, class_method, method, static_method};
use crate::object::DictObj;
use crate::object::dict::ViewKind;
use crate::object::iter::{DictWalk, IterState};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "dict() -> new empty dictionary\ndict(mapping) -> new dictionary with the items of a mapping\ndict(iterable) -> \
          new dictionary with the key and value of each pair\ndict(**kwargs) -> new dictionary with the names and values \
          of the keyword arguments",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object.").making(usual),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self from a mapping, pairs and keywords."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__reversed__(self, /)", reversed, "Return a reverse iterator over the dict keys."),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__contains__(self, key, /)", contains, "True if the dictionary has the specified key, else False."),
        method("__getitem__(self, key, /)", getitem, "Return self[key]."),
        method("__setitem__(self, key, value, /)", setitem, "Set self[key] to value."),
        method("__delitem__(self, key, /)", delitem, "Delete self[key]."),
        method("__or__(self, value, /)", or, "Return self|value."),
        method("__ror__(self, value, /)", ror, "Return value|self."),
        method("__ior__(self, value, /)", ior, "Return self|=value."),
        method("__sizeof__(self, /)", sizeof, "Return the size of the dict in memory."),
        method("get(self, key, default=None, /)", get, "Return the value for key if it is there, else default.")
            .usually(plain_get),
        method("setdefault(self, key, default=None, /)", setdefault, "Return the value for key, inserting default."),
        method("pop(self, key, default=<unrepresentable>, /)", pop, "Remove a key and return its value or default."),
        method("popitem(self, /)", popitem, "Remove and return the last (key, value) pair."),
        method("keys(self, /)", keys, "Return a set-like object providing a view on the dict's keys."),
        method("items(self, /)", items, "Return a set-like object providing a view on the dict's items."),
        method("values(self, /)", values, "Return an object providing a view on the dict's values."),
        method("update(self, /, *args, **kwargs)", update, "Update the dict from a mapping or pairs and keywords."),
        class_method("fromkeys(cls, iterable, value=None, /)", fromkeys, "Create a dict with keys from iterable."),
        method("clear(self, /)", clear, "Remove all items from the dict."),
        method("copy(self, /)", copy, "Return a shallow copy of the dict."),
        class_method("__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
    ],
    next: None,
};

/// The receiver, which the table's check has found to be a dict.
fn this<'a>(vm: &Vm, a: &'a Args) -> R<&'a DictObj> {
    a[0].as_dict().ok_or_else(|| vm.type_error("a dict is required"))
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.dict.get())?;
    Ok(vm.adopt(vm.dict(), class))
}

/// An empty dict, or a copy of one.
fn usual(vm: &Vm, a: &[Value]) -> Option<Value> {
    match a {
        [] => Some(vm.dict()),
        [v] if vm.class_of(v).is_same(vm.types.dict.get()) => v.as_dict().map(|d| d.copy(vm)),
        _ => None,
    }
}

/// At most one positional argument.
fn one<'a>(vm: &Vm, a: &Args<'a>, title: &str) -> R<Option<&'a Value>> {
    if a.rest.len() > 1 {
        return Err(vm.type_error(format!("{title} expected at most 1 argument, got {}", a.rest.len())));
    }
    Ok(a.rest.first())
}

fn init(vm: &Vm, a: &Args) -> R {
    let source = one(vm, a, "dict")?;
    vm.dict_fill(this(vm, a)?, source, a.keywords)?;
    Ok(Value::NONE)
}

fn update(vm: &Vm, a: &Args) -> R {
    let source = one(vm, a, "update")?;
    vm.dict_fill(this(vm, a)?, source, a.keywords)?;
    Ok(Value::NONE)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let d = this(vm, a)?;
    if d.is_empty() {
        return Ok(vm.str("{}"));
    }
    let text = vm.guarded_repr(&a[0], || {
        let mut out = b"{".to_vec();
        let mut position = 0;
        while let Some((key, value)) = d.next_item(&mut position) {
            vm.tick()?;
            if out.len() > 1 {
                out.extend_from_slice(b", ");
            }
            push_repr(vm, &mut out, &key)?;
            out.extend_from_slice(b": ");
            push_repr(vm, &mut out, &value)?;
        }
        out.push(b'}');
        Ok(out)
    })?;
    Ok(vm.str_wtf8(text.as_deref().unwrap_or(b"{...}")))
}

fn same(vm: &Vm, x: &DictObj, y: &DictObj) -> R<bool> {
    if x.len() != y.len() {
        return Ok(false);
    }
    let mut position = 0;
    while let Some((key, value)) = x.next_item(&mut position) {
        vm.tick()?;
        let hash = x.hash_at(position - 1);
        match y.get_hashed(vm, &key, hash)? {
            Some(other) if vm.eq(&value, &other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn equal(vm: &Vm, a: &Args) -> R<Option<bool>> {
    a[1].as_dict().map(|other| same(vm, this(vm, a)?, other)).transpose()
}

crate::equality!(equal);

fn iter(vm: &Vm, a: &Args) -> R {
    Ok(vm.iterator(IterState::Dict(a[0].clone(), DictWalk::forward(this(vm, a)?), ViewKind::Keys)))
}

fn reversed(vm: &Vm, a: &Args) -> R {
    Ok(vm.iterator(IterState::DictReversed(a[0].clone(), DictWalk::backward(this(vm, a)?), ViewKind::Keys)))
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(this(vm, a)?.len() as i64))
}

fn contains(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(this(vm, a)?.get(vm, &a[1])?.is_some()))
}

fn getitem(vm: &Vm, a: &Args) -> R {
    if let Some(v) = this(vm, a)?.get(vm, &a[1])? {
        return Ok(v);
    }
    if !vm.class_of(&a[0]).is_same(vm.types.dict.get())
        && let Some(v) = vm.call_special(&a[0], &vm.names.__missing__, std::slice::from_ref(&a[1]))?
    {
        return Ok(v);
    }
    Err(vm.key_error(&a[1]))
}

fn setitem(vm: &Vm, a: &Args) -> R {
    drop(this(vm, a)?.set(vm, a[1].clone(), a[2].clone())?);
    Ok(Value::NONE)
}

fn delitem(vm: &Vm, a: &Args) -> R {
    match this(vm, a)?.remove(vm, &a[1])? {
        Some(_) => Ok(Value::NONE),
        None => Err(vm.key_error(&a[1])),
    }
}

fn united(vm: &Vm, left: &Value, right: &Value) -> R {
    let (Some(x), Some(_)) = (left.as_dict(), right.as_dict()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let all = x.copy(vm);
    if let Some(d) = all.as_dict() {
        vm.dict_update(d, right)?;
    }
    Ok(all)
}

fn or(vm: &Vm, a: &Args) -> R {
    united(vm, &a[0], &a[1])
}

fn ror(vm: &Vm, a: &Args) -> R {
    united(vm, &a[1], &a[0])
}

fn ior(vm: &Vm, a: &Args) -> R {
    vm.dict_update(this(vm, a)?, &a[1])?;
    Ok(a[0].clone())
}

fn sizeof(vm: &Vm, a: &Args) -> R {
    let n = this(vm, a)?.bound() as i64;
    Ok(vm.int(64 + if n == 0 { 0 } else { 24 * n.max(8) + 4 * n }))
}

fn get(vm: &Vm, a: &Args) -> R {
    let found = this(vm, a)?.get(vm, &a[1])?;
    Ok(found.unwrap_or_else(|| a.get(2).cloned().unwrap_or(Value::NONE)))
}

fn plain_get(vm: &Vm, a: &[Value]) -> Option<Value> {
    let (dict, key, default) = match a {
        [dict, key] => (dict, key, &Value::NONE),
        [dict, key, default] => (dict, key, default),
        _ => return None,
    };
    let dict = dict.as_dict().filter(|d| vm.types.dict.is(d.header.class()))?;
    let (_, found) = dict.find_plain(vm, key)?;
    Some(found.and_then(|at| dict.value_at(at)).unwrap_or(default).clone())
}

fn setdefault(vm: &Vm, a: &Args) -> R {
    let d = this(vm, a)?;
    let hash = vm.hash(&a[1])? as u64;
    if let Some(v) = d.get_hashed(vm, &a[1], hash)? {
        return Ok(v);
    }
    // Nothing has run since the key was found to be absent.
    let value = a.get(2).cloned().unwrap_or(Value::NONE);
    d.insert_new(a[1].clone(), value.clone(), hash);
    Ok(value)
}

fn pop(vm: &Vm, a: &Args) -> R {
    let d = this(vm, a)?;
    if d.is_empty() {
        // CPython does not ask for the hash of the key in an empty dict.
        return a.get(2).cloned().ok_or_else(|| vm.key_error(&a[1]));
    }
    match (d.remove(vm, &a[1])?, a.get(2)) {
        (Some(v), _) => Ok(v),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.key_error(&a[1])),
    }
}

fn popitem(vm: &Vm, a: &Args) -> R {
    let d = this(vm, a)?;
    let mut position = d.bound();
    if d.previous_item(&mut position).is_none() {
        return Err(vm.error(vm.types.key_error.get(), "popitem(): dictionary is empty"));
    }
    match d.remove_at(position) {
        Some((key, value)) => Ok(vm.tuple([key, value])),
        None => Err(vm.error(vm.types.key_error.get(), "popitem(): dictionary is empty")),
    }
}

fn keys(vm: &Vm, a: &Args) -> R {
    Ok(vm.view(a[0].clone(), ViewKind::Keys))
}

fn items(vm: &Vm, a: &Args) -> R {
    Ok(vm.view(a[0].clone(), ViewKind::Items))
}

fn values(vm: &Vm, a: &Args) -> R {
    Ok(vm.view(a[0].clone(), ViewKind::Values))
}

fn fromkeys(vm: &Vm, a: &Args) -> R {
    let value = a.get(2).cloned().unwrap_or(Value::NONE);
    let made = vm.call(&a[0], &[])?;
    if let Some(d) = made.as_dict()
        && vm.class_of(&made).is_same(vm.types.dict.get())
    {
        crate::builtins::set::each_hashed(vm, &a[1], |key, hash| {
            drop(d.set_hashed(vm, key, value.clone(), hash as u64)?);
            Ok(true)
        })?;
        return Ok(made);
    }
    let it = vm.iter(&a[1])?;
    while let Some(key) = vm.next(&it)? {
        vm.tick()?;
        vm.set_item(&made, &key, value.clone())?;
    }
    Ok(made)
}

fn clear(vm: &Vm, a: &Args) -> R {
    drop(this(vm, a)?.take_all());
    Ok(Value::NONE)
}

fn copy(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, a)?.copy(vm))
}

fn class_getitem(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}
