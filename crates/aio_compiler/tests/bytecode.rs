//! Snapshots of the bytecode of small scripts.

use aio_compiler::{Mode, Options, compile};

macro_rules! bytecode {
    ($($name:ident: $source:literal;)*) => {$(
        #[test]
        fn $name() {
            let source = $source;
            let parsed = aio_syntax::parse_module(source);
            let output = compile(&parsed, "test", source, Mode::Module, &Options::default());
            let output = output.unwrap_or_else(|e| panic!("{e:?}"));
            assert_eq!(aio_bytecode::verify(&output.code), Ok(()));
            let text = format!("{source}\n----\n{}", aio_bytecode::disassemble(&output.code));
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(stringify!($name), text));
        }
    )*};
}

bytecode! {
    recursion: "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n";
    locals: "def f(a, b):\n    c = a + b\n    a, b = b, a\n    c += a * 2\n    del a\n    return a\n";
    maybe_unbound: "def f(a):\n    if a:\n        b = 1\n    return b, b\n";
    loops: "def f(xs):\n    total = 0\n    for i, x in enumerate(xs):\n        if 0 <= i < 10 and not x:\n            continue\n        while total:\n            if x is None:\n                break\n            total -= 1\n        else:\n            return x\n    return total\n";
    short_circuit: "def f(a, b, c):\n    x = a and b or c\n    y = a < b < c\n    z = a < g(b) < c\n    return x if not (y and z) else (w := z)\n";
    closures: "def counter(start):\n    n = start\n    def step(by):\n        nonlocal n\n        n += by\n        return n\n    return step\n";
    calls: "def f(g, a, b):\n    g(a, k=b)\n    a.m(b)\n    a.m(b, k=1)\n    g(*a, b, **b, k=1)\n";
    defaults: "def f(a, b=1, *c, d, e=x, **g) -> int: pass\nh = lambda a, b=x: a\n";
    class_body: "class A(B, metaclass=M):\n    \"\"\"Doc.\"\"\"\n    x: int = 1\n    def f(self):\n        self.y = super().f()\n        return __class__\n";
    comprehensions: "def f(xs):\n    a = [x * 2 for x in xs if x]\n    b = {x: y for x, y in xs}\n    c = {(lambda: x) for x in xs for y in x}\n    return list(x for x in xs)\n";
    handlers: "def f(a):\n    try:\n        return a()\n    except (E, F) as e:\n        raise G from e\n    except H:\n        raise\n    else:\n        a = 1\n    finally:\n        done()\n";
    finally_in_a_loop: "def f(xs):\n    for x in xs:\n        try:\n            if x:\n                break\n            continue\n        finally:\n            done(x)\n";
    exception_groups: "def f(a):\n    try:\n        a()\n    except* E as e:\n        print(e)\n    except* F:\n        pass\n";
    managers: "def f(a):\n    with a as b, open(b):\n        return b\n";
    coroutines: "async def f(x):\n    async with x as y:\n        async for z in y.items():\n            await g(z, k=1)\n    await x\n    return [await w async for w in x]\n";
    generators: "def f(xs):\n    a = yield\n    b = yield from xs\n    yield a, b\n";
    patterns: "def f(x):\n    match x:\n        case [1, a, *_] | {\"k\": a}:\n            return a\n        case P(a, b=None) if a:\n            return 2\n        case (b, *c):\n            return c\n        case {\"x\": 1, **rest}:\n            return rest\n        case -1.5 | \"s\" | None:\n            pass\n        case _:\n            return x\n";
    targets: "def f(x):\n    a = b = x\n    a.b, x[1], (c, *d) = x\n    x[1:2] = a.b = c\n    a.n += 1\n    x[c] *= 2\n    del a.n, x[c]\n";
    fstrings: "def f(x):\n    return f\"a{x}{x!r:>{x.w}}b{x=}\"\n";
    displays: "def f(x):\n    return [1, 2, 3], [x, *x], {x, 1}, {1, 2, 3}, {1: x, **x}, (x, *x), ()\n";
    constants: "def f(x):\n    if x in {1, 2} and x not in [3, 4]:\n        return -1, (1, 2.0, \"s\" \"t\"), 2 ** 10, 7 // -2\n    while False:\n        x()\n    if __debug__:\n        return 10 ** 30\n";
    imports: "import a.b.c\nimport a.b.c as d\nfrom . import e\nfrom ..f.g import h as i, j\nfrom k import *\n";
    type_parameters: "class A[T: int, *Ts, **P](B): pass\ndef f[T = str](x: T = 1) -> T: pass\ntype L[T] = list[T]\n";
    class_scopes: "def outer(x):\n    class A:\n        x = x\n        y = [x for _ in x]\n        __z = y\n        def f(self, __a):\n            return self.__z\n    return A\n";
    module_names: "\"\"\"Doc.\"\"\"\nx: int = 1\na, b = f()\nfor a in b: pass\nassert a, \"m\"\nawait b\n";
    subscripts: "def f(x, i):\n    return x[0], x[-1], x[i], x[1:i], x[::2], x[1, i], x[*i]\n";
}
