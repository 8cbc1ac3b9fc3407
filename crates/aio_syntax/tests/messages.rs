//! The words for syntax errors are those of CPython 3.13, which wrote the table.

use aio_syntax::parse_module;

/// Blocks of a source and the line `--> Class: message`, or `--> fine`.
const TABLE: &str = include_str!("messages.txt");

fn verdict(source: &str) -> String {
    let parsed = parse_module(source);
    match parsed.primary() {
        None => "fine".to_string(),
        Some(error) => format!("{}: {}", error.kind, error.message),
    }
}

#[test]
fn every_mistake_gets_the_words_of_the_table() {
    let mut source = String::new();
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in TABLE.lines() {
        if let Some(expected) = line.strip_prefix("--> ") {
            let source = std::mem::take(&mut source);
            let source = source.trim_start_matches('\n');
            let found = verdict(source);
            if found != expected {
                wrong.push(format!("{source}expected {expected}\nfound    {found}\n"));
            }
            cases += 1;
        } else {
            source.push_str(line);
            source.push('\n');
        }
    }
    assert!(cases > 400, "only {cases} cases were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn literals_have_errors_of_their_own() {
    let digits = "9".repeat(4301);
    let too_long = "SyntaxError: Exceeds the limit (4300 digits) for integer string conversion: \
                    value has 4301 digits; use sys.set_int_max_str_digits() to increase the limit - \
                    Consider hexadecimal for huge integer literals to avoid decimal conversion \
                    limits.";
    assert_eq!(verdict(&digits), too_long);
    assert_eq!(verdict("x = \\\n"), "SyntaxError: unexpected EOF while parsing");
    assert_eq!(verdict("x = \0"), "SyntaxError: source code string cannot contain null bytes");
    assert_eq!(verdict("x = 1 \\ \n"), "SyntaxError: unexpected character after line continuation character");
}
