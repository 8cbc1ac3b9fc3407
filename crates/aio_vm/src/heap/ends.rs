//! The end of cells: of plain ones at once, of others with their finaliser, weak references and what they hold.

use crate::object::class;
use crate::object::header::{FINALIZED, HAS_ATTRS, HAS_WEAKREFS, Header, Kind};
use crate::object::*;
use crate::vm::Vm;

/// How deep drops may nest before they are put off.
const DROP_DEPTH: u32 = 64;

/// Ends a cell that holds nothing and that nothing looks at: false, and nothing has happened, if it may be another one.
///
/// # Safety
/// `h` is a cell whose last reference is given up.
#[inline(always)]
pub(crate) unsafe fn end_plain(vm: &Vm, h: *mut Header) -> bool {
    // SAFETY: the cell is intact, and the kind says what it is; without flags it is not a large one.
    unsafe {
        let class = (*h).class();
        let plain = match (*h).kind.get() {
            Kind::Str | Kind::Float => true,
            Kind::Int => (*(h as *const IntObj)).is_inline(),
            // What loops over numbers leave behind.
            Kind::Range => (*(h as *const RangeObj)).is_inline(),
            Kind::Iter => (*(h as *const IterObj)).is_counter(),
            _ => false,
        };
        if !plain || (*h).flags.get() != 0 || class.is(class::HEAP) {
            return false;
        }
        end_emptied(vm, h);
        true
    }
}

/// Ends a cell whose contents have been taken out.
///
/// # Safety
/// `h` is a cell without flags, of a built-in class, whose last reference is given up.
#[inline(always)]
pub(crate) unsafe fn end_emptied(vm: &Vm, h: *mut Header) {
    // SAFETY: the cell is intact; without flags it is not a large one, and nothing looks at it.
    unsafe {
        let class = (*h).class();
        vm.heap.give_small(h);
        // Built-in classes are held by the machine as well.
        class.header.rc.set(class.header.rc.get() - 1);
    }
}

/// The end of a cell whose count has come to zero: finaliser, weak references, payload, memory.
///
/// # Safety
/// `h` is a cell without references.
#[cold]
#[inline(never)]
pub(crate) unsafe fn free_cell(h: *mut Header) {
    // SAFETY: the cell is intact; its class keeps the pointer to the machine.
    let vm = unsafe { (*h).class().vm() };
    // SAFETY: by contract.
    if unsafe { end_plain(vm, h) } {
        return;
    }
    let depth = vm.heap.depth.get();
    if depth >= DROP_DEPTH {
        vm.heap.pending.borrow_mut().push(h);
        return;
    }
    vm.heap.depth.set(depth + 1);
    // SAFETY: by contract.
    unsafe { end_cell(vm, h) };
    if depth == 0 {
        loop {
            let next = vm.heap.pending.borrow_mut().pop();
            match next {
                // SAFETY: put off with a count of zero, untouched since.
                Some(h) => unsafe { end_cell(vm, h) },
                None => break,
            }
        }
    }
    vm.heap.depth.set(depth);
}

/// # Safety
/// `h` is a cell without references.
unsafe fn end_cell(vm: &Vm, h: *mut Header) {
    // SAFETY: the cell stays intact until `give`.
    unsafe {
        let header = &*h;
        if needs_finalizer(header) {
            header.rc.set(1);
            finalize::finalize(vm, h);
            let left = header.rc.get() - 1;
            header.rc.set(left);
            if left != 0 {
                return;
            }
        }
        if header.has(HAS_WEAKREFS) {
            header.rc.set(1);
            weakref::clear(vm, h);
            let left = header.rc.get() - 1;
            header.rc.set(left);
            if left != 0 {
                return;
            }
        }
        if header.has(HAS_ATTRS) {
            let attrs = vm.side_attrs.borrow_mut().remove(&(h as usize));
            drop(attrs);
        }
        drop_payload(vm, h);
        let class = header.class.get();
        vm.heap.give(h);
        (*class).release();
    }
}

/// Whether anything must run before the cell can end.
#[inline]
pub(super) fn needs_finalizer(h: &Header) -> bool {
    if h.kind.get() == Kind::Coro {
        // SAFETY: the kind says what the cell is.
        let coro = unsafe { &*std::ptr::from_ref(h).cast::<CoroObj>() };
        return coro.state.get() != coro::State::Finished;
    }
    !h.has(FINALIZED) && h.class().has_del()
}

/// Drops what the cell holds.
///
/// # Safety
/// `h` is a cell without references; afterwards only its memory may be used.
pub(crate) unsafe fn drop_payload(vm: &Vm, h: *mut Header) {
    use std::ptr::drop_in_place;
    macro_rules! payload {
        ($t:ty) => {
            drop_in_place(h as *mut $t)
        };
    }
    // SAFETY: the kind names the type of the payload.
    unsafe {
        match (*h).kind.get() {
            Kind::Free | Kind::Str | Kind::Float | Kind::Complex => {}
            Kind::Member => payload!(MemberObj),
            Kind::Instance => (*(h as *mut InstanceObj)).drop_slots(vm),
            Kind::Int => {
                let int = &*(h as *const IntObj);
                vm.heap.charge(-(int.outside() as isize));
                payload!(IntObj)
            }
            Kind::Bytes => {}
            Kind::ByteArray => {
                (*(h as *mut ByteArrayObj)).release(vm);
                payload!(ByteArrayObj)
            }
            Kind::MemoryView => payload!(MemoryViewObj),
            Kind::List => {
                (*(h as *mut ListObj)).release(vm);
                (*(h as *mut ListObj)).drop_items();
                payload!(ListObj)
            }
            Kind::Tuple => (*(h as *mut TupleObj)).drop_items(),
            Kind::Dict => {
                (*(h as *mut DictObj)).release(vm);
                payload!(DictObj)
            }
            Kind::Set | Kind::FrozenSet => {
                (*(h as *mut SetObj)).release(vm);
                payload!(SetObj)
            }
            Kind::Range => payload!(RangeObj),
            Kind::Slice => payload!(SliceObj),
            Kind::Function => payload!(FunctionObj),
            Kind::Native => payload!(NativeObj),
            Kind::BoundMethod => payload!(BoundMethodObj),
            Kind::Cell => payload!(CellObj),
            Kind::Code => payload!(CodeObj),
            Kind::Coro => (*(h as *mut CoroObj)).drop_all(vm),
            Kind::Class => {
                class::forget(vm, &*(h as *const ClassObj));
                payload!(ClassObj)
            }
            Kind::Module => payload!(ModuleObj),
            Kind::Property => payload!(PropertyObj),
            Kind::ClassMethod | Kind::StaticMethod => payload!(WrapperObj),
            Kind::Super => payload!(SuperObj),
            Kind::Exception => payload!(ExceptionObj),
            Kind::Traceback => payload!(TracebackObj),
            Kind::Frame => payload!(FrameObj),
            Kind::Weakref => {
                weakref::unregister(vm, &*(h as *const WeakrefObj));
                payload!(WeakrefObj)
            }
            Kind::Iter => payload!(IterObj),
            Kind::View => payload!(ViewObj),
            Kind::Opaque => (*(h as *mut OpaqueObj)).drop_all(),
        }
    }
}
