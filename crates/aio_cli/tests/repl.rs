//! The prompt, driven through a pseudo-terminal.
#![cfg(unix)]

#[path = "repl/prompt.rs"]
mod prompt;

use prompt::{BEGINS, Done, Prompt, command};
use std::io::Write;
use std::process::Stdio;

#[test]
fn values_are_shown_and_remembered() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("6 * 7", "42")?;
    prompt.answers("_ + 1", "43")?;
    prompt.answers("'a' 'b'", "'ab'")?;
    prompt.answers("x = 1", "")?;
    prompt.answers("1 / 0", "ZeroDivisionError: division by zero")?;
    prompt.answers("x = = 2", "SyntaxError: invalid syntax")?;
    prompt.answers("x", "1")?;
    prompt.leaves().map(drop)
}

#[test]
fn blocks_are_one_input() -> Done {
    let mut prompt = Prompt::new()?;
    // Enter indents: the second line has its spaces already.
    prompt.block(&["def f(n):", "return n + 1"])?;
    prompt.answers("f(1)", "2")?;
    prompt.types("total = sum([1,")?;
    prompt.answers("2, 3])", "")?;
    prompt.answers("total", "6")?;
    prompt.leaves().map(drop)
}

#[test]
fn inputs_await_and_asyncio_runs() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.answers("await asyncio.sleep(0.01, 'slept')", "'slept'")?;
    prompt.answers("asyncio.run(asyncio.sleep(0, 'run'))", "'run'")?;
    prompt.answers("t = asyncio.create_task(asyncio.sleep(0, 'done'), name='mine')", "")?;
    prompt.answers("await t", "'done'")?;
    prompt.answers(":time await asyncio.sleep(0.01)", " ms")?;
    prompt.leaves().map(drop)
}

#[test]
fn background_tasks_print_above_a_half_typed_line() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.block(&["async def ticks():", "for i in range(3): await asyncio.sleep(0.3); print('tick', i)"])?;
    prompt.types("task = asyncio.create_task(ticks(), name='ticker')")?;
    prompt.sees(BEGINS)?;
    prompt.keys("20 +")?;
    prompt.sees("tick 0")?;
    prompt.sees("tick 1")?;
    prompt.answers(" 3", "23")?;
    prompt.answers("await task", "")?;
    prompt.answers(":tasks", "no tasks")?;
    prompt.leaves().map(drop)
}

#[test]
fn typing_goes_on_while_a_task_is_busy() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.block(&["async def hog():", "print('hog', 'starts')", "while True: pass"])?;
    // The task may print before the next prompt or behind it.
    prompt.types("t = asyncio.create_task(hog())")?;
    prompt.sees("hog starts")?;
    // The interpreter is busy, the editor is not.
    prompt.keys("prin\t('typed'")?;
    prompt.sees(">>> print")?;
    prompt.sees("('typed'")?;
    prompt.control('c')?;
    prompt.sees("KeyboardInterrupt")?;
    prompt.sees(BEGINS)?;
    prompt.answers("t.done(), 20 + 3", "(True, 23)")?;
    prompt.leaves().map(drop)
}

#[test]
fn what_is_typed_has_colors_and_hints() -> Done {
    let mut prompt = Prompt::in_colors()?;
    prompt.answers("answer_to_all = 42", "")?;
    prompt.keys("answer_t")?;
    prompt.sees("\x1b[2mo_all = 42\x1b[0m")?;
    // The right arrow takes the hint.
    prompt.answers("\x1b[C", "")?;
    prompt.keys("for n in 'abc'")?;
    prompt.sees("\x1b[1;35mfor\x1b[0m")?;
    prompt.sees("\x1b[32m'abc'\x1b[0m")?;
    prompt.control('c')?;
    prompt.sees(BEGINS)?;
    prompt.leaves().map(drop)
}

#[test]
fn interrupts_end_what_runs_and_nothing_else() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio, time; x = 5", "")?;
    // What is typed is shown as `print('go', 'es')`, what runs as `go es`.
    let busy: [&[&str]; 4] = [
        &["if x:", "print('go', 'es')", "while True: pass", ""],
        &["print('go', 'es'); time.sleep(600)"],
        &["print('go', 'es'); await asyncio.sleep(600)"],
        &["print('go', 'es'); sum(iter(int, 1))"],
    ];
    for lines in busy {
        for line in lines {
            prompt.types(line)?;
        }
        prompt.sees("go es")?;
        prompt.control('c')?;
        prompt.sees("KeyboardInterrupt")?;
        prompt.sees(BEGINS)?;
    }
    // At the prompt it drops what is typed.
    prompt.keys("half")?;
    prompt.control('c')?;
    prompt.sees("KeyboardInterrupt")?;
    prompt.sees(BEGINS)?;
    prompt.answers("x", "5")?;
    prompt.leaves().map(drop)
}

