//! The unit being built: words, temporaries, labels, handlers and places of one code object.
//!
//! Temporaries are a strict stack above the locals. While nothing can reach the place where code is
//! emitted, nothing is emitted: callers need not look, dead code costs no words.

mod bits;
mod finish;
mod fuse;
mod jumps;
mod pool;
mod thread;

pub(crate) use bits::Bits;
pub(crate) use finish::Finished;
pub(crate) use jumps::Label;
pub(crate) use pool::Pool;

use crate::scope::ScopeId;
use crate::unwind::Frame;
use aio_bytecode::ops::{FA, FB, FC};
use aio_bytecode::{Op, Place, Word};
use aio_source::{LineIndex, Span};
use aio_syntax::ast::Sym;
use jumps::{Fixup, LabelState};

/// Where the value of an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opd {
    /// In a local, which keeps it.
    Local(u16),
    /// In the temporary with this number, which the instruction takes.
    Temp(u32),
}

/// Where a result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dst {
    /// Into a new temporary.
    Push,
    /// Into a local, whose old value is dropped.
    Local(u16),
}

/// The number of a handler; 0 is none.
pub(crate) type HandlerId = u32;

/// A handler of exceptions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HandlerInfo {
    target: Label,
    depth: u32,
}

/// Why a unit cannot be finished as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A short jump is too far; the unit has to be built again with `far`.
    Far,
    /// A table of the code object is full.
    TooBig(&'static str),
}

/// A code object under construction.
pub(crate) struct Unit<'a> {
    /// The scope in which names are looked up: the unit's own or that of an inlined comprehension.
    pub scope: ScopeId,
    /// The unit's own scope.
    pub id: ScopeId,
    words: Vec<u64>,
    live: Vec<u16>,
    places: Vec<Place>,
    pub pool: Pool,
    labels: Vec<LabelState>,
    fixups: Vec<Fixup>,
    /// The word of the newest label.
    last_label: u32,
    handlers: Vec<HandlerInfo>,
    /// From this word on, this handler is in force.
    ranges: Vec<(u32, HandlerId)>,
    handler: HandlerId,
    /// How many locals there are, so where the temporaries begin.
    locals: u32,
    /// How many temporaries are alive.
    pub depth: u32,
    max_depth: u32,
    /// The locals that are certainly bound here.
    pub bound: Bits,
    /// The locals that are deleted somewhere.
    pub deletable: Bits,
    /// Whether control can come here.
    pub reachable: bool,
    /// What control leaves when it jumps out of the statements around.
    pub frames: Vec<Frame<'a>>,
    /// The parameter that `super()` takes for the receiver.
    pub first_param: Option<Sym>,
    /// The place that emitted instructions belong to.
    span: Span,
    line: u32,
    /// Short jumps go through long ones.
    far: bool,
    trouble: Option<Trouble>,
}

