//! Ways into the interpreter from native code.

use crate::error::{R, Raised};
use crate::interp::bind::Slots;
use crate::interp::coroutine::deliver;
use crate::interp::dispatch::{run, run_from};
use crate::interp::{Entry, Exit};
use crate::object::coro::{CoroKind, CoroObj, Mode, OUTERMOST, State};
use crate::object::{CodeObj, FunctionObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::code::{ASYNC_GENERATOR, COROUTINE, GENERATOR};

/// Words of the stack of a call from native code.
const STACK_WORDS: usize = 256;
/// Words for the registers of a coroutine, at least.
const COROUTINE_WORDS: usize = 9;
/// Stacks that are kept for the next call.
const STACKS_KEPT: usize = 16;

/// Moves arguments to the registers from `r` on; tells how many there are.
///
/// # Safety
/// There is room for them, and nothing else owns what lies there.
#[inline(always)]
unsafe fn move_into(slots: &mut Slots, r: *mut u64) -> usize {
    let n = slots.len();
    // SAFETY: a value is one word; by contract there is room. What has moved is forgotten here.
    unsafe {
        std::ptr::copy_nonoverlapping(slots.as_ptr().cast(), r, n);
        slots.set_len(0);
    }
    n
}

impl Vm {
    /// Calls a function of the script on a stack of its own.
    pub(crate) fn call_script(&self, f: &Value, args: &[Value], names: &[Value]) -> R {
        let mut slots = Slots::new();
        for v in args {
            slots.push(v.clone());
        }
        self.call_script_with(f, &mut slots, names)
    }

    /// The same with arguments that are taken away.
    pub(crate) fn call_script_with(&self, f: &Value, slots: &mut Slots, names: &[Value]) -> R {
        let Some(function) = f.as_function() else { return Ok(Value::NONE) };
        let code = function.code();
        if code.direct.get() as usize != slots.len() || !names.is_empty() {
            *slots = self.bind_arguments(function, std::mem::take(slots), names)?;
        }
        if code.suspends {
            return Ok(self.make_coro(f.clone(), slots));
        }
        let _guard = self.enter_native()?;
        // A native that calls back again and again is a loop.
        self.tick()?;
        let stack = self.take_stack();
        let Some(s) = stack.as_coro() else { return Ok(Value::NONE) };
        self.begin_frame(s, f.clone(), slots);
        let exit = run_from(self, s);
        self.give_stack(stack);
        match exit {
            Exit::Return(v) => Ok(v),
            Exit::Raise(e) => Err(e),
            Exit::Yield(_) | Exit::Step(_) => Err(self.runtime_error("await is not possible here")),
        }
    }

    /// Puts a function and its bound arguments into the empty segment of a coroutine.
    pub(crate) fn begin_frame(&self, s: &CoroObj, f: Value, slots: &mut Slots) {
        let Some(function) = f.as_function() else { return };
        let code: *const crate::object::CodeObj = function.code();
        // SAFETY: the function, which goes below the registers, keeps its code alive.
        let (locals, registers) = unsafe { ((*code).locals as usize, (*code).registers as usize) };
        s.frames.set(0);
        s.base.set(OUTERMOST);
        s.ensure(self, OUTERMOST as usize, registers + 1);
        s.code.set(code);
        // SAFETY: as above; the segment has room for the registers.
        unsafe {
            s.ip.set((*code).start());
            let r = s.registers();
            *r.sub(1) = f.into_bits();
            let mut n = move_into(slots, r);
            while n < locals {
                *r.add(n) = Value::UNDEF.into_bits();
                n += 1;
            }
        }
    }

    fn take_stack(&self) -> Value {
        let kept = self.stacks.borrow_mut().pop();
        kept.unwrap_or_else(|| self.coro(CoroKind::Stack, STACK_WORDS))
    }

    fn give_stack(&self, stack: Value) {
        let Some(s) = stack.as_coro() else { return };
        if s.cap.get() as usize <= STACK_WORDS * 4 && self.stacks.borrow().len() < STACKS_KEPT && !s.mem.get().is_null()
        {
            s.state.set(State::Created);
            self.stacks.borrow_mut().push(stack);
        }
    }

    /// The generator, coroutine or asynchronous generator that a call of a suspending function makes.
    pub(crate) fn make_coro(&self, f: Value, slots: &mut Slots) -> Value {
        let Some(function) = f.as_function() else { return Value::NONE };
        let v = self.coro_for(function.code());
        if let Some(c) = v.as_coro() {
            self.begin_frame_exact(c, f, slots);
            if c.kind.get() == CoroKind::Coroutine && self.sched.origin_depth.get() != 0 {
                c.set_extra(self.origin(self.sched.origin_depth.get()));
            }
        }
        v
    }

    /// A coroutine with room for the outermost frame, which is not in it yet.
    #[inline]
    fn coro_for(&self, code: &CodeObj) -> Value {
        let flags = code.template.flags;
        let kind = if flags & ASYNC_GENERATOR != 0 {
            CoroKind::AsyncGenerator
        } else if flags & COROUTINE != 0 {
            CoroKind::Coroutine
        } else {
            debug_assert!(flags & GENERATOR != 0);
            CoroKind::Generator
        };
        // Most coroutines wait inside of another one: there is room for both, so that parking costs one segment.
        let room = if kind == CoroKind::Coroutine { COROUTINE_WORDS.max(usize::from(code.room.get())) } else { 0 };
        self.coro(kind, room.max(code.registers as usize))
    }

    /// What `make_coro` does with a function and just as many arguments as it has parameters, side by side in memory,
    /// from where they move. Gives an owned reference.
    ///
    /// # Safety
    /// The function and `n` arguments from `arguments` on are values that nobody else owns; nothing records where
    /// coroutines are made.
    pub(super) unsafe fn make_coro_of(&self, function: u64, arguments: *const u64, n: usize) -> u64 {
        // SAFETY: by contract; the coroutine has room for the registers of the function, which keeps its code alive.
        unsafe {
            let code: *const CodeObj = (*(function as *const FunctionObj)).code();
            let v = self.coro_for(&*code).into_bits();
            let c = &*(v as *const CoroObj);
            c.code.set(code);
            c.ip.set((*code).start());
            let r = c.registers();
            *r.sub(1) = function;
            std::ptr::copy_nonoverlapping(arguments, r, n);
            for i in n..(*code).locals as usize {
                *r.add(i) = Value::UNDEF.into_bits();
            }
            v
        }
    }

    /// Like `begin_frame` for a segment that has exactly the code's registers (its outermost frame needs no record).
    fn begin_frame_exact(&self, s: &CoroObj, f: Value, slots: &mut Slots) {
        let Some(function) = f.as_function() else { return };
        let code: *const crate::object::CodeObj = function.code();
        s.code.set(code);
        // SAFETY: the function below the registers keeps its code alive; `coro` made room for its registers.
        unsafe {
            let locals = (*code).locals as usize;
            s.ip.set((*code).start());
            let r = s.registers();
            *r.sub(1) = f.into_bits();
            let mut n = move_into(slots, r);
            while n < locals {
                *r.add(n) = Value::UNDEF.into_bits();
                n += 1;
            }
        }
    }

    /// Lets a coroutine go on until it suspends or ends. It must be created or suspended and not be awaited by another.
    pub(crate) fn resume(&self, coro: &CoroObj, entry: Entry) -> Exit {
        match self.enter_native() {
            Ok(_guard) => {
                super::coroutine::leave_other_chain(coro);
                coro.parent.set(self.current.get());
                coro.mode.set(Mode::Boundary);
                coro.root.set(coro);
                let entry = match (entry, coro.state.get()) {
                    (Entry::Send(_), State::Created) => Entry::Start,
                    (e, _) => e,
                };
                // SAFETY: the innermost coroutine is alive through the chain of awaits.
                let inner = unsafe { &*coro.inner.get() };
                coro.state.set(State::Running);
                run(self, inner, entry)
            }
            Err(e) => Exit::Raise(e),
        }
    }

    /// Lets a coroutine go on that `may_go_on`; what it awaits gives None.
    #[inline]
    pub(crate) fn go_on_with_none(&self, coro: &CoroObj) -> Exit {
        match self.enter_native() {
            Ok(_guard) => {
                coro.mode.set(Mode::Boundary);
                // SAFETY: the innermost coroutine is alive through the chain of awaits.
                let inner = unsafe { &*coro.inner.get() };
                if coro.state.replace(State::Running) != State::Created {
                    deliver(inner, Value::NONE);
                }
                run_from(self, inner)
            }
            Err(e) => Exit::Raise(e),
        }
    }

    /// The exception that is being handled where the running code stands.
    pub fn handled(&self) -> Option<Value> {
        let mut c = self.current.get();
        while !c.is_null() {
            // SAFETY: running coroutines and those that wait for them are alive.
            let coro = unsafe { &*c };
            let held = coro.held.peek();
            if held.is_none() {
                return None;
            }
            if held.as_exception().is_some() {
                return Some(held.clone());
            }
            c = coro.parent.get();
        }
        None
    }

    /// Sets an exception's context to the one being handled, unless it has one already.
    pub(crate) fn set_context(&self, e: &Raised) {
        let Some(x) = e.0.as_exception() else { return };
        if x.context.is_empty() {
            self.replace_context(e);
        }
    }

    /// Sets an exception's context to the one being handled, as `raise` does it.
    pub(crate) fn replace_context(&self, e: &Raised) {
        let Some(x) = e.0.as_exception() else { return };
        let Some(h) = self.handled() else { return };
        if h.is(&e.0) {
            return;
        }
        // A chain that already leads back to this exception is cut there.
        let mut at = h.clone();
        for _ in 0..1000 {
            let Some(next) = at.as_exception().and_then(|x| x.context.defined()) else { break };
            if next.is(&e.0) {
                if let Some(x) = at.as_exception() {
                    drop(x.context.take());
                }
                break;
            }
            at = next;
        }
        x.context.set(h);
    }
}
