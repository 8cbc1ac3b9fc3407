//! Structural patterns, and the operations too rare for an instruction.

use crate::error::R;
use crate::object::class::{HEAP, MAPPING, SEQUENCE};
use crate::object::coro::CoroObj;
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::ops::INTRINSICS;
use aio_bytecode::{Intrinsic, Word};

pub(crate) fn match_kind(vm: &Vm, c: &CoroObj, w: Word, sequence: bool) {
    let x = c.src_b(w);
    let class = vm.class_of(&x);
    let flag = if sequence { SEQUENCE } else { MAPPING };
    let yes = class.mro_classes().any(|k| k.is(flag));
    drop(x);
    c.dst(w, Value::bool(yes));
}

/// Marks a missing key; a fresh object each time, so no mapping can hold it.
fn lookup(vm: &Vm, subject: &Value, key: &Value, missing: &Value) -> R<Option<Value>> {
    if let Some(d) = subject.as_dict()
        && !d.header.class().is(HEAP)
    {
        return d.get(vm, key);
    }
    let get = vm.get_attr(subject, &vm.names.get)?;
    let v = vm.call(&get, &[key.clone(), missing.clone()])?;
    Ok(if v.is(missing) { None } else { Some(v) })
}

pub(crate) fn match_keys(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let subject = c.src_b(w).into_value();
    let keys = c.src_c(w).into_value();
    let missing = vm.instance(vm.types.object.get());
    let mut values = Vec::new();
    let items = keys.as_tuple().map_or(&[][..], |t| t.items());
    for (i, k) in items.iter().enumerate() {
        for earlier in &items[..i] {
            if vm.eq(earlier, k)? {
                return Err(vm.value_error(format!("mapping pattern checks duplicate key ({})", vm.repr_text(k)?)));
            }
        }
        match lookup(vm, &subject, k, &missing)? {
            Some(v) => values.push(v),
            None => {
                c.dst(w, Value::NONE);
                return Ok(());
            }
        }
    }
    c.dst(w, vm.tuple(values));
    Ok(())
}

pub(crate) fn match_rest(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let subject = c.src_b(w).into_value();
    let keys = c.src_c(w).into_value();
    let rest = vm.dict();
    if let Some(d) = rest.as_dict() {
        if let Some(s) = subject.as_dict() {
            for (k, v) in s.items() {
                drop(d.set(vm, k, v)?);
            }
        } else {
            let names = vm.get_attr(&subject, &vm.names.keys)?;
            let names = vm.call(&names, &[])?;
            for k in vm.collect(&names)? {
                let v = vm.get_item(&subject, &k)?;
                drop(d.set(vm, k, v)?);
            }
        }
        for k in keys.as_tuple().map_or(&[][..], |t| t.items()) {
            drop(d.remove(vm, k)?);
        }
    }
    c.dst(w, rest);
    Ok(())
}

/// Classes whose single positional sub-pattern is the subject itself.
fn matches_itself(vm: &Vm, class: &Value) -> bool {
    let t = &vm.types;
    let own = [
        t.bool.get(),
        t.bytearray.get(),
        t.bytes.get(),
        t.dict.get(),
        t.float.get(),
        t.frozenset.get(),
        t.int.get(),
        t.list.get(),
        t.set.get(),
        t.str.get(),
        t.tuple.get(),
    ];
    class.as_class().is_some_and(|c| own.iter().any(|k| c.derives(k)))
}

pub(crate) fn match_class(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let (subject, class) = (c.take(a), c.take(a + 1));
    // SAFETY: the frame's code is alive and verified.
    let names = unsafe { (*c.code.get()).constant(w.c() as usize).clone() };
    let v = class_attributes(vm, &subject, &class, w.b() as usize, &names)?;
    c.put(a, v);
    Ok(())
}

