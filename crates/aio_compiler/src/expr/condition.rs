//! Expressions whose truth decides where to go on.

use crate::builder::Label;
use crate::depth::into_tree;
use crate::module::Compiler;
use aio_bytecode::Op;
use aio_syntax::ast::*;

/// The jump that is taken if a comparison holds (`when`), or if it does not.
fn jump(op: CmpOp, when: bool) -> Op {
    match (op, when) {
        (CmpOp::Eq, true) => Op::JumpEq,
        (CmpOp::Eq, false) => Op::JumpNotEq,
        (CmpOp::Ne, true) => Op::JumpNe,
        (CmpOp::Ne, false) => Op::JumpNotNe,
        (CmpOp::Lt, true) => Op::JumpLt,
        (CmpOp::Lt, false) => Op::JumpNotLt,
        (CmpOp::Le, true) => Op::JumpLe,
        (CmpOp::Le, false) => Op::JumpNotLe,
        (CmpOp::Gt, true) => Op::JumpGt,
        (CmpOp::Gt, false) => Op::JumpNotGt,
        (CmpOp::Ge, true) => Op::JumpGe,
        (CmpOp::Ge, false) => Op::JumpNotGe,
        (CmpOp::In, true) | (CmpOp::NotIn, false) => Op::JumpIn,
        (CmpOp::In, false) | (CmpOp::NotIn, true) => Op::JumpNotIn,
        (CmpOp::Is, true) | (CmpOp::IsNot, false) => Op::JumpIs,
        (CmpOp::Is, false) | (CmpOp::IsNot, true) => Op::JumpIsNot,
    }
}

/// The same with a small integer on the right.
fn jump_imm(op: CmpOp, when: bool) -> Option<Op> {
    Some(match (op, when) {
        (CmpOp::Eq, true) => Op::JumpEqI,
        (CmpOp::Eq, false) => Op::JumpNotEqI,
        (CmpOp::Ne, true) => Op::JumpNeI,
        (CmpOp::Ne, false) => Op::JumpNotNeI,
        (CmpOp::Lt, true) => Op::JumpLtI,
        (CmpOp::Lt, false) => Op::JumpNotLtI,
        (CmpOp::Le, true) => Op::JumpLeI,
        (CmpOp::Le, false) => Op::JumpNotLeI,
        (CmpOp::Gt, true) => Op::JumpGtI,
        (CmpOp::Gt, false) => Op::JumpNotGtI,
        (CmpOp::Ge, true) => Op::JumpGeI,
        (CmpOp::Ge, false) => Op::JumpNotGeI,
        _ => return None,
    })
}

impl<'a> Compiler<'a> {
    /// Goes to `target` if the truth of the expression is `when`, on to the next instruction if not.
    pub fn condition(&mut self, e: &'a Expr, target: Label, when: bool) {
        into_tree(e.depth, || self.any_condition(e, target, when));
    }

    fn any_condition(&mut self, e: &'a Expr, target: Label, when: bool) {
        match &e.kind {
            ExprKind::Paren(inner) => return self.condition(inner, target, when),
            ExprKind::Un(UnOp::Not, inner) => return self.condition(inner, target, !when),
            ExprKind::And(items) => return self.all_of(items, target, when, false),
            ExprKind::Or(items) => return self.all_of(items, target, when, true),
            ExprKind::Cmp(first, rest) => {
                if let [(op, right)] = &rest[..] {
                    self.warn_comparisons(e, first, rest);
                    return self.comparison(e, first, *op, right, target, when);
                }
                if rest.iter().all(|(_, operand)| super::is_simple(operand)) {
                    self.warn_comparisons(e, first, rest);
                    return self.chain(e, first, rest, target, when);
                }
            }
            ExprKind::IfExp(choice) if self.fold_truth(&choice.test).is_none() => {
                let (otherwise, end) = (self.u.label(), self.u.label());
                self.condition(&choice.test, otherwise, false);
                self.condition(&choice.body, target, when);
                self.u.jump(end);
                self.u.bind(otherwise);
                self.condition(&choice.orelse, target, when);
                self.u.bind(end);
                return;
            }
            _ => {}
        }
        if let Some(truth) = self.fold_truth(e) {
            if truth == when {
                self.u.jump(target);
            }
            return;
        }
        let value = self.operand(e);
        self.at(e.span);
        let op = if when { Op::JumpTrue } else { Op::JumpFalse };
        self.u.jump_if(op, value, target);
    }

    /// `and` and `or`; `decides` is the truth of an item that decides alone.
    fn all_of(&mut self, items: &'a [P], target: Label, when: bool, decides: bool) {
        if when == decides {
            for item in items {
                self.condition(item, target, when);
            }
            return;
        }
        let Some((last, items)) = items.split_last() else {
            return;
        };
        let skip = self.u.label();
        for item in items {
            self.condition(item, skip, decides);
        }
        self.condition(last, target, when);
        self.u.bind(skip);
    }

    fn comparison(&mut self, e: &'a Expr, left: &'a Expr, op: CmpOp, right: &'a Expr, target: Label, when: bool) {
        let operand = self.operand_before(left, &[right]);
        if matches!(op, CmpOp::Is | CmpOp::IsNot) && matches!(crate::scope::strip(right).kind, ExprKind::None) {
            let none = (op == CmpOp::Is) == when;
            let op = if none { Op::JumpNone } else { Op::JumpNotNone };
            self.at(e.span);
            return self.u.jump_if(op, operand, target);
        }
        if let Some(imm) = self.small_int(right)
            && let Some(op) = jump_imm(op, when)
        {
            self.at(e.span);
            return self.u.jump_imm(op, operand, imm, target);
        }
        let right = self.right_operand(op, right);
        self.at(e.span);
        self.u.jump_2(jump(op, when), operand, right, target);
    }

    /// A chain whose operands can be evaluated twice.
    fn chain(&mut self, e: &'a Expr, first: &'a Expr, rest: &'a [(CmpOp, P)], target: Label, when: bool) {
        let no = if when { self.u.label() } else { target };
        let mut left = first;
        for (i, (op, right)) in rest.iter().enumerate() {
            if when && i + 1 == rest.len() {
                self.comparison(e, left, *op, right, target, true);
            } else {
                self.comparison(e, left, *op, right, no, false);
            }
            left = right;
        }
        if when {
            self.u.bind(no);
        }
    }
}