#[test]
fn names_are_completed_and_inputs_remembered() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("very_long_name = 'found'", "")?;
    prompt.answers("very_lo\t", "'found'")?;
    prompt.answers("very_long_name.startsw\t('fo')", "True")?;
    let folder = prompt.leaves()?;
    let mut prompt = Prompt::in_folder(folder)?;
    // Up twice: the assignment before the two that used it is three back.
    prompt.answers("\x1b[A\x1b[A\x1b[A", "")?;
    prompt.answers("very_long_name", "'found'")?;
    prompt.leaves().map(drop)
}

#[test]
fn history_is_searched_and_kept() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("first_name = 'Ada'", "")?;
    prompt.answers("last_name = 'Lovelace'", "")?;
    prompt.answers("first_name + last_name", "'AdaLovelace'")?;
    // Ctrl-R searches backwards; Enter runs what was found.
    prompt.control('r')?;
    prompt.keys("= 'Ada")?;
    prompt.sees("first_name = 'Ada'")?;
    prompt.answers("", "")?;
    let folder = prompt.leaves()?;
    let kept = std::fs::read_to_string(folder.path().join("history")).expect("there is a history");
    assert!(kept.contains("last_name = 'Lovelace'\n"), "{kept}");
    Ok(())
}

#[test]
fn completion_knows_live_objects_modules_keywords_and_parameters() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.block(&[
        "class Engine:",
        "def __init__(self, cylinders=3): self.pistons = list(range(cylinders))",
        "def start(self, choke=False): return choke",
    ])?;
    prompt.answers("motor = Engine(cyl\t4)", "")?;
    prompt.answers("len(motor.pis\t)", "4")?;
    prompt.answers("motor.pistons.inde\t(2)", "2")?;
    prompt.answers("motor.start(cho\t'full')", "'full'")?;
    prompt.block(&["def area(width, height): return width * height"])?;
    prompt.answers("area(wid\t3, hei\t4)", "12")?;
    prompt.answers("sorted('ba', ke\tstr.upper)", "['a', 'b']")?;
    prompt.answers("import operat\t", "")?;
    prompt.answers("operator.itemge\t(1)('xyz')", "'y'")?;
    prompt.answers("from operator import methodcall\t", "")?;
    prompt.answers("methodcaller('upper')('up')", "'UP'")?;
    prompt.answers("5 if Tru\t els\t6", "5")?;
    prompt.answers(":doc are\t", "area(width, height)")?;
    // Several candidates are listed, and the line stays as it is.
    prompt.answers("shelf_one, shelf_two = 1, 2", "")?;
    prompt.keys("shelf_\t\t")?;
    prompt.sees("shelf_one")?;
    prompt.sees("shelf_two")?;
    prompt.answers("two", "2")?;
    prompt.leaves().map(drop)
}

#[test]
fn errors_name_the_input_that_they_come_from() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.block(&["def fails(): return 1 / 0"])?;
    prompt.answers("x = 5", "")?;
    prompt.answers("fails()", "<stdin-3>")?;
    prompt.answers("fails()", "<stdin-1>")?;
    prompt.answers("undefined_thing", "<stdin-5>")?;
    prompt.answers("for for", "<stdin-6>")?;
    // What was bound before an error stays.
    prompt.answers("y = 1; fails()", "ZeroDivisionError: division by zero")?;
    prompt.answers("x + y", "6")?;
    prompt.leaves().map(drop)
}

#[test]
fn values_and_help_are_shown_as_python_does() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("None", "")?;
    prompt.answers("'_' in dir(), '_' in vars()", "(False, False)")?;
    prompt.answers("'one'; 'two'", "'two'")?;
    prompt.answers("_ + '!'", "'two!'")?;
    prompt.answers("None", "")?;
    prompt.answers("_", "'two!'")?;
    prompt.answers("help(abs)", "Return the absolute value of the argument.")?;
    prompt.types("for i in range(2): i")?;
    prompt.types("")?;
    prompt.sees("0\r\n1\r\n")?;
    prompt.sees(BEGINS)?;
    prompt.answers("__name__", "'__main__'")?;
    prompt.leaves().map(drop)
}

