//! Subscripts and slices.

use crate::builder::{Dst, Opd};
use crate::module::Compiler;
use aio_bytecode::{Const, Op};
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    /// `value[index]`
    pub(super) fn index(&mut self, e: &'a Expr, value: &'a Expr, index: &'a Expr, dst: Dst) {
        self.warn_subscript(value, index);
        if let ExprKind::Slice(slice) = &index.kind
            && slice.step.is_none()
        {
            let base = self.u.depth;
            self.push(value);
            self.bounds(index, [&slice.lower, &slice.upper]);
            self.at(e.span);
            self.u.window(Op::GetSlice, 0, base, 0, 0);
            return self.u.settle(dst);
        }
        let value = self.operand_before(value, &[index]);
        if let Some(imm) = self.small_int(index) {
            self.at(e.span);
            return self.u.op_1(Op::GetItemI, 0, dst, value, imm as u16);
        }
        let index = self.subscript(index);
        self.at(e.span);
        self.u.op_2(Op::GetItem, 0, dst, value, index);
    }

    /// What stands between the brackets, as an operand.
    pub fn subscript(&mut self, index: &'a Expr) -> Opd {
        if let ExprKind::Star(_) = index.kind {
            // `a[*b]` is `a[(*b,)]`.
            self.starred_items(index, std::slice::from_ref(index));
            return self.u.top();
        }
        self.operand(index)
    }

    /// `lower:upper:step`
    pub(super) fn slice(&mut self, e: &'a Expr, slice: &'a Slice, dst: Dst) {
        let base = self.u.depth;
        self.bounds(e, [&slice.lower, &slice.upper, &slice.step]);
        self.at(e.span);
        self.u.window(Op::MakeSlice, 0, base, 0, 0);
        self.u.settle(dst);
    }

    /// The parts of a slice, each in a new temporary; None stands for one that is left out.
    fn bounds<const N: usize>(&mut self, e: &'a Expr, parts: [&'a Option<Box<Expr>>; N]) {
        for part in parts {
            match part {
                Some(part) => self.push(part),
                None => self.constant_at(e, Const::None, Dst::Push),
            }
        }
    }
}
