//! Suspendable executions: generators, coroutines, asynchronous generators, and the stacks of threads.
//!
//! A coroutine owns a two-ended segment: registers grow from its low end, frame records from its high end.
//! ```text
//! [func][r0 r1 ...][func][r0 ...] -->   free   <-- [record n] ... [record 0]
//! ```
//! Coroutines that await one another form a chain through `parent`; its first one, the root, remembers the innermost,
//! so that resuming costs the same at any depth.

use crate::heap::new_cell;
use crate::object::code::CodeObj;
use crate::object::header::{HAS_ATTRS, Header, Kind};
use crate::object::slot::Slot;
use crate::value::{Value, borrow_bits};
use crate::vm::Vm;
use aio_bytecode::{Op, Word};
use std::cell::Cell;

/// What a coroutine cell is to the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoroKind {
    /// The stack of a thread or of a call from native code; never visible.
    Stack,
    /// A generator.
    Generator,
    /// A coroutine.
    Coroutine,
    /// An asynchronous generator.
    AsyncGenerator,
}

/// Where its life stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not started.
    Created,
    /// Waits at a yield or await.
    Suspended,
    /// Runs, or awaits a coroutine that runs.
    Running,
    /// Has ended; its registers are gone.
    Finished,
}

/// What happens with what a coroutine yields or returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The interpreter returns to its native caller.
    Boundary,
    /// The parent is at a ForIter.
    For,
    /// The parent is at an Await: values pass through, the result is the parent's.
    Await,
    /// The parent is at an Await of an asynchronous generator's step: a yield is its result.
    Step,
}

/// One saved frame: where to go on when the frame above it has ended.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Record {
    pub(crate) ip: *const u64,
    pub(crate) code: *const CodeObj,
    /// Offset of r0 in words.
    pub(crate) base: u32,
    /// Flags of the frame above (`FRAME_*`).
    pub(crate) flags: u32,
    /// For FRAME_INIT: bits of the new instance, owned.
    pub(crate) extra: u64,
}

/// Where the registers of the outermost frame begin in every segment.
pub(crate) const OUTERMOST: u32 = 1;

/// Words of a segment that coroutines get because others of their code needed them.
const MOST_AT_ONCE: usize = 48;

pub(crate) const RECORD_WORDS: usize = size_of::<Record>() / 8;

/// The cell.
#[repr(C)]
pub struct CoroObj {
    pub(crate) header: Header,
    pub(crate) mem: Cell<*mut u64>,
    pub(crate) cap: Cell<u32>,
    /// Offset of the current frame's r0.
    pub(crate) base: Cell<u32>,
    /// Saved frames.
    pub(crate) frames: Cell<u32>,
    pub(crate) kind: Cell<CoroKind>,
    pub(crate) state: Cell<State>,
    pub(crate) mode: Cell<Mode>,
    /// Frames below its own, for the recursion limit.
    pub(crate) depth: Cell<u32>,
    /// asend/athrow/aclose of an asynchronous generator is in progress.
    pub ag_running: Cell<bool>,
    /// The asynchronous generator was closed.
    pub ag_closed: Cell<bool>,
    /// The event loop's hooks have seen the asynchronous generator; `gather` has seen the coroutine.
    pub ag_hooked: Cell<bool>,
    pub(crate) code: Cell<*const CodeObj>,
    /// The suspended instruction (Yield or Await), or the first one.
    pub(crate) ip: Cell<*const u64>,
    pub(crate) parent: Cell<*const CoroObj>,
    pub(crate) root: Cell<*const CoroObj>,
    pub(crate) inner: Cell<*const CoroObj>,
    /// The exception that its frames are handling. Once it has ended, its code, for those who ask for its names; or a tuple
    /// of `__name__`, `__qualname__` and code, if the names were not those of the code.
    pub(crate) held: Slot,
}

// Every task has one of them.
const _: () = assert!(size_of::<CoroObj>() <= 96);

impl CoroObj {
    /// Its code (of the outermost frame).
    pub(crate) fn outer_code(&self) -> *const CodeObj {
        if self.frames.get() == 0 { self.code.get() } else { self.record(0).code }
    }

