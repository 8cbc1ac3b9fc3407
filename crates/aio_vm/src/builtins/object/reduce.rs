//! How plain objects describe themselves for `copy` and `pickle`.

use crate::error::R;
use crate::native::Args;
use crate::object::class::{HAS_DICT, HEAP};
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;

/// The functions that make objects anew are those of `copyreg`.
fn maker(vm: &Vm, name: &str) -> R {
    let registry = vm.import_module("copyreg")?;
    vm.get_attr(&registry, &vm.intern(name))
}

pub(super) fn reduce(vm: &Vm, a: &Args) -> R {
    describe_as_of_old(vm, &a[0], 0)
}

/// The description for the protocols 0 and 1, which is the business of `copyreg`.
fn describe_as_of_old(vm: &Vm, obj: &Value, protocol: i32) -> R {
    let reduce = maker(vm, "_reduce_ex")?;
    vm.call(&reduce, &[obj.clone(), vm.int(i64::from(protocol))])
}

pub(super) fn reduce_ex(vm: &Vm, a: &Args) -> R {
    let protocol = vm.index_value(&a[1])?.as_i64().and_then(|n| i32::try_from(n).ok());
    let Some(protocol) = protocol else {
        return Err(vm.overflow_error("Python int too large to convert to C int"));
    };
    let class = vm.class_of(&a[0]);
    let own = class.find_in_mro(vm, &vm.names.__reduce__).is_some_and(|(c, _)| !c.is_same(vm.types.object.get()));
    if own {
        return Ok(vm.call_special(&a[0], &vm.names.__reduce__, &[])?.unwrap_or(Value::NONE));
    }
    if protocol < 2 {
        return describe_as_of_old(vm, &a[0], protocol);
    }
    describe(vm, &a[0])
}

fn describe(vm: &Vm, obj: &Value) -> R {
    let class = vm.class_of(obj);
    let by_nature = matches!(
        obj.kind(),
        Some(
            Kind::Coro
                | Kind::Frame
                | Kind::Traceback
                | Kind::Code
                | Kind::Cell
                | Kind::Module
                | Kind::Member
                | Kind::Opaque
                | Kind::Native
                | Kind::View
        )
    );
    if by_nature && !class.is(HEAP) {
        return Err(vm.type_error(format!("cannot pickle '{}' object", class.name_text())));
    }
    if obj.as_memoryview().is_some() {
        return Err(vm.type_error("cannot pickle memoryview objects"));
    }
    let class = class.value();
    let ex = vm.intern("__getnewargs_ex__");
    let plain = vm.intern("__getnewargs__");
    let (make, args) = if let Some(pair) = vm.call_special(obj, &ex, &[])? {
        let items = pair.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
        if items.len() != 2 {
            return Err(vm.type_error("__getnewargs_ex__ should return a tuple of length 2"));
        }
        (maker(vm, "__newobj_ex__")?, vec![class.clone(), items[0].clone(), items[1].clone()])
    } else {
        let mut args = vec![class.clone()];
        if let Some(more) = vm.call_special(obj, &plain, &[])? {
            let Some(t) = more.as_tuple() else {
                let what = vm.type_name(&more);
                return Err(vm.type_error(format!("__getnewargs__ should return a tuple, not '{what}'")));
            };
            args.extend(t.items().iter().cloned());
        }
        (maker(vm, "__newobj__")?, args)
    };
    let state = vm.call_special(obj, &vm.names.__getstate__, &[])?.unwrap_or(Value::NONE);
    let items = if obj.as_list().is_some() { vm.iter(obj)? } else { Value::NONE };
    let pairs = match obj.as_dict() {
        Some(_) => {
            let view = vm.call_method(obj, "items", &[])?;
            vm.iter(&view)?
        }
        None => Value::NONE,
    };
    Ok(vm.tuple([make, vm.tuple(args), state, items, pairs]))
}

pub(super) fn getstate(vm: &Vm, a: &Args) -> R {
    let obj = &a[0];
    let class = vm.class_of(obj);
    let own = match vm.class_of(obj).is(HAS_DICT) {
        true => vm.attrs_dict(obj).and_then(|d| d.as_dict().map(|d| d.copy(vm))),
        false => None,
    };
    let attrs = own.filter(|d| d.as_dict().is_some_and(|d| !d.is_empty()));
    if class.reserved_slots() == 0 {
        return Ok(attrs.unwrap_or(Value::NONE));
    }
    let slots = vm.dict();
    if let Some(d) = slots.as_dict() {
        let names = class.slot_names.borrow().clone();
        for name in names {
            if let Some(m) = class.lookup(vm, &name).as_ref().and_then(Value::as_member)
                && let Some(v) = vm.member_value(m, obj)
            {
                d.set_name(vm, &name, v);
            }
        }
        if d.is_empty() {
            return Ok(attrs.unwrap_or(Value::NONE));
        }
    }
    Ok(vm.tuple([attrs.unwrap_or(Value::NONE), slots]))
}
