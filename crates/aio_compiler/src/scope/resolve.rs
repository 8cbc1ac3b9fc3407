//! Finds the owner of every name, then gives every variable its place.

use super::*;
use crate::names::Names;
use aio_source::Diagnostic;

/// Resolves every name. `namespace_root`: the names of the text as a whole live in r[0].
pub(crate) fn resolve(scopes: &mut Scopes, names: &Names<'_>, namespace_root: bool, errors: &mut Vec<Diagnostic>) {
    declare_in_root(scopes);
    // Parents come before children, so one pass suffices for owners and another one for places.
    for id in 0..scopes.all.len() as ScopeId {
        find_owners(scopes, names, id, errors);
    }
    for id in 0..scopes.all.len() as ScopeId {
        if scopes.get(id).unit == id {
            give_registers(scopes, names, id, namespace_root);
        }
    }
    for id in 0..scopes.all.len() as ScopeId {
        if scopes.get(id).kind == ScopeKind::Comp {
            give_target_registers(scopes, id);
        }
    }
    for id in 0..scopes.all.len() as ScopeId {
        give_access(scopes, id, namespace_root);
    }
}

/// A name that any function declares `global` is a global one in the text as a whole, too, even where that has a
/// namespace of its own.
fn declare_in_root(scopes: &mut Scopes) {
    let declared: Vec<Sym> = scopes
        .all
        .iter()
        .skip(1)
        .flat_map(|scope| scope.symbols.iter().filter(|(_, symbol)| symbol.flags & GLOBAL != 0).map(|(&sym, _)| sym))
        .collect();
    for sym in declared {
        if let Some(symbol) = scopes.get_mut(ROOT).symbols.get_mut(&sym) {
            symbol.flags |= GLOBAL;
        }
    }
}

fn find_owners(scopes: &mut Scopes, names: &Names<'_>, id: ScopeId, errors: &mut Vec<Diagnostic>) {
    for i in 0..scopes.get(id).order.len() {
        let scope = scopes.get(id);
        let sym = scope.order[i];
        let flags = scope.symbols[&sym].flags;
        if flags & GLOBAL != 0 {
            continue;
        }
        if flags & NONLOCAL == 0 && flags & (BOUND | PARAM) != 0 {
            continue;
        }
        if id == ROOT {
            continue;
        }
        let owner = find_outer(scopes, names, id, sym);
        if flags & NONLOCAL != 0 {
            let text = names.text(sym);
            let message = match owner {
                None => format!("no binding for nonlocal '{text}' found"),
                Some(owner) if flags_in(scopes, owner, sym) & TYPE_PARAM != 0 => {
                    format!("nonlocal binding not allowed for type parameter '{text}'")
                }
                Some(_) => String::new(),
            };
            if !message.is_empty() {
                let span = scopes.get(id).nonlocal_spans.get(&sym).copied();
                errors.push(Diagnostic::syntax(span.unwrap_or_default(), message));
                continue;
            }
        }
        let Some(owner) = owner else { continue };
        if let Some(symbol) = scopes.get_mut(id).symbols.get_mut(&sym) {
            symbol.owner = Some(owner);
        }
        capture(scopes, id, sym, owner);
    }
}

fn flags_in(scopes: &Scopes, scope: ScopeId, sym: Sym) -> u16 {
    let symbol = scopes.get(scope).symbols.get(&sym);
    symbol.map_or(0, |symbol| symbol.flags)
}

/// The scope that binds a name that `from` uses.
fn find_outer(scopes: &Scopes, names: &Names<'_>, from: ScopeId, sym: Sym) -> Option<ScopeId> {
    let mut at = from;
    while at != ROOT {
        at = scopes.get(at).parent;
        let scope = scopes.get(at);
        match scope.kind {
            ScopeKind::Module => return None,
            ScopeKind::Class => {
                if sym == names.known.dunder_class {
                    return Some(at);
                }
            }
            _ => {
                let flags = flags_in(scopes, at, sym);
                if flags & GLOBAL != 0 {
                    return None;
                }
                if flags & NONLOCAL == 0 && flags & (BOUND | PARAM) != 0 {
                    return Some(at);
                }
            }
        }
    }
    None
}

/// Makes a variable of `owner` known to the unit of `id`, through all units between them.
fn capture(scopes: &mut Scopes, id: ScopeId, sym: Sym, owner: ScopeId) {
    let owner_unit = scopes.get(owner).unit;
    let mut unit = scopes.get(id).unit;
    if unit == owner_unit {
        // A comprehension in the body of a class speaks of `__class__`.
        let scope = scopes.get_mut(owner);
        if scope.kind == ScopeKind::Class {
            scope.class_cell = Some(0);
        }
        return;
    }
    while unit != owner_unit && unit != ROOT {
        let frees = &mut scopes.get_mut(unit).frees;
        if !frees.contains(&(sym, owner)) {
            frees.push((sym, owner));
        }
        let parent = scopes.get(unit).parent;
        unit = scopes.get(parent).unit;
    }
    let scope = scopes.get_mut(owner);
    if scope.kind == ScopeKind::Class {
        // The register is given later; a mark is enough for now.
        scope.class_cell = Some(0);
    } else if let Some(symbol) = scope.symbols.get_mut(&sym) {
        symbol.flags |= CAPTURED;
    }
}

