//! Patterns of `case`.
//!
//! A pattern looks at a temporary and leaves it where it is. Parts of the subject and captured values
//! are temporaries above it; names are bound only when the whole pattern matched. Where a pattern
//! fails, so many temporaries have to be dropped as were made so far: one label for each depth.

use crate::builder::{Dst, Label, Opd};
use crate::depth::with_stack;
use crate::module::Compiler;
use crate::scope::strip;
use aio_bytecode::ops::{FA, FB};
use aio_bytecode::{Const, Op};
use aio_syntax::ast::*;

/// What is known while a pattern is emitted.
pub(crate) struct Matching {
    /// The subject's temporary.
    base: u32,
    /// Where to go on failure with so many temporaries above the subject.
    failures: Vec<Option<Label>>,
    /// Names to bind, with the temporaries that hold their values.
    captures: Vec<(Ident, u32)>,
}

impl Matching {
    /// A pattern for the subject in this temporary.
    pub fn new(base: u32) -> Matching {
        Matching { base, failures: Vec::new(), captures: Vec::new() }
    }
}

impl<'a> Compiler<'a> {
    /// The label to go to on failure with the temporaries that are alive after `dying` of them die.
    fn failure(&mut self, m: &mut Matching, dying: u32) -> Label {
        let above = (self.u.depth - dying - m.base - 1) as usize;
        if m.failures.len() <= above {
            m.failures.resize(above + 1, None);
        }
        *m.failures[above].get_or_insert_with(|| self.u.label())
    }

    /// The code of all failures; the last of it goes to `next`.
    pub fn failures(&mut self, m: &mut Matching, next: Label) {
        let base = m.base + 1;
        for above in (0..m.failures.len()).rev() {
            if let Some(label) = m.failures[above] {
                self.u.depth = base + above as u32;
                self.u.bind(label);
            }
            if above > 0 && self.u.reachable {
                self.u.drop_top();
            }
        }
        self.u.depth = base;
        self.u.jump(next);
        m.failures.clear();
    }

    /// Binds what a pattern captured.
    pub fn bind_captures(&mut self, m: &mut Matching) {
        for (ident, temp) in std::mem::take(&mut m.captures) {
            self.at(ident.span);
            self.store_copy(ident.sym, temp);
        }
    }

    /// Drops the newest temporaries down to a depth, unless one of them holds a captured value.
    fn drop_uncaptured(&mut self, m: &Matching, depth: u32) {
        if m.captures.iter().all(|&(_, temp)| temp < depth) {
            self.u.drop_to(depth);
        }
    }

    fn fail_if_false(&mut self, m: &mut Matching) {
        let label = self.failure(m, 1);
        let top = self.u.top();
        self.u.jump_if(Op::JumpFalse, top, label);
    }

    /// Matches the temporary `subject`; goes on if the pattern matches.
    pub fn pattern(&mut self, pat: &'a Pat, subject: u32, m: &mut Matching) {
        with_stack(|| self.any_pattern(pat, subject, m));
    }

    fn any_pattern(&mut self, pat: &'a Pat, subject: u32, m: &mut Matching) {
        self.at(pat.span);
        match &pat.kind {
            PatKind::Wildcard => {}
            PatKind::Capture(ident) => m.captures.push((*ident, subject)),
            PatKind::Star(ident) => {
                if let Some(ident) = ident {
                    m.captures.push((*ident, subject));
                }
            }
            PatKind::Group(inner) => self.pattern(inner, subject, m),
            PatKind::As(inner, ident) => {
                self.pattern(inner, subject, m);
                m.captures.push((*ident, subject));
            }
            PatKind::Value(value) => self.value_pattern(value, subject, m),
            PatKind::Or(alternatives) => self.or_pattern(alternatives, subject, m),
            PatKind::Seq(items) => self.sequence_pattern(pat, items, subject, m),
            PatKind::Map(items) => self.mapping_pattern(pat, items, subject, m),
            PatKind::Class(class, args) => self.class_pattern(pat, class, args, subject, m),
        }
    }

