//! Functions of the host in scripts: how arguments arrive, and how errors go through to where they are handled.

use aiolang::{Args, Data, Engine, Error, ErrorKind, Isolate, Local, Module, Named, Rest, Scope, Value};
use std::error::Error as _;
use std::fmt;

fn isolate() -> Result<Isolate, Error> {
    Ok(Engine::builder().build()?.isolate())
}

#[test]
fn arguments_follow_the_signature() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.register("plain", |a: i64, b: i64| a - b)?;
    isolate
        .register("order(a, /, b, c=[1, 2], *, d, e=None)", |a: i64, b: i64, c: Vec<i64>, d: i64, e: Option<i64>| {
            format!("{a} {b} {c:?} {d} {e:?}")
        })?;
    isolate.register("all(*args, **kwargs)", |args: Rest<i64>, kwargs: Named<i64>| {
        format!("{:?} {:?}", args.0, kwargs.0)
    })?;
    isolate.register("maybe(a, b)", |a: i64, b: Option<i64>| a + b.unwrap_or(100))?;
    for (text, expected) in [
        ("str(plain(5, 3))", "2"),
        ("order(1, 2, d=4)", "1 2 [1, 2] 4 None"),
        ("order(1, e=5, d=4, b=2, c=())", "1 2 [] 4 Some(5)"),
        ("all(1, 2, x=3)", "[1, 2] [(\"x\", 3)]"),
        ("all()", "[] []"),
        ("str(maybe(1, None))", "101"),
    ] {
        assert_eq!(isolate.eval::<String>(text)?, expected, "{text}");
    }
    for (text, expected) in [
        ("plain(1)", "TypeError: plain expected 2 arguments, got 1"),
        ("plain(1, arg2=2)", "TypeError: plain() takes no keyword arguments"),
        ("order(a=1, b=2, d=3)", "TypeError: order() takes at least 1 positional argument (0 given)"),
        ("order(1, 2)", "TypeError: order() missing required argument 'd'"),
        ("order(1, 2, d=3, f=4)", "TypeError: order() got an unexpected keyword argument 'f'"),
        ("plain('x', 1)", "TypeError: expected int, got str"),
        ("plain(2 ** 64, 1)", "OverflowError: int too large to convert to i64"),
    ] {
        let error = isolate.eval::<Data>(text).expect_err(text);
        assert_eq!(error.to_string(), expected);
    }
    Ok(())
}

#[test]
fn scopes_call_back_into_the_script() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.register("twice(f, x)", |scope: &Scope<'_>, f: Value, x: i64| -> Result<i64, Error> {
        let once: i64 = f.call_to(scope, (x,))?;
        f.call_to(scope, (once,))
    })?;
    isolate.register("pick(items, key)", |scope: &Scope<'_>, items: Value, key: Value| -> Result<Value, Error> {
        for item in items.iter(scope)? {
            let item = item?;
            if key.call_to::<bool>(scope, (&item,))? {
                return Ok(item);
            }
        }
        Err(Error::exception("LookupError", "none fits"))
    })?;
    assert_eq!(isolate.eval::<i64>("twice(lambda x: x * 3, 2)")?, 18);
    assert_eq!(isolate.eval::<i64>("pick((n * n for n in range(10)), lambda n: n > 20)")?, 25);
    let error = isolate.run("twice(lambda x: x / 0, 1)").expect_err("the function fails");
    assert_eq!(error.to_string(), "ZeroDivisionError: division by zero");
    let way: Vec<&str> = error.traceback().iter().map(|f| f.function.as_str()).collect();
    assert_eq!(way, ["<module>", "<lambda>"]);
    // Who is inside already has a scope, and needs no second one.
    let handle = std::sync::Arc::new(std::sync::OnceLock::<Isolate>::new());
    let again = std::sync::Arc::clone(&handle);
    let other = self::isolate()?;
    other.register("again", move || again.get().map(|i: &Isolate| i.eval::<i64>("1")).transpose())?;
    assert!(handle.set(other).is_ok());
    let error = handle.get().map(|i| i.run("again()")).transpose().expect_err("it runs already");
    assert!(error.message().starts_with("the isolate is running"), "{error}");
    Ok(())
}

#[derive(Debug)]
struct Broken(Option<Box<Broken>>, &'static str);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_deref().map(|e| e as _)
    }
}

