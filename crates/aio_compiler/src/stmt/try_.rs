//! `try` in all its forms.

use crate::builder::{Bits, HandlerId, Opd};
use crate::module::Compiler;
use crate::unwind::{Frame, FrameKind};

use aio_bytecode::Op;
use aio_source::Span;
use aio_syntax::ast::*;

/// A range of code that a handler protects, until the handler's own code is emitted.
pub(crate) struct Protected {
    handler: HandlerId,
    outer: HandlerId,
    start: u32,
    bound: Bits,
}

impl<'a> Compiler<'a> {
    /// What follows is protected by a new handler, which keeps the temporaries that are alive now.
    pub fn protect(&mut self) -> Protected {
        let handler = self.u.new_handler();
        Protected { handler, start: self.u.here(), bound: self.u.bound.clone(), outer: self.u.set_handler(handler) }
    }

    /// The handler in force around the protected range.
    pub fn outer_of(&self, protected: &Protected) -> HandlerId {
        protected.outer
    }

    /// The protected range ends.
    pub fn unprotect(&mut self, protected: &Protected) {
        self.u.set_handler(protected.outer);
    }

    /// The handler's code begins: the exception is the newest temporary. Nothing falls into it.
    pub fn handle(&mut self, protected: &Protected, used: bool) {
        self.u.enter_handler(protected.handler, &protected.bound, used);
    }

    /// Whether anything was emitted since the range began.
    pub fn is_used(&self, protected: &Protected) -> bool {
        self.u.here() > protected.start
    }

    /// The exception in the newest temporary is the one being handled; what was handled before is
    /// kept above it. What follows is protected so that this is undone.
    pub fn push_handled(&mut self) -> Protected {
        let exception = self.u.top();
        let b = self.u.peek(exception);
        self.u.op(Op::PushHandled, 0, crate::builder::Dst::Push, b, 0);
        self.protect()
    }

    /// The code of a handler inside of a handler: undoes what `push_handled` did and goes on raising.
    /// The handled exception is in the temporary `base`.
    pub fn clean_up(&mut self, protected: &Protected, base: u32, name: Option<(Sym, Span)>) {
        if !self.is_used(protected) {
            return;
        }
        self.handle(protected, true);
        let raised = self.u.depth - 1;
        if let Some((name, span)) = name {
            self.forget_name(name, span);
        }
        self.pop_handled(base);
        self.reraise(raised, base);
    }

    /// Goes on raising the exception in a temporary, with the temporaries below `depth` alive.
    pub fn reraise(&mut self, temp: u32, depth: u32) {
        let reg = self.u.reg(temp);
        self.u.depth = depth;
        self.u.emit(Op::Reraise, 0, reg, 0, 0);
        self.u.reachable = false;
    }

    pub(super) fn try_stmt(&mut self, stmt: &'a TryStmt, span: Span) {
        let Some(finally) = &stmt.finally else {
            return self.try_except(stmt, span);
        };
        let base = self.u.depth;
        let protected = self.protect();
        let frame = Frame { kind: FrameKind::Finally(finally), base, outer: protected.outer };
        self.inside(frame, |c| c.try_except(stmt, span));
        self.unprotect(&protected);
        let used = self.is_used(&protected);
        // The normal way.
        self.block(finally);
        let end = self.u.label();
        self.u.jump(end);
        // The way of an exception.
        if used {
            self.handle(&protected, true);
            self.at(span_of(finally, span));
            let inner = self.push_handled();
            let frame = Frame { kind: FrameKind::Handler { name: None, span }, base, outer: inner.outer };
            self.inside(frame, |c| c.block(finally));
            self.unprotect(&inner);
            if self.u.reachable {
                let saved = self.u.reg(base + 1);
                self.u.emit(Op::PopHandled, 0, saved, 0, 0);
                self.reraise(base, base);
            }
            self.clean_up(&inner, base, None);
        }
        self.u.depth = base;
        self.u.bind(end);
    }

    /// The part of a `try` before its `finally`.
    fn try_except(&mut self, stmt: &'a TryStmt, span: Span) {
        if stmt.handlers.is_empty() {
            self.block(&stmt.body);
            return self.block(stmt.orelse.as_deref().unwrap_or_default());
        }
        let base = self.u.depth;
        let protected = self.protect();
        self.block(&stmt.body);
        self.unprotect(&protected);
        let used = self.is_used(&protected);
        self.block(stmt.orelse.as_deref().unwrap_or_default());
        let end = self.u.label();
        self.u.jump(end);
        if used {
            self.handle(&protected, true);
            self.at(stmt.handlers.first().map_or(span, head));
            let inner = self.push_handled();
            if stmt.handlers.iter().any(|handler| handler.star) {
                self.star_handlers(&stmt.handlers, base, &inner, end);
            } else {
                self.handlers(&stmt.handlers, base, &inner, end);
            }
            self.clean_up(&inner, base, None);
        }
        self.u.depth = base;
        self.u.bind(end);
    }

