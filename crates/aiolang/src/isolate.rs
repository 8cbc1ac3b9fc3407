//! Isolates: worlds of their own, entered by one thread at a time.

use crate::call::Call;
use crate::control::{Control, InterruptHandle};
use crate::convert::{FromScript, IntoArgs, ToScript};
use crate::embedded::Embedded;
use crate::error::{Error, ErrorKind};
use crate::footprint::Footprint;
use crate::function::{HostAsyncFn, HostFn, HostStreamFn, Prepared};
use crate::launch;
use crate::limits::Limits;
use crate::mailbox::Mailbox;
use crate::render::render_diagnostics;
use crate::scope::{Enter, Local, Scope, sealed};
use crate::stream::ScriptStream;
use crate::value::Value;
use aio_bytecode::code::COROUTINE;
use aio_source::Diagnostic;
use aio_vm::native::DefKind;
use aio_vm::sched::turn::Turn;
use aio_vm::{CompileMode, Inside, Resting, Vm};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

/// Iterations of the loop in one turn, after which other isolates of the executor get theirs.
const ITERATIONS: usize = 64;

/// A world of its own: its modules, its objects, its loop. Any thread may use it, one at a time: who comes while another
/// thread is inside waits (or, awaiting, is told later).
///
/// Dropping it frees everything at once, without running finalisers of the script.
pub struct Isolate {
    pub(crate) inner: Arc<Inner>,
}

/// What isolates, calls and streams share.
pub(crate) struct Inner {
    pub control: Arc<Control>,
    resting: Resting,
    /// Those who came while another thread was inside.
    queue: Mailbox<Waker>,
    /// Tasks of calls that were dropped while another thread was inside.
    dropped: Mailbox<u64>,
    last: AtomicU64,
    footprint: Footprint,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.footprint.bytes = self.resting.vm().memory();
    }
}

/// A number that each thread has of its own: an address, so it is even and not 0.
#[inline]
fn this_thread() -> usize {
    thread_local!(static MARK: u64 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark) as usize)
}

/// A thread that waits for its turn.
struct Parked(std::thread::Thread);

impl std::task::Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The stay of a thread in an isolate.
pub(crate) struct Stay<'a> {
    inside: Option<Inside<'a>>,
    inner: &'a Inner,
}

impl Stay<'_> {
    #[inline]
    pub fn vm(&self) -> &Vm {
        match &self.inside {
            Some(inside) => inside,
            None => unreachable!("the thread is inside until the stay ends"),
        }
    }

    pub fn embedded(&self) -> &Embedded {
        self.vm().home::<Embedded>()
    }
}

impl Drop for Stay<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.inside.take().is_some_and(Inside::leave) {
            self.inner.wake_queue();
        }
    }
}

impl Inner {
    pub fn new(resting: Resting, control: Arc<Control>) -> Inner {
        Inner {
            control,
            resting,
            queue: Mailbox::default(),
            dropped: Mailbox::default(),
            last: AtomicU64::new(0),
            footprint: Footprint::new(),
        }
    }

    /// Wakes those who came while somebody was inside: all of them, as one that is woken may have been given up meanwhile.
    #[cold]
    fn wake_queue(&self) {
        self.queue.take().into_iter().for_each(Waker::wake);
    }

    /// A number that no other call of the isolate has.
    pub fn number(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    #[inline]
    fn begin<'a>(&'a self, inside: Inside<'a>) -> Stay<'a> {
        let vm = &*inside;
        vm.set_stack_left(stacker::remaining_stack());
        vm.resume_after_stop();
        vm.home::<Embedded>().free_released();
        Stay { inside: Some(inside), inner: self }
    }

    /// Enters, and waits for that if need be. Whoever is inside already must use the scope that it has.
    #[inline]
    pub fn enter(&self) -> Result<Stay<'_>, Error> {
        let thread = this_thread();
        let inside = match self.resting.enter(thread) {
            Some(inside) => inside,
            None => self.wait_to_enter(thread)?,
        };
        let mut stay = self.begin(inside);
        self.control.begin();
        self.cancel_dropped(&mut stay);
        Ok(stay)
    }

