//! Names that nothing defines.

use super::builtins::{BUILTINS, is_given};
use super::facts::{Facts, binding_scope};
use super::{UNDEFINED, warning};
use crate::names::Names;
use crate::scope::{BOUND, GLOBAL, NONLOCAL, PARAM, ROOT, Read, Scope, ScopeId, ScopeKind, Scopes};
use aio_source::Diagnostic;
use aio_source::suggest::suggestion;
use aio_syntax::ast::Sym;
use rustc_hash::FxHashSet;

/// Looks at every place where a name is read. Of one name in one function only the first place is told.
pub(super) fn undefined(
    names: &Names<'_>,
    scopes: &Scopes,
    facts: &Facts,
    reads: &[Read],
    library: &dyn Fn(&str) -> bool,
    found: &mut Vec<Diagnostic>,
) {
    if facts.open {
        return;
    }
    let globals = globals(scopes);
    let mut told = FxHashSet::default();
    for read in reads {
        let text = names.text(read.name);
        let known = globals.contains(&read.name)
            || is_given(text)
            || facts.extra.contains(text)
            || is_bound(scopes, read.scope, read.name)
            || facts.open_classes.contains(&class_around(scopes, read.scope).unwrap_or(ROOT))
            || facts.expected.iter().any(|span| span.lo <= read.span.lo && read.span.hi <= span.hi);
        if known || !told.insert((scopes.get(read.scope).unit, read.name)) {
            continue;
        }
        let mut d = warning(UNDEFINED, read.span, format!("name '{text}' is not defined"));
        if let Some(help) = help(names, scopes, read, &globals, library) {
            d.help = Some(help);
        }
        found.push(d);
    }
}

/// The names that the module binds, or that a function declares `global`: who does that knows where it comes from.
fn globals(scopes: &Scopes) -> FxHashSet<Sym> {
    let own = |id: usize, flags: u16| flags & GLOBAL != 0 || flags & BOUND != 0 && id == ROOT as usize;
    let all = scopes.all.iter().enumerate();
    all.flat_map(|(id, scope)| scope.symbols.iter().filter(move |(_, s)| own(id, s.flags)).map(|(&sym, _)| sym))
        .collect()
}

/// Whether the scope itself, or a function around it, binds a name that is read there.
fn is_bound(scopes: &Scopes, from: ScopeId, name: Sym) -> bool {
    let scope = scopes.get(from);
    let symbol = scope.symbols.get(&name);
    if symbol.is_some_and(|s| s.owner.is_some() || s.flags & (BOUND | PARAM) != 0 && s.flags & (GLOBAL | NONLOCAL) == 0)
    {
        return true;
    }
    scope.sees_class && class_around(scopes, from).is_some_and(|class| binding_scope(scopes, class, name).is_some())
}

/// The class body that a scope is, or that it sees: that of an annotation scope.
fn class_around(scopes: &Scopes, from: ScopeId) -> Option<ScopeId> {
    let mut at = from;
    loop {
        let scope = scopes.get(at);
        if scope.kind == ScopeKind::Class {
            return Some(at);
        }
        if at == ROOT || !scope.sees_class {
            return None;
        }
        at = scope.parent;
    }
}

/// What was probably meant.
fn help(
    names: &Names<'_>,
    scopes: &Scopes,
    read: &Read,
    globals: &FxHashSet<Sym>,
    library: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let wrong = names.text(read.name);
    if let Some(help) = in_class(names, scopes, read) {
        return Some(help);
    }
    if library(wrong) {
        return Some(format!("put `import {wrong}` at the top"));
    }
    let mut visible: Vec<&str> = Vec::new();
    let mut at = read.scope;
    while at != ROOT {
        let scope = scopes.get(at);
        if at == read.scope || scope.kind != ScopeKind::Class {
            let bound = |sym: &&Sym| scope.symbols[*sym].flags & (BOUND | PARAM) != 0;
            visible.extend(scope.order.iter().filter(bound).map(|sym| names.text(*sym)));
        }
        at = scope.parent;
    }
    let root = &scopes.get(ROOT).order;
    visible.extend(root.iter().filter(|sym| globals.contains(sym)).map(|sym| names.text(*sym)));
    visible.extend(BUILTINS);
    let private = wrong.starts_with('_');
    let candidates = visible.into_iter().filter(|name| !name.starts_with('.') && (private || !name.starts_with('_')));
    suggestion(wrong, candidates).map(|name| format!("did you mean '{name}'?"))
}

/// A name of the class that the reader is in, which only its instances and methods reach.
fn in_class(names: &Names<'_>, scopes: &Scopes, read: &Read) -> Option<String> {
    let text = names.text(read.name);
    let has = |class: &Scope| {
        class.symbols.get(&read.name).is_some_and(|s| s.flags & BOUND != 0)
            || class.static_attributes.contains(&read.name)
    };
    let mut at = read.scope;
    let mut function = None;
    while at != ROOT {
        let scope = scopes.get(at);
        if scope.kind == ScopeKind::Class {
            if !has(scope) {
                return None;
            }
            let class = scope.class.map_or("the class", |class| names.text(class));
            return Some(match function {
                None => "a comprehension does not see the names of the class body around it".to_owned(),
                Some("self") => format!("did you mean 'self.{text}'?"),
                Some("cls") => format!("did you mean 'cls.{text}'?"),
                _ => format!("names of a class body are not seen inside of it; say '{class}.{text}'"),
            });
        }
        if scope.kind == ScopeKind::Function {
            function = scope.params.first().map(|sym| names.text(*sym));
        }
        at = scope.parent;
    }
    None
}
