//! Iterators over the ways to choose: product, permutations, combinations with and without replacement.

use super::{Step, count_of, make, payload, publish, table};
use aio_vm::object::Charge;
use aio_vm::{Args, Payload, R, TypeTable, Value, Vm, method};
use std::cell::RefCell;

pub(super) fn fill(vm: &Vm, module: &Value) {
    publish::<Product>(vm, module);
    publish::<Permutations>(vm, module);
    publish::<Combinations>(vm, module);
    publish::<WithReplacement>(vm, module);
}

const SIZEOF: &str = "Returns size in memory, in bytes.";

/// The places that were chosen last: none before the first choice and none after the last one.
enum Places {
    Fresh,
    At(Vec<usize>),
    Done,
}

fn chosen(vm: &Vm, pool: &[Value], places: &[usize]) -> Value {
    vm.tuple(places.iter().map(|i| pool.get(*i).cloned().unwrap_or_default()))
}

/// Bytes of a pool.
fn weight(pool: &[Value]) -> usize {
    size_of_val(pool) + size_of::<Vec<Value>>()
}

struct Product {
    pools: Vec<Vec<Value>>,
    _charge: Charge,
    places: RefCell<Places>,
}

impl Payload for Product {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.pools.iter().flatten().for_each(visit);
    }
}

impl Step for Product {
    const NAME: &'static str = "product";
    const TABLE: &'static TypeTable = table!(
        Product,
        "product(*iterables, repeat=1) --> product object\n\nCartesian product of input iterables.  Equivalent to nested \
         for-loops.",
        "__new__(cls, /, *iterables, repeat=1)",
        new_product,
        method("__sizeof__(self, /)", sizeof_product, SIZEOF)
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let mut places = self.places.borrow_mut();
        let next = match std::mem::replace(&mut *places, Places::Done) {
            Places::Done => None,
            Places::Fresh => (!self.pools.iter().any(Vec::is_empty)).then(|| vec![0; self.pools.len()]),
            Places::At(mut at) => {
                let turned = at.iter_mut().zip(&self.pools).rev().any(|(i, pool)| {
                    *i += 1;
                    let fits = *i < pool.len();
                    if !fits {
                        *i = 0;
                    }
                    fits
                });
                turned.then_some(at)
            }
        };
        let Some(at) = next else { return Ok(None) };
        let found = vm.tuple(at.iter().zip(&self.pools).map(|(i, pool)| pool.get(*i).cloned().unwrap_or_default()));
        *places = Places::At(at);
        Ok(Some(found))
    }
}

fn new_product(vm: &Vm, a: &Args) -> R {
    let repeat = match a.get(1) {
        Some(n) => vm.ssize(n)?,
        None => 1,
    };
    if repeat < 0 {
        return Err(vm.value_error("repeat argument cannot be negative"));
    }
    let Some(n) = a.rest.len().checked_mul(repeat as usize).filter(|n| *n < isize::MAX as usize / 24) else {
        return Err(vm.overflow_error("repeat argument too large"));
    };
    vm.alloc_check(n, size_of::<Vec<Value>>())?;
    let once = a.rest.iter().map(|v| vm.collect(v)).collect::<R<Vec<_>>>()?;
    let mut pools = Vec::with_capacity(n);
    for _ in 0..if once.is_empty() { 0 } else { repeat } {
        pools.extend(once.iter().cloned());
    }
    make(
        vm,
        &a[0],
        Product {
            _charge: Charge::new(vm, pools.iter().map(|p| weight(p)).sum()),
            pools,
            places: RefCell::new(Places::Fresh),
        },
    )
}

fn sizeof_product(vm: &Vm, a: &Args) -> R {
    let p = payload::<Product>(vm, &a[0])?;
    Ok(vm.int((48 + 8 * p.pools.len()) as i64))
}

struct Permutations {
    pool: Vec<Value>,
    _charge: Charge,
    size: usize,
    /// All places in their present order, and how many turns each of the first ones has left.
    state: RefCell<Option<(Vec<usize>, Vec<usize>)>>,
    started: std::cell::Cell<bool>,
}

impl Payload for Permutations {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.pool.iter().for_each(visit);
    }
}

/// Turns to the next permutation; false at the last.
fn turn(order: &mut [usize], turns: &mut [usize]) -> bool {
    let n = order.len();
    for i in (0..turns.len()).rev() {
        let Some(left) = turns.get_mut(i) else { return false };
        *left -= 1;
        if *left > 0 {
            let other = n - *left;
            order.swap(i, other);
            return true;
        }
        *left = n - i;
        if let Some(rest) = order.get_mut(i..) {
            rest.rotate_left(1);
        }
    }
    false
}

impl Step for Permutations {
    const NAME: &'static str = "permutations";
    const TABLE: &'static TypeTable = table!(
        Permutations,
        "Return successive r-length permutations of elements in the iterable.\n\npermutations(range(3), 2) --> (0,1), \
         (0,2), (1,0), (1,2), (2,0), (2,1)",
        "__new__(cls, iterable, r=None)",
        new_permutations,
        method("__sizeof__(self, /)", sizeof_permutations, SIZEOF)
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let mut state = self.state.borrow_mut();
        let Some((order, turns)) = state.as_mut() else { return Ok(None) };
        if self.started.replace(true) && !turn(order, turns) {
            *state = None;
            return Ok(None);
        }
        Ok(Some(chosen(vm, &self.pool, order.get(..self.size).unwrap_or_default())))
    }
}

