//! The module _struct: values packed as bytes.

mod format;
pub(crate) mod number;

use aio_vm::{Args, Def, ModuleDef, Payload, R, Raised, TypeTable, Value, Vm, function, getter, method, static_method};
use format::{Format, Item, Known, Letter, bounds, cached, settled};
use number::Kind;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

static FUNCTIONS: &[Def] = &[
    function("calcsize(format, /)", calcsize, "Return size in bytes of the struct described by the format string."),
    function("pack(*args)", pack, "pack(format, v1, v2, ...) -> bytes"),
    function("pack_into(*args)", pack_into, "pack_into(format, buffer, offset, v1, v2, ...)"),
    function(
        "unpack(format, buffer, /)",
        unpack,
        "Return a tuple containing values unpacked according to the format string.",
    ),
    function(
        "unpack_from(format, /, buffer, offset=0)",
        unpack_from,
        "Return a tuple containing values unpacked according to the format string.",
    ),
    function(
        "iter_unpack(format, buffer, /)",
        iter_unpack,
        "Return an iterator yielding tuples unpacked from the given bytes.",
    ),
    function("_clearcache()", clearcache, "Clear the internal cache."),
];

static STRUCT: TypeTable = TypeTable {
    doc: "Struct(fmt) --> compiled struct object",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        method("__init__(self, format)", init_object, "Initialize self."),
        method("pack(self, /, *args)", object_pack, "S.pack(v1, v2, ...) -> bytes"),
        method("pack_into(self, /, *args)", object_pack_into, "S.pack_into(buffer, offset, v1, v2, ...)"),
        method("unpack(self, buffer, /)", object_unpack, "Return a tuple containing unpacked values."),
        method(
            "unpack_from(self, /, buffer, offset=0)",
            object_unpack_from,
            "Return a tuple containing unpacked values.",
        ),
        method("iter_unpack(self, buffer, /)", object_iter_unpack, "Return an iterator yielding tuples."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__sizeof__(self, /)", size_of, "S.__sizeof__() -> size of S in memory, in bytes"),
        getter("format(self)", format_text, "struct format string"),
        getter("size(self)", size, "struct size in bytes"),
    ],
    next: None,
};

static ITERATOR: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", next_row, "Implement next(self)."),
        method("__length_hint__(self, /)", length_hint, "How many are left."),
    ],
    next: Some(next),
};

