//! The allocator of an isolate: runs of cells of one size, free lists, an exact count of bytes.

mod account;
mod blocks;
mod ends;
mod numbers;
mod trim;

use blocks::{BLOCK, Blocks};
use ends::needs_finalizer;
pub(crate) use ends::{drop_payload, end_emptied, end_plain, free_cell};
pub(crate) use trim::MUCH;
pub use trim::give_back;

use crate::object::class::ClassObj;
use crate::object::header::{HAS_ATTRS, HAS_WEAKREFS, Header, Kind, LARGE};
use crate::object::*;
use crate::value::{Value, borrow_bits};
use crate::vm::Vm;
use std::alloc::{Layout, alloc, dealloc};
use std::cell::{Cell, RefCell, UnsafeCell};

/// The first run of a size class; each further one is as large as all before it together, up to a block.
const FIRST_RUN: usize = 512;
/// Bytes of a run that become cells at a time: memory that no cell has needed yet is never touched.
const CARVED: usize = 4096;
const UNIT: usize = 16;
/// Largest cell that lives in a run.
pub(crate) const SMALL_MAX: usize = 512;
/// Identities by number begin here: they look like addresses.
const FIRST_NUMBER: u64 = 0x7F_0000;
const CLASSES: usize = SMALL_MAX / UNIT + 1;
/// Segments of registers have lists of their own behind those of cells: they come and go in another order, and a list
/// that is out of order costs time, for its memory is not near one another. The collector need not look at them.
const LISTS: usize = 2 * CLASSES;

/// The memory of an isolate.
pub(crate) struct Heap {
    free: UnsafeCell<[*mut FreeCell; LISTS]>,
    /// What is left of the newest run of each list.
    rest: UnsafeCell<[Rest; LISTS]>,
    /// What is left of the newest block: begin and end.
    block: Cell<(usize, usize)>,
    blocks: Blocks,
    runs: RefCell<Vec<Run>>,
    limit: Cell<usize>,
    /// The counter that brings the machine to look at the limit, and what it showed when it was set to nothing.
    alarm: Cell<*const Cell<i32>>,
    stolen: Cell<i32>,
    /// Work in bulk that has not been taken off the fuel yet.
    work: Cell<u64>,
    pub(crate) large: RefCell<rustc_hash::FxHashSet<usize>>,
    numbers: Option<numbers::Numbers>,
    bytes: Cell<usize>,
    depth: Cell<u32>,
    pending: RefCell<Vec<*mut Header>>,
}

/// Cells of one size, side by side.
struct Run {
    first: *mut u8,
    /// How many bytes have become cells.
    carved: usize,
    list: usize,
}

/// The part of a run that has not become cells.
#[derive(Clone, Copy)]
struct Rest {
    begin: usize,
    end: usize,
    /// The place of the run in the list.
    run: usize,
    /// Bytes that runs of this class have had so far.
    total: usize,
}

#[repr(C)]
struct FreeCell {
    header_word: u64,
    next: *mut FreeCell,
}

impl Heap {
    /// Memory; if it is `repeatable`, objects get the same identities in each run that makes the same ones.
    pub(crate) fn new(repeatable: bool) -> Heap {
        Heap {
            free: UnsafeCell::new([std::ptr::null_mut(); LISTS]),
            rest: UnsafeCell::new([Rest { begin: 0, end: 0, run: 0, total: 0 }; LISTS]),
            block: Cell::new((0, 0)),
            // Blocks are aligned where an address must lead to its block.
            blocks: Blocks::new(if repeatable { BLOCK } else { UNIT }),
            runs: RefCell::default(),
            limit: Cell::new(usize::MAX),
            alarm: Cell::new(std::ptr::null()),
            stolen: Cell::new(0),
            work: Cell::new(0),
            large: RefCell::default(),
            numbers: repeatable.then(numbers::Numbers::default),
            bytes: Cell::new(0),
            depth: Cell::new(0),
            pending: RefCell::default(),
        }
    }

    /// What `id()` shows for the object at an address.
    pub(crate) fn identity_at(&self, address: usize) -> u64 {
        let Some(numbers) = &self.numbers else { return address as u64 };
        let block = address & !(BLOCK - 1);
        let (number, offset) = match numbers.of(block) {
            Some(number) => (number, address - block),
            None => (numbers.of(address).unwrap_or_default(), 0),
        };
        (number + FIRST_NUMBER) * BLOCK as u64 + offset as u64
    }

