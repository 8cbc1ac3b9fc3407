//! Writing JSON: one pass over the objects, with a stack of its own.

use super::text::{is_ascii_encoder, quote};
use aio_vm::object::StrObj;
use aio_vm::{Args, Payload, R, Slot, TypeTable, Value, Vm, getter, method};
use std::cell::OnceCell;

static ENCODER: TypeTable = TypeTable {
    doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    rows: &[
        method("__call__(self, obj, _current_indent_level)", call, "Call self as a function."),
        getter("markers(self)", markers, "markers"),
        getter("default(self)", default, "default"),
        getter("encoder(self)", encoder, "encoder"),
        getter("indent(self)", indent, "indent"),
        getter("key_separator(self)", key_separator, "key_separator"),
        getter("item_separator(self)", item_separator, "item_separator"),
        getter("sort_keys(self)", sort_keys, "sort_keys"),
        getter("skipkeys(self)", skipkeys, "skipkeys"),
    ],
    next: None,
};

/// Deeper nesting is a RecursionError, as it is in CPython at about this depth.
const MAX_DEPTH: usize = 9990;

#[derive(Default)]
struct Classes {
    encoder: OnceCell<Value>,
}

struct Encoder {
    markers: Slot,
    default: Value,
    encoder: Value,
    /// Which strings the encoder makes, if it is one of this module.
    ascii: Option<bool>,
    indent: Value,
    key_separator: Value,
    item_separator: Value,
    sort_keys: bool,
    skipkeys: bool,
    allow_nan: bool,
}

impl Payload for Encoder {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.markers.get());
        for v in [&self.default, &self.encoder, &self.indent, &self.key_separator, &self.item_separator] {
            visit(v);
        }
    }
}

pub(super) fn make_encoder(vm: &Vm, a: &Args) -> R {
    if !a[0].is_none() && a[0].as_dict().is_none() {
        return Err(vm.bad_argument("make_encoder() argument 1", "dict or None", &a[0]));
    }
    for i in [4, 5] {
        if a[i].as_str().is_none() {
            return Err(vm.bad_argument(&format!("make_encoder() argument {}", i + 1), "str", &a[i]));
        }
    }
    let made = Encoder {
        markers: Slot::new(a[0].clone()),
        default: a[1].clone(),
        ascii: is_ascii_encoder(vm, &a[2]),
        encoder: a[2].clone(),
        indent: a[3].clone(),
        key_separator: a[4].clone(),
        item_separator: a[5].clone(),
        sort_keys: vm.truth(&a[6])?,
        skipkeys: vm.truth(&a[7])?,
        allow_nan: vm.truth(&a[8])?,
    };
    let class = vm
        .state::<Classes>()
        .encoder
        .get_or_init(|| vm.native_class("_json", "Encoder", vm.types.object.get(), 0, &ENCODER));
    match class.as_class() {
        Some(class) => Ok(vm.opaque(class, made)),
        None => Err(vm.system_error("_json has no class")),
    }
}

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a Encoder> {
    v.payload::<Encoder>().ok_or_else(|| vm.type_error("an encoder is expected"))
}

fn markers(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.markers.get())
}

macro_rules! parts {
    ($($name:ident)*) => {
        $(
            fn $name(vm: &Vm, a: &Args) -> R {
                Ok(this(vm, &a[0])?.$name.clone())
            }
        )*
    };
}

parts!(default encoder indent key_separator item_separator);

fn sort_keys(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(this(vm, &a[0])?.sort_keys))
}

fn skipkeys(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(this(vm, &a[0])?.skipkeys))
}

/// An object whose parts are being written.
enum Open {
    Items {
        items: Vec<Value>,
        at: usize,
    },
    Pairs {
        pairs: Vec<Value>,
        at: usize,
        begun: bool,
    },
    /// What `default` was asked about.
    Asked,
}

struct Writer<'w> {
    vm: &'w Vm,
    e: &'w Encoder,
    out: Vec<u8>,
    indent: Vec<u8>,
    level: usize,
    /// What is being written, to notice circles.
    active: Vec<Value>,
}

