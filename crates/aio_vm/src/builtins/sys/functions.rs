//! The functions of `sys`.

use super::SysState;
use crate::builtins::int::DigitLimit;
use crate::error::{R, Raised};
use crate::native::{Args, Def, function};
use crate::object::DictObj;
use crate::value::Value;
use crate::vm::Vm;

static ROWS: &[Def] = &[
    function("exit(status=None, /)", exit, "Leave the program by raising SystemExit."),
    function("getrecursionlimit()", get_recursion_limit, "Return how deep calls may nest."),
    function("setrecursionlimit(limit, /)", set_recursion_limit, "Set how deep calls may nest."),
    function(
        "get_coroutine_origin_tracking_depth()",
        get_origin_depth,
        "Return how many frames of the place where they are made coroutines record.",
    ),
    function(
        "set_coroutine_origin_tracking_depth(depth)",
        set_origin_depth,
        "Set how many frames of the place where they are made coroutines record.",
    ),
    function("getrefcount(object, /)", get_ref_count, "Return the number of references to an object."),
    function("intern(string, /)", intern, "Return the one interned copy of a string."),
    function("_is_interned(string, /)", is_interned, "Return whether a string is the interned copy of its text."),
    function("_getframe(depth=0, /)", get_frame, "Return a frame of the call stack."),
    function("exc_info()", exc_info, "Return class, value and traceback of the exception being handled."),
    function("exception()", exception, "Return the exception being handled."),
    function("getsizeof(object, default=<unrepresentable>)", get_size_of, "Return the size of an object in bytes."),
    function("displayhook(object, /)", display_hook, "Show an object as the interactive interpreter does."),
    function("excepthook(exctype, value, traceback, /)", except_hook, "Show an exception on standard error."),
    function("unraisablehook(unraisable, /)", unraisable_hook, "Show an exception that cannot be raised."),
    function("getdefaultencoding()", default_encoding, "Return the encoding of strings without one."),
    function("getfilesystemencoding()", default_encoding, "Return the encoding of file names."),
    function("getfilesystemencodeerrors()", file_errors, "Return how errors in file names are treated."),
    function(
        "get_int_max_str_digits()",
        get_max_digits,
        "Return the limit of digits in conversions between int and str.",
    ),
    function(
        "set_int_max_str_digits(maxdigits)",
        set_max_digits,
        "Set the limit of digits in conversions between int and str.",
    ),
    function("getswitchinterval()", get_switch_interval, "Return the interval of thread switches."),
    function("setswitchinterval(interval, /)", set_switch_interval, "Set the interval of thread switches."),
    function("gettrace()", nothing, "Return the trace function: there is none."),
    function("settrace(function, /)", nothing, "Accepted and ignored."),
    function("getprofile()", nothing, "Return the profile function: there is none."),
    function("setprofile(function, /)", nothing, "Accepted and ignored."),
    function("getallocatedblocks()", allocated, "Return the memory in use, in blocks of 16 bytes."),
    function("is_finalizing()", no, "Return whether the interpreter is ending."),
    function("_is_gil_enabled()", yes, "Return whether one thread runs at a time."),
    function("audit(event, /, *args)", nothing, "Accepted and ignored."),
    function("addaudithook(hook)", nothing, "Accepted and ignored."),
    function(
        "breakpointhook(*args, **kws)",
        super::breakpoint::hook,
        "Call what the variable PYTHONBREAKPOINT of the environment names, pdb.set_trace unless it is set.",
    ),
    function("_clear_type_cache()", nothing, "Accepted and ignored."),
];

/// Hooks that scripts may replace, with the names under which the originals stay.
const HOOKS: &[&str] = &["displayhook", "excepthook", "unraisablehook", "breakpointhook"];

pub(super) fn fill(vm: &Vm, module: &Value, d: &DictObj) {
    for def in ROWS.iter().chain(crate::sched::asyncgens::FUNCTIONS) {
        d.set_text(vm, def.name(), vm.native(def, module.clone()));
    }
    for name in HOOKS {
        if let Some(f) = d.get_text(vm, name) {
            d.set_text(vm, &format!("__{name}__"), f);
        }
    }
}

fn exit(vm: &Vm, a: &Args) -> R {
    let status = a.get(0).cloned().unwrap_or(Value::NONE);
    let class = vm.types.system_exit.value();
    let args: Vec<Value> = match status.as_tuple() {
        Some(t) => t.items().to_vec(),
        None if status.is_none() => Vec::new(),
        None => vec![status],
    };
    match vm.call(&class, &args) {
        Ok(e) => Err(Raised(e)),
        Err(e) => Err(e),
    }
}

fn get_recursion_limit(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int(vm.recursion_limit.get() as i64))
}

fn set_recursion_limit(vm: &Vm, a: &Args) -> R {
    let n = vm.c_int(&a[0])?;
    if n < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    let depth = vm.call_depth() as i64;
    if depth >= n {
        return Err(vm.recursion_error(format!(
            "cannot set the recursion limit to {n} at the recursion depth {depth}: the limit is too low"
        )));
    }
    vm.recursion_limit.set(u32::try_from(n).unwrap_or(u32::MAX / 2).min(u32::MAX / 2).min(vm.limits.depth()));
    vm.running.measure_again();
    Ok(Value::NONE)
}

fn get_origin_depth(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int(i64::from(vm.sched.origin_depth.get())))
}

fn set_origin_depth(vm: &Vm, a: &Args) -> R {
    match u32::try_from(vm.index(&a[0])?) {
        Ok(depth) => vm.sched.origin_depth.set(depth),
        Err(_) => return Err(vm.value_error("depth must be >= 0")),
    }
    Ok(Value::NONE)
}

