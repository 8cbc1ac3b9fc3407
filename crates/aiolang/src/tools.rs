//! Looking at programs without running them.

use crate::importer::{compile_module, raised_first};
use crate::render::{Style, render_diagnostics, render_warnings};
use aio_compiler::lint::{self, LINTS};
use aio_compiler::{Mode, Options};
use aio_source::{Diagnostic, LineCol, LineIndex};

pub use aio_compiler::lint::Lint;

/// Which kinds of warnings are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lints {
    wanted: Vec<&'static str>,
}

impl Default for Lints {
    /// Those that are on by themselves.
    fn default() -> Lints {
        Lints { wanted: LINTS.iter().filter(|lint| lint.default).map(|lint| lint.name).collect() }
    }
}

impl Lints {
    /// All that there are, by name.
    pub fn all() -> &'static [Lint] {
        LINTS
    }

    /// Switches a kind, or `all`; `false` if there is none of that name.
    pub fn set(&mut self, name: &str, on: bool) -> bool {
        let mut known = false;
        for lint in LINTS.iter().filter(|lint| name == "all" || lint.name == name) {
            known = true;
            self.wanted.retain(|wanted| *wanted != lint.name);
            if on {
                self.wanted.push(lint.name);
            }
        }
        known
    }

    /// Whether a kind is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.wanted.contains(&name)
    }

    /// All kinds as a page of the documentation.
    pub fn page() -> String {
        let mut page = "# Warnings of `aio check`\n\n\
            Warnings are no errors: the program runs. `--no-warn NAME` switches a kind off, `--warn NAME` on, \
            `--strict` makes the exit code 1 if there is any. In the source, `# aio: ignore[NAME]` or `# noqa` at the end \
            of the line silences the warnings that begin there. This page is made from the table in \
            `crates/aio_compiler/src/lint.rs` by `cargo xtask gen`.\n"
            .to_owned();
        for lint in LINTS {
            let off = if lint.default { "" } else { " (off unless asked for)" };
            page.push_str(&format!("\n## {}{off}\n\nFinds {}.\n{}\n", lint.name, lint.summary, lint.why));
            if !lint.help.is_empty() {
                page.push_str(&format!("\nWhat to do: {}.\n", lint.help));
            }
            page.push_str(&format!("\n```python\n{}```\n", lint.example));
        }
        page
    }
}

/// What checking a file found.
#[derive(Debug)]
pub struct Checked {
    /// Its name.
    pub name: String,
    /// The text, as far as it could be decoded.
    pub text: String,
    /// Errors and warnings; of errors the first one is the one that running the file raises.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether the file is refused.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The diagnostics drawn for people.
    pub fn render(&self, style: &Style) -> String {
        if self.has_errors() {
            render_diagnostics(&self.name, &self.text, &self.diagnostics, style)
        } else {
            render_warnings(&self.name, &self.text, &self.diagnostics, style)
        }
    }

    /// The diagnostics by position, each with where it begins and ends.
    pub fn places(&self) -> Vec<(&Diagnostic, LineCol, LineCol)> {
        let lines = LineIndex::new(&self.text);
        let mut all: Vec<&Diagnostic> = self.diagnostics.iter().collect();
        all.sort_by_key(|d| d.span.lo);
        let place = |at| lines.line_col(&self.text, at);
        all.into_iter().map(|d| (d, place(d.span.lo), place(d.span.hi))).collect()
    }
}

/// Parses and compiles the bytes of a source file, and looks for what is probably a mistake.
pub fn check(name: &str, bytes: &[u8], lints: &Lints) -> Checked {
    let name = name.to_owned();
    let text = match aio_syntax::decode_source(bytes) {
        Ok(text) => text,
        Err(d) => {
            return Checked { name, text: String::from_utf8_lossy(bytes).into_owned(), diagnostics: vec![d] };
        }
    };
    let parsed = aio_syntax::parse_module(&text);
    let diagnostics = match aio_compiler::compile(&parsed, &name, &text, Mode::Module, &Options::default()) {
        Ok(output) => {
            let library = |module: &str| aio_vm::builtins::sys::LIBRARY.contains(&module);
            let mut found = lint::lint(&parsed, &text, output.warnings, &library);
            found.retain(|d| lints.wants(d.kind));
            found
        }
        Err(errors) => raised_first(errors, parsed.primary()),
    };
    Checked { name, text, diagnostics }
}

/// The bytecode of a source file as text, or what is wrong with the file.
pub fn disassemble(name: &str, bytes: &[u8]) -> Result<String, Checked> {
    let text = aio_syntax::decode_source(bytes);
    match text.as_ref().map(|text| compile_module(text, name)) {
        Ok(Ok((code, _))) => Ok(aio_bytecode::disassemble(&code)),
        _ => Err(check(name, bytes, &Lints::default())),
    }
}
