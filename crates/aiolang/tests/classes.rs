//! Structs of the host as classes of scripts: operators, properties, awaiting, subclasses, what `help()` says.

use aiolang::{Bytes, Class, Engine, Error, ErrorKind, Isolate, Module, New, This, Value};
use std::sync::{Arc, Mutex};

struct Bag(Vec<i64>);

fn bag() -> Class<Bag> {
    Class::<Bag>::new("Bag")
        .doc("Holds numbers.")
        .constructor("items=(), *, twice=False", |items: Vec<i64>, twice: bool| {
            if items.contains(&0) {
                return Err(Error::exception("ValueError", "nothing is not held"));
            }
            let n = if twice { 2 } else { 1 };
            Ok(Bag(items.repeat(n)))
        })
        .method("put(self, item, /, times=1)", "Put an item in.", |this: This<Bag>, item: i64, times: usize| {
            this.get_mut()?.0.extend(std::iter::repeat_n(item, times));
            Ok::<_, Error>(this)
        })
        .method("__len__(self)", "", |this: This<Bag>| this.get().map(|b| b.0.len()))
        .method("__contains__(self, item)", "", |this: This<Bag>, item: i64| this.get().map(|b| b.0.contains(&item)))
        .method("__getitem__(self, i)", "", |this: This<Bag>, i: usize| {
            this.get()?.0.get(i).copied().ok_or_else(|| Error::exception("IndexError", "no such item"))
        })
        .method("__setitem__(self, i, item)", "", |this: This<Bag>, i: usize, item: i64| {
            match this.get_mut()?.0.get_mut(i) {
                Some(place) => *place = item,
                None => return Err(Error::exception("IndexError", "no such item")),
            }
            Ok(())
        })
        .method("__eq__(self, other)", "", |a: This<Bag>, b: This<Bag>| Ok::<_, Error>(a.get()?.0 == b.get()?.0))
        .method("__hash__(self)", "", |this: This<Bag>| this.get().map(|b| b.0.len()))
        .method("__add__(self, other)", "", |a: This<Bag>, b: This<Bag>| {
            let all = [a.get()?.0.as_slice(), b.get()?.0.as_slice()].concat();
            Ok::<_, Error>(New(Bag(all)))
        })
        .method("__call__(self, n, *, plus=0)", "", |_this: This<Bag>, n: i64, plus: i64| n + plus)
        .method("__repr__(self)", "", |this: This<Bag>| this.get().map(|b| format!("Bag({:?})", b.0)))
        .method("__enter__(self)", "", |this: This<Bag>| this)
        .method("__exit__(self, *exc)", "", |this: This<Bag>, _exc: aiolang::Rest<Value>| {
            this.get_mut().map(|mut b| b.0.clear())
        })
        .property(
            "first",
            "The first item.",
            |this: This<Bag>| this.get().map(|b| b.0.first().copied()),
            |this: This<Bag>, item: i64| this.get_mut().map(|mut b| b.0[0] = item),
        )
        .getter("total", "The sum.", |this: This<Bag>| this.get().map(|b| b.0.iter().sum::<i64>()))
        .static_method("of(*items)", "A bag of these.", |items: aiolang::Rest<i64>| New(Bag(items.0)))
        .async_method("settle(self, times=1)", "Wait for a while.", |this: This<Bag>, times: usize| async move {
            for _ in 0..times {
                tokio::task::yield_now().await;
            }
            this.get().map(|b| b.0.len())
        })
}

fn isolate() -> Result<Isolate, Error> {
    let isolate = Engine::builder().build()?.isolate();
    isolate.register_class(&bag())?;
    Ok(isolate)
}

