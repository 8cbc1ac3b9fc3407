//! What begins with a colon at the prompt.

use super::{After, Session};
use crate::launch;
use aio_vm::{CompileMode, R, Value};
use std::time::Instant;

const HELP: &str = "\
:help          show this text
:tasks         show which tasks there are and what they wait for
:time EXPR     run an expression (it may await) and tell how long it took
:dis NAME      show the bytecode of a function
:doc NAME      show what is known of an object
:load FILE     run a file in this session
:save FILE     write the inputs of this session into a file
:reset         forget all names and cancel all tasks
:quit          leave, as Ctrl-D does
";

impl Session {
    pub(super) fn command(&self, text: &str) -> After {
        let (name, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let argument = argument.trim();
        let done = match (name, argument) {
            (":help", _) => {
                self.say(HELP);
                Ok(())
            }
            (":quit", _) => return After::Leave(0),
            (":tasks", _) => self.tasks(),
            (":reset", _) => self.reset(),
            (":time" | ":dis" | ":doc" | ":load" | ":save", "") => {
                self.say(&format!("{name} needs an argument; :help shows which\n"));
                Ok(())
            }
            (":time", expression) => self.time(expression),
            (":dis", expression) => self.shown(expression, "disassemble"),
            (":doc", expression) => self.shown(expression, "document"),
            (":load", file) => return self.load(file),
            (":save", file) => {
                self.save(file);
                Ok(())
            }
            _ => {
                self.say(&format!("there is no command {name}; :help shows which there are\n"));
                Ok(())
            }
        };
        match done {
            Ok(()) => After::Prompt,
            Err(e) => self.failed(&e),
        }
    }

    fn say(&self, text: &str) {
        // Nobody is left to be told that the terminal is gone.
        let _ = self.vm.host.write_out(text.as_bytes());
    }

    fn tasks(&self) -> R<()> {
        self.helper("show_tasks", std::slice::from_ref(&self.event_loop)).map(drop)
    }

    fn reset(&self) -> R<()> {
        self.helper("cancel", std::slice::from_ref(&self.event_loop))?;
        if let Some(d) = self.main.as_dict() {
            for key in d.keys() {
                let special = key.as_str().is_some_and(|s| s.to_text().starts_with("__"));
                if !special {
                    drop(d.remove_name(&self.vm, &key));
                }
            }
        }
        self.inputs.borrow_mut().clear();
        Ok(())
    }

    /// The value of an expression that may await.
    fn value(&self, expression: &str) -> Result<R, After> {
        let vm = &*self.vm;
        let text = format!("__value__ = ({expression}\n)");
        let compiled = match vm.importer.compile(&text, "<command>", CompileMode::Interactive) {
            Ok(compiled) => compiled,
            Err(diagnostics) => {
                let first = diagnostics.first().map(|d| d.message.clone()).unwrap_or_default();
                self.tell(&format!("SyntaxError: {first}\n"));
                return Err(After::Prompt);
            }
        };
        let entered = vm.enter_loop(&self.event_loop);
        let run = launch::execute(vm, &compiled.code, &self.main);
        if entered {
            vm.leave_loop(&self.event_loop);
        }
        let awaits = compiled.code.flags & aio_bytecode::code::COROUTINE != 0;
        let done = run.and_then(|v| if awaits { self.run_to_end(v) } else { Ok(v) });
        Ok(done.map(|_| {
            let found = self.main.as_dict().and_then(|d| d.remove_name(vm, &vm.intern("__value__")));
            found.unwrap_or(Value::NONE)
        }))
    }

    fn time(&self, expression: &str) -> R<()> {
        let start = Instant::now();
        let Ok(value) = self.value(expression) else { return Ok(()) };
        let spent = start.elapsed();
        let value = value?;
        if !value.is_none() {
            let mut text = self.vm.repr_text(&value)?;
            text.push('\n');
            self.say(&text);
        }
        self.say(&format!("{:.3} ms\n", spent.as_secs_f64() * 1e3));
        Ok(())
    }

    /// Shows a value by a function of the helper module.
    fn shown(&self, expression: &str, by: &str) -> R<()> {
        let Ok(value) = self.value(expression) else { return Ok(()) };
        let value = value?;
        if by == "disassemble" {
            let code = self.vm.look_attr(&value, &self.vm.intern("__code__"))?;
            match code.as_ref().and_then(Value::as_code) {
                Some(code) => self.say(&aio_bytecode::disassemble(&code.template)),
                None => self.say("only functions have bytecode\n"),
            }
            return Ok(());
        }
        self.helper(by, std::slice::from_ref(&value)).map(drop)
    }

    fn load(&self, file: &str) -> After {
        let text = std::fs::read(file).map_err(|e| e.to_string());
        let text = text.and_then(|bytes| aio_syntax::decode_source(&bytes).map_err(|d| d.message));
        match text {
            Ok(text) => {
                self.inputs.borrow_mut().push(text.trim_end().to_owned());
                self.run_file_text(&text, file)
            }
            Err(why) => {
                self.say(&format!("{file} cannot be read: {why}\n"));
                After::Prompt
            }
        }
    }

    /// A file is a module: its expressions are not shown.
    fn run_file_text(&self, text: &str, name: &str) -> After {
        let vm = &*self.vm;
        let compiled = match vm.importer.compile(text, name, CompileMode::Module) {
            Ok(compiled) => compiled,
            Err(diagnostics) => {
                self.tell(&crate::render::render_diagnostics(name, text, &diagnostics, &self.style));
                return After::Prompt;
            }
        };
        let value = launch::execute(vm, &compiled.code, &self.main);
        let awaits = compiled.code.flags & aio_bytecode::code::COROUTINE != 0;
        match value.and_then(|v| if awaits { self.run_to_end(v) } else { Ok(v) }) {
            Ok(_) => After::Prompt,
            Err(e) => self.failed(&e),
        }
    }

    fn save(&self, file: &str) {
        let mut text = self.inputs.borrow().join("\n");
        text.push('\n');
        match std::fs::write(file, text) {
            Ok(()) => self.say(&format!("{} inputs are in {file}\n", self.inputs.borrow().len())),
            Err(e) => self.say(&format!("{file} cannot be written: {e}\n")),
        }
    }
}
