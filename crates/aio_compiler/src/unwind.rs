//! Leaving statements from inside: what `break`, `continue` and `return` undo on their way out.

use crate::builder::{Dst, HandlerId, Label, Opd};
use crate::module::Compiler;
use crate::scope::strip;
use aio_bytecode::ops::{FA, FB};
use aio_bytecode::{Const, Op};
use aio_source::Span;
use aio_syntax::ast::{Expr, ExprKind, Stmt, Sym};

/// A statement that the place of emission is inside of, if leaving it takes more than a jump.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub kind: FrameKind<'a>,
    /// The temporaries that are alive outside of it.
    pub base: u32,
    /// The handler in force outside of it.
    pub outer: HandlerId,
}

/// What kind of statement it is.
#[derive(Clone, Copy)]
pub(crate) enum FrameKind<'a> {
    /// A loop; `iterator`: its iterator is a temporary.
    Loop { end: Label, head: Label, iterator: bool },
    /// The protected part of a `try` with this `finally`.
    Finally(&'a [Stmt]),
    /// Code that handles an exception: the exception and the one handled before are temporaries.
    Handler { name: Option<Sym>, span: Span },
    /// The body of a `with`; `pair`: where function and receiver of `__exit__` are.
    With { is_async: bool, pair: u32, span: Span },
    /// A value waits for a `finally` to end.
    Value,
}

impl FrameKind<'_> {
    /// Whether leaving runs code that may raise or bind names.
    fn runs_code(&self) -> bool {
        match self {
            FrameKind::Finally(_) | FrameKind::With { .. } => true,
            FrameKind::Handler { name, .. } => name.is_some(),
            FrameKind::Loop { .. } | FrameKind::Value => false,
        }
    }
}

impl<'a> Compiler<'a> {
    /// Walks inside of a statement.
    pub fn inside(&mut self, frame: Frame<'a>, emit: impl FnOnce(&mut Self)) {
        self.u.frames.push(frame);
        emit(self);
        self.u.frames.pop();
    }

    /// `return value` or `return`.
    pub fn return_stmt(&mut self, value: Option<&'a Expr>, span: Span) {
        if let Some(e) = value
            && let ExprKind::IfExp(choice) = &strip(e).kind
            && self.fold_truth(&choice.test).is_none()
            && !self.u.frames.iter().any(|frame| frame.kind.runs_code())
        {
            // Each branch returns by itself, which saves a jump and often a move.
            let otherwise = self.u.label();
            self.condition(&choice.test, otherwise, false);
            self.return_stmt(Some(&choice.body), span);
            self.u.bind(otherwise);
            return self.return_stmt(Some(&choice.orelse), span);
        }
        let (depth, handler) = (self.u.depth, self.u.handler());
        let folded = value.map_or(Some(Const::None), |e| self.fold(e));
        match (folded, value) {
            (None, Some(e)) => {
                let mut value = self.operand(e);
                if let Opd::Local(_) = value
                    && self.u.frames.iter().any(|frame| frame.kind.runs_code())
                {
                    self.u.copy(value);
                    value = self.u.top();
                }
                self.at(span);
                let mut temp = match value {
                    Opd::Temp(temp) => Some(temp),
                    Opd::Local(_) => None,
                };
                self.unwind_all(&mut temp);
                let value = temp.map_or(value, Opd::Temp);
                self.at(span);
                let (a, flag) = match value {
                    Opd::Local(reg) => (reg, 0),
                    Opd::Temp(temp) => (self.u.reg(temp), FA),
                };
                self.u.depth = 0;
                self.u.emit(Op::Return, flag, a, 0, 0);
            }
            (folded, _) => {
                self.at(span);
                self.unwind_all(&mut None);
                self.at(span);
                match folded {
                    None | Some(Const::None) => self.u.emit(Op::ReturnNone, 0, 0, 0, 0),
                    Some(value) => {
                        self.constant(value, Dst::Push);
                        let top = self.u.top();
                        self.u.sink_x(Op::Return, 0, top, 0);
                    }
                }
            }
        }
        self.u.reachable = false;
        self.u.set_handler(handler);
        self.u.depth = depth;
    }