#[test]
fn operators_and_properties_are_those_of_the_struct() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.run("b = Bag([1, 2])\nc = Bag((3,), twice=True)")?;
    for (text, expected) in [
        ("repr(b.put(5, times=2))", "Bag([1, 2, 5, 5])"),
        ("str((len(b), 5 in b, 6 in b, b[1]))", "(4, True, False, 2)"),
        ("str([x for x in b])", "[1, 2, 5, 5]"),
        ("repr(b + c)", "Bag([1, 2, 5, 5, 3, 3])"),
        ("str((b == Bag([1, 2, 5, 5]), b != c, len({b, b + Bag()})))", "(True, True, 1)"),
        ("str((b(1), b(1, plus=2), bool(Bag()), b.total))", "(1, 3, False, 13)"),
        ("repr(Bag.of(7, 8))", "Bag([7, 8])"),
        ("str(sorted(b, reverse=True)) + str(list(reversed(b)))", "[5, 5, 2, 1][5, 5, 2, 1]"),
    ] {
        assert_eq!(isolate.eval::<String>(text)?, expected, "{text}");
    }
    isolate.run("b[0] = 9\nb.first += 1\nwith c as d: inside = len(d)")?;
    assert_eq!(isolate.eval::<(i64, i64, i64)>("(b[0], inside, len(c))")?, (10, 2, 0));
    isolate.run("b.note = 'any attribute'\nimport weakref\nw = weakref.ref(b)")?;
    assert!(isolate.eval::<bool>("w() is b and b.__dict__ == {'note': 'any attribute'}")?);
    Ok(())
}

#[test]
fn misuse_raises() -> Result<(), Error> {
    let isolate = isolate()?;
    for (text, expected) in [
        ("Bag([0])", "ValueError: nothing is not held"),
        ("Bag([1])[5]", "IndexError: no such item"),
        ("Bag('text')", "TypeError: expected list, got str"),
        ("Bag(times=3)", "TypeError: Bag() got an unexpected keyword argument 'times'"),
        ("Bag().total.x", "AttributeError: 'int' object has no attribute 'x'"),
        ("setattr(Bag(), 'total', 1)", "AttributeError: attribute 'total' of 'Bag' objects is not writable"),
        ("setattr(Bag, 'total', 1)", "TypeError: cannot set 'total' attribute of immutable type 'Bag'"),
        ("Bag.put(5, 5)", "TypeError: descriptor 'put' for 'Bag' objects doesn't apply to a 'int' object"),
        (
            "setattr(Bag(), 'first', 1)",
            "RuntimeError: host code panicked: index out of bounds: the len is 0 but the index is 0",
        ),
    ] {
        let error = isolate.eval::<Value>(text).expect_err(text);
        assert_eq!(error.to_string(), expected, "{text}");
    }
    Ok(())
}

#[test]
fn scripts_derive_from_classes_of_the_host() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.run(
        "class Named(Bag):\n    def __new__(cls, name, *items):\n        self = super().__new__(cls, items)\n        self.name = name\n        return self\n    def put(self, item):\n        'Twice.'\n        super().put(item, times=2)\n        return self\n    @property\n    def total(self): return super().total * 100\n    def __repr__(self): return f'<{self.name}: {super().__repr__()}>'\nclass Plain(Bag): pass\nn = Named('n', 1, 2).put(3)",
    )?;
    assert_eq!(isolate.eval::<String>("repr(n)")?, "<n: Bag([1, 2, 3, 3])>");
    assert_eq!(isolate.eval::<(i64, i64, i64)>("(n.total, len(n), n.first)")?, (900, 4, 1));
    assert!(isolate.eval::<bool>("isinstance(n, Bag) and type(n) is Named and type(Plain([1])) is Plain")?);
    assert_eq!(isolate.eval::<String>("repr(n + Plain([4], twice=True))")?, "Bag([1, 2, 3, 3, 4, 4])");
    // The host sees the struct within.
    let n = isolate.get("n")?.to::<This<Bag>>(&isolate)?;
    assert_eq!(n.get()?.0, [1, 2, 3, 3]);
    assert_eq!(n.value().attr(&isolate, "name")?.to::<String>(&isolate)?, "n");
    Ok(())
}

