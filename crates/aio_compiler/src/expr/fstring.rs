//! f-strings.

use crate::builder::Dst;
use crate::module::Compiler;
use aio_bytecode::ops::{FB, FC, X0, X1, X2, X3};
use aio_bytecode::{Const, Op};
use aio_syntax::ast::*;

/// The most pieces that are collected in temporaries before they are joined.
const WINDOW: u32 = 100;

impl<'a> Compiler<'a> {
    pub(super) fn fstring(&mut self, e: &'a Expr, pieces: &'a [FPiece], dst: Dst) {
        self.at(e.span);
        self.pieces(e, pieces);
        self.u.settle(dst);
    }

    /// Joins pieces to one string in a new temporary.
    fn pieces(&mut self, e: &'a Expr, pieces: &'a [FPiece]) {
        let base = self.u.depth;
        let only = matches!(pieces, [FPiece::Field(field)] if field.debug.is_none());
        for piece in pieces {
            match piece {
                FPiece::Lit(text) => self.piece(e, text.clone()),
                FPiece::Field(field) => {
                    if let Some(text) = &field.debug {
                        self.piece(e, text.clone());
                    }
                    self.field(e, field, only);
                }
            }
            if self.u.depth - base >= WINDOW {
                self.join(e, base);
            }
        }
        match self.u.depth - base {
            0 => self.piece(e, Box::default()),
            1 => {}
            _ => self.join(e, base),
        }
    }

    fn piece(&mut self, e: &'a Expr, text: Box<[u8]>) {
        self.at(e.span);
        self.constant(Const::Str(text.into_vec().into()), Dst::Push);
    }

    fn join(&mut self, e: &'a Expr, base: u32) {
        self.at(e.span);
        let count = self.u.depth - base;
        self.u.window(Op::MakeStr, 0, base, count as u16, 0);
    }

    fn field(&mut self, e: &'a Expr, field: &'a FField, only: bool) {
        let value = self.operand(&field.expr);
        let conversion = match field.conv {
            Conversion::None => 0,
            Conversion::Str => X1,
            Conversion::Repr => X2,
            Conversion::Ascii => X1 | X2,
        };
        let spec = field.spec.as_deref().filter(|spec| !spec.is_empty());
        let Some(spec) = spec else {
            self.at(field.span);
            let number = if only || conversion != 0 { 0 } else { X3 };
            return self.u.op_1(Op::Format, X0 | conversion | number, Dst::Push, value, 0);
        };
        // The specification may bind the name again that the value came from.
        let value = match value {
            crate::builder::Opd::Local(reg) if self.is_unsteady(reg) => {
                self.u.copy(value);
                self.u.top()
            }
            _ => value,
        };
        self.pieces(e, spec);
        let spec = self.u.top();
        self.at(field.span);
        let (c, c_flag) = self.u.take(spec, FC);
        let (b, b_flag) = self.u.take(value, FB);
        self.u.op(Op::Format, conversion | b_flag | c_flag, Dst::Push, b, c);
    }
}
