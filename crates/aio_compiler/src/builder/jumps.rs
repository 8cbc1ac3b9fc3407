//! Labels, jumps and the ranges of exception handlers.

use super::{Bits, HandlerId, HandlerInfo, Opd, Trouble, Unit};
use aio_bytecode::ops::{FA, FB};
use aio_bytecode::{Op, Word};

/// A place that jumps go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label(pub(super) u32);

/// What is known of a label.
#[derive(Debug)]
pub(super) struct LabelState {
    /// Its word, once it is bound.
    pub pc: Option<u32>,
    /// What is certainly bound on every way to it; `None` while no way is known.
    bound: Option<Bits>,
    /// The temporaries that are alive there.
    depth: Option<u32>,
}

/// A distance that is written when all labels are bound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixup {
    pub pc: u32,
    pub label: Label,
    /// In field `c` alone.
    pub short: bool,
}

impl Unit<'_> {
    pub fn label(&mut self) -> Label {
        let label = Label(self.labels.len() as u32);
        self.labels.push(LabelState { pc: None, bound: None, depth: None });
        label
    }

    /// A label at this place, for jumping back to: it is reached again with everything unbound that
    /// may be deleted anywhere.
    pub fn loop_label(&mut self) -> Label {
        let label = self.label();
        let deletable = std::mem::take(&mut self.deletable);
        self.bound.subtract(&deletable);
        self.deletable = deletable;
        self.bind(label);
        label
    }

    /// The label is here.
    pub fn bind(&mut self, label: Label) {
        self.forget_jump_to(label);
        let pc = self.here();
        self.last_label = pc;
        let state = &mut self.labels[label.0 as usize];
        debug_assert!(state.pc.is_none(), "a label is bound once");
        state.pc = Some(pc);
        if let Some(bound) = state.bound.take() {
            debug_assert!(
                state.depth.is_none_or(|depth| depth == self.depth),
                "the same temporaries are alive on every way to a label"
            );
            if self.reachable {
                self.bound.intersect(&bound);
            } else {
                self.bound = bound;
                self.reachable = true;
            }
        }
    }

    /// Takes a jump back that would go to the very next word.
    fn forget_jump_to(&mut self, label: Label) {
        let Some(&last) = self.fixups.last() else {
            return;
        };
        let here = self.here();
        let range = self.ranges.last().map_or(0, |range| range.0);
        let is_jump = |word: &u64| Word(*word).op_number() == Op::Jump as u8;
        if last.label != label
            || last.pc + 1 != here
            || self.last_label >= here
            || range >= here
            || self.reachable
            || !self.words.last().is_some_and(is_jump)
        {
            return;
        }
        self.fixups.pop();
        self.words.pop();
        self.live.pop();
        if self.places.last().is_some_and(|place| place.pc >= last.pc) {
            self.places.pop();
        }
    }

    /// Notes a way to a label from here.
    fn way_to(&mut self, label: Label, depth: u32) {
        if !self.reachable {
            return;
        }
        let state = &mut self.labels[label.0 as usize];
        match &mut state.bound {
            Some(bound) => bound.intersect(&self.bound),
            None => state.bound = Some(self.bound.clone()),
        }
        debug_assert!(state.depth.is_none_or(|d| d == depth), "the same temporaries are alive on every way to a label");
        state.depth = Some(depth);
    }

    fn fix(&mut self, label: Label, short: bool) {
        if self.reachable {
            let pc = self.here() - 1;
            self.fixups.push(Fixup { pc, label, short });
        }
    }

    /// Jumps forward.
    pub fn jump(&mut self, label: Label) {
        self.way_to(label, self.depth);
        self.emit_x(Op::Jump, 0, 0, 0);
        self.fix(label, false);
        self.reachable = false;
    }

    /// Jumps back to a bound label.
    pub fn jump_back(&mut self, label: Label) {
        self.emit_x(Op::Loop, 0, 0, 0);
        self.fix(label, false);
        self.reachable = false;
    }

    /// `JumpTrue` and the like.
    pub fn jump_if(&mut self, op: Op, source: Opd, label: Label) {
        let (a, flag) = self.take(source, FA);
        self.way_to(label, self.depth);
        self.emit_x(op, flag, a, 0);
        self.fix(label, false);
    }

    /// The same on a value that stays alive.
    pub fn jump_if_kept(&mut self, op: Op, source: Opd, label: Label) {
        let a = self.peek(source);
        self.way_to(label, self.depth);
        self.emit_x(op, 0, a, 0);
        self.fix(label, false);
    }

    /// `JumpTrueKeep` and `JumpFalseKeep` on the newest temporary: it is alive at the label alone.
    pub fn jump_or_drop(&mut self, op: Op, label: Label) {
        let top = self.top();
        self.jump_if_kept(op, top, label);
        self.depth -= 1;
    }

    /// `JumpLt` and the like.
    pub fn jump_2(&mut self, op: Op, left: Opd, right: Opd, label: Label) {
        let (b, b_flag) = self.take(right, FB);
        let (a, a_flag) = self.take(left, FA);
        self.short(op, a_flag | b_flag, a, b, label, self.depth);
    }

    /// `JumpLtI` and the like.
    pub fn jump_imm(&mut self, op: Op, left: Opd, imm: i16, label: Label) {
        let (a, flag) = self.take(left, FA);
        self.short(op, flag, a, imm as u16, label, self.depth);
    }

    /// `JumpNotMatch`: the exception stays.
    pub fn jump_not_match(&mut self, exception: u32, class: Opd, label: Label) {
        let (b, flag) = self.take(class, FB);
        let a = self.reg(exception);
        self.short(Op::JumpNotMatch, flag, a, b, label, self.depth);
    }

    /// `ForIter` from the newest temporary into `item`, which is either a local or a new temporary.
    pub fn for_iter(&mut self, item: super::Dst, end: Label) {
        let top = self.top();
        let a = self.peek(top);
        let (b, flag) = match item {
            super::Dst::Push => (self.reg(self.depth), 0),
            super::Dst::Local(reg) => (reg, FB),
        };
        self.short(Op::ForIter, flag, a, b, end, self.depth - 1);
        if item == super::Dst::Push {
            self.pushed();
        }
    }

    /// A jump whose distance is in field `c`. Where distances may be too long for that, the jump goes
    /// to a long one right behind it, which is jumped over otherwise.
    fn short(&mut self, op: Op, flags: u8, a: u16, b: u16, label: Label, depth: u32) {
        self.way_to(label, depth);
        if !self.far {
            self.emit(op, flags, a, b, 0);
            self.fix(label, true);
            return;
        }
        self.emit(op, flags, a, b, 1);
        // Over the long jump, which is one word.
        self.emit_x(Op::Jump, 0, 0, 1);
        self.emit_x(Op::Jump, 0, 0, 0);
        self.fix(label, false);
    }

    /// Writes the distances.
    pub(super) fn patch(&mut self) {
        for i in 0..self.fixups.len() {
            let Fixup { pc, label, short } = self.fixups[i];
            let Some(target) = self.labels[label.0 as usize].pc else {
                debug_assert!(false, "every label that is jumped to is bound");
                self.give_up(Trouble::TooBig("jumps"));
                continue;
            };
            // Jumps have no caches, so the distance counts from the next word.
            let distance = i64::from(target) - i64::from(pc) - 1;
            let word = &mut self.words[pc as usize];
            if short {
                let Ok(distance) = i16::try_from(distance) else {
                    self.give_up(Trouble::Far);
                    continue;
                };
                *word = *word & 0x0000_FFFF_FFFF_FFFF | u64::from(distance as u16) << 48;
            } else {
                let Ok(distance) = i32::try_from(distance) else {
                    self.give_up(Trouble::TooBig("instructions"));
                    continue;
                };
                *word = *word & 0x0000_0000_FFFF_FFFF | u64::from(distance as u32) << 32;
            }
        }
    }

    /// Where label ends up, for the handler table.
    pub(super) fn target(&self, label: Label) -> Option<u32> {
        self.labels[label.0 as usize].pc
    }

    /// Declares a handler with the temporaries that are alive now.
    pub fn new_handler(&mut self) -> HandlerId {
        let target = self.label();
        self.handlers.push(HandlerInfo { target, depth: self.depth });
        self.handlers.len() as HandlerId
    }

    /// From here on this handler is in force; gives the one that was.
    pub fn set_handler(&mut self, handler: HandlerId) -> HandlerId {
        let before = std::mem::replace(&mut self.handler, handler);
        if before != handler {
            let pc = self.here();
            match self.ranges.last_mut() {
                Some(last) if last.0 == pc => last.1 = handler,
                _ => self.ranges.push((pc, handler)),
            }
        }
        before
    }

    /// The handler in force.
    pub fn handler(&self) -> HandlerId {
        self.handler
    }

    /// Begins the code of a handler: its depth and the exception above it. `bound` is what was bound
    /// where its range began; `used` says whether the range has any words.
    pub fn enter_handler(&mut self, handler: HandlerId, bound: &Bits, used: bool) {
        let info = self.handlers[handler as usize - 1];
        debug_assert!(!self.reachable, "control does not fall into a handler");
        let label = &mut self.labels[info.target.0 as usize];
        label.pc = Some(self.words.len() as u32);
        self.last_label = self.words.len() as u32;
        self.depth = info.depth;
        self.pushed();
        self.bound = bound.clone();
        let deletable = std::mem::take(&mut self.deletable);
        self.bound.subtract(&deletable);
        self.deletable = deletable;
        self.reachable = used;
    }
}