    /// Raw memory for a cell of `size` bytes, 16-byte aligned; the second result is the header's size field.
    #[inline]
    fn take(&self, size: usize) -> (*mut u8, u8) {
        if size <= SMALL_MAX {
            let class = size.div_ceil(UNIT);
            (self.take_from(class, class), class as u8)
        } else {
            (self.take_large(size), 0)
        }
    }

    /// Memory of a class from a list of that class.
    #[inline(always)]
    fn take_from(&self, list: usize, class: usize) -> *mut u8 {
        self.bytes.set(self.bytes.get() + class * UNIT);
        // SAFETY: the lists are only touched here and where memory is given back, on one thread.
        let lists = unsafe { &mut *self.free.get() };
        let head = lists[list];
        if head.is_null() {
            return self.refill(list);
        }
        // SAFETY: a cell on a free list is unused memory that begins with a FreeCell.
        lists[list] = unsafe { (*head).next };
        head as *mut u8
    }

    /// Makes more cells of a list, and gives the first of them.
    #[cold]
    fn refill(&self, list: usize) -> *mut u8 {
        let size = list % CLASSES * UNIT;
        // SAFETY: only touched here, on one thread.
        let rest = unsafe { &mut (&mut *self.rest.get())[list] };
        if rest.end - rest.begin < size {
            let wanted = rest.total.clamp(FIRST_RUN.max(size), BLOCK);
            (rest.begin, rest.end) = self.run(wanted - wanted % size, size);
            rest.total += rest.end - rest.begin;
            let mut runs = self.runs.borrow_mut();
            rest.run = runs.len();
            runs.push(Run { first: std::ptr::with_exposed_provenance_mut(rest.begin), carved: 0, list });
        }
        let n = (CARVED.min(rest.end - rest.begin) / size).max(1);
        let first: *mut u8 = std::ptr::with_exposed_provenance_mut(rest.begin);
        rest.begin += n * size;
        self.runs.borrow_mut()[rest.run].carved += n * size;
        let mut next: *mut FreeCell = std::ptr::null_mut();
        for i in (0..n).rev() {
            // SAFETY: the cells from `first` to the new `begin` lie in the run, and nothing else has them.
            unsafe {
                let cell = first.add(i * size) as *mut FreeCell;
                cell.write(FreeCell { header_word: 0, next });
                if i > 0 {
                    next = cell;
                }
            }
        }
        // SAFETY: as in `take`.
        unsafe { (&mut *self.free.get())[list] = next };
        if self.over_limit() {
            self.sound();
        }
        first
    }

    /// Begin and end of `wanted` bytes for cells of `size`; less when the block is nearly used up.
    fn run(&self, wanted: usize, size: usize) -> (usize, usize) {
        let (mut begin, mut end) = self.block.get();
        if end - begin < wanted.min(2 * size) {
            begin = self.blocks.another();
            end = begin + BLOCK;
            if let Some(numbers) = &self.numbers {
                numbers.add(begin);
            }
        }
        let taken = wanted.min((end - begin) / size * size);
        self.block.set((begin + taken, end));
        (begin, begin + taken)
    }

    fn take_large(&self, size: usize) -> *mut u8 {
        let layout = Layout::from_size_align(size + UNIT, UNIT).expect("cell layout");
        // SAFETY: the layout is not empty.
        let p = unsafe { alloc(layout) };
        if p.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        self.charge((size + UNIT) as isize);
        // SAFETY: the block has UNIT bytes before the cell for its size.
        let cell = unsafe {
            (p as *mut usize).write(size);
            p.add(UNIT)
        };
        self.large.borrow_mut().insert(cell as usize);
        if let Some(numbers) = &self.numbers {
            numbers.add(cell.addr());
        }
        cell
    }

    /// Gives the memory of a cell back.
    ///
    /// # Safety
    /// The cell came from `take` and its payload has been dropped.
    #[inline]
    unsafe fn give(&self, h: *mut Header) {
        // SAFETY: by contract the header is intact.
        if unsafe { (*h).flags.get() } & LARGE == 0 {
            // SAFETY: by contract.
            unsafe { self.give_small(h) }
        } else {
            self.large.borrow_mut().remove(&(h as usize));
            if let Some(numbers) = &self.numbers {
                numbers.remove(h.addr());
            }
            // SAFETY: large cells have their size in the UNIT bytes before them.
            unsafe {
                let block = (h as *mut u8).sub(UNIT);
                let size = *(block as *mut usize);
                self.bytes.set(self.bytes.get() - size - UNIT);
                dealloc(block, Layout::from_size_align_unchecked(size + UNIT, UNIT));
            }
        }
    }

