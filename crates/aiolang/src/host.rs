//! Worlds for a machine to live in: the real one, and one whose clock is virtual.

mod beneath;
mod console;
mod embedded;
mod files;
mod forward;
mod interrupt;
pub(crate) mod net;
#[cfg(unix)]
mod processes;
mod reads;
mod real;
mod recording;
mod replay;
#[cfg(unix)]
mod sockets;
pub(crate) mod tape;
mod virtual_time;

pub use aio_vm::Host;
pub use console::Buffering;
pub use embedded::Clock;
pub(crate) use embedded::{EmbeddedHost, World};
pub use interrupt::Interrupt;
pub use net::before_lookups;
pub use real::{RealHost, RealHostBuilder};
pub(crate) use recording::{Recorder, RecordingHost};
pub(crate) use replay::{Progress, ReplayHost};
pub use virtual_time::VirtualHost;
