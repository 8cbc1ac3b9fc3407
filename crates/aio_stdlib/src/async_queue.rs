//! `_asyncio_queues`: what the queues of asyncio keep, and putting and getting that need not wait.

use crate::deque::{self, Deque};
use aio_vm::object::ListObj;
use aio_vm::object::class::{HAS_DICT, WEAKREFABLE};
use aio_vm::object::original::{Found, Originals};
use aio_vm::sched::future_of;
use aio_vm::{
    Args, Compare, Def, ModuleDef, Payload, R, Slot, TypeTable, Value, Vm, function, method, property, static_method,
};
use std::cell::{Cell, OnceCell};

static MODULE: ModuleDef = ModuleDef { name: "_asyncio_queues", init: fill };

static FUNCTIONS: &[Def] = &[function(
    "_know(*classes)",
    know,
    "Remember the queues whose methods are done here, by what comes first: the first, the last, the least.",
)];

/// What a queue calls while it puts and gets. A class with another method for one of them is asked each time.
const HOOKS: &[&str] =
    &["qsize", "empty", "full", "put_nowait", "get_nowait", "_put", "_get", "_wakeup_next", "put", "get"];

/// The numbers of the classes that give the newest item first, and the least one.
const LAST_FIRST: usize = 1;
const LEAST_FIRST: usize = 2;

/// What the module keeps in an isolate.
#[derive(Default)]
struct Known {
    core: OnceCell<Value>,
    originals: Originals,
}

/// What a queue keeps.
struct QueueState {
    queue: Slot,
    getters: Slot,
    putters: Slot,
    finished: Slot,
    maxsize: Slot,
    is_shutdown: Slot,
    event_loop: Slot,
    unfinished: Cell<i64>,
    found: Found,
}

impl Payload for QueueState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for slot in self.slots() {
            visit(&slot.get());
        }
    }

    fn clear(&self) {
        for slot in self.slots() {
            drop(slot.take());
        }
    }
}

/// Getter and setter of what a slot holds.
macro_rules! accessors {
    ($($get:ident $set:ident $field:ident $name:literal;)*) => {
        $(
            fn $get(vm: &Vm, a: &Args) -> R {
                state(vm, &a[0])?.$field.defined().ok_or_else(|| vm.no_attribute(&a[0], &vm.intern($name)))
            }

            fn $set(vm: &Vm, a: &Args) -> R {
                state(vm, &a[0])?.$field.set(a.get(1).cloned().unwrap_or_default());
                Ok(Value::NONE)
            }
        )*
    };
}

accessors! {
    queue set_queue queue "_queue";
    getters set_getters getters "_getters";
    putters set_putters putters "_putters";
    finished set_finished finished "_finished";
    maxsize set_maxsize maxsize "_maxsize";
    is_shutdown set_is_shutdown is_shutdown "_is_shutdown";
    event_loop set_event_loop event_loop "_loop";
}

static TABLE: TypeTable = TypeTable {
    doc: "",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        method("_offer(self, item, /)", offer_row, "Put an item if that is possible at once; tell whether it was."),
        method("_poll(self, default, /)", poll_row, "Get an item if that is possible at once, else the default."),
        method("_is_full(self, /)", is_full, "Tell whether there is no room."),
        method("_finish_one(self, /)", finish_one, "Count an item as done; tell whether it was the last."),
        property("_queue(self)", queue, set_queue, "The items."),
        property("_getters(self)", getters, set_getters, "Futures of those that wait for an item."),
        property("_putters(self)", putters, set_putters, "Futures of those that wait for room."),
        property("_finished(self)", finished, set_finished, "The event that join() waits for."),
        property("_maxsize(self)", maxsize, set_maxsize, "How many items have room."),
        property("_is_shutdown(self)", is_shutdown, set_is_shutdown, "Whether the queue was shut down."),
        property("_loop(self)", event_loop, set_event_loop, "The loop in which it was first waited for."),
        property("_unfinished_tasks(self)", unfinished, set_unfinished, "Items that nobody is done with."),
    ],
    next: None,
};

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    let object = vm.types.object.get();
    let make = || vm.native_class("asyncio.queues", "_QueueCore", object, HAS_DICT | WEAKREFABLE, &TABLE);
    crate::fill::set(vm, module, "_QueueCore", vm.state::<Known>().core.get_or_init(make).clone());
    Ok(())
}

fn know(vm: &Vm, a: &Args) -> R {
    let known = vm.state::<Known>();
    for class in a.rest.iter().filter_map(Value::as_class) {
        known.originals.add(vm, class, HOOKS);
    }
    for (name, shortcut) in [("put", put_at_once as aio_vm::object::code::Shortcut), ("get", get_at_once)] {
        let class = a.rest.first().and_then(Value::as_class);
        if let Some(f) = class.and_then(|c| c.lookup(vm, &vm.intern(name))) {
            vm.set_shortcut(&f, shortcut);
        }
    }
    Ok(Value::NONE)
}

fn new(vm: &Vm, a: &Args) -> R {
    let Some(class) = a[0].as_class() else { return Err(vm.type_error("a class is expected")) };
    let state = QueueState {
        queue: Slot::empty(),
        getters: Slot::empty(),
        putters: Slot::empty(),
        finished: Slot::empty(),
        maxsize: Slot::empty(),
        is_shutdown: Slot::empty(),
        event_loop: Slot::new(Value::NONE),
        unfinished: Cell::new(0),
        found: Found::default(),
    };
    Ok(vm.opaque(class, state))
}

fn state<'a>(vm: &Vm, v: &'a Value) -> R<&'a QueueState> {
    v.payload::<QueueState>().ok_or_else(|| vm.type_error("a queue is expected"))
}