#[tokio::test]
async fn methods_are_awaited() -> Result<(), Error> {
    let isolate = isolate()?;
    isolate.run("import asyncio\nasync def main():\n    b = Bag([1, 2, 3])\n    return sum(await asyncio.gather(*(b.settle(n) for n in range(4))))")?;
    assert_eq!(isolate.call_async::<i64>("main", ()).await?, 12);
    let ticker = Class::<Mutex<u32>>::new("Ticker")
        .constructor("", || Mutex::new(0))
        .method("__aiter__(self)", "", |this: This<Mutex<u32>>| this)
        .async_method("__anext__(self)", "", |this: This<Mutex<u32>>| async move {
            tokio::task::yield_now().await;
            let ticker = this.get()?;
            let mut n = ticker.lock().map_err(|_| Error::exception("RuntimeError", "broken"))?;
            *n += 1;
            if *n > 3 { Err(Error::exception("StopAsyncIteration", "")) } else { Ok(*n) }
        })
        .async_method("__aenter__(self)", "", |this: This<Mutex<u32>>| async move { this })
        .async_method("__aexit__(self, *exc)", "", |_this: This<Mutex<u32>>, exc: aiolang::Rest<Value>| async move {
            exc.0.len() == 3
        });
    isolate.register_class(&ticker)?;
    isolate.run("async def ticks():\n    async with Ticker() as t:\n        return [n async for n in t]")?;
    assert_eq!(isolate.call_async::<Vec<u32>>("ticks", ()).await?, [1, 2, 3]);
    Ok(())
}

#[test]
fn help_knows_signatures_and_docs() -> Result<(), Error> {
    let said: Arc<Mutex<Vec<u8>>> = Arc::default();
    let sink = Arc::clone(&said);
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Sink {
        fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
            self.0.lock().map_err(|_| std::io::Error::other("broken"))?.extend_from_slice(data);
            Ok(data.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let host = Module::new("shop").doc("What the shop has.").value("NAME", "corner").class(bag()).function(
        "price(item, *more, currency='EUR', **options)",
        "What an item costs.",
        |item: String, _more: aiolang::Rest<String>, currency: String, _options: aiolang::Named<Value>| {
            format!("{item} {currency}")
        },
    );
    let isolate = Engine::builder().module(host).stdout(move || Sink(Arc::clone(&sink))).build()?.isolate();
    isolate.run("import inspect, shop")?;
    for (text, expected) in [
        ("str(inspect.signature(shop.price))", "(item, *more, currency='EUR', **options)"),
        ("shop.price.__doc__", "What an item costs."),
        ("shop.price('tea', 'x', currency='USD', k=1)", "tea USD"),
        ("str(inspect.signature(shop.Bag.put))", "(self, item, /, times=1)"),
        ("str(inspect.signature(shop.Bag))", "(items=(), *, twice=False)"),
        (
            "shop.Bag.put.__qualname__ + ' ' + shop.Bag.__module__ + ' ' + shop.Bag.total.__doc__",
            "Bag.put shop The sum.",
        ),
        ("repr(shop.Bag) + shop.__doc__", "<class 'shop.Bag'>What the shop has."),
    ] {
        assert_eq!(isolate.eval::<String>(text)?, expected, "{text}");
    }
    isolate.run("help(shop.price)\nhelp(shop.Bag)")?;
    let said = String::from_utf8_lossy(&said.lock().expect("no test panics inside")).into_owned();
    for part in [
        "price(item, *more, currency='EUR', **options)",
        "What an item costs.",
        "class Bag",
        "Holds numbers.",
        "put(self, item, /, times=1)",
        "Put an item in.",
        "The first item.",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    Ok(())
}

#[test]
fn structs_end_with_their_instances() -> Result<(), Error> {
    struct Noisy(Arc<Mutex<Vec<String>>>);
    impl Drop for Noisy {
        fn drop(&mut self) {
            if let Ok(mut log) = self.0.lock() {
                log.push("dropped".to_owned());
            }
        }
    }
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let given = Arc::clone(&log);
    let noisy = Class::<Noisy>::new("Noisy").constructor("data=b''", move |_data: Bytes| Noisy(Arc::clone(&given)));
    let isolate = Engine::builder().build()?.isolate();
    isolate.register_class(&noisy)?;
    let count = || log.lock().map_or(0, |l| l.len());
    isolate.run("n = Noisy(b'x')\nm = n\ndel n")?;
    assert_eq!(count(), 0);
    isolate.run("del m")?;
    assert_eq!(count(), 1);
    isolate.run("kept = Noisy()\ncycle = [Noisy()]\ncycle.append(cycle)\ndel cycle")?;
    assert!(isolate.collect() > 0);
    assert_eq!(count(), 2);
    drop(isolate);
    assert_eq!(count(), 3);
    let other = Engine::builder().build()?.isolate();
    let error = other.enter(|s| s.to_local(New(Noisy(Arc::default()))).map(drop)).expect_err("it has no class here");
    assert_eq!(error.kind(), ErrorKind::Host);
    Ok(())
}
