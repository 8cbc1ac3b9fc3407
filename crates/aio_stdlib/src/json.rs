//! The module _json: what is hot in json, reading and writing.

mod read;
mod text;
mod write;

use aio_vm::{Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function("make_scanner(context, error, /)", read::make_scanner, "JSON scanner object"),
    function(
        "make_encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan, /)",
        write::make_encoder,
        "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    ),
    function(
        "_scanstring(error, string, end, strict=True, /)",
        read::scanstring,
        "Read a JSON string that begins before end.",
    ),
    function(
        "encode_basestring(string, /)",
        text::encode_basestring,
        "Return a JSON representation of a Python string",
    ),
    function(
        "encode_basestring_ascii(string, /)",
        text::encode_basestring_ascii,
        "Return an ASCII-only JSON representation of a Python string",
    ),
];

static MODULE: ModuleDef = ModuleDef { name: "_json", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}
