//! `gather`: a future whose result is the list of its children's results.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method};
use crate::object::opaque::Resumed;
use crate::sched::callbacks::Callback;
use crate::sched::event_loop::LoopState;
use crate::sched::future::{FutureState, GATHERED, QUIET, future_of};
use crate::sched::task::TaskState;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// What a gathering future keeps.
pub struct GatherState {
    future: FutureState,
    /// One per argument; an argument given twice is here twice.
    children: RefCell<Vec<Value>>,
    /// Children that are not done, each counted once.
    left: Cell<usize>,
    /// Children whose end is in the queue of the loop.
    queued: Cell<usize>,
    return_exceptions: bool,
    cancel_requested: Cell<bool>,
}

impl Payload for GatherState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.future.visit(visit);
        self.children.borrow().iter().for_each(visit);
    }

    fn clear(&self) {
        self.future.clear_values();
        drop(self.children.take());
    }

    fn await_step(&self, vm: &Vm, me: &Value, sent: R) -> Option<R<Resumed>> {
        Some(self.future.step(vm, me, sent))
    }

    fn is_awaitable(&self) -> bool {
        true
    }

    fn future(&self) -> Option<&FutureState> {
        Some(&self.future)
    }

    #[inline(always)]
    fn is_bare() -> bool {
        true
    }
}

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "A future that aggregates the results of others.",
    rows: &[
        method("cancel(self, msg=None)", cancel, "Cancel all children that are not done."),
        getter("_children(self)", children, "The futures that are gathered."),
    ],
    next: None,
};

fn cancel(vm: &Vm, a: &Args) -> R {
    let Some(g) = a[0].payload::<GatherState>() else { return Ok(Value::FALSE) };
    if g.future.is_done() {
        return Ok(Value::FALSE);
    }
    let message = a.get(1).cloned().unwrap_or(Value::NONE);
    let mut any = false;
    let all = g.children.borrow().clone();
    for c in &all {
        any |= vm.cancel_future(c, &message)?;
    }
    if any {
        g.cancel_requested.set(true);
    }
    Ok(Value::bool(any))
}

fn children(vm: &Vm, a: &Args) -> R {
    let all = a[0].payload::<GatherState>().map(|g| g.children.borrow().clone()).unwrap_or_default();
    Ok(vm.list(all))
}

/// Arguments of `gather` that are given more than once. Nearly always there are none, and then nothing is remembered: a
/// coroutine is marked when it is seen, and what else is seen is looked up.
#[derive(Default)]
struct Repeated {
    /// The first place of each argument seen so far, once one may have been seen before.
    places: Option<rustc_hash::FxHashMap<u64, usize>>,
    any: bool,
}

impl Repeated {
    /// Where the argument at a place stood before.
    fn place_of(&mut self, all: &[Value], at: usize) -> Option<usize> {
        let arg = all.get(at)?;
        let fresh = self.places.is_none() && first_gathering(arg);
        if fresh {
            return None;
        }
        let places = self.places.get_or_insert_with(|| {
            let mut places = rustc_hash::FxHashMap::with_capacity_and_hasher(all.len(), Default::default());
            for (i, v) in all.iter().enumerate().take(at) {
                places.entry(v.identity()).or_insert(i);
            }
            places
        });
        let first = *places.entry(arg.identity()).or_insert(at);
        self.any |= first != at;
        (first != at).then_some(first)
    }

    /// The first places of all arguments in order, if one is given more than once.
    fn firsts(&self, all: &[Value]) -> Option<Vec<usize>> {
        let places = self.places.as_ref().filter(|_| self.any)?;
        Some((0..all.len()).filter(|i| all.get(*i).is_some_and(|v| places.get(&v.identity()) == Some(i))).collect())
    }
}

/// Whether a coroutine or future has not been gathered before: it bears a mark from then on.
fn first_gathering(arg: &Value) -> bool {
    if let Some(c) = arg.as_coro() {
        return !c.ag_hooked.replace(true);
    }
    match future_of(arg) {
        Some(f) => !f.replace_with(GATHERED, true),
        None => false,
    }
}

