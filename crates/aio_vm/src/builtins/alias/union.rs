//! Unions: `int | str`.

use super::generic::{collect_parameters, repr_item, substitute};
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method};
use crate::object::opaque::Payload;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "A union of types, such as int | str.",
    rows: &[
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__or__(self, value, /)", or, "Return self|value."),
        method("__ror__(self, value, /)", ror, "Return value|self."),
        method(
            "__instancecheck__(self, instance, /)",
            instance_check,
            "Tell whether the object is an instance of a member.",
        ),
        method("__subclasscheck__(self, subclass, /)", subclass_check, "Tell whether the class derives from a member."),
        method("__getitem__(self, key, /)", getitem, "Replace type parameters by arguments."),
        getter("__args__(self)", args, "the members"),
        getter("__parameters__(self)", parameters, "the type parameters among the members"),
    ],
    next: None,
};

/// The payload of a union.
pub struct Union {
    /// `__args__`, a tuple.
    pub args: Value,
}

impl Payload for Union {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.args);
    }
}

impl Vm {
    /// The members of a union, if the value is one.
    pub fn union_members(&self, v: &Value) -> Option<Vec<Value>> {
        v.payload::<Union>()?.args.as_tuple().map(|t| t.items().to_vec())
    }

    /// `a | b` for types; `NotImplemented` for anything else.
    pub fn join_types(&self, a: &Value, b: &Value) -> R {
        union_of(self, a, b)
    }

    /// Whether a value may stand in a union: a class, None, an alias, a union or a type parameter.
    fn joins_unions(&self, v: &Value) -> bool {
        let known = v.is_none() || v.as_class().is_some() || v.payload::<Union>().is_some();
        known
            || v.payload::<super::Alias>().is_some()
            || self.type_method(v, &self.names.__typing_subst__).is_some()
            || self.class_of(v).name_text() == "TypeAliasType"
    }
}

/// `a | b` for types; `NotImplemented` for anything else.
pub(crate) fn union_of(vm: &Vm, a: &Value, b: &Value) -> R {
    if !vm.joins_unions(a) || !vm.joins_unions(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mut members: Vec<Value> = Vec::new();
    for v in [a, b] {
        let parts = match vm.union_members(v) {
            Some(list) => list,
            None if v.is_none() => vec![vm.types.none_type.value()],
            None => vec![v.clone()],
        };
        for p in parts {
            let mut known = false;
            for m in &members {
                if vm.eq(m, &p)? {
                    known = true;
                    break;
                }
            }
            if !known {
                members.push(p);
            }
        }
    }
    if members.len() == 1 {
        return Ok(members.swap_remove(0));
    }
    Ok(vm.opaque(vm.types.union_type.get(), Union { args: vm.tuple(members) }))
}

fn members(v: &Value) -> Vec<Value> {
    v.payload::<Union>().and_then(|u| u.args.as_tuple().map(|t| t.items().to_vec())).unwrap_or_default()
}

fn repr(vm: &Vm, a: &Args) -> R {
    let items = members(&a[0]).iter().map(|m| repr_item(vm, m)).collect::<R<Vec<_>>>()?;
    Ok(vm.str(&items.join(" | ")))
}

fn eq(vm: &Vm, a: &Args) -> R {
    let (x, y) = (members(&a[0]), members(&a[1]));
    if a[1].payload::<Union>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if x.len() != y.len() {
        return Ok(Value::FALSE);
    }
    for m in &x {
        let mut found = false;
        for n in &y {
            if vm.eq(m, n)? {
                found = true;
                break;
            }
        }
        if !found {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn hash(vm: &Vm, a: &Args) -> R {
    let mut h = 0x5bd1_e995_i64;
    for m in members(&a[0]) {
        // The order of members does not count.
        h = h.wrapping_add(vm.hash(&m)?.wrapping_mul(0x9E37_79B9));
    }
    Ok(vm.int(h))
}

fn or(vm: &Vm, a: &Args) -> R {
    union_of(vm, &a[0], &a[1])
}

fn ror(vm: &Vm, a: &Args) -> R {
    union_of(vm, &a[1], &a[0])
}

fn instance_check(vm: &Vm, a: &Args) -> R {
    for m in members(&a[0]) {
        if vm.is_instance(&a[1], &m)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn subclass_check(vm: &Vm, a: &Args) -> R {
    for m in members(&a[0]) {
        if vm.is_subclass(&a[1], &m)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn getitem(vm: &Vm, a: &Args) -> R {
    let args = members(&a[0]);
    let parameters = collect_parameters(vm, &args)?;
    let mut joined: Option<Value> = None;
    for m in substitute(vm, &a[0], &args, &parameters, &a[1])? {
        joined = Some(match joined {
            None => m,
            Some(u) => vm.binary(crate::protocol::arith::Binary::Or, &u, &m)?,
        });
    }
    Ok(joined.unwrap_or(Value::NONE))
}

fn args(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].payload::<Union>().map_or(Value::NONE, |u| u.args.clone()))
}

fn parameters(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple(collect_parameters(vm, &members(&a[0]))?))
}
