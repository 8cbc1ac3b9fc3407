//! An isolate at rest, which threads enter one at a time: the lock around it is one word.

use super::Vm;
use crate::host::{Host, Importer};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Somebody wants to be told when the thread inside leaves.
const ASKED: usize = 1;

/// An isolate at rest, which may go to another thread.
///
/// Everything that it can reach is its own: whoever gives it a host or puts native objects into it sees to it that they
/// may move between threads together with it, as all modules of this project and the closures of embedders do.
pub struct Resting {
    vm: Box<Vm>,
    /// The thread inside, perhaps with `ASKED`; 0 for none.
    inside: AtomicUsize,
}

// SAFETY: an isolate shares nothing with others, and no thread keeps anything of it while it rests.
unsafe impl Send for Resting {}
// SAFETY: only the thread whose number stands in `inside` reaches the machine, by an `Inside` that it cannot give away.
// Entering acquires what leaving releases.
unsafe impl Sync for Resting {}

impl Resting {
    /// An isolate in a world that may move with it.
    pub fn new(host: Box<dyn Host>, importer: Box<dyn Importer>) -> Resting {
        Resting { vm: Vm::new(host, importer), inside: AtomicUsize::new(0) }
    }

    /// The isolate, for its owner.
    pub fn vm(&mut self) -> &Vm {
        &self.vm
    }

    /// Enters, if nobody is inside. The number must be even, not 0, and this thread's own.
    #[inline]
    pub fn enter(&self, thread: usize) -> Option<Inside<'_>> {
        self.inside.compare_exchange(0, thread, Ordering::Acquire, Ordering::Relaxed).ok()?;
        Some(Inside { resting: self, here: PhantomData })
    }

    /// Whether this thread is inside.
    #[inline]
    pub fn is_inside(&self, thread: usize) -> bool {
        self.inside.load(Ordering::Relaxed) & !ASKED == thread
    }

    /// Makes whoever is inside tell of it when it leaves; false if nobody is. What was done before is seen by then.
    pub fn ask(&self) -> bool {
        let asked = |inside| (inside != 0).then_some(inside | ASKED);
        self.inside.fetch_update(Ordering::AcqRel, Ordering::Relaxed, asked).is_ok()
    }
}

/// The stay of a thread in an isolate.
pub struct Inside<'a> {
    resting: &'a Resting,
    /// It cannot go to another thread.
    here: PhantomData<*const ()>,
}

impl Inside<'_> {
    /// Leaves; tells whether somebody [asked](Resting::ask).
    #[inline]
    pub fn leave(self) -> bool {
        let asked = self.resting.inside.swap(0, Ordering::AcqRel) & ASKED != 0;
        std::mem::forget(self);
        asked
    }
}

impl Deref for Inside<'_> {
    type Target = Vm;

    #[inline(always)]
    fn deref(&self) -> &Vm {
        &self.resting.vm
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.resting.inside.store(0, Ordering::Release);
    }
}
