//! Reading JSON: one pass over the text, with a stack of its own, so that depth costs no native stack.

use aio_vm::object::StrObj;
use aio_vm::{Args, Payload, R, Raised, TypeTable, Value, Vm, getter, method};
use std::cell::OnceCell;
use std::collections::HashMap;

static SCANNER: TypeTable = TypeTable {
    doc: "JSON scanner object",
    rows: &[
        method("__call__(self, string, idx)", scan, "Call self as a function."),
        getter("strict(self)", strict, "strict"),
        getter("object_hook(self)", object_hook, "object_hook"),
        getter("object_pairs_hook(self)", object_pairs_hook, "object_pairs_hook"),
        getter("parse_float(self)", parse_float, "parse_float"),
        getter("parse_int(self)", parse_int, "parse_int"),
        getter("parse_constant(self)", parse_constant, "parse_constant"),
    ],
    next: None,
};

/// Deeper nesting is a RecursionError, as it is in CPython at about this depth.
const MAX_DEPTH: usize = 9990;

#[derive(Default)]
struct Classes {
    scanner: OnceCell<Value>,
}

/// What a decoder wants: hooks, and functions for numbers.
struct Scanner {
    strict: bool,
    object_hook: Value,
    object_pairs_hook: Value,
    parse_float: Value,
    parse_int: Value,
    parse_constant: Value,
    error: Value,
    plain_float: bool,
    plain_int: bool,
}

impl Payload for Scanner {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for v in [
            &self.object_hook,
            &self.object_pairs_hook,
            &self.parse_float,
            &self.parse_int,
            &self.parse_constant,
            &self.error,
        ] {
            visit(v);
        }
    }
}

pub(super) fn make_scanner(vm: &Vm, a: &Args) -> R {
    let get = |name: &str| vm.get_attr_text(&a[0], name);
    let (parse_float, parse_int) = (get("parse_float")?, get("parse_int")?);
    let scanner = Scanner {
        strict: vm.truth(&get("strict")?)?,
        object_hook: get("object_hook")?,
        object_pairs_hook: get("object_pairs_hook")?,
        plain_float: parse_float.is(&vm.types.float.value()),
        plain_int: parse_int.is(&vm.types.int.value()),
        parse_float,
        parse_int,
        parse_constant: get("parse_constant")?,
        error: a[1].clone(),
    };
    let class = vm
        .state::<Classes>()
        .scanner
        .get_or_init(|| vm.native_class("_json", "Scanner", vm.types.object.get(), 0, &SCANNER));
    match class.as_class() {
        Some(class) => Ok(vm.opaque(class, scanner)),
        None => Err(vm.system_error("_json has no class")),
    }
}

fn scanner<'a>(vm: &Vm, v: &'a Value) -> R<&'a Scanner> {
    v.payload::<Scanner>().ok_or_else(|| vm.type_error("a scanner is expected"))
}

fn strict(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(scanner(vm, &a[0])?.strict))
}

macro_rules! parts {
    ($($name:ident)*) => {
        $(
            fn $name(vm: &Vm, a: &Args) -> R {
                Ok(scanner(vm, &a[0])?.$name.clone())
            }
        )*
    };
}

parts!(object_hook object_pairs_hook parse_float parse_int parse_constant);

/// The text that is read. Places are bytes within; scripts count characters.
struct Source<'t> {
    text: &'t [u8],
    ascii: bool,
    whole: &'t Value,
    error: &'t Value,
}

