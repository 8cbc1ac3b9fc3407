//! One walk over statements and expressions that knows where it is; each lint says what it looks at.

use crate::depth::{into_tree, with_stack};
use crate::scope::{ScopeId, ScopeKind, Scopes};
use aio_syntax::ast::*;

/// Where the walk is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The scope that names belong to.
    pub scope: ScopeId,
    /// Directly inside an `async def`, so that what is called here is called by a task.
    pub in_async: bool,
    /// The class of the method that the walk is in, with the method's first parameter.
    pub method: Option<(ScopeId, Sym)>,
}

/// What a lint looks at. Each is called before what is inside.
pub(super) trait Look<'a> {
    /// A sequence of statements.
    fn block(&mut self, _block: &'a [Stmt]) {}
    /// A statement.
    fn stmt(&mut self, _place: Place, _stmt: &'a Stmt) {}
    /// An expression.
    fn expr(&mut self, _place: Place, _e: &'a Expr) {}
}

/// Walks over a module.
pub(super) fn module<'a>(scopes: &Scopes, body: &'a [Stmt], look: &mut impl Look<'a>) {
    let place = Place { scope: crate::scope::ROOT, in_async: false, method: None };
    Walk { scopes, look }.block(place, body);
}

struct Walk<'s, L> {
    scopes: &'s Scopes,
    look: &'s mut L,
}

impl<'a, L: Look<'a>> Walk<'_, L> {
    fn block(&mut self, place: Place, block: &'a [Stmt]) {
        self.look.block(block);
        with_stack(|| {
            for stmt in block {
                self.look.stmt(place, stmt);
                self.stmt(place, stmt);
            }
        });
    }

    fn maybe_block(&mut self, place: Place, block: &'a Option<Block>) {
        if let Some(block) = block {
            self.block(place, block);
        }
    }

    fn stmt(&mut self, place: Place, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) => self.expr(place, e),
            StmtKind::Assign(assign) => {
                self.all(place, &assign.targets);
                self.expr(place, &assign.value);
            }
            StmtKind::AugAssign(_, target, value) => {
                self.expr(place, target);
                self.expr(place, value);
            }
            StmtKind::AnnAssign(assign) => {
                self.expr(place, &assign.target);
                self.maybe(place, &assign.value);
            }
            StmtKind::Return(value) => self.maybe(place, value),
            StmtKind::Raise(exception, cause) => {
                self.maybe(place, exception);
                self.maybe(place, cause);
            }
            StmtKind::Del(targets) => self.all(place, targets),
            StmtKind::Assert(test, message) => {
                self.expr(place, test);
                self.maybe(place, message);
            }
            StmtKind::If(stmt) => {
                for (test, body) in &stmt.arms {
                    self.expr(place, test);
                    self.block(place, body);
                }
                self.maybe_block(place, &stmt.orelse);
            }
            StmtKind::While(stmt) => {
                self.expr(place, &stmt.test);
                self.block(place, &stmt.body);
                self.maybe_block(place, &stmt.orelse);
            }
            StmtKind::For(stmt) => {
                self.expr(place, &stmt.target);
                self.expr(place, &stmt.iter);
                self.block(place, &stmt.body);
                self.maybe_block(place, &stmt.orelse);
            }
            StmtKind::Try(stmt) => {
                self.block(place, &stmt.body);
                for handler in &stmt.handlers {
                    self.maybe(place, &handler.typ);
                    self.block(place, &handler.body);
                }
                self.maybe_block(place, &stmt.orelse);
                self.maybe_block(place, &stmt.finally);
            }
            StmtKind::With(stmt) => {
                for (manager, target) in &stmt.items {
                    self.expr(place, manager);
                    self.maybe(place, target);
                }
                self.block(place, &stmt.body);
            }
            StmtKind::Match(stmt) => {
                self.expr(place, &stmt.subject);
                for case in &stmt.cases {
                    self.maybe(place, &case.guard);
                    self.block(place, &case.body);
                }
            }
            StmtKind::FuncDef(def) => {
                self.all(place, &def.decorators);
                self.defaults(place, &def.params);
                let scope = self.scopes.of_node(stmt.id);
                let method = self.method(place, def);
                self.block(Place { scope, in_async: def.is_async, method }, &def.body);
            }
            StmtKind::ClassDef(class) => {
                self.all(place, &class.decorators);
                self.arguments(place, &class.args);
                let scope = self.scopes.of_node(stmt.id);
                self.block(Place { scope, in_async: false, method: None }, &class.body);
            }
            StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Import(_)
            | StmtKind::FromImport(_)
            | StmtKind::TypeAlias(_) => {}
        }
    }

    /// The class of a function that stands in a class body, with its first parameter; a function inside a method sees
    /// those of the method.
    fn method(&self, place: Place, def: &FuncDef) -> Option<(ScopeId, Sym)> {
        if self.scopes.get(place.scope).kind != ScopeKind::Class {
            return place.method;
        }
        match def.params.first() {
            Some(ParamItem::Plain(first, ..)) if def.decorators.is_empty() => Some((place.scope, first.sym)),
            _ => None,
        }
    }

    fn maybe(&mut self, place: Place, e: &'a Option<P>) {
        if let Some(e) = e {
            self.expr(place, e);
        }
    }

    fn all(&mut self, place: Place, items: &'a [P]) {
        items.iter().for_each(|e| self.expr(place, e));
    }

    fn arguments(&mut self, place: Place, args: &'a [Arg]) {
        for arg in args {
            match arg {
                Arg::Pos(e) | Arg::Star(e) | Arg::Kw(_, e) | Arg::DoubleStar(e) => self.expr(place, e),
            }
        }
    }

    fn defaults(&mut self, place: Place, params: &'a Params) {
        for param in params {
            if let ParamItem::Plain(_, _, Some(default)) = param {
                self.expr(place, default);
            }
        }
    }

    fn expr(&mut self, place: Place, e: &'a Expr) {
        into_tree(e.depth, || {
            self.look.expr(place, e);
            match &e.kind {
                ExprKind::Lambda(lambda) => {
                    self.defaults(place, &lambda.params);
                    let scope = self.scopes.of_node(e.id);
                    self.expr(Place { scope, in_async: false, ..place }, &lambda.body);
                }
                ExprKind::ListComp(..) | ExprKind::SetComp(..) | ExprKind::DictComp(..) | ExprKind::GenExp(..) => {
                    let inside = Place { scope: self.scopes.of_node(e.id), ..place };
                    e.kind.each_child(|child| self.expr(inside, child));
                }
                kind => kind.each_child(|child| self.expr(place, child)),
            }
        });
    }
}
