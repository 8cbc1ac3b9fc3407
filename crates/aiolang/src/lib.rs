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
//! # What scripts may do, and how much
//!
//! Without a [`Grant`] a script computes, and nothing else: no files, no network, no environment, no real clock, no real
//! randomness. [`Limits`] bound fuel, memory, depth, tasks, time and output. What exceeds one is stopped where it
//! stands, and no script can catch that; the [`Error`] says which limit it was, and the isolate is still valid.
//! [`Isolate::interrupt_handle`] interrupts or stops from any thread.
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
