//! Assignments of every kind.

use crate::builder::{Dst, Opd};
use crate::depth::into_tree;
use crate::expr::is_simple;
use crate::module::Compiler;
use crate::scope::{Access, ScopeKind, strip};
use aio_bytecode::Op;
use aio_bytecode::ops::{FA, FB, FC, X0};
use aio_source::Span;
use aio_syntax::ast::*;

/// The most values that are assigned in parallel without making a tuple.
const MAX_PARALLEL: usize = 50;

impl<'a> Compiler<'a> {
    pub(super) fn assign(&mut self, assign: &'a Assign, span: Span) {
        let value = &*assign.value;
        if let [target] = &assign.targets[..] {
            return self.assign_one(target, value, span);
        }
        let operand = self.operand(value);
        let operand = match operand {
            // The local may be bound again by one target before the next one gets its value.
            Opd::Local(_) if !assign.targets.iter().all(|target| is_simple(target)) => {
                self.u.copy(operand);
                self.u.top()
            }
            other => other,
        };
        let Some((last, targets)) = assign.targets.split_last() else {
            return;
        };
        let kept = Opd::Local(self.u.peek(operand));
        for target in targets {
            self.at(span);
            self.store(target, kept);
        }
        self.at(span);
        self.store(last, operand);
    }

    fn assign_one(&mut self, target: &'a Expr, value: &'a Expr, span: Span) {
        match &target.kind {
            ExprKind::Paren(inner) => self.assign_one(inner, value, span),
            ExprKind::Name(sym) => self.assign_name(*sym, target.span, value),
            ExprKind::Tuple(targets) | ExprKind::List(targets) if self.parallel(targets, value, span) => {}
            _ => {
                let mut operand = self.operand(value);
                if let Opd::Local(reg) = operand
                    && self.is_unsteady(reg)
                    && !is_simple(target)
                {
                    self.u.copy(operand);
                    operand = self.u.top();
                }
                self.at(target.span);
                self.store(target, operand);
            }
        }
    }

    /// `a, b = c, d` without a tuple. `false` if the two sides do not correspond one to one.
    fn parallel(&mut self, targets: &'a [P], value: &'a Expr, span: Span) -> bool {
        let (ExprKind::Tuple(values) | ExprKind::List(values)) = &strip(value).kind else {
            return false;
        };
        let star = |e: &P| matches!(e.kind, ExprKind::Star(_));
        if targets.len() != values.len()
            || targets.is_empty()
            || targets.len() > MAX_PARALLEL
            || targets.iter().any(star)
            || values.iter().any(star)
        {
            return false;
        }
        if values.iter().all(|value| self.fold(value).is_some()) {
            for (target, value) in targets.iter().zip(values) {
                into_tree(target.depth, || self.assign_one(target, value, span));
            }
            return true;
        }
        let base = self.u.depth;
        let Some(registers) = self.distinct_locals(targets) else {
            for value in values {
                self.push(value);
            }
            self.at(span);
            self.store_window(base, targets);
            return true;
        };
        // The last value can go where it belongs, once all others are out of the way.
        let last = values.len() - 1;
        for value in &values[..last] {
            if self.fold(value).is_none() {
                self.push(value);
            }
        }
        self.expr(&values[last], Dst::Local(registers[last]));
        self.at(span);
        self.u.depth = base;
        let mut temp = base;
        for (value, &reg) in values[..last].iter().zip(&registers) {
            match self.fold(value) {
                Some(value) => self.constant(value, Dst::Local(reg)),
                None => {
                    let from = self.u.reg(temp);
                    self.u.emit(Op::Move, FA | FB, reg, from, 0);
                    temp += 1;
                }
            }
        }
        for reg in registers {
            self.u.bound.insert(reg);
        }
        true
    }

    /// The registers of targets that are plain locals, all different.
    fn distinct_locals(&mut self, targets: &[P]) -> Option<Vec<u16>> {
        let mut registers = Vec::with_capacity(targets.len());
        for target in targets {
            let ExprKind::Name(sym) = strip(target).kind else {
                return None;
            };
            let Access::Local(reg) = self.access(sym) else {
                return None;
            };
            if registers.contains(&reg) {
                return None;
            }
            registers.push(reg);
        }
        Some(registers)
    }

