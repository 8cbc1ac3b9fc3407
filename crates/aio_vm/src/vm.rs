//! The isolate: heap, classes, names, modules, and the state of what runs.

mod resting;

pub use resting::{Inside, Resting};

use crate::builtins::sys::Preset;
use crate::error::{R, Raised};
use crate::hash;
use crate::heap::Heap;
use crate::host::{Host, Importer};
use crate::interp::Exit;
use crate::interp::dispatch::Running;
use crate::interp::slow::OF_CLASS;
use crate::names::Names;
use crate::object::class::HEAP;
use crate::object::coro::CoroObj;
use crate::object::instance::Shape;
use crate::object::slot::Slot;
use crate::types::Types;
use crate::value::Value;
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHashSet};
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};

const METHOD_CACHE: usize = 1024;

/// An entry of the cache of attribute lookups in classes: version of the class, address of the name, bits of the value.
/// Plain numbers come as untouched zero pages from the system.
pub(crate) type MethodCacheEntry = [u64; 3];

/// A module written in Rust (with or without a part in the language itself).
pub struct ModuleDef {
    /// Its full name.
    pub name: &'static str,
    /// Fills a fresh module.
    pub init: fn(&Vm, &Value) -> R<()>,
}

/// A module of the language that is a part of the program.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// Whether it can have modules within.
    pub is_package: bool,
    /// Its text.
    pub text: &'static str,
    /// Its code, as [`aio_bytecode::stored`] wrote it when the program was built.
    pub code: &'static [u8],
}

/// An isolate. Nothing in it is shared with others; it runs on one thread at a time.
pub struct Vm {
    /// The built-in classes.
    pub types: Types,
    /// Names that the machine looks up.
    pub names: Names,
    pub(crate) interned: RefCell<HashTable<Value>>,
    #[expect(clippy::vec_box, reason = "references to shapes outlive the growth of the table")]
    pub(crate) shapes: UnsafeCell<Vec<Box<Shape>>>,
    pub(crate) codes: RefCell<FxHashSet<usize>>,
    pub(crate) side_attrs: RefCell<FxHashMap<usize, Value>>,
    pub(crate) weakrefs: RefCell<FxHashMap<usize, Vec<usize>>>,
    method_cache: UnsafeCell<Box<[MethodCacheEntry]>>,
    versions: Cell<u32>,
    /// The strings of one ASCII character and, last, the empty one, as far as they were needed.
    chars: [Slot; 129],
    empty_tuple: Slot,
    hash_key: (u64, u64),
    /// The dict of the module `builtins`, as far as its names have been used.
    pub(crate) builtins: Slot,
    pub(crate) builtins_complete: Cell<bool>,
    /// Functions of library modules that are names of `builtins`.
    pub(crate) more_builtins: RefCell<Vec<&'static crate::native::Def>>,
    /// `sys.modules`.
    pub modules: Slot,
    /// The module `sys`, if anything has needed it.
    pub(crate) sys: Slot,
    /// What `sys` will have from its start.
    pub(crate) sys_presets: RefCell<Vec<(&'static str, Preset)>>,
    pub(crate) module_defs: RefCell<Vec<&'static ModuleDef>>,
    library: Cell<fn(&str) -> Option<Library>>,
    /// The coroutine or stack that runs now.
    pub(crate) current: Cell<*const CoroObj>,
    /// Frames below the ones that the running interpreter counts itself.
    pub(crate) depth: Cell<u32>,
    /// `sys.getrecursionlimit()`.
    pub recursion_limit: Cell<u32>,
    /// Where the interpreter is.
    pub(crate) running: Running,
    /// Why the interpreter leaves.
    pub(crate) exit: Cell<Exit>,
    /// Interpreters and natives nested on the native stack.
    pub(crate) native_depth: Cell<u32>,
    /// Below this address the native stack is kept free; 0 if its end is not known.
    pub(crate) stack_floor: Cell<usize>,
    /// Counts down to the next look at interrupts.
    pub(crate) ticks: Cell<i32>,
    pub(crate) stacks: RefCell<Vec<Value>>,
    /// The collector of cycles.
    pub gc: crate::gc::Collector,
    pub(crate) repr_stack: RefCell<Vec<usize>>,
    /// State that modules keep per isolate, by type.
    state: RefCell<FxHashMap<std::any::TypeId, Box<dyn Any>>>,
    /// State of the embedder, which looks at it in each call.
    home: OnceCell<Box<dyn Any>>,
    /// Tasks, loops, contexts and threads.
    pub sched: crate::sched::Sched,
    /// The world.
    pub host: Box<dyn Host>,
    /// Compiler and finder of modules.
    pub importer: Box<dyn Importer>,
    /// Limits and what is left of them.
    pub limits: crate::limits::Limits,
    /// The memory, which goes last.
    pub(crate) heap: Heap,
}

impl Vm {
    /// A new isolate with the built-in classes; `builtins` and `sys` are filled.
    pub fn new(host: Box<dyn Host>, importer: Box<dyn Importer>) -> Box<Vm> {
        let key = host.hash_key();
        let heap = Heap::new(host.is_repeatable());
        let half = |i: usize| u64::from_le_bytes(key[i..i + 8].try_into().unwrap_or_default());
        let mut vm = Box::new(Vm {
            types: Types::unset(),
            names: Names::new(|_| Value::UNDEF),
            interned: RefCell::new(HashTable::with_capacity(896)),
            shapes: UnsafeCell::default(),
            codes: RefCell::default(),
            side_attrs: RefCell::default(),
            weakrefs: RefCell::default(),
            method_cache: UnsafeCell::new(vec![[0; 3]; METHOD_CACHE].into()),
            versions: Cell::new(0),
            chars: [const { Slot::empty() }; 129],
            empty_tuple: Slot::empty(),
            hash_key: (half(0), half(8)),
            builtins: Slot::empty(),
            builtins_complete: Cell::new(false),
            more_builtins: RefCell::default(),
            modules: Slot::empty(),
            sys: Slot::empty(),
            sys_presets: RefCell::default(),
            module_defs: RefCell::default(),
            library: Cell::new(|_| None),
            current: Cell::new(std::ptr::null()),
            depth: Cell::new(0),
            recursion_limit: Cell::new(1000),
            running: Running::default(),
            exit: Cell::new(Exit::Return(Value::UNDEF)),
            native_depth: Cell::new(0),
            stack_floor: Cell::new(0),
            ticks: Cell::new(crate::interp::TICKS),
            stacks: RefCell::default(),
            gc: crate::gc::Collector::default(),
            repr_stack: RefCell::default(),
            state: RefCell::default(),
            home: OnceCell::new(),
            sched: crate::sched::Sched::default(),
            host,
            importer,
            limits: crate::limits::Limits::default(),
            heap,
        });
        vm.heap.set_alarm(&vm.ticks);
        vm.bootstrap();
        vm
    }

