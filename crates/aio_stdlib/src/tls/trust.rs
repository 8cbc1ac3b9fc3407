//! Whether the certificate of the other side is trusted: webpki's judgement, in the order and the words of OpenSSL.

use super::certificate::Facts;
use super::failure::Refusal;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::cmp::Ordering;
use std::sync::{Mutex, PoisonError};
use webpki::{EndEntityCert, KeyUsage};

/// What a context says about trust.
#[derive(Debug, Default)]
pub struct Rules {
    /// Whether a certificate is wanted: 0 not at all, 1 if there is one, 2 always.
    pub mode: i64,
    /// Whether the certificate must be made for the name of the host.
    pub names: bool,
    /// Whether the common name may be that name.
    pub common_names: bool,
    /// Whether the chain may end at any certificate that is trusted, not only at one that is its own issuer.
    pub partial: bool,
    /// Whether certificates must name the key of their issuer.
    pub strict: bool,
}

/// The judge of the other side's certificates.
#[derive(Debug)]
pub struct Trust {
    rules: Rules,
    roots: Vec<CertificateDer<'static>>,
    anchors: Vec<TrustAnchor<'static>>,
    /// Trusted certificates at which a chain may not end.
    links: Vec<CertificateDer<'static>>,
    subjects: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
    /// What was wrong the last time, and the chain that was found. Connections ask for it at once.
    outcome: Mutex<(Option<Refusal>, Vec<Vec<u8>>)>,
}

type Judgement<T> = Result<T, (CertificateError, i64, String)>;

fn no<T>(error: CertificateError, code: i64, message: &str) -> Judgement<T> {
    Err((error, code, message.to_owned()))
}

impl Trust {
    /// A judge by the rules of a context.
    pub fn new(rules: Rules, roots: Vec<Vec<u8>>, algorithms: WebPkiSupportedAlgorithms) -> Trust {
        let (mut trust, mut subjects) = (Vec::new(), Vec::new());
        let mut links = Vec::new();
        let roots: Vec<CertificateDer<'static>> = roots.into_iter().map(CertificateDer::from).collect();
        for root in &roots {
            let Some(facts) = Facts::of(root) else { continue };
            subjects.push(DistinguishedName::from(facts.subject));
            if !facts.own_issuer && !rules.partial {
                links.push(root.clone());
            } else if let Ok(anchor) = webpki::anchor_from_trusted_cert(root) {
                trust.push(anchor.to_owned());
            }
        }
        Trust { rules, roots, anchors: trust, links, subjects, algorithms, outcome: Mutex::default() }
    }

