//! Names, each stored once.

use crate::ast::Sym;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The names of one parse, in order of their first use.
///
/// Names are compared after NFKC normalisation, so that is how they are stored. The scripts choose
/// these names, but a parse is bounded by its text, and the fast hash is worth it here.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    names: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, Sym>,
}

impl Interner {
    /// An interner without names.
    pub fn new() -> Interner {
        Interner::default()
    }

    /// The symbol of a name that is normalised already.
    #[inline]
    pub fn intern(&mut self, name: &str) -> Sym {
        if let Some(&sym) = self.numbers.get(name) {
            return sym;
        }
        let sym = Sym(self.names.len() as u32);
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, sym);
        sym
    }

    /// The name of a symbol; empty for a symbol of another interner.
    pub fn name(&self, sym: Sym) -> &str {
        self.names.get(sym.0 as usize).map_or("", |name| name)
    }

    /// The symbol of a name, if it occurs.
    pub fn lookup(&self, name: &str) -> Option<Sym> {
        self.numbers.get(name).copied()
    }

    /// How many names there are; their symbols are `Sym(0)` to `Sym(len - 1)`.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
