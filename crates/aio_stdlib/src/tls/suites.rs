//! Cipher suites under the names that OpenSSL gives them.

use aio_vm::{Args, R, Value, Vm};
use rustls::crypto::ring::cipher_suite as ring;
use rustls::{CipherSuite, SupportedCipherSuite};

/// A suite, its name, the protocol it came with, the bits of its key.
pub struct Suite {
    pub suite: SupportedCipherSuite,
    pub name: &'static str,
    pub protocol: &'static str,
    pub bits: i64,
}

const fn row(suite: SupportedCipherSuite, name: &'static str, protocol: &'static str, bits: i64) -> Suite {
    Suite { suite, name, protocol, bits }
}

/// All of them, the ones that are preferred first.
pub static SUITES: &[Suite] = &[
    row(ring::TLS13_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256),
    row(ring::TLS13_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256", "TLSv1.3", 256),
    row(ring::TLS13_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256", "TLSv1.3", 128),
    row(ring::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", 256),
    row(ring::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2", 256),
    row(ring::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2", 128),
    row(ring::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2", 128),
    row(ring::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", "TLSv1.2", 256),
    row(ring::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", "TLSv1.2", 256),
];

/// The row of a suite.
pub fn find(wanted: CipherSuite) -> Option<&'static Suite> {
    SUITES.iter().find(|s| s.suite.suite() == wanted)
}

/// A suite as the method cipher() shows it.
pub fn shown(vm: &Vm, suite: &Suite) -> Value {
    vm.tuple([vm.str(suite.name), vm.str(suite.protocol), Value::small(suite.bits)])
}

/// The rows, with the number that stands for each on the wire.
pub fn list(vm: &Vm, _a: &Args) -> R {
    let all = SUITES.iter().map(|s| {
        let id = 0x0300_0000 | i64::from(u16::from(s.suite.suite()));
        vm.tuple([vm.str(s.name), vm.str(s.protocol), Value::small(s.bits), Value::small(id)])
    });
    Ok(vm.list(all.collect()))
}
