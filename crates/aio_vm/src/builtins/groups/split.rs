//! How groups are divided, by classes or by a condition.

use crate::error::R;
use crate::native::Args;
use crate::object::class::EXCEPTION;
use crate::value::Value;
use crate::vm::Vm;

/// What decides which exceptions match.
enum Matcher {
    /// A class or a tuple of classes.
    Classes(Value),
    /// A function of the exception.
    Condition(Value),
}

impl Matcher {
    fn of(vm: &Vm, v: &Value) -> R<Matcher> {
        let is_class = |c: &Value| c.as_class().is_some_and(|c| c.is(EXCEPTION));
        if is_class(v) || v.as_tuple().is_some_and(|t| t.items().iter().all(is_class)) {
            return Ok(Matcher::Classes(v.clone()));
        }
        if v.as_class().is_none() && v.as_tuple().is_none() && vm.is_callable(v) {
            return Ok(Matcher::Condition(v.clone()));
        }
        Err(vm.type_error("expected an exception type, a tuple of exception types, or a callable (other than a class)"))
    }

    fn matches(&self, vm: &Vm, e: &Value) -> R<bool> {
        match self {
            Matcher::Classes(c) => vm.is_instance(e, c),
            Matcher::Condition(f) => {
                let answer = vm.call(f, std::slice::from_ref(e))?;
                vm.truth(&answer)
            }
        }
    }
}

/// What matches and, if asked for, the rest; `None` where nothing is left.
fn divide(vm: &Vm, e: &Value, by: &Matcher, want_rest: bool) -> R<(Option<Value>, Option<Value>)> {
    let _guard = vm.enter_native()?;
    if by.matches(vm, e)? {
        return Ok((Some(e.clone()), None));
    }
    let Some(members) = vm.group_members(e) else { return Ok((None, Some(e.clone()))) };
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for m in &members {
        let (a, b) = divide(vm, m, by, want_rest)?;
        yes.extend(a);
        no.extend(b);
    }
    let group = |list: Vec<Value>| -> R<Option<Value>> {
        if list.is_empty() { Ok(None) } else { vm.derive_group(e, list).map(Some) }
    };
    let matching = group(yes)?;
    let rest = if want_rest { group(no)? } else { None };
    Ok((matching, rest))
}

pub(super) fn split(vm: &Vm, a: &Args) -> R {
    let by = Matcher::of(vm, &a[1])?;
    let (yes, no) = divide(vm, &a[0], &by, true)?;
    Ok(vm.tuple([yes.unwrap_or(Value::NONE), no.unwrap_or(Value::NONE)]))
}

pub(super) fn subgroup(vm: &Vm, a: &Args) -> R {
    let by = Matcher::of(vm, &a[1])?;
    Ok(divide(vm, &a[0], &by, false)?.0.unwrap_or(Value::NONE))
}

impl Vm {
    /// Divides an exception for `except*`: what is of these classes, and the rest. A plain exception that matches is
    /// given back as it is.
    pub fn split_group(&self, e: &Value, classes: &Value) -> R<(Option<Value>, Option<Value>)> {
        divide(self, e, &Matcher::Classes(classes.clone()), true)
    }
}