    #[cold]
    fn wait_to_enter(&self, thread: usize) -> Result<Inside<'_>, Error> {
        if self.resting.is_inside(thread) {
            return Err(Error::host(
                "the isolate is running: a function that it calls uses the scope that it is given",
            ));
        }
        let waker = Waker::from(Arc::new(Parked(std::thread::current())));
        loop {
            if let Some(inside) = self.enter_or_ask(thread, &waker) {
                return Ok(inside);
            }
            std::thread::park();
        }
    }

    /// Enters if no other thread is inside, else asks for `waker` to be woken when it leaves.
    fn enter_or_ask(&self, thread: usize, waker: &Waker) -> Option<Inside<'_>> {
        loop {
            if let Some(inside) = self.resting.enter(thread) {
                return Some(inside);
            }
            self.queue.put(waker.clone());
            // If that fails, who was inside has left meanwhile, perhaps without having seen the waker.
            if self.resting.ask() {
                return None;
            }
        }
    }

    /// Enters if no other thread is inside, else asks for `waker` to be woken when it leaves.
    pub fn try_enter(&self, waker: &Waker) -> Result<Option<Stay<'_>>, Error> {
        let thread = this_thread();
        if self.resting.is_inside(thread) {
            return Err(Error::host("the isolate is running: calls into it cannot be polled by itself"));
        }
        let Some(inside) = self.enter_or_ask(thread, waker) else { return Ok(None) };
        let mut stay = self.begin(inside);
        self.cancel_dropped(&mut stay);
        Ok(Some(stay))
    }

    /// A call was dropped: its task is cancelled, now or by who is inside.
    pub fn drop_call(&self, number: u64) {
        if let Some(inside) = self.resting.enter(this_thread()) {
            let mut stay = self.begin(inside);
            self.control.begin();
            self.cancel_call(&mut stay, number);
            // What the task does about it at once is done at once.
            let _ = self.turn(&mut stay);
            return;
        }
        self.dropped.put(number);
        // Somebody has to look.
        self.control.bell.ring();
    }

    #[inline]
    fn cancel_dropped(&self, stay: &mut Stay<'_>) {
        if self.dropped.is_full() {
            self.cancel_all_dropped(stay);
        }
    }

    #[cold]
    fn cancel_all_dropped(&self, stay: &mut Stay<'_>) {
        for number in self.dropped.take() {
            self.cancel_call(stay, number);
        }
    }

    fn cancel_call(&self, stay: &mut Stay<'_>, number: u64) {
        let task = stay.embedded().tasks.borrow_mut().remove(&number);
        if let Some(task) = task {
            // A task that cannot be cancelled has ended.
            let _ = stay.vm().cancel_host_task(&task);
        }
    }

    /// Lets the loop of the isolate go on without waiting. `None`: there is no loop yet.
    pub fn turn(&self, stay: &mut Stay<'_>) -> Result<Option<Turn>, Error> {
        self.cancel_dropped(stay);
        let vm = stay.vm();
        let Some(lp) = stay.embedded().event_loop.defined() else { return Ok(None) };
        self.control.bell.take();
        let entered = vm.enter_loop(&lp);
        let turned = match vm.host.must_stop() {
            Some(limit) => Err(vm.stop(limit)),
            None => vm.turn(&lp, ITERATIONS),
        };
        if entered {
            vm.leave_loop(&lp);
        }
        for number in vm.take_ended() {
            self.control.bell.wake(number);
        }
        match turned {
            Ok(turn) => Ok(Some(turn)),
            Err(e) => {
                let error = Scope::new(vm).failed(&e);
                if matches!(error.kind(), ErrorKind::Limit(_)) {
                    self.abandon(stay);
                }
                Err(error)
            }
        }
    }

    /// After a limit: what the loop was about is given up, and the next call gets a new one.
    fn abandon(&self, stay: &mut Stay<'_>) {
        let tasks = stay.embedded().tasks.take();
        let vm = stay.vm();
        let lp = stay.embedded().event_loop.take();
        stay.embedded().reactor.clear();
        if lp.is_ptr() {
            // Closing a loop that nothing runs cannot fail.
            let _ = vm.abandon_loop(&lp);
        }
        drop((tasks, lp));
        self.control.bell.wake_all();
    }

    /// Runs a coroutine (or any awaitable) to its end on this thread, together with everything else of the loop.
    pub fn run_to_end(&self, stay: &mut Stay<'_>, awaitable: aio_vm::Value) -> Result<aio_vm::Value, Error> {
        let number = self.number();
        let task = self.spawn(stay, awaitable, number)?;
        loop {
            match self.turn(stay)? {
                None => return Err(Error::host("the loop is gone")),
                Some(_) if future_is_done(&task) => break,
                Some(Turn::Again) => {}
                Some(Turn::Idle(until)) => {
                    let vm = stay.vm();
                    let waits = vm.sched.poller.borrow().as_ref().is_some_and(|p| p.pending());
                    if until.is_none() && !waits {
                        return Err(Scope::new(vm).failed(&vm.nothing_can_happen()));
                    }
                    let time = until.map(|t| Duration::from_nanos(t.saturating_sub(vm.host.monotonic())));
                    self.wait(stay, time)?;
                }
            }
        }
        stay.embedded().forget_task(number);
        let vm = stay.vm();
        let scope = Scope::new(vm);
        match aio_vm::sched::future_of(&task) {
            Some(f) => scope.told(f.result(vm)),
            None => Err(Error::host("the task is gone")),
        }
    }

    /// Waits on this thread for a timer, an event or the end of time.
    fn wait(&self, stay: &Stay<'_>, time: Option<Duration>) -> Result<(), Error> {
        let vm = stay.vm();
        let nanoseconds = time.map(|t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX));
        let scope = Scope::new(vm);
        scope.told(vm.deliver_io(vm.host.io_wait(nanoseconds)))?;
        if let Some(limit) = vm.host.must_stop() {
            let error = scope.failed(&vm.stop(limit));
            self.control.clear_stop();
            return Err(error);
        }
        scope.told(vm.check_interrupt())
    }

    /// Begins an awaitable as a task of the isolate's loop, which is made now if there is none.
    pub fn spawn(&self, stay: &mut Stay<'_>, awaitable: aio_vm::Value, number: u64) -> Result<aio_vm::Value, Error> {
        let vm = stay.vm();
        let scope = Scope::new(vm);
        let lp = match stay.embedded().event_loop.defined() {
            Some(lp) => lp,
            None => {
                let lp = scope.told(vm.host_loop())?;
                stay.embedded().event_loop.set(lp.clone());
                lp
            }
        };
        let task = if vm.is_coroutine(&awaitable) {
            scope.told(vm.begin_host_task(&lp, awaitable, number))?
        } else {
            let entered = vm.enter_loop(&lp);
            let future = vm.ensure_future(&awaitable, Some(&lp));
            if entered {
                vm.leave_loop(&lp);
            }
            let future = scope.told(future)?;
            scope.told(vm.watch_future(&future, number))?;
            future
        };
        stay.embedded().tasks.borrow_mut().insert(number, task.clone());
        Ok(task)
    }
}