fn unfinished(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(state(vm, &a[0])?.unfinished.get()))
}

fn set_unfinished(vm: &Vm, a: &Args) -> R {
    let n = a.get(1).and_then(Value::as_i64).ok_or_else(|| vm.type_error("an integer is expected"))?;
    state(vm, &a[0])?.unfinished.set(n);
    Ok(Value::NONE)
}

/// The items of a queue in the container that its class has made.
enum Items<'a> {
    InOrder(&'a Deque),
    Stack(&'a ListObj),
    Heap(&'a ListObj),
}

impl Items<'_> {
    fn len(&self) -> usize {
        match self {
            Items::InOrder(items) => items.len(),
            Items::Stack(items) | Items::Heap(items) => items.len(),
        }
    }
}

impl QueueState {
    fn slots(&self) -> [&Slot; 7] {
        [&self.queue, &self.getters, &self.putters, &self.finished, &self.maxsize, &self.is_shutdown, &self.event_loop]
    }

    /// The items, if the queue does with them what its class in the library does, and is open.
    fn items<'a>(&self, vm: &Vm, me: &Value, container: &'a Value) -> Option<Items<'a>> {
        let number = self.found.original(vm, me, || &vm.state::<Known>().originals)?;
        let list = || container.as_list().filter(|_| vm.class_of(container).is_same(vm.types.list.get()));
        match number {
            LAST_FIRST => list().map(Items::Stack),
            LEAST_FIRST => list().map(Items::Heap),
            _ => deque::exact(vm, container).map(Items::InOrder),
        }
    }
}

/// Lets the first of those that wait go on, unless it has been told already.
fn wake_next(vm: &Vm, all: &Deque) -> R<()> {
    while let Some(waiter) = all.take_first() {
        if future_of(&waiter).is_some() {
            if vm.settle_future(&waiter, Ok(Value::NONE))? {
                break;
            }
        } else if !vm.truth(&vm.call_method(&waiter, "done", &[])?)? {
            vm.call_method(&waiter, "set_result", &[Value::NONE])?;
            break;
        }
    }
    Ok(())
}

/// Puts an item if that is possible at once.
fn offer(vm: &Vm, me: &Value, item: &Value) -> R<bool> {
    let q = state(vm, me)?;
    let (container, getters) = (q.queue.get(), q.getters.get());
    if !q.is_shutdown.get().is(&Value::FALSE) {
        return Ok(false);
    }
    let Some(room) = q.maxsize.get().as_i64() else { return Ok(false) };
    let (Some(items), Some(getters)) = (q.items(vm, me, &container), deque::exact(vm, &getters)) else {
        return Ok(false);
    };
    if room > 0 && items.len() as i64 >= room {
        return Ok(false);
    }
    match items {
        Items::InOrder(items) => items.add_last(vm, item.clone()),
        Items::Stack(items) => items.push(item.clone()),
        Items::Heap(items) => crate::heapq::add(vm, items, item.clone())?,
    }
    let before = q.unfinished.get();
    q.unfinished.set(before + 1);
    if before == 0 {
        vm.call_method(&q.finished.get(), "clear", &[])?;
    }
    wake_next(vm, getters)?;
    Ok(true)
}

/// Gets an item if that is possible at once.
fn poll(vm: &Vm, me: &Value) -> R<Option<Value>> {
    let q = state(vm, me)?;
    let (container, putters) = (q.queue.get(), q.putters.get());
    let (Some(items), Some(putters)) = (q.items(vm, me, &container), deque::exact(vm, &putters)) else {
        return Ok(None);
    };
    let item = match items {
        Items::InOrder(items) => items.take_first(),
        Items::Stack(items) => items.pop(),
        Items::Heap(items) if items.is_empty() => None,
        Items::Heap(items) => Some(crate::heapq::take_least(vm, items)?),
    };
    if item.is_some() {
        wake_next(vm, putters)?;
    }
    Ok(item)
}

fn offer_row(vm: &Vm, a: &Args) -> R {
    offer(vm, &a[0], &a[1]).map(Value::bool)
}

fn poll_row(vm: &Vm, a: &Args) -> R {
    poll(vm, &a[0]).map(|item| item.unwrap_or_else(|| a[1].clone()))
}

/// What `full()` says: `qsize()` counts, if a class has one of its own.
fn is_full(vm: &Vm, a: &Args) -> R {
    let q = state(vm, &a[0])?;
    let (room, container) = (q.maxsize.get(), q.queue.get());
    if !vm.compare(Compare::Gt, &room, &Value::small(0))? {
        return Ok(Value::FALSE);
    }
    let size = match q.items(vm, &a[0], &container) {
        Some(items) => Value::small(items.len() as i64),
        None => vm.call_method(&a[0], "qsize", &[])?,
    };
    vm.compare(Compare::Ge, &size, &room).map(Value::bool)
}

fn finish_one(vm: &Vm, a: &Args) -> R {
    let q = state(vm, &a[0])?;
    let left = q.unfinished.get() - 1;
    if left < 0 {
        return Err(vm.value_error("task_done() called too many times"));
    }
    q.unfinished.set(left);
    Ok(Value::bool(left == 0))
}

/// `await queue.put(item)`.
fn put_at_once(vm: &Vm, arguments: &[Value]) -> R<Option<Value>> {
    match arguments {
        [me, item] if me.payload::<QueueState>().is_some() => Ok(offer(vm, me, item)?.then_some(Value::NONE)),
        _ => Ok(None),
    }
}

/// `await queue.get()`.
fn get_at_once(vm: &Vm, arguments: &[Value]) -> R<Option<Value>> {
    match arguments {
        [me] if me.payload::<QueueState>().is_some() => poll(vm, me),
        _ => Ok(None),
    }
}
