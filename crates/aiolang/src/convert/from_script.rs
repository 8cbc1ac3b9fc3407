//! Values of scripts as Rust types.

use crate::error::Error;
use crate::scope::{Local, Scope};
use crate::value::Value;
use aio_vm::Vm;
use num_bigint::BigInt;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// A Rust type that values of scripts can become.
///
/// ```
/// use aiolang::{Error, FromScript, Local, Scope};
///
/// struct Point(f64, f64);
///
/// impl FromScript for Point {
///     fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Point, Error> {
///         let (x, y) = <(f64, f64)>::from_script(scope, local)?;
///         Ok(Point(x, y))
///     }
/// }
/// # let isolate = aiolang::Engine::builder().build()?.isolate();
/// assert_eq!(isolate.eval::<Point>("(1, 2.5)")?.1, 2.5);
/// # Ok::<(), Error>(())
/// ```
pub trait FromScript: Sized {
    /// The value as this type.
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Self, Error>;

    /// What a parameter without a default becomes when its argument was left out.
    fn left_out() -> Option<Self> {
        None
    }
}

#[cold]
fn expected(what: &str, vm: &Vm, v: &aio_vm::Value) -> Error {
    Error::conversion(format!("expected {what}, got {}", vm.type_name(v)))
}

macro_rules! integers {
    ($($t:ty)*) => {
        $(
            impl FromScript for $t {
                #[inline]
                fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<$t, Error> {
                    let v = local.raw();
                    if let Some(n) = v.as_small()
                        && let Ok(n) = <$t>::try_from(n)
                    {
                        return Ok(n);
                    }
                    match v.as_bigint() {
                        Some(n) => <$t>::try_from(n).map_err(|_| {
                            Error::exception("OverflowError", concat!("int too large to convert to ", stringify!($t)))
                        }),
                        None => Err(expected("int", scope.vm, v)),
                    }
                }
            }
        )*
    };
}

integers! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize }

macro_rules! plain {
    ($($t:ty, $what:literal => |$vm:ident, $v:ident| $take:expr;)*) => {
        $(
            impl FromScript for $t {
                #[inline]
                fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<$t, Error> {
                    let ($vm, $v) = (scope.vm, local.raw());
                    let taken: Option<$t> = $take;
                    taken.ok_or_else(|| expected($what, $vm, $v))
                }
            }
        )*
    };
}

plain! {
    bool, "bool" => |_vm, v| v.as_bool();
    f64, "float" => |vm, v| v.as_f64().or_else(|| if v.is_int() { vm.int_to_f64(v).ok() } else { None });
    f32, "float" => |vm, v| v.as_f64().or_else(|| if v.is_int() { vm.int_to_f64(v).ok() } else { None }).map(|x| x as f32);
    String, "str" => |_vm, v| v.as_str().map(|s| s.to_text().into_owned());
    Box<str>, "str" => |_vm, v| v.as_str().map(|s| s.to_text().into_owned().into_boxed_str());
    char, "a str of one character" => |_vm, v| one_char(v);
    BigInt, "int" => |_vm, v| v.as_bigint();
    (), "None" => |_vm, v| v.is_none().then_some(());
}

fn one_char(v: &aio_vm::Value) -> Option<char> {
    let text = v.as_str()?.to_text();
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

impl<T: FromScript> FromScript for Option<T> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Option<T>, Error> {
        if local.is_none() { Ok(None) } else { T::from_script(scope, local).map(Some) }
    }

    fn left_out() -> Option<Option<T>> {
        Some(None)
    }
}

/// An exception that is a value, as `asyncio.gather(..., return_exceptions=True)` gives them, is an error; all else has
/// to be a `T`.
///
/// ```
/// # let isolate = aiolang::Engine::builder().build()?.isolate();
/// let parts = isolate.eval::<Vec<Result<i64, aiolang::Error>>>("[1, KeyError('k'), 3]")?;
/// assert_eq!(parts[1].as_ref().unwrap_err().to_string(), "KeyError: 'k'");
/// assert_eq!(parts[2], Ok(3));
/// # Ok::<(), aiolang::Error>(())
/// ```
impl<T: FromScript> FromScript for Result<T, Error> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Result<T, Error>, Error> {
        if local.raw().as_exception().is_some() {
            return Ok(Err(scope.failed(&aio_vm::Raised(local.raw().clone()))));
        }
        T::from_script(scope, local).map(Ok)
    }
}

