//! Calls.

use crate::builder::{Dst, Trouble};
use crate::module::Compiler;
use crate::scope::{Access, strip};
use aio_bytecode::ops::{FB, FC, X0, X1};
use aio_bytecode::{Const, Op};
use aio_source::Span;
use aio_syntax::ast::*;

/// The most arguments that are passed in a window; more go through a list and a dict.
pub(crate) const MAX_ARGUMENTS: usize = 200;

/// The most items that are collected in temporaries before they go into a container.
const WINDOW: u32 = 50;

impl<'a> Compiler<'a> {
    /// `awaited`: the result is awaited by the very next instructions.
    pub fn call(&mut self, e: &'a Expr, callee: &'a Expr, args: &'a [Arg], awaited: bool, dst: Dst) {
        self.warn_callee(callee);
        let flags = if awaited { X1 } else { 0 };
        let base = self.u.depth;
        if args.is_empty() && self.is_bare_super(e) && self.super_window(e) {
            self.at(e.span);
            self.u.window(Op::Call, flags, base, 2, 0);
            return self.u.settle(dst);
        }
        let plain = |arg: &Arg| matches!(arg, Arg::Pos(_) | Arg::Kw(..));
        if args.len() > MAX_ARGUMENTS || !args.iter().all(plain) {
            self.push(callee);
            self.unpacked_arguments(e.span, base, args, flags);
        } else if let ExprKind::Attr(value, attr) = &strip(callee).kind {
            self.method(strip(callee), value, *attr);
            let span = self.attribute_span(e.span, *attr);
            self.plain_arguments(span, base, args, flags, Op::CallMethod, Op::CallMethodKw);
        } else {
            self.push(callee);
            self.plain_arguments(e.span, base, args, flags, Op::Call, Op::CallKw);
        }
        self.u.settle(dst);
    }

    /// Function and receiver of a method call in two new temporaries.
    fn method(&mut self, callee: &'a Expr, value: &'a Expr, attr: Ident) {
        let base = self.u.depth;
        let name = self.mangled(attr.sym);
        if self.is_bare_super(value) && self.super_window(value) {
            let name = self.name16(name);
            self.at(self.attribute_span(callee.span, attr));
            self.u.window(Op::SuperMethod, 0, base, 0, name);
        } else {
            let value = self.operand(value);
            let name = self.name16(name);
            let (b, flag) = self.u.take(value, FB);
            self.at(self.attribute_span(callee.span, attr));
            self.u.window(Op::GetMethod, flag, base, b, name);
        }
        self.u.pushed();
    }

    fn plain_arguments(&mut self, span: Span, base: u32, args: &'a [Arg], flags: u8, op: Op, with_names: Op) {
        for arg in args {
            if let Arg::Pos(value) = arg {
                self.push(value);
            }
        }
        let mut names = Vec::new();
        for arg in args {
            if let Arg::Kw(ident, value) = arg {
                self.push(value);
                names.push(self.name_const(ident.sym));
            }
        }
        self.at(span);
        if names.is_empty() {
            self.u.window(op, flags, base, args.len() as u16, 0);
        } else {
            let names = self.constant16(Const::Tuple(names.into()));
            self.u.window(with_names, flags, base, args.len() as u16, names);
        }
    }

    /// The number of a constant in 16 bits.
    pub fn constant16(&mut self, value: Const) -> u16 {
        let number = self.u.pool.constant(value);
        u16::try_from(number).unwrap_or_else(|_| {
            self.u.give_up(Trouble::TooBig("constants"));
            0
        })
    }

    /// A call with `*` or `**` or very many arguments; the callee is in the temporary `base`.
    fn unpacked_arguments(&mut self, span: Span, base: u32, args: &'a [Arg], flags: u8) {
        let mut positional = args.iter().filter(|arg| matches!(arg, Arg::Pos(_) | Arg::Star(_)));
        match (positional.next(), positional.next()) {
            // What stands alone is unpacked by the call, after its keywords have been merged.
            (Some(Arg::Star(value)), None) => self.push(value),
            _ => self.positional_list(span, args),
        }
        let keywords = args.iter().any(|arg| matches!(arg, Arg::Kw(..) | Arg::DoubleStar(_)));
        if keywords {
            self.keyword_dict(span, base, args);
        }
        self.at(span);
        let with_dict = if keywords { X0 } else { 0 };
        self.u.window(Op::CallEx, flags | with_dict, base, 0, 0);
    }

