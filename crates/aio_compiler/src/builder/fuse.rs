//! Operations that do those behind them as well.

use super::Unit;
use aio_bytecode::{Op, Word, fused};

impl Unit<'_> {
    /// Takes these forms wherever there is one. Distances are written already.
    pub(super) fn fuse(&mut self) {
        let mut pc = 0;
        while let Some(op) = self.words.get(pc).and_then(|&word| Op::from_u8(Word(word).op_number())) {
            if let Some(word) = fused(&self.words, &self.pool.consts, pc) {
                self.words[pc] = word.0;
            }
            pc += 1 + op.info().cache as usize;
        }
    }
}
