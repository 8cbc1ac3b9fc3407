//! Values, frames, interpreter, scheduler, built-in types and the native-function API.

mod anchor;
pub mod builtins;
pub mod error;
pub mod gc;
pub mod hash;
pub mod heap;
pub mod host;
pub mod host_files;
pub mod host_sockets;
pub mod interp;
pub mod limits;
pub mod names;
pub mod native;
pub mod object;
pub mod protocol;
pub mod sched;
pub mod text;
pub mod types;
pub mod value;
pub mod vm;

pub use aio_source::tree;
pub use anchor::Anchor;
pub use error::{R, Raised};
pub use host::{CompileMode, Compiled, Found, Host, Importer};
pub use limits::Limit;
pub use native::{Args, Def, TypeTable, class_method, function, getter, method, property, static_method};
pub use object::opaque::Payload;
pub use object::slot::Slot;
pub use protocol::arith::{Binary, Unary};
pub use protocol::compare::Compare;
pub use value::Value;
pub use vm::{Inside, Library, ModuleDef, Resting, Vm};
