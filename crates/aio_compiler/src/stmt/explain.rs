//! Asserts of tests: when one fails, the values that it compared are shown.

use crate::builder::Dst;
use crate::module::Compiler;
use aio_bytecode::Op;
use aio_bytecode::code::Const;
use aio_bytecode::ops::Intrinsic;
use aio_source::Span;
use aio_syntax::ast::{CmpOp, Expr, ExprKind, UnOp};

/// How a comparison is written.
fn sign(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "==",
        CmpOp::Ne => "!=",
        CmpOp::Lt => "<",
        CmpOp::Le => "<=",
        CmpOp::Gt => ">",
        CmpOp::Ge => ">=",
        CmpOp::In => "in",
        CmpOp::NotIn => "not in",
        CmpOp::Is => "is",
        CmpOp::IsNot => "is not",
    }
}

impl<'a> Compiler<'a> {
    /// An assert that keeps its values until it is known whether it holds.
    pub(super) fn explained_assert(&mut self, test: &'a Expr, message: Option<&'a Expr>, span: Span) {
        self.warn_assert(test, span);
        let base = self.u.depth;
        let holds = self.u.label();
        let mut shown = test;
        while let ExprKind::Paren(inner) = &shown.kind {
            shown = inner;
        }
        let (kept, word) = match &shown.kind {
            ExprKind::Cmp(first, rest) if rest.len() == 1 => {
                self.warn_comparisons(shown, first, rest);
                let (op, right) = &rest[0];
                self.push(first);
                self.push(right);
                let (left, right) = (self.u.reg(base), self.u.reg(base + 1));
                self.at(shown.span);
                self.u.op(crate::expr::operation(*op), 0, Dst::Push, left, right);
                let result = self.u.top();
                self.u.jump_if(Op::JumpTrue, result, holds);
                (base + 2, sign(*op))
            }
            kind => {
                let (value, op, word) = match kind {
                    ExprKind::Un(UnOp::Not, inner) => (&**inner, Op::JumpFalse, "not"),
                    _ => (shown, Op::JumpTrue, ""),
                };
                self.push(value);
                let value = self.u.top();
                self.u.copy(value);
                self.at(shown.span);
                let copy = self.u.top();
                self.u.jump_if(op, copy, holds);
                self.constant(Const::None, Dst::Push);
                (base + 1, word)
            }
        };
        self.constant(Const::Str(word.as_bytes().to_vec().into()), Dst::Push);
        if let Some(message) = message {
            self.push(message);
        }
        self.at(test.span);
        self.intrinsic(Intrinsic::FailedAssertion, self.u.depth - base);
        let top = self.u.top();
        self.u.sink_x(Op::Raise, 0, top, 0);
        self.u.reachable = false;
        self.u.depth = kept;
        self.u.bind(holds);
        self.u.drop_to(base);
    }
}