impl FromScript for Value {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Value, Error> {
        Ok(scope.root(local))
    }
}

/// The bytes of `bytes` and `bytearray`. Bytes are not a list of integers, nor the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Bytes(pub Vec<u8>);

impl FromScript for Bytes {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Bytes, Error> {
        let v = local.raw();
        v.byte_data().map(|b| Bytes(b.to_vec())).ok_or_else(|| expected("bytes", scope.vm, v))
    }
}

fn items(scope: &Scope<'_>, v: &aio_vm::Value, what: &str) -> Result<Vec<aio_vm::Value>, Error> {
    if let Some(list) = v.as_list() {
        return Ok(list.to_vec());
    }
    if let Some(tuple) = v.as_tuple() {
        return Ok(tuple.items().to_vec());
    }
    if v.as_str().is_some() || v.byte_data().is_some() || v.as_dict().is_some() {
        return Err(expected(what, scope.vm, v));
    }
    if scope.vm.known_len(v).is_none() {
        return Err(expected(what, scope.vm, v));
    }
    scope.told(scope.vm.collect(v))
}

impl<T: FromScript> FromScript for Vec<T> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Vec<T>, Error> {
        let all = items(scope, local.raw(), "list")?;
        all.into_iter().map(|v| T::from_script(scope, &Local::new(v))).collect()
    }
}

fn members<T: FromScript>(scope: &Scope<'_>, v: &aio_vm::Value) -> Result<Vec<T>, Error> {
    if v.as_set().is_none() {
        return Err(expected("set", scope.vm, v));
    }
    let all = scope.told(scope.vm.collect(v))?;
    all.into_iter().map(|v| T::from_script(scope, &Local::new(v))).collect()
}

impl<T: FromScript + Eq + Hash, S: BuildHasher + Default> FromScript for HashSet<T, S> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<HashSet<T, S>, Error> {
        Ok(members(scope, local.raw())?.into_iter().collect())
    }
}

impl<T: FromScript + Ord> FromScript for BTreeSet<T> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<BTreeSet<T>, Error> {
        Ok(members(scope, local.raw())?.into_iter().collect())
    }
}

impl<T: FromScript, const N: usize> FromScript for [T; N] {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<[T; N], Error> {
        let all = Vec::<T>::from_script(scope, local)?;
        let n = all.len();
        all.try_into().map_err(|_| Error::exception("ValueError", format!("expected {N} items, got {n}")))
    }
}

fn pairs<'s, K: FromScript, V: FromScript>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Vec<(K, V)>, Error> {
    let Some(dict) = local.raw().as_dict() else {
        return Err(expected("dict", scope.vm, local.raw()));
    };
    let pair = |(k, v): (aio_vm::Value, aio_vm::Value)| {
        Ok((K::from_script(scope, &Local::new(k))?, V::from_script(scope, &Local::new(v))?))
    };
    dict.items().into_iter().map(pair).collect()
}

impl<K: FromScript + Eq + Hash, V: FromScript, S: BuildHasher + Default> FromScript for HashMap<K, V, S> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<HashMap<K, V, S>, Error> {
        Ok(pairs(scope, local)?.into_iter().collect())
    }
}

impl<K: FromScript + Ord, V: FromScript> FromScript for BTreeMap<K, V> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<BTreeMap<K, V>, Error> {
        Ok(pairs(scope, local)?.into_iter().collect())
    }
}

impl<K: FromScript + Eq + Hash, V: FromScript, S: BuildHasher + Default> FromScript for indexmap::IndexMap<K, V, S> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<indexmap::IndexMap<K, V, S>, Error> {
        Ok(pairs(scope, local)?.into_iter().collect())
    }
}

macro_rules! tuples {
    ($($n:literal: $($t:ident)+;)*) => {
        $(
            impl<$($t: FromScript),+> FromScript for ($($t,)+) {
                fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<($($t,)+), Error> {
                    let all = items(scope, local.raw(), "tuple")?;
                    if all.len() != $n {
                        let text = format!("expected {} items, got {}", $n, all.len());
                        return Err(Error::exception("ValueError", text));
                    }
                    let mut all = all.into_iter().map(Local::new);
                    Ok(($(
                        match all.next() {
                            Some(local) => $t::from_script(scope, &local)?,
                            None => return Err(Error::conversion("too few items")),
                        },
                    )+))
                }
            }
        )*
    };
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}
