//! Rust structs as classes of scripts.

use crate::convert::{FromScript, ToScript};
use crate::embedded::Embedded;
use crate::error::Error;
use crate::function::{Given, HostAsyncFn, HostFn, Parameter, Prepared, Raw};
use crate::scope::{Local, Scope};
use crate::value::Value;
use aio_vm::native::DefKind;
use aio_vm::object::class::{HAS_DICT, WEAKREFABLE};
use aio_vm::{Payload, Vm};
use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};

type Prepare = dyn Fn() -> Prepared + Send + Sync;

/// A class of scripts whose instances are Rust structs. Methods get the instance as [`This`].
///
/// ```
/// use aiolang::{Class, Engine, This};
///
/// struct Counter(i64);
///
/// let counter = Class::<Counter>::new("Counter")
///     .doc("Counts.")
///     .constructor("start=0", |start: i64| Counter(start))
///     .method("add(self, n=1)", "Count on.", |this: This<Counter>, n: i64| {
///         this.get_mut()?.0 += n;
///         Ok::<_, aiolang::Error>(this)
///     })
///     .getter("value", "The count.", |this: This<Counter>| this.get().map(|c| c.0))
///     .method("__len__(self)", "", |this: This<Counter>| this.get().map(|c| c.0));
/// let isolate = Engine::builder().build()?.isolate();
/// isolate.register_class(&counter)?;
/// assert_eq!(isolate.eval::<i64>("Counter(5).add().add(n=10).value")?, 16);
/// assert_eq!(isolate.eval::<i64>("len(Counter(3))")?, 3);
/// # Ok::<(), aiolang::Error>(())
/// ```
#[derive(Clone)]
pub struct Class<T> {
    name: String,
    doc: String,
    rows: Vec<Arc<Prepare>>,
    of: PhantomData<fn() -> T>,
}

/// The instance of a host class that a method was called on.
pub struct This<T> {
    value: Value,
    object: Arc<RwLock<T>>,
}

/// What an instance keeps.
struct Instance<T>(Arc<RwLock<T>>);

impl<T: Send + Sync + 'static> Payload for Instance<T> {}

static EMPTY: aio_vm::TypeTable = aio_vm::TypeTable { doc: "", rows: &[], next: None };

impl<T> This<T> {
    /// The struct. It is an error to look at it while a method that is under way changes it.
    pub fn get(&self) -> Result<RwLockReadGuard<'_, T>, Error> {
        match self.object.try_read() {
            Ok(object) => Ok(object),
            Err(TryLockError::Poisoned(e)) => Ok(PoisonError::into_inner(e)),
            Err(TryLockError::WouldBlock) => Err(Error::host("the object is being changed")),
        }
    }

    /// The struct, to be changed. It is an error to change it while a method that is under way looks at it.
    pub fn get_mut(&self) -> Result<RwLockWriteGuard<'_, T>, Error> {
        match self.object.try_write() {
            Ok(object) => Ok(object),
            Err(TryLockError::Poisoned(e)) => Ok(PoisonError::into_inner(e)),
            Err(TryLockError::WouldBlock) => Err(Error::host("the object is being used")),
        }
    }

    /// The instance as the script has it.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl<T: Send + Sync + 'static> FromScript for This<T> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<This<T>, Error> {
        match local.raw().payload::<Instance<T>>() {
            Some(instance) => Ok(This { value: scope.root(local), object: Arc::clone(&instance.0) }),
            None => {
                let given = scope.vm.type_name(local.raw());
                Err(Error::conversion(format!("expected {}, got {given}", std::any::type_name::<T>())))
            }
        }
    }
}

impl<T: Send + Sync + 'static> ToScript for This<T> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        self.value.to_script(scope)
    }
}

/// A struct on its way into a script, as an instance of the class that was registered for it.
pub struct New<T>(pub T);

