//! Deep trees: the walks recurse, and a thread's stack may be small.

/// So much stack has to be left for what a walk does between two looks at it.
const RED_ZONE: usize = 128 << 10;

/// So much is added when less is left. A tree of the greatest depth needs a few of these.
const SEGMENT: usize = 1 << 20;

/// From this depth on a tree is watched; the shallow rest, nearly everything, costs nothing.
const WATCHED: u32 = 24;

/// Walks into a tree of this depth, with more stack if there is little left.
#[inline]
pub(crate) fn into_tree<R>(depth: u32, walk: impl FnOnce() -> R) -> R {
    if depth < WATCHED { walk() } else { with_stack(walk) }
}

/// Walks into something whose depth is not known.
pub(crate) fn with_stack<R>(walk: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(RED_ZONE, SEGMENT, walk)
}