    /// Stores a value in a target; a temporary is taken.
    pub fn store(&mut self, target: &'a Expr, value: Opd) {
        into_tree(target.depth, || self.any_store(target, value));
    }

    fn any_store(&mut self, target: &'a Expr, value: Opd) {
        match &target.kind {
            ExprKind::Name(sym) => self.store_name(*sym, value),
            ExprKind::Paren(inner) | ExprKind::Star(inner) => self.store(inner, value),
            ExprKind::Attr(object, attr) => {
                let object = self.operand(object);
                let name = self.mangled(attr.sym);
                let name = self.name16(name);
                let (a, a_flag) = self.u.take(object, FA);
                let (b, b_flag) = self.u.take(value, FB);
                self.at(self.attribute_span(target.span, *attr));
                self.u.emit(Op::SetAttr, a_flag | b_flag, a, b, name);
            }
            ExprKind::Index(object, index) => {
                let object = self.operand_before(object, &[index]);
                let index = self.subscript(index);
                let (b, b_flag) = self.u.take(index, FB);
                let (a, a_flag) = self.u.take(object, FA);
                let (c, c_flag) = self.u.take(value, FC);
                self.at(target.span);
                self.u.emit(Op::SetItem, a_flag | b_flag | c_flag, a, b, c);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                self.at(target.span);
                self.unpack(items, value);
            }
            // The parser lets nothing else through.
            _ => {
                if let Opd::Temp(_) = value {
                    self.u.drop_top();
                }
            }
        }
    }

    /// Stores the items of a value in targets, one of which may be starred.
    fn unpack(&mut self, targets: &'a [P], value: Opd) {
        let star = targets.iter().position(|t| matches!(t.kind, ExprKind::Star(_)));
        let (op, count) = match star {
            None => (Op::Unpack, targets.len()),
            Some(before) => {
                let after = targets.len() - 1 - before;
                (Op::UnpackEx, before | after << 8)
            }
        };
        let Ok(count) = u16::try_from(count) else {
            self.u.give_up(crate::builder::Trouble::TooBig("targets"));
            return;
        };
        let (b, flag) = self.u.take(value, FB);
        let base = self.u.depth;
        let a = self.u.reg(base);
        self.u.reserve(base + targets.len() as u32);
        self.u.emit(op, flag, a, b, count);
        self.u.depth = base + targets.len() as u32;
        self.store_window(base, targets);
    }

    /// Stores the temporaries from `base` on in targets.
    fn store_window(&mut self, base: u32, targets: &'a [P]) {
        let plain = |c: &mut Self, target: &P| match strip_star(target).kind {
            ExprKind::Name(sym) => matches!(c.access(sym), Access::Local(_)),
            _ => false,
        };
        if targets.iter().all(|target| plain(self, target)) {
            // Moves cannot fail, so the temporaries may go in any order.
            for (i, target) in targets.iter().enumerate() {
                let from = self.u.reg(base + i as u32);
                self.u.depth = base;
                if let ExprKind::Name(sym) = strip_star(target).kind
                    && let Access::Local(reg) = self.access(sym)
                {
                    self.u.emit(Op::Move, FA | FB, reg, from, 0);
                    self.u.bound.insert(reg);
                }
            }
            self.u.depth = base;
            return;
        }
        let Some((last, others)) = targets.split_last() else {
            return;
        };
        for (i, target) in others.iter().enumerate() {
            // What lies above is still needed, so this one stays until all are stored.
            let reg = self.u.reg(base + i as u32);
            self.store(target, Opd::Local(reg));
        }
        self.store_top(last);
        self.u.drop_to(base);
    }

    /// The next item of the iterator in the newest temporary goes into a target; at its end, on to
    /// `end`.
    pub fn for_item(&mut self, target: &'a Expr, end: crate::builder::Label) {
        if let ExprKind::Name(sym) = strip(target).kind
            && let Access::Local(reg) = self.access(sym)
        {
            self.u.for_iter(Dst::Local(reg), end);
            self.u.bound.insert(reg);
            return;
        }
        self.u.for_iter(Dst::Push, end);
        self.store_top(target);
    }

