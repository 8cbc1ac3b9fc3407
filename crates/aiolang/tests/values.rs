//! Values both ways, handles, and errors.

use aiolang::{Args, BigInt, Bytes, Data, Engine, Error, ErrorKind, Isolate, Serde, Value, from_value, to_value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics inside").extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn isolate() -> Isolate {
    Engine::builder().build().expect("the limits hold").isolate()
}

#[test]
fn names_stay_between_runs_and_streams_are_the_hosts() -> Result<(), Error> {
    let sink = Sink::default();
    let out = sink.clone();
    let engine = Engine::builder().stdout(move || out.clone()).stdin(|| &b"typed\n"[..]).build()?;
    let isolate = engine.isolate();
    isolate.run("x = [1, (2.5, None), {'k': b'v'}, True]\nprint('ran', input())")?;
    assert_eq!(sink.0.lock().expect("no test panics inside").as_slice(), b"ran typed\n");
    let inner = Data::Tuple(vec![Data::Float(2.5), Data::None]);
    let dict = Data::Dict(vec![(Data::Str("k".into()), Data::Bytes(b"v".to_vec()))]);
    let expected = Data::List(vec![Data::Int(1), inner, dict, Data::Bool(true)]);
    assert_eq!(isolate.eval::<Data>("x")?, expected);
    isolate.set("y", &expected)?;
    assert!(isolate.eval::<bool>("x == y and x is not y")?);
    Ok(())
}

#[test]
fn numbers_of_all_sizes_go_both_ways() -> Result<(), Error> {
    let isolate = isolate();
    isolate.run("def same(x): return x")?;
    assert_eq!(isolate.call::<i64>("same", (i64::MIN,))?, i64::MIN);
    assert_eq!(isolate.call::<u64>("same", (u64::MAX,))?, u64::MAX);
    assert_eq!(isolate.call::<i128>("same", (i128::MIN,))?, i128::MIN);
    let big: BigInt = isolate.eval("2 ** 200")?;
    assert!(isolate.call::<bool>("bool", (isolate.call::<BigInt>("same", (&big,))? == big,))?);
    assert_eq!(isolate.call::<f64>("same", (0.5,))?, 0.5);
    assert_eq!(isolate.eval::<f64>("3")?, 3.0);
    let error = isolate.eval::<u8>("256").expect_err("it does not fit");
    assert_eq!(error.to_string(), "OverflowError: int too large to convert to u8");
    let error = isolate.eval::<i64>("'1'").expect_err("it is a str");
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Conversion, "TypeError: expected int, got str".into()));
    Ok(())
}

#[test]
fn containers_go_both_ways() -> Result<(), Error> {
    let isolate = isolate();
    isolate.run("def same(x): return x")?;
    let map: BTreeMap<String, Vec<Option<i32>>> = BTreeMap::from([("a".into(), vec![Some(1), None])]);
    assert_eq!(isolate.call::<BTreeMap<String, Vec<Option<i32>>>>("same", (map.clone(),))?, map);
    let map: HashMap<i64, (bool, String)> = HashMap::from([(1, (true, "x".into()))]);
    assert_eq!(isolate.call::<HashMap<i64, (bool, String)>>("same", (map.clone(),))?, map);
    assert_eq!(isolate.call::<Bytes>("same", (Bytes(vec![0, 255]),))?.0, [0, 255]);
    assert_eq!(isolate.call::<[char; 2]>("same", (['a', 'é'],))?, ['a', 'é']);
    assert_eq!(isolate.eval::<Vec<i64>>("{3}")?, [3]);
    assert!(isolate.eval::<Vec<String>>("'text'").is_err());
    assert_eq!(isolate.call::<String>("str", Args::new().with(1))?.as_str(), "1");
    Ok(())
}

#[test]
fn handles_reach_into_objects() -> Result<(), Error> {
    let isolate = isolate();
    isolate.run("class P:\n    def __init__(self, x): self.x = x\n    def twice(self, n=2): return self.x * n\np = P(21)\nd = {'k': [1, 2, 3]}")?;
    let p = isolate.get("p")?;
    assert_eq!(p.attr(&isolate, "x")?.to::<i64>(&isolate)?, 21);
    p.set_attr(&isolate, "x", 5)?;
    assert_eq!(p.call_method(&isolate, "twice", Args::new().named("n", 3))?.to::<i64>(&isolate)?, 15);
    let d = isolate.get("d")?;
    d.set_item(&isolate, "more", (1, "two"))?;
    assert_eq!(d.repr(&isolate)?, "{'k': [1, 2, 3], 'more': (1, 'two')}");
    let items = d.item(&isolate, "k")?;
    let all: Result<Vec<i64>, Error> = items.iter(&isolate)?.map(|v| v?.to(&isolate)).collect();
    assert_eq!(all?, [1, 2, 3]);
    assert_eq!((items.len(&isolate)?, items.type_name(&isolate)?.as_str()), (3, "list"));
    let endless = isolate.import("itertools")?.attr(&isolate, "count")?.call(&isolate, (7,))?;
    let first: Vec<i64> =
        endless.iter(&isolate)?.take(2).map(|v| v.and_then(|v| v.to(&isolate))).collect::<Result<_, _>>()?;
    assert_eq!(first, [7, 8]);
    let error = d.item(&isolate, "none").expect_err("there is no such key");
    assert_eq!(error.to_string(), "KeyError: 'none'");
    Ok(())
}

