//! Rust types as values of scripts.

use super::Data;
use super::from_script::Bytes;
use crate::error::Error;
use crate::scope::{Local, Scope};
use crate::value::Value;
use aio_vm::interp::Slots;
use num_bigint::BigInt;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A Rust type that becomes a value of a script.
pub trait ToScript {
    /// The value in this isolate.
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error>;
}

macro_rules! plain {
    ($($t:ty => |$vm:ident, $x:ident| $make:expr;)*) => {
        $(
            impl ToScript for $t {
                #[inline]
                fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
                    let ($vm, $x) = (scope.vm, self);
                    Ok(Local::new($make))
                }
            }
        )*
    };
}

plain! {
    () => |_vm, _unit| aio_vm::Value::NONE;
    bool => |_vm, b| aio_vm::Value::bool(b);
    i8 => |vm, n| vm.int(i64::from(n));
    i16 => |vm, n| vm.int(i64::from(n));
    i32 => |vm, n| vm.int(i64::from(n));
    i64 => |vm, n| vm.int(n);
    isize => |vm, n| vm.int(n as i64);
    i128 => |vm, n| vm.int128(n);
    u8 => |vm, n| vm.int(i64::from(n));
    u16 => |vm, n| vm.int(i64::from(n));
    u32 => |vm, n| vm.int(i64::from(n));
    u64 => |vm, n| vm.uint(n);
    usize => |vm, n| vm.uint(n as u64);
    u128 => |vm, n| vm.bigint(BigInt::from(n));
    f32 => |_vm, x| aio_vm::Value::float(f64::from(x));
    f64 => |_vm, x| aio_vm::Value::float(x);
    char => |vm, c| vm.str(c.encode_utf8(&mut [0; 4]));
    &str => |vm, s| vm.str(s);
    &String => |vm, s| vm.str(s);
    String => |vm, s| vm.str(&s);
    Box<str> => |vm, s| vm.str(&s);
    Cow<'_, str> => |vm, s| vm.str(&s);
    BigInt => |vm, n| vm.bigint(n);
    &BigInt => |vm, n| vm.bigint(n.clone());
    Bytes => |vm, b| vm.bytes(&b.0);
    &Bytes => |vm, b| vm.bytes(&b.0);
}

impl ToScript for Value {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        scope.embedded().value_of(&self).map(Local::new)
    }
}

impl ToScript for &Value {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        scope.embedded().value_of(self).map(Local::new)
    }
}

impl<T: ToScript> ToScript for Option<T> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        match self {
            Some(x) => x.to_script(scope),
            None => Ok(Local::new(aio_vm::Value::NONE)),
        }
    }
}

/// An error becomes an exception: an [`Error`] the one that it came from or was made for, anything else a RuntimeError
/// with its sources as causes.
impl<T: ToScript, E: Into<Box<dyn std::error::Error + Send + Sync>>> ToScript for Result<T, E> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        match self {
            Ok(x) => x.to_script(scope),
            Err(e) => {
                let error: Box<dyn std::error::Error + Send + Sync> = e.into();
                match error.downcast::<Error>() {
                    Ok(error) => Err(*error),
                    Err(other) => Err(scope.failed(&scope.thrown(other))),
                }
            }
        }
    }
}

fn list<'s, T: ToScript>(scope: &Scope<'s>, items: impl IntoIterator<Item = T>) -> Result<Local<'s>, Error> {
    let all: Result<Vec<_>, Error> = items.into_iter().map(|x| x.to_script(scope).map(Local::into_raw)).collect();
    Ok(Local::new(scope.vm.list(all?)))
}

impl<T: ToScript> ToScript for Vec<T> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        list(scope, self)
    }
}

impl<T: ToScript, const N: usize> ToScript for [T; N] {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        list(scope, self)
    }
}

impl<T: ToScript + Clone> ToScript for &[T] {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        list(scope, self.iter().cloned())
    }
}

