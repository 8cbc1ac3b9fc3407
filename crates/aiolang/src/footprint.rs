//! What dropped isolates leave with the allocator: when it is much and no new ones take it, it goes back to the system.

use std::sync::atomic::{AtomicUsize, Ordering};

/// An isolate takes at least this many bytes, and so much of what others left.
const SMALLEST: usize = 64 << 10;
/// So many bytes are worth the search for free pages.
const MUCH: usize = 32 << 20;

/// Bytes of isolates that are gone, less those of isolates that came after them.
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// The memory of an isolate; dropped after it.
pub(crate) struct Footprint {
    /// What the isolate had at its end.
    pub bytes: usize,
}

impl Footprint {
    /// A new isolate takes the place of old ones.
    pub fn new() -> Footprint {
        let taken = |left: usize| Some(left.saturating_sub(SMALLEST));
        // It cannot fail, as there is always a next number.
        let _ = LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        Footprint { bytes: 0 }
    }
}

impl Drop for Footprint {
    fn drop(&mut self) {
        let bytes = self.bytes.max(SMALLEST);
        let left = LEFT.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if left >= MUCH && LEFT.compare_exchange(left, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            aio_vm::heap::give_back();
        }
    }
}