    fn handlers(&mut self, handlers: &'a [Handler], base: u32, inner: &Protected, end: crate::builder::Label) {
        let depth = base + 2;
        for handler in handlers {
            let next = self.u.label();
            if let Some(class) = &handler.typ {
                let class_operand = self.operand(class);
                self.at(whole(handler));
                self.u.jump_not_match(base, class_operand, next);
            }
            match handler.name {
                None => {
                    self.handler_body(handler, base, inner.outer);
                    self.unprotect(inner);
                    self.pop_handled(base);
                }
                Some(name) => {
                    self.at(name.span);
                    self.store_copy(name.sym, base);
                    let named = self.protect();
                    self.handler_body(handler, base, inner.outer);
                    // From here on neither cleaning up is needed: nothing below raises.
                    self.u.set_handler(inner.outer);
                    self.pop_handled(base);
                    self.u.depth = base;
                    self.forget_name(name.sym, name.span);
                    self.u.jump(end);
                    self.clean_up(&named, base, Some((name.sym, name.span)));
                }
            }
            self.u.depth = base;
            self.u.jump(end);
            self.u.depth = depth;
            self.u.set_handler(inner.handler);
            self.u.bind(next);
            if handler.typ.is_none() {
                break;
            }
        }
        self.unprotect(inner);
        if self.u.reachable {
            let saved = self.u.reg(base + 1);
            self.u.emit(Op::PopHandled, 0, saved, 0, 0);
            self.reraise(base, base);
        }
    }

    fn handler_body(&mut self, handler: &'a Handler, base: u32, outer: HandlerId) {
        let frame = Frame {
            kind: FrameKind::Handler { name: handler.name.map(|name| name.sym), span: head(handler) },
            base,
            outer,
        };
        self.inside(frame, |c| c.block(&handler.body));
        self.at(head(handler));
    }

    /// `except*`. Above the exception and what was handled before lie: the exception again, a list of
    /// what the handlers raise, the part that is not yet handled; in a handler also the part that it
    /// handles and what was handled before.
    fn star_handlers(&mut self, handlers: &'a [Handler], base: u32, inner: &Protected, end: crate::builder::Label) {
        let exception = Opd::Local(self.u.reg(base));
        self.u.copy(exception);
        let list = self.u.depth;
        self.u.window(Op::MakeList, 0, list, 0, 0);
        self.u.copy(exception);
        let rest = self.u.depth - 1;
        let matched = rest + 1;
        for handler in handlers {
            let Some(class) = &handler.typ else { continue };
            let next = self.u.label();
            self.push(class);
            self.at(whole(handler));
            // Both values of the window are replaced.
            self.u.window(Op::StarMatch, 0, rest, 0, 0);
            self.u.pushed();
            let group = Opd::Local(self.u.reg(matched));
            self.u.depth = matched;
            self.u.jump_if_kept(Op::JumpNone, group, next);
            self.u.depth = matched + 1;
            let part = self.push_handled();
            if let Some(name) = handler.name {
                self.at(name.span);
                self.store_copy(name.sym, matched);
            }
            let frame = Frame {
                kind: FrameKind::Handler { name: handler.name.map(|name| name.sym), span: head(handler) },
                base: matched,
                outer: part.outer,
            };
            self.inside(frame, |c| c.block(&handler.body));
            self.at(head(handler));
            self.unprotect(&part);
            self.pop_handled(matched);
            self.u.depth = matched;
            if let Some(name) = handler.name {
                self.forget_name(name.sym, name.span);
            }
            self.u.jump(next);
            if self.is_used(&part) {
                self.handle(&part, true);
                let raised = self.u.depth - 1;
                if let Some(name) = handler.name {
                    self.forget_name(name.sym, name.span);
                }
                self.pop_handled(matched);
                let (a, b) = (self.u.reg(list), self.u.reg(raised));
                self.u.depth = matched;
                self.u.emit(Op::ListAppend, aio_bytecode::ops::FB, a, b, 0);
            }
            self.u.bind(next);
        }
        // What nobody handled is raised again together with what the handlers raised.
        let top = self.u.top();
        let (b, flag) = self.u.take(top, aio_bytecode::ops::FB);
        let a = self.u.reg(list);
        self.u.emit(Op::ListAppend, flag, a, b, 0);
        self.u.window(Op::StarEnd, 0, list - 1, 0, 0);
        let raised = self.u.depth - 1;
        let result = Opd::Local(self.u.reg(raised));
        let again = self.u.label();
        self.u.jump_if_kept(Op::JumpNotNone, result, again);
        self.unprotect(inner);
        self.pop_handled(base);
        self.u.depth = base;
        self.u.jump(end);
        self.u.depth = raised + 1;
        self.u.bind(again);
        self.pop_handled(base);
        self.reraise(raised, base);
    }
}

/// From `except` to the end of the last statement.
fn whole(handler: &Handler) -> Span {
    Span::new(handler.span.lo, block_end(&handler.body, handler.span.hi))
}

/// The line of `except`.
fn head(handler: &Handler) -> Span {
    match &handler.typ {
        Some(typ) => typ.span,
        None => Span::new(handler.span.lo, handler.span.lo + "except".len() as u32),
    }
}

fn span_of(block: &[Stmt], otherwise: Span) -> Span {
    block.first().map_or(otherwise, |stmt| stmt.span)
}