    /// Classes need strings, which need classes: `str` is made before the first name.
    fn bootstrap(&mut self) {
        Types::belong_to(self);
        self.types.str.get();
        let names = Names::new(|s| self.intern(s));
        self.names = names;
        crate::builtins::scope::install(self);
        self.add_module(&crate::builtins::weakref::MODULE);
    }

    /// The empty string.
    #[inline]
    pub fn empty_str(&self) -> Value {
        self.first_text(&self.chars[128], b"")
    }

    /// The string of one ASCII character.
    #[inline(always)]
    pub fn char_str(&self, b: u8) -> Value {
        self.first_text(&self.chars[b as usize & 127], &[b])
    }

    /// Bits of the string of one ASCII character, if it has been made.
    #[inline(always)]
    pub(crate) fn known_char(&self, b: u8) -> Option<u64> {
        let v = self.chars[b as usize & 127].peek();
        if v.is_undef() { None } else { Some(v.bits()) }
    }

    #[inline(always)]
    fn first_text(&self, place: &Slot, text: &[u8]) -> Value {
        if place.peek().is_undef() {
            place.set(self.short_str(text));
        }
        place.get()
    }

    /// The empty tuple.
    #[inline]
    pub fn empty_tuple(&self) -> Value {
        if self.empty_tuple.peek().is_undef() {
            self.empty_tuple.set(self.tuple_fresh(&[]));
        }
        self.empty_tuple.get()
    }

    /// The hash of a text in the table of interned ones: many of them never become keys, and need no other.
    pub(crate) fn intern_hash(&self, bytes: &[u8]) -> u64 {
        use std::hash::{BuildHasher, Hasher};
        let mut hasher = foldhash::fast::FixedState::with_seed(self.hash_key.0).build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }

