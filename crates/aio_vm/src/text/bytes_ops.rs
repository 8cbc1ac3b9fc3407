//! What bytes and bytearray need beyond the operations they share with str: hex, translation, ASCII case and questions.

use super::split::is_byte_space;
use super::{TextError, TextResult, wtf8};

/// `data.hex()`, or `data.hex(sep, group)` with a separator between groups, counted from the right if `group` is positive.
pub fn hex(data: &[u8], sep: Option<u8>, group: i64) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let size = usize::try_from(group.unsigned_abs()).unwrap_or(usize::MAX);
    let sep = sep.filter(|_| size > 0);
    let mut out = String::with_capacity(data.len() * 2 + sep.map_or(0, |_| data.len() / size.max(1)));
    for (place, &byte) in data.iter().enumerate() {
        if let Some(sep) = sep {
            let between = if group > 0 { data.len() - place } else { place };
            if place > 0 && between % size == 0 {
                out.push(sep as char);
            }
        }
        out.push(DIGITS[(byte >> 4) as usize] as char);
        out.push(DIGITS[(byte & 15) as usize] as char);
    }
    out
}

/// The separator argument of `hex`: one ASCII character or byte.
pub fn hex_separator(sep: &[u8]) -> TextResult<u8> {
    match sep {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ if wtf8::count(sep) == 1 => Err(TextError::value("sep must be ASCII.")),
        _ => Err(TextError::value("sep must be length 1.")),
    }
}

/// `bytes.fromhex(text)`.
pub fn from_hex(text: &[u8]) -> TextResult<Vec<u8>> {
    let refuse = |at: usize| {
        let place = wtf8::count(&text[..at]);
        Err(TextError::Value(format!("non-hexadecimal number found in fromhex() arg at position {place}")))
    };
    // A character beyond ASCII is reported before anything that stands in front of it.
    if let Some(at) = text.iter().position(|byte| !byte.is_ascii()) {
        return refuse(at);
    }
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if is_byte_space(byte) {
            at += 1;
            continue;
        }
        let digit = |at: usize| text.get(at).and_then(|&byte| (byte as char).to_digit(16));
        let bad = match (digit(at), digit(at + 1)) {
            (Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                at += 2;
                continue;
            }
            (Some(_), None) => at + 1,
            (None, _) => at,
        };
        return refuse(bad);
    }
    Ok(out)
}

/// `data.translate(table, delete)`.
pub fn translate(data: &[u8], table: Option<&[u8]>, delete: &[u8]) -> TextResult<Vec<u8>> {
    if table.is_some_and(|table| table.len() != 256) {
        return Err(TextError::value("translation table must be 256 characters long"));
    }
    let mut dropped = [false; 256];
    delete.iter().for_each(|&byte| dropped[byte as usize] = true);
    let kept = data.iter().copied().filter(|&byte| !dropped[byte as usize]);
    Ok(match table {
        Some(table) => kept.map(|byte| table[byte as usize]).collect(),
        None => kept.collect(),
    })
}

