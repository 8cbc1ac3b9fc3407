//! Limits in native code: one call that works through much is stopped as a loop would be, and what it takes is counted.

use aiolang::{Engine, Error, ErrorKind, Isolate, Limit, Limits};

/// An isolate with these limits and no other of time: machines that test are slow.
fn isolate(limits: Limits) -> Isolate {
    let limits = Limits { time: None, ..limits };
    Engine::builder().limits(limits).stdout(std::io::sink).stderr(std::io::sink).build().expect("limits hold").isolate()
}

fn stopped(isolate: &Isolate, program: &str) -> Option<Limit> {
    match isolate.run(program).err().map(|e| e.kind()) {
        Some(ErrorKind::Limit(limit)) => Some(limit),
        _ => None,
    }
}

#[test]
fn natives_pay_for_their_loops() {
    let programs = [
        "sum(range(10 ** 12))",
        "max(range(10 ** 12))",
        "any(0 for _ in range(10 ** 12))",
        "import itertools\nall(itertools.repeat(1))",
        "import itertools\nnext(filter(None, itertools.repeat(0)))",
        "import itertools\nfor _ in itertools.product(range(10 ** 3), repeat=10): pass",
        "import collections\ncollections.deque(range(10 ** 12), maxlen=1)",
        "import functools, itertools, operator\nfunctools.reduce(operator.or_, itertools.repeat(1))",
        "x = list(range(10 ** 4))\nwhile True: x.sort(key=lambda n: -n)",
        "import heapq\nheapq.nsmallest(3, range(10 ** 12))",
        "class A:\n    def __eq__(self, o): return False\n    def __hash__(self): return 1\nx = {A() for i in range(10 ** 4)}",
        "import re\nre.match(r'(.*)(.*)(.*)(.*)(.*)\\5z', 'a' * 3000)",
    ];
    for program in programs {
        let isolate = isolate(Limits { fuel: Some(20_000), ..Limits::default() });
        assert_eq!(stopped(&isolate, program), Some(Limit::Fuel), "{program}");
        assert_eq!(isolate.fuel(), Some(0), "{program}");
    }
}

#[test]
fn work_in_bulk_is_paid_by_its_size() {
    let text = "x = 'ab' * 10 ** 4\ny = list(range(10 ** 4))\nz = bytes(10 ** 4)\n";
    let steps = [
        "x.replace('a', 'b')",
        "x.upper()",
        "x.find('c')",
        "x.count('ba')",
        "x.isalpha()",
        "x + 'c'",
        "x.split('a')",
        "x[::2]",
        "x.encode('utf-16')",
        "f'{x}!'",
        "y.reverse()",
        "y[1:]",
        "y.insert(0, 1)",
        "y == y[:]",
        "tuple(y)",
        "set(y)",
        "repr(y)",
        "z.hex()",
        "z.find(b'1')",
        "bytearray(10 ** 4)",
        "[0] * 10 ** 4",
        "dict.fromkeys(y)",
    ];
    for step in steps {
        let isolate = isolate(Limits { fuel: Some(1_000_000), ..Limits::default() });
        assert_eq!(isolate.run(text), Ok(()));
        let before = isolate.fuel();
        let program = format!("for _ in range(10): {step}");
        assert_eq!(isolate.run(&program), Ok(()), "{step}");
        let spent = before.zip(isolate.fuel()).map_or(0, |(a, b)| a - b);
        // A loop of ten steps alone would be ten.
        assert!(spent > 200, "{step}: {spent}");
        isolate.set_fuel(Some(20_000));
        assert_eq!(stopped(&isolate, &format!("while True: {step}")), Some(Limit::Fuel), "{step}");
    }
}

#[test]
fn arithmetic_on_large_numbers_is_refused_before_it_begins() {
    let programs = [
        "x = 3\nfor _ in range(40): x = x * x",
        "pow(3, 10 ** 8)",
        "pow(3, 10 ** 7, 10 ** 10_000 + 1)",
        "import math\nmath.factorial(10 ** 5)",
        "import math\nmath.comb(10 ** 5, 5 * 10 ** 4)",
        "import math\nmath.isqrt(1 << 10 ** 7)",
        "import math\nmath.gcd((1 << 10 ** 6) + 1, (1 << 10 ** 6) - 1)",
        "import sys\nsys.set_int_max_str_digits(0)\nstr(1 << 10 ** 7)",
        "import sys\nsys.set_int_max_str_digits(0)\nf'{1 << 10 ** 7:,}'",
        "import sys\nsys.set_int_max_str_digits(0)\n'%d' % (1 << 10 ** 7)",
        "import sys\nsys.set_int_max_str_digits(0)\nint('9' * 10 ** 6)",
        "x = (1 << 10 ** 6) + 1\nwhile True: x // ((1 << 500_000) + 1)",
        "x = 1 << 10 ** 6\nwhile True: x + 1",
    ];
    for program in programs {
        let isolate = isolate(Limits { fuel: Some(20_000), ..Limits::default() });
        assert_eq!(stopped(&isolate, program), Some(Limit::Fuel), "{program}");
    }
}

