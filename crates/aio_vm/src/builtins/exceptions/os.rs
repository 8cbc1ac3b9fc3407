//! OSError: its fields, its text, and which subclass an error number stands for.

use super::fields::{get, set};
use super::{arg_items, exception, keep_args, no_keywords, reduce_with, shown};
use crate::error::{R, Raised};
use crate::native::{Args, TypeTable, method, property, static_method};
use crate::object::{ClassObj, ExceptionObj};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "The system reports an error.",
    rows: &[
        static_method(
            "__new__(cls, /, *args, **kwargs)",
            new,
            "Create an exception of the class that stands for the error number.",
        ),
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__str__(self, /)", str, "Return str(self)."),
        method("__reduce__(self, /)", reduce, "Describe the exception for copying and pickling."),
        property("errno(self)", get::<0>, set::<0>, "the error number"),
        property("strerror(self)", get::<1>, set::<1>, "the system's words"),
        property("filename(self)", get::<2>, set::<2>, "the file"),
        property("filename2(self)", get::<3>, set::<3>, "the second file"),
        property("characters_written(self)", written, set_written, "how much was written before the error"),
    ],
    next: None,
};

/// Error numbers, by the names of the C library, as this platform counts them.
const NUMBERS: &[(&str, i32)] = if cfg!(any(target_os = "macos", target_os = "ios")) {
    &[
        ("EPERM", 1),
        ("ENOENT", 2),
        ("ESRCH", 3),
        ("EINTR", 4),
        ("ECHILD", 10),
        ("EAGAIN", 35),
        ("EACCES", 13),
        ("EEXIST", 17),
        ("ENOTDIR", 20),
        ("EISDIR", 21),
        ("EPIPE", 32),
        ("EALREADY", 37),
        ("EINPROGRESS", 36),
        ("ESHUTDOWN", 58),
        ("ECONNABORTED", 53),
        ("ECONNREFUSED", 61),
        ("ECONNRESET", 54),
        ("ETIMEDOUT", 60),
    ]
} else {
    &[
        ("EPERM", 1),
        ("ENOENT", 2),
        ("ESRCH", 3),
        ("EINTR", 4),
        ("ECHILD", 10),
        ("EAGAIN", 11),
        ("EACCES", 13),
        ("EEXIST", 17),
        ("ENOTDIR", 20),
        ("EISDIR", 21),
        ("EPIPE", 32),
        ("EALREADY", 114),
        ("EINPROGRESS", 115),
        ("ESHUTDOWN", 108),
        ("ECONNABORTED", 103),
        ("ECONNREFUSED", 111),
        ("ECONNRESET", 104),
        ("ETIMEDOUT", 110),
    ]
};

/// The number of an error name on this platform.
pub fn errno_of(name: &str) -> Option<i32> {
    NUMBERS.iter().find(|(n, _)| *n == name).map(|(_, e)| *e)
}

impl Vm {
    /// The class that stands for an error number.
    pub fn os_error_class(&self, errno: i64) -> &ClassObj {
        let t = &self.types;
        let name = NUMBERS.iter().find(|(_, e)| *e as i64 == errno).map_or("", |(n, _)| *n);
        match name {
            "EAGAIN" | "EALREADY" | "EINPROGRESS" => t.blocking_io_error.get(),
            "EPIPE" | "ESHUTDOWN" => t.broken_pipe_error.get(),
            "ECHILD" => t.child_process_error.get(),
            "ECONNABORTED" => t.connection_aborted_error.get(),
            "ECONNREFUSED" => t.connection_refused_error.get(),
            "ECONNRESET" => t.connection_reset_error.get(),
            "EEXIST" => t.file_exists_error.get(),
            "ENOENT" => t.file_not_found_error.get(),
            "EISDIR" => t.is_a_directory_error.get(),
            "ENOTDIR" => t.not_a_directory_error.get(),
            "EINTR" => t.interrupted_error.get(),
            "EACCES" | "EPERM" => t.permission_error.get(),
            "ESRCH" => t.process_lookup_error.get(),
            "ETIMEDOUT" => t.timeout_error.get(),
            _ => t.os_error.get(),
        }
    }

    /// The exception for an error number with the system's words and, if one is concerned, a file.
    #[cold]
    pub fn os_error(&self, errno: i32, strerror: &str, filename: Option<Value>) -> Raised {
        let args = vec![self.int(errno as i64), self.str(strerror)];
        let raised = self.error_with(self.os_error_class(errno as i64), args.clone());
        if let Some(e) = raised.0.as_exception() {
            for (i, v) in args.into_iter().chain(filename).enumerate() {
                e.set_field(i, v);
            }
        }
        raised
    }

