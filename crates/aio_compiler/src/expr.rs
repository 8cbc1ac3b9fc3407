//! Expressions: which rule applies, and the simple ones.

mod call;
mod compare;
mod comprehension;
mod condition;
mod display;
mod fstring;
mod function;
mod operator;
mod subscript;
mod suspend;

pub(crate) use call::MAX_ARGUMENTS;
pub(crate) use compare::operation;
pub(crate) use function::Extras;
pub(crate) use suspend::Awaited;

use crate::builder::{Dst, Opd};
use crate::depth::into_tree;
use crate::module::Compiler;
use crate::scope::{Access, strip};
use aio_bytecode::{Const, Op};
use aio_source::Span;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    /// Evaluates an expression into a new temporary.
    pub fn push(&mut self, e: &'a Expr) {
        self.expr(e, Dst::Push);
    }

    /// Evaluates an expression to an operand. A local that is not captured is not copied.
    pub fn operand(&mut self, e: &'a Expr) -> Opd {
        match &e.kind {
            ExprKind::Name(sym) if *sym != self.names.known.debug => {
                return self.name_operand(*sym, e.span);
            }
            ExprKind::Paren(inner) => return self.operand(inner),
            ExprKind::Named(ident, value) => {
                if let Access::Local(reg) = self.access(ident.sym) {
                    self.expr(value, Dst::Local(reg));
                    self.u.bound.insert(reg);
                    return Opd::Local(reg);
                }
            }
            _ => {}
        }
        self.push(e);
        self.u.top()
    }

    /// Evaluates an operand that has to keep its value while `rest` is evaluated.
    pub fn operand_before(&mut self, e: &'a Expr, rest: &[&'a Expr]) -> Opd {
        let operand = self.operand(e);
        if let Opd::Local(reg) = operand
            && self.is_unsteady(reg)
            && !rest.iter().all(|e| is_simple(e))
        {
            self.u.copy(operand);
            return self.u.top();
        }
        operand
    }

    /// Evaluates an expression for its effects.
    pub fn discard(&mut self, e: &'a Expr) {
        match &e.kind {
            ExprKind::Paren(inner) => self.discard(inner),
            ExprKind::Named(..) => {
                if let Opd::Temp(_) = self.operand(e) {
                    self.u.drop_top();
                }
            }
            ExprKind::Name(_) => {
                // Only the error for a name without value matters.
                if let Opd::Temp(_) = self.operand(e) {
                    self.u.drop_top();
                }
            }
            _ if self.fold(e).is_some() => {}
            _ => {
                self.push(e);
                self.u.drop_top();
            }
        }
    }

    /// Evaluates an expression.
    pub fn expr(&mut self, e: &'a Expr, dst: Dst) {
        into_tree(e.depth, || self.any_expr(e, dst));
    }

    fn any_expr(&mut self, e: &'a Expr, dst: Dst) {
        match &e.kind {
            ExprKind::Name(sym) => {
                if *sym == self.names.known.debug {
                    self.at(e.span);
                    self.constant(Const::True, dst);
                } else {
                    self.load_name(*sym, e.span, dst);
                }
            }
            ExprKind::Paren(inner) => self.expr(inner, dst),
            ExprKind::Bin(op, left, right) => match self.fold(e) {
                Some(value) => self.constant_at(e, value, dst),
                None => self.binary(e, *op, left, right, dst),
            },
            ExprKind::Un(op, operand) => match self.fold(e) {
                Some(value) => self.constant_at(e, value, dst),
                None => self.unary(e, *op, operand, dst),
            },
            ExprKind::And(items) => self.and_or(e, items, Op::JumpFalseKeep, false, dst),
            ExprKind::Or(items) => self.and_or(e, items, Op::JumpTrueKeep, true, dst),
            ExprKind::Cmp(first, rest) => self.compare(e, e.span, first, rest, dst),
            ExprKind::IfExp(choice) => self.choice(choice, dst),
            ExprKind::Lambda(lambda) => self.lambda(e, lambda, dst),
            ExprKind::Named(ident, value) => self.named(e, *ident, value, dst),
            ExprKind::Call(callee, args) => self.call(e, callee, args, false, dst),
            ExprKind::Attr(value, attr) => self.attribute(e, value, *attr, dst),
            ExprKind::Index(value, index) => self.index(e, value, index, dst),
            ExprKind::Slice(slice) => self.slice(e, slice, dst),
            ExprKind::Tuple(items) => match self.fold(e) {
                Some(value) => self.constant_at(e, value, dst),
                None => self.tuple(e, items, dst),
            },
            ExprKind::List(items) => self.list(e, items, dst),
            ExprKind::Set(items) => self.set(e, items, dst),
            ExprKind::Dict(entries) => self.dict(e, entries, dst),
            // The scope pass rejected it wherever it is not handled by its container.
            ExprKind::Star(inner) => self.expr(inner, dst),
            ExprKind::ListComp(element, comps) => {
                self.comprehension(e, Op::MakeList, Op::ListAppend, None, element, comps, dst);
            }
            ExprKind::SetComp(element, comps) => {
                self.comprehension(e, Op::MakeSet, Op::SetAdd, None, element, comps, dst);
            }
            ExprKind::DictComp(entry, comps) => {
                let (key, value) = (&entry.0, &entry.1);
                self.comprehension(e, Op::MakeDict, Op::DictSet, Some(key), value, comps, dst);
            }
            ExprKind::GenExp(element, comps) => self.generator(e, element, comps, dst),
            ExprKind::FStr(pieces) => self.fstring(e, pieces, dst),
            ExprKind::Await(value) => self.await_expr(e, value, dst),
            ExprKind::Yield(value) => self.yield_expr(e, value, dst),
            ExprKind::YieldFrom(value) => self.yield_from(e, value, dst),
            ExprKind::Error => self.constant_at(e, Const::None, dst),
            _ => {
                let value = crate::constant::literal(e).unwrap_or(Const::None);
                self.constant_at(e, value, dst);
            }
        }
    }

    pub fn constant_at(&mut self, e: &Expr, value: Const, dst: Dst) {
        self.at(e.span);
        self.constant(value, dst);
    }

    /// `name := value` whose value is needed.
    fn named(&mut self, e: &'a Expr, ident: Ident, value: &'a Expr, dst: Dst) {
        if let Access::Local(reg) = self.access(ident.sym) {
            self.expr(value, Dst::Local(reg));
            self.u.bound.insert(reg);
            if dst != Dst::Local(reg) {
                self.at(e.span);
                self.u.op(Op::Move, 0, dst, reg, 0);
            }
            return;
        }
        self.push(value);
        self.at(e.span);
        self.store_copy(ident.sym, self.u.depth - 1);
        self.u.settle(dst);
    }

    /// `body if test else orelse`
    fn choice(&mut self, choice: &'a IfExp, dst: Dst) {
        if let Some(truth) = self.fold_truth(&choice.test) {
            let chosen = if truth { &choice.body } else { &choice.orelse };
            return self.expr(chosen, dst);
        }
        let depth = self.u.depth;
        let otherwise = self.u.label();
        let end = self.u.label();
        self.condition(&choice.test, otherwise, false);
        self.expr(&choice.body, dst);
        self.u.jump(end);
        self.u.depth = depth;
        self.u.bind(otherwise);
        self.expr(&choice.orelse, dst);
        self.u.bind(end);
    }

    /// `a and b`, `a or b`: the first operand whose truth is `decides`, or the last one.
    fn and_or(&mut self, e: &'a Expr, items: &'a [P], keep: Op, decides: bool, dst: Dst) {
        let end = self.u.label();
        let last = items.len().saturating_sub(1);
        for (i, item) in items.iter().enumerate() {
            if i < last
                && let Some(truth) = self.fold_truth(item)
            {
                if truth == decides {
                    self.push(item);
                    break;
                }
                continue;
            }
            self.push(item);
            if i < last {
                self.at(e.span);
                self.u.jump_or_drop(keep, end);
            }
        }
        self.u.bind(end);
        self.u.settle(dst);
    }

    /// The place of an attribute or of the call of a method. What begins in an earlier line belongs to the name of
    /// the attribute, so that in a chain of calls over many lines the one that failed is seen.
    pub fn attribute_span(&self, span: Span, attr: Ident) -> Span {
        if self.lines.line(span.lo) == self.lines.line(attr.span.lo) { span } else { Span::new(attr.span.lo, span.hi) }
    }

    /// `value.attr`
    fn attribute(&mut self, e: &'a Expr, value: &'a Expr, attr: Ident, dst: Dst) {
        if self.is_bare_super(value) && self.super_window(value) {
            let base = self.u.depth - 3;
            let name = self.mangled(attr.sym);
            let name = self.name16(name);
            self.at(self.attribute_span(e.span, attr));
            self.u.window(Op::SuperAttr, 0, base, 0, name);
            return self.u.settle(dst);
        }
        let value = self.operand(value);
        let name = self.mangled(attr.sym);
        let name = self.name16(name);
        self.at(self.attribute_span(e.span, attr));
        self.u.op_1(Op::GetAttr, 0, dst, value, name);
    }
}

/// Whether evaluating an expression can change no local.
pub(crate) fn is_simple(e: &Expr) -> bool {
    matches!(strip(e).kind, ExprKind::Name(_)) || crate::constant::is_literal(e)
}
