//! What is probably a mistake although it compiles: the warnings of `aio check`.
//!
//! They are found on the tree and the scopes, never while a program is being run, so they cost a running program nothing.

mod builtins;
mod calls;
mod facts;
mod flow;
mod ignore;
mod names;
mod walk;

use crate::names::Names;
use crate::scope;
use aio_source::Diagnostic;
use aio_syntax::Parsed;

pub use builtins::BUILTINS;

/// A kind of warning.
#[derive(Debug)]
pub struct Lint {
    /// What it is called on the command line and in comments.
    pub name: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that is probably a mistake.
    pub why: &'static str,
    /// What to do about it.
    pub help: &'static str,
    /// Whether it is on unless it is switched off.
    pub default: bool,
    /// A module in which it finds one thing.
    pub example: &'static str,
}

/// A coroutine that nobody awaits.
pub const UNAWAITED: &str = "unawaited-coroutine";
/// A statement that nothing leads to.
pub const UNREACHABLE: &str = "unreachable-code";
/// `await` of something that cannot be awaited.
pub const AWAIT_LITERAL: &str = "await-literal";
/// A name that nothing defines.
pub const UNDEFINED: &str = "undefined-name";
/// A call that holds up all tasks.
pub const BLOCKING: &str = "blocking-call";

/// All kinds, by name; the last one is what the compiler itself warns of.
pub static LINTS: &[Lint] = &[
    Lint {
        name: AWAIT_LITERAL,
        summary: "`await` of a literal, or `async for` over one",
        why: "A literal is no awaitable, so the line always raises TypeError.",
        help: "take the `await` away, or await the call that gives the value",
        default: true,
        example: "async def main():\n    return await [1, 2]\n",
    },
    Lint {
        name: BLOCKING,
        summary: "a call inside `async def` that holds up all tasks",
        why: "The event loop runs one task at a time. While such a call waits, no other task goes on and no timer fires.",
        help: "give it to `await asyncio.to_thread(...)`",
        default: true,
        example: "import time\n\n\nasync def main():\n    time.sleep(1)\n",
    },
    Lint {
        name: UNAWAITED,
        summary: "a coroutine that is called, but neither awaited nor given to anybody",
        why: "Calling an `async def` only makes a coroutine; nothing of its body runs until it is awaited.",
        help: "put `await` before the call, or give it to asyncio.create_task()",
        default: true,
        example: "import asyncio\n\n\nasync def main():\n    asyncio.sleep(1)\n",
    },
    Lint {
        name: UNDEFINED,
        summary: "a name that nothing defines",
        why: "Neither the function, nor those around it, nor the module, nor the built-ins have it, so the line raises NameError.",
        help: "define it, import it, or take it as a parameter",
        default: true,
        example: "def area(radius):\n    return math.pi * radius**2\n",
    },
    Lint {
        name: UNREACHABLE,
        summary: "statements that nothing leads to",
        why: "The statement before them always leaves the block: `return`, `raise`, `break`, `continue`, an endless loop, \
              or a choice all of whose branches leave.",
        help: "remove it, or move it to where it should run",
        default: true,
        example: "def sign(number):\n    return number > 0\n    print(number)\n",
    },
    Lint {
        name: "SyntaxWarning",
        summary: "what is allowed, and hardly meant",
        why: "CPython warns of it, too, when it compiles the module.",
        help: "",
        default: true,
        example: "name = 'x'\nif name is 'x':\n    print(name)\n",
    },
];

/// The kind with a name.
pub fn lint_named(name: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.name == name)
}

/// Looks at a module that compiles. `library`: whether there is a library module of a name.
///
/// `known` are the compiler's own warnings; they come back among those found here, without those that comments in the
/// source ask not to be shown, sorted by position.
pub fn lint(parsed: &Parsed, source: &str, known: Vec<Diagnostic>, library: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut names = Names::new(&parsed.interner);
    let (mut scopes, reads) = scope::collect_reads(&mut names, &parsed.module);
    let mut errors = Vec::new();
    scope::resolve(&mut scopes, &names, false, &mut errors);
    let facts = facts::gather(&names, &scopes, &parsed.module);
    let mut found = known;
    names::undefined(&names, &scopes, &facts, &reads, library, &mut found);
    calls::look(&mut names, &scopes, &facts, &parsed.module, &mut found);
    flow::look(&scopes, &parsed.module, &mut found);
    found.sort_by_key(|d| d.span.lo);
    ignore::retain_wanted(source, &mut found);
    found
}

/// A warning of one of the kinds, with the usual help.
fn warning(name: &'static str, span: aio_source::Span, message: impl Into<String>) -> Diagnostic {
    let help = lint_named(name).map_or("", |lint| lint.help);
    Diagnostic::warning(name, span, message).with_help(help)
}