#[test]
fn errors_keep_their_sources_both_ways() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.register("save", || -> Result<(), Broken> {
        Err(Broken(Some(Box::new(Broken(Some(Box::new(Broken(None, "disk full"))), "write failed"))), "not saved"))
    })?;
    isolate.run("def chain(e):\n    while e is not None:\n        yield f'{type(e).__name__}: {e}'\n        e = e.__cause__\ntry: save()\nexcept RuntimeError as e: seen = list(chain(e))")?;
    let expected = ["RuntimeError: not saved", "RuntimeError: write failed", "RuntimeError: disk full"];
    assert_eq!(isolate.eval::<Vec<String>>("seen")?, expected);
    let sources = |error: &Error| {
        let mut all = vec![error.to_string()];
        let mut at = error.source();
        while let Some(e) = at {
            all.push(e.to_string());
            at = e.source();
        }
        all
    };
    assert_eq!(sources(&isolate.run("save()").expect_err("it fails")), expected);
    let error =
        isolate.run("try: 1 / 0\nexcept ZeroDivisionError as e: raise KeyError('k') from e").expect_err("fails");
    assert_eq!(sources(&error), ["KeyError: 'k'", "ZeroDivisionError: division by zero"]);
    let error = isolate.run("try: 1 / 0\nexcept ZeroDivisionError: [][1]").expect_err("fails");
    assert_eq!(sources(&error), ["IndexError: list index out of range", "ZeroDivisionError: division by zero"]);
    let error = isolate.run("try: 1 / 0\nexcept ZeroDivisionError: raise ValueError from None").expect_err("fails");
    assert_eq!(sources(&error), ["ValueError"]);
    assert!(error.rendered().ends_with("\nValueError\n"), "{}", error.rendered());
    // A chain that leads back to itself ends.
    isolate.run("e, f = ValueError(1), ValueError(2)\ne.__cause__, f.__cause__ = f, e")?;
    assert!(sources(&isolate.run("raise e").expect_err("fails")).len() < 30);
    Ok(())
}

#[test]
fn exceptions_of_scripts_go_through_the_host_unchanged() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.register("through(f)", |scope: &Scope<'_>, f: Value| f.call(scope, ()))?;
    isolate.run("class Own(Exception):\n    code = 7\ndef fails(): raise Own('mine')\ntry: through(fails)\nexcept Own as e: seen = (e.code, str(e), e.__traceback__ is not None)")?;
    assert_eq!(isolate.eval::<(i64, String, bool)>("seen")?, (7, "mine".into(), true));
    let error = isolate.run("through(fails)").expect_err("it fails");
    assert_eq!((error.type_name(), error.message(), error.kind()), ("Own", "mine", ErrorKind::Exception));
    assert_eq!(error.value().map(|v| v.attr(&isolate, "code")?.to::<i64>(&isolate)).transpose()?, Some(7));
    for (raise, kind) in [("exit(4)", ErrorKind::Exit(4)), ("raise KeyboardInterrupt", ErrorKind::Interrupted)] {
        let text = format!("def leaves():\n    {raise}\nthrough(leaves)");
        assert_eq!(isolate.run(&text).map_err(|e| e.kind()), Err(kind), "{raise}");
    }
    isolate.register("raises(name)", |name: String| -> Result<(), Error> { Err(Error::exception(name, "text")) })?;
    for (name, expected) in [
        ("ValueError", "ValueError: text"),
        ("Own", "Own: text"),
        ("asyncio.QueueEmpty", "asyncio.queues.QueueEmpty: text"),
        ("NoSuchError", "RuntimeError: NoSuchError: text"),
        ("int", "RuntimeError: int: text"),
    ] {
        let error = isolate.run(&format!("import asyncio\nraises('{name}')")).expect_err(name);
        assert_eq!(error.to_string(), expected);
    }
    isolate.register("io", || std::fs::read("/nothing/here").map(|b| b.len()))?;
    assert_eq!(isolate.eval::<i64>("[0 for _ in [1]] and 2")?, 2);
    isolate.run("try: io()\nexcept FileNotFoundError as e: number = e.errno")?;
    assert_eq!(isolate.eval::<i64>("number")?, 2);
    isolate.register("panics", || -> i64 { panic!("lost {}", 1) })?;
    assert_eq!(isolate.run("panics()").expect_err("it panics").to_string(), "RuntimeError: host code panicked: lost 1");
    Ok(())
}

