//! The module _codecs: encodings for streams and for the module codecs.

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function("encode(obj, encoding='utf-8', errors='strict')", encode, "The bytes of a text."),
    function("decode(data, encoding, errors, /)", decode, "The text of bytes."),
    function(
        "decode_part(data, encoding, errors, /)",
        decode_part,
        "The text of bytes that may go on, and how many were used.",
    ),
    function("next_encoding(data, encoding, /)", next_encoding, "What the bytes behind these are encoded in."),
    function("known(encoding, /)", known, "The proper name of an encoding."),
    function("knows_errors(name, /)", knows_errors, "Whether there is such a policy."),
    function(
        "register_error(errors, handler, /)",
        register_error,
        "Register the specified error handler under the name errors.",
    ),
    function("registered_error(name, /)", registered_error, "The handler that was registered, or None."),
];

static MODULE: ModuleDef = ModuleDef { name: "_codecs", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

fn text<'a>(vm: &Vm, v: &'a Value) -> R<std::borrow::Cow<'a, str>> {
    match v.as_str() {
        Some(s) => Ok(s.to_text()),
        None => Err(vm.bad_argument("argument", "str", v)),
    }
}

fn encode(vm: &Vm, a: &Args) -> R {
    if a[0].as_str().is_none() {
        return Err(vm.bad_argument("encode() argument 1", "str", &a[0]));
    }
    let given =
        |i: usize, default: &str| a.get(i).map_or(Ok(default.to_owned()), |v| text(vm, v).map(|t| t.into_owned()));
    let data = vm.encode_text(&a[0], &given(1, "utf-8")?, &given(2, "strict")?)?;
    Ok(vm.bytes(&data))
}

fn decode(vm: &Vm, a: &Args) -> R {
    vm.decode_bytes(&vm.bytes_like(&a[0])?, &text(vm, &a[1])?, &text(vm, &a[2])?)
}

fn decode_part(vm: &Vm, a: &Args) -> R {
    let (part, used, _) = vm.decode_bytes_part(&vm.bytes_like(&a[0])?, &text(vm, &a[1])?, &text(vm, &a[2])?)?;
    Ok(vm.tuple([part, vm.int(used as i64)]))
}

fn next_encoding(vm: &Vm, a: &Args) -> R {
    let (_, _, next) = vm.decode_bytes_part(&vm.bytes_like(&a[0])?, &text(vm, &a[1])?, "replace")?;
    Ok(vm.str(next))
}

fn known(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(vm.codec_name(&text(vm, &a[0])?)?))
}

fn knows_errors(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(vm.knows_error_policy(&text(vm, &a[0])?)))
}

fn register_error(vm: &Vm, a: &Args) -> R {
    let name = text(vm, &a[0])?;
    if !vm.is_callable(&a[1]) {
        return Err(vm.type_error("handler must be callable"));
    }
    vm.register_error_policy(&name, a[1].clone());
    Ok(Value::NONE)
}

fn registered_error(vm: &Vm, a: &Args) -> R {
    Ok(vm.registered_error_policy(&text(vm, &a[0])?).unwrap_or(Value::NONE))
}
