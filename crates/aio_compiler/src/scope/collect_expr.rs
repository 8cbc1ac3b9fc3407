//! The walk that collects every scope's names: expressions.

use super::collect::Collector;
use super::*;
use crate::depth::into_tree;
use aio_syntax::ast::*;

/// The most `for` clauses of a comprehension: they nest in the code that is emitted.
const MAX_CLAUSES: usize = 200;

impl<'a> Collector<'a, '_> {
    pub(super) fn maybe(&mut self, e: &'a Option<P>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }

    fn all(&mut self, items: &'a [P]) {
        for item in items {
            self.expr(item);
        }
    }

    /// Items of a display, which may be starred.
    fn items(&mut self, items: &'a [P]) {
        for item in items {
            match &item.kind {
                ExprKind::Star(inner) => self.expr(inner),
                _ => self.expr(item),
            }
        }
    }

    pub(super) fn expr(&mut self, e: &'a Expr) {
        into_tree(e.depth, || self.any_expr(e));
    }

    fn any_expr(&mut self, e: &'a Expr) {
        match &e.kind {
            ExprKind::Name(sym) => self.read(*sym, e.span),
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imag(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::None
            | ExprKind::True
            | ExprKind::False
            | ExprKind::Ellipsis
            | ExprKind::Error => {}
            ExprKind::FStr(pieces) => self.pieces(pieces),
            ExprKind::Bin(_, left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Un(_, operand) => self.expr(operand),
            ExprKind::And(items) | ExprKind::Or(items) => self.all(items),
            ExprKind::Cmp(first, rest) => {
                self.expr(first);
                for (_, operand) in rest {
                    self.expr(operand);
                }
            }
            ExprKind::IfExp(e) => {
                self.expr(&e.test);
                self.expr(&e.body);
                self.expr(&e.orelse);
            }
            ExprKind::Lambda(lambda) => self.lambda(e, lambda),
            ExprKind::Named(ident, value) => self.named(e, *ident, value),
            ExprKind::Call(callee, args) => {
                self.expr(callee);
                self.arguments(args);
            }
            ExprKind::Attr(value, _) => self.expr(value),
            ExprKind::Index(value, index) => {
                self.expr(value);
                match &index.kind {
                    ExprKind::Star(inner) => self.expr(inner),
                    _ => self.expr(index),
                }
            }
            ExprKind::Slice(slice) => {
                self.maybe(&slice.lower);
                self.maybe(&slice.upper);
                self.maybe(&slice.step);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                self.items(items);
            }
            ExprKind::Dict(entries) => {
                for (key, value) in entries {
                    self.maybe(key);
                    self.expr(value);
                }
            }
            ExprKind::Star(inner) => {
                self.error(e.span, "can't use starred expression here");
                self.expr(inner);
            }
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::ListComp(element, comps) | ExprKind::SetComp(element, comps) => {
                self.comprehension(e, ScopeKind::Comp, comps, |c| c.expr(element));
            }
            ExprKind::DictComp(entry, comps) => {
                self.comprehension(e, ScopeKind::Comp, comps, |c| {
                    c.expr(&entry.0);
                    c.expr(&entry.1);
                });
            }
            ExprKind::GenExp(element, comps) => {
                self.comprehension(e, ScopeKind::GenExp, comps, |c| c.expr(element));
            }
            ExprKind::Await(value) => {
                self.check_await(e.span);
                self.expr(value);
            }
            ExprKind::Yield(value) => {
                self.check_yield(e.span, false);
                self.maybe(value);
            }
            ExprKind::YieldFrom(value) => {
                self.check_yield(e.span, true);
                self.expr(value);
            }
        }
    }

    fn pieces(&mut self, pieces: &'a [FPiece]) {
        for piece in pieces {
            if let FPiece::Field(field) = piece {
                self.expr(&field.expr);
                self.pieces(field.spec.as_deref().unwrap_or_default());
            }
        }
    }

    pub(super) fn arguments(&mut self, args: &'a [Arg]) {
        for (i, arg) in args.iter().enumerate() {
            match arg {
                Arg::Pos(value) | Arg::Star(value) | Arg::DoubleStar(value) => self.expr(value),
                Arg::Kw(ident, value) => {
                    if ident.sym == self.names.known.debug {
                        self.error(ident.span, "cannot assign to __debug__");
                    }
                    let same = |other: &Arg| matches!(other, Arg::Kw(o, _) if o.sym == ident.sym);
                    // Long lists of keywords are rare, so looking back is cheaper than a set.
                    if args[..i].iter().any(same) {
                        let name = self.names.text(ident.sym);
                        let message = format!("keyword argument repeated: {name}");
                        self.error(ident.span, message);
                    }
                    self.expr(value);
                }
            }
        }
    }

    fn lambda(&mut self, e: &'a Expr, lambda: &'a Lambda) {
        self.defaults(&lambda.params);
        let class = self.class();
        let scope = self.new_scope(ScopeKind::Lambda, class);
        self.scopes.by_node.insert(e.id, scope);
        self.inside(scope, |c| {
            c.params(&lambda.params);
            c.expr(&lambda.body);
        });
    }

    fn comprehension(&mut self, e: &'a Expr, kind: ScopeKind, comps: &'a [Comp], element: impl FnOnce(&mut Self)) {
        let Some(first) = comps.first() else {
            return;
        };
        if comps.len() > MAX_CLAUSES {
            return self.error(e.span, "too many statically nested blocks");
        }
        self.iterable(&first.iter);
        let class = self.class();
        let scope = self.new_scope(kind, class);
        self.scopes.by_node.insert(e.id, scope);
        let outer_async = self.scopes.get(self.at).is_async;
        let inner = self.scopes.get_mut(scope);
        // What is inlined may await where the scope around it may; a generator always may.
        inner.is_async = kind == ScopeKind::GenExp || outer_async;
        if kind == ScopeKind::GenExp {
            let zero = self.names.known.dot_zero;
            self.scopes.get_mut(scope).params.push(zero);
            self.flag(scope, zero, PARAM);
        }
        let forbidding = self.context.forbidding;
        let mut asynchronous = false;
        self.inside(scope, |c| {
            c.context.forbidding = forbidding;
            c.context.comprehension = Some(what(e));
            for comp in comps {
                c.iteration_target = true;
                c.target(&comp.target);
                c.iteration_target = false;
                if comp.is_async {
                    asynchronous = true;
                }
                // The first iterable was walked outside.
                if !std::ptr::eq(comp, first) {
                    c.iterable(&comp.iter);
                }
                for test in &comp.ifs {
                    c.expr(test);
                }
            }
            element(c);
        });
        asynchronous |= self.scopes.get(scope).awaits;
        if asynchronous {
            self.scopes.get_mut(scope).awaits = true;
            if kind == ScopeKind::Comp {
                self.check_async_comprehension(e.span, outer_async);
            }
        }
    }

    fn iterable(&mut self, e: &'a Expr) {
        self.iterables += 1;
        self.expr(e);
        self.iterables -= 1;
    }

    /// `name := value`
    fn named(&mut self, e: &'a Expr, ident: Ident, value: &'a Expr) {
        if let Some(place) = self.context.forbidding {
            self.error(e.span, format!("named expression cannot be used within {place}"));
        }
        if self.iterables > 0 {
            self.error(e.span, "assignment expression cannot be used in a comprehension iterable expression");
        }
        let kind = self.scopes.get(self.at).kind;
        if matches!(kind, ScopeKind::Comp | ScopeKind::GenExp) {
            self.named_in_comprehension(ident);
        } else {
            self.bind(ident, WALRUS);
        }
        self.expr(value);
    }

    /// The name belongs to the innermost scope around the comprehension that is none itself.
    fn named_in_comprehension(&mut self, ident: Ident) {
        if ident.sym == self.names.known.debug {
            self.error(ident.span, "cannot assign to __debug__");
        }
        let name = self.mangled(ident.sym);
        let mut scope = self.at;
        loop {
            let here = self.scopes.get(scope);
            match here.kind {
                ScopeKind::Comp | ScopeKind::GenExp => {
                    let flags = here.symbols.get(&name).map_or(0, |symbol| symbol.flags);
                    if flags & ITERATION != 0 {
                        let message = format!(
                            "assignment expression cannot rebind comprehension iteration variable '{}'",
                            self.names.text(name)
                        );
                        self.error(ident.span, message);
                        return;
                    }
                    scope = here.parent;
                }
                ScopeKind::Class => {
                    self.error(
                        ident.span,
                        "assignment expression within a comprehension cannot be used in a class body",
                    );
                    return;
                }
                _ => break,
            }
        }
        // At the top level the name is the module's, also where `exec` was given other locals.
        let global = if scope == ROOT { GLOBAL } else { 0 };
        self.flag(self.at, name, USED | WALRUS | global);
        self.flag(scope, name, BOUND | WALRUS | global);
    }
}

/// The words for a comprehension in messages.
fn what(e: &Expr) -> &'static str {
    match e.kind {
        ExprKind::ListComp(..) => "list comprehension",
        ExprKind::SetComp(..) => "set comprehension",
        ExprKind::DictComp(..) => "dict comprehension",
        _ => "generator expression",
    }
}
