//! The module asyncio. What is native is there at once; a part written in the language is loaded when one of its
//! names is first asked for.

use aio_vm::sched::awaiters::FUNCTIONS as AWAITERS;
use aio_vm::sched::io::FUNCTIONS as IO_FUNCTIONS;
use aio_vm::sched::lines::BUFFERS;
use aio_vm::sched::module::ASYNCIO as FUNCTIONS;
use aio_vm::sched::pause::FUNCTIONS as PAUSES;
use aio_vm::sched::sockets::{PROCESSES, SOCKETS};
use aio_vm::sched::timeout::FUNCTIONS as TIMEOUTS;
use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static ASYNCIO: ModuleDef = ModuleDef { name: "asyncio", init };

static OPERATIONS: ModuleDef = ModuleDef { name: "_io_operations", init: init_io };

/// Which part has which names.
const NAMES: &[(&str, &[&str])] = &[
    ("runners", &["Runner", "run"]),
    ("sleeping", &["sleep"]),
    (
        "tasks",
        &[
            "wait",
            "wait_for",
            "as_completed",
            "shield",
            "run_coroutine_threadsafe",
            "create_eager_task_factory",
            "eager_task_factory",
            "_wrap_awaitable",
        ],
    ),
    ("timeouts", &["Timeout", "timeout", "timeout_at"]),
    ("taskgroups", &["TaskGroup"]),
    ("locks", &["Lock", "Event", "Condition", "Semaphore", "BoundedSemaphore", "Barrier"]),
    ("queues", &["Queue", "PriorityQueue", "LifoQueue", "QueueEmpty", "QueueFull", "QueueShutDown"]),
    ("exceptions", &["IncompleteReadError", "LimitOverrunError", "SendfileNotAvailableError", "BrokenBarrierError"]),
    (
        "events",
        &[
            "AbstractEventLoopPolicy",
            "AbstractServer",
            "get_event_loop_policy",
            "set_event_loop_policy",
            "get_child_watcher",
            "set_child_watcher",
            "get_event_loop",
            "set_event_loop",
            "new_event_loop",
            "DefaultEventLoopPolicy",
        ],
    ),
    ("base_events", &["BaseEventLoop", "AbstractEventLoop", "SelectorEventLoop", "EventLoop"]),
    ("futures", &["wrap_future"]),
    (
        "child_watchers",
        &[
            "AbstractChildWatcher",
            "FastChildWatcher",
            "MultiLoopChildWatcher",
            "PidfdChildWatcher",
            "SafeChildWatcher",
            "ThreadedChildWatcher",
        ],
    ),
    ("threads", &["to_thread"]),
    ("coroutines", &["iscoroutinefunction"]),
    (
        "reporting",
        &[
            "_future_repr",
            "_task_repr",
            "_handle_repr",
            "_task_get_stack",
            "_task_print_stack",
            "_describe_callback",
            "_check_callback",
            "_report_slow",
        ],
    ),
    (
        "streams",
        &[
            "StreamReader",
            "StreamWriter",
            "StreamReaderProtocol",
            "open_connection",
            "start_server",
            "open_unix_connection",
            "start_unix_server",
        ],
    ),
    ("base_server", &["Server"]),
    ("protocols", &["BaseProtocol", "Protocol", "DatagramProtocol", "SubprocessProtocol", "BufferedProtocol"]),
    (
        "transports",
        &["BaseTransport", "ReadTransport", "WriteTransport", "Transport", "DatagramTransport", "SubprocessTransport"],
    ),
    (
        "graph",
        &["capture_call_graph", "format_call_graph", "print_call_graph", "FrameCallGraphEntry", "FutureCallGraph"],
    ),
    ("subprocess", &["create_subprocess_exec", "create_subprocess_shell"]),
];

/// Parts of other names that can be asked for as `asyncio.NAME`.
const OTHERS: &[&str] = &[
    "signals",
    "base_futures",
    "base_subprocess",
    "base_tasks",
    "constants",
    "format_helpers",
    "log",
    "mixins",
    "selector_events",
    "staggered",
    "trsock",
    "unix_events",
];

/// Names that are filled in at once and are part of `from asyncio import *`.
const PUBLIC: &[&str] = &[
    "Future",
    "Task",
    "Handle",
    "TimerHandle",
    "CancelledError",
    "InvalidStateError",
    "TimeoutError",
    "isfuture",
    "iscoroutine",
    "create_task",
    "gather",
    "ensure_future",
    "current_task",
    "all_tasks",
    "get_running_loop",
    "_get_running_loop",
    "_set_running_loop",
    "_register_task",
    "_unregister_task",
    "_enter_task",
    "_leave_task",
    "_swap_current_task",
    "FIRST_COMPLETED",
    "FIRST_EXCEPTION",
    "ALL_COMPLETED",
];

