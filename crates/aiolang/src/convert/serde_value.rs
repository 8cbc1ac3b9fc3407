//! Values of scripts and their data in the world of serde: handles from Rust values, and data as any format has it.

use super::serde_data::{Serde, to_data};
use super::{Data, ToScript};
use crate::error::Error;
use crate::scope::Enter;
use crate::value::Value;
use num_bigint::BigInt;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};
use std::fmt;

/// A handle of a value that is made of any type that serde knows.
///
/// ```
/// use aiolang::{Engine, from_value, to_value};
/// use std::collections::BTreeMap;
///
/// let isolate = Engine::builder().build()?.isolate();
/// let stock = to_value(&isolate, &BTreeMap::from([("tea", 3)]))?;
/// stock.set_item(&isolate, "salt", 1)?;
/// let stock: BTreeMap<String, u32> = from_value(&isolate, &stock)?;
/// assert_eq!(stock["salt"], 1);
/// # Ok::<(), aiolang::Error>(())
/// ```
pub fn to_value<T: Serialize + ?Sized>(at: &impl Enter, value: &T) -> Result<Value, Error> {
    let data = to_data(value)?;
    at.enter(|s| Ok(s.root(&data.to_script(s)?)))
}

/// A value of a script as any type that serde knows.
pub fn from_value<T: DeserializeOwned>(at: &impl Enter, value: &Value) -> Result<T, Error> {
    value.to::<Serde<T>>(at).map(|Serde(value)| value)
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Data::None => serializer.serialize_unit(),
            Data::Bool(b) => serializer.serialize_bool(*b),
            Data::Int(n) => serializer.serialize_i64(*n),
            Data::Big(n) => match (u64::try_from(n), i128::try_from(n)) {
                (Ok(n), _) => serializer.serialize_u64(n),
                (_, Ok(n)) => serializer.serialize_i128(n),
                _ => serializer.collect_str(n),
            },
            Data::Float(x) => serializer.serialize_f64(*x),
            Data::Str(s) | Data::Other(s) => serializer.serialize_str(s),
            Data::Bytes(b) => serializer.serialize_bytes(b),
            Data::List(items) | Data::Set(items) => serializer.collect_seq(items),
            Data::Tuple(items) => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| tuple.serialize_element(item))?;
                tuple.end()
            }
            Data::Dict(pairs) => serializer.collect_map(pairs.iter().map(|(k, v)| (k, v))),
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_any(Taker)
    }
}

struct Taker;

macro_rules! takes {
    ($($visit:ident($t:ty) => |$v:ident| $data:expr;)*) => {
        $(
            fn $visit<E>(self, $v: $t) -> Result<Data, E> {
                Ok($data)
            }
        )*
    };
}

impl<'de> Visitor<'de> for Taker {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    takes! {
        visit_bool(bool) => |b| Data::Bool(b);
        visit_i64(i64) => |n| Data::Int(n);
        visit_u64(u64) => |n| i64::try_from(n).map_or_else(|_| Data::Big(n.into()), Data::Int);
        visit_i128(i128) => |n| i64::try_from(n).map_or_else(|_| Data::Big(n.into()), Data::Int);
        visit_u128(u128) => |n| i64::try_from(n).map_or_else(|_| Data::Big(BigInt::from(n)), Data::Int);
        visit_f64(f64) => |x| Data::Float(x);
        visit_str(&str) => |s| Data::Str(s.to_owned());
        visit_string(String) => |s| Data::Str(s);
        visit_bytes(&[u8]) => |b| Data::Bytes(b.to_vec());
        visit_byte_buf(Vec<u8>) => |b| Data::Bytes(b);
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::None)
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(Data::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        Data::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        Data::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Data, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Data::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Data, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = access.next_entry()? {
            pairs.push(pair);
        }
        Ok(Data::Dict(pairs))
    }
}
