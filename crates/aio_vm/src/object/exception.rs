//! Exceptions, and the tracebacks and frames that are made when somebody looks at them.

use crate::heap::new_cell;
use crate::object::class::ClassObj;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;
use std::cell::{Cell, UnsafeCell};

/// Most exceptions are caught where they are raised or one call further: so many places need no memory of their own.
const CLOSE: usize = 2;

/// One step of an exception's way: a place in a function.
#[derive(Clone)]
pub struct TraceEntry {
    /// The code object.
    pub code: Value,
    /// The module's dict, or UNDEF.
    pub globals: Value,
    /// The word that was executed.
    pub pc: u32,
    /// What the frame held when the exception left it, as `kept_locals` reads it, or UNDEF.
    pub kept: Value,
}

/// An exception.
#[repr(C)]
pub struct ExceptionObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    /// `args`, a tuple.
    pub args: Slot,
    /// `__cause__` or UNDEF.
    pub cause: Slot,
    /// `__context__` or UNDEF.
    pub context: Slot,
    /// `__suppress_context__`.
    pub suppress_context: Cell<bool>,
    /// It has left frames of the script for native code, and its context is set.
    pub(crate) on_its_way: Cell<bool>,
    /// `__traceback__` as set by the script or as made on request; UNDEF while `trace` speaks.
    pub traceback: Slot,
    trace: UnsafeCell<SmallVec<[TraceEntry; CLOSE]>>,
    /// What the class keeps besides `args` (`value`, `errno`, `filename`, ...), by the order of its table.
    fields: UnsafeCell<Vec<Value>>,
}

impl ExceptionObj {
    /// The way so far, innermost place first.
    pub fn trace(&self) -> &[TraceEntry] {
        // SAFETY: one thread; callers do not hold the slice while script code runs.
        unsafe { &*self.trace.get() }
    }

    /// Adds a place as the exception leaves it.
    pub fn push_trace(&self, entry: TraceEntry) {
        // SAFETY: one thread, no script code runs.
        unsafe { (*self.trace.get()).push(entry) };
        if !self.traceback.is_empty() {
            self.extend_traceback();
        }
    }

    /// Keeps what the frame of the newest place held, now that the exception leaves it.
    pub(crate) fn keep_frame(&self, code: &Value, kept: Value) {
        // SAFETY: one thread, no script code runs; what is replaced is UNDEF or of an earlier turn of the same frame.
        if let Some(entry) = unsafe { (*self.trace.get()).last_mut() } {
            if entry.code.is(code) {
                drop(std::mem::replace(&mut entry.kept, kept));
            }
            return;
        }
        let newest = self.traceback.get();
        if let Some(frame) = newest.as_traceback().and_then(|t| t.frame.as_frame())
            && frame.code.is(code)
        {
            frame.kept.set(kept);
        }
    }

    /// A traceback that was looked at already grows at its front.
    fn extend_traceback(&self) {
        let vm = self.header.class().vm();
        // SAFETY: one thread.
        let Some(entry) = (unsafe { (*self.trace.get()).pop() }) else { return };
        let next = self.traceback.get();
        self.traceback.set(vm.traceback(&entry, next));
    }

    /// Replaces the whole way (by `with_traceback` or an assignment to `__traceback__`).
    pub fn set_traceback(&self, traceback: Value) {
        // SAFETY: one thread; the old entries are dropped after the list is whole.
        let old = unsafe { std::mem::take(&mut *self.trace.get()) };
        self.traceback.set(traceback);
        drop(old);
    }

    /// `__traceback__`: made from the way so far when first asked for.
    pub fn traceback_value(&self) -> Value {
        if self.traceback.is_empty() {
            let vm = self.header.class().vm();
            // SAFETY: one thread.
            let entries = unsafe { std::mem::take(&mut *self.trace.get()) };
            let mut next = Value::NONE;
            for e in &entries {
                next = vm.traceback(e, next);
            }
            self.traceback.set(next);
        }
        self.traceback.get()
    }

