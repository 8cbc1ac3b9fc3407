//! A way back to the machine, for a host that has to know where the script is.

use crate::value::Value;
use crate::vm::Vm;

/// Keeps to one machine. Like every value, it must not be used after the machine has ended.
#[derive(Debug, Clone)]
pub struct Anchor(Value);

impl Anchor {
    /// The machine.
    pub fn vm(&self) -> Option<&Vm> {
        self.0.header().map(|h| h.class().vm())
    }
}

impl Vm {
    /// A way back to this machine.
    pub fn anchor(&self) -> Anchor {
        Anchor(self.types.object.value())
    }
}
