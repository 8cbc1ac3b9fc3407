//! Code objects, as scripts see them.

use crate::builtins::object::{readonly, text_of};
use crate::error::R;
use crate::native::{Args, TypeTable, method, property};
use crate::object::CodeObj;
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Code;
use aio_bytecode::code as flag;
use std::sync::Arc;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "Compiled code.",
    rows: &[
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("replace(self, /, **kwargs)", replace, "Return a copy with some attributes changed."),
        method("__replace__(self, /, **kwargs)", replace, "Return a copy with some attributes changed."),
        method("co_lines(self, /)", lines, "Iterate over ranges of code and their lines."),
        method("co_positions(self, /)", positions, "Iterate over the places of all instructions."),
        property("co_name(self)", name, readonly, "the name"),
        property("co_qualname(self)", qualname, readonly, "the qualified name"),
        property("co_filename(self)", filename, readonly, "the file"),
        property("co_firstlineno(self)", first_line, readonly, "the first line"),
        property("co_argcount(self)", arg_count, readonly, "number of positional parameters"),
        property("co_posonlyargcount(self)", positional_only, readonly, "number of positional-only parameters"),
        property("co_kwonlyargcount(self)", keyword_only, readonly, "number of keyword-only parameters"),
        property("co_nlocals(self)", locals, readonly, "number of local variables"),
        property("co_stacksize(self)", stack_size, readonly, "number of temporaries"),
        property("co_flags(self)", flags, readonly, "what kind of code it is"),
        property("co_consts(self)", consts, readonly, "the constants"),
        property("co_names(self)", names, readonly, "the names of globals and attributes"),
        property("co_varnames(self)", var_names, readonly, "the names of the local variables"),
        property("co_freevars(self)", free_vars, readonly, "the names of the free variables"),
        property("co_cellvars(self)", cell_vars, readonly, "the names of the captured variables"),
        property("co_code(self)", code, readonly, "the instructions"),
        property("co_linetable(self)", no_bytes, readonly, "not used"),
        property("co_exceptiontable(self)", no_bytes, readonly, "not used"),
    ],
    next: None,
};

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a CodeObj> {
    let code = v.as_code();
    let code = code.ok_or_else(|| vm.type_error(format!("a code object is required, not '{}'", vm.type_name(v))))?;
    // Whoever looks at a function that was never called wants to see its code as well.
    code.prepare();
    Ok(code)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let c = this(vm, &a[0])?;
    let (name, file, line) = (text_of(c.name()), &c.template.filename, c.template.first_line);
    Ok(vm.str(&format!("<code object {name} at {:#x}, file \"{file}\", line {line}>", vm.id_of(&a[0]))))
}

fn eq(_vm: &Vm, a: &Args) -> R {
    let (Some(x), Some(y)) = (a[0].as_code(), a[1].as_code()) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::bool(Arc::ptr_eq(&x.template, &y.template) || x.template == y.template))
}

fn hash(vm: &Vm, a: &Args) -> R {
    let c = this(vm, &a[0])?;
    let h = vm.hash(c.name())? ^ (c.template.first_line as i64).wrapping_mul(1_000_003) ^ c.len() as i64;
    Ok(vm.int(h))
}

/// What `replace` knows but does not change: the parts that belong to CPython's bytecode or follow from the code.
const FIXED: &[&str] = &[
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_linetable",
    "co_exceptiontable",
];

fn replace(vm: &Vm, a: &Args) -> R {
    let mut t = Code::clone(&this(vm, &a[0])?.template);
    for (k, v) in a.keywords {
        let key = text_of(k);
        match key.as_str() {
            "co_name" | "co_qualname" | "co_filename" => {
                if v.as_str().is_none() {
                    return Err(vm.bad_argument(&format!("replace() argument '{key}'"), "str", v));
                }
                match key.as_str() {
                    "co_name" => t.name = text_of(v).into(),
                    "co_qualname" => t.qualname = text_of(v).into(),
                    _ => t.filename = text_of(v).into(),
                }
            }
            "co_linetable" if v.as_bytes().is_some_and(|table| table.data().is_empty()) => t = t.without_columns(),
            "co_firstlineno" => t.first_line = u32::try_from(vm.index(v)?).unwrap_or(1),
            other if FIXED.contains(&other) => {}
            other => return Err(vm.type_error(format!("replace() got an unexpected keyword argument '{other}'"))),
        }
    }
    Ok(vm.code(&Arc::new(t)))
}

fn lines(vm: &Vm, a: &Args) -> R {
    let c = this(vm, &a[0])?;
    let places = &c.template.places;
    let mut list = Vec::with_capacity(places.len());
    for (i, p) in places.iter().enumerate() {
        let end = places.get(i + 1).map_or(c.len() as u32, |n| n.pc);
        let items = [p.pc as i64 * 2, end as i64 * 2, p.line as i64].map(|n| vm.int(n));
        list.push(vm.tuple(items));
    }
    vm.iter(&vm.list(list))
}

