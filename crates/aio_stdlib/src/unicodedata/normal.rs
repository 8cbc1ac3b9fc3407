//! Normal forms.

use super::is_assigned;
use aio_vm::text::wtf8;
use unicode_normalization::UnicodeNormalization;

/// The four normal forms.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Nfc,
    Nfkc,
    Nfd,
    Nfkd,
}

impl Form {
    /// The form with a name.
    pub(super) fn named(name: &str) -> Option<Form> {
        Some(match name {
            "NFC" => Form::Nfc,
            "NFKC" => Form::Nfkc,
            "NFD" => Form::Nfd,
            "NFKD" => Form::Nfkd,
            _ => return None,
        })
    }

    /// The form of a text.
    pub(super) fn of(self, text: &[u8]) -> Vec<u8> {
        if text.is_ascii() {
            return text.to_vec();
        }
        let mut out = Vec::with_capacity(text.len());
        let mut part = String::new();
        for code in wtf8::code_points(text) {
            match char::from_u32(code).filter(|_| is_assigned(code)) {
                Some(c) => part.push(c),
                None => {
                    // Surrogates, and characters of later versions that the tables know: they change nothing and
                    // combine with nothing, so what stands before and behind them is normalized apart.
                    self.append(&part, &mut out);
                    part.clear();
                    wtf8::push(&mut out, code);
                }
            }
        }
        self.append(&part, &mut out);
        out
    }

    fn append(self, part: &str, out: &mut Vec<u8>) {
        let mut buffer = [0; 4];
        let mut push = |c: char| out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        match self {
            Form::Nfc => part.nfc().for_each(&mut push),
            Form::Nfkc => part.nfkc().for_each(&mut push),
            Form::Nfd => part.nfd().for_each(&mut push),
            Form::Nfkd => part.nfkd().for_each(&mut push),
        }
    }
}
