//! What the compiler says of wrong programs, compared with CPython's own words.
//!
//! `messages.txt` holds snippets, each headed by the message that CPython 3.13 gives, or `ok`.

use aio_compiler::{Mode, Options, compile};

#[test]
fn messages_are_those_of_cpython() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in include_str!("messages.txt").split("----\n") {
        let Some((expected, source)) = case.split_once('\n') else {
            continue;
        };
        let expected = expected.trim_start_matches("# ");
        let parsed = aio_syntax::parse_module(source);
        let result = compile(&parsed, "test", source, Mode::Exec, &Options::default());
        let message = match &result {
            Ok(_) => "ok",
            Err(diagnostics) => diagnostics.first().map_or("", |d| &d.message),
        };
        if message != expected {
            wrong.push(format!("{source}expected {expected}, got {message}"));
        }
        count += 1;
    }
    assert!(count > 170, "only {count} cases were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn all_errors_are_found_in_one_go() {
    let source = "return\n\ndef f(a, a):\n    break\n\nnonlocal q\n";
    let parsed = aio_syntax::parse_module(source);
    let result = compile(&parsed, "test", source, Mode::Module, &Options::default());
    let diagnostics = result.expect_err("there are four errors");
    let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "'return' outside function",
            "duplicate argument 'a' in function definition",
            "'break' outside loop",
            "nonlocal declaration not allowed at module level",
        ]
    );
}

#[test]
fn warnings_come_with_the_code() {
    let cases: &[(&str, &[&str])] = &[
        ("x is 1", &["\"is\" with 'int' literal. Did you mean \"==\"?"]),
        ("x is not 'a'", &["\"is not\" with 'str' literal. Did you mean \"!=\"?"]),
        ("x is ()", &["\"is\" with 'tuple' literal. Did you mean \"==\"?"]),
        ("x is None", &[]),
        ("if x is 2.5: pass", &["\"is\" with 'float' literal. Did you mean \"==\"?"]),
        ("assert (x, 'm')", &["assertion is always true, perhaps remove parentheses?"]),
        ("assert x, 'm'", &[]),
        ("1(x)", &["'int' object is not callable; perhaps you missed a comma?"]),
        ("(1, 2)(x)", &["'tuple' object is not callable; perhaps you missed a comma?"]),
        ("[1, 2]['a']", &["list indices must be integers or slices, not str; perhaps you missed a comma?"]),
        ("5[x]", &["'int' object is not subscriptable; perhaps you missed a comma?"]),
        ("try:\n    pass\nfinally:\n    x is 1\n", &["\"is\" with 'int' literal. Did you mean \"==\"?"]),
    ];
    for (source, expected) in cases {
        let parsed = aio_syntax::parse_module(source);
        let output = compile(&parsed, "test", source, Mode::Module, &Options::default());
        let output = output.unwrap_or_else(|e| panic!("{source}: {e:?}"));
        let messages: Vec<&str> = output.warnings.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(&messages, expected, "of {source}");
    }
}
