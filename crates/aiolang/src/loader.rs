//! Modules that come from the host, and compiled code that isolates share.

use crate::importer::FileImporter;
use crate::sources::Sources;
use aio_bytecode::Code;
use aio_source::Diagnostic;
use aio_source::tree::Tree;
use aio_vm::{CompileMode, Compiled, Found, Importer};
use rustc_hash::FxHashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

/// The text of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleSource {
    /// Its text.
    pub text: String,
    /// Whether it can have modules within.
    pub is_package: bool,
}

impl ModuleSource {
    /// A module that is no package.
    pub fn new(text: impl Into<String>) -> ModuleSource {
        ModuleSource { text: text.into(), is_package: false }
    }
}

/// Where modules come from: a database, an archive, texts within the program.
///
/// ```
/// use aiolang::{Engine, ModuleSource};
///
/// let find = |name: &str| (name == "settings").then(|| ModuleSource::new("DEPTH = 3"));
/// let isolate = Engine::builder().loader(find).build()?.isolate();
/// isolate.run("import settings")?;
/// assert_eq!(isolate.eval::<i64>("settings.DEPTH")?, 3);
/// # Ok::<(), aiolang::Error>(())
/// ```
pub trait Loader: Send + Sync {
    /// The module with this full name (`package.module`), if there is one.
    fn load(&self, name: &str) -> Option<ModuleSource>;
}

impl<F: Fn(&str) -> Option<ModuleSource> + Send + Sync> Loader for F {
    fn load(&self, name: &str) -> Option<ModuleSource> {
        self(name)
    }
}

/// Compiled modules are kept up to this many.
const KEPT: usize = 2048;

/// The name of a text, and the text by two hashes with keys that no script knows.
type Key = (String, u64, u64);

/// Compiled code of modules, for all isolates of an engine.
#[derive(Default)]
pub(crate) struct CodeCache {
    codes: Mutex<FxHashMap<Key, Arc<Code>>>,
    hashers: [RandomState; 2],
}

impl CodeCache {
    fn key(&self, text: &str, name: &str) -> Key {
        let [first, second] = &self.hashers;
        (name.to_owned(), first.hash_one(text), second.hash_one(text))
    }

    fn get(&self, key: &Key) -> Option<Arc<Code>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn keep(&self, key: Key, code: &Arc<Code>) {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() < KEPT {
            codes.insert(key, Arc::clone(code));
        }
    }
}

/// Finds modules where the host says, then in folders.
pub(crate) struct HostImporter {
    files: FileImporter,
    sources: Sources,
    codes: Arc<CodeCache>,
    loader: Option<Arc<dyn Loader>>,
}

impl HostImporter {
    /// The entry of the search path that stands for the host's loader.
    pub const ROOT: &str = "<host>";

    pub fn new(sources: Sources, codes: Arc<CodeCache>, loader: Option<Arc<dyn Loader>>) -> HostImporter {
        HostImporter { files: FileImporter::new(sources.clone()), sources, codes, loader }
    }

    fn load(&self, name: &str, folder: &str) -> Option<Found> {
        let inside = folder.strip_prefix(HostImporter::ROOT)?;
        let package = inside.trim_start_matches('/').replace('/', ".");
        let full = if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") };
        let source = self.loader.as_ref()?.load(&full)?;
        let folder = format!("{}/{}", HostImporter::ROOT, full.replace('.', "/"));
        Some(Found {
            filename: format!("<host {full}>"),
            source: source.text.into_bytes(),
            search: source.is_package.then(|| vec![folder]),
        })
    }
}

impl Importer for HostImporter {
    fn compile(&self, source: &str, filename: &str, mode: CompileMode) -> Result<Compiled, Vec<Diagnostic>> {
        if mode != CompileMode::Module {
            return self.files.compile(source, filename, mode);
        }
        let key = self.codes.key(source, filename);
        if let Some(code) = self.codes.get(&key) {
            if Sources::must_keep(filename) && !filename.starts_with("<frozen ") {
                self.sources.keep(filename, source);
            }
            return Ok(Compiled { code, warnings: Vec::new() });
        }
        let compiled = self.files.compile(source, filename, mode)?;
        if compiled.warnings.is_empty() {
            self.codes.keep(key, &compiled.code);
        }
        Ok(compiled)
    }

    fn parse(&self, source: &str, mode: CompileMode) -> Result<Tree, Vec<Diagnostic>> {
        self.files.parse(source, mode)
    }

    fn decode(&self, source: &[u8]) -> Result<String, Diagnostic> {
        self.files.decode(source)
    }

    fn find(&self, name: &str, search: &[String]) -> Option<Found> {
        let (host, folders): (Vec<&String>, Vec<&String>) =
            search.iter().partition(|folder| folder.starts_with(HostImporter::ROOT));
        if let Some(found) = host.iter().find_map(|folder| self.load(name, folder)) {
            return Some(found);
        }
        let folders: Vec<String> = folders.into_iter().cloned().collect();
        if folders.is_empty() { None } else { self.files.find(name, &folders) }
    }
}
