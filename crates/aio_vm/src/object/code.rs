//! Code objects of the machine: a template's words with room for inline caches, its constants as values. Those of functions
//! are made when the function is called for the first time, because most functions of a module that is imported never are.

use crate::error::R;
use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::code::{ASYNC_GENERATOR, COROUTINE, GENERATOR, NAMESPACE, VARARGS, VARKEYWORDS};
use aio_bytecode::{Code, Const, Op, Template, Word};
use std::cell::{Cell, UnsafeCell};
use std::ops::Deref;
use std::sync::Arc;

/// The code makes something that is suspended.
const SUSPENDS: u32 = GENERATOR | COROUTINE | ASYNC_GENERATOR;

/// Tries to do what a coroutine function does with these arguments: its result, or `None` if the function must run
/// because it has to wait, or fails. Nothing has changed then.
pub type Shortcut = fn(&Vm, &[Value]) -> R<Option<Value>>;

/// What can be awaited in the place of a call of a coroutine function with these arguments, none of which is an object of
/// the heap; UNDEF if nothing can, and what stands in the place of a pause that has yielded if it is one.
pub type StandIn = fn(&Vm, &[Value]) -> Value;

/// A code object.
#[repr(C)]
pub struct CodeObj {
    pub(crate) header: Header,
    /// What the compiler made.
    pub template: Arc<Template>,
    body: UnsafeCell<Body>,
    prepared: Cell<bool>,
    pub(crate) locals: u32,
    pub(crate) registers: u32,
    /// Number of arguments of the direct call path, or u32::MAX if binding is needed or no frame is entered, or as long as
    /// nothing is filled in: binding does that.
    pub(crate) direct: Cell<u32>,
    /// Number of positional parameters if there are no others, so that only defaults may have to be filled in; else, and as
    /// long as nothing is filled in, u32::MAX.
    pub(crate) fillable: Cell<u32>,
    /// The code makes a generator, coroutine or asynchronous generator.
    pub(crate) suspends: bool,
    /// The code makes a coroutine.
    pub(crate) coroutine: bool,
    /// Set by `types.coroutine`.
    pub iterable_coroutine: Cell<bool>,
    /// Words that coroutines of the code have needed for their registers and the frames above them.
    pub(crate) room: Cell<u16>,
    /// What does the whole work, if it need not wait, when the coroutine is awaited at once.
    pub(crate) shortcut: Cell<Option<Shortcut>>,
    /// What is awaited instead when the coroutine would be awaited at once.
    pub(crate) stand_in: Cell<Option<StandIn>>,
}

/// What running code needs. It is filled in once, before the first frame begins, and stays as it is then.
#[derive(Default)]
pub struct Body {
    words: Box<[u64]>,
    consts: Box<[Value]>,
    pub(crate) names: Box<[Value]>,
    name: Value,
    qualname: Value,
    /// Names of the parameters, for binding.
    pub(crate) params: Box<[Value]>,
}

impl Body {
    fn new(vm: &Vm, code: &Code) -> Body {
        Body {
            words: code.words.to_own(),
            consts: code.consts.iter().map(|k| vm.constant(k)).collect(),
            names: code.names.iter().map(|n| vm.intern(n)).collect(),
            name: vm.intern(&code.name),
            qualname: vm.intern(&code.qualname),
            params: code.local_names[..code.parameters()].iter().map(|n| vm.intern(n)).collect(),
        }
    }
}

impl Deref for CodeObj {
    type Target = Body;

    #[inline(always)]
    fn deref(&self) -> &Body {
        // SAFETY: only `prepare` writes there, before anybody runs the code, and nobody who may call it holds a reference.
        unsafe { &*self.body.get() }
    }
}

impl CodeObj {
    /// Fills in what running needs, if that has not been done. No frame begins without: as long as it is not there, all
    /// calls have to bind their arguments, and binding comes here first.
    #[inline]
    pub(crate) fn prepare(&self) {
        if !self.prepared.get() {
            self.fill_in();
        }
    }

    #[cold]
    fn fill_in(&self) {
        let vm = self.header.class().vm();
        let code: &Code = &self.template;
        let body = Body::new(vm, code);
        if !self.prepared.replace(true) {
            // SAFETY: nobody runs the code yet, and nobody else holds a reference into the body.
            unsafe { *self.body.get() = body };
            if code.keyword_only == 0 && code.flags & (VARARGS | VARKEYWORDS) == 0 {
                let parameters = u32::from(code.positional);
                self.direct.set(if self.suspends { u32::MAX } else { parameters });
                self.fillable.set(if code.flags & NAMESPACE == 0 { parameters } else { u32::MAX });
            }
            vm.codes.borrow_mut().insert(std::ptr::from_ref(self) as usize);
        }
    }

    /// `co_name`.
    pub fn name(&self) -> &Value {
        self.prepare();
        &self.name
    }

    /// `co_qualname`.
    pub fn qualname(&self) -> &Value {
        self.prepare();
        &self.qualname
    }

    /// The constants, as far as the code has been prepared.
    pub(crate) fn consts(&self) -> &[Value] {
        &self.consts
    }

