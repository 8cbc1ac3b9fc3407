//! A world whose time passes only while the script sleeps, and then at once.

use super::forward::forward;
use aio_vm::Host;
use aio_vm::host::{IoDone, IoError};
use std::cell::Cell;

/// A host whose clocks are virtual; all else is the inner host's.
pub struct VirtualHost<H> {
    inner: H,
    now: Cell<u64>,
    epoch: i128,
    /// Turns of loops since the time last passed.
    turns: Cell<u32>,
}

/// After so many turns without any wait each further one takes a microsecond, and after so many more a millisecond:
/// a script that polls until a time is over gets there.
const FREE_TURNS: u32 = 1_000;
const QUICK_TURNS: u32 = 100_000;

/// Where the virtual wall clock begins: 2025-01-01 00:00 UTC, the same in every run.
const EPOCH: i128 = 1_735_689_600_000_000_000;

/// So many real nanoseconds are left to the network before the clock jumps to the next timer.
const GRACE: u64 = 2_000_000;

impl<H: Host> VirtualHost<H> {
    /// Wraps a host. The monotonic clock begins at a thousand seconds.
    pub fn new(inner: H) -> VirtualHost<H> {
        VirtualHost { inner, now: Cell::new(1_000_000_000_000), epoch: EPOCH, turns: Cell::new(0) }
    }
}

impl<H: Host> Host for VirtualHost<H> {
    forward! {
        inner: write_out write_err flush read_line read_some cpu is_repeatable random hash_key take_interrupt
            take_inspection inspected must_stop can_afford file io_start io_pending
    }

    fn monotonic(&self) -> u64 {
        self.now.get()
    }

    fn wall(&self) -> i128 {
        self.epoch + i128::from(self.now.get())
    }

    fn turned(&self) {
        let turns = self.turns.get().saturating_add(1);
        self.turns.set(turns);
        if turns > FREE_TURNS {
            let step = if turns > QUICK_TURNS { 1_000_000 } else { 1_000 };
            self.now.set(self.now.get().saturating_add(step));
        }
    }

    fn sleep(&self, nanoseconds: u64) {
        self.turns.set(0);
        self.now.set(self.now.get().saturating_add(nanoseconds));
    }

    fn io_wait(&self, nanoseconds: Option<u64>) -> Vec<(u64, Result<IoDone, IoError>)> {
        let done = self.inner.io_wait(nanoseconds.map(|n| n.min(GRACE)));
        if done.is_empty() {
            self.sleep(nanoseconds.unwrap_or(0));
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::RealHost;
    use std::io;

    #[test]
    fn sleeping_moves_both_clocks_and_takes_no_time() {
        let host = VirtualHost::new(RealHost::builder().stdin(io::empty()).build());
        let (mono, wall) = (host.monotonic(), host.wall());
        host.sleep(3_600_000_000_000);
        assert_eq!(host.monotonic() - mono, 3_600_000_000_000);
        assert_eq!(host.wall() - wall, 3_600_000_000_000);
    }
}