    fn value_pattern(&mut self, value: &'a Expr, subject: u32, m: &mut Matching) {
        let subject = Opd::Local(self.u.reg(subject));
        match strip(value).kind {
            ExprKind::None => {
                let fail = self.failure(m, 0);
                self.at(value.span);
                return self.u.jump_if_kept(Op::JumpNotNone, subject, fail);
            }
            ExprKind::True | ExprKind::False => {
                self.push(value);
                let fail = self.failure(m, 1);
                let top = self.u.top();
                return self.u.jump_2(Op::JumpIsNot, subject, top, fail);
            }
            _ => {}
        }
        if let Some(imm) = self.small_int(value) {
            let fail = self.failure(m, 0);
            self.at(value.span);
            return self.u.jump_imm(Op::JumpNotEqI, subject, imm, fail);
        }
        let value_operand = self.operand(value);
        let dying = matches!(value_operand, Opd::Temp(_)) as u32;
        let fail = self.failure(m, dying);
        self.at(value.span);
        self.u.jump_2(Op::JumpNotEq, subject, value_operand, fail);
    }

    /// Every alternative leaves its captured values in the same temporaries, in the order in which
    /// the first one binds the names.
    fn or_pattern(&mut self, alternatives: &'a [Pat], subject: u32, m: &mut Matching) {
        let start = self.u.depth;
        let outer = std::mem::take(&mut m.captures);
        let outer_failures = std::mem::take(&mut m.failures);
        let mut order: Option<Vec<Ident>> = None;
        let done = self.u.label();
        for alternative in alternatives {
            self.pattern(alternative, subject, m);
            let found = std::mem::take(&mut m.captures);
            let order = order.get_or_insert_with(|| found.iter().map(|c| c.0).collect());
            self.gather(order, &found, start);
            self.u.jump(done);
            // A failure inside goes down to where the alternative began.
            let next = self.u.label();
            self.failures_down_to(m, start, next);
            self.u.depth = start;
            self.u.bind(next);
        }
        m.failures = outer_failures;
        let fail = self.failure(m, 0);
        self.u.jump(fail);
        let order = order.unwrap_or_default();
        self.u.depth = start + order.len() as u32;
        self.u.bind(done);
        m.captures = outer;
        for (i, ident) in order.into_iter().enumerate() {
            m.captures.push((ident, start + i as u32));
        }
    }

    /// Like `failures`, but only down to a depth.
    fn failures_down_to(&mut self, m: &mut Matching, depth: u32, next: Label) {
        let base = m.base + 1;
        for above in (0..m.failures.len()).rev() {
            let here = base + above as u32;
            if let Some(label) = m.failures[above] {
                self.u.depth = here;
                self.u.bind(label);
            }
            if here > depth && self.u.reachable {
                self.u.drop_top();
            }
        }
        self.u.depth = depth;
        self.u.jump(next);
        m.failures.clear();
    }

    /// Brings captured values into the temporaries from `start` on and drops all others there.
    fn gather(&mut self, order: &[Ident], found: &[(Ident, u32)], start: u32) {
        let of = |ident: &Ident| found.iter().find(|c| c.0.sym == ident.sym).map(|c| c.1);
        let wanted: Vec<u32> = order.iter().filter_map(of).collect();
        let count = wanted.len() as u32;
        let in_place = wanted.iter().enumerate().all(|(i, &temp)| temp == start + i as u32);
        if in_place && self.u.depth == start + count {
            return;
        }
        let copies = self.u.depth;
        for temp in wanted {
            let from = self.u.reg(temp);
            self.u.copy(Opd::Local(from));
        }
        for temp in start..copies {
            let reg = self.u.reg(temp);
            self.u.emit(Op::Drop, FA, reg, 0, 0);
        }
        for i in 0..count {
            let (to, from) = (self.u.reg(start + i), self.u.reg(copies + i));
            self.u.emit(Op::Move, FB, to, from, 0);
        }
        self.u.depth = start + count;
    }

