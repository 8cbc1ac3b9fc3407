//! What a heap counts: bytes in use, their limit, and work in bulk that brings the machine to look at its limits.

use super::Heap;
use std::cell::Cell;

/// Buffers that grow by so many bytes are work; less is part of the call that does it.
const BULK: isize = 1024;
/// Filling so many bytes is worth about a call.
const BYTES_OF_WORK: u64 = 128;

impl Heap {
    /// Bytes in use: cells and charged buffers.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// Exchanges the nesting of drops, which each thread has of its own.
    pub(crate) fn swap_drop_depth(&self, depth: u32) -> u32 {
        self.depth.replace(depth)
    }

    /// Counts a buffer that grew (or, negative, shrank) by so many bytes.
    #[inline]
    pub(crate) fn charge(&self, delta: isize) {
        let now = self.bytes.get().wrapping_add_signed(delta);
        self.bytes.set(now);
        if now > self.limit.get() {
            self.sound();
        }
        if delta >= BULK {
            self.work(delta as u64 / BYTES_OF_WORK);
        }
    }

    /// Sets the counter that is set to nothing when the machine has to look at limits and interrupts. It must live as
    /// long as the heap.
    pub(crate) fn set_alarm(&self, alarm: &Cell<i32>) {
        self.alarm.set(alarm);
    }

    /// Sets the limit of bytes.
    pub(crate) fn set_limit(&self, bytes: usize) {
        self.limit.set(bytes);
        if self.over_limit() {
            self.sound();
        }
    }

    /// Notes work in bulk, in units of about a call each. Tells whether it is time to look at limits and interrupts,
    /// which the next tick will do.
    #[inline]
    pub(crate) fn work(&self, units: u64) -> bool {
        let work = self.work.get().saturating_add(units);
        self.work.set(work);
        let much = work > crate::interp::TICKS as u64;
        if much {
            self.sound();
        }
        much
    }

    /// Takes the work that was noted.
    pub(crate) fn take_work(&self) -> u64 {
        self.work.take()
    }

    /// The work that was noted and not taken.
    pub(crate) fn open_work(&self) -> u64 {
        self.work.get()
    }

    /// There is more than the limit allows.
    pub(crate) fn over_limit(&self) -> bool {
        self.bytes.get() > self.limit.get()
    }

    /// Whether so many bytes more would exceed the limit.
    pub(crate) fn would_exceed(&self, bytes: usize) -> bool {
        self.bytes.get().saturating_add(bytes) > self.limit.get()
    }

    /// There is a limit.
    pub(crate) fn is_limited(&self) -> bool {
        self.limit.get() != usize::MAX
    }

    /// Bytes that are left below the limit.
    pub(crate) fn room(&self) -> usize {
        self.limit.get().saturating_sub(self.bytes.get())
    }

    /// Makes the machine look at limits and interrupts soon.
    #[cold]
    pub(super) fn sound(&self) {
        let alarm = self.alarm.get();
        if !alarm.is_null() {
            // SAFETY: the counter is a field of the machine that this heap is a field of.
            let left = unsafe { (*alarm).replace(0) };
            self.stolen.set(self.stolen.get().saturating_add(left.max(0)));
        }
    }

    /// What was left on the counter when the alarm was sounded.
    pub(crate) fn stolen_ticks(&self) -> i32 {
        self.stolen.get()
    }

    /// Takes that.
    pub(crate) fn take_stolen_ticks(&self) -> i32 {
        self.stolen.take()
    }
}
