//! Scopes: which variable each name means, and where that variable lives.
//!
//! One walk over the tree collects the names of every scope (`collect`), then every name is resolved
//! and gets its place (`resolve`). Emission only looks names up. A comprehension is a scope of its own,
//! but shares the unit, that is the code object and the registers, of the scope around it.

mod collect;
mod collect_def;
mod collect_expr;
mod collect_pattern;
mod context;
mod future;
mod resolve;

use aio_source::Span;
use aio_syntax::ast::{NodeId, Sym};
use rustc_hash::FxHashMap;

pub(crate) use collect::{Input, Read, collect, collect_reads, strip};
pub(crate) use resolve::resolve;

/// The number of a scope; parents have lower numbers than their children.
pub(crate) type ScopeId = u32;

/// The scope of the module, or of whatever the text as a whole is.
pub(crate) const ROOT: ScopeId = 0;

/// What a scope belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// The text as a whole.
    Module,
    /// A class body.
    Class,
    /// A `def`.
    Function,
    /// A lambda.
    Lambda,
    /// A generator expression: a function of its own.
    GenExp,
    /// A list, set or dict comprehension: inlined into the scope around it.
    Comp,
    /// The type parameters of a function, a class or an alias.
    TypeParams,
    /// A bound, a default or an alias's value: a function that is called when it is asked for.
    Lazy,
}

impl ScopeKind {
    /// Whether the names bound in the scope are variables of a function.
    pub fn is_function_like(self) -> bool {
        !matches!(self, ScopeKind::Module | ScopeKind::Class)
    }
}

/// A parameter.
pub(crate) const PARAM: u16 = 1;
/// Bound by assignment, import, definition, ...
pub(crate) const BOUND: u16 = 2;
/// Declared `global`.
pub(crate) const GLOBAL: u16 = 4;
/// Declared `nonlocal`.
pub(crate) const NONLOCAL: u16 = 8;
/// Read.
pub(crate) const USED: u16 = 16;
/// Annotated.
pub(crate) const ANNOTATED: u16 = 32;
/// The target of a comprehension.
pub(crate) const ITERATION: u16 = 64;
/// A type parameter.
pub(crate) const TYPE_PARAM: u16 = 128;
/// An inner unit uses it, so it lives in a cell.
pub(crate) const CAPTURED: u16 = 256;
/// Deleted somewhere: by `del`, or as the name of an `except` clause.
pub(crate) const DELETED: u16 = 512;
/// Bound by `:=` somewhere, so that an operand may change while the next one is evaluated.
pub(crate) const WALRUS: u16 = 1024;
/// Bound in more than one place.
pub(crate) const REBOUND: u16 = 2048;
/// Bound by an import, which `global` may follow.
pub(crate) const IMPORTED: u16 = 4096;

/// Where a name's value lives, as seen by the code that speaks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// In this register.
    Local(u16),
    /// In the cell in this register.
    Cell(u16),
    /// In this free variable.
    Free(u16),
    /// Among the module's names.
    Global,
    /// In the namespace of r[0], then as `Global`.
    Name,
    /// In the namespace of r[0], then in this free variable.
    NameFree(u16),
}

/// A name in a scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Symbol {
    /// `PARAM` and so on.
    pub flags: u16,
    /// Valid after resolution.
    pub access: Access,
    /// The scope that binds it, if that is another function.
    pub owner: Option<ScopeId>,
}

/// A local of a unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Local {
    /// Its name.
    pub name: Sym,
    /// The target of a comprehension.
    pub hidden: bool,
    /// The flags of its symbol.
    pub flags: u16,
}

/// A scope.
#[derive(Debug)]
pub(crate) struct Scope {
    /// What it belongs to.
    pub kind: ScopeKind,
    /// The scope around it; the root is its own parent.
    pub parent: ScopeId,
    /// The scope whose code object holds this one's code.
    pub unit: ScopeId,
    /// The class whose private names are meant.
    pub class: Option<Sym>,
    /// Its names.
    pub symbols: FxHashMap<Sym, Symbol>,
    /// Its names in order of appearance.
    pub order: Vec<Sym>,
    /// `async def`, or a text at whose top level `await` is allowed.
    pub is_async: bool,
    /// The first `return` with a value in an `async def`, which a `yield` makes wrong.
    pub returned: Option<Span>,
    /// Where names are declared `nonlocal`.
    pub nonlocal_spans: FxHashMap<Sym, Span>,
    /// There is a `yield` in it.
    pub yields: bool,
    /// There is an `await`, `async for` or `async with` in it.
    pub awaits: bool,
    /// A name is annotated in it (modules and classes).
    pub annotates: bool,
    /// Its names can be those of the class body around it (annotation scopes).
    pub sees_class: bool,
    /// Names bound by an `async def` of a coroutine function.
    pub coroutines: Vec<Sym>,
    /// The attributes that methods assign to `self` (classes).
    pub static_attributes: Vec<Sym>,
    /// Parameters, in the machine's order (units).
    pub params: Vec<Sym>,
    /// The registers of the unit (units).
    pub locals: Vec<Local>,
    /// Locals that become cells on entry (units).
    pub cells: Vec<u16>,
    /// The register of the cell of `__class__` (classes).
    pub class_cell: Option<u16>,
    /// Free variables with the scopes that own them (units).
    pub frees: Vec<(Sym, ScopeId)>,
    /// Targets with their registers and whether they live in cells (comprehensions).
    pub targets: Vec<(u16, bool)>,
}

/// All scopes of a text.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    /// By number.
    pub all: Vec<Scope>,
    /// The scope of a definition, lambda, comprehension or alias.
    pub by_node: FxHashMap<NodeId, ScopeId>,
    /// The scope of the type parameters of a definition or alias.
    pub type_params: FxHashMap<NodeId, ScopeId>,
    /// The scope in which the bound or default with this number is evaluated.
    pub lazy: FxHashMap<NodeId, ScopeId>,
    /// `from __future__ import annotations` holds.
    pub future_annotations: bool,
}

impl Scopes {
    /// The scope with this number.
    pub fn get(&self, id: ScopeId) -> &Scope {
        &self.all[id as usize]
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.all[id as usize]
    }

    /// The scope of a node; the root for a node that has none, which does not happen.
    pub fn of_node(&self, node: NodeId) -> ScopeId {
        self.by_node.get(&node).copied().unwrap_or(ROOT)
    }

    /// The place of a free variable in a unit's list.
    pub fn free_index(&self, unit: ScopeId, sym: Sym, owner: ScopeId) -> Option<usize> {
        self.get(unit).frees.iter().position(|&f| f == (sym, owner))
    }
}
