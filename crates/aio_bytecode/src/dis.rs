//! The disassembler: a code object as text, one line per instruction.

use crate::code::{self, Capture, Code, Const};
use crate::ops::{INTRINSICS, Op, OpInfo, Operand, Word};
use std::fmt::Write;

/// The code object and all code objects in it as text.
///
/// Registers are `r0`, `r1`, ... for locals and `t0`, `t1`, ... for temporaries; a `*` behind a source
/// says that the instruction takes it, a `-` behind a destination that the old value is dropped.
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    // A list of what is left instead of recursion: code nests as deep as scripts do.
    let mut todo = vec![code];
    while let Some(code) = todo.pop() {
        if !out.is_empty() {
            out.push('\n');
        }
        write_code(code, &mut out);
        todo.extend(code.consts.iter().rev().filter_map(|constant| match constant {
            Const::Code(inner) => Some(&***inner),
            _ => None,
        }));
    }
    out
}

const FLAGS: &[(u32, &str)] = &[
    (code::GENERATOR, "generator"),
    (code::COROUTINE, "coroutine"),
    (code::ASYNC_GENERATOR, "async generator"),
    (code::VARARGS, "*args"),
    (code::VARKEYWORDS, "**kwargs"),
    (code::NAMESPACE, "namespace"),
    (code::MODULE, "module"),
    (code::NESTED, "nested"),
    (code::METHOD, "method"),
    (code::FUTURE_ANNOTATIONS, "future annotations"),
];

// Writing to a String cannot fail, so the results of `write!` are ignored throughout.
fn write_code(code: &Code, out: &mut String) {
    let _ = write!(out, "code {}:", code.qualname);
    let set = FLAGS.iter().filter(|(flag, _)| code.flags & flag != 0);
    let flags: Vec<&str> = set.map(|&(_, name)| name).collect();
    if !flags.is_empty() {
        let _ = write!(out, " {}", flags.join(", "));
    }
    let temps = code.registers.saturating_sub(code.locals);
    let _ = writeln!(out, " ({} locals, {temps} temporaries)", code.locals);
    if !code.local_names.is_empty() {
        let names = code.local_names.iter().enumerate().map(|(i, name)| {
            let cell = if code.cells.contains(&(i as u16)) { "&" } else { "" };
            format!("{cell}{name}")
        });
        let _ = writeln!(out, "  locals {}", names.collect::<Vec<_>>().join(" "));
    }
    if !code.free_names.is_empty() {
        let from = |capture: Option<&Capture>| match capture {
            Some(Capture::Local(reg)) => format!("r{reg}"),
            Some(Capture::Free(free)) => format!("f{free}"),
            None => "?".into(),
        };
        let names = code.free_names.iter().enumerate();
        let names = names.map(|(i, name)| format!("{name}={}", from(code.captures.get(i))));
        let _ = writeln!(out, "  free {}", names.collect::<Vec<_>>().join(" "));
    }
    let mut pc = 0;
    let mut line = 0;
    while pc < code.words.len() {
        let word = Word(code.words[pc]);
        let Some(op) = Op::from_u8(word.op_number()) else {
            let _ = writeln!(out, "  {pc:4}  ?? {:#018x}", word.0);
            pc += 1;
            continue;
        };
        let info = op.info();
        let now = code.place(pc as u32).map_or(line, |place| place.line);
        let shown = if now == line { String::new() } else { now.to_string() };
        line = now;
        let operands = operands(code, info, word, pc);
        let flags = own_flags(info, word.flags());
        let text = format!("{shown:>4} {pc:4}  {:<14}{operands}{flags}", info.name);
        let _ = writeln!(out, "{}", text.trim_end());
        pc += 1 + info.cache as usize;
    }
    for handler in &code.handlers {
        let _ = writeln!(
            out,
            "  handler {}..{} -> {} with {} temporaries",
            handler.start, handler.end, handler.target, handler.depth
        );
    }
}

/// The bits 3 to 7, which mean something else for each operation.
fn own_flags(info: &OpInfo, flags: u8) -> String {
    let mut text = String::new();
    for x in 0..5 {
        if flags & 8 << x != 0 {
            let _ = write!(text, " X{x}");
        }
    }
    let used = |i: usize| info.operands[i] != Operand::No;
    for (i, name) in ["A", "B", "C"].iter().enumerate() {
        if flags & 1 << i != 0 && !used(i) {
            let _ = write!(text, " F{name}?");
        }
    }
    text
}

fn operands(code: &Code, info: &OpInfo, word: Word, pc: usize) -> String {
    let fields = [word.a(), word.b(), word.c()];
    let next = pc as i64 + 1 + info.cache as i64;
    let mut texts = Vec::new();
    for (i, &operand) in info.operands.iter().enumerate() {
        let value = fields[i];
        let flag = word.flags() & 1 << i != 0;
        texts.push(match operand {
            Operand::No => continue,
            Operand::Dst => register(code, value) + if flag { "-" } else { "" },
            Operand::Src => register(code, value) + if flag { "*" } else { "" },
            Operand::Win | Operand::Mod | Operand::Local => register(code, value),
            Operand::Name => name(code, value.into()),
            Operand::NameX => name(code, word.bx()),
            Operand::Const => constant(code, value.into()),
            Operand::ConstX => constant(code, word.bx()),
            Operand::Imm => format!("#{}", value as i16),
            Operand::Num => match (info.op, i) {
                (Op::Intrinsic, 1) => {
                    INTRINSICS.get(value as usize).map_or("?".into(), |intrinsic| format!("{intrinsic:?}"))
                }
                _ => value.to_string(),
            },
            Operand::Jump => format!("->{}", next + i64::from(value as i16)),
            Operand::JumpX => format!("->{}", next + i64::from(word.bx() as i32)),
            Operand::Free => {
                let name = code.free_names.get(value as usize).map_or("?", |name| name);
                format!("f{value}({name})")
            }
        });
    }
    texts.join(" ")
}

fn register(code: &Code, reg: u16) -> String {
    match reg.checked_sub(code.locals) {
        Some(temp) => format!("t{temp}"),
        None => {
            let name = code.local_names.get(reg as usize).map_or("?", |name| name);
            format!("r{reg}({name})")
        }
    }
}

fn name(code: &Code, n: u32) -> String {
    match code.names.get(n as usize) {
        Some(name) => format!("'{name}'"),
        None => format!("name {n}?"),
    }
}

fn constant(code: &Code, n: u32) -> String {
    code.consts.get(n as usize).map_or(format!("constant {n}?"), show)
}

fn show(value: &Const) -> String {
    let all = |items: &[Const]| items.iter().map(show).collect::<Vec<_>>().join(", ");
    match value {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "...".into(),
        Const::Undef => "<undef>".into(),
        Const::Int(value) => value.to_string(),
        Const::BigInt(digits) => format!("0x{digits}"),
        Const::Float(value) => format!("{value:?}"),
        Const::Imag(value) => format!("{value:?}j"),
        Const::Str(text) => format!("{:?}", String::from_utf8_lossy(text)),
        Const::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Const::Tuple(items) => format!("({})", all(items)),
        Const::FrozenSet(items) => format!("frozenset({})", all(items)),
        Const::Code(code) => format!("<code {}>", code.qualname),
    }
}
