//! Futures of the host that scripts await: they are polled while the isolate waits, and dropped when a script gives
//! them up.

use crate::bell::Bell;
use crate::convert::ToScript;
use crate::embedded::Embedded;
use crate::error::Error;
use crate::mailbox::Mailbox;
use crate::scope::{Local, Scope};
use aio_vm::native::{Args, method};
use aio_vm::object::class::FINAL;
use aio_vm::object::opaque::Resumed;
use aio_vm::sched::{Poller, future_of};
use aio_vm::{Payload, R, Raised, Slot, TypeTable, Value, Vm};
use futures_core::Stream;
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// What a future of the host ends with: how the value is made in the isolate.
pub(crate) type Outcome = Box<dyn for<'s> FnOnce(&Scope<'s>) -> Result<Local<'s>, Error> + Send>;

/// A future of the host.
pub(crate) type HostFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Makes a future of a value one of an outcome.
pub(crate) fn erase<T: ToScript + Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> HostFuture {
    Box::pin(async move {
        let value = future.await;
        let outcome: Outcome = Box::new(move |s| value.to_script(s));
        outcome
    })
}

/// Wakes one future: notes it and rings.
struct Bellman {
    number: u64,
    queue: Arc<Mailbox<u64>>,
    bell: Arc<Bell>,
}

impl Wake for Bellman {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.queue.put(self.number);
        self.bell.ring();
    }
}

struct Entry {
    future: Option<HostFuture>,
    /// The asyncio future that gets the outcome.
    target: Value,
    waker: Waker,
}

/// The futures that scripts wait for.
#[derive(Default)]
pub(crate) struct Reactor {
    pub bell: OnceCell<Arc<Bell>>,
    entries: RefCell<FxHashMap<u64, Entry>>,
    queue: Arc<Mailbox<u64>>,
    /// How many there are, for the machine's question whether anything can still happen.
    count: Rc<Cell<usize>>,
    /// Futures whose awaitable has ended without being told.
    orphans: Rc<RefCell<Vec<u64>>>,
    last: Cell<u64>,
    call_class: OnceCell<Value>,
    stream_class: OnceCell<Value>,
}

impl Reactor {
    fn bell(&self) -> Arc<Bell> {
        Arc::clone(self.bell.get_or_init(Arc::default))
    }

    fn number(&self) -> u64 {
        let n = self.last.get() + 1;
        self.last.set(n);
        n
    }

    fn waker(&self, number: u64) -> Waker {
        Waker::from(Arc::new(Bellman { number, queue: Arc::clone(&self.queue), bell: self.bell() }))
    }

    /// Whether there is a future that could go on at once.
    fn has_woken(&self) -> bool {
        self.queue.is_full()
    }

    /// Polls what was woken.
    pub fn poll(&self, vm: &Vm) -> R<()> {
        let polled = self.poll_woken(vm);
        for number in self.orphans.take() {
            self.give_up(number);
        }
        self.count.set(self.entries.borrow().len());
        polled
    }

    fn poll_woken(&self, vm: &Vm) -> R<()> {
        loop {
            let woken = self.queue.take();
            if woken.is_empty() {
                return Ok(());
            }
            for number in woken {
                // The future is taken out: it may do anything, even drop what the table holds.
                let Some((future, waker)) =
                    self.entries.borrow_mut().get_mut(&number).and_then(|e| Some((e.future.take()?, e.waker.clone())))
                else {
                    continue;
                };
                let mut future = future;
                match poll_once(&mut future, &waker) {
                    Some(outcome) => {
                        let entry = self.entries.borrow_mut().remove(&number);
                        if let Some(entry) = entry {
                            let result = make(vm, outcome);
                            vm.settle_future(&entry.target, result)?;
                        }
                    }
                    None => {
                        let mut entries = self.entries.borrow_mut();
                        match entries.get_mut(&number) {
                            Some(entry) => entry.future = Some(future),
                            None => {
                                drop(entries);
                                drop(future);
                            }
                        }
                    }
                }
            }
        }
    }

    fn give_up(&self, number: u64) {
        let gone = self.entries.borrow_mut().remove(&number);
        self.count.set(self.entries.borrow().len());
        drop(gone);
    }

    /// Gives up all futures.
    pub fn clear(&self) {
        let gone = self.entries.take();
        self.count.set(0);
        drop(gone);
    }
}