#[test]
fn errors_say_where() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.set_fuel(Some(10_000));
    let error =
        isolate.run_named("def spin():\n    while True:\n        pass\nspin()", "plugin.aio").expect_err("fuel");
    let way: Vec<(&str, &str, u32)> =
        error.traceback().iter().map(|f| (f.file.as_str(), f.function.as_str(), f.line)).collect();
    assert_eq!(way[0], ("plugin.aio", "<module>", 4));
    assert_eq!((way[1].0, way[1].1), ("plugin.aio", "spin"));
    assert!(error.rendered().contains("plugin.aio"), "{}", error.rendered());
    Ok(())
}

#[test]
fn modules_are_built_and_imported() -> Result<(), Error> {
    let module = Module::new("pack.tools")
        .doc("Tools.")
        .value("LEVEL", 3)
        .value("NAMES", vec![Data::from("a")])
        .function("join(*parts, sep='-')", "Join.", |parts: Rest<String>, sep: String| parts.0.join(&sep));
    let engine = Engine::builder().module(module).build()?;
    let isolate = engine.isolate();
    isolate.run("from pack.tools import join, LEVEL\nimport pack.tools as t")?;
    assert_eq!(isolate.eval::<String>("join('a', 'b', sep='+') + str(LEVEL) + t.NAMES[0]")?, "a+b3a");
    let late = Module::new("late").function("now", "", || 5);
    isolate.add_module(&late)?;
    assert_eq!(isolate.eval::<i64>("__import__('late').now()")?, 5);
    assert!(engine.isolate().run("import late").is_err());
    let broken = Module::new("broken").function("f(a=)", "", |a: i64| a);
    assert!(Engine::builder().module(broken).build().is_err());
    Ok(())
}

#[test]
fn calls_take_names_and_values_of_scripts() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.run("def f(a, *rest, b=2, **more): return (a, rest, b, more)\nclass C:\n    def m(self, x): return x")?;
    let args = Args::new().with(1).with("x").named("b", 5).named("c", Data::None);
    assert_eq!(isolate.call::<Data>("f", args)?, isolate.eval::<Data>("(1, ('x',), 5, {'c': None})")?);
    let c = isolate.get("C")?.call(&isolate, ())?;
    let same = c.call_method(&isolate, "m", (&c,))?;
    isolate.set("pair", (&c, &same))?;
    assert!(isolate.eval::<bool>("pair[0] is pair[1]")?);
    let total = isolate.enter(|scope| {
        let list: Local<'_> = scope.to_local(vec![1, 2, 3])?;
        let list = scope.root(&list);
        (0..3).map(|i| list.item(scope, i)?.to::<i64>(scope)).sum::<Result<i64, Error>>()
    })?;
    assert_eq!(total, 6);
    let missing = isolate.call::<i64>("nothing", ()).expect_err("no such name");
    assert_eq!(
        (missing.kind(), missing.to_string()),
        (ErrorKind::Host, "NameError: name 'nothing' is not defined".into())
    );
    Ok(())
}

#[test]
fn help_knows_functions_of_all_kinds() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.register_with_doc("area(width, height=1.0)", "The area.", |w: f64, h: f64| w * h)?;
    isolate
        .register_async_with_doc("fetch(url, *, tries=3)", "Fetch a page.", |url: String, _tries: u32| async { url })?;
    isolate.register_stream_with_doc("ticks(n)", "Count.", |n: u32| futures_util::stream::iter(0..n))?;
    isolate.run("import inspect")?;
    for (name, signature, doc) in [
        ("area", "(width, height=1.0)", "The area."),
        ("fetch", "(url, *, tries=3)", "Fetch a page."),
        ("ticks", "(n)", "Count."),
    ] {
        assert_eq!(isolate.eval::<String>(&format!("str(inspect.signature({name}))"))?, signature);
        assert_eq!(isolate.eval::<String>(&format!("inspect.getdoc({name})"))?, doc);
        isolate.run(&format!("import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out: help({name})\ntext = out.getvalue()"))?;
        let text = isolate.get("text")?.text(&isolate)?;
        assert!(text.contains(&format!("{name}{signature}")) && text.contains(doc), "{text}");
    }
    Ok(())
}
