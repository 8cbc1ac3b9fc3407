//! The grammar of the programs: every statement stands alone and prints what it computed or what it raised.

use std::fmt::Write;

/// A small generator of numbers (splitmix64): the same seed gives the same program everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const INTS: &[&str] = &[
    "0", "1", "-1", "2", "3", "7", "-5", "10", "255", "2**31", "2**63", "-2**64", "10**20", "True", "False", "0x1F",
    "1_000",
];
const FLOATS: &[&str] = &[
    "0.0",
    "-0.0",
    "1.5",
    "-2.25",
    "0.1",
    "1e16",
    "1e-7",
    "1e300",
    "float('inf')",
    "float('nan')",
    "3.0",
    "123456789.125",
];
const STRS: &[&str] = &[
    "''",
    "'a'",
    "'abc'",
    "'Hello World'",
    "'ß'",
    "'ǅ'",
    "'a b  c'",
    "'12'",
    "'-3.5'",
    "'x=1'",
    "'日本'",
    "'\\n\\t'",
    "'%s and %d'",
    "'{} {x!r:>5}'",
    "\"it's\"",
    "'0x1f'",
    "'αβγ'",
    "'A-b_C'",
];
const OTHERS: &[&str] = &[
    "None",
    "...",
    "int",
    "str",
    "len",
    "NotImplemented",
    "b'ab'",
    "b''",
    "bytearray(b'xyz')",
    "1j",
    "(2-3j)",
    "range(5)",
    "range(3, -4, -2)",
    "slice(1, 5, 2)",
    "frozenset({1, 2})",
    "P(1, 2)",
    "Q()",
    "gen(3)",
    "memoryview(b'abc')",
];
const BINARY: &[&str] = &[
    "+", "-", "*", "/", "//", "%", "&", "|", "^", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "and", "or",
    "@",
];
const STR_METHODS: &[&str] = &[
    "upper()",
    "lower()",
    "title()",
    "swapcase()",
    "casefold()",
    "strip()",
    "split()",
    "split('b')",
    "rsplit(None, 1)",
    "splitlines()",
    "encode()",
    "isdigit()",
    "isalpha()",
    "isidentifier()",
    "find('b')",
    "rfind('')",
    "count('')",
    "replace('a', 'xy')",
    "center(9, '*')",
    "zfill(6)",
    "partition('b')",
    "startswith(('a', 'H'))",
    "expandtabs(4)",
    "join(['p', 'q'])",
    "format(1, x=2)",
    "index('c')",
    "ljust(5)",
    "removeprefix('a')",
    "translate({97: 'zz'})",
    "isspace()",
    "isupper()",
    "capitalize()",
    "endswith('d')",
    "rindex('o')",
    "maketrans('ab', 'cd')",
];
const LIST_METHODS: &[&str] = &[
    "sort()",
    "reverse()",
    "pop()",
    "pop(0)",
    "append(9)",
    "insert(1, 'i')",
    "extend('xy')",
    "index(2)",
    "count(1)",
    "copy()",
    "clear()",
    "remove(1)",
    "sort(key=str)",
    "sort(reverse=True)",
    "pop(7)",
    "index('q', 1)",
    "__len__()",
    "__contains__(3)",
];
const DICT_METHODS: &[&str] = &[
    "keys()",
    "values()",
    "items()",
    "get('a')",
    "get('zz', 5)",
    "pop('a')",
    "pop('zz', None)",
    "setdefault('n', [])",
    "update(a=5)",
    "copy()",
    "popitem()",
    "clear()",
    "pop('missing')",
    "fromkeys('ab', 1)",
    "__contains__('a')",
];
const SET_METHODS: &[&str] = &[
    "add(5)",
    "discard(1)",
    "remove(99)",
    "union([7])",
    "intersection({1, 2})",
    "difference([1])",
    "symmetric_difference({1, 9})",
    "issubset({1, 2, 3})",
    "isdisjoint([8])",
    "copy()",
    "pop()",
    "update([4])",
];
const INT_METHODS: &[&str] = &[
    "bit_length()",
    "bit_count()",
    "to_bytes(9, 'big', signed=True)",
    "as_integer_ratio()",
    "conjugate()",
    "is_integer()",
];
const FLOAT_METHODS: &[&str] = &["is_integer()", "hex()", "as_integer_ratio()", "conjugate()"];
const CALLS: &[&str] = &[
    "abs",
    "bool",
    "repr",
    "str",
    "int",
    "float",
    "len",
    "list",
    "tuple",
    "sorted",
    "sum",
    "min",
    "max",
    "hash",
    "type",
    "callable",
    "iter",
    "next",
    "reversed",
    "enumerate",
    "zip",
    "any",
    "all",
    "ord",
    "chr",
    "bin",
    "hex",
    "oct",
    "round",
    "ascii",
    "bytes",
    "complex",
    "set",
    "dict",
    "divmod",
    "pow",
    "isinstance",
    "range",
    "map",
    "filter",
    "format",
    "slice",
    "id",
    "frozenset",
    "bytearray",
    "getattr",
    "hasattr",
    "issubclass",
];
const SPECS: &[&str] = &[
    "", "5", ">8", "<8", "^9", "08", "+", "x", "#x", "b", "o", "e", ".2f", ".3", "g", "%", ",", "_", "s", "c", "*^10",
    "+.1e", "10.4f", "d", "n", "r", "#o", "=+6",
];