pub(crate) fn future_is_done(task: &aio_vm::Value) -> bool {
    aio_vm::sched::future_of(task).is_none_or(|f| f.is_done())
}

impl sealed::Sealed for Isolate {}

impl Enter for Isolate {
    fn enter<T>(&self, f: impl FnOnce(&Scope<'_>) -> Result<T, Error>) -> Result<T, Error> {
        Isolate::enter(self, f)
    }
}

/// Methods that give scripts functions of a kind, without and with a text for `help()`.
macro_rules! registering {
    ($($(#[$doc:meta])* $plain:ident, $documented:ident: $kind:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $plain<M, F: $kind<M>>(&self, signature: &str, function: F) -> Result<(), Error> {
                self.$documented(signature, "", function)
            }

            /// Likewise, with what `help()` says of it.
            pub fn $documented<M, F: $kind<M>>(&self, signature: &str, doc: &str, function: F) -> Result<(), Error> {
                self.add(Prepared::new(DefKind::Function, signature, doc, F::ARITY, function.into_body()))
            }
        )*
    };
}

impl Isolate {
    /// Calls `f` in the isolate. Several small steps are cheaper in one entering.
    ///
    /// ```
    /// # let isolate = aiolang::Engine::builder().build()?.isolate();
    /// isolate.run("def add(a, b): return a + b")?;
    /// let total = isolate.enter(|scope| (0..100).try_fold(0, |sum, n| scope.call::<i64>("add", (sum, n))))?;
    /// assert_eq!(total, 4950);
    /// # Ok::<(), aiolang::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `f`, and [`ErrorKind::Host`] if this thread is inside already.
    pub fn enter<T>(&self, f: impl FnOnce(&Scope<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let stay = self.inner.enter()?;
        let result = f(&Scope::new(stay.vm()));
        self.settle(result)
    }

    /// The order to stop was meant for what has just ended.
    fn settle<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(e) = &result
            && matches!(e.kind(), ErrorKind::Limit(_))
        {
            self.inner.control.clear_stop();
        }
        result
    }