/// Polls a future; a panic in it is an outcome, too.
fn poll_once(future: &mut HostFuture, waker: &Waker) -> Option<Outcome> {
    let mut cx = Context::from_waker(waker);
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| future.as_mut().poll(&mut cx)));
    match polled {
        Ok(Poll::Ready(outcome)) => Some(outcome),
        Ok(Poll::Pending) => None,
        Err(panic) => {
            let message = panic_text(&*panic);
            Some(Box::new(move |_| Err(Error::exception("RuntimeError", message))))
        }
    }
}

/// What a panic of host code said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("host code panicked: {}", said.unwrap_or("no message"))
}

fn make(vm: &Vm, outcome: Outcome) -> R {
    let scope = Scope::new(vm);
    outcome(&scope).map(Local::into_raw).map_err(|e| scope.raised(&e))
}

/// All sources of events of an embedded isolate: futures of the host, and the network.
pub(crate) struct Events {
    network: Rc<dyn Poller>,
    count: Rc<Cell<usize>>,
}

impl Events {
    pub fn install(vm: &Vm) {
        let count = Rc::clone(&vm.home::<Embedded>().reactor.count);
        let events = Events { network: vm.network_poller(), count };
        *vm.sched.poller.borrow_mut() = Some(Rc::new(events));
    }
}

impl Poller for Events {
    fn pending(&self) -> bool {
        self.network.pending() || self.count.get() > 0
    }

    fn poll(&self, vm: &Vm, nanoseconds: Option<u64>) -> R<()> {
        let reactor = &vm.home::<Embedded>().reactor;
        let nanoseconds = if reactor.has_woken() { Some(0) } else { nanoseconds };
        if nanoseconds != Some(0) || self.network.pending() {
            vm.deliver_io(vm.host.io_wait(nanoseconds))?;
        }
        reactor.poll(vm)
    }

    fn forget(&self, vm: &Vm, event_loop: &Value) {
        self.network.forget(vm, event_loop);
    }
}

/// What an async function of the host gives: it runs when it is awaited.
struct HostCall {
    future: RefCell<Option<HostFuture>>,
    target: Slot,
    number: Cell<u64>,
    orphans: Rc<RefCell<Vec<u64>>>,
}

impl Drop for HostCall {
    fn drop(&mut self) {
        if !self.target.is_empty() {
            self.orphans.borrow_mut().push(self.number.get());
        }
    }
}

impl Payload for HostCall {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(v) = self.target.defined() {
            visit(&v);
        }
    }

    fn clear(&self) {
        drop(self.future.take());
    }

    fn await_step(&self, vm: &Vm, _me: &Value, sent: R) -> Option<R<Resumed>> {
        Some(self.step(vm, sent))
    }

    fn is_awaitable(&self) -> bool {
        true
    }
}

impl HostCall {
    fn step(&self, vm: &Vm, sent: R) -> R<Resumed> {
        let reactor = &vm.home::<Embedded>().reactor;
        if let Err(e) = sent {
            drop(self.future.take());
            drop(self.target.take());
            reactor.give_up(self.number.get());
            return Err(e);
        }
        if let Some(target) = self.target.defined() {
            let step = resume(vm, &target);
            if !matches!(step, Ok(Resumed::Yield(_))) {
                drop(self.target.take());
            }
            return step;
        }
        let Some(mut future) = self.future.take() else {
            return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
        };
        let number = reactor.number();
        self.number.set(number);
        let waker = reactor.waker(number);
        if let Some(outcome) = poll_once(&mut future, &waker) {
            return make(vm, outcome).map(Resumed::Return);
        }
        let Some(running) = vm.running_loop() else {
            return Err(vm.runtime_error("no running event loop"));
        };
        let target = vm.future(running);
        let entry = Entry { future: Some(future), target: target.clone(), waker };
        reactor.entries.borrow_mut().insert(number, entry);
        reactor.count.set(reactor.entries.borrow().len());
        self.target.set(target.clone());
        resume(vm, &target)
    }
}

fn resume(vm: &Vm, target: &Value) -> R<Resumed> {
    match future_of(target).and_then(|f| f.await_step(vm, target, Ok(Value::NONE))) {
        Some(step) => step,
        None => Err(vm.runtime_error("a future is expected")),
    }
}

