//! From one operation to the next: the table of handlers, and the loop that they come back to.
//!
//! Every operation has a handler that ends in a call of the next one's. Optimised, such a call is a jump, and what the
//! operations share (machine, coroutine, instruction, registers) stays in registers of the processor. Where the compiler
//! does not make jumps of them (unoptimised builds), handlers come back to the loop instead, as operations always do that
//! are done in full.

use crate::error::Raised;
use crate::heap::end_plain;
use crate::interp::bits::{UNDEF, give_up_held};
use crate::interp::general::{After, general};
use crate::interp::quick::quick;
use crate::interp::{Entry, Exit, coroutine, except, specials};
use crate::object::code::CodeObj;
use crate::object::coro::{CoroObj, Record, State};
use crate::object::header::Header;
use crate::value::{Value, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use std::cell::Cell;

/// Goes on with the instruction at an address: by a jump, where the compiler makes jumps of such calls.
macro_rules! go_on {
    ($vm:expr, $ip:expr, $r:expr, $rec:expr) => {{
        let (vm, ip, r, rec): (&Vm, *const u64, *mut u64, *mut Record) = ($vm, $ip, $r, $rec);
        #[cfg(tail_calls)]
        {
            let w = *ip;
            return crate::interp::dispatch::handler(w)(vm, ip.add(1), r, w, rec);
        }
        #[cfg(not(tail_calls))]
        {
            crate::interp::dispatch::leave(vm, ip, r, rec);
            return true;
        }
    }};
}
pub(super) use go_on;

/// What handlers want to know of the running coroutine without looking at it.
pub(crate) struct Running {
    /// The code of its current frame.
    pub(super) code: Cell<*const CodeObj>,
    /// Its segment.
    pub(super) segment: Cell<*mut u64>,
    /// The end of its records: there is no frame below the current one.
    pub(super) bottom: Cell<*mut Record>,
    /// Where its records may not grow beyond, because of the recursion limit.
    pub(super) lowest: Cell<*mut Record>,
}

impl Default for Running {
    fn default() -> Running {
        let nothing: *mut Record = std::ptr::null_mut();
        Running {
            code: Cell::new(std::ptr::null()),
            segment: Cell::new(nothing.cast()),
            bottom: Cell::new(nothing),
            lowest: Cell::new(nothing),
        }
    }
}

impl Running {
    /// The recursion limit has changed: the next call takes the general way, which measures anew.
    pub(crate) fn measure_again(&self) {
        self.lowest.set(std::ptr::without_provenance_mut(usize::MAX));
    }
}

/// Makes a coroutine the one that runs.
#[inline(always)]
pub(super) fn enter(vm: &Vm, c: &CoroObj) {
    vm.current.set(c);
    vm.running.code.set(c.code.get());
    let end = c.records_end();
    vm.running.segment.set(c.mem.get());
    vm.running.bottom.set(end);
    let left = vm.recursion_limit.get().saturating_sub(c.depth.get()) as usize;
    vm.running.lowest.set(end.wrapping_sub(left));
}

impl Vm {
    /// Goes back to a coroutine that was left, or to none (null).
    #[inline]
    pub(crate) fn set_current(&self, c: *const CoroObj) {
        // SAFETY: what was current is kept alive, with its chain, by whoever left it.
        match unsafe { c.as_ref() } {
            Some(c) => enter(self, c),
            None => self.current.set(c),
        }
    }
}

/// Writes back to the running coroutine where it stands.
///
/// # Safety
/// As for `general`.
#[inline(always)]
pub(super) unsafe fn leave(vm: &Vm, ip: *const u64, r: *mut u64, rec: *mut Record) -> *const CoroObj {
    let c = vm.current.get();
    // SAFETY: the running coroutine is alive; registers and records lie in its segment.
    unsafe {
        let me = &*c;
        me.ip.set(ip);
        me.code.set(vm.running.code.get());
        me.base.set(r.offset_from(me.mem.get()) as u32);
        me.frames.set(me.records_end().offset_from(rec) as u32);
    }
    c
}

/// Runs a coroutine from where it stands until the boundary it was entered at.
pub(crate) fn run(vm: &Vm, start: &CoroObj, entry: Entry) -> Exit {
    within(vm, start, || {
        let to = match entry {
            Entry::Start => start,
            Entry::Send(v) => {
                coroutine::deliver(start, v);
                start
            }
            Entry::Throw(e) => match coroutine::throw_into(vm, start, e) {
                Ok(to) => to,
                Err(exit) => return exit,
            },
        };
        vm.current.set(to);
        execute(vm)
    })
}

/// The same for a coroutine to which everything has been handed.
#[inline]
pub(crate) fn run_from(vm: &Vm, start: &CoroObj) -> Exit {
    within(vm, start, || execute(vm))
}

/// Does something as a coroutine, which was entered at the boundary of its chain.
#[inline(always)]
fn within(vm: &Vm, start: &CoroObj, act: impl FnOnce() -> Exit) -> Exit {
    let outside = vm.current.get();
    let outside_depth = if outside.is_null() {
        0
    } else {
        // SAFETY: the running coroutine is alive.
        unsafe { (*outside).depth.get() + (*outside).frames.get() + 1 }
    };
    // SAFETY: `start` is alive through its caller; so is its root.
    let boundary: &CoroObj = unsafe { &*start.root.get() };
    boundary.parent.set(outside);
    if !std::ptr::eq(start, boundary) {
        // The chain keeps its length, wherever it goes on from.
        start.depth.set(outside_depth + start.depth.get().saturating_sub(boundary.depth.get()).max(1));
    }
    boundary.depth.set(outside_depth);
    vm.current.set(start);
    start.state.set(State::Running);
    let exit = act();
    vm.set_current(outside);
    exit
}

/// What runs one operation and then goes on with the next: false if the interpreter has to leave, with `Vm::exit`, true
/// if the running coroutine goes on where it stands.
pub(crate) type Handler = unsafe fn(&Vm, *const u64, *mut u64, u64, *mut Record) -> bool;

/// Sixteen handlers in the order of their operations.
macro_rules! sixteen {
    ($takes:literal, $high:literal) => {
        [
            quick::<{ $high }, $takes>,
            quick::<{ $high + 1 }, $takes>,
            quick::<{ $high + 2 }, $takes>,
            quick::<{ $high + 3 }, $takes>,
            quick::<{ $high + 4 }, $takes>,
            quick::<{ $high + 5 }, $takes>,
            quick::<{ $high + 6 }, $takes>,
            quick::<{ $high + 7 }, $takes>,
            quick::<{ $high + 8 }, $takes>,
            quick::<{ $high + 9 }, $takes>,
            quick::<{ $high + 10 }, $takes>,
            quick::<{ $high + 11 }, $takes>,
            quick::<{ $high + 12 }, $takes>,
            quick::<{ $high + 13 }, $takes>,
            quick::<{ $high + 14 }, $takes>,
            quick::<{ $high + 15 }, $takes>,
        ]
    };
}

/// The handlers of all operations, for one combination of the flags of operands a and b.
macro_rules! all {
    ($takes:literal) => {
        [
            sixteen!($takes, 0),
            sixteen!($takes, 16),
            sixteen!($takes, 32),
            sixteen!($takes, 48),
            sixteen!($takes, 64),
            sixteen!($takes, 80),
            sixteen!($takes, 96),
            sixteen!($takes, 112),
            sixteen!($takes, 128),
            sixteen!($takes, 144),
            sixteen!($takes, 160),
            sixteen!($takes, 176),
            sixteen!($takes, 192),
            sixteen!($takes, 208),
            sixteen!($takes, 224),
            sixteen!($takes, 240),
        ]
    };
}

/// The handler of every operation, by its number, for each combination of the flags of operands a and b.
static HANDLERS: [[[Handler; 16]; 16]; 4] = [all!(0), all!(1), all!(2), all!(3)];

/// The handler of an instruction: the flags stand next to the number of the operation.
#[inline(always)]
pub(super) fn handler(w: u64) -> Handler {
    // SAFETY: 4 times 16 times 16 handlers stand one behind the other.
    unsafe { *HANDLERS.as_ptr().cast::<Handler>().add(w as usize & 0x3FF) }
}

/// From one operation to the next, and so on.
#[inline(never)]
fn execute(vm: &Vm) -> Exit {
    // SAFETY: as for `general`.
    unsafe {
        loop {
            let me = &*vm.current.get();
            enter(vm, me);
            let (ip, r) = (me.ip.get(), me.registers());
            let rec = me.records_end().sub(me.frames.get() as usize);
            let w = *ip;
            if !handler(w)(vm, ip.add(1), r, w, rec) {
                return vm.exit.replace(Exit::Return(Value::UNDEF));
            }
        }
    }
}

/// Runs an operation in full, and goes on.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn in_full<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        if specials::may_begin::<OP>(r, Word(w)) {
            let c = leave(vm, ip, r, rec);
            match specials::begin::<OP>(vm, &*c, Word(w)) {
                Ok(true) => {
                    // The segment may lie elsewhere now.
                    enter(vm, &*c);
                    let rec = (*c).records_end().sub((*c).frames.get() as usize);
                    go_on!(vm, (*c).ip.get(), (*c).registers(), rec)
                }
                Ok(false) => {}
                Err(e) => return raise(vm, e),
            }
        }
        match general::<OP>(vm, ip, r, w, rec) {
            #[cfg(tail_calls)]
            After::Stay => {
                let ip = (*vm.current.get()).ip.get();
                go_on!(vm, ip, r, rec)
            }
            #[cfg(not(tail_calls))]
            After::Stay => true,
            After::Move => true,
            After::Leave => false,
        }
    }
}

