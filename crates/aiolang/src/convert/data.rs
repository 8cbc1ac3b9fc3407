//! Script values as plain Rust data and back, when their types are not known before.

use super::{FromScript, ToScript};
use crate::error::Error;
use crate::scope::{Local, Scope};
use aio_vm::{R, Value, Vm};
use num_bigint::BigInt;

/// A script value that was copied out of its isolate.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `None`.
    None,
    /// A bool.
    Bool(bool),
    /// An integer of up to 64 bits.
    Int(i64),
    /// A larger integer.
    Big(BigInt),
    /// A float.
    Float(f64),
    /// A string; lone surrogates become U+FFFD.
    Str(String),
    /// Bytes or a bytearray.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Data>),
    /// A tuple.
    Tuple(Vec<Data>),
    /// A dict, in its order.
    Dict(Vec<(Data, Data)>),
    /// A set or frozenset, in its order.
    Set(Vec<Data>),
    /// Anything else, as `repr` shows it.
    Other(String),
}

/// Data within data beyond this depth is shown by `repr`.
const DEEPEST: usize = 100;

impl Data {
    /// Copies a value out.
    pub(crate) fn from_value(vm: &Vm, v: &Value) -> R<Data> {
        copy(vm, v, 0)
    }

    /// Makes a value of the data. `Other` becomes a string.
    pub(crate) fn to_value(&self, vm: &Vm) -> R {
        let all = |items: &[Data]| items.iter().map(|d| d.to_value(vm)).collect::<R<Vec<Value>>>();
        Ok(match self {
            Data::None => Value::NONE,
            Data::Bool(b) => Value::bool(*b),
            Data::Int(n) => vm.int(*n),
            Data::Big(n) => vm.bigint(n.clone()),
            Data::Float(x) => Value::float(*x),
            Data::Str(s) | Data::Other(s) => vm.str(s),
            Data::Bytes(b) => vm.bytes(b),
            Data::List(items) => vm.list(all(items)?),
            Data::Tuple(items) => vm.tuple(all(items)?),
            Data::Set(items) => {
                let set = vm.types.set.value();
                vm.call(&set, &[vm.list(all(items)?)])?
            }
            Data::Dict(items) => {
                let dict = vm.dict();
                for (k, v) in items {
                    if let Some(d) = dict.as_dict() {
                        d.set(vm, k.to_value(vm)?, v.to_value(vm)?)?;
                    }
                }
                dict
            }
        })
    }
}

fn copy(vm: &Vm, v: &Value, depth: usize) -> R<Data> {
    if depth > DEEPEST {
        return Ok(Data::Other(vm.repr_text(v)?));
    }
    let all = |items: Vec<Value>| items.iter().map(|v| copy(vm, v, depth + 1)).collect::<R<Vec<Data>>>();
    Ok(if v.is_none() {
        Data::None
    } else if let Some(b) = v.as_bool() {
        Data::Bool(b)
    } else if let Some(n) = v.as_small() {
        Data::Int(n)
    } else if let Some(x) = v.as_float() {
        Data::Float(x)
    } else if let Some(s) = v.as_str() {
        Data::Str(s.to_text().into_owned())
    } else if let Some(list) = v.as_list() {
        Data::List(all(list.to_vec())?)
    } else if let Some(tuple) = v.as_tuple() {
        Data::Tuple(all(tuple.items().to_vec())?)
    } else if let Some(dict) = v.as_dict() {
        let pair = |(k, v): &(Value, Value)| Ok((copy(vm, k, depth + 1)?, copy(vm, v, depth + 1)?));
        Data::Dict(dict.items().iter().map(pair).collect::<R<_>>()?)
    } else if let Some(b) = v.byte_data() {
        Data::Bytes(b.to_vec())
    } else if let Some(n) = v.as_bigint() {
        // Those beyond 51 bits are objects; those within 64 bits are still plain data.
        v.as_i64().map_or(Data::Big(n), Data::Int)
    } else if v.as_set().is_some() {
        Data::Set(all(vm.collect(v)?)?)
    } else {
        Data::Other(vm.repr_text(v)?)
    })
}

impl FromScript for Data {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Data, Error> {
        scope.told(Data::from_value(scope.vm, local.raw()))
    }
}

impl ToScript for Data {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        scope.told(self.to_value(scope.vm)).map(Local::new)
    }
}

impl ToScript for &Data {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        scope.told(self.to_value(scope.vm)).map(Local::new)
    }
}

macro_rules! data_from {
    ($($t:ty => |$v:ident| $make:expr;)*) => {
        $(
            impl From<$t> for Data {
                fn from($v: $t) -> Data {
                    $make
                }
            }
        )*
    };
}

data_from! {
    bool => |b| Data::Bool(b);
    i32 => |n| Data::Int(i64::from(n));
    i64 => |n| Data::Int(n);
    f64 => |x| Data::Float(x);
    &str => |s| Data::Str(s.to_owned());
    String => |s| Data::Str(s);
    () => |_unit| Data::None;
    Vec<Data> => |items| Data::List(items);
}
