//! What reaches a running isolate from outside: interrupts, the order to stop, and the limits that the world counts.

use crate::bell::Bell;
use crate::limits::Limit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Shared by an isolate, its host and its handles.
pub(crate) struct Control {
    pub bell: Arc<Bell>,
    interrupt: AtomicBool,
    stop: AtomicBool,
    too_much_output: AtomicBool,
    output_left: AtomicU64,
    start: Instant,
    /// When time is over, in nanoseconds after `start`; 0 while the entry has not looked at the clock.
    deadline: AtomicU64,
    time: Option<Duration>,
    /// How much time has passed for a script that does not see the real one.
    passed: AtomicU64,
}

impl Control {
    pub fn new(time: Option<Duration>, output: Option<u64>) -> Control {
        Control {
            bell: Arc::default(),
            interrupt: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            too_much_output: AtomicBool::new(false),
            output_left: AtomicU64::new(output.unwrap_or(u64::MAX)),
            start: Instant::now(),
            deadline: AtomicU64::new(0),
            time,
            passed: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The host enters: its time begins with the first look at the clock, which short calls never take.
    #[inline]
    pub fn begin(&self) {
        self.deadline.store(0, Ordering::Relaxed);
    }

    /// Entering on behalf of a call that began earlier.
    pub fn begin_at(&self, began: Instant) {
        let end = self.time.map(|t| began.saturating_duration_since(self.start) + t);
        let end = end.map_or(u64::MAX, |t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX));
        self.deadline.store(end.max(1), Ordering::Relaxed);
    }

    /// Whether the time of a call that began then is over, and how much is left.
    pub fn left_since(&self, began: Instant) -> Option<Duration> {
        self.time.map(|t| t.saturating_sub(began.elapsed()))
    }

    /// How much time is left; `None` for any amount.
    pub fn left(&self) -> Option<Duration> {
        let time = self.time?;
        let now = self.now();
        let deadline = match self.deadline.load(Ordering::Relaxed) {
            0 => {
                let end = now.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)).max(1);
                self.deadline.store(end, Ordering::Relaxed);
                end
            }
            end => end,
        };
        Some(Duration::from_nanos(deadline.saturating_sub(now)))
    }

    /// The time that has passed for a script that does not see the real one.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// Lets time pass for such a script: never more than it wanted to wait.
    pub fn pass(&self, waited: Duration, wanted: Option<Duration>) {
        let waited = wanted.map_or(waited, |w| waited.min(w));
        self.passed.fetch_add(u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn interrupt(&self) {
        self.interrupt.store(true, Ordering::SeqCst);
        self.bell.ring();
    }

    /// Whether there is a reason not to wait: an interrupt or the order to stop.
    pub fn is_asked(&self) -> bool {
        self.interrupt.load(Ordering::SeqCst) || self.stop.load(Ordering::SeqCst)
    }

    pub fn take_interrupt(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed) && self.interrupt.swap(false, Ordering::SeqCst)
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.bell.ring();
    }

    /// Takes the order to stop: it is meant for what runs now.
    pub fn clear_stop(&self) {
        self.stop.store(false, Ordering::SeqCst);
    }

    /// Counts output; false if it is too much.
    pub fn count_output(&self, bytes: u64) -> bool {
        let counted = self.output_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
            u64::MAX => Some(left),
            _ => left.checked_sub(bytes),
        });
        if counted.is_err() {
            self.too_much_output.store(true, Ordering::Relaxed);
        }
        counted.is_ok()
    }

    /// Allows this much output from now on.
    pub fn set_output(&self, bytes: Option<u64>) {
        self.output_left.store(bytes.unwrap_or(u64::MAX), Ordering::Relaxed);
        self.too_much_output.store(false, Ordering::Relaxed);
    }

    pub fn must_stop(&self) -> Option<Limit> {
        if self.stop.load(Ordering::Relaxed) {
            return Some(Limit::Stopped);
        }
        if self.too_much_output.load(Ordering::Relaxed) {
            return Some(Limit::Output);
        }
        self.left().is_some_and(|left| left.is_zero()).then_some(Limit::Time)
    }
}

/// Interrupts an isolate from any thread.
///
/// ```
/// use aiolang::{Engine, ErrorKind, Limit};
/// use std::{thread, time::Duration};
///
/// let isolate = Engine::builder().build()?.isolate();
/// let handle = isolate.interrupt_handle();
/// let watch = thread::spawn(move || {
///     thread::sleep(Duration::from_millis(20));
///     handle.stop();
/// });
/// let error = isolate.run("while True: pass").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Limit(Limit::Stopped));
/// watch.join().unwrap();
/// assert_eq!(isolate.eval::<i64>("6 * 7")?, 42);
/// # Ok::<(), aiolang::Error>(())
/// ```
#[derive(Clone)]
pub struct InterruptHandle(pub(crate) Arc<Control>);

impl InterruptHandle {
    /// Raises KeyboardInterrupt in what runs or waits. A script can catch it.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }

    /// Stops what runs, as a limit does: no script can catch it. The isolate can be used again.
    pub fn stop(&self) {
        self.0.stop();
    }
}