    /// The same for a cell that is not large.
    ///
    /// # Safety
    /// As for `give`.
    #[inline(always)]
    unsafe fn give_small(&self, h: *mut Header) {
        // SAFETY: by contract the header is intact; the lists as in `take`.
        unsafe {
            let class = (*h).size.get() as usize;
            self.bytes.set(self.bytes.get() - class * UNIT);
            let lists = &mut *self.free.get();
            let cell = h as *mut FreeCell;
            cell.write(FreeCell { header_word: 0, next: *lists.get_unchecked(class) });
            *lists.get_unchecked_mut(class) = cell;
        }
    }

    /// Raw words for a register segment; free with `give_words`.
    pub(crate) fn take_words(&self, words: usize) -> *mut u64 {
        let size = words * 8;
        if size <= SMALL_MAX {
            let class = size.div_ceil(UNIT);
            self.take_from(CLASSES + class, class) as *mut u64
        } else {
            self.charge(size as isize);
            let layout = Layout::from_size_align(size, UNIT).expect("segment layout");
            // SAFETY: the layout is not empty.
            let p = unsafe { alloc(layout) };
            if p.is_null() {
                std::alloc::handle_alloc_error(layout);
            }
            p as *mut u64
        }
    }

    /// Gives register words back.
    ///
    /// # Safety
    /// `p` came from `take_words(words)`.
    pub(crate) unsafe fn give_words(&self, p: *mut u64, words: usize) {
        let size = words * 8;
        if size <= SMALL_MAX {
            let class = size.div_ceil(UNIT);
            self.bytes.set(self.bytes.get() - class * UNIT);
            // SAFETY: the memory is a cell of that list.
            unsafe {
                let lists = &mut *self.free.get();
                let cell = p as *mut FreeCell;
                cell.write(FreeCell { header_word: 0, next: lists[CLASSES + class] });
                lists[CLASSES + class] = cell;
            }
        } else {
            self.bytes.set(self.bytes.get() - size);
            // SAFETY: same layout as in `take_words`.
            unsafe { dealloc(p as *mut u8, Layout::from_size_align_unchecked(size, UNIT)) };
        }
    }

    /// Calls `f` with every cell in use.
    pub(crate) fn each_cell(&self, mut f: impl FnMut(*mut Header)) {
        for run in self.runs.borrow().iter().filter(|run| run.list < CLASSES) {
            for at in (0..run.carved).step_by(run.list * UNIT) {
                // SAFETY: there are that many cells.
                let h = unsafe { run.first.add(at) as *mut Header };
                // SAFETY: the first word of a free cell reads as a header of kind Free.
                if unsafe { (*(h as *const CellWord)).kind } != 0 {
                    f(h);
                }
            }
        }
        let mut large: Vec<usize> = self.large.borrow().iter().copied().collect();
        if let Some(numbers) = &self.numbers {
            large.sort_by_key(|&p| numbers.of(p));
        }
        for p in large {
            f(p as *mut Header);
        }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        for cell in self.large.get_mut().drain() {
            // SAFETY: large cells have their size in the UNIT bytes before them.
            unsafe {
                let block = (cell as *mut u8).sub(UNIT);
                let size = *(block as *mut usize);
                dealloc(block, Layout::from_size_align_unchecked(size + UNIT, UNIT));
            }
        }
    }
}

/// Counts are raised by this much before the end, so that none comes to zero.
pub(crate) const BEYOND: u32 = 1 << 30;

/// Ends all cells of a machine that is about to end: each gives up what it has outside of the heap. No finaliser runs.
pub(crate) fn tear_down(vm: &Vm) {
    let mut cells = Vec::new();
    vm.heap.each_cell(|h| cells.push(h));
    let kind = |h: &*mut Header| {
        // SAFETY: cells stay intact until their payload is dropped, and keep their header even then.
        unsafe { (**h).kind.get() }
    };
    for h in &cells {
        // SAFETY: as above.
        let rc = unsafe { &(**h).rc };
        rc.set(rc.get().saturating_add(BEYOND));
    }
    // Functions, code and classes are looked at while others end.
    let late = |h: &*mut Header| matches!(kind(h), Kind::Class | Kind::Code | Kind::Function);
    for h in cells.iter().filter(|h| !late(h)) {
        // SAFETY: nothing uses the payload after this: values in other cells and in the machine only count.
        unsafe {
            match kind(h) {
                Kind::Coro => (*(*h as *mut CoroObj)).abandon(vm),
                _ => drop_payload(vm, *h),
            }
        }
    }
    for wanted in [Kind::Function, Kind::Code, Kind::Class] {
        for h in cells.iter().filter(|h| kind(h) == wanted) {
            // SAFETY: as above. Classes do not take leave of their bases, which end as well.
            unsafe {
                match wanted {
                    Kind::Class => std::ptr::drop_in_place(*h as *mut ClassObj),
                    _ => drop_payload(vm, *h),
                }
            }
        }
    }
}