    /// Ends a function without statements around.
    pub fn return_value(&mut self, value: Opd) {
        self.u.sink_x(Op::Return, 0, value, 0);
        self.u.reachable = false;
    }

    pub fn break_stmt(&mut self) {
        self.leave_loop(true);
    }

    pub fn continue_stmt(&mut self) {
        self.leave_loop(false);
    }

    fn leave_loop(&mut self, break_: bool) {
        let is_loop = |frame: &Frame<'_>| matches!(frame.kind, FrameKind::Loop { .. });
        let Some(at) = self.u.frames.iter().rposition(is_loop) else {
            return;
        };
        let (depth, handler) = (self.u.depth, self.u.handler());
        for i in (at + 1..self.u.frames.len()).rev() {
            self.unwind(i, &mut None);
        }
        let frame = self.u.frames[at];
        self.u.set_handler(frame.outer);
        if let FrameKind::Loop { end, head, iterator } = frame.kind {
            if !break_ {
                self.u.jump_back(head);
            } else {
                if iterator {
                    self.u.drop_top();
                }
                self.u.jump(end);
            }
        }
        self.u.set_handler(handler);
        self.u.depth = depth;
    }

    fn unwind_all(&mut self, value: &mut Option<u32>) {
        for i in (0..self.u.frames.len()).rev() {
            self.unwind(i, value);
        }
        // What is left to do cannot raise, and no statement's handler may keep what is gone.
        self.u.set_handler(0);
    }

    /// Leaves the statement with this number; `value` is the temporary that is to be returned.
    fn unwind(&mut self, i: usize, value: &mut Option<u32>) {
        let frame = self.u.frames[i];
        self.u.set_handler(frame.outer);
        let base = frame.base;
        let mut holds = true;
        match frame.kind {
            FrameKind::Loop { iterator, .. } => {
                holds = iterator;
                if iterator {
                    self.drop_at(base);
                }
            }
            FrameKind::Value => self.drop_at(base),
            FrameKind::Handler { name, span } => {
                // The name goes first, while all that lies below a value is still alive.
                if let Some(name) = name {
                    self.forget_name(name, span);
                }
                self.pop_handled(base);
            }
            FrameKind::Finally(body) => {
                holds = false;
                self.finally_on_the_way(i, body, *value);
            }
            FrameKind::With { is_async, pair, span } => {
                self.at(span);
                if value.is_some() {
                    let (function, receiver) = (self.u.reg(pair), self.u.reg(pair + 1));
                    self.u.copy(Opd::Local(function));
                    self.u.copy(Opd::Local(receiver));
                    let call = self.u.depth - 2;
                    self.leave_manager(call, is_async);
                    for temp in (base..pair + 2).rev() {
                        self.drop_at(temp);
                    }
                } else {
                    self.leave_manager(pair, is_async);
                    self.u.drop_to(base);
                }
            }
        }
        match value {
            None => self.u.depth = base,
            // What is below the value is dead now; code that may raise needs it without holes.
            Some(temp) => {
                let more = self.u.frames[..i].iter().any(|frame| frame.kind.runs_code());
                if holds && more && *temp != base {
                    let (to, from) = (self.u.reg(base), self.u.reg(*temp));
                    self.u.depth = base;
                    self.u.emit(Op::Move, FB, to, from, 0);
                    self.u.depth = base + 1;
                    *temp = base;
                }
            }
        }
    }

    /// Drops a temporary wherever it is.
    fn drop_at(&mut self, temp: u32) {
        let reg = self.u.reg(temp);
        self.u.emit(Op::Drop, FA, reg, 0, 0);
    }

    /// Restores what was handled before, and drops the exception in the temporary `base`.
    pub fn pop_handled(&mut self, base: u32) {
        let saved = self.u.reg(base + 1);
        self.u.emit(Op::PopHandled, 0, saved, 0, 0);
        self.drop_at(base);
    }

    fn finally_on_the_way(&mut self, i: usize, body: &'a [Stmt], value: Option<u32>) {
        let inner = self.u.frames.split_off(i);
        match value {
            Some(temp) => {
                let frame = Frame { kind: FrameKind::Value, base: temp, outer: self.u.handler() };
                self.inside(frame, |c| c.block(body));
            }
            None => self.block(body),
        }
        self.u.frames.extend(inner);
    }
}
