//! What the embedding keeps inside of an isolate: roots, the reactor, classes of the host, and how errors are drawn.

use crate::error::Error;
use crate::lookup::Lookup;
use crate::reactor::Reactor;
use crate::render::Style;
use crate::sources::Sources;
use crate::value::{Released, Value};
use aio_vm::Slot;
use rustc_hash::FxHashMap;
use std::any::TypeId;
use std::cell::{Cell, RefCell};

/// State of the embedding in an isolate.
#[derive(Default)]
pub(crate) struct Embedded {
    /// The number of the isolate, which no other one has.
    pub id: Cell<u64>,
    /// The dict of `__main__`.
    pub main: Slot,
    /// Names of `__main__` that were looked up.
    pub lookup: Lookup,
    /// The loop of the isolate, made when first needed.
    pub event_loop: Slot,
    pub sources: RefCell<Sources>,
    pub style: RefCell<Style>,
    pub reactor: Reactor,
    /// The tasks of calls that are under way, by number.
    pub tasks: RefCell<FxHashMap<u64, aio_vm::Value>>,
    /// The script classes of Rust types.
    pub classes: RefCell<FxHashMap<TypeId, aio_vm::Value>>,
    /// What lives as long as the isolate.
    kept: RefCell<Vec<aio_vm::Value>>,
    roots: RefCell<Vec<Option<aio_vm::Value>>>,
    free: RefCell<Vec<u32>>,
    released: Released,
}

impl Embedded {
    /// Keeps a value for as long as the isolate lives.
    pub fn keep(&self, v: aio_vm::Value) {
        self.kept.borrow_mut().push(v);
    }

    /// A call has ended.
    pub fn forget_task(&self, number: u64) {
        let ended = self.tasks.borrow_mut().remove(&number);
        // A finaliser may run here, with nothing borrowed.
        drop(ended);
    }

    /// A handle of a value.
    pub fn root(&self, v: aio_vm::Value) -> Value {
        let mut roots = self.roots.borrow_mut();
        let index = match self.free.borrow_mut().pop() {
            Some(index) => index,
            None => {
                roots.push(None);
                (roots.len() - 1) as u32
            }
        };
        if let Some(place) = roots.get_mut(index as usize) {
            *place = Some(v);
        }
        Value::new(self.id.get(), index, self.released.clone())
    }

    /// The value of a handle.
    pub fn value_of(&self, handle: &Value) -> Result<aio_vm::Value, Error> {
        let index = handle.index_in(self.id.get())?;
        let roots = self.roots.borrow();
        match roots.get(index as usize) {
            Some(Some(value)) => Ok(value.clone()),
            _ => Err(Error::host("the value is gone")),
        }
    }

    /// Frees the roots of handles that were dropped.
    #[inline]
    pub fn free_released(&self) {
        if self.released.is_full() {
            self.free_all_released();
        }
    }

    #[cold]
    fn free_all_released(&self) {
        for index in self.released.take() {
            let gone = self.roots.borrow_mut().get_mut(index as usize).and_then(Option::take);
            self.free.borrow_mut().push(index);
            // A finaliser may run here, with nothing borrowed.
            drop(gone);
        }
    }
}
