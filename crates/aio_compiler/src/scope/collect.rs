//! The walk that collects every scope's names: statements.

use super::context::Context;
use super::*;
use crate::depth::{into_tree, with_stack};
use crate::names::Names;
use aio_source::Diagnostic;
use aio_syntax::ast::*;

/// What is compiled.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    /// Statements.
    Module(&'a [Stmt]),
    /// One expression.
    Expression(&'a Expr),
}

/// The state of the walk.
pub(super) struct Collector<'a, 'n> {
    pub names: &'n mut Names<'a>,
    pub scopes: Scopes,
    /// The scope that the walk is in.
    pub at: ScopeId,
    /// What statements around the walk allow.
    pub context: Context,
    /// How many iterables of comprehensions the walk is inside of.
    pub iterables: u32,
    /// The walk is inside a comprehension's target.
    pub iteration_target: bool,
    /// Where the last future import at the beginning of the module stands.
    pub future: Option<Span>,
    pub errors: Vec<Diagnostic>,
    /// Every place where a name is read, if somebody asks for them.
    pub reads: Option<Vec<Read>>,
}

/// A place where a name is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    /// The scope that it is read in.
    pub scope: ScopeId,
    /// The name, mangled.
    pub name: Sym,
    /// Where it stands.
    pub span: Span,
}

/// Collects the scopes of a module, and every place where a name is read.
pub(crate) fn collect_reads<'a>(names: &mut Names<'a>, body: &'a [Stmt]) -> (Scopes, Vec<Read>) {
    let mut collector = Collector { reads: Some(Vec::new()), ..Collector::new(names, true, false) };
    collector.start(Input::Module(body));
    (collector.scopes, collector.reads.unwrap_or_default())
}

/// Collects the scopes of a text. `top_await`: whether `await` may stand outside of functions.
pub(crate) fn collect<'a>(
    names: &mut Names<'a>,
    input: Input<'a>,
    top_await: bool,
    future_annotations: bool,
) -> (Scopes, Vec<Diagnostic>) {
    let mut collector = Collector::new(names, top_await, future_annotations);
    collector.start(input);
    (collector.scopes, collector.errors)
}

impl<'a, 'n> Collector<'a, 'n> {
    fn new(names: &'n mut Names<'a>, top_await: bool, future_annotations: bool) -> Collector<'a, 'n> {
        let mut collector = Collector {
            names,
            scopes: Scopes::default(),
            at: ROOT,
            context: Context::default(),
            iterables: 0,
            iteration_target: false,
            future: None,
            errors: Vec::new(),
            reads: None,
        };
        collector.scopes.future_annotations = future_annotations;
        collector.new_scope(ScopeKind::Module, None);
        collector.scopes.get_mut(ROOT).is_async = top_await;
        collector
    }
}

