//! How much an isolate may use.

use std::time::Duration;

pub use aio_vm::Limit;

/// Limits of an isolate. `None` is no limit.
///
/// ```
/// use aiolang::{Engine, ErrorKind, Limit, Limits};
///
/// let engine = Engine::builder().limits(Limits { fuel: Some(100_000), ..Limits::default() }).build()?;
/// let isolate = engine.isolate();
/// let error = isolate.run("while True: pass").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Limit(Limit::Fuel));
/// isolate.set_fuel(Some(100_000));
/// assert_eq!(isolate.eval::<i64>("6 * 7")?, 42);
/// # Ok::<(), aiolang::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Calls and backward jumps, in all; work in bulk counts by its size. [`Isolate::set_fuel`](crate::Isolate::set_fuel)
    /// refills.
    pub fuel: Option<u64>,
    /// The same for each task, a call that is awaited among them. One that exceeds it fails, and the others go on.
    pub task_fuel: Option<u64>,
    /// Bytes of objects.
    pub memory: Option<usize>,
    /// Nested calls.
    pub depth: Option<u32>,
    /// Tasks of a loop that are not done.
    pub tasks: Option<usize>,
    /// Time on the wall of one entry from the host: a run, or a call with all that it waits for.
    pub time: Option<Duration>,
    /// Bytes of output, in all.
    pub output: Option<u64>,
}

impl Default for Limits {
    /// Limits that a mistake meets before the host does: 256 MB, a depth of 1000, 100,000 tasks, 30 seconds and 64 MB of
    /// output. Time bounds what runs, so fuel is not counted.
    fn default() -> Limits {
        Limits {
            fuel: None,
            task_fuel: None,
            memory: Some(256 << 20),
            depth: Some(1000),
            tasks: Some(100_000),
            time: Some(Duration::from_secs(30)),
            output: Some(64 << 20),
        }
    }
}

impl Limits {
    /// No limits but that of depth, without which the native stack would be one.
    pub fn none() -> Limits {
        Limits { fuel: None, task_fuel: None, memory: None, depth: Some(1000), tasks: None, time: None, output: None }
    }
}
