//! The walk that collects every scope's names: definitions, their parameters and annotations.

use super::collect::{Collector, strip};
use super::context::Context;
use super::*;
use aio_syntax::ast::*;

impl<'a> Collector<'a, '_> {
    pub(super) fn function(&mut self, stmt: &'a Stmt, def: &'a FuncDef) {
        self.bind(def.name, 0);
        self.defaults(&def.params);
        for decorator in &def.decorators {
            self.expr(decorator);
        }
        let outer = self.enter_type_params(stmt.id, &def.tparams, None);
        self.annotations(&def.params, &def.returns);
        let class = self.class();
        let scope = self.new_scope(ScopeKind::Function, class);
        self.scopes.by_node.insert(stmt.id, scope);
        self.scopes.get_mut(scope).is_async = def.is_async;
        self.inside(scope, |c| {
            c.params(&def.params);
            c.block(&def.body);
        });
        self.leave_type_params(outer);
        let coroutine = def.is_async && !self.scopes.get(scope).yields;
        if coroutine && def.decorators.is_empty() {
            let name = self.mangled(def.name.sym);
            self.scopes.get_mut(self.at).coroutines.push(name);
        }
    }

    pub(super) fn class_def(&mut self, stmt: &'a Stmt, class: &'a ClassDef) {
        self.bind(class.name, 0);
        for decorator in &class.decorators {
            self.expr(decorator);
        }
        let owner = Some(class.name.sym);
        let outer = self.enter_type_params(stmt.id, &class.tparams, owner);
        self.arguments(&class.args);
        let scope = self.new_scope(ScopeKind::Class, owner);
        self.scopes.by_node.insert(stmt.id, scope);
        if outer.is_some() {
            let type_params = self.names.known.type_params;
            self.flag(scope, type_params, USED);
        }
        self.inside(scope, |c| c.block(&class.body));
        self.leave_type_params(outer);
    }

    pub(super) fn type_alias(&mut self, id: NodeId, alias: &'a TypeAlias) {
        self.bind(alias.name, 0);
        let outer = self.enter_type_params(id, &alias.tparams, None);
        let scope = self.annotation_scope(ScopeKind::Lazy);
        self.scopes.by_node.insert(id, scope);
        self.inside(scope, |c| {
            c.context.forbidding = Some("a type alias");
            c.expr(&alias.value);
        });
        self.leave_type_params(outer);
    }

    /// A scope whose names may be those of the class body around it.
    pub(super) fn annotation_scope(&mut self, kind: ScopeKind) -> ScopeId {
        let class = self.class();
        let around = self.scopes.get(self.at);
        let sees_class = around.kind == ScopeKind::Class || around.sees_class;
        let scope = self.new_scope(kind, class);
        if sees_class {
            let namespace = self.names.known.namespace;
            self.scopes.get_mut(scope).sees_class = true;
            self.scopes.get_mut(scope).params.push(namespace);
            self.flag(scope, namespace, PARAM);
        }
        scope
    }

    /// Enters the scope of type parameters, if there are some. What is returned is for leaving it.
    pub(super) fn enter_type_params(
        &mut self,
        id: NodeId,
        tparams: &'a [TParam],
        class: Option<Sym>,
    ) -> Option<(ScopeId, Context)> {
        if tparams.is_empty() {
            return None;
        }
        let scope = self.annotation_scope(ScopeKind::TypeParams);
        self.scopes.type_params.insert(id, scope);
        if class.is_some() {
            self.scopes.get_mut(scope).class = class;
        }
        let known = self.names.known;
        self.flag(scope, known.type_params, BOUND);
        for param in [known.defaults, known.kwdefaults] {
            self.scopes.get_mut(scope).params.push(param);
            self.flag(scope, param, PARAM);
        }
        let at = std::mem::replace(&mut self.at, scope);
        let context = std::mem::take(&mut self.context);
        self.context.forbidding = Some("the definition of a generic");
        for tparam in tparams {
            let name = self.mangled(tparam.name.sym);
            if self.flags_of(name) & TYPE_PARAM != 0 {
                let message = format!("duplicate type parameter '{}'", self.names.text(name));
                self.error(tparam.name.span, message);
            }
            self.bind(tparam.name, TYPE_PARAM);
            let tuple = tparam.bound.as_ref().map(|bound| &strip(bound).kind);
            let bound = match tuple {
                Some(ExprKind::Tuple(_)) => "a TypeVar constraint",
                _ => "a TypeVar bound",
            };
            self.lazy(&tparam.bound, bound);
            let default = match tparam.kind {
                TParamKind::TypeVar => "a TypeVar default",
                TParamKind::TypeVarTuple => "a TypeVarTuple default",
                TParamKind::ParamSpec => "a ParamSpec default",
            };
            self.lazy(&tparam.default, default);
        }
        Some((at, context))
    }

    /// A bound or default.
    pub(super) fn lazy(&mut self, value: &'a Option<P>, what: &'static str) {
        let Some(value) = value else { return };
        let scope = self.annotation_scope(ScopeKind::Lazy);
        self.scopes.lazy.insert(value.id, scope);
        self.inside(scope, |c| {
            c.context.forbidding = Some(what);
            match &value.kind {
                ExprKind::Star(inner) => c.expr(inner),
                _ => c.expr(value),
            }
        });
    }

    pub(super) fn leave_type_params(&mut self, outer: Option<(ScopeId, Context)>) {
        if let Some((at, context)) = outer {
            self.at = at;
            self.context = context;
        }
    }

    /// Annotations of parameters and result, evaluated where the function is made.
    pub(super) fn annotations(&mut self, params: &'a Params, returns: &'a Option<P>) {
        for param in params {
            match param {
                ParamItem::Plain(_, Some(annotation), _) | ParamItem::DStar(_, Some(annotation)) => {
                    self.annotation(annotation)
                }
                ParamItem::Star(_, Some((_, Some(annotation)))) => match &annotation.kind {
                    ExprKind::Star(inner) => self.annotation(inner),
                    _ => self.annotation(annotation),
                },
                _ => {}
            }
        }
        if let Some(returns) = returns {
            self.annotation(returns);
        }
    }

    pub(super) fn annotation(&mut self, annotation: &'a Expr) {
        if !self.scopes.future_annotations {
            self.expr(annotation);
            return;
        }
        // The annotation becomes a string, so its names are not looked up here.
        let what = match strip(annotation).kind {
            ExprKind::Named(..) => "named expression",
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) => "yield expression",
            ExprKind::Await(_) => "await expression",
            _ => return,
        };
        self.error(annotation.span, format!("{what} cannot be used within an annotation"));
    }

    /// Defaults of parameters, evaluated where the function is made.
    pub(super) fn defaults(&mut self, params: &'a Params) {
        for param in params {
            if let ParamItem::Plain(_, _, Some(default)) = param {
                self.expr(default);
            }
        }
    }

    /// Declares the parameters of the scope that the walk is in.
    pub(super) fn params(&mut self, params: &Params) {
        let mut ordered = Vec::new();
        let (mut args, mut kwargs) = (None, None);
        for param in params {
            let ident = match param {
                ParamItem::Plain(ident, ..) => {
                    ordered.push(*ident);
                    *ident
                }
                ParamItem::Star(_, Some((ident, _))) => *args.insert(*ident),
                ParamItem::DStar(ident, _) => *kwargs.insert(*ident),
                ParamItem::Star(_, None) | ParamItem::Slash(_) => continue,
            };
            if ident.sym == self.names.known.debug {
                self.error(ident.span, "cannot assign to __debug__");
            }
            let name = self.mangled(ident.sym);
            if self.flag(self.at, name, PARAM) & PARAM != 0 {
                let text = self.names.text(ident.sym);
                let message = format!("duplicate argument '{text}' in function definition");
                self.error(ident.span, message);
            }
        }
        // Positional and keyword-only parameters stand in source order already.
        for ident in ordered.into_iter().chain(args).chain(kwargs) {
            let name = self.mangled(ident.sym);
            self.scopes.get_mut(self.at).params.push(name);
        }
    }
}