    /// The function of the outermost frame, or UNDEF when the registers are gone.
    pub fn function(&self) -> Value {
        if self.mem.get().is_null() {
            return Value::UNDEF;
        }
        // SAFETY: the first word of a segment holds the function of its first frame while the segment lives.
        unsafe { Value::from_borrowed_bits(*self.mem.get()) }
    }

    /// An exception has left its frames, whatever they were handling.
    pub(crate) fn handles_nothing(&self) {
        let held = self.held.peek();
        if held.as_code().is_none() && held.as_tuple().is_none() {
            drop(self.held.take());
        }
    }

    /// Its names and its extra, if it has any of them apart: a tuple with None for what it has not.
    fn apart(&self) -> (Option<Value>, Option<Value>) {
        if !self.header.has(HAS_ATTRS) {
            return (None, None);
        }
        let known = self.header.class().vm().side_attrs.borrow().get(&self.address()).cloned();
        match known.as_ref().and_then(|t| t.as_tuple()).map(|t| t.items()) {
            Some([names, extra]) => {
                (Some(names.clone()).filter(|v| !v.is_none()), Some(extra.clone()).filter(|v| !v.is_none()))
            }
            _ => (None, None),
        }
    }

    /// Few have names of their own, or an extra: these lie where objects without room for attributes have theirs.
    fn set_apart(&self, names: Option<Value>, extra: Option<Value>) {
        let vm = self.header.class().vm();
        self.header.set_flag(HAS_ATTRS);
        let both = vm.tuple([names.unwrap_or(Value::NONE), extra.unwrap_or(Value::NONE)]);
        let old = vm.side_attrs.borrow_mut().insert(self.address(), both);
        drop(old);
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The finaliser hook of an asynchronous generator; where a coroutine was made, if that is recorded.
    pub fn extra(&self) -> Option<Value> {
        self.apart().1
    }

    /// Sets what `extra` gives.
    pub(crate) fn set_extra(&self, extra: Value) {
        self.set_apart(self.apart().0, Some(extra));
    }

    /// What it is.
    pub fn coro_kind(&self) -> CoroKind {
        self.kind.get()
    }

    /// Where its life stands. Those in the middle of a chain are marked as running while the whole chain waits.
    pub fn state(&self) -> State {
        let root = self.root.get();
        let state = self.state.get();
        if state != State::Running || std::ptr::eq(root, self) || self.kind.get() == CoroKind::Stack {
            return state;
        }
        // SAFETY: the root of a chain is alive: it holds the rest of it, and lets it go when it ends before.
        if !root.is_null() && unsafe { (*root).state.get() } == State::Suspended { State::Suspended } else { state }
    }

    /// Has not begun, or waits and is not awaited by another.
    #[inline(always)]
    pub(crate) fn may_go_on(&self) -> bool {
        std::ptr::eq(self.root.get(), self) && matches!(self.state.get(), State::Created | State::Suspended)
    }

    /// Makes those from `self` to the innermost of its chain a chain of their own, which waits.
    pub(crate) fn stand_alone(&self, inner: *const CoroObj) {
        let mut at = inner;
        // SAFETY: the coroutines of a suspended chain are alive through one another.
        while let Some(c) = unsafe { at.as_ref() } {
            c.root.set(self);
            if std::ptr::eq(c, self) {
                break;
            }
            at = c.parent.get();
        }
        self.parent.set(std::ptr::null());
        self.inner.set(inner);
        self.mode.set(Mode::Boundary);
        self.state.set(State::Suspended);
    }

    /// The one of its chain that it waits for itself, or itself if it is the innermost.
    pub(crate) fn next_in_chain(&self) -> *const CoroObj {
        let mut at = self.inner.get();
        // SAFETY: as in `stand_alone`.
        while let Some(c) = unsafe { at.as_ref() } {
            if std::ptr::eq(c, self) || std::ptr::eq(c.parent.get(), self) {
                break;
            }
            at = c.parent.get();
        }
        at
    }

    /// The high end of the segment, below which the records lie.
    #[inline(always)]
    pub(crate) fn records_end(&self) -> *mut Record {
        // A pointer to the end of the segment, which is not read.
        self.mem.get().wrapping_add(self.cap.get() as usize) as *mut Record
    }

    /// The saved frame `i`, 0 is the outermost.
    #[inline]
    pub(crate) fn record(&self, i: u32) -> &Record {
        // SAFETY: records below `frames` are written; they lie at the high end.
        unsafe { &*self.record_ptr(i) }
    }

    #[inline(always)]
    pub(crate) fn record_ptr(&self, i: u32) -> *mut Record {
        let at = self.cap.get() as usize - (i as usize + 1) * RECORD_WORDS;
        // SAFETY: callers keep i within the room that `ensure` made.
        unsafe { self.mem.get().add(at) as *mut Record }
    }

    /// Gives up all frames, innermost first, and the segment.
    pub(crate) fn drop_frames(&self, vm: &Vm) {
        if self.mem.get().is_null() {
            return;
        }
        if self.kind.get() == CoroKind::Stack {
            // A stack is dropped only between calls, when its frames are gone.
            self.give_segment(vm);
            return;
        }
        let inner = self.inner.get();
        if std::ptr::eq(self.root.get(), self) && !std::ptr::eq(inner, self) {
            let next = self.next_in_chain();
            self.inner.set(self);
            // SAFETY: the coroutines of a suspended chain are alive through the registers of the others.
            if let Some(next) = unsafe { next.as_ref() } {
                next.stand_alone(inner);
            }
        }
        let mut live = self.suspended_live();
        loop {
            let code = self.code.get();
            // SAFETY: a frame's code is alive through the function below its registers.
            unsafe { self.drop_frame(&*code, live) };
            let n = self.frames.get();
            if n == 0 {
                break;
            }
            let r = *self.record(n - 1);
            self.frames.set(n - 1);
            self.pop_to(r);
            live = self.live_at(r.ip.wrapping_sub(1));
            if r.extra != 0 {
                // SAFETY: the record owned the instance under construction.
                drop(unsafe { Value::from_owned_bits(r.extra) });
            }
        }
        self.give_segment(vm);
    }

    /// Gives the segment back, whose frames are gone, and what was handled in them.
    pub(crate) fn give_segment(&self, vm: &Vm) {
        let mem = self.mem.replace(std::ptr::null_mut());
        if mem.is_null() {
            return;
        }
        // SAFETY: the segment came from take_words(cap).
        unsafe { vm.heap.give_words(mem, self.cap.get() as usize) };
    }

    /// The register window of the current frame.
    #[inline(always)]
    pub(crate) fn registers(&self) -> *mut u64 {
        // SAFETY: base is an offset into the segment.
        unsafe { self.mem.get().add(self.base.get() as usize) }
    }

    /// Makes room for `words` words from r0 of a frame at `base` on, and for one more record.
    pub(crate) fn ensure(&self, vm: &Vm, base: usize, words: usize) {
        let records = (self.frames.get() as usize + 1) * RECORD_WORDS;
        let need = base + words + records;
        let old = self.cap.get() as usize;
        if need <= old {
            return;
        }
        // Many coroutines wait with one frame above their own: those get what they need, and the next ones at once.
        let first = self.frames.get() == 0 && self.kind.get() == CoroKind::Coroutine && need <= MOST_AT_ONCE;
        let cap = if first { need } else { need.max(old + old / 2) }.next_multiple_of(2);
        // SAFETY: the code of the current frame is alive.
        if first && let Some(code) = unsafe { self.code.get().as_ref() } {
            code.room.set(cap as u16 - OUTERMOST as u16);
        }
        let mem = vm.heap.take_words(cap);
        let low = base + words.min(old.saturating_sub(base));
        let high = self.frames.get() as usize * RECORD_WORDS;
        // SAFETY: both ends fit the larger segment; registers above `base + words` are not in use.
        unsafe {
            let before = self.mem.get();
            std::ptr::copy_nonoverlapping(before, mem, low.min(old - high));
            std::ptr::copy_nonoverlapping(before.add(old - high), mem.add(cap - high), high);
            vm.heap.give_words(before, old);
        }
        self.mem.set(mem);
        self.cap.set(cap as u32);
    }

    /// Whether a frame whose registers end at `top` finds room in the segment, and is allowed by the recursion limit.
    #[inline(always)]
    pub(crate) fn has_room(&self, vm: &Vm, top: *mut u64) -> bool {
        let saved = self.frames.get();
        top as usize <= self.records_end().wrapping_sub(saved as usize + 1) as usize
            && self.depth.get() + saved < vm.recursion_limit.get()
    }

    /// Saves the current frame and begins one whose r0 is at `base`.
    #[inline(always)]
    pub(crate) fn push_frame(&self, ip: *const u64, base: u32, code: *const CodeObj, flags: u32, extra: u64) {
        let n = self.frames.get();
        // SAFETY: `ensure` made room for the record.
        unsafe {
            self.record_ptr(n).write(Record { ip, code: self.code.get(), base: self.base.get(), flags, extra });
            self.ip.set((*code).start());
        }
        self.frames.set(n + 1);
        self.base.set(base);
        self.code.set(code);
    }

    /// Goes back to the frame below and gives its record.
    pub(crate) fn pop_frame(&self) -> Record {
        let n = self.frames.get() - 1;
        let r = *self.record(n);
        self.frames.set(n);
        self.pop_to(r);
        r
    }

    fn pop_to(&self, r: Record) {
        self.code.set(r.code);
        self.base.set(r.base);
        self.ip.set(r.ip);
    }

    /// Live temporaries at a word of the current code.
    pub(crate) fn live_at(&self, ip: *const u64) -> usize {
        // SAFETY: the code is alive.
        let code = unsafe { &*self.code.get() };
        code.template.live.get(code.pc(ip) as usize).copied().unwrap_or(0) as usize
    }

    /// Live temporaries of the innermost frame while suspended: those of its Yield, and the iterator of its Await.
    pub(crate) fn suspended_live(&self) -> usize {
        if self.state.get() == State::Created {
            return 0;
        }
        let ip = self.ip.get();
        // SAFETY: ip is the suspended instruction.
        let word = unsafe { Word(*ip) };
        self.live_at(ip) + (word.op_number() == Op::Await as u8) as usize
    }

    /// Drops locals, live temporaries and the function of the current frame.
    ///
    /// # Safety
    /// The frame is whole and is not used again.
    pub(crate) unsafe fn drop_frame(&self, code: &CodeObj, live: usize) {
        let base = self.base.get() as usize;
        // SAFETY: locals and live temporaries are whole values; the function lies below r0.
        unsafe {
            let r = self.mem.get().add(base);
            for i in (0..live).rev() {
                drop(Value::from_owned_bits(*r.add(code.locals as usize + i)));
            }
            for i in 0..code.locals as usize {
                // A finaliser may look at this frame: what is gone must not be seen.
                let v = std::mem::replace(&mut *r.add(i), Value::UNDEF.into_bits());
                drop(Value::from_owned_bits(v));
            }
            self.keep_names();
            drop(Value::from_owned_bits(*r.sub(1)));
        }
    }

    /// The function of the outermost frame is about to go: whoever still holds the coroutine may ask for its names.
    #[inline(always)]
    pub(crate) fn keep_names(&self) {
        // What another coroutine awaits, or goes through, has no other holder if it has but one.
        let held = self.header.rc.get() > 1 || self.mode.get() == Mode::Boundary;
        if held && self.frames.get() == 0 && self.kind.get() != CoroKind::Stack {
            self.keep_names_of_function();
        }
    }

    fn keep_names_of_function(&self) {
        if self.mem.get().is_null() {
            return;
        }
        // SAFETY: as in `function`, which is not given up meanwhile.
        let function = unsafe { borrow_bits(*self.mem.get()) };
        let Some(f) = function.as_function() else { return };
        let code = f.code.get();
        self.held.set(if f.has_names_of_code() {
            code
        } else {
            self.header.class().vm().tuple([f.name(), f.qualname(), code])
        });
    }

    /// Gives it names of its own.
    pub(crate) fn set_names(&self, name: Value, qualname: Value) {
        let names = self.header.class().vm().tuple([name, qualname]);
        self.set_apart(Some(names), self.apart().1);
    }

    /// `__name__` and `__qualname__`.
    pub(crate) fn own_names(&self) -> Option<(Value, Value)> {
        let pair = |v: &Value| match v.as_tuple().map(|t| t.items()) {
            Some([name, qualname, ..]) => Some((name.clone(), qualname.clone())),
            _ => None,
        };
        if let Some(names) = self.apart().0.as_ref().and_then(pair) {
            return Some(names);
        }
        let held = self.held.get();
        if let Some(code) = held.as_code() {
            return Some((code.name().clone(), code.qualname().clone()));
        }
        pair(&held).or_else(|| self.function().as_function().map(|f| (f.name(), f.qualname())))
    }

    /// Its code, which it remembers when its function is gone.
    pub(crate) fn own_code(&self) -> Option<Value> {
        let held = self.held.get();
        match held.as_tuple().map(|t| t.items()) {
            Some([_, _, code]) => Some(code.clone()),
            _ if held.as_code().is_some() => Some(held.clone()),
            _ => self.function().as_function().map(|f| f.code.get()),
        }
    }

    /// Gives the segment back without looking at what is in it: everything else ends as well.
    pub(crate) fn abandon(&self, vm: &Vm) {
        let mem = self.mem.replace(std::ptr::null_mut());
        if !mem.is_null() {
            // SAFETY: the segment came from take_words(cap).
            unsafe { vm.heap.give_words(mem, self.cap.get() as usize) };
        }
    }

    pub(crate) fn drop_all(&mut self, vm: &Vm) {
        self.drop_frames(vm);
        // SAFETY: the cell is at its end; the plain fields need no drop.
        unsafe {
            std::ptr::drop_in_place(&mut self.held);
        }
    }

    /// Shows every value of a suspended coroutine.
    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.held.peek());
        if self.mem.get().is_null() || self.state.get() == State::Running && self.kind.get() == CoroKind::Stack {
            return;
        }
        let mut show = |base: usize, code: *const CodeObj, live: usize| {
            // SAFETY: as in `drop_frame`.
            unsafe {
                let r = self.mem.get().add(base);
                visit(&borrow_bits(*r.sub(1)));
                for i in 0..(*code).locals as usize + live {
                    visit(&borrow_bits(*r.add(i)));
                }
            }
        };
        show(self.base.get() as usize, self.code.get(), self.suspended_live());
        for i in 0..self.frames.get() {
            let r = self.record(i);
            // SAFETY: the record's code is alive.
            let code = unsafe { &*r.code };
            let live = code.template.live.get(code.pc(r.ip) as usize - 1).copied().unwrap_or(0);
            show(r.base as usize, r.code, live as usize);
        }
    }
}

