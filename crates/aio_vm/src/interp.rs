//! The interpreter: a handler for each operation on registers (`dispatch`), with its usual cases (`quick`) and all of them
//! (`general`), and slow paths sorted by concept.
//!
//! Handlers hand on where they stand in registers of the processor. Before a slow path they write it back to the running
//! coroutine (`leave`); slow paths see and change the coroutine alone.

mod arguments;
mod attributes;
mod awaited;
pub(crate) mod bind;
mod bits;
pub(crate) mod build;
pub(crate) mod call;
mod comparison;
mod construction;
pub(crate) mod coroutine;
pub(crate) mod dispatch;
mod emptiness;
pub(crate) mod enter;
pub(crate) mod except;
mod frames;
mod general;
mod generators;
pub(crate) mod globals;
mod handlers;
mod items;
pub(crate) mod natives;
pub(crate) mod numbers;
mod operand;
pub(crate) mod pattern;
mod quick;
pub(crate) mod slow;
mod specials;
pub(crate) mod star;
mod subscripts;
mod texts;

pub use bind::Slots;

use crate::error::Raised;
use crate::value::Value;

/// Instructions that count fuel between two looks at interrupts.
pub(crate) const TICKS: i32 = 20_000;

/// Why the loop came back to its native caller.
pub(crate) enum Exit {
    /// The outermost frame returned.
    Return(Value),
    /// It suspended at an await or a generator's yield.
    Yield(Value),
    /// An asynchronous generator yielded an item.
    Step(Value),
    /// An exception left it.
    Raise(Raised),
}

/// How a coroutine goes on.
pub(crate) enum Entry {
    /// From its first instruction.
    Start,
    /// With the value of its yield or await.
    Send(Value),
    /// With an exception raised there.
    Throw(Raised),
}

/// What the loop does after a slow path.
pub(crate) enum Next {
    /// Goes on behind the instruction.
    Continue,
    /// Loads its locals again: another frame or coroutine is current.
    Reload,
}

/// The frame above its record runs an `__init__`: the instance in the record is the result.
pub(crate) const FRAME_INIT: u32 = 1;
