//! The module _ssl: TLS between buffers. What reads and writes the network is above it, in the module ssl.

mod bio;
mod certificate;
mod connection;
mod failure;
mod parameters;
mod session;
mod suites;
mod trust;

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};
use rustls::pki_types::pem::{SectionKind, from_buf};

static FUNCTIONS: &[Def] = &[
    function("sections(data, /)", sections, "Return the sections of a PEM file, each with its kind."),
    function("certificate(data, /)", describe, "Return what a certificate says, and whether it is an authority's."),
    function(
        "parameters(server, lowest, highest, suites, protocols, roots, keys, trust, /)",
        parameters::new,
        "Return what connections of a context have in common.",
    ),
    function("check_key(chain, kind, key, /)", parameters::check_key, "Return whether a key belongs to a certificate."),
    function("suites()", suites::list, "Return the cipher suites."),
    function("client(parameters, incoming, outgoing, hostname, /)", session::client, "Return a client's connection."),
    function("server(incoming, outgoing, /)", session::server, "Return a server's connection."),
    function("random(n, /)", random, "Return random bytes."),
];

static MODULE: ModuleDef = ModuleDef { name: "_ssl", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    crate::fill::set(vm, module, "MemoryBIO", bio::class(vm).clone());
    Ok(())
}

/// Bytes of a list of bytes objects.
fn byte_strings(vm: &Vm, v: &Value) -> R<Vec<Vec<u8>>> {
    vm.collect(v)?.iter().map(|item| vm.bytes_like(item)).collect()
}

fn sections(vm: &Vm, a: &Args) -> R {
    let data = vm.bytes_like(&a[0])?;
    let mut rest = data.as_slice();
    let mut found = Vec::new();
    // What comes after a broken section does not count.
    while let Ok(Some((kind, der))) = from_buf(&mut rest) {
        let kind = match kind {
            SectionKind::Certificate => "certificate",
            SectionKind::Crl => "crl",
            SectionKind::PrivateKey => "pkcs8",
            SectionKind::RsaPrivateKey => "rsa",
            SectionKind::EcPrivateKey => "sec1",
            _ => continue,
        };
        found.push(vm.tuple([vm.str(kind), vm.bytes(&der)]));
    }
    Ok(vm.list(found))
}

fn describe(vm: &Vm, a: &Args) -> R {
    certificate::describe(vm, &vm.bytes_like(&a[0])?)
}

fn random(vm: &Vm, a: &Args) -> R {
    let n = vm.index(&a[0])?;
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("num must be positive")) };
    vm.note_bytes(n);
    let mut buffer = vec![0; n];
    vm.host.random(&mut buffer);
    Ok(vm.bytes(&buffer))
}
