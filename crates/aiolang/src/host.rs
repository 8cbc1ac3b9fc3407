//! Worlds for a machine to live in: the real one, and one whose clock is virtual.

mod beneath;
mod console;
mod embedded;
mod files;
mod interrupt;
pub(crate) mod net;
#[cfg(unix)]
mod processes;
mod real;
#[cfg(unix)]
mod sockets;
mod virtual_time;

pub use aio_vm::Host;
pub use console::Buffering;
pub use embedded::Clock;
pub(crate) use embedded::{EmbeddedHost, World};
pub use interrupt::Interrupt;
pub use real::{RealHost, RealHostBuilder};
pub use virtual_time::VirtualHost;
