//! What the tree looks like, without numbers and places.

use aio_syntax::{parse_expression, parse_module};

/// One line per statement.
fn tree(source: &str) -> String {
    let parsed = parse_module(source);
    assert_eq!(parsed.diagnostics, [], "{source}");
    let mut out = String::new();
    for statement in &parsed.module {
        out.push_str(&format!("{:?}\n", statement.kind));
    }
    let names: Vec<&str> =
        (0..parsed.interner.len()).map(|i| parsed.interner.name(aio_syntax::ast::Sym(i as u32))).collect();
    out.push_str(&format!("names: {}\n", names.join(" ")));
    out
}

fn check(name: &str, source: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"id: NodeId\(\d+\), ", "");
    settings.add_filter(r"span: Span \{ lo: \d+, hi: \d+ \}, ", "");
    settings.add_filter(r", span: Span \{ lo: \d+, hi: \d+ \}", "");
    settings.add_filter(r"depth: \d+, ", "");
    settings.bind(|| insta::assert_snapshot!(name, tree(source)));
}

#[test]
fn operators() {
    check("operators", "a + b * c ** -d << e\na or b and not c == d < e\nx if y else lambda: z\n");
}

#[test]
fn literals() {
    check("literals", "1_0; 0xffffffffffffffffffff; 1.5e3; 2j\n'a' \"\\x41\\u00e9\" '\\ud800'\nb'\\xff' rb'\\n'\n");
}

#[test]
fn fstrings() {
    check("fstrings", "f'a{{{b!r:>{w}}}}' 'tail'\nf'{x = }'; f'{x=!s}'; f'{x=:>5}'\nrf'\\{y}'; f'{ {1: 2}[1] }'\n");
}

#[test]
fn calls_and_displays() {
    check("calls", "f(a, *b, c=1, **d)\n[*a, b]; {**a, b: c}; {a, b}; (a,); ()\nx[1:2, ::3]; x[*a]\n");
}

#[test]
fn comprehensions() {
    check("comprehensions", "[a for a, b in c if d if e async for f in g]\n{a: b for a in c}; f(x for x in y)\n");
}

#[test]
fn assignments() {
    check("assignments", "a = b, *c = d\na.b += 1\na: int = 1\n(a): int\ndel a, b[0]\nif (n := 1): pass\n");
}

#[test]
fn functions() {
    check(
        "functions",
        "@d\nasync def f[T: int, *Ts, **P](a, /, b: c = 1, *d: *e, f, **g) -> h: return\nlambda a, *, b=1: a\n",
    );
}

#[test]
fn classes_and_imports() {
    check(
        "classes",
        "class C[T = int](A, metaclass=M): pass\nimport a.b as c, d\nfrom ...e import f as g\nfrom . import *\ntype X[T] = T\n",
    );
}

#[test]
fn blocks() {
    check(
        "blocks",
        "try: a\nexcept* B as c: d\nelse: e\nfinally: f\nwith (a as b, c): d\nwith (a, b) as c: d\nfor a, in b: c\nelse: d\nwhile a: b\n",
    );
}

#[test]
fn patterns() {
    check(
        "patterns",
        "match a, b:\n case [1, *_, -1+2j] | {'k': v, **r} as w if g: x\n case P(q, y=None) | (z.w): _\n case _: y\n",
    );
}

#[test]
fn soft_keywords_are_names_elsewhere() {
    check("soft_keywords", "match = case = type = 1\nmatch(x)\ntype(x)\nmatch[x]: int\nprint(match, case)\n");
}

#[test]
fn blanks_behind_the_sign_are_shown() {
    let text = tree("f'{x = }{ y =!r}'\n");
    for shown in ["x = ", " y ="] {
        assert!(text.contains(&format!("debug: Some({:?})", shown.as_bytes())), "{text}");
    }
}

#[test]
fn names_are_normalised() {
    let parsed = parse_module("ﬁ = fi = ℌ\n");
    assert_eq!(parsed.interner.len(), 2);
    assert!(parsed.interner.lookup("fi").is_some());
    assert!(parsed.interner.lookup("H").is_some());
}

#[test]
fn expressions_stand_alone() {
    let ok = |source| parse_expression(source).expr.is_some();
    assert!(ok("  1 + 2\n\n"));
    assert!(ok("a, *b"));
    assert!(ok("(x := 1)"));
    assert!(!ok("x = 1"));
    assert!(!ok(""));
    assert!(!ok("1\n2"));
    assert!(!ok("1 +"));
    let message = |source| parse_expression(source).primary().map(|e| e.message.clone());
    assert_eq!(message("a b").as_deref(), Some("invalid syntax"));
    assert_eq!(message("(a").as_deref(), Some("'(' was never closed"));
}

#[test]
fn nodes_are_small_and_numbered() {
    assert!(size_of::<aio_syntax::ast::Expr>() <= 48);
    let parsed = parse_module("a = b + 1\n");
    assert_eq!(parsed.node_count, 5);
}

#[test]
fn awaiting_at_the_top_is_seen() {
    let awaits = |source| parse_module(source).has_top_level_await;
    assert!(awaits("x = await f()\n"));
    assert!(awaits("if x:\n  async with y: pass\n"));
    assert!(awaits("[a async for a in b]\n"));
    assert!(awaits("def f(a=await g()): pass\n"));
    assert!(awaits("async def f(): await g()\nawait f()\n"));
    assert!(awaits("async def f():\n  await g()\nprint(f'{await f()}')\n"));
    assert!(!awaits("async def f():\n  await g()\n  async for x in y: pass\nx = 1\n"));
    assert!(!awaits("async def f(): await g()\n"));
    assert!(!awaits("async def f(a: {1: 2}, b=lambda: 1) -> c[1:2]:\n  await g()\n"));
    assert!(!awaits("class C:\n  async def f(self):\n    await g()\n"));
}