fn positions(vm: &Vm, a: &Args) -> R {
    let c = this(vm, &a[0])?;
    let mut list = Vec::with_capacity(c.len());
    let mut place = None;
    let mut known = Value::NONE;
    for pc in 0..c.len() as u32 {
        let here = c.template.place(pc);
        if here != place || pc == 0 {
            place = here;
            known = position(vm, c, pc);
        }
        list.push(known.clone());
    }
    vm.iter(&vm.list(list))
}

/// First line, last line, first column and the column behind the last one of an instruction.
fn position(vm: &Vm, c: &CodeObj, pc: u32) -> Value {
    match c.template.position(pc) {
        Some(p) => vm.tuple([p.start.0, p.end.0, p.start.1, p.end.1].map(|n| vm.int(n.into()))),
        None => vm.tuple([vm.int(c.line(pc).into()), Value::NONE, Value::NONE, Value::NONE]),
    }
}

fn name(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.name().clone())
}

fn qualname(vm: &Vm, a: &Args) -> R {
    Ok(this(vm, &a[0])?.qualname().clone())
}

fn filename(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&this(vm, &a[0])?.template.filename))
}

fn first_line(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(this(vm, &a[0])?.template.first_line as i64))
}

fn arg_count(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(this(vm, &a[0])?.template.positional as i64))
}

fn positional_only(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(this(vm, &a[0])?.template.positional_only as i64))
}

fn keyword_only(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(this(vm, &a[0])?.template.keyword_only as i64))
}

fn locals(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(local_names(&this(vm, &a[0])?.template).len() as i64))
}

fn stack_size(vm: &Vm, a: &Args) -> R {
    let t = &this(vm, &a[0])?.template;
    Ok(vm.int(t.registers.saturating_sub(t.locals) as i64))
}

/// The flags with CPython's values.
fn flags(vm: &Vm, a: &Args) -> R {
    let c = this(vm, &a[0])?;
    let has = c.template.flags;
    let mut n: i64 = if has & (flag::MODULE | flag::NAMESPACE) == 0 { 3 } else { 0 };
    let bits = [
        (flag::VARARGS, 4),
        (flag::VARKEYWORDS, 8),
        (flag::NESTED, 16),
        (flag::GENERATOR, 32),
        (flag::COROUTINE, 128),
        (flag::ASYNC_GENERATOR, 512),
        (flag::FUTURE_ANNOTATIONS, 0x100_0000),
    ];
    for (ours, theirs) in bits {
        if has & ours != 0 {
            n |= theirs;
        }
    }
    if c.iterable_coroutine.get() {
        n |= 256;
    }
    Ok(vm.int(n))
}

fn consts(vm: &Vm, a: &Args) -> R {
    let c = this(vm, &a[0])?;
    c.prepare();
    let first = match &c.template.doc {
        Some(d) => vm.str_wtf8(d),
        None => Value::NONE,
    };
    let mut items = vec![first];
    items.extend(c.consts().iter().filter(|k| !k.is_undef() && !k.is_none()).cloned());
    Ok(vm.tuple(items))
}

fn strings<'a>(vm: &Vm, names: impl Iterator<Item = &'a str>) -> Value {
    vm.tuple(names.map(|n| vm.intern(n)).collect::<Vec<_>>())
}

fn names(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple(this(vm, &a[0])?.names.to_vec()))
}

/// Parameters and locals that are not captured, those of inlined comprehensions behind the others; registers of
/// namespaces do not count.
fn local_names(t: &Code) -> Vec<&str> {
    let parameters = t.parameters();
    let skip = (t.flags & flag::NAMESPACE != 0) as usize;
    let (mut names, mut inlined) = (Vec::new(), Vec::new());
    for (i, name) in t.local_names.iter().enumerate().skip(skip) {
        if i < parameters {
            names.push(&**name);
        } else if t.cells.iter().any(|c| *c as usize == i) {
        } else if let Some(hidden) = name.strip_prefix('.') {
            inlined.push(hidden);
        } else {
            names.push(&**name);
        }
    }
    for name in inlined {
        if !names.contains(&name) && !OF_THE_COMPILER.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Hidden locals that no script has named.
const OF_THE_COMPILER: &[&str] = &["type_params", "defaults", "kwdefaults", "generic_base"];

fn var_names(vm: &Vm, a: &Args) -> R {
    Ok(strings(vm, local_names(&this(vm, &a[0])?.template).into_iter()))
}

fn free_vars(vm: &Vm, a: &Args) -> R {
    Ok(strings(vm, this(vm, &a[0])?.template.free_names.iter().map(|n| &**n)))
}

fn cell_vars(vm: &Vm, a: &Args) -> R {
    let t = &this(vm, &a[0])?.template;
    Ok(strings(
        vm,
        t.cells.iter().filter_map(|c| t.local_names.get(*c as usize)).map(|n| n.strip_prefix('.').unwrap_or(n)),
    ))
}

fn code(vm: &Vm, a: &Args) -> R {
    let bytes: Vec<u8> = this(vm, &a[0])?.template.words.iter().flat_map(|w| w.to_le_bytes()).collect();
    Ok(vm.bytes(&bytes))
}

fn no_bytes(vm: &Vm, _a: &Args) -> R {
    Ok(vm.bytes(b""))
}
