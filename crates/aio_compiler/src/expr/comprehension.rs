//! Comprehensions, inlined, and generator expressions, which are functions of their own.

use super::suspend::Awaited;
use crate::builder::{Dst, Opd};
use crate::module::{Compiler, Header};
use crate::scope::{ScopeId, strip};
use aio_bytecode::Op;
use aio_bytecode::code::{ASYNC_GENERATOR, GENERATOR};
use aio_source::Span;
use aio_syntax::ast::*;

/// What is done with each element.
#[derive(Clone, Copy)]
enum Element<'a> {
    /// It is added by this operation to the container in this temporary, with this key if it has one.
    Add(Op, u32, Option<&'a Expr>, &'a Expr),
    /// The generator yields it.
    Yield(&'a Expr),
}

impl<'a> Compiler<'a> {
    #[expect(clippy::too_many_arguments, reason = "one per part of the three kinds of comprehension")]
    pub(super) fn comprehension(
        &mut self,
        e: &'a Expr,
        make: Op,
        add: Op,
        key: Option<&'a Expr>,
        element: &'a Expr,
        comps: &'a [Comp],
        dst: Dst,
    ) {
        let Some(first) = comps.first() else { return };
        self.at(e.span);
        let container = self.u.depth;
        self.u.window(make, 0, container, 0, 0);
        self.iterator(first);
        let scope = self.scopes.of_node(e.id);
        let outer = std::mem::replace(&mut self.u.scope, scope);
        self.fresh_targets(scope);
        self.clauses(e.span, comps, true, Element::Add(add, container, key, element));
        self.at(e.span);
        for (reg, _) in self.scopes.get(scope).targets.clone() {
            self.u.emit(Op::Unset, 0, reg, 0, 0);
            self.u.bound.remove(reg);
        }
        self.u.scope = outer;
        self.u.settle(dst);
    }

    /// Captured targets get new cells each time.
    fn fresh_targets(&mut self, scope: ScopeId) {
        for (reg, cell) in self.scopes.get(scope).targets.clone() {
            self.u.bound.remove(reg);
            if cell {
                self.u.emit(Op::Unset, 0, reg, 0, 0);
                self.u.emit(Op::MakeCell, 0, reg, 0, 0);
            }
        }
    }

    /// The iterator of a clause in a new temporary.
    fn iterator(&mut self, comp: &'a Comp) {
        let iterable = self.iterable(&comp.iter);
        self.at(strip(&comp.iter).span);
        let op = if comp.is_async { Op::GetAIter } else { Op::GetIter };
        self.u.op_1(op, 0, Dst::Push, iterable, 0);
    }

    /// What a loop goes through. A display may be one that does not change.
    pub fn iterable(&mut self, e: &'a Expr) -> Opd {
        if let Some(value) = self.constant_container(e) {
            self.constant_at(e, value, Dst::Push);
            return self.u.top();
        }
        if let ExprKind::List(items) = &crate::scope::strip(e).kind
            && !items.iter().any(|item| matches!(item.kind, ExprKind::Star(_)))
        {
            self.tuple(e, items, Dst::Push);
            return self.u.top();
        }
        self.operand(e)
    }

    /// One `for` clause with all that is inside of it; `ready`: its iterator is there already; `whole`: the place of
    /// the comprehension.
    fn clauses(&mut self, whole: Span, comps: &'a [Comp], ready: bool, element: Element<'a>) {
        let Some((comp, inner)) = comps.split_first() else {
            return self.element(element);
        };
        if !ready {
            self.iterator(comp);
        }
        let end = self.u.label();
        let head = self.u.loop_label();
        let next = self.u.label();
        let handler = if comp.is_async {
            let handler = self.async_item(whole);
            self.at(comp.target.span);
            self.store_top(&comp.target);
            Some(handler)
        } else {
            self.at(strip(&comp.iter).span);
            self.for_item(&comp.target, end);
            None
        };
        for test in &comp.ifs {
            self.condition(test, next, false);
        }
        self.clauses(whole, inner, false, element);
        self.u.bind(next);
        self.at(comp.iter.span);
        self.u.jump_back(head);
        match handler {
            None => {
                self.u.depth -= 1;
                self.u.bind(end);
            }
            Some(handler) => {
                self.end_async_for(handler);
                self.u.bind(end);
            }
        }
    }

    fn element(&mut self, element: Element<'a>) {
        match element {
            Element::Add(op, container, key, value) => {
                let first = strip(key.unwrap_or(value)).span;
                let key = key.map(|key| self.operand_before(key, &[value]));
                let operand = self.operand(value);
                self.at(Span::new(first.lo, strip(value).span.hi));
                if let Some(key) = key {
                    return self.dict_set(container, key, operand);
                }
                let (b, flag) = self.u.take(operand, aio_bytecode::ops::FB);
                let a = self.u.reg(container);
                self.u.emit(op, flag, a, b, 0);
            }
            Element::Yield(value) => {
                let operand = self.operand(value);
                self.at(value.span);
                self.yield_value(operand, Dst::Push);
                self.u.drop_top();
            }
        }
    }

    /// The next item of the asynchronous iterator in the newest temporary, above it. What is
    /// returned is for `end_async_for`.
    pub fn async_item(&mut self, span: Span) -> AsyncFor {
        self.at(span);
        let bound = self.u.bound.clone();
        let used = self.u.reachable;
        let handler = self.u.new_handler();
        let outer = self.u.set_handler(handler);
        let iterator = self.u.top();
        let b = self.u.peek(iterator);
        self.u.op(Op::GetANext, 0, Dst::Push, b, 0);
        self.await_top(Awaited::Next);
        self.u.set_handler(outer);
        AsyncFor { handler, bound, used }
    }

    /// Where an asynchronous loop ends: the iterator is dropped.
    pub fn end_async_for(&mut self, end: AsyncFor) {
        self.u.enter_handler(end.handler, &end.bound, end.used);
        let top = self.u.top();
        let a = self.u.peek(top);
        self.u.depth -= 1;
        self.u.emit(Op::EndAsyncFor, 0, a, 0, 0);
        self.u.drop_top();
    }

    pub(super) fn generator(&mut self, e: &'a Expr, element: &'a Expr, comps: &'a [Comp], dst: Dst) {
        let Some(first) = comps.first() else { return };
        let scope = self.scopes.of_node(e.id);
        let is_async = self.scopes.get(scope).awaits;
        let base = self.u.depth;
        self.at(e.span);
        let header = Header {
            name: "<genexpr>".into(),
            first_line: self.lines.line(e.span.lo),
            flags: if is_async { ASYNC_GENERATOR } else { GENERATOR },
            positional: 1,
            positional_only: 0,
            ..Header::default()
        };
        let zero = self.names.known.dot_zero;
        let code = if self.u.reachable {
            self.nested(scope, header, &mut |c| {
                c.u.first_param = Some(zero);
                c.at(e.span);
                c.load_mangled(zero, e.span, Dst::Push);
                c.clauses(e.span, comps, true, Element::Yield(element));
            })
        } else {
            None
        };
        self.make_function(base, code, Default::default());
        self.iterator(first);
        self.at(e.span);
        self.u.window(Op::Call, 0, base, 1, 0);
        self.u.settle(dst);
    }
}

/// The handler around the step of an asynchronous loop.
pub(crate) struct AsyncFor {
    handler: crate::builder::HandlerId,
    bound: crate::builder::Bits,
    used: bool,
}
