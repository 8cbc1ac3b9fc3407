//! Handles of values that stay in their isolate.

use crate::convert::{FromScript, IntoArgs, ToScript};
use crate::error::Error;
use crate::mailbox::Mailbox;
use crate::scope::{Enter, Local, Scope};
use std::fmt;
use std::sync::Arc;

/// Indexes that are no longer used, to be freed by whoever enters the isolate next.
pub(crate) type Released = Arc<Mailbox<u32>>;

/// A value of a script that the host keeps. It stays where it is, in its isolate, which is named at each use:
///
/// ```
/// # use aiolang::Engine;
/// let isolate = Engine::builder().build()?.isolate();
/// isolate.run("class Point:\n    def __init__(self, x, y):\n        self.x, self.y = x, y")?;
/// let point = isolate.get("Point")?.call(&isolate, (3, 4))?;
/// assert_eq!(point.attr(&isolate, "y")?.to::<i64>(&isolate)?, 4);
/// # Ok::<(), aiolang::Error>(())
/// ```
///
/// In another isolate it is of no use; that is an error ([`ErrorKind::Host`](crate::ErrorKind::Host)). It keeps the value
/// alive until it is dropped and the isolate is entered the next time.
#[derive(Clone)]
pub struct Value(Arc<Root>);

struct Root {
    isolate: u64,
    index: u32,
    released: Released,
}

impl Drop for Root {
    fn drop(&mut self) {
        self.released.put(self.index);
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.0.index)
    }
}

impl Value {
    pub(crate) fn new(isolate: u64, index: u32, released: Released) -> Value {
        Value(Arc::new(Root { isolate, index, released }))
    }

    pub(crate) fn index_in(&self, isolate: u64) -> Result<u32, Error> {
        if self.0.isolate == isolate {
            Ok(self.0.index)
        } else {
            Err(Error::host("the value belongs to another isolate"))
        }
    }

    /// The value as Rust data.
    pub fn to<T: FromScript>(&self, at: &impl Enter) -> Result<T, Error> {
        at.enter(|s| T::from_script(s, &self.local(s)?))
    }

    fn local<'s>(&self, s: &Scope<'s>) -> Result<Local<'s>, Error> {
        s.embedded().value_of(self).map(Local::new)
    }

    fn with(
        &self,
        at: &impl Enter,
        f: impl FnOnce(&Scope<'_>, &aio_vm::Value) -> Result<aio_vm::Value, Error>,
    ) -> Result<Value, Error> {
        at.enter(|s| {
            let v = s.embedded().value_of(self)?;
            Ok(s.root_raw(f(s, &v)?))
        })
    }

    /// An attribute.
    pub fn attr(&self, at: &impl Enter, name: &str) -> Result<Value, Error> {
        self.with(at, |s, v| s.told(s.vm.get_attr_text(v, name)))
    }

    /// Sets an attribute.
    pub fn set_attr(&self, at: &impl Enter, name: &str, value: impl ToScript) -> Result<(), Error> {
        at.enter(|s| {
            let (v, value) = (s.embedded().value_of(self)?, value.to_script(s)?);
            s.told(s.vm.set_attr(&v, &s.vm.intern(name), Some(value.into_raw())))
        })
    }

    /// `self[key]`.
    pub fn item(&self, at: &impl Enter, key: impl ToScript) -> Result<Value, Error> {
        self.with(at, |s, v| {
            let key = key.to_script(s)?;
            s.told(s.vm.get_item(v, key.raw()))
        })
    }

    /// `self[key] = value`.
    pub fn set_item(&self, at: &impl Enter, key: impl ToScript, value: impl ToScript) -> Result<(), Error> {
        at.enter(|s| {
            let v = s.embedded().value_of(self)?;
            let (key, value) = (key.to_script(s)?, value.to_script(s)?);
            s.told(s.vm.set_item(&v, key.raw(), value.into_raw()))
        })
    }

    /// Calls it.
    pub fn call(&self, at: &impl Enter, args: impl IntoArgs) -> Result<Value, Error> {
        self.with(at, |s, v| s.call_raw(v, args))
    }

    /// Calls it and converts what it gives.
    pub fn call_to<T: FromScript>(&self, at: &impl Enter, args: impl IntoArgs) -> Result<T, Error> {
        at.enter(|s| {
            let v = s.embedded().value_of(self)?;
            let result = s.call_raw(&v, args)?;
            T::from_script(s, &Local::new(result))
        })
    }

    /// Calls a method.
    pub fn call_method(&self, at: &impl Enter, name: &str, args: impl IntoArgs) -> Result<Value, Error> {
        self.with(at, |s, v| {
            let method = s.told(s.vm.get_attr_text(v, name))?;
            s.call_raw(&method, args)
        })
    }

    /// `len(self)`.
    pub fn len(&self, at: &impl Enter) -> Result<usize, Error> {
        at.enter(|s| {
            let v = s.embedded().value_of(self)?;
            s.told(s.vm.len(&v))
        })
    }

    /// The items that iterating over it gives, one by one: an endless iterator is no trouble.
    ///
    /// ```
    /// # let isolate = aiolang::Engine::builder().build()?.isolate();
    /// let naturals = isolate.eval::<aiolang::Value>("__import__('itertools').count(1)")?;
    /// let mut sum = 0;
    /// for n in naturals.iter(&isolate)?.take(4) {
    ///     sum += n?.to::<i64>(&isolate)?;
    /// }
    /// assert_eq!(sum, 10);
    /// # Ok::<(), aiolang::Error>(())
    /// ```
    pub fn iter<'a, E: Enter>(&self, at: &'a E) -> Result<Iter<'a, E>, Error> {
        let iterator = self.with(at, |s, v| s.told(s.vm.iter(v)))?;
        Ok(Iter { at, iterator: Some(iterator) })
    }

    /// `repr(self)`.
    pub fn repr(&self, at: &impl Enter) -> Result<String, Error> {
        at.enter(|s| {
            let v = s.embedded().value_of(self)?;
            s.told(s.vm.repr_text(&v))
        })
    }

    /// `str(self)`.
    pub fn text(&self, at: &impl Enter) -> Result<String, Error> {
        at.enter(|s| {
            let v = s.embedded().value_of(self)?;
            s.told(s.vm.to_text(&v))
        })
    }

    /// The name of its class.
    pub fn type_name(&self, at: &impl Enter) -> Result<String, Error> {
        at.enter(|s| {
            let v = s.embedded().value_of(self)?;
            Ok(s.vm.type_name(&v))
        })
    }
}

/// See [`Value::iter`].
pub struct Iter<'a, E> {
    at: &'a E,
    iterator: Option<Value>,
}

impl<E: Enter> Iterator for Iter<'_, E> {
    type Item = Result<Value, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let iterator = self.iterator.as_ref()?;
        let next = self.at.enter(|s| {
            let v = s.embedded().value_of(iterator)?;
            Ok(s.told(s.vm.next(&v))?.map(|item| s.root_raw(item)))
        });
        match next {
            Ok(Some(item)) => Some(Ok(item)),
            Ok(None) => {
                self.iterator = None;
                None
            }
            Err(e) => {
                self.iterator = None;
                Some(Err(e))
            }
        }
    }
}