static CALL: TypeTable = TypeTable {
    doc: "A call of an asynchronous function of the host.",
    rows: &[
        method("__await__(self, /)", itself, "Return an iterator to be used in await expression."),
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", call_next, "Go on."),
        method("send(self, arg, /)", call_next, "Go on."),
        method("throw(self, typ, val=None, tb=None, /)", call_throw, "Give the call up with an exception."),
        method("close(self, /)", call_close, "Give the call up."),
    ],
    next: None,
};

static STREAM: TypeTable = TypeTable {
    doc: "A stream of the host.",
    rows: &[
        method("__aiter__(self, /)", itself, "Return self."),
        method("__anext__(self, /)", stream_next, "Return an awaitable that gives the next item."),
        method("aclose(self, /)", stream_close, "Give the stream up."),
    ],
    next: None,
};

fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn call_of<'a>(vm: &Vm, v: &'a Value) -> R<&'a HostCall> {
    v.payload::<HostCall>().ok_or_else(|| vm.type_error("a call of the host is expected"))
}

fn yielded(vm: &Vm, step: R<Resumed>) -> R {
    match step? {
        Resumed::Yield(v) => Ok(v),
        Resumed::Return(v) => {
            let stop = vm.types.stop_iteration.value();
            Err(vm.call(&stop, &[v]).map_or_else(|e| e, Raised))
        }
    }
}

fn call_next(vm: &Vm, a: &Args) -> R {
    yielded(vm, call_of(vm, &a[0])?.step(vm, Ok(Value::NONE)))
}

fn call_throw(vm: &Vm, a: &Args) -> R {
    let given = a.some(2).unwrap_or(&a[1]).clone();
    let e = if given.as_class().is_some() { vm.call(&given, &[])? } else { given };
    yielded(vm, call_of(vm, &a[0])?.step(vm, Err(Raised(e))))
}

fn call_close(vm: &Vm, a: &Args) -> R {
    let e = vm.error_with(vm.types.generator_exit.get(), vec![]);
    match call_of(vm, &a[0])?.step(vm, Err(e)) {
        Ok(_) | Err(_) => Ok(Value::NONE),
    }
}

/// The awaitable for a future of the host.
pub(crate) fn awaitable(vm: &Vm, future: HostFuture) -> Value {
    let reactor = &vm.home::<Embedded>().reactor;
    let object = vm.types.object.get();
    let class = reactor.call_class.get_or_init(|| vm.native_class("aio", "HostCall", object, FINAL, &CALL));
    let call = HostCall {
        future: RefCell::new(Some(future)),
        target: Slot::empty(),
        number: Cell::new(0),
        orphans: Rc::clone(&reactor.orphans),
    };
    match class.as_class() {
        Some(class) => vm.opaque(class, call),
        None => Value::NONE,
    }
}

/// A stream of the host.
pub(crate) type HostStream = Pin<Box<dyn Stream<Item = Outcome> + Send>>;

/// The stream is shared with the awaitable of its next item; `None` when it was given up.
struct StreamState(Arc<Mutex<Option<HostStream>>>);

impl Payload for StreamState {}

fn stream_next(vm: &Vm, a: &Args) -> R {
    let Some(state) = a[0].payload::<StreamState>() else {
        return Err(vm.type_error("a stream of the host is expected"));
    };
    let shared = Arc::clone(&state.0);
    let next = std::future::poll_fn(move |cx| {
        let mut stream = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let polled = match &mut *stream {
            Some(stream) => stream.as_mut().poll_next(cx),
            None => Poll::Ready(None),
        };
        polled.map(|item| {
            item.unwrap_or_else(|| {
                *stream = None;
                Box::new(|s| Err(s.failed(&s.vm.error_with(s.vm.types.stop_async_iteration.get(), vec![]))))
            })
        })
    });
    Ok(awaitable(vm, Box::pin(next)))
}

fn stream_close(vm: &Vm, a: &Args) -> R {
    if let Some(state) = a[0].payload::<StreamState>() {
        let gone = state.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(gone);
    }
    Ok(awaitable(vm, erase(std::future::ready(()))))
}

/// The asynchronous iterator for a stream of the host.
pub(crate) fn async_iterator(vm: &Vm, stream: HostStream) -> Value {
    let reactor = &vm.home::<Embedded>().reactor;
    let object = vm.types.object.get();
    let class = reactor.stream_class.get_or_init(|| vm.native_class("aio", "HostStream", object, FINAL, &STREAM));
    match class.as_class() {
        Some(class) => vm.opaque(class, StreamState(Arc::new(Mutex::new(Some(stream))))),
        None => Value::NONE,
    }
}