/// `gather(*coros_or_futures, return_exceptions=False)`.
pub(crate) fn gather(vm: &Vm, a: &Args) -> R {
    let return_exceptions = match a.get(0) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    if a.rest.is_empty() {
        let lp = vm.default_loop()?;
        let outer = vm.future(lp);
        if let Some(f) = future_of(&outer) {
            f.finish(vm, &outer, vm.list(Vec::new()))?;
        }
        return Ok(outer);
    }
    let mut event_loop: Option<Value> = None;
    let mut futures: Vec<Value> = Vec::with_capacity(a.rest.len());
    let mut repeated = Repeated::default();
    for (i, arg) in a.rest.iter().enumerate() {
        if let Some(l) = &event_loop
            && repeated.places.is_none()
            && let Some(t) = arg.payload::<TaskState>()
            && t.future.event_loop.peek().is(l)
            && !t.future.replace_with(GATHERED, true)
        {
            // What everything comes down to for a task of the same loop.
            futures.push(arg.clone());
            continue;
        }
        if let Some(first) = repeated.place_of(a.rest, i) {
            futures.push(futures[first].clone());
            continue;
        }
        let f = match (future_of(arg), &event_loop) {
            // The same for a future.
            (Some(state), Some(l)) if state.event_loop.peek().is(l) => arg.clone(),
            _ => vm.ensure_future(arg, event_loop.as_ref())?,
        };
        if event_loop.is_none() {
            event_loop = Some(vm.loop_of(&f)?);
        }
        if !f.is(arg)
            && let Some(state) = future_of(&f)
        {
            state.set(QUIET, true);
        }
        futures.push(f);
    }
    let places = repeated.firsts(a.rest);
    let distinct: Option<Vec<Value>> = places.map(|places| places.iter().map(|&i| futures[i].clone()).collect());
    let lp = event_loop.unwrap_or_default();
    let state = GatherState {
        future: FutureState::new(lp),
        left: Cell::new(distinct.as_ref().map_or(futures.len(), Vec::len)),
        queued: Cell::new(0),
        children: RefCell::new(Vec::new()),
        return_exceptions,
        cancel_requested: Cell::new(false),
    };
    let outer = vm.opaque(super::class(&vm.sched_classes().gathering), state);
    let mut done = Vec::new();
    for f in distinct.as_ref().unwrap_or(&futures) {
        match future_of(f) {
            Some(state) if !state.is_done() => state.add_callback(vm, f, Callback::Gather(outer.clone()))?,
            Some(_) => done.push(f.clone()),
            None => {
                let call = vm.native(&CHILD_DONE, outer.clone());
                vm.call_method(f, "add_done_callback", &[call])?;
            }
        }
    }
    if let Some(g) = outer.payload::<GatherState>() {
        g.children.replace(futures);
    }
    for f in done {
        vm.gather_child_done(&outer, &f)?;
    }
    Ok(outer)
}

static CHILD_DONE: crate::native::Def =
    crate::native::function("_done_callback(fut, /)", child_done, "A child is done.");

fn child_done(vm: &Vm, a: &Args) -> R {
    vm.gather_child_done(a.receiver, &a[0])?;
    Ok(Value::NONE)
}

/// A child has ended well: if nothing follows from that but that one less is left, nothing needs to wait its turn.
#[inline]
pub(crate) fn counted_at_once(outer: &Value) -> bool {
    let Some(g) = outer.payload::<GatherState>() else { return false };
    if g.future.is_done() {
        return true;
    }
    let left = g.left.get();
    if left < 2 || g.queued.get() != 0 {
        return false;
    }
    g.left.set(left - 1);
    true
}

/// The end of a child comes into the queue of the loop.
pub(crate) fn queue_end(outer: &Value) {
    if let Some(g) = outer.payload::<GatherState>() {
        g.queued.set(g.queued.get() + 1);
    }
}

/// How a child ended.
enum Ended {
    Cancelled,
    Failed(Value),
    Result(Value),
}

impl Vm {
    fn how_ended(&self, child: &Value) -> R<Ended> {
        if let Some(f) = future_of(child) {
            if f.is_cancelled() {
                return Ok(Ended::Cancelled);
            }
            return match f.failure() {
                Some(e) => Ok(Ended::Failed(e)),
                None => f.result(self).map(Ended::Result),
            };
        }
        if self.truth(&self.call_method(child, "cancelled", &[])?)? {
            return Ok(Ended::Cancelled);
        }
        let e = self.call_method(child, "exception", &[])?;
        if e.is_none() { self.call_method(child, "result", &[]).map(Ended::Result) } else { Ok(Ended::Failed(e)) }
    }

    fn child_cancelled_error(&self, child: &Value) -> R {
        match future_of(child) {
            Some(f) => Ok(f.cancelled_error(self).0),
            None => self.call_method(child, "_make_cancelled_error", &[]),
        }
    }

    /// The end of a child has had its turn in the queue.
    pub(crate) fn gather_queued(&self, outer: &Value, child: &Value) -> R<()> {
        if let Some(g) = outer.payload::<GatherState>() {
            g.queued.set(g.queued.get().saturating_sub(1));
        }
        self.gather_child_done(outer, child)
    }

