//! Jumps to jumps go where the last of them goes.

use super::Unit;
use aio_bytecode::{Op, Word};

/// So many jumps in a row are followed; more are left to the machine.
const MAX_HOPS: usize = 8;

impl Unit<'_> {
    /// Shortens the ways of all jumps. Distances are written already.
    pub(super) fn thread_jumps(&mut self) {
        let mut pc = 0;
        while pc < self.words.len() {
            let word = Word(self.words[pc]);
            let Some(op) = Op::from_u8(word.op_number()) else {
                return;
            };
            match op {
                Op::Jump => self.thread_jump(pc, word),
                Op::JumpTrue
                | Op::JumpFalse
                | Op::JumpTrueKeep
                | Op::JumpFalseKeep
                | Op::JumpNone
                | Op::JumpNotNone => {
                    let target = self.last_jump(target_of(pc, word));
                    self.aim(pc, word, target);
                }
                _ if has_short_jump(op) => {
                    let target = pc as i64 + 1 + i64::from(word.c() as i16);
                    let target = self.last_jump(target as usize);
                    let distance = target as i64 - pc as i64 - 1;
                    if let Ok(distance) = i16::try_from(distance) {
                        let rest = word.0 & 0x0000_FFFF_FFFF_FFFF;
                        self.words[pc] = rest | u64::from(distance as u16) << 48;
                    }
                }
                _ => {}
            }
            pc += 1 + op.info().cache as usize;
        }
    }

    fn thread_jump(&mut self, pc: usize, word: Word) {
        let target = self.last_jump(target_of(pc, word));
        self.aim(pc, word, target);
        let Some(&there) = self.words.get(target) else {
            return;
        };
        let there = Word(there);
        let op = Op::from_u8(there.op_number());
        if op == Some(Op::Loop) {
            let back = target_of(target, there);
            if back <= pc {
                let loop_ = Word::abx(Op::Loop, 0, 0, 0);
                self.aim(pc, loop_, back);
            }
        } else if matches!(op, Some(Op::Return | Op::ReturnNone)) && self.ranges.is_empty() {
            // What is alive at an end differs from what is alive at a jump, which a handler that
            // covers both would not understand; so only where there is none.
            self.words[pc] = there.0;
            self.live[pc] = self.live[target];
        }
    }

    /// Where control ends up that goes to `target`.
    fn last_jump(&self, mut target: usize) -> usize {
        for _ in 0..MAX_HOPS {
            match self.words.get(target).map(|&word| Word(word)) {
                Some(word) if word.op_number() == Op::Jump as u8 => {
                    target = target_of(target, word);
                }
                _ => break,
            }
        }
        target
    }

    /// Writes the wide distance from an instruction to a target.
    fn aim(&mut self, pc: usize, word: Word, target: usize) {
        let distance = target as i64 - pc as i64 - 1;
        if let Ok(distance) = i32::try_from(distance) {
            let rest = word.0 & 0x0000_0000_FFFF_FFFF;
            self.words[pc] = rest | u64::from(distance as u32) << 32;
        }
    }
}

/// Where a jump with a wide distance goes.
fn target_of(pc: usize, word: Word) -> usize {
    (pc as i64 + 1 + i64::from(word.bx() as i32)) as usize
}

fn has_short_jump(op: Op) -> bool {
    op.info().operands[2] == aio_bytecode::Operand::Jump
}
