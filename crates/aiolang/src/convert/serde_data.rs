//! Any type that serde knows as a value of a script and back.

use super::{Data, FromScript, ToScript};
use crate::error::Error;
use crate::scope::{Local, Scope};
use num_bigint::BigInt;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};
use serde::ser::{self, Serialize};
use std::fmt::Display;

/// A type of serde on its way into or out of a script: structs are dicts, enums are strings or dicts of one item.
///
/// ```
/// use aiolang::{Engine, Serde};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, PartialEq, Debug)]
/// struct Order {
///     id: u32,
///     items: Vec<String>,
/// }
///
/// let isolate = Engine::builder().build()?.isolate();
/// isolate.run("def bigger(order): return {**order, 'items': order['items'] * 2}")?;
/// let order = Order { id: 7, items: vec!["tea".into()] };
/// let Serde(answer) = isolate.call::<Serde<Order>>("bigger", (Serde(order),))?;
/// assert_eq!(answer, Order { id: 7, items: vec!["tea".into(), "tea".into()] });
/// # Ok::<(), aiolang::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Serde<T>(pub T);

impl<T: Serialize> ToScript for Serde<T> {
    fn to_script<'s>(self, scope: &Scope<'s>) -> Result<Local<'s>, Error> {
        to_data(&self.0)?.to_script(scope)
    }
}

impl<T: DeserializeOwned> FromScript for Serde<T> {
    fn from_script<'s>(scope: &Scope<'s>, local: &Local<'s>) -> Result<Serde<T>, Error> {
        from_data(Data::from_script(scope, local)?).map(Serde)
    }
}

/// Rust data as script data.
pub fn to_data<T: Serialize + ?Sized>(value: &T) -> Result<Data, Error> {
    value.serialize(Writer)
}

/// Script data as Rust data.
pub fn from_data<T: DeserializeOwned>(data: Data) -> Result<T, Error> {
    T::deserialize(Reader(data))
}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Error {
        Error::conversion(message.to_string())
    }
}

impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Error {
        Error::conversion(message.to_string())
    }
}

struct Writer;

/// Collects the items of a sequence, and at the end puts them under the name of a variant, if there is one.
struct Items {
    items: Vec<Data>,
    tuple: bool,
    variant: Option<&'static str>,
}

/// Likewise for maps and structs.
struct Pairs {
    pairs: Vec<(Data, Data)>,
    variant: Option<&'static str>,
}

fn under(variant: Option<&'static str>, data: Data) -> Data {
    match variant {
        Some(name) => Data::Dict(vec![(name.into(), data)]),
        None => data,
    }
}

impl ser::Serializer for Writer {
    type Ok = Data;
    type Error = Error;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Pairs;
    type SerializeStruct = Pairs;
    type SerializeStructVariant = Pairs;

    fn serialize_bool(self, v: bool) -> Result<Data, Error> {
        Ok(Data::Bool(v))
    }

    fn serialize_i8(self, v: i8) -> Result<Data, Error> {
        Ok(Data::Int(v.into()))
    }

    fn serialize_i16(self, v: i16) -> Result<Data, Error> {
        Ok(Data::Int(v.into()))
    }

    fn serialize_i32(self, v: i32) -> Result<Data, Error> {
        Ok(Data::Int(v.into()))
    }

    fn serialize_i64(self, v: i64) -> Result<Data, Error> {
        Ok(Data::Int(v))
    }

    fn serialize_i128(self, v: i128) -> Result<Data, Error> {
        Ok(i64::try_from(v).map_or_else(|_| Data::Big(v.into()), Data::Int))
    }

    fn serialize_u8(self, v: u8) -> Result<Data, Error> {
        Ok(Data::Int(v.into()))
    }

    fn serialize_u16(self, v: u16) -> Result<Data, Error> {
        Ok(Data::Int(v.into()))
    }

    fn serialize_u32(self, v: u32) -> Result<Data, Error> {
        Ok(Data::Int(v.into()))
    }

    fn serialize_u64(self, v: u64) -> Result<Data, Error> {
        Ok(i64::try_from(v).map_or_else(|_| Data::Big(v.into()), Data::Int))
    }

    fn serialize_u128(self, v: u128) -> Result<Data, Error> {
        Ok(i64::try_from(v).map_or_else(|_| Data::Big(v.into()), Data::Int))
    }

    fn serialize_f32(self, v: f32) -> Result<Data, Error> {
        Ok(Data::Float(v.into()))
    }

    fn serialize_f64(self, v: f64) -> Result<Data, Error> {
        Ok(Data::Float(v))
    }

    fn serialize_char(self, v: char) -> Result<Data, Error> {
        Ok(Data::Str(v.to_string()))
    }

