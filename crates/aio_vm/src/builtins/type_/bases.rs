//! Bases of classes, and what happens when a script changes them.

use crate::error::R;
use crate::native::Args;
use crate::object::ClassObj;
use crate::object::class::{FINAL, HEAP};
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn bases(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].as_class().map(|c| c.bases.get()).unwrap_or(Value::NONE))
}

pub(super) fn base(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].as_class().and_then(ClassObj::base).map(ClassObj::value).unwrap_or(Value::NONE))
}

pub(super) fn set_bases(vm: &Vm, a: &Args) -> R {
    let Some(class) = a[0].as_class() else { return Ok(Value::NONE) };
    let name = class.name_text();
    let Some(new) = a.get(1) else {
        return Err(vm.type_error(format!("cannot delete '__bases__' attribute of immutable type '{name}'")));
    };
    if !class.is(HEAP) {
        return Err(vm.type_error(format!("cannot set '__bases__' attribute of immutable type '{name}'")));
    }
    let Some(t) = new.as_tuple() else {
        let what = vm.type_name(new);
        return Err(vm.type_error(format!("can only assign tuple to {name}.__bases__, not {what}")));
    };
    if t.is_empty() {
        return Err(vm.type_error(format!("can only assign non-empty tuple to {name}.__bases__, not ()")));
    }
    for b in t.items() {
        let Some(b) = b.as_class() else {
            let what = vm.type_name(b);
            return Err(vm.type_error(format!("{name}.__bases__ must be tuple of classes, not '{what}'")));
        };
        if b.derives(class) {
            return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
        }
        if b.is(FINAL) {
            return Err(vm.type_error(format!("type '{}' is not an acceptable base type", b.name_text())));
        }
    }
    let best = vm.best_base(t.items())?;
    let (old, fresh) = (class.base().map(ClassObj::value), t.items().get(best).and_then(Value::as_class));
    let (before, after) = (old.as_ref().and_then(Value::as_class), fresh);
    if let (Some(before), Some(after)) = (before, after)
        && (before.instance.get() != after.instance.get() || before.reserved_slots() != after.reserved_slots())
    {
        return Err(vm.type_error(format!(
            "__bases__ assignment: '{}' object layout differs from '{}'",
            after.name_text(),
            before.name_text()
        )));
    }
    let previous = (class.bases.get(), class.base_at.replace(best as u32));
    class.withdraw();
    class.bases.set(new.clone());
    if let Err(e) = reorder(vm, class) {
        class.bases.set(previous.0);
        class.base_at.set(previous.1);
        class.announce();
        // The old bases had an order, so this cannot fail.
        let _ = reorder(vm, class);
        return Err(e);
    }
    class.announce();
    class.touch();
    vm.flush_inline_caches();
    Ok(Value::NONE)
}

/// Computes the order of lookup of a class and of all that derive from it.
fn reorder(vm: &Vm, class: &ClassObj) -> R<()> {
    let _guard = vm.enter_native()?;
    let bases = class.bases.get();
    let items = bases.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
    let order = crate::object::class::c3(class.value(), &items).map_err(|names| vm.order_error(&names))?;
    class.set_mro(vm, order);
    for sub in class.subclasses() {
        if let Some(sub) = sub.as_class() {
            reorder(vm, sub)?;
        }
    }
    Ok(())
}
