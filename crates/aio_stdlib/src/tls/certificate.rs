//! What a certificate says.

use super::failure::plain;
use aio_vm::{R, Value, Vm};
use rustls::pki_types::UnixTime;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};
use x509_parser::time::ASN1Time;

/// Attributes of names, as OpenSSL calls them.
static ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.3", "commonName"),
    ("2.5.4.4", "surname"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "countryName"),
    ("2.5.4.7", "localityName"),
    ("2.5.4.8", "stateOrProvinceName"),
    ("2.5.4.9", "streetAddress"),
    ("2.5.4.10", "organizationName"),
    ("2.5.4.11", "organizationalUnitName"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("0.9.2342.19200300.100.1.1", "userId"),
    ("0.9.2342.19200300.100.1.25", "domainComponent"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionLocalityName"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvinceName"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName"),
];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What the decision whether to trust a certificate needs to know of it.
pub struct Facts {
    /// Whether it names itself as its issuer.
    pub own_issuer: bool,
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    not_before: i64,
    not_after: i64,
    dns: Vec<String>,
    addresses: Vec<Vec<u8>>,
    common_name: Option<String>,
    pub names_issuer_key: bool,
}

impl Facts {
    /// Reads a certificate.
    pub fn of(der: &[u8]) -> Option<Facts> {
        let (_, c) = X509Certificate::from_der(der).ok()?;
        let (mut dns, mut addresses) = (Vec::new(), Vec::new());
        if let Ok(Some(names)) = c.subject_alternative_name() {
            for name in &names.value.general_names {
                match name {
                    GeneralName::DNSName(name) => dns.push((*name).to_owned()),
                    GeneralName::IPAddress(address) => addresses.push(address.to_vec()),
                    _ => {}
                }
            }
        }
        let common_name = c.subject().iter_common_name().last().and_then(|n| n.as_str().ok()).map(str::to_owned);
        let names_issuer_key =
            c.extensions().iter().any(|e| matches!(e.parsed_extension(), ParsedExtension::AuthorityKeyIdentifier(_)));
        Some(Facts {
            own_issuer: c.subject().as_raw() == c.issuer().as_raw(),
            issuer: c.issuer().as_raw().to_vec(),
            subject: c.subject().as_raw().to_vec(),
            not_before: c.validity().not_before.timestamp(),
            not_after: c.validity().not_after.timestamp(),
            dns,
            addresses,
            common_name,
            names_issuer_key,
        })
    }

    /// Whether it is good for an IP address.
    pub fn has_address(&self, address: &[u8]) -> bool {
        self.addresses.iter().any(|a| a == address)
    }

    /// Whether it is good for the name of a host. The common name counts where it has no other names of hosts.
    pub fn has_name(&self, host: &str, common_name: bool) -> bool {
        if self.dns.is_empty() && common_name {
            return self.common_name.as_deref().is_some_and(|name| matches_host(name, host));
        }
        self.dns.iter().any(|name| matches_host(name, host))
    }

    /// Whether its time has not come yet, is over, or neither.
    pub fn time(&self, now: UnixTime) -> std::cmp::Ordering {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now < self.not_before {
            std::cmp::Ordering::Less
        } else if now > self.not_after {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Equal
        }
    }
}

/// `*.` stands for exactly one label, where at least two more follow.
fn matches_host(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    match pattern.strip_prefix("*.") {
        Some(rest) => {
            let behind = host.split_once('.').filter(|(label, _)| !label.is_empty()).map(|(_, behind)| behind);
            rest.contains('.') && behind.is_some_and(|behind| behind.eq_ignore_ascii_case(rest))
        }
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// The dict of getpeercert(), and whether the certificate is one of an authority.
pub fn describe(vm: &Vm, der: &[u8]) -> R {
    let Ok((_, c)) = X509Certificate::from_der(der) else {
        return Err(plain(vm, "Error decoding PEM-encoded file"));
    };
    let made = vm.dict();
    let set = |name: &str, value: Value| {
        if let Some(d) = made.as_dict() {
            d.set_text(vm, name, value);
        }
    };
    set("subject", name(vm, c.subject()));
    set("issuer", name(vm, c.issuer()));
    set("version", Value::small(i64::from(c.version().0) + 1));
    let serial = c.raw_serial();
    let start = serial.iter().position(|b| *b != 0).unwrap_or(serial.len().saturating_sub(1));
    let digits: String = serial.iter().skip(start).map(|b| format!("{b:02X}")).collect();
    set("serialNumber", vm.str(&digits));
    set("notBefore", vm.str(&time(c.validity().not_before)));
    set("notAfter", vm.str(&time(c.validity().not_after)));
    if let Ok(Some(names)) = c.subject_alternative_name() {
        let all: Vec<Value> = names.value.general_names.iter().map(|n| general_name(vm, n)).collect();
        set("subjectAltName", vm.tuple(all));
    }
    let (mut status, mut issuers, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for extension in c.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::AuthorityInfoAccess(access) => {
                for d in access.iter() {
                    let GeneralName::URI(uri) = d.access_location else { continue };
                    match d.access_method.to_id_string().as_str() {
                        "1.3.6.1.5.5.7.48.1" => status.push(vm.str(uri)),
                        "1.3.6.1.5.5.7.48.2" => issuers.push(vm.str(uri)),
                        _ => {}
                    }
                }
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in points.iter() {
                    let Some(DistributionPointName::FullName(names)) = &point.distribution_point else { continue };
                    lists.extend(names.iter().filter_map(|n| match n {
                        GeneralName::URI(uri) => Some(vm.str(uri)),
                        _ => None,
                    }));
                }
            }
            _ => {}
        }
    }
    for (title, found) in [("OCSP", status), ("caIssuers", issuers), ("crlDistributionPoints", lists)] {
        if !found.is_empty() {
            set(title, vm.tuple(found));
        }
    }
    Ok(vm.tuple([made.clone(), Value::bool(c.is_ca())]))
}

fn name(vm: &Vm, name: &X509Name<'_>) -> Value {
    let parts: Vec<Value> = name
        .iter_rdn()
        .map(|part| {
            let pairs: Vec<Value> = part
                .iter()
                .map(|attribute| {
                    let id = attribute.attr_type().to_id_string();
                    let title = ATTRIBUTES.iter().find(|(known, _)| *known == id).map_or(id.as_str(), |(_, n)| n);
                    vm.tuple([vm.str(title), vm.str(attribute.as_str().unwrap_or_default())])
                })
                .collect();
            vm.tuple(pairs)
        })
        .collect();
    vm.tuple(parts)
}

fn general_name(vm: &Vm, found: &GeneralName<'_>) -> Value {
    let pair = |kind: &str, text: &str| vm.tuple([vm.str(kind), vm.str(text)]);
    match found {
        GeneralName::DNSName(text) => pair("DNS", text),
        GeneralName::RFC822Name(text) => pair("email", text),
        GeneralName::URI(text) => pair("URI", text),
        GeneralName::IPAddress(address) => pair("IP Address", &address_text(address)),
        GeneralName::DirectoryName(directory) => vm.tuple([vm.str("DirName"), name(vm, directory)]),
        GeneralName::RegisteredID(id) => pair("Registered ID", &id.to_id_string()),
        GeneralName::OtherName(..) => pair("othername", "<unsupported>"),
        GeneralName::X400Address(_) => pair("X400Name", "<unsupported>"),
        GeneralName::EDIPartyName(_) => pair("EdiPartyName", "<unsupported>"),
        GeneralName::Invalid(..) => pair("Unknown", "<invalid>"),
    }
}

fn address_text(address: &[u8]) -> String {
    match address.len() {
        4 => address.iter().map(u8::to_string).collect::<Vec<_>>().join("."),
        16 => {
            let group = |pair: &[u8]| format!("{:X}", pair.iter().fold(0u16, |all, b| all << 8 | u16::from(*b)));
            address.chunks(2).map(group).collect::<Vec<_>>().join(":")
        }
        _ => "<invalid>".to_owned(),
    }
}

fn time(t: ASN1Time) -> String {
    let t = t.to_datetime();
    let month = MONTHS.get(usize::from(u8::from(t.month())).wrapping_sub(1)).unwrap_or(&"Jan");
    format!("{month} {:2} {:02}:{:02}:{:02} {} GMT", t.day(), t.hour(), t.minute(), t.second(), t.year())
}