fn bytes(v: &Value) -> &[u8] {
    v.as_str().map_or(&[], StrObj::bytes)
}

impl Writer<'_> {
    fn text(&mut self, v: &Value) -> R<()> {
        match self.e.ascii {
            Some(ascii) => quote(&mut self.out, bytes(v), ascii),
            None => {
                let r = self.vm.call(&self.e.encoder, std::slice::from_ref(v))?;
                if r.as_str().is_none() {
                    let given = self.vm.type_name(&r);
                    return Err(self.vm.type_error(format!("encoder() must return a string, not {given}")));
                }
                self.out.extend_from_slice(bytes(&r));
            }
        }
        Ok(())
    }

    fn float(&self, x: f64) -> R<String> {
        if x.is_finite() {
            return self.vm.repr_text(&Value::float(x));
        }
        if !self.e.allow_nan {
            let shown = self.vm.repr_text(&Value::float(x))?;
            return Err(self.vm.value_error(format!("Out of range float values are not JSON compliant: {shown}")));
        }
        let word = if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        Ok(word.to_owned())
    }

    /// A new line at the current level, if there are lines at all.
    fn line(&mut self) {
        if !self.e.indent.is_none() {
            self.out.push(b'\n');
            for _ in 0..self.level {
                let indent = std::mem::take(&mut self.indent);
                self.out.extend_from_slice(&indent);
                self.indent = indent;
            }
        }
    }

    fn key(&mut self, k: &Value) -> R<bool> {
        let vm = self.vm;
        if k.as_str().is_some() {
            self.text(k)?;
            return Ok(true);
        }
        let text = if let Some(x) = k.as_f64() {
            self.float(x)?
        } else if k.is_none() {
            "null".to_owned()
        } else if let Some(b) = k.as_bool() {
            if b { "true" } else { "false" }.to_owned()
        } else if k.is_int() {
            vm.int_text(k)?
        } else if self.e.skipkeys {
            return Ok(false);
        } else {
            let given = vm.type_name(k);
            return Err(vm.type_error(format!("keys must be str, int, float, bool or None, not {given}")));
        };
        let v = vm.str(&text);
        self.text(&v)?;
        Ok(true)
    }

    fn enter(&mut self, v: &Value, depth: usize) -> R<()> {
        self.vm.tick()?;
        if !self.e.markers.get().is_none() {
            if depth > 0 && self.active.iter().any(|a| a.is(v)) {
                return Err(self.vm.value_error("Circular reference detected"));
            }
            self.active.push(v.clone());
        }
        if depth >= MAX_DEPTH {
            return Err(self.vm.recursion_error("maximum recursion depth exceeded while encoding a JSON object"));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.active.pop();
    }

    /// The items of a mapping as tuples, in the order they are written in.
    fn pairs(&self, v: &Value) -> R<Vec<Value>> {
        let vm = self.vm;
        let exact = v.as_dict().filter(|_| vm.class_of(v).is_same(vm.types.dict.get()));
        let pairs = match exact {
            Some(d) => d.items().into_iter().map(|(k, v)| vm.tuple([k, v])).collect(),
            None => vm.collect(&vm.call_method(v, "items", &[])?)?,
        };
        if !self.e.sort_keys {
            return Ok(pairs);
        }
        let list = vm.list(pairs);
        vm.call_method(&list, "sort", &[])?;
        Ok(list.as_list().map(|l| l.to_vec()).unwrap_or_default())
    }

    /// Writes a value, or opens it.
    fn value(&mut self, v: &Value, stack: &mut Vec<Open>) -> R<()> {
        let vm = self.vm;
        if v.as_str().is_some() {
            return self.text(v);
        }
        let word = match v {
            v if v.is_none() => Some("null"),
            v if v.is_true() => Some("true"),
            v if v.is_bool() => Some("false"),
            _ => None,
        };
        if let Some(word) = word {
            self.out.extend_from_slice(word.as_bytes());
        } else if let Some(x) = v.as_f64() {
            let text = self.float(x)?;
            self.out.extend_from_slice(text.as_bytes());
        } else if v.is_int() {
            let text = vm.int_text(v)?;
            self.out.extend_from_slice(text.as_bytes());
        } else if v.as_list().is_some() || v.as_tuple().is_some() {
            let items = match (v.as_list(), v.as_tuple()) {
                (Some(l), _) => l.to_vec(),
                (_, Some(t)) => t.items().to_vec(),
                _ => Vec::new(),
            };
            if items.is_empty() {
                self.out.extend_from_slice(b"[]");
                return Ok(());
            }
            self.enter(v, stack.len())?;
            self.out.push(b'[');
            self.level += 1;
            stack.push(Open::Items { items, at: 0 });
        } else if let Some(d) = v.as_dict() {
            if d.is_empty() {
                self.out.extend_from_slice(b"{}");
                return Ok(());
            }
            self.enter(v, stack.len())?;
            let pairs = self.pairs(v)?;
            self.out.push(b'{');
            self.level += 1;
            stack.push(Open::Pairs { pairs, at: 0, begun: false });
        } else {
            self.enter(v, stack.len())?;
            let _guard = vm.enter_native()?;
            let other = vm.call(&self.e.default, std::slice::from_ref(v))?;
            stack.push(Open::Asked);
            self.value_again(&other, stack)?;
        }
        Ok(())
    }

    /// What `default` gave may have to be asked about again.
    fn value_again(&mut self, v: &Value, stack: &mut Vec<Open>) -> R<()> {
        let _guard = self.vm.enter_native()?;
        self.value(v, stack)
    }

    fn run(&mut self, v: &Value) -> R<()> {
        let mut stack = Vec::new();
        self.value(v, &mut stack)?;
        while let Some(open) = stack.last_mut() {
            match open {
                Open::Asked => {
                    stack.pop();
                    self.leave();
                }
                Open::Items { items, at, .. } => {
                    let next = items.get(*at).cloned();
                    let first = *at == 0;
                    *at += 1;
                    match next {
                        Some(item) => {
                            if !first {
                                self.out.extend_from_slice(bytes(&self.e.item_separator));
                            }
                            self.line();
                            self.value(&item, &mut stack)?;
                        }
                        None => self.close(&mut stack, b']'),
                    }
                }
                Open::Pairs { pairs, at, begun, .. } => {
                    let next = pairs.get(*at).cloned();
                    *at += 1;
                    let Some(pair) = next else {
                        let empty = !*begun;
                        self.close_pairs(&mut stack, empty);
                        continue;
                    };
                    let Some([k, v]) = pair.as_tuple().map(|t| t.items()) else {
                        return Err(self.vm.value_error("items must return 2-tuples"));
                    };
                    let mark = self.out.len();
                    if *begun {
                        self.out.extend_from_slice(bytes(&self.e.item_separator));
                    }
                    self.line();
                    if !self.key(k)? {
                        self.out.truncate(mark);
                        continue;
                    }
                    if let Some(Open::Pairs { begun, .. }) = stack.last_mut() {
                        *begun = true;
                    }
                    self.out.extend_from_slice(bytes(&self.e.key_separator));
                    self.value(v, &mut stack)?;
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, stack: &mut Vec<Open>, bracket: u8) {
        self.level -= 1;
        self.line();
        self.out.push(bracket);
        stack.pop();
        self.leave();
    }

    /// An object all of whose keys were skipped has no lines.
    fn close_pairs(&mut self, stack: &mut Vec<Open>, empty: bool) {
        if empty {
            self.level -= 1;
            self.out.push(b'}');
            stack.pop();
            self.leave();
        } else {
            self.close(stack, b'}');
        }
    }
}

fn call(vm: &Vm, a: &Args) -> R {
    let e = this(vm, &a[0])?;
    let level = vm.index(&a[2])?.clamp(0, 10_000) as usize;
    let indent = bytes(&e.indent).to_vec();
    let mut w = Writer { vm, e, out: Vec::new(), indent, level, active: Vec::new() };
    w.run(&a[1])?;
    Ok(vm.tuple([vm.str_wtf8(&w.out)]))
}
