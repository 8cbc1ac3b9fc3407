//! The names of classes in messages: those that CPython writes in C are shown with their module.

use super::ClassObj;
use super::class::{EXCEPTION, HEAP};
use crate::value::Value;

/// Classes of library modules that are written in the language here and in C there.
const OF_C: &[(&str, &[&str])] = &[
    ("_csv", &["reader", "writer", "Dialect"]),
    (
        "_io",
        &[
            "BufferedRandom",
            "BufferedReader",
            "BufferedRWPair",
            "BufferedWriter",
            "BytesIO",
            "FileIO",
            "IncrementalNewlineDecoder",
            "StringIO",
            "TextIOWrapper",
        ],
    ),
    ("_queue", &["SimpleQueue"]),
    ("array", &["array"]),
    ("collections", &["OrderedDict", "defaultdict"]),
    ("datetime", &["IsoCalendarDate", "date", "datetime", "time", "timedelta", "timezone", "tzinfo"]),
    ("decimal", &["Context", "Decimal"]),
    ("re", &["Match", "Pattern"]),
    (
        "typing",
        &["Generic", "ParamSpec", "ParamSpecArgs", "ParamSpecKwargs", "TypeAliasType", "TypeVar", "TypeVarTuple"],
    ),
    ("zlib", &["Compress", "Decompress"]),
];

impl ClassObj {
    /// The name in messages: classes of library modules that are no classes of a script are shown with the module.
    pub fn shown_name(&self) -> String {
        let name = self.name_text();
        if self.is(EXCEPTION) {
            return name;
        }
        let vm = self.vm();
        let module = self.peek_dict().and_then(|d| d.get_name(vm, &vm.names.__module__));
        let Some(module) = module.as_ref().and_then(Value::as_str).map(|m| m.to_text()) else { return name };
        let shown = match self.is(HEAP) {
            true => OF_C.iter().any(|(of, names)| *of == module && names.contains(&name.as_str())),
            false => module != "builtins",
        };
        if shown { format!("{module}.{name}") } else { name }
    }
}