#[test]
fn what_natives_keep_is_counted() {
    let limit = 3 << 20;
    let programs = [
        "import collections\nkept = collections.deque()\nwhile True: kept.append(1)",
        "import collections\nkept = collections.deque()\nwhile True: kept.appendleft(1)",
        "import itertools\na, b = itertools.tee(itertools.count())\nfor _ in b: pass",
        "import itertools\nkept = itertools.cycle(itertools.count())\nfor _ in kept: pass",
        "import functools\n@functools.lru_cache(10 ** 9)\ndef f(n): return n\ni = 0\nwhile True:\n    i += 1; f(i)",
        "import array\nkept = array.array('d')\nwhile True: kept.append(1)",
        "import io\nkept = io.BytesIO()\nwhile True: kept.write(b'x' * 1000)",
        "import io\nkept = io.StringIO()\nwhile True: kept.write('x' * 1000)",
        "import queue\nkept = queue.Queue()\nwhile True: kept.put(None)",
        "import asyncio\nasync def main():\n    loop = asyncio.get_running_loop()\n    while True: loop.call_soon(print)\nawait main()",
        "import asyncio\nasync def main():\n    loop = asyncio.get_running_loop()\n    while True: loop.call_later(100, print)\nawait main()",
        "kept = []\nwhile True: kept.append(iter(()))",
        "kept = []\nwhile True: kept[0:0] = kept or [1]",
        "import zlib\nx = zlib.compress(bytes(10 ** 6))\nkept = []\nwhile True: kept.append(zlib.decompress(x))",
        "import json\nkept = json.loads('[' + '[],' * 10 ** 6 + '1]')",
        "import re\nkept = re.findall('', 'a' * 10 ** 6)",
    ];
    for program in programs {
        let isolate = isolate(Limits { memory: Some(limit), fuel: Some(20_000_000), ..Limits::default() });
        assert_eq!(stopped(&isolate, program), Some(Limit::Memory), "{program}");
        let memory = isolate.memory();
        assert!(memory < limit + limit / 10, "{program}: {memory}");
    }
}

#[test]
fn growth_meets_the_limit_where_it_is() {
    for limit in [1_500_000, 2_777_777] {
        let isolate = isolate(Limits { memory: Some(limit), ..Limits::default() });
        let error = isolate.run("a = []\nwhile True: a.append(1)").expect_err("it grows");
        assert_eq!(error.kind(), ErrorKind::Limit(Limit::Memory));
        let memory = isolate.memory();
        assert!((limit * 9 / 10..limit * 11 / 10).contains(&memory), "{limit}: {memory}");
    }
}

#[test]
fn deep_nesting_ends_in_an_error_or_not_at_all() -> Result<(), Error> {
    let deep = "def nest(make, n=20_000):\n    x = make(None)\n    for _ in range(n): x = make(x)\n    return x\n";
    let programs = [
        "repr(nest(lambda x: [x]))",
        "str(nest(lambda x: {1: x}))",
        "nest(lambda x: [x]) == nest(lambda x: [x])",
        "hash(nest(lambda x: (x,)))",
        "import copy\ncopy.deepcopy(nest(lambda x: [x]))",
        "import pickle\npickle.dumps(nest(lambda x: [x]))",
        "import json\njson.dumps(nest(lambda x: [x]))",
        "import json\njson.loads('[' * 100_000)",
        "import json\njson.loads('{\"a\":' * 100_000)",
        "eval('(' * 10_000 + ')' * 10_000)",
        "eval('-' * 100_000 + '1')",
        "import re\nre.compile('(' * 10_000 + ')' * 10_000)",
        "import functools\nnest(lambda f: functools.partial(f or abs))(1)",
        "def g(): yield from g()\nlist(g())",
        "async def f(): await f()\nawait f()",
        "f = lambda: f()\nf()",
        "class A:\n    def __getattr__(self, n): return getattr(self, n)\nA().x",
    ];
    for program in programs {
        let isolate = isolate(Limits { depth: Some(200), ..Limits::default() });
        isolate.run(deep)?;
        let kind = isolate.run(program).err().map(|e| e.kind());
        let expected = matches!(
            kind,
            None | Some(ErrorKind::Limit(Limit::Depth | Limit::Memory) | ErrorKind::Exception | ErrorKind::Syntax)
        );
        assert!(expected, "{program}: {kind:?}");
        assert_eq!(isolate.eval::<i64>("6 * 7"), Ok(42), "{program}");
    }
    Ok(())
}

#[test]
fn a_task_that_uses_up_its_own_fuel_fails_alone() -> Result<(), Error> {
    let isolate = isolate(Limits { task_fuel: Some(50_000), ..Limits::default() });
    isolate.run(
        "import asyncio\nlog = []\nasync def spins():\n    try:\n        while True: await asyncio.sleep(0)\n    except BaseException: log.append('caught')\nasync def spins_at_once():\n    while True: pass\nasync def works(n):\n    for _ in range(n): await asyncio.sleep(0)\n    return n\nasync def main():\n    tasks = [asyncio.create_task(f) for f in (spins(), works(100), spins_at_once(), works(200))]\n    return [r if isinstance(r, int) else f'{type(r).__name__}: {r}' for r in await asyncio.gather(*tasks, return_exceptions=True)]\nresult = await main()",
    )?;
    let out = "LimitExceeded: the task is out of fuel";
    assert_eq!(isolate.eval::<Vec<aiolang::Data>>("result")?, [out.into(), 100.into(), out.into(), 200.into()]);
    assert_eq!(isolate.eval::<Vec<String>>("log")?, Vec::<String>::new());
    // Who awaits it gets its end as an exception; the host is told which limit it was.
    let error = isolate.run("await asyncio.create_task(spins_at_once())").expect_err("it spins");
    assert_eq!(error.kind(), ErrorKind::Limit(Limit::TaskFuel));
    assert_eq!(isolate.eval::<i64>("6 * 7")?, 42);
    // Each call has all of it.
    for _ in 0..3 {
        assert_eq!(isolate.call::<i64>("works", (300,))?, 300);
    }
    isolate.set_limits(&Limits::default());
    assert_eq!(isolate.call::<i64>("works", (20_000,))?, 20_000);
    Ok(())
}
