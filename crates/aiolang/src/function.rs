//! Rust functions that scripts call: closures over convertible types, with Python's rules for arguments.

use crate::convert::{FromScript, ToScript};
use crate::error::Error;
use crate::reactor::{self, HostStream};
use crate::scope::{Local, Scope};
use aio_vm::native::{Def, DefKind};
use aio_vm::{CompileMode, Payload, R, Value, Vm};
use futures_core::Stream;
use std::collections::HashMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

/// The arguments of a call of a host function, taken one by one.
#[doc(hidden)]
pub struct Given<'a> {
    args: &'a aio_vm::Args<'a>,
    defaults: &'a [Option<Value>],
    at: usize,
}

impl<'a> Given<'a> {
    /// Whether there is a second argument: a property is set.
    pub(crate) fn has_second(&self) -> bool {
        self.args.get(1).is_some()
    }

    #[inline]
    fn next<'s, T: FromScript>(&mut self, scope: &Scope<'s>) -> Result<T, Error> {
        let at = self.at;
        self.at += 1;
        if let Some(v) = self.args.get(at) {
            return T::from_script(scope, &Local::new(v.clone()));
        }
        match self.defaults.get(at) {
            Some(Some(v)) => T::from_script(scope, &Local::new(v.clone())),
            _ => T::left_out().ok_or_else(|| Error::conversion("an argument is missing")),
        }
    }
}

/// A parameter of a host function: any type that can come from a script, or one of the types that collect.
pub trait Parameter: Sized {
    #[doc(hidden)]
    fn take(scope: &Scope<'_>, given: &mut Given<'_>) -> Result<Self, Error>;
}

impl<T: FromScript> Parameter for T {
    #[inline]
    fn take(scope: &Scope<'_>, given: &mut Given<'_>) -> Result<T, Error> {
        given.next(scope)
    }
}

/// What `*args` collects.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rest<T>(pub Vec<T>);

impl<T: FromScript> Parameter for Rest<T> {
    fn take(scope: &Scope<'_>, given: &mut Given<'_>) -> Result<Rest<T>, Error> {
        let all = given.args.rest.iter().map(|v| T::from_script(scope, &Local::new(v.clone())));
        all.collect::<Result<_, _>>().map(Rest)
    }
}

/// What `**kwargs` collects.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<T: FromScript> Parameter for Named<T> {
    fn take(scope: &Scope<'_>, given: &mut Given<'_>) -> Result<Named<T>, Error> {
        let one = |(name, v): &(Value, Value)| {
            let name = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
            Ok((name, T::from_script(scope, &Local::new(v.clone()))?))
        };
        given.args.keywords.iter().map(one).collect::<Result<_, _>>().map(Named)
    }
}

/// A function of the host with its types taken away.
#[doc(hidden)]
pub type Body = Box<dyn Fn(&Scope<'_>, &mut Given<'_>) -> Result<Raw, Error> + Send>;

/// A Rust function or closure that scripts can call: up to six convertible parameters, perhaps a `&Scope<'_>` before
/// them, and a convertible result (a `Result` raises its error).
pub trait HostFn<Marker>: Send + 'static {
    #[doc(hidden)]
    const ARITY: usize;
    #[doc(hidden)]
    fn into_body(self) -> Body;
}

/// Likewise for a function that gives a future: scripts await it.
pub trait HostAsyncFn<Marker>: Send + 'static {
    #[doc(hidden)]
    const ARITY: usize;
    #[doc(hidden)]
    fn into_body(self) -> Body;
}

/// Likewise for a function that gives a stream: scripts iterate over it with `async for`.
pub trait HostStreamFn<Marker>: Send + 'static {
    #[doc(hidden)]
    const ARITY: usize;
    #[doc(hidden)]
    fn into_body(self) -> Body;
}

/// A value on its way out of a host function.
#[doc(hidden)]
pub struct Raw(pub(crate) Value);

impl Raw {
    #[inline]
    fn of(local: Local<'_>) -> Raw {
        Raw(local.into_raw())
    }
}