    fn serialize_str(self, v: &str) -> Result<Data, Error> {
        Ok(Data::Str(v.to_owned()))
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<Data, Error> {
        Ok(Data::Bytes(v.to_vec()))
    }

    fn serialize_none(self) -> Result<Data, Error> {
        Ok(Data::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Data, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Data, Error> {
        Ok(Data::None)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Data, Error> {
        Ok(Data::None)
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<Data, Error> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<Data, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Data, Error> {
        Ok(under(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items, Error> {
        Ok(Items { items: Vec::with_capacity(len.unwrap_or(0).min(1024)), tuple: false, variant: None })
    }

    fn serialize_tuple(self, _len: usize) -> Result<Items, Error> {
        Ok(Items { items: Vec::new(), tuple: true, variant: None })
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Items, Error> {
        Ok(Items { items: Vec::new(), tuple: true, variant: None })
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Items, Error> {
        Ok(Items { items: Vec::new(), tuple: true, variant: Some(variant) })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Pairs, Error> {
        Ok(Pairs { pairs: Vec::new(), variant: None })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Pairs, Error> {
        Ok(Pairs { pairs: Vec::new(), variant: None })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Pairs, Error> {
        Ok(Pairs { pairs: Vec::new(), variant: Some(variant) })
    }
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.items.push(value.serialize(Writer)?);
        Ok(())
    }

    fn done(self) -> Result<Data, Error> {
        let data = if self.tuple { Data::Tuple(self.items) } else { Data::List(self.items) };
        Ok(under(self.variant, data))
    }
}

macro_rules! items {
    ($($trait:ident $push:ident;)*) => {
        $(
            impl ser::$trait for Items {
                type Ok = Data;
                type Error = Error;

                fn $push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                    self.push(value)
                }

                fn end(self) -> Result<Data, Error> {
                    self.done()
                }
            }
        )*
    };
}

items! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

impl ser::SerializeMap for Pairs {
    type Ok = Data;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.pairs.push((key.serialize(Writer)?, Data::None));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let value = value.serialize(Writer)?;
        if let Some(last) = self.pairs.last_mut() {
            last.1 = value;
        }
        Ok(())
    }

    fn end(self) -> Result<Data, Error> {
        Ok(under(self.variant, Data::Dict(self.pairs)))
    }
}

macro_rules! structs {
    ($($trait:ident)*) => {
        $(
            impl ser::$trait for Pairs {
                type Ok = Data;
                type Error = Error;

                fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, v: &T) -> Result<(), Error> {
                    self.pairs.push((key.into(), v.serialize(Writer)?));
                    Ok(())
                }

                fn end(self) -> Result<Data, Error> {
                    Ok(under(self.variant, Data::Dict(self.pairs)))
                }
            }
        )*
    };
}

structs! { SerializeStruct SerializeStructVariant }

/// Reads script data.
pub struct Reader(Data);

impl IntoDeserializer<'_, Error> for Data {
    type Deserializer = Reader;

    fn into_deserializer(self) -> Reader {
        Reader(self)
    }
}

impl<'de> de::Deserializer<'de> for Reader {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Data::None => visitor.visit_unit(),
            Data::Bool(b) => visitor.visit_bool(b),
            Data::Int(n) => visitor.visit_i64(n),
            Data::Big(n) => big(n, visitor),
            Data::Float(x) => visitor.visit_f64(x),
            Data::Str(s) => visitor.visit_string(s),
            Data::Bytes(b) => visitor.visit_byte_buf(b),
            Data::List(items) | Data::Tuple(items) | Data::Set(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.into_iter()))
            }
            Data::Dict(pairs) => visitor.visit_map(MapDeserializer::new(pairs.into_iter())),
            Data::Other(text) => Err(Error::conversion(format!("{text} has no plain form"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Data::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Data::Str(name) => visitor.visit_enum(IntoDeserializer::<Error>::into_deserializer(name)),
            Data::Dict(mut pairs) if pairs.len() == 1 => match pairs.pop() {
                Some((name, content)) => visitor.visit_enum(Variant { name, content }),
                None => Err(Error::conversion("a variant is expected")),
            },
            other => Err(Error::conversion(format!("a variant is expected, got {other:?}"))),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

fn big<'de, V: Visitor<'de>>(n: BigInt, visitor: V) -> Result<V::Value, Error> {
    if let Ok(n) = u64::try_from(&n) {
        return visitor.visit_u64(n);
    }
    match i128::try_from(&n) {
        Ok(n) => visitor.visit_i128(n),
        Err(_) => visitor.visit_string(n.to_string()),
    }
}

struct Variant {
    name: Data,
    content: Data,
}

impl<'de> de::EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Reader;

    fn variant_seed<S: de::DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Reader), Error> {
        Ok((seed.deserialize(Reader(self.name))?, Reader(self.content)))
    }
}

impl<'de> de::VariantAccess<'de> for Reader {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.0 {
            Data::None => Ok(()),
            other => Err(Error::conversion(format!("a variant without content is expected, got {other:?}"))),
        }
    }

    fn newtype_variant_seed<S: de::DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_any(self, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], v: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_any(self, v)
    }
}