    fn positional_list(&mut self, span: Span, args: &'a [Arg]) {
        let base = self.u.depth;
        self.positional_list_from(base, span, args);
    }

    /// A list of the temporaries from `base` on and of the positional arguments.
    pub fn positional_list_from(&mut self, base: u32, span: Span, args: &'a [Arg]) {
        let mut positional = args.iter().filter(|arg| matches!(arg, Arg::Pos(_) | Arg::Star(_))).peekable();
        if positional.peek().is_none() && self.u.depth == base {
            self.at(span);
            return self.constant(Const::Tuple(Box::default()), Dst::Push);
        }
        while let Some(Arg::Pos(value)) = positional.peek()
            && self.u.depth - base < WINDOW
        {
            self.push(value);
            positional.next();
        }
        self.at(span);
        let count = (self.u.depth - base) as u16;
        self.u.window(Op::MakeList, 0, base, count, 0);
        for arg in positional {
            let (value, op) = match arg {
                Arg::Star(value) => (value, Op::ListExtend),
                Arg::Pos(value) => (value, Op::ListAppend),
                _ => continue,
            };
            let operand = self.operand(value);
            self.at(span);
            self.extend_below(op, 0, operand);
        }
    }

    /// Names come into the dict as they are until the first `**`; from there on every name may be
    /// there already, so all of them are merged.
    pub fn keyword_dict(&mut self, span: Span, callee: u32, args: &'a [Arg]) {
        let mut keywords = args.iter().filter(|arg| matches!(arg, Arg::Kw(..) | Arg::DoubleStar(_))).peekable();
        let dict = self.u.depth;
        self.keyword_run(span, &mut keywords);
        while let Some(arg) = keywords.peek() {
            let mapping = match arg {
                Arg::DoubleStar(value) => {
                    keywords.next();
                    self.operand(value)
                }
                _ => {
                    self.keyword_run(span, &mut keywords);
                    self.u.top()
                }
            };
            self.at(span);
            let (b, flag) = self.u.take(mapping, FB);
            let (a, c) = (self.u.reg(dict), self.u.reg(callee));
            debug_assert_eq!(flag & FC, 0);
            self.u.emit(Op::DictMerge, flag, a, b, c);
        }
    }

    /// A dict of the named arguments up to the next `**`.
    fn keyword_run(&mut self, span: Span, keywords: &mut std::iter::Peekable<impl Iterator<Item = &'a Arg>>) {
        let base = self.u.depth;
        while let Some(Arg::Kw(ident, value)) = keywords.peek()
            && self.u.depth - base < WINDOW
        {
            let name = self.name_const(ident.sym);
            self.at(span);
            self.constant(name, Dst::Push);
            self.push(value);
            keywords.next();
        }
        self.at(span);
        let pairs = (self.u.depth - base) / 2;
        self.u.window(Op::MakeDict, 0, base, pairs as u16, 0);
        while let Some(Arg::Kw(ident, value)) = keywords.peek() {
            let name = self.name_const(ident.sym);
            self.at(span);
            self.constant(name, Dst::Push);
            let key = self.u.top();
            let value = self.operand(value);
            self.dict_set(base, key, value);
            keywords.next();
        }
    }

    /// Whether an expression is `super()` with the `super` of the builtins.
    pub(super) fn is_bare_super(&mut self, e: &Expr) -> bool {
        let ExprKind::Call(callee, args) = &strip(e).kind else {
            return false;
        };
        let known = self.names.known;
        args.is_empty()
            && matches!(callee.kind, ExprKind::Name(sym) if sym == known.super_)
            && self.access_mangled(known.super_) == Access::Global
    }

    /// `super`, the class and the receiver in three new temporaries, if this is a method that knows
    /// them both.
    pub(super) fn super_window(&mut self, e: &'a Expr) -> bool {
        let known = self.names.known;
        let class = self.access_mangled(known.dunder_class);
        let Some(receiver) = self.u.first_param else {
            return false;
        };
        if !matches!(class, Access::Free(_) | Access::Cell(_)) {
            return false;
        }
        self.load_mangled(known.super_, e.span, Dst::Push);
        self.load_mangled(known.dunder_class, e.span, Dst::Push);
        // A comprehension's scope does not know the parameter unless it speaks of it.
        let unit = self.u.id;
        let scope = std::mem::replace(&mut self.u.scope, unit);
        self.load_mangled(receiver, e.span, Dst::Push);
        self.u.scope = scope;
        true
    }
}
