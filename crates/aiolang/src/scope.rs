//! An isolate that this thread has entered: what conversions, host functions and handles work in.

use crate::convert::{FromScript, IntoArgs, ToScript};
use crate::embedded::Embedded;
use crate::error::{Error, ErrorKind};
use crate::launch;
use crate::limits::Limit;
use crate::render::{last_line, render_exception};
use crate::value::Value;
use aio_vm::{R, Raised, Vm};
use std::marker::PhantomData;

/// An isolate that this thread has entered. Host functions get one if their first parameter is `&Scope<'_>`;
/// [`Isolate::enter`](crate::Isolate::enter) gives one to the host. It cannot leave the call that it was made for.
#[derive(Clone, Copy)]
pub struct Scope<'s> {
    pub(crate) vm: &'s Vm,
    brand: Brand<'s>,
}

/// So many exceptions that an exception came from are told.
const SOURCES: usize = 16;

/// Each entering has a lifetime of its own, which fits no other: what belongs to one isolate cannot get into another.
type Brand<'s> = PhantomData<fn(&'s ()) -> &'s ()>;

/// A value of the isolate that was entered, on its way in or out. It cannot leave the [`Scope`]; a [`Value`] can.
pub struct Local<'s> {
    value: aio_vm::Value,
    brand: Brand<'s>,
    /// A value is counted by the thread that is in the isolate.
    here: PhantomData<*const ()>,
}

impl<'s> Local<'s> {
    pub(crate) fn new(value: aio_vm::Value) -> Local<'s> {
        Local { value, brand: PhantomData, here: PhantomData }
    }

    pub(crate) fn raw(&self) -> &aio_vm::Value {
        &self.value
    }

    pub(crate) fn into_raw(self) -> aio_vm::Value {
        self.value
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        self.value.is_none()
    }
}

