//! Iterators: those over containers share one layout, the lazy ones of builtins have files of their own.

pub(crate) mod lazy;
pub(crate) mod reversed;

use crate::error::{R, Raised};
use crate::native::{Args, TypeTable, method};
use crate::object::IterObj;
use crate::object::dict::ViewKind;
use crate::object::iter::IterState;
use crate::value::Value;
use crate::vm::Vm;

const ITER: crate::native::Def = method("__iter__(self, /)", iter, "Implement iter(self).");
const NEXT: crate::native::Def = method("__next__(self, /)", next, "Implement next(self).");
const HINT: crate::native::Def = method("__length_hint__(self, /)", length_hint, "Estimate how many items are left.");
const REDUCE: crate::native::Def =
    method("__reduce__(self, /)", reduce, "Return what makes an iterator of this state.");
const SET_STATE: crate::native::Def = method("__setstate__(self, state, /)", set_state, "Set the position.");

/// Iterators over sequences: they know how much is left and can be placed.
pub(crate) static PLACED: TypeTable = TypeTable { doc: "", rows: &[ITER, NEXT, HINT, REDUCE, SET_STATE], next: None };
/// Iterators over dicts and sets.
pub(crate) static HINTED: TypeTable = TypeTable { doc: "", rows: &[ITER, NEXT, HINT, REDUCE], next: None };
/// The iterator over the results of a callable.
pub(crate) static PLAIN: TypeTable = TypeTable { doc: "", rows: &[ITER, NEXT, REDUCE], next: None };

fn this<'a>(vm: &Vm, a: &'a Args) -> R<&'a IterObj> {
    a[0].as_iter().ok_or_else(|| vm.type_error("an iterator is required"))
}

/// `StopIteration()`.
fn stop(vm: &Vm) -> Raised {
    vm.error_with(vm.types.stop_iteration.get(), vec![])
}