/// What the statements use.
const PRELUDE: &str = r#"class P:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __repr__(self):
        return f"P({self.x!r}, {self.y!r})"
    def __eq__(self, other):
        return isinstance(other, P) and (self.x, self.y) == (other.x, other.y)
    def __hash__(self):
        return hash((self.x, self.y))
    def __add__(self, other):
        if isinstance(other, P):
            return P(self.x + other.x, self.y + other.y)
        return NotImplemented
    def __lt__(self, other):
        return self.x < other.x
    def __len__(self):
        return 2
    def __getitem__(self, i):
        return (self.x, self.y)[i]
    __match_args__ = ("x", "y")
class Q(P):
    def __init__(self):
        super().__init__(3, [4])
    def __call__(self, *args, **kwargs):
        return args, kwargs
    def __radd__(self, other):
        return ("radd", other)
    def __contains__(self, item):
        return item == self.x
    def __bool__(self):
        return False
class Manager:
    def __init__(self, swallow):
        self.swallow = swallow
    def __enter__(self):
        print("enter")
        return self
    def __exit__(self, kind, value, trace):
        print("exit", kind and kind.__name__)
        return self.swallow
def gen(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                yield ("got", got)
    finally:
        print("closed")
def params(a, b=2, /, c=3, *args, d=4, **kwargs):
    return a, b, c, args, d, kwargs
def strict(a, b, *, c):
    return a + b + c
def show(*values):
    import re
    print(*[re.sub(r" at 0x[0-9a-f]+", " at", repr(v)) for v in values])
def fail(e):
    import re
    print(type(e).__name__, re.sub(r" at 0x[0-9a-f]+", " at", str(e)))
"#;

struct Maker {
    dice: Dice,
    text: String,
    /// How many variables `v0`, `v1`, ... have been assigned.
    variables: usize,
}

/// The program of a seed.
pub fn program(seed: u64) -> String {
    let mut maker =
        Maker { dice: Dice(seed.wrapping_mul(0x5851_F42D_4C95_7F2D)), text: PRELUDE.to_owned(), variables: 0 };
    for _ in 0..12 + maker.dice.roll(14) {
        maker.statement(0);
    }
    if maker.dice.roll(4) == 0 {
        let e = maker.expr(0);
        let _ = writeln!(maker.text, "show({e})");
    }
    maker.text
}

impl Maker {
    fn line(&mut self, depth: usize, text: &str) {
        for _ in 0..depth {
            self.text.push_str("    ");
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn variable(&mut self) -> String {
        if self.variables == 0 {
            return self.literal(1);
        }
        format!("v{}", self.dice.roll(self.variables))
    }

    fn literal(&mut self, depth: usize) -> String {
        match self.dice.roll(if depth > 2 { 5 } else { 9 }) {
            0 => self.dice.pick(INTS).to_owned(),
            1 => self.dice.pick(FLOATS).to_owned(),
            2 | 3 => self.dice.pick(STRS).to_owned(),
            4 => self.dice.pick(OTHERS).to_owned(),
            5 => format!("[{}]", self.items(depth)),
            6 => match self.items(depth) {
                items if items.is_empty() => "()".to_owned(),
                items => format!("({items},)"),
            },
            7 => {
                let (a, b) = (self.expr(depth + 2), self.expr(depth + 2));
                format!("{{'a': {a}, {}: {b}}}", self.dice.pick(INTS))
            }
            _ => format!("{{{}, {}}}", self.dice.pick(INTS), self.dice.pick(INTS)),
        }
    }

    fn items(&mut self, depth: usize) -> String {
        let n = self.dice.roll(4);
        (0..n).map(|_| self.expr(depth + 1)).collect::<Vec<_>>().join(", ")
    }

    fn expr(&mut self, depth: usize) -> String {
        if depth > 3 {
            return if self.dice.roll(2) == 0 { self.variable() } else { self.literal(depth) };
        }
        let d = depth + 1;
        match self.dice.roll(22) {
            0..=3 => self.literal(depth),
            4..=6 => self.variable(),
            7..=9 => format!("({} {} {})", self.expr(d), self.dice.pick(BINARY), self.expr(d)),
            10 => format!("({} if {} else {})", self.expr(d), self.expr(d), self.expr(d)),
            11 => format!("{}({})", self.dice.pick(CALLS), self.items(d)),
            12 => {
                let methods = [STR_METHODS, LIST_METHODS, DICT_METHODS, SET_METHODS, INT_METHODS, FLOAT_METHODS];
                let which = self.dice.roll(methods.len());
                format!("{}.{}", self.variable_or_atom(), self.dice.pick(methods[which]))
            }
            13 => format!("{}[{}]", self.variable_or_atom(), self.index()),
            14 => format!("f\"{{{}:{}}}|{{{}!r}}\"", self.plain(), self.dice.pick(SPECS), self.plain()),
            15 => {
                let (item, source) = (self.dice.pick(&["x", "(x, x)", "str(x)", "x * 2", "[x]"]), self.expr(d));
                let condition = self.dice.pick(&["", " if x", " if x is not None", " if x != 2"]);
                match self.dice.roll(4) {
                    0 => format!("{{{item} for x in {source}{condition}}}"),
                    1 => format!("{{x: {item} for x in {source}{condition}}}"),
                    2 => format!("list({item} for x in {source}{condition})"),
                    _ => format!("[{item} for x in {source}{condition}]"),
                }
            }
            16 => format!("({}{})", self.dice.pick(&["-", "+", "~", "not "]), self.expr(d)),
            17 => format!(
                "params({}{})",
                self.items(d),
                self.dice.pick(&["", ", d=1", ", *'xy'", ", **{'z': 1}", ", c=7", ", a=1"])
            ),
            18 => format!(
                "(lambda x, *y, k=1: {})({})",
                self.dice.pick(&["x", "(x, y)", "[k, *y]", "x + k"]),
                self.items(d)
            ),
            19 => format!(
                "({} % {})",
                self.dice.pick(&["'%s'", "'%5d|%-5s'", "'%.2f'", "'%x'", "'%r %%'", "'%(a)s'"]),
                self.expr(d)
            ),
            20 => format!("({} < {} <= {})", self.expr(d), self.expr(d), self.expr(d)),
            _ => format!("strict({}{})", self.items(d), self.dice.pick(&["", ", c=1", ", c='s'", ", e=1"])),
        }
    }

    fn variable_or_atom(&mut self) -> String {
        if self.dice.roll(3) > 0 { self.variable() } else { format!("({})", self.literal(2)) }
    }

    /// An expression that may stand in an f-string: without quotes and braces.
    fn plain(&mut self) -> String {
        let e = self.variable();
        if e.contains(['"', '\'', '{', '\\', '!', ':', '=']) { "(7)".to_owned() } else { e }
    }

    fn index(&mut self) -> String {
        match self.dice.roll(6) {
            0 => format!("{}:", self.dice.pick(INTS)),
            1 => format!("{}:{}", self.dice.pick(INTS), self.dice.pick(INTS)),
            2 => format!("::{}", self.dice.pick(&["-1", "2", "-3", "0", "10**20"])),
            3 => "'a'".to_owned(),
            _ => self.dice.pick(INTS).to_owned(),
        }
    }

    fn block(&mut self, depth: usize) {
        for _ in 0..1 + self.dice.roll(2) {
            self.statement(depth);
        }
    }

    fn guarded(&mut self, depth: usize, text: &str) {
        self.line(depth, "try:");
        self.line(depth + 1, text);
        self.line(depth, "except Exception as e:");
        self.line(depth + 1, "fail(e)");
    }

    fn statement(&mut self, depth: usize) {
        let kinds = if depth > 2 { 8 } else { 20 };
        match self.dice.roll(kinds) {
            0..=2 => {
                let name = format!("v{}", self.variables);
                let value = if self.dice.roll(2) == 0 { self.literal(0) } else { self.expr(0) };
                self.line(depth, &format!("{name} = None"));
                self.guarded(depth, &format!("{name} = {value}"));
                if depth == 0 {
                    self.variables += 1;
                }
            }
            3..=6 => {
                let e = self.expr(0);
                self.guarded(depth, &format!("show({e})"));
            }
            7 => {
                let (v, op, e) = (
                    self.variable(),
                    self.dice.pick(&["+=", "-=", "*=", "//=", "|=", "&=", "%=", "<<="]),
                    self.expr(2),
                );
                let small = if op == "<<=" { "3".to_owned() } else { e };
                if v.starts_with('v') {
                    self.guarded(depth, &format!("{v} {op} {small}; show({v})"));
                }
            }
            8 => {
                let e = self.expr(1);
                self.guarded(depth, &format!("for i, x in enumerate({e}): show(i, x)"));
            }
            9 => {
                let e = self.expr(1);
                self.line(
                    depth,
                    &format!(
                        "try:\n{0}    flag = bool({e})\n{0}except Exception as e:\n{0}    flag = False; fail(e)",
                        "    ".repeat(depth)
                    ),
                );
                self.line(depth, "if flag:");
                self.block(depth + 1);
                self.line(depth, "else:");
                self.block(depth + 1);
            }
            10 => {
                let targets = self.dice.pick(&["a, b", "a, *b", "(a, b), c", "*a, b, c", "[a]", "a, (b, *c)"]);
                let e = self.expr(0);
                let names: Vec<&str> = ["a", "b", "c"].into_iter().filter(|n| targets.contains(*n)).collect();
                self.guarded(depth, &format!("{targets} = {e}; show({})", names.join(", ")));
            }
            11 => {
                let e = self.expr(0);
                self.line(depth, "try:");
                self.line(depth + 1, &format!("match {e}:"));
                for case in [
                    "[x, y]",
                    "[x, *rest]",
                    "{'a': x, **rest}",
                    "P(x, y)",
                    "str(x)",
                    "int() | float() as x",
                    "None",
                    "(1 | 2) as x",
                ] {
                    if self.dice.roll(2) == 0 {
                        let guard = self.dice.pick(&["", "", " if x", " if 1"]);
                        let guard = if case == "None" { "" } else { guard };
                        self.line(depth + 2, &format!("case {case}{guard}: show({case:?})"));
                    }
                }
                self.line(depth + 2, "case other: show('other', other)");
                self.line(depth, "except Exception as e:");
                self.line(depth + 1, "fail(e)");
            }
            12 => {
                let swallow = self.dice.pick(&["True", "False", "0", "1"]);
                self.line(depth, "try:");
                self.line(depth + 1, &format!("with Manager({swallow}) as m:"));
                let e = self.expr(0);
                self.line(depth + 2, &format!("show({e})"));
                self.line(depth, "except Exception as e:");
                self.line(depth + 1, "fail(e)");
            }
            13 => {
                let (kind, e) = (
                    self.dice.pick(&[
                        "ValueError",
                        "KeyError",
                        "(TypeError, IndexError)",
                        "ArithmeticError",
                        "LookupError",
                    ]),
                    self.expr(0),
                );
                self.line(depth, "try:");
                self.line(depth + 1, "try:");
                self.line(depth + 2, &format!("show({e})"));
                self.line(depth + 1, &format!("except {kind} as e:"));
                self.line(depth + 2, "raise RuntimeError('again') from e");
                self.line(depth + 1, "else: print('else')");
                self.line(depth + 1, "finally: print('finally')");
                self.line(depth, "except Exception as e:");
                self.line(depth + 1, "fail(e); show(e.__cause__, e.__context__, e.__suppress_context__)");
            }
            14 => {
                let (n, steps) = (
                    self.dice.roll(4),
                    self.dice.pick(&[
                        "next(g)",
                        "g.send(None)",
                        "g.send(5)",
                        "g.throw(ValueError('t'))",
                        "g.close()",
                        "list(g)",
                    ]),
                );
                let more =
                    self.dice.pick(&["next(g)", "g.send('s')", "g.throw(KeyError)", "g.close()", "next(g, 'end')"]);
                self.line(depth, &format!("g = gen({n})"));
                self.guarded(depth, &format!("show(next(g)); show({steps}); show({more})"));
                self.line(depth, "g = None");
            }
            15 => {
                let (v, i, e) = (self.variable(), self.index(), self.expr(1));
                if v.starts_with('v') {
                    let what = self.dice.pick(&["set", "del"]);
                    let text = if what == "set" {
                        format!("{v}[{i}] = {e}; show({v})")
                    } else {
                        format!("del {v}[{i}]; show({v})")
                    };
                    self.guarded(depth, &text);
                }
            }
            16 => {
                let (a, b) = (self.expr(1), self.expr(1));
                let name = self.dice.pick(&["first", "second"]);
                self.line(depth, &format!("def {name}(x, n=0):"));
                self.line(depth + 1, "def inner():");
                self.line(depth + 2, "nonlocal n");
                self.line(depth + 2, "n += 1");
                self.line(depth + 2, "return x, n");
                self.line(depth + 1, &format!("inner(); return inner(), {a}"));
                self.guarded(depth, &format!("show({name}({b}))"));
            }
            17 => {
                let (a, b) = (self.expr(1), self.expr(1));
                self.line(depth, "import asyncio");
                self.line(depth, "async def work(n, value):");
                self.line(depth + 1, "for _ in range(n):");
                self.line(depth + 2, "print('step', n); await asyncio.sleep(0)");
                self.line(depth + 1, "return value");
                self.line(depth, "async def main():");
                let flag = self.dice.pick(&["", ", return_exceptions=True"]);
                self.line(
                    depth + 1,
                    &format!("return await asyncio.gather(work(2, {a}), work(1, 'b'), work(3, {b}){flag})"),
                );
                self.guarded(depth, "show(asyncio.run(main()))");
            }
            18 => {
                let (n, e) = (self.dice.roll(5), self.expr(1));
                self.line(depth, &format!("k = {n}"));
                self.line(depth, "while k:");
                self.line(depth + 1, "k -= 1");
                let step = self.dice.pick(&["if k == 2: continue", "if k == 1: break", "pass"]);
                self.line(depth + 1, step);
                self.guarded(depth + 1, &format!("show(k, {e})"));
                self.line(depth, "else: print('done')");
            }
            _ => {
                let base = self.dice.pick(&["int", "str", "list", "dict", "tuple", "float", "Exception", "P", "set"]);
                let body = self.dice.pick(&[
                    "def __repr__(self): return 'D!' + super().__repr__()",
                    "tag = 5",
                    "__slots__ = ()",
                    "def __eq__(self, other): return True",
                    "def __len__(self): return 42",
                    "@property\n        def size(self): return 3",
                    "@classmethod\n        def make(cls, *a): return cls(*a)",
                ]);
                let body = body.replace("\n        ", &format!("\n{}", "    ".repeat(depth + 1)));
                let args = self.items(2);
                self.line(depth, &format!("class D({base}):"));
                self.line(depth + 1, &body);
                self.guarded(
                    depth,
                    &format!("d = D({args}); show(d, type(d).__mro__[1:], d == 1, getattr(d, 'size', None))"),
                );
                self.guarded(depth, "show(len(d), d + d, hash(d) is None)");
            }
        }
    }
}
