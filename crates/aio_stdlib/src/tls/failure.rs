//! What went wrong, in the words of OpenSSL.

use aio_vm::{Raised, Value, Vm};
use rustls::{AlertDescription as Alert, Error, PeerIncompatible};

/// Why the certificate of the other side is refused: the number and the text that OpenSSL has for it.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub code: i64,
    pub message: String,
}

/// Why an operation failed.
#[derive(Debug)]
pub enum Failure {
    /// OpenSSL's name for it.
    Reason(&'static str),
    /// OpenSSL's name for what the other side says is wrong.
    Alert(&'static str),
    /// The certificate of the other side is refused.
    Certificate(Refusal),
    /// The bytes ended where more had to come.
    End,
    /// Nothing can be done because of an earlier failure.
    Gone,
    /// The other side has said that nothing more comes.
    Closed,
}

/// The place in CPython's source that its messages name.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    Handshake = 1020,
    Write = 2427,
    Read = 2580,
    Shutdown = 2706,
}

impl Failure {
    /// What every operation gets after one that failed, with or without a word from the other side.
    pub fn after(told: bool) -> Failure {
        if told { Failure::Closed } else { Failure::Gone }
    }

    /// The exception.
    pub fn raise(self, vm: &Vm, place: Place) -> Raised {
        let (class, number, reason, text) = match &self {
            Failure::Reason(reason) | Failure::Alert(reason) => ("SSLError", 1, Some(*reason), words(reason)),
            Failure::End | Failure::Gone => {
                let reason = matches!(self, Failure::End).then_some("UNEXPECTED_EOF_WHILE_READING");
                ("SSLEOFError", 8, reason, "EOF occurred in violation of protocol".to_owned())
            }
            Failure::Closed => ("SSLZeroReturnError", 6, None, "TLS/SSL connection has been closed (EOF)".to_owned()),
            Failure::Certificate(refusal) => {
                let text = format!("certificate verify failed: {}", refusal.message);
                ("SSLCertVerificationError", 1, Some("CERTIFICATE_VERIFY_FAILED"), text)
            }
        };
        let line = place as u32;
        let message = match reason {
            Some(reason) => format!("[SSL: {reason}] {text} (_ssl.c:{line})"),
            None => format!("{text} (_ssl.c:{line})"),
        };
        let text_or_none = |text: Option<&str>| text.map_or(Value::NONE, |t| vm.str(t));
        let mut notes = vec![("library", text_or_none(reason.map(|_| "SSL"))), ("reason", text_or_none(reason))];
        if let Failure::Certificate(refusal) = &self {
            notes.push(("verify_code", Value::small(refusal.code)));
            notes.push(("verify_message", vm.str(&refusal.message)));
        }
        made(vm, class, &[Value::small(number), vm.str(&message)], notes)
    }
}

fn made(vm: &Vm, class: &str, args: &[Value], notes: Vec<(&str, Value)>) -> Raised {
    let make = || {
        let class = vm.get_attr_text(&vm.import_module("ssl")?, class)?;
        let error = vm.call(&class, args)?;
        for (name, value) in notes {
            vm.set_attr(&error, &vm.intern(name), Some(value))?;
        }
        Ok(Raised(error))
    };
    make().unwrap_or_else(|e| e)
}

/// An SSLError with nothing but a text.
pub fn plain(vm: &Vm, message: &str) -> Raised {
    made(vm, "SSLError", &[vm.str(message)], Vec::new())
}

fn words(reason: &str) -> String {
    reason.to_lowercase().replace('_', " ")
}

/// OpenSSL's name for what is wrong.
pub fn reason(error: &Error) -> &'static str {
    match error {
        Error::AlertReceived(alert) => alert_reason(*alert),
        Error::DecryptError => "DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
        Error::NoCertificatesPresented => "PEER_DID_NOT_RETURN_A_CERTIFICATE",
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => "UNEXPECTED_MESSAGE",
        Error::InvalidMessage(_) => "LENGTH_MISMATCH",
        Error::PeerSentOversizedRecord => "DATA_LENGTH_TOO_LONG",
        Error::NoApplicationProtocol => "NO_APPLICATION_PROTOCOL",
        Error::PeerMisbehaved(_) => "BAD_EXTENSION",
        Error::PeerIncompatible(why) => match why {
            PeerIncompatible::NoCipherSuitesInCommon
            | PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon => "NO_SHARED_CIPHER",
            PeerIncompatible::NoKxGroupsInCommon => "NO_SUITABLE_KEY_SHARE",
            PeerIncompatible::NoSignatureSchemesInCommon => "NO_SUITABLE_SIGNATURE_ALGORITHM",
            _ => "UNSUPPORTED_PROTOCOL",
        },
        Error::InvalidCertificate(_) => "CERTIFICATE_VERIFY_FAILED",
        _ => "INTERNAL_ERROR",
    }
}

/// Alerts that came with TLS are named after it, older ones after SSL.
fn alert_reason(alert: Alert) -> &'static str {
    match alert {
        Alert::UnexpectedMessage => "SSLV3_ALERT_UNEXPECTED_MESSAGE",
        Alert::BadRecordMac => "SSLV3_ALERT_BAD_RECORD_MAC",
        Alert::DecompressionFailure => "SSLV3_ALERT_DECOMPRESSION_FAILURE",
        Alert::HandshakeFailure => "SSLV3_ALERT_HANDSHAKE_FAILURE",
        Alert::NoCertificate => "SSLV3_ALERT_NO_CERTIFICATE",
        Alert::BadCertificate => "SSLV3_ALERT_BAD_CERTIFICATE",
        Alert::UnsupportedCertificate => "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        Alert::CertificateRevoked => "SSLV3_ALERT_CERTIFICATE_REVOKED",
        Alert::CertificateExpired => "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        Alert::CertificateUnknown => "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        Alert::IllegalParameter => "SSLV3_ALERT_ILLEGAL_PARAMETER",
        Alert::RecordOverflow => "TLSV1_ALERT_RECORD_OVERFLOW",
        Alert::UnknownCA => "TLSV1_ALERT_UNKNOWN_CA",
        Alert::AccessDenied => "TLSV1_ALERT_ACCESS_DENIED",
        Alert::DecodeError => "TLSV1_ALERT_DECODE_ERROR",
        Alert::DecryptError => "TLSV1_ALERT_DECRYPT_ERROR",
        Alert::ProtocolVersion => "TLSV1_ALERT_PROTOCOL_VERSION",
        Alert::InsufficientSecurity => "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        Alert::InternalError => "TLSV1_ALERT_INTERNAL_ERROR",
        Alert::InappropriateFallback => "TLSV1_ALERT_INAPPROPRIATE_FALLBACK",
        Alert::UserCanceled => "TLSV1_ALERT_USER_CANCELLED",
        Alert::NoRenegotiation => "TLSV1_ALERT_NO_RENEGOTIATION",
        Alert::MissingExtension => "TLSV13_ALERT_MISSING_EXTENSION",
        Alert::CertificateRequired => "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        Alert::UnsupportedExtension => "TLSV1_UNSUPPORTED_EXTENSION",
        Alert::UnrecognisedName => "TLSV1_UNRECOGNIZED_NAME",
        Alert::NoApplicationProtocol => "TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
        _ => "UNKNOWN_ALERT_TYPE",
    }
}
