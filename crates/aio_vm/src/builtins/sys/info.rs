//! Facts about the interpreter and its numbers.

use crate::hash;
use crate::named_tuple_table;
use crate::native::TypeTable;
use crate::object::DictObj;
use crate::value::Value;
use crate::vm::Vm;

named_tuple_table!(VERSION, "The version of the language.", 0 "major", 1 "minor", 2 "micro", 3 "releaselevel", 4 "serial");
named_tuple_table!(
    FLOAT, "Limits of floats.", 0 "max", 1 "max_exp", 2 "max_10_exp", 3 "min", 4 "min_exp", 5 "min_10_exp", 6 "dig",
    7 "mant_dig", 8 "epsilon", 9 "radix", 10 "rounds",
);
named_tuple_table!(
    INT, "Limits of integers.", 0 "bits_per_digit", 1 "sizeof_digit", 2 "default_max_str_digits",
    3 "str_digits_check_threshold",
);
named_tuple_table!(
    HASH, "How values are hashed.", 0 "width", 1 "modulus", 2 "inf", 3 "nan", 4 "imag", 5 "algorithm", 6 "hash_bits",
    7 "seed_bits", 8 "cutoff",
);
named_tuple_table!(
    FLAGS, "Options of the command line.", 0 "debug", 1 "inspect", 2 "interactive", 3 "optimize", 4 "dont_write_bytecode",
    5 "no_user_site", 6 "no_site", 7 "ignore_environment", 8 "verbose", 9 "bytes_warning", 10 "quiet",
    11 "hash_randomization", 12 "isolated", 13 "dev_mode", 14 "utf8_mode", 15 "warn_default_encoding", 16 "safe_path",
    17 "int_max_str_digits",
);
named_tuple_table!(THREAD, "How threads are made.", 0 "name", 1 "lock", 2 "version");

/// Version of the implementation.
const OWN_VERSION: (i64, i64, i64) = (0, 1, 0);

fn tuple_of(vm: &Vm, name: &str, table: &'static TypeTable, items: &[Value]) -> Value {
    let class = vm.named_tuple_class("sys", name, table, false);
    match class.as_class() {
        Some(c) => vm.named_tuple(c, items),
        None => Value::NONE,
    }
}

pub(super) fn fill(vm: &Vm, d: &DictObj) {
    let n = |n: i64| vm.int(n);
    let version = |(a, b, c): (i64, i64, i64)| [n(a), n(b), n(c), vm.intern("final"), n(0)];
    let version_info = tuple_of(vm, "version_info", &VERSION, &version((3, 13, 0)));
    let own = match version_info.header() {
        Some(h) => vm.named_tuple(h.class(), &version(OWN_VERSION)),
        None => Value::NONE,
    };
    let float_info = [
        Value::float(f64::MAX),
        n(1024),
        n(308),
        Value::float(f64::MIN_POSITIVE),
        n(-1021),
        n(-307),
        n(15),
        n(53),
        Value::float(f64::EPSILON),
        n(2),
        n(1),
    ];
    let modulus = (1i64 << 61) - 1;
    let hash_info = [
        n(64),
        n(modulus),
        n(hash::hash_f64(f64::INFINITY)),
        n(0),
        n(1_000_003),
        vm.intern("siphash13"),
        n(64),
        n(128),
        n(0),
    ];
    let mut flags = vec![n(0); 18];
    flags[4] = n(1);
    flags[11] = n(1);
    flags[13] = Value::FALSE;
    flags[14] = n(1);
    flags[16] = Value::FALSE;
    flags[17] = n(4300);
    let implementation = vm.simple_namespace(vec![
        ("name", vm.intern("aio")),
        ("cache_tag", Value::NONE),
        ("version", own),
        ("hexversion", n(OWN_VERSION.0 << 24 | OWN_VERSION.1 << 16 | OWN_VERSION.2 << 8 | 0xf0)),
    ]);
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let big = if cfg!(target_endian = "big") { "big" } else { "little" };
    let values = [
        ("version_info", version_info),
        ("float_info", tuple_of(vm, "float_info", &FLOAT, &float_info)),
        ("int_info", tuple_of(vm, "int_info", &INT, &[n(30), n(4), n(4300), n(640)])),
        ("hash_info", tuple_of(vm, "hash_info", &HASH, &hash_info)),
        ("flags", tuple_of(vm, "flags", &FLAGS, &flags)),
        ("thread_info", tuple_of(vm, "thread_info", &THREAD, &[vm.str("pthread"), vm.str("semaphore"), Value::NONE])),
        ("implementation", implementation),
        ("version", vm.str("3.13.0 (Aio 0.1.0)")),
        ("hexversion", n(0x030d_00f0)),
        ("api_version", n(1013)),
        ("copyright", vm.str("Copyright (c) the Aio contributors.")),
        ("maxsize", n(i64::MAX)),
        ("maxunicode", n(0x10_ffff)),
        ("byteorder", vm.intern(big)),
        ("platform", vm.intern(platform)),
        ("executable", vm.empty_str()),
        ("_base_executable", vm.empty_str()),
        ("prefix", vm.str("/usr")),
        ("exec_prefix", vm.str("/usr")),
        ("base_prefix", vm.str("/usr")),
        ("base_exec_prefix", vm.str("/usr")),
        ("platlibdir", vm.str("lib")),
        ("dont_write_bytecode", Value::TRUE),
        ("pycache_prefix", Value::NONE),
        ("float_repr_style", vm.str("short")),
        ("abiflags", vm.empty_str()),
        ("_framework", vm.empty_str()),
        ("_git", vm.tuple([vm.str("Aio"), vm.empty_str(), vm.empty_str()])),
    ];
    for (name, v) in values {
        d.set_text(vm, name, v);
    }
    fill_names(vm, d);
}

/// Names of the library's modules as far as scripts ask for them.
fn fill_names(vm: &Vm, d: &DictObj) {
    let native: Vec<Value> = ["builtins", "sys"].iter().map(|n| vm.intern(n)).collect();
    d.set_text(vm, "builtin_module_names", vm.tuple(native));
    let known = vm.frozenset();
    if let Some(s) = known.as_set() {
        for n in LIBRARY {
            // Strings hash and compare without script code.
            let _ = s.add(vm, vm.intern(n));
        }
    }
    d.set_text(vm, "stdlib_module_names", known);
}

/// The names in `sys.stdlib_module_names`, sorted.
pub const LIBRARY: &[&str] = &[
    "abc",
    "argparse",
    "ast",
    "asyncio",
    "atexit",
    "base64",
    "bisect",
    "builtins",
    "calendar",
    "collections",
    "concurrent",
    "contextlib",
    "contextvars",
    "copy",
    "copyreg",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "errno",
    "fractions",
    "functools",
    "gc",
    "hashlib",
    "heapq",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "keyword",
    "logging",
    "math",
    "numbers",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "pprint",
    "queue",
    "random",
    "re",
    "secrets",
    "select",
    "selectors",
    "shutil",
    "signal",
    "socket",
    "statistics",
    "string",
    "struct",
    "subprocess",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "timeit",
    "token",
    "tokenize",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "zlib",
];