    /// The exception for an error of the system.
    #[cold]
    pub fn io_error(&self, error: &std::io::Error, filename: Option<Value>) -> Raised {
        match error.raw_os_error() {
            Some(errno) => {
                let text = error.to_string();
                let words = text.rsplit_once(" (os error").map_or(text.as_str(), |(t, _)| t);
                self.os_error(errno, words, filename)
            }
            None if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                self.error(self.types.eof_error.get(), &error.to_string())
            }
            None => {
                let class = match error.kind() {
                    std::io::ErrorKind::TimedOut => &self.types.timeout_error,
                    std::io::ErrorKind::BrokenPipe => &self.types.broken_pipe_error,
                    std::io::ErrorKind::Interrupted => &self.types.interrupted_error,
                    _ => &self.types.os_error,
                };
                self.error(class.get(), &error.to_string())
            }
        }
    }
}

/// Whether `__init__` reads the arguments: the class has its own `__init__` but no `__new__`, so that `__new__`, which
/// usually reads them, cannot know what they mean.
fn init_reads(vm: &Vm, class: &ClassObj) -> bool {
    let os = vm.types.os_error.get();
    let is_os = |name| class.find_in_mro(vm, name).is_some_and(|(owner, _)| owner.is_same(os));
    !is_os(&vm.names.__init__) && is_os(&vm.names.__new__)
}

fn new(vm: &Vm, a: &Args) -> R {
    let Some(class) = a[0].as_class() else {
        let what = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("OSError.__new__(X): X is not a type object ({what})")));
    };
    let os = vm.types.os_error.get();
    if !class.derives(os) {
        let name = class.name_text();
        return Err(vm.type_error(format!("OSError.__new__({name}): {name} is not a subtype of OSError")));
    }
    if init_reads(vm, class) {
        return Ok(vm.exception(class, vm.empty_tuple()));
    }
    if !a.keywords.is_empty() {
        return Err(vm.type_error(format!("{}() takes no keyword arguments", class.name_text())));
    }
    let errno = a.rest.first().and_then(Value::as_i64);
    let class = match errno {
        Some(n) if (2..=5).contains(&a.rest.len()) && class.is_same(os) => vm.os_error_class(n),
        _ => class,
    };
    let e = vm.exception(class, vm.tuple(a.rest.to_vec()));
    if let Some(x) = e.as_exception() {
        read_args(vm, class, x, a.rest);
    }
    Ok(e)
}

fn init(vm: &Vm, a: &Args) -> R {
    let class = vm.class_of(&a[0]).value();
    let Some(class) = class.as_class() else { return Ok(Value::NONE) };
    if !init_reads(vm, class) {
        return Ok(Value::NONE);
    }
    no_keywords(vm, a)?;
    keep_args(vm, a)?;
    read_args(vm, class, exception(vm, &a[0])?, a.rest);
    Ok(Value::NONE)
}

/// Fills the fields from two to five arguments: errno, strerror, filename, winerror, filename2.
fn read_args(vm: &Vm, class: &ClassObj, e: &ExceptionObj, args: &[Value]) {
    if !(2..=5).contains(&args.len()) {
        return;
    }
    e.set_field(0, args[0].clone());
    e.set_field(1, args[1].clone());
    let Some(filename) = args.get(2).filter(|f| !f.is_none()) else { return };
    if class.is_same(vm.types.blocking_io_error.get()) && filename.is_int() {
        e.set_field(4, filename.clone());
        return;
    }
    e.set_field(2, filename.clone());
    if let Some(second) = args.get(4) {
        e.set_field(3, second.clone());
    }
    e.args.set(vm.tuple(args[..2].to_vec()));
}

fn str(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let (errno, strerror, one, two) = (e.field(0), e.field(1), e.field(2), e.field(3));
    let number = shown(vm, &errno)?;
    if !one.is_none() {
        let words = shown(vm, &strerror)?;
        let first = vm.repr_text(&one)?;
        let text = if two.is_none() {
            format!("[Errno {number}] {words}: {first}")
        } else {
            format!("[Errno {number}] {words}: {first} -> {}", vm.repr_text(&two)?)
        };
        return Ok(vm.str(&text));
    }
    if !errno.is_none() && !strerror.is_none() {
        return Ok(vm.str(&format!("[Errno {number}] {}", shown(vm, &strerror)?)));
    }
    super::str(vm, a)
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let mut items = arg_items(e);
    let (one, two) = (e.field(2), e.field(3));
    if items.len() == 2 && !one.is_none() {
        items.push(one);
        if !two.is_none() {
            items.extend([Value::NONE, two]);
        }
    }
    reduce_with(vm, &a[0], vm.tuple(items))
}

fn written(vm: &Vm, a: &Args) -> R {
    let v = exception(vm, &a[0])?.field(4);
    if v.is_none() {
        return Err(vm.error(vm.types.attribute_error.get(), "characters_written"));
    }
    Ok(v)
}

fn set_written(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    match a.get(1) {
        Some(v) => e.set_field(4, vm.index_value(v)?),
        None if e.field(4).is_none() => {
            return Err(vm.error(vm.types.attribute_error.get(), "characters_written"));
        }
        None => e.set_field(4, Value::NONE),
    }
    Ok(Value::NONE)
}