impl Vm {
    /// A coroutine cell with a segment of at least `words` words for registers.
    #[inline]
    pub(crate) fn coro(&self, kind: CoroKind, words: usize) -> Value {
        let class = match kind {
            CoroKind::Stack => self.types.object.get(),
            CoroKind::Generator => self.types.generator.get(),
            CoroKind::Coroutine => self.types.coroutine.get(),
            CoroKind::AsyncGenerator => self.types.async_generator.get(),
        };
        let cap = (words + OUTERMOST as usize).next_multiple_of(2);
        let mem = self.heap.take_words(cap);
        // SAFETY: the segment has at least one word.
        unsafe { mem.write(Value::UNDEF.into_bits()) };
        let v = new_cell(self, class, Kind::Coro, |header| CoroObj {
            header,
            mem: Cell::new(mem),
            cap: Cell::new(cap as u32),
            base: Cell::new(OUTERMOST),
            frames: Cell::new(0),
            kind: Cell::new(kind),
            state: Cell::new(State::Created),
            mode: Cell::new(Mode::Boundary),
            depth: Cell::new(0),
            ag_running: Cell::new(false),
            ag_closed: Cell::new(false),
            ag_hooked: Cell::new(false),
            code: Cell::new(std::ptr::null()),
            ip: Cell::new(std::ptr::null()),
            parent: Cell::new(std::ptr::null()),
            root: Cell::new(std::ptr::null()),
            inner: Cell::new(std::ptr::null()),
            held: Slot::empty(),
        });
        if let Some(c) = v.as_coro() {
            c.root.set(c);
            c.inner.set(c);
        }
        v
    }
}
