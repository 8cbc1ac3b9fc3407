//! Memory that nobody uses any more, given back to the system.

/// So many bytes that lists of a loop let go are worth a search for free pages.
pub(crate) const MUCH: usize = 1 << 20;

/// Lets the allocator give its free pages back to the system. That of the C library keeps them all as long as anything above
/// them is in use, and small blocks that it keeps for a thread count as used; mimalloc keeps them for a second, and for as
/// long as nothing is asked of it. Other allocators do it by themselves.
pub fn give_back() {
    #[cfg(feature = "mimalloc")]
    // SAFETY: any thread may call it at any time; it touches free memory alone.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: as above.
    unsafe {
        libc::malloc_trim(0);
    }
}