/// Marks functions whose first parameter is a scope.
#[doc(hidden)]
pub struct WithScope;

fn outcomes<S: Stream + Send + 'static>(stream: S) -> HostStream
where
    S::Item: ToScript + Send + 'static,
{
    Box::pin(Outcomes(Box::pin(stream)))
}

/// A stream of values of scripts as one of outcomes.
struct Outcomes<S>(S);

impl<S: Stream + Unpin> Stream for Outcomes<S>
where
    S::Item: ToScript + Send + 'static,
{
    type Item = reactor::Outcome;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<reactor::Outcome>> {
        let inner = Pin::new(&mut self.get_mut().0);
        inner.poll_next(cx).map(|item| {
            item.map(|value| {
                let outcome: reactor::Outcome = Box::new(move |s| value.to_script(s));
                outcome
            })
        })
    }
}

/// The closure behind a function: takes the arguments one by one, then does what is said.
macro_rules! body {
    ($scope:ident: $($t:ident $x:ident)*; $result:expr) => {
        Box::new(move |$scope, given| {
            // A function without parameters takes nothing.
            let _: &mut Given<'_> = given;
            $(let $x = $t::take($scope, given)?;)*
            $result
        })
    };
}

macro_rules! host_functions {
    ($($n:literal: $($t:ident $x:ident)*;)*) => {
        $(
            impl<F, R, $($t),*> HostFn<fn($($t),*) -> R> for F
            where
                F: Fn($($t),*) -> R + Send + 'static,
                R: ToScript,
                $($t: Parameter),*
            {
                const ARITY: usize = $n;

                fn into_body(self) -> Body {
                    body!(scope: $($t $x)*; self($($x),*).to_script(scope).map(Raw::of))
                }
            }

            impl<F, R, $($t),*> HostFn<fn(WithScope, $($t),*) -> R> for F
            where
                F: Fn(&Scope<'_>, $($t),*) -> R + Send + 'static,
                R: ToScript,
                $($t: Parameter),*
            {
                const ARITY: usize = $n;

                fn into_body(self) -> Body {
                    body!(scope: $($t $x)*; self(scope, $($x),*).to_script(scope).map(Raw::of))
                }
            }

            impl<F, Fut, $($t),*> HostAsyncFn<fn($($t),*) -> Fut> for F
            where
                F: Fn($($t),*) -> Fut + Send + 'static,
                Fut: Future + Send + 'static,
                Fut::Output: ToScript + Send + 'static,
                $($t: Parameter),*
            {
                const ARITY: usize = $n;

                fn into_body(self) -> Body {
                    body!(scope: $($t $x)*; Ok(Raw(reactor::awaitable(scope.vm, reactor::erase(self($($x),*))))))
                }
            }

            impl<F, S, $($t),*> HostStreamFn<fn($($t),*) -> S> for F
            where
                F: Fn($($t),*) -> S + Send + 'static,
                S: Stream + Send + 'static,
                S::Item: ToScript + Send + 'static,
                $($t: Parameter),*
            {
                const ARITY: usize = $n;

                fn into_body(self) -> Body {
                    body!(scope: $($t $x)*; Ok(Raw(reactor::async_iterator(scope.vm, outcomes(self($($x),*))))))
                }
            }
        )*
    };
}

host_functions! {
    0: ;
    1: A a;
    2: A a B b;
    3: A a B b C c;
    4: A a B b C c D d;
    5: A a B b C c D d E e;
    6: A a B b C c D d E e G g;
}

/// A function of the host that is not yet in an isolate.
pub(crate) struct Prepared {
    pub def: &'static Def,
    pub body: Body,
}

impl Prepared {
    /// `signature` is a name or a name with parameters as Python writes them.
    pub fn new(kind: DefKind, signature: &str, doc: &str, arity: usize, body: Body) -> Prepared {
        let signature = if signature.contains('(') {
            signature.to_owned()
        } else {
            let names: Vec<String> = (1..=arity).map(|i| format!("arg{i}")).collect();
            let slash = if arity > 0 { ", /" } else { "" };
            format!("{signature}({}{slash})", names.join(", "))
        };
        Prepared::raw(kind, &signature, doc, body)
    }

    /// With a whole signature, for a body that takes care of everything.
    pub fn raw(kind: DefKind, signature: &str, doc: &str, body: Body) -> Prepared {
        Prepared { def: definition(kind, signature, doc), body }
    }

    /// What the function carries in this isolate: its closure and the values of its defaults.
    pub fn receiver(self, vm: &Vm) -> Result<Value, Error> {
        let scope = Scope::new(vm);
        let defaults = defaults(&scope, self.def.signature)?;
        let class = vm.types.object.get();
        Ok(vm.opaque(class, HostFunction { body: self.body, defaults }))
    }

    /// The function in this isolate.
    pub fn into_value(self, vm: &Vm) -> Result<Value, Error> {
        let def = self.def;
        Ok(vm.native(def, self.receiver(vm)?))
    }
}

/// Rows of tables live as long as the program: each signature is made once.
fn definition(kind: DefKind, signature: &str, doc: &str) -> &'static Def {
    type Known = HashMap<(u8, String, String), &'static Def>;
    static KNOWN: OnceLock<Mutex<Known>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let key = (kind as u8, signature.to_owned(), doc.to_owned());
    if let Some(def) = known.get(&key) {
        return def;
    }
    let set = (kind == DefKind::Property).then_some(call_setter as aio_vm::native::NativeFn);
    let text = |s: &str| -> &'static str { Box::leak(s.to_owned().into_boxed_str()) };
    let def: &'static Def = Box::leak(Box::new(Def::of_kind(kind, text(signature), call, set, text(doc))));
    known.insert(key, def);
    def
}