    fn sequence_pattern(&mut self, pat: &'a Pat, items: &'a [Pat], subject: u32, m: &mut Matching) {
        let subject_reg = self.u.reg(subject);
        self.u.op(Op::MatchSequence, 0, Dst::Push, subject_reg, 0);
        self.fail_if_false(m);
        let star = items.iter().position(|p| matches!(p.kind, PatKind::Star(_)));
        let wild_star = star.is_some_and(|i| matches!(items[i].kind, PatKind::Star(None)));
        let others = items.len() - star.is_some() as usize;
        if star.is_none() || others > 0 {
            self.u.op(Op::Len, 0, Dst::Push, subject_reg, 0);
            let fail = self.failure(m, 1);
            let op = if star.is_some() { Op::JumpNotGeI } else { Op::JumpNotEqI };
            let fail_op = i16::try_from(others).ok();
            let length = self.u.top();
            match fail_op {
                Some(imm) => self.u.jump_imm(op, length, imm, fail),
                None => {
                    self.constant(Const::Int(others as i64), Dst::Push);
                    let wanted = self.u.top();
                    let op = if star.is_some() { Op::JumpNotGe } else { Op::JumpNotEq };
                    self.u.jump_2(op, length, wanted, fail);
                }
            }
        }
        let wild = |p: &Pat| matches!(p.kind, PatKind::Wildcard | PatKind::Star(None));
        if items.iter().all(wild) {
            return;
        }
        let depth = self.u.depth;
        match star {
            Some(star) if wild_star => {
                self.items_by_index(items, star, subject, m);
            }
            _ => {
                let count = match star {
                    None => items.len(),
                    Some(before) => before | (items.len() - 1 - before) << 8,
                };
                let op = if star.is_some() { Op::UnpackEx } else { Op::Unpack };
                self.at(pat.span);
                let a = self.u.reg(depth);
                self.u.reserve(depth + items.len() as u32);
                self.u.emit(op, 0, a, subject_reg, count.min(u16::MAX as usize) as u16);
                self.u.depth = depth + items.len() as u32;
                for (i, item) in items.iter().enumerate() {
                    self.pattern(item, depth + i as u32, m);
                }
            }
        }
        self.drop_uncaptured(m, depth);
    }

    /// The items of a sequence around a `*_`, those behind it counted from the end.
    fn items_by_index(&mut self, items: &'a [Pat], star: usize, subject: u32, m: &mut Matching) {
        let subject_reg = self.u.reg(subject);
        for (i, item) in items.iter().enumerate() {
            if matches!(item.kind, PatKind::Wildcard | PatKind::Star(None)) {
                continue;
            }
            self.at(item.span);
            let depth = self.u.depth;
            if i < star {
                self.u.op(Op::GetItemI, 0, Dst::Push, subject_reg, i as u16);
            } else {
                let behind = (items.len() - i) as i16;
                self.u.op(Op::Len, 0, Dst::Push, subject_reg, 0);
                let length = self.u.top();
                self.u.arithmetic_imm(Op::SubI, 0, Dst::Push, length, behind);
                let index = self.u.top();
                let (c, flag) = self.u.take(index, aio_bytecode::ops::FC);
                self.u.op(Op::GetItem, flag, Dst::Push, subject_reg, c);
            }
            self.pattern(item, depth, m);
            self.drop_uncaptured(m, depth);
        }
    }

