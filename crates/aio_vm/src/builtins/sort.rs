//! Stable sorting of values with comparisons that may run script code and raise.

use super::sequence;
use crate::error::R;
use crate::object::class::HEAP;
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

/// Lists shorter than this are sorted by binary insertion alone.
const MAX_MIN_RUN: usize = 64;

/// The length up to which short runs are completed by binary insertion, so that a list has a power of two of them or
/// a little less.
fn min_run(mut n: usize) -> usize {
    let mut odd = 0;
    while n >= MAX_MIN_RUN {
        odd |= n & 1;
        n >>= 1;
    }
    n + odd
}

/// An item with its key; without a key function the key is the item.
struct Keyed {
    key: Value,
    item: Value,
}

/// Sorts in place. After an error the items are all still there, in some order.
pub(crate) fn sort(vm: &Vm, items: &mut Vec<Value>, key: Option<&Value>, reverse: bool) -> R<()> {
    if items.len() > 1 && key.is_none() && sort_known(items, reverse) {
        return Ok(());
    }
    let mut keyed = Vec::with_capacity(items.len());
    for item in items.iter() {
        vm.tick()?;
        let key = match key {
            Some(f) => vm.call(f, std::slice::from_ref(item))?,
            None => Value::UNDEF,
        };
        keyed.push(Keyed { key, item: item.clone() });
    }
    if key.is_none() {
        for k in &mut keyed {
            k.key = k.item.clone();
        }
    }
    if keyed.len() < 2 {
        return Ok(());
    }
    let result = if key.is_some() && sort_known_keys(&mut keyed, reverse) {
        Ok(())
    } else {
        if reverse {
            keyed.reverse();
        }
        let result = merge_sort(vm, &mut keyed);
        if reverse {
            keyed.reverse();
        }
        result
    };
    items.clear();
    items.extend(keyed.into_iter().map(|k| k.item));
    result
}

/// What all keys are, if they can be compared without the script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Int,
    Float,
    Str,
}

fn known<'a>(keys: impl Iterator<Item = &'a Value>) -> Option<Known> {
    let of = |v: &Value| {
        if v.is_small() {
            Some(Known::Int)
        } else if let Some(x) = v.as_float() {
            // NaN has no order: the general way deals with it as CPython does.
            if x.is_nan() { None } else { Some(Known::Float) }
        } else {
            v.as_str().filter(|s| !s.header.class().is(HEAP)).map(|_| Known::Str)
        }
    };
    let mut all = None;
    for v in keys {
        let one = of(v)?;
        if *all.get_or_insert(one) != one {
            return None;
        }
    }
    all
}

fn bytes(v: &Value) -> &[u8] {
    v.as_str().map_or(&[], |s| s.bytes())
}

fn order(known: Known, a: &Value, b: &Value) -> std::cmp::Ordering {
    match known {
        Known::Int => a.as_small().cmp(&b.as_small()),
        // Zeros of both signs are equal, and there is no NaN.
        Known::Float => a.as_float().partial_cmp(&b.as_float()).unwrap_or(std::cmp::Ordering::Equal),
        Known::Str => bytes(a).cmp(bytes(b)),
    }
}

fn sort_known(items: &mut [Value], reverse: bool) -> bool {
    let Some(known) = known(items.iter()) else { return false };
    if reverse {
        items.sort_by(|a, b| order(known, b, a));
    } else {
        items.sort_by(|a, b| order(known, a, b));
    }
    true
}

fn sort_known_keys(items: &mut [Keyed], reverse: bool) -> bool {
    let Some(known) = known(items.iter().map(|k| &k.key)) else { return false };
    if reverse {
        items.sort_by(|a, b| order(known, &b.key, &a.key));
    } else {
        items.sort_by(|a, b| order(known, &a.key, &b.key));
    }
    true
}

/// `a < b` with a direct way for tuples.
fn less(vm: &Vm, a: &Keyed, b: &Keyed) -> R<bool> {
    vm.tick()?;
    if let (Some(x), Some(y)) = (a.key.as_tuple(), b.key.as_tuple())
        && !vm.class_of(&a.key).is(HEAP)
        && !vm.class_of(&b.key).is(HEAP)
    {
        for (p, q) in x.items().iter().zip(y.items()) {
            if p.is(q) {
                continue;
            }
            match (vm.compare_known(Compare::Eq, p, q), vm.compare_known(Compare::Lt, p, q)) {
                (Some(true), _) => {}
                (Some(false), Some(less)) => return Ok(less),
                _ => {
                    let v = sequence::compare(vm, Compare::Lt, &a.key, &b.key)?;
                    return vm.truth(&v);
                }
            }
        }
        return Ok(x.len() < y.len());
    }
    vm.lt(&a.key, &b.key)
}