fn class_attributes(vm: &Vm, subject: &Value, class: &Value, positional: usize, names: &Value) -> R {
    let Some(k) = class.as_class() else {
        return Err(vm.type_error("called match pattern must be a class"));
    };
    if !vm.is_instance(subject, class)? {
        return Ok(Value::NONE);
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut values = Vec::new();
    if positional > 0 {
        let args = vm.look_attr(class, &vm.names.__match_args__)?;
        let title = k.name_text();
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let args = match &args {
            Some(t) => {
                if t.as_tuple().is_none() {
                    return Err(
                        vm.type_error(format!("{title}.__match_args__ must be a tuple (got {})", vm.type_name(t)))
                    );
                }
                t.as_tuple().map_or(&[][..], |t| t.items())
            }
            None if matches_itself(vm, class) => {
                if positional > 1 {
                    return Err(
                        vm.type_error(format!("{title}() accepts 1 positional sub-pattern ({positional} given)"))
                    );
                }
                values.push(subject.clone());
                &[]
            }
            None => &[],
        };
        if values.is_empty() && args.len() < positional {
            let n = args.len();
            return Err(vm.type_error(format!(
                "{title}() accepts {n} positional sub-pattern{} ({positional} given)",
                plural(n)
            )));
        }
        if values.is_empty() {
            for n in &args[..positional] {
                if n.as_str().is_none() {
                    return Err(
                        vm.type_error(format!("__match_args__ elements must be strings (got {})", vm.type_name(n)))
                    );
                }
                seen.push(n.clone());
            }
        }
    }
    seen.extend(names.as_tuple().map_or(&[][..], |t| t.items()).iter().cloned());
    for (i, n) in seen.iter().enumerate() {
        for m in &seen[..i] {
            if vm.eq(m, n)? {
                return Err(vm.type_error(format!(
                    "{}() got multiple sub-patterns for attribute {}",
                    k.name_text(),
                    vm.repr_text(n)?
                )));
            }
        }
        let n = vm.intern_value(n);
        match vm.look_attr(subject, &n)? {
            Some(v) => values.push(v),
            None => return Ok(Value::NONE),
        }
    }
    Ok(vm.tuple(values))
}

pub(crate) fn intrinsic(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let args = c.take_window(a, w.c() as usize);
    let result = match INTRINSICS[w.b() as usize] {
        Intrinsic::Display => {
            let sys = vm.sys();
            let hook = vm.get_attr_text(&sys, "displayhook")?;
            vm.call(&hook, &args)?
        }
        Intrinsic::AssertionError => vm.types.assertion_error.value(),
        Intrinsic::FailedAssertion => {
            let module = vm.import_module("_testing.explain")?;
            let f = vm.get_attr_text(&module, "failed")?;
            vm.call(&f, &args)?
        }
        Intrinsic::TypeVar => vm.typing_hook("_make_typevar", &args)?,
        Intrinsic::TypeVarTuple => vm.typing_hook("_make_typevartuple", &args)?,
        Intrinsic::ParamSpec => vm.typing_hook("_make_paramspec", &args)?,
        Intrinsic::TypeAlias => vm.typing_hook("_make_type_alias", &args)?,
        Intrinsic::GenericBase => vm.typing_hook("_make_generic_base", &args)?,
        Intrinsic::SetTypeParams => {
            if let Some(f) = args[0].as_function() {
                f.extra().type_params.set(args[1].clone());
            }
            args[0].clone()
        }
    };
    c.put(a, result);
    Ok(())
}

impl Vm {
    /// Calls a function of the library module `_typing`, which makes the objects of PEP 695.
    fn typing_hook(&self, name: &str, args: &[Value]) -> R {
        let import = self.builtin_named(&self.names.__import__);
        let Some(import) = import else { return Err(self.import_error("__import__ not found")) };
        let module = self.call(&import, &[self.intern("_typing")])?;
        let f = self.get_attr_text(&module, name)?;
        self.call(&f, args)
    }
}
