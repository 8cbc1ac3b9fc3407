//! What the connections of a context have in common: protocols, keys, trust.

use super::failure::plain;
use super::suites::SUITES;
use super::trust::{Rules, Trust};
use aio_vm::{Args, Payload, R, TypeTable, Value, Vm};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ServerConfig, SignatureScheme, SupportedProtocolVersion};
use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The clock of the host, read before each step of a connection.
#[derive(Debug, Default)]
pub struct Clock(AtomicU64);

impl Clock {
    /// Looks at the clock of the host.
    pub fn read(&self, vm: &Vm) {
        let seconds = u64::try_from(vm.host.wall() / 1_000_000_000).unwrap_or(0);
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0.load(Ordering::Relaxed))))
    }
}

/// The certificates of this side; the first whose key the other side can check is shown.
#[derive(Debug, Default)]
struct Keys(Vec<Arc<CertifiedKey>>);

impl Keys {
    fn choose(&self, schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.iter().find(|k| k.key.choose_scheme(schemes).is_some()).cloned()
    }
}

impl ResolvesServerCert for Keys {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(hello.signature_schemes())
    }
}

impl ResolvesClientCert for Keys {
    fn resolve(&self, _hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.choose(schemes)
    }

    fn has_certs(&self) -> bool {
        !self.0.is_empty()
    }
}

/// What is made of the settings.
pub enum Side {
    Client(Arc<ClientConfig>),
    Server(Arc<ServerConfig>),
    /// No protocol is left: every handshake fails.
    Nothing,
}

/// The settings of a context, ready for use.
pub struct Parameters {
    pub side: Side,
    pub trust: Arc<Trust>,
    pub clock: Arc<Clock>,
    /// Whether the other side's certificate is looked at.
    pub verifies: bool,
    pub has_keys: bool,
}

impl Payload for Parameters {}

static PARAMETERS: TypeTable =
    TypeTable { doc: "What the connections of a context have in common.", rows: &[], next: None };

#[derive(Default)]
struct Class(OnceCell<Value>);

fn versions(lowest: i64, highest: i64) -> Vec<&'static SupportedProtocolVersion> {
    let all = [(0x0304, &rustls::version::TLS13), (0x0303, &rustls::version::TLS12)];
    all.into_iter().filter(|(n, _)| lowest <= *n && *n <= highest).map(|(_, v)| v).collect()
}

fn private_key(kind: &str, der: Vec<u8>) -> PrivateKeyDer<'static> {
    match kind {
        "rsa" => PrivateKeyDer::Pkcs1(der.into()),
        "sec1" => PrivateKeyDer::Sec1(der.into()),
        _ => PrivateKeyDer::Pkcs8(der.into()),
    }
}

fn certified(vm: &Vm, chain: &Value, kind: &Value, key: &Value) -> R<Option<CertifiedKey>> {
    let chain: Vec<_> = super::byte_strings(vm, chain)?.into_iter().map(CertificateDer::from).collect();
    let key = private_key(&vm.to_text(kind)?, vm.bytes_like(key)?);
    Ok(ring::sign::any_supported_type(&key).ok().map(|key| CertifiedKey::new(chain, key)))
}

/// True if the key belongs to the certificate, False if not, None if it cannot be used.
pub fn check_key(vm: &Vm, a: &Args) -> R {
    let Some(pair) = certified(vm, &a[0], &a[1], &a[2])? else { return Ok(Value::NONE) };
    Ok(Value::bool(!matches!(
        pair.keys_match(),
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch))
    )))
}

/// Makes the parameters of a context.
pub fn new(vm: &Vm, a: &Args) -> R {
    let server = vm.truth(&a[0])?;
    let versions = versions(vm.index(&a[1])?, vm.index(&a[2])?);
    let mut wanted = Vec::new();
    for name in vm.collect(&a[3])? {
        let name = vm.to_text(&name)?;
        wanted.extend(SUITES.iter().filter(|s| s.name == name).map(|s| s.suite));
    }
    let protocols = super::byte_strings(vm, &a[4])?;
    let roots = super::byte_strings(vm, &a[5])?;
    let mut keys = Keys::default();
    for entry in vm.collect(&a[6])? {
        if let [chain, kind, key] = vm.collect(&entry)?.as_slice() {
            keys.0.extend(certified(vm, chain, kind, key)?.map(Arc::new));
        }
    }
    let rules = match vm.collect(&a[7])?.as_slice() {
        [mode, names, common_names, partial, strict] => Rules {
            mode: vm.index(mode)?,
            names: vm.truth(names)?,
            common_names: vm.truth(common_names)?,
            partial: vm.truth(partial)?,
            strict: vm.truth(strict)?,
        },
        _ => Rules::default(),
    };
    let provider = CryptoProvider { cipher_suites: wanted, ..ring::default_provider() };
    let (verifies, has_keys) = (rules.mode != 0, !keys.0.is_empty());
    let trust = Arc::new(Trust::new(rules, roots, provider.signature_verification_algorithms));
    let clock = Arc::new(Clock::default());
    let side = side(server, provider, &versions, protocols, keys, &trust, &clock).unwrap_or(Side::Nothing);
    let object = vm.types.object.get();
    let class = vm.state::<Class>().0.get_or_init(|| vm.native_class("_ssl", "Parameters", object, 0, &PARAMETERS));
    match class.as_class() {
        Some(class) => Ok(vm.opaque(class, Parameters { side, trust, clock, verifies, has_keys })),
        None => Err(plain(vm, "_ssl has no class")),
    }
}

fn side(
    server: bool,
    provider: CryptoProvider,
    versions: &[&'static SupportedProtocolVersion],
    protocols: Vec<Vec<u8>>,
    keys: Keys,
    trust: &Arc<Trust>,
    clock: &Arc<Clock>,
) -> Option<Side> {
    let (provider, clock) = (Arc::new(provider), Arc::clone(clock) as Arc<dyn TimeProvider>);
    let (trust, keys) = (Arc::clone(trust), Arc::new(keys));
    if server {
        let builder = ServerConfig::builder_with_details(provider, clock).with_protocol_versions(versions).ok()?;
        let mut config = builder.with_client_cert_verifier(trust).with_cert_resolver(keys);
        config.alpn_protocols = protocols;
        // Sessions are not resumed: clients are given nothing to come back with.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        return Some(Side::Server(Arc::new(config)));
    }
    let builder = ClientConfig::builder_with_details(provider, clock).with_protocol_versions(versions).ok()?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(trust).with_client_cert_resolver(keys);
    config.alpn_protocols = protocols;
    config.resumption = Resumption::disabled();
    Some(Side::Client(Arc::new(config)))
}