/// `bytes.maketrans(from, to)`.
pub fn make_table(from: &[u8], to: &[u8]) -> TextResult<Vec<u8>> {
    if from.len() != to.len() {
        return Err(TextError::value("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    from.iter().zip(to).for_each(|(&from, &to)| table[from as usize] = to);
    Ok(table)
}

/// `data.title()`; a byte beyond ASCII is no letter.
pub fn title(data: &[u8]) -> Vec<u8> {
    let mut after_letter = false;
    let change = |byte: &u8| {
        let changed = if after_letter { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
        after_letter = byte.is_ascii_alphabetic();
        changed
    };
    data.iter().map(change).collect()
}

/// `data.capitalize()`.
pub fn capitalize(data: &[u8]) -> Vec<u8> {
    let mut out = data.to_ascii_lowercase();
    out[..1.min(data.len())].make_ascii_uppercase();
    out
}

/// `data.swapcase()`.
pub fn swapcase(data: &[u8]) -> Vec<u8> {
    data.iter().map(|byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte }).collect()
}

fn all(data: &[u8], question: impl Fn(&u8) -> bool) -> bool {
    !data.is_empty() && data.iter().all(question)
}

pub fn is_alnum(data: &[u8]) -> bool {
    all(data, u8::is_ascii_alphanumeric)
}

pub fn is_alpha(data: &[u8]) -> bool {
    all(data, u8::is_ascii_alphabetic)
}

pub fn is_digit(data: &[u8]) -> bool {
    all(data, u8::is_ascii_digit)
}

pub fn is_space(data: &[u8]) -> bool {
    all(data, |&byte| is_byte_space(byte))
}

pub fn is_lower(data: &[u8]) -> bool {
    data.iter().any(u8::is_ascii_lowercase) && !data.iter().any(u8::is_ascii_uppercase)
}

pub fn is_upper(data: &[u8]) -> bool {
    data.iter().any(u8::is_ascii_uppercase) && !data.iter().any(u8::is_ascii_lowercase)
}

pub fn is_title(data: &[u8]) -> bool {
    let (mut found, mut after_letter) = (false, false);
    for byte in data {
        if byte.is_ascii_uppercase() && after_letter || byte.is_ascii_lowercase() && !after_letter {
            return false;
        }
        after_letter = byte.is_ascii_alphabetic();
        found |= after_letter;
    }
    found
}

/// The single byte that an integer argument stands for, as in `data.find(65)`.
pub fn byte_of(value: i64) -> TextResult<u8> {
    u8::try_from(value).map_err(|_| TextError::value("byte must be in range(0, 256)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal() {
        for (group, want) in [(1, "61:62:63:64:65"), (2, "61:6263:6465"), (-2, "6162:6364:65"), (0, "6162636465")] {
            assert_eq!(hex(b"abcde", Some(b':'), group), want);
        }
        assert_eq!(hex(b"\x00\xff", None, 1), "00ff");
        assert_eq!(hex(b"abc", Some(b'-'), i64::MIN), "616263");
        assert_eq!(from_hex(b" aB\tcd\n"), Ok(vec![0xAB, 0xCD]));
        for (text, place) in [("abc", 3), ("a b", 1), ("zz", 0), ("ab€", 2), ("\u{a0}ab", 0)] {
            let want = format!("non-hexadecimal number found in fromhex() arg at position {place}");
            assert_eq!(from_hex(text.as_bytes()), Err(TextError::Value(want)), "{text}");
        }
        assert_eq!(hex_separator(b"-"), Ok(b'-'));
        assert_eq!(hex_separator(b""), Err(TextError::value("sep must be length 1.")));
        assert_eq!(hex_separator("€".as_bytes()), Err(TextError::value("sep must be ASCII.")));
    }

    #[test]
    fn translates() {
        let table = make_table(b"ab", b"xy").unwrap();
        assert_eq!(translate(b"abcab", Some(&table), b"c"), Ok(b"xyxy".to_vec()));
        assert_eq!(translate(b"abc", None, b"b"), Ok(b"ac".to_vec()));
        assert!(translate(b"abc", Some(b"x"), b"").is_err());
        assert!(make_table(b"a", b"").is_err());
    }

    #[test]
    fn case_and_questions() {
        assert_eq!(title(b"it's aB-c\xe9d"), b"It'S Ab-C\xe9D");
        assert_eq!(capitalize(b"aBC \xe9"), b"Abc \xe9");
        assert_eq!(swapcase(b"aB\xe9"), b"Ab\xe9");
        assert!(is_alnum(b"a1") && !is_alnum(b"") && !is_alpha(b"\xe9") && is_digit(b"12"));
        assert!(is_space(b" \x0b\x0c") && !is_space(b" \x1c"));
        assert!(is_lower(b"a1") && !is_lower(b"1") && is_upper(b"A1") && !is_upper(b"Aa"));
        assert!(is_title(b"Ab C1D") && !is_title(b"A b") && !is_title(b"AB") && !is_title(b""));
        assert_eq!(byte_of(256), Err(TextError::value("byte must be in range(0, 256)")));
    }
}
