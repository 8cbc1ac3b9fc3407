//! The layout of instances: which base decides it, and what `__slots__` adds.

use crate::builtins::object::text_of;
use crate::error::R;
use crate::object::class::*;
use crate::object::header::Kind;
use crate::object::{ClassObj, DictObj};
use crate::value::Value;
use crate::vm::Vm;

/// What `__slots__` says.
pub(super) struct Slots {
    /// Names of the members, mangled.
    names: Vec<Value>,
    /// HAS_DICT and WEAKREFABLE as far as the class adds them.
    pub(super) flags: u32,
}

/// The nearest class, from `class` on, that added something to the layout of instances.
fn solid<'a>(vm: &'a Vm, class: &'a ClassObj) -> &'a ClassObj {
    let mut c = class;
    while let Some(base) = c.base() {
        let own_kind = base.instance.get() != c.instance.get();
        let own_fields = !c.is(HEAP) && c.is(EXCEPTION) && has_fields(vm, c);
        if own_kind || own_fields || c.reserved_slots() > base.reserved_slots() {
            return c;
        }
        c = base;
    }
    c
}

/// Exceptions with fields of their own, which do not mix.
fn has_fields(vm: &Vm, class: &ClassObj) -> bool {
    let t = &vm.types;
    [
        &t.base_exception_group,
        &t.system_exit,
        &t.import_error,
        &t.os_error,
        &t.stop_iteration,
        &t.syntax_error,
        &t.name_error,
        &t.attribute_error,
        &t.unicode_decode_error,
        &t.unicode_encode_error,
        &t.unicode_translate_error,
    ]
    .iter()
    .any(|f| f.get().is_same(class))
}

impl Vm {
    /// The place of the base that decides the layout of instances.
    pub(crate) fn best_base(&self, bases: &[Value]) -> R<usize> {
        let mut best: Option<(usize, &ClassObj)> = None;
        for (at, b) in bases.iter().enumerate() {
            let Some(c) = b.as_class() else { continue };
            let candidate = solid(self, c);
            match best {
                None => best = Some((at, candidate)),
                Some((_, w)) if w.derives(candidate) => {}
                Some((_, w)) if candidate.derives(w) => best = Some((at, candidate)),
                Some(_) => return Err(self.type_error("multiple bases have instance lay-out conflict")),
            }
        }
        Ok(best.map_or(0, |(at, _)| at))
    }
}

/// The flags that a class has because its bases have them.
pub(super) fn inherited_flags(bases: &[Value], best: &ClassObj) -> u32 {
    let mut flags = best.flags.get() & METACLASS;
    for b in bases.iter().filter_map(Value::as_class) {
        flags |= b.flags.get() & (HAS_DICT | WEAKREFABLE | EXCEPTION);
        if flags & (SEQUENCE | MAPPING) == 0 {
            flags |= b.flags.get() & (SEQUENCE | MAPPING);
        }
    }
    flags
}

/// Reads `__slots__` of a class body and decides about `__dict__` and `__weakref__`.
pub(super) fn read_slots(vm: &Vm, body: &DictObj, name: &Value, base: &ClassObj) -> R<Slots> {
    let Some(slots) = body.get_name(vm, &vm.names.__slots__) else {
        return Ok(Slots { names: Vec::new(), flags: HAS_DICT | WEAKREFABLE });
    };
    let items = if slots.as_str().is_some() { vec![slots] } else { vm.collect(&slots)? };
    let variable = matches!(base.instance.get(), Kind::Int | Kind::Tuple | Kind::Bytes | Kind::Class);
    if !items.is_empty() && variable {
        let what = base.name_text();
        return Err(vm.type_error(format!("nonempty __slots__ not supported for subtype of '{what}'")));
    }
    let mut flags = 0;
    let mut names: Vec<Value> = Vec::new();
    for item in &items {
        let Some(s) = item.as_str() else {
            let what = vm.type_name(item);
            return Err(vm.type_error(format!("__slots__ items must be strings, not '{what}'")));
        };
        let text = s.to_text().into_owned();
        if !crate::text::classify::is_identifier(s.bytes()) {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        let flag = match text.as_str() {
            "__dict__" => HAS_DICT,
            "__weakref__" => WEAKREFABLE,
            _ => 0,
        };
        if flag != 0 {
            if (flags | base.flags.get()) & flag != 0 {
                return Err(vm.type_error(format!("{text} slot disallowed: we already got one")));
            }
            flags |= flag;
            continue;
        }
        let mangled = vm.intern(&mangle(&text_of(name), &text));
        if body.get_name(vm, &mangled).is_some() && !matches!(text.as_str(), "__qualname__" | "__classcell__") {
            return Err(vm.value_error(format!("'{text}' in __slots__ conflicts with class variable")));
        }
        names.push(mangled);
    }
    Ok(Slots { names, flags })
}

/// `__name` in a class body means `_Class__name`.
fn mangle(class: &str, name: &str) -> String {
    let class = class.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') || class.is_empty() {
        return name.to_owned();
    }
    format!("_{class}{name}")
}

/// Puts the descriptors of members, `__dict__` and `__weakref__` into the class's dict.
pub(super) fn add_members(vm: &Vm, class: &ClassObj, body: &DictObj, slots: &Slots) {
    for name in &slots.names {
        let index = {
            let mut all = class.slot_names.borrow_mut();
            all.push(name.clone());
            all.len() - 1
        };
        let member = vm.member(class.value(), index, name.clone());
        drop(body.set_name(vm, name, member));
    }
    let already = class
        .bases
        .get()
        .as_tuple()
        .map_or(0, |t| t.items().iter().filter_map(Value::as_class).fold(0, |f, b| f | b.flags.get()));
    let added = slots.flags & !already;
    let meta = class.is(METACLASS);
    if added & HAS_DICT != 0 && !meta && body.get_name(vm, &vm.names.__dict__).is_none() {
        vm.add_dict_row(class);
    }
    if added & WEAKREFABLE != 0 && !meta && body.get_name(vm, &vm.names.__weakref__).is_none() {
        vm.add_weakref_row(class);
    }
}

/// The native step of an iterator is inherited unless the script has its own `__next__`.
pub(super) fn inherit_step(vm: &Vm, class: &ClassObj, base: &ClassObj) {
    let step = match class.find_in_mro(vm, &vm.names.__next__) {
        Some((owner, _)) if owner.is(HEAP) => None,
        Some((owner, _)) => owner.next.get(),
        None => base.next.get(),
    };
    class.next.set(step);
}
