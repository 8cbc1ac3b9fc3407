//! Compiling for a machine, and finding modules in folders.

use crate::sources::Sources;
use aio_bytecode::Code;
use aio_compiler::{Mode, Options, Output};
use aio_source::Diagnostic;
use aio_source::tree::Tree;
use aio_vm::{CompileMode, Compiled, Found, Importer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Ends of file names of modules; the first one wins.
const ENDINGS: [&str; 2] = ["aio", "py"];

/// Compiles with the project's own front end and finds modules in the folders of the search path.
#[derive(Debug, Default)]
pub struct FileImporter {
    sources: Sources,
    /// Files of tests get asserts that show their values.
    for_tests: bool,
}

impl FileImporter {
    /// An importer that leaves texts which no file can give back in `sources`.
    pub fn new(sources: Sources) -> FileImporter {
        FileImporter { sources, for_tests: false }
    }

    /// The same for running tests, or not.
    pub fn for_tests(self, for_tests: bool) -> FileImporter {
        FileImporter { for_tests, ..self }
    }
}

impl Importer for FileImporter {
    fn compile(&self, source: &str, filename: &str, mode: CompileMode) -> Result<Compiled, Vec<Diagnostic>> {
        if Sources::must_keep(filename) {
            self.sources.keep(filename, source);
        }
        let mode = match mode {
            CompileMode::Module => Mode::Module,
            CompileMode::Exec => Mode::Exec,
            CompileMode::Eval => Mode::Eval,
            CompileMode::Interactive => Mode::Interactive,
        };
        let explained_asserts = self.for_tests && is_of_tests(filename);
        let output = compile_with(source, filename, mode, &Options { explained_asserts, ..Options::default() })?;
        Ok(Compiled { code: output.code, warnings: output.warnings })
    }

    fn parse(&self, source: &str, mode: CompileMode) -> Result<Tree, Vec<Diagnostic>> {
        if mode == CompileMode::Eval {
            let parsed = aio_syntax::parse_expression(source);
            let tree = aio_syntax::export_expression(&parsed, source);
            return tree.ok_or_else(|| raised_first(parsed.diagnostics.clone(), parsed.primary()));
        }
        let parsed = aio_syntax::parse_module(source);
        match parsed.diagnostics.iter().any(Diagnostic::is_error) {
            true => Err(raised_first(parsed.diagnostics.clone(), parsed.primary())),
            false => Ok(aio_syntax::export_module(&parsed, source, mode == CompileMode::Interactive)),
        }
    }

    fn decode(&self, source: &[u8]) -> Result<String, Diagnostic> {
        aio_syntax::decode_source(source)
    }

    fn find(&self, name: &str, search: &[String]) -> Option<Found> {
        if name.is_empty() || name.contains(['/', '\\', '\0']) {
            return None;
        }
        search.iter().find_map(|folder| find_in(folder, name)).or_else(|| namespace_package(name, search))
    }
}

/// A file that `aio test` looks for tests in.
fn is_of_tests(filename: &str) -> bool {
    let stem = Path::new(filename).file_stem().map(|s| s.to_string_lossy()).unwrap_or_default();
    stem.starts_with("test_") || stem.ends_with("_test")
}

/// Compiles a text. The first diagnostic of a refused text is the one that is raised.
pub(crate) fn compile_text(text: &str, filename: &str, mode: Mode) -> Result<Output, Vec<Diagnostic>> {
    compile_with(text, filename, mode, &Options::default())
}

fn compile_with(text: &str, filename: &str, mode: Mode, options: &Options) -> Result<Output, Vec<Diagnostic>> {
    if mode == Mode::Eval {
        let parsed = aio_syntax::parse_expression(text);
        let result = aio_compiler::compile_expression(&parsed, filename, text, options);
        return result.map_err(|errors| raised_first(errors, parsed.primary()));
    }
    let parsed = aio_syntax::parse_module(text);
    let result = aio_compiler::compile(&parsed, filename, text, mode, options);
    result.map_err(|errors| raised_first(errors, parsed.primary()))
}

/// Diagnostics with the one that is raised in front.
pub(crate) fn raised_first(mut diagnostics: Vec<Diagnostic>, primary: Option<&Diagnostic>) -> Vec<Diagnostic> {
    let at = match primary {
        Some(primary) => diagnostics.iter().position(|d| d == primary),
        None => diagnostics.iter().position(Diagnostic::is_error),
    };
    if let Some(at) = at {
        diagnostics[..=at].rotate_right(1);
    }
    diagnostics
}

/// The code of a module's text, for tools.
pub fn compile_module(text: &str, filename: &str) -> Result<(Arc<Code>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let output = compile_text(text, filename, Mode::Module)?;
    Ok((output.code, output.warnings))
}

fn find_in(folder: &str, name: &str) -> Option<Found> {
    let base = absolute(folder);
    let package = base.join(name);
    let init = |ending| package.join(format!("__init__.{ending}"));
    let module = |ending| base.join(format!("{name}.{ending}"));
    let inits = ENDINGS.into_iter().map(|e| (init(e), true));
    let modules = ENDINGS.into_iter().map(|e| (module(e), false));
    for (path, is_package) in inits.chain(modules) {
        if path.is_file()
            && let Ok(source) = std::fs::read(&path)
        {
            let search = is_package.then(|| vec![shown(&package)]);
            return Some(Found { filename: shown(&path), source, search });
        }
    }
    None
}

/// Folders of that name without an `__init__` make a package together, if nothing else has the name.
fn namespace_package(name: &str, search: &[String]) -> Option<Found> {
    let folders = search.iter().map(|folder| absolute(folder).join(name));
    let folders: Vec<String> = folders.filter(|f| f.is_dir()).map(|f| shown(&f)).collect();
    let found = Found { filename: String::new(), source: Vec::new(), search: Some(folders) };
    found.search.as_ref().is_some_and(|f| !f.is_empty()).then_some(found)
}

/// A folder of the search path; the empty one is the current folder.
fn absolute(folder: &str) -> PathBuf {
    let folder = if folder.is_empty() { "." } else { folder };
    let path = std::path::absolute(folder).unwrap_or_else(|_| PathBuf::from(folder));
    path.components().collect()
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_that_is_raised_comes_first() {
        let result = compile_text("x = = 1\nreturn\n", "t.aio", Mode::Module);
        let first = result.map_err(|errors| errors[0].message.clone()).err();
        assert_eq!(first.as_deref(), Some("invalid syntax"));
    }

    #[test]
    fn packages_win_over_modules_and_aio_over_py() -> std::io::Result<()> {
        let folder = std::env::temp_dir().join(format!("aio-importer-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("both"))?;
        std::fs::create_dir_all(folder.join("plain"))?;
        for file in ["both/__init__.py", "both.py", "one.py", "one.aio"] {
            std::fs::write(folder.join(file), file)?;
        }
        let search = [shown(&folder)];
        let find = |name| FileImporter::default().find(name, &search);
        let text = |name| find(name).map(|f| String::from_utf8_lossy(&f.source).into_owned());
        assert_eq!(text("both").as_deref(), Some("both/__init__.py"));
        assert_eq!(text("one").as_deref(), Some("one.aio"));
        assert_eq!(text("plain").as_deref(), Some(""));
        assert!(find("missing").is_none());
        assert!(find("../one").is_none());
        std::fs::remove_dir_all(folder)
    }
}