static ERROR: TypeTable = TypeTable { doc: "", rows: &[], next: None };
static MODULE: ModuleDef = ModuleDef { name: "_struct", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

#[derive(Default)]
struct State {
    error: OnceCell<Value>,
    class: OnceCell<Value>,
    iterator: OnceCell<Value>,
    known: Known,
}

fn error_class(vm: &Vm) -> &Value {
    vm.state::<State>().error.get_or_init(|| vm.native_class("struct", "error", vm.types.exception.get(), 0, &ERROR))
}

fn error(vm: &Vm, message: &str) -> Raised {
    match error_class(vm).as_class() {
        Some(class) => vm.error(class, message),
        None => vm.value_error(message),
    }
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    let state = vm.state::<State>();
    let class = state.class.get_or_init(|| vm.native_class("_struct", "Struct", vm.types.object.get(), 0, &STRUCT));
    crate::fill::set(vm, module, "Struct", class.clone());
    crate::fill::set(vm, module, "error", error_class(vm).clone());
    Ok(())
}

/// The text of a format that is a str or bytes.
fn text_of(vm: &Vm, v: &Value) -> R<String> {
    if let Some(s) = v.as_str() {
        if !s.is_ascii() {
            vm.encode_text(v, "ascii", "strict")?;
        }
        return Ok(s.to_text().into_owned());
    }
    match v.as_bytes() {
        Some(b) => Ok(b.data().iter().map(|b| *b as char).collect()),
        None => Err(vm.bad_argument("Struct() argument 1", "a str or bytes object", v)),
    }
}

fn format_of(vm: &Vm, v: &Value) -> R<Rc<Format>> {
    let text = text_of(vm, v)?;
    cached(&vm.state::<State>().known, &text, |m| error(vm, m))
}

// Packing.

fn put(vm: &Vm, f: &Format, item: &Item, v: &Value, out: &mut [u8]) -> R<()> {
    let bytes_only = |v: &Value| v.as_bytes().is_some() || v.as_bytearray().is_some();
    let data = match item.letter {
        Letter::Pad => return Ok(()),
        Letter::Char => match v.as_bytes().map(|b| b.data()) {
            Some([b]) => vec![*b],
            _ => return Err(error(vm, "char format requires a bytes object of length 1")),
        },
        Letter::Bool => vec![vm.truth(v)? as u8],
        Letter::Text | Letter::Pascal => {
            if !bytes_only(v) {
                return Err(error(vm, &format!("argument for '{}' must be a bytes object", item.code)));
            }
            let mut data = v.byte_data().unwrap_or(&[]).to_vec();
            if item.letter == Letter::Pascal {
                data.truncate(item.count.saturating_sub(1));
                data.insert(0, data.len().min(255) as u8);
            }
            data.truncate(item.count);
            data
        }
        Letter::Number(Kind::Float) => match vm.to_f64(v) {
            // C makes an infinity of what is too large for its own float.
            Ok(x) if f.native && item.size == 4 => number::float_bytes(vm, (x as f32) as f64, 4, f.little)?,
            Ok(x) => number::float_bytes(vm, x, item.size, f.little)?,
            Err(e) if e.is(vm.types.type_error.get()) => return Err(error(vm, "required argument is not a float")),
            Err(e) => return Err(e),
        },
        Letter::Number(kind) => {
            let n = match vm.index_value(v) {
                Ok(n) => n,
                Err(e) if e.is(vm.types.type_error.get()) && !has_index(vm, v) => {
                    return Err(error(vm, "required argument is not an integer"));
                }
                Err(e) => return Err(e),
            };
            let n = n.as_bigint().unwrap_or_default();
            match number::integer_bytes(&n, kind == Kind::Signed, item.size, f.little) {
                Some(data) => data,
                None if item.code == 'P' => return Err(error(vm, "int too large to convert")),
                None => {
                    let (low, high) = bounds(kind, item.size);
                    let code = item.code;
                    return Err(error(vm, &format!("'{code}' format requires {low} <= number <= {high}")));
                }
            }
        }
    };
    if let Some(slot) = out.get_mut(..data.len()) {
        slot.copy_from_slice(&data);
    }
    Ok(())
}

fn has_index(vm: &Vm, v: &Value) -> bool {
    vm.type_method(v, &vm.intern("__index__")).is_some()
}

fn packed(vm: &Vm, f: &Format, values: &[Value], what: &str) -> R<Vec<u8>> {
    if values.len() != f.values {
        let given = values.len();
        return Err(error(vm, &format!("{what} expected {} items for packing (got {given})", f.values)));
    }
    vm.alloc_check(f.size, 1)?;
    let mut out = vec![0u8; f.size];
    let mut values = values.iter();
    for item in &f.items {
        let single = matches!(item.letter, Letter::Text | Letter::Pascal);
        let times = if single { 1 } else { item.count };
        if item.letter == Letter::Pad {
            continue;
        }
        for i in 0..times {
            let Some(v) = values.next() else { break };
            let at = item.at + i * item.size;
            let end = if single { item.at + item.count } else { at + item.size };
            put(vm, f, item, v, out.get_mut(at..end).unwrap_or(&mut []))?;
        }
    }
    Ok(out)
}

fn pack(vm: &Vm, a: &Args) -> R {
    let Some((format, values)) = a.rest.split_first() else { return Err(vm.type_error("missing format argument")) };
    Ok(vm.bytes(&packed(vm, &*format_of(vm, format)?, values, "pack")?))
}

/// Packs into a buffer: `args` are the buffer, the offset and the values.
fn into(vm: &Vm, f: &Format, args: &[Value]) -> R {
    let Some(buffer) = args.first() else { return Err(error(vm, "pack_into expected buffer argument")) };
    let Some(offset) = args.get(1) else { return Err(error(vm, "pack_into expected offset argument")) };
    let values = args.get(2..).unwrap_or(&[]);
    if values.len() != f.values {
        let given = values.len();
        return Err(error(vm, &format!("pack_into expected {} items for packing (got {given})", f.values)));
    }
    let readonly = |vm: &Vm| vm.bad_argument("argument", "read-write bytes-like object", buffer);
    if buffer.as_bytes().is_some() {
        return Err(readonly(vm));
    }
    let view = vm.call(&vm.types.memoryview.value(), std::slice::from_ref(buffer)).map_err(|_| readonly(vm))?;
    if vm.truth(&vm.get_attr_text(&view, "readonly")?)? {
        return Err(readonly(vm));
    }
    let view = vm.call_method(&view, "cast", &[vm.str("B")])?;
    let length = vm.len(&view)?;
    let given = vm.index(offset)?;
    let size = f.size;
    let Some(at) = settled(given, length) else {
        return Err(error(vm, &format!("offset {given} out of range for {length}-byte buffer")));
    };
    if given < 0 && given + size as i64 > 0 {
        return Err(error(vm, &format!("no space to pack {size} bytes at offset {given}")));
    }
    if length < at || length - at < size {
        return Err(error(
            vm,
            &format!(
                "pack_into requires a buffer of at least {} bytes for packing {size} bytes at offset {at} \
                 (actual buffer size is {length})",
                at + size
            ),
        ));
    }
    let data = packed(vm, f, values, "pack_into")?;
    let place = vm.slice(vm.int(at as i64), vm.int((at + size) as i64), Value::NONE);
    vm.set_item(&view, &place, vm.bytes(&data))?;
    vm.call_method(&view, "release", &[])
}

fn pack_into(vm: &Vm, a: &Args) -> R {
    let Some((format, rest)) = a.rest.split_first() else { return Err(vm.type_error("missing format argument")) };
    into(vm, &*format_of(vm, format)?, rest)
}

// Unpacking.

fn unpacked(vm: &Vm, f: &Format, data: &[u8]) -> R {
    let mut out = Vec::with_capacity(f.values.min(1 << 16));
    for item in &f.items {
        let part = |at: usize, n: usize| data.get(at..at + n).unwrap_or(&[]);
        match item.letter {
            Letter::Pad => {}
            Letter::Text => out.push(vm.bytes(part(item.at, item.count))),
            Letter::Pascal => {
                let whole = part(item.at, item.count);
                let length = whole.first().map_or(0, |n| (*n as usize).min(whole.len() - 1));
                out.push(vm.bytes(whole.get(1..1 + length).unwrap_or(&[])));
            }
            letter => {
                for i in 0..item.count {
                    let one = part(item.at + i * item.size, item.size);
                    out.push(match letter {
                        Letter::Char => vm.bytes(one),
                        Letter::Bool => Value::bool(one.iter().any(|b| *b != 0)),
                        Letter::Number(kind) => number::read(vm, kind, one, f.little),
                        _ => Value::NONE,
                    });
                }
            }
        }
    }
    Ok(vm.tuple(out))
}

fn whole(vm: &Vm, f: &Format, buffer: &Value) -> R {
    let data = vm.bytes_like(buffer)?;
    if data.len() != f.size {
        return Err(error(vm, &format!("unpack requires a buffer of {} bytes", f.size)));
    }
    unpacked(vm, f, &data)
}

fn part(vm: &Vm, f: &Format, buffer: &Value, offset: Option<&Value>) -> R {
    let data = vm.bytes_like(buffer)?;
    let given = offset.map_or(Ok(0), |v| vm.index(v))?;
    let (length, size) = (data.len(), f.size);
    if given < 0 && given + size as i64 > 0 {
        return Err(error(vm, &format!("not enough data to unpack {size} bytes at offset {given}")));
    }
    let Some(at) = settled(given, length) else {
        return Err(error(vm, &format!("offset {given} out of range for {length}-byte buffer")));
    };
    match data.get(at..).filter(|rest| rest.len() >= size) {
        Some(rest) => unpacked(vm, f, rest),
        None => Err(error(
            vm,
            &format!(
                "unpack_from requires a buffer of at least {} bytes for unpacking {size} bytes at offset {at} \
                 (actual buffer size is {length})",
                at.saturating_add(size)
            ),
        )),
    }
}

fn unpack(vm: &Vm, a: &Args) -> R {
    whole(vm, &*format_of(vm, &a[0])?, &a[1])
}

fn unpack_from(vm: &Vm, a: &Args) -> R {
    part(vm, &*format_of(vm, &a[0])?, &a[1], a.get(2))
}

struct Steps {
    format: Rc<Format>,
    data: Vec<u8>,
    at: Cell<usize>,
}

impl Payload for Steps {}

fn steps(vm: &Vm, format: Rc<Format>, buffer: &Value) -> R {
    if format.size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    let data = vm.bytes_like(buffer)?;
    if data.len() % format.size != 0 {
        let size = format.size;
        return Err(error(vm, &format!("iterative unpacking requires a buffer of a multiple of {size} bytes")));
    }
    let class = vm
        .state::<State>()
        .iterator
        .get_or_init(|| vm.native_class("_struct", "unpack_iterator", vm.types.object.get(), 0, &ITERATOR));
    match class.as_class() {
        Some(class) => Ok(vm.opaque(class, Steps { format, data, at: Cell::new(0) })),
        None => Err(vm.system_error("_struct has no class")),
    }
}

fn iter_unpack(vm: &Vm, a: &Args) -> R {
    steps(vm, format_of(vm, &a[0])?, &a[1])
}

fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn next(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let Some(s) = v.payload::<Steps>() else { return Ok(None) };
    let at = s.at.get();
    let Some(data) = s.data.get(at..at + s.format.size) else { return Ok(None) };
    s.at.set(at + s.format.size);
    unpacked(vm, &s.format, data).map(Some)
}

fn next_row(vm: &Vm, a: &Args) -> R {
    next(vm, &a[0])?.ok_or_else(|| vm.error_with(vm.types.stop_iteration.get(), vec![]))
}

fn length_hint(vm: &Vm, a: &Args) -> R {
    let left = a[0].payload::<Steps>().map_or(0, |s| (s.data.len() - s.at.get()) / s.format.size.max(1));
    Ok(vm.int(left as i64))
}

fn calcsize(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(format_of(vm, &a[0])?.size as i64))
}

