//! The scheduler: futures, tasks, event loops, context variables and green threads.
//!
//! An event loop keeps what is ready in one queue of a closed enum and runs it in the order of arrival. Everything
//! that CPython schedules by `call_soon` is one entry of that queue, so the order in which scripts run is the same.

pub(crate) mod asyncgens;
pub mod awaiters;
mod callbacks;
pub mod context;
pub(crate) mod current;
pub mod disturb;
pub mod event_loop;
pub mod finalize;
pub mod future;
pub mod gate;
pub mod gather;
pub mod handle;
pub mod io;
pub mod lines;
pub mod lock;
pub mod module;
mod own_loop;
pub mod pause;
mod pending;
mod shuffle;
pub mod snapshot;
pub mod sockets;
mod step;
pub mod task;
mod task_extra;
mod task_methods;
pub mod threads;
pub mod timeout;
mod timers;
pub mod trace;
pub mod turn;
mod waiting;
mod watch;

use crate::object::class::{FINAL, HAS_DICT, WEAKREFABLE};
use crate::object::{ClassObj, Slot};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

pub use future::{FutureState, future_of};
pub use threads::Threads;

/// A source of events beside timers and threads: sockets, pipes, processes.
pub trait Poller {
    /// Something is registered whose event could arrive.
    fn pending(&self) -> bool;

    /// Waits until an event arrives or the time (nanoseconds) is over, and hands the events to their loops.
    fn poll(&self, vm: &Vm, nanoseconds: Option<u64>) -> crate::error::R<()>;

    /// Gives up what a loop waits for.
    fn forget(&self, vm: &Vm, event_loop: &Value);
}

/// What the scheduler keeps per isolate.
pub struct Sched {
    classes: OnceCell<Classes>,
    context_classes: OnceCell<context::ContextClasses>,
    lock_class: OnceCell<Value>,
    /// The loop that runs on the current thread, or UNDEF.
    pub(crate) running: Slot,
    /// The context of the current thread; UNDEF stands for an empty one that nobody has seen.
    pub(crate) context: Slot,
    /// Tasks made so far; their default names count on.
    pub(crate) tasks_made: Cell<i64>,
    /// How many frames of the place where they are made coroutines record.
    pub(crate) origin_depth: Cell<u32>,
    /// What `sleep(0)` awaits.
    pub(crate) pause: OnceCell<Value>,
    /// Green threads.
    pub threads: Threads,
    /// The task that Ctrl-C cancels, or UNDEF.
    pub(crate) interrupt_task: Slot,
    /// What tasks did, if `tracing`.
    pub(crate) trace: trace::Trace,
    pub(crate) tracing: Cell<bool>,
    /// For tests: which wait is cancelled.
    pub(crate) disturbance: disturb::Disturbance,
    /// Steps that take long are told.
    pub(crate) watch: watch::Watch,
    /// Tasks in the record so far.
    pub(crate) traced: Cell<u64>,
    /// The state of the generator that chooses open orders; 0 without a seed.
    pub(crate) shuffle: Cell<u64>,
    /// A thread has asked to interrupt the main one.
    pub(crate) asked_interrupt: Cell<bool>,
    /// A bit for each signal for which the script has a function.
    pub(crate) handles_signals: Cell<u64>,
    /// Ctrl-C is a signal like others: the script handles it.
    pub(crate) own_interrupts: Cell<bool>,
    /// How often Ctrl-C came since that task began.
    pub(crate) interrupts: Cell<u32>,
    /// Where other events come from.
    pub poller: RefCell<Option<Rc<dyn Poller>>>,
}

impl Default for Sched {
    fn default() -> Sched {
        Sched {
            classes: OnceCell::new(),
            context_classes: OnceCell::new(),
            lock_class: OnceCell::new(),
            running: Slot::empty(),
            context: Slot::empty(),
            tasks_made: Cell::new(0),
            origin_depth: Cell::new(0),
            pause: OnceCell::new(),
            threads: Threads::default(),
            interrupt_task: Slot::empty(),
            trace: trace::Trace::default(),
            tracing: Cell::new(false),
            disturbance: disturb::Disturbance::default(),
            watch: watch::Watch::default(),
            traced: Cell::new(0),
            shuffle: Cell::new(0),
            asked_interrupt: Cell::new(false),
            handles_signals: Cell::new(0),
            own_interrupts: Cell::new(false),
            interrupts: Cell::new(0),
            poller: RefCell::default(),
        }
    }
}

/// The native classes of asyncio, made when the module is first imported.
pub struct Classes {
    /// `asyncio.Future`.
    pub future: Value,
    /// `asyncio.Task`.
    pub task: Value,
    /// What `gather` returns.
    pub gathering: Value,
    /// `asyncio.Handle`.
    pub handle: Value,
    /// `asyncio.TimerHandle`.
    pub timer_handle: Value,
    /// The native part of event loops.
    pub event_loop: Value,
    /// A queue of waiting tasks.
    pub gate: Value,
    /// What `sleep(0)` awaits.
    pub pause: Value,
    /// What `Future.__await__` returns.
    pub future_iter: Value,
    /// `asyncio.InvalidStateError`.
    pub invalid_state: Value,
}

fn class(v: &Value) -> &ClassObj {
    match v.as_class() {
        Some(c) => c,
        None => unreachable!("the fields of Classes are classes"),
    }
}

impl Vm {
    /// The native classes of asyncio.
    pub fn sched_classes(&self) -> &Classes {
        self.sched.classes.get_or_init(|| {
            let object = self.types.object.get();
            let open = HAS_DICT | WEAKREFABLE;
            let future = self.native_class("_asyncio", "Future", object, open, &future::TABLE);
            let task = self.native_class("_asyncio", "Task", class(&future), 0, &task_methods::TABLE);
            let gathering = self.native_class("asyncio.tasks", "_GatheringFuture", class(&future), 0, &gather::TABLE);
            let handle = self.native_class("asyncio.events", "Handle", object, WEAKREFABLE, &handle::TABLE);
            let timer_handle =
                self.native_class("asyncio.events", "TimerHandle", class(&handle), 0, &handle::TIMER_TABLE);
            let exception = self.types.exception.get();
            Classes {
                event_loop: self.native_class("asyncio.base_events", "_LoopCore", object, open, &event_loop::TABLE),
                gate: self.native_class("_asyncio", "Gate", object, FINAL, &gate::TABLE),
                pause: self.native_class("_asyncio", "Pause", object, FINAL, &pause::TABLE),
                future_iter: self.native_class("_asyncio", "FutureIter", object, FINAL, &future::ITER_TABLE),
                invalid_state: self.native_class("asyncio.exceptions", "InvalidStateError", exception, 0, &NO_ROWS),
                future,
                task,
                gathering,
                handle,
                timer_handle,
            }
        })
    }

    pub(crate) fn invalid_state(&self, message: &str) -> crate::error::Raised {
        self.error(class(&self.sched_classes().invalid_state), message)
    }

    /// The loop that runs on the current thread.
    pub fn running_loop(&self) -> Option<Value> {
        self.sched.running.defined()
    }
}

pub(crate) static NO_ROWS: crate::native::TypeTable = crate::native::TypeTable { doc: "", rows: &[], next: None };
