//! The texts behind file names, for diagnostics and tracebacks.

use aio_source::{Source, SourceId};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Known = FxHashMap<String, Option<Arc<Source>>>;

/// The texts of one isolate by the names under which they were compiled. Those of files are read again when they are
/// wanted, so that a program that never fails keeps no texts.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    known: Arc<Mutex<Known>>,
}

impl Sources {
    /// No texts.
    pub fn new() -> Sources {
        Sources::default()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a text. A text that replaces another of the same name is the one that is shown from now on.
    pub fn keep(&self, name: &str, text: &str) {
        let source = Arc::new(Source::new(SourceId(0), name, text));
        self.known().insert(name.to_owned(), Some(source));
    }

    /// Whether the text of a name has to be kept because no file can give it back.
    pub fn must_keep(name: &str) -> bool {
        name.starts_with('<')
    }

    /// The text of a name; that of a file is read now.
    pub fn get(&self, name: &str) -> Option<Arc<Source>> {
        if let Some(known) = self.known().get(name) {
            return known.clone();
        }
        let library = name.strip_prefix("<frozen ").and_then(|rest| rest.strip_suffix('>'));
        let text = match library.and_then(aio_stdlib::library::text) {
            Some(text) => Some(text.to_owned()),
            None if Sources::must_keep(name) => None,
            None => std::fs::read(name).ok().and_then(|bytes| aio_syntax::decode_source(&bytes).ok()),
        };
        let source = text.map(|text| Arc::new(Source::new(SourceId(0), name, text)));
        self.known().insert(name.to_owned(), source.clone());
        source
    }
}