impl<T: Send + Sync + 'static> ToScript for New<T> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        let classes = scope.embedded().classes.borrow();
        let Some(class) = classes.get(&TypeId::of::<T>()).cloned() else {
            return Err(Error::host(format!("there is no class for {}", std::any::type_name::<T>())));
        };
        drop(classes);
        instance(scope, &class, self.0)
    }
}

fn instance<'s, T: Send + Sync + 'static>(
    scope: &Scope<'s>,
    class: &aio_vm::Value,
    object: T,
) -> Result<Local<'s>, Error> {
    match class.as_class() {
        Some(class) => Ok(Local::new(scope.vm.opaque(class, Instance(Arc::new(RwLock::new(object)))))),
        None => Err(Error::host("a class is expected")),
    }
}

/// `__iter__` of a class that has items by number.
fn by_number(scope: &Scope<'_>, given: &mut Given<'_>) -> Result<Raw, Error> {
    let value: Value = Parameter::take(scope, given)?;
    Ok(Raw(scope.vm.sequence_iterator(&scope.embedded().value_of(&value)?)))
}

/// The class in the first parameter of a constructor.
struct Asked(aio_vm::Value);

impl Parameter for Asked {
    fn take(scope: &Scope<'_>, given: &mut Given<'_>) -> Result<Asked, Error> {
        let value: Value = Parameter::take(scope, given)?;
        scope.embedded().value_of(&value).map(Asked)
    }
}

impl<T: Send + Sync + 'static> Class<T> {
    /// A class without anything.
    pub fn new(name: impl Into<String>) -> Class<T> {
        Class { name: name.into(), doc: String::new(), rows: Vec::new(), of: PhantomData }
    }

    /// Its `__doc__`.
    pub fn doc(mut self, doc: impl Into<String>) -> Class<T> {
        self.doc = doc.into();
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn row(mut self, prepare: impl Fn() -> Prepared + Send + Sync + 'static) -> Class<T> {
        self.rows.push(Arc::new(prepare));
        self
    }

    /// How scripts make instances; `parameters` as Python writes them, without `cls`. A constructor may fail.
    pub fn constructor<M, F, R>(self, parameters: &str, make: F) -> Class<T>
    where
        F: Construct<M, T, Made = R> + Clone + Sync,
    {
        let comma = if parameters.is_empty() { "" } else { ", " };
        let signature = format!("__new__(cls{comma}{parameters})");
        self.row(move || Prepared::raw(DefKind::Static, &signature, "Create an object.", make.clone().into_new()))
    }

    /// A method, also one whose name has underscores. The signature begins with `self`, the closure's parameters with
    /// [`This`].
    pub fn method<M, F: HostFn<M> + Clone + Sync>(self, signature: &str, doc: &str, method: F) -> Class<T> {
        let (signature, doc) = (signature.to_owned(), doc.to_owned());
        self.row(move || Prepared::new(DefKind::Method, &signature, &doc, F::ARITY, method.clone().into_body()))
    }

    /// A method that scripts await.
    pub fn async_method<M, F: HostAsyncFn<M> + Clone + Sync>(self, signature: &str, doc: &str, method: F) -> Class<T> {
        let (signature, doc) = (signature.to_owned(), doc.to_owned());
        self.row(move || Prepared::new(DefKind::Method, &signature, &doc, F::ARITY, method.clone().into_body()))
    }

    /// A method of the class itself: no `self`.
    pub fn static_method<M, F: HostFn<M> + Clone + Sync>(self, signature: &str, doc: &str, method: F) -> Class<T> {
        let (signature, doc) = (signature.to_owned(), doc.to_owned());
        self.row(move || Prepared::new(DefKind::Static, &signature, &doc, F::ARITY, method.clone().into_body()))
    }

    /// An attribute that is computed.
    pub fn getter<M, F: HostFn<M> + Clone + Sync>(self, name: &str, doc: &str, get: F) -> Class<T> {
        let (signature, doc) = (format!("{name}(self)"), doc.to_owned());
        self.row(move || Prepared::new(DefKind::Getter, &signature, &doc, F::ARITY, get.clone().into_body()))
    }

    /// An attribute that is computed and can be set.
    pub fn property<M, N, G, S>(self, name: &str, doc: &str, get: G, set: S) -> Class<T>
    where
        G: HostFn<M> + Clone + Sync,
        S: HostFn<N> + Clone + Sync,
    {
        let (signature, doc) = (format!("{name}(self)"), doc.to_owned());
        self.row(move || {
            let (get, set) = (get.clone().into_body(), set.clone().into_body());
            let both = move |s: &Scope<'_>, g: &mut Given<'_>| if g.has_second() { set(s, g) } else { get(s, g) };
            Prepared::new(DefKind::Property, &signature, &doc, 1, Box::new(both))
        })
    }

    /// The class in an isolate.
    pub(crate) fn make(&self, vm: &Vm, module: &str) -> Result<aio_vm::Value, Error> {
        let object = vm.types.object.get();
        let value = vm.native_class(module, &self.name, object, HAS_DICT | WEAKREFABLE, &EMPTY);
        // The rows point to the class, so it stays.
        vm.home::<Embedded>().classes.borrow_mut().insert(TypeId::of::<T>(), value.clone());
        vm.home::<Embedded>().keep(value.clone());
        let Some(class) = value.as_class() else { return Err(Error::host("a class is expected")) };
        let mut rows: Vec<Prepared> = self.rows.iter().map(|row| row()).collect();
        let has = |name: &str| rows.iter().any(|row| row.def.name() == name);
        if has("__getitem__") && !has("__iter__") {
            rows.push(Prepared::raw(
                DefKind::Method,
                "__iter__(self, /)",
                "Implement iter(self).",
                Box::new(by_number),
            ));
        }
        for prepared in rows {
            let def = prepared.def;
            let receiver = prepared.receiver(vm)?;
            vm.add_row(class, def, receiver);
        }
        if let (Some(d), false) = (class.dict().as_dict(), self.doc.is_empty()) {
            d.set_text(vm, "__doc__", vm.str(&self.doc));
        }
        Ok(value)
    }
}