fn iter(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn next(vm: &Vm, a: &Args) -> R {
    this(vm, a)?.next(vm)?.ok_or_else(|| stop(vm))
}

fn length_hint(vm: &Vm, a: &Args) -> R {
    let (container, place) = match this(vm, a)?.state() {
        IterState::Range(_, left, _) => return Ok(vm.uint(*left)),
        IterState::BigRange(start, stop, step) => {
            let rest = vm.range(start.clone(), stop.clone(), step.clone());
            return Ok(vm.call_special(&rest, &vm.names.__len__, &[])?.unwrap_or(Value::small(0)));
        }
        IterState::ListReversed(list, i) => {
            let n = list.as_list().map_or(0, |l| l.len());
            return Ok(Value::small((*i).min(n) as i64));
        }
        IterState::Str(s, at) => {
            let rest = s.as_str().and_then(|s| s.bytes().get(*at..)).unwrap_or_default();
            return Ok(Value::small(crate::text::wtf8::count(rest) as i64));
        }
        IterState::List(v, i) | IterState::Tuple(v, i) | IterState::Bytes(v, i) => (v.clone(), *i),
        IterState::Dict(v, walk, _) | IterState::DictReversed(v, walk, _) => {
            let fresh = v.as_dict().is_some_and(|d| walk.same_size(d));
            return Ok(vm.int(if fresh { walk.left as i64 } else { 0 }));
        }
        IterState::Set(v, position, size) => {
            let (s, mut position, mut left) = (v.as_set(), *position, 0);
            if s.is_some_and(|s| s.len() != *size) {
                return Ok(Value::small(0));
            }
            while s.is_some_and(|s| s.next_item(&mut position).is_some()) {
                left += 1;
            }
            return Ok(vm.int(left));
        }
        IterState::Sequence(v, i) => (v.clone(), (*i).max(0) as usize),
        IterState::SequenceReversed(_, i) => return Ok(vm.int(i.saturating_add(1).max(0))),
        IterState::Call(..) | IterState::Done => return Ok(Value::small(0)),
    };
    if vm.type_method(&container, &vm.names.__len__).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let n = vm.len(&container)?;
    Ok(Value::small(n.saturating_sub(place) as i64))
}

/// A function of builtins, for `__reduce__`.
fn builtin(vm: &Vm, name: &str) -> Value {
    vm.builtin(name).unwrap_or(Value::NONE)
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let it = this(vm, a)?;
    let forward =
        |container: &Value, state: Value| vm.tuple([builtin(vm, "iter"), vm.tuple([container.clone()]), state]);
    let backward = |container: &Value, state: i64| {
        vm.tuple([vm.types.reversed.value(), vm.tuple([container.clone()]), vm.int(state)])
    };
    Ok(match it.state() {
        IterState::List(v, i) | IterState::Tuple(v, i) | IterState::Bytes(v, i) => forward(v, vm.int(*i as i64)),
        IterState::Sequence(v, i) => forward(v, vm.int(*i)),
        IterState::Str(v, at) => {
            let before = v.as_str().and_then(|s| s.bytes().get(..*at)).unwrap_or_default();
            forward(v, vm.int(crate::text::wtf8::count(before) as i64))
        }
        IterState::Range(next, left, step) => {
            let stop = *next as i128 + *left as i128 * *step as i128;
            let rest = vm.range(vm.int(*next), vm.int128(stop), vm.int(*step));
            forward(&rest, Value::NONE)
        }
        IterState::BigRange(start, stop, step) => {
            let rest = vm.range(start.clone(), stop.clone(), step.clone());
            forward(&rest, Value::NONE)
        }
        IterState::ListReversed(v, i) => backward(v, *i as i64 - 1),
        IterState::SequenceReversed(v, i) => backward(v, *i),
        IterState::Call(f, sentinel) => vm.tuple([builtin(vm, "iter"), vm.tuple([f.clone(), sentinel.clone()])]),
        IterState::Dict(v, walk, what) => {
            let (mut position, mut rest) = (walk.position, Vec::new());
            while let Some(item) = v.as_dict().and_then(|d| d.next_item(&mut position)) {
                rest.push(shown(vm, item, *what));
            }
            vm.tuple([builtin(vm, "iter"), vm.tuple([vm.list(rest)])])
        }
        IterState::DictReversed(v, walk, what) => {
            let (mut position, mut rest) = (walk.position, Vec::new());
            while let Some(item) = v.as_dict().and_then(|d| d.previous_item(&mut position)) {
                rest.push(shown(vm, item, *what));
            }
            vm.tuple([builtin(vm, "iter"), vm.tuple([vm.list(rest)])])
        }
        IterState::Set(v, position, _) => {
            let (mut position, mut rest) = (*position, Vec::new());
            while let Some(item) = v.as_set().and_then(|s| s.next_item(&mut position)) {
                rest.push(item);
            }
            vm.tuple([builtin(vm, "iter"), vm.tuple([vm.list(rest)])])
        }
        IterState::Done => vm.tuple([builtin(vm, "iter"), vm.tuple([vm.list(Vec::new())])]),
    })
}

fn shown(vm: &Vm, (key, value): (Value, Value), what: ViewKind) -> Value {
    match what {
        ViewKind::Values => value,
        ViewKind::Items => vm.tuple([key, value]),
        ViewKind::Keys | ViewKind::Proxy => key,
    }
}

fn set_state(vm: &Vm, a: &Args) -> R {
    let n = vm.index(&a[1])?;
    let from_start = n.max(0) as usize;
    match this(vm, a)?.state() {
        IterState::List(v, i) => *i = from_start.min(v.as_list().map_or(0, |l| l.len())),
        IterState::Tuple(v, i) => *i = from_start.min(v.as_tuple().map_or(0, |t| t.len())),
        IterState::Bytes(v, i) => *i = from_start.min(v.byte_data().map_or(0, |d| d.len())),
        IterState::Str(v, at) => {
            *at = v.as_str().map_or(0, |s| s.byte_offset(from_start.min(s.len())));
        }
        IterState::Sequence(_, i) => *i = n.max(0),
        IterState::ListReversed(v, i) => {
            *i = n.saturating_add(1).max(0).min(v.as_list().map_or(0, |l| l.len()) as i64) as usize;
        }
        IterState::SequenceReversed(_, i) => *i = n.clamp(-1, (*i).max(-1)),
        IterState::Range(next, left, step) => {
            let skip = (from_start as u64).min(*left);
            *next = next.wrapping_add((skip as i64).wrapping_mul(*step));
            *left -= skip;
        }
        _ => {}
    }
    Ok(Value::NONE)
}
