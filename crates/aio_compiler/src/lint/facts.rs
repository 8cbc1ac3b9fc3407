//! What the lints need to know of a module as a whole before they look at its parts.

use super::builtins::is_given;
use super::walk::{self, Look, Place};
use crate::names::Names;
use crate::scope::{BOUND, DELETED, GLOBAL, NONLOCAL, PARAM, REBOUND, ROOT, ScopeId, ScopeKind, Scopes, strip};
use aio_source::Span;
use aio_syntax::ast::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of a module.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What imports bind, as dotted paths.
    imports: FxHashMap<(ScopeId, Sym), String>,
    /// Names that the module gets without binding them: submodules of a package, attributes set on `builtins`.
    pub extra: FxHashSet<String>,
    /// Names may come from anywhere: `import *`, `exec`, `globals()`.
    pub open: bool,
    /// Class bodies in which names may come from anywhere.
    pub open_classes: FxHashSet<ScopeId>,
    /// Where a NameError is expected.
    pub expected: Vec<Span>,
    /// Where some exception or warning is expected.
    pub provoked: Vec<Span>,
}

/// Looks over a module.
pub(super) fn gather(names: &Names<'_>, scopes: &Scopes, body: &[Stmt]) -> Facts {
    let mut gatherer = Gatherer { names, scopes, facts: Facts::default() };
    walk::module(scopes, body, &mut gatherer);
    gatherer.facts
}

impl Facts {
    /// What an expression of names and attributes stands for: the path that imports give it, or `builtins.name`.
    pub fn path(&self, names: &Names<'_>, scopes: &Scopes, from: ScopeId, e: &Expr) -> Option<String> {
        match &strip(e).kind {
            ExprKind::Name(sym) => match binding_scope(scopes, from, *sym) {
                Some((scope, flags)) if flags & (PARAM | REBOUND | DELETED) == 0 => {
                    self.imports.get(&(scope, *sym)).cloned()
                }
                Some(_) => None,
                None if self.open => None,
                None => Some(names.text(*sym)).filter(|name| is_given(name)).map(|name| format!("builtins.{name}")),
            },
            ExprKind::Attr(value, attr) => {
                let path = self.path(names, scopes, from, value)?;
                Some(format!("{path}.{}", names.text(attr.sym)))
            }
            _ => None,
        }
    }
}

/// The scope that binds a name (mangled) read in `from`, with the name's flags there; `None` if no scope of the text does.
pub(super) fn binding_scope(scopes: &Scopes, from: ScopeId, sym: Sym) -> Option<(ScopeId, u16)> {
    let mut at = from;
    loop {
        let scope = scopes.get(at);
        let flags = scope.symbols.get(&sym).map_or(0, |symbol| symbol.flags);
        let visible = at == from || scope.kind != ScopeKind::Class;
        let elsewhere = if at == ROOT { NONLOCAL } else { GLOBAL | NONLOCAL };
        if visible && flags & elsewhere == 0 && flags & (BOUND | PARAM) != 0 {
            return Some((at, flags));
        }
        if at == ROOT {
            return None;
        }
        at = if flags & GLOBAL != 0 { ROOT } else { scope.parent };
    }
}

struct Gatherer<'n, 'a> {
    names: &'n Names<'a>,
    scopes: &'n Scopes,
    facts: Facts,
}

impl Gatherer<'_, '_> {
    fn text(&self, ident: &Ident) -> &str {
        self.names.text(ident.sym)
    }

    fn dotted(&self, path: &[Ident]) -> String {
        path.iter().map(|ident| self.text(ident)).collect::<Vec<_>>().join(".")
    }

    /// Importing `a.b` inside of `a` binds `b` there, so every part may be a name of this module.
    fn submodules(&mut self, path: &[Ident]) {
        for ident in path {
            let name = self.text(ident).to_owned();
            self.facts.extra.insert(name);
        }
    }

    fn import(&mut self, scope: ScopeId, alias: &Alias) {
        let Some(first) = alias.name.first() else { return };
        let (bound, path) = match alias.asname {
            Some(name) => (name, self.dotted(&alias.name)),
            None => (*first, self.text(first).to_owned()),
        };
        self.facts.imports.insert((scope, bound.sym), path);
        self.submodules(&alias.name[1..]);
    }

    fn import_from(&mut self, scope: ScopeId, import: &FromImport) {
        self.facts.open |= import.star;
        if import.level > 0 {
            self.submodules(&import.module);
            return;
        }
        self.submodules(import.module.get(1..).unwrap_or_default());
        let module = self.dotted(&import.module);
        for alias in &import.names {
            let Some(name) = alias.name.first() else { continue };
            let path = format!("{module}.{}", self.text(name));
            self.facts.imports.insert((scope, alias.asname.unwrap_or(*name).sym), path);
        }
    }

