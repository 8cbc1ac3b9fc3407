//! Arithmetic.

use crate::builder::{Dst, Opd};
use crate::module::Compiler;
use crate::scope::strip;
use aio_bytecode::Op;
use aio_source::Span;
use aio_syntax::ast::*;

/// The operation of an operator.
fn operation(op: BinOp) -> Op {
    match op {
        BinOp::Add => Op::Add,
        BinOp::Sub => Op::Sub,
        BinOp::Mul => Op::Mul,
        BinOp::Div => Op::Div,
        BinOp::FloorDiv => Op::FloorDiv,
        BinOp::Mod => Op::Mod,
        BinOp::MatMul => Op::MatMul,
        BinOp::Pow => Op::Pow,
        BinOp::LShift => Op::LShift,
        BinOp::RShift => Op::RShift,
        BinOp::BitAnd => Op::And,
        BinOp::BitOr => Op::Or,
        BinOp::BitXor => Op::Xor,
    }
}

/// The operation of an operator with a small integer on the right, if there is one for it.
fn immediate(op: BinOp, imm: i16) -> Option<Op> {
    Some(match op {
        BinOp::Add => Op::AddI,
        BinOp::Sub => Op::SubI,
        BinOp::Mul => Op::MulI,
        BinOp::FloorDiv if imm != 0 => Op::FloorDivI,
        BinOp::Mod if imm != 0 => Op::ModI,
        BinOp::BitAnd => Op::AndI,
        BinOp::LShift if (0..64).contains(&imm) => Op::LShiftI,
        BinOp::RShift if (0..64).contains(&imm) => Op::RShiftI,
        _ => return None,
    })
}

/// Whether a comparison is made by the operands, and not by what contains or is what.
fn is_ordering(op: CmpOp) -> bool {
    !matches!(op, CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn)
}

impl<'a> Compiler<'a> {
    pub(super) fn binary(&mut self, e: &'a Expr, op: BinOp, left: &'a Expr, right: &'a Expr, dst: Dst) {
        let left = self.operand_before(left, &[right]);
        self.binary_rest(e.span, op, 0, left, right, dst);
    }

    /// The right operand and the operation; `flags` say whether it is in place.
    pub fn binary_rest(&mut self, span: Span, op: BinOp, flags: u8, left: Opd, right: &'a Expr, dst: Dst) {
        if let Some(imm) = self.small_int(right)
            && let Some(op) = immediate(op, imm)
        {
            self.at(span);
            self.u.arithmetic_imm(op, flags, dst, left, imm);
            return;
        }
        let right = self.operand(right);
        self.at(span);
        self.u.arithmetic(operation(op), flags, dst, left, right);
    }

    pub(super) fn unary(&mut self, e: &'a Expr, op: UnOp, operand: &'a Expr, dst: Dst) {
        let operand = match &strip(operand).kind {
            // What goes wrong in a comparison went wrong in the whole: CPython makes one instruction of both.
            ExprKind::Cmp(first, rest) if op == UnOp::Not && rest.len() == 1 && is_ordering(rest[0].0) => {
                self.compare(strip(operand), e.span, first, rest, Dst::Push);
                self.u.top()
            }
            _ => self.operand(operand),
        };
        let op = match op {
            UnOp::Not => Op::Not,
            UnOp::Neg => Op::Neg,
            UnOp::Pos => Op::Pos,
            UnOp::Invert => Op::Invert,
        };
        self.at(e.span);
        self.u.op_1(op, 0, dst, operand, 0);
    }
}