    /// What the last judgement was: why not, and the chain.
    pub fn take_outcome(&self) -> (Option<Refusal>, Vec<Vec<u8>>) {
        std::mem::take(&mut *self.outcome.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        given: &[CertificateDer<'_>],
        host: Option<&ServerName<'_>>,
        now: UnixTime,
    ) -> Result<(), Error> {
        if self.rules.mode == 0 {
            return Ok(());
        }
        let judged = self.chain(leaf, given, host, now);
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match judged {
            Ok(chain) => {
                *outcome = (None, chain);
                Ok(())
            }
            Err((error, code, message)) => {
                *outcome = (Some(Refusal { code, message }), Vec::new());
                Err(Error::InvalidCertificate(error))
            }
        }
    }

    /// The chain from a certificate to a trusted one. A server's certificate comes with the name of the host.
    fn chain(
        &self,
        leaf: &CertificateDer<'_>,
        given: &[CertificateDer<'_>],
        host: Option<&ServerName<'_>>,
        now: UnixTime,
    ) -> Judgement<Vec<Vec<u8>>> {
        let Some(facts) = Facts::of(leaf) else {
            return no(CertificateError::BadEncoding, 1, "unspecified certificate verification error");
        };
        let itself = self.roots.contains(leaf) && (self.rules.partial || facts.own_issuer);
        let found = if itself { Ok(vec![leaf.to_vec()]) } else { self.path(leaf, &facts, given, host.is_some(), now) };
        // What time says comes last.
        let late = |code: &i64| *code == 9 || *code == 10;
        if let Err((_, code, _)) = &found
            && !late(code)
        {
            return found;
        }
        if self.rules.strict && !facts.own_issuer && !facts.names_issuer_key {
            return no(CertificateError::BadEncoding, 85, "Missing Authority Key Identifier");
        }
        if let Some(host) = host.filter(|_| self.rules.names) {
            self.check_name(&facts, host)?;
        }
        if itself {
            match facts.time(now) {
                Ordering::Less => return no(CertificateError::NotValidYet, 9, "certificate is not yet valid"),
                Ordering::Greater => return no(CertificateError::Expired, 10, "certificate has expired"),
                Ordering::Equal => {}
            }
        }
        found
    }

    fn path(
        &self,
        leaf: &CertificateDer<'_>,
        facts: &Facts,
        given: &[CertificateDer<'_>],
        of_server: bool,
        now: UnixTime,
    ) -> Judgement<Vec<Vec<u8>>> {
        let bad = |_| (CertificateError::BadEncoding, 1, "unspecified certificate verification error".to_owned());
        let parsed = EndEntityCert::try_from(leaf).map_err(bad)?;
        let mut between: Vec<CertificateDer<'_>> = given.to_vec();
        between.extend(self.links.iter().cloned());
        let usage = if of_server { KeyUsage::server_auth() } else { KeyUsage::client_auth() };
        let verified = parsed.verify_for_usage(self.algorithms.all, &self.anchors, &between, now, usage, None, None);
        match verified {
            Ok(path) => {
                let mut chain = vec![leaf.to_vec()];
                chain.extend(path.intermediate_certificates().map(|c| c.der().to_vec()));
                let end = path.anchor().subject.as_ref();
                let is_end = |root: &&CertificateDer<'_>| {
                    webpki::anchor_from_trusted_cert(root).is_ok_and(|a| a.subject.as_ref() == end)
                };
                chain.extend(self.roots.iter().find(is_end).map(|root| root.to_vec()));
                Ok(chain)
            }
            Err(error) => self.refuse(error, facts, given),
        }
    }

    fn refuse(&self, error: webpki::Error, facts: &Facts, given: &[CertificateDer<'_>]) -> Judgement<Vec<Vec<u8>>> {
        use webpki::Error as E;
        match error {
            E::UnknownIssuer => {
                let unknown = CertificateError::UnknownIssuer;
                if facts.own_issuer {
                    return no(unknown, 18, "self-signed certificate");
                }
                if leads_to_own_issuer(facts, given) {
                    return no(unknown, 19, "self-signed certificate in certificate chain");
                }
                no(unknown, 20, "unable to get local issuer certificate")
            }
            E::CertExpired { .. } => no(CertificateError::Expired, 10, "certificate has expired"),
            E::CertNotValidYet { .. } => no(CertificateError::NotValidYet, 9, "certificate is not yet valid"),
            E::InvalidSignatureForPublicKey => no(CertificateError::BadSignature, 7, "certificate signature failure"),
            E::RequiredEkuNotFoundContext(_) => {
                no(CertificateError::InvalidPurpose, 26, "unsuitable certificate purpose")
            }
            E::CaUsedAsEndEntity if facts.own_issuer => {
                no(CertificateError::UnknownIssuer, 18, "self-signed certificate")
            }
            E::CaUsedAsEndEntity | E::EndEntityUsedAsCa => {
                no(CertificateError::BadEncoding, 79, "invalid CA certificate")
            }
            E::PathLenConstraintViolated => no(CertificateError::BadEncoding, 25, "path length constraint exceeded"),
            E::NameConstraintViolation => no(CertificateError::BadEncoding, 47, "permitted subtree violation"),
            E::UnsupportedCriticalExtension => {
                no(CertificateError::UnhandledCriticalExtension, 34, "unhandled critical extension")
            }
            E::MaximumPathDepthExceeded | E::MaximumPathBuildCallsExceeded => {
                no(CertificateError::UnknownIssuer, 22, "certificate chain too long")
            }
            E::CertRevoked => no(CertificateError::Revoked, 23, "certificate revoked"),
            _ => no(CertificateError::BadEncoding, 1, "unspecified certificate verification error"),
        }
    }

    fn check_name(&self, facts: &Facts, host: &ServerName<'_>) -> Judgement<()> {
        if *host == super::connection::no_name() {
            return Ok(());
        }
        let (good, code, what) = match host {
            ServerName::DnsName(name) => {
                (facts.has_name(name.as_ref(), self.rules.common_names), 62, "Hostname mismatch")
            }
            ServerName::IpAddress(address) => {
                let good = match std::net::IpAddr::from(*address) {
                    std::net::IpAddr::V4(a) => facts.has_address(&a.octets()),
                    std::net::IpAddr::V6(a) => facts.has_address(&a.octets()),
                };
                (good, 64, "IP address mismatch")
            }
            _ => (false, 62, "Hostname mismatch"),
        };
        if good {
            return Ok(());
        }
        let message = format!("{what}, certificate is not valid for '{}'.", host.to_str());
        Err((CertificateError::NotValidForName, code, message))
    }
}

/// Whether the issuers lead, within what the other side has sent, to one that is its own issuer.
fn leads_to_own_issuer(leaf: &Facts, given: &[CertificateDer<'_>]) -> bool {
    let given: Vec<Facts> = given.iter().filter_map(|c| Facts::of(c)).collect();
    let mut at = leaf;
    // No chain is longer than what there is.
    for _ in 0..given.len() {
        match given.iter().find(|c| c.subject == at.issuer) {
            Some(issuer) if issuer.own_issuer => return true,
            Some(issuer) => at = issuer,
            None => return false,
        }
    }
    false
}

/// Both sides check signatures alike.
macro_rules! signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            dss: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls12_signature(message, cert, dss, &self.algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            dss: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, cert, dss, &self.algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.algorithms.supported_schemes()
        }
    };
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge(end_entity, intermediates, Some(server_name), now).map(|()| ServerCertVerified::assertion())
    }

    signatures!();
}

impl ClientCertVerifier for Trust {
    fn offer_client_auth(&self) -> bool {
        self.rules.mode != 0
    }

    fn client_auth_mandatory(&self) -> bool {
        self.rules.mode == 2
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.subjects
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.judge(end_entity, intermediates, None, now).map(|()| ClientCertVerified::assertion())
    }

    signatures!();
}