    /// The keyed hash of a text or of bytes.
    pub(crate) fn hash_bytes(&self, data: &[u8]) -> u64 {
        if data.is_empty() {
            return 0;
        }
        let h = hash::hash_bytes(self.hash_key, data);
        // No hash is -1 for scripts, and 0 is one that is not known yet.
        match h {
            0 => 1,
            u64::MAX => u64::MAX - 1,
            h => h,
        }
    }

    #[inline]
    pub(crate) fn next_version(&self) -> u32 {
        // The highest bit is for caches, which tell versions from shapes by it.
        let v = (self.versions.get().wrapping_add(1) & !OF_CLASS).max(1);
        self.versions.set(v);
        v
    }

    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "one thread, and no borrow outlives its caller's expression")]
    pub(crate) fn method_cache_entry(&self, name: usize, version: u32) -> &mut MethodCacheEntry {
        let i = ((name >> 4) ^ (version as usize).wrapping_mul(31)) & (METHOD_CACHE - 1);
        // SAFETY: the index is masked; one thread.
        unsafe { &mut (&mut *self.method_cache.get())[i] }
    }

    /// Empties the inline caches of all code: a class changed in a way that their keys do not show.
    #[cold]
    pub(crate) fn flush_inline_caches(&self) {
        for &addr in self.codes.borrow().iter() {
            // SAFETY: code objects take themselves out of the table when they end.
            unsafe { (*(addr as *const crate::object::CodeObj)).flush() };
        }
        // SAFETY: one thread, and no borrow is alive.
        unsafe { (&mut *self.method_cache.get()).fill([0; 3]) };
    }

    /// State that a module keeps in this isolate, made when first asked for.
    pub fn state<T: Default + 'static>(&self) -> &T {
        let id = std::any::TypeId::of::<T>();
        let mut all = self.state.borrow_mut();
        let any: *const dyn Any = match all.get(&id) {
            Some(known) => &**known,
            None => {
                drop(all);
                // Making it may ask for other state.
                let fresh: Box<dyn Any> = Box::new(T::default());
                all = self.state.borrow_mut();
                &**all.entry(id).or_insert(fresh)
            }
        };
        // SAFETY: what is in the table is boxed and stays there until the machine ends.
        match unsafe { (*any).downcast_ref() } {
            Some(s) => s,
            None => unreachable!("state is kept under its own type"),
        }
    }

    /// State of the embedder: like [`state`](Vm::state) for one type, without looking it up.
    #[inline]
    pub fn home<T: Default + 'static>(&self) -> &T {
        let home = self.home.get_or_init(|| Box::new(T::default()));
        match home.downcast_ref() {
            Some(home) => home,
            None => self.state(),
        }
    }

    /// Adds a module written in Rust.
    pub fn add_module(&self, def: &'static ModuleDef) {
        self.module_defs.borrow_mut().push(def);
    }

    /// The module of this name that is written in Rust. They are few, and their names lie far apart: nothing reads them
    /// before somebody asks.
    pub(crate) fn native_module(&self, name: &str) -> Option<&'static ModuleDef> {
        self.module_defs.borrow().iter().rev().find(|def| def.name == name).copied()
    }

    /// Sets where the texts of library modules are looked up by full name.
    pub fn set_library(&self, find: fn(&str) -> Option<Library>) {
        self.library.set(find);
    }

    /// The text of a library module. Modules in folders of the search path win over these, as in CPython.
    pub fn library_module(&self, name: &str) -> Option<Library> {
        (self.library.get())(name)
    }

    /// Whether a module of this name is a part of the program.
    pub fn module_exists(&self, name: &str) -> bool {
        self.native_module(name).is_some() || self.library_module(name).is_some()
    }

    /// Bytes in use by scripts.
    pub fn memory(&self) -> usize {
        self.heap.bytes()
    }

    /// Reports an exception that cannot be raised anywhere (from a finaliser, for example), as CPython words it.
    pub fn unraisable(&self, e: Raised, source: &Value) {
        if self.tell_unraisable(&e.0, source).is_err() {
            let text = self.describe_unraisable(&e.0, source, None);
            // Nothing can be done if standard error is gone too.
            let _ = self.host.write_err(text.as_bytes());
        }
    }

    /// A class made by a script.
    pub fn is_heap_class(&self, v: &Value) -> bool {
        v.as_class().is_some_and(|c| c.is(HEAP))
    }
}

impl Drop for Vm {
    /// Everything is given back at once, without finalisers: nothing of a script runs any more.
    fn drop(&mut self) {
        crate::heap::tear_down(self);
        self.state.borrow_mut().clear();
        drop(self.home.take());
    }
}