    /// Runs statements in `__main__`, whose names stay for the next run. Statements that await run on the isolate's
    /// loop, until they are done; this thread waits.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] if the text is refused, before anything of it runs; else whatever it ends with.
    pub fn run(&self, source: &str) -> Result<(), Error> {
        self.run_named(source, "<string>")
    }

    /// Like [`run`](Isolate::run), for a text with a name.
    pub fn run_named(&self, source: &str, name: &str) -> Result<(), Error> {
        let mut stay = self.inner.enter()?;
        let result = self.run_in(&mut stay, source, name);
        self.settle(result)
    }

    fn run_in(&self, stay: &mut Stay<'_>, source: &str, name: &str) -> Result<(), Error> {
        let vm = stay.vm();
        let scope = Scope::new(vm);
        let compiled = vm.importer.compile(source, name, CompileMode::Module);
        let compiled = compiled.map_err(|d| refused(&scope, name, source, &d))?;
        let main = stay.embedded().main.get();
        let value = scope.told(launch::execute(vm, &compiled.code, &main))?;
        if compiled.code.flags & COROUTINE != 0 {
            self.inner.run_to_end(stay, value)?;
        }
        flush(stay.vm())
    }

    /// Runs a file in `__main__`. Reading it is up to the host, so it needs no grant.
    pub fn run_file(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let name = path.as_ref().to_string_lossy();
        let unreadable =
            |e: std::io::Error| Error::new(ErrorKind::Io, "OSError", format!("can't open file '{name}': {e}"));
        let bytes = std::fs::read(path.as_ref()).map_err(unreadable)?;
        match aio_syntax::decode_source(&bytes) {
            Ok(text) => self.run_named(&text, &name),
            Err(d) => {
                self.enter(|s| Err(refused(s, &name, &String::from_utf8_lossy(&bytes), std::slice::from_ref(&d))))
            }
        }
    }

    /// The value of an expression in `__main__`.
    ///
    /// # Errors
    /// As for [`run`](Isolate::run), and [`ErrorKind::Conversion`] if the value is no `T`. [`Data`](crate::Data) takes
    /// any value.
    pub fn eval<T: FromScript>(&self, source: &str) -> Result<T, Error> {
        self.enter(|s| {
            let text = source.trim_matches([' ', '\t', '\n', '\r']);
            let compiled = s.vm.importer.compile(text, "<string>", CompileMode::Eval);
            let compiled = compiled.map_err(|d| refused(s, "<string>", text, &d))?;
            let value = s.told(launch::execute(s.vm, &compiled.code, &s.embedded().main.get()))?;
            T::from_script(s, &Local::new(value))
        })
    }

