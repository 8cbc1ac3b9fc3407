//! `await`, `yield` and `yield from`.

use crate::builder::{Dst, Opd};
use crate::module::Compiler;
use crate::scope::strip;
use aio_bytecode::ops::{FB, X0, X1, X2};
use aio_bytecode::{Const, Op};
use aio_syntax::ast::*;

/// Whose awaitable is awaited, for the message if it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// That of an `await`.
    Value,
    /// What `__aenter__` returned.
    Enter,
    /// What `__aexit__` returned.
    Exit,
    /// What `__anext__` returned.
    Next,
}

impl<'a> Compiler<'a> {
    pub(super) fn await_expr(&mut self, e: &'a Expr, value: &'a Expr, dst: Dst) {
        match &strip(value).kind {
            // The machine runs a script coroutine in place and needs no object for it.
            ExprKind::Call(callee, args) => self.call(strip(value), callee, args, true, Dst::Push),
            _ => self.push(value),
        }
        self.at(e.span);
        self.await_top(Awaited::Value);
        self.u.settle(dst);
    }

    /// Awaits the newest temporary; the result takes its place.
    pub fn await_top(&mut self, what: Awaited) {
        let flags = match what {
            Awaited::Value => 0,
            Awaited::Enter => X0,
            Awaited::Exit => X1,
            Awaited::Next => X2,
        };
        let base = self.u.depth - 1;
        let reg = self.u.reg(base);
        self.u.depth = base;
        self.u.emit(Op::GetAwait, flags | FB, reg, reg, 0);
        self.u.reserve(base + 2);
        self.u.window(Op::Await, 0, base, 0, 0);
    }

    pub(super) fn yield_expr(&mut self, e: &'a Expr, value: &'a Option<P>, dst: Dst) {
        let value = match value {
            Some(value) => self.operand(value),
            None => {
                self.at(e.span);
                self.constant(Const::None, Dst::Push);
                self.u.top()
            }
        };
        self.at(e.span);
        self.yield_value(value, dst);
    }

    /// Suspends with a value; what is sent goes to `dst`.
    pub fn yield_value(&mut self, value: Opd, dst: Dst) {
        self.u.op_1(Op::Yield, 0, dst, value, 0);
    }

    pub(super) fn yield_from(&mut self, e: &'a Expr, value: &'a Expr, dst: Dst) {
        let value = self.operand(value);
        self.at(e.span);
        self.u.op_1(Op::GetYieldFrom, 0, Dst::Push, value, 0);
        let base = self.u.depth - 1;
        self.u.reserve(base + 2);
        self.u.window(Op::Await, 0, base, 0, 0);
        self.u.settle(dst);
    }
}
