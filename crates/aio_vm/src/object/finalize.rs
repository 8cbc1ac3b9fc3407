//! What happens when an object with a finaliser loses its last reference.

use crate::object::coro::{CoroKind, State};
use crate::object::header::{FINALIZED, Header, Kind};
use crate::value::Value;
use crate::vm::Vm;

/// Runs `__del__`, closes a suspended generator, or warns of a coroutine that was never awaited. The caller holds a
/// reference for the time being; if the count is higher afterwards, the object lives on.
pub(crate) fn finalize(vm: &Vm, h: *mut Header) {
    // SAFETY: the cell is intact and its caller holds a reference.
    let header = unsafe { &*h };
    if header.has(FINALIZED) {
        return;
    }
    // SAFETY: as above; the view counts its own reference.
    let v = unsafe { Value::from_borrowed_bits(h as u64) };
    if header.kind.get() == Kind::Coro {
        let Some(c) = v.as_coro() else { return };
        if c.kind.get() == CoroKind::Stack || c.state() == State::Finished {
            return;
        }
        header.set_flag(FINALIZED);
        vm.finalize_coro(&v);
        return;
    }
    header.set_flag(FINALIZED);
    // A finaliser that makes an object with a finaliser is a loop.
    if !vm.may_go_on() {
        return;
    }
    if let Err(e) = vm.call_special(&v, &vm.names.__del__, &[]) {
        let f = vm.type_method(&v, &vm.names.__del__).unwrap_or_default();
        vm.unraisable(e, &f);
    }
}