#[test]
fn blocks_end_with_an_empty_line_and_keep_their_indent() -> Done {
    let mut prompt = Prompt::new()?;
    // Backspace goes back by one step, on with another method.
    prompt.block(&[
        "class Point:",
        "def __init__(self, x):",
        "self.x = x",
        "\x7fdef double(self):",
        "if self.x:",
        "return self.x * 2 # \x08\x08",
    ])?;
    prompt.answers("Point(4).double()", "8")?;
    prompt.types("text = '''one")?;
    prompt.answers("two'''", "")?;
    prompt.answers("len(text)", "7")?;
    prompt.block(&["@staticmethod", "def f(): return 'decorated'"])?;
    prompt.answers("f()", "'decorated'")?;
    // A paste of several lines is one input.
    prompt.keys("\x1b[200~for n in range(2):\n    print('pasted', n)\n\x1b[201~")?;
    prompt.answers("", "pasted 1")?;
    prompt.leaves().map(drop)
}

#[test]
fn tasks_are_listed_timed_and_cancelled() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.block(&["async def inner(): await asyncio.sleep(600)"])?;
    prompt.block(&["async def outer(): await asyncio.create_task(inner(), name='the-inner')"])?;
    prompt.answers("task = asyncio.create_task(outer(), name='the-outer')", "")?;
    prompt.answers("await asyncio.sleep(0)", "")?;
    prompt.answers(":tasks", "the-outer outer(): awaits the-inner")?;
    prompt.answers(":time sum(range(1000))", "499500")?;
    prompt.answers("task.cancel()", "True")?;
    prompt.answers("await asyncio.wait([task])", "cancelled")?;
    prompt.answers("t = asyncio.create_task(inner())", "")?;
    prompt.answers(":reset", "")?;
    prompt.answers(":tasks", "no tasks")?;
    prompt.answers(":time", ":time needs an argument")?;
    prompt.answers(":dis 5", "only functions have bytecode")?;
    prompt.answers(":load missing.aio", "missing.aio cannot be read")?;
    prompt.answers(":doc undefined_thing", "NameError: name 'undefined_thing' is not defined")?;
    prompt.leaves().map(drop)
}

#[test]
fn files_are_loaded_into_the_session() -> Done {
    let mut prompt = Prompt::new()?;
    let write = |prompt: &Prompt, name: &str, text: &str| {
        std::fs::write(prompt.folder().join(name), text).expect("the folder can be written");
    };
    let text = "import asyncio\nprint('loading', __name__)\n7 * 7\nanswer = await asyncio.sleep(0, 42)\n";
    write(&prompt, "tools.aio", text);
    prompt.answers(":load tools.aio", "loading __main__")?;
    prompt.answers("answer", "42")?;
    write(&prompt, "broken.aio", "x = = 1\n");
    prompt.answers(":load broken.aio", "broken.aio:1:5")?;
    write(&prompt, "beside.aio", "VALUE = 'from beside'\n");
    prompt.answers("import beside", "")?;
    prompt.answers("beside.VAL\t", "'from beside'")?;
    prompt.leaves().map(drop)
}

#[test]
fn commands_begin_with_a_colon() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers(":help", ":quit")?;
    prompt.block(&["def twice(x):", "'Double it.'", "return x * 2"])?;
    prompt.answers(":doc twice", "Double it.")?;
    prompt.answers(":dis twice", "Return")?;
    prompt.answers(":save inputs.aio", "1 inputs are in inputs.aio")?;
    prompt.answers(":reset", "")?;
    prompt.answers("twice", "NameError: name 'twice' is not defined")?;
    prompt.answers(":load inputs.aio", "")?;
    prompt.answers("twice(4)", "8")?;
    prompt.answers(":nonsense", "there is no command :nonsense")?;
    prompt.types(":quit")?;
    prompt.ends()
}

#[test]
fn leaving_runs_what_is_left_to_do() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.block(&["async def work():", "try: await asyncio.sleep(60)", "finally: print('cleaned up')"])?;
    prompt.answers("t = asyncio.create_task(work())", "")?;
    prompt.control('d')?;
    prompt.sees("cleaned up")?;
    prompt.ends()
}

#[test]
fn piped_inputs_need_no_prompt() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut child = command(folder.path())
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let input = "x = 20\ndef f(n):\n    return n + 1\n\nf(x) * 2\nimport asyncio\nawait asyncio.sleep(0, 'ok')\n1 / 0\nexit(3)\n";
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    stdin.write_all(input.as_bytes()).expect("the program reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.starts_with("42\n'ok'\n"), "{text}");
    assert!(text.contains("<stdin-6>") && text.ends_with("ZeroDivisionError: division by zero\n"), "{text}");
    assert_eq!(output.status.code(), Some(3));
}
