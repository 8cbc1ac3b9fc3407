//! The channel of script exceptions through native code.

use crate::object::ClassObj;
use crate::value::Value;
use crate::vm::Vm;

/// An exception on its way up.
#[must_use]
#[derive(Debug)]
pub struct Raised(pub Value);

/// What native code gives back: a value or an exception.
pub type R<T = Value> = Result<T, Raised>;

impl Raised {
    /// Is an instance of this class.
    pub fn is(&self, class: &ClassObj) -> bool {
        self.0.header().is_some_and(|h| h.class().derives(class))
    }
}

macro_rules! raisers {
    ($($name:ident $class:ident $doc:literal;)*) => {
        impl Vm {
            $(
                #[doc = $doc]
                #[cold]
                pub fn $name(&self, message: impl AsRef<str>) -> Raised {
                    self.error(self.types.$class.get(), message.as_ref())
                }
            )*
        }
    };
}

raisers! {
    type_error type_error "A TypeError.";
    value_error value_error "A ValueError.";
    index_error index_error "An IndexError.";
    overflow_error overflow_error "An OverflowError.";
    zero_division zero_division_error "A ZeroDivisionError.";
    runtime_error runtime_error "A RuntimeError.";
    lookup_error lookup_error "A LookupError.";
    memory_error memory_error "A MemoryError.";
    recursion_error recursion_error "A RecursionError.";
    system_error system_error "A SystemError.";
    import_error import_error "An ImportError.";
    buffer_error buffer_error "A BufferError.";
    assertion_error assertion_error "An AssertionError.";
    not_implemented_error not_implemented_error "A NotImplementedError.";
}

impl Vm {
    /// An exception of a built-in class with a message.
    #[cold]
    pub fn error(&self, class: &ClassObj, message: &str) -> Raised {
        Raised(self.exception(class, self.tuple([self.str(message)])))
    }

    /// An exception of a built-in class with these arguments.
    pub fn error_with(&self, class: &ClassObj, args: Vec<Value>) -> Raised {
        Raised(self.exception(class, self.tuple(args)))
    }

    /// A KeyError for a key.
    #[cold]
    pub fn key_error(&self, key: &Value) -> Raised {
        self.error_with(self.types.key_error.get(), vec![key.clone()])
    }

    /// A NameError with its `name`.
    #[cold]
    pub fn name_error(&self, name: &Value) -> Raised {
        let text = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
        let e = self.error(self.types.name_error.get(), &format!("name '{text}' is not defined"));
        self.set_exception_field(&e, 0, name.clone());
        e
    }

    /// An AttributeError with its `name` and `obj`.
    #[cold]
    pub fn attribute_error(&self, message: &str, name: &Value, obj: &Value) -> Raised {
        let e = self.error(self.types.attribute_error.get(), message);
        self.set_exception_field(&e, 0, name.clone());
        self.set_exception_field(&e, 1, obj.clone());
        e
    }

    fn set_exception_field(&self, e: &Raised, i: usize, v: Value) {
        if let Some(x) = e.0.as_exception() {
            x.set_field(i, v);
        }
    }
}
