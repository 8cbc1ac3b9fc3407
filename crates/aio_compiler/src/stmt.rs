//! Statements: which rule applies, and the simple ones.

mod assign;
mod class;
mod def;
mod explain;
mod import;
mod loops;
mod match_;
mod try_;
mod type_params;
mod with_;

use crate::builder::{Dst, Opd};
use crate::depth::{into_tree, with_stack};
use crate::module::{Compiler, Mode};
use crate::scope::strip;
use aio_bytecode::{Intrinsic, Op};
use aio_source::Span;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    pub fn block(&mut self, block: &'a [Stmt]) {
        with_stack(|| self.statements(block));
    }

    fn statements(&mut self, block: &'a [Stmt]) {
        for stmt in block {
            // What follows a `return` is checked when scopes are collected, but never emitted.
            if !self.u.reachable {
                return;
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Assign(assign) => self.assign(assign, stmt.span),
            StmtKind::AugAssign(op, target, value) => {
                self.aug_assign(*op, target, value, stmt.span);
            }
            StmtKind::AnnAssign(assign) => self.ann_assign(assign, stmt.span),
            StmtKind::Pass | StmtKind::Global(_) | StmtKind::Nonlocal(_) => {}
            StmtKind::Break => {
                self.at(stmt.span);
                self.break_stmt();
            }
            StmtKind::Continue => {
                self.at(stmt.span);
                self.continue_stmt();
            }
            StmtKind::Return(value) => self.return_stmt(value.as_deref(), stmt.span),
            StmtKind::Raise(exception, cause) => {
                self.raise(exception.as_deref(), cause.as_deref(), stmt.span);
            }
            StmtKind::Del(targets) => {
                for target in targets {
                    self.delete(target);
                }
            }
            StmtKind::Assert(test, message) => self.assert(test, message.as_deref(), stmt.span),
            StmtKind::Import(aliases) => self.import(aliases, stmt.span),
            StmtKind::FromImport(import) => self.import_from(import, stmt.span),
            StmtKind::TypeAlias(alias) => self.type_alias(stmt, alias),
            StmtKind::If(if_) => self.if_stmt(if_),
            StmtKind::While(while_) => self.while_stmt(while_),
            StmtKind::For(for_) => self.for_stmt(for_, Span::new(stmt.span.lo, stmt.end())),
            StmtKind::Try(try_) => self.try_stmt(try_, stmt.span),
            StmtKind::With(with) => self.with_stmt(with),
            StmtKind::FuncDef(def) => self.func_def(stmt, def),
            StmtKind::ClassDef(class) => self.class_def(stmt, class),
            StmtKind::Match(match_) => self.match_stmt(match_),
        }
    }

    fn expr_stmt(&mut self, e: &'a Expr) {
        let at_prompt = self.mode == Mode::Interactive && self.u.id == crate::scope::ROOT;
        if at_prompt {
            self.push(e);
            self.at(e.span);
            self.intrinsic(Intrinsic::Display, 1);
            self.u.drop_top();
        } else {
            self.discard(e);
        }
    }

    fn raise(&mut self, exception: Option<&'a Expr>, cause: Option<&'a Expr>, span: Span) {
        match (exception, cause) {
            (None, _) => {
                self.at(span);
                self.u.emit(Op::RaiseAgain, 0, 0, 0, 0);
            }
            (Some(exception), None) => {
                let exception = self.operand(exception);
                self.at(span);
                self.u.sink_x(Op::Raise, 0, exception, 0);
            }
            (Some(exception), Some(cause)) => {
                let exception = self.operand_before(exception, &[cause]);
                let cause = self.operand(cause);
                self.at(span);
                self.u.sink_2(Op::RaiseFrom, exception, cause, 0);
            }
        }
        self.u.reachable = false;
    }

    fn assert(&mut self, test: &'a Expr, message: Option<&'a Expr>, span: Span) {
        if self.explains_asserts {
            return self.explained_assert(test, message, span);
        }
        self.warn_assert(test, span);
        let holds = self.u.label();
        self.condition(test, holds, true);
        self.at(strip(test).span);
        self.intrinsic(Intrinsic::AssertionError, 0);
        let base = self.u.depth - 1;
        if let Some(message) = message {
            self.push(message);
            self.at(span);
            self.u.window(Op::Call, 0, base, 1, 0);
        }
        // The place that is shown is the condition, as that is what went wrong.
        self.at(strip(test).span);
        let top = self.u.top();
        self.u.sink_x(Op::Raise, 0, top, 0);
        self.u.reachable = false;
        self.u.bind(holds);
    }

    fn if_stmt(&mut self, if_: &'a IfStmt) {
        let end = self.u.label();
        let mut decided = false;
        let last = if_.arms.len().saturating_sub(1);
        for (i, (test, body)) in if_.arms.iter().enumerate() {
            match self.fold_truth(test) {
                Some(true) => {
                    self.block(body);
                    decided = true;
                    break;
                }
                Some(false) => continue,
                None => {}
            }
            let next = self.u.label();
            self.condition(test, next, false);
            self.block(body);
            if i < last || if_.orelse.is_some() {
                self.u.jump(end);
            }
            self.u.bind(next);
        }
        if let (false, Some(orelse)) = (decided, &if_.orelse) {
            self.block(orelse);
        }
        self.u.bind(end);
    }

    fn delete(&mut self, target: &'a Expr) {
        into_tree(target.depth, || self.any_delete(target));
    }

    fn any_delete(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(sym) => self.delete_name(*sym, target.span),
            ExprKind::Paren(inner) => self.delete(inner),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.delete(item);
                }
            }
            ExprKind::Attr(value, attr) => {
                let value = self.operand(value);
                let name = self.mangled(attr.sym);
                let name = self.u.pool.name(name);
                self.at(self.attribute_span(target.span, *attr));
                self.u.sink_x(Op::UnsetAttr, 0, value, name);
            }
            ExprKind::Index(value, index) => {
                let value = self.operand_before(value, &[index]);
                let index = self.subscript(index);
                self.at(target.span);
                self.u.sink_2(Op::UnsetItem, value, index, 0);
            }
            // The parser lets nothing else through.
            _ => self.discard(target),
        }
    }

    /// Stores the newest temporary in a target.
    pub fn store_top(&mut self, target: &'a Expr) {
        let top = self.u.top();
        self.store(target, top);
    }

    /// `None` in a new temporary.
    pub fn push_none(&mut self) -> Opd {
        self.constant(aio_bytecode::Const::None, Dst::Push);
        self.u.top()
    }
}
