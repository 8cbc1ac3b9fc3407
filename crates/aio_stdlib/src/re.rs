//! The module _re: the engine of regular expressions. Patterns and matches themselves are written in the language.

mod engine;
mod translate;

use aio_vm::{Args, Def, ModuleDef, Payload, R, TypeTable, Value, Vm, function};
use engine::{Groups, Place, Program};
use fancy_regex::{CompileError, Error};
use std::cell::OnceCell;

static FUNCTIONS: &[Def] = &[
    function(
        "_compile(pattern, flags, /)",
        compile,
        "Program, flags, number of groups and names; or a message and its place.",
    ),
    function(
        "_scan(program, text, pos, endpos, mode, limit, /)",
        scan,
        "The spans of all groups of up to limit matches.",
    ),
    function(
        "_first(program, text, pos, endpos, mode, /)",
        first,
        "The spans of all groups of the first match, or None.",
    ),
];

static MODULE: ModuleDef = ModuleDef { name: "_re", init };

static PROGRAM: TypeTable = TypeTable { doc: "A compiled pattern of the engine.", rows: &[], next: None };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

impl Payload for Program {}

#[derive(Default)]
struct Classes {
    program: OnceCell<Value>,
}

fn compile(vm: &Vm, a: &Args) -> R {
    let Some(pattern) = a[0].as_str() else {
        return Err(vm.type_error("first argument must be string or compiled pattern"));
    };
    let chars: Vec<char> = pattern.to_text().chars().collect();
    let failed = |message: &str, at: usize| Ok(vm.tuple([vm.str(message), vm.int(at as i64)]));
    let t = match translate::translate(&chars, vm.index(&a[1])?) {
        Ok(t) => t,
        Err((message, at)) => return failed(&message, at),
    };
    let program = match Program::new(t.text) {
        Ok(program) => program,
        Err(e) => {
            if let Error::CompileError(e) = &*e
                && matches!(**e, CompileError::LookBehindNotConst)
            {
                return failed("look-behind requires fixed-width pattern", translate::NO_PLACE);
            }
            return failed(&e.to_string(), 0);
        }
    };
    let class = vm
        .state::<Classes>()
        .program
        .get_or_init(|| vm.native_class("re", "_Program", vm.types.object.get(), 0, &PROGRAM));
    let Some(class) = class.as_class() else { return Err(vm.system_error("re has no class of programs")) };
    let names = vm.dict();
    if let Some(d) = names.as_dict() {
        for (name, n) in &t.names {
            d.set_text(vm, name, vm.int(*n as i64));
        }
    }
    Ok(vm.tuple([vm.opaque(class, program), vm.int(t.flags), vm.int(t.groups as i64), names]))
}

/// Counts characters up to byte offsets; fast where offsets grow.
struct Offsets<'t> {
    text: &'t str,
    ascii: bool,
    byte: usize,
    chars: usize,
}

impl Offsets<'_> {
    fn chars_to(&mut self, byte: usize) -> usize {
        if self.ascii {
            return byte;
        }
        let count = |from: usize, to: usize| self.text.get(from..to).map_or(0, |t| t.chars().count());
        let chars = if byte >= self.byte {
            self.chars + count(self.byte, byte)
        } else {
            self.chars - count(byte, self.byte).min(self.chars)
        };
        (self.byte, self.chars) = (byte, chars);
        chars
    }
}

/// A part of a text that is searched, and how.
struct Search<'a> {
    program: &'a Program,
    place: Place,
    offsets: Offsets<'a>,
    start: usize,
    end: usize,
    groups: Groups,
}

/// Calls `f` with what the arguments program, text, pos, endpos and mode mean; not if nothing can be found.
fn searching<T>(vm: &Vm, a: &Args, f: impl FnOnce(Search<'_>) -> R<T>) -> R<Option<T>> {
    let (Some(program), Some(subject)) = (a[0].payload::<Program>(), a[1].as_str()) else {
        return Err(vm.type_error("expected string or bytes-like object"));
    };
    let (pos, endpos) = (vm.index(&a[2])?, vm.index(&a[3])?);
    let place = match vm.index(&a[4])? {
        0 => Place::Anywhere,
        1 => Place::AtStart,
        _ => Place::Whole,
    };
    let text = subject.to_text();
    let length = subject.len() as i64;
    let start = subject.byte_offset(pos.clamp(0, length) as usize);
    let end = subject.byte_offset(endpos.clamp(0, length) as usize);
    let Some(text) = text.get(..end).filter(|_| start <= end) else { return Ok(None) };
    let offsets = Offsets { text, ascii: subject.is_ascii(), byte: 0, chars: 0 };
    f(Search { program, place, offsets, start, end, groups: Groups::new() }).map(Some)
}

impl Search<'_> {
    /// The next match from a byte on: where it lies, and the spans of its groups.
    fn next(&mut self, vm: &Vm, at: usize) -> R<Option<((usize, usize), Value)>> {
        vm.tick()?;
        let found = self.program.next(vm, self.place, self.offsets.text, at, &mut self.groups)?;
        let Some(whole) = self.groups.first().copied().flatten().filter(|_| found) else { return Ok(None) };
        vm.alloc_check(self.groups.len() * 2, 16)?;
        let spans = vm.tuple((0..self.groups.len() * 2).map(|i| {
            let place = self.groups[i / 2].map(|(begin, end)| if i % 2 == 0 { begin } else { end });
            vm.int(place.map_or(-1, |byte| self.offsets.chars_to(byte) as i64))
        }));
        Ok(Some((whole, spans)))
    }
}

fn first(vm: &Vm, a: &Args) -> R {
    let found = searching(vm, a, |mut search| Ok(search.next(vm, search.start)?.map(|(_, spans)| spans)))?;
    Ok(found.flatten().unwrap_or(Value::NONE))
}

fn scan(vm: &Vm, a: &Args) -> R {
    let limit = vm.index(&a[5])?;
    let found = vm.list(Vec::new());
    searching(vm, a, |mut search| {
        let mut at = search.start;
        let mut count = 0;
        while at <= search.end && (limit <= 0 || count < limit) {
            let Some((whole, spans)) = search.next(vm, at)? else { break };
            if let Some(l) = found.as_list() {
                l.push(spans);
            }
            count += 1;
            at = whole.1;
            if whole.0 == whole.1 {
                // An empty match is not found twice: the next begins behind the next character.
                let text = search.offsets.text;
                at += text.get(at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
            }
        }
        Ok(())
    })?;
    Ok(found)
}