/// An exception that native code has raised.
///
/// # Safety
/// The interpreter has been left.
#[cold]
#[inline(never)]
pub(super) unsafe fn raise(vm: &Vm, e: Raised) -> bool {
    match except::unwind(vm, vm.current.get(), e, false) {
        Ok(target) => {
            vm.current.set(target);
            true
        }
        Err(exit) => {
            vm.exit.set(exit);
            false
        }
    }
}

/// Gives up a reference, as the last thing that an operation does, and goes on.
///
/// # Safety
/// As for `general`; the caller owns a reference of `v`, a value.
#[inline(always)]
pub(super) unsafe fn release_and_go_on(vm: &Vm, ip: *const u64, r: *mut u64, v: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        if !give_up_held(v) {
            return drop_and_go_on(vm, ip, r, v, rec);
        }
        go_on!(vm, ip, r, rec)
    }
}

/// Writes operand a, a register that holds a whole value if it is a local, as the last thing that an operation does.
///
/// # Safety
/// As for `general`; the caller owns the result.
#[inline(always)]
pub(super) unsafe fn give_result(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: Word,
    rec: *mut Record,
    result: u64,
    local: bool,
) -> bool {
    // SAFETY: by contract.
    unsafe {
        let old = std::mem::replace(&mut *r.add(w.a() as usize), result);
        release_and_go_on(vm, ip, r, if local { old } else { UNDEF }, rec)
    }
}

/// Gives up a last reference, and goes on. What ends may run a finaliser, which may look at the frames.
///
/// # Safety
/// As for `general`; the caller owns a reference of `v`, a pointer.
#[inline(never)]
unsafe fn drop_and_go_on(vm: &Vm, ip: *const u64, r: *mut u64, v: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        if !end_plain(vm, v as *mut Header) {
            leave(vm, ip, r, rec);
            drop_pointer(v);
        }
        go_on!(vm, ip, r, rec)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_has_a_handler() {
        let sources = [include_str!("general.rs"), include_str!("quick.rs")];
        let arms = sources.map(|source| source.split_whitespace().collect::<Vec<_>>().join(" "));
        for info in aio_bytecode::ops::OPS {
            let arm = |end: &str| arms.iter().any(|source| source.contains(&format!("op::{}{end}", info.name)));
            assert!(arm(" =>") || arm(" |"), "{}", info.name);
        }
    }
}
