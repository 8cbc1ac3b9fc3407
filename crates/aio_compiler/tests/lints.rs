//! What `aio check` warns of, and above all what it keeps quiet about.

use aio_compiler::lint::{BUILTINS, LINTS, lint};
use aio_compiler::{Mode, Options, compile};
use aio_source::Diagnostic;

fn found(source: &str) -> Vec<Diagnostic> {
    let parsed = aio_syntax::parse_module(source);
    let output = compile(&parsed, "test", source, Mode::Module, &Options::default());
    let output = output.unwrap_or_else(|e| panic!("{source}: {e:?}"));
    lint(&parsed, source, output.warnings, &|module| module == "math")
}

/// Kind, message and help of each warning, with the text that it is about.
fn told(source: &str) -> String {
    let line = |d: &Diagnostic| {
        format!("{} `{}`: {} ({})\n", d.kind, d.span.text(source), d.message, d.help.as_deref().unwrap_or_default())
    };
    found(source).iter().map(line).collect()
}

#[test]
fn every_example_shows_its_own_kind() {
    for lint in LINTS {
        let kinds: Vec<&str> = found(lint.example).iter().map(|d| d.kind).collect();
        assert_eq!(kinds, [lint.name]);
    }
}

#[test]
fn the_builtins_are_sorted() {
    assert!(BUILTINS.is_sorted());
}

#[test]
fn names() {
    insta::assert_snapshot!(told(include_str!("lints/names.aio")));
}

#[test]
fn calls() {
    insta::assert_snapshot!(told(include_str!("lints/calls.aio")));
}

#[test]
fn flow() {
    insta::assert_snapshot!(told(include_str!("lints/flow.aio")));
}

#[test]
fn nothing_is_said_of_what_is_right() {
    assert_eq!(told(include_str!("lints/quiet.aio")), "");
    for source in [
        "from os import *\nprint(getcwd())\n",
        "exec('x = 1')\nprint(x)\n",
        "globals().update(x=1)\nprint(x)\n",
        "def f():\n    return x\ndef g():\n    global x\n    x = 1\n",
        "class Meta(type): pass\nclass A(metaclass=Meta):\n    y = anything\n",
        "class A:\n    locals()['z'] = 1\n    y = z\n",
        "from .part import thing\nprint(part, thing)\n",
        "import builtins\nbuiltins.shout = print\nshout(1)\n",
        "from enum import IntEnum, global_enum\n@global_enum\nclass Day(IntEnum):\n    MONDAY = 0\nprint(MONDAY)\n",
        "from __future__ import annotations\ndef f(x: Later) -> Later: pass\n",
        "def f():\n    x: Anything = 1\n    return x\n",
        "print(undefined)  # noqa\n",
        "print(undefined)  # aio: ignore[undefined-name]\n",
        "async def f(): yield\nasync def g():\n    f()\n",
        "async def f(): pass\nf = 1\ndef g():\n    f()\n",
        "async def f(): pass\ndef g(f):\n    f()\n",
        "import time\nasync def f():\n    def inner():\n        time.sleep(1)\n    return inner\n",
        "time = object()\nasync def f():\n    time.sleep(1)\n",
        "import time\ntime = None\nasync def f():\n    time.sleep(1)\n",
    ] {
        assert_eq!(told(source), "", "of {source}");
    }
}

#[test]
fn strings_are_no_comments() {
    assert_eq!(found("print(undefined, '# noqa')\n").len(), 1);
    assert_eq!(found("'''\n# noqa\n''', undefined\n").len(), 1);
}