impl<'a> Collector<'a, '_> {
    fn start(&mut self, input: Input<'a>) {
        match input {
            Input::Module(body) => {
                self.future_imports(body);
                self.block(body);
            }
            Input::Expression(e) => self.expr(e),
        }
    }

    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(Diagnostic::syntax(span, message));
    }

    /// Makes a scope inside the current one; it is not entered.
    pub(super) fn new_scope(&mut self, kind: ScopeKind, class: Option<Sym>) -> ScopeId {
        let id = self.scopes.all.len() as ScopeId;
        let unit = if kind == ScopeKind::Comp { self.scopes.get(self.at).unit } else { id };
        self.scopes.all.push(Scope {
            kind,
            parent: self.at,
            unit,
            class,
            symbols: FxHashMap::default(),
            order: Vec::new(),
            is_async: false,
            yields: false,
            awaits: false,
            annotates: false,
            sees_class: false,
            coroutines: Vec::new(),
            static_attributes: Vec::new(),
            params: Vec::new(),
            locals: Vec::new(),
            cells: Vec::new(),
            class_cell: None,
            frees: Vec::new(),
            targets: Vec::new(),
            returned: None,
            nonlocal_spans: FxHashMap::default(),
        });
        id
    }

    /// Walks inside a scope of its own, where the statements around it allow nothing.
    pub(super) fn inside(&mut self, scope: ScopeId, walk: impl FnOnce(&mut Self)) {
        let at = std::mem::replace(&mut self.at, scope);
        let context = std::mem::take(&mut self.context);
        let target = std::mem::replace(&mut self.iteration_target, false);
        walk(self);
        self.iteration_target = target;
        self.context = context;
        self.at = at;
    }

    pub(super) fn class(&self) -> Option<Sym> {
        self.scopes.get(self.at).class
    }

    pub(super) fn mangled(&mut self, sym: Sym) -> Sym {
        let class = self.class();
        self.names.mangle(class, sym)
    }

    /// Adds flags to a name (mangled already) of a scope; gives the flags before.
    pub(super) fn flag(&mut self, scope: ScopeId, sym: Sym, flags: u16) -> u16 {
        let scope = self.scopes.get_mut(scope);
        match scope.symbols.entry(sym) {
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let symbol = entry.get_mut();
                let before = symbol.flags;
                symbol.flags |= flags;
                before
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Symbol { flags, access: Access::Global, owner: None });
                scope.order.push(sym);
                0
            }
        }
    }

    /// A name is read.
    pub(super) fn read(&mut self, sym: Sym, span: Span) {
        let sym = self.mangled(sym);
        self.flag(self.at, sym, USED);
        if let Some(reads) = &mut self.reads {
            reads.push(Read { scope: self.at, name: sym, span });
        }
        if sym == self.names.known.super_ && self.scopes.get(self.at).kind.is_function_like() {
            let class = self.names.known.dunder_class;
            self.flag(self.at, class, USED);
        }
    }

    /// A name is bound here.
    pub(super) fn bind(&mut self, ident: Ident, flags: u16) {
        self.bind_sym(ident.sym, ident.span, flags);
    }

    pub(super) fn bind_sym(&mut self, sym: Sym, span: Span, flags: u16) {
        if sym == self.names.known.debug {
            self.error(span, "cannot assign to __debug__");
        }
        let sym = self.mangled(sym);
        if self.iteration_target {
            let before = self.flag(self.at, sym, BOUND | ITERATION | flags);
            if before & WALRUS != 0 {
                let name = self.names.text(sym);
                let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
                self.error(span, message);
            }
        } else {
            let before = self.flag(self.at, sym, BOUND | flags);
            if before & (BOUND | PARAM) != 0 {
                self.flag(self.at, sym, REBOUND);
            }
        }
    }

    pub(super) fn block(&mut self, block: &'a [Stmt]) {
        with_stack(|| {
            for stmt in block {
                self.stmt(stmt);
            }
        });
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Assign(assign) => {
                for target in &assign.targets {
                    self.assign_target(target);
                }
                self.expr(&assign.value);
            }
            StmtKind::AugAssign(_, target, value) => {
                if let ExprKind::Name(sym) = strip(target).kind {
                    self.read(sym, target.span);
                }
                self.target(target);
                self.expr(value);
            }
            StmtKind::AnnAssign(assign) => self.annotated_assignment(assign),
            StmtKind::Pass => {}
            StmtKind::Break => self.check_break(stmt.span),
            StmtKind::Continue => self.check_continue(stmt.span),
            StmtKind::Return(value) => {
                self.check_return(stmt.span, value.is_some());
                self.maybe(value);
            }
            StmtKind::Raise(exception, cause) => {
                self.maybe(exception);
                self.maybe(cause);
            }
            StmtKind::Del(targets) => {
                for target in targets {
                    self.deleted(target);
                }
            }
            StmtKind::Global(idents) => self.global(idents, stmt.span),
            StmtKind::Nonlocal(idents) => self.nonlocal(idents, stmt.span),
            StmtKind::Assert(test, message) => {
                self.expr(test);
                self.maybe(message);
            }
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    if let Some(ident) = alias.asname.or(alias.name.first().copied()) {
                        self.bind(ident, IMPORTED);
                    }
                }
            }
            StmtKind::FromImport(import) => {
                if import.star && self.at != ROOT {
                    self.error(stmt.span, "import * only allowed at module level");
                }
                self.check_future_position(import, stmt.span);
                for alias in &import.names {
                    if let Some(ident) = alias.asname.or(alias.name.first().copied()) {
                        self.bind(ident, IMPORTED);
                    }
                }
            }
            StmtKind::TypeAlias(alias) => self.type_alias(stmt.id, alias),
            StmtKind::If(stmt) => {
                for (test, body) in &stmt.arms {
                    self.expr(test);
                    self.block(body);
                }
                self.block(stmt.orelse.as_deref().unwrap_or_default());
            }
            StmtKind::While(while_) => {
                let span = stmt.span;
                let stmt = while_;
                self.expr(&stmt.test);
                self.loop_body(span, &stmt.body);
                self.block(stmt.orelse.as_deref().unwrap_or_default());
            }
            StmtKind::For(for_) => {
                if for_.is_async {
                    self.check_async("async for", stmt.span);
                }
                self.assign_target(&for_.target);
                self.expr(&for_.iter);
                self.loop_body(stmt.span, &for_.body);
                self.block(for_.orelse.as_deref().unwrap_or_default());
            }
            StmtKind::Try(try_) => self.try_stmt(stmt.span, try_),
            StmtKind::With(with) => {
                if with.is_async {
                    self.check_async("async with", stmt.span);
                }
                for (manager, target) in &with.items {
                    self.expr(manager);
                    if let Some(target) = target {
                        self.assign_target(target);
                    }
                }
                let blocks = with.items.len();
                self.blocks(blocks, stmt.span, |c| c.block(&with.body));
            }
            StmtKind::FuncDef(def) => self.function(stmt, def),
            StmtKind::ClassDef(class) => self.class_def(stmt, class),
            StmtKind::Match(match_) => self.match_stmt(match_),
        }
    }

    fn try_stmt(&mut self, span: Span, stmt: &'a TryStmt) {
        let finally = stmt.finally.is_some() as usize;
        self.blocks(finally, span, |c| c.try_except(span, stmt));
        self.blocks(finally, span, |c| {
            c.block(stmt.finally.as_deref().unwrap_or_default());
        });
    }

    fn try_except(&mut self, span: Span, stmt: &'a TryStmt) {
        let protected = !stmt.handlers.is_empty() as usize;
        self.blocks(protected, span, |c| c.block(&stmt.body));
        let last = stmt.handlers.len().saturating_sub(1);
        for (i, handler) in stmt.handlers.iter().enumerate() {
            if handler.typ.is_none() && i < last {
                self.error(handler.span, "default 'except:' must be last");
            }
            self.maybe(&handler.typ);
            if let Some(name) = handler.name {
                self.bind(name, DELETED);
            }
            self.blocks(2, handler.span, |c| {
                if handler.star {
                    c.star_handler_body(&handler.body);
                } else {
                    c.block(&handler.body);
                }
            });
        }
        self.block(stmt.orelse.as_deref().unwrap_or_default());
    }

    fn annotated_assignment(&mut self, assign: &'a AnnAssign) {
        if let ExprKind::Name(sym) = assign.target.kind {
            let name = self.mangled(sym);
            let before = self.flags_of(name);
            if self.at != ROOT && before & (GLOBAL | NONLOCAL) != 0 {
                let kind = if before & GLOBAL != 0 { "global" } else { "nonlocal" };
                let text = self.names.text(name);
                let message = format!("annotated name '{text}' can't be {kind}");
                self.error(assign.target.span, message);
            }
            self.bind_sym(sym, assign.target.span, ANNOTATED);
            self.scopes.get_mut(self.at).annotates = true;
        } else if let (ExprKind::Name(_), None) = (&strip(&assign.target).kind, &assign.value) {
            // `(x): int` declares and binds nothing.
        } else {
            self.target(&assign.target);
        }
        // In a function the annotation belongs to the scope, but is never evaluated.
        let reads = if self.scopes.get(self.at).kind == ScopeKind::Function { self.reads.take() } else { None };
        self.annotation(&assign.annotation);
        self.reads = reads.or(self.reads.take());
        self.maybe(&assign.value);
    }

    pub(super) fn flags_of(&self, name: Sym) -> u16 {
        let symbols = &self.scopes.get(self.at).symbols;
        symbols.get(&name).map_or(0, |symbol| symbol.flags)
    }

    fn global(&mut self, idents: &[Ident], span: Span) {
        for ident in idents {
            let name = self.mangled(ident.sym);
            self.check_declaration(name, span, "global");
            self.flag(self.at, name, GLOBAL);
        }
    }

    fn nonlocal(&mut self, idents: &[Ident], span: Span) {
        for ident in idents {
            if self.at == ROOT {
                self.error(span, "nonlocal declaration not allowed at module level");
                continue;
            }
            let name = self.mangled(ident.sym);
            self.check_declaration(name, span, "nonlocal");
            self.flag(self.at, name, NONLOCAL);
            let spans = &mut self.scopes.get_mut(self.at).nonlocal_spans;
            spans.entry(name).or_insert(span);
            if self.flags_of(name) & GLOBAL != 0 {
                let message = format!("name '{}' is nonlocal and global", self.names.text(name));
                self.error(span, message);
            }
        }
    }

    fn check_declaration(&mut self, name: Sym, span: Span, kind: &str) {
        let flags = self.flags_of(name);
        let text = self.names.text(name);
        let message = if flags & PARAM != 0 {
            format!("name '{text}' is parameter and {kind}")
        } else if flags & USED != 0 {
            format!("name '{text}' is used prior to {kind} declaration")
        } else if flags & ANNOTATED != 0 {
            format!("annotated name '{text}' can't be {kind}")
        } else if flags & BOUND != 0 && flags & (IMPORTED | REBOUND) != IMPORTED {
            format!("name '{text}' is assigned to before {kind} declaration")
        } else {
            return;
        };
        self.error(span, message);
    }

    /// The target of `del`.
    fn deleted(&mut self, target: &'a Expr) {
        into_tree(target.depth, || self.any_deleted(target));
    }

    fn any_deleted(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(sym) => {
                if *sym == self.names.known.debug {
                    self.error(target.span, "cannot delete __debug__");
                }
                let name = self.mangled(*sym);
                self.flag(self.at, name, BOUND | DELETED);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.deleted(item);
                }
            }
            ExprKind::Paren(inner) => self.deleted(inner),
            ExprKind::Attr(value, _) => self.expr(value),
            _ => self.expr(target),
        }
    }

    /// A target that is not part of another one.
    fn assign_target(&mut self, target: &'a Expr) {
        if let ExprKind::Star(_) = strip(target).kind {
            self.error(target.span, "starred assignment target must be in a list or tuple");
        }
        self.target(target);
    }

    /// A target of an assignment, also one that is part of a tuple or list.
    pub(super) fn target(&mut self, target: &'a Expr) {
        into_tree(target.depth, || self.any_target(target));
    }

    fn any_target(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(sym) => self.bind_sym(*sym, target.span, 0),
            ExprKind::Paren(inner) | ExprKind::Star(inner) => self.target(inner),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                let mut starred = None;
                for (i, item) in items.iter().enumerate() {
                    if let ExprKind::Star(_) = item.kind
                        && starred.replace(i).is_some()
                    {
                        self.error(item.span, "multiple starred expressions in assignment");
                        break;
                    }
                }
                if let Some(i) = starred
                    && (i > 255 || items.len() - 1 - i > 255)
                {
                    self.error(target.span, "too many expressions in star-unpacking assignment");
                }
                for item in items {
                    self.target(item);
                }
            }
            ExprKind::Attr(value, attr) => {
                if attr.sym == self.names.known.debug {
                    self.error(target.span, "cannot assign to __debug__");
                }
                if let ExprKind::Name(sym) = value.kind
                    && sym == self.names.known.self_
                {
                    self.static_attribute(attr.sym);
                }
                self.aside(|c| c.expr(value));
            }
            _ => self.aside(|c| c.expr(target)),
        }
    }

    /// Walks an expression that is evaluated inside a comprehension's target, but not bound by it.
    fn aside(&mut self, walk: impl FnOnce(&mut Self)) {
        let target = std::mem::replace(&mut self.iteration_target, false);
        walk(self);
        self.iteration_target = target;
    }

    /// `self.attr = ...` in a method of the innermost class around it.
    fn static_attribute(&mut self, attr: Sym) {
        let mut scope = self.scopes.get(self.at).unit;
        while scope != ROOT {
            scope = self.scopes.get(scope).parent;
            let class = self.scopes.get_mut(scope);
            if class.kind == ScopeKind::Class {
                if !class.static_attributes.contains(&attr) {
                    class.static_attributes.push(attr);
                }
                return;
            }
        }
    }
}

/// The expression inside of parentheses.
pub(crate) fn strip(mut e: &Expr) -> &Expr {
    while let ExprKind::Paren(inner) = &e.kind {
        e = inner;
    }
    e
}