    /// Calls a function of `__main__`, or a built-in one. If it gives something to be awaited, this thread runs the
    /// isolate until that is done.
    ///
    /// # Errors
    /// Whatever the function ends with; [`ErrorKind::Host`] with the type name `NameError` if there is no such name;
    /// [`ErrorKind::Conversion`] if its result is no `T`.
    pub fn call<T: FromScript>(&self, name: &str, args: impl IntoArgs) -> Result<T, Error> {
        let mut stay = self.inner.enter()?;
        let scope = Scope::new(stay.vm());
        let called = scope.find(name).and_then(|f| scope.call_raw(&f, args));
        let result = called.and_then(|value| self.finish(&mut stay, value));
        self.settle(result)
    }

    /// Calls a function that the host has a handle of, as [`call`](Isolate::call) does.
    pub fn call_value<T: FromScript>(&self, function: &Value, args: impl IntoArgs) -> Result<T, Error> {
        let mut stay = self.inner.enter()?;
        let scope = Scope::new(stay.vm());
        let called = scope.embedded().value_of(function).and_then(|f| scope.call_raw(&f, args));
        let result = called.and_then(|value| self.finish(&mut stay, value));
        self.settle(result)
    }

    fn finish<T: FromScript>(&self, stay: &mut Stay<'_>, value: aio_vm::Value) -> Result<T, Error> {
        let value =
            if value.is_ptr() && stay.vm().is_coroutine(&value) { self.inner.run_to_end(stay, value)? } else { value };
        T::from_script(&Scope::new(stay.vm()), &Local::new(value))
    }

    /// Calls a function of `__main__`, or a built-in one, and awaits what it gives. The future can be awaited on any
    /// executor; many of them can be under way in one isolate. Dropping it cancels the task of the script, whose
    /// `finally` blocks run.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aiolang::Error> {
    /// use std::time::Duration;
    ///
    /// # let isolate = aiolang::Engine::builder().grant(aiolang::Grant::Clock).build()?.isolate();
    /// isolate.run("import asyncio\nlog = []\nasync def work():\n    try: await asyncio.sleep(60)\n    finally: log.append('tidy')")?;
    /// let work = isolate.call_async::<()>("work", ());
    /// assert!(tokio::time::timeout(Duration::from_millis(5), work).await.is_err());
    /// assert_eq!(isolate.eval::<Vec<String>>("log")?, ["tidy"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_async<T: FromScript>(&self, name: &str, args: impl IntoArgs + Send + 'static) -> Call<T> {
        Call::new(Arc::clone(&self.inner), name.to_owned(), args)
    }

    /// Likewise for a function that the host has a handle of.
    pub fn call_value_async<T: FromScript>(&self, function: &Value, args: impl IntoArgs + Send + 'static) -> Call<T> {
        Call::of_value(Arc::clone(&self.inner), function.clone(), args)
    }

    /// The items of an asynchronous generator (or a plain iterable) that a function of `__main__` gives, as a stream.
    pub fn stream<T: FromScript + Unpin>(&self, name: &str, args: impl IntoArgs + Send + 'static) -> ScriptStream<T> {
        ScriptStream::new(Arc::clone(&self.inner), name.to_owned(), args)
    }

    /// Lets background tasks go on without waiting; tells when it wants to be called again, if nothing happens before.
    /// Calls that are awaited do this by themselves.
    ///
    /// ```
    /// # let isolate = aiolang::Engine::builder().build()?.isolate();
    /// isolate.run("import asyncio\nasync def start(): asyncio.create_task(later())\nasync def later(): log.append('ran')\nlog = []")?;
    /// isolate.call::<()>("start", ())?;
    /// isolate.turn()?;
    /// assert_eq!(isolate.eval::<Vec<String>>("log")?, ["ran"]);
    /// # Ok::<(), aiolang::Error>(())
    /// ```
    pub fn turn(&self) -> Result<Option<Duration>, Error> {
        let mut stay = self.inner.enter()?;
        let result = self.inner.turn(&mut stay);
        let now = stay.vm().host.monotonic();
        let left = |until: u64| Duration::from_nanos(until.saturating_sub(now));
        self.settle(result).map(|turn| match turn {
            Some(Turn::Again) => Some(Duration::ZERO),
            Some(Turn::Idle(until)) => until.map(left),
            None => None,
        })
    }

