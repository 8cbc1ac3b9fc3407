//! An event loop that has nothing to do waits here; one that can never have anything to do again is told so.

use crate::error::{R, Raised};
use crate::sched::event_loop::LoopState;
use crate::sched::future::{TIMED, future_of};
use crate::sched::snapshot::Spot;
use crate::sched::task::{TaskState, Waiting};
use crate::value::Value;
use crate::vm::Vm;

/// The longest wait, as in CPython.
const MAX_WAIT: f64 = 24.0 * 3600.0;
/// Tasks that a report of a deadlock shows.
const SHOWN: usize = 20;

impl Vm {
    /// Waits until something is ready, a timer is due, or the loop is to stop. Other threads and events get their
    /// turn in any case.
    pub(crate) fn wait_for_work(&self, me: &Value, lp: &LoopState) -> R<()> {
        let poller = match &*self.sched.poller.borrow() {
            Some(p) if p.pending() => Some(p.clone()),
            _ => None,
        };
        if lp.has_work() || lp.stopping.get() {
            if !lp.timers.is_empty() {
                self.host.turned();
            }
            if let Some(p) = poller {
                p.poll(self, Some(0))?;
            }
            self.yield_thread();
            return Ok(());
        }
        let until = match lp.timers.next() {
            Some(when) => {
                let left = (when - self.time_of(me, lp)?).min(MAX_WAIT);
                if left <= 0.0 {
                    self.host.turned();
                    if let Some(p) = poller {
                        p.poll(self, Some(0))?;
                    }
                    self.yield_thread();
                    return Ok(());
                }
                // Whole milliseconds, as the system calls that CPython waits with: timers that lie close together
                // are due in the same iteration.
                let milliseconds = (left * 1e3 - 1e-6).ceil().max(1.0);
                Some(self.host.monotonic().saturating_add((milliseconds * 1e6) as u64))
            }
            None => None,
        };
        self.block(until, &|| lp.has_work() || lp.stopping.get()).map(drop)
    }

    /// Nothing in the isolate can ever go on.
    #[cold]
    pub fn nothing_can_happen(&self) -> Raised {
        self.deadlock()
    }

    #[cold]
    pub(crate) fn deadlock(&self) -> Raised {
        let mut text = String::from("deadlock: everything waits, and nothing is left that could wake it up");
        if let Some(lp) = self.running_loop()
            && let Some(l) = lp.payload::<LoopState>()
        {
            let tasks = l.tasks.all();
            for t in tasks.iter().take(SHOWN) {
                text.push_str(&format!("\n  {}", self.awaits(t)));
            }
            if tasks.len() > SHOWN {
                text.push_str(&format!("\n  and {} more", tasks.len() - SHOWN));
            }
        }
        self.runtime_error(text)
    }

    /// `Task-3 worker() at main.aio:7 awaits Task-4 loader()`.
    fn awaits(&self, task: &Value) -> String {
        let Some(t) = task.payload::<TaskState>() else { return String::new() };
        let spots = self.task_spots(task);
        let place = spots.iter().find(|s| !s.is_of_library());
        let place = place.map(|s| format!(" at {}:{}", s.file, s.line)).unwrap_or_default();
        format!("{}{place} waits for {}", self.task_title(task), self.waits_for(t))
    }

    /// What a task waits for, in words.
    pub(crate) fn waits_for(&self, t: &TaskState) -> String {
        let target = t.future.target();
        match t.future.waiting.get() {
            Waiting::Future if target.payload::<TaskState>().is_some() => return self.task_title(&target),
            Waiting::Future if future_of(&target).is_some_and(|f| f.has(TIMED)) => return "a timer".to_owned(),
            Waiting::Future if self.class_of(&target).is_same(super::class(&self.sched_classes().gathering)) => {
                return "gather()".to_owned();
            }
            Waiting::Future | Waiting::Gate => {}
            _ => return "its turn".to_owned(),
        }
        // The function of the library that the script has called says better than its future what it is about.
        let spots = self.coroutine_spots(&t.coro.get());
        let ours: Vec<&Spot> = spots.iter().take_while(|s| s.is_of_library()).collect();
        let public = ours.iter().rev().find(|s| !s.function.starts_with('_'));
        match public.or_else(|| ours.last()) {
            Some(spot) => format!("{}()", spot.function),
            _ if future_of(&target).is_some() => "a future".to_owned(),
            _ => self.type_name(&target),
        }
    }

    /// The name of a task, be it given or a number.
    pub(crate) fn task_name(&self, t: &TaskState) -> String {
        match t.name().as_ref().and_then(|name| name.as_str()) {
            Some(s) => s.to_text().into_owned(),
            None => format!("Task-{}", t.number.get()),
        }
    }

    pub(crate) fn task_title(&self, task: &Value) -> String {
        let Some(t) = task.payload::<TaskState>() else { return String::new() };
        let name = self.task_name(t);
        match t.coro.peek().as_coro().and_then(|c| c.own_names()) {
            Some((_, q)) => format!("{name} {}()", q.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default()),
            None => name,
        }
    }
}