fn dict<'s, K: ToScript, V: ToScript>(
    scope: &Scope<'s>,
    items: impl IntoIterator<Item = (K, V)>,
) -> Result<Local<'s>, Error> {
    let dict = scope.vm.dict();
    if let Some(d) = dict.as_dict() {
        for (k, v) in items {
            let (k, v) = (k.to_script(scope)?, v.to_script(scope)?);
            scope.told(d.set(scope.vm, k.into_raw(), v.into_raw()))?;
        }
    }
    Ok(Local::new(dict))
}

impl<K: ToScript, V: ToScript, S> ToScript for HashMap<K, V, S> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        dict(scope, self)
    }
}

impl<K: ToScript, V: ToScript> ToScript for BTreeMap<K, V> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        dict(scope, self)
    }
}

impl<K: ToScript, V: ToScript, S> ToScript for indexmap::IndexMap<K, V, S> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        dict(scope, self)
    }
}

fn set<'s, T: ToScript>(scope: &Scope<'s>, items: impl IntoIterator<Item = T>) -> Result<Local<'s>, Error> {
    let items = list(scope, items)?;
    let class = scope.vm.types.set.value();
    scope.told(scope.vm.call(&class, &[items.into_raw()])).map(Local::new)
}

impl<T: ToScript, S> ToScript for HashSet<T, S> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        set(scope, self)
    }
}

impl<T: ToScript> ToScript for BTreeSet<T> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        set(scope, self)
    }
}

/// Arguments of a call, ready.
#[derive(Default)]
pub struct ArgList {
    pub(crate) values: Slots,
    pub(crate) names: SmallVec<[aio_vm::Value; 2]>,
}

/// What can be the arguments of a call: a tuple of convertible values, or [`Args`] for named ones.
pub trait IntoArgs {
    /// The arguments as values of the isolate.
    fn into_args(self, scope: &Scope<'_>) -> Result<ArgList, Error>;
}

/// Arguments that are not known before, some of them by name.
///
/// ```
/// use aiolang::{Args, Engine};
///
/// let isolate = Engine::builder().build()?.isolate();
/// isolate.run("def greet(name, greeting='hello'): return greeting + ', ' + name")?;
/// let text: String = isolate.call("greet", Args::new().with("you").named("greeting", "good day"))?;
/// assert_eq!(text, "good day, you");
/// # Ok::<(), aiolang::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Args {
    positional: Vec<Data>,
    named: Vec<(String, Data)>,
}

impl Args {
    /// No arguments.
    pub fn new() -> Args {
        Args::default()
    }

    /// One more argument.
    pub fn with(mut self, value: impl Into<Data>) -> Args {
        self.positional.push(value.into());
        self
    }

    /// An argument by name.
    pub fn named(mut self, name: impl Into<String>, value: impl Into<Data>) -> Args {
        self.named.push((name.into(), value.into()));
        self
    }
}

impl IntoArgs for Args {
    fn into_args(self, scope: &Scope<'_>) -> Result<ArgList, Error> {
        let mut list = ArgList::default();
        for data in &self.positional {
            list.values.push(data.to_script(scope)?.into_raw());
        }
        for (name, data) in &self.named {
            list.values.push(data.to_script(scope)?.into_raw());
            list.names.push(scope.vm.intern(name));
        }
        Ok(list)
    }
}

impl IntoArgs for () {
    fn into_args(self, _scope: &Scope<'_>) -> Result<ArgList, Error> {
        Ok(ArgList::default())
    }
}

impl IntoArgs for ArgList {
    fn into_args(self, _scope: &Scope<'_>) -> Result<ArgList, Error> {
        Ok(self)
    }
}

macro_rules! tuples {
    ($($($t:ident $i:tt)+;)*) => {
        $(
            impl<$($t: ToScript),+> ToScript for ($($t,)+) {
                fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
                    Ok(Local::new(scope.vm.tuple([$(self.$i.to_script(scope)?.into_raw()),+])))
                }
            }

            impl<$($t: ToScript),+> IntoArgs for ($($t,)+) {
                #[inline]
                fn into_args(self, scope: &Scope<'_>) -> Result<ArgList, Error> {
                    let mut list = ArgList::default();
                    $(list.values.push(self.$i.to_script(scope)?.into_raw());)+
                    Ok(list)
                }
            }
        )*
    };
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
}