impl Source<'_> {
    fn place(&self, vm: &Vm, at: usize) -> Value {
        if self.ascii {
            return vm.int(at as i64);
        }
        // Every byte but those that continue a character begins one.
        let chars = self.text.iter().take(at).filter(|b| (**b as i8) >= -0x40).count();
        vm.int(chars as i64)
    }

    fn fail(&self, vm: &Vm, message: &str, at: usize) -> Raised {
        match vm.call(self.error, &[vm.str(message), self.whole.clone(), self.place(vm, at)]) {
            Ok(e) => Raised(e),
            Err(e) => e,
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    fn skip(&self, mut at: usize) -> usize {
        while matches!(self.text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    fn starts(&self, at: usize, word: &str) -> bool {
        self.text.get(at..).is_some_and(|t| t.starts_with(word.as_bytes()))
    }
}

/// What a string ends as: its bytes as they stand in the text, or with escapes replaced.
enum Quoted<'t> {
    Plain(&'t [u8]),
    Made(Vec<u8>),
}

/// Reads a string whose first quote is before `begin`. Gives what is behind its last quote, too.
fn string<'t>(vm: &Vm, s: &Source<'t>, begin: usize, strict: bool) -> R<(Quoted<'t>, usize)> {
    let mut made: Option<Vec<u8>> = None;
    let mut from = begin;
    let mut i = begin;
    loop {
        let Some(&b) = s.text.get(i) else {
            return Err(s.fail(vm, "Unterminated string starting at", begin - 1));
        };
        match b {
            b'"' => {
                let rest = s.text.get(from..i).unwrap_or(&[]);
                return Ok(match made {
                    None => (Quoted::Plain(rest), i + 1),
                    Some(mut m) => {
                        m.extend_from_slice(rest);
                        (Quoted::Made(m), i + 1)
                    }
                });
            }
            b'\\' => {
                let out = made.get_or_insert_default();
                out.extend_from_slice(s.text.get(from..i).unwrap_or(&[]));
                i = escape(vm, s, begin, i, out)?;
                from = i;
            }
            0..0x20 if strict => return Err(s.fail(vm, "Invalid control character at", i)),
            _ => i += 1,
        }
    }
}

/// Four hexadecimal digits.
fn hex(s: &Source<'_>, at: usize) -> Option<u32> {
    let digits = s.text.get(at..at + 4)?;
    digits.iter().try_fold(0, |n, d| Some(n << 4 | (*d as char).to_digit(16)?))
}

fn escape(vm: &Vm, s: &Source<'_>, begin: usize, i: usize, out: &mut Vec<u8>) -> R<usize> {
    let Some(&c) = s.text.get(i + 1) else {
        return Err(s.fail(vm, "Unterminated string starting at", begin - 1));
    };
    let plain = match c {
        b'"' | b'\\' | b'/' => c,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => {
            let Some(mut code) = hex(s, i + 2) else { return Err(s.fail(vm, "Invalid \\uXXXX escape", i + 1)) };
            let mut next = i + 6;
            if (0xd800..0xdc00).contains(&code) && s.starts(next, "\\u") {
                match hex(s, next + 2) {
                    Some(low) if (0xdc00..0xe000).contains(&low) => {
                        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
                        next += 6;
                    }
                    Some(_) => {}
                    None => return Err(s.fail(vm, "Invalid \\uXXXX escape", next + 1)),
                }
            }
            match char::from_u32(code) {
                Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                // A lone surrogate, as WTF-8 writes it; one that completes the last is joined with it.
                None => push_surrogate(out, code),
            }
            return Ok(next);
        }
        _ => return Err(s.fail(vm, "Invalid \\escape", i)),
    };
    out.push(plain);
    Ok(i + 2)
}

fn push_surrogate(out: &mut Vec<u8>, code: u32) {
    out.extend_from_slice(&[0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]);
}

fn text_value(vm: &Vm, q: Quoted<'_>, ascii: bool) -> Value {
    match q {
        Quoted::Plain(b) if ascii => vm.str_counted(b, b.len()),
        Quoted::Plain(b) => vm.str_wtf8(b),
        Quoted::Made(b) => vm.str_wtf8(&b),
    }
}

pub(super) fn scanstring(vm: &Vm, a: &Args) -> R {
    let Some(text) = a[1].as_str() else {
        return Err(vm.type_error(format!("first argument must be a string, not {}", vm.type_name(&a[1]))));
    };
    let end = vm.index(&a[2])?;
    if end < 0 || end as usize > text.len() {
        return Err(vm.value_error("end is out of bounds"));
    }
    let strict = a.get(3).map_or(Ok(true), |v| vm.truth(v))?;
    let s = Source { text: text.bytes(), ascii: text.is_ascii(), whole: &a[1], error: &a[0] };
    let begin = text.byte_offset(end as usize);
    if begin == 0 {
        return Err(vm.value_error("end is out of bounds"));
    }
    let (q, next) = string(vm, &s, begin, strict)?;
    Ok(vm.tuple([text_value(vm, q, s.ascii), s.place(vm, next)]))
}

/// A collection that is being read.
enum Open {
    List(Vec<Value>),
    Object { dict: Value, pairs: Vec<(Value, Value)>, key: Value },
}

/// The reader's state over one text.
struct Reader<'r, 't> {
    vm: &'r Vm,
    s: Source<'t>,
    scanner: &'r Scanner,
    keys: HashMap<&'t [u8], Value, rustc_hash::FxBuildHasher>,
}

impl<'t> Reader<'_, 't> {
    /// A key, the same object for equal keys.
    fn key(&mut self, at: usize) -> R<(Value, usize)> {
        let (q, next) = string(self.vm, &self.s, at, self.scanner.strict)?;
        if let Quoted::Plain(b) = q {
            if let Some(known) = self.keys.get(b) {
                return Ok((known.clone(), next));
            }
            let v = text_value(self.vm, q, self.s.ascii);
            self.keys.insert(b, v.clone());
            return Ok((v, next));
        }
        Ok((text_value(self.vm, q, self.s.ascii), next))
    }

    /// A value that has no parts; `None` if there is no value.
    fn simple(&mut self, at: usize) -> R<Option<(Value, usize)>> {
        let vm = self.vm;
        let word = |v: Value, n: usize| Ok(Some((v, at + n)));
        match self.s.byte(at) {
            b'"' => {
                let (q, next) = string(vm, &self.s, at + 1, self.scanner.strict)?;
                Ok(Some((text_value(vm, q, self.s.ascii), next)))
            }
            b'n' if self.s.starts(at, "null") => word(Value::NONE, 4),
            b't' if self.s.starts(at, "true") => word(Value::TRUE, 4),
            b'f' if self.s.starts(at, "false") => word(Value::FALSE, 5),
            b'N' if self.s.starts(at, "NaN") => self.constant(at, "NaN"),
            b'I' if self.s.starts(at, "Infinity") => self.constant(at, "Infinity"),
            b'-' if self.s.starts(at, "-Infinity") => self.constant(at, "-Infinity"),
            b'-' | b'0'..=b'9' => self.number(at),
            _ => Ok(None),
        }
    }

    fn constant(&mut self, at: usize, word: &str) -> R<Option<(Value, usize)>> {
        let v = self.vm.call(&self.scanner.parse_constant, &[self.vm.str(word)])?;
        Ok(Some((v, at + word.len())))
    }

    fn number(&mut self, at: usize) -> R<Option<(Value, usize)>> {
        let digits = |mut i: usize| {
            while self.s.byte(i).is_ascii_digit() {
                i += 1;
            }
            i
        };
        let first = at + (self.s.byte(at) == b'-') as usize;
        if !self.s.byte(first).is_ascii_digit() {
            return Ok(None);
        }
        let mut end = if self.s.byte(first) == b'0' { first + 1 } else { digits(first) };
        let whole = end;
        if self.s.byte(end) == b'.' && self.s.byte(end + 1).is_ascii_digit() {
            end = digits(end + 2);
        }
        if matches!(self.s.byte(end), b'e' | b'E') {
            let sign = end + 1 + matches!(self.s.byte(end + 1), b'+' | b'-') as usize;
            if self.s.byte(sign).is_ascii_digit() {
                end = digits(sign);
            }
        }
        let vm = self.vm;
        let text = self.s.text.get(at..end).and_then(|t| std::str::from_utf8(t).ok()).unwrap_or("0");
        let v = if end == whole {
            match text.parse::<i64>() {
                Ok(n) if self.scanner.plain_int => vm.int(n),
                _ => vm.call(&self.scanner.parse_int, &[vm.str(text)])?,
            }
        } else {
            match text.parse::<f64>() {
                Ok(x) if self.scanner.plain_float => Value::float(x),
                _ => vm.call(&self.scanner.parse_float, &[vm.str(text)])?,
            }
        };
        Ok(Some((v, end)))
    }

    /// Puts together what an object is, hooks included.
    fn finish(&self, dict: Value, pairs: Vec<(Value, Value)>) -> R {
        let vm = self.vm;
        if !self.scanner.object_pairs_hook.is_none() {
            let pairs = pairs.into_iter().map(|(k, v)| vm.tuple([k, v])).collect();
            return vm.call(&self.scanner.object_pairs_hook, &[vm.list(pairs)]);
        }
        if !self.scanner.object_hook.is_none() {
            return vm.call(&self.scanner.object_hook, &[dict]);
        }
        Ok(dict)
    }

    /// Reads the key and the colon of an object's next item; gives the place of its value.
    fn item(&mut self, at: usize, stack: &mut [Open]) -> R<usize> {
        let (k, next) = self.key(at + 1)?;
        let colon = self.s.skip(next);
        if self.s.byte(colon) != b':' {
            return Err(self.s.fail(self.vm, "Expecting ':' delimiter", colon));
        }
        if let Some(Open::Object { key, .. }) = stack.last_mut() {
            *key = k;
        }
        Ok(self.s.skip(colon + 1))
    }

    /// Reads the value that begins at a place.
    fn value(&mut self, start: usize) -> R<(Value, usize)> {
        let vm = self.vm;
        let mut stack: Vec<Open> = Vec::new();
        let mut at = start;
        'next: loop {
            // A value begins here.
            let mut done = match self.s.byte(at) {
                b'[' => {
                    let inside = self.s.skip(at + 1);
                    if self.s.byte(inside) == b']' {
                        (vm.list(Vec::new()), inside + 1)
                    } else {
                        self.deeper(&stack, "array")?;
                        stack.push(Open::List(Vec::new()));
                        at = inside;
                        continue 'next;
                    }
                }
                b'{' => {
                    let inside = self.s.skip(at + 1);
                    if self.s.byte(inside) == b'}' {
                        (self.finish(vm.dict(), Vec::new())?, inside + 1)
                    } else {
                        if self.s.byte(inside) != b'"' {
                            return Err(self.s.fail(vm, "Expecting property name enclosed in double quotes", inside));
                        }
                        self.deeper(&stack, "object")?;
                        stack.push(Open::Object { dict: vm.dict(), pairs: Vec::new(), key: Value::NONE });
                        at = self.item(inside, &mut stack)?;
                        continue 'next;
                    }
                }
                _ => match self.simple(at)? {
                    Some(found) => found,
                    None => return Err(self.nothing(at)),
                },
            };
            // It belongs to what is open; that may end here, too.
            loop {
                let (v, end) = done;
                let Some(open) = stack.last_mut() else { return Ok((v, end)) };
                let after = self.s.skip(end);
                let c = self.s.byte(after);
                match open {
                    Open::List(items) => {
                        items.push(v);
                        if c == b',' {
                            at = self.s.skip(after + 1);
                            if self.s.byte(at) == b']' {
                                return Err(self.s.fail(vm, "Illegal trailing comma before end of array", after));
                            }
                            continue 'next;
                        }
                        if c != b']' {
                            return Err(self.s.fail(vm, "Expecting ',' delimiter", after));
                        }
                        done = (vm.list(std::mem::take(items)), after + 1);
                        stack.pop();
                    }
                    Open::Object { dict, pairs, key } => {
                        if self.scanner.object_pairs_hook.is_none() {
                            if let Some(d) = dict.as_dict() {
                                d.set(vm, std::mem::take(key), v)?;
                            }
                        } else {
                            pairs.push((std::mem::take(key), v));
                        }
                        if c == b',' {
                            let name = self.s.skip(after + 1);
                            if self.s.byte(name) != b'"' {
                                if self.s.byte(name) == b'}' {
                                    return Err(self.s.fail(vm, "Illegal trailing comma before end of object", after));
                                }
                                return Err(self.s.fail(vm, "Expecting property name enclosed in double quotes", name));
                            }
                            at = self.item(name, &mut stack)?;
                            continue 'next;
                        }
                        if c != b'}' {
                            return Err(self.s.fail(vm, "Expecting ',' delimiter", after));
                        }
                        let (dict, pairs) = (std::mem::take(dict), std::mem::take(pairs));
                        stack.pop();
                        done = (self.finish(dict, pairs)?, after + 1);
                    }
                }
            }
        }
    }

    fn deeper(&self, stack: &[Open], what: &str) -> R<()> {
        self.vm.tick()?;
        if stack.len() >= MAX_DEPTH {
            return Err(self.vm.recursion_error(format!(
                "maximum recursion depth exceeded while decoding a JSON {what} from a unicode string"
            )));
        }
        Ok(())
    }

    /// There is no value: StopIteration with the place, as callers of a scanner expect.
    fn nothing(&self, at: usize) -> Raised {
        self.vm.stop_iteration(self.s.place(self.vm, at))
    }
}

fn scan(vm: &Vm, a: &Args) -> R {
    let scanner = scanner(vm, &a[0])?;
    let Some(text): Option<&StrObj> = a[1].as_str() else {
        return Err(vm.type_error(format!("first argument must be a string, not {}", vm.type_name(&a[1]))));
    };
    let at = vm.index(&a[2])?;
    if at < 0 {
        return Err(vm.value_error("idx cannot be negative"));
    }
    if at as usize > text.len() {
        return Err(vm.stop_iteration(a[2].clone()));
    }
    let s = Source { text: text.bytes(), ascii: text.is_ascii(), whole: &a[1], error: &scanner.error };
    let mut reader = Reader { vm, s, scanner, keys: HashMap::default() };
    let (v, end) = reader.value(text.byte_offset(at as usize))?;
    Ok(vm.tuple([v, reader.s.place(vm, end)]))
}
