//! Blocks of memory for runs of cells, from the allocator of the process: several side by side where there are many already,
//! for what the allocator needs for itself and cannot use between them counts where there are thousands.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::{Cell, RefCell};

/// Bytes of a block.
pub(crate) const BLOCK: usize = 64 * 1024;
/// So many blocks are asked for at once, at most.
const MOST: usize = 48;

/// The blocks of a heap.
pub(crate) struct Blocks {
    /// An address leads to the begin of its block.
    align: usize,
    /// What has not been given yet of the newest blocks: begin and end.
    spare: Cell<(usize, usize)>,
    /// Blocks side by side, and their bytes.
    all: RefCell<Vec<(*mut u8, usize)>>,
    bytes: Cell<usize>,
}

impl Blocks {
    /// No blocks yet.
    pub(crate) fn new(align: usize) -> Blocks {
        Blocks { align, spare: Cell::new((0, 0)), all: RefCell::default(), bytes: Cell::new(0) }
    }

    fn layout(&self, size: usize) -> Layout {
        Layout::from_size_align(size, self.align).expect("block layout")
    }

    /// Where another block begins.
    pub(crate) fn another(&self) -> usize {
        let (mut begin, mut end) = self.spare.get();
        if begin == end {
            let size = at_once(self.bytes.get() / BLOCK) * BLOCK;
            let layout = self.layout(size);
            // SAFETY: the layout is not empty.
            let first = unsafe { alloc(layout) };
            if first.is_null() {
                std::alloc::handle_alloc_error(layout);
            }
            self.all.borrow_mut().push((first, size));
            self.bytes.set(self.bytes.get() + size);
            begin = first.expose_provenance();
            end = begin + size;
        }
        self.spare.set((begin + BLOCK, end));
        begin
    }
}

/// How many blocks a heap gets that has so many: one, or three times a power of two. Lists have sizes that are powers of two,
/// and allocators that put what has the same size into the same pages cannot give up pages in which a block lies.
fn at_once(known: usize) -> usize {
    match (known / 24).checked_ilog2() {
        Some(n) => (3usize << n).min(MOST),
        None => 1,
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        for (first, size) in self.all.take() {
            // SAFETY: the blocks were made with this layout; `tear_down` has ended their cells.
            unsafe { dealloc(first, self.layout(size)) };
        }
    }
}
