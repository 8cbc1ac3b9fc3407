//! Tuple, list, set and dict displays.

use crate::builder::{Dst, Opd};
use crate::module::Compiler;
use aio_bytecode::{Const, Op};
use aio_syntax::ast::*;

/// The most items that are collected in temporaries before they go into a container.
const WINDOW: usize = 50;

/// From this number on, constant items come as one constant tuple.
const CONSTANT_ITEMS: usize = 3;

type Items<'a> = [Box<Expr>];

fn has_star(items: &Items<'_>) -> bool {
    items.iter().any(|item| matches!(item.kind, ExprKind::Star(_)))
}

impl<'a> Compiler<'a> {
    pub(super) fn tuple(&mut self, e: &'a Expr, items: &'a [P], dst: Dst) {
        if items.len() > WINDOW || has_star(items) {
            self.long_list(e, items);
            self.list_to_tuple();
        } else {
            self.window_of(e, Op::MakeTuple, items);
        }
        self.u.settle(dst);
    }

    /// A tuple of one or more items, some of them starred.
    pub(super) fn starred_items(&mut self, e: &'a Expr, items: &'a [Expr]) {
        self.empty_list(e);
        for item in items {
            self.add_item(e, item, Op::ListAppend, Op::ListExtend);
        }
        self.list_to_tuple();
    }

    fn empty_list(&mut self, e: &'a Expr) {
        self.at(e.span);
        let base = self.u.depth;
        self.u.window(Op::MakeList, 0, base, 0, 0);
    }

    /// The newest temporary, a list, becomes a tuple.
    pub fn list_to_tuple(&mut self) {
        let top = self.u.top();
        let reg = self.u.peek(top);
        self.u.emit(Op::ListToTuple, 0, reg, 0, 0);
    }

    /// Container from a window of items.
    fn window_of(&mut self, e: &'a Expr, op: Op, items: &'a [P]) {
        let base = self.u.depth;
        for item in items {
            self.push(item);
        }
        self.at(e.span);
        self.u.window(op, 0, base, items.len() as u16, 0);
    }

    /// A list from a constant tuple, if all items are constant and there are enough of them.
    fn constant_items(&mut self, e: &'a Expr, items: &'a [P], make: Op, extend: Op) -> bool {
        if items.len() < CONSTANT_ITEMS {
            return false;
        }
        let values: Option<Vec<Const>> = items.iter().map(|item| self.fold(item)).collect();
        let Some(values) = values else { return false };
        self.at(e.span);
        let base = self.u.depth;
        self.u.window(make, 0, base, 0, 0);
        self.constant(Const::Tuple(values.into()), Dst::Push);
        let top = self.u.top();
        self.extend_below(extend, 0, top);
        true
    }

    /// Adds to the container right below the operand, which is the newest temporary or a local.
    pub fn extend_below(&mut self, op: Op, flags: u8, item: Opd) {
        let (b, flag) = self.u.take(item, aio_bytecode::ops::FB);
        let container = self.u.top();
        let a = self.u.peek(container);
        self.u.emit(op, flags | flag, a, b, 0);
    }

    /// Adds an item, starred or not, to the container in the newest temporary.
    fn add_item(&mut self, e: &'a Expr, item: &'a Expr, add: Op, extend: Op) {
        let (value, op) = match &item.kind {
            ExprKind::Star(inner) => (&**inner, extend),
            _ => (item, add),
        };
        let operand = self.operand(value);
        self.at(e.span);
        self.extend_below(op, 0, operand);
    }

    /// A list of any number of items, some of which may be starred.
    fn long_list(&mut self, e: &'a Expr, items: &'a [P]) {
        if self.constant_items(e, items, Op::MakeList, Op::ListExtend) {
            return;
        }
        self.container(e, items, Op::MakeList, Op::ListAppend, Op::ListExtend);
    }

    /// A list or set: as many items as fit in a window first, the others one by one.
    fn container(&mut self, e: &'a Expr, items: &'a [P], make: Op, add: Op, extend: Op) {
        let star = items.iter().position(|item| matches!(item.kind, ExprKind::Star(_)));
        let first = star.unwrap_or(items.len()).min(WINDOW);
        let (first, rest) = items.split_at(first);
        self.window_of(e, make, first);
        for item in rest {
            self.add_item(e, item, add, extend);
        }
    }

    pub(super) fn list(&mut self, e: &'a Expr, items: &'a [P], dst: Dst) {
        self.long_list(e, items);
        self.u.settle(dst);
    }

    pub(super) fn set(&mut self, e: &'a Expr, items: &'a [P], dst: Dst) {
        if !self.constant_items(e, items, Op::MakeSet, Op::SetUpdate) {
            self.container(e, items, Op::MakeSet, Op::SetAdd, Op::SetUpdate);
        }
        self.u.settle(dst);
    }

    pub(super) fn dict(&mut self, e: &'a Expr, entries: &'a [(Option<P>, P)], dst: Dst) {
        let plain = entries.iter().position(|(key, _)| key.is_none());
        let first = plain.unwrap_or(entries.len()).min(WINDOW / 2);
        let (first, rest) = entries.split_at(first);
        let base = self.u.depth;
        for (key, value) in first {
            if let Some(key) = key {
                self.push(key);
            }
            self.push(value);
        }
        self.at(e.span);
        self.u.window(Op::MakeDict, 0, base, first.len() as u16, 0);
        for (key, value) in rest {
            match key {
                Some(key) => {
                    let k = self.operand_before(key, &[value]);
                    let v = self.operand(value);
                    self.at(e.span);
                    self.dict_set(base, k, v);
                }
                None => {
                    let mapping = self.operand(value);
                    self.at(e.span);
                    self.extend_below(Op::DictUpdate, 0, mapping);
                }
            }
        }
        self.u.settle(dst);
    }

    /// `dict[key] = value` on the dict in the temporary `dict`.
    pub fn dict_set(&mut self, dict: u32, key: Opd, value: Opd) {
        let (c, c_flag) = self.u.take(value, aio_bytecode::ops::FC);
        let (b, b_flag) = self.u.take(key, aio_bytecode::ops::FB);
        let a = self.u.reg(dict);
        self.u.emit(Op::DictSet, b_flag | c_flag, a, b, c);
    }
}