    /// A child of a gathering future is done.
    pub(crate) fn gather_child_done(&self, outer: &Value, child: &Value) -> R<()> {
        let Some(g) = outer.payload::<GatherState>() else { return Ok(()) };
        g.left.set(g.left.get().saturating_sub(1));
        if g.future.is_done() {
            // Counts the exception as asked for.
            if let Some(f) = future_of(child) {
                drop(f.failure());
            }
            return Ok(());
        }
        if !g.return_exceptions && !future_of(child).is_some_and(FutureState::ended_well) {
            match self.how_ended(child)? {
                Ended::Cancelled => {
                    let e = self.child_cancelled_error(child)?;
                    return g.future.fail(self, outer, e);
                }
                Ended::Failed(e) => return g.future.fail(self, outer, e),
                Ended::Result(_) => {}
            }
        }
        if g.left.get() != 0 {
            return Ok(());
        }
        let all = g.children.take();
        if g.cancel_requested.get() {
            let last = all.last().cloned().unwrap_or_default();
            let e = match future_of(&last) {
                Some(f) => f.cancelled_error(self).0,
                None => self.child_cancelled_error(&last)?,
            };
            return g.future.fail(self, outer, e);
        }
        let mut results = Vec::with_capacity(all.len());
        for c in &all {
            if let Some(v) = future_of(c).and_then(FutureState::peek_result) {
                results.push(v);
                continue;
            }
            results.push(match self.how_ended(c)? {
                Ended::Cancelled => {
                    let message = future_of(c).and_then(|f| f.message()).filter(|m| !m.is_none());
                    let text = message.unwrap_or_else(|| self.empty_str());
                    self.error_with(self.types.cancelled_error.get(), vec![text]).0
                }
                Ended::Failed(v) | Ended::Result(v) => v,
            });
        }
        drop(all);
        let list = self.list(results);
        super::finalize::silence(outer);
        g.future.finish(self, outer, list)
    }

    /// The loop of anything like a future.
    pub(crate) fn loop_of(&self, f: &Value) -> R {
        match future_of(f) {
            Some(state) => Ok(state.event_loop.get()),
            None => self.call_method(f, "get_loop", &[]),
        }
    }

    /// `ensure_future(x, loop=...)`.
    pub fn ensure_future(&self, x: &Value, event_loop: Option<&Value>) -> R {
        if self.is_future(x)? {
            if let Some(l) = event_loop
                && !self.loop_of(x)?.is(l)
            {
                return Err(self.value_error(
                    "The future belongs to a different loop than the one specified as the loop argument",
                ));
            }
            return Ok(x.clone());
        }
        let coroutine = self.is_coroutine(x);
        let coro = if coroutine {
            x.clone()
        } else if self.is_awaitable(x) {
            super::finalize::helper(self, "_wrap_awaitable", std::slice::from_ref(x))?
        } else {
            return Err(self.type_error("An asyncio.Future, a coroutine or an awaitable is required"));
        };
        let made = match event_loop {
            Some(l) => self.create_task(l, &coro),
            None => self.default_loop().and_then(|l| self.create_task(&l, &coro)),
        };
        if let Err(e) = &made
            && coroutine
            && e.is(self.types.runtime_error.get())
        {
            self.call_method(&coro, "close", &[])?;
        }
        made
    }

    /// `loop.create_task(coro)`.
    fn create_task(&self, event_loop: &Value, coro: &Value) -> R {
        if let Some(lp) = event_loop.payload::<LoopState>().filter(|lp| lp.makes_plain_tasks()) {
            return match self.spawn_plainly(event_loop, lp, coro) {
                Some(task) => Ok(task),
                None => self.spawn(event_loop, coro.clone(), Value::NONE, Value::NONE),
            };
        }
        self.call_method(event_loop, "create_task", std::slice::from_ref(coro))
    }

    /// `isfuture(x)`.
    pub(crate) fn is_future(&self, x: &Value) -> R<bool> {
        if x.as_coro().is_some() {
            return Ok(false);
        }
        if future_of(x).is_some() {
            return Ok(true);
        }
        if self.class_of(x).lookup(self, &self.names._asyncio_future_blocking).is_none() {
            return Ok(false);
        }
        Ok(self.look_attr(x, &self.names._asyncio_future_blocking)?.is_some_and(|v| !v.is_none()))
    }

    /// Whether `await x` is possible.
    pub(crate) fn is_awaitable(&self, x: &Value) -> bool {
        if let Some(c) = x.as_coro() {
            return match c.kind.get() {
                crate::object::coro::CoroKind::Coroutine => true,
                crate::object::coro::CoroKind::Generator => {
                    c.function().as_function().is_some_and(|f| f.code().iterable_coroutine.get())
                }
                _ => false,
            };
        }
        x.as_opaque().is_some_and(|o| o.is_awaitable()) || self.type_method(x, &self.names.__await__).is_some()
    }
}
