//! Operations that usually do those behind them as well: a text that is compared with, an attribute that counts, a loop
//! that goes on with its next item, a yield whose result nobody wants. They mean what their plain forms mean; what they
//! promise is what stands behind them, which the machine need not look at again.

use crate::code::Const;
use crate::ops::{FA, FB, Op, Word, X0};

/// The form of the instruction at a place that does the ones behind it as well, if they are of the right kinds.
#[must_use]
pub fn fused(words: &[u64], consts: &[Const], pc: usize) -> Option<Word> {
    let at = |pc: usize| words.get(pc).map(|&word| Word(word));
    let word = at(pc)?;
    match Op::from_u8(word.op_number())? {
        Op::LoadK | Op::LoadKEq | Op::LoadKIn => {
            let next = at(pc + 1)?;
            let taken = next.b() == word.a() && next.flags() & FB != 0 && word.flags() & FA == 0;
            if !taken || !matches!(consts.get(word.bx() as usize), Some(Const::Str(_))) {
                return None;
            }
            let (op, flags) = match Op::from_u8(next.op_number())? {
                Op::JumpEq | Op::JumpNotNe => (Op::LoadKEq, X0),
                Op::JumpNe | Op::JumpNotEq => (Op::LoadKEq, 0),
                Op::JumpIn | Op::JumpNotIn => (Op::LoadKIn, 0),
                _ => return None,
            };
            Some(Word::abx(op, flags, word.a(), word.bx()))
        }
        Op::GetAttr | Op::StepAttr => {
            // Behind the caches.
            let (step, set) = (at(pc + 3)?, at(pc + 4)?);
            let temp = word.a();
            let steps = matches!(Op::from_u8(step.op_number())?, Op::AddI | Op::SubI)
                && (step.a(), step.b()) == (temp, temp)
                && step.flags() & (FA | FB) == FB;
            let sets = Op::from_u8(set.op_number())? == Op::SetAttr
                && (set.a(), set.b(), set.c()) == (word.b(), temp, word.c())
                && set.flags() & FB != 0;
            (word.flags() & (FA | FB) == 0 && steps && sets)
                .then(|| Word::abc(Op::StepAttr, 0, word.a(), word.b(), word.c()))
        }
        Op::Yield => {
            let drop = at(pc + 1)?;
            let drops = Op::from_u8(drop.op_number())? == Op::Drop && drop.a() == word.a() && word.flags() & FA == 0;
            drops.then(|| Word::abc(Op::Yield, word.flags() | X0, word.a(), word.b(), word.c()))
        }
        Op::Loop | Op::LoopIter => {
            let target = at(usize::try_from(pc as i64 + 1 + i64::from(word.bx() as i32)).ok()?)?;
            (Op::from_u8(target.op_number())? == Op::ForIter).then(|| Word::abx(Op::LoopIter, 0, 0, word.bx()))
        }
        _ => None,
    }
}