/// A function that makes a struct for a class.
pub trait Construct<M, T>: Send + 'static {
    #[doc(hidden)]
    type Made;
    #[doc(hidden)]
    fn into_new(self) -> crate::function::Body;
}

macro_rules! constructors {
    ($($($t:ident $x:ident)*;)*) => {
        $(
            impl<F, T, $($t),*> Construct<fn($($t),*) -> T, T> for F
            where
                F: Fn($($t),*) -> T + Send + 'static,
                T: Send + Sync + 'static,
                $($t: Parameter),*
            {
                type Made = T;

                fn into_new(self) -> crate::function::Body {
                    Box::new(move |scope, given| {
                        let asked = Asked::take(scope, given)?;
                        $(let $x = $t::take(scope, given)?;)*
                        instance(scope, &asked.0, self($($x),*)).map(|l| Raw(l.into_raw()))
                    })
                }
            }

            impl<F, T, E, $($t),*> Construct<fn($($t),*) -> Result<T, E>, T> for F
            where
                F: Fn($($t),*) -> Result<T, E> + Send + 'static,
                T: Send + Sync + 'static,
                E: Into<Box<dyn std::error::Error + Send + Sync>>,
                $($t: Parameter),*
            {
                type Made = Result<T, E>;

                fn into_new(self) -> crate::function::Body {
                    Box::new(move |scope, given| {
                        let asked = Asked::take(scope, given)?;
                        $(let $x = $t::take(scope, given)?;)*
                        match self($($x),*) {
                            Ok(object) => instance(scope, &asked.0, object).map(|l| Raw(l.into_raw())),
                            Err(e) => Err(scope.failed(&scope.thrown(e.into()))),
                        }
                    })
                }
            }
        )*
    };
}

constructors! {
    ;
    A a;
    A a B b;
    A a B b C c;
    A a B b C c D d;
}
