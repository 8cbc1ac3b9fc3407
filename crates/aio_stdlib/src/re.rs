//! The module _re: the engine of regular expressions. Patterns and matches themselves are written in the language.

mod translate;

use aio_vm::{Args, Def, ModuleDef, Payload, R, TypeTable, Value, Vm, function};
use fancy_regex::{Captures, CompileError, Error, Match, Regex, RegexBuilder, RuntimeError};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

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

/// A pattern, and the same bound to the start, or to both ends, of what is searched.
struct Program {
    text: String,
    search: Engine,
    at_start: OnceCell<Option<Engine>>,
    whole: OnceCell<Option<Engine>>,
}

impl Payload for Program {}

/// An expression that may take back so many steps; who needs more pays for it and gets more.
struct Engine {
    text: String,
    regex: RefCell<Rc<Regex>>,
    steps: Cell<usize>,
}

/// Steps that a search may take back before it has to pay for more.
const FIRST_STEPS: usize = 200_000;
/// So many times as many steps are allowed next.
const GROWTH: usize = 4;

fn build(text: &str, steps: usize) -> Result<Regex, Box<Error>> {
    RegexBuilder::new(text).backtrack_limit(steps).build().map_err(Box::new)
}

impl Engine {
    fn new(text: String) -> Result<Engine, Box<Error>> {
        let regex = RefCell::new(Rc::new(build(&text, FIRST_STEPS)?));
        Ok(Engine { text, regex, steps: Cell::new(FIRST_STEPS) })
    }

    /// The next match. One that takes long is interrupted now and then, to look at limits and interrupts.
    fn next<'t>(&self, vm: &Vm, text: &'t str, at: usize) -> R<Option<Captures<'t, str>>> {
        loop {
            let regex = Rc::clone(&self.regex.borrow());
            let found = regex.captures_from_pos(text, at);
            if let Ok(found) = found {
                let end = found.as_ref().and_then(|c| c.get(0)).map_or(text.len(), |m| m.end());
                vm.note_bytes(end.saturating_sub(at));
                return Ok(found);
            }
            let steps = self.steps.get();
            vm.spend(steps as u64)?;
            let too_few = matches!(found, Err(Error::RuntimeError(RuntimeError::BacktrackLimitExceeded)));
            let more = steps.checked_mul(GROWTH).filter(|_| too_few);
            let regex = more.and_then(|steps| Some((steps, build(&self.text, steps).ok()?)));
            let Some((steps, regex)) = regex else {
                return Err(vm.runtime_error("the search takes too many steps"));
            };
            self.steps.set(steps);
            self.regex.replace(Rc::new(regex));
        }
    }
}

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
    let search = match Engine::new(t.text.clone()) {
        Ok(engine) => engine,
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
    let program = Program { text: t.text, search, at_start: OnceCell::new(), whole: OnceCell::new() };
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
    regex: &'a Engine,
    offsets: Offsets<'a>,
    start: usize,
    end: usize,
}

/// Calls `f` with what the arguments program, text, pos, endpos and mode mean; not if nothing can be found.
fn searching<T>(vm: &Vm, a: &Args, f: impl FnOnce(Search<'_>) -> R<T>) -> R<Option<T>> {
    let (Some(program), Some(subject)) = (a[0].payload::<Program>(), a[1].as_str()) else {
        return Err(vm.type_error("expected string or bytes-like object"));
    };
    let (pos, endpos, mode) = (vm.index(&a[2])?, vm.index(&a[3])?, vm.index(&a[4])?);
    let regex = match mode {
        0 => Some(&program.search),
        1 => program.at_start.get_or_init(|| Engine::new(format!("\\G(?:{})", program.text)).ok()).as_ref(),
        _ => program.whole.get_or_init(|| Engine::new(format!("\\G(?:{})\\z", program.text)).ok()).as_ref(),
    };
    let Some(regex) = regex else { return Err(vm.runtime_error("the pattern is too large")) };
    // A text that is known to be ASCII is not looked through once more for every match in it.
    let text = subject.ascii_text().map_or_else(|| subject.to_text(), Cow::Borrowed);
    let length = subject.len() as i64;
    let start = subject.byte_offset(pos.clamp(0, length) as usize);
    let end = subject.byte_offset(endpos.clamp(0, length) as usize);
    let Some(text) = text.get(..end).filter(|_| start <= end) else { return Ok(None) };
    let offsets = Offsets { text, ascii: subject.is_ascii(), byte: 0, chars: 0 };
    f(Search { regex, offsets, start, end }).map(Some)
}

impl<'a> Search<'a> {
    /// The next match from a byte on, and the spans of its groups.
    fn next(&mut self, vm: &Vm, at: usize) -> R<Option<(Match<'a>, Value)>> {
        vm.tick()?;
        let Some(captures) = self.regex.next(vm, self.offsets.text, at)? else { return Ok(None) };
        let Some(whole) = captures.get(0) else { return Ok(None) };
        vm.alloc_check(captures.len() * 2, 16)?;
        let spans = vm.tuple((0..captures.len() * 2).map(|i| {
            let place = captures.get(i / 2).map(|m| if i % 2 == 0 { m.start() } else { m.end() });
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
            at = whole.end();
            if whole.start() == whole.end() {
                // An empty match is not found twice: the next begins behind the next character.
                let text = search.offsets.text;
                at += text.get(at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
            }
        }
        Ok(())
    })?;
    Ok(found)
}
