//! Text that nests without end gets a result or a diagnostic, on a small stack.

use aio_syntax::{completeness, parse_expression, parse_module};

/// The error's class and message, or nothing.
fn on_small_stack(name: &'static str, source: String) -> String {
    let run = move || {
        let parsed = parse_module(&source);
        let message = parsed.primary().map(|error| format!("{}: {}", error.kind, error.message));
        drop(parsed);
        drop(parse_expression(&source));
        completeness(&source);
        message.unwrap_or_default()
    };
    let thread = std::thread::Builder::new().name(name.to_string()).stack_size(2 << 20).spawn(run).expect("a thread");
    thread.join().expect("no panic")
}

const TOO_DEEP: &str = "RecursionError: maximum recursion depth exceeded during compilation";

#[test]
fn long_chains_are_too_deep() {
    let cases = [
        ("minus", "-".repeat(20_000) + "1"),
        ("not", "not ".repeat(20_000) + "1"),
        ("sum", "1".to_string() + &"+1".repeat(50_000)),
        ("power", "1".to_string() + &"**1".repeat(50_000)),
        ("attributes", "a".to_string() + &".b".repeat(200_000)),
        ("calls", "a".to_string() + &"()".repeat(50_000)),
        ("subscripts", "a".to_string() + &"[0]".repeat(50_000)),
        ("conditionals", "1 if 1 else ".repeat(20_000) + "1"),
        ("lambdas", "lambda: ".repeat(20_000) + "1"),
        ("awaits", "x = ".to_string() + &"-await x ** ".repeat(5_000) + "y"),
        ("target", "a".to_string() + &".b".repeat(5_000) + " = 1"),
    ];
    for (name, source) in cases {
        assert_eq!(on_small_stack(name, source), TOO_DEEP, "{name}");
    }
}

#[test]
fn deep_enough_trees_are_fine() {
    let cases = [
        ("minus", "-".repeat(990) + "1"),
        ("sum", "1".to_string() + &"+1".repeat(990)),
        ("attributes", "a".to_string() + &".b".repeat(990)),
        ("and", "a".to_string() + &" and a".repeat(10_000)),
        ("comparison", "a".to_string() + &" < a".repeat(10_000)),
        ("tuple", "a, ".repeat(10_000)),
        ("elif", "if a: b\n".to_string() + &"elif a: b\n".repeat(100_000)),
        ("strings", "'a' ".repeat(10_000)),
        ("targets", "a = ".repeat(10_000) + "1"),
        ("pattern", format!("match a:\n case {}b: c\n", "a | ".repeat(10_000))),
        ("statements", "a; ".repeat(10_000)),
        ("brackets", "(".repeat(200) + &")".repeat(200)),
    ];
    for (name, source) in cases {
        assert_eq!(on_small_stack(name, source), "", "{name}");
    }
}

#[test]
fn the_limits_of_the_lexer_are_those_of_cpython() {
    let indents = |n: usize| -> String {
        let header = |i: usize| " ".repeat(i) + "if 1:\n";
        (0..n).map(header).collect::<String>() + &" ".repeat(n) + "pass\n"
    };
    let nested = |open: &str, close: &str, n: usize| open.repeat(n) + "1" + &close.repeat(n);
    let brackets = "SyntaxError: too many nested parentheses";
    let levels = "IndentationError: too many levels of indentation";
    let cases = [
        ("200 brackets", nested("(", ")", 200), ""),
        ("201 brackets", nested("(", ")", 201), brackets),
        ("201 lists", nested("[", "]", 201), brackets),
        ("201 dicts", nested("{0: ", "}", 201), brackets),
        ("100000 brackets", nested("(", ")", 100_000), brackets),
        ("100000 opened", "(".repeat(100_000), brackets),
        ("100000 closed", ")".repeat(100_000), "SyntaxError: unmatched ')'"),
        ("99 indents", indents(99), ""),
        ("100 indents", indents(100), levels),
        ("2000 indents", indents(2_000), levels),
        ("fields", "f'{".repeat(5_000), "SyntaxError: too many nested f-strings"),
        ("specs", "f'{a:".to_string() + &"{a:".repeat(5_000), "SyntaxError: f-string: expressions nested too deeply"),
    ];
    for (name, source, message) in cases {
        assert_eq!(on_small_stack(name, source), message, "{name}");
    }
}
