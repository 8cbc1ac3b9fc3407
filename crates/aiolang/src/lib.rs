//! Aio in a Rust program: engines, isolates, calls both ways, limits.
//!
//! Aio runs Python 3.13 with asyncio. This crate puts it into a Rust program: scripts call functions of the program,
//! the program calls functions of scripts, and either awaits the other.
//!
//! # The first ten lines
//!
//! ```
//! use aiolang::Engine;
//!
//! let isolate = Engine::builder().build()?.isolate();
//! isolate.register("shout", |text: String| text.to_uppercase())?;
//! isolate.run("def greet(name):\n    return shout('hello, ' + name)")?;
//! let text: String = isolate.call("greet", ("world",))?;
//! assert_eq!(text, "HELLO, WORLD");
//! # Ok::<(), aiolang::Error>(())
//! ```
//!
//! An [`Engine`] is what isolates have in common: limits, grants, modules, compiled code. An [`Isolate`] is a world of
//! its own: one heap, one event loop, one `__main__`. It shares nothing with others, and any thread may use it, one at a
//! time.
//!
//! # Values
//!
//! Arguments and results are any types that implement [`ToScript`] and [`FromScript`]: numbers of all sizes, strings,
//! [`Bytes`], options, tuples, vectors, maps, and with [`Serde`] whatever serde knows. [`Data`] is a value of any type,
//! copied out. A [`Value`] is a handle of one that stays inside:
//!
//! ```
//! # let isolate = aiolang::Engine::builder().build()?.isolate();
//! isolate.run("stock = {'tea': 3}")?;
//! let stock = isolate.get("stock")?;
//! stock.set_item(&isolate, "salt", 1)?;
//! assert_eq!(stock.repr(&isolate)?, "{'tea': 3, 'salt': 1}");
//! # Ok::<(), aiolang::Error>(())
//! ```
//!
//! # Functions, modules and classes of the host
//!
//! A signature may name parameters and give defaults; a `Result` raises its error:
//!
//! ```
//! use aiolang::{Engine, Error};
//!
//! # let isolate = Engine::builder().build()?.isolate();
//! isolate.register("root(x, *, digits=3)", |x: f64, digits: i32| {
//!     if x < 0.0 {
//!         return Err(Error::exception("ValueError", "x is negative"));
//!     }
//!     let unit = 10_f64.powi(digits);
//!     Ok((x.sqrt() * unit).round() / unit)
//! })?;
//! assert_eq!(isolate.eval::<f64>("root(2, digits=2)")?, 1.41);
//! let error = isolate.run("root(-1)").unwrap_err();
//! assert_eq!(error.to_string(), "ValueError: x is negative");
//! # Ok::<(), aiolang::Error>(())
//! ```
//!
//! A function whose first parameter is `&Scope<'_>` can call back into the script. [`Module`] makes modules,
//! [`Class`] makes classes of structs.
//!
//! # Awaiting
//!
//! [`Isolate::register_async`] gives scripts a function to await, [`Isolate::call_async`] awaits one of theirs. The
//! futures run on whatever executor polls the call. A script that is cancelled drops the Rust future; a [`Call`] that
//! is dropped cancels the script, whose `finally` blocks run. [`Isolate::stream`] and [`Isolate::register_stream`] do
//! the same for many values.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), aiolang::Error> {
//! # let isolate = aiolang::Engine::builder().build()?.isolate();
//! isolate.register_async("fetch", |url: String| async move { format!("body of {url}") })?;
//! isolate.run("async def main(url):\n    return len(await fetch(url))")?;
//! assert_eq!(isolate.call_async::<usize>("main", ("/",)).await?, 9);
//! # Ok(())
//! # }
//! ```
//!
//! An asynchronous generator of a script is a stream of Rust, and a stream of Rust is an asynchronous iterator:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), aiolang::Error> {
//! use futures_util::StreamExt;
//!
//! # let isolate = aiolang::Engine::builder().build()?.isolate();
//! isolate.register_stream("readings", || futures_util::stream::iter([2, 3, 5]))?;
//! isolate.run("async def squares():\n    async for n in readings(): yield n * n")?;
//! let squares = isolate.stream::<i64>("squares", ());
//! assert_eq!(squares.map(|n| n.unwrap_or(0)).collect::<Vec<_>>().await, [4, 9, 25]);
//! # Ok(())
//! # }
//! ```
//!
//! # What scripts may do
//!
//! Without a [`Grant`] a script computes, and nothing else: no files, no network, no environment, no processes, no real
//! clock, no real randomness. What was not granted raises `PermissionError`:
//!
//! ```
//! use aiolang::{Engine, Grant};
//!
//! let engine = Engine::builder().grant(Grant::Variable("CARGO_PKG_NAME".into())).build()?;
//! let isolate = engine.isolate();
//! isolate.run("import os")?;
//! assert_eq!(isolate.eval::<String>("os.environ['CARGO_PKG_NAME']")?, "aiolang");
//! assert_eq!(isolate.eval::<usize>("len(os.environ)")?, 1);
//! assert_eq!(isolate.run("open('/etc/passwd')").unwrap_err().type_name(), "PermissionError");
//! # Ok::<(), aiolang::Error>(())
//! ```
//!
//! Standard streams, clock and randomness can be replaced ([`EngineBuilder::stdout`], [`EngineBuilder::clock`],
//! [`EngineBuilder::random`]), and modules can come from a [`Loader`].
//!
//! # How much they may do
//!
//! [`Limits`] bound fuel (calls and backward jumps), memory (bytes), depth (nested calls), tasks, time on the wall and
//! output (bytes). What exceeds one is stopped where it stands, and no script can catch that; the [`Error`] says which
//! limit it was and where, and the isolate is still valid. [`Isolate::interrupt_handle`] interrupts or stops from any
//! thread.
//!
//! # Errors
//!
//! All that can go wrong is an [`Error`]: its [`kind`](Error::kind) tells exceptions from limits and from mistakes of
//! the host, [`type_name`](Error::type_name) and [`message`](Error::message) are those of the exception,
//! [`traceback`](Error::traceback) says where, [`rendered`](Error::rendered) is the report with the lines of the
//! script, and [`source`](std::error::Error::source) is the exception that it came from:
//!
//! ```
//! use aiolang::ErrorKind;
//! use std::error::Error;
//!
//! # let isolate = aiolang::Engine::builder().build()?.isolate();
//! isolate.run("def half(text):\n    try: return int(text) / 2\n    except ValueError as e: raise KeyError(text) from e")?;
//! let error = isolate.call::<f64>("half", ("x",)).unwrap_err();
//! assert_eq!((error.kind(), error.to_string()), (ErrorKind::Exception, "KeyError: 'x'".into()));
//! assert_eq!((error.traceback()[0].function.as_str(), error.traceback()[0].line), ("half", 3));
//! assert!(error.source().is_some_and(|e| e.to_string().starts_with("ValueError: invalid literal")));
//! # Ok::<(), aiolang::Error>(())
//! ```
//!
//! An error of a host function becomes an exception, with its sources as causes; [`Error::exception`] chooses its class.
//!
//! # Threads
//!
//! An [`Isolate`] may go to another thread or be shared between threads (in an [`Arc`](std::sync::Arc)). One thread is
//! inside at a time: the others wait, and calls that are awaited are woken when their turn comes. A function of the host
//! that wants back into the isolate that calls it uses its [`Scope`]; to enter once more is an error, not a deadlock.
//!
//! # What it costs
//!
//! Calls in either direction take tens of nanoseconds, a new isolate some tens of microseconds and some tens of
//! kilobytes. A call by name looks the name up; [`Isolate::call_value`] does not, and within [`Isolate::enter`] many
//! calls enter once. Isolates of one engine share what was compiled.
//!
//! # What does not compile
//!
//! A scope cannot leave the call that it was made for, nor go to another thread:
//!
//! ```compile_fail,E0277
//! # let isolate = aiolang::Engine::builder().build().unwrap().isolate();
//! isolate.enter(|scope| {
//!     std::thread::scope(|t| {
//!         t.spawn(|| scope.call::<i64>("f", ()));
//!     });
//!     Ok(())
//! });
//! ```
//!
//! Values of one isolate cannot get into another one:
//!
//! ```compile_fail
//! # let engine = aiolang::Engine::builder().build().unwrap();
//! # let (one, two) = (engine.isolate(), engine.isolate());
//! one.enter(|a| two.enter(|b| b.from_local::<i64>(&a.to_local(1)?)));
//! ```
//!
//! A borrowed value cannot be held beyond the call:
//!
//! ```compile_fail
//! # let isolate = aiolang::Engine::builder().build().unwrap().isolate();
//! let kept = isolate.enter(|scope| scope.to_local("text"));
//! ```
//!
//! Futures of the host must be able to move between threads:
//!
//! ```compile_fail,E0277
//! # let isolate = aiolang::Engine::builder().build().unwrap().isolate();
//! isolate.register_async("bad", || {
//!     let shared = std::rc::Rc::new(1);
//!     async move { *shared }
//! });
//! ```
//!
//! So must functions of the host, and all that they hold:
//!
//! ```compile_fail,E0277
//! # let isolate = aiolang::Engine::builder().build().unwrap().isolate();
//! let count = std::rc::Rc::new(1);
//! isolate.register("bad", move || *count);
//! ```
//!
//! Their parameters are owned: a script may change what it has passed, so nothing can be borrowed from it.
//!
//! ```compile_fail,E0277
//! # let isolate = aiolang::Engine::builder().build().unwrap().isolate();
//! isolate.register("bad", |text: &str| text.len());
//! ```
//!
//! An isolate cannot be sent away or dropped while it runs:
//!
//! ```compile_fail,E0505
//! # let isolate = aiolang::Engine::builder().build().unwrap().isolate();
//! isolate.enter(|_scope| {
//!     std::thread::spawn(move || drop(isolate));
//!     Ok(())
//! });
//! ```
//!
//! ```compile_fail,E0505
//! # let isolate = aiolang::Engine::builder().build().unwrap().isolate();
//! let items = isolate.get("items").unwrap().iter(&isolate).unwrap();
//! drop(isolate);
//! assert_eq!(items.count(), 0);
//! ```
//!
//! What a method has borrowed of its struct cannot be held while it awaits:
//!
//! ```compile_fail
//! use aiolang::{Class, This};
//!
//! Class::<String>::new("Text").async_method("wait(self)", "", |this: This<String>| async move {
//!     let text = this.get()?;
//!     tokio::task::yield_now().await;
//!     Ok::<_, aiolang::Error>(text.len())
//! });
//! ```