fn new_permutations(vm: &Vm, a: &Args) -> R {
    let pool = vm.collect(&a[1])?;
    let n = pool.len();
    let size = match a.some(2) {
        None => n,
        Some(r) if r.is_int() => count_of(vm, r, "r")?,
        Some(_) => return Err(vm.type_error("Expected int as r")),
    };
    let state = (size <= n).then(|| ((0..n).collect(), (0..size).map(|i| n - i).collect()));
    make(
        vm,
        &a[0],
        Permutations {
            _charge: Charge::new(vm, weight(&pool)),
            pool,
            size,
            state: RefCell::new(state),
            started: Default::default(),
        },
    )
}

fn sizeof_permutations(vm: &Vm, a: &Args) -> R {
    let p = payload::<Permutations>(vm, &a[0])?;
    Ok(vm.int((64 + 8 * (p.pool.len() + p.size)) as i64))
}

/// Both kinds of combinations: what they choose may be chosen again or not.
struct Choices<const AGAIN: bool> {
    pool: Vec<Value>,
    _charge: Charge,
    size: usize,
    places: RefCell<Places>,
}

type Combinations = Choices<false>;
type WithReplacement = Choices<true>;

impl<const AGAIN: bool> Payload for Choices<AGAIN> {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.pool.iter().for_each(visit);
    }
}

fn new_choices<const AGAIN: bool>(vm: &Vm, a: &Args) -> R
where
    Choices<AGAIN>: Step,
{
    let pool = vm.collect(&a[1])?;
    let size = count_of(vm, &a[2], "r")?;
    let charge = Charge::new(vm, weight(&pool));
    make(vm, &a[0], Choices::<AGAIN> { pool, _charge: charge, size, places: RefCell::new(Places::Fresh) })
}

fn sizeof_choices<const AGAIN: bool>(vm: &Vm, a: &Args) -> R
where
    Choices<AGAIN>: Step,
{
    let c = payload::<Choices<AGAIN>>(vm, &a[0])?;
    Ok(vm.int((48 + 8 * c.size) as i64))
}

impl Step for Combinations {
    const NAME: &'static str = "combinations";
    const TABLE: &'static TypeTable = table!(
        Combinations,
        "Return successive r-length combinations of elements in the iterable.\n\ncombinations(range(4), 3) --> (0,1,2), \
         (0,1,3), (0,2,3), (1,2,3)",
        "__new__(cls, iterable, r)",
        new_choices::<false>,
        method("__sizeof__(self, /)", sizeof_choices::<false>, SIZEOF)
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let (n, r) = (self.pool.len(), self.size);
        // The last place that can move moves, and those behind it follow closely.
        next_choice(
            vm,
            &self.pool,
            &self.places,
            || (r <= n).then(|| (0..r).collect()),
            |at| {
                let i = (0..r).rev().find(|i| at.get(*i).is_some_and(|p| *p != i + n - r))?;
                let first = at.get(i)? + 1;
                for (k, place) in at.iter_mut().enumerate().skip(i) {
                    *place = first + k - i;
                }
                Some(())
            },
        )
    }
}

/// One step of either kind of combinations.
fn next_choice(
    vm: &Vm,
    pool: &[Value],
    places: &RefCell<Places>,
    first: impl FnOnce() -> Option<Vec<usize>>,
    turn: impl FnOnce(&mut Vec<usize>) -> Option<()>,
) -> R<Option<Value>> {
    let mut places = places.borrow_mut();
    let next = match std::mem::replace(&mut *places, Places::Done) {
        Places::Done => None,
        Places::Fresh => first(),
        Places::At(mut at) => turn(&mut at).map(|()| at),
    };
    let Some(at) = next else { return Ok(None) };
    let found = chosen(vm, pool, &at);
    *places = Places::At(at);
    Ok(Some(found))
}

impl Step for WithReplacement {
    const NAME: &'static str = "combinations_with_replacement";
    const TABLE: &'static TypeTable = table!(
        WithReplacement,
        "Return successive r-length combinations of elements in the iterable allowing individual elements to have \
         successive repeats.\n\ncombinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), \
         ('B','C'), ('C','C')",
        "__new__(cls, iterable, r)",
        new_choices::<true>,
        method("__sizeof__(self, /)", sizeof_choices::<true>, SIZEOF)
    );

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let (n, r) = (self.pool.len(), self.size);
        next_choice(
            vm,
            &self.pool,
            &self.places,
            || (n > 0 || r == 0).then(|| vec![0; r]),
            |at| {
                let i = (0..r).rev().find(|i| at.get(*i).is_some_and(|p| p + 1 != n))?;
                let place = at.get(i)? + 1;
                at.iter_mut().skip(i).for_each(|p| *p = place);
                Some(())
            },
        )
    }
}