/// Natural merge sort: finds runs, completes short ones, merges neighbours of similar length.
fn merge_sort(vm: &Vm, items: &mut [Keyed]) -> R<()> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let (mut start, shortest) = (0, min_run(items.len()));
    while start < items.len() {
        let mut end = run_end(vm, items, start)?;
        let least = (start + shortest).min(items.len());
        if end < least {
            insert_sorted(vm, &mut items[start..least], end - start)?;
            end = least;
        }
        runs.push((start, end));
        while runs.len() > 1 {
            let ((s1, e1), (s2, e2)) = (runs[runs.len() - 2], runs[runs.len() - 1]);
            if e1 - s1 > e2 - s2 {
                break;
            }
            merge(vm, &mut items[s1..e2], e1 - s1)?;
            runs.truncate(runs.len() - 2);
            runs.push((s1, e2));
        }
        start = end;
    }
    while runs.len() > 1 {
        let ((s1, e1), (_, e2)) = (runs[runs.len() - 2], runs[runs.len() - 1]);
        merge(vm, &mut items[s1..e2], e1 - s1)?;
        runs.truncate(runs.len() - 2);
        runs.push((s1, e2));
    }
    Ok(())
}

/// The end of the run that begins at `start`, in order at the end. A run ascends, or it descends and is turned round;
/// equal neighbours within a descending one keep their order. The comparisons and their order are CPython's, for they
/// may be seen, and they decide what comes out where there is no order.
fn run_end(vm: &Vm, items: &mut [Keyed], start: usize) -> R<usize> {
    let run = &mut items[start..];
    let mut n = 1;
    while n < run.len() && !less(vm, &run[n], &run[n - 1])? {
        n += 1;
    }
    if n >= run.len() {
        return Ok(start + run.len());
    }
    if n > 1 {
        if less(vm, &run[0], &run[n - 1])? {
            return Ok(start + n);
        }
        // All were equal; what descends from here is turned round with them.
        run[..n].reverse();
    }
    n += 1;
    let mut equal = 0;
    while n < run.len() {
        if less(vm, &run[n], &run[n - 1])? {
            if equal > 0 {
                run[n - equal - 1..n].reverse();
                equal = 0;
            }
        } else if less(vm, &run[n - 1], &run[n])? {
            break;
        } else {
            equal += 1;
        }
        n += 1;
    }
    if equal > 0 {
        run[n - equal - 1..n].reverse();
    }
    run[..n].reverse();
    while n < run.len() && !less(vm, &run[n], &run[n - 1])? {
        n += 1;
    }
    Ok(start + n)
}

/// Sorts by binary insertion; the first `sorted` items are in order.
fn insert_sorted(vm: &Vm, items: &mut [Keyed], sorted: usize) -> R<()> {
    for i in sorted..items.len() {
        let (mut low, mut high) = (0, i);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(vm, &items[i], &items[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        items[low..=i].rotate_right(1);
    }
    Ok(())
}

/// Merges two sorted neighbours, of which the first has `split` items.
fn merge(vm: &Vm, items: &mut [Keyed], split: usize) -> R<()> {
    if split == 0 || split >= items.len() || !less(vm, &items[split], &items[split - 1])? {
        return Ok(());
    }
    // The order is found first and applied at the end, so that an error leaves all items where they are.
    let mut order = Vec::with_capacity(items.len());
    let (mut i, mut k) = (0, split);
    while i < split && k < items.len() {
        if less(vm, &items[k], &items[i])? {
            order.push(k);
            k += 1;
        } else {
            order.push(i);
            i += 1;
        }
    }
    order.extend(i..split);
    order.extend(k..items.len());
    let empty = || Keyed { key: Value::UNDEF, item: Value::UNDEF };
    let mut old: Vec<Keyed> = items.iter_mut().map(|k| std::mem::replace(k, empty())).collect();
    for (to, from) in items.iter_mut().zip(order) {
        *to = std::mem::replace(&mut old[from], empty());
    }
    Ok(())
}