impl<'a> Unit<'a> {
    pub fn new(id: ScopeId, locals: usize, far: bool) -> Unit<'a> {
        Unit {
            scope: id,
            id,
            words: Vec::new(),
            live: Vec::new(),
            places: Vec::new(),
            pool: Pool::default(),
            labels: Vec::new(),
            fixups: Vec::new(),
            last_label: 0,
            handlers: Vec::new(),
            ranges: Vec::new(),
            handler: 0,
            locals: locals as u32,
            depth: 0,
            max_depth: 0,
            bound: Bits::default(),
            deletable: Bits::default(),
            reachable: true,
            frames: Vec::new(),
            first_param: None,
            span: Span::default(),
            line: 1,
            far,
            trouble: None,
        }
    }

    /// Where the next word will be.
    pub fn here(&self) -> u32 {
        self.words.len() as u32
    }

    /// Remembers the first thing that makes the unit impossible.
    pub fn give_up(&mut self, trouble: Trouble) {
        self.trouble.get_or_insert(trouble);
    }

    /// What follows belongs to this place.
    pub fn at(&mut self, span: Span, lines: &LineIndex) {
        if span != self.span {
            // Neighbouring expressions mostly share their line, which saves a search.
            let known = lines.line_range(self.line);
            if !known.is_some_and(|range| range.contains(&span.lo)) {
                self.line = lines.line(span.lo);
            }
            self.span = span;
        }
    }

    /// The place that emitted instructions belong to.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The register of a temporary.
    pub fn reg(&mut self, temp: u32) -> u16 {
        let reg = self.locals + temp;
        if reg >= u16::MAX as u32 {
            self.give_up(Trouble::TooBig("registers"));
            return u16::MAX;
        }
        reg as u16
    }

    /// Emits one instruction with its empty caches.
    pub fn emit(&mut self, op: Op, flags: u8, a: u16, b: u16, c: u16) {
        self.word(op, Word::abc(op, flags, a, b, c));
    }

    /// Emits one instruction with a wide operand.
    pub fn emit_x(&mut self, op: Op, flags: u8, a: u16, bx: u32) {
        self.word(op, Word::abx(op, flags, a, bx));
    }

    fn word(&mut self, op: Op, word: Word) {
        if !self.reachable {
            return;
        }
        let pc = self.here();
        let same = |p: &Place| p.lo == self.span.lo && p.hi == self.span.hi;
        if !self.places.last().is_some_and(same) {
            self.places.push(Place { pc, line: self.line, lo: self.span.lo, hi: self.span.hi });
        }
        let live = self.depth as u16;
        self.words.push(word.0);
        self.live.push(live);
        for _ in 0..op.info().cache {
            self.words.push(0);
            self.live.push(live);
        }
    }

    /// Notes that a result has come into a new temporary; gives its register.
    pub fn pushed(&mut self) -> u16 {
        let reg = self.reg(self.depth);
        self.depth += 1;
        self.max_depth = self.max_depth.max(self.depth);
        reg
    }

    /// Makes room for temporaries that an instruction uses beyond those that are alive.
    pub fn reserve(&mut self, depth: u32) {
        self.max_depth = self.max_depth.max(depth);
        if depth > 0 {
            self.reg(depth - 1);
        }
    }

    /// The register and flag of a source; a temporary is dead from here on.
    pub fn take(&mut self, operand: Opd, flag: u8) -> (u16, u8) {
        match operand {
            Opd::Local(reg) => (reg, 0),
            Opd::Temp(temp) => {
                debug_assert_eq!(temp + 1, self.depth, "temporaries are a stack");
                self.depth = temp;
                (self.reg(temp), flag)
            }
        }
    }

    /// The register of a temporary that is left as it is.
    pub fn peek(&mut self, operand: Opd) -> u16 {
        match operand {
            Opd::Local(reg) => reg,
            Opd::Temp(temp) => self.reg(temp),
        }
    }

    /// The newest temporary.
    pub fn top(&self) -> Opd {
        debug_assert!(self.depth > 0);
        Opd::Temp(self.depth.wrapping_sub(1))
    }

    /// The register and flag of a destination in field `a`. Emission comes next, then `done`.
    fn destination(&mut self, dst: Dst) -> (u16, u8) {
        match dst {
            Dst::Push => (self.reg(self.depth), 0),
            Dst::Local(reg) => (reg, FA),
        }
    }

    fn done(&mut self, dst: Dst) {
        if dst == Dst::Push {
            self.pushed();
        }
    }

    /// `dst = op(b, c)` with plain numbers for `b` and `c`; their flags are given.
    pub fn op(&mut self, op: Op, flags: u8, dst: Dst, b: u16, c: u16) {
        let (a, flag) = self.destination(dst);
        self.emit(op, flags | flag, a, b, c);
        self.done(dst);
    }

    /// `dst = op(bx)`
    pub fn op_x(&mut self, op: Op, flags: u8, dst: Dst, bx: u32) {
        let (a, flag) = self.destination(dst);
        self.emit_x(op, flags | flag, a, bx);
        self.done(dst);
    }

    /// `dst = op(source, c)`
    pub fn op_1(&mut self, op: Op, flags: u8, dst: Dst, source: Opd, c: u16) {
        let (b, flag) = self.take(source, FB);
        self.op(op, flags | flag, dst, b, c);
    }

    /// `dst = op(left, right)`; `right` is the newer one.
    pub fn op_2(&mut self, op: Op, flags: u8, dst: Dst, left: Opd, right: Opd) {
        let (c, c_flag) = self.take(right, FC);
        let (b, b_flag) = self.take(left, FB);
        self.op(op, flags | b_flag | c_flag, dst, b, c);
    }

    /// Arithmetic: where the destination is an operand, it was a number and needs no drop.
    pub fn arithmetic(&mut self, op: Op, flags: u8, dst: Dst, left: Opd, right: Opd) {
        let (c, c_flag) = self.take(right, FC);
        let (b, b_flag) = self.take(left, FB);
        let (a, mut a_flag) = self.destination(dst);
        if dst != Dst::Push && (left == Opd::Local(a) || right == Opd::Local(a)) {
            a_flag = 0;
        }
        self.emit(op, flags | a_flag | b_flag | c_flag, a, b, c);
        self.done(dst);
    }

    /// Arithmetic with a small number on the right.
    pub fn arithmetic_imm(&mut self, op: Op, flags: u8, dst: Dst, left: Opd, imm: i16) {
        let (b, b_flag) = self.take(left, FB);
        let (a, mut a_flag) = self.destination(dst);
        if dst != Dst::Push && left == Opd::Local(a) {
            a_flag = 0;
        }
        self.emit(op, flags | a_flag | b_flag, a, b, imm as u16);
        self.done(dst);
    }

    /// `op(source, bx)` without result.
    pub fn sink_x(&mut self, op: Op, flags: u8, source: Opd, bx: u32) {
        let (a, flag) = self.take(source, FA);
        self.emit_x(op, flags | flag, a, bx);
    }

    /// `op(a, b, c)` on sources without result; they were evaluated in this order.
    pub fn sink_2(&mut self, op: Op, first: Opd, second: Opd, c: u16) {
        let (b, b_flag) = self.take(second, FB);
        let (a, a_flag) = self.take(first, FA);
        self.emit(op, a_flag | b_flag, a, b, c);
    }

    /// Drops the newest temporary.
    pub fn drop_top(&mut self) {
        let top = self.top();
        self.sink_x(Op::Drop, 0, top, 0);
    }

    /// Drops the newest temporaries down to a depth.
    pub fn drop_to(&mut self, depth: u32) {
        while self.depth > depth {
            self.drop_top();
        }
    }

    /// A new temporary with a copy of a value that stays where it is.
    pub fn copy(&mut self, from: Opd) {
        let b = self.peek(from);
        self.op(Op::Move, 0, Dst::Push, b, 0);
    }

    /// Moves the result in the newest temporary to where it shall be.
    pub fn settle(&mut self, dst: Dst) {
        if dst != Dst::Push {
            let top = self.top();
            self.op_1(Op::Move, 0, dst, top, 0);
        }
    }

    /// A call-like instruction on the temporaries from `base` on; its result is put in their place.
    pub fn window(&mut self, op: Op, flags: u8, base: u32, b: u16, c: u16) {
        let a = self.reg(base);
        self.depth = base;
        self.emit(op, flags, a, b, c);
        self.pushed();
    }

    /// The same with a wide operand.
    pub fn window_x(&mut self, op: Op, flags: u8, base: u32, bx: u32) {
        let a = self.reg(base);
        self.depth = base;
        self.emit_x(op, flags, a, bx);
        self.pushed();
    }
}
