//! What every heap cell begins with.

use crate::object::class::ClassObj;
use std::cell::Cell;

/// The layout of a cell. Instances of script classes that derive from a built-in type have that type's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Not in use; only the allocator sees it.
    Free,
    /// A plain object with attributes in slots.
    Instance,
    Str,
    /// An integer beyond 51 bits, or an instance of a subclass of int (bool has immediates).
    Int,
    /// An instance of a subclass of float.
    Float,
    Complex,
    Bytes,
    ByteArray,
    MemoryView,
    List,
    Tuple,
    Dict,
    Set,
    FrozenSet,
    Range,
    Slice,
    Function,
    Native,
    BoundMethod,
    Cell,
    Code,
    /// Generator, coroutine, asynchronous generator, or the stack of a thread.
    Coro,
    Class,
    Module,
    Property,
    ClassMethod,
    StaticMethod,
    Super,
    Exception,
    Traceback,
    Frame,
    Weakref,
    /// Iterators over built-in containers.
    Iter,
    /// dict_keys, dict_values, dict_items, mappingproxy.
    View,
    /// A member of `__slots__`.
    Member,
    /// A cell whose payload is a Rust trait object: everything that is not hot.
    Opaque,
}

/// The cell has weak references to it (kept in the side table).
pub const HAS_WEAKREFS: u8 = 1;
/// The cell's attributes are in the side table (kinds without room of their own).
pub const HAS_ATTRS: u8 = 2;
/// `__del__` has run (or the coroutine's finalisation): it runs once.
pub const FINALIZED: u8 = 4;
/// The string is the one interned copy of its text.
pub const INTERNED: u8 = 8;
/// The cell was allocated on its own, with its size in front.
pub const LARGE: u8 = 16;
/// `await` drives the payload of the cell itself.
pub const AWAITABLE: u8 = 32;
/// The cell has a payload and no room for attributes: should it have any, they are in the side table.
pub const BARE: u8 = 64;

/// Sixteen bytes: count, layout, flags, class.
#[repr(C)]
pub struct Header {
    /// References to the cell.
    pub(crate) rc: Cell<u32>,
    /// Layout.
    pub(crate) kind: Cell<Kind>,
    /// The flags above.
    pub(crate) flags: Cell<u8>,
    /// Size in units of 16 bytes, 0 when LARGE.
    pub(crate) size: Cell<u8>,
    /// Scratch of the cycle collector.
    pub(crate) mark: Cell<u8>,
    /// The class, which every cell but those of immortal classes keeps alive.
    pub(crate) class: Cell<*const ClassObj>,
}

impl Header {
    /// The class of the cell.
    #[inline(always)]
    pub(crate) fn class(&self) -> &ClassObj {
        // SAFETY: a live cell keeps its class alive.
        unsafe { &*self.class.get() }
    }

    #[inline(always)]
    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags.get() & flag != 0
    }

    #[inline(always)]
    pub(crate) fn set_flag(&self, flag: u8) {
        self.flags.set(self.flags.get() | flag);
    }

    #[inline(always)]
    pub(crate) fn clear_flag(&self, flag: u8) {
        self.flags.set(self.flags.get() & !flag);
    }
}