/// Where handles can be used: an isolate, which is entered for the moment, or a scope, which has been entered.
pub trait Enter: sealed::Sealed {
    /// Calls `f` in the isolate.
    fn enter<T>(&self, f: impl FnOnce(&Scope<'_>) -> Result<T, Error>) -> Result<T, Error>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Scope<'_> {}

impl Enter for Scope<'_> {
    fn enter<T>(&self, f: impl FnOnce(&Scope<'_>) -> Result<T, Error>) -> Result<T, Error> {
        f(self)
    }
}

impl<'s> Scope<'s> {
    pub(crate) fn new(vm: &'s Vm) -> Scope<'s> {
        Scope { vm, brand: PhantomData }
    }

    pub(crate) fn embedded(&self) -> &'s Embedded {
        self.vm.home::<Embedded>()
    }

    /// A value as the script has it.
    pub fn to_local(&self, value: impl ToScript) -> Result<Local<'s>, Error> {
        value.to_script(self)
    }

    /// A value of the script as Rust data.
    pub fn from_local<T: FromScript>(&self, local: &Local<'s>) -> Result<T, Error> {
        T::from_script(self, local)
    }

    /// A handle of a value.
    pub fn root(&self, local: &Local<'s>) -> Value {
        self.embedded().root(local.raw().clone())
    }

    pub(crate) fn root_raw(&self, v: aio_vm::Value) -> Value {
        self.embedded().root(v)
    }

    /// The value of a name of `__main__`, or of a built-in one.
    pub fn get(&self, name: &str) -> Result<Value, Error> {
        self.find(name).map(|v| self.root_raw(v))
    }

    pub(crate) fn find(&self, name: &str) -> Result<aio_vm::Value, Error> {
        let embedded = self.embedded();
        let main = embedded.main.get();
        match main.as_dict().and_then(|d| embedded.lookup.find(self.vm, d, name)) {
            Some(found) => Ok(found),
            None => self.find_built_in(name),
        }
    }

    #[cold]
    fn find_built_in(&self, name: &str) -> Result<aio_vm::Value, Error> {
        let found = self.vm.builtins().as_dict().and_then(|d| d.get_text(self.vm, name));
        found.ok_or_else(|| Error::new(ErrorKind::Host, "NameError", format!("name '{name}' is not defined")))
    }

    /// Calls a function of `__main__`, or a built-in one. What a coroutine function gives is a coroutine.
    pub fn call<T: FromScript>(&self, name: &str, args: impl IntoArgs) -> Result<T, Error> {
        let f = self.find(name)?;
        let value = self.call_raw(&f, args)?;
        T::from_script(self, &Local::new(value))
    }

    pub(crate) fn call_raw(&self, f: &aio_vm::Value, args: impl IntoArgs) -> Result<aio_vm::Value, Error> {
        let mut args = args.into_args(self)?;
        self.told(self.vm.call_taking(f, &mut args.values, &args.names))
    }

    /// Imports a module.
    pub fn import(&self, module: &str) -> Result<Value, Error> {
        let module = self.told(self.vm.import_module(module))?;
        Ok(self.root_raw(module))
    }

    /// An exception as an error.
    pub(crate) fn told<T>(&self, r: R<T>) -> Result<T, Error> {
        r.map_err(|e| self.failed(&e))
    }

    #[cold]
    pub(crate) fn failed(&self, raised: &Raised) -> Error {
        let vm = self.vm;
        let kind = if let Some(limit) = vm.limits.stopped() {
            ErrorKind::Limit(limit)
        } else if raised.is(vm.types.memory_error.get()) && vm.limits.take_refused() {
            ErrorKind::Limit(Limit::Memory)
        } else if raised.is(vm.types.recursion_error.get()) && vm.limits.depth() != u32::MAX {
            ErrorKind::Limit(Limit::Depth)
        } else {
            self.kind_of(raised)
        };
        // Drawing runs code of the script (`__str__`), which has to be able to run, for a little.
        vm.resume_after_stop();
        let embedded = self.embedded();
        let rendered = render_exception(vm, &raised.0, &embedded.sources.borrow(), &embedded.style.borrow());
        self.told_of(raised, kind, SOURCES).with_report(rendered)
    }

    fn kind_of(&self, raised: &Raised) -> ErrorKind {
        let vm = self.vm;
        if raised.is(vm.types.system_exit.get()) {
            ErrorKind::Exit(launch::exit_request(vm, &raised.0).0)
        } else if raised.is(vm.types.keyboard_interrupt.get()) {
            ErrorKind::Interrupted
        } else if raised.is(vm.types.cancelled_error.get()) {
            ErrorKind::Cancelled
        } else {
            vm.exceeded_limit(raised).map_or(ErrorKind::Exception, ErrorKind::Limit)
        }
    }

    /// An exception with up to so many others that it came from.
    fn told_of(&self, raised: &Raised, kind: ErrorKind, sources: usize) -> Error {
        let vm = self.vm;
        let line = last_line(vm, &raised.0);
        let first = line.lines().next().unwrap_or_default();
        let (type_name, message) = first.split_once(": ").unwrap_or((first, ""));
        let source = raised.0.as_exception().filter(|_| sources > 0).and_then(|x| {
            let context = || x.context.defined().filter(|_| !x.suppress_context.get());
            x.cause.defined().filter(|c| !c.is_none()).or_else(context).filter(|c| !c.is_none())
        });
        let source = source.map(Raised).map(|source| self.told_of(&source, self.kind_of(&source), sources - 1));
        let way = crate::render::frames(vm, &raised.0);
        let error = Error::new(kind, type_name, message).with_source(source);
        error.with_exception(self.root_raw(raised.0.clone()), way)
    }

    /// An error as an exception.
    #[cold]
    pub(crate) fn raised(&self, error: &Error) -> Raised {
        let vm = self.vm;
        if let Some(value) = error.value()
            && let Ok(v) = self.embedded().value_of(value)
        {
            return Raised(v);
        }
        if let ErrorKind::Limit(limit) = error.kind() {
            return vm.stop(limit);
        }
        let class = self.exception_class(error.type_name());
        let message = vm.str(error.message());
        match class {
            Some(class) => match vm.call(&class, &[message]) {
                Ok(e) if e.as_exception().is_some() => Raised(e),
                Ok(_) => vm.runtime_error(error.to_string()),
                Err(e) => e,
            },
            None => vm.runtime_error(error.to_string()),
        }
    }

    fn exception_class(&self, name: &str) -> Option<aio_vm::Value> {
        let vm = self.vm;
        let found = match name.rsplit_once('.') {
            Some((module, name)) => {
                let module = vm.modules.get().as_dict()?.get_text(vm, module)?;
                vm.look_attr(&module, &vm.intern(name)).ok().flatten()
            }
            None => self.find(name).ok(),
        };
        found.filter(|v| v.as_class().is_some_and(|c| c.derives(vm.types.base_exception.get())))
    }

    /// What a host function failed with, as an exception with its sources as causes.
    #[cold]
    pub(crate) fn thrown(&self, error: Box<dyn std::error::Error + Send + Sync>) -> Raised {
        if let Some(e) = error.downcast_ref::<Error>() {
            return self.raised(e);
        }
        if let Some(e) = error.downcast_ref::<std::io::Error>() {
            return self.vm.host_error(e);
        }
        let mut texts = vec![error.to_string()];
        let mut source = error.source();
        while let Some(e) = source {
            texts.push(e.to_string());
            source = e.source();
        }
        let mut cause: Option<Raised> = None;
        for text in texts.iter().rev() {
            let e = self.vm.runtime_error(text);
            if let (Some(cause), Some(x)) = (cause.take(), e.0.as_exception()) {
                x.cause.set(cause.0);
                x.suppress_context.set(true);
            }
            cause = Some(e);
        }
        cause.unwrap_or_else(|| self.vm.runtime_error("the host failed"))
    }
}