mod bell;
mod call;
mod class;
mod control;
mod convert;
mod embedded;
mod engine;
mod error;
mod finish;
mod footprint;
mod function;
mod grant;
pub mod host;
pub mod importer;
#[cfg(unix)]
pub mod inspection;
mod isolate;
mod launch;
mod limits;
mod loader;
mod lookup;
mod mailbox;
mod module;
pub mod program;
mod proof;
mod reactor;
pub mod recording;
pub mod render;
pub mod repl;
mod scope;
pub mod sources;
mod stream;
mod timeline;
pub mod tools;
mod value;

pub use call::Call;
pub use class::{Class, Construct, New, This};
pub use control::InterruptHandle;
pub use convert::{
    ArgList, Args, Bytes, Data, FromScript, IntoArgs, Serde, ToScript, from_data, from_value, to_data, to_value,
};
pub use engine::{Engine, EngineBuilder};
pub use error::{Error, ErrorKind, Frame};
pub use function::{HostAsyncFn, HostFn, HostStreamFn, Named, Parameter, Rest};
pub use grant::Grant;
pub use host::{Clock, Host, Interrupt, RealHost, VirtualHost};
pub use isolate::Isolate;
pub use limits::{Limit, Limits};
pub use loader::{Loader, ModuleSource};
pub use module::Module;
pub use num_bigint::BigInt;
pub use render::Style;
pub use scope::{Enter, Local, Scope};
pub use stream::ScriptStream;
pub use value::Value;
