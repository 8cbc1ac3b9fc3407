//! Names: those of the parse, those the compiler makes up, and private-name mangling.

use aio_syntax::Interner;
use aio_syntax::ast::Sym;
use rustc_hash::FxHashMap;

/// The names that the compiler itself speaks of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub dunder_class: Sym,
    pub super_: Sym,
    pub debug: Sym,
    pub self_: Sym,
    pub namespace: Sym,
    pub dot_zero: Sym,
    pub type_params: Sym,
    pub defaults: Sym,
    pub kwdefaults: Sym,
    pub dunder_name: Sym,
    pub annotations: Sym,
    pub return_: Sym,
}

/// The names of a parse with those that came up while compiling it.
///
/// The interner of the parse is only borrowed, so new names get numbers behind its own.
pub(crate) struct Names<'a> {
    base: &'a Interner,
    extra: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, Sym>,
    mangled: FxHashMap<(Sym, Sym), Sym>,
    /// The names that the compiler itself speaks of.
    pub known: Known,
}

impl<'a> Names<'a> {
    pub fn new(base: &'a Interner) -> Names<'a> {
        let nothing = Sym(0);
        let mut names = Names {
            base,
            extra: Vec::new(),
            numbers: FxHashMap::default(),
            mangled: FxHashMap::default(),
            known: Known {
                dunder_class: nothing,
                super_: nothing,
                debug: nothing,
                self_: nothing,
                namespace: nothing,
                dot_zero: nothing,
                type_params: nothing,
                defaults: nothing,
                kwdefaults: nothing,
                dunder_name: nothing,
                annotations: nothing,
                return_: nothing,
            },
        };
        names.known = Known {
            dunder_class: names.intern("__class__"),
            super_: names.intern("super"),
            debug: names.intern("__debug__"),
            self_: names.intern("self"),
            namespace: names.intern(".namespace"),
            dot_zero: names.intern(".0"),
            type_params: names.intern(".type_params"),
            defaults: names.intern(".defaults"),
            kwdefaults: names.intern(".kwdefaults"),
            dunder_name: names.intern("__name__"),
            annotations: names.intern("__annotations__"),
            return_: names.intern("return"),
        };
        names
    }

    /// The text of a name.
    pub fn text(&self, sym: Sym) -> &str {
        match (sym.0 as usize).checked_sub(self.base.len()) {
            None => self.base.name(sym),
            Some(i) => self.extra.get(i).map_or("", |name| name),
        }
    }

    /// The number of a text.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.base.lookup(text) {
            return sym;
        }
        if let Some(&sym) = self.numbers.get(text) {
            return sym;
        }
        let sym = Sym((self.base.len() + self.extra.len()) as u32);
        self.extra.push(text.into());
        self.numbers.insert(text.into(), sym);
        sym
    }

    /// The name that `sym` stands for inside the class `class`: `__x` becomes `_Class__x`.
    pub fn mangle(&mut self, class: Option<Sym>, sym: Sym) -> Sym {
        let Some(class) = class else { return sym };
        let text = self.text(sym);
        if !text.starts_with("__") || text.ends_with("__") || text.contains('.') {
            return sym;
        }
        if let Some(&done) = self.mangled.get(&(class, sym)) {
            return done;
        }
        let owner = self.text(class).trim_start_matches('_');
        // A class whose name is nothing but underscores mangles nothing.
        let result = if owner.is_empty() {
            sym
        } else {
            let text = format!("_{owner}{text}");
            self.intern(&text)
        };
        self.mangled.insert((class, sym), result);
        result
    }
}