fn clearcache(vm: &Vm, _a: &Args) -> R {
    vm.state::<State>().known.borrow_mut().clear();
    Ok(Value::NONE)
}

// Objects.

#[derive(Default)]
struct Compiled {
    text: RefCell<String>,
    format: RefCell<Option<Rc<Format>>>,
}

impl Payload for Compiled {}

fn new(vm: &Vm, a: &Args) -> R {
    match a[0].as_class() {
        Some(class) => Ok(vm.opaque(class, Compiled::default())),
        None => Err(vm.type_error("Struct.__new__(X): X is not a type object")),
    }
}

fn init_object(vm: &Vm, a: &Args) -> R {
    let text = text_of(vm, &a[1])?;
    let format = cached(&vm.state::<State>().known, &text, |m| error(vm, m))?;
    let Some(c) = a[0].payload::<Compiled>() else { return Err(vm.type_error("a Struct is expected")) };
    c.format.replace(Some(format));
    c.text.replace(text);
    Ok(Value::NONE)
}

fn compiled(vm: &Vm, v: &Value) -> R<Rc<Format>> {
    let format = v.payload::<Compiled>().and_then(|c| c.format.borrow().clone());
    format.ok_or_else(|| vm.runtime_error("Struct object is not initialized"))
}

fn object_pack(vm: &Vm, a: &Args) -> R {
    Ok(vm.bytes(&packed(vm, &*compiled(vm, &a[0])?, a.rest, "pack")?))
}

fn object_pack_into(vm: &Vm, a: &Args) -> R {
    into(vm, &*compiled(vm, &a[0])?, a.rest)
}

fn object_unpack(vm: &Vm, a: &Args) -> R {
    whole(vm, &*compiled(vm, &a[0])?, &a[1])
}

fn object_unpack_from(vm: &Vm, a: &Args) -> R {
    part(vm, &*compiled(vm, &a[0])?, &a[1], a.get(2))
}

fn object_iter_unpack(vm: &Vm, a: &Args) -> R {
    steps(vm, compiled(vm, &a[0])?, &a[1])
}

fn format_text(vm: &Vm, a: &Args) -> R {
    compiled(vm, &a[0])?;
    Ok(a[0].payload::<Compiled>().map_or(Value::NONE, |c| vm.str(&c.text.borrow())))
}

fn size(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(compiled(vm, &a[0])?.size as i64))
}

fn size_of(vm: &Vm, a: &Args) -> R {
    let items = compiled(vm, &a[0])?.items.len();
    Ok(vm.int(48 + 32 * (items as i64 + 1)))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let format = format_text(vm, a)?;
    let class = vm.class_of(&a[0]).name_text();
    Ok(vm.str(&format!("{class}({})", vm.repr_text(&format)?)))
}
