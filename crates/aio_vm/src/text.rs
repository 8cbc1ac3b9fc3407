//! Text and number algorithms on plain bytes and numbers, independent of how the interpreter represents values.
//!
//! Strings are WTF-8 slices: UTF-8 in which a lone surrogate is written as its three bytes. Functions whose result can
//! be much longer than their input take a `limit` in bytes and answer `TextError::Memory` beyond it.

pub mod wtf8;

pub mod chars;
mod unicode_tables;

pub mod float_math;
pub mod float_parse;
pub mod float_repr;
pub mod int_text;

pub mod repr;

pub mod case;
pub mod classify;
pub mod search;
pub mod split;
pub mod str_ops;

pub mod format_spec;
pub mod format_str;
pub mod format_value;
pub mod percent;

pub mod bytes_ops;
pub mod codecs;

pub use aio_source::{char_name, suggest};

use std::fmt;

/// Why a text function gave no result; every variant names the Python exception that the caller raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextError {
    Value(String),
    Type(String),
    Overflow(String),
    /// An `OverflowError` with the two arguments of an `OSError`: `(34, 'Numerical result out of range')`.
    Range,
    ZeroDivision(String),
    /// An unknown codec or error handler.
    Lookup(String),
    Memory,
    Unicode(Box<UnicodeError>),
}

/// The fields of a `UnicodeEncodeError` or `UnicodeDecodeError`; `object` is the argument of the codec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnicodeError {
    pub kind: UnicodeErrorKind,
    pub encoding: String,
    /// Characters for an encoder, bytes for a decoder.
    pub start: usize,
    pub end: usize,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnicodeErrorKind {
    Encode,
    Decode,
}

pub type TextResult<T> = Result<T, TextError>;

impl TextError {
    pub fn value(message: impl Into<String>) -> TextError {
        TextError::Value(message.into())
    }

    pub fn overflow(message: impl Into<String>) -> TextError {
        TextError::Overflow(message.into())
    }

    /// The name of the Python exception.
    pub fn exception_name(&self) -> &'static str {
        match self {
            TextError::Value(_) => "ValueError",
            TextError::Type(_) => "TypeError",
            TextError::Overflow(_) | TextError::Range => "OverflowError",
            TextError::ZeroDivision(_) => "ZeroDivisionError",
            TextError::Lookup(_) => "LookupError",
            TextError::Memory => "MemoryError",
            TextError::Unicode(error) => match error.kind {
                UnicodeErrorKind::Encode => "UnicodeEncodeError",
                UnicodeErrorKind::Decode => "UnicodeDecodeError",
            },
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextError::Value(message)
            | TextError::Type(message)
            | TextError::Overflow(message)
            | TextError::ZeroDivision(message)
            | TextError::Lookup(message) => f.write_str(message),
            TextError::Range => f.write_str("(34, 'Numerical result out of range')"),
            TextError::Memory => Ok(()),
            // The caller prints the offending byte or character, which needs the object.
            TextError::Unicode(error) => f.write_str(&error.reason),
        }
    }
}

impl std::error::Error for TextError {}

/// An integer that a conversion made: small where it fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int {
    Small(i64),
    Big(num_bigint::BigInt),
}

impl From<num_bigint::BigInt> for Int {
    fn from(value: num_bigint::BigInt) -> Int {
        match i64::try_from(&value) {
            Ok(small) => Int::Small(small),
            Err(_) => Int::Big(value),
        }
    }
}

/// Refuses a result of more than `limit` bytes before anything is allocated for it.
pub fn check_limit(bytes: usize, limit: usize) -> TextResult<()> {
    if bytes > limit { Err(TextError::Memory) } else { Ok(()) }
}
