//! The `%` operator of str, bytes and bytearray.

use crate::builtins::int::int_ref;
use crate::error::{R, Raised};
use crate::native::Args;
use crate::text::percent::{self, Conversion, Piece, Size};
use crate::text::search::Unit;
use crate::text::wtf8;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn modulo(vm: &Vm, a: &Args) -> R {
    apply(vm, &a[0], &a[1])
}

pub(super) fn rmodulo(vm: &Vm, a: &Args) -> R {
    apply(vm, &a[1], &a[0])
}

/// `template % values`, where the template is a str.
pub(crate) fn apply(vm: &Vm, template: &Value, values: &Value) -> R {
    match template.as_str() {
        Some(s) => render(vm, s.bytes(), values, Unit::Char).map(|text| vm.str_wtf8(&text)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The values of a template: a tuple's items, or one value; a mapping for keys.
struct Values<'a> {
    all: &'a Value,
    unit: Unit,
    items: Option<&'a [Value]>,
    used: usize,
    single: Value,
}

impl<'a> Values<'a> {
    fn new(values: &'a Value, unit: Unit) -> Values<'a> {
        let items = values.as_tuple().map(|t| t.items());
        Values { all: values, unit, items, used: 0, single: values.clone() }
    }

    /// The values, if they can be asked by key.
    fn mapping(&self, vm: &Vm) -> Option<&'a Value> {
        let all = self.all;
        let is_text = all.as_str().is_some() || self.unit == Unit::Byte && all.byte_data().is_some();
        let has_items = || vm.type_method(all, &vm.names.__getitem__).is_some();
        (all.as_tuple().is_none() && !is_text && has_items()).then_some(all)
    }

    fn next(&mut self, vm: &Vm) -> R {
        let found = match self.items {
            Some(items) => items.get(self.used).cloned(),
            None => (self.used == 0).then(|| self.single.clone()),
        };
        self.used += 1;
        found.ok_or_else(|| vm.type_error("not enough arguments for format string"))
    }

    /// The value of a key takes the place of all values.
    fn select(&mut self, vm: &Vm, key: &Value) -> R<()> {
        let Some(mapping) = self.mapping(vm) else { return Err(vm.type_error("format requires a mapping")) };
        self.single = vm.get_item(mapping, key)?;
        self.items = None;
        self.used = 0;
        Ok(())
    }

    fn all_used(&self, vm: &Vm) -> bool {
        self.used >= self.items.map_or(1, <[Value]>::len) || self.mapping(vm).is_some()
    }
}

/// `template % values`.
pub(crate) fn render(vm: &Vm, template: &[u8], values: &Value, unit: Unit) -> R<Vec<u8>> {
    let mut values = Values::new(values, unit);
    let mut out = Vec::with_capacity(template.len() + 16);
    let mut pieces = percent::pieces(template, unit);
    loop {
        vm.tick()?;
        if let Some(kind) = pieces.bare() {
            let v = values.next(vm)?;
            if !push_plain(vm, &mut out, kind, &v) {
                render_one(vm, &mut out, &Conversion::bare(kind, pieces.index()), &v, unit)?;
            }
            if out.len() > vm.text_limit() {
                return Err(vm.no_memory());
            }
            continue;
        }
        let Some(piece) = pieces.next() else { break };
        let mut conversion = match vm.checked(piece)? {
            Piece::Literal(text) => {
                out.extend_from_slice(text);
                continue;
            }
            Piece::Conversion(conversion) => conversion,
        };
        if let Some(key) = conversion.key {
            let key = if unit == Unit::Char { vm.str_wtf8(key) } else { vm.bytes(key) };
            values.select(vm, &key)?;
        }
        if conversion.width == Size::Star {
            let width = star(vm, &values.next(vm)?)?;
            conversion.set_width(vm.ssize(&width)?);
        }
        if conversion.precision == Size::Star {
            let precision = star(vm, &values.next(vm)?)?;
            conversion.set_precision(vm.c_int(&precision)?);
        }
        let v = values.next(vm)?;
        render_one(vm, &mut out, &conversion, &v, unit)?;
        if out.len() > vm.text_limit() {
            return Err(vm.no_memory());
        }
    }
    if !values.all_used(vm) {
        let what = if unit == Unit::Char { "string" } else { "bytes" };
        return Err(vm.type_error(format!("not all arguments converted during {what} formatting")));
    }
    Ok(out)
}

/// Appends an integer for `%d` or `%s`, or a string for `%s`, if they are of the built-in classes themselves.
fn push_plain(vm: &Vm, out: &mut Vec<u8>, kind: u8, v: &Value) -> bool {
    if let Some(n) = v.as_small() {
        out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes());
        return true;
    }
    match v.as_str().filter(|s| kind == b's' && vm.types.str.is(s.header.class())) {
        Some(s) => out.extend_from_slice(s.bytes()),
        None => return false,
    }
    true
}

fn star(vm: &Vm, v: &Value) -> R {
    if v.is_int() { Ok(v.clone()) } else { Err(vm.type_error("* wants int")) }
}

fn render_one(vm: &Vm, out: &mut Vec<u8>, c: &Conversion, v: &Value, unit: Unit) -> R<()> {
    let kind = vm.checked(c.known_kind(unit))?;
    let done = match kind {
        b's' if unit == Unit::Char => {
            let shown = vm.to_str(v)?;
            c.render_text(out, text_of(&shown), unit, vm.text_limit())
        }
        b's' | b'b' => c.render_text(out, &bytes_of(vm, v)?, unit, vm.text_limit()),
        b'r' if unit == Unit::Char => {
            let shown = vm.repr(v)?;
            c.render_text(out, text_of(&shown), unit, vm.text_limit())
        }
        b'r' | b'a' => {
            let shown = vm.ascii(v)?;
            c.render_text(out, text_of(&shown), unit, vm.text_limit())
        }
        b'c' => c.render_character(out, &character(vm, v, unit)?, unit, vm.text_limit()),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let x = vm.to_f64(v).map_err(|e| float_required(vm, e, v, unit))?;
            c.render_float(out, x, vm.text_limit())
        }
        _ => {
            let n = whole_number(vm, c, kind, v, unit)?;
            vm.pay_writing(&n)?;
            c.render_int(out, int_ref(&n), vm.max_digits(), vm.text_limit())
        }
    };
    vm.checked(done)
}

