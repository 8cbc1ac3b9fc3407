//! Calls that are awaited: the future lets the isolate go on whenever an executor polls it.

use crate::convert::{FromScript, IntoArgs};
use crate::error::Error;
use crate::host::net::shared_runtime;
use crate::isolate::{Inner, Stay, future_is_done};
use crate::scope::{Local, Scope};
use crate::value::Value;
use aio_vm::sched::future_of;
use aio_vm::sched::turn::Turn;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// What begins a call: it gives a value, perhaps one to be awaited.
type Begin = Box<dyn FnOnce(&Scope<'_>) -> Result<Begun, Error> + Send>;

/// A value on its way from the function that begins a call.
pub(crate) struct Begun(pub aio_vm::Value);

enum State {
    /// Not polled yet.
    New(Begin),
    /// Its task runs.
    Running,
    /// Over.
    Done,
}

/// A call that is under way. See [`Isolate::call_async`](crate::Isolate::call_async).
#[must_use = "a call runs while it is awaited"]
pub struct Call<T> {
    inner: Arc<Inner>,
    number: u64,
    state: State,
    began: Option<Instant>,
    timer: Option<Timer>,
    result: PhantomData<fn() -> T>,
}

struct Timer {
    sleep: Pin<Box<tokio::time::Sleep>>,
    began: Instant,
    wanted: Duration,
}

impl<T: FromScript> Call<T> {
    pub(crate) fn new(inner: Arc<Inner>, name: String, args: impl IntoArgs + Send + 'static) -> Call<T> {
        Call::begin_with(inner, Box::new(move |s| s.call_raw(&s.find(&name)?, args).map(Begun)))
    }

    pub(crate) fn of_value(inner: Arc<Inner>, function: Value, args: impl IntoArgs + Send + 'static) -> Call<T> {
        let begin: Begin = Box::new(move |s| s.call_raw(&s.embedded().value_of(&function)?, args).map(Begun));
        Call::begin_with(inner, begin)
    }

    pub(crate) fn begin_with(inner: Arc<Inner>, begin: Begin) -> Call<T> {
        let number = inner.number();
        Call { inner, number, state: State::New(begin), began: None, timer: None, result: PhantomData }
    }

    /// Lets the isolate go on; gives the result when it is there.
    fn go_on(&mut self, stay: &mut Stay<'_>, cx: &mut Context<'_>) -> Poll<Result<T, Error>> {
        if let State::New(_) = &self.state
            && let State::New(begin) = std::mem::replace(&mut self.state, State::Running)
        {
            let scope = Scope::new(stay.vm());
            let value = match begin(&scope) {
                Ok(Begun(value)) => value,
                Err(e) => return Poll::Ready(Err(e)),
            };
            let awaited = value.is_ptr() && (stay.vm().is_coroutine(&value) || future_of(&value).is_some());
            if !awaited {
                return Poll::Ready(T::from_script(&scope, &Local::new(value)));
            }
            if let Err(e) = self.inner.spawn(stay, value, self.number) {
                return Poll::Ready(Err(e));
            }
        }
        self.inner.control.bell.enter(self.number, cx.waker());
        let began = *self.began.get_or_insert_with(Instant::now);
        loop {
            if let Some(timer) = &self.timer {
                // However long it has waited, that much time has passed.
                self.inner.control.pass(timer.began.elapsed(), Some(timer.wanted));
                self.timer = None;
            }
            self.inner.control.begin_at(began);
            let turn = match self.inner.turn(stay) {
                Ok(turn) => turn,
                Err(e) => {
                    self.inner.control.clear_stop();
                    return Poll::Ready(Err(e));
                }
            };
            let Some(task) = stay.embedded().tasks.borrow().get(&self.number).cloned() else {
                return Poll::Ready(Err(Error::host("a limit has stopped the isolate while the call waited")));
            };
            if future_is_done(&task) {
                stay.embedded().forget_task(self.number);
                let scope = Scope::new(stay.vm());
                let result = match future_of(&task) {
                    Some(f) => scope.told(f.result(scope.vm)),
                    None => Err(Error::host("the task is gone")),
                };
                return Poll::Ready(result.and_then(|v| T::from_script(&scope, &Local::new(v))));
            }
            let until = match turn {
                Some(Turn::Idle(until)) => until,
                Some(Turn::Again) => {
                    // Other work of the executor gets its turn.
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None => return Poll::Ready(Err(Error::host("the loop is gone"))),
            };
            let vm = stay.vm();
            let waits = vm.sched.poller.borrow().as_ref().is_some_and(|p| p.pending());
            if until.is_none() && !waits && self.inner.control.left_since(began).is_none() {
                // Other calls may still wake it; only the last one can tell that nothing will.
                if stay.embedded().tasks.borrow().len() == 1 {
                    let vm = stay.vm();
                    return Poll::Ready(Err(Scope::new(vm).failed(&vm.nothing_can_happen())));
                }
            }
            let now = stay.vm().host.monotonic();
            let wanted = until.map(|t| Duration::from_nanos(t.saturating_sub(now)));
            let wanted = match (wanted, self.inner.control.left_since(began)) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            match self.arm(wanted) {
                Ok(true) => {}
                Ok(false) => return Poll::Pending,
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
    }

    /// Sets the timer; tells whether it is due already.
    fn arm(&mut self, wanted: Option<Duration>) -> Result<bool, Error> {
        let Some(wanted) = wanted else { return Ok(false) };
        let handle = shared_runtime().map_err(|e| Error::host(format!("no timers: {e}")))?;
        let _entered = handle.enter();
        let mut timer = Timer { sleep: Box::pin(tokio::time::sleep(wanted)), began: Instant::now(), wanted };
        let waker = Waker::from(Arc::clone(&self.inner.control.bell));
        let due = timer.sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        self.timer = Some(timer);
        Ok(due)
    }
}

impl<T: FromScript> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, Error>> {
        if let State::Done = self.state {
            return Poll::Ready(Err(Error::host("the call is over")));
        }
        let inner = Arc::clone(&self.inner);
        let entered = inner.try_enter(cx.waker());
        let mut stay = match entered {
            Ok(Some(stay)) => stay,
            Ok(None) => return Poll::Pending,
            Err(e) => return Poll::Ready(Err(e)),
        };
        inner.control.begin();
        let polled = self.go_on(&mut stay, cx);
        drop(stay);
        if polled.is_ready() {
            self.state = State::Done;
            self.timer = None;
            inner.control.bell.leave(self.number);
            // Whoever waits beside this call has to look after the timers now.
            inner.control.bell.wake_any();
        }
        polled
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        if let State::Running = self.state {
            self.inner.control.bell.leave(self.number);
            self.inner.drop_call(self.number);
            self.inner.control.bell.wake_any();
        }
    }
}