#[repr(C)]
struct CellWord {
    rc: u32,
    kind: u8,
}

/// Allocates a cell and moves its payload in. The payload's header is filled here.
#[inline]
pub(crate) fn new_cell<T>(vm: &Vm, class: &ClassObj, kind: Kind, payload: impl FnOnce(Header) -> T) -> Value {
    let (p, size) = vm.heap.take(size_of::<T>());
    let header = make_header(class, kind, size);
    // SAFETY: the cell is large enough and aligned for T, whose first field is the header.
    unsafe {
        (p as *mut T).write(payload(header));
        Value::from_owned_bits(p as u64)
    }
}

/// Allocates a class before there are classes; the metaclass is set later.
pub(crate) fn new_cell_without_class<T>(vm: &Vm, kind: Kind, payload: impl FnOnce(Header) -> T) -> Value {
    let (p, size) = vm.heap.take(size_of::<T>());
    let header = Header {
        rc: Cell::new(1),
        kind: Cell::new(kind),
        flags: Cell::new(0),
        size: Cell::new(size),
        mark: Cell::new(0),
        class: Cell::new(std::ptr::null()),
    };
    // SAFETY: as in `new_cell`.
    unsafe {
        (p as *mut T).write(payload(header));
        Value::from_owned_bits(p as u64)
    }
}

/// Allocates a cell with `extra` bytes behind the payload.
pub(crate) fn new_cell_with<T>(
    vm: &Vm,
    class: &ClassObj,
    kind: Kind,
    extra: usize,
    payload: impl FnOnce(Header) -> T,
) -> *mut T {
    let (p, size) = vm.heap.take(size_of::<T>() + extra);
    let header = make_header(class, kind, size);
    // SAFETY: as in `new_cell`.
    unsafe { (p as *mut T).write(payload(header)) };
    p as *mut T
}

#[inline(always)]
fn make_header(class: &ClassObj, kind: Kind, size: u8) -> Header {
    class.retain();
    Header {
        rc: Cell::new(1),
        kind: Cell::new(kind),
        flags: Cell::new(if size == 0 { LARGE } else { 0 }),
        size: Cell::new(size),
        mark: Cell::new(0),
        class: Cell::new(class),
    }
}

/// The object may be part of a cycle.
fn is_container(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Free | Kind::Str | Kind::Int | Kind::Float | Kind::Complex | Kind::Bytes | Kind::ByteArray | Kind::Range
    )
}

/// Shows all objects that may be part of a cycle. Nothing may be allocated or freed meanwhile.
pub(crate) fn each_container(vm: &Vm, visit: &mut dyn FnMut(&Value)) {
    vm.heap.each_cell(|h| {
        // SAFETY: cells in use have an intact header; those at their end have no references left.
        unsafe {
            let stack = (*h).kind.get() == Kind::Coro
                && (*(h as *const CoroObj)).kind.get() == crate::object::coro::CoroKind::Stack;
            if (*h).rc.get() > 0 && is_container((*h).kind.get()) && !stack {
                visit(&borrow_bits(h as u64));
            }
        }
    });
}