    fn mapping_pattern(&mut self, pat: &'a Pat, items: &'a [MapItem], subject: u32, m: &mut Matching) {
        let subject_reg = self.u.reg(subject);
        self.u.op(Op::MatchMapping, 0, Dst::Push, subject_reg, 0);
        self.fail_if_false(m);
        let keys: Vec<(&'a Expr, &'a Pat)> = items
            .iter()
            .filter_map(|item| match item {
                MapItem::Entry(key, value) => Some((&**key, value)),
                MapItem::Rest(_) => None,
            })
            .collect();
        let rest = items.iter().find_map(|item| match item {
            MapItem::Rest(ident) => Some(*ident),
            MapItem::Entry(..) => None,
        });
        if keys.is_empty() && rest.is_none() {
            return;
        }
        let depth = self.u.depth;
        if let Ok(count) = i16::try_from(keys.len())
            && count > 0
        {
            self.u.op(Op::Len, 0, Dst::Push, subject_reg, 0);
            let fail = self.failure(m, 1);
            let length = self.u.top();
            self.u.jump_imm(Op::JumpNotGeI, length, count, fail);
        }
        let constants: Option<Vec<Const>> = keys.iter().map(|(key, _)| self.fold(key)).collect();
        match constants {
            Some(constants) => self.constant(Const::Tuple(constants.into()), Dst::Push),
            None => {
                for (key, _) in &keys {
                    self.push(key);
                }
                self.u.window(Op::MakeTuple, 0, depth, keys.len() as u16, 0);
            }
        }
        let keys_reg = self.u.reg(depth);
        self.at(pat.span);
        if !keys.is_empty() {
            self.u.op(Op::MatchKeys, 0, Dst::Push, subject_reg, keys_reg);
            let values = self.u.top();
            let fail = self.failure(m, 0);
            self.u.jump_if_kept(Op::JumpNone, values, fail);
        }
        if let Some(rest) = rest {
            self.u.op(Op::MatchRest, 0, Dst::Push, subject_reg, keys_reg);
            m.captures.push((rest, self.u.depth - 1));
        }
        let values = depth + 1;
        let patterns: Vec<&'a Pat> = keys.into_iter().map(|(_, pattern)| pattern).collect();
        self.parts(&patterns, values, m);
        self.drop_uncaptured(m, depth);
    }

    /// Matches patterns against the items of the tuple in a temporary.
    fn parts(&mut self, patterns: &[&'a Pat], tuple: u32, m: &mut Matching) {
        for (i, pattern) in patterns.iter().enumerate() {
            if let PatKind::Wildcard = pattern.kind {
                continue;
            }
            let depth = self.u.depth;
            self.at(pattern.span);
            let reg = self.u.reg(tuple);
            match i16::try_from(i) {
                Ok(i) => self.u.op(Op::GetItemI, 0, Dst::Push, reg, i as u16),
                Err(_) => {
                    self.constant(Const::Int(i as i64), Dst::Push);
                    let index = self.u.top();
                    let (c, flag) = self.u.take(index, aio_bytecode::ops::FC);
                    self.u.op(Op::GetItem, flag, Dst::Push, reg, c);
                }
            }
            self.pattern(pattern, depth, m);
            self.drop_uncaptured(m, depth);
        }
    }

    fn class_pattern(&mut self, pat: &'a Pat, class: &'a Expr, args: &'a [PatArg], subject: u32, m: &mut Matching) {
        let depth = self.u.depth;
        let from = self.u.reg(subject);
        self.u.copy(Opd::Local(from));
        self.push(class);
        let mut names = Vec::new();
        let mut patterns = Vec::new();
        for arg in args {
            match arg {
                PatArg::Pos(pattern) => patterns.push(pattern),
                PatArg::Kw(ident, pattern) => {
                    let name = self.mangled(ident.sym);
                    names.push(self.name_const(name));
                    patterns.push(pattern);
                }
            }
        }
        let positional = (patterns.len() - names.len()).min(u16::MAX as usize) as u16;
        self.at(pat.span);
        let names = self.constant16(Const::Tuple(names.into()));
        self.u.window(Op::MatchClass, 0, depth, positional, names);
        let values = self.u.top();
        let fail = self.failure(m, 0);
        self.u.jump_if_kept(Op::JumpNone, values, fail);
        self.parts(&patterns, depth, m);
        self.drop_uncaptured(m, depth);
    }
}
