//! `bisect`: places in sorted sequences.

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

const RIGHT: &str = "Return the index where to insert item x in list a, assuming a is sorted.\n\nThe return value i is \
                     such that all e in a[:i] have e <= x, and all e in\na[i:] have e > x.  So if x already appears in \
                     the list, a.insert(i, x) will\ninsert just after the rightmost x already there.";
const LEFT: &str = "Return the index where to insert item x in list a, assuming a is sorted.\n\nThe return value i is \
                    such that all e in a[:i] have e < x, and all e in\na[i:] have e >= x.  So if x already appears in \
                    the list, a.insert(i, x) will\ninsert just before the leftmost x already there.";
const INSERT: &str = "Insert item x in list a, and keep it sorted assuming a is sorted.";

static FUNCTIONS: &[Def] = &[
    function("bisect_right(a, x, lo=0, hi=None, *, key=None)", bisect_right, RIGHT),
    function("bisect_left(a, x, lo=0, hi=None, *, key=None)", bisect_left, LEFT),
    function("insort_right(a, x, lo=0, hi=None, *, key=None)", insort_right, INSERT),
    function("insort_left(a, x, lo=0, hi=None, *, key=None)", insort_left, INSERT),
];

static MODULE: ModuleDef = ModuleDef { name: "_bisect", init: fill };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    let dict = module.as_module().map(|m| m.dict.get());
    for (name, of) in [("bisect", "bisect_right"), ("insort", "insort_right")] {
        if let Some(f) = dict.as_ref().and_then(Value::as_dict).and_then(|d| d.get_text(vm, of)) {
            crate::fill::set(vm, module, name, f);
        }
    }
    Ok(())
}

/// The place of `wanted` among the keys of the items; behind equal ones if `behind`.
fn place(vm: &Vm, a: &Args, wanted: &Value, behind: bool) -> R<i64> {
    let mut low = match a.get(2) {
        Some(v) => vm.index(v)?,
        None => 0,
    };
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let mut high = match a.some(3) {
        Some(v) => vm.index(v)?,
        None => vm.len(&a[0])? as i64,
    };
    while low < high {
        vm.tick()?;
        let middle = low + (high - low) / 2;
        let mut item = vm.get_item(&a[0], &vm.int(middle))?;
        if let Some(key) = a.some(4) {
            item = vm.call(key, &[item])?;
        }
        let go_right = if behind { !vm.lt(wanted, &item)? } else { vm.lt(&item, wanted)? };
        if go_right {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn bisect_right(vm: &Vm, a: &Args) -> R {
    place(vm, a, &a[1], true).map(|n| vm.int(n))
}

fn bisect_left(vm: &Vm, a: &Args) -> R {
    place(vm, a, &a[1], false).map(|n| vm.int(n))
}

fn insort(vm: &Vm, a: &Args, behind: bool) -> R {
    let wanted = match a.some(4) {
        Some(key) => vm.call(key, std::slice::from_ref(&a[1]))?,
        None => a[1].clone(),
    };
    let i = place(vm, a, &wanted, behind)?;
    vm.call_method(&a[0], "insert", &[vm.int(i), a[1].clone()])?;
    Ok(Value::NONE)
}

fn insort_right(vm: &Vm, a: &Args) -> R {
    insort(vm, a, true)
}

fn insort_left(vm: &Vm, a: &Args) -> R {
    insort(vm, a, false)
}
