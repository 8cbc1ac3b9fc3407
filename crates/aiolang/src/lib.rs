//! The embedding API: engine, hosts, importer, rendering.
//!
//! ```
//! let engine = aiolang::Engine::builder().build();
//! let isolate = engine.isolate();
//! isolate.run("def double(x):\n    return 2 * x\n")?;
//! assert_eq!(isolate.eval("double(21)")?, aiolang::Data::Int(42));
//! # Ok::<(), aiolang::Error>(())
//! ```

pub mod convert;
pub mod engine;
pub mod error;
mod finish;
pub mod host;
pub mod importer;
mod launch;
pub mod program;
pub mod render;
pub mod sources;
pub mod tools;

pub use convert::Data;
pub use engine::{Engine, EngineBuilder, Isolate};
pub use error::{Error, ErrorKind};
pub use host::{Host, Interrupt, RealHost, VirtualHost};
pub use render::Style;
