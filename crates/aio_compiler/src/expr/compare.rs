//! Comparisons whose result is a value.

use super::is_simple;
use crate::builder::{Dst, Opd};
use crate::module::Compiler;
use crate::scope::strip;
use aio_bytecode::{Const, Op};
use aio_source::Span;
use aio_syntax::ast::*;

/// The operation of a comparison.
pub(crate) fn operation(op: CmpOp) -> Op {
    match op {
        CmpOp::Eq => Op::Eq,
        CmpOp::Ne => Op::Ne,
        CmpOp::Lt => Op::Lt,
        CmpOp::Le => Op::Le,
        CmpOp::Gt => Op::Gt,
        CmpOp::Ge => Op::Ge,
        CmpOp::In => Op::In,
        CmpOp::NotIn => Op::NotIn,
        CmpOp::Is => Op::Is,
        CmpOp::IsNot => Op::IsNot,
    }
}

impl<'a> Compiler<'a> {
    /// A comparison or a chain of them; `span` is what a single one belongs to.
    pub(super) fn compare(&mut self, e: &'a Expr, span: Span, first: &'a Expr, rest: &'a [(CmpOp, P)], dst: Dst) {
        self.warn_comparisons(e, first, rest);
        if let [(op, right)] = rest {
            let left = self.operand_before(first, &[right]);
            let right = self.right_operand(*op, right);
            self.at(span);
            return self.u.op_2(operation(*op), 0, dst, left, right);
        }
        let (end, cleanup) = (self.u.label(), self.u.label());
        let base = self.u.depth;
        let mut left = self.chain_operand(first, rest);
        let last = rest.len() - 1;
        let mut needs_cleanup = false;
        for (i, (op, right)) in rest.iter().enumerate() {
            if i == last {
                let right = self.right_operand(*op, right);
                self.at(e.span);
                self.u.op_2(operation(*op), 0, Dst::Push, left, right);
            } else if is_simple(right) {
                // It can be evaluated again for the next comparison.
                let operand = self.operand(right);
                self.at(e.span);
                self.u.op_2(operation(*op), 0, Dst::Push, left, operand);
                self.u.jump_or_drop(Op::JumpFalseKeep, end);
                left = self.operand(right);
            } else {
                self.keep_middle(e, operation(*op), left, right);
                self.u.jump_or_drop(Op::JumpFalseKeep, cleanup);
                needs_cleanup = true;
                left = self.u.top();
            }
        }
        if needs_cleanup {
            self.u.jump(end);
            // The middle operand lies below the result.
            self.u.depth = base + 2;
            self.u.bind(cleanup);
            self.slide(base);
        }
        self.u.depth = base + 1;
        self.u.bind(end);
        self.u.settle(dst);
    }

    /// The first operand of a chain.
    fn chain_operand(&mut self, first: &'a Expr, rest: &'a [(CmpOp, P)]) -> Opd {
        let others: Vec<&Expr> = rest.iter().map(|(_, e)| &**e).collect();
        self.operand_before(first, &others)
    }

    /// Compares with an operand that is needed again: that operand in place of the left one, the
    /// result above it.
    fn keep_middle(&mut self, e: &'a Expr, op: Op, left: Opd, right: &'a Expr) {
        self.push(right);
        let right = self.u.top();
        let (b, c) = (self.u.peek(left), self.u.peek(right));
        self.at(e.span);
        self.u.op(op, 0, Dst::Push, b, c);
        if let Opd::Temp(base) = left {
            // [left, right, result] becomes [right, result].
            let (l, r, result) = (self.u.reg(base), self.u.reg(base + 1), self.u.reg(base + 2));
            self.u.emit(Op::Drop, aio_bytecode::ops::FA, l, 0, 0);
            self.u.emit(Op::Move, aio_bytecode::ops::FB, l, r, 0);
            self.u.emit(Op::Move, aio_bytecode::ops::FB, r, result, 0);
            self.u.depth -= 1;
        }
    }

    /// [a, result] becomes [result].
    fn slide(&mut self, base: u32) {
        let (a, result) = (self.u.reg(base), self.u.reg(base + 1));
        self.u.emit(Op::Drop, aio_bytecode::ops::FA, a, 0, 0);
        self.u.emit(Op::Move, aio_bytecode::ops::FB, a, result, 0);
        self.u.depth = base + 1;
    }

    /// The right operand. What `in` looks into may be constant, as it is never seen elsewhere.
    pub(super) fn right_operand(&mut self, op: CmpOp, right: &'a Expr) -> Opd {
        if matches!(op, CmpOp::In | CmpOp::NotIn)
            && let Some(value) = self.constant_container(right)
        {
            self.constant_at(right, value, Dst::Push);
            return self.u.top();
        }
        self.operand(right)
    }

    /// A display of constants that nobody but the expression around it sees.
    pub fn constant_container(&self, e: &Expr) -> Option<Const> {
        let (items, set) = match &strip(e).kind {
            ExprKind::List(items) => (items, false),
            ExprKind::Set(items) => (items, true),
            _ => return None,
        };
        let items: Option<Vec<Const>> = items.iter().map(|item| self.fold(item)).collect();
        let items = items?.into();
        Some(if set { Const::FrozenSet(items) } else { Const::Tuple(items) })
    }
}
