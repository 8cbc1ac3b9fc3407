//! Orders that asyncio leaves open, chosen by a seed: in which order tasks that are ready take their turns.

use crate::sched::event_loop::{LoopState, Ready};
use crate::vm::Vm;

impl Vm {
    /// From now on the order of ready tasks is chosen by this seed.
    pub fn set_seed(&self, seed: u64) {
        // Zero stands for no seed, and would stay zero.
        self.sched.shuffle.set(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    }

    fn next_choice(&self, n: usize) -> usize {
        let mut x = self.sched.shuffle.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.sched.shuffle.set(x);
        ((x >> 33) as usize) % n.max(1)
    }

    /// Permutes the steps of tasks among the first `n` entries. Callbacks keep their places: their order is promised.
    #[cold]
    pub(crate) fn shuffle_ready(&self, lp: &LoopState, n: usize) {
        let mut ready = lp.ready.borrow_mut();
        let steps: Vec<usize> = (0..n.min(ready.len()))
            .filter(|&i| matches!(ready.get(i), Some(Ready::Step(_) | Ready::Wakeup(_) | Ready::Throw(..))))
            .collect();
        for i in (1..steps.len()).rev() {
            let j = self.next_choice(i + 1);
            ready.swap(steps[i], steps[j]);
        }
    }
}
