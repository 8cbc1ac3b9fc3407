//! `while`, `for` and `async for`.

use crate::module::Compiler;
use crate::scope::strip;
use crate::unwind::{Frame, FrameKind};
use aio_bytecode::Op;
use aio_source::Span;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    pub(super) fn while_stmt(&mut self, stmt: &'a WhileStmt) {
        let (exit, end) = (self.u.label(), self.u.label());
        let truth = self.fold_truth(&stmt.test);
        if truth != Some(false) {
            let head = self.u.loop_label();
            if truth.is_none() {
                self.condition(&stmt.test, exit, false);
            }
            let frame = Frame {
                kind: FrameKind::Loop { end, head, iterator: false },
                base: self.u.depth,
                outer: self.u.handler(),
            };
            self.inside(frame, |c| c.block(&stmt.body));
            self.at(stmt.test.span);
            self.u.jump_back(head);
            self.u.bind(exit);
        }
        self.block(stmt.orelse.as_deref().unwrap_or_default());
        self.u.bind(end);
    }

    pub(super) fn for_stmt(&mut self, stmt: &'a ForStmt, span: Span) {
        let base = self.u.depth;
        let iterable = if stmt.is_async { self.operand(&stmt.iter) } else { self.iterable(&stmt.iter) };
        self.at(strip(&stmt.iter).span);
        let op = if stmt.is_async { Op::GetAIter } else { Op::GetIter };
        self.u.op_1(op, 0, crate::builder::Dst::Push, iterable, 0);
        let (exhausted, end) = (self.u.label(), self.u.label());
        let head = self.u.loop_label();
        let next = if stmt.is_async {
            let next = self.async_item(span);
            self.at(stmt.target.span);
            self.store_top(&stmt.target);
            Some(next)
        } else {
            self.at(strip(&stmt.iter).span);
            self.for_item(&stmt.target, exhausted);
            None
        };
        let frame = Frame { kind: FrameKind::Loop { end, head, iterator: true }, base, outer: self.u.handler() };
        self.inside(frame, |c| c.block(&stmt.body));
        self.at(strip(&stmt.iter).span);
        self.u.jump_back(head);
        self.u.depth = base;
        if let Some(next) = next {
            self.end_async_for(next);
        }
        self.u.bind(exhausted);
        self.block(stmt.orelse.as_deref().unwrap_or_default());
        self.u.bind(end);
    }
}