    /// Whether an expression speaks of NameError, or of all exceptions.
    fn speaks_of(&self, e: &Expr, exceptions: &[&str]) -> bool {
        let mut spoken = match &e.kind {
            ExprKind::Name(sym) => exceptions.contains(&self.names.text(*sym)),
            ExprKind::Attr(_, attr) => exceptions.contains(&self.text(attr)),
            _ => false,
        };
        if e.depth < 50 {
            e.kind.each_child(|child| spoken = spoken || self.speaks_of(child, exceptions));
        }
        spoken
    }
}

/// The span of a block.
fn whole(body: &[Stmt]) -> Option<Span> {
    Some(body.first()?.span.to(body.last()?.span))
}

/// What a handler must name to catch a NameError.
const CATCHES: &[&str] = &["NameError", "Exception", "BaseException", "UnboundLocalError"];
/// Managers of tests that want something to go wrong.
const PROVOKES: &[&str] = &["assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex", "raises", "warns"];
/// Calls with a keyword by which they make names of a module or of the built-ins.
const MAKES_NAMES: &[(&str, &str)] = &[("install", "names"), ("patch", "create")];
/// Attributes through which modules get names.
const NAMESPACES: &[&str] = &["_convert_", "f_globals"];
/// Built-ins that may bind names of a module, and those that may bind names of the scope they are called in.
const OPENS_MODULE: &[&str] = &["globals"];
const OPENS_SCOPE: &[&str] = &["exec", "execfile", "locals", "vars"];

impl<'a> Look<'a> for Gatherer<'_, '_> {
    fn stmt(&mut self, place: Place, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => aliases.iter().for_each(|alias| self.import(place.scope, alias)),
            StmtKind::FromImport(import) => self.import_from(place.scope, import),
            StmtKind::Try(try_) => {
                let catches = |handler: &Handler| match &handler.typ {
                    None => true,
                    Some(typ) => self.speaks_of(typ, CATCHES),
                };
                if try_.handlers.iter().any(catches) {
                    self.facts.expected.extend(whole(&try_.body));
                }
            }
            StmtKind::With(with) => {
                let speaks = |words: &[&str]| with.items.iter().any(|(manager, _)| self.speaks_of(manager, words));
                let (name_error, any) = (speaks(&CATCHES[..1]), speaks(PROVOKES));
                let body = whole(&with.body);
                self.facts.expected.extend(body.filter(|_| name_error));
                self.facts.provoked.extend(body.filter(|_| any));
            }
            StmtKind::ClassDef(class) => {
                if class.decorators.iter().any(|decorator| self.speaks_of(decorator, &["global_enum"])) {
                    let members = &self.scopes.get(self.scopes.of_node(stmt.id)).order;
                    self.facts.extra.extend(members.iter().map(|sym| self.names.text(*sym).to_owned()));
                }
                let metaclass = |arg: &Arg| {
                    matches!(arg, Arg::Kw(name, _) if self.text(name) == "metaclass")
                        || matches!(arg, Arg::DoubleStar(_))
                };
                if class.args.iter().any(metaclass) {
                    self.facts.open_classes.insert(self.scopes.of_node(stmt.id));
                }
            }
            _ => {}
        }
    }

    fn expr(&mut self, place: Place, e: &'a Expr) {
        match &e.kind {
            ExprKind::Name(sym) => {
                let name = self.names.text(*sym);
                let here = self.scopes.get(place.scope).kind;
                if OPENS_MODULE.contains(&name) {
                    self.facts.open = true;
                } else if OPENS_SCOPE.contains(&name) {
                    match here {
                        ScopeKind::Module => self.facts.open = true,
                        ScopeKind::Class => drop(self.facts.open_classes.insert(place.scope)),
                        _ => {}
                    }
                }
            }
            ExprKind::Attr(value, attr) => {
                self.facts.open |= NAMESPACES.contains(&self.text(attr));
                if let ExprKind::Name(sym) = value.kind
                    && matches!(self.names.text(sym), "builtins" | "__builtin__" | "__builtins__")
                {
                    let name = self.text(attr).to_owned();
                    self.facts.extra.insert(name);
                }
            }
            ExprKind::Call(callee, args) => {
                let called = match &callee.kind {
                    ExprKind::Name(sym) => self.names.text(*sym),
                    ExprKind::Attr(_, attr) => self.text(attr),
                    _ => "",
                };
                let given = |name: &str| args.iter().any(|arg| matches!(arg, Arg::Kw(k, _) if self.text(k) == name));
                self.facts.open |= MAKES_NAMES.iter().any(|(function, keyword)| called == *function && given(keyword));
                let expected = |arg: &Arg| match arg {
                    Arg::Pos(e) => self.speaks_of(e, &CATCHES[..1]),
                    _ => false,
                };
                if args.iter().any(expected) {
                    self.facts.expected.push(e.span);
                }
            }
            _ => {}
        }
    }
}
