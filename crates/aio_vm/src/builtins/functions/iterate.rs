//! Functions over iterables.

use crate::builtins::sort;
use crate::error::R;
use crate::native::Args;
use crate::object::iter::IterState;
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn all(vm: &Vm, a: &Args) -> R {
    let it = vm.iter(&a[0])?;
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        if !vm.truth(&v)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

pub(super) fn any(vm: &Vm, a: &Args) -> R {
    let it = vm.iter(&a[0])?;
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        if vm.truth(&v)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub(super) fn iter(vm: &Vm, a: &Args) -> R {
    let Some(sentinel) = a.get(1) else { return vm.iter(&a[0]) };
    if !vm.is_callable(&a[0]) {
        return Err(vm.type_error("iter(v, w): v must be callable"));
    }
    Ok(vm.iterator(IterState::Call(a[0].clone(), sentinel.clone())))
}

pub(super) fn next(vm: &Vm, a: &Args) -> R {
    let stop = &vm.types.stop_iteration;
    let step = if a[0].as_iter().is_some() {
        vm.next(&a[0])
    } else {
        // Through the method, so that StopIteration keeps its value.
        match vm.call_special(&a[0], &vm.names.__next__, &[]) {
            Ok(None) => Err(vm.type_error(format!("'{}' object is not an iterator", vm.type_name(&a[0])))),
            other => other,
        }
    };
    match (step, a.get(1)) {
        (Ok(Some(v)), _) => Ok(v),
        (Ok(None), Some(default)) => Ok(default.clone()),
        (Ok(None), None) => Err(vm.error_with(stop.get(), vec![])),
        (Err(e), Some(default)) if e.is(stop.get()) => Ok(default.clone()),
        (Err(e), _) => Err(e),
    }
}

pub(super) fn aiter(vm: &Vm, a: &Args) -> R {
    let Some(it) = vm.call_special(&a[0], &vm.names.__aiter__, &[])? else {
        return Err(vm.type_error(format!("'{}' object is not an async iterable", vm.type_name(&a[0]))));
    };
    if vm.type_method(&it, &vm.names.__anext__).is_none() {
        return Err(vm.type_error(format!("aiter() returned not an async iterator of type '{}'", vm.type_name(&it))));
    }
    Ok(it)
}

pub(super) fn max(vm: &Vm, a: &Args) -> R {
    extreme(vm, a, Compare::Gt, "max")
}

pub(super) fn min(vm: &Vm, a: &Args) -> R {
    extreme(vm, a, Compare::Lt, "min")
}

/// The first item that no other one exceeds in the direction of the comparison.
fn extreme(vm: &Vm, a: &Args, op: Compare, title: &str) -> R {
    let (key, default) = (a.some(0), a.get(1));
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |item: Value| -> R<()> {
        let value = match key {
            Some(f) => vm.call(f, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        let better = match &best {
            Some((_, known)) => vm.compare(op, &value, known)?,
            None => true,
        };
        if better {
            best = Some((item, value));
        }
        Ok(())
    };
    match a.rest {
        [] => return Err(vm.type_error(format!("{title} expected at least 1 argument, got 0"))),
        [iterable] => {
            let it = vm.iter(iterable)?;
            while let Some(v) = vm.next(&it)? {
                vm.tick()?;
                consider(v)?;
            }
        }
        several => {
            if default.is_some() {
                return Err(
                    vm.type_error(format!("Cannot specify a default for {title}() with multiple positional arguments"))
                );
            }
            for v in several {
                consider(v.clone())?;
            }
        }
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.value_error(format!("{title}() iterable argument is empty"))),
    }
}

pub(super) fn sorted(vm: &Vm, a: &Args) -> R {
    let mut items = vm.collect(&a[0])?;
    let reverse = match a.get(2) {
        Some(r) => vm.truth(r)?,
        None => false,
    };
    sort::sort(vm, &mut items, a.some(1), reverse)?;
    Ok(vm.list(items))
}
