//! Hosts around hosts: the methods that go to the inner one unchanged.

/// Methods of [`Host`](aio_vm::Host) that are those of the host in a field.
macro_rules! forward {
    ($inner:ident: $($method:ident)*) => {
        $($crate::host::forward::forward!(@one $inner $method);)*
    };
    (@one $inner:ident write_out) => { forward!(@fn $inner write_out(data: &[u8]) -> std::io::Result<()>); };
    (@one $inner:ident write_err) => { forward!(@fn $inner write_err(data: &[u8]) -> std::io::Result<()>); };
    (@one $inner:ident flush) => { forward!(@fn $inner flush() -> std::io::Result<()>); };
    (@one $inner:ident read_line) => { forward!(@fn $inner read_line() -> std::io::Result<Vec<u8>>); };
    (@one $inner:ident read_some) => {
        forward!(@fn $inner read_some(most: usize) -> std::io::Result<Vec<u8>>);
    };
    (@one $inner:ident cpu) => { forward!(@fn $inner cpu() -> u64); };
    (@one $inner:ident is_repeatable) => { forward!(@fn $inner is_repeatable() -> bool); };
    (@one $inner:ident turned) => { forward!(@fn $inner turned()); };
    (@one $inner:ident random) => { forward!(@fn $inner random(buffer: &mut [u8])); };
    (@one $inner:ident hash_key) => { forward!(@fn $inner hash_key() -> [u8; 16]); };
    (@one $inner:ident take_interrupt) => { forward!(@fn $inner take_interrupt() -> bool); };
    (@one $inner:ident take_inspection) => { forward!(@fn $inner take_inspection() -> bool); };
    (@one $inner:ident inspected) => {
        forward!(@fn $inner inspected(snapshot: &aio_vm::sched::snapshot::Snapshot));
    };
    (@one $inner:ident must_stop) => { forward!(@fn $inner must_stop() -> Option<aio_vm::Limit>); };
    (@one $inner:ident can_afford) => { forward!(@fn $inner can_afford(units: u64) -> bool); };
    (@one $inner:ident file) => {
        forward!(@fn $inner file(request: aio_vm::host::FileRequest<'_>) -> std::io::Result<aio_vm::host::FileReply>);
    };
    (@one $inner:ident io_start) => {
        forward!(@fn $inner io_start(request: aio_vm::host::IoRequest<'_>)
            -> Result<aio_vm::host::IoStarted, aio_vm::host::IoError>);
    };
    (@one $inner:ident io_pending) => { forward!(@fn $inner io_pending() -> bool); };
    (@fn $inner:ident $name:ident($($argument:ident: $t:ty),*) $(-> $result:ty)?) => {
        fn $name(&self, $($argument: $t),*) $(-> $result)? {
            self.$inner.$name($($argument),*)
        }
    };
}

pub(super) use forward;
