//! `str.translate` and `str.maketrans`.

use super::{argument_or, receiver};
use crate::error::R;
use crate::native::Args;
use crate::text::wtf8;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn translate(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let table = &a[1];
    // An exact dict answers the same question in the same way, so that each ASCII character is asked about once.
    let exact = vm.class_of(table).is_same(vm.types.dict.get());
    let mut known: Vec<Option<Vec<u8>>> = vec![None; 128];
    let mut out = Vec::with_capacity(s.bytes().len());
    for code in wtf8::code_points(s.bytes()) {
        vm.tick()?;
        if let Some(Some(text)) = known.get(code as usize) {
            out.extend_from_slice(text);
        } else {
            let text = mapped(vm, table, code)?;
            out.extend_from_slice(&text);
            if exact && code < 128 {
                known[code as usize] = Some(text);
            }
        }
        if out.len() > vm.text_limit() {
            return Err(vm.no_memory());
        }
    }
    Ok(vm.str_wtf8(&out))
}

/// What the table puts in place of a character; an absent one stays.
fn mapped(vm: &Vm, table: &Value, code: u32) -> R<Vec<u8>> {
    let found = match vm.get_item(table, &Value::small(code as i64)) {
        Ok(v) => v,
        Err(e) if e.is(vm.types.lookup_error.get()) => return Ok(wtf8::from_code_points([code])),
        Err(e) => return Err(e),
    };
    if found.is_none() {
        return Ok(Vec::new());
    }
    if let Some(s) = found.as_str() {
        return Ok(s.bytes().to_vec());
    }
    if found.is_int() {
        return match found.as_i64().and_then(|n| u32::try_from(n).ok()) {
            Some(n @ 0..=wtf8::MAX_CODE) => Ok(wtf8::from_code_points([n])),
            _ => Err(vm.value_error("character mapping must be in range(0x110000)")),
        };
    }
    Err(vm.type_error("character mapping must return integer, None or str"))
}

pub(super) fn maketrans(vm: &Vm, a: &Args) -> R {
    let table = vm.dict();
    let put = |k: Value, v: Value| -> R<()> {
        if let Some(d) = table.as_dict() {
            d.set(vm, k, v)?;
        }
        Ok(())
    };
    let code_value = |code: u32| Value::small(code as i64);
    let Some(to) = a.get(1) else {
        let Some(given) = a[0].as_dict() else {
            return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
        };
        for (k, v) in given.items() {
            if let Some(s) = k.as_str() {
                match wtf8::char_at(s.bytes(), s.is_ascii(), 0) {
                    Some(code) if s.len() == 1 => put(code_value(code), v)?,
                    _ => return Err(vm.value_error("string keys in translate table must be of length 1")),
                }
            } else if k.is_int() {
                put(k, v)?;
            } else {
                return Err(vm.type_error("keys in translate table must be strings or integers"));
            }
        }
        return Ok(table);
    };
    let to = argument_or(vm, to, |given| format!("maketrans() argument 2 must be str, not {given}"))?;
    let gone = match a.get(2) {
        Some(v) => Some(argument_or(vm, v, |given| format!("maketrans() argument 3 must be str, not {given}"))?),
        None => None,
    };
    let Some(from) = a[0].as_str() else {
        return Err(vm.type_error("first maketrans argument must be a string if there is a second argument"));
    };
    if from.len() != to.len() {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for (k, v) in wtf8::code_points(from.bytes()).zip(wtf8::code_points(to.bytes())) {
        put(code_value(k), code_value(v))?;
    }
    for k in gone.into_iter().flat_map(|s| wtf8::code_points(s.bytes())) {
        put(code_value(k), Value::NONE)?;
    }
    Ok(table)
}
