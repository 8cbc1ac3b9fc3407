//! Several mistakes in one text give exactly as many diagnostics, and warnings reject nothing.

use aio_source::Severity;
use aio_syntax::parse_module;

/// Line and message of every diagnostic.
fn findings(source: &str) -> Vec<String> {
    let parsed = parse_module(source);
    let line = |offset: u32| 1 + source[..offset as usize].matches('\n').count();
    parsed.diagnostics.iter().map(|found| format!("{}: {}", line(found.span.lo), found.message)).collect()
}

#[test]
fn five_mistakes_are_five_diagnostics() {
    let source = "\
import asyncio

def first(a, b:
    return a + b

def second(x):
    if x = 1:
        return x
    elif x > 2:
        return 'two
    else:
        return print x

for i in range(3)
    print(i)

value = 8
print('fine')
";
    let expected = [
        "3: '(' was never closed",
        "7: invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
        "10: unterminated string literal (detected at line 10)",
        "12: Missing parentheses in call to 'print'. Did you mean print(...)?",
        "14: expected ':'",
    ];
    assert_eq!(findings(source), expected);
}

#[test]
fn mistakes_in_headers_do_not_spread() {
    let source = "\
try:
    a b
except Error e:
    pass
else
    pass
finally:
x = 1
class C(
    pass
def f(a, a b):
    return
match x:
    case 1, 2 3:
        y
    case _
        z
@decorator
x = 2
with open(a) as b, open(c) d:
    pass
lambda x y: 1
";
    let expected = [
        "2: invalid syntax",
        "3: invalid syntax",
        "5: expected ':'",
        "8: expected an indented block after 'finally' statement on line 7",
        "9: '(' was never closed",
        "11: invalid syntax",
        "14: invalid syntax",
        "16: expected ':'",
        "19: invalid syntax",
        "20: invalid syntax",
        "22: invalid syntax",
    ];
    assert_eq!(findings(source), expected);
}

#[test]
fn actions_report_beside_the_parser() {
    let source = "f() = 1\nx y\ndef g(a=1, b): pass\ndel 1\ng(a=1, 2)\n";
    let expected = [
        "1: cannot assign to function call here. Maybe you meant '==' instead of '='?",
        "2: invalid syntax",
        "3: parameter without a default follows parameter with a default",
        "4: cannot delete literal",
        "5: positional argument follows keyword argument",
    ];
    assert_eq!(findings(source), expected);
}

#[test]
fn indentation_mistakes_come_one_by_one() {
    let source = "x = 1\n    y = 2\nif x:\nz = 1\nif x:\n        a\n    b\nc d\n";
    let expected = [
        "2: unexpected indent",
        "4: expected an indented block after 'if' statement on line 3",
        "7: unindent does not match any outer indentation level",
        "8: invalid syntax",
    ];
    assert_eq!(findings(source), expected);
}

#[test]
fn closing_brackets_are_repaired() {
    let source = "a = (1, [2)\nb = 3]\nc = f(1, 'x)\nd = {1: 2)\ne = f'{(a}'\ng h\n";
    let expected = [
        "1: closing parenthesis ')' does not match opening parenthesis '['",
        "2: unmatched ']'",
        "3: unterminated string literal (detected at line 3)",
        "4: closing parenthesis ')' does not match opening parenthesis '{'",
        "5: closing parenthesis '}' does not match opening parenthesis '('",
        "6: invalid syntax",
    ];
    assert_eq!(findings(source), expected);
}

#[test]
fn warnings_reject_nothing() {
    let parsed = parse_module("x = '\\d' if 1else '\\777'\n");
    let shown: Vec<_> =
        parsed.diagnostics.iter().map(|found| (found.severity, found.kind, found.message.as_str())).collect();
    let warning = |message| (Severity::Warning, "SyntaxWarning", message);
    let expected = [
        warning("invalid escape sequence '\\d'"),
        warning("invalid decimal literal"),
        warning("invalid octal escape sequence '\\777'"),
    ];
    assert_eq!(shown, expected);
    assert!(parsed.primary().is_none());
    assert_eq!(parsed.module.len(), 1);
}

#[test]
fn spans_stay_inside_the_text() {
    let pieces = ["é", "(", "f'{", "\n", " if x:", "\\", "'", "\"\"\"", "}", "\t", "0x", "€", ")", "="];
    // Every sequence of three pieces, as a text of its own and behind a block.
    for a in pieces {
        for b in pieces {
            for c in pieces {
                let source = format!("if y:\n  {a}{b}{c}");
                for found in parse_module(&source).diagnostics {
                    let span = found.span.lo as usize..found.span.hi as usize;
                    assert!(source.get(span).is_some(), "{source:?}: {found:?}");
                }
            }
        }
    }
}
