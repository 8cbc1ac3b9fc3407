//! Scripts run by a host program.

use aiolang::{Data, Engine, ErrorKind, RealHost, VirtualHost};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

fn engine(out: &Sink) -> Engine {
    let out = out.clone();
    Engine::builder()
        .host(move || {
            let host = RealHost::builder().stdout(out.clone()).stderr(io::sink()).stdin(&b"typed\n"[..]);
            VirtualHost::new(host.build())
        })
        .build()
}

#[test]
fn names_stay_between_runs_and_values_come_out() -> Result<(), aiolang::Error> {
    let out = Sink::default();
    let isolate = engine(&out).isolate();
    isolate.run("x = [1, (2.5, None), {'k': b'v'}, True]\nprint('ran', input())")?;
    assert_eq!(out.text(), "ran typed\n");
    let inner = Data::Tuple(vec![Data::Float(2.5), Data::None]);
    let dict = Data::Dict(vec![(Data::Str("k".into()), Data::Bytes(b"v".to_vec()))]);
    let expected = Data::List(vec![Data::Int(1), inner, dict, Data::Bool(true)]);
    assert_eq!(isolate.get("x"), Some(expected.clone()));
    isolate.set("y", &expected)?;
    assert_eq!(isolate.eval("x == y and x is not y")?, Data::Bool(true));
    assert_eq!(isolate.eval("2 ** 62")?, Data::Int(1 << 62));
    assert_eq!(isolate.eval("2 ** 64")?, Data::Other("18446744073709551616".into()));
    Ok(())
}

#[test]
fn isolates_share_nothing() -> Result<(), aiolang::Error> {
    let out = Sink::default();
    let engine = engine(&out);
    let (one, two) = (engine.isolate(), engine.isolate());
    one.run("shared = 1")?;
    assert_eq!(two.get("shared"), None);
    drop(one);
    assert_eq!(two.eval("1 + 1")?, Data::Int(2));
    Ok(())
}

#[test]
fn errors_say_what_kind_they_are() {
    let out = Sink::default();
    let isolate = engine(&out).isolate();
    let error = |text: &str| isolate.run(text).err();
    let seen = |text: &str| error(text).map(|e| (e.kind, e.to_string()));
    assert_eq!(seen("1 / 0"), Some((ErrorKind::Exception, "ZeroDivisionError: division by zero".into())));
    assert_eq!(seen("def f(:"), Some((ErrorKind::Syntax, "SyntaxError: invalid syntax".into())));
    assert_eq!(seen("raise SystemExit(3)").map(|e| e.0), Some(ErrorKind::Exit(3)));
    assert_eq!(seen("raise KeyboardInterrupt").map(|e| e.0), Some(ErrorKind::Interrupted));
    let rendered = error("def f():\n    raise ValueError('v')\nf()").map(|e| e.rendered).unwrap_or_default();
    assert!(rendered.contains("called here, in `<module>`") && rendered.ends_with("\nValueError: v\n"), "{rendered}");
    // An isolate goes on after an error.
    assert_eq!(isolate.eval("40 + 2"), Ok(Data::Int(42)));
}

#[test]
fn files_are_found_only_where_the_host_says() {
    let out = Sink::default();
    let isolate = engine(&out).isolate();
    assert!(isolate.run("import engine").is_err());
    assert!(isolate.run_file("no such file").is_err_and(|e| e.kind == ErrorKind::Io));
}
