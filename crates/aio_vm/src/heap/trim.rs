//! Memory that nobody uses any more, given back to the system.

/// Lets the allocator of the C library give its free pages back to the system. Some keep them all as long as anything
/// above them is in use, and small blocks that they keep for a thread count as used. Other allocators do it by
/// themselves.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: any thread may call it at any time; it touches free memory alone.
    unsafe {
        libc::malloc_trim(0);
    }
}