fn get_ref_count(vm: &Vm, a: &Args) -> R {
    let n = a[0].ref_count();
    // Immediate values have no count; CPython's own are immortal, with this one.
    Ok(if n == 0 { vm.int(4_294_967_295) } else { vm.int(n as i64) })
}

fn intern(vm: &Vm, a: &Args) -> R {
    match a[0].as_str() {
        Some(s) if s.header.class().is_same(vm.types.str.get()) => Ok(vm.intern_value(&a[0])),
        Some(_) => Err(vm.type_error(format!("can't intern {}", vm.type_name(&a[0])))),
        None => Err(vm.bad_argument("intern() argument", "str", &a[0])),
    }
}

fn is_interned(vm: &Vm, a: &Args) -> R {
    match a[0].as_str() {
        Some(s) => Ok(Value::bool(s.is_interned())),
        None => Err(vm.bad_argument("_is_interned() argument", "str", &a[0])),
    }
}

fn get_frame(vm: &Vm, a: &Args) -> R {
    let depth = match a.get(0) {
        Some(d) => usize::try_from(vm.index(d)?).unwrap_or(0),
        None => 0,
    };
    vm.frame_at(depth).ok_or_else(|| vm.value_error("call stack is not deep enough"))
}

fn exc_info(vm: &Vm, _a: &Args) -> R {
    Ok(match vm.handled() {
        None => vm.tuple([Value::NONE, Value::NONE, Value::NONE]),
        Some(e) => {
            let traceback = e.as_exception().map_or(Value::NONE, |x| x.traceback_value());
            vm.tuple([vm.class_of(&e).value(), e.clone(), traceback])
        }
    })
}

fn exception(vm: &Vm, _a: &Args) -> R {
    Ok(vm.handled().unwrap_or(Value::NONE))
}

fn get_size_of(vm: &Vm, a: &Args) -> R {
    let name = vm.intern("__sizeof__");
    match vm.call_special(&a[0], &name, &[]) {
        Ok(Some(n)) if n.as_i64().is_some_and(|n| n >= 0) => Ok(n),
        Ok(Some(n)) if n.as_i64().is_some() => Err(vm.value_error("__sizeof__() should return >= 0")),
        Ok(Some(n)) => Err(vm.type_error(format!("'{}' object cannot be interpreted as an integer", vm.type_name(&n)))),
        Err(e) if e.is(vm.types.type_error.get()) && a.get(1).is_some() => Ok(a[1].clone()),
        Err(e) => Err(e),
        Ok(None) => match a.get(1) {
            Some(d) => Ok(d.clone()),
            None => Err(vm.type_error(format!("Type {} doesn't define __sizeof__", vm.type_name(&a[0])))),
        },
    }
}

fn display_hook(vm: &Vm, a: &Args) -> R {
    if a[0].is_none() {
        return Ok(Value::NONE);
    }
    let builtins = vm.builtins();
    let set = |v: Value| {
        if let Some(d) = builtins.as_dict() {
            d.set_text(vm, "_", v);
        }
    };
    set(Value::NONE);
    let mut text = vm.repr_text(&a[0])?;
    text.push('\n');
    let out = vm.sys_get("stdout").unwrap_or(Value::NONE);
    if out.is_none() {
        return Err(vm.runtime_error("lost sys.stdout"));
    }
    vm.call_method(&out, "write", &[vm.str(&text)])?;
    set(a[0].clone());
    Ok(Value::NONE)
}

fn except_hook(vm: &Vm, a: &Args) -> R {
    let text = vm.plain_report(&a[1]);
    write_error(vm, &text)
}

fn write_error(vm: &Vm, text: &str) -> R {
    match vm.sys_get("stderr").filter(|v| !v.is_none()) {
        Some(err) => vm.call_method(&err, "write", &[vm.str(text)]).map(|_| Value::NONE),
        None => Ok(Value::NONE),
    }
}

fn unraisable_hook(vm: &Vm, a: &Args) -> R {
    let value = vm.get_attr_text(&a[0], "exc_value")?;
    let object = vm.get_attr_text(&a[0], "object")?;
    let message = vm.look_attr(&a[0], &vm.intern("err_msg"))?.filter(|m| !m.is_none());
    let message = message.map(|m| vm.to_text(&m)).transpose()?;
    let text = vm.describe_unraisable(&value, &object, message.as_deref());
    write_error(vm, &text)
}

fn default_encoding(vm: &Vm, _a: &Args) -> R {
    Ok(vm.intern("utf-8"))
}

fn file_errors(vm: &Vm, _a: &Args) -> R {
    Ok(vm.intern("surrogateescape"))
}

fn get_max_digits(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int(vm.max_digits() as i64))
}

fn set_max_digits(vm: &Vm, a: &Args) -> R {
    let n = vm.index(&a[0])?;
    if n != 0 && !(640..=i32::MAX as i64).contains(&n) {
        return Err(vm.value_error("maxdigits must be 0 or larger than 640"));
    }
    vm.state::<DigitLimit>().0.set(n as usize);
    Ok(Value::NONE)
}

fn get_switch_interval(vm: &Vm, _a: &Args) -> R {
    Ok(Value::float(vm.state::<SysState>().switch_interval.get()))
}

fn set_switch_interval(vm: &Vm, a: &Args) -> R {
    let x = vm.to_f64(&a[0])?;
    if x.is_nan() || x <= 0.0 {
        return Err(vm.value_error("switch interval must be strictly positive"));
    }
    vm.state::<SysState>().switch_interval.set(x);
    Ok(Value::NONE)
}

fn nothing(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn allocated(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int((vm.memory() / 16) as i64))
}

fn no(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::FALSE)
}

fn yes(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::TRUE)
}