    /// A constant.
    ///
    /// # Safety
    /// The index is within the constants, as in verified code.
    #[inline(always)]
    pub(crate) unsafe fn constant(&self, i: usize) -> &Value {
        // SAFETY: by contract.
        unsafe { self.consts.get_unchecked(i) }
    }

    /// The first word.
    #[inline(always)]
    pub(crate) fn start(&self) -> *mut u64 {
        // SAFETY: the box is not replaced once a frame has begun.
        unsafe { (*self.body.get()).words.as_mut_ptr() }
    }

    /// Number of the word at `ip`.
    #[inline]
    pub(crate) fn pc(&self, ip: *const u64) -> u32 {
        // SAFETY: callers pass a pointer into this code's words (or just behind them).
        unsafe { ip.offset_from(self.start()) as u32 }
    }

    /// Number of words.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// The line of a word.
    pub fn line(&self, pc: u32) -> u32 {
        self.template.place(pc).map_or(self.template.first_line, |p| p.line)
    }

    /// Empties all inline caches.
    pub(crate) fn flush(&self) {
        let mut pc = 0;
        while pc < self.len() {
            // SAFETY: pc is within the words.
            let word = unsafe { Word(*self.start().add(pc)) };
            let Some(op) = Op::from_u8(word.op_number()) else { return };
            let cache = op.info().cache as usize;
            for i in 1..=cache {
                // SAFETY: verified code has all cache words of its instructions.
                unsafe { *self.start().add(pc + i) = 0 };
            }
            pc += 1 + cache;
        }
    }
}

impl Drop for CodeObj {
    fn drop(&mut self) {
        let vm = self.header.class().vm();
        vm.codes.borrow_mut().remove(&(self as *const CodeObj as usize));
    }
}

impl Vm {
    /// Gives a coroutine function something that does its work without a frame where it need not wait.
    pub fn set_shortcut(&self, function: &Value, shortcut: Shortcut) {
        if let Some(f) = function.as_function().filter(|f| f.code().coroutine) {
            f.code().shortcut.set(Some(shortcut));
        }
    }

    /// Gives a coroutine function something that is awaited in its place.
    pub(crate) fn set_stand_in(&self, function: &Value, stand_in: StandIn) {
        if let Some(f) = function.as_function().filter(|f| f.code().coroutine) {
            f.code().stand_in.set(Some(stand_in));
        }
    }

    /// The machine's form of compiled code, ready to be run.
    pub fn code(&self, code: &Arc<Code>) -> Value {
        let code = self.code_for_later(&Arc::new(Arc::clone(code).into()));
        if let Some(code) = code.as_code() {
            code.prepare();
        }
        code
    }

    /// The same of code that may never run.
    fn code_for_later(&self, template: &Arc<Template>) -> Value {
        let flags = template.flags();
        let code = new_cell(self, self.types.code.get(), Kind::Code, |header| CodeObj {
            header,
            template: Arc::clone(template),
            body: UnsafeCell::default(),
            locals: template.locals().into(),
            registers: template.registers().into(),
            direct: Cell::new(u32::MAX),
            fillable: Cell::new(u32::MAX),
            prepared: Cell::new(false),
            suspends: flags & SUSPENDS != 0,
            coroutine: flags & COROUTINE != 0,
            iterable_coroutine: Cell::new(false),
            room: Cell::new(0),
            shortcut: Cell::new(None),
            stand_in: Cell::new(None),
        });
        // The body of a class or module is run at once, and has nothing to bind.
        if flags & NAMESPACE != 0
            && let Some(code) = code.as_code()
        {
            code.prepare();
        }
        code
    }

    /// A frozenset of constants, which are hashable and compare without script code.
    fn constant_set(&self, items: impl Iterator<Item = Value>) -> Value {
        let set = self.frozenset();
        for v in items {
            if let Some(s) = set.as_set() {
                let _ = s.add(self, v);
            }
        }
        set
    }

    /// A compile-time constant as a value.
    pub(crate) fn constant(&self, k: &Const) -> Value {
        match k {
            Const::None => Value::NONE,
            Const::True => Value::TRUE,
            Const::False => Value::FALSE,
            Const::Ellipsis => Value::ELLIPSIS,
            Const::Undef => Value::UNDEF,
            Const::Int(n) => self.int(*n),
            Const::BigInt(hex) => match num_bigint::BigInt::parse_bytes(hex.as_bytes(), 16) {
                Some(n) => self.bigint(n),
                None => Value::UNDEF,
            },
            Const::Float(x) => Value::float(*x),
            Const::Imag(x) => self.complex(0.0, *x),
            Const::Str(s) if s.len() <= 64 => self.intern_wtf8(s),
            Const::Str(s) => self.str_wtf8(s),
            Const::Bytes(b) => self.bytes(b),
            Const::Tuple(items) => self.tuple(items.iter().map(|k| self.constant(k)).collect::<Vec<_>>()),
            Const::FrozenSet(items) => {
                // CPython keeps a copy of the set, made in the order of the first: loops show it.
                let first = self.constant_set(items.iter().map(|k| self.constant(k)));
                self.constant_set(first.as_set().into_iter().flat_map(|s| s.to_vec()))
            }
            Const::Code(template) => self.code_for_later(template),
        }
    }
}