#[test]
fn isolates_share_nothing() -> Result<(), Error> {
    let engine = Engine::builder().build()?;
    let (one, two) = (engine.isolate(), engine.isolate());
    one.run("shared = [1]")?;
    assert!(two.get("shared").is_err());
    let shared: Value = one.get("shared")?;
    let error = shared.to::<Data>(&two).expect_err("it is another's");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Host, "the value belongs to another isolate"));
    assert!(two.set("x", &shared).is_err());
    drop(one);
    assert_eq!(two.eval::<i64>("1 + 1")?, 2);
    Ok(())
}

#[test]
fn handles_keep_and_free() -> Result<(), Error> {
    let isolate = isolate();
    isolate.run("import weakref\nclass C: pass\nc = C()\nw = weakref.ref(c)")?;
    let c = isolate.get("c")?;
    isolate.run("del c")?;
    assert!(isolate.eval::<bool>("w() is not None")?);
    drop(c);
    assert!(isolate.eval::<bool>("w() is None")?);
    Ok(())
}

#[test]
fn errors_say_what_kind_they_are() -> Result<(), Error> {
    let isolate = isolate();
    let seen = |text: &str| isolate.run(text).err().map(|e| (e.kind(), e.to_string()));
    assert_eq!(seen("1 / 0"), Some((ErrorKind::Exception, "ZeroDivisionError: division by zero".into())));
    assert_eq!(seen("def f(:"), Some((ErrorKind::Syntax, "SyntaxError: invalid syntax".into())));
    assert_eq!(seen("raise SystemExit(3)").map(|e| e.0), Some(ErrorKind::Exit(3)));
    assert_eq!(seen("raise KeyboardInterrupt").map(|e| e.0), Some(ErrorKind::Interrupted));
    let error = isolate.run("def f():\n    raise ValueError('v')\nf()").expect_err("it raises");
    assert!(error.rendered().ends_with("\nValueError: v\n"), "{}", error.rendered());
    let way: Vec<(String, u32)> = error.traceback().iter().map(|f| (f.function.clone(), f.line)).collect();
    assert_eq!(way, [("<module>".to_owned(), 3), ("f".to_owned(), 2)]);
    let value = error.value().expect("a script raised it");
    assert_eq!(value.attr(&isolate, "args")?.to::<Data>(&isolate)?, Data::Tuple(vec!["v".into()]));
    assert!(isolate.run_file("no such file").is_err_and(|e| e.kind() == ErrorKind::Io));
    // An isolate goes on after an error.
    assert_eq!(isolate.eval::<i64>("40 + 2")?, 42);
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    Circle(f64),
    Line(i32, i32),
    Box { width: u8, label: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    unit: (),
    flags: [bool; 2],
    numbers: (i8, u64, i128, f32),
    letter: char,
    text: String,
    shapes: Vec<Shape>,
    by_number: BTreeMap<u32, Shape>,
    nested: Option<Box<Everything>>,
    wrapped: Wrapped,
    #[serde(rename = "class", default)]
    renamed: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wrapped(i64);

#[test]
fn whatever_serde_knows_goes_both_ways() -> Result<(), Error> {
    let isolate = isolate();
    let boxed = Shape::Box { width: 3, label: Some("b".into()) };
    let mut all = Everything {
        unit: (),
        flags: [true, false],
        numbers: (-8, u64::MAX, i128::MIN, 0.5),
        letter: 'é',
        text: "text\0".into(),
        shapes: vec![Shape::Nothing, Shape::Circle(1.5), Shape::Line(1, -1), boxed.clone()],
        by_number: BTreeMap::from([(7, boxed)]),
        nested: None,
        wrapped: Wrapped(i64::MIN),
        renamed: vec![0, 255],
    };
    all.nested = Some(Box::new(all.clone()));
    let value = to_value(&isolate, &all)?;
    isolate.set("all", &value)?;
    assert_eq!(
        isolate.eval::<String>("str(all['shapes']) + str(all['by_number']) + str(all['numbers'])")?,
        "['Nothing', {'Circle': 1.5}, {'Line': (1, -1)}, {'Box': {'width': 3, 'label': 'b'}}]{7: {'Box': {'width': 3, 'label': 'b'}}}(-8, 18446744073709551615, -170141183460469231731687303715884105728, 0.5)"
    );
    assert_eq!(from_value::<Everything>(&isolate, &value)?, all);
    // What scripts make of it may be looser: lists for tuples, integers for floats, attributes left out.
    let Serde(shapes) =
        isolate.eval::<Serde<Vec<Shape>>>("[{'Circle': 2}, {'Line': [3, 4]}, {'Box': {'width': 1}}]")?;
    assert_eq!(shapes, [Shape::Circle(2.0), Shape::Line(3, 4), Shape::Box { width: 1, label: None }]);
    for (text, expected) in [
        ("'Square'", "TypeError: unknown variant `Square`, expected one of `Nothing`, `Circle`, `Line`, `Box`"),
        ("{'Box': {'width': 300}}", "TypeError: invalid value: integer `300`, expected u8"),
        ("{'Box': {}}", "TypeError: missing field `width`"),
        ("object", "TypeError: a variant is expected, got Other(\"<class 'object'>\")"),
    ] {
        let error = isolate.eval::<Serde<Shape>>(text).expect_err(text);
        assert_eq!((error.to_string().as_str(), error.kind()), (expected, ErrorKind::Conversion));
    }
    Ok(())
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Event {
    Key { code: u32 },
    Paste(Pasted),
    Quit,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pasted {
    text: String,
    #[serde(flatten)]
    more: BTreeMap<String, i64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Loose {
    Number(f64),
    Text(String),
    Pair(i64, i64),
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Side {
    Left,
    Right,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Marker;

#[test]
fn enums_are_tagged_as_serde_is_told() -> Result<(), Error> {
    let isolate = isolate();
    let more = BTreeMap::from([("line".to_owned(), 3)]);
    let events = vec![Event::Key { code: 65 }, Event::Paste(Pasted { text: "p".into(), more }), Event::Quit];
    isolate.set("events", Serde(&events))?;
    let shown = "[{'kind': 'key', 'code': 65}, {'kind': 'paste', 'text': 'p', 'line': 3}, {'kind': 'quit'}]";
    assert_eq!(isolate.eval::<String>("repr(events)")?, shown);
    assert_eq!(isolate.eval::<Serde<Vec<Event>>>("events")?.0, events);
    let Serde(loose) = isolate.eval::<Serde<Vec<Loose>>>("[1.5, 'one', (1, 2)]")?;
    assert_eq!(loose, [Loose::Number(1.5), Loose::Text("one".into()), Loose::Pair(1, 2)]);
    let sides = BTreeMap::from([(Side::Left, Some(())), (Side::Right, None)]);
    isolate.set("sides", Serde((&sides, Marker, [Ok(1), Err::<u8, String>("no".into())])))?;
    assert_eq!(
        isolate.eval::<String>("repr(sides)")?,
        "({'Left': None, 'Right': None}, None, ({'Ok': 1}, {'Err': 'no'}))"
    );
    let Serde((keys, Marker, results)) =
        isolate.eval::<Serde<(BTreeMap<Side, Option<()>>, Marker, [Result<u8, String>; 2])>>("sides")?;
    assert_eq!((keys.len(), results), (2, [Ok(1), Err("no".to_owned())]));
    let error = isolate.eval::<Serde<Event>>("{'kind': 'jump'}").expect_err("there is no such kind");
    assert_eq!(error.to_string(), "TypeError: unknown variant `jump`, expected one of `key`, `paste`, `quit`");
    Ok(())
}

#[test]
fn data_is_any_format_and_sets_are_sets() -> Result<(), Error> {
    let isolate = isolate();
    let data: Data = isolate.eval("{'a': [1, 2.5, None, True, (2 ** 63,)], 'b': 'x'}")?;
    let json = serde_json::to_string(&data).expect("all of it has a form");
    assert_eq!(json, r#"{"a":[1,2.5,null,true,[9223372036854775808]],"b":"x"}"#);
    isolate.set("back", serde_json::from_str::<Data>(&json).expect("it is well formed"))?;
    assert!(isolate.eval::<bool>("back == {'a': [1, 2.5, None, True, [2 ** 63]], 'b': 'x'}")?);
    isolate.set("s", BTreeSet::from([1, 2]))?;
    assert!(isolate.eval::<bool>("s == {1, 2}")?);
    assert_eq!(isolate.eval::<HashSet<String>>("frozenset(['x'])")?, HashSet::from(["x".to_owned()]));
    assert!(isolate.eval::<BTreeSet<i64>>("[1]").is_err());
    Ok(())
}
