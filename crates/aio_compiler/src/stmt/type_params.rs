//! Type parameters and `type` statements: annotation scopes.

use crate::builder::{Dst, Opd};
use crate::expr::Extras;
use crate::module::{Compiler, Header};
use crate::scope::{ROOT, ScopeId, ScopeKind, strip};
use aio_bytecode::{Const, Intrinsic, Op};
use aio_source::Span;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    /// Calls, at once, the function in which type parameters are bound. `inside` leaves its result in
    /// a new temporary there; the call leaves it in a new one here. `defaults`: where two values are
    /// that the function gets.
    pub(super) fn call_type_params(
        &mut self,
        node: NodeId,
        name: &str,
        span: Span,
        tparams: &'a [TParam],
        defaults: Option<u32>,
        inside: &mut dyn FnMut(&mut Self),
    ) {
        let scope = self.scopes.type_params.get(&node).copied().unwrap_or(ROOT);
        let count = self.scopes.get(scope).params.len() as u16;
        let base = self.u.depth;
        self.at(span);
        let header = Header {
            name: format!("<generic parameters of {name}>"),
            first_line: self.lines.line(span.lo),
            positional: count,
            ..Header::default()
        };
        let code = if self.u.reachable {
            self.nested(scope, header, &mut |c| {
                c.type_params(tparams);
                inside(c);
                let top = c.u.top();
                c.return_value(top);
            })
        } else {
            None
        };
        self.make_function(base, code, Extras::default());
        if self.scopes.get(scope).sees_class {
            self.push_namespace();
        }
        for i in 0..2 {
            match defaults {
                Some(at) => {
                    let reg = self.u.reg(at + i);
                    self.u.copy(Opd::Local(reg));
                }
                None => {
                    self.push_none();
                }
            }
        }
        self.at(span);
        self.u.window(Op::Call, 0, base, count, 0);
    }

    /// A copy of the namespace of the class body around, which every annotation scope gets in r[0].
    fn push_namespace(&mut self) {
        self.u.copy(Opd::Local(0));
    }

    /// Makes and binds type parameters, and binds the tuple of them.
    fn type_params(&mut self, tparams: &'a [TParam]) {
        let base = self.u.depth;
        for tparam in tparams {
            self.at(tparam.name.span);
            let name = self.names.text(tparam.name.sym).to_owned();
            self.text(&name, Dst::Push);
            let (intrinsic, count) = match tparam.kind {
                TParamKind::TypeVar => {
                    let bound = tparam.bound.as_deref();
                    let tuple = |e: &&Expr| matches!(strip(e).kind, ExprKind::Tuple(_));
                    self.lazy(&name, bound.filter(|e| !tuple(e)));
                    self.lazy(&name, bound.filter(tuple));
                    (Intrinsic::TypeVar, 4)
                }
                TParamKind::TypeVarTuple => (Intrinsic::TypeVarTuple, 2),
                TParamKind::ParamSpec => (Intrinsic::ParamSpec, 2),
            };
            self.lazy(&name, tparam.default.as_deref());
            self.at(tparam.name.span);
            self.intrinsic(intrinsic, count);
            self.store_copy(tparam.name.sym, self.u.depth - 1);
        }
        self.u.window(Op::MakeTuple, 0, base, tparams.len() as u16, 0);
        let top = self.u.top();
        self.store_mangled(self.names.known.type_params, top);
    }

    /// A function that evaluates an expression when it is called, or `None`.
    fn lazy(&mut self, name: &str, value: Option<&'a Expr>) {
        let Some(value) = value else {
            self.push_none();
            return;
        };
        let scope = self.scopes.lazy.get(&value.id).copied().unwrap_or(ROOT);
        self.lazy_function(scope, name, value);
    }

    fn lazy_function(&mut self, scope: ScopeId, name: &str, value: &'a Expr) {
        let base = self.u.depth;
        let mut extras = Extras::default();
        self.at(value.span);
        if self.scopes.get(scope).sees_class {
            // It is called without arguments, so the namespace is a default.
            self.push_namespace();
            self.u.window(Op::MakeTuple, 0, base, 1, 0);
            extras.defaults = true;
        }
        let header = Header {
            name: name.into(),
            first_line: self.lines.line(value.span.lo),
            positional: self.scopes.get(scope).params.len() as u16,
            ..Header::default()
        };
        let code = if self.u.reachable {
            self.nested(scope, header, &mut |c| {
                c.maybe_starred(value);
                c.at(value.span);
                let top = c.u.top();
                c.return_value(top);
            })
        } else {
            None
        };
        self.make_function(base, code, extras);
    }

    /// `type Name[T] = value`
    pub(super) fn type_alias(&mut self, stmt: &'a Stmt, alias: &'a TypeAlias) {
        let span = alias.name.span;
        let name = self.names.text(alias.name.sym).to_owned();
        let scope = self.scopes.of_node(stmt.id);
        if alias.tparams.is_empty() {
            self.at(span);
            self.text(&name, Dst::Push);
            self.constant(Const::Tuple(Box::default()), Dst::Push);
            self.lazy_function(scope, &name, &alias.value);
            self.at(span);
            self.intrinsic(Intrinsic::TypeAlias, 3);
        } else {
            let known = self.names.known;
            self.call_type_params(stmt.id, &name, span, &alias.tparams, None, &mut |c| {
                c.text(&name, Dst::Push);
                c.load_mangled(known.type_params, span, Dst::Push);
                c.lazy_function(scope, &name, &alias.value);
                c.at(span);
                c.intrinsic(Intrinsic::TypeAlias, 3);
            });
        }
        debug_assert_eq!(self.scopes.get(scope).kind, ScopeKind::Lazy);
        let top = self.u.top();
        self.store_name(alias.name.sym, top);
    }
}