/// Shows every value that an object holds.
pub(crate) fn trace(vm: &Vm, v: &Value, visit: &mut dyn FnMut(&Value)) {
    let Some(h) = v.header() else { return };
    if h.has(HAS_ATTRS)
        && let Some(attrs) = vm.side_attrs.borrow().get(&v.addr())
    {
        visit(attrs);
    }
    // SAFETY: the kind names the layout of the live cell.
    unsafe {
        macro_rules! cell {
            ($t:ty) => {
                &*(h as *const Header as *const $t)
            };
        }
        match h.kind.get() {
            Kind::Instance => cell!(InstanceObj).trace(visit),
            Kind::List => {
                let l = cell!(ListObj);
                visit(l.attrs.peek());
                l.as_slice().iter().for_each(&mut *visit);
            }
            Kind::Tuple => cell!(TupleObj).items().iter().for_each(&mut *visit),
            Kind::Dict => {
                visit(cell!(DictObj).attrs.peek());
                cell!(DictObj).trace(visit);
            }
            Kind::Set | Kind::FrozenSet => {
                visit(cell!(SetObj).attrs.peek());
                cell!(SetObj).trace(visit);
            }
            Kind::Slice => {
                let s = cell!(SliceObj);
                [&s.start, &s.stop, &s.step].into_iter().for_each(&mut *visit);
            }
            Kind::Function => cell!(FunctionObj).trace(visit),
            Kind::Native => visit(&cell!(NativeObj).receiver),
            Kind::BoundMethod => {
                visit(&cell!(BoundMethodObj).function);
                visit(&cell!(BoundMethodObj).receiver);
            }
            Kind::Cell => visit(cell!(CellObj).content.peek()),
            Kind::Code => cell!(CodeObj).consts().iter().for_each(&mut *visit),
            Kind::Coro => cell!(CoroObj).trace(visit),
            Kind::Class => cell!(ClassObj).trace(visit),
            Kind::Module => visit(cell!(ModuleObj).dict.peek()),
            Kind::Property => {
                let p = cell!(PropertyObj);
                for s in [&p.attrs, &p.get, &p.set, &p.delete, &p.doc, &p.name] {
                    visit(s.peek());
                }
            }
            Kind::ClassMethod | Kind::StaticMethod => {
                visit(cell!(WrapperObj).attrs.peek());
                visit(cell!(WrapperObj).function.peek());
            }
            Kind::Super => {
                let s = cell!(SuperObj);
                for s in [&s.class, &s.receiver, &s.receiver_class] {
                    visit(s.peek());
                }
            }
            Kind::Exception => cell!(ExceptionObj).visit(visit),
            Kind::Traceback => {
                visit(&cell!(TracebackObj).frame);
                visit(cell!(TracebackObj).next.peek());
            }
            Kind::Frame => {
                let f = cell!(FrameObj);
                visit(&f.code);
                visit(&f.globals);
                visit(f.back.peek());
                visit(f.locals.peek());
                visit(f.kept.peek());
            }
            Kind::Weakref => {
                visit(cell!(WeakrefObj).attrs.peek());
                visit(cell!(WeakrefObj).callback.peek());
            }
            Kind::Iter => cell!(IterObj).trace(visit),
            Kind::View => visit(&cell!(ViewObj).dict),
            Kind::Opaque => {
                if let Some(attrs) = cell!(OpaqueObj).attrs() {
                    visit(attrs.peek());
                }
                cell!(OpaqueObj).behind().trace(visit);
            }
            _ => {}
        }
    }
    // Instances of script classes keep their class alive; the class's header count has it.
    let class = h.class();
    if class.is(crate::object::class::HEAP) {
        // SAFETY: the class is alive; the view is not dropped.
        let shown = unsafe { crate::value::borrow_bits(class as *const ClassObj as u64) };
        visit(&shown);
    }
}

/// Runs the finaliser of an object that is part of a garbage cycle, and tells its weak references.
pub(crate) fn finalize_garbage(vm: &Vm, v: &Value) {
    let Some(h) = v.header() else { return };
    let p = h as *const Header as *mut Header;
    if needs_finalizer(h) {
        finalize::finalize(vm, p);
    }
    if h.has(HAS_WEAKREFS) {
        weakref::clear(vm, p);
    }
}

/// Makes an object of a garbage cycle let go of what it holds.
pub(crate) fn clear(vm: &Vm, v: &Value) {
    let Some(h) = v.header() else { return };
    match h.kind.get() {
        Kind::Instance => {
            if let Some(i) = v.as_instance() {
                i.clear();
            }
        }
        Kind::List => {
            if let Some(l) = v.as_list() {
                drop(l.replace(Vec::new()));
            }
        }
        Kind::Dict => {
            if let Some(d) = v.as_dict() {
                drop(d.take_all());
            }
        }
        Kind::Set => {
            if let Some(s) = v.as_set() {
                drop(s.take_all());
            }
        }
        Kind::Cell => {
            if let Some(c) = v.as_cell() {
                drop(c.content.take());
            }
        }
        Kind::Class => {
            if let Some(c) = v.as_class() {
                c.clear();
            }
        }
        Kind::Module => {
            if let Some(m) = v.as_module() {
                drop(m.dict.replace(vm.dict()));
            }
        }
        Kind::Exception => {
            if let Some(x) = v.as_exception() {
                x.set_traceback(Value::NONE);
                drop(x.context.take());
                drop(x.cause.take());
                drop(x.attrs.take());
            }
        }
        Kind::Traceback => {
            if let Some(t) = v.as_traceback() {
                drop(t.next.take());
            }
        }
        Kind::Opaque => {
            if let Some(o) = v.as_opaque() {
                drop(o.attrs().map(|attrs| attrs.take()));
                o.behind().clear();
            }
        }
        _ => {}
    }
}
