//! Deep and long input: a result or a diagnostic, never an exhausted stack.

use aio_compiler::{Mode, Options, compile};

/// Compiles on a thread with as little stack as a test thread has.
fn survives(source: String) -> bool {
    let run = move || {
        let parsed = aio_syntax::parse_module(&source);
        compile(&parsed, "test", &source, Mode::Module, &Options::default()).is_ok()
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("no panic")
}

#[test]
fn deep_expressions() {
    let deep = |open: &str, inner: &str, close: &str| {
        for n in [100, 180, 400, 900, 5_000] {
            survives(format!("x = {}{inner}{}\n", open.repeat(n), close.repeat(n)));
        }
    };
    deep("(", "a", ")");
    deep("[", "a", "]");
    deep("-", "a", "");
    deep("not ", "a", "");
    deep("f(", "a", ")");
    deep("a + (", "b", ")");
    deep("{a: ", "b", "}");
    deep("lambda: ", "b", "");
    deep("[x for x in ", "b", "]");
    deep("[", "b", " for x in y]");
    deep("(", "b", " for x in y)");
    deep("a if b else ", "c", "");
    deep("a and (b or ", "c", ")");
    deep("a < (", "c", " < b) < d");
    deep("await ", "c", "");
    deep("f'{", "c", "}'");
}

#[test]
fn long_chains() {
    for n in [500, 50_000] {
        survives(format!("x = a{}\n", " + a".repeat(n)));
        survives(format!("x = a{}\n", ".b".repeat(n)));
        survives(format!("x = a{}\n", "(1)".repeat(n)));
        survives(format!("x = a{}\n", "[1]".repeat(n)));
        survives(format!("x = a{}\n", " and a".repeat(n)));
        survives(format!("x = a{}\n", " < a".repeat(n)));
        survives(format!("if a: pass\n{}", "elif b: pass\n".repeat(n)));
        survives(format!("x = [{}]\n", "a, ".repeat(n)));
        survives(format!("x = ({})\n", "1, ".repeat(n)));
        survives(format!("x = {{{}}}\n", "a: b, ".repeat(n)));
        survives(format!("f({})\n", "a, ".repeat(n)));
        survives(format!("{} b\n", "a = ".repeat(n)));
        survives(format!("x = f'{}'\n", "{a} b".repeat(n)));
        survives(format!("x = [a{}]\n", " for b in c".repeat(n)));
        survives(format!("with {}: pass\n", vec!["a"; n].join(", ")));
        survives(format!("match a:\n    case {}: pass\n", vec!["1"; n].join(" | ")));
        survives(format!("match a:\n    case [{}]: pass\n", vec!["_"; n].join(", ")));
        survives(format!("try: pass\n{}", "except a: pass\n".repeat(n)));
    }
    // The verifier looks at all temporaries at each instruction, and here there are many of both.
    for n in [500, 3_000] {
        survives(format!("{}x = 1\n", "@a\n".repeat(n)));
        survives(format!("{}def f(): pass\n", "@a\n".repeat(n)));
        survives(format!("{} = b\n", "a, ".repeat(n)));
    }
}

#[test]
fn deep_statements() {
    for kind in ["if a:", "def f():", "class A:", "for a in b:", "while a:", "with a:", "async def f():"] {
        for n in [15, 95, 400] {
            let mut source = String::new();
            for i in 0..n {
                source += &format!("{}{kind}\n", " ".repeat(i));
            }
            survives(source + &" ".repeat(n) + "pass\n");
        }
    }
    let mut source = String::new();
    for i in 0..20 {
        source += &format!("{}try:\n", " ".repeat(i));
    }
    source += &format!("{}return 1\n", " ".repeat(20));
    for i in (0..20).rev() {
        source += &format!("{}finally: x\n", " ".repeat(i));
    }
    survives(source);
}

#[test]
fn deep_patterns() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{1: ", "}"), ("A(", ")"), ("(1 | ", ")")] {
        for n in [50, 150, 1_000] {
            let (open, close) = (open.repeat(n), close.repeat(n));
            survives(format!("match a:\n    case {open}b{close}: pass\n"));
        }
    }
}

#[test]
fn functions_may_be_long() {
    let body = |n: usize| "        a = a + b * c\n".repeat(n);
    // Jumps over such a body do not fit in sixteen bits.
    let loops = format!(
        "def f(a, b, c, d):\n    for x in d:\n{0}    while a < b:\n{0}    if a < b:\n{0}    else:\n{0}",
        body(20_000)
    );
    assert!(survives(loops));
    let names: String = (0..70_000).map(|i| format!("    x{i} = 1\n")).collect();
    assert!(!survives(format!("def f():\n{names}")));
    assert!(!survives(names.replace("    ", "").replace(" = 1", ".a")));
}
