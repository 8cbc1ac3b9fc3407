//! When a prompt runs what was typed, waits for another line, or complains.

use aio_syntax::Completeness::{self, Complete, Incomplete, Invalid};
use aio_syntax::completeness;

#[test]
fn the_prompt_knows_when_to_wait() {
    let cases: &[(&str, Completeness)] = &[
        ("", Complete),
        ("x = 1", Complete),
        ("x = 1; y = 2", Complete),
        ("# comment", Complete),
        ("if x:", Incomplete),
        ("if x:\n", Invalid),
        ("if x:\n    y", Incomplete),
        ("if x:\n    y\n", Complete),
        ("if x:\n    y\n    ", Complete),
        ("if x:\n    y\nelse:", Incomplete),
        ("if x:\n    y\nelse:\n    z\n", Complete),
        ("if x: y", Incomplete),
        ("if x: y\n", Complete),
        ("for x in y: z", Incomplete),
        ("def f():\n    return 1", Incomplete),
        ("def f():\n    return 1\n", Complete),
        ("class C: pass", Incomplete),
        ("@decorator", Incomplete),
        ("@decorator\ndef f():", Incomplete),
        ("try:\n    x", Incomplete),
        ("try:\n    x\nexcept E:", Incomplete),
        ("try:\n    x\nexcept E:\n    y\n", Complete),
        ("match x:", Incomplete),
        ("match x:\n    case 1:", Incomplete),
        ("match x:\n    case 1:\n        y\n", Complete),
        ("f(", Incomplete),
        ("f(a,", Incomplete),
        ("f(a,\n  b)", Complete),
        ("[1,\n\n", Incomplete),
        ("x = {", Incomplete),
        ("'''abc", Incomplete),
        ("'''abc\ndef'''", Complete),
        ("f'''{a", Incomplete),
        ("f'''{a}\n", Incomplete),
        ("x = 1 + \\", Incomplete),
        ("x = 1 + \\\n", Incomplete),
        ("x = 1 + \\\n2", Complete),
        ("async def f():", Incomplete),
        ("await f()", Complete),
        ("with a as b:", Incomplete),
        ("while True:", Incomplete),
        ("x y", Invalid),
        ("x =", Invalid),
        ("1 +", Invalid),
        ("'abc", Invalid),
        (")", Invalid),
        ("f(]", Invalid),
        ("f(a b", Invalid),
        ("if x", Invalid),
        ("else:", Invalid),
        ("f() = 1", Invalid),
        ("if x:\n    y z", Invalid),
        ("x = 08", Invalid),
        ("import", Invalid),
        ("f'{a", Invalid),
    ];
    for (source, expected) in cases {
        assert_eq!(completeness(source), *expected, "{source:?}");
    }
}
