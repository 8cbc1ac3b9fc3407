//! UnicodeEncodeError, UnicodeDecodeError and UnicodeTranslateError.

use super::fields::{get, set};
use super::{exception, keep_args, no_keywords, shown};
use crate::error::R;
use crate::native::{Args, TypeTable, method, property};
use crate::text::wtf8;
use crate::value::Value;
use crate::vm::Vm;

macro_rules! table {
    ($name:ident, $doc:literal, $init:ident, $str:ident) => {
        pub(crate) static $name: TypeTable = TypeTable {
            doc: $doc,
            rows: &[
                method("__init__(self, /, *args, **kwargs)", $init, "Initialize self."),
                method("__str__(self, /)", $str, "Return str(self)."),
                property("encoding(self)", get::<0>, set_text::<0>, "the encoding"),
                property("object(self)", get::<1>, set_object, "what was to be converted"),
                property("start(self)", get::<2>, set_number::<2>, "where the trouble begins"),
                property("end(self)", get::<3>, set_number::<3>, "where the trouble ends"),
                property("reason(self)", get::<4>, set_text::<4>, "what the trouble is"),
            ],
            next: None,
        };
    };
}

table!(ENCODE, "A text cannot be encoded.", init_encode, str_encode);
table!(DECODE, "Bytes cannot be decoded.", init_decode, str_decode);
table!(TRANSLATE, "A text cannot be translated.", init_translate, str_translate);

/// Checks the arguments and puts them into the fields from `first` on.
fn init(vm: &Vm, a: &Args, first: usize, bytes: bool) -> R {
    no_keywords(vm, a)?;
    keep_args(vm, a)?;
    let wanted = 5 - first;
    if a.rest.len() != wanted {
        return Err(vm.type_error(format!("function takes exactly {wanted} arguments ({} given)", a.rest.len())));
    }
    let e = exception(vm, &a[0])?;
    for (i, v) in a.rest.iter().enumerate() {
        let field = i + first;
        let value = match field {
            2 | 3 => vm.int(vm.index(v)?),
            1 if bytes => match v.byte_data() {
                Some(data) if v.as_bytes().is_none() => vm.bytes(data),
                Some(_) => v.clone(),
                None => {
                    return Err(vm.type_error(format!("a bytes-like object is required, not '{}'", vm.type_name(v))));
                }
            },
            _ if v.as_str().is_none() => {
                return Err(vm.bad_argument(&format!("argument {}", i + 1), "str", v));
            }
            _ => v.clone(),
        };
        e.set_field(field, value);
    }
    Ok(Value::NONE)
}

fn init_encode(vm: &Vm, a: &Args) -> R {
    init(vm, a, 0, false)
}

fn init_decode(vm: &Vm, a: &Args) -> R {
    init(vm, a, 0, true)
}

fn init_translate(vm: &Vm, a: &Args) -> R {
    init(vm, a, 1, false)
}

fn set_text<const I: usize>(vm: &Vm, a: &Args) -> R {
    match a.get(1) {
        Some(v) if v.as_str().is_some() => set::<I>(vm, a),
        Some(v) => Err(vm.type_error(format!("attribute must be a string, not {}", vm.type_name(v)))),
        None => Err(vm.type_error("attribute not set")),
    }
}

fn set_object(vm: &Vm, a: &Args) -> R {
    set::<1>(vm, a)
}

fn set_number<const I: usize>(vm: &Vm, a: &Args) -> R {
    match a.get(1) {
        Some(v) if v.is_int() => set::<I>(vm, a),
        Some(_) => Err(vm.type_error("an integer is required")),
        None => Err(vm.type_error("can't delete numeric/char attribute")),
    }
}

/// The start and the end as they were given.
fn range(e: &crate::object::ExceptionObj) -> (i64, i64) {
    (e.field(2).as_i64().unwrap_or(0), e.field(3).as_i64().unwrap_or(0))
}

/// How a message shows a character.
fn escaped(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

/// The character at a position of the text that could not be converted.
fn character(object: &Value, at: i64) -> Option<u32> {
    let s = object.as_str()?;
    wtf8::code_points(s.bytes()).nth(usize::try_from(at).ok()?)
}

fn str_encode(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let object = e.field(1);
    if object.as_str().is_none() {
        return Ok(vm.empty_str());
    }
    let (start, end) = range(e);
    let (encoding, reason) = (shown(vm, &e.field(0))?, shown(vm, &e.field(4))?);
    Ok(vm.str(&match character(&object, start) {
        Some(c) if start.checked_add(1) == Some(end) => {
            format!("'{encoding}' codec can't encode character '{}' in position {start}: {reason}", escaped(c))
        }
        _ => {
            format!("'{encoding}' codec can't encode characters in position {start}-{}: {reason}", end.wrapping_sub(1))
        }
    }))
}

fn str_decode(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let object = e.field(1);
    let Some(data) = object.byte_data() else { return Ok(vm.empty_str()) };
    let (start, end) = range(e);
    let byte = usize::try_from(start).ok().and_then(|i| data.get(i).copied());
    let (encoding, reason) = (shown(vm, &e.field(0))?, shown(vm, &e.field(4))?);
    Ok(vm.str(&match byte {
        Some(b) if start.checked_add(1) == Some(end) => {
            format!("'{encoding}' codec can't decode byte {b:#04x} in position {start}: {reason}")
        }
        _ => format!("'{encoding}' codec can't decode bytes in position {start}-{}: {reason}", end.wrapping_sub(1)),
    }))
}

fn str_translate(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let object = e.field(1);
    if object.as_str().is_none() {
        return Ok(vm.empty_str());
    }
    let (start, end) = range(e);
    let reason = shown(vm, &e.field(4))?;
    Ok(vm.str(&match character(&object, start) {
        Some(c) if start.checked_add(1) == Some(end) => {
            format!("can't translate character '{}' in position {start}: {reason}", escaped(c))
        }
        _ => format!("can't translate characters in position {start}-{}: {reason}", end.wrapping_sub(1)),
    }))
}
