//! `upper`, `lower`, `title`, `capitalize`, `swapcase` and `casefold` of str, with Python's special cases.

use super::unicode_tables::{self as tables, SpecialCase};
use super::{chars, wtf8};

/// `text.upper()`.
pub fn upper(text: &[u8], ascii: bool) -> Vec<u8> {
    if ascii {
        return text.to_ascii_uppercase();
    }
    map(text, |out, _, code| push_upper(out, code))
}

/// `text.lower()`.
pub fn lower(text: &[u8], ascii: bool) -> Vec<u8> {
    if ascii {
        return text.to_ascii_lowercase();
    }
    map(text, |out, at, code| push_lower(out, text, at, code))
}

/// `text.casefold()`.
pub fn casefold(text: &[u8], ascii: bool) -> Vec<u8> {
    if ascii {
        return text.to_ascii_lowercase();
    }
    map(text, |out, _, code| push_mapped(out, code, |record| record.fold, |special| special.fold))
}

/// `text.capitalize()`.
pub fn capitalize(text: &[u8], ascii: bool) -> Vec<u8> {
    if ascii {
        let mut out = text.to_ascii_lowercase();
        out[..1.min(text.len())].make_ascii_uppercase();
        return out;
    }
    map(text, |out, at, code| if at == 0 { push_title(out, code) } else { push_lower(out, text, at, code) })
}

/// `text.title()`.
pub fn title(text: &[u8]) -> Vec<u8> {
    let mut after_cased = false;
    map(text, |out, at, code| {
        if after_cased {
            push_lower(out, text, at, code);
        } else {
            push_title(out, code);
        }
        after_cased = chars::has(code, tables::CASED);
    })
}

/// `text.swapcase()`.
pub fn swapcase(text: &[u8]) -> Vec<u8> {
    map(text, |out, at, code| {
        if chars::has(code, tables::UPPER) {
            push_lower(out, text, at, code);
        } else if chars::has(code, tables::LOWER) {
            push_upper(out, code);
        } else {
            wtf8::push(out, code);
        }
    })
}

fn map(text: &[u8], mut push: impl FnMut(&mut Vec<u8>, usize, u32)) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (at, code) in wtf8::code_point_indices(text) {
        push(&mut out, at, code);
    }
    out
}

const CAPITAL_SIGMA: u32 = 0x3A3;
const FINAL_SIGMA: u32 = 0x3C2;
const SMALL_SIGMA: u32 = 0x3C3;

fn push_lower(out: &mut Vec<u8>, text: &[u8], at: usize, code: u32) {
    if code == CAPITAL_SIGMA {
        wtf8::push(out, if sigma_is_final(text, at) { FINAL_SIGMA } else { SMALL_SIGMA });
    } else {
        push_mapped(out, code, |record| record.lower, |special| special.lower);
    }
}

/// A sigma is final if a cased letter precedes it and none follows, looking through case-ignorable characters.
fn sigma_is_final(text: &[u8], at: usize) -> bool {
    let counts = |code: &u32| !chars::has(*code, tables::CASE_IGNORABLE);
    let is_cased = |code: u32| chars::has(code, tables::CASED);
    let sigma_width = 2;
    wtf8::code_points(&text[..at]).rev().find(counts).is_some_and(is_cased)
        && !wtf8::code_points(&text[at + sigma_width..]).find(counts).is_some_and(is_cased)
}

fn push_upper(out: &mut Vec<u8>, code: u32) {
    push_mapped(out, code, |record| record.upper, |special| special.upper);
}

fn push_title(out: &mut Vec<u8>, code: u32) {
    push_mapped(out, code, |record| record.title, |special| special.title);
}

#[inline]
fn push_mapped(
    out: &mut Vec<u8>,
    code: u32,
    simple: impl FnOnce(&tables::Record) -> i32,
    full: impl FnOnce(&SpecialCase) -> &'static str,
) {
    let record = chars::record(code);
    if record.flags & tables::SPECIAL_CASE == 0 {
        wtf8::push(out, code.wrapping_add_signed(simple(record)));
    } else if let Ok(place) = tables::SPECIAL_CASES.binary_search_by_key(&code, |special| special.code) {
        out.extend_from_slice(full(&tables::SPECIAL_CASES[place]).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_as_python() {
        for (text, want_upper, want_lower, want_title, want_fold, want_swap) in [
            ("Straße", "STRASSE", "straße", "Straße", "strasse", "sTRASSE"),
            ("ΑΣ ΣΑΣ", "ΑΣ ΣΑΣ", "ας σας", "Ας Σας", "ασ σασ", "ας σας"),
            ("ΑΣ'", "ΑΣ'", "ας'", "Ας'", "ασ'", "ας'"),
            ("İi", "İI", "i\u{307}i", "İi", "i\u{307}i", "i\u{307}I"),
            ("ǆǅ", "ǄǄ", "ǆǆ", "ǅǆ", "ǆǆ", "Ǆǅ"),
            ("ﬁn it's", "FIN IT'S", "ﬁn it's", "Fin It'S", "fin it's", "FIN IT'S"),
            ("ŉ", "ʼN", "ŉ", "ʼN", "ʼn", "ʼN"),
            ("Ꭰꭰ", "ᎠᎠ", "ꭰꭰ", "Ꭰꭰ", "ᎠᎠ", "ꭰᎠ"),
        ] {
            let bytes = text.as_bytes();
            assert_eq!(upper(bytes, false), want_upper.as_bytes(), "{text} upper");
            assert_eq!(lower(bytes, false), want_lower.as_bytes(), "{text} lower");
            assert_eq!(title(bytes), want_title.as_bytes(), "{text} title");
            assert_eq!(casefold(bytes, false), want_fold.as_bytes(), "{text} casefold");
            assert_eq!(swapcase(bytes), want_swap.as_bytes(), "{text} swapcase");
        }
        assert_eq!(capitalize("ßAΣ".as_bytes(), false), "Ssaς".as_bytes());
        assert_eq!(capitalize(b"hELLO", true), b"Hello");
        assert_eq!(capitalize(b"", true), b"");
        assert_eq!(upper(b"\xed\xa0\x80a", false), b"\xed\xa0\x80A");
    }
}
