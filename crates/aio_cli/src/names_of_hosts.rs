//! Names of hosts in a program that has the C library in it.

use std::ffi::{CStr, c_char, c_int};

unsafe extern "C" {
    /// Says where the C library looks for a kind of names, whatever the machine is set up for.
    fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
}

/// Looks for names of hosts and services in the files of the machine and asks its servers of names. Other ways would load
/// libraries of the machine, which may be made for another C library than the one in the program. This reads a file, so it
/// is done when a name is wanted.
pub fn without_libraries() {
    const WAYS: [(&CStr, &CStr); 4] =
        [(c"hosts", c"files dns"), (c"services", c"files"), (c"protocols", c"files"), (c"passwd", c"files")];
    for (database, services) in WAYS {
        // SAFETY: both are texts that end with a zero and live as long as the program; the C library locks its own tables.
        unsafe { __nss_configure_lookup(database.as_ptr(), services.as_ptr()) };
    }
}
