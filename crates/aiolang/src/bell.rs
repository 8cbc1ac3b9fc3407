//! What wakes an isolate that waits: futures of the host, timers and interrupts ring, and whoever waits goes on.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

#[derive(Default)]
struct State {
    rung: bool,
    /// The calls that wait, by number. One of them is woken: it lets all of the isolate go on.
    waiting: BTreeMap<u64, Waker>,
}

/// The bell of an isolate.
#[derive(Default)]
pub(crate) struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

impl Bell {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings.
    pub fn ring(&self) {
        let mut state = self.state();
        state.rung = true;
        let waker = state.waiting.values().next().cloned();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether it rang since the last question.
    pub fn take(&self) -> bool {
        std::mem::take(&mut self.state().rung)
    }

    /// Waits until it rings or the time is over; the ringing is left to `take`.
    pub fn wait(&self, time: Option<Duration>) {
        let end = time.and_then(|t| Instant::now().checked_add(t));
        let mut state = self.state();
        while !state.rung {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return;
            }
            state = match left {
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// A call waits.
    pub fn enter(&self, number: u64, waker: &Waker) {
        let mut state = self.state();
        match state.waiting.get_mut(&number) {
            Some(known) => known.clone_from(waker),
            None => {
                state.waiting.insert(number, waker.clone());
            }
        }
    }

    /// A call waits no more. If it was woken for nothing, another one is woken in its place.
    pub fn leave(&self, number: u64) {
        let mut state = self.state();
        state.waiting.remove(&number);
        let next = if state.rung { state.waiting.values().next().cloned() } else { None };
        drop(state);
        if let Some(waker) = next {
            waker.wake();
        }
    }

    /// Wakes one call.
    pub fn wake(&self, number: u64) {
        let waker = self.state().waiting.get(&number).cloned();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Wakes any call.
    pub fn wake_any(&self) {
        let waker = self.state().waiting.values().next().cloned();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Wakes all calls.
    pub fn wake_all(&self) {
        let all: Vec<Waker> = self.state().waiting.values().cloned().collect();
        all.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
