//! Turns the errors of the text algorithms into exceptions.

use crate::error::Raised;
use crate::text::{TextError, UnicodeError, UnicodeErrorKind};
use crate::value::Value;
use crate::vm::Vm;

/// The most bytes that a text operation may make.
const LIMIT: usize = 1 << 30;

impl Vm {
    /// The exception that a text algorithm asks for.
    #[cold]
    pub fn text_error(&self, e: TextError) -> Raised {
        match e {
            TextError::Value(m) => self.value_error(m),
            TextError::Type(m) => self.type_error(m),
            TextError::Overflow(m) => self.overflow_error(m),
            TextError::Range => {
                let args = vec![Value::small(34), self.str("Numerical result out of range")];
                self.error_with(self.types.overflow_error.get(), args)
            }
            TextError::ZeroDivision(m) => self.zero_division(m),
            TextError::Lookup(m) => self.lookup_error(m),
            TextError::Memory => self.no_memory(),
            TextError::Unicode(e) => self.unicode_error(&e, self.empty_str()),
        }
    }

    /// How long a text may become.
    pub(crate) fn text_limit(&self) -> usize {
        LIMIT.min(self.heap.room())
    }

    /// A MemoryError as the allocator raises it: without a message.
    #[cold]
    pub fn no_memory(&self) -> Raised {
        if self.heap.is_limited() {
            return self.refuse_memory();
        }
        self.error_with(self.types.memory_error.get(), vec![])
    }

    /// The exception of a codec; `object` is what was to be encoded or decoded.
    #[cold]
    pub fn unicode_error(&self, e: &UnicodeError, object: Value) -> Raised {
        let class = match e.kind {
            UnicodeErrorKind::Encode => self.types.unicode_encode_error.value(),
            UnicodeErrorKind::Decode => self.types.unicode_decode_error.value(),
        };
        let args =
            [self.str(&e.encoding), object, self.int(e.start as i64), self.int(e.end as i64), self.str(&e.reason)];
        match self.call(&class, &args) {
            Ok(exception) => Raised(exception),
            Err(raised) => raised,
        }
    }
}