    /// Sets a name of `__main__`.
    pub fn set(&self, name: &str, value: impl ToScript) -> Result<(), Error> {
        self.enter(|s| {
            let value = value.to_script(s)?.into_raw();
            if let Some(d) = s.embedded().main.get().as_dict() {
                d.set_text(s.vm, name, value);
            }
            Ok(())
        })
    }

    /// A handle of the value of a name of `__main__`, or of a built-in one.
    pub fn get(&self, name: &str) -> Result<Value, Error> {
        self.enter(|s| s.get(name))
    }

    /// Imports a module.
    pub fn import(&self, module: &str) -> Result<Value, Error> {
        self.enter(|s| s.import(module))
    }

    registering! {
        /// Gives `__main__` a function of the host. `signature` is its name, or its name with parameters as Python writes
        /// them, defaults included: `"greet(name, greeting='hello', *, times=1)"`.
        register, register_with_doc: HostFn;
        /// Gives `__main__` a function of the host that scripts await.
        register_async, register_async_with_doc: HostAsyncFn;
        /// Gives `__main__` a function of the host whose stream scripts iterate over with `async for`.
        register_stream, register_stream_with_doc: HostStreamFn;
    }

    fn add(&self, prepared: Prepared) -> Result<(), Error> {
        self.enter(|s| {
            let name = prepared.def.name();
            let value = prepared.into_value(s.vm)?;
            if let Some(d) = s.embedded().main.get().as_dict() {
                d.set_text(s.vm, name, value);
            }
            Ok(())
        })
    }

    /// What interrupts it from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(Arc::clone(&self.inner.control))
    }

    /// Gives it this much fuel in place of what it has.
    pub fn set_fuel(&self, fuel: Option<u64>) {
        if let Ok(stay) = self.inner.enter() {
            stay.vm().set_fuel(fuel);
        }
    }

    /// The fuel that is left (see [`Limits::fuel`] for the unit), if it is counted.
    pub fn fuel(&self) -> Option<u64> {
        self.inner.enter().ok()?.vm().fuel()
    }

    /// Bytes of its objects and of what they hold. The machine itself takes some tens of kilobytes besides.
    pub fn memory(&self) -> usize {
        self.inner.enter().map_or(0, |stay| stay.vm().memory())
    }

    /// Sets all limits but that of time, which the engine set.
    pub fn set_limits(&self, limits: &Limits) {
        if let Ok(stay) = self.inner.enter() {
            apply(stay.vm(), limits);
            self.inner.control.set_output(limits.output);
        }
    }

    /// Frees garbage that holds itself; tells how many objects that was.
    pub fn collect(&self) -> usize {
        self.inner.enter().map_or(0, |stay| stay.vm().collect_cycles())
    }
}

pub(crate) fn apply(vm: &Vm, limits: &Limits) {
    vm.set_fuel(limits.fuel);
    vm.set_task_fuel(limits.task_fuel);
    vm.set_memory_limit(limits.memory);
    vm.set_depth_limit(limits.depth);
    vm.set_task_limit(limits.tasks);
}

pub(crate) fn flush(vm: &Vm) -> Result<(), Error> {
    vm.host.flush().map_err(|e| Error::new(ErrorKind::Io, "OSError", e.to_string()))
}

/// The error for a text that was refused.
pub(crate) fn refused(s: &Scope<'_>, name: &str, text: &str, diagnostics: &[Diagnostic]) -> Error {
    let first = diagnostics.iter().find(|d| d.is_error());
    let kind = first.map_or("SyntaxError", |d| d.kind);
    let message = first.map(|d| d.message.clone()).unwrap_or_default();
    let rendered = render_diagnostics(name, text, diagnostics, &s.embedded().style.borrow());
    Error::new(ErrorKind::Syntax, kind, message).with_report(rendered)
}