/// The values behind the `=` of a signature.
fn defaults(scope: &Scope<'_>, signature: &'static str) -> Result<Vec<Option<Value>>, Error> {
    if !signature.contains('=') {
        return Ok(Vec::new());
    }
    let vm = scope.vm;
    let native = vm.native(definition(DefKind::Function, signature, ""), Value::UNDEF);
    let Some(f) = native.as_native() else { return Ok(Vec::new()) };
    let mut values = Vec::new();
    for p in &f.signature(vm).parameters {
        let Some(text) = p.default else {
            values.push(None);
            continue;
        };
        let compiled = vm.importer.compile(text, "<default>", CompileMode::Eval);
        let compiled = compiled.map_err(|_| Error::host(format!("the default '{text}' is no expression")))?;
        let value = crate::launch::execute(vm, &compiled.code, &vm.builtins());
        values.push(Some(scope.told(value)?));
    }
    Ok(values)
}

/// The closure of a host function, in its isolate.
struct HostFunction {
    body: Body,
    defaults: Vec<Option<Value>>,
}

impl Payload for HostFunction {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.defaults.iter().flatten().for_each(visit);
    }
}

fn call(vm: &Vm, args: &aio_vm::Args<'_>) -> R {
    run(vm, args)
}

/// Setters of properties: the closure sees a second argument.
fn call_setter(vm: &Vm, args: &aio_vm::Args<'_>) -> R {
    run(vm, args)
}

#[inline]
fn run(vm: &Vm, args: &aio_vm::Args<'_>) -> R {
    let Some(f) = args.receiver.payload::<HostFunction>() else {
        return Err(vm.type_error("the function of the host is gone"));
    };
    let scope = Scope::new(vm);
    let mut given = Given { args, defaults: &f.defaults, at: 0 };
    match catch_unwind(AssertUnwindSafe(|| (f.body)(&scope, &mut given))) {
        Ok(Ok(raw)) => Ok(raw.0),
        Ok(Err(e)) => Err(scope.raised(&e)),
        Err(panic) => Err(vm.runtime_error(reactor::panic_text(&*panic))),
    }
}
