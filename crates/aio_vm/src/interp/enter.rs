//! Ways into the interpreter from native code.

use crate::error::R;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// Calls a function of the script on a stack of its own.
    pub(crate) fn call_script(&self, _f: &Value, _args: &[Value], _names: &[Value]) -> R {
        Err(self.runtime_error("the interpreter is not built in"))
    }

    pub(crate) fn finalize_coro(&self, _v: &Value) {}
}