fn text_of(v: &Value) -> &[u8] {
    v.as_str().map_or(&[], |s| s.bytes())
}

/// bytes have a message of their own for what is no number.
fn float_required(vm: &Vm, e: Raised, v: &Value, unit: Unit) -> Raised {
    if unit == Unit::Byte && e.is(vm.types.type_error.get()) {
        let given = vm.type_name(v);
        return vm.type_error(format!("float argument required, not {given}"));
    }
    e
}

/// `%b` of bytes: a buffer, or what `__bytes__` gives.
fn bytes_of(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    if v.byte_data().is_some() || v.as_memoryview().is_some() {
        return vm.bytes_like(v);
    }
    if let Some(made) = vm.call_special(v, &vm.names.__bytes__, &[])? {
        return match made.as_bytes() {
            Some(b) => Ok(b.data().to_vec()),
            None => {
                let given = vm.type_name(&made);
                Err(vm.type_error(format!("__bytes__ returned non-bytes (type {given})")))
            }
        };
    }
    let given = vm.type_name(v);
    Err(vm
        .type_error(format!("%b requires a bytes-like object, or an object that implements __bytes__, not '{given}'")))
}

/// `%c`: a character or its number.
fn character(vm: &Vm, v: &Value, unit: Unit) -> R<Vec<u8>> {
    match unit {
        Unit::Char => {
            if let Some(s) = v.as_str() {
                return if s.len() == 1 {
                    Ok(s.bytes().to_vec())
                } else {
                    Err(vm.type_error("%c requires int or char"))
                };
            }
            if !v.is_int() && vm.type_method(v, &vm.names.__index__).is_none() {
                return Err(vm.type_error("%c requires int or char"));
            }
            let n = match vm.index_value(v) {
                Err(e) if e.is(vm.types.type_error.get()) => return Err(vm.type_error("%c requires int or char")),
                other => other?.as_i64().and_then(|n| u32::try_from(n).ok()),
            };
            match n {
                Some(n @ 0..=wtf8::MAX_CODE) => Ok(wtf8::from_code_points([n])),
                _ => Err(vm.overflow_error("%c arg not in range(0x110000)")),
            }
        }
        Unit::Byte => {
            if let Some(data) = v.byte_data() {
                return if data.len() == 1 { Ok(data.to_vec()) } else { Err(no_byte(vm)) };
            }
            if !v.is_int() && vm.type_method(v, &vm.names.__index__).is_none() {
                return Err(no_byte(vm));
            }
            match vm.index_value(v)?.as_i64().and_then(|n| u8::try_from(n).ok()) {
                Some(b) => Ok(vec![b]),
                None => Err(vm.overflow_error("%c arg not in range(256)")),
            }
        }
    }
}

fn no_byte(vm: &Vm) -> Raised {
    vm.type_error("%c requires an integer in range(256) or a single byte")
}

/// `%d`, `%x` and their kin: an int, or a number that becomes one.
fn whole_number(vm: &Vm, c: &Conversion, kind: u8, v: &Value, unit: Unit) -> R {
    if v.is_int() {
        return Ok(v.clone());
    }
    let wrong = || vm.text_error(c.number_required(&vm.type_name(v), unit));
    let has = |name| vm.type_method(v, name).is_some();
    let n = &vm.names;
    let made = if matches!(kind, b'o' | b'x' | b'X') {
        if !has(&n.__index__) {
            return Err(wrong());
        }
        vm.index_value(v)
    } else {
        if !has(&n.__index__) && !has(&n.__int__) && !has(&n.__float__) {
            return Err(wrong());
        }
        vm.to_int(v)
    };
    made.map_err(|e| if e.is(vm.types.type_error.get()) { wrong() } else { e })
}
