//! Arguments that go to their parameters in the frame itself: those with names, those that `*args` and `**kwargs` collect,
//! and those of `f(*args, **kwargs)`. Whatever is wrong, or rare, is left to `bind`.

use crate::interp::bits::UNDEF;
use crate::interp::call::begin_frame;
use crate::object::coro::CoroObj;
use crate::object::{DictObj, FunctionObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Code;
use aio_bytecode::code::{NAMESPACE, VARARGS, VARKEYWORDS};
use smallvec::SmallVec;

/// Most arguments with names.
const NAMED: usize = 8;

/// In the place of a parameter: the argument goes to `**kwargs`.
const COLLECTED: usize = usize::MAX;

/// Which parameter every argument is for, and that the others have defaults.
struct Plan<'a> {
    function: &'a FunctionObj,
    /// Arguments without names.
    given: usize,
    /// Parameters but for `*args` and `**kwargs`.
    parameters: usize,
    /// Where those with names go.
    places: [usize; NAMED],
    /// Bits of the parameters that get an argument.
    known: u64,
}

impl<'a> Plan<'a> {
    fn new(vm: &Vm, function: &'a FunctionObj, given: usize, names: &[Value], awaited: bool) -> Option<Plan<'a>> {
        let code = function.code();
        code.prepare();
        let t: &Code = &code.template;
        let positional = t.positional as usize;
        let parameters = positional + t.keyword_only as usize;
        let direct = given.min(positional);
        if t.flags & NAMESPACE != 0
            || given > positional && t.flags & VARARGS == 0
            || names.len() > NAMED
            || parameters >= u64::BITS as usize
            || code.suspends && !(awaited && code.coroutine)
        {
            return None;
        }
        // What is given already cannot be given once more; names of parameters are interned.
        let (hidden, first) = (t.positional_only as usize, (t.positional_only as usize).max(direct));
        let mut plan = Plan { function, given, parameters, places: [0; NAMED], known: (1 << direct) - 1 };
        for (place, name) in plan.places.iter_mut().zip(names) {
            let among = |from: usize, to: usize| code.params.get(from..to)?.iter().position(|p| p.is(name));
            *place = match among(first, parameters) {
                Some(at) if plan.known >> (first + at) & 1 == 0 => first + at,
                None if t.flags & VARKEYWORDS != 0
                    && name.as_str().is_some_and(|s| s.is_interned())
                    && among(hidden, first).is_none() =>
                {
                    COLLECTED
                }
                _ => return None,
            };
            if *place != COLLECTED {
                plan.known |= 1 << *place;
            }
        }
        let complete = (0..parameters).all(|i| plan.known >> i & 1 == 1 || plan.default(vm, i).is_some());
        complete.then_some(plan)
    }

    fn default(&self, vm: &Vm, i: usize) -> Option<&'a Value> {
        let code = self.function.code();
        let positional = code.template.positional as usize;
        if i >= positional {
            return self.function.kwdefaults.peek().as_dict()?.peek_name(vm, &code.params[i]);
        }
        let defaults = self.function.defaults.peek().as_tuple()?.items();
        defaults.get((i + defaults.len()).checked_sub(positional)?)
    }

    /// Gives every parameter its argument, and says how many parameters there are.
    ///
    /// # Safety
    /// `r` are the registers of the frame; the arguments without names lie in the first of them, `values` are those with
    /// names, and both are given away.
    unsafe fn fill(&self, vm: &Vm, r: *mut u64, names: &[Value], values: &[u64]) -> usize {
        let t: &Code = &self.function.code().template;
        let direct = self.given.min(t.positional as usize);
        // SAFETY: by contract.
        unsafe {
            let rest = (t.flags & VARARGS != 0)
                .then(|| vm.tuple((direct..self.given).map(|i| Value::from_owned_bits(*r.add(i)))).into_bits());
            for i in (direct..self.parameters).filter(|&i| self.known >> i & 1 == 0) {
                *r.add(i) = self.default(vm, i).cloned().unwrap_or_default().into_bits();
            }
            let more = (t.flags & VARKEYWORDS != 0).then(|| vm.dict());
            for ((place, name), &v) in self.places.iter().zip(names).zip(values) {
                match more.as_ref().and_then(Value::as_dict) {
                    Some(more) if *place == COLLECTED => drop(more.set_name(vm, name, Value::from_owned_bits(v))),
                    _ => *r.add(*place) = v,
                }
            }
            let mut next = self.parameters;
            for collected in [rest, more.map(Value::into_bits)].into_iter().flatten() {
                *r.add(next) = collected;
                next += 1;
            }
            next
        }
    }
}

/// Begins the frame of a function whose `n` arguments lie behind it in the window, the last ones with names. False if the
/// call is not of this kind; then nothing has changed.
pub(super) fn enter_by_plan(
    vm: &Vm,
    c: &CoroObj,
    a: usize,
    n: usize,
    function: &FunctionObj,
    names: &[Value],
    awaited: bool,
) -> bool {
    let given = n - names.len();
    let Some(plan) = Plan::new(vm, function, given, names, awaited) else { return false };
    begin_frame(vm, c, a, function.code(), n, |r| {
        let mut values = [UNDEF; NAMED];
        // SAFETY: `begin_frame` has made room for the registers; the arguments lie in the first `n` of them.
        unsafe {
            for (i, v) in values[..names.len()].iter_mut().enumerate() {
                *v = *r.add(given + i);
            }
            plan.fill(vm, r, names, &values)
        }
    })
}

/// Begins the frame of the function in register `a` that gets these arguments, and these with names. False if the call is
/// not of this kind; then nothing has changed.
pub(super) fn enter_spread(
    vm: &Vm,
    c: &CoroObj,
    a: usize,
    items: &[Value],
    keywords: Option<&DictObj>,
    awaited: bool,
) -> bool {
    let f = c.view(a);
    let Some(function) = f.as_function() else { return false };
    let mut names: SmallVec<[Value; NAMED]> = SmallVec::new();
    let mut values: SmallVec<[u64; NAMED]> = SmallVec::new();
    if let Some(keywords) = keywords {
        if keywords.len() > NAMED {
            return false;
        }
        let mut position = 0;
        while let Some((name, v)) = keywords.next_item(&mut position) {
            names.push(vm.intern_value(&name));
            values.push(v.into_bits());
        }
    }
    let begun = Plan::new(vm, function, items.len(), &names, awaited).is_some_and(|plan| {
        begin_frame(vm, c, a, function.code(), items.len(), |r| {
            // SAFETY: `begin_frame` has made room for the registers.
            unsafe {
                for (i, v) in items.iter().enumerate() {
                    *r.add(i) = v.clone().into_bits();
                }
                plan.fill(vm, r, &names, &values)
            }
        })
    });
    if !begun {
        // SAFETY: the values are this function's still.
        values.into_iter().for_each(|v| drop(unsafe { Value::from_owned_bits(v) }));
    }
    begun
}