/// A register number; a unit with more locals than that is reported when it is compiled.
fn register(n: usize) -> u16 {
    n.min(u16::MAX as usize) as u16
}

fn give_registers(scopes: &mut Scopes, names: &Names<'_>, id: ScopeId, namespace_root: bool) {
    let scope = scopes.get_mut(id);
    let mut locals = Vec::new();
    let namespace = match scope.kind {
        ScopeKind::Class => true,
        ScopeKind::Module => namespace_root,
        _ => false,
    };
    if namespace {
        locals.push(Local { name: names.known.namespace, hidden: true, flags: PARAM });
        if scope.class_cell.is_some() {
            scope.class_cell = Some(1);
            scope.cells.push(1);
            locals.push(Local { name: names.known.dunder_class, hidden: false, flags: CAPTURED });
        }
    }
    if scope.kind.is_function_like() {
        let params = scope.params.clone();
        let order = scope.order.clone();
        let bound = order.into_iter().filter(|sym| {
            let flags = scope.symbols[sym].flags;
            flags & PARAM == 0 && flags & BOUND != 0 && flags & (GLOBAL | NONLOCAL) == 0
        });
        for sym in params.into_iter().chain(bound.collect::<Vec<_>>()) {
            let Some(symbol) = scope.symbols.get_mut(&sym) else {
                continue;
            };
            let at = register(locals.len());
            let captured = symbol.flags & CAPTURED != 0;
            symbol.access = if captured {
                scope.cells.push(at);
                Access::Cell(at)
            } else {
                Access::Local(at)
            };
            locals.push(Local { name: sym, hidden: names.text(sym).starts_with('.'), flags: symbol.flags });
        }
    }
    scope.locals = locals;
}

/// The targets of a comprehension are hidden locals of the unit that it is inlined into.
fn give_target_registers(scopes: &mut Scopes, id: ScopeId) {
    let unit = scopes.get(id).unit;
    let mut at = scopes.get(unit).locals.len();
    let scope = scopes.get_mut(id);
    let mut hidden = Vec::new();
    for i in 0..scope.order.len() {
        let sym = scope.order[i];
        let Some(symbol) = scope.symbols.get_mut(&sym) else {
            continue;
        };
        if symbol.flags & BOUND == 0 {
            continue;
        }
        let captured = symbol.flags & CAPTURED != 0;
        let place = register(at);
        symbol.access = if captured { Access::Cell(place) } else { Access::Local(place) };
        scope.targets.push((place, captured));
        hidden.push(Local { name: sym, hidden: true, flags: symbol.flags });
        at += 1;
    }
    scopes.get_mut(unit).locals.extend(hidden);
}

fn give_access(scopes: &mut Scopes, id: ScopeId, namespace_root: bool) {
    for i in 0..scopes.get(id).order.len() {
        let scope = scopes.get(id);
        let sym = scope.order[i];
        let symbol = scope.symbols[&sym];
        let own = symbol.flags & (GLOBAL | NONLOCAL) == 0
            && symbol.flags & (BOUND | PARAM) != 0
            && scope.kind.is_function_like();
        if own {
            continue;
        }
        let access = place(scopes, id, sym, symbol, namespace_root);
        if let Some(symbol) = scopes.get_mut(id).symbols.get_mut(&sym) {
            symbol.access = access;
        }
    }
}

/// Where a name lives that the scope itself does not hold in a register.
fn place(scopes: &Scopes, id: ScopeId, sym: Sym, symbol: Symbol, namespace_root: bool) -> Access {
    let scope = scopes.get(id);
    if let Some(owner) = symbol.owner {
        let home = scopes.get(owner);
        if home.unit == scope.unit {
            return match home.kind {
                ScopeKind::Class => Access::Cell(home.class_cell.unwrap_or(1)),
                _ => home.symbols[&sym].access,
            };
        }
        let index = scopes.free_index(scope.unit, sym, owner).unwrap_or(0);
        return if scope.kind == ScopeKind::Class || scope.sees_class {
            Access::NameFree(register(index))
        } else {
            Access::Free(register(index))
        };
    }
    if symbol.flags & GLOBAL != 0 {
        return Access::Global;
    }
    let in_namespace = match scope.kind {
        ScopeKind::Module => namespace_root,
        ScopeKind::Class => true,
        ScopeKind::Comp => namespace_root && scope.unit == ROOT,
        _ => scope.sees_class,
    };
    if in_namespace { Access::Name } else { Access::Global }
}