    /// A field of the class's own.
    pub fn field(&self, i: usize) -> Value {
        // SAFETY: one thread, the value is cloned at once.
        unsafe { (&*self.fields.get()).get(i).cloned().unwrap_or(Value::NONE) }
    }

    /// Sets a field of the class's own.
    pub fn set_field(&self, i: usize, v: Value) {
        // SAFETY: one thread; the old value is dropped after the list is whole.
        let old = unsafe {
            let fields = &mut *self.fields.get();
            while fields.len() <= i {
                fields.push(Value::NONE);
            }
            std::mem::replace(&mut fields[i], v)
        };
        drop(old);
    }

    /// Sets an attribute of the exception's own.
    ///
    /// # Safety
    /// `bits` are a reference that the caller owns. (An operation that has a value on its stack cannot jump to the next.)
    #[inline(never)]
    pub(crate) unsafe fn keep_attr(&self, vm: &Vm, name: &Value, bits: u64) {
        // SAFETY: by contract.
        let v = unsafe { Value::from_owned_bits(bits) };
        if self.attrs.is_empty() {
            self.attrs.set(vm.dict_of_few());
        }
        if let Some(attrs) = self.attrs.peek().as_dict() {
            drop(attrs.set_name(vm, name, v));
        }
    }

    pub(crate) fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        for s in [&self.attrs, &self.args, &self.cause, &self.context, &self.traceback] {
            visit(s.peek());
        }
        for e in self.trace() {
            visit(&e.code);
            visit(&e.globals);
            visit(&e.kept);
        }
        // SAFETY: one thread.
        unsafe { (*self.fields.get()).iter().for_each(visit) };
    }
}

/// A traceback.
#[repr(C)]
pub struct TracebackObj {
    pub(crate) header: Header,
    /// `tb_frame`.
    pub frame: Value,
    /// `tb_lineno`.
    pub line: Cell<u32>,
    /// `tb_lasti`.
    pub pc: u32,
    /// `tb_next`.
    pub next: Slot,
}

/// What is known of a frame from outside: code, place and module.
#[repr(C)]
pub struct FrameObj {
    pub(crate) header: Header,
    /// `f_code`.
    pub code: Value,
    /// `f_globals`.
    pub globals: Value,
    /// The word that is executed.
    pub pc: u32,
    /// `f_back` or None.
    pub back: Slot,
    /// `f_locals` as of when the frame was looked at, or UNDEF.
    pub locals: Slot,
    /// What a frame that an exception has left held, as `kept_locals` reads it, or UNDEF.
    pub kept: Slot,
}

impl Vm {
    /// An exception of a class, without running script code. `args` is a tuple.
    pub fn exception(&self, class: &ClassObj, args: Value) -> Value {
        new_cell(self, class, Kind::Exception, |header| ExceptionObj {
            header,
            attrs: Slot::empty(),
            args: Slot::new(args),
            cause: Slot::empty(),
            context: Slot::empty(),
            suppress_context: Cell::new(false),
            on_its_way: Cell::new(false),
            traceback: Slot::empty(),
            trace: UnsafeCell::default(),
            fields: UnsafeCell::default(),
        })
    }

    /// A traceback in front of another (or None).
    pub fn traceback(&self, entry: &TraceEntry, next: Value) -> Value {
        let line = entry.code.as_code().map_or(0, |c| c.line(entry.pc));
        let frame = self.frame(entry.code.clone(), entry.globals.clone(), entry.pc, Value::NONE);
        if let Some(f) = frame.as_frame() {
            f.kept.set(entry.kept.clone());
        }
        new_cell(self, self.types.traceback.get(), Kind::Traceback, |header| TracebackObj {
            header,
            frame,
            line: Cell::new(line),
            pc: entry.pc,
            next: Slot::new(next),
        })
    }

    /// A frame object.
    pub fn frame(&self, code: Value, globals: Value, pc: u32, back: Value) -> Value {
        new_cell(self, self.types.frame.get(), Kind::Frame, |header| FrameObj {
            header,
            code,
            globals,
            pc,
            back: Slot::new(back),
            locals: Slot::empty(),
            kept: Slot::empty(),
        })
    }
}