static ABSTRACT: Def = function(
    "_abstract(cls, function, names, /)",
    make_abstract,
    "Give a class a method of each of the names, all of which do what the function does.",
);

static LOADED: Def =
    function("_loaded(name, /)", loaded, "Return a module if it has been loaded, else None, without making anything.");

static GETATTR: Def = function("__getattr__(name, /)", getattr, "Load the part that has the name.");

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&ASYNCIO);
    vm.add_module(&OPERATIONS);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    let Some(m) = module.as_module() else { return Ok(()) };
    let dict = m.dict.get();
    let Some(d) = dict.as_dict() else { return Ok(()) };
    d.set_text(vm, "__path__", vm.list(Vec::new()));
    d.set_text(vm, "__package__", vm.intern("asyncio"));
    d.set_text(vm, "__doc__", vm.str("The asyncio package, tracking PEP 3156."));
    for def in [&ABSTRACT, &LOADED].into_iter().chain(FUNCTIONS).chain(AWAITERS).chain(TIMEOUTS).chain(PAUSES) {
        d.set_text(vm, def.name(), vm.native(def, Value::UNDEF));
    }
    let c = vm.sched_classes();
    for (name, class) in [
        ("Future", &c.future),
        ("Task", &c.task),
        ("Handle", &c.handle),
        ("TimerHandle", &c.timer_handle),
        ("_LoopCore", &c.event_loop),
        ("_Gate", &c.gate),
        ("InvalidStateError", &c.invalid_state),
    ] {
        d.set_text(vm, name, class.clone());
    }
    d.set_text(vm, "_PAUSE", vm.pause());
    d.set_text(vm, "_TimeoutCore", vm.timeout_core());
    d.set_text(vm, "CancelledError", vm.types.cancelled_error.value());
    d.set_text(vm, "TimeoutError", vm.types.timeout_error.value());
    for name in ["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"] {
        d.set_text(vm, name, vm.intern(name));
    }
    d.set_text(vm, "__getattr__", vm.native(&GETATTR, module.clone()));
    let loaded = |part: &str| vm.module_exists(&format!("asyncio.{part}"));
    // The call graph came with 3.14: it is there for those who ask, and not in `import *`.
    let parts = NAMES.iter().filter(|(part, _)| *part != "graph" && loaded(part)).flat_map(|(_, names)| names.iter());
    let all = PUBLIC.iter().chain(parts.filter(|n| !n.starts_with('_'))).map(|n| vm.intern(n)).collect();
    d.set_text(vm, "__all__", vm.list(all));
    Ok(())
}

fn make_abstract(vm: &Vm, a: &Args) -> R {
    let (Some(class), Some(f)) = (a[0].as_class(), a[1].as_function()) else {
        return Err(vm.type_error("a class and a function are expected"));
    };
    let (owner, module) = (class.name_text(), vm.intern("asyncio.events"));
    if let Some(d) = class.dict().as_dict() {
        let mut qualname = owner + ".";
        let before = qualname.len();
        for name in vm.to_text(&a[2])?.split(' ') {
            qualname.truncate(before);
            qualname += name;
            let name = vm.intern(name);
            d.set_name(vm, &name, vm.namesake(f, &name, &qualname, &module));
        }
    }
    class.touch();
    Ok(Value::NONE)
}

fn loaded(vm: &Vm, a: &Args) -> R {
    Ok(vm.known_module(&vm.to_text(&a[0])?).unwrap_or(Value::NONE))
}

fn init_io(vm: &Vm, module: &Value) -> R<()> {
    for functions in [IO_FUNCTIONS, BUFFERS, SOCKETS, PROCESSES] {
        crate::fill::define(vm, module, functions);
    }
    Ok(())
}

fn getattr(vm: &Vm, a: &Args) -> R {
    let name = vm.to_text(&a[0])?;
    let named = NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(part, _)| *part);
    if let Some(part) = named.filter(|part| vm.module_exists(&format!("asyncio.{part}"))) {
        let part = vm.import_module(&format!("asyncio.{part}"))?;
        let v = vm.get_attr(&part, &vm.intern(&name))?;
        vm.set_attr(a.receiver, &vm.intern(&name), Some(v.clone()))?;
        return Ok(v);
    }
    let is_part = NAMES.iter().any(|(part, _)| *part == name) || OTHERS.contains(&name.as_str());
    if is_part && vm.module_exists(&format!("asyncio.{name}")) {
        return vm.import_module(&format!("asyncio.{name}"));
    }
    let message = format!("module 'asyncio' has no attribute '{name}'");
    Err(vm.attribute_error(&message, &a[0], a.receiver))
}