    pub(super) fn aug_assign(&mut self, op: BinOp, target: &'a Expr, value: &'a Expr, span: Span) {
        match &target.kind {
            ExprKind::Paren(inner) => self.aug_assign(op, inner, value, span),
            ExprKind::Name(sym) => {
                let left = self.operand_before(target, &[value]);
                if let Access::Local(reg) = self.access(*sym) {
                    return self.binary_rest(span, op, X0, left, value, Dst::Local(reg));
                }
                self.binary_rest(span, op, X0, left, value, Dst::Push);
                let top = self.u.top();
                self.store_name(*sym, top);
            }
            ExprKind::Attr(object, attr) => {
                let object = self.operand_before(object, &[value]);
                let name = self.mangled(attr.sym);
                let name = self.name16(name);
                let b = self.u.peek(object);
                self.at(self.attribute_span(target.span, *attr));
                self.u.op(Op::GetAttr, 0, Dst::Push, b, name);
                let left = self.u.top();
                self.binary_rest(span, op, X0, left, value, Dst::Push);
                let result = self.u.top();
                self.at(self.attribute_span(target.span, *attr));
                self.u.sink_2(Op::SetAttr, object, result, name);
            }
            ExprKind::Index(object, index) => {
                let object = self.operand_before(object, &[index, value]);
                let index = match self.subscript(index) {
                    local @ Opd::Local(reg) if self.is_unsteady(reg) && !is_simple(value) => {
                        self.u.copy(local);
                        self.u.top()
                    }
                    other => other,
                };
                let (b, c) = (self.u.peek(object), self.u.peek(index));
                self.at(target.span);
                self.u.op(Op::GetItem, 0, Dst::Push, b, c);
                let left = self.u.top();
                self.binary_rest(span, op, X0, left, value, Dst::Push);
                let result = self.u.top();
                self.at(target.span);
                let (c, c_flag) = self.u.take(result, FC);
                let (b, b_flag) = self.u.take(index, FB);
                let (a, a_flag) = self.u.take(object, FA);
                self.u.emit(Op::SetItem, a_flag | b_flag | c_flag, a, b, c);
            }
            // The parser lets nothing else through.
            _ => self.discard(value),
        }
    }

    pub(super) fn ann_assign(&mut self, assign: &'a AnnAssign, span: Span) {
        let target = &*assign.target;
        if let Some(value) = &assign.value {
            self.assign_one(target, value, span);
        }
        let scope = self.scopes.get(self.u.id).kind;
        let declares = matches!(scope, ScopeKind::Module | ScopeKind::Class);
        match &target.kind {
            ExprKind::Name(sym) => {
                if declares {
                    self.declare(*sym, &assign.annotation, span);
                }
                return;
            }
            // Without a value, the target is evaluated for its errors.
            ExprKind::Attr(object, _) if assign.value.is_none() => self.discard(object),
            ExprKind::Index(object, index) if assign.value.is_none() => {
                self.discard(object);
                let depth = self.u.depth;
                self.subscript(index);
                self.u.drop_to(depth);
            }
            _ => {}
        }
        if declares && !self.scopes.future_annotations {
            self.discard(&assign.annotation);
        }
    }

    /// `__annotations__[name] = annotation`
    fn declare(&mut self, sym: Sym, annotation: &'a Expr, span: Span) {
        self.annotation(annotation);
        self.at(span);
        let annotations = self.names.known.annotations;
        let number = self.u.pool.name(annotations);
        let op = if self.in_namespace() { Op::LoadName } else { Op::LoadGlobal };
        self.u.op_x(op, 0, Dst::Push, number);
        let dict = self.u.top();
        let name = self.mangled(sym);
        let name = self.name_const(name);
        self.constant(name, Dst::Push);
        let key = self.u.top();
        let (b, b_flag) = self.u.take(key, FB);
        let (a, a_flag) = self.u.take(dict, FA);
        let value = self.u.top();
        let (c, c_flag) = self.u.take(value, FC);
        self.u.emit(Op::SetItem, a_flag | b_flag | c_flag, a, b, c);
    }
}

fn strip_star(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Star(inner) => strip(inner),
        _ => strip(e),
    }
}
