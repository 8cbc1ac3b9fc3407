//! `with` and `async with`.

use crate::builder::{Dst, Opd};
use crate::expr::Awaited;
use crate::module::Compiler;
use crate::scope::strip;
use crate::unwind::{Frame, FrameKind};
use aio_bytecode::ops::{X0, X1};
use aio_bytecode::{Const, Op};
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    pub(super) fn with_stmt(&mut self, with: &'a WithStmt) {
        self.with_items(&with.items, with);
    }

    fn with_items(&mut self, items: &'a [(P, Option<P>)], with: &'a WithStmt) {
        let Some(((manager, target), inner)) = items.split_first() else {
            return self.block(&with.body);
        };
        let span = strip(manager).span;
        let is_async = with.is_async;
        let base = self.u.depth;
        let manager = self.operand(manager);
        self.at(span);
        let pair = self.u.depth;
        // `__exit__` is found first so that its place lies below everything else.
        let (exit, enter, flag) = match is_async {
            false => ("__exit__", "__enter__", X0),
            true => ("__aexit__", "__aenter__", X1),
        };
        self.special(exit, manager, flag);
        self.special(enter, manager, flag);
        let call = pair + 2;
        self.call_special(call, 0, is_async, Awaited::Enter);

        // The target belongs to what is protected, the call of `__enter__` does not.
        self.u.depth = call;
        let protected = self.protect();
        self.u.depth = call + 1;
        match target {
            Some(target) => {
                self.at(target.span);
                self.store_top(target);
            }
            None => self.u.drop_top(),
        }
        let frame = Frame { kind: FrameKind::With { is_async, pair, span }, base, outer: self.outer_of(&protected) };
        self.inside(frame, |c| c.with_items(inner, with));
        self.unprotect(&protected);
        let used = self.is_used(&protected);
        self.at(span);
        self.leave_manager(pair, is_async);
        self.u.drop_to(base);
        let end = self.u.label();
        self.u.jump(end);

        self.handle(&protected, used);
        self.at(span);
        let exception = self.u.depth - 1;
        let inner = self.push_handled();
        let window = self.u.depth;
        for temp in [pair, pair + 1] {
            let reg = self.u.reg(temp);
            self.u.copy(Opd::Local(reg));
        }
        let (a, b) = (self.u.reg(window + 2), self.u.reg(exception));
        self.u.reserve(window + 5);
        self.u.emit(Op::ExcArgs, 0, a, b, 0);
        self.u.depth = window + 5;
        self.call_special(window, 3, is_async, Awaited::Exit);
        let suppressed = self.u.label();
        let top = self.u.top();
        self.u.jump_if(Op::JumpTrue, top, suppressed);
        self.unprotect(&inner);
        let saved = self.u.reg(exception + 1);
        self.u.emit(Op::PopHandled, 0, saved, 0, 0);
        self.reraise(exception, exception);
        self.u.depth = window;
        self.u.bind(suppressed);
        self.pop_handled(exception);
        self.u.depth = exception;
        self.u.drop_to(base);
        self.u.jump(end);
        self.clean_up(&inner, exception, None);
        self.u.depth = base;
        self.u.bind(end);
    }

    /// Function and receiver of a special method in two new temporaries.
    fn special(&mut self, name: &str, object: Opd, flag: u8) {
        let name = self.names.intern(name);
        let name = self.name16(name);
        let b = self.u.peek(object);
        let base = self.u.depth;
        self.u.window(Op::GetSpecial, flag, base, b, name);
        self.u.pushed();
    }

    /// Calls function and receiver at `window` with the `count` temporaries above them.
    fn call_special(&mut self, window: u32, count: u16, is_async: bool, what: Awaited) {
        let flags = if is_async { X1 } else { 0 };
        self.u.window(Op::CallMethod, flags, window, count, 0);
        if is_async {
            self.await_top(what);
        }
    }

    /// Calls `__exit__` without exception on the function and receiver at `pair`, the newest
    /// temporaries, and drops what it returns.
    pub fn leave_manager(&mut self, pair: u32, is_async: bool) {
        for _ in 0..3 {
            self.constant(Const::None, Dst::Push);
        }
        self.call_special(pair, 3, is_async, Awaited::Exit);
        self.u.drop_top();
    }
}
