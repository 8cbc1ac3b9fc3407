//! Running programs: arguments, exit statuses, streams and signals.

#[path = "program/started.rs"]
mod started;

use started::{Seen, aio, seen};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

impl Seen {
    fn last(&self) -> &str {
        self.err.lines().last().unwrap_or_default()
    }
}

fn run(arguments: &[&str]) -> Seen {
    seen(aio().args(arguments).stdin(Stdio::null()).output().expect("the program starts"))
}

fn code(text: &str) -> Seen {
    run(&["-c", text])
}

fn with_input(arguments: &[&str], input: &str) -> Seen {
    started::with_input(aio().args(arguments), input)
}

/// A fresh folder for files of one test.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("aio-run-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    path.canonicalize().expect("the folder is there")
}

#[test]
fn version_and_help() {
    let version = run(&["--version"]);
    assert_eq!((version.code, version.out.as_str()), (Some(0), "Aio 0.1.0 (Python 3.13)\n"));
    let help = run(&["--help"]);
    assert!(help.code == Some(0) && help.out.contains("--virtual-time"));
}

#[test]
fn mistakes_of_the_command_line_are_status_2() {
    let unknown = run(&["--nonsense"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("unknown option --nonsense"));
    let missing = run(&["no-such-file.aio"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.starts_with("aio: can't open file '/"), "{}", missing.err);
    assert!(missing.err.ends_with("/no-such-file.aio': [Errno 2] No such file or directory\n"));
}

#[test]
fn options_end_at_the_script() {
    let seen = run(&["-u", "-c", "import sys; print(sys.argv)", "-u", "--version", "x y"]);
    assert_eq!(seen.out, "['-c', '-u', '--version', 'x y']\n");
}

#[test]
fn a_script_knows_its_file_and_finds_its_neighbours() {
    let folder = folder("neighbours");
    fs::write(folder.join("near.py"), "value = 7\n").expect("written");
    let script = folder.join("main.aio");
    let text = "#!/usr/bin/env aio\nimport sys, near\nprint(__name__, __file__, sys.path[0], sys.argv, near.value)\n";
    fs::write(&script, text).expect("written");
    let place = folder.display().to_string();
    let seen = run(&[&script.display().to_string(), "-x"]);
    assert_eq!(seen.err, "");
    assert_eq!(seen.out, format!("__main__ {place}/main.aio {place} ['{place}/main.aio', '-x'] 7\n"));
    let module = aio().current_dir(&folder).args(["-m", "near"]).output().expect("the program starts");
    assert!(module.status.success());
    let by_path = aio().env("AIOPATH", &folder).args(["-c", "import near; print(near.value)"]).output();
    assert_eq!(by_path.expect("the program starts").stdout, b"7\n");
    let isolated = aio().env("AIOPATH", &folder).args(["-I", "-c", "import near"]).output();
    assert_eq!(isolated.expect("the program starts").status.code(), Some(1));
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn modules_that_cannot_be_run() {
    let seen = run(&["-m", "no_such_module"]);
    assert_eq!(seen.code, Some(1));
    assert!(seen.err.ends_with(": No module named no_such_module\n"), "{}", seen.err);
}

#[test]
fn standard_input_as_the_program() {
    for arguments in [&["-", "one"][..], &[]] {
        let seen = with_input(arguments, "import sys\nprint(__name__, len(sys.argv))\n");
        assert_eq!(seen.out, format!("__main__ {}\n", arguments.len().max(1)));
    }
    let seen = with_input(&["-"], "1 / 0\n");
    assert!(seen.err.contains("<stdin>:1:1"), "{}", seen.err);
}

#[test]
fn input_is_read_by_line() {
    let seen = with_input(&["-c", "print(input('? '))\nprint(repr(input()))\ninput()"], "one\ntwo\r\n");
    assert_eq!(seen.out, "? one\n'two\\r'\n");
    assert_eq!(seen.last(), "EOFError: EOF when reading a line");
}

#[test]
fn statuses_of_sys_exit() {
    for (argument, status, err) in [
        ("", 0, ""),
        ("None", 0, ""),
        ("0", 0, ""),
        ("3", 3, ""),
        ("True", 1, ""),
        ("300", 44, ""),
        ("-1", 255, ""),
        ("'stop'", 1, "stop\n"),
        ("(1, 2)", 1, "(1, 2)\n"),
        ("10 ** 30", 255, ""),
    ] {
        let seen = code(&format!("import sys\nprint('out')\nsys.exit({argument})"));
        assert_eq!((seen.code, seen.err.as_str(), seen.out.as_str()), (Some(status), err, "out\n"), "{argument}");
    }
    assert_eq!(code("raise SystemExit(5)").code, Some(5));
}

#[test]
fn uncaught_exceptions_are_status_1_and_end_as_in_cpython() {
    for (text, last) in [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise ValueError", "ValueError"),
        ("raise ValueError('a', 1)", "ValueError: ('a', 1)"),
        ("{}['k']", "KeyError: 'k'"),
        ("class E(Exception): pass\nraise E('x')", "E: x"),
        ("e = ValueError('a')\ne.add_note('note 1')\ne.add_note('note 2')\nraise e", "note 2"),
        ("assert False", "AssertionError"),
        ("def f(:\n", "SyntaxError: invalid syntax"),
        ("raise ExceptionGroup('g', [ValueError(1)])", "    +------------------------------------"),
        ("print(lenght)\nlength = 1", "NameError: name 'lenght' is not defined"),
        ("length = 1\nprint(lenght)", "NameError: name 'lenght' is not defined. Did you mean: 'length'?"),
        ("[].appendd", "AttributeError: 'list' object has no attribute 'appendd'. Did you mean: 'append'?"),
    ] {
        let seen = code(text);
        assert_eq!((seen.code, seen.last()), (Some(1), last), "{text}\n{}", seen.err);
    }
}

#[test]
fn chains_are_told_in_cpythons_sentences() {
    let seen = code("try:\n    1 / 0\nexcept Exception as e:\n    raise ValueError('v') from e");
    assert!(seen.err.contains("\nThe above exception was the direct cause of the following exception:\n"));
    let seen = code("try:\n    1 / 0\nexcept Exception:\n    raise ValueError('v')");
    assert!(
        seen.err.contains("ZeroDivisionError: division by zero\n\nDuring handling of the above exception, another")
    );
    let seen = code("try:\n    1 / 0\nexcept Exception:\n    raise ValueError('v') from None");
    assert!(!seen.err.contains("ZeroDivisionError"));
}

#[test]
fn a_deep_recursion_is_drawn_in_a_few_lines() {
    let seen = code("def f(n):\n    return f(n + 1)\nf(0)");
    assert_eq!((seen.code, seen.last()), (Some(1), "RecursionError: maximum recursion depth exceeded"));
    assert!(seen.err.lines().count() < 30, "{}", seen.err);
}

#[test]
fn exit_functions_run_and_output_is_flushed() {
    let seen = code("import atexit\natexit.register(print, 'bye')\nprint('hi', end='')\n1 / 0");
    assert_eq!((seen.code, seen.out.as_str()), (Some(1), "hibye\n"));
}

#[test]
fn an_own_excepthook_is_used() {
    let seen = code("import sys\nsys.excepthook = lambda t, v, tb: print('hook', t.__name__, v)\n1 / 0");
    assert_eq!(
        (seen.code, seen.out.as_str(), seen.err.as_str()),
        (Some(1), "hook ZeroDivisionError division by zero\n", "")
    );
}

#[test]
fn await_stands_at_the_top() {
    let seen = code("import asyncio\nprint(await asyncio.sleep(0, 'slept'))");
    assert_eq!((seen.err.as_str(), seen.out.as_str()), ("", "slept\n"));
}

#[test]
fn virtual_time_takes_no_time() {
    let start = Instant::now();
    let text = "import time\na = time.monotonic()\ntime.sleep(3600)\nprint(time.monotonic() - a)";
    assert_eq!(run(&["--virtual-time", "-c", text]).out, "3600.0\n");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = aio()
        .args(["-c", "for i in range(200000): print(i)"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let seen = seen(child.wait_with_output().expect("the program ends"));
    assert_eq!(seen.err, "");
    assert_eq!(seen.code, Some(120));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_os_error() {
    for text in ["print('x')", "for i in range(200000): print(i)"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("there is such a device");
        let output = aio().args(["-c", text]).stdout(full).stderr(Stdio::piped()).output();
        let seen = seen(output.expect("the program starts"));
        assert_eq!((seen.code, seen.last()), (Some(1), "OSError: [Errno 28] No space left on device"), "{}", seen.err);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_process_by_the_signal() {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    let endless = "while True: pass";
    let asleep = "import time; time.sleep(60)";
    let reading = "input()";
    for (text, status) in [
        (endless.to_owned(), None),
        (asleep.to_owned(), None),
        (reading.to_owned(), None),
        (format!("try:\n    {endless}\nexcept KeyboardInterrupt:\n    raise SystemExit(7)"), Some(7)),
    ] {
        let mut child = aio()
            .args(["-u", "-c", &format!("print('started')\n{text}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut first = [0; 8];
        child.stdout.as_mut().expect("stdout is a pipe").read_exact(&mut first).expect("the program writes");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill is there").success());
        let start = Instant::now();
        let end = loop {
            if let Some(end) = child.try_wait().expect("the child can be asked") {
                break end;
            }
            if start.elapsed() > Duration::from_secs(10) {
                let _ = child.kill();
                panic!("not interrupted: {text}");
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut err = String::new();
        child.stderr.as_mut().expect("stderr is a pipe").read_to_string(&mut err).expect("text");
        match status {
            Some(status) => assert_eq!(end.code(), Some(status), "{err}"),
            None => {
                assert_eq!(end.signal(), Some(2), "{err}");
                assert_eq!(err.lines().last(), Some("KeyboardInterrupt"));
            }
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_syntax_errors() {
    let folder = folder("bytes");
    for (bytes, message) in [
        (
            &b"x = '\xff'\n"[..],
            "Non-UTF-8 code starting with '\\xff' in file PATH on line 1, but no encoding declared; see https://peps.python.org/pep-0263/ for details",
        ),
        (&b"x = 1\0\n"[..], "source code cannot contain null bytes"),
    ] {
        let script = folder.join("script.py");
        fs::write(&script, bytes).expect("written");
        let path = script.display().to_string();
        let seen = run(&[&path]);
        let last = format!("SyntaxError: {}", message.replace("PATH", &path));
        assert_eq!((seen.code, seen.last()), (Some(1), last.as_str()));
    }
    let _ = fs::remove_dir_all(folder);
}
