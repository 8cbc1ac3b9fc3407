//! Looking at programs without running them.

use crate::importer::compile_module;
use crate::render::{Style, render_diagnostics, render_warnings};
use aio_source::{Diagnostic, LineCol, LineIndex};

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

/// Parses and compiles the bytes of a source file.
pub fn check(name: &str, bytes: &[u8]) -> Checked {
    let name = name.to_owned();
    match aio_syntax::decode_source(bytes) {
        Ok(text) => {
            let diagnostics = compile_module(&text, &name).map_or_else(|errors| errors, |(_, warnings)| warnings);
            Checked { name, text, diagnostics }
        }
        Err(d) => Checked { name, text: String::from_utf8_lossy(bytes).into_owned(), diagnostics: vec![d] },
    }
}

/// The bytecode of a source file as text, or what is wrong with the file.
pub fn disassemble(name: &str, bytes: &[u8]) -> Result<String, Checked> {
    let text = aio_syntax::decode_source(bytes);
    match text.as_ref().map(|text| compile_module(text, name)) {
        Ok(Ok((code, _))) => Ok(aio_bytecode::disassemble(&code)),
        _ => Err(check(name, bytes)),
    }
}
