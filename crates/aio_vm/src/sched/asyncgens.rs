//! Loops know the asynchronous generators that were begun in them, and close those that are left.

use crate::error::R;
use crate::native::{Args, Def, function};
use crate::object::{CoroObj, Slot};
use crate::sched::event_loop::{LoopState, NO_THREAD, Ready};
use crate::value::Value;
use crate::vm::Vm;

/// What `sys.set_asyncgen_hooks` has set.
#[derive(Default)]
struct Hooks {
    /// Called with each asynchronous generator when it is first iterated.
    first: Slot,
    /// Called with one that is about to be freed before its end.
    last: Slot,
    /// The loop in which they were set: a running loop has its own, and puts those from before in place at its end.
    within: Slot,
}

crate::named_tuple_table!(
    HOOKS,
    "getasyncgenhooks\n\nNamed tuple containing information about asynchronous\ngenerators hooks.  The attributes are read only.",
    0 "firstiter",
    1 "finalizer",
);

/// The functions of `sys`.
pub(crate) static FUNCTIONS: &[Def] = &[
    function("get_asyncgen_hooks()", get_hooks, "Return the installed asynchronous generators hooks."),
    function(
        "set_asyncgen_hooks(firstiter=<unrepresentable>, finalizer=<unrepresentable>)",
        set_hooks,
        "Set a finalizer for async generators objects.",
    ),
];

static FIRST_STEP: Def =
    function("_asyncgen_firstiter_hook(agen, /)", first_step, "An asynchronous generator has begun.");
static LAST_STEP: Def =
    function("_asyncgen_finalizer_hook(agen, /)", last_step, "An asynchronous generator is about to end.");

impl Vm {
    /// The hooks that count now: those of the script or of the running loop.
    fn asyncgen_hooks(&self) -> (Value, Value) {
        let hooks = self.state::<Hooks>();
        let running = self.running_loop();
        let of_script = match &running {
            Some(l) => hooks.within.peek().is(l),
            None => hooks.within.is_empty(),
        };
        match running {
            _ if of_script => {
                (hooks.first.defined().unwrap_or(Value::NONE), hooks.last.defined().unwrap_or(Value::NONE))
            }
            Some(l) => (self.native(&FIRST_STEP, l.clone()), self.native(&LAST_STEP, l)),
            None => (Value::NONE, Value::NONE),
        }
    }

    /// At its first step, an asynchronous generator is shown to the hooks.
    #[inline]
    pub(crate) fn hook_async_generator(&self, v: &Value, g: &CoroObj) -> R<()> {
        if g.ag_hooked.replace(true) { Ok(()) } else { self.show_async_generator(v, g) }
    }

    fn show_async_generator(&self, v: &Value, g: &CoroObj) -> R<()> {
        let (first, last) = self.asyncgen_hooks();
        if !last.is_none() {
            g.set_extra(last);
        }
        if !first.is_none() {
            self.call(&first, std::slice::from_ref(v))?;
        }
        Ok(())
    }
}

fn get_hooks(vm: &Vm, _a: &Args) -> R {
    let class = vm.named_tuple_class("sys", "asyncgen_hooks", &HOOKS, false);
    let (first, last) = vm.asyncgen_hooks();
    match class.as_class() {
        Some(c) => Ok(vm.named_tuple(c, &[first, last])),
        None => Ok(Value::NONE),
    }
}

fn set_hooks(vm: &Vm, a: &Args) -> R {
    for (i, name) in ["firstiter", "finalizer"].iter().enumerate() {
        if let Some(f) = a.some(i)
            && !vm.is_callable(f)
        {
            return Err(vm.type_error(format!("callable {name} expected, got {}", vm.type_name(f))));
        }
    }
    let before = vm.asyncgen_hooks();
    let hooks = vm.state::<Hooks>();
    hooks.first.set(a.get(0).cloned().unwrap_or(before.0));
    hooks.last.set(a.get(1).cloned().unwrap_or(before.1));
    hooks.within.set(vm.running_loop().unwrap_or_default());
    Ok(Value::NONE)
}

fn first_step(vm: &Vm, a: &Args) -> R {
    let Some(l) = a.receiver.payload::<LoopState>() else { return Ok(Value::NONE) };
    if let Some(w) = vm.weakref(vm.types.weakref.get(), &a[0], Value::UNDEF) {
        let mut all = l.generators.borrow_mut();
        if all.len() >= 64 && all.len().is_power_of_two() {
            all.retain(|w| w.as_weakref().is_some_and(|w| w.target().is_some()));
        }
        all.push(w);
    }
    Ok(Value::NONE)
}

fn last_step(vm: &Vm, a: &Args) -> R {
    let Some(l) = a.receiver.payload::<LoopState>() else { return Ok(Value::NONE) };
    if l.closed.get() {
        return Ok(Value::NONE);
    }
    let closing = vm.call_method(&a[0], "aclose", &[])?;
    let create = vm.get_attr_text(a.receiver, "create_task")?;
    let context = Slot::new(vm.context_snapshot());
    let handle = vm.handle(create, vm.tuple([closing]), context.take(), a.receiver.clone());
    l.enqueue(vm, Ready::Call(handle))?;
    if l.thread.get() != NO_THREAD {
        vm.unpark(l.thread.get());
    }
    Ok(Value::NONE)
}
