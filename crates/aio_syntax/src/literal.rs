//! The values of literals: from the text in the source to bytes and numbers.

mod escape;
mod integer;

pub(crate) use escape::{Decoded, decode_text};
pub(crate) use integer::parse_int;

/// The value of a float literal, underscores allowed; the text has been checked by the lexer.
pub(crate) fn parse_float(text: &str) -> f64 {
    let digits: std::borrow::Cow<str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    digits.parse().unwrap_or(0.0)
}
